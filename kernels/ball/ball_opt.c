/* Ball morphology on whole rows of bits. Every (dj, dk) of the ball reaches w voxels along i. From the largest w down:
   T = (T widened by one bit each way) OR the source rows of this w. An erosion is the dilation of the complement. Rows
   that are empty are never read (performance 3.6). */
#include <string.h>

#include "kernel.h"
#include "restage/kernels/ball.h"

/* One row of the ball: offset from the centre's row. */
typedef struct ball_row {
    int32_t dj, dk;
} ball_row;

typedef struct ball_job {
    const rs_ball_args *args;
    int32_t words;
    uint64_t last_word; /* the columns that exist in the last word of a row */
    ball_row *rows;     /* by falling half width along i */
    int64_t *away;      /* words of the mask from the centre's row, one a row of the ball */
    int32_t *first;     /* rows of half width w: first[widest - w] … first[widest - w + 1] - 1 */
    int32_t n_rows, widest, reach_j, reach_k;
    const uint64_t *in;
    uint64_t *out;
    uint64_t invert; /* all ones for an erosion */
    uint8_t *filled; /* one a row of the source: 0 empty, 1 some, 2 full (after inversion) */
    int32_t *sums;   /* (n[2] + 1) x (n[1] + 1): rows that are not empty before (j, k) */
} ball_job;

static int32_t half_width(const rs_ball_args *args, int32_t dj, int32_t dk)
{
    const double *s = args->spacing_mm, r2 = args->radius_mm * args->radius_mm;
    int32_t w = -1;
    while ((w + 1) * s[0] * ((w + 1) * s[0]) + dj * s[1] * (dj * s[1]) + dk * s[2] * (dk * s[2]) <= r2)
        w++;
    return w;
}

/* Rows sorted by falling width; the order within a width shows in no bit. */
static rs_status make_ball(rs_context *ctx, rs_arena *scratch, ball_job *job)
{
    const rs_ball_args *args = job->args;
    const int32_t reach_j = job->reach_j = (int32_t)(args->radius_mm / args->spacing_mm[1]) + 1;
    const int32_t reach_k = job->reach_k = (int32_t)(args->radius_mm / args->spacing_mm[2]) + 1;
    const size_t most = (size_t)(2 * reach_j + 1) * (size_t)(2 * reach_k + 1);
    job->widest = half_width(args, 0, 0);
    job->rows = RS_ARENA_RAW(scratch, ball_row, most);
    job->away = RS_ARENA_RAW(scratch, int64_t, most);
    job->first = RS_ARENA_RAW(scratch, int32_t, job->widest + 2);
    if (job->rows == NULL || job->away == NULL || job->first == NULL) return rs_fail_memory(ctx, "a ball");
    job->n_rows = 0;
    for (int32_t w = job->widest; w >= 0; w--) {
        job->first[job->widest - w] = job->n_rows;
        for (int32_t dk = -reach_k; dk <= reach_k; dk++)
            for (int32_t dj = -reach_j; dj <= reach_j; dj++) {
                if (half_width(args, dj, dk) != w) continue;
                job->away[job->n_rows] = ((int64_t)dk * args->n[1] + dj) * job->words;
                job->rows[job->n_rows++] = (ball_row){dj, dk};
            }
    }
    job->first[job->widest + 1] = job->n_rows;
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

/* t |= the rows away[0 … n - 1] words from the centre, inverted where invert is all ones; sums stay in registers. */
static void or_rows(const uint64_t *centre, const int64_t *away, int32_t n, uint64_t invert, int32_t words, uint64_t *t)
{
    int32_t w = 0;
    for (; w + 8 <= words; w += 8) {
        const uint64_t *from = centre + w;
        four_words a = *(const four_words *)(t + w), b = *(const four_words *)(t + w + 4);
        for (int32_t r = 0; r < n; r++) {
            a |= *(const four_words *)(from + away[r]) ^ invert;
            b |= *(const four_words *)(from + away[r] + 4) ^ invert;
        }
        *(four_words *)(t + w) = a;
        *(four_words *)(t + w + 4) = b;
    }
    for (; w < words; w++) {
        uint64_t a = t[w];
        for (int32_t r = 0; r < n; r++)
            a |= centre[away[r] + w] ^ invert;
        t[w] = a;
    }
}

/* Rows of the source within reach of (j, k) that are not empty. */
static int32_t rows_near(const ball_job *job, int32_t j, int32_t k)
{
    const int32_t *n = job->args->n;
    const int64_t stride = (int64_t)n[1] + 1;
    const int32_t j0 = j < job->reach_j ? 0 : j - job->reach_j, k0 = k < job->reach_k ? 0 : k - job->reach_k;
    const int32_t j1 = n[1] - j > job->reach_j ? j + job->reach_j + 1 : n[1];
    const int32_t k1 = n[2] - k > job->reach_k ? k + job->reach_k + 1 : n[2];
    return job->sums[k1 * stride + j1] - job->sums[k0 * stride + j1] - job->sums[k1 * stride + j0] +
           job->sums[k0 * stride + j0];
}

/* The ball's rows first … last - 1 that lie in the volume; returns how many. */
static int32_t rows_inside(const ball_job *job, int32_t j, int32_t k, int32_t first, int32_t last, int64_t *away)
{
    const int32_t *n = job->args->n;
    int32_t count = 0;
    for (int32_t r = first; r < last; r++) {
        const int32_t jj = j + job->rows[r].dj, kk = k + job->rows[r].dk;
        if (jj >= 0 && kk >= 0 && jj < n[1] && kk < n[2]) away[count++] = job->away[r];
    }
    return count;
}

/* One row of the result, before the inversion back; away has room for every row of the ball. */
static void dilate_row(const ball_job *job, int32_t j, int32_t k, int64_t *away, uint64_t *t)
{
    const int32_t *n = job->args->n;
    const uint64_t *centre = job->in + ((int64_t)k * n[1] + j) * job->words;
    const bool inner = j >= job->reach_j && j + job->reach_j < n[1] && k >= job->reach_k && k + job->reach_k < n[2];
    memset(t, 0, (size_t)job->words * sizeof(uint64_t));
    if (rows_near(job, j, k) == 0) return;
    for (int32_t width = job->widest; width >= 0; width--) {
        const int32_t first = job->first[job->widest - width], last = job->first[job->widest - width + 1];
        if (inner)
            or_rows(centre, job->away + first, last - first, job->invert, job->words, t);
        else
            or_rows(centre, away, rows_inside(job, j, k, first, last, away), job->invert, job->words, t);
        t[job->words - 1] &= job->last_word;
        if (width > 0) widen(t, job->words);
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
    int64_t *away = RS_ARENA_RAW(scratch, int64_t, job->n_rows);
    if (t == NULL || away == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a ball");
    }
    for (int32_t j = 0; j < job->args->n[1]; j++) {
        const int64_t row = k * job->args->n[1] + j;
        if (job->filled[row] == 2)
            memset(t, 0xFF, (size_t)job->words * sizeof(uint64_t));
        else
            dilate_row(job, j, (int32_t)k, away, t);
        finish_row(job, row, t);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

/* sums from filled. */
static void add_up(ball_job *job)
{
    const int32_t *n = job->args->n;
    const int64_t stride = (int64_t)n[1] + 1;
    memset(job->sums, 0, (size_t)stride * sizeof(int32_t));
    for (int64_t k = 0; k < n[2]; k++) {
        int32_t row = 0;
        job->sums[(k + 1) * stride] = 0;
        for (int64_t j = 0; j < n[1]; j++) {
            row += job->filled[k * n[1] + j] != 0;
            job->sums[(k + 1) * stride + j + 1] = job->sums[k * stride + j + 1] + row;
        }
    }
}

static rs_status pass(rs_context *ctx, ball_job *job, bool erode, const uint64_t *in, uint64_t *out)
{
    job->in = in;
    job->out = out;
    job->invert = erode ? UINT64_MAX : 0;
    RS_TRY(rs_parallel_for(ctx, job->args->n[2], look_at_slice, job));
    add_up(job);
    return rs_parallel_for(ctx, job->args->n[2], dilate_slice, job);
}

static rs_status run(rs_context *ctx, rs_arena *scratch, ball_job *job)
{
    const rs_ball_args *args = job->args;
    const bool erode_first = args->operation == RS_BALL_ERODE || args->operation == RS_BALL_OPEN;
    RS_TRY(make_ball(ctx, scratch, job));
    job->filled = RS_ARENA_RAW(scratch, uint8_t, (size_t)args->n[1] * (size_t)args->n[2]);
    job->sums = RS_ARENA_RAW(scratch, int32_t, ((size_t)args->n[1] + 1) * ((size_t)args->n[2] + 1));
    if (job->filled == NULL || job->sums == NULL) return rs_fail_memory(ctx, "a ball");
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
