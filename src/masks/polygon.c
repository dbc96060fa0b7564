/* Areas, planes and nesting of contours, in patient coordinates. */
#include <math.h>
#include <stdlib.h>

#include "room.h"

void rs_contour_normal(const double (*corner)[3], int32_t n, double out[3])
{
    double sum[3] = {0, 0, 0};
    for (int32_t c = 1; c + 1 < n; c++) { /* from the first corner: no cancellation far from the origin */
        double u[3], v[3];
        for (int d = 0; d < 3; d++) {
            u[d] = corner[c][d] - corner[0][d];
            v[d] = corner[c + 1][d] - corner[0][d];
        }
        sum[0] += u[1] * v[2] - u[2] * v[1];
        sum[1] += u[2] * v[0] - u[0] * v[2];
        sum[2] += u[0] * v[1] - u[1] * v[0];
    }
    for (int d = 0; d < 3; d++)
        out[d] = sum[d] / 2;
}

/* A contour in the region's own plane: corners as u, v; where the plane lies along the normal. */
typedef struct flat {
    double (*uv)[2];
    int32_t n, index;
    double along_mm, area_mm2;
} flat;

static int by_plane(const void *a, const void *b)
{
    const flat *x = a, *y = b;
    if (x->along_mm != y->along_mm) return x->along_mm < y->along_mm ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool inside(const flat *f, const double at[2])
{
    bool odd = false;
    for (int32_t c = 0; c < f->n; c++) {
        const double *p = f->uv[c], *q = f->uv[c + 1 < f->n ? c + 1 : 0];
        if ((p[1] <= at[1]) == (q[1] <= at[1])) continue;
        if (p[0] + (at[1] - p[1]) * (q[0] - p[0]) / (q[1] - p[1]) <= at[0]) odd = !odd;
    }
    return odd;
}

/* Unit normal of the largest contour, and two directions in its plane. */
static void plane_axes(const rs_outline *outline, double u[3], double v[3], double normal[3])
{
    double best = -1;
    for (int32_t c = 0; c < outline->n_contours; c++) {
        const double *area = outline->contours[c].normal;
        double size = sqrt(rs_dot(area, area));
        if (size <= best) continue;
        best = size;
        for (int d = 0; d < 3; d++)
            normal[d] = area[d] / size;
    }
    int least = 0;
    for (int d = 1; d < 3; d++)
        if (fabs(normal[d]) < fabs(normal[least])) least = d;
    double length = sqrt(1 - normal[least] * normal[least]);
    for (int d = 0; d < 3; d++)
        u[d] = ((d == least) - normal[least] * normal[d]) / length;
    v[0] = normal[1] * u[2] - normal[2] * u[1];
    v[1] = normal[2] * u[0] - normal[0] * u[2];
    v[2] = normal[0] * u[1] - normal[1] * u[0];
}

static rs_status flatten(rs_masks *masks, const rs_outline *outline, rs_arena *arena, flat *flats)
{
    double u[3], v[3], normal[3] = {0};
    plane_axes(outline, u, v, normal);
    for (int32_t i = 0; i < outline->n_contours; i++) {
        const rs_contour *c = &outline->contours[i];
        flat *f = &flats[i];
        *f = (flat){.uv = rs_arena_alloc_raw(arena, (size_t)c->n, sizeof *f->uv), .n = c->n, .index = i};
        if (!f->uv) return rs_fail_memory(masks->ctx, "the contours");
        for (int32_t p = 0; p < c->n; p++) {
            f->uv[p][0] = rs_dot(c->corner_lps_mm[p], u);
            f->uv[p][1] = rs_dot(c->corner_lps_mm[p], v);
            f->along_mm += rs_dot(c->corner_lps_mm[p], normal) / c->n;
        }
        f->area_mm2 = sqrt(rs_dot(c->normal, c->normal));
    }
    qsort(flats, (size_t)outline->n_contours, sizeof *flats, by_plane);
    return RS_OK;
}

int rs_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

enum { SAME_PLANE_UM = 50 }; /* positions are written with few digits: planes this near are one */

/* One past the contours that lie in the plane of the first. */
static int32_t plane_end(const flat *flats, int32_t n, int32_t first)
{
    int32_t end = first + 1;
    while (end < n && flats[end].along_mm - flats[end - 1].along_mm < SAME_PLANE_UM / 1000.0)
        end++;
    return end;
}

/* What it costs to hold every contour of a plane against every other: contours times corners. */
static const double most_pairs = 1e9;
static double pairs(const flat *flats, int32_t begin, int32_t end)
{
    double corners = 0;
    for (int32_t i = begin; i < end; i++)
        corners += flats[i].n;
    return corners * (end - begin);
}

/* Can the one hold the other? The larger, and of two as large the first, so that a contour drawn twice is nothing. */
static bool goes_around(const flat *one, const flat *other)
{
    if (one->area_mm2 != other->area_mm2) return one->area_mm2 > other->area_mm2;
    return one->index < other->index;
}

/* Adds the first moment of a contour's area: triangles from its first corner, signed along its own normal. */
static void add_moment(const rs_contour *contour, double area_mm2, double sign, double moment[3])
{
    const double(*corner)[3] = contour->corner_lps_mm;
    for (int32_t c = 1; c + 1 < contour->n; c++) {
        const double triangle[3][3] = {{corner[0][0], corner[0][1], corner[0][2]},
                                       {corner[c][0], corner[c][1], corner[c][2]},
                                       {corner[c + 1][0], corner[c + 1][1], corner[c + 1][2]}};
        double normal[3];
        rs_contour_normal(triangle, 3, normal);
        double part_mm2 = sign * rs_dot(normal, contour->normal) / area_mm2;
        for (int d = 0; d < 3; d++)
            moment[d] += part_mm2 * (triangle[0][d] + triangle[1][d] + triangle[2][d]) / 3;
    }
}

/* Area of one plane: a contour within an odd number of others is a hole. Where contours cross, that is only near. */
static double plane_area(const rs_outline *outline, const flat *flats, int32_t begin, int32_t end, double moment[3])
{
    double area_mm2 = 0;
    for (int32_t i = begin; i < end; i++) {
        bool hole = false;
        for (int32_t o = begin; o < end; o++)
            if (o != i && goes_around(&flats[o], &flats[i]) && inside(&flats[o], flats[i].uv[0])) hole = !hole;
        area_mm2 += hole ? -flats[i].area_mm2 : flats[i].area_mm2;
        add_moment(&outline->contours[flats[i].index], flats[i].area_mm2, hole ? -1.0 : 1.0, moment);
    }
    return fmax(area_mm2, 0);
}

rs_status rs_outline_measure(rs_masks *masks, rs_outline *outline, const char *name, double *volume_mm3)
{
    rs_arena *scratch = rs_scratch(masks->ctx);
    if (!scratch) return rs_fail_memory(masks->ctx, "the contours");
    const int32_t n = outline->n_contours;
    rs_arena_mark mark = rs_arena_where(scratch);
    flat *flats = RS_ARENA_RAW(scratch, flat, n);
    double *apart = RS_ARENA_RAW(scratch, double, n);
    rs_status status =
        flats && apart ? flatten(masks, outline, scratch, flats) : rs_fail_memory(masks->ctx, "the contours");
    double area_mm2 = 0, moment[3] = {0, 0, 0};
    int32_t n_apart = 0, last = 0;
    for (int32_t at = 0; status == RS_OK && at < n;) {
        int32_t end = plane_end(flats, n, at);
        if (pairs(flats, at, end) > most_pairs)
            status = rs_fail(masks->ctx, RS_DATA,
                             "the region \"%s\" has %d contours in one plane, too many to be told "
                             "apart",
                             name, end - at);
        if (status != RS_OK) break;
        area_mm2 += plane_area(outline, flats, at, end, moment);
        if (at > 0) apart[n_apart++] = flats[at].along_mm - flats[last].along_mm;
        last = at;
        at = end;
    }
    if (n_apart > 0) {
        qsort(apart, (size_t)n_apart, sizeof *apart, rs_by_value);
        outline->plane_distance_mm = apart[(n_apart - 1) / 2];
    }
    *volume_mm3 = area_mm2 * outline->plane_distance_mm;
    for (int d = 0; d < 3; d++)
        outline->centre_lps_mm[d] = area_mm2 > 0 ? moment[d] / area_mm2 : (double)NAN;
    rs_arena_rewind(scratch, mark);
    return status;
}
