/* A kernel of this machine against its reference: the probe's own cases on boxes that hit tails and are smaller than a
   radius, and the same bits with one thread and with several. */
#include <string.h>

#include "kernel.h"
#include "probe.h"
#include "restage/bench.h"

static const int32_t shapes[][3] = {{1, 20, 3}, {17, 5, 9}, {65, 33, 7}, {24, 24, 24}, {130, 17, 5}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

typedef struct agree_job {
    rs_context *ctx;       /* of the caller: tier and threads are its own */
    rs_context *ref, *one; /* one thread each; one: first the common bits, then the tier's */
    const char *name;
    const rs_probe *probe;
    rs_bench_agreement *out;
    double worst; /* difference by tolerance */
} agree_job;

static rs_status run(agree_job *job, rs_context *on, rs_arena *arena, const rs_probe_case *c, rs_probe_output *out,
                     int *n)
{
    void *args = NULL;
    rs_status status = job->probe->make(on, arena, c, &args);
    if (status == RS_OK) status = rs_kernel_run(on, job->name, args, job->probe->args_size);
    if (status != RS_OK) return on == job->ctx ? status : rs_fail(job->ctx, status, "%s", rs_context_message(on));
    *n = job->probe->outputs(args, out);
    return RS_OK;
}

static bool same_bits(const rs_probe_output *a, const rs_probe_output *b, int n)
{
    for (int o = 0; o < n; o++)
        if (a[o].count != b[o].count || memcmp(a[o].data, b[o].data, rs_probe_bytes(&a[o])) != 0) return false;
    return true;
}

static void compare(agree_job *job, const rs_probe_output *ref, const rs_probe_output *got, int n)
{
    for (int o = 0; o < n; o++) {
        double d = rs_probe_difference(&ref[o], &got[o]), tolerance = got[o].tolerance;
        double share = d == 0.0 ? 0.0 : tolerance > 0.0 ? d / tolerance : (double)INFINITY;
        if (!(d <= tolerance)) job->out->agrees = false;
        if (job->out->output != NULL && !(share > job->worst)) continue;
        job->worst = share;
        job->out->output = got[o].what;
        job->out->difference = d;
        job->out->tolerance = tolerance;
    }
}

static rs_status run_case(agree_job *job, rs_arena *arena, const rs_probe_case *c)
{
    rs_probe_output ref[RS_PROBE_OUTPUTS], got[RS_PROBE_OUTPUTS], other[RS_PROBE_OUTPUTS];
    int n, n_got, n_other;
    RS_TRY(rs_context_check_cancel(job->ctx));
    RS_TRY(run(job, job->ref, arena, c, ref, &n));
    RS_TRY(run(job, job->ctx, arena, c, got, &n_got));
    job->out->cases++;
    if (n != n_got) job->out->agrees = false;
    compare(job, ref, got, n < n_got ? n : n_got);
    if (job->out->tier == RS_TIER_REF) return RS_OK;
    const rs_tier tiers[] = {RS_TIER_PORTABLE, job->out->tier};
    for (int t = 0; t < 2; t++) {
        RS_TRY(rs_context_set_tier(job->one, tiers[t]));
        RS_TRY(run(job, job->one, arena, c, other, &n_other));
        if (n_other != n_got || !same_bits(got, other, n_got)) job->out->same_bits = false;
    }
    return RS_OK;
}

static rs_status run_cases(agree_job *job)
{
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(job->ctx, "a probe");
    rs_arena_mark empty = rs_arena_where(arena);
    rs_status status = RS_OK;
    const int cases = SHAPES * job->probe->variants * 2;
    for (int i = 0; i < cases && status == RS_OK; i++) {
        const int32_t *n = shapes[i / 2 % SHAPES];
        rs_probe_case c = {(uint64_t)i + 1, {n[0], n[1], n[2]}, i / 2 / SHAPES, i % 2 == 1};
        status = run_case(job, arena, &c);
        rs_arena_rewind(arena, empty);
    }
    rs_arena_free(arena);
    return status;
}

rs_status rs_bench_agree(rs_context *ctx, const char *kernel, rs_bench_agreement *out)
{
    int row = rs_kernels_find(kernel);
    if (row < 0) return rs_kernels_unknown(ctx, kernel);
    rs_bench_agreement agreement = {
        .kernel = rs_kernels_name(row), .tier = rs_context_kernels(ctx)->tier, .agrees = true, .same_bits = true};
    agree_job job = {.ctx = ctx, .name = agreement.kernel, .probe = rs_kernels_probe(row), .out = &agreement};
    const rs_context_options one = {.threads = 1};
    rs_status status = rs_context_new(&one, &job.ref);
    if (status == RS_OK) status = rs_context_new(&one, &job.one);
    if (status == RS_OK) status = rs_context_set_tier(job.ref, RS_TIER_REF);
    status = status == RS_OK ? run_cases(&job) : rs_fail_memory(ctx, "a probe");
    rs_context_free(job.one);
    rs_context_free(job.ref);
    if (status == RS_OK) *out = agreement;
    return status;
}
