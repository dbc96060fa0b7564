/* Noise as the mode of the SDs of 7 x 7 windows that lie wholly in lung or wholly in tissue, each after removing a
   plane (science D1.1), and its correlation from the windows near that mode (science D1.2). A lattice of windows over
   the whole volume; a window's numbers depend on its place alone, and sums are folded slice by slice. */
#include "noise.h"

#include <math.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/parallel.h"
#include "restage/text.h"

enum {
    SIDE = 7,
    HALF = SIDE / 2,
    AREA = SIDE * SIDE,
    LATTICE_STEP = 11,   /* columns and rows between windows: they never touch */
    LATTICE_SLICES = 48, /* at most */
    MIN_WINDOWS = 60,    /* below, the mode is not told */
    MANY_WINDOWS = 400,  /* enough in lung not to ask tissue */
    BINS = 160
};
static const double bin_ln = 0.05, first_ln = -0.7;             /* SD 0.5 to 1,480 HU */
static const double tissue_low_hu = -150, tissue_high_hu = 120; /* of a window's mean: fat to muscle, no bone */

typedef enum window_kind { WINDOW_NONE = 0, WINDOW_LUNG, WINDOW_TISSUE } window_kind;

typedef struct window {
    double sd_hu;
    uint8_t kind;
} window;

typedef struct correlation {
    double pair_sum[4], axial_sum, axial_square; /* of products of residuals, HU squared */
    int64_t pairs[4], axial_pairs;
} correlation;

typedef struct noise_job {
    const rs_volume *volume;
    const rs_quality_params *params;
    const uint8_t *labels;
    uint8_t kind_of_label[256];
    int32_t n_i, n_j, n_k, k_step; /* lattice */
    window *windows;
    correlation *slices;
    window_kind chosen;
    double noise_hu;
} noise_job;

static int64_t voxel_at(const rs_geometry *g, int32_t i, int32_t j, int32_t k)
{
    return ((int64_t)k * g->n[1] + j) * g->n[0] + i;
}

/* The residuals of a window from its plane, centred at voxel (i, j, k); the lattice keeps it inside the image.
   kind is WINDOW_NONE where its voxels are not of one kind. */
static window_kind residuals(const noise_job *job, int32_t i, int32_t j, int32_t k, double out[AREA])
{
    const rs_geometry *g = &job->volume->geometry;
    window_kind kind = (window_kind)job->kind_of_label[job->labels[voxel_at(g, i, j, k)]];
    if (kind == WINDOW_NONE) return WINDOW_NONE;
    double sum = 0, along_i = 0, along_j = 0;
    for (int32_t y = -HALF; y <= HALF; y++) {
        int64_t row = voxel_at(g, i, j + y, k);
        for (int32_t x = -HALF; x <= HALF; x++) {
            if (job->kind_of_label[job->labels[row + x]] != (uint8_t)kind) return WINDOW_NONE;
            double hu = job->volume->slope * job->volume->voxels[row + x] + job->volume->offset;
            if (kind == WINDOW_LUNG && hu >= job->params->quality_vessel_hu) return WINDOW_NONE;
            out[(y + HALF) * SIDE + x + HALF] = hu;
            sum += hu;
            along_i += x * hu;
            along_j += y * hu;
        }
    }
    double mean = sum / AREA, per_axis = SIDE * 28.0; /* 28: the sum of x squared over -3 … 3 */
    if (kind == WINDOW_TISSUE && (mean < tissue_low_hu || mean > tissue_high_hu)) return WINDOW_NONE;
    for (int32_t n = 0; n < AREA; n++) {
        int32_t x = n % SIDE - HALF, y = n / SIDE - HALF;
        out[n] -= mean + along_i / per_axis * x + along_j / per_axis * y;
    }
    return kind;
}

static void lattice_place(const noise_job *job, int64_t slice, int32_t n, int32_t at[3])
{
    at[0] = HALF + (n % job->n_i) * LATTICE_STEP;
    at[1] = HALF + (n / job->n_i) * LATTICE_STEP;
    at[2] = (int32_t)slice * job->k_step;
}

static rs_status measure_slice(rs_context *ctx, int64_t slice, int worker, void *arg)
{
    const noise_job *job = arg;
    int32_t count = job->n_i * job->n_j;
    (void)ctx;
    (void)worker;
    for (int32_t n = 0; n < count; n++) {
        int32_t at[3];
        double r[AREA];
        window *w = &job->windows[slice * count + n];
        lattice_place(job, slice, n, at);
        *w = (window){.kind = (uint8_t)residuals(job, at[0], at[1], at[2], r)};
        if (w->kind == WINDOW_NONE) continue;
        double square = 0;
        for (int32_t m = 0; m < AREA; m++)
            square += r[m] * r[m];
        w->sd_hu = sqrt(square / (AREA - 3)); /* the plane took three degrees of freedom */
    }
    return RS_OK;
}

/* Mode of the histogram of ln SD: smoothed to a tenth of a logarithm, its top refined by a parabola. */
static double mode_of(const noise_job *job, window_kind kind, int *n_windows)
{
    double bins[BINS] = {0}, smooth[BINS];
    int64_t total = (int64_t)job->n_i * job->n_j * job->n_k;
    *n_windows = 0;
    for (int64_t n = 0; n < total; n++) {
        const window *w = &job->windows[n];
        if (w->kind != (uint8_t)kind || w->sd_hu < 0.5) continue; /* flat: padding or a picture's fill */
        int bin = (int)floor(rs_round_decimals((log(w->sd_hu) - first_ln) / bin_ln, 6)); /* libm */
        if (bin < 0 || bin >= BINS) continue;
        bins[bin] += 1;
        ++*n_windows;
    }
    for (int pass = 0; pass < 4; pass++) {
        static const double weight[5] = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};
        for (int b = 0; b < BINS; b++) {
            smooth[b] = 0;
            for (int o = -2; o <= 2; o++)
                if (b + o >= 0 && b + o < BINS) smooth[b] += weight[o + 2] * bins[b + o];
        }
        memcpy(bins, smooth, sizeof bins);
    }
    int top = 1;
    for (int b = 1; b < BINS - 1; b++)
        if (bins[b] > bins[top]) top = b;
    double left = bins[top - 1], right = bins[top + 1], bend = left - 2 * bins[top] + right;
    double shift = bend < 0 ? 0.5 * (left - right) / bend : 0;
    return exp(first_ln + bin_ln * (top + 0.5 + shift));
}

static void correlate(const double r[AREA], correlation *out)
{
    for (int offset = 0; offset < 4; offset++) {
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x + offset < SIDE; x++)
                out->pair_sum[offset] += r[y * SIDE + x] * r[y * SIDE + x + offset];
        out->pairs[offset] += SIDE * (SIDE - offset);
    }
}

static rs_status correlate_slice(rs_context *ctx, int64_t slice, int worker, void *arg)
{
    const noise_job *job = arg;
    int32_t count = job->n_i * job->n_j;
    correlation *sum = &job->slices[slice];
    (void)ctx;
    (void)worker;
    for (int32_t n = 0; n < count; n++) {
        const window *w = &job->windows[slice * count + n];
        int32_t at[3];
        double r[AREA], next[AREA];
        if (w->kind != (uint8_t)job->chosen || fabs(w->sd_hu - job->noise_hu) > 0.2 * job->noise_hu) continue;
        lattice_place(job, slice, n, at);
        (void)residuals(job, at[0], at[1], at[2], r);
        correlate(r, sum);
        if (at[2] + 1 >= job->volume->geometry.n[2]) continue;
        if (residuals(job, at[0], at[1], at[2] + 1, next) != job->chosen) continue;
        for (int m = 0; m < AREA; m++) {
            sum->axial_sum += r[m] * next[m];
            sum->axial_square += 0.5 * (r[m] * r[m] + next[m] * next[m]);
        }
        sum->axial_pairs += AREA;
    }
    return RS_OK;
}

static void fold(const noise_job *job, rs_quality *out)
{
    correlation all = {0};
    for (int32_t k = 0; k < job->n_k; k++) {
        const correlation *s = &job->slices[k];
        for (int o = 0; o < 4; o++) {
            all.pair_sum[o] += s->pair_sum[o];
            all.pairs[o] += s->pairs[o];
        }
        all.axial_sum += s->axial_sum;
        all.axial_square += s->axial_square;
        all.axial_pairs += s->axial_pairs;
    }
    double variance = all.pairs[0] ? all.pair_sum[0] / (double)all.pairs[0] : 0;
    for (int o = 0; o < 4; o++)
        out->autocorrelation[o] = variance > 0 ? all.pair_sum[o] / (double)all.pairs[o] / variance : (double)NAN;
    out->autocorrelation_axial = all.axial_pairs ? all.axial_sum / all.axial_square : (double)NAN;
}

static void job_prepare(noise_job *job, const rs_volume *volume, const rs_regions *regions,
                        const rs_quality_params *params)
{
    const rs_geometry *g = &volume->geometry;
    *job = (noise_job){.volume = volume, .labels = regions->labels, .params = params};
    for (int r = 0; r < regions->n; r++) {
        rs_role role = regions->region[r].role;
        job->kind_of_label[r + 1] = role == RS_ROLE_SEARCH ? WINDOW_LUNG
                                    : role == RS_ROLE_BODY ? WINDOW_TISSUE
                                                           : WINDOW_NONE;
    }
    job->n_i = g->n[0] < SIDE ? 0 : (g->n[0] - SIDE) / LATTICE_STEP + 1;
    job->n_j = g->n[1] < SIDE ? 0 : (g->n[1] - SIDE) / LATTICE_STEP + 1;
    job->k_step = (g->n[2] + LATTICE_SLICES - 1) / LATTICE_SLICES;
    if (job->k_step < 1) job->k_step = 1;
    job->n_k = (g->n[2] + job->k_step - 1) / job->k_step;
}

static void choose(noise_job *job, rs_quality *out)
{
    int n_lung, n_tissue;
    double lung_hu = mode_of(job, WINDOW_LUNG, &n_lung), tissue_hu = mode_of(job, WINDOW_TISSUE, &n_tissue);
    bool lung = n_lung >= MANY_WINDOWS || n_lung >= n_tissue;
    job->chosen = lung ? WINDOW_LUNG : WINDOW_TISSUE;
    job->noise_hu = lung ? lung_hu : tissue_hu;
    out->n_noise_windows = lung ? n_lung : n_tissue;
    out->noise_basis = lung ? "lung windows" : "body windows";
}

/* The mode reads up to 6 % low (science D1.1). About it a window of 49 - 3 degrees of freedom scatters by 1 / sqrt(2 x
   46) of its SD, and the place of a mode goes with the cube root of the number (Chernoff 1964). */
static double error_of(int n_windows)
{
    double own = 0.104 / cbrt(n_windows);
    return rs_round_decimals(sqrt(0.06 * 0.06 + own * own), 3);
}

static rs_status not_found(rs_context *ctx, rs_arena *arena, rs_quality *out)
{
    out->noise_hu = out->noise_error = (double)NAN;
    for (int o = 0; o < 4; o++)
        out->autocorrelation[o] = (double)NAN;
    out->autocorrelation_axial = (double)NAN;
    out->noise_basis = "too few windows of 7 x 7 pixels lie wholly in lung or in tissue";
    return rs_notes_add(ctx, arena, &out->notes, "noise_not_found", NULL,
                        "the noise of the scan could not be measured: %s (%d, at least %d are needed)",
                        out->noise_basis, out->n_noise_windows, (int)MIN_WINDOWS);
}

rs_status rs_noise_measure(rs_context *ctx, const rs_volume *volume, const rs_regions *regions,
                           const rs_quality_params *params, rs_arena *arena, rs_quality *out)
{
    noise_job job;
    job_prepare(&job, volume, regions, params);
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the noise windows");
    rs_arena_mark mark = rs_arena_where(scratch);
    int64_t total = (int64_t)job.n_i * job.n_j * job.n_k;
    rs_status status = RS_OK;
    job.windows = RS_ARENA_NEW(scratch, window, total);
    job.slices = RS_ARENA_NEW(scratch, correlation, job.n_k);
    if (!job.windows || !job.slices) {
        status = rs_fail_memory(ctx, "the noise windows");
        goto done;
    }
    if (total > 0) status = rs_parallel_for(ctx, job.n_k, measure_slice, &job);
    if (status != RS_OK) goto done;
    choose(&job, out);
    if (out->n_noise_windows < MIN_WINDOWS) {
        status = not_found(ctx, arena, out);
        goto done;
    }
    double factor = job.chosen == WINDOW_LUNG ? params->quality_noise_factor : 1;
    out->noise_hu = rs_round_decimals(factor * job.noise_hu, 3); /* libm differs in the last bit between machines */
    out->noise_error = error_of(out->n_noise_windows);
    status = rs_parallel_for(ctx, job.n_k, correlate_slice, &job);
    if (status == RS_OK) fold(&job, out);
done:
    rs_arena_rewind(scratch, mark);
    return status;
}
