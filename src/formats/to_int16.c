/* Two walks over the slices, on all threads: what values there are, then their numbers. The second is all there is for
   files that hold what the house keeps. A row is handled as double, in which every number of 32 bits is exact. */
#include "to_int16.h"

#include <math.h>
#include <string.h>

#include "restage/parallel.h"
#include "restage/text.h"

#define MOST_STEP 1.0 /* values are rounded by half of it at most */
#define SPAN 65535.0
#define EXACT 9007199254740992.0 /* 2^53: whole numbers beyond are not told apart */

/* What a slice holds, in stored numbers. */
typedef struct survey {
    double low, high;
    int64_t bad; /* place in the slice of the first that is not finite; -1: none */
    bool whole;
    double rounding;
} survey;

typedef struct job {
    const raw_file *file;
    const raw_source *source;
    int32_t index;
    rs_volume *out;
    survey *slice;
    /* number = (slope * stored + offset) / step - shift; stored alone where as_stored */
    double slope, offset, step, shift;
    bool as_stored;
} job;

typedef void (*row_loader)(const uint8_t *from, int64_t n, size_t stride, bool swapped, double *out);

static inline void take(uint8_t *to, const uint8_t *from, size_t bytes, bool swapped)
{
    for (size_t b = 0; b < bytes; b++)
        to[b] = from[swapped ? bytes - 1 - b : b];
}

#define X(NAME, type, name)                                                                                            \
    static void load_##NAME(const uint8_t *from, int64_t n, size_t stride, bool swapped, double *out)                  \
    {                                                                                                                  \
        type number;                                                                                                   \
        if (swapped) {                                                                                                 \
            for (int64_t i = 0; i < n; i++, from += stride) {                                                          \
                take((uint8_t *)&number, from, sizeof number, true);                                                   \
                out[i] = (double)number;                                                                               \
            }                                                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t i = 0; i < n; i++, from += stride) {                                                              \
            memcpy(&number, from, sizeof number);                                                                      \
            out[i] = (double)number;                                                                                   \
        }                                                                                                              \
    }
RAW_TYPE_TABLE(X)
#undef X

static const row_loader loaders[] = {NULL,
#define X(NAME, type, name) load_##NAME,
                                     RAW_TYPE_TABLE(X)
#undef X
};

/* The bytes of a slice of the file, and room for one row of numbers. */
typedef struct slice_room {
    rs_arena *scratch;
    rs_arena_mark mark;
    const uint8_t *bytes;
    double *row;
} slice_room;

static rs_status begin_slice(rs_context *ctx, const job *j, int64_t k, slice_room *out)
{
    out->scratch = rs_scratch(ctx);
    if (!out->scratch) return rs_fail_memory(ctx, "a slice");
    out->mark = rs_arena_where(out->scratch);
    const size_t bytes = j->source->fd < 0 ? 1 : raw_slice_bytes(j->file);
    uint8_t *room = RS_ARENA_RAW(out->scratch, uint8_t, bytes);
    out->row = RS_ARENA_RAW(out->scratch, double, j->file->head.geometry.n[0]);
    if (!room || !out->row) {
        rs_arena_rewind(out->scratch, out->mark);
        return rs_fail_memory(ctx, "a slice");
    }
    rs_status status = raw_slice(ctx, j->source, (int32_t)k, room, &out->bytes);
    if (status != RS_OK) rs_arena_rewind(out->scratch, out->mark);
    return status;
}

static void load_row(const job *j, const slice_room *room, int32_t row)
{
    const int32_t n = j->file->head.geometry.n[0];
    const size_t bytes = raw_type_bytes(j->file->type);
    const size_t volumes = j->file->interleaved ? (size_t)j->file->head.n_volumes : 1;
    const size_t lead = j->file->interleaved ? (size_t)j->index * bytes : 0;
    loaders[j->file->type](room->bytes + (size_t)row * (size_t)n * volumes * bytes + lead, n, volumes * bytes,
                           j->file->swapped, room->row);
}

static rs_status survey_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    job *j = arg;
    slice_room room;
    RS_TRY(begin_slice(ctx, j, k, &room));
    const rs_geometry *g = &j->file->head.geometry;
    survey s = {.low = INFINITY, .high = -INFINITY, .bad = -1, .whole = true};
    for (int32_t r = 0; r < g->n[1] && s.bad < 0; r++) {
        load_row(j, &room, r);
        for (int32_t i = 0; i < g->n[0]; i++) {
            const double v = room.row[i];
            if (!isfinite(v)) {
                s.bad = (int64_t)r * g->n[0] + i;
                break;
            }
            s.low = v < s.low ? v : s.low;
            s.high = v > s.high ? v : s.high;
            s.whole = s.whole && v == rint(v);
        }
    }
    j->slice[k] = s;
    rs_arena_rewind(room.scratch, room.mark);
    return RS_OK;
}

static rs_status survey_all(rs_context *ctx, job *j, survey *all)
{
    const rs_geometry *g = &j->file->head.geometry;
    RS_TRY(rs_parallel_for(ctx, g->n[2], survey_slice, j));
    *all = (survey){.low = INFINITY, .high = -INFINITY, .whole = true};
    for (int32_t k = 0; k < g->n[2]; k++) {
        const survey *s = &j->slice[k];
        if (s->bad >= 0)
            return rs_fail(ctx, RS_DATA, "voxel (%d, %d, %d) of the file is no finite number", (int)(s->bad % g->n[0]),
                           (int)(s->bad / g->n[0]), (int)k);
        all->low = fmin(all->low, s->low);
        all->high = fmax(all->high, s->high);
        all->whole = all->whole && s->whole;
    }
    return RS_OK;
}

static bool is_whole(double value)
{
    return value == rint(value) && fabs(value) < EXACT;
}

static double shift_for(double low, double high)
{
    return low >= INT16_MIN && high <= INT16_MAX ? 0 : low - INT16_MIN;
}

/* The least power of two that is not below a number above 0. */
static double power_of_two(double number)
{
    int exponent;
    return ldexp(1, frexp(number, &exponent) > 0.5 ? exponent : exponent - 1);
}

/* Steps of a power of two: the finest in which the values span what 16 bits hold. */
static rs_status plan_steps(rs_context *ctx, job *j, double low, double high)
{
    double step = power_of_two((high > low ? high - low : fmin(fabs(low), SPAN)) / SPAN);
    while (rint(high / step) - rint(low / step) > SPAN)
        step *= 2;
    if (!(step <= MOST_STEP) || !(step > 0) || !isfinite(low / step) || !isfinite(high / step) ||
        fabs(low / step) > EXACT || fabs(high / step) > EXACT)
        return rs_fail(ctx, RS_DATA,
                       "values run from %.6g to %.6g, which 16 bits do not hold in steps of 1: scale or cut them", low,
                       high);
    j->step = step;
    j->shift = shift_for(rint(low / step), rint(high / step));
    return RS_OK;
}

/* Slope and offset of the volume, from what the file holds. */
static rs_status plan(rs_context *ctx, job *j)
{
    const rs_format_head *head = &j->file->head;
    survey all;
    RS_TRY(survey_all(ctx, j, &all));
    const double a = head->slope * all.low + head->offset, b = head->slope * all.high + head->offset;
    const double low = fmin(a, b), high = fmax(a, b);
    j->slope = head->slope;
    j->offset = head->offset;
    j->step = 1;
    j->shift = 0;
    const bool whole = all.whole && is_whole(head->slope) && is_whole(head->offset);
    if (whole && low >= INT16_MIN && high <= INT16_MAX) return RS_OK;
    if (all.whole && all.high - all.low <= SPAN && fabs(all.low) < EXACT) {
        j->slope = head->slope < 0 ? -1 : 1; /* stored numbers, rising with the values */
        j->offset = 0;
        j->shift =
            shift_for(fmin(j->slope * all.low, j->slope * all.high), fmax(j->slope * all.low, j->slope * all.high));
        j->out->slope = fabs(head->slope);
        j->out->offset = head->offset + j->shift * j->out->slope;
        return RS_OK;
    }
    if (whole && high - low > SPAN)
        return rs_fail(ctx, RS_DATA, "values run from %.6g to %.6g, which 16 bits do not hold: scale or cut them", low,
                       high);
    RS_TRY(plan_steps(ctx, j, low, high));
    j->out->slope = j->step;
    j->out->offset = j->shift * j->step;
    return RS_OK;
}

static int16_t cut(double value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

static rs_status convert_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    job *j = arg;
    slice_room room;
    const rs_geometry *g = &j->file->head.geometry;
    const bool *turned = j->file->turned;
    const int64_t to_k = turned[2] ? g->n[2] - 1 - k : k;
    double rounding = 0;
    RS_TRY(begin_slice(ctx, j, k, &room));
    for (int32_t r = 0; r < g->n[1]; r++) {
        const int64_t to_j = turned[1] ? g->n[1] - 1 - r : r;
        int16_t *out = j->out->voxels + (to_k * g->n[1] + to_j) * g->n[0];
        if (j->as_stored && !turned[0]) {
            memcpy(out, room.bytes + (size_t)r * (size_t)g->n[0] * sizeof *out, (size_t)g->n[0] * sizeof *out);
            continue;
        }
        load_row(j, &room, r);
        for (int32_t i = 0; i < g->n[0]; i++) {
            const double exact = (j->slope * room.row[i] + j->offset) / j->step - j->shift, number = rint(exact);
            rounding = fmax(rounding, fabs(number - exact));
            out[turned[0] ? g->n[0] - 1 - i : i] = cut(number);
        }
    }
    j->slice[k].rounding = rounding * j->out->slope;
    rs_arena_rewind(room.scratch, room.mark);
    return RS_OK;
}

/* Types whose numbers are all int16 already. */
static bool needs_no_plan(const raw_file *file)
{
    const bool fits = file->type == RAW_INT8 || file->type == RAW_UINT8 || file->type == RAW_INT16;
    return fits && file->head.slope == 1 && file->head.offset == 0;
}

rs_status to_int16(rs_context *ctx, const raw_file *file, const raw_source *source, int32_t index, rs_volume *out,
                   double *rounding)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the volume");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const int32_t n = file->head.geometry.n[2];
    job j = {.file = file, .source = source, .index = index, .out = out, .slope = 1, .step = 1};
    j.slice = RS_ARENA_NEW(scratch, survey, n);
    j.as_stored = needs_no_plan(file) && file->type == RAW_INT16 && !file->swapped && !file->interleaved;
    rs_status status = j.slice ? RS_OK : rs_fail_memory(ctx, "the volume");
    out->slope = 1;
    out->offset = 0;
    if (status == RS_OK && !needs_no_plan(file)) status = plan(ctx, &j);
    if (status == RS_OK) status = rs_parallel_for(ctx, n, convert_slice, &j);
    *rounding = 0;
    for (int32_t k = 0; k < n && status == RS_OK; k++)
        *rounding = fmax(*rounding, j.slice[k].rounding);
    rs_arena_rewind(scratch, mark);
    return status;
}
