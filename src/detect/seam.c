/* Somebody else's candidates may know a place and nothing more. Their radius is then that of our own candidate at the
   place, else that of the scale that answers best there; the rest follows from place and radius. */
#include "seam.h"

#include <math.h>
#include <string.h>

#include "look.h"
#include "restage/parallel.h"

static const double most_radius_mm = 60;                 /* beyond the largest masses, 100 mm in diameter */
static const double nearest_mm = 1, nearest_share = 0.5; /* how far a place may lie from our candidate of it */

static rs_detector_input input_of(const rs_detect_job *job)
{
    return (rs_detector_input){.volume = job->volume,
                               .quality = job->quality,
                               .regions = job->regions,
                               .params = job->wish->params,
                               .series_uid = job->wish->series_uid ? job->wish->series_uid : ""};
}

/* Index from lps_mm or the other way; false outside the image. */
static bool place(const rs_detect_job *job, rs_candidate *c)
{
    const rs_geometry *g = &job->volume->geometry;
    int32_t voxel[3];
    if (c->lps_mm[0] == 0 && c->lps_mm[1] == 0 && c->lps_mm[2] == 0)
        rs_geometry_to_lps(g, c->index, c->lps_mm);
    else
        rs_geometry_to_index(g, c->lps_mm, c->index);
    if (!rs_geometry_holds(g, c->index)) return false;
    for (int a = 0; a < 3; a++) {
        if (!isfinite(c->lps_mm[a])) return false;
        c->index[a] = fmin(fmax(c->index[a], 0), g->n[a] - 1);
        voxel[a] = (int32_t)floor(c->index[a] + 0.5);
    }
    c->region = rs_regions_at(job->regions, voxel[0], voxel[1], voxel[2]);
    c->origin = RS_ORIGIN_GIVEN;
    c->pointed = false;
    if (!(c->radius_mm > 0) || isnan(c->radius_mm)) c->radius_mm = 0;
    if (!isfinite(c->score)) c->score = 0;
    return true;
}

/* No lesion is larger than this, or than the image. */
static double largest_radius_mm(const rs_geometry *g)
{
    double square = 0;
    for (int a = 0; a < 3; a++)
        square += pow(g->n[a] * g->spacing_mm[a], 2);
    return fmin(most_radius_mm, sqrt(square));
}

static rs_status note_clamped(rs_context *ctx, const rs_detect_job *job, int n, double most_mm, rs_candidates *all)
{
    if (n == 0) return RS_OK;
    return rs_notes_add(ctx, job->arena, &all->notes, "candidates_too_large", NULL,
                        "%d candidates of %s had a radius of more than %.0f mm, which was taken instead", n,
                        job->wish->detector->id, most_mm);
}

static rs_status place_all(rs_context *ctx, const rs_detect_job *job, rs_candidates *all)
{
    int kept = 0, clamped = 0;
    double most_mm = largest_radius_mm(&job->volume->geometry);
    for (int n = 0; n < all->n; n++) {
        rs_candidate c = all->items[n];
        if (!place(job, &c)) continue;
        clamped += c.radius_mm > most_mm;
        c.radius_mm = fmin(c.radius_mm, most_mm);
        all->items[kept++] = c;
    }
    int dropped = all->n - kept;
    all->n = kept;
    RS_TRY(note_clamped(ctx, job, clamped, most_mm, all));
    if (!dropped) return RS_OK;
    return rs_notes_add(ctx, job->arena, &all->notes, "candidates_outside", NULL,
                        "%d candidate%s of %s %s outside the images and %s passed over", dropped,
                        dropped == 1 ? "" : "s", job->wish->detector->id, dropped == 1 ? "lies" : "lie",
                        dropped == 1 ? "was" : "were");
}

static double square_mm2(const rs_candidate *a, const rs_candidate *b)
{
    double square = 0;
    for (int axis = 0; axis < 3; axis++)
        square += (a->lps_mm[axis] - b->lps_mm[axis]) * (a->lps_mm[axis] - b->lps_mm[axis]);
    return square;
}

/* Our candidates in slabs of 8 slices, so that a place is compared with few. */
typedef struct slabs {
    const rs_candidates *own;
    int n;
    int *first, *next; /* -1: the end */
    double reach_mm;   /* no candidate of ours stands for a place farther away */
} slabs;

static double within_mm(const rs_candidate *own)
{
    return fmax(nearest_mm, nearest_share * own->radius_mm);
}

enum { SLAB = 8 };

static rs_status slabs_make(rs_context *ctx, const rs_detect_job *job, const rs_candidates *own, slabs *out)
{
    *out = (slabs){.own = own, .n = job->volume->geometry.n[2] / SLAB + 1};
    out->first = RS_ARENA_RAW(job->work, int, out->n);
    out->next = RS_ARENA_RAW(job->work, int, own->n);
    if (!out->first || !out->next) return rs_fail_memory(ctx, "the candidates");
    for (int s = 0; s < out->n; s++)
        out->first[s] = -1;
    for (int n = own->n - 1; n >= 0; n--) {
        int *first = &out->first[(int)own->items[n].index[2] / SLAB];
        out->next[n] = *first;
        *first = n;
        out->reach_mm = fmax(out->reach_mm, within_mm(&own->items[n]));
    }
    return RS_OK;
}

static const rs_candidate *nearest(const slabs *s, const rs_detect_job *job, const rs_candidate *c)
{
    double reach = s->reach_mm / job->volume->geometry.spacing_mm[2] + 1;
    int low = (int)((c->index[2] - reach) / SLAB), high = (int)((c->index[2] + reach) / SLAB);
    const rs_candidate *best = NULL;
    double best_mm2 = INFINITY;
    for (int slab = low < 0 ? 0 : low; slab <= high && slab < s->n; slab++)
        for (int n = s->first[slab]; n >= 0; n = s->next[n]) {
            const rs_candidate *own = &s->own->items[n];
            double within = within_mm(own), mm2 = square_mm2(own, c);
            if (mm2 > within * within || mm2 >= best_mm2) continue;
            best = own;
            best_mm2 = mm2;
        }
    return best;
}

static bool knows_radii(const rs_candidates *all)
{
    for (int n = 0; n < all->n; n++)
        if (all->items[n].radius_mm == 0) return false;
    return true;
}

typedef struct radius_job {
    const rs_detect_job *job;
    slabs own;
    rs_candidate *items;
} radius_job;

static rs_status find_radius(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const radius_job *r = arg;
    rs_candidate *c = &r->items[item];
    (void)ctx;
    (void)worker;
    if (c->radius_mm != 0) return RS_OK;
    const rs_candidate *same = nearest(&r->own, r->job, c);
    if (!same) {
        c->radius_mm = rs_look_radius_mm(r->job, c->index);
        return RS_OK;
    }
    c->radius_mm = same->radius_mm;
    if (!(c->scale_mm > 0)) c->scale_mm = same->scale_mm;
    return RS_OK;
}

static rs_status find_radii(rs_context *ctx, const rs_detect_job *job, rs_candidates *all)
{
    rs_candidates own = {0};
    radius_job r = {.job = job, .items = all->items};
    if (knows_radii(all)) return RS_OK;
    RS_TRY(rs_own_candidates(ctx, job, job->work, &own));
    RS_TRY(slabs_make(ctx, job, &own, &r.own));
    return rs_parallel_for(ctx, all->n, find_radius, &r);
}

rs_status rs_seam_find(rs_context *ctx, const rs_detect_job *job, rs_candidates *out)
{
    const rs_detector *detector = job->wish->detector;
    rs_candidates found = {0};
    const rs_detector_input input = input_of(job);
    RS_TRY(detector->find(ctx, &input, detector->user, job->arena, &found));
    if (found.n < 0 || (found.n > 0 && !found.items))
        return rs_fail(ctx, RS_USAGE, "the detector %s gave a list of candidates that is none", detector->id);
    RS_TRY(place_all(ctx, job, &found));
    RS_TRY(find_radii(ctx, job, &found));
    RS_TRY(rs_look_complete(ctx, job, found.items, found.n));
    *out = found;
    return RS_OK;
}

rs_status rs_seam_rank(rs_context *ctx, const rs_detect_job *job, rs_candidates *candidates)
{
    const rs_detector *detector = job->wish->detector;
    const rs_detector_input input = input_of(job);
    int n = candidates->n;
    RS_TRY(detector->rank(ctx, &input, detector->user, candidates));
    if (candidates->n != n)
        return rs_fail(ctx, RS_USAGE, "the detector %s changed the number of candidates while it ranked them",
                       detector->id);
    for (n = 0; n < candidates->n; n++) {
        const rs_candidate *c = &candidates->items[n];
        if (!(c->p >= 0 && c->p <= 1))
            return rs_fail(ctx, RS_USAGE, "the detector %s gave candidate %d of %d a probability outside 0 to 1",
                           detector->id, n + 1, candidates->n);
        if (isnan(c->score))
            return rs_fail(ctx, RS_USAGE, "the detector %s gave candidate %d of %d a score that is no number",
                           detector->id, n + 1, candidates->n);
    }
    return RS_OK;
}
