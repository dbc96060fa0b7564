/* One series to one volume: every slice decoded into its place, on all threads. HU are kept as they are where that is
   exact; else one common slope (contract 8). */
#include "restage/read.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "convert.h"
#include "restage/parallel.h"
#include "restage/text.h"
#include "sandbox/decode.h"

#define AIR_HU (-1024.0) /* what padding and the outside of the circle become */
/* Stored values between these are image, whatever PixelPaddingValue says. */
#define PADDING_BELOW_HU (-900.0)
#define PADDING_ABOVE_HU 3500.0
#define FAR_BELOW_AIR_HU (-1500.0) /* no tissue, no noise */
#define BLUR_HU 64.0

typedef struct job {
    const rs_series *series;
    rs_volume volume;
    bool is_ct, exact;
    convert_result *result; /* one a slice */
    uint8_t *ignored;       /* one a slice: a padding value inside the image's range */
    atomic_int n_done;
} job;

/* Slope and offset of the volume. Whole factors everywhere: the values themselves; one factor for all: the stored
   values; else the smallest slope, rounded. */
static void plan(job *j)
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
    j->exact = whole || same;
    j->volume.slope = whole ? 1 : smallest;
    j->volume.offset = whole ? 0 : s->slices[0].offset;
}

static void add_padding(convert_args *a, int32_t low, int32_t high)
{
    a->padding_low[a->n_paddings] = low < high ? low : high;
    a->padding_high[a->n_paddings] = low < high ? high : low;
    a->n_paddings++;
}

/* The value that fills at least two corners below -1024 HU: the outside of the circle, which many scanners do not
   declare (field reports R02; science B2). A near-lossless codec blurs it: far below air everything goes that is not
   above it. */
static void add_corners(convert_args *a, int32_t columns, int32_t rows)
{
    const int64_t corner[4] = {0, columns - 1, (int64_t)columns * (rows - 1), (int64_t)columns * rows - 1};
    int32_t stored[4];
    for (int i = 0; i < 4; i++)
        stored[i] = convert_stored(&a->pixels, corner[i]);
    for (int i = 0; i < 3; i++) {
        int n_near = 0;
        const double hu = a->slope * stored[i] + a->offset;
        for (int l = 0; l < 4; l++)
            n_near +=
                hu < FAR_BELOW_AIR_HU ? a->slope * stored[l] + a->offset < FAR_BELOW_AIR_HU : stored[l] == stored[i];
        if (n_near < 2 || hu >= AIR_HU) continue;
        if (hu >= FAR_BELOW_AIR_HU)
            add_padding(a, stored[i], stored[i]);
        else if (a->slope > 0)
            add_padding(a, INT16_MIN, (int32_t)floor((hu + BLUR_HU - a->offset) / a->slope));
        return;
    }
}

/* Stored values of a CT that are no image. Returns true where the header's padding was not believed. */
static bool find_padding(const job *j, const rs_dicom_image *image, convert_args *a)
{
    bool ignored = false;
    if (image->has_padding) {
        const int32_t limit = image->has_padding_limit ? image->padding_range_limit : image->padding_value;
        const double hu = a->slope * image->padding_value + a->offset;
        ignored = hu >= PADDING_BELOW_HU && hu <= PADDING_ABOVE_HU;
        if (!ignored) add_padding(a, image->padding_value, limit);
    }
    add_corners(a, image->columns, image->rows);
    a->padding_voxel = rs_volume_stored(&j->volume, AIR_HU);
    return ignored;
}

static rs_status convert_file(rs_context *ctx, job *j, int64_t k, rs_decode *file)
{
    const rs_geometry *g = &j->volume.geometry;
    const rs_slice *slice = &j->series->slices[k];
    const int64_t n = (int64_t)g->n[0] * g->n[1];
    rs_dicom_image image;
    convert_args a = {.slope = slice->slope, .offset = slice->offset, .exact = j->exact, .n = n};
    RS_TRY(rs_decode_image(ctx, file, &image));
    RS_TRY(rs_decode_pixels(ctx, file, slice->frame, 1, &a.pixels));
    if (image.columns != g->n[0] || image.rows != g->n[1] || a.pixels.n != n) {
        return rs_fail(ctx, RS_AGAIN, "it changed since the series was listed");
    }
    a.volume_slope = j->volume.slope;
    a.volume_offset = j->volume.offset;
    a.out = j->volume.voxels + k * n;
    if (j->is_ct) j->ignored[k] = find_padding(j, &image, &a);
    convert_slice(&a, &j->result[k]);
    return RS_OK;
}

static rs_status read_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    job *j = arg;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a slice");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const rs_slice *slice = &j->series->slices[k];
    rs_decode *file = NULL;
    rs_status status = rs_decode_open(ctx, worker, scratch, slice->path, true, &file);
    if (status == RS_OK) status = convert_file(ctx, j, k, file);
    rs_decode_close(file);
    rs_arena_rewind(scratch, mark);
    if (status == RS_NO_INPUT) status = RS_IO; /* it was there when the series was listed */
    if (status == RS_DATA || status == RS_IO) {
        char why[512];
        rs_text_format(why, sizeof(why), "%s", rs_context_message(ctx));
        return rs_fail(ctx, status, "slice %lld of series %lld (InstanceNumber %lld) cannot be read: %s",
                       (long long)k + 1, (long long)j->series->series_number, (long long)slice->instance_number, why);
    }
    rs_context_progress(ctx, "read", atomic_fetch_add(&j->n_done, 1) + 1, j->series->n_slices);
    return status;
}

/* Reads all slices; where values fall outside int16 but their range fits, once more with a shifted offset. */
static rs_status read_slices(rs_context *ctx, job *j)
{
    const int n = j->series->n_slices;
    for (int attempt = 0;; attempt++) {
        double low = INFINITY, high = -INFINITY;
        atomic_store(&j->n_done, 0);
        RS_TRY(rs_parallel_for(ctx, n, read_slice, j));
        for (int k = 0; k < n; k++) {
            if (j->result[k].low > j->result[k].high) continue;
            low = fmin(low, j->result[k].low);
            high = fmax(high, j->result[k].high);
        }
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

static rs_status make_facts(rs_context *ctx, const job *j, rs_arena *arena, rs_read_facts *out)
{
    rs_read_facts facts = {0};
    int n_ignored = 0;
    for (int k = 0; k < j->series->n_slices; k++) {
        facts.padded_voxels += j->result[k].n_padded;
        facts.rounding = fmax(facts.rounding, j->result[k].rounding);
        n_ignored += j->ignored[k];
    }
    if (facts.rounding > 0) {
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
    if (j->series->n_slices == 1) {
        RS_TRY(rs_notes_add(ctx, arena, &facts.notes, "single_slice", NULL,
                            "a single slice has no spacing along the normal; %.6g mm is assumed",
                            j->volume.geometry.spacing_mm[2]));
    }
    *out = facts;
    return RS_OK;
}

static rs_status read_into(rs_context *ctx, job *j, rs_arena *arena, rs_read_facts *facts)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the volume");
    const rs_arena_mark mark = rs_arena_where(scratch);
    j->result = RS_ARENA_NEW(scratch, convert_result, j->series->n_slices);
    j->ignored = RS_ARENA_NEW(scratch, uint8_t, j->series->n_slices);
    rs_status status = j->result && j->ignored ? RS_OK : rs_fail_memory(ctx, "the volume");
    if (status == RS_OK) status = read_slices(ctx, j);
    if (status == RS_OK && facts) status = make_facts(ctx, j, arena, facts);
    rs_arena_rewind(scratch, mark);
    return status;
}

rs_status rs_read_volume(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_volume *out,
                         rs_read_facts *facts)
{
    const bool usable =
        series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED || series->verdict == RS_VERDICT_FEW;
    if (!usable || series->n_slices < 1) {
        return rs_fail(ctx, RS_DATA, "series %lld is no volume: %s", (long long)series->series_number,
                       series->reason ? series->reason : "it has no slices");
    }
    job j = {.series = series, .is_ct = strcmp(series->sop_class_uid, "1.2.840.10008.5.1.4.1.1.2") == 0};
    atomic_init(&j.n_done, 0);
    rs_geometry geometry = series->geometry;
    if (series->n_slices == 1) geometry.spacing_mm[2] = series->thickness_mm > 0 ? series->thickness_mm : 1;
    RS_TRY(rs_volume_new(ctx, &geometry, &j.volume));
    plan(&j);
    const rs_status status = read_into(ctx, &j, arena, facts);
    if (status != RS_OK) {
        rs_volume_free(ctx, &j.volume);
        return status;
    }
    *out = j.volume;
    return RS_OK;
}
