/* The file of --context: what a person says about the patient (src/packet/context.schema.json). */
#include <math.h>
#include <string.h>

#include "stations.h"
#include "told.h"

enum { MOST_TREATMENTS = RS_TREATMENTS_MAX, MOST_KNOWN = 200, MOST_DAYS = 50000 };

static const char *const keys[] = {"primary", "malignancy_known", "disease_free_interval_days", "treatments",
                                   "known_lesions"};
static const char *const primary_keys[] = {"site", "histology", "date", "state"};
static const char *const treatment_keys[] = {"kind", "site", "date", "point_lps_mm", "mask", "roi"};
static const char *const known_keys[] = {"position_lps_mm", "label", "nature"};
static const char *const states[] = {"controlled", "controllable", "not", "unknown"};
static const char *const kinds[] = {"surgery", "RT", "SBRT", "ablation", "systemic"};
#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void read_primary(rs_told_at primary, rs_report_context *out)
{
    rs_told_keys(primary, primary_keys, COUNT(primary_keys));
    out->primary_site = rs_told_text(rs_told_member(primary, "site"));
    out->primary_histology = rs_told_text(rs_told_member(primary, "histology"));
    out->primary_date = rs_told_date(rs_told_member(primary, "date"));
    out->primary_state = rs_told_word(rs_told_member(primary, "state"), states, COUNT(states));
}

static const char *base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static void read_treatment(rs_told_at at, rs_report_treatment *out, rs_told_mask *mask)
{
    rs_told_keys(at, treatment_keys, COUNT(treatment_keys));
    out->kind = rs_told_word(rs_told_member(at, "kind"), kinds, COUNT(kinds));
    out->site = rs_told_text(rs_told_member(at, "site"));
    out->date = rs_told_date(rs_told_member(at, "date"));
    out->has_point = rs_told_position(rs_told_member(at, "point_lps_mm"), out->point_lps_mm);
    mask->path = rs_told_text(rs_told_member(at, "mask"));
    mask->roi = rs_told_text(rs_told_member(at, "roi"));
    out->mask = base_name(mask->path);
    if (out->has_point && mask->path) rs_told_refuse(at, "has a point and a mask: give one of the two");
    if (mask->roi && !mask->path) rs_told_refuse(at, "names a region (roi) of a mask that it does not give");
}

static void read_known(rs_told_at at, rs_report_known_lesion *out)
{
    rs_told_keys(at, known_keys, COUNT(known_keys));
    out->label = rs_told_text(rs_told_member(at, "label"));
    out->nature = rs_told_text(rs_told_member(at, "nature"));
    if (rs_told_position(rs_told_member(at, "position_lps_mm"), out->lps_mm)) return;
    for (int a = 0; a < 3; a++)
        out->lps_mm[a] = (double)NAN;
}

static void read_lists(rs_told *told, rs_line *line, rs_report_context *out)
{
    rs_told_at root = rs_told_root(told);
    rs_told_at treatments = rs_told_member(root, "treatments"), known = rs_told_member(root, "known_lesions");
    out->n_treatments = rs_told_size(treatments, MOST_TREATMENTS);
    out->n_known_lesions = rs_told_size(known, MOST_KNOWN);
    rs_report_treatment *rows = RS_ARENA_NEW(line->arena, rs_report_treatment, out->n_treatments + 1);
    rs_told_mask *masks = RS_ARENA_NEW(line->arena, rs_told_mask, out->n_treatments + 1);
    rs_report_known_lesion *lesions = RS_ARENA_NEW(line->arena, rs_report_known_lesion, out->n_known_lesions + 1);
    if (!rows || !masks || !lesions) {
        told->status = rs_fail_memory(told->ctx, told->file);
        return;
    }
    for (int t = 0; t < out->n_treatments; t++)
        read_treatment(rs_told_entry(treatments, t), &rows[t], &masks[t]);
    for (int k = 0; k < out->n_known_lesions; k++)
        read_known(rs_told_entry(known, k), &lesions[k]);
    out->treatments = rows;
    out->known_lesions = lesions;
    line->told_masks = masks;
}

/* A mask is named as seen from the file that names it. */
static rs_status place_masks(rs_context *ctx, rs_line *line, const char *file)
{
    const char *slash = strrchr(file, '/');
    for (int t = 0; t < line->context->n_treatments; t++) {
        rs_told_mask *mask = &line->told_masks[t];
        if (!mask->path || *mask->path == '/' || !slash) continue;
        mask->path = rs_arena_printf(line->arena, "%.*s/%s", (int)(slash - file), file, mask->path);
        if (!mask->path) return rs_fail_memory(ctx, "the context");
    }
    return RS_OK;
}

rs_status rs_told_context(rs_context *ctx, rs_line *line)
{
    const char *path = line->options->context;
    rs_told told;
    if (!path) return RS_OK;
    rs_report_context *out = RS_ARENA_NEW(line->arena, rs_report_context, 1);
    if (!out) return rs_fail_memory(ctx, "the context");
    RS_TRY(rs_told_open(ctx, line->arena, "the file of --context", path, RS_JSON_TEXT_MAX, &told));
    rs_told_at root = rs_told_root(&told);
    rs_told_keys(root, keys, COUNT(keys));
    read_primary(rs_told_member(root, "primary"), out);
    out->malignancy_known = rs_told_truth(rs_told_member(root, "malignancy_known"));
    out->disease_free_interval_days = rs_told_whole(rs_told_member(root, "disease_free_interval_days"), MOST_DAYS);
    read_lists(&told, line, out);
    out->given = true;
    out->json = told.text;
    out->digest = rs_arena_text(line->arena, told.sha256);
    rs_told_close(&told);
    RS_TRY(told.status);
    if (!out->digest) return rs_fail_memory(ctx, "the context");
    line->context = out;
    return place_masks(ctx, line, path);
}
