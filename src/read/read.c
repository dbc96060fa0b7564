/* One series to one volume: every slice decoded into its place, on all threads. HU are kept as they are where that is
   exact; else one common slope (contract 8). */
#include "restage/read.h"

#include <math.h>
#include <string.h>

#include "lost.h"
#include "slice.h"
#include "straighten.h"
#include "volume_file.h"

/* CT, Enhanced CT, legacy converted Enhanced CT. */
static bool is_ct_image(const char *sop_class_uid)
{
    static const char ct[] = "1.2.840.10008.5.1.4.1.1.2";
    if (strncmp(sop_class_uid, ct, sizeof ct - 1) != 0) return false;
    const char *rest = sop_class_uid + sizeof ct - 1;
    return !rest[0] || strcmp(rest, ".1") == 0 || strcmp(rest, ".2") == 0;
}

/* Slope and offset of the volume. Whole factors everywhere: the values themselves; one factor for all: the stored
   values; else the smallest slope, rounded. */
static void plan(slice_job *j)
{
    const rs_series *s = j->series;
    bool whole = true, same = true;
    double smallest = fabs(s->slices[0].slope);
    for (int k = 0; k < s->n_slices; k++) {
        const rs_slice *slice = &s->slices[k];
        whole = whole && slice->slope == rint(slice->slope) && slice->offset == rint(slice->offset) &&
                fabs(slice->slope) <= 8192 && fabs(slice->offset) <= 1e8;
        same = same && slice->slope == s->slices[0].slope && slice->offset == s->slices[0].offset;
        smallest = fmin(smallest, fabs(slice->slope));
    }
    const bool wide_ct = j->is_ct && s->bits_allocated > 16; /* HU, to half of one */
    j->exact = whole || same;
    j->volume.slope = whole || wide_ct ? 1 : smallest;
    j->volume.offset = whole || wide_ct ? 0 : s->slices[0].offset;
}

/* The smallest of 1, 2, 5 times a power of ten that is not below x. */
static double nice_step(double x)
{
    const double power = pow(10, floor(log10(x))), times = x / power;
    return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power;
}

/* Values of more than 16 bits that are no HU: the finest step with which their range fits. False: they fit as they are.
 */
static bool widen(slice_job *j, double low, double high)
{
    double rounding = 0;
    for (int k = 0; k < j->series->n_slices; k++)
        rounding = fmax(rounding, j->result[k].rounding);
    if (j->is_ct || j->series->bits_allocated <= 16 || (rounding == 0 && high - low <= 65535)) return false;
    const double slope = j->volume.slope, first = low * slope + j->volume.offset;
    const double range = fmax((high - low) * slope, fabs(first) / 1000);
    j->volume.slope = nice_step(range / 65000);
    j->volume.offset = (floor(first / j->volume.slope) + 32768) * j->volume.slope;
    return true;
}

/* Reads all slices; where values fall outside int16 but their range fits, once more with a shifted offset. */
static rs_status read_slices(rs_context *ctx, slice_job *j)
{
    const int n = j->series->n_slices;
    for (int attempt = 0;; attempt++) {
        double low = INFINITY, high = -INFINITY;
        RS_TRY(slices_read(ctx, j));
        for (int k = 0; k < n; k++) {
            if (j->result[k].low > j->result[k].high) continue;
            low = fmin(low, j->result[k].low);
            high = fmax(high, j->result[k].high);
        }
        if (attempt == 0 && widen(j, low, high)) continue;
        if (!(low < -32768) && !(high > 32767)) return RS_OK;
        if (attempt > 0 || high - low > 65535) {
            return rs_fail(
                ctx, RS_DATA,
                "values of series %lld run from %.6g to %.6g in steps of %.6g, which 16 bits do not hold: convert "
                "the series to one rescale slope",
                (long long)j->series->series_number, low * j->volume.slope + j->volume.offset,
                high * j->volume.slope + j->volume.offset, j->volume.slope);
        }
        j->volume.offset += (low + 32768) * j->volume.slope;
    }
}

static rs_status make_facts(rs_context *ctx, const slice_job *j, rs_arena *arena, rs_read_facts *out)
{
    rs_read_facts facts = {0};
    int n_ignored = 0;
    for (int k = 0; k < j->series->n_slices; k++) {
        facts.padded_voxels += j->result[k].n_padded;
        facts.rounding = fmax(facts.rounding, j->result[k].rounding);
        n_ignored += j->ignored[k];
    }
    if (facts.rounding > 0 && j->series->bits_allocated > 16) {
        RS_TRY(rs_notes_add(ctx, arena, &facts.notes, "wide_values", NULL,
                            "values of %d bits are kept in steps of %.6g, rounded by at most %.6g",
                            j->series->bits_allocated, j->volume.slope, facts.rounding));
    } else if (facts.rounding > 0) {
        RS_TRY(
            rs_notes_add(ctx, arena, &facts.notes, "common_slope", NULL,
                         "slices have different rescale slopes; all are kept in steps of %.6g, rounded by at most %.6g",
                         j->volume.slope, facts.rounding));
    }
    if (n_ignored) {
        RS_TRY(rs_notes_add(
            ctx, arena, &facts.notes, "padding_ignored", NULL,
            "PixelPaddingValue lies among the values of the image in %d slices and is not believed there", n_ignored));
    }
    if (j->series->photometric && strcmp(j->series->photometric, "MONOCHROME1") == 0) {
        RS_TRY(rs_notes_add(ctx, arena, &facts.notes, "monochrome1", NULL,
                            "the header asks for a display with low values bright (MONOCHROME1); values mean what its "
                            "rescale says, and pictures are not inverted"));
    }
    if (j->series->n_slices == 1) {
        RS_TRY(rs_notes_add(ctx, arena, &facts.notes, "single_slice", NULL,
                            "a single slice has no spacing along the normal; %.6g mm is assumed",
                            j->volume.geometry.spacing_mm[2]));
    }
    RS_TRY(lost_list(ctx, j, arena, &facts));
    *out = facts;
    return RS_OK;
}

static rs_status read_into(rs_context *ctx, slice_job *j, rs_arena *arena, rs_read_facts *facts)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the volume");
    const rs_arena_mark mark = rs_arena_where(scratch);
    j->result = RS_ARENA_NEW(scratch, convert_result, j->series->n_slices);
    j->ignored = RS_ARENA_NEW(scratch, uint8_t, j->series->n_slices);
    if (j->series->allow_partial) {
        j->lost = RS_ARENA_NEW(scratch, uint8_t, j->series->n_slices);
        j->why = rs_arena_alloc(scratch, (size_t)j->series->n_slices, sizeof(j->why[0]));
    }
    const bool has_room = j->result && j->ignored && (!j->series->allow_partial || (j->lost && j->why));
    rs_status status = has_room ? read_slices(ctx, j) : rs_fail_memory(ctx, "the volume");
    if (status == RS_OK) status = lost_fill(ctx, j);
    if (status == RS_OK && facts) status = make_facts(ctx, j, arena, facts);
    rs_arena_rewind(scratch, mark);
    return status;
}

rs_status rs_read_volume(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_volume *out,
                         rs_read_facts *facts)
{
    const bool usable =
        series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED || series->verdict == RS_VERDICT_FEW;
    if (usable && series->volume_file) return read_volume_file(ctx, series, arena, out, facts);
    if (!usable || series->n_slices < 1) {
        return rs_fail(ctx, RS_DATA, "series %lld is no volume: %s", (long long)series->series_number,
                       series->reason ? series->reason : "it has no slices");
    }
    slice_job j = {.series = series, .is_ct = is_ct_image(series->sop_class_uid)};
    atomic_init(&j.n_done, 0);
    rs_geometry geometry = read_slice_grid(series);
    if (series->n_slices == 1) geometry.spacing_mm[2] = series->thickness_mm > 0 ? series->thickness_mm : 1;
    RS_TRY(rs_volume_new(ctx, &geometry, &j.volume));
    plan(&j);
    rs_status status = read_into(ctx, &j, arena, facts);
    if (status == RS_OK) status = read_straighten(ctx, series, &j.volume, arena, facts);
    if (status != RS_OK) {
        rs_volume_free(ctx, &j.volume);
        return status;
    }
    *out = j.volume;
    return RS_OK;
}
