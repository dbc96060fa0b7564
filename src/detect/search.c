/* The search. Maxima are taken of s^2 x Laplacian of Gaussian, which answers best at the scale of a sphere (science
   C1.1), and told in HU by dividing by the response of that sphere (science C2.2). A tile of the level's fine grid is
   read with its halo, interpolated along k where slices lie far apart (never stored), filtered at every scale of the
   level, and its maxima are refined by a parabola. Tiles without a searched voxel cost nothing. What workers collect is
   joined and put in the order of place and scale. */
#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/kernels.h"
#include "restage/kernels/laplace.h"
#include "restage/kernels/maxima.h"
#include "restage/kernels/resample.h"
#include "restage/parallel.h"
#include "tensor.h"
#include "tile.h"
#include "wall.h"

enum {
    TILE_COLUMNS = 64,
    TILE_ROWS = 32,
    TILE_SLICES = 96,
    SPLINE_HALO = 12, /* stored slices that the spline's prefilter reaches */
    NOISE_LATTICE = 3 /* every third voxel along each axis tells the noise */
};

/* Cuts the tile to the box of its searched voxels; false where there are none. */
static bool cut_to_search(const rs_search_job *job, int32_t begin[3], int32_t end[3])
{
    const rs_regions *regions = job->wish->regions;
    const rs_geometry *g = &regions->geometry;
    int32_t low[3] = {end[0], end[1], end[2]}, high[3] = {begin[0], begin[1], begin[2]};
    for (int32_t k = begin[2]; k < end[2]; k++)
        for (int32_t j = begin[1]; j < end[1]; j++) {
            const uint8_t *row =
                regions->labels +
                ((int64_t)rs_nearest_voxel(job, 2, k) * g->n[1] + rs_nearest_voxel(job, 1, j)) * g->n[0];
            int32_t first = begin[0], last = end[0] - 1;
            while (first < end[0] && !job->searched[row[rs_nearest_voxel(job, 0, first)]])
                first++;
            if (first == end[0]) continue;
            while (!job->searched[row[rs_nearest_voxel(job, 0, last)]])
                last--;
            int32_t from[3] = {first, j, k}, to[3] = {last + 1, j + 1, k + 1};
            for (int a = 0; a < 3; a++) {
                low[a] = from[a] < low[a] ? from[a] : low[a];
                high[a] = to[a] > high[a] ? to[a] : high[a];
            }
        }
    memcpy(begin, low, sizeof low);
    memcpy(end, high, sizeof high);
    return low[2] < high[2];
}

static void fill_mask(const rs_tile_work *t)
{
    const rs_search_job *job = t->job;
    const rs_regions *regions = job->wish->regions;
    const rs_geometry *g = &regions->geometry;
    int32_t column[TILE_COLUMNS]; /* of the volume under those of the tile */
    for (int32_t i = 0; i < t->n_core[0]; i++)
        column[i] = rs_nearest_voxel(job, 0, t->begin[0] + i);
    memset(t->mask, 0, (size_t)rs_box_voxels(t->n_margin));
    for (int32_t k = 0; k < t->n_core[2]; k++)
        for (int32_t j = 0; j < t->n_core[1]; j++) {
            const uint8_t *row = regions->labels + ((int64_t)rs_nearest_voxel(job, 2, t->begin[2] + k) * g->n[1] +
                                                    rs_nearest_voxel(job, 1, t->begin[1] + j)) *
                                                       g->n[0];
            uint8_t *out = t->mask + ((int64_t)(k + 1) * t->n_margin[1] + j + 1) * t->n_margin[0] + 1;
            for (int32_t i = 0; i < t->n_core[0]; i++)
                out[i] = job->searched[row[column[i]]];
        }
}

/* Reads the input box of the fine grid; along k by cubic B-spline where it is finer than the stored one. */
static rs_status read_input(rs_context *ctx, rs_arena *scratch, rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    const rs_search_wish *wish = t->job->wish;
    int32_t begin[3], end[3];
    float low = (float)wish->clip_low_hu, high = (float)wish->clip_high_hu;
    for (int a = 0; a < 3; a++) {
        begin[a] = t->begin[a] - 1 - t->job->halo[a];
        end[a] = begin[a] + t->n_in[a];
    }
    if (level->up == 1) {
        rs_volume_box(&level->view, begin, end, low, high, t->in);
        return RS_OK;
    }
    int32_t stored_begin = (int32_t)floor((double)begin[2] / level->up) - SPLINE_HALO;
    int32_t stored_end = (end[2] + level->up - 1) / level->up + SPLINE_HALO + 1;
    if (stored_begin < 0) stored_begin = 0;
    if (stored_end > level->view.geometry.n[2]) stored_end = level->view.geometry.n[2];
    struct rs_resample_args args = {.n_in = {t->n_in[0], t->n_in[1], stored_end - stored_begin},
                                    .n_out = {t->n_in[0], t->n_in[1], t->n_in[2]},
                                    .origin = {0, 0, (double)begin[2] / level->up - stored_begin},
                                    .step = {1, 1, 1.0 / level->up},
                                    .method = RS_RESAMPLE_CUBIC,
                                    .out = t->in};
    float *stored = RS_ARENA_RAW(scratch, float, rs_box_voxels(args.n_in));
    if (!stored) return rs_fail_memory(ctx, "the search");
    begin[2] = stored_begin;
    end[2] = stored_end;
    rs_volume_box(&level->view, begin, end, low, high, stored);
    args.in = stored;
    return rs_context_kernels(ctx)->resample(ctx, &args);
}

static rs_status filter(rs_context *ctx, const rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    double turn = t->job->wish->bright ? 1 : -1;
    for (int n = level->first; n < level->first + level->n_computed; n++) {
        double s = t->job->wish->scales->scale[n].sigma_mm;
        struct rs_laplace_args args = {.in = t->in, .out = t->response[n], .factor = turn * s * s};
        for (int a = 0; a < 3; a++) {
            args.n[a] = t->n_in[a];
            args.halo[a] = t->job->halo[a];
            args.spacing_mm[a] = level->spacing_mm[a];
            args.sigma_mm[a] = level->sigma_mm[n][a];
        }
        RS_TRY(rs_context_kernels(ctx)->laplace(ctx, &args));
    }
    return RS_OK;
}

/* Histogram of the response in HU where the tissue is quiet, on a lattice of the fine grid. */
static void take_noise(const rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    float quiet = (float)t->job->wish->quiet_hu;
    int32_t first[3];
    for (int a = 0; a < 3; a++)
        first[a] = (NOISE_LATTICE - t->begin[a] % NOISE_LATTICE) % NOISE_LATTICE;
    for (int32_t k = first[2]; k < t->n_core[2]; k += NOISE_LATTICE)
        for (int32_t j = first[1]; j < t->n_core[1]; j += NOISE_LATTICE)
            for (int32_t i = first[0]; i < t->n_core[0]; i += NOISE_LATTICE) {
                int64_t at = ((int64_t)(k + 1) * t->n_margin[1] + j + 1) * t->n_margin[0] + i + 1;
                const int32_t *h = t->job->halo;
                int64_t in_at = ((int64_t)(k + 1 + h[2]) * t->n_in[1] + j + 1 + h[1]) * t->n_in[0] + i + 1 + h[0];
                if (!t->mask[at] || t->in[in_at] >= quiet) continue;
                for (int n = level->first_reported; n < level->end_reported; n++) {
                    float bin = t->response[n][at] / (float)level->rho[n] + RS_NOISE_BINS / 2;
                    if (bin >= 0 && bin < RS_NOISE_BINS) t->out->noise[n][(int)bin]++;
                }
            }
}

double rs_tile_refine(const float *middle, const int64_t stride[3], double way[3])
{
    double g[3], h[6], minus[3];
    static const int pair[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    double here = (double)*middle;
    for (int a = 0; a < 3; a++) {
        double before = (double)middle[-stride[a]], after = (double)middle[stride[a]];
        g[a] = 0.5 * (after - before);
        h[a] = after - 2 * here + before;
        minus[a] = -g[a];
    }
    for (int m = 0; m < 3; m++) {
        int64_t p = stride[pair[m][0]], q = stride[pair[m][1]];
        h[3 + m] =
            0.25 * ((double)middle[p + q] - (double)middle[p - q] - (double)middle[q - p] + (double)middle[-p - q]);
    }
    bool good = rs_solve3(h, minus, way) && fabs(way[0]) <= 1 && fabs(way[1]) <= 1 && fabs(way[2]) <= 1;
    double rise = good ? 0.5 * (g[0] * way[0] + g[1] * way[1] + g[2] * way[2]) : 0;
    if (!(rise >= 0)) good = false;
    if (!good) way[0] = way[1] = way[2] = 0;
    return good ? rise : 0;
}

/* The same in scale for what is a maximum in scale too: the way in steps, at most half a step. Others stay at the scale
   in which they stand out. */
static double refine_scale(const rs_tile_work *t, int scale, int64_t at, double *rise)
{
    const rs_level *level = t->job->level;
    *rise = 0;
    if (scale == level->first || scale + 1 == level->first + level->n_computed) return 0;
    double before = (double)t->response[scale - 1][at], after = (double)t->response[scale + 1][at];
    double here = (double)t->response[scale][at], bend = before - 2 * here + after;
    if (!(bend < 0) || here < before || here < after) return 0;
    double way = 0.5 * (before - after) / bend;
    way = way < -0.5 ? -0.5 : way > 0.5 ? 0.5 : way;
    *rise = 0.5 * (after - before) * way + 0.5 * bend * way * way;
    return way;
}

/* Response of the matched sphere between two rungs of the ladder; scale + way stays between computed ones. */
static double rho_at(const rs_level *level, int scale, double way)
{
    int other = way < 0 ? scale - 1 : scale + 1;
    if (way == 0) return level->rho[scale];
    return level->rho[scale] + fabs(way) * (level->rho[other] - level->rho[scale]);
}

rs_status rs_tile_keep(rs_context *ctx, const rs_tile_work *t, const int32_t fine[3], const double way[3],
                       const rs_hit *hit)
{
    const rs_search_job *job = t->job;
    const rs_level *level = job->level;
    rs_collector *out = t->out;
    rs_hit *kept = rs_arena_push(out->arena, (void **)&out->hits, out->n, &out->capacity, sizeof *kept);
    if (!kept) return rs_fail_memory(ctx, "the candidates");
    *kept = *hit;
    int32_t voxel[3];
    for (int a = 0; a < 3; a++) {
        voxel[a] = rs_nearest_voxel(job, a, fine[a]);
        int32_t up = a == 2 ? level->up : 1;
        double top = (fine[a] + way[a]) * level->step[a] / up, last = job->wish->regions->geometry.n[a] - 1;
        kept->index[a] = top < 0 ? 0 : top > last ? last : top;
    }
    kept->region = rs_regions_at(job->wish->regions, voxel[0], voxel[1], voxel[2]);
    out->n++;
    return RS_OK;
}

static rs_status keep(rs_context *ctx, const rs_tile_work *t, int scale, int64_t at)
{
    int64_t stride[3] = {1, t->n_margin[0], (int64_t)t->n_margin[0] * t->n_margin[1]};
    int32_t fine[3] = {(int32_t)(at % stride[1]), (int32_t)(at / stride[1] % t->n_margin[1]),
                       (int32_t)(at / stride[2])};
    double way[3], scale_rise, value = (double)t->response[scale][at];
    value += rs_tile_refine(t->response[scale] + at, stride, way);
    double scale_way = refine_scale(t, scale, at, &scale_rise);
    double rho = rho_at(t->job->level, scale, scale_way);
    value = (value + scale_rise) / rho;
    if (!(value > t->job->wish->min_response_hu)) return RS_OK;
    for (int a = 0; a < 3; a++)
        fine[a] += t->begin[a] - 1;
    rs_hit hit = {.step = scale + scale_way, .response_hu = (float)value, .rho = (float)rho};
    return rs_tile_keep(ctx, t, fine, way, &hit);
}

rs_status rs_tile_maxima(rs_context *ctx, rs_arena *scratch, const rs_tile_box *box, float threshold, int32_t **index,
                         int64_t *n)
{
    int32_t n_core[3] = {box->n[0] - 2, box->n[1] - 2, box->n[2] - 2};
    int64_t capacity = rs_box_voxels(n_core) / 4 + 64, found; /* no two maxima are neighbours: at most one in 8 */
    *index = RS_ARENA_RAW(scratch, int32_t, capacity);
    if (!*index) return rs_fail_memory(ctx, "the candidates");
    struct rs_maxima_args args = {.response = box->response,
                                  .mask = box->mask,
                                  .threshold = threshold,
                                  .capacity = capacity,
                                  .index = *index,
                                  .found = &found};
    for (int a = 0; a < 3; a++) {
        args.n[a] = box->n[a];
        args.begin[a] = 1;
        args.end[a] = 1 + n_core[a];
    }
    RS_TRY(rs_context_kernels(ctx)->maxima(ctx, &args));
    *n = found < capacity ? found : capacity;
    return RS_OK;
}

/* Maxima of each scale for itself: beside a vessel many a lesion is none in scale space (science C6A.8). */
static rs_status find_maxima(rs_context *ctx, rs_arena *scratch, const rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    for (int n = level->first_reported; n < level->end_reported; n++) {
        rs_arena_mark mark = rs_arena_where(scratch);
        rs_tile_box box = {.response = t->response[n], .mask = t->mask};
        memcpy(box.n, t->n_margin, sizeof box.n);
        int32_t *index;
        int64_t found;
        float threshold = (float)(t->job->wish->min_response_hu * RS_WEAK_SHARE * level->rho[n]);
        RS_TRY(rs_tile_maxima(ctx, scratch, &box, threshold, &index, &found));
        for (int64_t m = 0; m < found; m++)
            RS_TRY(keep(ctx, t, n, index[m]));
        rs_arena_rewind(scratch, mark);
    }
    return RS_OK;
}

static rs_status work_on(rs_context *ctx, rs_arena *scratch, rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    for (int a = 0; a < 3; a++) {
        t->n_margin[a] = t->n_core[a] + 2;
        t->n_in[a] = t->n_margin[a] + 2 * t->job->halo[a];
    }
    t->in = RS_ARENA_RAW(scratch, float, rs_box_voxels(t->n_in));
    t->mask = RS_ARENA_RAW(scratch, uint8_t, rs_box_voxels(t->n_margin));
    for (int n = level->first; n < level->first + level->n_computed; n++) {
        t->response[n] = RS_ARENA_RAW(scratch, float, rs_box_voxels(t->n_margin));
        if (!t->response[n]) return rs_fail_memory(ctx, "the search");
    }
    if (!t->in || !t->mask) return rs_fail_memory(ctx, "the search");
    RS_TRY(read_input(ctx, scratch, t));
    fill_mask(t);
    RS_TRY(filter(ctx, t));
    take_noise(t);
    RS_TRY(find_maxima(ctx, scratch, t));
    return rs_wall_search(ctx, scratch, t);
}

static rs_status search_tile(rs_context *ctx, const rs_tile *tile, int worker, void *arg)
{
    rs_search_job *job = arg;
    rs_tile_work t = {.job = job, .out = &job->collectors[worker]};
    int32_t end[3];
    memcpy(t.begin, tile->core_begin, sizeof t.begin);
    memcpy(end, tile->core_end, sizeof end);
    if (!cut_to_search(job, t.begin, end)) return RS_OK;
    for (int a = 0; a < 3; a++)
        t.n_core[a] = end[a] - t.begin[a];
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the search");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = work_on(ctx, scratch, &t);
    rs_arena_rewind(scratch, mark);
    return status;
}

static rs_status search_level(rs_context *ctx, rs_search_job *job)
{
    const rs_level *level = job->level;
    rs_tiling tiling = {.size = {TILE_COLUMNS, TILE_ROWS, TILE_SLICES}};
    int32_t begin[3], end[3];
    if (!rs_regions_search_box(job->wish->regions, begin, end)) return RS_OK;
    for (int a = 0; a < 3; a++) {
        int32_t up = a == 2 ? level->up : 1, step = level->step[a];
        job->n_fine[a] = (level->view.geometry.n[a] - 1) * up + 1;
        /* One voxel more on either side: the nearest of two grids may lie across the edge of the box. */
        tiling.begin[a] = (begin[a] / step - 1) * up;
        tiling.end[a] = ((end[a] - 1) / step + 2) * up;
        if (tiling.begin[a] < 0) tiling.begin[a] = 0;
        if (tiling.end[a] > job->n_fine[a]) tiling.end[a] = job->n_fine[a];
        tiling.limit[a] = job->n_fine[a];
        job->halo[a] = 0;
    }
    for (int n = level->first; n < level->first + level->n_computed; n++) {
        int32_t halo[3];
        rs_laplace_halo(level->sigma_mm[n], level->spacing_mm, halo);
        for (int a = 0; a < 3; a++)
            job->halo[a] = halo[a] > job->halo[a] ? halo[a] : job->halo[a];
    }
    rs_wall_widen(job);
    return rs_for_tiles(ctx, &tiling, search_tile, job);
}

/* 1.4826 x the median distance from the median, of all workers' histograms. */
static double noise_sd(const rs_search_job *job, int n_workers, int scale)
{
    int64_t bins[RS_NOISE_BINS] = {0}, total = 0, below = 0;
    for (int w = 0; w < n_workers; w++)
        for (int b = 0; b < RS_NOISE_BINS; b++)
            bins[b] += job->collectors[w].noise[scale][b];
    for (int b = 0; b < RS_NOISE_BINS; b++)
        total += bins[b];
    if (total == 0) return 0;
    int median = 0;
    while ((below += bins[median]) * 2 < total)
        median++;
    int64_t within = bins[median];
    int distance = 0;
    while (within * 2 < total) {
        distance++;
        within += (median - distance >= 0 ? bins[median - distance] : 0) +
                  (median + distance < RS_NOISE_BINS ? bins[median + distance] : 0);
    }
    return 1.4826 * distance;
}

static int by_place(const void *a, const void *b)
{
    const rs_hit *x = a, *y = b;
    for (int axis = 2; axis >= 0; axis--)
        if (x->index[axis] != y->index[axis]) return x->index[axis] < y->index[axis] ? -1 : 1;
    return x->step < y->step ? -1 : x->step > y->step;
}

/* Noise has few large blobs (science C2.5): a faint large one is worth a look that a faint small one is not. */
static double least_response_sd(const rs_search_wish *wish, int scale)
{
    bool large = wish->scales->scale[scale].diameter_mm >= 2 * wish->faint_radius_mm;
    return large ? wish->faint_response_sd : wish->min_response_sd;
}

static rs_status join(rs_context *ctx, const rs_search_job *job, int n_workers, rs_arena *arena, rs_hits *out)
{
    const rs_search_wish *wish = job->wish;
    *out = (rs_hits){0};
    for (int w = 0; w < n_workers; w++)
        out->n_raw += job->collectors[w].n;
    for (int n = 0; n < wish->scales->n; n++) {
        out->sd_hu[n] = noise_sd(job, n_workers, n);
        /* Noise falls with the scale (science C2.5); what rises again is anatomy, and would hide large lesions. */
        if (n > 0 && out->sd_hu[n] > out->sd_hu[n - 1] && out->sd_hu[n - 1] > 0) out->sd_hu[n] = out->sd_hu[n - 1];
    }
    out->items = RS_ARENA_RAW(arena, rs_hit, out->n_raw);
    if (!out->items) return rs_fail_memory(ctx, "the candidates");
    for (int w = 0; w < n_workers; w++)
        for (int m = 0; m < job->collectors[w].n; m++) {
            const rs_hit *hit = &job->collectors[w].hits[m];
            int scale = (int)(hit->step + 0.5);
            bool at_wall = hit->wall_hu > 0;
            double value = (double)(at_wall ? hit->wall_hu : hit->response_hu);
            double least_sd = at_wall ? wish->wall_response_sd : least_response_sd(wish, scale);
            if (value > least_sd * out->sd_hu[scale]) out->items[out->n++] = *hit;
        }
    if (out->n > 1) qsort(out->items, (size_t)out->n, sizeof *out->items, by_place);
    return RS_OK;
}

static rs_status open_collectors(rs_context *ctx, rs_search_job *job, int n_workers)
{
    for (int w = 0; w < n_workers; w++) {
        rs_collector *c = &job->collectors[w];
        c->arena = rs_arena_new();
        c->noise = c->arena ? rs_arena_alloc(c->arena, RS_SCALES_MAX, sizeof *c->noise) : NULL;
        if (!c->noise) return rs_fail_memory(ctx, "the search");
    }
    return RS_OK;
}

rs_status rs_search(rs_context *ctx, const rs_search_wish *wish, rs_arena *arena, rs_hits *out)
{
    int n_workers = rs_context_threads(ctx);
    rs_search_job job = {.wish = wish};
    rs_regions_search_table(wish->regions, job.searched);
    job.collectors = RS_ARENA_NEW(arena, rs_collector, n_workers);
    if (!job.collectors) return rs_fail_memory(ctx, "the search");
    rs_status status = open_collectors(ctx, &job, n_workers);
    rs_block deep = {0};
    if (status == RS_OK) status = rs_wall_make(ctx, wish, job.searched, &deep);
    job.deep = deep.data;
    for (int n = 0; n < wish->levels->n && status == RS_OK; n++) {
        job.level = &wish->levels->level[n];
        status = search_level(ctx, &job);
    }
    if (status == RS_OK) status = join(ctx, &job, n_workers, arena, out);
    rs_block_give(ctx, &deep);
    for (int w = 0; w < n_workers; w++)
        rs_arena_free(job.collectors[w].arena);
    return status;
}
