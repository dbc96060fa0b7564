/* What a person gives as the bed, by --region or with a treatment of --context: found before the images are read, drawn
   on every volume, kept as runs. */
#include <string.h>

#include "digest/digest.h"
#include "restage/text.h"
#include "stations.h"

/* One region of one file. */
typedef struct given {
    rs_masks **masks;
    int *region;
    const char *path, *roi; /* path NULL: none was given */
    const char *name;       /* "the file of --region" */
    rs_status no_such_roi;
} given;

/* Index 0 is --region, t + 1 the mask of treatment t. */
static int n_given(const rs_line *line)
{
    return 1 + (line->context ? line->context->n_treatments : 0);
}

static given given_at(rs_line *line, int index)
{
    if (index == 0)
        return (given){&line->masks,           &line->bed, line->options->region, line->options->roi,
                       "the file of --region", RS_USAGE};
    rs_told_mask *mask = &line->told_masks[index - 1];
    const char *name =
        mask->path ? rs_arena_printf(line->arena, "the mask of treatments[%d] of --context", index - 1) : "";
    return (given){&mask->masks, &mask->region, mask->path, mask->roi, name ? name : "a mask of --context", RS_DATA};
}

static rs_status blame(rs_context *ctx, const given *one, rs_status status)
{
    char sentence[700];
    (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status, "%s: %s", one->name, sentence);
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

static rs_status open_one(rs_context *ctx, rs_line *line, const given *one)
{
    rs_status status = rs_masks_open(ctx, one->path, line->study, one->masks);
    if (status != RS_OK) return blame(ctx, one, status);
    status = rs_masks_find(ctx, *one->masks, one->roi, one->region);
    if (status != RS_OK) return blame(ctx, one, status == RS_USAGE ? one->no_such_roi : status);
    return take_notes(ctx, line, rs_masks_notes(*one->masks), rs_masks_region(*one->masks, *one->region)->name);
}

rs_status rs_bed_open(rs_context *ctx, rs_line *line)
{
    for (int g = 0; g < n_given(line); g++) {
        const given one = given_at(line, g);
        if (one.path) RS_TRY(open_one(ctx, line, &one));
    }
    return RS_OK;
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

static rs_status keep(rs_context *ctx, rs_line *line, const given *one, const rs_mask *mask, rs_given_region *out)
{
    const rs_mask_region *region = rs_masks_region(*one->masks, *one->region);
    const rs_masks_kind kind = rs_masks_kind_of(*one->masks);
    *out = (rs_given_region){
        .name = region->name,
        .kind = rs_masks_kind_name(kind),
        .number = region->number,
        .n_contours = kind == RS_MASKS_RTSTRUCT ? region->n_contours : -1,
        .n_left_out = kind == RS_MASKS_RTSTRUCT ? region->n_left_out : -1,
        .voxels = mask->voxels,
        .volume_mm3 = mask->volume_mm3,
        .file_volume_mm3 = region->volume_mm3,
    };
    if (mask->voxels == 0) return RS_OK;
    const int64_t n_runs = count_runs(mask, NULL);
    if (n_runs > MAX_RUNS)
        return rs_fail(ctx, RS_DATA,
                       "%s: the region falls into %lld runs of voxels, more than %d: so ragged that no hand drew it",
                       one->name, (long long)n_runs, MAX_RUNS);
    out->n_runs = (int)n_runs;
    rs_report_run *runs = RS_ARENA_RAW(line->arena, rs_report_run, out->n_runs);
    if (!runs) return rs_fail_memory(ctx, "the bed");
    (void)count_runs(mask, runs);
    out->runs = runs;
    char hex[65];
    RS_TRY(rs_sha256_hex(ctx, runs, (size_t)n_runs * sizeof *runs, hex));
    out->digest = rs_arena_text(line->arena, hex);
    return out->digest ? RS_OK : rs_fail_memory(ctx, "the bed");
}

/* A series of another frame of reference has no bed, and others may have: what was refused stays in *refused. */
static rs_status suits(rs_context *ctx, rs_line *line, const given *one, const rs_case *on, const char **refused)
{
    const char *note = NULL;
    rs_status status = rs_masks_check_series(ctx, *one->masks, *one->region, on->pick.series, &note);
    if (status == RS_DATA) {
        *refused = rs_arena_printf(line->arena, "%s", rs_context_message(ctx));
        if (!*refused) return rs_fail_memory(ctx, "the bed");
        return rs_notes_add(ctx, line->arena, &line->notes, "bed_other_frame", NULL,
                            "the bed was not drawn on a series of another frame of reference than its own");
    }
    if (status != RS_OK || !note) return status;
    return rs_notes_add(ctx, line->arena, &line->notes, "region_other_series", NULL, "%s", note);
}

static rs_status draw(rs_context *ctx, rs_line *line, const given *one, const rs_case *on, rs_given_region *out)
{
    rs_mask mask = {0};
    rs_status status = rs_masks_draw(ctx, *one->masks, *one->region, &on->volume->geometry, line->arena, &mask);
    if (status == RS_DATA) status = blame(ctx, one, status);
    RS_TRY(status);
    status = take_notes(ctx, line, &mask.notes, rs_masks_region(*one->masks, *one->region)->name);
    if (status == RS_OK) status = keep(ctx, line, one, &mask, out);
    rs_mask_free(ctx, &mask);
    return status;
}

/* Where a case keeps what was drawn. */
static const rs_given_region **drawn_at(rs_case *c, int index)
{
    return index == 0 ? &c->bed : &c->treated[index - 1];
}

/* The same on an earlier case of the same volume. */
static const rs_given_region *drawn_before(rs_line *line, int c, int index)
{
    for (int o = 0; o < c; o++)
        if (line->cases[o].volume == line->cases[c].volume) return *drawn_at(&line->cases[o], index);
    return NULL;
}

/* On every volume; *any: on some, *reaches: with a voxel. */
static rs_status draw_on_all(rs_context *ctx, rs_line *line, int index, const given *one, bool *any)
{
    bool reaches = false;
    const char *refused = NULL;
    for (int c = 0; c < line->n_cases; c++) {
        rs_case *on = &line->cases[c];
        if (!on->volume) continue;
        const rs_given_region *bed = drawn_before(line, c, index);
        if (!bed) {
            rs_given_region *fresh = RS_ARENA_NEW(line->arena, rs_given_region, 1);
            if (!fresh) return rs_fail_memory(ctx, "the bed");
            const char *why = NULL;
            RS_TRY(suits(ctx, line, one, on, &why));
            if (why)
                refused = why;
            else
                RS_TRY(draw(ctx, line, one, on, fresh));
            bed = fresh;
        }
        *drawn_at(on, index) = bed;
        *any = true;
        reaches |= bed->voxels > 0;
    }
    if (!*any || reaches) return RS_OK;
    if (refused) return rs_fail(ctx, RS_DATA, "%s: %s", one->name, refused);
    return rs_fail(ctx, RS_DATA, "%s: no voxel of the region lies in the images that are searched", one->name);
}

rs_status rs_bed_draw(rs_context *ctx, rs_line *line)
{
    for (int c = 0; c < line->n_cases && n_given(line) > 1; c++) {
        line->cases[c].treated = RS_ARENA_NEW(line->arena, const rs_given_region *, n_given(line) - 1);
        if (!line->cases[c].treated) return rs_fail_memory(ctx, "the bed");
    }
    for (int g = 0; g < n_given(line); g++) {
        const given one = given_at(line, g);
        bool any = false;
        if (!one.path) continue;
        RS_TRY(draw_on_all(ctx, line, g, &one, &any));
        if (!any)
            RS_TRY(rs_notes_add(ctx, line->arena, &line->notes, "bed_not_drawn", NULL,
                                "a region was given as the bed, but no series was read that it could be drawn on"));
    }
    return RS_OK;
}
