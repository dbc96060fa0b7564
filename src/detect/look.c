/* Candidates from maxima, and from places of somebody else: what the filter answers, the curvature by few rays, all
   features by the full table, the score (science C6.1, C6.2). */
#include "look.h"

#include <math.h>
#include <string.h>

#include "restage/parallel.h"

enum {
    BLOCK = 128,     /* maxima an item */
    CLOSE_BLOCK = 16 /* close looks an item */
};

typedef struct look_job {
    const rs_detect_job *job;
    const rs_hit *hits;
    rs_candidate *items;
    int64_t n;
    rs_look_effect effect;
    bool whole; /* the full table of rays */
} look_job;

/* Share of the score that is shape (science C6.2). */
static double shape_of(const rs_detect_job *job, const rs_candidate *c)
{
    return fmax((double)c->feature[RS_FEATURE_e3_e1], job->params.detect_ratio_floor);
}

static double score_of(const rs_detect_job *job, const rs_candidate *c, double rho)
{
    double weight = rs_steady(pow(rho, job->params.detect_response_power));
    return (double)c->feature[RS_FEATURE_log_hu] * weight * shape_of(job, c);
}

double rs_look_plain_score(const rs_detect_job *job, const rs_candidate *candidate)
{
    return score_of(job, candidate, rs_look_rho(job, candidate->scale_mm));
}

static double psf_sigma_mm(const rs_detect_job *job)
{
    return rs_fwhm_to_sigma(job->quality->psf.in_plane_mm);
}

void rs_look_at_hit(const rs_detect_job *job, const rs_hit *hit, rs_candidate *c)
{
    *c = (rs_candidate){.region = hit->region, .origin = RS_ORIGIN_LOG};
    memcpy(c->index, hit->index, sizeof c->index);
    rs_geometry_to_lps(&job->volume->geometry, c->index, c->lps_mm);
    /* Between the rungs of the ladder the diameter of C1.1 holds as well. */
    c->scale_mm = job->scales.scale[0].sigma_mm * rs_steady(pow(job->scales.ratio, hit->step));
    c->radius_mm = 0.5 * rs_matched_diameter_mm(c->scale_mm, psf_sigma_mm(job));
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        c->feature[f] = NAN;
    rs_curvature curvature = rs_rays_curvature(&job->scene, &job->few, c->index, c->radius_mm);
    c->feature[RS_FEATURE_log_hu] = hit->response_hu;
    c->feature[RS_FEATURE_ln_scale] = (float)log(c->scale_mm);
    c->feature[RS_FEATURE_e3_e1] = (float)curvature.e3_e1;
    c->feature[RS_FEATURE_e2_e1] = (float)curvature.e2_e1;
    c->score = score_of(job, c, (double)hit->rho);
}

static rs_status look_at_block(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const look_job *look = arg;
    (void)ctx;
    (void)worker;
    int64_t end = (item + 1) * BLOCK < look->n ? (item + 1) * BLOCK : look->n;
    for (int64_t n = item * BLOCK; n < end; n++)
        rs_look_at_hit(look->job, &look->hits[n], &look->items[n]);
    return RS_OK;
}

rs_status rs_look_at_hits(rs_context *ctx, const rs_detect_job *job, const rs_hits *hits, rs_candidate *out)
{
    look_job look = {.job = job, .hits = hits->items, .items = out, .n = hits->n};
    return rs_parallel_for(ctx, (hits->n + BLOCK - 1) / BLOCK, look_at_block, &look);
}

static rs_status look_closely(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const look_job *look = arg;
    (void)ctx;
    (void)worker;
    int64_t end = (item + 1) * CLOSE_BLOCK < look->n ? (item + 1) * CLOSE_BLOCK : look->n;
    for (int64_t n = item * CLOSE_BLOCK; n < end; n++) {
        rs_candidate *c = &look->items[n];
        double before = shape_of(look->job, c);
        rs_rays_features(&look->job->scene, &look->job->full, c);
        if (look->effect == RS_LOOK_RESCORE) c->score *= shape_of(look->job, c) / before;
    }
    return RS_OK;
}

rs_status rs_look_closely(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n, rs_look_effect effect)
{
    look_job look = {.job = job, .items = items, .n = n, .effect = effect};
    return rs_parallel_for(ctx, ((int64_t)n + CLOSE_BLOCK - 1) / CLOSE_BLOCK, look_closely, &look);
}

double rs_look_scale_mm(const rs_detect_job *job, double radius_mm)
{
    enum { HALVINGS = 50 };
    double p = psf_sigma_mm(job), low = job->scales.scale[0].sigma_mm, high = fmax(2 * radius_mm, low);
    for (int n = 0; n < HALVINGS; n++) {
        double middle = 0.5 * (low + high);
        if (rs_matched_diameter_mm(middle, p) < 2 * radius_mm)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

double rs_look_radius_mm(const rs_detect_job *job, const double index[3])
{
    double best = -INFINITY, radius_mm = 0.5 * job->scales.scale[0].diameter_mm;
    for (int n = 0; n < job->scales.n; n++) {
        rs_answer answer = rs_look_answer(job, index, job->scales.scale[n].sigma_mm);
        if (!(answer.response_hu * answer.rho > best)) continue;
        best = answer.response_hu * answer.rho;
        radius_mm = 0.5 * job->scales.scale[n].diameter_mm;
    }
    return radius_mm;
}

static bool has_no_feature(const rs_candidate *c)
{
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        if (c->feature[f] != 0 && !isnan(c->feature[f])) return false;
    return true;
}

/* What every candidate has: the curvature by few rays. */
static void look_briefly(const rs_detect_job *job, rs_candidate *c)
{
    rs_curvature curvature = rs_rays_curvature(&job->scene, &job->few, c->index, c->radius_mm);
    c->feature[RS_FEATURE_ln_scale] = (float)log(c->scale_mm);
    c->feature[RS_FEATURE_e3_e1] = (float)curvature.e3_e1;
    c->feature[RS_FEATURE_e2_e1] = (float)curvature.e2_e1;
}

static void complete(const rs_detect_job *job, bool whole, rs_candidate *c)
{
    float own[RS_FEATURE_COUNT];
    bool none = has_no_feature(c), scored = c->score != 0;
    memcpy(own, c->feature, sizeof own);
    if (!(c->scale_mm > 0)) c->scale_mm = rs_look_scale_mm(job, c->radius_mm);
    rs_answer answer = {0};
    if (none || isnan(own[RS_FEATURE_log_hu]) || !scored) answer = rs_look_answer(job, c->index, c->scale_mm);
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        c->feature[f] = NAN;
    if (whole)
        rs_rays_features(&job->scene, &job->full, c);
    else
        look_briefly(job, c);
    c->feature[RS_FEATURE_log_hu] = (float)answer.response_hu;
    for (int f = 0; f < RS_FEATURE_COUNT; f++)
        if (!none && !isnan(own[f])) c->feature[f] = own[f];
    if (!scored) c->score = score_of(job, c, answer.rho);
}

static rs_status complete_block(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const look_job *look = arg;
    (void)ctx;
    (void)worker;
    int64_t end = (item + 1) * CLOSE_BLOCK < look->n ? (item + 1) * CLOSE_BLOCK : look->n;
    for (int64_t n = item * CLOSE_BLOCK; n < end; n++)
        complete(look->job, look->whole, &look->items[n]);
    return RS_OK;
}

rs_status rs_look_complete(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n)
{
    look_job look = {.job = job, .items = items, .n = n, .whole = n <= job->params.detect_full_features};
    return rs_parallel_for(ctx, ((int64_t)n + CLOSE_BLOCK - 1) / CLOSE_BLOCK, complete_block, &look);
}
