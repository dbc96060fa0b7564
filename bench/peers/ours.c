/* Our side: the kernels as a plain user of librestage-kernels calls them. See peer.h for the command line. */
#include <restage/arena.h>
#include <restage/context.h>
#include <restage/kernels.h>
#include <restage/kernels/ball.h>
#include <restage/kernels/components.h>
#include <restage/kernels/distance.h>
#include <restage/kernels/gauss.h>
#include <restage/kernels/halve.h>
#include <restage/kernels/maxima.h>
#include <restage/kernels/resample.h>

#include "ours.h"
#include "peer.h"

static void *memory(size_t bytes)
{
    void *p = malloc(bytes);
    if (!p) peer_die("no memory for", "a result");
    memset(p, 0, bytes);
    return p;
}

void ours_must(rs_context *ctx, rs_status status)
{
    if (status != RS_OK) peer_die("restage:", rs_context_message(ctx));
}

/* Runs and times a call of a job. */
typedef void (*job_call)(rs_context *ctx, void *job);

static void time_calls(const peer_input *in, rs_context *ctx, job_call call, void *job)
{
    if (in->calls > 0) call(ctx, job);
    for (int c = 0; c < (in->calls > 0 ? in->calls : 1); c++) {
        double cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID), wall = peer_clock(CLOCK_MONOTONIC);
        call(ctx, job);
        cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        printf("time %.6f %.6f\n", cpu, peer_clock(CLOCK_MONOTONIC) - wall);
    }
}

static void call_gauss(rs_context *ctx, void *job)
{
    ours_must(ctx, rs_context_kernels(ctx)->gauss(ctx, job));
}

static void run_gauss(const peer_input *in, rs_context *ctx)
{
    struct rs_gauss_args args = {.n = {in->n[0], in->n[1], in->n[2]}, .sigma_vox = {2, 2, 2}, .edge = RS_EDGE_REPEAT};
    args.in_int16 = peer_file(in, "vol.raw", peer_voxels(in) * 2);
    args.out = memory(peer_voxels(in) * 4);
    time_calls(in, ctx, call_gauss, &args);
    peer_keep(in, args.out, peer_voxels(in) * 4);
}

/* Taps of the Gaussian, so that the peer can repeat it with the same ones: the centre, then to one side. */
static void run_taps(const peer_input *in, rs_context *ctx)
{
    (void)ctx;
    double taps[RS_TAPS_MAX + 1];
    int radius = rs_gauss_taps(4.0, taps);
    peer_keep(in, taps, (size_t)(radius + 1) * sizeof *taps);
}

static void call_maxima(rs_context *ctx, void *job)
{
    ours_must(ctx, rs_context_kernels(ctx)->maxima(ctx, job));
}

static void run_maxima(const peer_input *in, rs_context *ctx)
{
    size_t box = (size_t)in->side * (size_t)in->side * (size_t)in->side;
    const float *three = peer_file(in, "responses.raw", 3 * box * 4);
    int64_t found = 0;
    struct rs_maxima_args args = {.n = {in->side, in->side, in->side},
                                  .below = three,
                                  .response = three + box,
                                  .above = three + 2 * box,
                                  .threshold = ours_threshold_hu,
                                  .found = &found};
    args.capacity = (int64_t)(box / 8);
    args.index = memory(box / 8 * sizeof *args.index);
    time_calls(in, ctx, call_maxima, &args);
    peer_keep(in, args.index, (size_t)found * sizeof *args.index);
}

typedef struct components_job {
    struct rs_components_args args;
    rs_components out;
    rs_arena_mark start;
    uint32_t *labels; /* painted, or NULL */
} components_job;

/* Labels 1 … n, as the peers return them. */
static void paint(const rs_components *c, uint32_t *labels)
{
    int64_t rows = (int64_t)c->n[1] * c->n[2];
    for (int64_t row = 0; row < rows; row++) {
        uint32_t *line = labels + row * c->n[0];
        int32_t i = 0;
        for (int32_t r = c->row_first[row]; r < c->row_first[row + 1]; r++) {
            const rs_run *run = &c->runs[r];
            memset(line + i, 0, (size_t)(run->i_begin - i) * sizeof *line);
            for (i = run->i_begin; i < run->i_end; i++)
                line[i] = (uint32_t)run->component + 1;
        }
        memset(line + i, 0, (size_t)(c->n[0] - i) * sizeof *line);
    }
}

static void call_components(rs_context *ctx, void *arg)
{
    components_job *job = arg;
    rs_arena_rewind(job->args.arena, job->start);
    ours_must(ctx, rs_context_kernels(ctx)->components(ctx, &job->args));
    if (job->labels) paint(&job->out, job->labels);
}

/* components-MASK-CONNECTIVITY, or labels-MASK-CONNECTIVITY with the labels painted. */
static void run_components(const peer_input *in, rs_context *ctx)
{
    char mask[64];
    components_job job = {.args = {.n = {in->n[0], in->n[1], in->n[2]}}};
    if (sscanf(in->job, "%*[a-z]-%40[a-z]-%d", mask, &job.args.connectivity) != 2) peer_die("no such job:", in->job);
    strcat(mask, ".raw");
    job.args.labels = peer_file(in, mask, peer_voxels(in));
    if (in->job[0] == 'l') job.labels = memory(peer_voxels(in) * sizeof *job.labels);
    job.args.arena = rs_arena_new();
    job.start = rs_arena_where(job.args.arena);
    job.args.out = &job.out;
    time_calls(in, ctx, call_components, &job);
    if (job.labels) {
        peer_keep(in, job.labels, peer_voxels(in) * 4);
    } else {
        int64_t *sizes = memory((size_t)(job.out.n_components + 1) * sizeof *sizes);
        for (int c = 0; c < job.out.n_components; c++)
            sizes[c] = job.out.items[c].voxels;
        peer_keep(in, sizes, (size_t)job.out.n_components * sizeof *sizes);
    }
    rs_arena_free(job.args.arena);
}

static void call_distance(rs_context *ctx, void *job)
{
    ours_must(ctx, rs_context_kernels(ctx)->distance(ctx, job));
}

static void run_distance(const peer_input *in, rs_context *ctx)
{
    int far = strcmp(in->job, "distance-far") == 0;
    struct rs_distance_args args = {.n = {in->n[0], in->n[1], in->n[2]}, .limit_mm = far ? 20 : 0};
    memcpy(args.spacing_mm, in->spacing, sizeof args.spacing_mm);
    args.mask = peer_file(in, far ? "outside.raw" : "lung.raw", peer_voxels(in));
    args.out = memory(peer_voxels(in) * 4);
    time_calls(in, ctx, call_distance, &args);
    peer_keep(in, args.out, peer_voxels(in) * 4);
}

typedef struct ball_job {
    struct rs_ball_args args;
    uint8_t *in, *out;
    uint64_t *bits;
} ball_job;

/* From bytes to bytes, the packing counted. */
static void call_ball(rs_context *ctx, void *arg)
{
    ball_job *job = arg;
    ours_must(ctx, rs_bits_pack(ctx, job->args.n, job->in, NULL, job->bits));
    ours_must(ctx, rs_context_kernels(ctx)->ball(ctx, &job->args));
    ours_must(ctx, rs_bits_unpack(ctx, job->args.n, job->args.out, 1, 0, job->out));
}

static void run_ball(const peer_input *in, rs_context *ctx)
{
    ball_job job = {.args = {.n = {in->n[0], in->n[1], in->n[2]}, .radius_mm = 10, .operation = RS_BALL_CLOSE}};
    memcpy(job.args.spacing_mm, in->spacing, sizeof job.args.spacing_mm);
    size_t bytes = rs_bits_total(job.args.n) * sizeof(uint64_t);
    job.in = peer_file(in, "lung.raw", peer_voxels(in));
    job.out = memory(peer_voxels(in));
    job.args.in = job.bits = memory(bytes);
    job.args.out = memory(bytes);
    time_calls(in, ctx, call_ball, &job);
    peer_keep(in, job.out, peer_voxels(in));
}

static void call_resample(rs_context *ctx, void *job)
{
    ours_must(ctx, rs_context_kernels(ctx)->resample(ctx, job));
}

static void run_resample(const peer_input *in, rs_context *ctx)
{
    int cubic = strcmp(in->job, "resample-cubic") == 0;
    struct rs_resample_args args = {.method = cubic ? RS_RESAMPLE_CUBIC : RS_RESAMPLE_LINEAR};
    size_t voxels = 1;
    for (int a = 0; a < 3; a++) {
        args.n_in[a] = in->n[a];
        args.n_out[a] = peer_resampled(in, a);
        args.origin[a] = peer_offset_mm / in->spacing[a];
        args.step[a] = peer_step_mm / in->spacing[a];
        voxels *= (size_t)args.n_out[a];
    }
    args.in_int16 = peer_file(in, "vol.raw", peer_voxels(in) * 2);
    args.out = memory(voxels * 4);
    time_calls(in, ctx, call_resample, &args);
    peer_keep(in, args.out, voxels * 4);
}

static void call_halve(rs_context *ctx, void *job)
{
    ours_must(ctx, rs_context_kernels(ctx)->halve(ctx, job));
}

static void run_halve(const peer_input *in, rs_context *ctx)
{
    struct rs_halve_args args = {.n = {in->n[0], in->n[1], in->n[2]}, .axes = {1, 1, 1}};
    int32_t n_out[3];
    rs_halve_size(args.n, args.axes, n_out);
    size_t bytes = (size_t)n_out[0] * (size_t)n_out[1] * (size_t)n_out[2] * 2;
    args.in = peer_file(in, "vol.raw", peer_voxels(in) * 2);
    args.out = memory(bytes);
    time_calls(in, ctx, call_halve, &args);
    peer_keep(in, args.out, bytes);
}

static void call_scales(rs_context *ctx, void *job)
{
    ours_scales_run(ctx, job);
}

/* laplace: one scale into a volume; scales: eight scales and their maxima. */
static void run_scales(const peer_input *in, rs_context *ctx)
{
    size_t box = (size_t)in->side * (size_t)in->side * (size_t)in->side;
    ours_scales job = {.side = in->side, .cube = peer_file(in, "cube.raw", box * 2)};
    if (strcmp(in->job, "laplace") == 0) job.response = memory(box * 4);
    ours_scales_begin(ctx, &job);
    time_calls(in, ctx, call_scales, &job);
    if (job.response)
        peer_keep(in, job.response, box * 4);
    else
        peer_keep(in, job.found, (size_t)job.n_found * sizeof *job.found);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *prefix;
        void (*run)(const peer_input *in, rs_context *ctx);
    } jobs[] = {{"gauss", run_gauss},        {"taps", run_taps},         {"laplace", run_scales},
                {"scales", run_scales},      {"maxima", run_maxima},     {"components-", run_components},
                {"labels-", run_components}, {"distance", run_distance}, {"ball", run_ball},
                {"resample-", run_resample}, {"halve", run_halve}};
    peer_input in;
    peer_start(argc, argv, &in);
    rs_context *ctx;
    if (rs_context_new(&(rs_context_options){.threads = in.threads}, &ctx) != RS_OK) return 1;
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++)
        if (strncmp(in.job, jobs[j].prefix, strlen(jobs[j].prefix)) == 0) {
            jobs[j].run(&in, ctx);
            printf("tier %s\n", rs_tier_name(rs_context_kernels(ctx)->tier));
            rs_context_free(ctx);
            peer_end();
            return 0;
        }
    peer_die("no such job:", in.job);
}
