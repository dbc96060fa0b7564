/* A place that a person points at is looked at whatever stands around it: lung, wall, foam, air. The surroundings are
   searched as a small volume of their own; nothing there asks for a region. */
#include "point.h"

#include <math.h>
#include <string.h>

#include "look.h"
#include "merge.h"
#include "ranker.h"

static const double crop_mm = 25;      /* each way */
static const double most_reach_mm = 3; /* of a person's aim; half the radius of what is larger than 12 mm */

static double distance_mm(const double a[3], const double b[3])
{
    double square = 0;
    for (int axis = 0; axis < 3; axis++)
        square += (a[axis] - b[axis]) * (a[axis] - b[axis]);
    return sqrt(square);
}

/* How far a person's aim at a candidate may miss its centre: they point at voxels, and at the lesion itself. */
static double reach_mm(const rs_geometry *g, const rs_candidate *c)
{
    double square = 0;
    for (int a = 0; a < 3; a++)
        square += 0.25 * g->spacing_mm[a] * g->spacing_mm[a];
    return fmin(fmax(c->radius_mm, sqrt(square)), fmax(most_reach_mm, 0.5 * c->radius_mm));
}

/* The nearest candidate within reach of the place; the first of equally near ones; NULL: none. */
static rs_candidate *nearest_of(const rs_geometry *g, rs_candidate *items, int n_items, const double lps_mm[3])
{
    rs_candidate *best = NULL;
    double best_mm = INFINITY;
    for (int n = 0; n < n_items; n++) {
        double mm = distance_mm(items[n].lps_mm, lps_mm);
        if (mm > reach_mm(g, &items[n]) || mm >= best_mm) continue;
        best = &items[n];
        best_mm = mm;
    }
    return best;
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

/* What answers around a place, merged as the search merges; the nearest within reach. *found is false where none is. */
static rs_status nearest_around(rs_context *ctx, const rs_detect_job *job, const double index[3],
                                const double lps_mm[3], rs_candidate *out, bool *found)
{
    crop around = {0};
    rs_hits hits;
    *found = false;
    RS_TRY(crop_open(ctx, job->volume, index, &around));
    rs_status status = rs_propose(ctx, job, &around.volume, &around.regions, &hits);
    rs_candidates all = {0};
    if (status == RS_OK) {
        all = (rs_candidates){.n = (int)hits.n, .items = RS_ARENA_RAW(job->work, rs_candidate, hits.n)};
        if (!all.items) status = rs_fail_memory(ctx, "the candidates around a place");
    }
    for (int n = 0; n < all.n && status == RS_OK; n++) {
        rs_hit hit = hits.items[n];
        for (int a = 0; a < 3; a++)
            hit.index[a] += around.begin[a];
        hit.region = region_at(job, hit.index);
        rs_look_at_hit(job, &hit, &all.items[n]);
    }
    if (status == RS_OK) {
        rs_candidates_sort(&all);
        rs_candidates_part(&all, &(rs_part_wish){.n_best = all.n, .share = job->params.detect_part_share});
    }
    const rs_candidate *best = status == RS_OK ? nearest_of(&job->volume->geometry, all.items, all.n, lps_mm) : NULL;
    if (best) {
        *out = *best;
        *found = true;
    }
    crop_close(ctx, &around);
    return status;
}

static rs_status look_at_place(rs_context *ctx, const rs_detect_job *job, const double index[3], const double lps_mm[3],
                               rs_candidate *out)
{
    bool found;
    RS_TRY(nearest_around(ctx, job, index, lps_mm, out, &found));
    if (found) {
        RS_TRY(rs_look_closely(ctx, job, out, 1, RS_LOOK_RESCORE));
    } else {
        *out = (rs_candidate){.radius_mm = rs_look_radius_mm(job, index), .region = region_at(job, index)};
        memcpy(out->index, index, sizeof out->index);
        memcpy(out->lps_mm, lps_mm, sizeof out->lps_mm);
        RS_TRY(rs_look_complete(ctx, job, out, 1));
    }
    out->origin = RS_ORIGIN_POINT;
    out->pointed = true;
    memcpy(out->pointed_at_lps_mm, lps_mm, sizeof out->pointed_at_lps_mm);
    bool searched = out->region >= 0 && job->searched[out->region + 1];
    RS_TRY(rs_ranker_score(ctx, job, out, 1));
    out->p = searched ? rs_job_probability(job, out) : 0;
    return RS_OK;
}

/* A candidate of the list becomes a mark; a second place that ends in it is told. */
static rs_status point_at(rs_context *ctx, const rs_detect_job *job, rs_candidate *known, const double lps_mm[3],
                          rs_notes *notes)
{
    const double *first = known->pointed_at_lps_mm;
    if (known->pointed)
        return rs_notes_add(ctx, job->arena, notes, "points_together", NULL,
                            "the place %.1f, %.1f, %.1f (LPS mm) that was pointed at is in the same mark as %.1f, "
                            "%.1f, %.1f: both lie nearest to the same candidate",
                            lps_mm[0], lps_mm[1], lps_mm[2], first[0], first[1], first[2]);
    known->pointed = true;
    memcpy(known->pointed_at_lps_mm, lps_mm, sizeof known->pointed_at_lps_mm);
    return RS_OK;
}

static rs_status take(rs_context *ctx, const rs_detect_job *job, const double lps_mm[3], rs_candidates *candidates)
{
    double index[3];
    rs_geometry_to_index(&job->volume->geometry, lps_mm, index);
    if (!rs_geometry_holds(&job->volume->geometry, index))
        return rs_notes_add(ctx, job->arena, &candidates->notes, "point_outside", NULL,
                            "the place %.1f, %.1f, %.1f (LPS mm) that was pointed at lies outside the images",
                            lps_mm[0], lps_mm[1], lps_mm[2]);
    rs_candidate *known = nearest_of(&job->volume->geometry, candidates->items, candidates->n, lps_mm);
    if (known) return point_at(ctx, job, known, lps_mm, &candidates->notes);
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
