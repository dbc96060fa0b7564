/* Paints one sub-slice of the patient, farthest layer first: table, body wall, cage, abdomen, lungs. Edges are soft
   over one pixel in plane (the exact share for a straight edge), and sub-slices sample the third axis. */
#include "fissure.h"

#include <string.h>

rs_phantom_pixels rs_phantom_pixels_of(const rs_phantom_scan *scan, double x0, double x1, double y0, double y1)
{
    double h = scan->pixel_mm, i0 = floor((x0 - scan->corner_mm[0]) / h), i1 = ceil((x1 - scan->corner_mm[0]) / h) + 1;
    double row = scan->row_mm, j0 = floor((y0 - scan->corner_mm[1]) / row),
           j1 = ceil((y1 - scan->corner_mm[1]) / row) + 1;
    rs_phantom_pixels box = {0, 0, 0, 0};
    if (i1 <= 0 || j1 <= 0 || i0 >= scan->columns || j0 >= scan->rows) return box;
    box.i0 = i0 < 0 ? 0 : (int32_t)i0;
    box.j0 = j0 < 0 ? 0 : (int32_t)j0;
    box.i1 = i1 > scan->columns ? scan->columns : (int32_t)i1;
    box.j1 = j1 > scan->rows ? scan->rows : (int32_t)j1;
    box.j0 = box.j0 < scan->use[0] ? scan->use[0] : box.j0;
    box.j1 = box.j1 > scan->use[1] ? scan->use[1] : box.j1;
    return box;
}

static double ramp(double x)
{
    return x <= 0.0 ? 0.0 : (x >= 1.0 ? 1.0 : x * x * (3.0 - 2.0 * x));
}

/* The body's outline at a height: it grows flat towards the shoulders and narrows to the neck. */
typedef struct outline {
    double x, y, centre_y;
} outline;

static outline outline_at(const rs_phantom_anatomy *a, double z)
{
    double t = z / a->height_mm, shoulder = ramp((t - 0.72) / 0.4), neck = ramp((t - 1.08) / 0.16);
    double y = a->body_y * (1.0 - 0.22 * shoulder - 0.2 * neck);
    return (outline){a->body_x * (1.0 + 0.06 * shoulder - 0.55 * neck), y, 0.75 * (a->body_y - y)};
}

/* Two shells of the table, curved like a cradle, foam between them. */
static void paint_table(rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm;
    for (int32_t i = 0; i < scan->columns; i++) {
        double x = rs_phantom_x(scan, i), across = x / 210.0;
        if (across * across > 1.0) continue;
        double top = plane->model->anatomy.table_y - x * x / 900.0, bottom = top + 42.0 * (1.0 - across * across) + 2.0;
        rs_phantom_pixels box = rs_phantom_pixels_of(scan, x, x, top - 2.0 * h, bottom + 3.0 + 2.0 * h);
        for (int32_t j = box.j0; j < box.j1; j++) {
            double y = rs_phantom_y(scan, j);
            float foam = rs_phantom_cover(top - y, h) * rs_phantom_cover(y - bottom - 1.5, h);
            float shell = rs_phantom_cover(fabs(y - top) - 0.8, h) + rs_phantom_cover(fabs(y - bottom) - 0.8, h);
            float *v = plane->hu + (size_t)j * (size_t)scan->columns + i;
            *v += foam * 60.0f;
            *v += (-150.0f - *v) * (shell > 1.0f ? 1.0f : shell);
        }
    }
}

/* Skin, fat, muscle by depth below the outline; a plane of fat between two layers of muscle, as walls have it. */
static float wall_hu(const rs_phantom_plane *plane, double depth_mm, double x, double y, double fat_mm)
{
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double h = plane->model->scan.pixel_mm;
    float mottle = rs_phantom_texture_at(plane, x, y), fat = (float)a->fat_hu + 4.0f * mottle;
    float value = -1000.0f;
    value += (25.0f - value) * rs_phantom_cover(-depth_mm, h);
    value += (fat - value) * rs_phantom_cover(a->skin_mm - depth_mm, h);
    double under = depth_mm - a->skin_mm - fat_mm;
    if (under < -h) return value;
    float muscle = (float)a->muscle_hu + 5.0f * mottle;
    muscle += (fat - muscle) * 0.8f * rs_phantom_cover(fabs(under - 11.0 - 2.5 * (double)mottle) - 0.9, h);
    return value + (muscle - value) * rs_phantom_cover(-under, h);
}

void rs_phantom_paint_body(rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double q = 0.42;
    outline o = outline_at(a, plane->z);
    const size_t begin = (size_t)scan->columns * (size_t)scan->use[0];
    for (size_t p = begin; p < (size_t)scan->columns * (size_t)scan->use[1]; p++)
        plane->hu[p] = -1000.0f;
    paint_table(plane);
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, -o.x - 2, o.x + 2, o.centre_y - o.y - 2, o.centre_y + o.y + 2);
    for (int32_t j = box.j0; j < box.j1; j++) {
        double y = rs_phantom_y(scan, j), v = (y - o.centre_y) / o.y, vv = v * v;
        float *row = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i), u = x / o.x, uu = u * u;
            double fu = 2.0 * u * (1.0 - q * vv) / o.x, fv = 2.0 * v * (1.0 - q * uu) / o.y;
            double depth = (1.0 - uu - vv + q * uu * vv) / sqrt(fu * fu + fv * fv + 1e-9);
            if (depth < -scan->pixel_mm) continue;
            float cover = rs_phantom_cover(-depth, scan->pixel_mm);
            float wall = wall_hu(plane, depth < 0.0 ? 0.5 * scan->pixel_mm : depth, x, y, a->fat_mm * (0.8 + 0.5 * uu));
            row[i] = depth < 0.5 * scan->pixel_mm ? row[i] + (25.0f - row[i]) * cover : wall;
        }
    }
}

/* What the liver fills: the right half below the dome, and a wedge to the left in front. */
static double liver_distance(const rs_phantom_section *s, const rs_phantom_row *row, double x)
{
    double wall = rs_phantom_cage(s, row, x) + 3.5, dome = 2.5 - rs_phantom_diaphragm(s, x < -20.0 ? x : -20.0, row->y);
    double border = (x - (52.0 - 0.7 * row->y - 0.7 * (s->anatomy->dome[0].top_mm - s->z))) / 1.4,
           top = (s->z - (s->anatomy->dome[0].top_mm - 0.12 * (x + 55.0) - 6.0));
    double d = wall > dome ? wall : dome;
    if (border > d) d = border;
    if (x > -20.0 && top > d) d = top;
    return d;
}

/* Share of a pixel that the fissures fill: sheets thinner than a pixel, seen through a triangle of two pixels. */
static float fissure_share(const rs_phantom_plane *plane, double x, double y)
{
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double h = plane->model->scan.pixel_mm;
    double oblique = rs_phantom_oblique(a, x, y, plane->z), nearest = fabs(oblique);
    if (x < 0.0 && oblique > 0.0) { /* the horizontal one ends at the oblique one */
        double minor = fabs(rs_phantom_horizontal(a, x, y, plane->z));
        if (minor < nearest) nearest = minor;
    }
    double share = (1.0 - nearest / h) * a->fissure_mm / h;
    return share > 0.0 ? (float)(share < 1.0 ? share : 1.0) : 0.0f;
}

void rs_phantom_paint_chest(rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    rs_phantom_section s = rs_phantom_section_at(a, plane->z);
    if (plane->z > a->height_mm) return;
    const double h = scan->pixel_mm;
    bool abdomen = plane->z < a->dome[0].top_mm + 4.0;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, -s.a - 1, s.a + 1, s.centre_y - s.b - 1, s.centre_y + s.b + 1);
    for (int32_t j = box.j0; j < box.j1; j++) {
        rs_phantom_row row = rs_phantom_row_at(&s, rs_phantom_y(scan, j));
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i), cage = rs_phantom_cage(&s, &row, x);
            if (cage > h) continue;
            float fat = (float)a->fat_hu + 8.0f, organ = (float)a->organ_hu;
            if (fabs(x - row.middle_x) < row.gap_mm + h || abdomen)
                line[i] += (fat - line[i]) * rs_phantom_cover(cage + 1.2, h);
            if (abdomen) line[i] += (organ - line[i]) * rs_phantom_cover(liver_distance(&s, &row, x), h);
        }
    }
    if (abdomen) rs_phantom_paint_solids(plane, true);
    if (!s.lung) return;
    for (int32_t j = box.j0; j < box.j1; j++) {
        rs_phantom_row row = rs_phantom_row_at(&s, rs_phantom_y(scan, j));
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        float base = (float)rs_phantom_lung_hu(a, row.y);
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i), d = rs_phantom_lung(&s, &row, x);
            if (d > 0.5 * h) continue;
            float lung = base + (float)a->texture_hu * rs_phantom_texture_at(plane, x, row.y);
            lung += (20.0f - lung) * fissure_share(plane, x, row.y);
            line[i] += (lung - line[i]) * rs_phantom_cover(d, h);
        }
    }
}

void rs_phantom_paint(rs_phantom_plane *plane)
{
    rs_phantom_paint_body(plane);
    rs_phantom_paint_chest(plane);
    rs_phantom_modes_paint(plane, RS_PHANTOM_STAGE_LUNG);
    rs_phantom_paint_spine(plane);
    rs_phantom_paint_solids(plane, false);
    rs_phantom_paint_tubes(plane, RS_PHANTOM_CARTILAGE, RS_PHANTOM_VESSEL);
    rs_phantom_modes_paint(plane, RS_PHANTOM_STAGE_VESSELS);
    rs_phantom_paint_lesions(plane);
    rs_phantom_paint_tubes(plane, RS_PHANTOM_WALL, RS_PHANTOM_LUMEN);
    rs_phantom_modes_paint(plane, RS_PHANTOM_STAGE_AIRWAYS);
    rs_phantom_modes_paint(plane, RS_PHANTOM_STAGE_OVER);
}
