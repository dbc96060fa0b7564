/* OpenJPEG takes what SIZ says for true and allocates it: 6 GB for a file of 1 KB (integration B.2, 27). So SIZ is read
   here first. OpenJPEG's own messages are not wanted; they go nowhere by default. */
#include "j2k.h"

#include <openjpeg.h>
#include <string.h>

#include "restage/limits.h"

enum { SIZ_BYTES = 41, PART_2 = 0x8000 };

/* The part of a frame that is the codestream: all of it, or the box 'jp2c' of a JP2 file, which some writers embed. */
static bool find_codestream(const uint8_t *s, size_t n, rs_j2k *out)
{
    static const uint8_t jp2[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    size_t at = 0, length = n;
    if (n >= sizeof jp2 && memcmp(s, jp2, sizeof jp2) == 0) {
        for (;;) {
            if (n - at < 8) return false;
            length = rs_scan_u32(s + at, true);
            if (length == 0) length = n - at; /* the last box */
            if (length < 8 || length > n - at) return false;
            if (memcmp(s + at + 4, "jp2c", 4) == 0) break;
            at += length;
        }
        at += 8;
        length -= 8;
    }
    out->bytes = s + at;
    out->n_bytes = length;
    return length >= 2 + 2 + SIZ_BYTES && memcmp(s + at, "\xff\x4f\xff\x51", 4) == 0;
}

/* Tiles in one direction; SIZ: size, tile size, tile offset. */
static uint64_t tiles(uint64_t size, uint64_t tile, uint64_t offset)
{
    return (size - offset + tile - 1) / tile;
}

static rs_status impossible(rs_context *ctx, const char *what)
{
    return rs_fail(ctx, RS_DATA, "its JPEG 2000 header is impossible: %s", what);
}

static rs_status check_grid(rs_context *ctx, const rs_dicom_image *image, const uint8_t *siz, uint64_t *out)
{
    uint32_t v[8]; /* Xsiz Ysiz XOsiz YOsiz XTsiz YTsiz XTOsiz YTOsiz */
    for (size_t i = 0; i < 8; i++)
        v[i] = rs_scan_u32(siz + 4 + 4 * i, true);
    if (v[2] >= v[0] || v[3] >= v[1]) return impossible(ctx, "its picture is empty");
    if (v[0] - v[2] != (uint32_t)image->columns || v[1] - v[3] != (uint32_t)image->rows) {
        return rs_fail(ctx, RS_DATA, "its compressed picture has %u x %u pixels, its header says %d x %d", v[0] - v[2],
                       v[1] - v[3], image->columns, image->rows);
    }
    if (v[4] == 0 || v[5] == 0 || v[6] > v[2] || v[7] > v[3] || (uint64_t)v[6] + v[4] <= v[2] ||
        (uint64_t)v[7] + v[5] <= v[3])
        return impossible(ctx, "its tiles do not cover its picture");
    const uint64_t n_tiles = tiles(v[0], v[4], v[6]) * tiles(v[1], v[5], v[7]);
    const int64_t most = rs_limit(ctx, RS_LIMIT_TILES);
    *out = n_tiles;
    if (n_tiles <= (uint64_t)most) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its compressed picture has %llu tiles, more than the limit tiles = %lld",
                   (unsigned long long)n_tiles, (long long)most);
}

/* First tile-parts (A.4.2, SOT). OpenJPEG leaves the pixels of a tile that is not there at 0 and says nothing. */
static uint64_t count_tiles(const rs_j2k *stream)
{
    const uint8_t *s = stream->bytes;
    const size_t n = stream->n_bytes;
    size_t pos = 2;
    uint64_t found = 0;
    while (n - pos >= 12) {
        const uint32_t marker = rs_scan_u16(s + pos, true);
        if (marker != 0xff90) {
            const size_t length = rs_scan_u16(s + pos + 2, true);
            if (found || marker < 0xff01 || length < 2 || length > n - pos - 2) break;
            pos += 2 + length; /* the main header */
            continue;
        }
        found += s[pos + 10] == 0;
        const size_t length = rs_scan_u32(s + pos + 6, true);
        if (length < 12 || length > n - pos) break; /* 0: to the end */
        pos += length;
    }
    return found;
}

rs_status rs_j2k_check(rs_context *ctx, const rs_dicom_image *image, const uint8_t *bytes, size_t n_bytes, rs_j2k *out)
{
    if (!find_codestream(bytes, n_bytes, out)) return impossible(ctx, "no codestream begins in its compressed pixels");
    const uint8_t *siz = out->bytes + 4;
    const int length = rs_scan_u16(siz, true), components = rs_scan_u16(siz + 36, true);
    if (length != 38 + 3 * components) return impossible(ctx, "its SIZ marker has another length than its components");
    if (rs_scan_u16(siz + 2, true) & PART_2)
        return rs_fail(ctx, RS_DATA, "its codestream is of JPEG 2000 part 2, which is not decoded");
    if (components != image->samples_per_pixel) {
        return rs_fail(ctx, RS_DATA, "its compressed picture has %d components, its header says %d", components,
                       image->samples_per_pixel);
    }
    RS_TRY(check_grid(ctx, image, siz, &out->n_tiles));
    out->precision = (siz[38] & 0x7f) + 1;
    out->is_signed = siz[38] & 0x80;
    if (siz[39] != 1 || siz[40] != 1) return impossible(ctx, "its pixels are subsampled");
    if (out->precision > 16 || out->precision > image->bits_allocated) {
        return rs_fail(ctx, RS_DATA, "its compressed pixels have %d bits, its header allocates %d", out->precision,
                       image->bits_allocated);
    }
    return RS_OK;
}

/* --- OpenJPEG's stream over bytes that are there ----------------------------------------------------------------- */

typedef struct source {
    const uint8_t *bytes;
    size_t n_bytes, at;
} source;

static OPJ_SIZE_T read_source(void *room, OPJ_SIZE_T n, void *user)
{
    source *s = user;
    const size_t left = s->n_bytes - s->at;
    if (left == 0) return (OPJ_SIZE_T)-1;
    if (n > left) n = left;
    memcpy(room, s->bytes + s->at, n);
    s->at += n;
    return n;
}

static OPJ_OFF_T skip_source(OPJ_OFF_T n, void *user)
{
    source *s = user;
    if (n < 0) return -1;
    const size_t left = s->n_bytes - s->at;
    const size_t step = (uint64_t)n < left ? (size_t)n : left;
    s->at += step;
    return step < (uint64_t)n && step == 0 ? -1 : (OPJ_OFF_T)step;
}

static OPJ_BOOL seek_source(OPJ_OFF_T at, void *user)
{
    source *s = user;
    if (at < 0 || (uint64_t)at > s->n_bytes) return OPJ_FALSE;
    s->at = (size_t)at;
    return OPJ_TRUE;
}

static void write_values(const rs_dicom_image *image, const int32_t *value, uint8_t *out)
{
    const size_t n = (size_t)image->rows * (size_t)image->columns;
    if (image->bits_allocated == 8) {
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)value[i];
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = (uint32_t)value[i];
        out[2 * i] = (uint8_t)word;
        out[2 * i + 1] = (uint8_t)(word >> 8);
    }
}

static bool fits(const rs_dicom_image *image, const opj_image_t *picture)
{
    const opj_image_comp_t *c = picture->numcomps == 1 ? &picture->comps[0] : NULL;
    return c && c->w == (uint32_t)image->columns && c->h == (uint32_t)image->rows && c->prec <= 16;
}

static bool decode(const rs_dicom_image *image, opj_stream_t *stream, opj_codec_t *codec, opj_image_t **picture,
                   uint8_t *out)
{
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    if (!opj_setup_decoder(codec, &parameters) || !opj_decoder_set_strict_mode(codec, OPJ_TRUE) ||
        !opj_read_header(stream, codec, picture) || !fits(image, *picture))
        return false;
    if (!opj_decode(codec, stream, *picture) || !opj_end_decompress(codec, stream)) return false;
    if (!fits(image, *picture) || !(*picture)->comps[0].data) return false;
    write_values(image, (*picture)->comps[0].data, out);
    return true;
}

rs_status rs_j2k_decode(rs_context *ctx, const rs_dicom_image *image, const rs_j2k *j2k, uint8_t *out)
{
    if (count_tiles(j2k) < j2k->n_tiles)
        return rs_fail(ctx, RS_DATA, "its JPEG 2000 pixels are damaged or cut short: a tile is missing");
    source s = {.bytes = j2k->bytes, .n_bytes = j2k->n_bytes};
    opj_image_t *picture = NULL;
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
    rs_status status = codec && stream ? RS_OK : rs_fail_memory(ctx, "a JPEG 2000 picture");
    if (status == RS_OK) {
        opj_stream_set_read_function(stream, read_source);
        opj_stream_set_skip_function(stream, skip_source);
        opj_stream_set_seek_function(stream, seek_source);
        opj_stream_set_user_data(stream, &s, NULL);
        opj_stream_set_user_data_length(stream, s.n_bytes);
        if (!decode(image, stream, codec, &picture, out))
            status = rs_fail(ctx, RS_DATA, "its JPEG 2000 pixels are damaged or cut short: copy the file again");
    }
    if (picture) opj_image_destroy(picture);
    if (stream) opj_stream_destroy(stream);
    if (codec) opj_destroy_codec(codec);
    return status;
}
