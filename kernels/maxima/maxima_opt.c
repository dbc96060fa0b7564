/* Local maxima in order of cost: eight voxels at once against threshold, their neighbours in the row and their own
   place in the scales beside; the few that are left are asked one by one (performance 3.3.2). */
#include "kernel.h"
#include "lanes.h"
#include "restage/kernels/maxima.h"

typedef struct frame {
    const rs_maxima_args *args;
    int32_t begin[3], end[3];
    int64_t row, slice;
    int64_t found;
} frame;

/* v > p and v >= p for the three voxels around p that exist. */
LANES_INLINE int above_three(float v, const float *p, int32_t low, int32_t high)
{
    for (int32_t d = low; d <= high; d++)
        if (!(v > p[d])) return 0;
    return 1;
}

LANES_INLINE int not_below_three(float v, const float *p, int32_t low, int32_t high)
{
    for (int32_t d = low; d <= high; d++)
        if (!(v >= p[d])) return 0;
    return 1;
}

static int beats_scale(const frame *f, float v, int32_t j, int32_t k, int64_t at, int32_t low, int32_t high)
{
    const rs_maxima_args *args = f->args;
    const bool centre = args->scales == RS_MAXIMA_CENTRE;
    if (args->below != NULL && !(v > args->below[at])) return 0;
    if (args->above != NULL && !(v >= args->above[at])) return 0;
    if (centre || (args->below == NULL && args->above == NULL)) return 1;
    for (int32_t z = k > 0 ? -1 : 0; z <= (k + 1 < args->n[2] ? 1 : 0); z++)
        for (int32_t y = j > 0 ? -1 : 0; y <= (j + 1 < args->n[1] ? 1 : 0); y++) {
            int64_t p = at + z * f->slice + y * f->row;
            if (args->below != NULL && !above_three(v, args->below + p, low, high)) return 0;
            if (args->above != NULL && !not_below_three(v, args->above + p, low, high)) return 0;
        }
    return 1;
}

static int is_maximum(const frame *f, int32_t i, int32_t j, int32_t k, int64_t at)
{
    const rs_maxima_args *args = f->args;
    const float v = args->response[at];
    if (args->mask != NULL && args->mask[at] == 0) return 0;
    if (!(v > args->threshold)) return 0;
    const int32_t low = i > 0 ? -1 : 0, high = i + 1 < args->n[0] ? 1 : 0;
    if (low < 0 && !(v > args->response[at - 1])) return 0;
    if (high > 0 && !(v >= args->response[at + 1])) return 0;
    for (int32_t z = k > 0 ? -1 : 0; z <= (k + 1 < args->n[2] ? 1 : 0); z++)
        for (int32_t y = j > 0 ? -1 : 0; y <= (j + 1 < args->n[1] ? 1 : 0); y++) {
            const float *p = args->response + at + z * f->slice + y * f->row;
            if (z == 0 && y == 0) continue;
            if (z < 0 || (z == 0 && y < 0) ? !above_three(v, p, low, high) : !not_below_three(v, p, low, high))
                return 0;
        }
    return beats_scale(f, v, j, k, at, low, high);
}

static void ask(frame *f, int32_t i, int32_t j, int32_t k, int64_t at)
{
    if (!is_maximum(f, i, j, k, at)) return;
    if (f->found < f->args->capacity) f->args->index[f->found] = (int32_t)at;
    f->found++;
}

static void scan_row(frame *f, int32_t j, int32_t k)
{
    const rs_maxima_args *args = f->args;
    const int64_t first = k * f->slice + j * f->row;
    const float *row = args->response + first;
    const lanes threshold = lanes_all(args->threshold);
    int32_t i = f->begin[0];
    for (; i < f->end[0] && i < 1; i++)
        ask(f, i, j, k, first + i);
    for (; i + LANES <= f->end[0] && i + LANES < args->n[0]; i += LANES) {
        lanes v = lanes_load(row + i);
        lanes_mask m = v > threshold;
        if (!lanes_any(m)) continue;
        m &= (v > lanes_load(row + i - 1)) & (v >= lanes_load(row + i + 1));
        if (args->below != NULL) m &= v > lanes_load(args->below + first + i);
        if (args->above != NULL) m &= v >= lanes_load(args->above + first + i);
        if (!lanes_any(m)) continue;
        for (int32_t l = 0; l < LANES; l++)
            if (m[l] != 0) ask(f, i + l, j, k, first + i + l);
    }
    for (; i < f->end[0]; i++)
        ask(f, i, j, k, first + i);
}

rs_status RS_TIERED(maxima)(rs_context *ctx, const rs_maxima_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->response != NULL && args->found != NULL);
    RS_CHECK(ctx, args->capacity >= 0 && (args->capacity == 0 || args->index != NULL));
    frame f = {.args = args, .row = args->n[0], .slice = (int64_t)args->n[0] * args->n[1]};
    bool whole = true;
    for (int a = 0; a < 3; a++)
        whole = whole && args->begin[a] == 0 && args->end[a] == 0;
    for (int a = 0; a < 3; a++) {
        f.begin[a] = args->begin[a];
        f.end[a] = whole ? args->n[a] : args->end[a];
        RS_CHECK(ctx, f.begin[a] >= 0 && f.begin[a] <= f.end[a] && f.end[a] <= args->n[a]);
    }
    for (int32_t k = f.begin[2]; k < f.end[2]; k++)
        for (int32_t j = f.begin[1]; j < f.end[1]; j++)
            scan_row(&f, j, k);
    *args->found = f.found;
    return RS_OK;
}
