/* What a refused file still says of its series and place: values that the walk passed before it met what is wrong. */
#include <string.h>

#include "restage/text.h"
#include "scan.h"

/* The value without its pad; "" where it is absent or longer than size - 1. */
static void value_text(const rs_scan *scan, rs_scan_name name, char *out, size_t size)
{
    const rs_scan_value *v = &scan->value[name];
    size_t n = v->at && v->n_bytes < size ? v->n_bytes : 0;
    memcpy(out, scan->bytes + v->at, n);
    while (n > 0 && (out[n - 1] == 0 || out[n - 1] == ' '))
        n--;
    out[n] = 0;
}

/* Just n decimal strings parted by '\'. */
static bool value_reals(const rs_scan *scan, rs_scan_name name, double *out, int n)
{
    char text[160];
    value_text(scan, name, text, sizeof(text));
    char *at = text;
    for (int i = 0; i < n; i++) {
        char *end = strchr(at, '\\');
        if ((end != NULL) != (i + 1 < n)) return false;
        if (end) *end = 0;
        if (!rs_text_real(at, &out[i])) return false;
        at = end ? end + 1 : at;
    }
    return true;
}

static void find(const rs_scan *scan, rs_dicom_remains *out)
{
    value_text(scan, RS_SCAN_SERIES, out->series_uid, sizeof(out->series_uid));
    value_text(scan, RS_SCAN_SOP_INSTANCE, out->sop_instance_uid, sizeof(out->sop_instance_uid));
    out->has_position = value_reals(scan, RS_SCAN_POSITION, out->position_lps_mm, 3);
    out->has_orientation = value_reals(scan, RS_SCAN_ORIENTATION, out->orientation, 6);
}

rs_status rs_dicom_file_remains(rs_context *ctx, rs_arena *arena, const char *path, bool follow, rs_dicom_remains *out)
{
    rs_source source;
    rs_scan scan;
    *out = (rs_dicom_remains){.has_position = false};
    rs_status status = rs_source_open(ctx, arena, path, follow, &source);
    if (status == RS_OK) {
        status = rs_scan_meta_of(ctx, &source, &scan);
        /* Deflated data sets are not looked into. */
        const bool plain = status == RS_OK && !scan.syntax->deflated;
        if (plain) status = rs_scan_body(ctx, &scan);
        if (plain) find(&scan, out);
        rs_source_close(&source);
    }
    return status == RS_NO_MEMORY || status == RS_CANCELLED ? status : RS_OK;
}
