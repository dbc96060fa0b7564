/* A detector of one's own in the line of restage: one scale of the filter, and P by roundness and response. It runs on
   a small synthetic patient:  cc detector.c $(pkg-config --cflags --libs restage) && ./a.out */
#include <restage/kernels.h>
#include <restage/kernels/laplace.h>
#include <restage/kernels/maxima.h>
#include <restage/phantom.h>
#include <restage/run.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static rs_status find(rs_context *ctx, const rs_detector_input *in, void *user, rs_arena *arena, rs_candidates *out)
{
    const rs_geometry *g = &in->volume->geometry;
    const double s = *(double *)user; /* mm */
    int64_t n, room = rs_geometry_voxels(g);
    float *box = RS_ARENA_RAW(arena, float, room), *blob = RS_ARENA_RAW(arena, float, room);
    int32_t *at = RS_ARENA_RAW(arena, int32_t, room);
    uint8_t searched[256], *mask = RS_ARENA_RAW(arena, uint8_t, room);
    if (!box || !blob || !at || !mask) return rs_fail_memory(ctx, "my detector");
    rs_volume_box(in->volume, (int32_t[3]){0}, g->n, -1000, 200, box);
    rs_regions_search_table(in->regions, searched);
    for (int64_t v = 0; v < room; v++)
        mask[v] = searched[in->regions->labels[v]];
    rs_laplace_args filter = {.in = box, .out = blob, .factor = s * s, .sigma_mm = {s, s, s}};
    rs_maxima_args top = {.response = blob, .mask = mask, .threshold = 300, .index = at, .capacity = room, .found = &n};
    for (int a = 0; a < 3; a++)
        filter.n[a] = top.n[a] = g->n[a], filter.spacing_mm[a] = g->spacing_mm[a];
    RS_TRY(rs_context_kernels(ctx)->laplace(ctx, &filter));
    RS_TRY(rs_context_kernels(ctx)->maxima(ctx, &top));
    if (!(out->items = RS_ARENA_NEW(arena, rs_candidate, n))) return rs_fail_memory(ctx, "my detector");
    for (out->n = 0; out->n < n; out->n++) {
        rs_candidate *c = &out->items[out->n]; /* place and score; restage adds radius, features, region */
        for (int32_t a = 0, v = at[out->n]; a < 3; v /= g->n[a++])
            c->index[a] = v % g->n[a];
        c->score = blob[at[out->n]];
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
    char folder[] = "/tmp/restage-sample-XXXXXX";
    const rs_detector mine = {.id = "one-scale", .version = "1", .find = find, .rank = rank, .user = &(double){1.7}};
    const rs_phantom_options patient = {.seed = 3, .columns = 256, .rows = 256, .slices = 60, .n_lesions = 6};
    rs_context *ctx;
    rs_run_result *result = NULL;
    if (!mkdtemp(folder) || chdir(folder) != 0 || rs_context_new(NULL, &ctx) != RS_OK) return 1;
    rs_status status = rs_phantom_write(ctx, "scan", &patient);
    if (status == RS_OK) status = rs_run_study(ctx, "scan", "packet", &(rs_run_options){.detector = &mine}, &result);
    for (int m = 0; status == RS_OK && m < rs_run_result_report(result)->n_marks; m++)
        printf("a mark of P %.2f\n", rs_run_result_report(result)->marks[m].p);
    if (status != RS_OK) fprintf(stderr, "%s\n", rs_context_message(ctx));
    rs_run_result_free(result);
    rs_context_free(ctx);
    return system("rm -r \"$PWD\"") != 0 || status != RS_OK;
}
