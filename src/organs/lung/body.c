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
enum { SLAB = 64 };          /* slices */
#define THIN_HU (-1100.0)    /* below: outside the reconstruction, science B2 */
#define PADDING_HU (-1024.0) /* what reading makes of the outside of the circle (read.h) */
#define OPENING_MM 3.0       /* and no wider: on coarse pixels an opening would break a thin chest wall */
#define CUT_SHARE 0.6        /* of lung density in what is not dense lung or tissue */
#define CUT_MM2 100.0
#define OPEN_SHARE 0.45 /* beyond a convex body at least half of the outline of air lies on the edge */

typedef struct body_pass {
    lung_work *work;
    int16_t low, high; /* stored numbers */
    uint32_t *bins;    /* one histogram a slice */
    int16_t thin, padding;
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

static double in_plane_mm(const lung_work *work)
{
    const double *mm = work->volume->geometry.spacing_mm;
    return fmax(mm[0], mm[1]);
}

/* The opening knows no neighbouring slice, so that a slab at a time needs few bits. */
static void widen_rows(lung_work *work, const rs_ball_args *args)
{
    const int32_t words = rs_bits_words(args->n[0]);
    for (int32_t k = 0; k < args->n[2]; k++)
        for (int32_t j = 0; j < args->n[1]; j++) {
            if (j >= work->rows[0] && j < work->rows[1]) continue;
            const uint64_t *row = args->out + ((int64_t)k * args->n[1] + j) * words;
            uint64_t any = 0;
            for (int32_t w = 0; w < words; w++)
                any |= row[w];
            if (any && j < work->rows[0]) work->rows[0] = j;
            if (any && j >= work->rows[1]) work->rows[1] = j + 1;
        }
}

static rs_status mark_slab(lung_work *work, int32_t k, const rs_ball_args *args, uint64_t *tissue)
{
    int16_t low = rs_volume_stored(work->volume, lung_param(work, "lung_body_hu"));
    RS_TRY(rs_bits_threshold(work->ctx, args->n, work->volume->voxels + k * work->slice, low, INT16_MAX, tissue));
    RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, args));
    widen_rows(work, args);
    return rs_bits_unpack(work->ctx, args->n, args->out, CODE_BODY, 1, work->labels + k * work->slice);
}

static rs_status mark_tissue(lung_work *work)
{
    rs_block tissue = {.data = NULL}, opened = {.data = NULL};
    rs_ball_args args = {.n = {work->n[0], work->n[1], work->n[2] < SLAB ? work->n[2] : SLAB},
                         .spacing_mm = {1, 1, 1e6}, /* voxels, within the slice */
                         .radius_mm = fmin(lung_param(work, "lung_body_opening_vox"), OPENING_MM / in_plane_mm(work)),
                         .operation = RS_BALL_OPEN};
    size_t bytes = rs_bits_total(args.n) * sizeof(uint64_t);
    rs_status status = rs_block_take(work->ctx, bytes, "a mask of the body", &tissue);
    if (status == RS_OK) status = rs_block_take(work->ctx, bytes, "a mask of the body", &opened);
    args.in = tissue.data, args.out = opened.data;
    work->rows[0] = work->n[1], work->rows[1] = 0;
    for (int32_t k = 0; k < work->n[2] && status == RS_OK; k += SLAB) {
        args.n[2] = work->n[2] - k < SLAB ? work->n[2] - k : SLAB;
        status = mark_slab(work, k, &args, tissue.data);
    }
    rs_block_give(work->ctx, &tissue);
    rs_block_give(work->ctx, &opened);
    /* One row of the outside on either side, so that what lies between stays one piece. */
    if (work->rows[0] > 0) work->rows[0]--;
    if (work->rows[1] < work->n[1]) work->rows[1]++;
    return status;
}

/* Only the largest component stays: table, arms beside the body and what lies on it go. */
static rs_status keep_largest(lung_work *work)
{
    rs_components found;
    rs_arena_mark mark = rs_arena_where(work->own);
    rs_components_args args = {.n = {work->n[0], work->n[1], work->n[2]},
                               .rows = {work->rows[0], work->rows[1]},
                               .labels = work->labels,
                               .arena = work->own,
                               .out = &found};
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

/* The outside of the reconstruction circle, from both ends of each row. */
static bool mark_padding(const body_pass *pass, const int16_t *voxels, uint8_t *labels)
{
    int32_t columns = pass->work->n[0];
    bool any = false;
    for (int32_t j = 0; j < pass->work->n[1]; j++, voxels += columns, labels += columns) {
        int32_t begin = 0, end = columns;
        while (begin < end && labels[begin] == CODE_OUTSIDE && voxels[begin] <= pass->padding)
            labels[begin++] = CODE_MARK;
        while (end > begin && labels[end - 1] == CODE_OUTSIDE && voxels[end - 1] <= pass->padding)
            labels[--end] = CODE_MARK;
        any = any || begin > 0 || end < columns;
    }
    return any;
}

/* One component of a slice's air that is not body. */
typedef struct edge_air {
    const body_pass *pass;
    const rs_components *found;
    const int16_t *voxels;
    const uint8_t *labels;
    int32_t component;
    int64_t seen, dense;  /* voxels thinner than dense lung, those of lung density among them */
    int64_t open, closed; /* twice the length of its outline on the edge of image or circle, and on the body */
} edge_air;

static void count_density(edge_air *air, rs_run run, int32_t j)
{
    const int16_t *row = air->voxels + (int64_t)j * air->found->n[0];
    const int16_t thin = air->pass->thin, low = air->pass->dense_low, high = air->pass->dense_high;
    int32_t seen = 0, dense = 0;
    for (int32_t i = run.i_begin; i < run.i_end; i++) {
        seen += (row[i] > thin) & (row[i] <= high);
        dense += (row[i] >= low) & (row[i] <= high);
    }
    air->seen += seen;
    air->dense += dense;
}

/* The length of an outline is near half of its pixels and their outer sides together: level 1 a pixel, oblique 1.5. */
static void count_outline(edge_air *air, rs_run run, int32_t j)
{
    int32_t columns = air->found->n[0], rows = air->found->n[1];
    const uint8_t *row = air->labels + (int64_t)j * columns;
    for (int32_t i = run.i_begin; i < run.i_end; i++) {
        uint8_t beside[4] = {i > 0 ? row[i - 1] : CODE_MARK, i + 1 < columns ? row[i + 1] : CODE_MARK,
                             j > 0 ? row[i - columns] : CODE_MARK, j + 1 < rows ? row[i + columns] : CODE_MARK};
        int open = 0, closed = 0;
        for (int side = 0; side < 4; side++) {
            open += beside[side] == CODE_MARK;
            closed += beside[side] == CODE_BODY;
        }
        air->open += open + (open > 0);
        air->closed += closed + (closed > 0);
    }
}

static void for_runs(edge_air *air, void (*count)(edge_air *, rs_run, int32_t))
{
    const rs_component *c = &air->found->items[air->component];
    for (int32_t j = c->begin[1]; j < c->end[1]; j++) {
        for (int32_t r = air->found->row_first[j]; r < air->found->row_first[j + 1]; r++) {
            if (air->found->runs[r].component == air->component) count(air, air->found->runs[r], j);
        }
    }
}

/* What the slice's edge shows is outside, but for lung that the field of view cuts (science B4): that is of lung
   density, and the body lies around it. Foam of lung density under the body does not pass. */
static bool is_hole(edge_air *air, bool padded)
{
    const uint32_t edges = RS_FACE_I_LOW | RS_FACE_I_HIGH | RS_FACE_J_LOW | RS_FACE_J_HIGH;
    const double *mm = air->pass->work->volume->geometry.spacing_mm;
    bool edge = (air->found->items[air->component].faces & edges) != 0;
    if (!edge && padded) for_runs(air, count_outline);
    if (!edge && air->open == 0) return true;
    for_runs(air, count_density);
    bool dense = (double)air->seen * mm[0] * mm[1] > CUT_MM2 && (double)air->dense > CUT_SHARE * (double)air->seen;
    if (!dense) return false;
    if (edge) for_runs(air, count_outline);
    return (double)air->open < OPEN_SHARE * (double)(air->open + air->closed);
}

static rs_status fill_holes(rs_context *ctx, const body_pass *pass, const int16_t *voxels, uint8_t *labels)
{
    bool padded = mark_padding(pass, voxels, labels);
    static const uint8_t background[256] = {[CODE_OUTSIDE] = 1};
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the holes of the body");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_components found;
    rs_components_args args = {.n = {pass->work->n[0], pass->work->n[1], 1},
                               .labels = labels,
                               .in_mask = background,
                               .arena = scratch,
                               .out = &found};
    RS_TRY(rs_context_kernels(ctx)->components(ctx, &args));
    int16_t *value = RS_ARENA_NEW(scratch, int16_t, found.n_components);
    if (!value) return rs_fail_memory(ctx, "the holes of the body");
    for (int32_t c = 0; c < found.n_components; c++) {
        edge_air air = {.pass = pass, .found = &found, .voxels = voxels, .labels = labels, .component = c};
        value[c] = is_hole(&air, padded) ? CODE_BODY : -1;
    }
    rs_status status = rs_components_paint(ctx, &found, value, labels);
    rs_arena_rewind(scratch, mark);
    return status;
}

/* Copies the slice back where it changed: what is outside the body is never written to, and takes no memory. */
static void keep_slice(const body_pass *pass, int64_t k, uint8_t *filled)
{
    const lung_work *work = pass->work;
    uint32_t *bins = pass->bins + k * OTSU_BINS;
    const int16_t *voxels = work->volume->voxels + k * work->slice;
    const int32_t columns = work->n[0];
    voxels += (int64_t)work->rows[0] * columns, filled += (int64_t)work->rows[0] * columns;
    for (int32_t j = work->rows[0]; j < work->rows[1]; j++, voxels += columns, filled += columns) {
        uint8_t *labels = work->labels + k * work->slice + (int64_t)j * columns;
        for (int32_t i = 0; i < columns; i++)
            filled[i] = filled[i] == CODE_MARK ? CODE_OUTSIDE : filled[i];
        for (int32_t i = j * columns % 2; i < columns; i += 2) { /* every second voxel of the slice */
            if (filled[i] != CODE_BODY) continue;
            double hu = voxels[i] * work->volume->slope + work->volume->offset;
            if (hu >= OTSU_LOW && hu < OTSU_HIGH) bins[(int)((hu - OTSU_LOW) / OTSU_BIN)]++;
        }
        if (memcmp(labels, filled, (size_t)columns) != 0) memcpy(labels, filled, (size_t)columns);
    }
}

static rs_status fill_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    body_pass *pass = arg;
    lung_work *work = pass->work;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the holes of the body");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *filled = RS_ARENA_RAW(scratch, uint8_t, work->slice);
    rs_status status = filled ? RS_OK : rs_fail_memory(ctx, "the holes of the body");
    if (status == RS_OK) {
        int64_t first = (int64_t)work->rows[0] * work->n[0], n = (int64_t)work->rows[1] * work->n[0] - first;
        memset(filled, CODE_OUTSIDE, (size_t)work->slice);
        memcpy(filled + first, work->labels + k * work->slice + first, (size_t)n);
        status = fill_holes(ctx, pass, work->volume->voxels + k * work->slice, filled);
    }
    if (status == RS_OK) keep_slice(pass, k, filled);
    rs_arena_rewind(scratch, mark);
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
    const int32_t columns = pass->work->n[0];
    const int16_t low = pass->low, high = pass->high;
    for (int32_t j = pass->work->rows[0]; j < pass->work->rows[1]; j++) {
        uint8_t *labels = pass->work->labels + k * pass->work->slice + (int64_t)j * columns;
        const int16_t *voxels = pass->work->volume->voxels + k * pass->work->slice + (int64_t)j * columns;
        for (int32_t i = 0; i < columns; i++) {
            uint8_t air = (uint8_t)((labels[i] == CODE_BODY) & (voxels[i] >= low) & (voxels[i] < high));
            labels[i] = (uint8_t)(labels[i] + air * (CODE_AIR - CODE_BODY));
        }
    }
    return RS_OK;
}

rs_status lung_find_body(lung_work *work)
{
    const rs_volume *v = work->volume;
    body_pass pass = {.work = work,
                      .thin = rs_volume_stored(v, THIN_HU),
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
    if (work->rows[0] > work->rows[1]) work->rows[0] = work->rows[1] = 0;
    lung_frame_cut(&work->frame, work->n[1], work->rows);
    RS_TRY(keep_largest(work));
    pass.bins = RS_ARENA_NEW(work->own, uint32_t, (size_t)work->n[2] * OTSU_BINS);
    if (!pass.bins) return rs_fail_memory(work->ctx, "the histogram of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], fill_slice, &pass));
    double bins[OTSU_BINS];
    fold(pass.bins, work->n[2], OTSU_BINS, bins);
    work->air_hu = fmin(fmax(otsu(bins), lung_param(work, "lung_air_low_hu")), lung_param(work, "lung_air_high_hu"));
    pass.low = (int16_t)(pass.thin + 1);
    pass.high = rs_volume_stored(v, work->air_hu);
    return rs_parallel_for(work->ctx, work->n[2], air_slice, &pass);
}
