/* Laplacian of Gaussian of a tile, slice by slice: blur along i and j into a ring, along k into a ring of three, then
   the 27 points. Rows are padded to whole lanes and stand packed, so the passes along j and k and the stencil are long
   runs over whole slices (performance 3.3).

   The 27 coefficients are equal by symmetry for each (|di|, |dj|, |dk|): per slice the rows are first folded into two
   buffers, centre (coefficients of di = 0) and side (|di| = 1), from 9 loads; then out = centre + (side left + side
   right). */
#include <string.h>

#include "fir.h"
#include "kernel.h"
#include "restage/kernels/laplace.h"

enum { LINES = 8, BLURRED = 8 };

typedef struct work {
    const rs_laplace_args *args;
    fir_taps taps[3];
    int32_t out_n[3];
    int32_t wide_i, wide_j; /* columns and rows that the 27 points need */
    int32_t stride;         /* wide_i, padded */
    int32_t line_stride, slots;
    size_t slice;             /* floats of a slice of the rings */
    float centre[4], side[4]; /* by |dj| + 2 |dk| */
    float *lines, *rows, *ring, *blurred, *fold_centre, *fold_side;
} work;

static int32_t clamp(int32_t p, int32_t n)
{
    return p < 0 ? 0 : p >= n ? n - 1 : p;
}

static void set_coefficients(work *w)
{
    static const double d2[2] = {-2.0, 1.0}, mean[2] = {10.0 / 12.0, 1.0 / 12.0};
    const double *h = w->args->spacing_mm;
    const double factor = w->args->factor == 0.0 ? 1.0 : w->args->factor;
    for (int z = 0; z < 2; z++)
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 2; x++) {
                double c = d2[x] * mean[y] * mean[z] / (h[0] * h[0]) + mean[x] * d2[y] * mean[z] / (h[1] * h[1]) +
                           mean[x] * mean[y] * d2[z] / (h[2] * h[2]);
                (x == 0 ? w->centre : w->side)[y + 2 * z] = (float)(-factor * c);
            }
}

/* Row j of slice k with the columns that the taps along i reach; beyond the box its edge. */
static void load_line(const work *w, int32_t j, int32_t k, float *line)
{
    const int32_t n = w->args->n[0], begin = w->args->halo[0] - 1 - w->taps[0].radius;
    const int32_t end = begin + w->line_stride;
    const int32_t low = clamp(begin, n), high = end > n ? n : end;
    const float *row = w->args->in + ((size_t)k * (size_t)w->args->n[1] + (size_t)j) * (size_t)n;
    for (int32_t i = begin; i < low; i++)
        line[i - begin] = row[0];
    memcpy(line + (low - begin), row + low, (size_t)(high - low) * sizeof(float));
    for (int32_t i = high; i < end; i++)
        line[i - begin] = row[n - 1];
}

/* The rows of a slice blurred along j, four at a time. */
static void blur_rows(const work *w, float *slot)
{
    const size_t stride = (size_t)w->stride;
    const float *src[2 * RS_TAPS_MAX + 4];
    int32_t j = 0;
    for (; j + 4 <= w->wide_j; j += 4) {
        float *out[4];
        for (int32_t q = 0; q < 4; q++)
            out[q] = slot + (size_t)(j + q) * stride;
        for (int32_t r = 0; r < 2 * w->taps[1].radius + 4; r++)
            src[r] = w->rows + (size_t)(j + r) * stride;
        fir_four(src, &w->taps[1], w->stride, out);
    }
    for (int32_t r = 0; r < 2 * w->taps[1].radius + 1; r++)
        src[r] = w->rows + (size_t)(j + r) * stride;
    if (j < w->wide_j) fir_run(src, &w->taps[1], (int64_t)(w->wide_j - j) * w->stride, slot + (size_t)j * stride);
}

/* Slice k, blurred along i and j, into its slot. */
static void blur_slice(const work *w, int32_t k)
{
    const int32_t radius = w->taps[1].radius, first = w->args->halo[1] - 1 - radius;
    const int32_t rows = w->wide_j + 2 * radius;
    const int32_t low = clamp(first, w->args->n[1]), high = clamp(first + rows - 1, w->args->n[1]) + 1;
    for (int32_t j = low; j < high; j += LINES) {
        int32_t n = high - j < LINES ? high - j : LINES;
        for (int32_t l = 0; l < n; l++)
            load_line(w, j + l, k, w->lines + (size_t)l * (size_t)w->line_stride);
        for (int32_t l = 0; l < n; l++)
            fir_line(w->lines + (size_t)l * (size_t)w->line_stride, &w->taps[0], w->stride,
                     w->rows + (size_t)(j + l - first) * (size_t)w->stride);
    }
    const size_t bytes = (size_t)w->stride * sizeof(float);
    for (int32_t j = first; j < low; j++)
        memcpy(w->rows + (size_t)(j - first) * (size_t)w->stride, w->rows + (size_t)(low - first) * (size_t)w->stride,
               bytes);
    for (int32_t j = high; j < first + rows; j++)
        memcpy(w->rows + (size_t)(j - first) * (size_t)w->stride,
               w->rows + (size_t)(high - 1 - first) * (size_t)w->stride, bytes);
    blur_rows(w, w->ring + (size_t)(k % w->slots) * w->slice);
}

/* The rows of three slices folded into coefficients of the centre column and of its two sides. */
static void fold(const work *w, const float *below, const float *middle, const float *above)
{
    const size_t stride = (size_t)w->stride, n = stride * (size_t)w->out_n[1];
    const lanes c0 = lanes_all(w->centre[0]), c1 = lanes_all(w->centre[1]), c2 = lanes_all(w->centre[2]),
                c3 = lanes_all(w->centre[3]);
    const lanes s0 = lanes_all(w->side[0]), s1 = lanes_all(w->side[1]), s2 = lanes_all(w->side[2]),
                s3 = lanes_all(w->side[3]);
    for (size_t x = 0; x < n; x += LANES) {
        const float *b = below + x, *m = middle + x, *a = above + x;
        lanes here = lanes_load(m + stride);
        lanes rows = lanes_load(m) + lanes_load(m + 2 * stride);
        lanes slices = lanes_load(b + stride) + lanes_load(a + stride);
        lanes corners = (lanes_load(b) + lanes_load(b + 2 * stride)) + (lanes_load(a) + lanes_load(a + 2 * stride));
        lanes_store(w->fold_centre + x, lanes_fma(c0, here, lanes_fma(c1, rows, lanes_fma(c2, slices, c3 * corners))));
        lanes_store(w->fold_side + x, lanes_fma(s0, here, lanes_fma(s1, rows, lanes_fma(s2, slices, s3 * corners))));
    }
}

static void write_slice(const work *w, int32_t k)
{
    for (int32_t j = 0; j < w->out_n[1]; j++) {
        const float *centre = w->fold_centre + (size_t)j * (size_t)w->stride + 1;
        const float *side = w->fold_side + (size_t)j * (size_t)w->stride;
        float *out = w->args->out + ((size_t)k * (size_t)w->out_n[1] + (size_t)j) * (size_t)w->out_n[0];
        int32_t i = 0;
        for (; i + LANES <= w->out_n[0]; i += LANES)
            lanes_store(out + i, lanes_load(centre + i) + (lanes_load(side + i) + lanes_load(side + i + 2)));
        for (; i < w->out_n[0]; i++)
            out[i] = centre[i] + (side[i] + side[i + 2]);
    }
}

/* Slices s … s + 3 of the box widened by one, blurred along k, into `blurred` (a ring of eight). */
static void blur_slices(const work *w, int32_t s, int32_t *next)
{
    const int32_t n = w->args->n[2], radius = w->taps[2].radius, first = w->args->halo[2] - 1;
    const float *src[2 * RS_TAPS_MAX + 4];
    float *out[4];
    for (; *next <= clamp(first + s + 3 + radius, n); (*next)++)
        blur_slice(w, *next);
    for (int32_t r = 0; r < 2 * radius + 4; r++)
        src[r] = w->ring + (size_t)(clamp(first + s - radius + r, n) % w->slots) * w->slice;
    for (int32_t q = 0; q < 4; q++)
        out[q] = w->blurred + (size_t)((s + q) % BLURRED) * w->slice;
    fir_four(src, &w->taps[2], (int64_t)w->slice, out);
}

static void run(const work *w)
{
    int32_t next = clamp(w->args->halo[2] - 1 - w->taps[2].radius, w->args->n[2]);
    for (int32_t s = 0; s < w->out_n[2] + 2; s++) {
        if (s % 4 == 0) blur_slices(w, s, &next);
        if (s < 2) continue;
        fold(w, w->blurred + (size_t)((s - 2) % BLURRED) * w->slice,
             w->blurred + (size_t)((s - 1) % BLURRED) * w->slice, w->blurred + (size_t)(s % BLURRED) * w->slice);
        write_slice(w, s - 2);
    }
}

static rs_status prepare(rs_context *ctx, const rs_laplace_args *args, work *w)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL);
    w->args = args;
    for (int a = 0; a < 3; a++) {
        double sigma_vox = args->sigma_mm[a] / args->spacing_mm[a];
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && sigma_vox >= 0.0 && sigma_vox <= 64.0);
        RS_CHECK(ctx, args->halo[a] >= 0 && args->n[a] - 2 * (int64_t)args->halo[a] >= 1);
        fir_set(&w->taps[a], sigma_vox * sigma_vox - 1.0 / 6.0);
        w->out_n[a] = args->n[a] - 2 * args->halo[a];
    }
    w->wide_i = w->out_n[0] + 2;
    w->wide_j = w->out_n[1] + 2;
    w->stride = lanes_padded(w->wide_i);
    w->line_stride = w->stride + 2 * w->taps[0].radius;
    w->slice = (size_t)w->stride * (size_t)w->wide_j;
    w->slots = 2 * w->taps[2].radius + 4;
    set_coefficients(w);
    return RS_OK;
}

rs_status RS_TIERED(laplace)(rs_context *ctx, const rs_laplace_args *args)
{
    work w;
    RS_TRY(prepare(ctx, args, &w));
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    w.lines = RS_ARENA_RAW(scratch, float, (size_t)w.line_stride *LINES);
    w.rows = RS_ARENA_RAW(scratch, float, (size_t)w.stride *(size_t)(w.wide_j + 2 * w.taps[1].radius));
    w.ring = RS_ARENA_RAW(scratch, float, w.slice *(size_t)w.slots);
    w.blurred = RS_ARENA_RAW(scratch, float, w.slice *BLURRED);
    w.fold_centre = RS_ARENA_RAW(scratch, float, w.slice);
    w.fold_side = RS_ARENA_RAW(scratch, float, w.slice);
    rs_status status = RS_OK;
    if (w.lines == NULL || w.rows == NULL || w.ring == NULL || w.blurred == NULL || w.fold_centre == NULL ||
        w.fold_side == NULL)
        status = rs_fail_memory(ctx, "a Laplacian");
    else
        run(&w);
    rs_arena_rewind(scratch, mark);
    return status;
}
