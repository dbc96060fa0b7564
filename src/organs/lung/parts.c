/* Which air is lung (science C3.1, C4.3): components of some size whose inside has the density of lung. Stomach and
   bowel gas is thinner, whatever its size. */
#include <math.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/components.h"

enum { PARTS_MAX = 256, AIRWAY_LOW_HU = -950 };
#define LARGE_ML_PER_CM 25.0 /* no bowel is so wide: emphysema passes by its size where it hangs on the airway */
#define THIN_SHARE 0.08      /* science C4.3: below -950 HU lung has less, bowel gas more */
#define DOME 0.4             /* of the height of sure lung: what is doubtful and lower is gas under the diaphragm */

typedef struct part_counts {
    int64_t n, dense, low, airway;
    double y, z;
} part_counts;

typedef struct parts_pass {
    lung_work *work;
    const rs_components *found;
    const int16_t *part_of; /* component to part, -1 */
    part_counts *counts;    /* [slice][part] */
    int n_parts;
    int16_t dense_low, dense_high, low;
} parts_pass;

/* Two voxels inside the component in its plane: no partial volume (the diamond of two erosions by a cross). */
static bool is_inside(const uint8_t *v, int64_t row)
{
    return v[-row - 1] >= CODE_AIR && v[-row] >= CODE_AIR && v[-row + 1] >= CODE_AIR && v[row - 1] >= CODE_AIR &&
           v[row] >= CODE_AIR && v[row + 1] >= CODE_AIR && v[-2 * row] >= CODE_AIR && v[2 * row] >= CODE_AIR;
}

static rs_status count_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    parts_pass *pass = arg;
    lung_work *work = pass->work;
    int32_t rows = work->n[1], columns = work->n[0];
    for (int32_t j = 2; j + 2 < rows; j++) {
        const int32_t *first = pass->found->row_first + k * rows + j;
        for (int32_t r = first[0]; r < first[1]; r++) {
            rs_run run = pass->found->runs[r];
            int part = pass->part_of[run.component];
            if (part < 0) continue;
            int64_t at = k * work->slice + (int64_t)j * columns;
            part_counts *c = &pass->counts[k * pass->n_parts + part];
            for (int32_t i = run.i_begin + 2; i + 2 < run.i_end; i++) {
                if (!is_inside(work->labels + at + i, columns)) continue;
                int16_t v = work->volume->voxels[at + i];
                c->n++;
                c->dense += v >= pass->dense_low && v <= pass->dense_high;
                c->low += v < pass->low;
            }
        }
    }
    return RS_OK;
}

/* Does the component touch trachea or bronchi? Its rows are looked along for a neighbour of that code. */
static bool touches_airway(const parts_pass *pass, int32_t component)
{
    const lung_work *work = pass->work;
    const rs_component *c = &pass->found->items[component];
    int64_t step[3] = {1, work->n[0], work->slice};
    int touching = 0;
    for (int32_t k = c->begin[2]; k < c->end[2]; k++) {
        for (int32_t j = c->begin[1]; j < c->end[1]; j++) {
            const int32_t *first = pass->found->row_first + (int64_t)k * work->n[1] + j;
            for (int32_t r = first[0]; r < first[1]; r++) {
                if (pass->found->runs[r].component != component) continue;
                int32_t i = pass->found->runs[r].i_end;
                const uint8_t *v = work->labels + k * work->slice + (int64_t)j * work->n[0] + i - 1;
                touching += i < work->n[0] && v[step[0]] == CODE_AIRWAY;
                touching += j + 1 < work->n[1] && v[step[1]] == CODE_AIRWAY;
                touching += k > 0 && v[-step[2]] == CODE_AIRWAY;
            }
        }
    }
    return touching >= 3;
}

static void describe(const parts_pass *pass, lung_part *part, const rs_component *c, int index)
{
    const lung_work *work = pass->work;
    const lung_frame *f = &work->frame;
    part_counts sum = {.n = 0};
    for (int32_t k = 0; k < work->n[2]; k++) {
        const part_counts *here = &pass->counts[(int64_t)k * pass->n_parts + index];
        sum.n += here->n, sum.dense += here->dense, sum.low += here->low;
    }
    part->share = sum.n > 0 ? (double)sum.dense / (double)sum.n : 0;
    part->low_share = sum.n > 0 ? (double)sum.low / (double)sum.n : 0;
    int z = f->axis[2];
    double mean_z = (double)c->sum[z] / (double)c->voxels;
    part->centre_z = f->sign[2] < 0 ? f->n[2] - 1 - mean_z : mean_z;
    part->low_z = f->sign[2] < 0 ? f->n[2] - c->end[z] : c->begin[z];
    part->high_z = f->sign[2] < 0 ? f->n[2] - 1 - c->begin[z] : c->end[z] - 1;
    part->airway = touches_airway(pass, part->component);
}

/* At the first call the airway is not yet known: what may be emphysema or lung breathed out passes, so that its airway
   is looked for. */
static void judge(const lung_work *work, lung_part *parts, int n, bool first)
{
    double sure = lung_param(work, "lung_share"), gas = lung_param(work, "gas_share");
    double low_z = 1e9, high_z = -1e9;
    for (int p = 0; p < n; p++) {
        bool large = parts[p].ml > LARGE_ML_PER_CM * parts[p].length_cm;
        bool airway = first || parts[p].airway; /* such a part is lung, too, if it is dense for lack of breath */
        bool may_be = parts[p].share >= gas || (parts[p].share >= gas / 2 && airway) ||
                      (parts[p].low_share < THIN_SHARE && airway);
        parts[p].lung = parts[p].share > sure || (large && may_be);
        if (!parts[p].lung) continue;
        low_z = fmin(low_z, parts[p].low_z);
        high_z = fmax(high_z, parts[p].high_z);
    }
    for (int p = 0; p < n; p++) {
        if (parts[p].lung || parts[p].share < gas) continue;
        parts[p].lung = parts[p].centre_z > low_z + DOME * (high_z - low_z);
    }
}

/* Parts in the order of their components, which is raster order; the smallest are passed over beyond the 256 largest.
 */
static int list_parts(const lung_work *work, const rs_components *found, int16_t *part_of, lung_part *parts)
{
    double per_cm = lung_param(work, "lung_ml_per_cm");
    int z = work->frame.axis[2], n = 0;
    for (int32_t c = 0; c < found->n_components; c++) {
        const rs_component *item = &found->items[c];
        double ml = (double)item->voxels * work->voxel_ml;
        double cm = (item->end[z] - item->begin[z]) * work->frame.spacing_mm[2] / 10;
        part_of[c] = -1;
        if (ml < per_cm * cm || ml < per_cm || n == PARTS_MAX) continue;
        parts[n] = (lung_part){.component = c, .ml = ml, .length_cm = cm};
        part_of[c] = (int16_t)n++;
    }
    return n;
}

static rs_status judge_components(lung_work *work, const rs_components *found, lung_part *parts, int *n_parts,
                                  bool first)
{
    const rs_volume *v = work->volume;
    int16_t *part_of = RS_ARENA_RAW(work->own, int16_t, found->n_components);
    int16_t *value = RS_ARENA_RAW(work->own, int16_t, found->n_components);
    if (!part_of || !value) return rs_fail_memory(work->ctx, "the parts of the lungs");
    int n = list_parts(work, found, part_of, parts);
    parts_pass pass = {.work = work,
                       .found = found,
                       .part_of = part_of,
                       .n_parts = n,
                       .dense_low = rs_volume_stored(v, lung_param(work, "lung_density_low_hu")),
                       .dense_high = rs_volume_stored(v, lung_param(work, "lung_density_high_hu")),
                       .low = rs_volume_stored(v, AIRWAY_LOW_HU)};
    pass.counts = RS_ARENA_NEW(work->own, part_counts, (size_t)work->n[2] * (size_t)(n > 0 ? n : 1));
    if (!pass.counts) return rs_fail_memory(work->ctx, "the parts of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], count_slice, &pass));
    for (int p = 0; p < n; p++)
        describe(&pass, &parts[p], &found->items[parts[p].component], p);
    judge(work, parts, n, first);
    for (int32_t c = 0; c < found->n_components; c++)
        value[c] = part_of[c] < 0 ? CODE_AIR : parts[part_of[c]].lung ? CODE_LUNG : CODE_GAS;
    *n_parts = n;
    return rs_components_paint(work->ctx, found, value, work->labels);
}

rs_status lung_judge_air(lung_work *work, bool first, bool *found_lung, double *low_z, double *high_z)
{
    static const uint8_t air[256] = {[CODE_AIR] = 1, [CODE_LUNG] = 1, [CODE_GAS] = 1};
    rs_arena_mark mark = rs_arena_where(work->own);
    rs_components found;
    rs_components_args args = {.n = {work->n[0], work->n[1], work->n[2]},
                               .rows = {work->rows[0], work->rows[1]},
                               .labels = work->labels,
                               .in_mask = air,
                               .arena = work->own,
                               .out = &found};
    int n = 0;
    RS_TRY(rs_context_kernels(work->ctx)->components(work->ctx, &args));
    lung_part *parts = RS_ARENA_NEW(work->own, lung_part, PARTS_MAX);
    if (!parts) return rs_fail_memory(work->ctx, "the parts of the lungs");
    RS_TRY(judge_components(work, &found, parts, &n, first));
    *found_lung = false;
    *low_z = work->frame.n[2], *high_z = 0;
    for (int p = 0; p < n; p++) {
        rs_log(work->ctx, RS_LOG_DEBUG, "air of %.1f ml: share %.2f, below -950 HU %.2f, airway %d: %s", parts[p].ml,
               parts[p].share, parts[p].low_share, parts[p].airway, parts[p].lung ? "lung" : "gas");
        if (!parts[p].lung) continue;
        *found_lung = true;
        *low_z = fmin(*low_z, parts[p].low_z);
        *high_z = fmax(*high_z, parts[p].high_z);
    }
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
