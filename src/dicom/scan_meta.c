/* File meta: which transfer syntax, and where the data set begins (DICOM PS3.10 7.1). */
#include <string.h>

#include "scan.h"

static const rs_syntax *bare(bool implicit)
{
    return rs_syntax_find(implicit ? "1.2.840.10008.1.2" : "1.2.840.10008.1.2.1");
}

static bool has_letters(const uint8_t *vr)
{
    return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z';
}

/* One element of group 0002, always Explicit VR Little Endian. */
static rs_status meta_element(rs_context *ctx, const uint8_t *bytes, size_t n_bytes, size_t *pos, rs_scan *scan)
{
    const uint8_t *at = bytes + *pos;
    size_t left = n_bytes - *pos, head = 8, length;
    if (left < 8) return rs_fail(ctx, RS_DATA, "its file meta is truncated");
    RS_TRY(rs_scan_need(ctx, scan, *pos, left < 12 ? left : 12));
    if (!has_letters(at + 4)) return rs_fail(ctx, RS_DATA, "its file meta is damaged: copy the file again");
    if (memcmp(at + 4, "OB", 2) == 0 || memcmp(at + 4, "UN", 2) == 0 || memcmp(at + 4, "OW", 2) == 0) {
        head = 12;
        if (left < head) return rs_fail(ctx, RS_DATA, "its file meta is truncated");
        length = rs_scan_u32(at + 8, false);
    } else {
        length = rs_scan_u16(at + 6, false);
    }
    if (length > left - head) return rs_fail(ctx, RS_DATA, "its file meta is truncated");
    RS_TRY(rs_scan_need(ctx, scan, *pos, head + length + (left - head - length >= 2 ? 2 : 0)));
    if (rs_scan_u16(at + 2, false) == 0x0010) {
        if (length >= sizeof(scan->syntax_uid)) return rs_fail(ctx, RS_DATA, "its transfer syntax is no UID");
        memcpy(scan->syntax_uid, at + head, length);
        scan->syntax_uid[length] = 0;
        while (length > 0 && scan->syntax_uid[length - 1] == ' ')
            scan->syntax_uid[--length] = 0;
    }
    *pos += head + length;
    return RS_OK;
}

static rs_status known_syntax(rs_context *ctx, rs_scan *scan)
{
    if (!scan->syntax_uid[0]) return rs_fail(ctx, RS_DATA, "its file meta names no transfer syntax");
    scan->syntax = rs_syntax_find(scan->syntax_uid);
    if (!scan->syntax) {
        char uid[sizeof(scan->syntax_uid)];
        size_t n = 0;
        for (const char *c = scan->syntax_uid; *c; c++)
            uid[n++] = (*c >= '0' && *c <= '9') || *c == '.' ? *c : '?';
        uid[n] = 0;
        return rs_fail(ctx, RS_DATA, "its transfer syntax %s is not known: convert it to Explicit VR Little Endian",
                       uid);
    }
    return RS_OK;
}

static rs_status scan_meta(rs_context *ctx, rs_scan *out)
{
    const uint8_t *bytes = out->bytes;
    const size_t n_bytes = out->n_bytes;
    const bool preamble = n_bytes >= 132 && memcmp(bytes + 128, "DICM", 4) == 0;
    if (preamble && n_bytes < 140) return rs_fail(ctx, RS_DATA, "there is nothing behind its 132-byte head");
    size_t pos = preamble ? 132 : 0;
    if (n_bytes < pos + 8) return rs_fail(ctx, RS_NO_INPUT, "this is no DICOM file");
    const bool meta = rs_scan_u16(bytes + pos, false) == 0x0002 && has_letters(bytes + pos + 4);
    if (!preamble && !meta) {
        /* A bare data set begins with group 0008; some writers leave a blank before it. */
        if (bytes[0] == ' ' && n_bytes > 8) pos = 1;
        if (rs_scan_u16(bytes + pos, false) != 0x0008) return rs_fail(ctx, RS_NO_INPUT, "this is no DICOM file");
        out->syntax = bare(!has_letters(bytes + pos + 4));
        out->body = pos;
        return RS_OK;
    }
    if (!meta && bytes[pos] == 0x78 && (bytes[pos] * 256 + bytes[pos + 1]) % 31 == 0) /* RFC 1950 */
        return rs_fail(ctx, RS_DATA, "its deflate stream is damaged: it begins where the file meta should");
    if (!meta) return rs_fail(ctx, RS_DATA, "its file meta is missing or damaged: copy the file again");
    while (pos + 2 <= n_bytes && rs_scan_u16(bytes + pos, false) == 0x0002)
        RS_TRY(meta_element(ctx, bytes, n_bytes, &pos, out));
    out->body = pos;
    if (pos == n_bytes && !out->syntax_uid[0]) return rs_fail(ctx, RS_DATA, "its file meta is truncated");
    return known_syntax(ctx, out);
}

rs_status rs_scan_meta(rs_context *ctx, const uint8_t *bytes, size_t n_bytes, rs_scan *out)
{
    memset(out, 0, sizeof(*out));
    out->bytes = bytes;
    out->n_bytes = n_bytes;
    return scan_meta(ctx, out);
}

rs_status rs_scan_meta_of(rs_context *ctx, rs_source *source, rs_scan *out)
{
    memset(out, 0, sizeof(*out));
    out->bytes = source->bytes;
    out->n_bytes = source->file.n_bytes;
    out->source = source;
    return scan_meta(ctx, out);
}
