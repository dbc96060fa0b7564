/* The lesions of a recipe: shapes of science S1 and D2.3 and spiculated ones, of every density of F17 and F13, free, on
   a branch (F1), flat at the wall (F3), in clusters (F19). Their modes have no hooks: what a patient has of them is
   read here. */
#include <string.h>

#include "lesion_modes.h"
#include "mode.h"
#include "truth.h"

/* What the lesions of one patient have in common. */
typedef struct drawing {
    const rs_phantom_lesions_args *args;
    const rs_phantom_recipe *recipe;
    const rs_phantom_setting *vessel, *wall, *lime, *densities, *crowding; /* NULL: not this patient */
    rs_phantom_sizes sizes;
    rs_phantom_lesions *all;
    int capacity;
} drawing;

typedef struct cluster {
    double middle[3], reach_mm;
} cluster;

static double from(rs_phantom_random *r, const rs_phantom_range *range)
{
    return rs_phantom_uniform(r, range->low, range->high);
}

/* --- shape --- */

static void add_spicules(rs_phantom_random *r, double diameter_mm, rs_phantom_lesion *l)
{
    double radius = 0.5 * diameter_mm, furthest = 0.0;
    l->n_spicules = 6 + (int)rs_phantom_uniform(r, 0.0, RS_PHANTOM_SPICULES_MAX - 5);
    for (int n = 0; n < l->n_spicules; n++) {
        rs_phantom_direction(r, l->spicule[n]);
        l->spicule_end[n] = radius * rs_phantom_uniform(r, 1.5, 2.2);
        l->spicule_mm[n] = rs_phantom_uniform(r, 0.35, 0.6) + 0.05 * diameter_mm;
        if (l->spicule_end[n] > furthest) furthest = l->spicule_end[n];
    }
    if (furthest > l->reach_mm) l->reach_mm = furthest * 1.0001;
}

/* Around (0, 0, 0), not yet of its size. first: its first axis, squeezed by flat; NULL: free. */
static void draw_shape(rs_phantom_random *r, const drawing *d, rs_phantom_lesion *l, const double *first, double flat)
{
    static const struct {
        const char *name;
        double below, low, high; /* cumulative share; heights of bumps */
        int bumps;
    } kinds[] = {{"near_sphere", 0.6, 0.0, 0.08, 3},
                 {"lobulated", 0.85, 0.0, 0.3, 5},
                 {"irregular", 0.93, -0.35, 0.4, RS_PHANTOM_BUMPS_MAX},
                 {"spiculated", 1.1, -0.1, 0.2, 4}};
    double kind = rs_phantom_uniform(r, 0.0, 1.0), mean = 0.0, sum = 0.0, largest = 0.0;
    int k = 0;
    while (kind >= kinds[k].below)
        k++;
    if (d->args->spheres || (k == 3 && l->nominal_mm < 4.0)) k = 0;
    l->shape = kinds[k].name;
    l->n_bumps = d->args->spheres ? 0 : kinds[k].bumps;
    l->n_spicules = 0;
    rs_phantom_frame_draw(r, first, l->axis);
    for (int n = 0; n < 3; n++) {
        l->radius[n] = d->args->spheres ? 0.0 : rs_phantom_uniform(r, -0.17, 0.17);
        mean += l->radius[n] / 3.0;
    }
    for (int n = 0; n < 3; n++) {
        l->radius[n] = 0.5 * l->nominal_mm * rs_phantom_exp(l->radius[n] - mean) * (n == 0 ? flat : 1.0);
        largest = l->radius[n] > largest ? l->radius[n] : largest;
    }
    for (int b = 0; b < l->n_bumps; b++) {
        rs_phantom_direction(r, l->bump[b]);
        l->height[b] = rs_phantom_uniform(r, kinds[k].low, kinds[k].high);
        if (l->height[b] > 0.0) sum += l->height[b];
    }
    l->reach_mm = largest * (1.0 + sum) * 1.0001;
    if (k == 3 && !d->args->spheres) add_spicules(r, l->nominal_mm, l);
    rs_phantom_lesion_fit(l, l->nominal_mm);
    l->equivalent_mm = l->nominal_mm;
}

/* --- matter --- */

/* A lesion too small to show what it is made of is solid. */
static void draw_matter(rs_phantom_random *r, const drawing *d, rs_phantom_lesion *l)
{
    double kind = rs_phantom_uniform(r, 0.0, 1.0), lime = rs_phantom_uniform(r, 0.0, 1.0), towards[3];
    l->density = RS_PHANTOM_SOLID;
    l->hu = from(r, &d->recipe->hu);
    l->inner_share = 0.0;
    if (d->densities != NULL) {
        const rs_phantom_range *knob = d->densities->knob;
        double glass = from(r, &knob[RS_DENSITIES_GLASS_HU]), core = from(r, &knob[RS_DENSITIES_CORE_SHARE]);
        double wall = from(r, &knob[RS_DENSITIES_WALL_MM]), part = from(r, &knob[RS_DENSITIES_PART_SOLID_SHARE]);
        double pure = part + from(r, &knob[RS_DENSITIES_GROUND_GLASS_SHARE]);
        double hollow = pure + from(r, &knob[RS_DENSITIES_CAVITY_SHARE]);
        if (kind < part && l->nominal_mm >= 5.0) {
            l->density = RS_PHANTOM_PART_SOLID;
            l->inner_hu = l->hu;
            l->inner_share = core;
            l->hu = glass;
        } else if (kind < pure && l->nominal_mm >= 4.0) {
            l->density = RS_PHANTOM_GROUND_GLASS;
            l->hu = glass;
        } else if (kind >= pure && kind < hollow && l->nominal_mm > 2.0 * wall + 2.0) {
            l->density = RS_PHANTOM_CAVITY;
            l->inner_hu = -950.0;
            l->inner_share = 1.0 - 2.0 * wall / l->nominal_mm;
        }
    }
    if (d->lime != NULL && l->density == RS_PHANTOM_SOLID &&
        lime < from(r, &d->lime->knob[RS_GRANULOMAS_LESION_SHARE])) {
        l->density = RS_PHANTOM_CALCIFIED;
        l->inner_hu = from(r, &d->lime->knob[RS_GRANULOMAS_CORE_HU]);
        l->inner_share = from(r, &d->lime->knob[RS_GRANULOMAS_CORE_SHARE]);
    }
    rs_phantom_direction(r, towards);
    /* The inner part lies a little off the middle, and wholly inside an ellipsoid. */
    double off = l->density == RS_PHANTOM_CAVITY ? 0.0 : 0.3 * (1.0 - l->inner_share) * 0.5 * l->nominal_mm;
    for (int c = 0; c < 3; c++)
        l->inner_offset[c] = l->inner_share > 0.0 ? off * towards[c] : 0.0;
}

/* --- place --- */

/* No thicker than four fifths of the lesion, which else would be lost in it. */
static double draw_branch_mm(rs_phantom_random *r, const drawing *d, const rs_phantom_lesion *l)
{
    double branch_mm = from(r, &d->vessel->knob[RS_VESSEL_LESIONS_BRANCH_MM]);
    return branch_mm < 0.8 * l->nominal_mm ? branch_mm : 0.8 * l->nominal_mm;
}

/* Does a path pass by all lesions that have a place? */
static bool passes_by(const drawing *d, const double points[4][3], double radius)
{
    enum { STEPS = 8 };
    for (int s = 0; s < 3 * STEPS; s++) {
        double at = (s % STEPS) / (double)STEPS, p[3];
        for (int c = 0; c < 3; c++)
            p[c] = points[s / STEPS][c] + at * (points[s / STEPS + 1][c] - points[s / STEPS][c]);
        for (int n = 0; n < d->all->n; n++) {
            double square = 0.0, least = d->all->items[n].reach_mm + radius + 1.0;
            for (int c = 0; c < 3; c++)
                square += (p[c] - d->all->items[n].origin[c]) * (p[c] - d->all->items[n].origin[c]);
            if (square < least * least) return false;
        }
    }
    return true;
}

/* A branch that ends in a free lesion: from the nearest vessel that is thick enough, thinner than it (F1, one limb).
   Where it would run through another lesion, this one stays free. */
static rs_status add_feeder(rs_context *ctx, rs_arena *arena, const drawing *d, rs_phantom_random *r,
                            rs_phantom_lesion *l)
{
    int nearest = -1;
    double radius = 0.5 * draw_branch_mm(r, d, l), aside[3], points[4][3];
    rs_phantom_to_vessel(d->args->tubes, l->origin, radius, &nearest);
    if (nearest < 0) return RS_OK;
    const rs_phantom_tube parent = d->args->tubes->items[nearest];
    double length = 0.0;
    for (int c = 0; c < 3; c++)
        length += ((double)parent.a[c] - l->origin[c]) * ((double)parent.a[c] - l->origin[c]);
    length = sqrt(length);
    rs_phantom_direction(r, aside);
    for (int n = 0; n < 4; n++) {
        double s = n / 3.0, bow = 0.25 * length * s * (1.0 - s);
        for (int c = 0; c < 3; c++)
            points[n][c] = (double)parent.a[c] + s * (l->origin[c] - (double)parent.a[c]) + bow * aside[c];
    }
    if (!passes_by(d, (const double(*)[3])points, radius)) return RS_OK;
    l->attachment = RS_PHANTOM_ON_VESSEL;
    double begin = (double)parent.radius_a < 1.2 * radius ? (double)parent.radius_a : 1.2 * radius;
    return rs_phantom_path_add(ctx, arena, d->args->tubes,
                               &(rs_phantom_path){(const double(*)[3])points, 4, begin, radius, RS_PHANTOM_VESSEL});
}

/* Unit normal of the pleura at a point, out of the lung. */
static void normal_at(const rs_phantom_anatomy *a, const double p[3], double out[3])
{
    double size = 1e-12;
    for (int c = 0; c < 3; c++) {
        double low[3] = {p[0], p[1], p[2]}, high[3] = {p[0], p[1], p[2]};
        low[c] -= 0.5;
        high[c] += 0.5;
        out[c] = rs_phantom_lung_distance(a, high, NULL) - rs_phantom_lung_distance(a, low, NULL);
        size += out[c] * out[c];
    }
    for (int c = 0; c < 3; c++)
        out[c] /= sqrt(size);
}

/* A point of the costal pleura or the diaphragm, and its normal. */
static bool draw_wall_point(const drawing *d, rs_phantom_random *r, double margin_mm, double p[3], double normal[3])
{
    const rs_phantom_anatomy *a = d->args->anatomy;
    p[0] = rs_phantom_uniform(r, -a->cage_x, a->cage_x);
    p[1] = rs_phantom_uniform(r, -1.0 * a->cage_y, 1.2 * a->cage_y);
    p[2] = rs_phantom_uniform(r, d->args->low_mm[2], d->args->high_mm[2]);
    double distance = rs_phantom_lung_distance(a, p, NULL);
    if (distance > 4.0 || distance < -12.0) return false;
    for (int step = 0; step < 4; step++) {
        normal_at(a, p, normal);
        for (int c = 0; c < 3; c++)
            p[c] -= distance * normal[c];
        distance = rs_phantom_lung_distance(a, p, NULL);
    }
    if (fabs(distance) > 0.05) return false;
    rs_phantom_section s = rs_phantom_section_at(a, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    return s.lung && fabs(p[0] - row.middle_x) - row.gap_mm > margin_mm; /* the mediastinum's surface is painted over */
}

/* Flat at the wall: cut so deep, rounded into it, until the shell shows the contact that is asked for (F3). */
static bool place_on_wall(const drawing *d, rs_phantom_random *r, rs_phantom_lesion *l)
{
    enum { TRIES = 3000, SHAPES = 60 };
    const rs_phantom_range *knob = d->wall->knob;
    const double radius = 0.5 * l->nominal_mm;
    double p[3], normal[3], flat, cut;
    int shapes = 0;
    for (int n = 0; n < TRIES && shapes < SHAPES; n++) {
        if (!draw_wall_point(d, r, radius + 3.0, p, normal)) continue;
        flat = from(r, &knob[RS_WALL_LESIONS_FLATNESS]);
        cut = from(r, &knob[RS_WALL_LESIONS_CUT_RADII]);
        l->blend_mm = from(r, &knob[RS_WALL_LESIONS_BLEND_MM]);
        for (int c = 0; c < 3; c++)
            l->origin[c] = p[c] - (1.0 - cut) * flat * radius * normal[c];
        if (!rs_phantom_place_clear(d->args, l->origin, radius + 3.0) ||
            rs_phantom_to_vessel(d->args->tubes, l->origin, 2.2, NULL) < radius + 1.0)
            continue;
        draw_shape(r, d, l, normal, flat);
        for (int c = 0; c < 3; c++)
            l->origin[c] = p[c] - (1.0 - cut) * l->radius[0] * normal[c];
        if (!rs_phantom_place_apart(d->all, l)) continue;
        shapes++;
        l->clip = d->args->anatomy;
        l->reach_mm += l->blend_mm;
        rs_phantom_lesion_shell(d->args, l);
        const rs_phantom_range *contact = &knob[RS_WALL_LESIONS_CONTACT];
        double loose = contact->high - contact->low < 0.1 ? 0.05 : 0.0; /* rays count in steps */
        if (l->wall_share >= contact->low - loose && l->wall_share <= contact->high + loose) return true;
        l->clip = NULL;
    }
    l->blend_mm = 0.0;
    return false;
}

/* --- one after the other --- */

static rs_status keep(rs_context *ctx, rs_arena *arena, drawing *d, rs_phantom_lesion *l)
{
    rs_phantom_lesion *to =
        rs_arena_push(arena, (void **)&d->all->items, d->all->n, &d->capacity, sizeof *d->all->items);
    if (to == NULL) return rs_fail_memory(ctx, "the phantom's lesions");
    rs_phantom_lesion_settle(d->args, l);
    *to = *l;
    d->all->n++;
    return RS_OK;
}

/* Free, or on the branch that is drawn. */
static bool place_once(const drawing *d, rs_phantom_random *r, rs_phantom_lesion *l)
{
    rs_phantom_place place = {d->args, r, d->all, l, {0.8, 3.2}, {0.0, 1.0}};
    if (d->vessel != NULL) {
        /* Thick branches are few: the diameter is drawn first, so that they are met as often as thin ones. */
        const rs_phantom_range *offset = &d->vessel->knob[RS_VESSEL_LESIONS_OFFSET_RADII];
        double branch_mm = draw_branch_mm(r, d, l);
        place.branch_mm[0] = 0.85 * branch_mm;
        place.branch_mm[1] = 1.15 * branch_mm;
        place.offset[0] = offset->low;
        place.offset[1] = offset->high;
    }
    return rs_phantom_place_find(&place);
}

/* One on a vessel is placed again until the shell shows the vessel; where none does, the last place stands. */
static bool place_inside(const drawing *d, rs_phantom_random *r, rs_phantom_lesion *l)
{
    enum { SHELLS = 40 };
    if (l->attachment == RS_PHANTOM_FREE && place_once(d, r, l)) return true;
    l->attachment = RS_PHANTOM_ON_VESSEL; /* a large free one finds no place without vessels */
    double last[3] = {0};
    bool placed = false;
    for (int n = 0; n < (d->vessel != NULL ? SHELLS : 1); n++) {
        if (!place_once(d, r, l)) continue;
        placed = true;
        memcpy(last, l->origin, sizeof last);
        rs_phantom_lesion_shell(d->args, l);
        if (strcmp(rs_truth_attachment(l->vessel_share, l->wall_share), "vessel") == 0) break;
    }
    if (placed) memcpy(l->origin, last, sizeof last);
    return placed;
}

/* Draws and places lesion n of the patient; *placed: it found a place. */
static rs_status draw_one(rs_context *ctx, rs_arena *arena, drawing *d, uint64_t n, bool *placed)
{
    rs_phantom_random random = rs_phantom_random_of(d->args->seed, RS_PHANTOM_STREAM_LESION, n + 1), *r = &random;
    rs_phantom_lesion l = {.nominal_mm = rs_phantom_size_draw(r, &d->sizes)};
    double where = rs_phantom_uniform(r, 0.0, 1.0), limbs = 2.0;
    double on_vessel = d->vessel != NULL ? from(r, &d->vessel->knob[RS_VESSEL_LESIONS_LESION_SHARE]) : 0.0;
    double on_wall = d->wall != NULL ? from(r, &d->wall->knob[RS_WALL_LESIONS_LESION_SHARE]) : 0.0;
    if (d->vessel != NULL) limbs = floor(from(r, &d->vessel->knob[RS_VESSEL_LESIONS_LIMBS]) + 0.5);
    draw_matter(r, d, &l);
    *placed = false;
    if (where < on_wall) {
        l.attachment = RS_PHANTOM_ON_PLEURA;
        *placed = place_on_wall(d, r, &l);
        if (*placed) return keep(ctx, arena, d, &l);
    }
    bool attached = where >= on_wall && where < on_wall + on_vessel, fed = attached && limbs < 1.5;
    l.attachment = attached && !fed ? RS_PHANTOM_ON_VESSEL : RS_PHANTOM_FREE;
    draw_shape(r, d, &l, NULL, 1.0);
    if (!place_inside(d, r, &l)) return RS_OK;
    if (fed && l.attachment == RS_PHANTOM_FREE) RS_TRY(add_feeder(ctx, arena, d, r, &l));
    *placed = true;
    return keep(ctx, arena, d, &l);
}

/* Like a free one, but nearer to vessels and to others, as long as no two overlap. */
static bool fits_cluster(const drawing *d, const rs_phantom_lesion *l)
{
    double radius = 0.5 * l->nominal_mm;
    if (rs_phantom_lung_distance(d->args->anatomy, l->origin, NULL) > -(1.2 * radius + 1.0)) return false;
    if (!rs_phantom_place_clear(d->args, l->origin, 1.2 * radius + 1.0)) return false;
    if (rs_phantom_to_vessel(d->args->tubes, l->origin, 1.0, NULL) < radius + 0.3) return false;
    for (int n = 0; n < d->all->n; n++) {
        const rs_phantom_lesion *other = &d->all->items[n];
        double least = 0.98 * (radius + 0.5 * other->nominal_mm), square = 0.0;
        for (int c = 0; c < 3; c++)
            square += (other->origin[c] - l->origin[c]) * (other->origin[c] - l->origin[c]);
        if (square < least * least) return false;
    }
    return true;
}

/* A place in the cluster: touching the one before it, or anywhere within its reach. */
static bool place_in_cluster(const drawing *d, rs_phantom_random *r, const cluster *in, bool touches,
                             rs_phantom_lesion *l)
{
    enum { TRIES = 200 };
    const rs_phantom_lesion *beside = &d->all->items[d->all->n - 1];
    const double *centre = touches ? beside->origin : in->middle;
    for (int t = 0; t < TRIES; t++) {
        double towards[3], away = 0.5 * (l->nominal_mm + beside->nominal_mm), square = 0.0;
        rs_phantom_direction(r, towards);
        if (!touches) away = in->reach_mm * rs_phantom_pow(rs_phantom_uniform(r, 0.0, 1.0) + 1e-9, 1.0 / 3.0);
        for (int c = 0; c < 3; c++) {
            l->origin[c] = centre[c] + away * towards[c];
            square += (l->origin[c] - in->middle[c]) * (l->origin[c] - in->middle[c]);
        }
        if (square <= in->reach_mm * in->reach_mm && fits_cluster(d, l)) return true;
    }
    return false;
}

/* Lesions around the first of them, which lies as any other would; pairs of them touch (F19). */
static rs_status draw_cluster(rs_context *ctx, rs_arena *arena, drawing *d)
{
    rs_phantom_random random = rs_phantom_random_of(d->args->seed, RS_PHANTOM_STREAM_LESION, UINT64_C(1) << 32),
                      *r = &random;
    const rs_phantom_range *knob = d->crowding->knob;
    int wanted = (int)floor(from(r, &knob[RS_CROWDING_LESIONS]) + 0.5), before = d->all->n;
    int touching = (int)floor(from(r, &knob[RS_CROWDING_TOUCHING_PAIRS]) + 0.5);
    cluster in = {.reach_mm = from(r, &knob[RS_CROWDING_REACH_MM])};
    double largest_mm = from(r, &knob[RS_CROWDING_LARGEST_MM]);
    rs_phantom_sizes sizes = d->sizes;
    if (sizes.largest_mm > largest_mm) sizes.largest_mm = fmax(largest_mm, sizes.smallest_mm);
    d->all->asked += wanted;
    for (int n = 0; n < wanted; n++) {
        rs_phantom_lesion l = {.nominal_mm = rs_phantom_size_draw(r, &sizes)};
        const bool first = d->all->n == before;
        draw_matter(r, d, &l);
        draw_shape(r, d, &l, NULL, 1.0);
        if (first ? !place_inside(d, r, &l) : !place_in_cluster(d, r, &in, n <= touching, &l)) continue;
        if (first) memcpy(in.middle, l.origin, sizeof in.middle);
        RS_TRY(keep(ctx, arena, d, &l));
    }
    return RS_OK;
}

static drawing drawing_of(const rs_phantom_lesions_args *args, rs_phantom_lesions *all)
{
    const rs_phantom_model *m = args->model;
    const rs_phantom_recipe *recipe = &m->recipe;
    return (drawing){.args = args,
                     .recipe = recipe,
                     .vessel = rs_phantom_setting_of(m, RS_PHANTOM_MODE_vessel_lesions),
                     .wall = rs_phantom_setting_of(m, RS_PHANTOM_MODE_wall_lesions),
                     .lime = rs_phantom_setting_of(m, RS_PHANTOM_MODE_granulomas),
                     .densities = rs_phantom_setting_of(m, RS_PHANTOM_MODE_densities),
                     .crowding = rs_phantom_setting_of(m, RS_PHANTOM_MODE_crowding),
                     .sizes = {args->smallest_mm, args->largest_mm, recipe->median_mm, recipe->log_sd},
                     .all = all,
                     .capacity = all->n};
}

rs_status rs_phantom_lesions_draw_by_recipe(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                            rs_phantom_lesions *out)
{
    *out = (rs_phantom_lesions){NULL, 0, 0};
    drawing d = drawing_of(args, out);
    int wanted = args->wanted >= 0
                     ? args->wanted
                     : rs_phantom_lesions_number_of(args->seed, d.recipe->empty_share, d.recipe->mean_lesions);
    bool placed = false;
    out->asked = wanted;
    if (d.crowding != NULL && wanted > 0) RS_TRY(draw_cluster(ctx, arena, &d));
    for (int n = 0; n < wanted; n++)
        RS_TRY(draw_one(ctx, arena, &d, (uint64_t)n, &placed));
    return RS_OK;
}

rs_status rs_phantom_lesions_add_new(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args, int wanted,
                                     rs_phantom_lesions *all)
{
    drawing d = drawing_of(args, all);
    bool placed = false;
    all->asked += wanted;
    for (int n = 0; n < wanted; n++)
        RS_TRY(draw_one(ctx, arena, &d, (UINT64_C(2) << 32) + (uint64_t)n, &placed));
    return RS_OK;
}
