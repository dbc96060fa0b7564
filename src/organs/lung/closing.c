/* Each lung closed by a ball (science C4.2), so that vessels and marks on the wall lie in it; then what one lung
   encloses wholly. The closing takes tissue and small air of the body only: nothing outside, no airway, no gas, no
   other lung. */
#include <math.h>
#include <string.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/components.h"

typedef struct close_pass {
    lung_work *work;
    const uint64_t *bits;
    int32_t k_begin, n[3];
    uint8_t code;
} close_pass;

static rs_status take_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    close_pass *p = arg;
    int32_t words = rs_bits_words(p->n[0]);
    for (int32_t j = 0; j < p->n[1]; j++) {
        const uint64_t *row = p->bits + (k * p->n[1] + j) * words;
        uint8_t *labels = p->work->labels + (p->k_begin + k) * p->work->slice + (int64_t)j * p->n[0];
        for (int32_t w = 0; w < words; w++) {
            for (uint64_t rest = row[w]; rest; rest &= rest - 1) {
                uint8_t *label = labels + w * 64 + __builtin_ctzll(rest);
                if (*label == CODE_BODY || *label == CODE_AIR) *label = p->code;
            }
        }
    }
    return RS_OK;
}

/* Slices that hold the code, widened by the ball; false: none. */
static bool range_of(const lung_work *work, uint8_t code, int32_t margin, int32_t *begin, int32_t *end)
{
    int32_t first = -1, last = -1;
    for (int32_t k = 0; k < work->n[2]; k++) {
        bool here = false;
        const uint8_t *labels = work->labels + k * work->slice;
        for (int64_t i = 0; i < work->slice && !here; i++)
            here = labels[i] == code;
        if (here && first < 0) first = k;
        if (here) last = k;
    }
    if (first < 0) return false;
    *begin = first > margin ? first - margin : 0;
    *end = last + 1 + margin < work->n[2] ? last + 1 + margin : work->n[2];
    return true;
}

static rs_status close_one(lung_work *work, uint8_t code, int32_t pad, uint64_t *in, uint64_t *out)
{
    uint8_t mask[256] = {0};
    int32_t begin = 0, end = 0;
    if (!range_of(work, code, pad, &begin, &end)) return RS_OK;
    const double *mm = work->volume->geometry.spacing_mm;
    int64_t words = (int64_t)rs_bits_words(work->n[0]) * work->n[1];
    int32_t below = begin == 0 ? pad : 0, above = end == work->n[2] ? pad : 0, slices = end - begin;
    close_pass pass = {.work = work,
                       .bits = out + below * words,
                       .k_begin = begin,
                       .n = {work->n[0], work->n[1], slices},
                       .code = code};
    mask[code] = 1;
    RS_TRY(rs_bits_pack(work->ctx, pass.n, work->labels + begin * work->slice, mask, in + below * words));
    for (int32_t k = 0; k < below; k++)
        memcpy(in + k * words, in + below * words, (size_t)words * sizeof *in);
    for (int32_t k = 0; k < above; k++)
        memcpy(in + (below + slices + k) * words, in + (below + slices - 1) * words, (size_t)words * sizeof *in);
    rs_ball_args args = {.n = {work->n[0], work->n[1], below + slices + above},
                         .spacing_mm = {mm[0], mm[1], mm[2]},
                         .radius_mm = lung_param(work, "lung_closing_mm"),
                         .operation = RS_BALL_CLOSE,
                         .in = in,
                         .out = out};
    RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, &args));
    return rs_parallel_for(work->ctx, slices, take_slice, &pass);
}

/* Label of the voxel before a component's first run: what encloses it. */
static uint8_t label_before(const lung_work *work, const rs_components *found, int32_t component)
{
    const rs_component *c = &found->items[component];
    const int32_t *first = found->row_first + (int64_t)c->begin[2] * work->n[1];
    int32_t row = c->begin[1];
    while (first[row + 1] <= c->first_run)
        row++;
    return work->labels[c->begin[2] * work->slice + (int64_t)row * work->n[0] + found->runs[c->first_run].i_begin - 1];
}

/* What touches no face of the image and nothing but lung: the core of a mark larger than the ball. */
static rs_status take_enclosed(lung_work *work)
{
    uint8_t mask[256];
    rs_components found;
    for (int c = 0; c < 256; c++)
        mask[c] = c != CODE_LEFT && c != CODE_RIGHT;
    rs_components_args args = {.n = {work->n[0], work->n[1], work->n[2]},
                               .labels = work->labels,
                               .in_mask = mask,
                               .arena = work->own,
                               .out = &found};
    RS_TRY(rs_context_kernels(work->ctx)->components(work->ctx, &args));
    int16_t *value = RS_ARENA_NEW(work->own, int16_t, found.n_components);
    if (!value) return rs_fail_memory(work->ctx, "what the lungs enclose");
    for (int32_t c = 0; c < found.n_components; c++)
        value[c] = found.items[c].faces ? -1 : label_before(work, &found, c);
    return rs_components_paint(work->ctx, &found, value, work->labels);
}

/* Before the first and behind the last slice the lung goes on as it is there: without that a closing at a face of the
   image would take the chest wall, for nothing erodes it from outside. */
rs_status lung_close(lung_work *work)
{
    rs_block in = {.data = NULL}, out = {.data = NULL};
    rs_arena_mark mark = rs_arena_where(work->own);
    int32_t pad = (int32_t)ceil(lung_param(work, "lung_closing_mm") / work->volume->geometry.spacing_mm[2]) + 1;
    int32_t n[3] = {work->n[0], work->n[1], work->n[2] + 2 * pad};
    size_t bytes = rs_bits_total(n) * sizeof(uint64_t);
    rs_status status = rs_block_take(work->ctx, bytes, "a mask of the lungs", &in);
    if (status == RS_OK) status = rs_block_take(work->ctx, bytes, "a mask of the lungs", &out);
    if (status == RS_OK) status = close_one(work, CODE_LEFT, pad, in.data, out.data);
    if (status == RS_OK) status = close_one(work, CODE_RIGHT, pad, in.data, out.data);
    rs_block_give(work->ctx, &in);
    rs_block_give(work->ctx, &out);
    if (status == RS_OK) status = take_enclosed(work);
    rs_arena_rewind(work->own, mark);
    return status;
}
