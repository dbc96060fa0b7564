/* Reads the header that the packet's DICOM objects are filed by: that of the first slice of the series that is
   searched, or, where none is, of the first images of the study. */
#include "stations.h"

#include "dicom/dicom.h"
#include "report/build.h"
#include "restage/text.h"

static bool has_images(const rs_series *series)
{
    return !series->volume_file && series->n_slices > 0;
}

static const rs_series *series_to_file_with(const rs_line *line)
{
    const rs_series *aside = NULL;
    for (int c = 0; c < line->n_cases; c++)
        if (line->cases[c].pick.series)
            return has_images(line->cases[c].pick.series) ? line->cases[c].pick.series : NULL;
    for (int s = 0; s < line->series.n; s++) {
        const rs_series *series = line->series.items[s];
        if (!has_images(series)) continue;
        if (series->verdict != RS_VERDICT_SET_ASIDE) return series;
        if (!aside) aside = series;
    }
    return aside;
}

static rs_status take_elements(rs_context *ctx, rs_line *line, const rs_dicom_file *file, rs_report_filed *out)
{
    const uint32_t *tags;
    const int n = rs_report_filing_tags(&tags);
    rs_report_element *elements = RS_ARENA_NEW(line->arena, rs_report_element, n);
    const char **texts = RS_ARENA_NEW(line->arena, const char *, n);
    if (!elements || !texts) return rs_fail_memory(ctx, "the header");
    out->elements = elements;
    out->texts = texts;
    for (int t = 0; t < n; t++) {
        const uint8_t *bytes = NULL;
        size_t n_bytes = 0;
        if (!rs_dicom_item_raw(rs_dicom_file_root(file), tags[t], &bytes, &n_bytes)) continue;
        const char *text = rs_dicom_file_text(file, tags[t], line->arena);
        uint8_t *copy = RS_ARENA_RAW(line->arena, uint8_t, n_bytes + 1);
        if (!text || !copy) return rs_fail_memory(ctx, "the header");
        for (size_t i = 0; i < n_bytes; i++)
            copy[i] = bytes[i];
        texts[out->n_elements] = text;
        elements[out->n_elements++] = (rs_report_element){tags[t], copy, (int32_t)n_bytes};
    }
    return RS_OK;
}

static rs_status read_header(rs_context *ctx, rs_line *line, const char *path, rs_report_filed *out)
{
    rs_dicom_file *file = NULL;
    size_t n_bytes = 0;
    rs_arena *arena = rs_arena_new(); /* the file is large, and what is kept of it is small */
    if (!arena) return rs_fail_memory(ctx, "the header");
    rs_status status = rs_dicom_file_read(ctx, arena, path, true, &file, &n_bytes);
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = take_elements(ctx, line, file, out);
    if (file) rs_dicom_file_close(file);
    rs_arena_free(arena);
    if (status != RS_DATA && status != RS_IO && status != RS_NO_INPUT) return status;
    char why[400];
    (void)rs_text_format(why, sizeof why, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status == RS_DATA ? RS_DATA : RS_IO,
                   "the header of the first slice of series %lld cannot be read again: %s",
                   (long long)out->series->series_number, why);
}

rs_status rs_filing_read(rs_context *ctx, rs_line *line)
{
    const rs_series *series = series_to_file_with(line);
    if (!series) return RS_OK;
    if (!*series->study_instance_uid)
        return rs_fail(ctx, RS_DATA,
                       "the images of series %lld name no study (StudyInstanceUID): the packet could not be filed with "
                       "them; send them through the archive again, which gives them one",
                       (long long)series->series_number);
    rs_report_filed *filed = RS_ARENA_NEW(line->arena, rs_report_filed, 1);
    if (!filed) return rs_fail_memory(ctx, "the header");
    filed->series = series;
    RS_TRY(read_header(ctx, line, series->slices[0].path, filed));
    line->filed = filed;
    return RS_OK;
}
