/* The machine's floors: memory bandwidth by a streaming copy of a block that no cache holds, arithmetic by
   multiply-adds in registers (performance 1). The best of several runs: a floor is not what was reached on average. */
#include <unistd.h>

#include "clock.h"
#include "floor.h"
#include "kernel.h"
#include "restage/bench.h"

enum {
    RUNS = 9,
    CHUNK = 1 << 20, /* floats of an item */
    FMA_ITEMS = 16,
    FMA_ROUNDS = 1 << 16,
};
static const size_t block_least = (size_t)64 << 20, block_most = (size_t)384 << 20;

typedef float (*fma_loop)(int64_t rounds, float factor, float addend);
typedef void (*copy_loop)(const float *in, float *out, size_t count);

typedef struct floor_job {
    const float *in;
    float *out;
    size_t count;
    copy_loop copy;
    fma_loop fma;
    volatile float sink[FMA_ITEMS]; /* so that no loop is left out */
} floor_job;

static void pick_loops(floor_job *job, rs_tier *tier)
{
    job->copy = rs_floor_copy__portable;
    job->fma = rs_floor_fma__portable;
    *tier = RS_TIER_PORTABLE;
#ifdef RS_HAVE_AVX2
    if (rs_tier_is_available(RS_TIER_AVX2)) {
        job->copy = rs_floor_copy__avx2;
        job->fma = rs_floor_fma__avx2;
        *tier = RS_TIER_AVX2;
    }
#endif
#ifdef RS_HAVE_NEON
    job->copy = rs_floor_copy__neon;
    job->fma = rs_floor_fma__neon;
    *tier = RS_TIER_NEON;
#endif
}

static rs_status copy_item(rs_context *ctx, int64_t item, int worker, void *arg)
{
    floor_job *job = arg;
    size_t begin = (size_t)item * CHUNK, count = job->count - begin < CHUNK ? job->count - begin : CHUNK;
    (void)ctx, (void)worker;
    job->copy(job->in + begin, job->out + begin, count);
    return RS_OK;
}

static rs_status fma_item(rs_context *ctx, int64_t item, int worker, void *arg)
{
    floor_job *job = arg;
    (void)ctx, (void)worker;
    job->sink[item] = job->fma(FMA_ROUNDS, 0.9999F, 0.0001F);
    return RS_OK;
}

/* Amount done in a ns at best: 10^9 a second. One thread is timed as the kernels are, by its CPU time. */
static rs_status best_of(rs_context *ctx, int64_t items, rs_body body, floor_job *job, double amount, double *out)
{
    const clockid_t clock = rs_context_threads(ctx) == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    double best = 0.0;
    for (int run = 0; run < RUNS; run++) {
        double begin = clock_ns(clock);
        RS_TRY(rs_parallel_for(ctx, items, body, job));
        double ns = clock_ns(clock) - begin;
        if (ns > 0.0 && amount / ns > best) best = amount / ns;
    }
    *out = best;
    return RS_OK;
}

/* Larger than the last-level cache, where the system says how large that is. */
static size_t block_bytes(void)
{
    size_t bytes = block_least;
#ifdef _SC_LEVEL3_CACHE_SIZE
    long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (cache > 0 && (size_t)cache + (size_t)cache / 2 > bytes) bytes = (size_t)cache + (size_t)cache / 2;
#endif
    return bytes < block_most ? bytes : block_most;
}

static rs_status measure(rs_context *ctx, floor_job *job, double *copy, double *fma)
{
    int64_t chunks = (int64_t)((job->count + CHUNK - 1) / CHUNK);
    RS_TRY(best_of(ctx, chunks, copy_item, job, 2.0 * (double)(job->count * sizeof(float)), copy));
    return best_of(ctx, FMA_ITEMS, fma_item, job, (double)FMA_ITEMS * FMA_ROUNDS * RS_FLOOR_FLOPS, fma);
}

static rs_status measure_both(rs_context *ctx, floor_job *job, rs_bench_floor *out)
{
    rs_context *one;
    RS_TRY(rs_context_new(&(rs_context_options){.threads = 1}, &one));
    rs_status status = measure(one, job, &out->copy_gb_s_1, &out->fma_gflop_s_1);
    if (status != RS_OK) status = rs_fail(ctx, status, "%s", rs_context_message(one));
    rs_context_free(one);
    RS_TRY(status);
    RS_TRY(rs_context_check_cancel(ctx));
    return measure(ctx, job, &out->copy_gb_s_n, &out->fma_gflop_s_n);
}

rs_status rs_bench_measure_floor(rs_context *ctx, rs_bench_floor *out)
{
    rs_block in, into;
    floor_job job = {.count = block_bytes() / sizeof(float)};
    rs_bench_floor floors = {.threads = rs_context_threads(ctx), .block_mb = (double)block_bytes() * 1e-6};
    pick_loops(&job, &floors.fma_tier);
    RS_TRY(rs_block_take(ctx, block_bytes(), "the block that bandwidth is measured on", &in));
    rs_status status = rs_block_take(ctx, block_bytes(), "the block that bandwidth is measured on", &into);
    if (status == RS_OK) {
        float *source = in.data;
        for (size_t at = 0; at < job.count; at++)
            source[at] = (float)(at & 1023);
        job.in = source;
        job.out = into.data;
        status = measure_both(ctx, &job, &floors);
        rs_block_give(ctx, &into);
    }
    rs_block_give(ctx, &in);
    rs_block_trim(ctx);
    if (status == RS_OK) *out = floors;
    return status;
}
