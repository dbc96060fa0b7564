/* Slices that lean or lie unevenly become an orthogonal volume: each slice of the grid from the two source slices
   around it, each of them shifted in its plane to where it lies. */
#include "straighten.h"

#include <math.h>
#include <string.h>

#include "restage/parallel.h"

#define AIR_HU (-1024.0)
/* A source slice this near to one of the grid is it: the verdict's measure of even spacing (science B1). */
#define SAME_PART 0.01
#define SAME_MM 0.05
#define SAME_PIXELS 1e-3 /* a shift this near to whole pixels moves them, and interpolates nothing */
enum { TAPS = 4 };

typedef struct job {
    const rs_series *series;
    const rs_volume *from;
    rs_volume *to;
    double first_mm; /* of the grid along the normal */
    int16_t outside;
} job;

/* The pixels of one axis: grid index i takes source pixels i - whole + 0 … 3 by weight; whole numbers: only tap 1. */
typedef struct shift {
    int32_t whole;
    bool moves; /* by part of a pixel */
    float weight[TAPS];
} shift;

/* One source slice as a slice of the grid sees it. */
typedef struct layer {
    const int16_t *pixels;
    shift along[2];
    float share;
} layer;

/* Keys' cubic, a = -1/2, at distance t behind the second of four taps. */
static shift shift_by(double pixels)
{
    const double up = ceil(pixels - SAME_PIXELS), t = up - pixels;
    shift s = {.whole = (int32_t)up + 1, .moves = t > SAME_PIXELS, .weight = {0, 1, 0, 0}};
    if (!s.moves) return s;
    s.weight[0] = (float)(((2 - t) * t - 1) * t / 2);
    s.weight[1] = (float)(((3 * t - 5) * t * t + 2) / 2);
    s.weight[2] = (float)(((4 - 3 * t) * t + 1) * t / 2);
    s.weight[3] = (float)((t - 1) * t * t / 2);
    return s;
}

static layer layer_of(const job *j, int32_t slice, double share)
{
    const rs_geometry *g = &j->from->geometry;
    const rs_slice *s = &j->series->slices[slice];
    layer out = {.pixels = j->from->voxels + (int64_t)slice * g->n[0] * g->n[1], .share = (float)share};
    for (int a = 0; a < 2; a++)
        out.along[a] = shift_by(s->shift_mm[a] / g->spacing_mm[a]);
    return out;
}

/* The one or two source slices that make slice k of the grid; returns how many. */
static int find_layers(const job *j, int64_t k, layer out[2])
{
    const rs_slice *slices = j->series->slices;
    const int32_t n = j->series->n_slices;
    const double step_mm = j->to->geometry.spacing_mm[2], at_mm = j->first_mm + (double)k * step_mm;
    const double same_mm = fmax(SAME_PART * step_mm, SAME_MM);
    int32_t above = 0;
    while (above < n && slices[above].along_normal_mm < at_mm)
        above++;
    const int32_t below = above > 0 ? above - 1 : 0;
    if (above == n) above = n - 1;
    const double up_mm = slices[above].along_normal_mm - at_mm, down_mm = at_mm - slices[below].along_normal_mm;
    const int32_t nearest = fabs(up_mm) < fabs(down_mm) ? above : below;
    if (above == below || fmin(fabs(up_mm), fabs(down_mm)) <= same_mm) {
        out[0] = layer_of(j, nearest, 1);
        return 1;
    }
    out[0] = layer_of(j, below, up_mm / (up_mm + down_mm));
    out[1] = layer_of(j, above, down_mm / (up_mm + down_mm));
    return 2;
}

/* First and one past the last index of the grid, of n, whose place lies in the source's size pixels. */
static void span(const shift *s, int32_t size, int32_t n, int32_t *begin, int32_t *end)
{
    const int32_t first = s->whole - 1; /* the tap at the place, or just before it */
    *begin = first < 0 ? 0 : first;
    *end = first + size - (s->moves ? 1 : 0);
    if (*end > n) *end = n;
}

static int32_t clamp(int32_t i, int32_t n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Row of the grid from one slice: first down the columns, then along the row. begin … end - 1 are filled. */
static void shift_row(const job *j, const layer *l, int32_t row, float *columns, float *out, int32_t *begin,
                      int32_t *end)
{
    const int32_t *n = j->from->geometry.n, *m = j->to->geometry.n;
    int32_t first, last;
    span(&l->along[1], n[1], m[1], &first, &last);
    span(&l->along[0], n[0], m[0], begin, end);
    if (row < first || row >= last) *end = *begin;
    if (*end <= *begin) return;
    const int16_t *line[TAPS];
    for (int t = 0; t < TAPS; t++)
        line[t] = l->pixels + (int64_t)clamp(row - l->along[1].whole + t, n[1]) * n[0];
    const float *w = l->along[1].weight;
    if (l->along[1].moves) {
        for (int32_t i = 0; i < n[0]; i++)
            columns[i] = (w[0] * line[0][i] + w[1] * line[1][i]) + (w[2] * line[2][i] + w[3] * line[3][i]);
    } else {
        for (int32_t i = 0; i < n[0]; i++)
            columns[i] = line[1][i];
    }
    const float *v = l->along[0].weight;
    const int32_t whole = l->along[0].whole;
    if (!l->along[0].moves) {
        memcpy(out + *begin, columns + *begin - whole + 1, (size_t)(*end - *begin) * sizeof(float));
        return;
    }
    for (int32_t i = *begin; i < *end; i++) {
        float sum = 0;
        for (int t = 0; t < TAPS; t++)
            sum += v[t] * columns[clamp(i - whole + t, n[0])];
        out[i] = sum;
    }
}

static int16_t to_voxel(float value)
{
    const float rounded = floorf(value + 0.5F);
    return (int16_t)(rounded < -32768 ? -32768 : rounded > 32767 ? 32767 : rounded);
}

/* Where one of two slices ends, nothing is known of what lies between them. */
static void blend_row(const job *j, const layer *l, int n_layers, float *const row[2], int32_t begin, int32_t end,
                      int16_t *out)
{
    for (int32_t i = 0; i < j->to->geometry.n[0]; i++) {
        if (i < begin || i >= end)
            out[i] = j->outside;
        else if (n_layers == 2)
            out[i] = to_voxel(l[0].share * row[0][i] + l[1].share * row[1][i]);
        else
            out[i] = to_voxel(row[0][i]);
    }
}

static rs_status make_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    const job *j = arg;
    const int32_t *n = j->from->geometry.n, *m = j->to->geometry.n;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a slice");
    const rs_arena_mark mark = rs_arena_where(scratch);
    float *columns = RS_ARENA_RAW(scratch, float, n[0]);
    float *row[2] = {RS_ARENA_RAW(scratch, float, m[0]), RS_ARENA_RAW(scratch, float, m[0])};
    rs_status status = columns && row[0] && row[1] ? RS_OK : rs_fail_memory(ctx, "a slice");
    layer l[2];
    const int n_layers = find_layers(j, k, l);
    for (int32_t y = 0; status == RS_OK && y < m[1]; y++) {
        int32_t begin = 0, end = m[0];
        for (int s = 0; s < n_layers; s++) {
            int32_t from, to;
            shift_row(j, &l[s], y, columns, row[s], &from, &to);
            begin = from > begin ? from : begin;
            end = to < end ? to : end;
        }
        blend_row(j, l, n_layers, row, begin, end, j->to->voxels + (k * m[1] + y) * (int64_t)m[0]);
    }
    rs_arena_rewind(scratch, mark);
    return status;
}

static rs_status say(rs_context *ctx, const rs_series *s, rs_arena *arena, rs_read_facts *facts)
{
    const rs_geometry *g = &s->geometry;
    const bool leans = s->repair == RS_REPAIR_TILT || s->repair == RS_REPAIR_BOTH, even = s->repair == RS_REPAIR_TILT;
    double least = INFINITY, most = 0;
    for (int32_t k = 1; k < s->n_slices; k++) {
        const double step = s->slices[k].along_normal_mm - s->slices[k - 1].along_normal_mm;
        least = fmin(least, step);
        most = fmax(most, step);
    }
    const char *tilt =
        leans ? rs_arena_printf(arena, "lean %.2f degrees off their normal (gantry tilt or shear)", s->tilt_deg) : "";
    const char *steps =
        even            ? ""
        : s->n_gaps > 0 ? rs_arena_printf(arena, "are missing in %d %s", s->n_gaps, s->n_gaps == 1 ? "place" : "places")
                        : rs_arena_printf(arena, "lie %.2f to %.2f mm apart", least, most);
    if (!tilt || !steps) return rs_fail_memory(ctx, "the facts of reading");
    const char *before = facts->resampled;
    facts->resampled = rs_arena_printf(
        arena,
        "%s%sslices %s%s%s: resampled onto an orthogonal grid of %d x %d x %d voxels of %.3f x %.3f x %.3f mm%s%s",
        before ? before : "", before ? "; " : "", tilt, leans && !even ? " and " : "", steps, g->n[0], g->n[1], g->n[2],
        g->spacing_mm[0], g->spacing_mm[1], g->spacing_mm[2], leans ? ", cubic in the plane" : "",
        even ? "" : ", linear along the normal");
    return facts->resampled ? RS_OK : rs_fail_memory(ctx, "the facts of reading");
}

rs_geometry read_slice_grid(const rs_series *series)
{
    rs_geometry g = series->geometry;
    if (series->repair == RS_REPAIR_NONE) return g;
    g.n[0] = series->columns;
    g.n[1] = series->rows;
    g.n[2] = series->n_slices;
    return g;
}

rs_status read_straighten(rs_context *ctx, const rs_series *series, rs_volume *volume, rs_arena *arena,
                          rs_read_facts *facts)
{
    if (series->repair == RS_REPAIR_NONE) return RS_OK;
    rs_volume made;
    RS_TRY(rs_volume_new(ctx, &series->geometry, &made));
    made.slope = volume->slope;
    made.offset = volume->offset;
    const rs_geometry *g = &made.geometry;
    job j = {.series = series, .from = volume, .to = &made};
    j.outside = rs_volume_stored(volume, strcmp(series->modality, "CT") == 0 ? AIR_HU : 0);
    for (int d = 0; d < 3; d++)
        j.first_mm += g->origin_lps_mm[d] * g->axis[2][d];
    rs_status status = rs_parallel_for(ctx, g->n[2], make_slice, &j);
    if (status == RS_OK && facts) status = say(ctx, series, arena, facts);
    rs_volume *gone = status == RS_OK ? volume : &made;
    rs_volume_free(ctx, gone);
    if (status == RS_OK) *volume = made;
    return status;
}
