/* Ball morphology on whole rows of bits. Every (dj, dk) of the ball reaches w voxels along i. From the largest w down:
   T = (T widened by one bit each way) OR the source rows of this w. An erosion is the dilation of the complement. Rows
   that are empty are never read (performance 3.6). */
#include <string.h>

#include "kernel.h"
#include "restage/kernels/ball.h"

/* One row of the ball: offset and half width along i. */
typedef struct ball_row {
    int32_t dj, dk, width;
    int32_t away; /* rows of the mask from the centre's row */
} ball_row;

typedef struct ball_job {
    const rs_ball_args *args;
    int32_t words;
    uint64_t last_word; /* the columns that exist in the last word of a row */
    ball_row *rows;     /* by falling width */
    int32_t n_rows, widest, reach_j, reach_k;
    const uint64_t *in;
    uint64_t *out;
    uint64_t invert; /* all ones for an erosion */
    uint8_t *filled; /* one a row of the source: 0 empty, 1 some, 2 full (after inversion) */
} ball_job;

static int32_t half_width(const rs_ball_args *args, int32_t dj, int32_t dk)
{
    const double *s = args->spacing_mm, r2 = args->radius_mm * args->radius_mm;
    int32_t w = -1;
    while ((w + 1) * s[0] * ((w + 1) * s[0]) + dj * s[1] * (dj * s[1]) + dk * s[2] * (dk * s[2]) <= r2)
        w++;
    return w;
}

/* Rows sorted by falling width; same widths by dk, dj. The order shows in no bit. */
static rs_status make_ball(rs_context *ctx, rs_arena *scratch, ball_job *job)
{
    const rs_ball_args *args = job->args;
    const int32_t reach_j = job->reach_j = (int32_t)(args->radius_mm / args->spacing_mm[1]) + 1;
    const int32_t reach_k = job->reach_k = (int32_t)(args->radius_mm / args->spacing_mm[2]) + 1;
    job->rows = RS_ARENA_RAW(scratch, ball_row, (size_t)(2 * reach_j + 1) * (size_t)(2 * reach_k + 1));
    if (job->rows == NULL) return rs_fail_memory(ctx, "a ball");
    job->widest = half_width(args, 0, 0);
    job->n_rows = 0;
    for (int32_t w = job->widest; w >= 0; w--)
        for (int32_t dk = -reach_k; dk <= reach_k; dk++)
            for (int32_t dj = -reach_j; dj <= reach_j; dj++)
                if (half_width(args, dj, dk) == w)
                    job->rows[job->n_rows++] = (ball_row){dj, dk, w, dk * args->n[1] + dj};
    return RS_OK;
}

static uint64_t exists(const ball_job *job, int32_t w)
{
    return w + 1 == job->words ? job->last_word : UINT64_MAX;
}

static rs_status look_at_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const ball_job *job = arg;
    for (int64_t row = k * job->args->n[1]; row < (k + 1) * job->args->n[1]; row++) {
        uint64_t any = 0, missing = 0;
        for (int32_t w = 0; w < job->words; w++) {
            uint64_t bits = (job->in[row * job->words + w] ^ job->invert) & exists(job, w);
            any |= bits;
            missing |= bits ^ exists(job, w);
        }
        job->filled[row] = any == 0 ? 0 : missing == 0 ? 2 : 1;
    }
    return RS_OK;
}

/* T widened by one bit each way. */
static void widen(uint64_t *t, int32_t words)
{
    uint64_t before = 0;
    for (int32_t w = 0; w < words; w++) {
        uint64_t here = t[w], after = w + 1 < words ? t[w + 1] : 0;
        t[w] = here | here << 1 | here >> 1 | before >> 63 | after << 63;
        before = here;
    }
}

typedef uint64_t four_words __attribute__((vector_size(32), aligned(8), may_alias));

/* t |= every row of the list, inverted where invert is all ones; sums stay in registers over the list. */
static void or_rows(const uint64_t *const *list, int32_t n, uint64_t invert, int32_t words, uint64_t *t)
{
    int32_t w = 0;
    for (; w + 8 <= words; w += 8) {
        four_words a = *(const four_words *)(t + w), b = *(const four_words *)(t + w + 4);
        for (int32_t r = 0; r < n; r++) {
            a |= *(const four_words *)(list[r] + w) ^ invert;
            b |= *(const four_words *)(list[r] + w + 4) ^ invert;
        }
        *(four_words *)(t + w) = a;
        *(four_words *)(t + w + 4) = b;
    }
    for (; w < words; w++) {
        uint64_t a = t[w];
        for (int32_t r = 0; r < n; r++)
            a |= list[r][w] ^ invert;
        t[w] = a;
    }
}

/* Source rows that the ball's rows first … last - 1 reach and that are not empty; returns how many. */
static int32_t list_rows(const ball_job *job, int32_t j, int32_t k, int32_t first, int32_t last, const uint64_t **list)
{
    const int32_t *n = job->args->n;
    const int64_t centre = (int64_t)k * n[1] + j;
    const bool inner = j >= job->reach_j && j + job->reach_j < n[1] && k >= job->reach_k && k + job->reach_k < n[2];
    int32_t count = 0;
    for (int32_t r = first; r < last; r++) {
        const ball_row *b = &job->rows[r];
        if (!inner && (j + b->dj < 0 || k + b->dk < 0 || j + b->dj >= n[1] || k + b->dk >= n[2])) continue;
        const int64_t row = centre + b->away;
        list[count] = job->in + row * job->words;
        count += job->filled[row] != 0;
    }
    return count;
}

/* One row of the result, before the inversion back; list has room for every row of the ball. */
static void dilate_row(const ball_job *job, int32_t j, int32_t k, const uint64_t **list, uint64_t *t)
{
    memset(t, 0, (size_t)job->words * sizeof(uint64_t));
    bool empty = true;
    int32_t r = 0;
    for (int32_t width = job->widest; width >= 0; width--) {
        int32_t first = r;
        while (r < job->n_rows && job->rows[r].width == width)
            r++;
        int32_t n = list_rows(job, j, k, first, r, list);
        if (n > 0) {
            or_rows(list, n, job->invert, job->words, t);
            t[job->words - 1] &= job->last_word;
            empty = false;
        }
        if (width > 0 && !empty) widen(t, job->words);
    }
}

static void finish_row(const ball_job *job, int64_t row, const uint64_t *t)
{
    uint64_t *out = job->out + row * job->words;
    for (int32_t w = 0; w < job->words; w++)
        out[w] = (t[w] ^ job->invert) & exists(job, w);
}

static rs_status dilate_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    const ball_job *job = arg;
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint64_t *t = RS_ARENA_RAW(scratch, uint64_t, job->words);
    const uint64_t **list = RS_ARENA_RAW(scratch, const uint64_t *, job->n_rows);
    if (t == NULL || list == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a ball");
    }
    for (int32_t j = 0; j < job->args->n[1]; j++) {
        const int64_t row = k * job->args->n[1] + j;
        if (job->filled[row] == 2)
            memset(t, 0xFF, (size_t)job->words * sizeof(uint64_t));
        else
            dilate_row(job, j, (int32_t)k, list, t);
        finish_row(job, row, t);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

static rs_status pass(rs_context *ctx, ball_job *job, bool erode, const uint64_t *in, uint64_t *out)
{
    job->in = in;
    job->out = out;
    job->invert = erode ? UINT64_MAX : 0;
    RS_TRY(rs_parallel_for(ctx, job->args->n[2], look_at_slice, job));
    return rs_parallel_for(ctx, job->args->n[2], dilate_slice, job);
}

static rs_status run(rs_context *ctx, rs_arena *scratch, ball_job *job)
{
    const rs_ball_args *args = job->args;
    const bool erode_first = args->operation == RS_BALL_ERODE || args->operation == RS_BALL_OPEN;
    RS_TRY(make_ball(ctx, scratch, job));
    job->filled = RS_ARENA_RAW(scratch, uint8_t, (size_t)args->n[1] * (size_t)args->n[2]);
    if (job->filled == NULL) return rs_fail_memory(ctx, "a ball");
    if (args->operation == RS_BALL_DILATE || args->operation == RS_BALL_ERODE)
        return pass(ctx, job, erode_first, args->in, args->out);
    uint64_t *middle = RS_ARENA_RAW(scratch, uint64_t, rs_bits_total(args->n));
    if (middle == NULL) return rs_fail_memory(ctx, "a bit mask");
    RS_TRY(pass(ctx, job, erode_first, args->in, middle));
    return pass(ctx, job, !erode_first, middle, args->out);
}

rs_status RS_TIERED(ball)(rs_context *ctx, const rs_ball_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL && args->radius_mm >= 0.0);
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && args->radius_mm / args->spacing_mm[a] < 256.0);
    ball_job job = {.args = args, .words = rs_bits_words(args->n[0])};
    job.last_word = args->n[0] % 64 == 0 ? UINT64_MAX : (1ULL << (args->n[0] % 64)) - 1;
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = run(ctx, scratch, &job);
    rs_arena_rewind(scratch, mark);
    return status;
}
