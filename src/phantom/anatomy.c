/* Draws a patient: sizes of thorax and body, densities, the solids inside; and the closed forms of the lungs. Sizes
   follow an adult chest in inspiration (3 to 6 litres of lung); nothing here knows pixels. */
#include "anatomy.h"

#include <string.h>

#include "random.h"

static double smooth_step(double x)
{
    if (x <= 0.0) return 0.0;
    if (x >= 1.0) return 1.0;
    return x * x * (3.0 - 2.0 * x);
}

/* A right-handed frame whose first axis is d. */
static void frame_of(const double d[3], double axis[3][3])
{
    double n = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    for (int c = 0; c < 3; c++)
        axis[0][c] = d[c] / n;
    double h = sqrt(axis[0][0] * axis[0][0] + axis[0][1] * axis[0][1]);
    if (h < 1e-6) {
        memcpy(axis[1], (double[3]){1, 0, 0}, sizeof axis[1]);
    } else {
        memcpy(axis[1], (double[3]){-axis[0][1] / h, axis[0][0] / h, 0}, sizeof axis[1]);
    }
    for (int c = 0; c < 3; c++)
        axis[2][c] = axis[0][(c + 1) % 3] * axis[1][(c + 2) % 3] - axis[0][(c + 2) % 3] * axis[1][(c + 1) % 3];
}

typedef struct solid_args {
    double centre[3], radius[3], along[3];
    double hu;
    bool abdominal;
} solid_args;

static void add_solid(rs_phantom_anatomy *anatomy, const solid_args *args)
{
    if (anatomy->n_solids == RS_PHANTOM_SOLIDS_MAX) return;
    rs_phantom_solid *s = &anatomy->solid[anatomy->n_solids++];
    memcpy(s->centre, args->centre, sizeof s->centre);
    memcpy(s->radius, args->radius, sizeof s->radius);
    frame_of(args->along, s->axis);
    s->hu = (float)args->hu;
    s->abdominal = args->abdominal;
}

/* Spleen, stomach and its gas under the left dome; gas rises to the front of a patient on the back. */
static void draw_abdomen(rs_phantom_random *r, rs_phantom_anatomy *a)
{
    double top = a->dome[1].top_mm;
    add_solid(a, &(solid_args){{78, 42, top - 52}, {46, 27, 38}, {0.5, 0.8, -0.3}, a->organ_hu - 8, true});
    double x = rs_phantom_uniform(r, 50, 60), y = rs_phantom_uniform(r, -22, -10), drop = rs_phantom_uniform(r, 36, 44);
    add_solid(a, &(solid_args){{x, y, top - drop}, {44, 37, 32}, {0.8, -0.3, -0.4}, 38, true});
    add_solid(a, &(solid_args){{x + 1, y - 1, top - drop}, {40, 33, 28}, {0.8, -0.3, -0.4}, 12, true});
    double gas = rs_phantom_uniform(r, 0.6, 1.0);
    add_solid(a, &(solid_args){{x, y - 12, top - drop + 3}, {29 * gas, 16 * gas, 19 * gas}, {1, 0, 0}, -985, true});
    add_solid(a, &(solid_args){{60, 62, top - 95}, {22, 22, 50}, {0, 0.2, 1}, a->organ_hu + 20, true}); /* kidney */
    add_solid(a, &(solid_args){{-55, 62, top - 95}, {22, 22, 50}, {0, 0.2, 1}, a->organ_hu + 20, true});
}

/* The heart: its long axis runs to the left, to the front and down, so that the apex tells the side. */
static void draw_heart(rs_phantom_random *r, rs_phantom_anatomy *a)
{
    double z = a->dome[0].top_mm + rs_phantom_uniform(r, 22, 30), size = rs_phantom_uniform(r, 0.92, 1.06);
    double wall = a->blood_hu > 100 ? 95 : 42;
    add_solid(a,
              &(solid_args){{20, -22, z - 3}, {72 * size, 49 * size, 48 * size}, {0.8, -0.45, -0.4}, a->fat_hu, false});
    add_solid(a,
              &(solid_args){{-14, -10, z + 8}, {34 * size, 36 * size, 44 * size}, {0.3, 0.2, 1.0}, a->blood_hu, false});
    add_solid(a, &(solid_args){{20, -21, z}, {66 * size, 44 * size, 43 * size}, {0.8, -0.45, -0.4}, wall, false});
    add_solid(
        a, &(solid_args){{8, -34, z + 4}, {44 * size, 24 * size, 34 * size}, {0.8, -0.45, -0.3}, a->blood_hu, false});
    add_solid(
        a, &(solid_args){{34, -16, z - 6}, {40 * size, 19 * size, 21 * size}, {0.8, -0.5, -0.4}, a->blood_hu, false});
    add_solid(a,
              &(solid_args){
                  {4, 14, z + 24}, {35 * size, 20 * size, 21 * size}, {1, 0, 0}, a->blood_hu, false}); /* left atrium */
}

/* Scapulae: thin curved plates are drawn as flat ellipsoids. */
static void draw_scapulae(rs_phantom_random *r, rs_phantom_anatomy *a)
{
    double z = a->height_mm * rs_phantom_uniform(r, 0.76, 0.84);
    double x = a->cage_x * 0.98, y = a->cage_y * 0.72;
    for (int side = -1; side <= 1; side += 2) {
        add_solid(a, &(solid_args){{side * x, y, z}, {4.2, 30, 62}, {side * 0.62, 0.78, 0}, 420, false});
        add_solid(a, &(solid_args){{side * x, y, z}, {2.2, 27, 58}, {side * 0.62, 0.78, 0}, 180, false});
        add_solid(a, &(solid_args){{side * (x + 18), y - 26, z + 34}, {12, 13, 15}, {1, 0, 0}, 380, false});
        add_solid(a, &(solid_args){{side * (x + 18), y - 26, z + 34}, {10, 11, 13}, {1, 0, 0}, 200, false});
    }
}

void rs_phantom_anatomy_draw(uint64_t seed, rs_phantom_anatomy *a)
{
    rs_phantom_random random = rs_phantom_random_of(seed, RS_PHANTOM_STREAM_BODY, 0), *r = &random;
    *a = (rs_phantom_anatomy){0};
    a->height_mm = rs_phantom_uniform(r, 240, 270);
    a->cage_x = rs_phantom_uniform(r, 112, 124);
    a->cage_y = rs_phantom_uniform(r, 74, 86);
    a->cage_top_x = rs_phantom_uniform(r, 44, 50);
    a->squareness = rs_phantom_uniform(r, 0.30, 0.45);
    a->body_x = rs_phantom_uniform(r, 152, 166);
    a->body_y = a->cage_y + rs_phantom_uniform(r, 34, 44);
    a->skin_mm = 1.5;
    a->fat_mm = rs_phantom_uniform(r, 7, 16);
    a->spine_y = a->cage_y * rs_phantom_uniform(r, 0.72, 0.8);
    a->table_y = a->body_y + rs_phantom_uniform(r, 8, 14);
    a->fat_hu = rs_phantom_uniform(r, -112, -95);
    a->muscle_hu = rs_phantom_uniform(r, 45, 62);
    bool contrast = rs_phantom_uniform(r, 0, 1) < 0.5;
    a->blood_hu = contrast ? rs_phantom_uniform(r, 140, 300) : rs_phantom_uniform(r, 34, 48);
    a->organ_hu = contrast ? rs_phantom_uniform(r, 80, 115) : rs_phantom_uniform(r, 46, 62);
    a->lung_rank = rs_phantom_uniform(r, -1, 1);
    a->lung_hu = RS_PHANTOM_LUNG_HU + RS_PHANTOM_LUNG_HALF_HU * a->lung_rank;
    a->lung_gradient_hu = rs_phantom_uniform(r, 30, 70);
    a->texture_hu = rs_phantom_uniform(r, 12, 24);
    a->growth = (rs_phantom_growth){.pitch_mm = 6.2, .calibre = 1.0, .asymmetry = 0.15};
    double drop = rs_phantom_uniform(r, 46, 58), tilt = rs_phantom_uniform(r, 8, 16);
    double lower = rs_phantom_uniform(r, 8, 18);
    a->dome[0] = (rs_phantom_dome){drop + tilt, drop, tilt, -0.5 * a->cage_x, -2, 0.53 * a->cage_x, 0.95 * a->cage_y};
    a->dome[1] = a->dome[0];
    a->dome[1].centre_x = 0.52 * a->cage_x;
    a->dome[1].top_mm -= lower;
    a->dome[1].drop_mm -= lower;
    a->carina[0] = rs_phantom_uniform(r, -5, 1);
    a->carina[1] = rs_phantom_uniform(r, 14, 20);
    a->carina[2] = a->height_mm * rs_phantom_uniform(r, 0.62, 0.67);
    const double *c = a->carina;
    memcpy(a->bronchus_end[0], (double[3]){c[0] - 30, c[1] + 1, c[2] - 20}, sizeof c[0] * 3);
    memcpy(a->bronchus_end[1], (double[3]){c[0] + 40, c[1] + 5, c[2] - 28}, sizeof c[0] * 3);
    memcpy(a->artery_end[0], (double[3]){c[0] - 40, c[1] - 12, c[2] - 18}, sizeof c[0] * 3);
    memcpy(a->artery_end[1], (double[3]){c[0] + 42, c[1] - 4, c[2] - 12}, sizeof c[0] * 3);
    memcpy(a->vein_end[0], (double[3]){c[0] - 34, c[1] - 6, c[2] - 42}, sizeof c[0] * 3);
    memcpy(a->vein_end[1], (double[3]){c[0] + 40, c[1] - 4, c[2] - 46}, sizeof c[0] * 3);
    a->fissure_z[0] = a->height_mm * rs_phantom_uniform(r, 0.42, 0.46);
    a->fissure_z[1] = a->fissure_z[0] + rs_phantom_uniform(r, 0, 8);
    a->fissure_slope = rs_phantom_uniform(r, 1.0, 1.3);
    a->minor_z = a->height_mm * rs_phantom_uniform(r, 0.50, 0.55);
    a->fissure_bow = 0.0012;
    a->fissure_mm = rs_phantom_uniform(r, 0.15, 0.4);
    draw_abdomen(r, a);
    draw_heart(r, a);
    draw_scapulae(r, a);
}

/* Half axes and centre of the cage at a height; above the apices a thin rest without lung. */
static void cage_at(const rs_phantom_anatomy *a, double z, double out[3])
{
    double t = z / a->height_mm, u = (t - 0.15) / 0.85;
    u = u < 0.0 ? 0.0 : (u > 1.0 ? 1.0 : u);
    double dome = sqrt(1.0 - u * u * u);
    out[0] = a->cage_top_x + (a->cage_x - a->cage_top_x) * dome;
    out[1] = 1.0 + (a->cage_y - 1.0) * sqrt(1.0 - u * u * u * (0.25 + 0.75 * u));
    out[2] = 4.0 + 18.0 * u * u;
}

rs_phantom_section rs_phantom_section_at(const rs_phantom_anatomy *a, double z)
{
    double here[3], above[3], below[3];
    cage_at(a, z, here);
    cage_at(a, z + 0.25, above);
    cage_at(a, z - 0.25, below);
    double t = z / a->height_mm, apex = smooth_step((t - 0.78) / 0.22);
    return (rs_phantom_section){
        .anatomy = a,
        .z = z,
        .share = t,
        .a = here[0],
        .b = here[1],
        .centre_y = here[2],
        .a_slope = (above[0] - below[0]) / 0.5,
        .b_slope = (above[1] - below[1]) / 0.5,
        .centre_slope = (above[2] - below[2]) / 0.5,
        .middle_mm = 22.0 + (a->cage_top_x - 22.0) * apex,
        .front_mm = 6.0 + (a->cage_top_x - 8.0) * apex,
        .lung = z > -20.0 && z < a->height_mm,
    };
}

/* The mediastinum is narrow behind the sternum, wide in the middle, and as wide as the spine at the back. */
static double gap_at(const rs_phantom_section *s, double v)
{
    double front = smooth_step((v + 0.95) / 0.75), back = smooth_step((v - 0.1) / 0.5);
    double width = s->front_mm + (s->middle_mm - s->front_mm) * front;
    double spine = s->middle_mm > 22.0 ? s->middle_mm : 19.5;
    return width + (spine - width) * back;
}

/* v: across the cage, as in a row. */
static double shift_of(const rs_phantom_anatomy *a, double v, double z)
{
    if (a->shift_mm == 0.0) return 0.0;
    return a->shift_mm * (1.0 - smooth_step((v - 0.1) / 0.5)) * (1.0 - smooth_step((z / a->height_mm - 0.72) / 0.3));
}

double rs_phantom_shift_at(const rs_phantom_anatomy *anatomy, double y, double z)
{
    double cage[3];
    cage_at(anatomy, z, cage);
    return shift_of(anatomy, (y - cage[2]) / cage[1], z);
}

rs_phantom_row rs_phantom_row_at(const rs_phantom_section *s, double y)
{
    double v = (y - s->centre_y) / s->b;
    return (rs_phantom_row){y, v, gap_at(s, v), (gap_at(s, v + 0.01) - gap_at(s, v - 0.01)) / (0.02 * s->b),
                            shift_of(s->anatomy, v, s->z)};
}

double rs_phantom_lung_distance(const rs_phantom_anatomy *anatomy, const double p[3], int *side)
{
    rs_phantom_section section = rs_phantom_section_at(anatomy, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&section, p[1]);
    if (side != NULL) *side = p[0] < 0.0 ? 0 : 1;
    return rs_phantom_lung(&section, &row, p[0]);
}

double rs_phantom_solid_distance(const rs_phantom_solid *solid, const double p[3])
{
    double k0 = 0.0, k1 = 0.0;
    for (int n = 0; n < 3; n++) {
        double q = 0.0;
        for (int c = 0; c < 3; c++)
            q += solid->axis[n][c] * (p[c] - solid->centre[c]);
        q /= solid->radius[n];
        k0 += q * q;
        k1 += q * q / (solid->radius[n] * solid->radius[n]);
    }
    k0 = sqrt(k0);
    return k1 > 1e-12 ? k0 * (k0 - 1.0) / sqrt(k1) : -1e3;
}

int rs_phantom_tubes_around(const rs_phantom_tubes *tubes, const double low[3], const double high[3], double mm,
                            int32_t *near)
{
    int count = 0;
    for (int n = 0; n < tubes->n; n++) {
        const rs_phantom_tube *t = &tubes->items[n];
        if (t->layer != RS_PHANTOM_BLOOD && t->layer != RS_PHANTOM_SOFT && t->layer != RS_PHANTOM_WALL) continue;
        /* The boxes of most lie far away; a thousandth of a mm more than their radius, for rounding. */
        double reach = (double)(t->radius_a > t->radius_b ? t->radius_a : t->radius_b) + mm + 1e-3;
        bool away = false;
        for (int c = 2; c >= 0 && !away; c--) {
            double a = (double)t->a[c], b = (double)t->b[c];
            away = high[c] < (a < b ? a : b) - reach || low[c] > (a > b ? a : b) + reach;
        }
        if (!away) near[count++] = n;
    }
    return count;
}

bool rs_phantom_tube_near(const rs_phantom_tube *t, const double p[3], double mm)
{
    double along = 0.0, length = 1e-9, square = 0.0;
    for (int c = 0; c < 3; c++) {
        double e = (double)t->b[c] - (double)t->a[c];
        along += e * (p[c] - (double)t->a[c]);
        length += e * e;
    }
    along = along / length;
    along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
    for (int c = 0; c < 3; c++) {
        double e = p[c] - (double)t->a[c] - along * ((double)t->b[c] - (double)t->a[c]);
        square += e * e;
    }
    return sqrt(square) - ((double)t->radius_a + along * ((double)t->radius_b - (double)t->radius_a)) < mm;
}
