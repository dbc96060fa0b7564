/* A place that a person points at is looked at whatever stands around it: lung, wall, foam, air. The surroundings are
   searched as a small volume of their own; nothing there asks for a region. */
#include "point.h"

#include <math.h>
#include <string.h>

#include "look.h"

static const double crop_mm = 25;        /* each way */
static const double least_reach_mm = 2;  /* of a person's aim */
static const double blind_radius_mm = 3; /* where nothing answers */

static double distance_mm(const double a[3], const double b[3])
{
    double square = 0;
    for (int axis = 0; axis < 3; axis++)
        square += (a[axis] - b[axis]) * (a[axis] - b[axis]);
    return sqrt(square);
}

static bool holds(const rs_candidate *c, const double lps_mm[3])
{
    return distance_mm(c->lps_mm, lps_mm) <= fmax(c->radius_mm, least_reach_mm);
}

/* A part of the volume, and labels that make all of it searched. */
typedef struct crop {
    rs_volume volume;
    rs_regions regions;
    int32_t begin[3];
} crop;

static void crop_close(rs_context *ctx, crop *c)
{
    rs_regions_free(ctx, &c->regions);
    rs_volume_free(ctx, &c->volume);
}

static rs_status crop_open(rs_context *ctx, const rs_volume *from, const double index[3], crop *out)
{
    rs_geometry g = from->geometry;
    for (int a = 0; a < 3; a++) {
        double reach = crop_mm / g.spacing_mm[a];
        double low = floor(index[a] - reach), high = ceil(index[a] + reach);
        out->begin[a] = low > 0 ? (int32_t)low : 0;
        g.n[a] = (high < from->geometry.n[a] - 1 ? (int32_t)high : from->geometry.n[a] - 1) - out->begin[a] + 1;
    }
    const double corner[3] = {out->begin[0], out->begin[1], out->begin[2]};
    rs_geometry_to_lps(&from->geometry, corner, g.origin_lps_mm);
    RS_TRY(rs_volume_new(ctx, &g, &out->volume));
    rs_status status = rs_regions_new(ctx, &g, &out->regions);
    if (status != RS_OK) {
        rs_volume_free(ctx, &out->volume);
        return status;
    }
    out->volume.slope = from->slope;
    out->volume.offset = from->offset;
    for (int32_t k = 0; k < g.n[2]; k++)
        for (int32_t j = 0; j < g.n[1]; j++) {
            int64_t row = (int64_t)(out->begin[2] + k) * from->geometry.n[1] + out->begin[1] + j;
            memcpy(out->volume.voxels + ((int64_t)k * g.n[1] + j) * g.n[0],
                   from->voxels + row * from->geometry.n[0] + out->begin[0], (size_t)g.n[0] * sizeof(int16_t));
        }
    memset(out->regions.labels, 1, (size_t)rs_geometry_voxels(&g));
    out->regions.n = 1;
    out->regions.region[0] = (rs_region){.name = "surroundings", .role = RS_ROLE_SEARCH, .state = RS_ASSESSED};
    memcpy(out->regions.region[0].end, g.n, sizeof g.n);
    return RS_OK;
}

static int region_at(const rs_detect_job *job, const double index[3])
{
    return rs_regions_at(job->regions, (int32_t)floor(index[0] + 0.5), (int32_t)floor(index[1] + 0.5),
                         (int32_t)floor(index[2] + 0.5));
}

/* The best answer around whose sphere holds the place; *found is false where there is none. */
static rs_status best_around(rs_context *ctx, const rs_detect_job *job, const double index[3], const double lps_mm[3],
                             rs_candidate *best, bool *found)
{
    crop around = {0};
    rs_hits hits;
    *found = false;
    RS_TRY(crop_open(ctx, job->volume, index, &around));
    rs_status status = rs_propose(ctx, job, &around.volume, &around.regions, &hits);
    for (int64_t n = 0; n < hits.n && status == RS_OK; n++) {
        rs_candidate c;
        rs_hit hit = hits.items[n];
        for (int a = 0; a < 3; a++)
            hit.index[a] += around.begin[a];
        hit.region = region_at(job, hit.index);
        rs_look_at_hit(job, &hit, &c);
        if (!holds(&c, lps_mm) || (*found && c.score <= best->score)) continue;
        *best = c;
        *found = true;
    }
    crop_close(ctx, &around);
    return status;
}

static rs_status look_at_place(rs_context *ctx, const rs_detect_job *job, const double index[3], const double lps_mm[3],
                               rs_candidate *out)
{
    bool found;
    RS_TRY(best_around(ctx, job, index, lps_mm, out, &found));
    if (found) {
        RS_TRY(rs_look_closely(ctx, job, out, 1, RS_LOOK_RESCORE));
    } else {
        *out = (rs_candidate){.radius_mm = blind_radius_mm, .region = region_at(job, index)};
        memcpy(out->index, index, sizeof out->index);
        memcpy(out->lps_mm, lps_mm, sizeof out->lps_mm);
        RS_TRY(rs_look_complete(ctx, job, out, 1));
    }
    out->origin = RS_ORIGIN_POINT;
    out->pointed = true;
    bool searched = out->region >= 0 && job->searched[out->region + 1];
    out->p = searched ? rs_probability(job->profile, out) : 0;
    return RS_OK;
}

static rs_candidate *held_by(rs_candidates *candidates, const double lps_mm[3])
{
    for (int n = 0; n < candidates->n; n++)
        if (holds(&candidates->items[n], lps_mm)) return &candidates->items[n];
    return NULL;
}

static bool lies_inside(const rs_geometry *g, const double index[3])
{
    for (int a = 0; a < 3; a++)
        if (!(index[a] >= -0.5 && index[a] <= g->n[a] - 0.5)) return false;
    return true;
}

static rs_status take(rs_context *ctx, const rs_detect_job *job, const double lps_mm[3], rs_candidates *candidates)
{
    double index[3];
    rs_geometry_to_index(&job->volume->geometry, lps_mm, index);
    if (!lies_inside(&job->volume->geometry, index))
        return rs_notes_add(ctx, job->arena, &candidates->notes, "point_outside", NULL,
                            "the place %.1f, %.1f, %.1f (LPS mm) that was pointed at lies outside the images",
                            lps_mm[0], lps_mm[1], lps_mm[2]);
    rs_candidate *known = held_by(candidates, lps_mm);
    if (known) {
        known->pointed = true;
        return RS_OK;
    }
    for (int a = 0; a < 3; a++)
        index[a] = fmin(fmax(index[a], 0), job->volume->geometry.n[a] - 1);
    rs_candidate *made =
        rs_arena_push(job->arena, (void **)&candidates->items, candidates->n, &candidates->capacity, sizeof *made);
    if (!made) return rs_fail_memory(ctx, "the candidates");
    RS_TRY(look_at_place(ctx, job, index, lps_mm, made));
    candidates->n++;
    return RS_OK;
}

rs_status rs_points_take(rs_context *ctx, const rs_detect_job *job, rs_candidates *candidates)
{
    for (int n = 0; n < job->wish->n_at; n++)
        RS_TRY(take(ctx, job, job->wish->at_lps_mm[n], candidates));
    return RS_OK;
}
