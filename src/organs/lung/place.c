/* Where a mark lies in the lungs: side, depth to the surface of the lung, and which surface that is. */
#include <math.h>

#include "lung.h"
#include "segment.h"

#define NEAR_MM 10.0 /* a mark on the wall may have its centre outside the mask */
#define DEEPEST_MM 120.0
#define WALL_MM 100.0 /* how far beyond the surface something tells which surface it is */

typedef struct nearest {
    double mm; /* INFINITY: none in the window */
    int32_t ijk[3];
} nearest;

typedef struct search {
    const rs_regions *regions;
    double index[3];
    int region;  /* -1: any that is searched */
    bool inside; /* nearest voxel of the region, or nearest voxel outside it */
} search;

/* Distance from a point to the box of a voxel: to the surface, not to a centre (science B12). */
static double box_distance(const search *s, const int32_t ijk[3])
{
    double sum = 0;
    for (int a = 0; a < 3; a++) {
        double d = fmax(fabs(ijk[a] - s->index[a]) - 0.5, 0) * s->regions->geometry.spacing_mm[a];
        sum += d * d;
    }
    return sqrt(sum);
}

static bool is_hit(const search *s, const int32_t ijk[3])
{
    int region = rs_regions_at(s->regions, ijk[0], ijk[1], ijk[2]);
    bool of_region =
        s->region >= 0 ? region == s->region : region >= 0 && s->regions->region[region].role == RS_ROLE_SEARCH;
    return of_region == s->inside;
}

static nearest look(const search *s, double radius_mm)
{
    const rs_geometry *g = &s->regions->geometry;
    nearest best = {.mm = INFINITY};
    int32_t begin[3], end[3];
    for (int a = 0; a < 3; a++) {
        begin[a] = (int32_t)fmax(0, floor(s->index[a] - radius_mm / g->spacing_mm[a]));
        end[a] = (int32_t)fmin(g->n[a] - 1, ceil(s->index[a] + radius_mm / g->spacing_mm[a]));
    }
    for (int32_t k = begin[2]; k <= end[2]; k++) {
        for (int32_t j = begin[1]; j <= end[1]; j++) {
            for (int32_t i = begin[0]; i <= end[0]; i++) {
                int32_t ijk[3] = {i, j, k};
                double mm = box_distance(s, ijk);
                if (mm < best.mm && mm <= radius_mm && is_hit(s, ijk)) best = (nearest){mm, {i, j, k}};
            }
        }
    }
    return best;
}

/* Growing windows: most marks lie near. */
static nearest find_nearest(const search *s, double limit_mm)
{
    nearest best = {.mm = INFINITY};
    for (double radius = fmin(8, limit_mm); isinf(best.mm); radius = fmin(2 * radius, limit_mm)) {
        best = look(s, radius);
        if (radius >= limit_mm) break;
    }
    return best;
}

static double to_image_face(const search *s)
{
    const rs_geometry *g = &s->regions->geometry;
    double mm = INFINITY;
    for (int a = 0; a < 3; a++)
        mm = fmin(mm, fmin(s->index[a] + 0.5, g->n[a] - 0.5 - s->index[a]) * g->spacing_mm[a]);
    return mm;
}

/* Beyond the surface: the outside of the body makes it costal, the other lung or the airway mediastinal. */
static const char *basis_of(const search *s, const nearest *surface)
{
    const rs_geometry *g = &s->regions->geometry;
    double away[3], length = 0;
    for (int a = 0; a < 3; a++) {
        away[a] = (surface->ijk[a] - s->index[a]) * g->spacing_mm[a];
        length += away[a] * away[a];
    }
    length = sqrt(length);
    if (!(length > 0)) return NULL;
    for (double mm = 0; mm <= WALL_MM; mm += 1) {
        int32_t at[3];
        for (int a = 0; a < 3; a++) {
            at[a] = surface->ijk[a] + (int32_t)lround(away[a] / length * mm / g->spacing_mm[a]);
            if (at[a] < 0 || at[a] >= g->n[a]) return NULL;
        }
        int region = rs_regions_at(s->regions, at[0], at[1], at[2]);
        if (region < 0) return "costal";
        rs_role role = s->regions->region[region].role;
        if (role == RS_ROLE_AIRWAY) return "mediastinal";
        if (role == RS_ROLE_SEARCH) return region == s->region ? NULL : "mediastinal";
    }
    return NULL;
}

static void give_depth(search *s, rs_place *out)
{
    s->inside = false;
    nearest surface = find_nearest(s, DEEPEST_MM);
    double face_mm = to_image_face(s);
    if (isinf(surface.mm)) {
        out->depth_reason = "no surface of the lung within 120 mm";
        return;
    }
    if (!rs_regions_is_seen(s->regions, surface.ijk[2])) {
        out->depth_reason = "missing slices lie nearer to the mark than the surface of the lung that the images show";
        return;
    }
    if (surface.mm > face_mm) {
        out->depth_reason = "the images end nearer to the mark than the surface of the lung that they show";
        return;
    }
    out->depth_to_pleura_mm = surface.mm;
    out->depth_basis = basis_of(s, &surface);
    if (!out->depth_basis)
        out->depth_reason = "the nearest surface of the lung could not be told: chest wall, mediastinum or diaphragm";
}

rs_status lung_place(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                     rs_arena *arena, rs_place *out)
{
    (void)ctx, (void)arena;
    search s = {.regions = regions, .region = -1, .inside = true};
    rs_place place = {.region = -1, .depth_to_pleura_mm = NAN};
    place.lobe_reason = "no method has been measured yet";
    rs_geometry_to_index(&volume->geometry, lps_mm, s.index);
    nearest lung = find_nearest(&s, NEAR_MM);
    if (isinf(lung.mm)) {
        place.depth_reason = "the point lies outside the lungs";
    } else {
        place.region = rs_regions_at(regions, lung.ijk[0], lung.ijk[1], lung.ijk[2]);
        s.region = place.region;
        give_depth(&s, &place);
    }
    *out = place;
    return RS_OK;
}
