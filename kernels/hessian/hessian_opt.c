/* Determinant of the Hessian of a tile, slice by slice: blur along i and j into a ring, along k into a ring of eight,
   then the operators along k (three slices), along j (six rows) and along i, and the determinant from registers. Four
   rows are folded before any is differentiated along i, so that no load meets a store that just happened (performance
   3.2.2, T3). Rows are padded to whole lanes and stand packed; vectors without a wanted voxel are skipped. */
#include <string.h>

#include "fir.h"
#include "kernel.h"
#include "restage/kernels/hessian.h"

enum { LINES = 8, BLURRED = 8, GROUP = 4, KINDS = 6 };

/* Row buffers: which operator ran along j and along k; D2 stands for the second difference, D for the first. */
enum { MEAN_MEAN, D_MEAN, D2_MEAN, MEAN_D, D_D, MEAN_D2 };

typedef struct work {
    const rs_hessian_args *args;
    fir_taps taps[3];
    int32_t out_n[3];
    int32_t wide_i, wide_j; /* columns and rows that the stencils need */
    int32_t stride;         /* wide_i, padded */
    int32_t line_stride, slots;
    size_t slice; /* floats of a slice of the rings */
    float by_mm[3];
    float factor;
    float *lines, *rows, *ring, *blurred, *mean, *first, *second, *fold;
} work;

static int32_t clamp(int32_t p, int32_t n)
{
    return p < 0 ? 0 : p >= n ? n - 1 : p;
}

/* Row j of slice k with the columns that the taps along i reach; beyond the box its edge. */
static void load_line(const work *w, int32_t j, int32_t k, float *line)
{
    const int32_t n = w->args->n[0], begin = w->args->halo[0] - 2 - w->taps[0].radius;
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
    const int32_t radius = w->taps[1].radius, first = w->args->halo[1] - 2 - radius;
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

/* Slices s … s + 3 of the box widened by two, blurred along k, into `blurred` (a ring of eight). */
static void blur_slices(const work *w, int32_t s, int32_t *next)
{
    const int32_t n = w->args->n[2], radius = w->taps[2].radius, first = w->args->halo[2] - 2;
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

/* [1 4 1]/6, [-1 0 1]/2 and [1 8 -18 8 1]/12 of five neighbours; the order of operations is that of the expressions. */
LANES_INLINE lanes mean_of(lanes before, lanes here, lanes after)
{
    return lanes_fma(lanes_all(4.0F / 6.0F), here, lanes_all(1.0F / 6.0F) * (before + after));
}

LANES_INLINE lanes first_of(lanes before, lanes after)
{
    return lanes_all(0.5F) * (after - before);
}

LANES_INLINE lanes second_of(lanes before2, lanes before, lanes here, lanes after, lanes after2)
{
    return lanes_fma(lanes_all(-1.5F), here,
                     lanes_fma(lanes_all(8.0F / 12.0F), before + after, lanes_all(1.0F / 12.0F) * (before2 + after2)));
}

/* The three operators along k at slice k of the output. */
static void fold_slices(const work *w, int32_t k)
{
    const float *s[5];
    for (int q = 0; q < 5; q++)
        s[q] = w->blurred + (size_t)((k + q) % BLURRED) * w->slice;
    const lanes by_mm = lanes_all(w->by_mm[2]), by_mm2 = lanes_all(w->by_mm[2] * w->by_mm[2]);
    for (size_t x = 0; x < w->slice; x += LANES) {
        lanes b = lanes_load(s[1] + x), m = lanes_load(s[2] + x), a = lanes_load(s[3] + x);
        lanes_store(w->mean + x, mean_of(b, m, a));
        lanes_store(w->first + x, by_mm * first_of(b, a));
        lanes_store(w->second + x, by_mm2 * second_of(lanes_load(s[0] + x), b, m, a, lanes_load(s[4] + x)));
    }
}

/* The operators along j at row j of the output, into its six buffers. */
static void fold_rows(const work *w, int32_t j, float *out)
{
    const size_t stride = (size_t)w->stride, at = (size_t)j * stride;
    const lanes by_mm = lanes_all(w->by_mm[1]), by_mm2 = lanes_all(w->by_mm[1] * w->by_mm[1]);
    for (size_t x = 0; x < stride; x += LANES) {
        const float *p = w->mean + at + x, *q = w->first + at + x, *r = w->second + at + x;
        lanes b = lanes_load(p + stride), m = lanes_load(p + 2 * stride), a = lanes_load(p + 3 * stride);
        lanes_store(out + MEAN_MEAN * stride + x, mean_of(b, m, a));
        lanes_store(out + D_MEAN * stride + x, by_mm * first_of(b, a));
        lanes_store(out + D2_MEAN * stride + x, by_mm2 * second_of(lanes_load(p), b, m, a, lanes_load(p + 4 * stride)));
        b = lanes_load(q + stride);
        a = lanes_load(q + 3 * stride);
        lanes_store(out + MEAN_D * stride + x, mean_of(b, lanes_load(q + 2 * stride), a));
        lanes_store(out + D_D * stride + x, by_mm * first_of(b, a));
        lanes_store(out + MEAN_D2 * stride + x,
                    mean_of(lanes_load(r + stride), lanes_load(r + 2 * stride), lanes_load(r + 3 * stride)));
    }
}

/* Cube root of lanes > 0: a guess from the exponent (3 %), then Halley's step twice, each cubing the error. */
LANES_INLINE lanes cube_root(lanes x)
{
    typedef int32_t ints __attribute__((vector_size(32)));
    lanes third = __builtin_convertvector((ints)x, lanes) * lanes_all(1.0F / 3.0F);
    lanes y = (lanes)(__builtin_convertvector(third, ints) + 0x2a5137a0);
    for (int step = 0; step < 2; step++) {
        lanes cube = y * y * y;
        y = y * ((cube + (x + x)) / ((cube + cube) + x));
    }
    return y;
}

/* The measure at eight columns whose row buffers begin at p, from six derivatives in registers. */
LANES_INLINE lanes measure(const work *w, const float *p)
{
    const size_t stride = (size_t)w->stride;
    const lanes by_mm = lanes_all(-w->by_mm[0]), by_mm2 = lanes_all(-w->by_mm[0] * w->by_mm[0]);
    const float *c = p + D_MEAN * stride, *d = p + D2_MEAN * stride, *e = p + MEAN_D * stride, *f = p + D_D * stride,
                *g = p + MEAN_D2 * stride;
    lanes xx =
        by_mm2 * second_of(lanes_load(p), lanes_load(p + 1), lanes_load(p + 2), lanes_load(p + 3), lanes_load(p + 4));
    lanes xy = by_mm * first_of(lanes_load(c + 1), lanes_load(c + 3));
    lanes yy = -mean_of(lanes_load(d + 1), lanes_load(d + 2), lanes_load(d + 3));
    lanes xz = by_mm * first_of(lanes_load(e + 1), lanes_load(e + 3));
    lanes yz = -mean_of(lanes_load(f + 1), lanes_load(f + 2), lanes_load(f + 3));
    lanes zz = -mean_of(lanes_load(g + 1), lanes_load(g + 2), lanes_load(g + 3));
    lanes zero = lanes_all(0.0F), minor = xx * yy - xy * xy;
    lanes det = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
    lanes_mask good = (xx > zero) & (minor > zero) & (det > zero);
    if (!lanes_any(good)) return zero;
    return (lanes)(good & (lanes_mask)(lanes_all(w->factor) * cube_root(det)));
}

static int any_wanted(const uint8_t *wanted, int32_t n)
{
    uint64_t eight = 0;
    if (wanted == NULL) return 1;
    memcpy(&eight, wanted, (size_t)n);
    return eight != 0;
}

/* One row of the output from its six buffers; a tail shorter than the lanes is computed whole and cut. */
static void write_row(const work *w, const float *buffers, const uint8_t *wanted, float *out)
{
    const int32_t n = w->out_n[0];
    for (int32_t i = 0; i < n; i += LANES) {
        const int32_t m = n - i < LANES ? n - i : LANES;
        const uint8_t *mask = wanted == NULL ? NULL : wanted + i;
        lanes v = lanes_all(0.0F);
        if (any_wanted(mask, m)) v = measure(w, buffers + i);
        float eight[LANES];
        lanes_store(eight, v);
        for (int32_t l = 0; l < m && mask != NULL; l++)
            eight[l] = mask[l] != 0 ? eight[l] : 0.0F;
        memcpy(out + i, eight, (size_t)m * sizeof(float));
    }
}

static int row_is_wanted(const uint8_t *wanted, int32_t n)
{
    for (int32_t i = 0; i < n; i += LANES)
        if (any_wanted(wanted == NULL ? NULL : wanted + i, n - i < LANES ? n - i : LANES)) return 1;
    return 0;
}

/* Slice k of the output, a group of rows at a time. */
static void write_slice(const work *w, int32_t k)
{
    const size_t row = (size_t)w->out_n[0], rows = (size_t)w->out_n[1];
    const uint8_t *wanted = w->args->wanted == NULL ? NULL : w->args->wanted + (size_t)k * rows * row;
    float *out = w->args->out + (size_t)k * rows * row;
    const size_t buffers = (size_t)w->stride * KINDS;
    int folded = 0;
    for (int32_t j = 0; j < w->out_n[1]; j += GROUP) {
        int32_t n = w->out_n[1] - j < GROUP ? w->out_n[1] - j : GROUP, is[GROUP];
        for (int32_t q = 0; q < n; q++) {
            is[q] = row_is_wanted(wanted == NULL ? NULL : wanted + (size_t)(j + q) * row, w->out_n[0]);
            if (!is[q]) continue;
            if (!folded) fold_slices(w, k);
            folded = 1;
            fold_rows(w, j + q, w->fold + (size_t)q * buffers);
        }
        for (int32_t q = 0; q < n; q++) {
            size_t at = (size_t)(j + q) * row;
            if (is[q])
                write_row(w, w->fold + (size_t)q * buffers, wanted == NULL ? NULL : wanted + at, out + at);
            else
                memset(out + at, 0, row * sizeof(float));
        }
    }
}

/* Is a voxel wanted in slices begin … end - 1 of the output? */
static int slices_are_wanted(const work *w, int32_t begin, int32_t end)
{
    const size_t slice = (size_t)w->out_n[0] * (size_t)w->out_n[1];
    if (w->args->wanted == NULL) return 1;
    begin = begin < 0 ? 0 : begin;
    end = end > w->out_n[2] ? w->out_n[2] : end;
    for (size_t at = (size_t)begin * slice; at < (size_t)end * slice; at += LANES) {
        size_t left = (size_t)end * slice - at;
        if (any_wanted(w->args->wanted + at, left < LANES ? (int32_t)left : LANES)) return 1;
    }
    return 0;
}

/* Four blurred slices s … s + 3 serve the output's slices s - 4 … s + 3; where none of these is wanted, neither is what
   the ring would hold. */
static void run(const work *w)
{
    const int32_t n = w->args->n[2], before = w->args->halo[2] - 2 - w->taps[2].radius;
    int32_t next = clamp(before, n);
    for (int32_t s = 0; s < w->out_n[2] + 4; s++) {
        if (s % 4 == 0 && slices_are_wanted(w, s - 4, s + 4)) {
            next = next < clamp(before + s, n) ? clamp(before + s, n) : next;
            blur_slices(w, s, &next);
        }
        if (s >= 4) write_slice(w, s - 4);
    }
}

static rs_status prepare(rs_context *ctx, const rs_hessian_args *args, work *w)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL);
    w->args = args;
    for (int a = 0; a < 3; a++) {
        double sigma_vox = args->sigma_mm[a] / args->spacing_mm[a];
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && sigma_vox >= 0.0 && sigma_vox <= 64.0);
        RS_CHECK(ctx, args->halo[a] >= 0 && args->n[a] - 2 * (int64_t)args->halo[a] >= 1);
        fir_set(&w->taps[a], sigma_vox * sigma_vox - 1.0 / 3.0);
        w->out_n[a] = args->n[a] - 2 * args->halo[a];
        w->by_mm[a] = (float)(1.0 / args->spacing_mm[a]);
    }
    w->factor = (float)(3.0 * (args->factor == 0.0 ? 1.0 : args->factor));
    w->wide_i = w->out_n[0] + 4;
    w->wide_j = w->out_n[1] + 4;
    /* The last vector of the output is computed whole: its columns reach four beyond whole lanes. */
    w->stride = lanes_padded(lanes_padded(w->out_n[0]) + 4);
    w->line_stride = w->stride + 2 * w->taps[0].radius;
    w->slice = (size_t)w->stride * (size_t)w->wide_j;
    w->slots = 2 * w->taps[2].radius + 4;
    return RS_OK;
}

rs_status RS_TIERED(hessian)(rs_context *ctx, const rs_hessian_args *args)
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
    w.mean = RS_ARENA_RAW(scratch, float, 3 * w.slice);
    w.fold = RS_ARENA_RAW(scratch, float, (size_t)w.stride *GROUP *KINDS);
    rs_status status = RS_OK;
    if (w.lines == NULL || w.rows == NULL || w.ring == NULL || w.blurred == NULL || w.mean == NULL || w.fold == NULL) {
        status = rs_fail_memory(ctx, "a Hessian");
    } else {
        w.first = w.mean + w.slice;
        w.second = w.first + w.slice;
        run(&w);
    }
    rs_arena_rewind(scratch, mark);
    return status;
}
