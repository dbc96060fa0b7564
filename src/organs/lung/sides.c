/* Left and right lung: components of lung by the middle plane; a component on both sides is cut (cut.c) first. */
#include <math.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/components.h"

#define JOINED_SHARE 0.2 /* of a component on its smaller side */
#define PIECE_SHARE 0.25 /* a piece cut off is smaller than this share of its lung */

/* Voxels of a component on the left of the middle plane. */
static int64_t count_left(const lung_work *work, const rs_components *found, int32_t component)
{
    const lung_frame *f = &work->frame;
    const rs_component *c = &found->items[component];
    int64_t left = 0;
    for (int32_t k = c->begin[2]; k < c->end[2]; k++) {
        for (int32_t j = c->begin[1]; j < c->end[1]; j++) {
            const int32_t *first = found->row_first + (int64_t)k * work->n[1] + j;
            for (int32_t r = first[0]; r < first[1]; r++) {
                rs_run run = found->runs[r];
                if (run.component != component) continue;
                int32_t at[3] = {run.i_begin, j, k}, length = run.i_end - run.i_begin;
                int32_t x = f->sign[0] < 0 ? f->n[0] - 1 - at[f->axis[0]] : at[f->axis[0]];
                if (f->axis[0] != 0) {
                    left += x > work->middle ? length : 0;
                } else {
                    int32_t low = f->sign[0] < 0 ? x - length + 1 : x;
                    double share = (low + length - 1 - floor(work->middle)) / length;
                    left += (int64_t)lround(fmin(fmax(share, 0), 1) * length);
                }
            }
        }
    }
    return left;
}

static rs_status components_of(lung_work *work, const uint8_t *mask, rs_components *out)
{
    rs_components_args args = {.n = {work->n[0], work->n[1], work->n[2]},
                               .rows = {work->rows[0], work->rows[1]},
                               .labels = work->labels,
                               .in_mask = mask,
                               .arena = work->own,
                               .out = out};
    return rs_context_kernels(work->ctx)->components(work->ctx, &args);
}

static bool touches(const lung_work *work, const rs_components *found, int32_t component, uint8_t code)
{
    const rs_component *c = &found->items[component];
    int64_t step[3] = {1, work->n[0], work->slice};
    for (int32_t k = c->begin[2]; k < c->end[2]; k++) {
        for (int32_t j = c->begin[1]; j < c->end[1]; j++) {
            const int32_t *first = found->row_first + (int64_t)k * work->n[1] + j;
            for (int32_t r = first[0]; r < first[1]; r++) {
                if (found->runs[r].component != component) continue;
                for (int32_t i = found->runs[r].i_begin; i < found->runs[r].i_end; i++) {
                    const uint8_t *v = work->labels + k * work->slice + (int64_t)j * work->n[0] + i;
                    if ((i > 0 && v[-1] == code) || (i + 1 < work->n[0] && v[1] == code)) return true;
                    if ((j > 0 && v[-step[1]] == code) || (j + 1 < work->n[1] && v[step[1]] == code)) return true;
                    if ((k > 0 && v[-step[2]] == code) || (k + 1 < work->n[2] && v[step[2]] == code)) return true;
                }
            }
        }
    }
    return false;
}

/* A piece that the cut severed from its lung hangs on the other one only: it goes there. */
static rs_status return_pieces(lung_work *work, uint8_t code, uint8_t other)
{
    uint8_t mask[256] = {0};
    rs_components found;
    mask[code] = 1;
    RS_TRY(components_of(work, mask, &found));
    int16_t *value = RS_ARENA_NEW(work->own, int16_t, found.n_components);
    if (!value) return rs_fail_memory(work->ctx, "the sides of the lungs");
    int64_t most = 0;
    for (int32_t c = 0; c < found.n_components; c++)
        most = found.items[c].voxels > most ? found.items[c].voxels : most;
    for (int32_t c = 0; c < found.n_components; c++) {
        bool small = (double)found.items[c].voxels < PIECE_SHARE * (double)most;
        value[c] = small && touches(work, &found, c, other) ? other : -1;
    }
    return rs_components_paint(work->ctx, &found, value, work->labels);
}

rs_status lung_give_sides(lung_work *work)
{
    static const uint8_t lung[256] = {[CODE_LUNG] = 1};
    rs_components found;
    rs_arena_mark mark = rs_arena_where(work->own);
    RS_TRY(components_of(work, lung, &found));
    int16_t *value = RS_ARENA_NEW(work->own, int16_t, found.n_components);
    if (!value) return rs_fail_memory(work->ctx, "the sides of the lungs");
    for (int32_t c = 0; c < found.n_components; c++) {
        double left = (double)count_left(work, &found, c) / (double)found.items[c].voxels;
        value[c] = left > 0.5 ? CODE_LEFT : CODE_RIGHT;
        if (fmin(left, 1 - left) < JOINED_SHARE) continue;
        value[c] = CODE_MARK;
        work->joined = true;
    }
    RS_TRY(rs_components_paint(work->ctx, &found, value, work->labels));
    rs_arena_rewind(work->own, mark);
    if (!work->joined) return RS_OK;
    RS_TRY(lung_cut_joined(work));
    rs_status status = return_pieces(work, CODE_LEFT, CODE_RIGHT);
    rs_arena_rewind(work->own, mark);
    if (status == RS_OK) status = return_pieces(work, CODE_RIGHT, CODE_LEFT);
    rs_arena_rewind(work->own, mark);
    return status;
}
