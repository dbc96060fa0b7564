/* Lungs that touch are cut apart (science C3.2): in every plane along the way from front to back that costs least,
   where tissue is nearly free and air the dearer the thinner it is. So the way runs in the mediastinum and crosses the
   junction where it is densest; never a fixed plane. */
#include <math.h>

#include "lung.h"

#define STEP_COST 0.05f   /* of tissue, so that ways do not wander */
#define MIDDLE_COST 0.01f /* per mm off the middle */
#define AIR_COST 8.0f
#define HU_COST 0.1f /* per HU below the threshold of air */

typedef struct cut_pass {
    lung_work *work;
    int32_t x0, width;
} cut_pass;

static void costs_of_row(const cut_pass *p, int32_t y, int32_t z, float *cost)
{
    const lung_work *work = p->work;
    const lung_frame *f = &work->frame;
    int64_t at = lung_at(f, p->x0, y, z);
    for (int32_t i = 0; i < p->width; i++, at += f->stride[0]) {
        float off = (float)(fabs(p->x0 + i - work->middle) * f->spacing_mm[0]);
        cost[i] = STEP_COST + MIDDLE_COST * off;
        if (work->labels[at] != CODE_MARK) continue;
        double hu = work->volume->voxels[at] * work->volume->slope + work->volume->offset;
        cost[i] += AIR_COST + HU_COST * fmaxf((float)(work->air_hu - hu), 0);
    }
}

/* Of three ways the straight one first, so that ties are settled alike everywhere. */
static void advance(const float *before, const float *cost, int32_t width, float *after, int8_t *from)
{
    for (int32_t i = 0; i < width; i++) {
        int8_t best = 0;
        float sum = before[i];
        if (i > 0 && before[i - 1] < sum) sum = before[i - 1], best = -1;
        if (i + 1 < width && before[i + 1] < sum) sum = before[i + 1], best = 1;
        after[i] = sum + cost[i];
        from[i] = best;
    }
}

static void give_row(const cut_pass *p, int32_t y, int32_t z, int32_t cut)
{
    const lung_frame *f = &p->work->frame;
    int64_t at = lung_at(f, 0, y, z);
    for (int32_t x = 0; x < f->n[0]; x++, at += f->stride[0]) {
        uint8_t *label = &p->work->labels[at];
        if (*label == CODE_MARK) *label = x > cut ? CODE_LEFT : CODE_RIGHT;
    }
}

/* Rows of a plane that hold what is to be cut. */
static bool rows_of(const lung_work *work, int32_t z, int32_t *first, int32_t *last)
{
    const lung_frame *f = &work->frame;
    *first = f->n[1], *last = -1;
    for (int32_t y = 0; y < f->n[1]; y++) {
        int64_t at = lung_at(f, 0, y, z);
        for (int32_t x = 0; x < f->n[0]; x++, at += f->stride[0]) {
            if (work->labels[at] != CODE_MARK) continue;
            if (y < *first) *first = y;
            *last = y;
            break;
        }
    }
    return *last >= 0;
}

static rs_status cut_plane(rs_context *ctx, int64_t z, int worker, void *arg)
{
    (void)worker;
    cut_pass *p = arg;
    int32_t first, last, width = p->width;
    if (!rows_of(p->work, (int32_t)z, &first, &last)) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the cut between the lungs");
    rs_arena_mark mark = rs_arena_where(scratch);
    float *sums = RS_ARENA_NEW(scratch, float, 3 * (size_t)width);
    int8_t *from = RS_ARENA_NEW(scratch, int8_t, (size_t)(last - first + 1) * (size_t)width);
    if (!sums || !from) return rs_fail_memory(ctx, "the cut between the lungs");
    float *before = sums, *after = sums + width, *cost = sums + 2 * width;
    for (int32_t y = first; y <= last; y++) {
        costs_of_row(p, y, (int32_t)z, cost);
        advance(before, cost, width, after, from + (int64_t)(y - first) * width);
        float *swap = before;
        before = after, after = swap;
    }
    int32_t at = 0;
    for (int32_t i = 1; i < width; i++) {
        if (before[i] < before[at]) at = i;
    }
    for (int32_t y = last; y >= first; y--) {
        give_row(p, y, (int32_t)z, p->x0 + at);
        at += from[(int64_t)(y - first) * width + at];
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

rs_status lung_cut_joined(lung_work *work)
{
    const lung_frame *f = &work->frame;
    double band = lung_param(work, "lung_cut_band_mm") / f->spacing_mm[0];
    int32_t x0 = (int32_t)fmax(0, work->middle - band), x1 = (int32_t)fmin(f->n[0] - 1, work->middle + band);
    cut_pass p = {.work = work, .x0 = x0, .width = x1 - x0 + 1};
    return rs_parallel_for(work->ctx, f->n[2], cut_plane, &p);
}
