/* Each lung closed by a ball (science C4.2), so that vessels and marks on the wall lie in it; then what one lung
   encloses wholly. The closing takes tissue and small air of the body only: nothing outside, no airway, no gas, no
   other lung. */
#include <math.h>
#include <string.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/components.h"

/* A box of the image as bits: whole words of columns, so that a row of the box is a row of the kernel's mask. */
typedef struct close_pass {
    lung_work *work;
    uint64_t *bits; /* of the box's first slice */
    int32_t begin[3], n[3];
    uint8_t code;
} close_pass;

static uint64_t word_of(const uint8_t *labels, int32_t columns, uint8_t code)
{
    uint64_t word = 0;
    for (int32_t i = 0; i < columns; i++)
        word |= (uint64_t)(labels[i] == code) << i;
    return word;
}

static rs_status pack_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    close_pass *p = arg;
    int32_t words = rs_bits_words(p->n[0]);
    for (int32_t j = 0; j < p->n[1]; j++) {
        uint64_t *row = p->bits + (k * p->n[1] + j) * words;
        const uint8_t *labels = p->work->labels + (p->begin[2] + k) * p->work->slice +
                                (int64_t)(p->begin[1] + j) * p->work->n[0] + p->begin[0];
        for (int32_t w = 0; w < words; w++)
            row[w] = word_of(labels + w * 64, p->n[0] - w * 64 < 64 ? p->n[0] - w * 64 : 64, p->code);
    }
    return RS_OK;
}

static rs_status take_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    close_pass *p = arg;
    int32_t words = rs_bits_words(p->n[0]);
    for (int32_t j = 0; j < p->n[1]; j++) {
        const uint64_t *row = p->bits + (k * p->n[1] + j) * words;
        uint8_t *labels = p->work->labels + (p->begin[2] + k) * p->work->slice +
                          (int64_t)(p->begin[1] + j) * p->work->n[0] + p->begin[0];
        for (int32_t w = 0; w < words; w++) {
            for (uint64_t rest = row[w]; rest; rest &= rest - 1) {
                uint8_t *label = labels + w * 64 + __builtin_ctzll(rest);
                if (*label == CODE_BODY || *label == CODE_AIR) *label = p->code;
            }
        }
    }
    return RS_OK;
}

typedef struct box_pass {
    lung_work *work;
    int32_t (*boxes)[2][4]; /* [slice][left, right]: first and last column, first and last row; first > last: none */
} box_pass;

static rs_status box_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    box_pass *p = arg;
    int32_t columns = p->work->n[0], rows = p->work->n[1];
    for (int lung = 0; lung < 2; lung++) {
        int32_t *box = p->boxes[k][lung];
        box[0] = columns, box[1] = -1, box[2] = rows, box[3] = -1;
        for (int32_t j = p->work->rows[0]; j < p->work->rows[1]; j++) {
            const uint8_t *row = p->work->labels + k * p->work->slice + (int64_t)j * columns;
            const uint8_t *hit = memchr(row, CODE_LEFT + lung, (size_t)columns);
            if (!hit) continue;
            int32_t first = (int32_t)(hit - row), last = columns - 1;
            while (row[last] != CODE_LEFT + lung)
                last--;
            if (first < box[0]) box[0] = first;
            if (last > box[1]) box[1] = last;
            if (j < box[2]) box[2] = j;
            box[3] = j;
        }
    }
    return RS_OK;
}

/* Box of a lung, widened by the ball: begin and n; false: no voxel of it. */
static bool box_of(const box_pass *p, int lung, close_pass *out)
{
    const lung_work *work = p->work;
    int32_t first[3] = {work->n[0], work->n[1], work->n[2]}, last[3] = {-1, -1, -1};
    for (int32_t k = 0; k < work->n[2]; k++) {
        const int32_t *box = p->boxes[k][lung];
        if (box[1] < 0) continue;
        for (int a = 0; a < 2; a++) {
            if (box[2 * a] < first[a]) first[a] = box[2 * a];
            if (box[2 * a + 1] > last[a]) last[a] = box[2 * a + 1];
        }
        if (first[2] > k) first[2] = k;
        last[2] = k;
    }
    for (int a = 0; a < 3 && last[2] >= 0; a++) {
        int32_t margin = (int32_t)ceil(lung_param(work, "lung_closing_mm") / work->volume->geometry.spacing_mm[a]) + 1;
        out->begin[a] = first[a] > margin ? first[a] - margin : 0;
        int32_t end = last[a] + 1 + margin < work->n[a] ? last[a] + 1 + margin : work->n[a];
        out->n[a] = end - out->begin[a];
    }
    return last[2] >= 0;
}

static rs_status close_one(lung_work *work, const box_pass *boxes, int lung)
{
    close_pass pass = {.work = work, .code = (uint8_t)(CODE_LEFT + lung)};
    if (!box_of(boxes, lung, &pass)) return RS_OK;
    const double *mm = work->volume->geometry.spacing_mm;
    int32_t pad = (int32_t)ceil(lung_param(work, "lung_closing_mm") / mm[2]) + 1, slices = pass.n[2];
    int32_t below = pass.begin[2] == 0 ? pad : 0, above = pass.begin[2] + slices == work->n[2] ? pad : 0;
    int64_t words = (int64_t)rs_bits_words(pass.n[0]) * pass.n[1];
    rs_ball_args args = {.n = {pass.n[0], pass.n[1], below + slices + above},
                         .spacing_mm = {mm[0], mm[1], mm[2]},
                         .radius_mm = lung_param(work, "lung_closing_mm"),
                         .operation = RS_BALL_CLOSE};
    uint64_t *in = RS_ARENA_RAW(work->own, uint64_t, rs_bits_total(args.n));
    uint64_t *out = RS_ARENA_RAW(work->own, uint64_t, rs_bits_total(args.n));
    if (!in || !out) return rs_fail_memory(work->ctx, "a mask of the lungs");
    args.in = in, args.out = out;
    pass.bits = in + below * words;
    RS_TRY(rs_parallel_for(work->ctx, slices, pack_slice, &pass));
    for (int32_t k = 0; k < below; k++)
        memcpy(in + k * words, pass.bits, (size_t)words * sizeof *in);
    for (int32_t k = 0; k < above; k++)
        memcpy(pass.bits + (slices + k) * words, pass.bits + (slices - 1) * words, (size_t)words * sizeof *in);
    RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, &args));
    pass.bits = out + below * words;
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
                               .rows = {work->rows[0], work->rows[1]},
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
    rs_arena_mark mark = rs_arena_where(work->own);
    box_pass boxes = {.work = work, .boxes = rs_arena_alloc_raw(work->own, (size_t)work->n[2], sizeof *boxes.boxes)};
    if (!boxes.boxes) return rs_fail_memory(work->ctx, "the boxes of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], box_slice, &boxes));
    rs_arena_mark before = rs_arena_where(work->own);
    for (int lung = 0; lung < 2; lung++) {
        RS_TRY(close_one(work, &boxes, lung));
        rs_arena_rewind(work->own, before);
    }
    RS_TRY(take_enclosed(work));
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
