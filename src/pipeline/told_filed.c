/* A structured report of ours that an archive gave out with the study: where no packet is given as the earlier one, the
   latest that no note rejects is it. */
#include <string.h>

#include "dicom/dicom.h"
#include "packet/packet.h"
#include "report/earlier.h"
#include "stations.h"

#define COMPREHENSIVE_SR "1.2.840.10008.5.1.4.1.1.88.33"

/* Earlier in time; of two of one second, by UID, so that the order of files does not matter. */
static bool is_before(const rs_given_previous *a, const rs_given_previous *b)
{
    int order = strcmp(a->created ? a->created : "", b->created ? b->created : "");
    return order ? order < 0 : strcmp(a->sr_uid, b->sr_uid) < 0;
}

/* A file that cannot be read again, or says nothing, is no earlier report. */
static rs_status read_file(rs_context *ctx, rs_line *line, const char *path, rs_given_previous *out, bool *is_ours)
{
    rs_dicom_file *file = NULL;
    size_t n_bytes = 0;
    *is_ours = false;
    rs_status status = rs_dicom_file_read(ctx, line->arena, path, true, &file, &n_bytes);
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = rs_packet_read_sr(ctx, file, line->arena, out, is_ours);
    if (file) rs_dicom_file_close(file);
    return status == RS_DATA || status == RS_IO || status == RS_NO_INPUT ? RS_OK : status;
}

rs_status rs_told_filed(rs_context *ctx, rs_line *line)
{
    const char *identity = line->options->identity;
    /* Under another identity the study has other UIDs, and what is made is not filed beside the earlier report. */
    if (!line->filed || line->previous || (identity && strcmp(identity, "full") != 0)) return RS_OK;
    const char *study = line->filed->series->study_instance_uid;
    rs_given_previous *latest = NULL;
    for (int s = 0; s < line->series.n; s++) {
        const rs_series *series = line->series.items[s];
        if (strcmp(series->sop_class_uid, COMPREHENSIVE_SR) != 0 || series->rejected) continue;
        for (int i = 0; i < series->n_slices; i++) {
            bool is_ours;
            rs_given_previous *one = RS_ARENA_NEW(line->arena, rs_given_previous, 1);
            if (!one) return rs_fail_memory(ctx, "the earlier report");
            RS_TRY(read_file(ctx, line, series->slices[i].path, one, &is_ours));
            is_ours = is_ours && one->study_uid && strcmp(one->study_uid, study) == 0;
            if (is_ours && (!latest || is_before(latest, one))) latest = one;
        }
    }
    line->previous = latest;
    return RS_OK;
}
