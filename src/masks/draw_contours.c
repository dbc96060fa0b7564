/* Contours on a grid: scanline even-odd fill, slice by slice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/parallel.h"
#include "room.h"

/* Corners are set to this part of a voxel: finer than any contour is written, and coarse enough that corners which are
   meant to lie on voxel centres do, whatever the rounding of the transform. */
static const double steps_a_voxel = 4096;

/* Crossings of an edge and a row: a few seconds; a chest drawn by hand has 10^5. */
static const double most_work = 1e9;

/* A contour on the grid. */
typedef struct placed {
    double (*ij)[2];
    int32_t n, index;
    double k, rows;   /* rows: that its edges cross, all together */
    bool misses, cut; /* lies wholly beside the picture, or partly */
} placed;

typedef struct fill {
    rs_mask *mask;
    const placed *contours;     /* by rising k */
    const int32_t *first, *end; /* of each slice, the contours of its plane; empty: none */
    int64_t *voxels;            /* of each slice */
} fill;

static double snap(double x)
{
    return floor(x * steps_a_voxel + 0.5) / steps_a_voxel;
}

static rs_status place(rs_context *ctx, const rs_contour *c, const rs_geometry *grid, const char *name, rs_arena *arena,
                       placed *out)
{
    placed p = {.ij = rs_arena_alloc_raw(arena, (size_t)c->n, sizeof *p.ij), .n = c->n};
    if (!p.ij) return rs_fail_memory(ctx, "the contours");
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int32_t i = 0; i < c->n; i++) {
        double ijk[3];
        rs_geometry_to_index(grid, c->corner_lps_mm[i], ijk);
        for (int d = 0; d < 3; d++) {
            low[d] = fmin(low[d], ijk[d]);
            high[d] = fmax(high[d], ijk[d]);
        }
        p.ij[i][0] = snap(ijk[0]);
        p.ij[i][1] = snap(ijk[1]);
    }
    for (int32_t i = 0; i < c->n; i++)
        p.rows += 1 + fmin(fabs(p.ij[i][1] - p.ij[i + 1 < c->n ? i + 1 : 0][1]), grid->n[1]);
    p.k = (low[2] + high[2]) / 2;
    double leans_mm = (high[2] - low[2]) * grid->spacing_mm[2];
    if (leans_mm > 0.1 && leans_mm > 0.25 * grid->spacing_mm[2])
        return rs_fail(ctx, RS_DATA,
                       "a contour of the region \"%s\" runs through %.2f mm across the slices: it was drawn in other "
                       "planes than those of this series",
                       name, leans_mm);
    p.misses = high[0] < -0.5 || low[0] > grid->n[0] - 0.5 || high[1] < -0.5 || low[1] > grid->n[1] - 0.5;
    p.cut = !p.misses && (low[0] < -0.5 || high[0] > grid->n[0] - 0.5 || low[1] < -0.5 || high[1] > grid->n[1] - 0.5);
    *out = p;
    return RS_OK;
}

static int by_k(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->k != y->k) return x->k < y->k ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Turns the voxels of row j from the crossing of an edge on. A crossing at a centre leaves that voxel to the right. */
static void turn_edge(const double *p, const double *q, const int32_t n[3], uint8_t *slice)
{
    if (p[1] > q[1]) { /* one direction, so that an edge shared by neighbours crosses at the same place */
        const double *other = p;
        p = q;
        q = other;
    }
    if (p[1] == q[1] || q[1] <= 0 || p[1] > n[1] - 1) return;
    int32_t begin = p[1] <= 0 ? 0 : (int32_t)ceil(p[1]);
    int32_t end = q[1] > n[1] - 1 ? n[1] : (int32_t)ceil(q[1]);
    double slope = (q[0] - p[0]) / (q[1] - p[1]);
    for (int32_t j = begin; j < end; j++) {
        double x = ceil(p[0] + (j - p[1]) * slope);
        if (x > n[0] - 1) continue;
        slice[(size_t)j * (size_t)n[0] + (x <= 0 ? 0 : (size_t)x)] ^= 1;
    }
}

static rs_status draw_slice(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const fill *job = arg;
    (void)ctx;
    (void)worker;
    const int32_t *n = job->mask->geometry.n;
    size_t area = (size_t)n[0] * (size_t)n[1];
    uint8_t *slice = job->mask->inside + (size_t)item * area;
    memset(slice, 0, area);
    for (int32_t c = job->first[item]; c < job->end[item]; c++) {
        const placed *p = &job->contours[c];
        for (int32_t e = 0; e < p->n && !p->misses; e++)
            turn_edge(p->ij[e], p->ij[e + 1 < p->n ? e + 1 : 0], n, slice);
    }
    if (job->first[item] == job->end[item]) return RS_OK;
    int64_t voxels = 0;
    for (int32_t j = 0; j < n[1]; j++) {
        uint8_t *row = slice + (size_t)j * (size_t)n[0], in = 0;
        for (int32_t i = 0; i < n[0]; i++) {
            in ^= row[i];
            row[i] = in;
            voxels += in;
        }
    }
    job->voxels[item] = voxels;
    return RS_OK;
}

/* What did not reach the grid, for the notes. */
typedef struct unreached {
    int32_t beside, cut, beyond, gaps;
    double work; /* edges times rows times slices */
} unreached;

/* Gives every slice the contours of the plane that it lies in, half-open: a slice midway belongs to the plane above. */
static void share_planes(const rs_geometry *grid, placed *contours, int32_t n, double half_vox, int32_t *first,
                         int32_t *end, unreached *missed)
{
    const double same_vox = 0.05 / grid->spacing_mm[2], tie = 1e-6;
    bool reached = false; /* the plane before lies among the slices */
    for (int32_t at = 0; at < n;) {
        int32_t last = at + 1;
        while (last < n && contours[last].k - contours[last - 1].k < same_vox)
            last++;
        double k = contours[at].k, low = k - half_vox, high = k + half_vox;
        if (at > 0 && (contours[at - 1].k + k) / 2 > low) low = (contours[at - 1].k + k) / 2;
        if (last < n && (contours[last].k + k) / 2 < high) high = (contours[last].k + k) / 2;
        bool reaches = high > -0.5 + tie && low < grid->n[2] - 0.5 - tie;
        if (!reaches) missed->beyond += last - at;
        if (at > 0 && reaches && reached && k - contours[at - 1].k > 3 * half_vox) missed->gaps++;
        reached = reaches;
        double begin = ceil(low - tie), stop = ceil(high - tie);
        for (double s = fmax(begin, 0); s < stop && s < grid->n[2]; s++) {
            first[(int32_t)s] = at;
            end[(int32_t)s] = last;
            for (int32_t c = at; c < last; c++)
                missed->work += contours[c].rows;
        }
        for (int32_t c = at; c < last && reaches; c++) {
            missed->beside += contours[c].misses;
            missed->cut += contours[c].cut;
        }
        at = last;
    }
}

static rs_status tell(rs_context *ctx, const unreached *missed, const char *name, rs_arena *arena, rs_mask *mask)
{
    const struct {
        int32_t n;
        const char *code, *what;
    } rows[] = {
        {missed->beside, "region_beside_picture", "contours of the region outside the picture, not drawn"},
        {missed->cut, "region_cut", "contours of the region that reach beyond the picture, cut at its border"},
        {missed->beyond, "region_beyond_slices", "contours of the region beyond the first or last slice, not drawn"},
        {missed->gaps, "region_gaps",
         "places between planes of the region where slices have no contour and stay empty"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        if (rows[r].n > 0)
            RS_TRY(rs_notes_add(ctx, arena, &mask->notes, rows[r].code, name, "%s: %d", rows[r].what, rows[r].n));
    return RS_OK;
}

rs_status rs_draw_contours(rs_context *ctx, const rs_outline *outline, const char *name, rs_arena *arena, rs_mask *mask)
{
    const rs_geometry *grid = &mask->geometry;
    const int32_t n = outline->n_contours, n_slices = grid->n[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the contours");
    rs_arena_mark mark = rs_arena_where(scratch);
    placed *contours = RS_ARENA_RAW(scratch, placed, n);
    int32_t *first = RS_ARENA_NEW(scratch, int32_t, n_slices), *end = RS_ARENA_NEW(scratch, int32_t, n_slices);
    int64_t *voxels = RS_ARENA_NEW(scratch, int64_t, n_slices);
    unreached missed = {0};
    rs_status status = contours && first && end && voxels ? RS_OK : rs_fail_memory(ctx, "the contours");
    for (int32_t c = 0; status == RS_OK && c < n; c++) {
        status = place(ctx, &outline->contours[c], grid, name, scratch, &contours[c]);
        contours[c].index = c;
    }
    if (status == RS_OK) {
        double distance_mm = outline->plane_distance_mm > 0 ? outline->plane_distance_mm : grid->spacing_mm[2];
        if (n > 1) qsort(contours, (size_t)n, sizeof *contours, by_k);
        share_planes(grid, contours, n, distance_mm / grid->spacing_mm[2] / 2, first, end, &missed);
        if (missed.work > most_work)
            status = rs_fail(ctx, RS_DATA,
                             "the contours of the region \"%s\" cross so many rows that no hand drew them", name);
        fill job = {.mask = mask, .contours = contours, .first = first, .end = end, .voxels = voxels};
        if (status == RS_OK) status = rs_parallel_for(ctx, n_slices, draw_slice, &job);
    }
    for (int32_t k = 0; status == RS_OK && k < n_slices; k++)
        mask->voxels += voxels[k];
    if (status == RS_OK) status = tell(ctx, &missed, name, arena, mask);
    rs_arena_rewind(scratch, mark);
    return status;
}
