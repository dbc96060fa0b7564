/* Frames from fragments. The scan has walked the items already: their lengths are true here. */
#include "frames.h"

#include <string.h>

static size_t item_length(const rs_scan *scan, size_t at)
{
    return rs_scan_u32(scan->bytes + at + 4, false);
}

/* Where the last fragment ends: the delimiter. */
static size_t fragments_end(const rs_scan *scan)
{
    return scan->pixels + scan->n_pixels - 8;
}

static size_t first_fragment(const rs_scan *scan)
{
    return scan->pixels + 8 + item_length(scan, scan->pixels);
}

/* RLE has no marker (PS3.5 G.5): its header is 64 bytes of a count and rising offsets, the first of them 64. */
static bool begins_rle(const uint8_t *s, size_t n, uint32_t due)
{
    if (n < 64 || rs_scan_u32(s, false) != due || rs_scan_u32(s + 4, false) != 64) return false;
    for (size_t i = 1; i < 15; i++) {
        const uint32_t offset = rs_scan_u32(s + 4 + 4 * i, false), before = rs_scan_u32(s + 4 * i, false);
        if (i < due ? offset <= before : offset != 0) return false;
    }
    return true;
}

static bool begins_frame(const rs_scan *scan, const rs_dicom_image *image, size_t at)
{
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff}, j2k[] = {0xff, 0x4f, 0xff, 0x51},
                         jp2[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    const uint8_t *s = scan->bytes + at + 8;
    const size_t n = item_length(scan, at);
    switch (scan->syntax->codec) {
    case RS_CODEC_JPEG:
    case RS_CODEC_JPEG_LS:
        return n >= sizeof jpeg && memcmp(s, jpeg, sizeof jpeg) == 0;
    case RS_CODEC_J2K:
    case RS_CODEC_HTJ2K:
        return (n >= sizeof j2k && memcmp(s, j2k, sizeof j2k) == 0) ||
               (n >= sizeof jp2 && memcmp(s, jp2, sizeof jp2) == 0);
    case RS_CODEC_RLE:
        return begins_rle(s, n, (uint32_t)(image->samples_per_pixel * image->bits_allocated / 8));
    default:
        return false;
    }
}

static rs_status wrong_number(rs_context *ctx, const rs_frames *f, int64_t found)
{
    return rs_fail(ctx, RS_DATA, "its header promises %d frames, but %lld begin in its compressed pixels", f->n,
                   (long long)found);
}

/* Uncompressed frames have no beginning to be known by: they are full when they have their bytes. */
static rs_status find_by_size(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, rs_frames *f)
{
    const uint64_t need = ((uint64_t)image->rows * (uint64_t)image->columns * (uint64_t)image->bits_allocated *
                               (uint64_t)image->samples_per_pixel +
                           7) /
                          8;
    int64_t found = 0;
    uint64_t have = need;
    for (size_t at = first_fragment(scan); at < fragments_end(scan); at += 8 + item_length(scan, at)) {
        if (have >= need) {
            if (found < f->n) f->begin[found] = at;
            found++;
            have = 0;
        }
        have += item_length(scan, at);
    }
    return found == f->n ? RS_OK : wrong_number(ctx, f, found);
}

static rs_status find_by_marker(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, rs_frames *f)
{
    int64_t found = 0;
    for (size_t at = first_fragment(scan); at < fragments_end(scan); at += 8 + item_length(scan, at)) {
        if (!begins_frame(scan, image, at)) continue;
        if (found < f->n) f->begin[found] = at;
        found++;
    }
    if (found != f->n) return wrong_number(ctx, f, found);
    if (f->begin[0] == first_fragment(scan)) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its first fragment does not begin as %s", scan->syntax->name);
}

static rs_status find(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, rs_frames *f)
{
    f->begin[0] = first_fragment(scan);
    f->begin[f->n] = fragments_end(scan);
    if (f->n == 1) return RS_OK;
    if (scan->n_fragments != f->n)
        return scan->syntax->codec == RS_CODEC_ENCAPSULATED ? find_by_size(ctx, scan, image, f)
                                                            : find_by_marker(ctx, scan, image, f);
    for (int32_t i = 1; i < f->n; i++)
        f->begin[i] = f->begin[i - 1] + 8 + item_length(scan, f->begin[i - 1]);
    return RS_OK;
}

rs_status rs_frames_find(rs_context *ctx, rs_arena *arena, const rs_scan *scan, const rs_dicom_image *image,
                         rs_frames *out)
{
    rs_frames f = {.begin = RS_ARENA_NEW(arena, size_t, (size_t)image->frames + 1), .n = image->frames};
    if (!f.begin) return rs_fail_memory(ctx, "the places of the frames");
    RS_TRY(find(ctx, scan, image, &f));
    for (int32_t i = 0; i < f.n; i++)
        f.longest = f.begin[i + 1] - f.begin[i] > f.longest ? f.begin[i + 1] - f.begin[i] : f.longest;
    *out = f;
    return RS_OK;
}

rs_status rs_frame_bytes(rs_context *ctx, rs_arena *arena, const rs_scan *scan, const rs_frames *frames, int32_t frame,
                         const uint8_t **out, size_t *n_bytes)
{
    size_t at = frames->begin[frame];
    const size_t end = frames->begin[frame + 1];
    if (at + 8 + item_length(scan, at) >= end) {
        *out = scan->bytes + at + 8;
        *n_bytes = end - at - 8;
        return RS_OK;
    }
    uint8_t *joined = RS_ARENA_RAW(arena, uint8_t, end - at);
    if (!joined) return rs_fail_memory(ctx, "a compressed picture");
    size_t n = 0;
    for (; at < end; at += 8 + item_length(scan, at)) {
        memcpy(joined + n, scan->bytes + at + 8, item_length(scan, at));
        n += item_length(scan, at);
    }
    *out = joined;
    *n_bytes = n;
    return RS_OK;
}
