/* Cones, plates, tetrahedra: distances, bins by height, painting. Sampled at the middle of a sub-slice and soft over
   one pixel, as tubes are. */
#include "shapes.h"

#include <string.h>

#define BIN_MM 2.0

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double cone_distance(const rs_phantom_shape *s, const double p[3])
{
    double e[3], q[3], rest[3];
    for (int c = 0; c < 3; c++) {
        e[c] = s->end[c] - s->centre[c];
        q[c] = p[c] - s->centre[c];
    }
    double along = dot(q, e) / (dot(e, e) + 1e-9);
    along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
    for (int c = 0; c < 3; c++)
        rest[c] = q[c] - along * e[c];
    return sqrt(dot(rest, rest)) - (s->size[0] + along * (s->size[1] - s->size[0]));
}

/* Thin towards its rim; beyond it the distance to the rim. */
static double plate_distance(const rs_phantom_shape *s, const double p[3])
{
    double q[3], at[3];
    for (int c = 0; c < 3; c++)
        q[c] = p[c] - s->centre[c];
    for (int n = 0; n < 3; n++)
        at[n] = dot(q, s->axis[n]);
    double u = at[0] / s->size[0], v = at[1] / s->size[1], square = u * u + v * v;
    double narrow = s->size[0] < s->size[1] ? s->size[0] : s->size[1];
    double off = fabs(at[2] - s->bend[0] * at[0] * at[0] - s->bend[1] * at[1] * at[1]);
    if (square < 1.0) {
        double face = off - s->size[2] * (1.0 - 0.6 * square), rim = (sqrt(square) - 1.0) * narrow;
        return face > rim ? face : rim;
    }
    double rim = (sqrt(square) - 1.0) * narrow;
    return sqrt(rim * rim + off * off);
}

static double facets_distance(const rs_phantom_shape *s, const double p[3])
{
    double q[3], nearest = -1e9, square = 0.0;
    for (int c = 0; c < 3; c++)
        q[c] = p[c] - s->centre[c];
    for (int n = 0; n < 4; n++) {
        double d = dot(q, s->facet[n]) - s->facet[n][3] + s->size[0];
        if (d > nearest) nearest = d;
        if (d > 0.0) square += d * d;
    }
    return (nearest > 0.0 ? sqrt(square) : nearest) - s->size[0];
}

double rs_phantom_shape_distance(const rs_phantom_shape *s, const double p[3])
{
    switch (s->kind) {
    case RS_PHANTOM_SHAPE_CONE:
        return cone_distance(s, p);
    case RS_PHANTOM_SHAPE_PLATE:
        return plate_distance(s, p);
    default:
        return facets_distance(s, p);
    }
}

void rs_phantom_frame(const double normal[3], const double along[3], double axis[3][3])
{
    double size = sqrt(dot(normal, normal)), share;
    for (int c = 0; c < 3; c++)
        axis[2][c] = normal[c] / size;
    share = dot(along, axis[2]);
    for (int c = 0; c < 3; c++)
        axis[0][c] = along[c] - share * axis[2][c];
    size = sqrt(dot(axis[0], axis[0]));
    if (size < 1e-3) { /* parallel: any axis across */
        const double other[3] = {axis[2][1], axis[2][2], -axis[2][0]};
        share = dot(other, axis[2]);
        for (int c = 0; c < 3; c++)
            axis[0][c] = other[c] - share * axis[2][c];
        size = sqrt(dot(axis[0], axis[0]));
    }
    for (int c = 0; c < 3; c++)
        axis[0][c] /= size;
    for (int c = 0; c < 3; c++)
        axis[1][c] = axis[2][(c + 1) % 3] * axis[0][(c + 2) % 3] - axis[2][(c + 2) % 3] * axis[0][(c + 1) % 3];
}

void rs_phantom_facets(double corner[4][3], double rounding_mm, rs_phantom_shape *out)
{
    memset(out->centre, 0, sizeof out->centre);
    for (int n = 0; n < 4; n++)
        for (int c = 0; c < 3; c++)
            out->centre[c] += 0.25 * corner[n][c];
    out->kind = RS_PHANTOM_SHAPE_FACETS;
    out->size[0] = rounding_mm;
    out->size[1] = 0.0;
    for (int n = 0; n < 4; n++) {
        const double *a = corner[(n + 1) % 4], *b = corner[(n + 2) % 4], *d = corner[(n + 3) % 4];
        double *plane = out->facet[n], q[3];
        for (int c = 0; c < 3; c++) {
            int e = (c + 1) % 3, f = (c + 2) % 3;
            plane[c] = (b[e] - a[e]) * (d[f] - a[f]) - (b[f] - a[f]) * (d[e] - a[e]);
            q[c] = a[c] - out->centre[c];
        }
        double size = sqrt(dot(plane, plane)), side = dot(plane, q);
        for (int c = 0; c < 3; c++)
            plane[c] /= side < 0.0 ? -size : size;
        plane[3] = dot(plane, q);
        double reach = 0.0;
        for (int c = 0; c < 3; c++)
            reach += (corner[n][c] - out->centre[c]) * (corner[n][c] - out->centre[c]);
        if (sqrt(reach) > out->size[1]) out->size[1] = sqrt(reach); /* the farthest corner */
    }
}

/* What a shape may reach from its centre, each way. */
static void make_box(rs_phantom_shape *s)
{
    const double more = 3.0 * fabs((double)s->rough_mm);
    for (int c = 0; c < 3; c++) {
        double low = s->centre[c], high = s->centre[c], reach = s->size[1];
        if (s->kind == RS_PHANTOM_SHAPE_CONE) {
            low = s->end[c] < low ? s->end[c] : low;
            high = s->end[c] > high ? s->end[c] : high;
            reach = s->size[0] > s->size[1] ? s->size[0] : s->size[1];
        } else if (s->kind == RS_PHANTOM_SHAPE_PLATE) {
            double rise = fabs(s->bend[0]) * s->size[0] * s->size[0] + fabs(s->bend[1]) * s->size[1] * s->size[1];
            reach = fabs(s->axis[0][c]) * s->size[0] + fabs(s->axis[1][c]) * s->size[1] +
                    fabs(s->axis[2][c]) * (s->size[2] + rise);
        }
        s->low_mm[c] = low - reach - more;
        s->high_mm[c] = high + reach + more;
    }
}

rs_status rs_phantom_shapes_add(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes,
                                const rs_phantom_shape *shape)
{
    void *items = shapes->items;
    rs_phantom_shape *s = rs_arena_push(call->arena, &items, shapes->n, &shapes->capacity, sizeof *s);
    if (s == NULL) return rs_fail_memory(call->ctx, "the phantom");
    shapes->items = items;
    *s = *shape;
    make_box(s);
    shapes->n++;
    return RS_OK;
}

static void bins_of(const rs_phantom_shapes *shapes, const rs_phantom_shape *s, int *first, int *last)
{
    /* One pixel of 2 mm at most is soft: scans are made to measure, and wider ones lose nothing that they show. */
    *first = (int)floor((s->low_mm[2] - 1.0 - shapes->first_mm) / BIN_MM);
    *last = (int)floor((s->high_mm[2] + 1.0 - shapes->first_mm) / BIN_MM);
}

rs_status rs_phantom_shapes_sort(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes)
{
    double low = 1e9, high = -1e9;
    for (int n = 0; n < shapes->n; n++) {
        low = shapes->items[n].low_mm[2] < low ? shapes->items[n].low_mm[2] : low;
        high = shapes->items[n].high_mm[2] > high ? shapes->items[n].high_mm[2] : high;
    }
    if (shapes->n == 0) return RS_OK;
    shapes->first_mm = low - 2.0;
    shapes->n_bins = (int)((high - low + 4.0) / BIN_MM) + 2;
    int32_t *begin = RS_ARENA_NEW(call->arena, int32_t, shapes->n_bins + 2);
    if (begin == NULL) return rs_fail_memory(call->ctx, "the phantom");
    int first = 0, last = 0;
    for (int n = 0; n < shapes->n; n++) {
        bins_of(shapes, &shapes->items[n], &first, &last);
        for (int b = first; b <= last; b++)
            begin[b + 2]++;
    }
    for (int b = 2; b <= shapes->n_bins + 1; b++)
        begin[b] += begin[b - 1];
    int32_t *shape = RS_ARENA_RAW(call->arena, int32_t, begin[shapes->n_bins + 1] + 1);
    if (shape == NULL) return rs_fail_memory(call->ctx, "the phantom");
    for (int n = 0; n < shapes->n; n++) {
        bins_of(shapes, &shapes->items[n], &first, &last);
        for (int b = first; b <= last; b++)
            shape[begin[b + 1]++] = n;
    }
    shapes->begin = begin;
    shapes->shape = shape;
    return RS_OK;
}

/* Paints one shape into one row. */
static void paint_row(rs_phantom_plane *plane, const rs_phantom_shape *s, const rs_phantom_section *section, int32_t j,
                      const rs_phantom_pixels *box)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm, y = rs_phantom_y(scan, j);
    const bool textured = s->rough_mm != 0.0f || s->mottle_hu != 0.0f;
    double p[3] = {0.0, y, plane->z}, r = s->kind == RS_PHANTOM_SHAPE_CONE ? s->size[0] : 1e3;
    /* As for tubes: what the soft edge adds to a thin section is taken off again. */
    const float thin = (float)(r * r / (r * r + h * h / 12.0));
    rs_phantom_row row = {0};
    if (s->cut) row = rs_phantom_row_at(section, y);
    float *line = plane->hu + (size_t)j * (size_t)scan->columns;
    for (int32_t i = box->i0; i < box->i1; i++) {
        p[0] = rs_phantom_x(scan, i);
        double d = rs_phantom_shape_distance(s, p);
        if (d > 0.5 * h + 3.0 * (double)s->rough_mm) continue;
        float texture = textured ? rs_phantom_texture_at(plane, p[0], y) : 0.0f;
        float cover = thin * rs_phantom_cover(d + (double)(s->rough_mm * texture), h);
        if (s->cut && cover > 0.0f) cover *= rs_phantom_cover(rs_phantom_lung(section, &row, p[0]), h);
        float change = s->hu + s->mottle_hu * texture - line[i];
        if (s->blend == RS_PHANTOM_BLEND_RAISE && change < 0.0f) continue;
        if (s->blend == RS_PHANTOM_BLEND_LOWER && change > 0.0f) continue;
        line[i] += change * cover;
    }
}

void rs_phantom_shapes_paint(const rs_phantom_shapes *shapes, rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    int bin = (int)floor((plane->z - shapes->first_mm) / BIN_MM);
    if (shapes->n == 0 || bin < 0 || bin >= shapes->n_bins) return;
    rs_phantom_section section = rs_phantom_section_at(&plane->model->anatomy, plane->z);
    const double h = scan->pixel_mm;
    for (int32_t at = shapes->begin[bin]; at < shapes->begin[bin + 1]; at++) {
        const rs_phantom_shape *s = &shapes->items[shapes->shape[at]];
        if (plane->z < s->low_mm[2] - h || plane->z > s->high_mm[2] + h) continue;
        rs_phantom_pixels box =
            rs_phantom_pixels_of(scan, s->low_mm[0] - h, s->high_mm[0] + h, s->low_mm[1] - h, s->high_mm[1] + h);
        for (int32_t j = box.j0; j < box.j1; j++)
            paint_row(plane, s, &section, j, &box);
    }
}

void rs_phantom_pixels_join(rs_phantom_pixels *all, const rs_phantom_pixels *box)
{
    if (box->i0 >= box->i1 || box->j0 >= box->j1) return;
    if (all->i0 >= all->i1) *all = *box;
    all->i0 = box->i0 < all->i0 ? box->i0 : all->i0;
    all->j0 = box->j0 < all->j0 ? box->j0 : all->j0;
    all->i1 = box->i1 > all->i1 ? box->i1 : all->i1;
    all->j1 = box->j1 > all->j1 ? box->j1 : all->j1;
}

bool rs_phantom_shapes_near(const rs_phantom_shapes *shapes, const double p[3], double radius_mm)
{
    int bin = (int)floor((p[2] - shapes->first_mm) / BIN_MM), around = (int)(radius_mm / BIN_MM) + 1;
    if (shapes->n == 0) return false;
    int first = bin - around < 0 ? 0 : bin - around, last = bin + around;
    if (last >= shapes->n_bins) last = shapes->n_bins - 1;
    for (int b = first; b <= last; b++)
        for (int32_t at = shapes->begin[b]; at < shapes->begin[b + 1]; at++)
            if (rs_phantom_shape_distance(&shapes->items[shapes->shape[at]], p) < radius_mm) return true;
    return false;
}

rs_status rs_phantom_shapes_scatter(const rs_phantom_mode_call *call, int number_knob,
                                    rs_status (*add_one)(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes),
                                    void **drawn)
{
    rs_phantom_shapes *shapes = RS_ARENA_NEW(call->arena, rs_phantom_shapes, 1);
    if (shapes == NULL) return rs_fail_memory(call->ctx, "the phantom");
    int number = (int)floor(rs_phantom_draw(call, number_knob) + 0.5);
    for (int n = 0; n < number; n++)
        RS_TRY(add_one(call, shapes));
    *drawn = shapes;
    return rs_phantom_shapes_sort(call, shapes);
}

void rs_phantom_shapes_paint_stage(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    (void)stage;
    rs_phantom_shapes_paint(drawn, plane);
}

bool rs_phantom_shapes_forbid(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    (void)model;
    return rs_phantom_shapes_near(drawn, p, radius_mm + 2.0);
}
