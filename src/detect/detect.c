/* Station detect: candidates of our own search or of somebody else's detector, P by the organ's calibration or by
   somebody else's ranking, the places that a person points at, marks. */
#include "detect.h"

#include <math.h>
#include <string.h>

#include "job.h"
#include "look.h"
#include "merge.h"
#include "point.h"
#include "ranker.h"
#include "seam.h"

/* Straight lines between the points of the map, flat beyond its ends. */
double rs_on_map(const rs_calibration *map, double score)
{
    if (map->n <= 0) return 0;
    if (score <= map->score[0]) return map->p[0];
    for (int n = 1; n < map->n; n++) {
        double width = map->score[n] - map->score[n - 1];
        if (score <= map->score[n] && width > 0)
            return map->p[n - 1] + (score - map->score[n - 1]) / width * (map->p[n] - map->p[n - 1]);
    }
    return map->p[map->n - 1];
}

double rs_probability(const rs_detect_profile *profile, const rs_candidate *candidate)
{
    bool mass = candidate->origin == RS_ORIGIN_MASS;
    return rs_on_map(mass ? &profile->mass_calibration : &profile->calibration, candidate->score);
}

const rs_operating_point *rs_detect_point(const rs_detect_profile *profile, const rs_ranker *ranker,
                                          const rs_params *params, const char *name)
{
    if (!ranker && profile->by_networks) ranker = rs_ranker_built_in();
    int networks = ranker ? rs_ranker_networks(ranker, params) : 0;
    bool ranks = networks > 0 && networks == ranker->n_networks && ranker->n_points > 0;
    const rs_operating_point *points = ranks ? ranker->points : profile->points;
    int n_points = ranks ? ranker->n_points : profile->n_points;
    for (int n = 0; n < n_points; n++)
        if (strcmp(points[n].name, name) == 0) return &points[n];
    return NULL;
}

static rs_status take_marks(rs_context *ctx, const rs_detect_job *job, const rs_candidates *all, rs_marks *out)
{
    double least = job->wish->point ? job->wish->point->p : 2; /* P never reaches 2 */
    int n_ranked = 0, n_marks = 0;
    while (n_ranked < all->n && all->items[n_ranked].origin != RS_ORIGIN_POINT && all->items[n_ranked].p >= least)
        n_ranked++; /* P never rises along the list */
    for (int n = n_ranked; n < all->n; n++)
        n_marks += all->items[n].pointed;
    int *index = RS_ARENA_RAW(job->arena, int, n_ranked + n_marks);
    if (!index) return rs_fail_memory(ctx, "the marks");
    for (int n = 0; n < n_ranked; n++)
        index[n] = n;
    n_marks = n_ranked;
    for (int n = n_ranked; n < all->n; n++)
        if (all->items[n].pointed) index[n_marks++] = n;
    *out = (rs_marks){index, n_marks};
    return RS_OK;
}

/* Every feature of the best, whoever ranked them. */
static rs_status look_at_best(rs_context *ctx, const rs_detect_job *job, rs_candidates *all)
{
    int n = all->n < job->params.detect_full_features ? all->n : job->params.detect_full_features, end;
    for (int begin = 0; begin < n; begin = end) {
        for (end = begin; end < n && isnan(all->items[end].feature[RS_FEATURE_elong]);)
            end++;
        RS_TRY(rs_look_closely(ctx, job, all->items + begin, end - begin, RS_LOOK_KEEP));
        end += end == begin;
    }
    return RS_OK;
}

/* Copies with rays for those that have none: what is ranked and reported is the same with and without them. */
static rs_status complete_features(rs_context *ctx, const rs_detect_job *job, rs_candidates *all)
{
    rs_candidate *copies = RS_ARENA_RAW(job->arena, rs_candidate, all->n);
    rs_candidate *bare = RS_ARENA_RAW(job->work, rs_candidate, all->n);
    int n_bare = 0;
    if (!copies || !bare) return rs_fail_memory(ctx, "the features of all candidates");
    for (int n = 0; n < all->n; n++) {
        copies[n] = all->items[n];
        if (isnan(copies[n].feature[RS_FEATURE_elong])) bare[n_bare++] = copies[n];
    }
    RS_TRY(rs_look_closely(ctx, job, bare, n_bare, RS_LOOK_KEEP));
    n_bare = 0;
    for (int n = 0; n < all->n; n++)
        if (isnan(copies[n].feature[RS_FEATURE_elong])) copies[n] = bare[n_bare++];
    all->complete = copies;
    return RS_OK;
}

static rs_status detect(rs_context *ctx, const rs_detect_job *job, rs_candidates *all, rs_marks *marks)
{
    const rs_detector *detector = job->wish->detector;
    if (detector && detector->find)
        RS_TRY(rs_seam_find(ctx, job, all));
    else
        RS_TRY(rs_own_candidates(ctx, job, job->arena, all));
    if (!(detector && detector->find && detector->rank)) { /* else P is theirs alone */
        if (detector && detector->find) RS_TRY(rs_ranker_score(ctx, job, all->items, all->n));
        for (int n = 0; n < all->n; n++)
            all->items[n].p = rs_job_probability(job, &all->items[n]);
        rs_candidates_rank(all);
    }
    if (detector && detector->rank) {
        RS_TRY(rs_seam_rank(ctx, job, all));
        rs_candidates_rank(all);
    }
    RS_TRY(look_at_best(ctx, job, all));
    all->searched_ml = 0;
    for (int r = 0; r < job->regions->n; r++) {
        const rs_region *region = &job->regions->region[r];
        if (region->role == RS_ROLE_SEARCH) all->searched_ml += region->searched_ml;
    }
    RS_TRY(rs_points_take(ctx, job, all));
    if (job->wish->every_feature) RS_TRY(complete_features(ctx, job, all));
    return take_marks(ctx, job, all, marks);
}

rs_status rs_detect(rs_context *ctx, const rs_volume *volume, const rs_quality *quality, const rs_regions *regions,
                    const rs_detect_wish *wish, rs_arena *arena, rs_candidates *out, rs_marks *marks)
{
    rs_candidates candidates = {0};
    rs_marks found;
    RS_TRY(rs_context_check_cancel(ctx));
    rs_arena *work = rs_arena_new(); /* the maxima; gone with the station */
    rs_detect_job *job = work ? RS_ARENA_NEW(work, rs_detect_job, 1) : NULL;
    rs_status status = RS_OK;
    if (!job) {
        status = rs_fail_memory(ctx, "the search");
        goto done;
    }
    *job = (rs_detect_job){.volume = volume,
                           .quality = quality,
                           .regions = regions,
                           .wish = wish,
                           .profile = wish->profile,
                           .work = work,
                           .arena = arena};
    status = rs_job_open(ctx, job);
    if (status != RS_OK) goto done;
    status = rs_ranker_open(ctx, job);
    if (status == RS_OK) status = detect(ctx, job, &candidates, &found);
    rs_job_close(ctx, job);
    if (status != RS_OK) goto done;
    *out = candidates;
    *marks = found;
done:
    rs_arena_free(work);
    return status;
}
