/* Painting of what has a list: ellipsoids, vertebral bodies, tubes, lesions. */
#include "shapes.h"

#include <string.h>

void rs_phantom_paint_solids(rs_phantom_plane *plane, bool abdominal)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double h = scan->pixel_mm;
    rs_phantom_section section = rs_phantom_section_at(a, plane->z);
    for (int n = 0; n < a->n_solids; n++) {
        const rs_phantom_solid *s = &a->solid[n];
        double reach[3] = {0, 0, 0};
        for (int c = 0; c < 3; c++) {
            for (int m = 0; m < 3; m++)
                reach[c] += s->radius[m] * s->radius[m] * s->axis[m][c] * s->axis[m][c];
            reach[c] = sqrt(reach[c]) + h;
        }
        if (s->abdominal != abdominal || fabs(plane->z - s->centre[2]) > reach[2]) continue;
        rs_phantom_pixels box = rs_phantom_pixels_of(scan, s->centre[0] - reach[0], s->centre[0] + reach[0],
                                                     s->centre[1] - reach[1], s->centre[1] + reach[1]);
        for (int32_t j = box.j0; j < box.j1; j++) {
            double y = rs_phantom_y(scan, j);
            float *row = plane->hu + (size_t)j * (size_t)scan->columns;
            for (int32_t i = box.i0; i < box.i1; i++) {
                double x = rs_phantom_x(scan, i);
                double d = rs_phantom_solid_distance(s, (const double[3]){x, y, plane->z});
                if (d > h) continue;
                if (abdominal) { /* wall and muscle stay between it and the lung: gas below is never lung */
                    double roof = (s->hu < -500.0f ? 7.0 : 3.0) - rs_phantom_diaphragm(&section, x, y);
                    if (roof > d) d = roof;
                }
                row[i] += (s->hu - row[i]) * rs_phantom_cover(d, h);
            }
        }
    }
}

/* Signed distance to an ellipse of the plane. */
static double ellipse(double x, double y, double a, double b)
{
    double k0 = sqrt(x * x / (a * a) + y * y / (b * b)), k1 = sqrt(x * x / (a * a * a * a) + y * y / (b * b * b * b));
    return k1 > 1e-9 ? k0 * (k0 - 1.0) / k1 : -(a < b ? a : b);
}

void rs_phantom_paint_spine(rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double h = scan->pixel_mm, period = 0.0885 * a->height_mm;
    double phase = (plane->z - a->height_mm) / period;
    double in = (phase - floor(phase)) * period,
           edge = in < 2.5 ? 2.5 - in : (in > period - 2.5 ? in - period + 2.5 : 0.0);
    float disc = (float)(edge > 0.9 ? 1.0 : edge / 0.9);
    double end = in < 0.5 * period ? in - 2.5 : period - 2.5 - in; /* distance to the end plate */
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, -24, 24, a->spine_y - 22, a->spine_y + 34);
    for (int32_t j = box.j0; j < box.j1; j++) {
        double y = rs_phantom_y(scan, j) - a->spine_y;
        float *row = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i), d = ellipse(x, y, 16.5, 14.0);
            float mottle = rs_phantom_texture_at(plane, 2.0 * x, 2.0 * y + plane->z);
            float inner = end < 1.2 ? 330.0f : 150.0f + 35.0f * mottle;
            row[i] += (40.0f - row[i]) * rs_phantom_cover(d - 3.5, h);
            float bone = 420.0f + (inner - 420.0f) * rs_phantom_cover(d + 1.3, h);
            bone += (85.0f - bone) * disc;
            row[i] += (bone - row[i]) * rs_phantom_cover(d, h);
            row[i] += (22.0f - row[i]) * rs_phantom_cover(ellipse(x, y - 20.0, 8.5, 7.0), h);
        }
    }
}

/* HU of a layer of tubes. */
static float layer_hu(const rs_phantom_anatomy *a, rs_phantom_layer layer)
{
    switch (layer) {
    case RS_PHANTOM_CARTILAGE:
        return 95.0f;
    case RS_PHANTOM_CORTEX:
        return 620.0f;
    case RS_PHANTOM_MARROW:
        return 210.0f;
    case RS_PHANTOM_SOFT:
        return 35.0f;
    case RS_PHANTOM_BLOOD:
    case RS_PHANTOM_VESSEL:
        return (float)a->blood_hu;
    case RS_PHANTOM_WALL:
        return 0.0f;
    default:
        return -975.0f;
    }
}

static float least(float a, float b)
{
    return a < b ? a : b;
}

static float most(float a, float b)
{
    return a > b ? a : b;
}

/* Adds one tube to the cover: the larger of two covers stands where tubes meet. */
static rs_phantom_pixels cover_tube(rs_phantom_plane *plane, const rs_phantom_tube *t)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const float h = (float)scan->pixel_mm, z = (float)plane->z, half = 0.5f * h,
                radius = most(t->radius_a, t->radius_b);
    const float reach = radius + half;
    rs_phantom_pixels box = {0, 0, 0, 0};
    if (least(t->a[2], t->b[2]) - reach > z || most(t->a[2], t->b[2]) + reach < z) return box;
    box =
        rs_phantom_pixels_of(scan, (double)(least(t->a[0], t->b[0]) - reach), (double)(most(t->a[0], t->b[0]) + reach),
                             (double)(least(t->a[1], t->b[1]) - reach), (double)(most(t->a[1], t->b[1]) + reach));
    const float e[3] = {t->b[0] - t->a[0], t->b[1] - t->a[1], t->b[2] - t->a[2]};
    const float over = 1.0f / (e[0] * e[0] + e[1] * e[1] + e[2] * e[2] + 1e-9f), pz = z - t->a[2];
    for (int32_t j = box.j0; j < box.j1; j++) {
        const float py = (float)rs_phantom_y(scan, j) - t->a[1];
        float *row = plane->cover + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const float px = (float)rs_phantom_x(scan, i) - t->a[0];
            float s = most(0.0f, least(1.0f, (px * e[0] + py * e[1] + pz * e[2]) * over));
            float dx = px - s * e[0], dy = py - s * e[1], dz = pz - s * e[2];
            float square = dx * dx + dy * dy + dz * dz;
            if (square >= reach * reach) continue;
            float r = t->radius_a + s * (t->radius_b - t->radius_a), c = 0.5f + (r - sqrtf(square)) / h;
            /* A soft edge of width h adds pi h2 / 12 to a section of radius r: taken off again, so that thin vessels
               keep their area. */
            c = most(0.0f, least(1.0f, c)) * (r * r / (r * r + h * h / 12.0f));
            row[i] = most(row[i], c);
        }
    }
    return box;
}

void rs_phantom_paint_tubes(rs_phantom_plane *plane, rs_phantom_layer first, rs_phantom_layer last)
{
    const rs_phantom_model *m = plane->model;
    const rs_phantom_bins *bins = &m->bins;
    int bin = (int)floor((plane->z - bins->first_mm) / bins->bin_mm);
    if (bin < 0 || bin >= bins->n_bins) return;
    int32_t at = bins->begin[bin], end = bins->begin[bin + 1];
    for (int layer = (int)first; layer <= (int)last; layer++) {
        const float hu = layer_hu(&m->anatomy, (rs_phantom_layer)layer);
        rs_phantom_pixels all = {0, 0, 0, 0};
        while (at < end && m->tubes.items[bins->tube[at]].layer < layer)
            at++;
        for (; at < end && m->tubes.items[bins->tube[at]].layer == layer; at++) {
            rs_phantom_pixels box = cover_tube(plane, &m->tubes.items[bins->tube[at]]);
            rs_phantom_pixels_join(&all, &box);
        }
        for (int32_t j = all.j0; j < all.j1; j++) {
            float *row = plane->hu + (size_t)j * (size_t)m->scan.columns;
            float *cover = plane->cover + (size_t)j * (size_t)m->scan.columns;
            for (int32_t i = all.i0; i < all.i1; i++) {
                row[i] += (hu - row[i]) * cover[i];
                cover[i] = 0.0f;
            }
        }
    }
}

/* Share of a pixel of this sub-slice that a lesion fills: 4 x 4 x 2 samples. */
static float lesion_share(const rs_phantom_plane *plane, const rs_phantom_lesion *l, double x, double y, float *inner)
{
    enum { IN_PLANE = 4, ALONG = 2 };
    const rs_phantom_scan *scan = &plane->model->scan;
    int count = 0, within = 0;
    for (int s = 0; s < IN_PLANE * IN_PLANE * ALONG; s++) {
        int a = s % IN_PLANE, b = s / IN_PLANE % IN_PLANE, c = s / IN_PLANE / IN_PLANE;
        double p[3] = {x + ((a + 0.5) / IN_PLANE - 0.5) * scan->pixel_mm,
                       y + ((b + 0.5) / IN_PLANE - 0.5) * scan->pixel_mm,
                       plane->z + ((c + 0.5) / ALONG - 0.5) * scan->sub_mm};
        int part = rs_phantom_lesion_part(l, p);
        count += part != 0;
        within += part == 2;
    }
    *inner = (float)within / (float)(IN_PLANE * IN_PLANE * ALONG);
    return (float)count / (float)(IN_PLANE * IN_PLANE * ALONG);
}

/* One pixel: what is there is replaced; through ground glass, vessels and some of the lung's texture are seen. */
static float lesion_over(const rs_phantom_plane *plane, const rs_phantom_lesion *l, double x, double y, float there)
{
    float inner = 0.0f, share = lesion_share(plane, l, x, y, &inner), outer = (float)l->hu;
    if (share == 0.0f) return there;
    if (l->density == RS_PHANTOM_GROUND_GLASS || l->density == RS_PHANTOM_PART_SOLID) {
        float lung = (float)rs_phantom_lung_hu(&plane->model->anatomy, y), glass = outer + 0.4f * (there - lung);
        outer = there > outer ? there : glass;
    }
    if (inner == 0.0f) return there + (outer - there) * share;
    return there * (1.0f - share) + outer * (share - inner) + (float)l->inner_hu * inner;
}

void rs_phantom_paint_lesions(rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    for (int n = 0; n < plane->model->lesions.n; n++) {
        const rs_phantom_lesion *l = &plane->model->lesions.items[n];
        double reach = l->reach_mm + scan->pixel_mm;
        if (fabs(plane->z - l->origin[2]) > l->reach_mm + scan->sub_mm) continue;
        rs_phantom_pixels box = rs_phantom_pixels_of(scan, l->origin[0] - reach, l->origin[0] + reach,
                                                     l->origin[1] - reach, l->origin[1] + reach);
        for (int32_t j = box.j0; j < box.j1; j++) {
            float *row = plane->hu + (size_t)j * (size_t)scan->columns;
            for (int32_t i = box.i0; i < box.i1; i++)
                row[i] = lesion_over(plane, l, rs_phantom_x(scan, i), rs_phantom_y(scan, j), row[i]);
        }
    }
}
