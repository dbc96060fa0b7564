/* Where inserted lesions lie (science D2.2): 14 mm apart, evenly over what is searched, or aimed at a vessel or at the
   wall; and what they touch there, measured on the scan as it was. */
#include <math.h>

#include "insert_room.h"
#include "library.h"
#include "truth.h"

static const double apart_mm = 14.0;
static const double air_low_hu = -960.0, air_high_hu = -550.0;
static const double vessel_hu = -600.0; /* smoothed: a vessel of 1.6 mm at a PSF of 1.1 mm shows so much */

enum { TRIES = 300, TRIES_AIMED = 2500 };

/* --- what is drawn --- */

/* Proportions of science F13, F17. A lesion too small to show what it is made of is solid. */
static void draw_density(rs_phantom_random *r, rs_insert_lesion *l)
{
    double kind = rs_phantom_uniform(r, 0.0, 1.0), d = l->diameter_mm;
    double solid = 20.0 + 60.0 * rs_phantom_uniform(r, -1.0, 1.0), glass = rs_phantom_uniform(r, -700.0, -450.0);
    double core = rs_phantom_uniform(r, 0.3, 0.7), wall_mm = rs_phantom_uniform(r, 1.0, 3.0);
    double chalk = rs_phantom_uniform(r, 200.0, 1000.0), direction[3];
    rs_phantom_direction(r, direction);
    l->density = RS_INSERT_SOLID;
    l->outer_hu = solid;
    if (kind < 0.05 && d > 2.0 * wall_mm + 2.0) {
        l->density = RS_INSERT_CAVITY;
        l->inner_hu = -950.0;
        l->shape.inner_scale = 1.0 - 2.0 * wall_mm / d;
    } else if (kind >= 0.05 && kind < 0.15 && d >= 4.0) {
        l->density = RS_INSERT_GROUND_GLASS;
        l->outer_hu = glass;
    } else if (kind >= 0.15 && kind < 0.25 && d >= 5.0) {
        l->density = RS_INSERT_PART_SOLID;
        l->outer_hu = glass;
        l->inner_hu = solid;
        l->shape.inner_scale = core;
    } else if (kind >= 0.25 && kind < 0.35) {
        l->density = RS_INSERT_CALCIFIED;
        l->inner_hu = chalk;
        l->shape.inner_scale = 0.4 + 0.5 * core;
    }
    double room = 0.5 * d * (1.0 - l->shape.inner_scale); /* a core lies off the middle, a cavity hardly */
    double share = l->density == RS_INSERT_CAVITY ? 0.2 : 0.6;
    for (int c = 0; c < 3; c++)
        l->shape.inner_offset_mm[c] = l->shape.inner_scale > 0.0 ? share * room * direction[c] : 0.0;
}

void rs_insert_lesion_draw(const rs_insert_scene *s, int index, rs_insert_lesion *out)
{
    const rs_insert_options *o = s->options;
    rs_phantom_random random = rs_phantom_random_of(o->seed, RS_INSERT_STREAM_SHAPE, (uint64_t)index), *r = &random;
    rs_insert_lesion l = {.index = index};
    double smallest = rs_insert_smallest_mm(o), largest = rs_insert_largest_mm(o);
    double aim = rs_phantom_uniform(r, 0.0, 1.0), vessel = isnan(o->vessel_share) ? 0.0 : o->vessel_share;
    double wall = isnan(o->wall_share) ? 0.0 : o->wall_share;
    l.aim = aim < vessel ? RS_INSERT_AT_VESSEL : (aim < vessel + wall ? RS_INSERT_AT_WALL : RS_INSERT_ANYWHERE);
    /* Even in ln d: as many from 2 to 4 mm as from 4 to 8. */
    l.diameter_mm = smallest * rs_phantom_exp(rs_phantom_uniform(r, 0.0, 1.0) * rs_phantom_log(largest / smallest));
    rs_insert_shape_draw(r, l.diameter_mm, &l.shape);
    draw_density(r, &l);
    double share = o->library == NULL ? 0.0 : (o->library_share > 0.0 ? o->library_share : 1.0);
    l.from_library = rs_phantom_uniform(r, 0.0, 1.0) < share;
    *out = l;
}

/* --- what it touches --- */

void rs_insert_lesion_box(const rs_insert_scene *s, rs_insert_lesion *l)
{
    const rs_geometry *g = &s->in->volume->geometry;
    for (int c = 0; c < 3; c++) {
        double margin = l->shape.reach_mm + 4.0 * s->psf_sigma_mm[c];
        double low = floor((l->origin_mm[c] - margin) / g->spacing_mm[c]);
        double high = ceil((l->origin_mm[c] + margin) / g->spacing_mm[c]) + 1.0;
        l->begin[c] = low > 0.0 ? (int32_t)low : 0;
        l->end[c] = high < g->n[c] ? (int32_t)high : g->n[c];
    }
}

static bool in_lung(const rs_insert_patch *patch, const double p[3])
{
    return patch->whole || rs_insert_patch_at(patch, patch->lung, p) > 0.5;
}

int rs_insert_lesion_at(const rs_insert_lesion *l, const rs_insert_patch *patch, const double p[3])
{
    const double d[3] = {p[0] - l->origin_mm[0], p[1] - l->origin_mm[1], p[2] - l->origin_mm[2]};
    int part = l->cutout != NULL ? (rs_cutout_shows(l, d) ? 1 : 0) : rs_insert_shape_at(&l->shape, d);
    return part != 0 && in_lung(patch, p) ? part : 0;
}

/* The same for its surface, that of a cut-out being its mask's. */
static bool has(const rs_insert_lesion *l, const rs_insert_patch *patch, const double p[3])
{
    const double d[3] = {p[0] - l->origin_mm[0], p[1] - l->origin_mm[1], p[2] - l->origin_mm[2]};
    bool inside = l->cutout != NULL ? rs_cutout_has(l, d) : rs_insert_shape_at(&l->shape, d) != 0;
    return inside && in_lung(patch, p);
}

/* Rays from the origin leave the lesion; a millimetre further they meet lung, a vessel, or what is not searched and
   dense: the wall. */
static void measure_shell(const rs_insert_patch *patch, rs_insert_lesion *l)
{
    const double step_mm = 0.2;
    int vessel = 0, wall = 0;
    double phase[2] = {1.0, 0.0};
    for (int n = 0; n < RS_TRUTH_RAYS; n++) {
        double u[3], p[3], last = 0.0;
        rs_truth_turn_ray(n, phase, u);
        for (double t = 0.0; t <= l->shape.reach_mm; t += step_mm) {
            for (int c = 0; c < 3; c++)
                p[c] = l->origin_mm[c] + t * u[c];
            if (has(l, patch, p)) last = t;
        }
        for (int c = 0; c < 3; c++)
            p[c] = l->origin_mm[c] + (last + RS_TRUTH_SHELL_MM) * u[c];
        double hu = rs_insert_patch_at(patch, patch->smooth, p);
        if (hu <= vessel_hu) continue;
        bool inside = rs_insert_patch_at(patch, patch->lung, p) > 0.5;
        vessel += inside;
        wall += !inside;
    }
    l->vessel_share = (double)vessel / RS_TRUTH_RAYS;
    l->wall_share = (double)wall / RS_TRUTH_RAYS;
}

/* --- where it may lie --- */

typedef struct placing {
    const rs_insert_scene *scene;
    const rs_insert_lesion *before;
    int n;
} placing;

static bool is_apart(const placing *a, const rs_insert_lesion *l)
{
    for (int n = 0; n < a->n; n++) {
        double square = 0.0, least = a->before[n].shape.reach_mm + l->shape.reach_mm + apart_mm;
        for (int c = 0; c < 3; c++)
            square += (a->before[n].origin_mm[c] - l->origin_mm[c]) * (a->before[n].origin_mm[c] - l->origin_mm[c]);
        if (square < least * least) return false;
    }
    const rs_geometry *g = &a->scene->in->volume->geometry;
    double index[3], lps[3];
    for (int c = 0; c < 3; c++)
        index[c] = l->origin_mm[c] / g->spacing_mm[c];
    rs_geometry_to_lps(g, index, lps);
    for (int n = 0; n < a->scene->n_real; n++) {
        const rs_insert_real *real = &a->scene->real[n];
        double square = 0.0, least = 0.5 * real->diameter_mm + l->shape.reach_mm + apart_mm;
        for (int c = 0; c < 3; c++)
            square += (real->lps_mm[c] - lps[c]) * (real->lps_mm[c] - lps[c]);
        if (square < least * least) return false;
    }
    return true;
}

/* In the image, and on slices that are shown. */
static bool is_in_image(const rs_insert_scene *s, const rs_insert_lesion *l)
{
    const rs_geometry *g = &s->in->volume->geometry;
    int32_t k[2] = {0};
    for (int c = 0; c < 3; c++) {
        double low = (l->origin_mm[c] - l->shape.reach_mm) / g->spacing_mm[c];
        double high = (l->origin_mm[c] + l->shape.reach_mm) / g->spacing_mm[c];
        if (low < 0.0 || high > g->n[c] - 1) return false;
        k[0] = (int32_t)floor(low);
        k[1] = (int32_t)ceil(high);
    }
    for (int32_t n = k[0]; n <= k[1]; n++)
        if (!rs_regions_is_seen(s->in->regions, n)) return false;
    return true;
}

static bool searched_at(const rs_insert_scene *s, const int32_t at[3], int a, int step)
{
    int32_t n[3] = {at[0], at[1], at[2]};
    n[a] += step;
    int r = rs_regions_at(s->in->regions, n[0], n[1], n[2]);
    return r >= 0 && s->search[r + 1] != 0;
}

/* A voxel at the edge of what is searched, before something dense. */
static bool is_edge(const rs_insert_scene *s, const int32_t at[3])
{
    const rs_volume *v = s->in->volume;
    for (int a = 0; a < 3; a++) {
        for (int step = -1; step <= 1; step += 2) {
            int32_t n[3] = {at[0], at[1], at[2]};
            n[a] += 3 * step;
            if (n[a] < 0 || n[a] >= v->geometry.n[a] || searched_at(s, at, a, step)) continue;
            if (rs_volume_value(v, n[0], n[1], n[2]) > -200.0) return true;
        }
    }
    return false;
}

/* Unit vector from a place at the edge into what is searched: to the middle of what is searched of a ball around. */
static bool inward(const rs_insert_scene *s, const int32_t at[3], double radius_mm, double out[3])
{
    const rs_geometry *g = &s->in->volume->geometry;
    int32_t reach[3];
    double sum[3] = {0}, size = 0.0;
    for (int c = 0; c < 3; c++)
        reach[c] = (int32_t)(radius_mm / g->spacing_mm[c]) + 1;
    for (int32_t k = -reach[2]; k <= reach[2]; k++) {
        for (int32_t j = -reach[1]; j <= reach[1]; j++) {
            for (int32_t i = -reach[0]; i <= reach[0]; i++) {
                double d[3] = {i * g->spacing_mm[0], j * g->spacing_mm[1], k * g->spacing_mm[2]};
                if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > radius_mm * radius_mm) continue;
                int r = rs_regions_at(s->in->regions, at[0] + i, at[1] + j, at[2] + k);
                if (r < 0 || s->search[r + 1] == 0) continue;
                for (int c = 0; c < 3; c++)
                    sum[c] += d[c];
            }
        }
    }
    for (int c = 0; c < 3; c++)
        size += sum[c] * sum[c];
    for (int c = 0; c < 3; c++)
        out[c] = sum[c] / sqrt(size + 1e-12);
    return size > 0.0;
}

/* Draws an origin; false where the place is none of that kind. */
static bool draw_origin(const rs_insert_scene *s, rs_phantom_random *r, rs_insert_lesion *l)
{
    const rs_volume *v = s->in->volume;
    const double *spacing = v->geometry.spacing_mm;
    int32_t at[3];
    double u[3], radius = 0.5 * l->diameter_mm, along = 0.0;
    rs_insert_random_voxel(s, r, at);
    for (int c = 0; c < 3; c++)
        l->origin_mm[c] = (at[c] + rs_phantom_uniform(r, -0.5, 0.5)) * spacing[c];
    if (l->aim == RS_INSERT_ANYWHERE) return true;
    if (l->aim == RS_INSERT_AT_VESSEL) {
        if (rs_volume_value(v, at[0], at[1], at[2]) < -400.0) return false;
        rs_phantom_direction(r, u);
        along = radius * rs_phantom_uniform(r, 0.0, 1.0); /* science F1 */
    } else {
        if (!is_edge(s, at) || !inward(s, at, radius > 4.0 ? radius : 4.0, u)) return false;
        along = radius * rs_phantom_uniform(r, -0.3, 0.9); /* science F3 */
    }
    for (int c = 0; c < 3; c++)
        l->origin_mm[c] += along * u[c];
    return true;
}

/* Share of a ball that is no lung: a lesion aimed at a vessel is no lesion inside the hilum. */
static double dense_share(const rs_insert_patch *p, const double centre_mm[3], double radius_mm)
{
    int64_t all = 0, dense = 0, v = 0;
    for (int32_t k = 0; k < p->n[2]; k++) {
        for (int32_t j = 0; j < p->n[1]; j++) {
            for (int32_t i = 0; i < p->n[0]; i++, v++) {
                double d[3] = {(p->begin[0] + i) * p->spacing_mm[0] - centre_mm[0],
                               (p->begin[1] + j) * p->spacing_mm[1] - centre_mm[1],
                               (p->begin[2] + k) * p->spacing_mm[2] - centre_mm[2]};
                if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > radius_mm * radius_mm) continue;
                all++;
                dense += (double)p->smooth[v] > vessel_hu;
            }
        }
    }
    return all > 0 ? (double)dense / (double)all : 1.0;
}

static bool suits(const rs_insert_patch *patch, rs_insert_lesion *l)
{
    double hu = rs_insert_patch_at(patch, patch->smooth, l->origin_mm);
    if (l->aim == RS_INSERT_ANYWHERE && (hu < air_low_hu || hu > air_high_hu)) return false;
    if (l->aim == RS_INSERT_AT_VESSEL && dense_share(patch, l->origin_mm, 0.5 * l->diameter_mm + 2.0) > 0.4)
        return false;
    measure_shell(patch, l);
    const char kind = rs_truth_attachment(l->vessel_share, l->wall_share)[0];
    if (l->aim == RS_INSERT_AT_VESSEL) return kind == 'v' && l->wall_share < 0.1;
    if (l->aim == RS_INSERT_AT_WALL) return kind == 'p' && l->wall_share >= 0.2 && l->wall_share <= 0.6;
    return true;
}

rs_status rs_insert_place(rs_context *ctx, const rs_insert_scene *s, const rs_insert_lesion *before, int n,
                          rs_insert_lesion *l, bool *found)
{
    const placing args = {s, before, n};
    rs_phantom_random random = rs_phantom_random_of(s->options->seed, RS_INSERT_STREAM_PLACE, (uint64_t)l->index);
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "the places of lesions");
    int tries = l->aim == RS_INSERT_ANYWHERE ? TRIES : TRIES_AIMED;
    *found = false;
    for (int t = 0; t < tries && !*found; t++) {
        if (!draw_origin(s, &random, l) || !is_in_image(s, l) || !is_apart(&args, l)) continue;
        rs_arena_mark mark = rs_arena_where(arena);
        rs_insert_patch patch;
        rs_insert_lesion_box(s, l);
        RS_TRY(rs_insert_patch_new(ctx, arena, s, l->begin, l->end, &patch));
        *found = suits(&patch, l);
        rs_arena_rewind(arena, mark);
    }
    return RS_OK;
}
