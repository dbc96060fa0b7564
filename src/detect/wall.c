/* A lesion that lies flat on the wall has no maximum of its own beside the wall's. So everything that is not searched
   takes the value of lung, and what is left is asked for the determinant of its Hessian: the product of three
   curvatures, which is next to nothing on vessels and on the edge that the lung's outline leaves (science C6A.8). */
#include "wall.h"

#include <math.h>
#include <string.h>

#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/hessian.h"
#include "restage/parallel.h"

/* A box of the tile around what is near the wall. Its responses have a margin of one voxel, its input the halo beyond
   that. */
typedef struct wall_box {
    const rs_tile_work *t;
    int32_t from[3]; /* of its first voxel in the box of the tile's responses */
    int32_t n[3], n_in[3], halo[3];
    float *in, *measure;
    uint8_t *shell, *wanted, *half;
} wall_box;

static int end_scale(const rs_search_wish *wish, const rs_level *level)
{
    return level->end_reported < wish->wall_scales ? level->end_reported : wish->wall_scales;
}

static double depth_mm(const rs_search_wish *wish, int scale)
{
    return wish->wall_depth_radii * 0.5 * wish->scales->scale[scale].diameter_mm + wish->wall_depth_mm;
}

typedef struct pack_job {
    const rs_regions *regions;
    const uint8_t *searched;
    int32_t begin[3], end[3]; /* the box of what is searched */
    uint64_t *bits;
} pack_job;

/* Rows outside the box are not read: labels that nobody wrote or read take no memory. */
static rs_status pack_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    const pack_job *job = arg;
    const int32_t *n = job->regions->geometry.n, rows = job->end[1] - job->begin[1];
    uint64_t *slice = job->bits + k * n[1] * rs_bits_words(n[0]);
    (void)worker;
    memset(slice, 0, (size_t)n[1] * (size_t)rs_bits_words(n[0]) * sizeof *slice);
    if (k < job->begin[2] || k >= job->end[2]) return RS_OK;
    return rs_bits_pack(ctx, (const int32_t[3]){n[0], rows, 1},
                        job->regions->labels + (k * n[1] + job->begin[1]) * n[0], job->searched,
                        slice + (int64_t)job->begin[1] * rs_bits_words(n[0]));
}

static rs_status pack_searched(rs_context *ctx, const rs_regions *regions, const uint8_t *searched, uint64_t *bits)
{
    pack_job job = {.regions = regions, .searched = searched, .bits = bits};
    (void)rs_regions_search_box(regions, job.begin, job.end); /* nothing searched: an empty box */
    return rs_parallel_for(ctx, regions->geometry.n[2], pack_slice, &job);
}

rs_status rs_wall_make(rs_context *ctx, const rs_search_wish *wish, const uint8_t searched[256], rs_block *deep)
{
    const rs_regions *regions = wish->regions;
    const rs_geometry *g = &regions->geometry;
    int last = wish->wall_scales < wish->scales->n ? wish->wall_scales - 1 : wish->scales->n - 1;
    size_t bytes = rs_bits_total(g->n) * sizeof(uint64_t);
    rs_block all = {0};
    *deep = (rs_block){0};
    if (last < 0) return RS_OK;
    RS_TRY(rs_block_take(ctx, bytes, "the wall", deep));
    rs_status status = rs_block_take(ctx, bytes, "the wall", &all);
    if (status == RS_OK) status = pack_searched(ctx, regions, searched, all.data);
    struct rs_ball_args args = {
        .radius_mm = depth_mm(wish, last), .operation = RS_BALL_ERODE, .in = all.data, .out = deep->data};
    memcpy(args.n, g->n, sizeof args.n);
    memcpy(args.spacing_mm, g->spacing_mm, sizeof args.spacing_mm);
    if (status == RS_OK) status = rs_context_kernels(ctx)->ball(ctx, &args);
    rs_block_give(ctx, &all);
    if (status != RS_OK) rs_block_give(ctx, deep);
    return status;
}

/* The widest halo of the scales that are searched on a level. */
static void find_halo(const rs_search_wish *wish, const rs_level *level, int32_t halo[3])
{
    memset(halo, 0, 3 * sizeof *halo);
    for (int n = level->first_reported; n < end_scale(wish, level); n++) {
        int32_t one[3];
        rs_hessian_halo(level->sigma_mm[n], level->spacing_mm, one);
        for (int a = 0; a < 3; a++)
            halo[a] = one[a] > halo[a] ? one[a] : halo[a];
    }
}

void rs_wall_widen(rs_search_job *job)
{
    int32_t halo[3];
    find_halo(job->wish, job->level, halo);
    for (int a = 0; a < 3; a++)
        job->halo[a] = halo[a] > job->halo[a] ? halo[a] : job->halo[a];
}

/* Row of the volume under row (j, k) of the tile's responses; j and k may lie outside it. */
static size_t row_under(const rs_tile_work *t, int32_t j, int32_t k)
{
    const rs_geometry *g = &t->job->wish->regions->geometry;
    int32_t y = t->begin[1] - 1 + j, z = t->begin[2] - 1 + k;
    return (size_t)rs_nearest_voxel(t->job, 2, z < 0 ? 0 : z) * (size_t)g->n[1] +
           (size_t)rs_nearest_voxel(t->job, 1, y < 0 ? 0 : y);
}

/* Columns of the volume under n columns of the tile's responses from `first` on. */
static int32_t *columns_under(rs_arena *scratch, const rs_tile_work *t, int32_t first, int32_t n)
{
    int32_t *column = RS_ARENA_RAW(scratch, int32_t, n);
    for (int32_t i = 0; column && i < n; i++) {
        int32_t x = t->begin[0] - 1 + first + i;
        column[i] = rs_nearest_voxel(t->job, 0, x < 0 ? 0 : x);
    }
    return column;
}

/* Marks what is searched and not deep in the core's box, and finds the box around it; false: nothing. */
static bool find_shell(const rs_tile_work *t, const int32_t *column, uint8_t *shell, int32_t low[3], int32_t high[3])
{
    const rs_geometry *g = &t->job->wish->regions->geometry;
    const size_t words = (size_t)rs_bits_words(g->n[0]);
    memset(shell, 0, (size_t)rs_box_voxels(t->n_margin));
    for (int a = 0; a < 3; a++) {
        low[a] = t->n_margin[a];
        high[a] = 0;
    }
    for (int32_t k = 1; k <= t->n_core[2]; k++)
        for (int32_t j = 1; j <= t->n_core[1]; j++) {
            const uint64_t *deep = t->job->deep + row_under(t, j, k) * words;
            const size_t row = ((size_t)k * (size_t)t->n_margin[1] + (size_t)j) * (size_t)t->n_margin[0];
            int32_t first = t->n_margin[0], last = -1;
            for (int32_t i = 1; i <= t->n_core[0]; i++) {
                const int32_t x = column[i];
                const uint8_t near = t->mask[row + (size_t)i] & (uint8_t)(~(deep[x / 64] >> (x % 64)) & 1U);
                shell[row + (size_t)i] = near;
                if (near && last < 0) first = i;
                if (near) last = i;
            }
            if (last < 0) continue;
            const int32_t at[2][3] = {{first, j, k}, {last, j, k}};
            for (int a = 0; a < 3; a++) {
                low[a] = at[0][a] < low[a] ? at[0][a] : low[a];
                high[a] = at[1][a] + 1 > high[a] ? at[1][a] + 1 : high[a];
            }
        }
    return high[2] > low[2];
}

/* The tile's input around the box, without what is not searched; lesions bright. */
static rs_status copy_bare(rs_context *ctx, rs_arena *scratch, const wall_box *box)
{
    const rs_tile_work *t = box->t;
    const rs_search_wish *wish = t->job->wish;
    const rs_geometry *g = &wish->regions->geometry;
    const float fill = (float)wish->wall_fill_hu, turn = wish->bright ? 1.0F : -1.0F;
    int32_t first[3];
    for (int a = 0; a < 3; a++)
        first[a] = box->from[a] - box->halo[a];
    const int32_t *column = columns_under(scratch, t, first[0], box->n_in[0]);
    if (!column) return rs_fail_memory(ctx, "the search");
    float *out = box->in;
    for (int32_t k = first[2]; k < first[2] + box->n_in[2]; k++)
        for (int32_t j = first[1]; j < first[1] + box->n_in[1]; j++, out += box->n_in[0]) {
            const uint8_t *labels = wish->regions->labels + row_under(t, j, k) * (size_t)g->n[0];
            const int32_t *h = t->job->halo;
            const float *in = t->in +
                              ((size_t)(k + h[2]) * (size_t)t->n_in[1] + (size_t)(j + h[1])) * (size_t)t->n_in[0] +
                              (size_t)(first[0] + h[0]);
            for (int32_t i = 0; i < box->n_in[0]; i++) {
                const float either[2] = {fill, in[i]}; /* no branch: the wall is ragged */
                out[i] = turn * either[t->job->searched[labels[column[i]]]];
            }
        }
    return RS_OK;
}

/* Every voxel beside a marked one is wanted too: maxima are compared with their neighbours. Over the packed box, so
   that rows run into each other at the margin, which only wants more. */
static void widen(const uint8_t *in, int64_t n, int64_t step, uint8_t *out)
{
    memcpy(out, in, (size_t)n);
    for (int64_t p = step; p < n; p++)
        out[p] |= in[p - step];
    for (int64_t p = 0; p + step < n; p++)
        out[p] |= in[p + step];
}

static void want(wall_box *box)
{
    const int64_t n = rs_box_voxels(box->n);
    widen(box->shell, n, 1, box->wanted);
    widen(box->wanted, n, box->n[0], box->half);
    widen(box->half, n, (int64_t)box->n[0] * box->n[1], box->wanted);
}

/* Is there a voxel within `reach_mm` that is not searched? */
static bool is_near_wall(const rs_search_job *job, const int32_t voxel[3], double reach_mm)
{
    const rs_regions *regions = job->wish->regions;
    const rs_geometry *g = &regions->geometry;
    int32_t low[3], high[3];
    for (int a = 0; a < 3; a++) {
        int32_t reach = (int32_t)(reach_mm / g->spacing_mm[a]);
        low[a] = voxel[a] < reach ? 0 : voxel[a] - reach;
        high[a] = voxel[a] + reach < g->n[a] ? voxel[a] + reach : g->n[a] - 1;
    }
    for (int32_t k = low[2]; k <= high[2]; k++)
        for (int32_t j = low[1]; j <= high[1]; j++) {
            const uint8_t *row = regions->labels + ((size_t)k * (size_t)g->n[1] + (size_t)j) * (size_t)g->n[0];
            double z = (k - voxel[2]) * g->spacing_mm[2], y = (j - voxel[1]) * g->spacing_mm[1];
            for (int32_t i = low[0]; i <= high[0]; i++) {
                double x = (i - voxel[0]) * g->spacing_mm[0];
                if (!job->searched[row[i]] && x * x + y * y + z * z < reach_mm * reach_mm) return true;
            }
        }
    return false;
}

static rs_status keep(rs_context *ctx, const wall_box *box, int scale, int64_t at)
{
    const rs_tile_work *t = box->t;
    const rs_level *level = t->job->level;
    const rs_search_wish *wish = t->job->wish;
    const int64_t stride[3] = {1, box->n[0], (int64_t)box->n[0] * box->n[1]};
    const int32_t in_tile[3] = {box->from[0] + (int32_t)(at % stride[1]),
                                box->from[1] + (int32_t)(at / stride[1] % box->n[1]),
                                box->from[2] + (int32_t)(at / stride[2])};
    int32_t fine[3], voxel[3];
    for (int a = 0; a < 3; a++) {
        fine[a] = t->begin[a] - 1 + in_tile[a];
        voxel[a] = rs_nearest_voxel(t->job, a, fine[a]);
    }
    double way[3], value = (double)box->measure[at];
    value = (value + rs_tile_refine(box->measure + at, stride, way)) / level->wall_rho[scale];
    if (!(value > wish->wall_response_hu) || !is_near_wall(t->job, voxel, depth_mm(wish, scale))) return RS_OK;
    const int64_t place = ((int64_t)in_tile[2] * t->n_margin[1] + in_tile[1]) * t->n_margin[0] + in_tile[0];
    const double other = (double)t->response[scale][place] / level->rho[scale];
    rs_hit hit = {.step = scale,
                  .response_hu = (float)fmax(value, other),
                  .rho = (float)level->rho[scale],
                  .wall_hu = (float)value};
    return rs_tile_keep(ctx, t, fine, way, &hit);
}

static rs_status search_scale(rs_context *ctx, rs_arena *scratch, const wall_box *box, int scale)
{
    const rs_search_job *job = box->t->job;
    const rs_level *level = job->level;
    const double s = job->wish->scales->scale[scale].sigma_mm;
    struct rs_hessian_args args = {.in = box->in, .out = box->measure, .wanted = box->wanted, .factor = s * s};
    memcpy(args.n, box->n_in, sizeof args.n);
    memcpy(args.halo, box->halo, sizeof args.halo);
    memcpy(args.spacing_mm, level->spacing_mm, sizeof args.spacing_mm);
    memcpy(args.sigma_mm, level->sigma_mm[scale], sizeof args.sigma_mm);
    RS_TRY(rs_context_kernels(ctx)->hessian(ctx, &args));
    rs_tile_box maxima = {.response = box->measure, .mask = box->shell};
    memcpy(maxima.n, box->n, sizeof maxima.n);
    int32_t *index;
    int64_t found;
    const double threshold = job->wish->wall_response_hu * RS_WEAK_SHARE * level->wall_rho[scale];
    RS_TRY(rs_tile_maxima(ctx, scratch, &maxima, (float)threshold, &index, &found));
    for (int64_t m = 0; m < found; m++)
        RS_TRY(keep(ctx, box, scale, index[m]));
    return RS_OK;
}

/* The marks of the tile within the box; its margin is empty. */
static void cut_shell(const wall_box *box, const uint8_t *shell)
{
    const int32_t *whole = box->t->n_margin;
    memset(box->shell, 0, (size_t)rs_box_voxels(box->n));
    for (int32_t k = 1; k + 1 < box->n[2]; k++)
        for (int32_t j = 1; j + 1 < box->n[1]; j++)
            memcpy(box->shell + ((size_t)k * (size_t)box->n[1] + (size_t)j) * (size_t)box->n[0] + 1,
                   shell +
                       ((size_t)(k + box->from[2]) * (size_t)whole[1] + (size_t)(j + box->from[1])) * (size_t)whole[0] +
                       (size_t)box->from[0] + 1,
                   (size_t)(box->n[0] - 2));
}

rs_status rs_wall_search(rs_context *ctx, rs_arena *scratch, const rs_tile_work *t)
{
    const rs_level *level = t->job->level;
    wall_box box = {.t = t};
    int32_t low[3], high[3];
    if (level->first_reported >= end_scale(t->job->wish, level)) return RS_OK;
    const int32_t *column = columns_under(scratch, t, 0, t->n_margin[0]);
    uint8_t *shell = RS_ARENA_RAW(scratch, uint8_t, rs_box_voxels(t->n_margin));
    if (!column || !shell) return rs_fail_memory(ctx, "the search");
    if (!find_shell(t, column, shell, low, high)) return RS_OK;
    find_halo(t->job->wish, level, box.halo);
    for (int a = 0; a < 3; a++) {
        box.from[a] = low[a] - 1;
        box.n[a] = high[a] - low[a] + 2;
        box.n_in[a] = box.n[a] + 2 * box.halo[a];
    }
    box.in = RS_ARENA_RAW(scratch, float, rs_box_voxels(box.n_in));
    box.measure = RS_ARENA_RAW(scratch, float, rs_box_voxels(box.n));
    box.shell = RS_ARENA_RAW(scratch, uint8_t, rs_box_voxels(box.n));
    box.wanted = RS_ARENA_RAW(scratch, uint8_t, rs_box_voxels(box.n));
    box.half = RS_ARENA_RAW(scratch, uint8_t, rs_box_voxels(box.n));
    if (!box.in || !box.measure || !box.shell || !box.wanted || !box.half) return rs_fail_memory(ctx, "the search");
    cut_shell(&box, shell);
    RS_TRY(copy_bare(ctx, scratch, &box));
    want(&box);
    for (int n = level->first_reported; n < end_scale(t->job->wish, level); n++)
        RS_TRY(search_scale(ctx, scratch, &box, n));
    return RS_OK;
}
