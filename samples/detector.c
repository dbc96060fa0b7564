/* A detector of one's own in the line of restage: one scale of the filter, and P by roundness and response. It runs on
   a small synthetic patient:  cc detector.c $(pkg-config --cflags --libs restage) && ./a.out */
#include <restage/kernels.h>
#include <restage/kernels/laplace.h>
#include <restage/kernels/maxima.h>
#include <restage/phantom.h>
#include <restage/run.h>
#include <stdio.h>
#include <stdlib.h>

static rs_status find(rs_context *ctx, const rs_detector_input *in, void *user, rs_arena *arena, rs_candidates *out)
{
    const rs_geometry *g = &in->volume->geometry;
    const double s = *(double *)user; /* mm */
    int64_t found, room = rs_geometry_voxels(g);
    float *box = RS_ARENA_RAW(arena, float, 2 * room);
    int32_t *at = RS_ARENA_RAW(arena, int32_t, room);
    uint8_t searched[256], *mask = RS_ARENA_RAW(arena, uint8_t, room);
    if (!box || !at || !mask) return rs_fail_memory(ctx, "my detector");
    rs_volume_box(in->volume, (int32_t[3]){0}, g->n, -1000, 200, box);
    rs_regions_search_table(in->regions, searched);
    for (int64_t v = 0; v < room; v++)
        mask[v] = searched[in->regions->labels[v]];
    rs_laplace_args filter = {.in = box, .out = box + room, .factor = s * s, .sigma_mm = {s, s, s}};
    rs_maxima_args top = {.response = box + room, .mask = mask, .threshold = 300, .capacity = room, .found = &found};
    top.index = at;
    for (int a = 0; a < 3; a++) {
        filter.n[a] = top.n[a] = g->n[a];
        filter.spacing_mm[a] = g->spacing_mm[a];
    }
    RS_TRY(rs_context_kernels(ctx)->laplace(ctx, &filter));
    RS_TRY(rs_context_kernels(ctx)->maxima(ctx, &top));
    if (!(out->items = RS_ARENA_NEW(arena, rs_candidate, found))) return rs_fail_memory(ctx, "my detector");
    for (out->n = 0; out->n < found; out->n++) {
        rs_candidate *c = &out->items[out->n]; /* place and score; restage adds radius, features, region */
        c->index[0] = at[out->n] % g->n[0];
        c->index[1] = at[out->n] / g->n[0] % g->n[1];
        c->index[2] = at[out->n] / g->n[0] / g->n[1];
        c->score = box[room + at[out->n]];
    }
    return RS_OK;
}

static rs_status rank(rs_context *ctx, const rs_detector_input *in, void *user, rs_candidates *all)
{
    for (int n = 0; ctx && in && user && n < all->n; n++)
        all->items[n].p = all->items[n].feature[RS_FEATURE_e3_e1] > 0.5f ? all->items[n].score / 2000 : 0;
    return RS_OK;
}

int main(void)
{
    char folder[] = "/tmp/restage-sample-XXXXXX", text[3][64];
    const rs_detector mine = {.id = "one-scale", .version = "1", .find = find, .rank = rank, .user = &(double){1.7}};
    const rs_phantom_options patient = {.seed = 3, .columns = 256, .rows = 256, .slices = 60, .n_lesions = 6};
    rs_context *ctx;
    rs_run_result *result = NULL;
    if (!mkdtemp(folder) || rs_context_new(NULL, &ctx) != RS_OK) return 1;
    for (int n = 0; n < 3; n++)
        snprintf(text[n], sizeof text[n], "%s%s%s", n ? "" : "rm -r ", folder,
                 n == 0   ? ""
                 : n == 1 ? "/scan"
                          : "/packet");
    rs_status status = rs_phantom_write(ctx, text[1], &patient);
    if (status == RS_OK) status = rs_run_study(ctx, text[1], text[2], &(rs_run_options){.detector = &mine}, &result);
    const rs_report *report = result ? rs_run_result_report(result) : NULL;
    for (int m = 0; report && m < report->n_marks; m++)
        printf("%s at z = %.1f mm, P %.2f\n", report->marks[m].id, report->marks[m].position_lps_mm[2],
               report->marks[m].p);
    if (status != RS_OK) fprintf(stderr, "%s\n", rs_context_message(ctx));
    rs_run_result_free(result);
    rs_context_free(ctx);
    return system(text[0]) != 0 || status != RS_OK;
}
