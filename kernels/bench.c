/* Times a kernel by its probe: one thread and all of them in turn, into memory that was touched before, and once into
   memory whose pages must be given first (performance 5). */
#define _GNU_SOURCE /* madvise */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "kernel.h"
#include "probe.h"
#include "restage/bench.h"

enum {
    REPEATS = 7,
    REPEATS_MOST = 99,
    FRESH_RUNS = 3,
    SLICES_LEAST = 16,
    SIDE_MOST = 4096,
    RUNS_BESIDE = 3 + FRESH_RUNS, /* untimed and fresh ones, for the estimate of what all takes */
};

/* The arguments of one run: one box, or tiles that are as many voxels together. */
typedef struct bench_set {
    const char *name;
    const rs_probe *probe;
    rs_arena *arena;
    rs_arena_mark made; /* what the kernel itself takes from the arena lies behind it */
    void **args;
    int32_t tiles;
    double voxels;
} bench_set;

static bool is_tiled(const rs_probe *probe)
{
    return probe->tile[0] > 0 && probe->tile[1] > 0 && probe->tile[2] > 0;
}

static rs_status make_set(rs_context *ctx, bench_set *set, const int32_t n[3])
{
    rs_probe_case c = {.seed = 1, .n = {n[0], n[1], n[2]}};
    set->tiles = 1;
    if (is_tiled(set->probe)) {
        for (int a = 0; a < 3; a++)
            c.n[a] = n[a] < set->probe->tile[a] ? n[a] : set->probe->tile[a];
        double tile = (double)c.n[0] * c.n[1] * c.n[2];
        set->tiles = (int32_t)((double)n[0] * n[1] * n[2] / tile);
    }
    set->args = RS_ARENA_NEW(set->arena, void *, set->tiles);
    if (set->args == NULL) return rs_fail_memory(ctx, "a probe");
    for (int32_t t = 0; t < set->tiles; t++) {
        RS_TRY(rs_context_check_cancel(ctx));
        c.seed = (uint64_t)t + 1;
        RS_TRY(set->probe->make(ctx, set->arena, &c, &set->args[t]));
    }
    set->voxels = (double)c.n[0] * c.n[1] * c.n[2] * set->tiles;
    set->made = rs_arena_where(set->arena);
    return RS_OK;
}

static rs_status run_tile(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const bench_set *set = arg;
    (void)worker;
    return rs_kernel_run(ctx, set->name, set->args[item], set->probe->args_size);
}

/* One run; ns a voxel by the clock. */
static rs_status run_once(rs_context *ctx, bench_set *set, clockid_t clock, double *ns)
{
    if (!is_tiled(set->probe)) rs_arena_rewind(set->arena, set->made);
    double begin = clock_ns(clock);
    if (is_tiled(set->probe))
        RS_TRY(rs_parallel_for(ctx, set->tiles, run_tile, set));
    else
        RS_TRY(run_tile(ctx, 0, 0, set));
    *ns = (clock_ns(clock) - begin) / set->voxels;
    return RS_OK;
}

/* Gives back the pages of what the last run wrote, so that the next one is given new ones. */
static void drop_outputs(const bench_set *set)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int32_t t = 0; t < set->tiles; t++) {
        rs_probe_output out[RS_PROBE_OUTPUTS];
        int n = set->probe->outputs(set->args[t], out);
        for (int o = 0; o < n; o++) {
            uintptr_t begin = ((uintptr_t)out[o].data + page - 1) / page * page;
            uintptr_t end = ((uintptr_t)out[o].data + rs_probe_bytes(&out[o])) / page * page;
            /* Where that is refused the pages stay, and fresh memory is no slower. */
            if (end > begin) (void)!madvise((void *)begin, end - begin, MADV_DONTNEED);
        }
    }
}

typedef struct bench_job {
    rs_context *ctx, *one; /* all threads, one thread; of one tier */
    bench_set *set;
    int repeats;
    rs_bench_result *out;
} bench_job;

static rs_status run_with_one(bench_job *job, double *ns)
{
    rs_status status = run_once(job->one, job->set, CLOCK_THREAD_CPUTIME_ID, ns);
    return status == RS_OK ? RS_OK : rs_fail(job->ctx, status, "%s", rs_context_message(job->one));
}

static rs_status time_set(bench_job *job)
{
    double one[REPEATS_MOST], all[REPEATS_MOST], fresh[FRESH_RUNS], untimed;
    RS_TRY(run_with_one(job, &untimed));
    for (int r = 0; r < FRESH_RUNS; r++) {
        RS_TRY(rs_context_check_cancel(job->ctx));
        drop_outputs(job->set);
        RS_TRY(run_with_one(job, &fresh[r]));
    }
    RS_TRY(run_once(job->ctx, job->set, CLOCK_MONOTONIC, &untimed));
    for (int r = 0; r < job->repeats; r++) {
        RS_TRY(rs_context_check_cancel(job->ctx));
        RS_TRY(run_with_one(job, &one[r]));
        RS_TRY(run_once(job->ctx, job->set, CLOCK_MONOTONIC, &all[r]));
    }
    rs_bench_result *out = job->out;
    out->ns_fresh = clock_median(fresh, FRESH_RUNS);
    out->ns_1 = clock_median(one, job->repeats);
    out->ns_1_min = one[0];
    out->ns_n = clock_median(all, job->repeats);
    out->ns_n_min = all[0];
    out->speed_up = out->ns_n > 0.0 ? out->ns_1 / out->ns_n : (double)NAN;
    return RS_OK;
}

/* Slices that all runs together may have: from one run of few slices. */
static rs_status cut_slices(bench_job *job, double seconds, int32_t n[3])
{
    const int32_t few[3] = {n[0], n[1], n[2] < SLICES_LEAST ? n[2] : SLICES_LEAST};
    double ns;
    RS_TRY(make_set(job->ctx, job->set, few));
    RS_TRY(run_with_one(job, &ns));
    double slice_s = ns * 1e-9 * n[0] * n[1] * (2 * job->repeats + RUNS_BESIDE);
    double fit = slice_s > 0.0 ? seconds / slice_s : (double)n[2];
    if (fit < few[2]) fit = few[2];
    if (fit < n[2]) n[2] = (int32_t)fit;
    return RS_OK;
}

static void take_floor(const rs_bench_floor *floor, rs_bench_result *out)
{
    out->floor_ns_1 = out->floor_ns_n = out->share_1 = out->share_n = (double)NAN;
    if (floor == NULL) return;
    double bytes_1 = out->bytes_per_voxel / floor->copy_gb_s_1, flops_1 = out->flops_per_voxel / floor->fma_gflop_s_1;
    double bytes_n = out->bytes_per_voxel / floor->copy_gb_s_n, flops_n = out->flops_per_voxel / floor->fma_gflop_s_n;
    out->memory_bound = bytes_1 > flops_1;
    out->floor_ns_1 = fmax(bytes_1, flops_1);
    out->floor_ns_n = fmax(bytes_n, flops_n);
    out->share_1 = out->floor_ns_1 / out->ns_1;
    out->share_n = out->floor_ns_n / out->ns_n;
}

static rs_status run_job(bench_job *job, double seconds)
{
    rs_bench_result *out = job->out;
    rs_arena_mark empty = rs_arena_where(job->set->arena);
    RS_TRY(rs_context_set_tier(job->one, out->tier));
    if (seconds > 0.0) RS_TRY(cut_slices(job, seconds, out->n));
    rs_arena_rewind(job->set->arena, empty);
    RS_TRY(make_set(job->ctx, job->set, out->n));
    out->tiles = job->set->tiles;
    return time_set(job);
}

static rs_status take_shape(rs_context *ctx, const rs_bench_options *options, int32_t n[3])
{
    static const int32_t shape[3] = {256, 256, 128};
    bool given = options->n[0] != 0 || options->n[1] != 0 || options->n[2] != 0;
    memcpy(n, given ? options->n : shape, sizeof shape);
    if (rs_box_is_sane(n) && n[0] <= SIDE_MOST && n[1] <= SIDE_MOST && n[2] <= SIDE_MOST) return RS_OK;
    return rs_fail(ctx, RS_USAGE, "a kernel is timed on 1 to %d columns, rows and slices, not %d x %d x %d", SIDE_MOST,
                   (int)n[0], (int)n[1], (int)n[2]);
}

rs_status rs_bench_run(rs_context *ctx, const rs_bench_options *options, rs_bench_result *out)
{
    int row = rs_kernels_find(options->kernel);
    if (row < 0) return rs_kernels_unknown(ctx, options->kernel);
    const rs_probe *probe = rs_kernels_probe(row);
    rs_bench_result result = {
        .kernel = rs_kernels_name(row),
        .tier = rs_context_kernels(ctx)->tier,
        .threads = rs_context_threads(ctx),
        .repeats = options->repeats <= 0             ? REPEATS
                   : options->repeats < REPEATS_MOST ? options->repeats
                                                     : REPEATS_MOST,
        .bytes_per_voxel = probe->bytes_per_voxel,
        .flops_per_voxel = probe->flops_per_voxel,
    };
    RS_TRY(take_shape(ctx, options, result.n));
    bench_set set = {.name = result.kernel, .probe = probe, .arena = rs_arena_new()};
    bench_job job = {.ctx = ctx, .set = &set, .repeats = result.repeats, .out = &result};
    rs_status status = set.arena == NULL ? RS_NO_MEMORY : rs_context_new(&(rs_context_options){.threads = 1}, &job.one);
    status = status == RS_OK ? run_job(&job, options->seconds) : rs_fail_memory(ctx, "a probe");
    rs_context_free(job.one);
    rs_arena_free(set.arena);
    if (status != RS_OK) return status;
    take_floor(options->floor, &result);
    *out = result;
    return RS_OK;
}
