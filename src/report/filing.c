/* What files the DICOM objects of the packet with their study: the header of the first used slice through one table,
   the images that the objects refer to, and the UIDs of the objects. */
#include "filing.h"

#include <string.h>

#include "restage/text.h"

int rs_report_filing_tags(const uint32_t **out)
{
    static const uint32_t tags[] = {
#define X(tag, name, form, group) tag,
#include "filing.def"
#undef X
    };
    *out = tags;
    return (int)(sizeof tags / sizeof tags[0]);
}

/* Objects of several frames a file (PS3.3 A.38, A.36, A.70). */
static bool is_of_frames(const rs_series *series)
{
    static const char *const classes[] = {
        "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2", "1.2.840.10008.5.1.4.1.1.4.1",
        "1.2.840.10008.5.1.4.1.1.4.3", "1.2.840.10008.5.1.4.1.1.4.4",
    };
    for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++)
        if (series->sop_class_uid && strcmp(series->sop_class_uid, classes[c]) == 0) return true;
    for (int32_t k = 0; k < series->n_slices; k++)
        if (series->slices[k].frame > 0) return true;
    return false;
}

/* Decimal string of PS3.5: the shortest text that names the number, at most 16 characters. */
static void decimal_text(double value, char out[24])
{
    for (int digits = 1; digits <= 17; digits++) {
        double again = 0;
        (void)rs_text_format(out, 24, "%.*g", digits, value == 0 ? 0.0 : value);
        if (rs_text_real(out, &again) && again == value && strlen(out) <= 16) return;
    }
    for (int digits = 16; digits > 0 && strlen(out) > 16; digits--)
        (void)rs_text_format(out, 24, "%.*g", digits, value);
}

static const char *decimals(rs_builder *b, const double *values, int n)
{
    const char *whole = NULL;
    for (int i = 0; i < n; i++) {
        char text[24];
        decimal_text(values[i], text);
        whole = rs_builder_say(b, "%s%s%s", whole ? whole : "", whole ? "\\" : "", text);
    }
    return whole;
}

/* How the planes lie, as the header writes it. */
static void set_plane(rs_builder *b, const rs_series *series, rs_report_filing *out)
{
    const rs_geometry *g = &series->geometry;
    const double pixel_mm[2] = {g->spacing_mm[1], g->spacing_mm[0]}; /* from row to row first (PS3.3 10.7.1.3) */
    double directions[6];
    for (int a = 0; a < 2; a++) {
        out->pixel_mm[a] = g->spacing_mm[a];
        memcpy(directions + 3 * (size_t)a, g->axis[a], 3 * sizeof(double));
    }
    memcpy(out->row, g->axis[0], sizeof out->row);
    memcpy(out->column, g->axis[1], sizeof out->column);
    const double spacing_mm = g->spacing_mm[2] > 0 ? g->spacing_mm[2] : series->thickness_mm;
    const double thickness_mm = series->thickness_mm > 0 ? series->thickness_mm : spacing_mm;
    out->pixel_text = decimals(b, pixel_mm, 2);
    out->orientation_text = decimals(b, directions, 6);
    out->spacing_text = decimals(b, &spacing_mm, 1);
    out->thickness_text = decimals(b, &thickness_mm, 1);
}

static void set_images(rs_builder *b, const rs_series *series, rs_report_filing *out)
{
    const bool frames = is_of_frames(series);
    rs_report_image *images = RS_BUILDER_TABLE(b, rs_report_image, series->n_slices);
    const char *sop_class = rs_builder_fact(b, series->sop_class_uid), *last = NULL, *uid = NULL;
    for (int32_t k = 0; images && k < series->n_slices; k++) {
        const rs_slice *slice = &series->slices[k];
        if (!last || strcmp(last, slice->sop_instance_uid) != 0) uid = rs_builder_uid(b, slice->sop_instance_uid);
        last = slice->sop_instance_uid;
        images[k] = (rs_report_image){.sop_class_uid = sop_class,
                                      .sop_instance_uid = uid,
                                      .frame = frames ? slice->frame : -1,
                                      .number = slice->instance_number,
                                      .position_text = decimals(b, slice->position_lps_mm, 3)};
        memcpy(images[k].position_lps_mm, slice->position_lps_mm, sizeof images[k].position_lps_mm);
    }
    out->images = images;
    out->n_images = images ? series->n_slices : 0;
    out->rows = series->rows;
    out->columns = series->columns;
    set_plane(b, series, out);
}

static bool has(const char *text, const char *word)
{
    return text && strstr(text, word) != NULL;
}

rs_status rs_build_filing(rs_builder *b)
{
    rs_report_filing *out = &b->report->filing;
    const rs_report_filed *filed = b->input->filed;
    if (!filed) {
        out->reason = rs_builder_keep(b, "the source is no DICOM: there is no study to file it with");
        return RS_OK;
    }
    const rs_series *series = filed->series;
    out->series_instance_uid = rs_builder_uid(b, series->series_instance_uid);
    /* A phantom's, or an insertion's: by what both write. A phantom's images are ORIGINAL, as a scanner's are. */
    out->synthetic = has(series->description, "SYNTHETIC");
    rs_filing_elements(b, filed, out);
    set_images(b, series, out);
    return rs_filing_uids(b, series, out);
}
