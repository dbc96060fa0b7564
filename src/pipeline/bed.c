/* The bed that --region gives: found before the images are read, drawn on every volume, kept as runs. */
#include <string.h>

#include "restage/text.h"
#include "stations.h"

static rs_status blame(rs_context *ctx, rs_status status)
{
    char sentence[700];
    (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status, "the file of --region: %s", sentence);
}

/* Notes of the file, and of the bed among its regions: their names stay out of the report's sentences. */
static rs_status take_notes(rs_context *ctx, rs_line *line, const rs_notes *notes, const char *bed)
{
    for (int i = 0; i < notes->n; i++) {
        const rs_note *note = &notes->items[i];
        if (note->region && strcmp(note->region, bed) != 0) continue;
        RS_TRY(rs_notes_add(ctx, line->arena, &line->notes, note->code, NULL, "%s", note->sentence));
    }
    return RS_OK;
}

rs_status rs_bed_open(rs_context *ctx, rs_line *line)
{
    if (!line->options->region) return RS_OK;
    rs_status status = rs_masks_open(ctx, line->options->region, line->study, &line->masks);
    if (status == RS_OK) status = rs_masks_find(ctx, line->masks, line->options->roi, &line->bed);
    if (status != RS_OK) return blame(ctx, status);
    return take_notes(ctx, line, rs_masks_notes(line->masks), rs_masks_region(line->masks, line->bed)->name);
}

/* Runs of a bed: ten times those of both lungs of a thin-sliced chest; the report holds every mark against them. */
enum { MAX_RUNS = 5000000 };

static int64_t count_runs(const rs_mask *mask, rs_report_run *out)
{
    const int32_t *n = mask->geometry.n;
    int64_t runs = 0;
    for (int32_t k = 0; k < n[2]; k++) {
        for (int32_t j = 0; j < n[1]; j++) {
            const uint8_t *row = mask->inside + ((int64_t)k * n[1] + j) * n[0];
            for (int32_t i = 0; i < n[0]; i++) {
                if (!row[i]) continue;
                int32_t begin = i;
                while (i < n[0] && row[i])
                    i++;
                if (out) out[runs] = (rs_report_run){begin, j, k, i - begin};
                runs++;
            }
        }
    }
    return runs;
}

static rs_status keep(rs_context *ctx, const rs_line *line, const rs_mask *mask, rs_given_region *out)
{
    const rs_mask_region *region = rs_masks_region(line->masks, line->bed);
    *out = (rs_given_region){
        .name = region->name,
        .kind = rs_masks_kind_name(rs_masks_kind_of(line->masks)),
        .number = region->number,
        .n_contours = rs_masks_kind_of(line->masks) == RS_MASKS_RTSTRUCT ? region->n_contours : -1,
        .n_left_out = rs_masks_kind_of(line->masks) == RS_MASKS_RTSTRUCT ? region->n_left_out : -1,
        .voxels = mask->voxels,
        .volume_mm3 = mask->volume_mm3,
        .file_volume_mm3 = region->volume_mm3,
    };
    if (mask->voxels == 0) return RS_OK;
    const int64_t n_runs = count_runs(mask, NULL);
    if (n_runs > MAX_RUNS)
        return rs_fail(ctx, RS_DATA,
                       "the file of --region: the region falls into %lld runs of voxels, more than %d: so ragged that "
                       "no hand drew it",
                       (long long)n_runs, MAX_RUNS);
    out->n_runs = (int)n_runs;
    rs_report_run *runs = RS_ARENA_RAW(line->arena, rs_report_run, out->n_runs);
    if (!runs) return rs_fail_memory(ctx, "the bed");
    (void)count_runs(mask, runs);
    out->runs = runs;
    return RS_OK;
}

/* A series of another frame of reference has no bed, and others may have: what was refused stays in *refused. */
static rs_status suits(rs_context *ctx, rs_line *line, const rs_case *on, const char **refused)
{
    const char *note = NULL;
    rs_status status = rs_masks_check_series(ctx, line->masks, line->bed, on->pick.series, &note);
    if (status == RS_DATA) {
        *refused = rs_arena_printf(line->arena, "%s", rs_context_message(ctx));
        if (!*refused) return rs_fail_memory(ctx, "the bed");
        return rs_notes_add(ctx, line->arena, &line->notes, "bed_other_frame", NULL,
                            "the bed was not drawn on a series of another frame of reference than its own");
    }
    if (status != RS_OK || !note) return status;
    return rs_notes_add(ctx, line->arena, &line->notes, "region_other_series", NULL, "%s", note);
}

static rs_status draw(rs_context *ctx, rs_line *line, const rs_case *on, rs_given_region *out)
{
    rs_mask mask = {0};
    rs_status status = rs_masks_draw(ctx, line->masks, line->bed, &on->volume->geometry, line->arena, &mask);
    if (status == RS_DATA) status = blame(ctx, status);
    RS_TRY(status);
    status = take_notes(ctx, line, &mask.notes, rs_masks_region(line->masks, line->bed)->name);
    if (status == RS_OK) status = keep(ctx, line, &mask, out);
    rs_mask_free(ctx, &mask);
    return status;
}

/* The bed of an earlier case on the same volume. */
static const rs_given_region *drawn_before(const rs_line *line, int index)
{
    for (int o = 0; o < index; o++)
        if (line->cases[o].volume == line->cases[index].volume) return line->cases[o].bed;
    return NULL;
}

rs_status rs_bed_draw(rs_context *ctx, rs_line *line)
{
    bool any = false, reaches = false;
    const char *refused = NULL;
    for (int c = 0; line->masks && c < line->n_cases; c++) {
        rs_case *one = &line->cases[c];
        if (!one->volume) continue;
        const rs_given_region *bed = drawn_before(line, c);
        if (!bed) {
            rs_given_region *fresh = RS_ARENA_NEW(line->arena, rs_given_region, 1);
            if (!fresh) return rs_fail_memory(ctx, "the bed");
            const char *why = NULL;
            RS_TRY(suits(ctx, line, one, &why));
            if (why)
                refused = why;
            else
                RS_TRY(draw(ctx, line, one, fresh));
            bed = fresh;
        }
        one->bed = bed;
        any = true;
        reaches |= bed->voxels > 0;
    }
    if (line->masks && !any)
        return rs_notes_add(ctx, line->arena, &line->notes, "bed_not_drawn", NULL,
                            "a region was given as the bed, but no series was read that it could be drawn on");
    if (!any || reaches) return RS_OK;
    if (refused) return rs_fail(ctx, RS_DATA, "the file of --region: %s", refused);
    return rs_fail(ctx, RS_DATA, "the file of --region: no voxel of the region lies in the images that are searched");
}
