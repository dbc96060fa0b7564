/* Body and the air in it: tissue opened slice by slice, its largest component, holes filled (science C3.1); air below
   Otsu's threshold between lung and tissue. Before that the gate of science B2: numbers that are no HU end here. */
#include <math.h>
#include <string.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/components.h"

enum { GATE_LOW = -1200, GATE_HIGH = 2000, GATE_BIN = 8, GATE_BINS = (GATE_HIGH - GATE_LOW) / GATE_BIN };
enum { OTSU_LOW = -1000, OTSU_HIGH = 200, OTSU_BIN = 4, OTSU_BINS = (OTSU_HIGH - OTSU_LOW) / OTSU_BIN };
#define PADDING_HU (-1100.0) /* below: outside the reconstruction, science B2 */

typedef struct body_pass {
    lung_work *work;
    int16_t low, high; /* stored numbers */
    uint32_t *bins;    /* one histogram a slice */
    int16_t padding;
    int16_t dense_low, dense_high; /* lung density */
} body_pass;

static rs_status gate_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    body_pass *pass = arg;
    const rs_volume *v = pass->work->volume;
    uint32_t *bins = pass->bins + k * GATE_BINS;
    for (int32_t j = (int32_t)(k % 4); j < pass->work->n[1]; j += 4) {
        const int16_t *row = v->voxels + k * pass->work->slice + (int64_t)j * pass->work->n[0];
        for (int32_t i = (j / 4) % 2; i < pass->work->n[0]; i += 2) {
            double hu = row[i] * v->slope + v->offset;
            if (hu >= GATE_LOW && hu < GATE_HIGH) bins[(int)((hu - GATE_LOW) / GATE_BIN)]++;
        }
    }
    return RS_OK;
}

static void fold(uint32_t *bins, int64_t slices, int n_bins, double *out)
{
    for (int b = 0; b < n_bins; b++)
        out[b] = 0;
    for (int64_t k = 0; k < slices; k++) {
        for (int b = 0; b < n_bins; b++)
            out[b] += bins[k * n_bins + b];
    }
}

static double in_range(const double *bins, int low_hu, int high_hu)
{
    double sum = 0;
    for (int b = (low_hu - GATE_LOW) / GATE_BIN; b < (high_hu - GATE_LOW) / GATE_BIN; b++)
        sum += bins[b];
    return sum;
}

/* Soft tissue or fat where the HU scale has it, little above bone; and if there is much air, its peak where air or lung
   lies. */
static rs_status gate(body_pass *pass, bool *passed)
{
    lung_work *work = pass->work;
    double bins[GATE_BINS];
    pass->bins = RS_ARENA_NEW(work->own, uint32_t, (size_t)work->n[2] * GATE_BINS);
    if (!pass->bins) return rs_fail_memory(work->ctx, "the histogram of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], gate_slice, pass));
    fold(pass->bins, work->n[2], GATE_BINS, bins);
    double all = in_range(bins, GATE_LOW, GATE_HIGH), tissue = in_range(bins, -120, 80);
    double air = in_range(bins, GATE_LOW, -600), dense = in_range(bins, 600, GATE_HIGH);
    int peak = 0;
    for (int b = 0; b < (-600 - GATE_LOW) / GATE_BIN; b++) {
        if (bins[b] > bins[peak]) peak = b;
    }
    double peak_hu = GATE_LOW + (peak + 0.5) * GATE_BIN;
    *passed = all > 0 && tissue > 0.04 * all && dense < 0.1 * all &&
              (air < 0.02 * all || (peak_hu > -1056 && peak_hu < -750));
    return RS_OK;
}

static rs_status mark_tissue(lung_work *work)
{
    rs_block tissue = {.data = NULL}, opened = {.data = NULL};
    size_t bytes = rs_bits_total(work->n) * sizeof(uint64_t);
    rs_ball_args args = {.n = {work->n[0], work->n[1], work->n[2]},
                         .spacing_mm = {1, 1, 1e6}, /* voxels, within the slice */
                         .radius_mm = lung_param(work, "lung_body_opening_vox"),
                         .operation = RS_BALL_OPEN};
    int16_t low = rs_volume_stored(work->volume, lung_param(work, "lung_body_hu"));
    rs_status status = rs_block_take(work->ctx, bytes, "a mask of the body", &tissue);
    if (status == RS_OK) status = rs_block_take(work->ctx, bytes, "a mask of the body", &opened);
    args.in = tissue.data, args.out = opened.data;
    if (status == RS_OK)
        status = rs_bits_threshold(work->ctx, work->n, work->volume->voxels, low, INT16_MAX, tissue.data);
    if (status == RS_OK) status = rs_context_kernels(work->ctx)->ball(work->ctx, &args);
    if (status == RS_OK) status = rs_bits_unpack(work->ctx, work->n, opened.data, CODE_BODY, 0, work->labels);
    rs_block_give(work->ctx, &tissue);
    rs_block_give(work->ctx, &opened);
    return status;
}

/* Only the largest component stays: table, arms beside the body and what lies on it go. */
static rs_status keep_largest(lung_work *work)
{
    rs_components found;
    rs_arena_mark mark = rs_arena_where(work->own);
    rs_components_args args = {
        .n = {work->n[0], work->n[1], work->n[2]}, .labels = work->labels, .arena = work->own, .out = &found};
    RS_TRY(rs_context_kernels(work->ctx)->components(work->ctx, &args));
    int16_t *value = RS_ARENA_NEW(work->own, int16_t, found.n_components);
    if (!value) return rs_fail_memory(work->ctx, "the components of the body");
    int32_t best = 0;
    for (int32_t c = 1; c < found.n_components; c++) {
        if (found.items[c].voxels > found.items[best].voxels) best = c;
    }
    if (found.n_components > 0) value[best] = CODE_BODY;
    rs_status status = rs_components_paint(work->ctx, &found, value, work->labels);
    rs_arena_rewind(work->own, mark);
    return status;
}

/* What the slice's edge shows is outside, but for lung that the field of view cuts (science B4): that is of lung
 * density. */
static bool is_cut_lung(const body_pass *pass, const rs_components *found, int32_t component, const int16_t *voxels)
{
    int64_t seen = 0, dense = 0;
    for (int32_t j = 0; j < found->n[1]; j += 2) {
        for (int32_t r = found->row_first[j]; r < found->row_first[j + 1]; r++) {
            if (found->runs[r].component != component) continue;
            const int16_t *row = voxels + (int64_t)j * found->n[0];
            for (int32_t i = found->runs[r].i_begin; i < found->runs[r].i_end; i++) {
                seen += row[i] > pass->padding;
                dense += row[i] >= pass->dense_low && row[i] <= pass->dense_high;
            }
        }
    }
    double mm2 = pass->work->volume->geometry.spacing_mm[0] * pass->work->volume->geometry.spacing_mm[1];
    return (double)seen * 2 * mm2 > 100 && (double)dense > 0.6 * (double)seen;
}

static rs_status fill_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    body_pass *pass = arg;
    lung_work *work = pass->work;
    uint8_t *labels = work->labels + k * work->slice;
    const int16_t *voxels = work->volume->voxels + k * work->slice;
    static const uint8_t background[256] = {[CODE_OUTSIDE] = 1};
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the holes of the body");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_components found;
    rs_components_args args = {
        .n = {work->n[0], work->n[1], 1}, .labels = labels, .in_mask = background, .arena = scratch, .out = &found};
    RS_TRY(rs_context_kernels(ctx)->components(ctx, &args));
    int16_t *value = RS_ARENA_NEW(scratch, int16_t, found.n_components);
    if (!value) return rs_fail_memory(ctx, "the holes of the body");
    for (int32_t c = 0; c < found.n_components; c++) {
        bool edge = (found.items[c].faces & (RS_FACE_I_LOW | RS_FACE_I_HIGH | RS_FACE_J_LOW | RS_FACE_J_HIGH)) != 0;
        value[c] = edge && !is_cut_lung(pass, &found, c, voxels) ? -1 : CODE_BODY;
    }
    rs_status status = rs_components_paint(ctx, &found, value, labels);
    rs_arena_rewind(scratch, mark);
    uint32_t *bins = pass->bins + k * OTSU_BINS;
    for (int64_t i = 0; i < work->slice; i += 2) {
        if (labels[i] != CODE_BODY) continue;
        double hu = voxels[i] * work->volume->slope + work->volume->offset;
        if (hu >= OTSU_LOW && hu < OTSU_HIGH) bins[(int)((hu - OTSU_LOW) / OTSU_BIN)]++;
    }
    return status;
}

/* Otsu 1979: the threshold with the largest variance between the classes. */
static double otsu(const double *bins)
{
    double n = 0, sum = 0, n_low = 0, sum_low = 0, best = -1;
    int cut = OTSU_BINS / 2;
    for (int b = 0; b < OTSU_BINS; b++)
        n += bins[b], sum += bins[b] * b;
    for (int b = 0; b + 1 < OTSU_BINS; b++) {
        n_low += bins[b], sum_low += bins[b] * b;
        if (n_low <= 0 || n - n_low <= 0) continue;
        double d = sum_low / n_low - (sum - sum_low) / (n - n_low);
        double between = n_low * (n - n_low) * d * d;
        if (between > best) best = between, cut = b;
    }
    return OTSU_LOW + (cut + 1) * OTSU_BIN;
}

static rs_status air_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    body_pass *pass = arg;
    uint8_t *labels = pass->work->labels + k * pass->work->slice;
    const int16_t *voxels = pass->work->volume->voxels + k * pass->work->slice;
    int16_t low = pass->low, high = pass->high;
    for (int64_t i = 0; i < pass->work->slice; i++) {
        uint8_t air = (uint8_t)((labels[i] == CODE_BODY) & (voxels[i] >= low) & (voxels[i] < high));
        labels[i] = (uint8_t)(labels[i] + air * (CODE_AIR - CODE_BODY));
    }
    return RS_OK;
}

rs_status lung_find_body(lung_work *work)
{
    const rs_volume *v = work->volume;
    body_pass pass = {.work = work,
                      .padding = rs_volume_stored(v, PADDING_HU),
                      .dense_low = rs_volume_stored(v, lung_param(work, "lung_density_low_hu")),
                      .dense_high = rs_volume_stored(v, lung_param(work, "lung_density_high_hu"))};
    bool passed = false;
    RS_TRY(gate(&pass, &passed));
    if (!passed) {
        work->gate_failed = true;
        return RS_OK;
    }
    RS_TRY(mark_tissue(work));
    RS_TRY(keep_largest(work));
    pass.bins = RS_ARENA_NEW(work->own, uint32_t, (size_t)work->n[2] * OTSU_BINS);
    if (!pass.bins) return rs_fail_memory(work->ctx, "the histogram of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], fill_slice, &pass));
    double bins[OTSU_BINS];
    fold(pass.bins, work->n[2], OTSU_BINS, bins);
    work->air_hu = fmin(fmax(otsu(bins), lung_param(work, "lung_air_low_hu")), lung_param(work, "lung_air_high_hu"));
    pass.low = (int16_t)(pass.padding + 1);
    pass.high = rs_volume_stored(v, work->air_hu);
    return rs_parallel_for(work->ctx, work->n[2], air_slice, &pass);
}
