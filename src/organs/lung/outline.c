/* Tissue that lies deep in a lung's outline and holds no air: collapsed or consolidated lung, a large mass, fluid. It
   is not searched, and said so (science C3.6). The outline is the lung closed by a large ball on a coarse grid; what
   the hilum brings of it in a healthy lung is 0 to 2.5 % of the lung. */
#include <math.h>
#include <string.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"

#define GRID_MM 3.0

typedef struct coarse {
    lung_work *work;
    int32_t step[3], n[3], pad; /* pad slices at each end go on as the outermost one */
    double mm[3];
} coarse;

static coarse coarse_of(lung_work *work, double radius_mm)
{
    const rs_geometry *g = &work->volume->geometry;
    coarse c = {.work = work};
    for (int a = 0; a < 3; a++) {
        c.step[a] = (int32_t)fmax(1, rint(GRID_MM / g->spacing_mm[a]));
        c.n[a] = (work->n[a] + c.step[a] - 1) / c.step[a];
        c.mm[a] = c.step[a] * g->spacing_mm[a];
    }
    c.pad = (int32_t)ceil(radius_mm / c.mm[2]) + 1;
    return c;
}

/* Voxel of the image at a voxel of the grid. */
static int64_t fine(const coarse *c, int32_t i, int32_t j, int32_t k)
{
    int32_t at[3] = {i, j, k};
    for (int a = 0; a < 3; a++) {
        at[a] = at[a] * c->step[a] + c->step[a] / 2;
        if (at[a] >= c->work->n[a]) at[a] = c->work->n[a] - 1;
    }
    return at[2] * c->work->slice + (int64_t)at[1] * c->work->n[0] + at[0];
}

static void take_code(const coarse *c, uint8_t code, uint64_t *bits)
{
    int64_t words = rs_bits_words(c->n[0]);
    for (int32_t k = -c->pad; k < c->n[2] + c->pad; k++) {
        int32_t from = k < 0 ? 0 : k >= c->n[2] ? c->n[2] - 1 : k;
        for (int32_t j = 0; j < c->n[1]; j++) {
            uint64_t *row = bits + ((int64_t)(k + c->pad) * c->n[1] + j) * words;
            memset(row, 0, (size_t)words * sizeof *row);
            int64_t at_row = fine(c, 0, j, from) % c->work->slice / c->work->n[0];
            if (at_row < c->work->rows[0] || at_row >= c->work->rows[1]) continue;
            for (int32_t i = 0; i < c->n[0]; i++) {
                if (c->work->labels[fine(c, i, j, from)] == code) row[i / 64] |= UINT64_C(1) << (i % 64);
            }
        }
    }
}

static double dense_ml(const coarse *c, const uint64_t *outline)
{
    const lung_work *work = c->work;
    int32_t n[3] = {c->n[0], c->n[1], c->n[2] + 2 * c->pad};
    int16_t low = rs_volume_stored(work->volume, lung_param(work, "lung_dense_low_hu"));
    int16_t high = rs_volume_stored(work->volume, lung_param(work, "lung_dense_high_hu"));
    int64_t count = 0;
    for (int32_t k = 0; k < c->n[2]; k++) {
        for (int32_t j = 0; j < c->n[1]; j++) {
            for (int32_t i = 0; i < c->n[0]; i++) {
                if (!rs_bits_get(outline, n, i, j, k + c->pad)) continue;
                int64_t at = fine(c, i, j, k);
                int16_t v = work->volume->voxels[at];
                count += work->labels[at] == CODE_BODY && v >= low && v <= high;
            }
        }
    }
    return (double)count * c->mm[0] * c->mm[1] * c->mm[2] / 1000;
}

rs_status lung_ask_outline(lung_work *work)
{
    double radius_mm = lung_param(work, "lung_outline_mm");
    coarse c = coarse_of(work, radius_mm);
    rs_ball_args args = {.n = {c.n[0], c.n[1], c.n[2] + 2 * c.pad},
                         .spacing_mm = {c.mm[0], c.mm[1], c.mm[2]},
                         .radius_mm = radius_mm,
                         .operation = RS_BALL_CLOSE};
    rs_arena_mark mark = rs_arena_where(work->own);
    size_t words = rs_bits_total(args.n);
    uint64_t *in = RS_ARENA_RAW(work->own, uint64_t, words), *out = RS_ARENA_RAW(work->own, uint64_t, words);
    if (!in || !out) return rs_fail_memory(work->ctx, "the outline of the lungs");
    args.in = in, args.out = out;
    for (int lung = 0; lung < 2; lung++) {
        take_code(&c, (uint8_t)(CODE_LEFT + lung), in);
        RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, &args));
        work->dense_ml[lung] = dense_ml(&c, out);
        rs_log(work->ctx, RS_LOG_DEBUG, "tissue without air in the outline of the %s lung: %.0f ml",
               lung == 0 ? "left" : "right", work->dense_ml[lung]);
    }
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
