/* How many lesions a patient has, how large they are, and where they lie: free, on a vessel, at the pleura; the lesions
   of the plain patient. */
#include <string.h>

#include "mode.h"
#include "random.h"

enum { TRIES = 400 };

/* A share of patients has none; the others a geometric number whose mean makes the mean over all. */
static int number_of(uint64_t seed, double empty_share, double scale)
{
    rs_phantom_random random = rs_phantom_random_of(seed, RS_PHANTOM_STREAM_LESION, 0), *r = &random;
    if (rs_phantom_uniform(r, 0.0, 1.0) < empty_share) return 0;
    double x = scale == 0.0 ? 0.0 : -scale * rs_phantom_log(1.0 - rs_phantom_uniform(r, 0.0, 1.0));
    double most = scale > 6.64 ? 6.0 * scale : 39.0;
    return 1 + (int)(x < most ? x : most);
}

int rs_phantom_lesions_number(uint64_t seed)
{
    return number_of(seed, 0.3, 6.64);
}

int rs_phantom_lesions_number_of(uint64_t seed, double empty_share, double mean)
{
    if (mean <= 0.0 || empty_share >= 1.0) return 0;
    double beyond = mean / (1.0 - empty_share) - 1.0; /* the first one */
    int n = number_of(seed, empty_share, beyond > 0.0 ? 1.0 / rs_phantom_log(1.0 + 1.0 / beyond) : 0.0);
    return n < RS_PHANTOM_LESIONS_MAX ? n : RS_PHANTOM_LESIONS_MAX;
}

double rs_phantom_size_draw(rs_phantom_random *r, const rs_phantom_sizes *s)
{
    enum { SIZE_TRIES = 40 };
    for (int n = 0; n < SIZE_TRIES && s->log_sd > 0.0; n++) {
        double d = s->median_mm * rs_phantom_exp(s->log_sd * rs_phantom_normal(r));
        if (d >= s->smallest_mm && d <= s->largest_mm) return d;
    }
    double span = rs_phantom_log(s->largest_mm / s->smallest_mm);
    return s->smallest_mm * rs_phantom_exp(rs_phantom_uniform(r, 0.0, span));
}

void rs_phantom_frame_draw(rs_phantom_random *r, const double *first, double axis[3][3])
{
    if (first != NULL) {
        memcpy(axis[0], first, sizeof axis[0]);
    } else {
        rs_phantom_direction(r, axis[0]);
    }
    double dot = 0.0, size = 0.0;
    do {
        rs_phantom_direction(r, axis[1]);
        dot = axis[0][0] * axis[1][0] + axis[0][1] * axis[1][1] + axis[0][2] * axis[1][2];
    } while (fabs(dot) > 0.9);
    for (int c = 0; c < 3; c++) {
        axis[1][c] -= dot * axis[0][c];
        size += axis[1][c] * axis[1][c];
    }
    for (int c = 0; c < 3; c++)
        axis[1][c] /= sqrt(size);
    for (int c = 0; c < 3; c++)
        axis[2][c] = axis[0][(c + 1) % 3] * axis[1][(c + 2) % 3] - axis[0][(c + 2) % 3] * axis[1][(c + 1) % 3];
}

void rs_phantom_lesion_fit(rs_phantom_lesion *l, double diameter_mm)
{
    rs_phantom_lesion_measure(l);
    rs_phantom_lesion_scale(l, diameter_mm / l->equivalent_mm);
    l->nominal_mm = diameter_mm;
}

/* Draws a shape around (0, 0, 0) and scales it to a diameter of equal volume. */
static void draw_shape(rs_phantom_random *r, double diameter_mm, bool sphere, rs_phantom_lesion *l)
{
    rs_phantom_frame_draw(r, NULL, l->axis);
    double kind = rs_phantom_uniform(r, 0.0, 1.0), factor[3], mean = 0.0;
    for (int n = 0; n < 3; n++) {
        factor[n] = sphere ? 0.0 : rs_phantom_uniform(r, -0.17, 0.17);
        mean += factor[n] / 3.0;
    }
    for (int n = 0; n < 3; n++)
        l->radius[n] = 0.5 * diameter_mm * rs_phantom_exp(factor[n] - mean);
    l->shape = sphere || kind < 0.6 ? "near_sphere" : (kind < 0.85 ? "lobulated" : "irregular");
    l->n_bumps = sphere ? 0 : (kind < 0.6 ? 3 : (kind < 0.85 ? 5 : RS_PHANTOM_BUMPS_MAX));
    double high = kind < 0.6 ? 0.08 : (kind < 0.85 ? 0.3 : 0.4), low = kind < 0.85 ? 0.0 : -0.35, sum = 0.0;
    for (int b = 0; b < l->n_bumps; b++) {
        rs_phantom_direction(r, l->bump[b]);
        l->height[b] = rs_phantom_uniform(r, low, high);
        if (l->height[b] > 0.0) sum += l->height[b];
    }
    double largest = 0.0;
    for (int n = 0; n < 3; n++)
        largest = l->radius[n] > largest ? l->radius[n] : largest;
    l->reach_mm = largest * (1.0 + sum) * 1.0001;
    rs_phantom_lesion_fit(l, diameter_mm);
}

double rs_phantom_to_vessel(const rs_phantom_tubes *tubes, const double p[3], double radius_mm, int *nearest)
{
    double best = 1e9;
    if (nearest != NULL) *nearest = -1;
    for (int n = 0; n < tubes->n; n++) {
        const rs_phantom_tube *t = &tubes->items[n];
        if (t->layer < RS_PHANTOM_SOFT || (double)t->radius_a < radius_mm) continue;
        double along = 0.0, length = 1e-9, square = 0.0;
        if (fabs((double)t->a[2] - p[2]) > 60.0 || fabs((double)t->a[0] - p[0]) > 60.0) continue;
        for (int c = 0; c < 3; c++) {
            double e = (double)t->b[c] - (double)t->a[c];
            along += e * (p[c] - (double)t->a[c]);
            length += e * e;
        }
        along /= length;
        along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
        for (int c = 0; c < 3; c++) {
            double e = p[c] - (double)t->a[c] - along * ((double)t->b[c] - (double)t->a[c]);
            square += e * e;
        }
        double d = sqrt(square) - (double)t->radius_a;
        if (d >= best) continue;
        best = d;
        if (nearest != NULL) *nearest = n;
    }
    return best;
}

bool rs_phantom_place_clear(const rs_phantom_lesions_args *args, const double p[3], double margin_mm)
{
    for (int c = 0; c < 3; c++)
        if (p[c] < args->low_mm[c] + margin_mm || p[c] > args->high_mm[c] - margin_mm) return false;
    for (int n = 0; n < args->anatomy->n_solids; n++) {
        const rs_phantom_solid *s = &args->anatomy->solid[n];
        if (!s->abdominal && rs_phantom_solid_distance(s, p) < margin_mm) return false;
    }
    return args->model == NULL || !rs_phantom_modes_forbid(args->model, p, margin_mm);
}

static void draw_point(const rs_phantom_lesions_args *args, rs_phantom_random *r, double p[3])
{
    const rs_phantom_anatomy *a = args->anatomy;
    p[0] = rs_phantom_uniform(r, -a->cage_x, a->cage_x);
    p[1] = rs_phantom_uniform(r, -1.0 * a->cage_y, 1.2 * a->cage_y);
    p[2] = rs_phantom_uniform(r, args->low_mm[2], args->high_mm[2]);
}

/* Free: no vessel of 0.6 mm radius within reach. */
static bool place_free(const rs_phantom_lesions_args *args, rs_phantom_random *r, double radius_mm, double p[3])
{
    draw_point(args, r, p);
    if (rs_phantom_lung_distance(args->anatomy, p, NULL) > -(1.2 * radius_mm + 2.0)) return false;
    return rs_phantom_place_clear(args, p, 1.2 * radius_mm + 2.0) &&
           rs_phantom_to_vessel(args->tubes, p, radius_mm > 4.0 ? 1.0 : 0.6, NULL) > radius_mm + 0.8;
}

/* On a vessel: the centre up to one radius beside its axis (science F1). */
static bool place_on_vessel(const rs_phantom_place *place, double radius_mm, double p[3])
{
    const rs_phantom_lesions_args *args = place->args;
    rs_phantom_random *r = place->random;
    const double low = 0.5 * place->branch_mm[0], high = 0.5 * place->branch_mm[1];
    if (args->tubes->n == 0) return false;
    int n = (int)rs_phantom_uniform(r, 0.0, args->tubes->n);
    const rs_phantom_tube *t = &args->tubes->items[n];
    double offset = radius_mm * rs_phantom_uniform(r, place->offset[0], place->offset[1]), d[3];
    if (t->layer != RS_PHANTOM_VESSEL || t->radius_a < (float)low || t->radius_a > (float)high) return false;
    rs_phantom_direction(r, d);
    for (int c = 0; c < 3; c++)
        p[c] = (double)t->a[c] + offset * d[c];
    return rs_phantom_lung_distance(args->anatomy, p, NULL) < -(1.2 * radius_mm + 2.0) &&
           rs_phantom_place_clear(args, p, 1.2 * radius_mm + 2.0) &&
           rs_phantom_to_vessel(args->tubes, p, 2.2, NULL) > radius_mm + 1.0;
}

/* At the costal pleura or the diaphragm: centre 0.2 to 0.9 radii inside the surface, what lies outside is wall. */
static bool place_on_pleura(const rs_phantom_lesions_args *args, rs_phantom_random *r, double radius_mm, double p[3])
{
    draw_point(args, r, p);
    rs_phantom_section s = rs_phantom_section_at(args->anatomy, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    double d = rs_phantom_lung(&s, &row, p[0]);
    if (!s.lung || d > -0.2 * radius_mm || d < -0.9 * radius_mm) return false;
    if (row.gap_mm - fabs(p[0] - row.middle_x) > -(radius_mm + 3.0))
        return false; /* not at the mediastinum: its surface is painted over */
    return rs_phantom_place_clear(args, p, radius_mm + 3.0) &&
           rs_phantom_to_vessel(args->tubes, p, 2.2, NULL) > radius_mm + 1.0;
}

bool rs_phantom_place_apart(const rs_phantom_lesions *all, const rs_phantom_lesion *l)
{
    for (int n = 0; n < all->n; n++) {
        double square = 0.0, least = all->items[n].reach_mm + l->reach_mm + 3.0;
        for (int c = 0; c < 3; c++)
            square += (all->items[n].origin[c] - l->origin[c]) * (all->items[n].origin[c] - l->origin[c]);
        if (least < 14.0) least = 14.0;
        if (square < least * least) return false;
    }
    return true;
}

bool rs_phantom_place_find(const rs_phantom_place *place)
{
    rs_phantom_lesion *l = place->lesion;
    double radius = 0.5 * l->equivalent_mm; /* of its shape so far, before it was scaled */
    for (int n = 0; n < TRIES * (l->attachment == RS_PHANTOM_FREE ? 1 : 40); n++) {
        bool good = l->attachment == RS_PHANTOM_FREE ? place_free(place->args, place->random, radius, l->origin)
                    : l->attachment == RS_PHANTOM_ON_VESSEL
                        ? place_on_vessel(place, radius, l->origin)
                        : place_on_pleura(place->args, place->random, radius, l->origin);
        if (good && rs_phantom_place_apart(place->all, l)) return true;
    }
    return false;
}

void rs_phantom_lesion_settle(const rs_phantom_lesions_args *args, rs_phantom_lesion *l)
{
    rs_phantom_lesion_measure(l);
    rs_phantom_lung_distance(args->anatomy, l->centre, &l->side);
    l->contrast_hu = l->mean_hu - rs_phantom_lung_hu(args->anatomy, l->centre[1]);
    rs_phantom_lesion_shell(args, l);
}

/* A large free one finds no place without vessels, and the largest none away from the wall. */
static bool place_somewhere(const rs_phantom_place *place, double largest_mm)
{
    if (rs_phantom_place_find(place)) return true;
    place->lesion->attachment = RS_PHANTOM_ON_VESSEL;
    if (rs_phantom_place_find(place)) return true;
    if (largest_mm <= 30.0) return false;
    place->lesion->attachment = RS_PHANTOM_ON_PLEURA;
    return rs_phantom_place_find(place);
}

rs_status rs_phantom_lesions_draw(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                  rs_phantom_lesions *out)
{
    int wanted = args->wanted < 0 ? rs_phantom_lesions_number(args->seed) : args->wanted;
    const rs_phantom_sizes sizes = {args->smallest_mm > 0.0 ? args->smallest_mm : 2.0,
                                    args->largest_mm > 0.0 ? args->largest_mm : 30.0, 5.5, 0.48};
    *out = (rs_phantom_lesions){RS_ARENA_NEW(arena, rs_phantom_lesion, wanted), 0, wanted};
    if (out->items == NULL) return rs_fail_memory(ctx, "the phantom's lesions");
    for (int n = 0; n < wanted; n++) {
        rs_phantom_random random = rs_phantom_random_of(args->seed, RS_PHANTOM_STREAM_LESION, (uint64_t)n + 1),
                          *r = &random;
        rs_phantom_lesion l = {0};
        double diameter = rs_phantom_size_draw(r, &sizes), kind = rs_phantom_uniform(r, 0.0, 1.0);
        l.attachment = kind < 0.6 ? RS_PHANTOM_FREE : (kind < 0.8 ? RS_PHANTOM_ON_VESSEL : RS_PHANTOM_ON_PLEURA);
        l.hu = 20.0 + 60.0 * rs_phantom_uniform(r, -1.0, 1.0);
        draw_shape(r, diameter, args->spheres, &l);
        const rs_phantom_place place = {args, r, out, &l, {0.8, 3.2}, {0.0, 1.0}};
        if (!place_somewhere(&place, sizes.largest_mm)) continue;
        if (l.attachment == RS_PHANTOM_ON_PLEURA) l.clip = args->anatomy;
        rs_phantom_lesion_settle(args, &l);
        out->items[out->n++] = l;
    }
    return RS_OK;
}
