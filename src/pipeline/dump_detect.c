/* Dump of detect: every candidate with every feature, its rays as the networks look at them, a picture of the best. */
#include "dump.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

enum { RINGS = 30 };

static void candidates_head(rs_csv_row *row)
{
    static const char *const names[] = {"seriesuid", "coordX", "coordY",  "coordZ",  "probability", "rank",
                                        "mark",      "origin", "pointed", "region",  "side",        "radius_mm",
                                        "scale_mm",  "score",  "index_i", "index_j", "index_k",     "rays162_row"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        rs_csv_text(row, names[n]);
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        rs_csv_text(row, rs_feature_name(f));
    rs_csv_end(row);
}

/* What a row says beside its candidate. */
typedef struct row_facts {
    bool is_mark;
    int deep_row; /* of the finer rays; -1: none */
} row_facts;

static void candidate_row(rs_csv_row *row, const rs_case *from, int index, row_facts facts)
{
    const rs_candidates *all = from->candidates;
    const rs_candidate *c = all->complete ? &all->complete[index] : &all->items[index];
    bool inside = c->region >= 0 && c->region < from->regions->n;
    const rs_region *region = inside ? &from->regions->region[c->region] : NULL;
    rs_csv_text(row, from->pick.series->series_instance_uid);
    for (int d = 0; d < 3; d++)
        rs_dump_number(row, c->lps_mm[d]);
    rs_dump_number(row, c->p);
    rs_csv_whole(row, index + 1);
    rs_csv_text(row, facts.is_mark ? "true" : "false");
    rs_csv_text(row, rs_origin_name(c->origin));
    rs_csv_text(row, c->pointed ? "true" : "false");
    rs_csv_text(row, region ? region->name : NULL);
    rs_csv_text(row, region ? rs_side_name(region->side) : NULL);
    rs_dump_number(row, c->radius_mm);
    rs_dump_number(row, c->scale_mm);
    rs_dump_number(row, c->score);
    for (int a = 0; a < 3; a++)
        rs_dump_number(row, c->index[a]);
    if (facts.deep_row >= 0)
        rs_csv_whole(row, facts.deep_row);
    else
        rs_csv_text(row, NULL);
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        rs_dump_number(row, (double)c->feature[f]);
    rs_csv_end(row);
}

/* One a candidate, as rs_marks has it. NULL: no memory. */
static const bool *which_are_marks(const rs_line *line, const rs_case *from)
{
    bool *is_mark = RS_ARENA_NEW(line->arena, bool, from->candidates->n);
    for (int m = 0; is_mark && from->marks && m < from->marks->n; m++)
        is_mark[from->marks->candidate[m]] = true;
    return is_mark;
}

/* How many the second network would look at. */
static int keep_of(const rs_line *line)
{
    enum { MANY = 2000 };
    int wished = (int)rs_params_get(line->params, "detect_keep");
    int ranker = line->ranker ? line->ranker->keep : rs_ranker_built_in()->keep;
    return wished > 0 ? wished : ranker > 0 ? ranker : MANY;
}

/* One a candidate: those that the second network looked at, or would have looked at first. NULL: no memory. */
static const bool *which_are_deep(const rs_line *line, const rs_case *from)
{
    const rs_candidates *all = from->candidates;
    bool *is_deep = RS_ARENA_NEW(line->arena, bool, all->n), any = false;
    for (int c = 0; is_deep && c < all->n; c++) {
        is_deep[c] = !isnan(all->items[c].feature[RS_FEATURE_deep_logit]);
        any |= is_deep[c];
    }
    int left = any ? 0 : keep_of(line);
    for (int c = 0; is_deep && c < all->n && left > 0; c++) {
        is_deep[c] = all->items[c].origin != RS_ORIGIN_MASS;
        left -= is_deep[c];
    }
    return is_deep;
}

static rs_status write_candidates(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    rs_buffer buffer = {0};
    rs_csv_row row = {.to = &buffer};
    int deep_row = 0;
    candidates_head(&row);
    for (int i = 0; i < line->n_cases; i++) {
        const rs_case *from = &line->cases[i];
        if (!from->candidates) continue;
        const bool *is_mark = which_are_marks(line, from), *is_deep = which_are_deep(line, from);
        if (!is_mark || !is_deep) buffer.failed = true;
        for (int c = 0; is_mark && is_deep && c < from->candidates->n; c++)
            candidate_row(&row, from, c, (row_facts){is_mark[c], is_deep[c] ? deep_row++ : -1});
    }
    return rs_dump_buffer(ctx, &buffer, folder, "05-detect.csv");
}

/* Marks in red, what a person pointed at in blue, the rest of the best in yellow. */
static rs_status write_rings(rs_context *ctx, const rs_line *line, int turn, rs_folder *folder)
{
    const rs_case *from = &line->cases[turn];
    rs_dump_ring *rings = RS_ARENA_NEW(line->arena, rs_dump_ring, RINGS + from->n_at);
    const bool *is_mark = which_are_marks(line, from);
    if (!rings || !is_mark) return rs_fail_memory(ctx, "the dump");
    rs_dump_planes planes = {.volume = from->volume, .regions = from->regions, .rings = rings};
    for (int c = 0; c < from->candidates->n; c++) {
        const rs_candidate *candidate = &from->candidates->items[c];
        bool pointed = candidate->pointed && planes.n_rings < RINGS + from->n_at;
        if (c >= RINGS && !pointed) continue;
        rs_dump_ring *ring = &rings[planes.n_rings++];
        *ring = (rs_dump_ring){.radius_mm = fmax(candidate->radius_mm, 1.0) + 2.0,
                               .colour = {pointed ? 90 : 255,
                                          pointed      ? 190
                                          : is_mark[c] ? 80
                                                       : 220,
                                          pointed ? 255 : 60}};
        for (int a = 0; a < 3; a++)
            ring->index[a] = candidate->index[a];
    }
    char name[64];
    rs_dump_name(name, "05-detect", turn, ".png");
    return rs_dump_picture(ctx, &planes, folder, name);
}

enum { FEW_RAYS = 42, MANY_RAYS = 162, NPY_HEAD = 128 };

/* Format 1.0 of .npy: magic, version, length of the rest of the head, a Python literal padded with blanks. */
static void npy_head(char *head, int64_t n, int rays)
{
    static const char magic[] = "\x93NUMPY\x01\x00v";
    char shape[96];
    memset(head, ' ', NPY_HEAD);
    memcpy(head, magic, sizeof magic);
    (void)rs_text_format(shape, sizeof shape, "{'descr': '<i2', 'fortran_order': False, 'shape': (%lld, %d, %d), }",
                         (long long)n, rays, RS_DETECT_RAY_STEPS);
    memcpy(head + sizeof magic, shape, strlen(shape));
    head[NPY_HEAD - 1] = '\n';
}

/* Indices of the candidates of a case that have a table of that fineness, in the order of the list. NULL: no memory. */
static const int *which_have_rays(const rs_line *line, const rs_case *from, int rays, int *n)
{
    int *which = RS_ARENA_RAW(line->arena, int, from->candidates->n);
    const bool *is_deep = which_are_deep(line, from);
    *n = 0;
    for (int c = 0; which && is_deep && c < from->candidates->n; c++)
        if (rays == FEW_RAYS || is_deep[c]) which[(*n)++] = c;
    return is_deep ? which : NULL;
}

static rs_status fill_rays(rs_context *ctx, const rs_line *line, int rays, int16_t *out)
{
    for (int i = 0; i < line->n_cases; i++) {
        const rs_case *from = &line->cases[i];
        if (!from->candidates) continue;
        rs_rays_wish wish = {.volume = from->volume,
                             .profile = &from->pick.organ->detect,
                             .params = line->params,
                             .items = from->candidates->items,
                             .rays = rays};
        wish.which = which_have_rays(line, from, rays, &wish.n);
        if (!wish.which) return rs_fail_memory(ctx, "the dump");
        RS_TRY(rs_detect_rays(ctx, &wish, out));
        out += (int64_t)wish.n * rays * RS_DETECT_RAY_STEPS;
    }
    return RS_OK;
}

static rs_status write_rays(rs_context *ctx, const rs_line *line, int rays, rs_folder *folder)
{
    rs_block block;
    char name[64];
    int64_t total = 0;
    for (int i = 0, n; i < line->n_cases; i++) {
        if (!line->cases[i].candidates) continue;
        if (!which_have_rays(line, &line->cases[i], rays, &n)) return rs_fail_memory(ctx, "the dump");
        total += n;
    }
    size_t bytes = NPY_HEAD + (size_t)total * (size_t)rays * RS_DETECT_RAY_STEPS * sizeof(int16_t);
    RS_TRY(rs_block_take(ctx, bytes, "the rays of the dump", &block));
    npy_head(block.data, total, rays);
    rs_status status = fill_rays(ctx, line, rays, (int16_t *)((char *)block.data + NPY_HEAD));
    (void)rs_text_format(name, sizeof name, "05-detect-rays%d.npy", rays);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, name, block.data, bytes);
    rs_block_give(ctx, &block);
    return status;
}

rs_status rs_dump_detect(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    RS_TRY(write_candidates(ctx, line, folder));
    RS_TRY(write_rays(ctx, line, FEW_RAYS, folder));
    RS_TRY(write_rays(ctx, line, MANY_RAYS, folder));
    for (int c = 0; c < line->n_cases; c++)
        if (line->cases[c].candidates) RS_TRY(write_rings(ctx, line, c, folder));
    return RS_OK;
}
