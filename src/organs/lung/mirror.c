/* Where the other lung shows that lung is missing (science C3.4): dense tissue behind a lung where its mirror image has
   lung, as fluid or collapse make it; and a lung that ends far above or below the other one. Both are not searched, and
   said so. What both sides lack alike is not seen. In eight chests and parts of chests without such disease 0.4 to 3.1
   % of a lung count as behind it (4.4 % where a tumour lies there), and the ends of both lungs differ by 0 to 15 mm. */
#include <math.h>

#include "lung.h"

#define GRID_MM 3.0
#define BACK_SHARE 0.67  /* of the lungs' depth, from the front: before it lie heart and liver, which are not alike */
#define THREAD_SHARE 0.1 /* of the section of the other lung: open bronchi in a solid lobe are less, and no lung */
#define END_MM 30.0      /* ends of both lungs may differ by so much, as their domes do */

typedef struct mirror_range {
    int32_t low[3], high[3]; /* frame voxels; low > high: none */
} mirror_range;

typedef struct mirror_plane {
    mirror_range range[2]; /* left, right */
    int64_t n[2], behind[2], beyond[2];
} mirror_plane;

typedef struct mirror_pass {
    lung_work *work;
    int32_t step[3];
    mirror_plane *planes; /* every step[2]-th plane */
    mirror_range range[2];
    int32_t twice_middle, back_y;
    int16_t dense_low, dense_high;
} mirror_pass;

static void widen(mirror_range *range, int32_t x, int32_t y, int32_t z)
{
    const int32_t at[3] = {x, y, z};
    for (int a = 0; a < 3; a++) {
        if (at[a] < range->low[a]) range->low[a] = at[a];
        if (at[a] > range->high[a]) range->high[a] = at[a];
    }
}

static void clear(const lung_frame *f, mirror_range *range)
{
    *range = (mirror_range){{f->n[0], f->n[1], f->n[2]}, {-1, -1, -1}};
}

static rs_status range_plane(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx, (void)worker;
    mirror_pass *p = arg;
    const lung_frame *f = &p->work->frame;
    int32_t z = (int32_t)item * p->step[2];
    for (int lung = 0; lung < 2; lung++)
        clear(f, &p->planes[item].range[lung]);
    for (int32_t y = 0; y < f->n[1]; y += p->step[1])
        for (int32_t x = 0; x < f->n[0]; x += p->step[0]) {
            int lung = p->work->labels[lung_at(f, x, y, z)] - CODE_LEFT;
            if (lung < 0 || lung > 1) continue;
            widen(&p->planes[item].range[lung], x, y, z);
            p->planes[item].n[lung]++;
        }
    return RS_OK;
}

static void fold_ranges(mirror_pass *p, int32_t n_planes)
{
    for (int lung = 0; lung < 2; lung++) {
        clear(&p->work->frame, &p->range[lung]);
        for (int32_t i = 0; i < n_planes; i++) {
            const mirror_plane *plane = &p->planes[i];
            const mirror_range *r = &plane->range[lung];
            if (r->high[0] < 0 || (double)plane->n[lung] < THREAD_SHARE * (double)plane->n[1 - lung]) continue;
            widen(&p->range[lung], r->low[0], r->low[1], r->low[2]);
            widen(&p->range[lung], r->high[0], r->high[1], r->high[2]);
        }
    }
}

/* Dense tissue whose mirror image is the other lung. */
static rs_status count_plane(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx, (void)worker;
    mirror_pass *p = arg;
    const lung_work *work = p->work;
    const lung_frame *f = &work->frame;
    int32_t z = (int32_t)item * p->step[2];
    for (int32_t y = 0; y < f->n[1]; y += p->step[1])
        for (int32_t x = 0; x < f->n[0]; x += p->step[0]) {
            int other = work->labels[lung_at(f, x, y, z)] - CODE_LEFT;
            int32_t across = p->twice_middle - x;
            if (other < 0 || other > 1 || across < 0 || across >= f->n[0]) continue;
            int64_t at = lung_at(f, across, y, z);
            int16_t v = work->volume->voxels[at];
            if (work->labels[at] != CODE_BODY || v < p->dense_low || v > p->dense_high) continue;
            bool level = z >= p->range[1 - other].low[2] && z <= p->range[1 - other].high[2];
            p->planes[item].behind[1 - other] += level && y >= p->back_y;
            p->planes[item].beyond[1 - other] += !level;
        }
    return RS_OK;
}

static void give(const mirror_pass *p, int32_t n_planes, int lung)
{
    lung_work *work = p->work;
    const lung_frame *f = &work->frame;
    const mirror_range *own = &p->range[lung], *other = &p->range[1 - lung];
    double ml = p->step[0] * p->step[1] * p->step[2] * work->voxel_ml;
    int64_t behind = 0, beyond = 0;
    for (int32_t i = 0; i < n_planes; i++)
        behind += p->planes[i].behind[lung], beyond += p->planes[i].beyond[lung];
    double below_mm = (own->low[2] - other->low[2]) * f->spacing_mm[2];
    double above_mm = (other->high[2] - own->high[2]) * f->spacing_mm[2];
    work->behind_ml[lung] = (double)behind * ml;
    work->short_mm[lung] = fmax(below_mm, above_mm);
    work->short_above[lung] = above_mm > below_mm;
    work->short_ml[lung] = work->short_mm[lung] > END_MM ? (double)beyond * ml : 0;
    rs_log(work->ctx, RS_LOG_DEBUG, "%s lung beside the other one: %.0f ml behind it, %.0f mm shorter, %.0f ml there",
           lung == 0 ? "left" : "right", work->behind_ml[lung], work->short_mm[lung], (double)beyond * ml);
}

rs_status lung_ask_mirror(lung_work *work)
{
    const lung_frame *f = &work->frame;
    mirror_pass p = {.work = work,
                     .dense_low = rs_volume_stored(work->volume, lung_param(work, "lung_dense_low_hu")),
                     .dense_high = rs_volume_stored(work->volume, lung_param(work, "lung_dense_high_hu"))};
    for (int a = 0; a < 3; a++)
        p.step[a] = (int32_t)fmax(1, rint(GRID_MM / f->spacing_mm[a]));
    int32_t n_planes = (f->n[2] + p.step[2] - 1) / p.step[2];
    rs_arena_mark mark = rs_arena_where(work->own);
    p.planes = RS_ARENA_NEW(work->own, mirror_plane, n_planes);
    if (!p.planes) return rs_fail_memory(work->ctx, "the mirror image of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, n_planes, range_plane, &p));
    fold_ranges(&p, n_planes);
    const mirror_range *left = &p.range[0], *right = &p.range[1];
    if (left->high[0] >= 0 && right->high[0] >= 0) {
        p.twice_middle = left->high[0] + right->low[0];
        int32_t front = left->low[1] < right->low[1] ? left->low[1] : right->low[1];
        int32_t back = left->high[1] > right->high[1] ? left->high[1] : right->high[1];
        /* Where the header has front and back the wrong way round nothing is known to lie behind. */
        bool turned = work->spine_speaks && !work->spine_behind;
        p.back_y = turned ? f->n[1] : front + (int32_t)(BACK_SHARE * (back - front));
        RS_TRY(rs_parallel_for(work->ctx, n_planes, count_plane, &p));
        for (int lung = 0; lung < 2; lung++)
            give(&p, n_planes, lung);
    }
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
