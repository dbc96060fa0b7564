/* Laplacian of Gaussian at eight scales and its maxima, on a pyramid, in the tiles of the program's search: scale s is
   reported by the grid where it is at least 1.6 voxels wide (performance 3.3.4); the neighbours in scale are computed
   on the same grid. */
#include "ours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <restage/arena.h>
#include <restage/kernels.h>
#include <restage/kernels/halve.h>
#include <restage/kernels/laplace.h>
#include <restage/kernels/maxima.h>
#include <restage/parallel.h>

enum { SCALES = 8, LEVELS = 3, TILE_COLUMNS = 64, TILE_ROWS = 32, TILE_SLICES = 96 };

static const struct {
    int first, first_reported, end_reported, end;
} plan[LEVELS] = {{0, 0, 4, 5}, {3, 4, 7, 8}, {6, 7, 8, 8}};

typedef struct level_job {
    ours_scales *job;
    const int16_t *voxels;
    int level, first, first_reported, end_reported, end;
    int32_t n[3], halo[3];
    double sigma_vox[SCALES], factor[SCALES];
    int64_t *tile_found;
    ours_maximum *tile_maxima; /* room for capacity of each tile */
    int64_t capacity;
} level_job;

/* Sigma of 1 to 8 voxels of the cube in equal ratios. */
static double scale_vox(int scale)
{
    return exp2(3.0 * scale / (SCALES - 1));
}

static void read_box(const level_job *l, const int32_t begin[3], const int32_t n[3], float *out)
{
    for (int32_t k = 0; k < n[2]; k++)
        for (int32_t j = 0; j < n[1]; j++) {
            int32_t kk = begin[2] + k, jj = begin[1] + j;
            kk = kk < 0 ? 0 : kk >= l->n[2] ? l->n[2] - 1 : kk;
            jj = jj < 0 ? 0 : jj >= l->n[1] ? l->n[1] - 1 : jj;
            const int16_t *row = l->voxels + ((int64_t)kk * l->n[1] + jj) * l->n[0];
            int32_t i = 0;
            for (; i < n[0] && begin[0] + i < 0; i++)
                out[i] = row[0];
            int32_t inside = l->n[0] - begin[0] < n[0] ? l->n[0] - begin[0] : n[0];
            for (; i < inside; i++)
                out[i] = row[begin[0] + i];
            for (; i < n[0]; i++)
                out[i] = row[l->n[0] - 1];
            out += n[0];
        }
}

static void take_maxima(rs_context *ctx, rs_arena *scratch, const level_job *l, const rs_tile *tile, const int32_t n[3],
                        float *const response[SCALES])
{
    int64_t found, in_tile = 0;
    int32_t *index = RS_ARENA_RAW(scratch, int32_t, l->capacity);
    for (int s = l->first_reported; s < l->end_reported; s++) {
        struct rs_maxima_args args = {.n = {n[0], n[1], n[2]},
                                      .begin = {1, 1, 1},
                                      .response = response[s],
                                      .capacity = l->capacity,
                                      .index = index,
                                      .found = &found};
        for (int a = 0; a < 3; a++)
            args.end[a] = n[a] - 1;
        args.below = s > l->first ? response[s - 1] : NULL;
        args.above = s + 1 < l->end ? response[s + 1] : NULL;
        args.scales = l->level > 0 ? RS_MAXIMA_CENTRE : RS_MAXIMA_NEIGHBOURS;
        args.threshold = ours_threshold_hu * (l->level > 0 ? 0.9F : 1);
        ours_must(ctx, rs_context_kernels(ctx)->maxima(ctx, &args));
        for (int64_t m = 0; m < found && m < l->capacity && in_tile < l->capacity; m++) {
            int32_t at = index[m], step = 1 << l->level;
            l->tile_maxima[tile->index * l->capacity + in_tile++] =
                (ours_maximum){(float)((at % n[0] - 1 + tile->core_begin[0]) * step),
                               (float)((at / n[0] % n[1] - 1 + tile->core_begin[1]) * step),
                               (float)((at / n[0] / n[1] - 1 + tile->core_begin[2]) * step), (float)s, response[s][at]};
        }
    }
    l->tile_found[tile->index] = in_tile;
}

static void give_response(const level_job *l, const rs_tile *tile, const int32_t n[3], const float *response)
{
    for (int32_t k = 0; k < n[2]; k++)
        for (int32_t j = 0; j < n[1]; j++)
            memcpy(l->job->response +
                       ((int64_t)(tile->core_begin[2] + k) * l->n[1] + tile->core_begin[1] + j) * l->n[0] +
                       tile->core_begin[0],
                   response + ((int64_t)k * n[1] + j) * n[0], (size_t)n[0] * sizeof *response);
}

static rs_status do_tile(rs_context *ctx, const rs_tile *tile, int worker, void *arg)
{
    (void)worker;
    const level_job *l = arg;
    int margin = l->job->response ? 0 : 1;
    int32_t begin[3], n_in[3], n[3];
    for (int a = 0; a < 3; a++) {
        n[a] = tile->core_end[a] - tile->core_begin[a] + 2 * margin;
        n_in[a] = n[a] + 2 * l->halo[a];
        begin[a] = tile->core_begin[a] - margin - l->halo[a];
    }
    rs_arena *scratch = rs_scratch(ctx);
    rs_arena_mark mark = rs_arena_where(scratch);
    float *in = RS_ARENA_RAW(scratch, float, (int64_t)n_in[0] * n_in[1] * n_in[2]), *response[SCALES] = {NULL};
    read_box(l, begin, n_in, in);
    for (int s = l->first; s < l->end; s++) {
        response[s] = RS_ARENA_RAW(scratch, float, (int64_t)n[0] * n[1] * n[2]);
        struct rs_laplace_args args = {.n = {n_in[0], n_in[1], n_in[2]},
                                       .halo = {l->halo[0], l->halo[1], l->halo[2]},
                                       .in = in,
                                       .spacing_mm = {1, 1, 1},
                                       .factor = l->factor[s],
                                       .out = response[s]};
        args.sigma_mm[0] = args.sigma_mm[1] = args.sigma_mm[2] = l->sigma_vox[s];
        ours_must(ctx, rs_context_kernels(ctx)->laplace(ctx, &args));
    }
    if (l->job->response)
        give_response(l, tile, n, response[l->first]);
    else
        take_maxima(ctx, scratch, l, tile, n, response);
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

static void run_level(rs_context *ctx, level_job *l)
{
    static const double one_mm[3] = {1, 1, 1};
    rs_tiling tiling = {.size = {TILE_COLUMNS, TILE_ROWS, TILE_SLICES}};
    for (int a = 0; a < 3; a++)
        tiling.end[a] = tiling.limit[a] = l->n[a];
    for (int s = l->first; s < l->end; s++) {
        int32_t halo[3];
        double sigma[3] = {l->sigma_vox[s], l->sigma_vox[s], l->sigma_vox[s]};
        rs_laplace_halo(sigma, one_mm, halo);
        for (int a = 0; a < 3; a++)
            l->halo[a] = halo[a] > l->halo[a] ? halo[a] : l->halo[a];
    }
    int64_t tiles = rs_tiles_count(&tiling);
    l->capacity = TILE_COLUMNS * TILE_ROWS * TILE_SLICES / 8;
    l->tile_found = calloc((size_t)tiles, sizeof *l->tile_found);
    l->tile_maxima = malloc((size_t)(tiles * l->capacity) * sizeof *l->tile_maxima);
    ours_must(ctx, rs_for_tiles(ctx, &tiling, do_tile, l));
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t m = 0; m < l->tile_found[t]; m++)
            l->job->found[l->job->n_found++] = l->tile_maxima[t * l->capacity + m];
    free(l->tile_found);
    free(l->tile_maxima);
}

void ours_scales_begin(rs_context *ctx, ours_scales *job)
{
    (void)ctx;
    size_t box = (size_t)job->side * (size_t)job->side * (size_t)job->side;
    for (int level = 1; level < LEVELS; level++)
        job->coarse[level - 1] = calloc(box / 8 + 1, sizeof(int16_t));
    job->found = calloc(box / 8 + 1, sizeof *job->found);
}

static int by_place(const void *a, const void *b)
{
    const ours_maximum *x = a, *y = b;
    if (x->k != y->k) return x->k < y->k ? -1 : 1;
    if (x->j != y->j) return x->j < y->j ? -1 : 1;
    if (x->i != y->i) return x->i < y->i ? -1 : 1;
    return x->scale < y->scale ? -1 : x->scale > y->scale;
}

void ours_scales_run(rs_context *ctx, ours_scales *job)
{
    int32_t n[3] = {job->side, job->side, job->side};
    double blur = 0, step = 1;
    const int16_t *voxels = job->cube;
    job->n_found = 0;
    for (int level = 0; level < (job->response ? 1 : LEVELS); level++) {
        if (level > 0) {
            struct rs_halve_args args = {
                .n = {n[0], n[1], n[2]}, .in = voxels, .axes = {1, 1, 1}, .out = job->coarse[level - 1]};
            ours_must(ctx, rs_context_kernels(ctx)->halve(ctx, &args));
            rs_halve_size(args.n, args.axes, n);
            voxels = job->coarse[level - 1];
            blur += rs_halve_variance_mm2(step);
            step *= 2;
        }
        level_job l = {.job = job,
                       .voxels = voxels,
                       .level = level,
                       .n = {n[0], n[1], n[2]},
                       .first = plan[level].first,
                       .first_reported = plan[level].first_reported,
                       .end_reported = plan[level].end_reported,
                       .end = plan[level].end};
        for (int s = 0; s < SCALES; s++) {
            double sigma = scale_vox(s);
            l.sigma_vox[s] = sqrt(fmax(sigma * sigma - blur, 0)) / step;
            l.factor[s] = sigma * sigma / (step * step);
        }
        if (job->response) { /* the one scale: sigma of 2 voxels, as it comes */
            l.first = 0;
            l.end = 1;
            l.sigma_vox[0] = 2;
            l.factor[0] = 1;
        }
        run_level(ctx, &l);
    }
    qsort(job->found, (size_t)job->n_found, sizeof *job->found, by_place);
}
