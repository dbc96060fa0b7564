/* Our own candidates: curvature of all maxima by few rays, the score of the networks, all features of the best by the
   full table, one candidate a lesion. */
#include "job.h"
#include "look.h"
#include "mass.h"
#include "merge.h"
#include "ranker.h"

static void log_search(rs_context *ctx, const rs_detect_job *job, const rs_hits *hits, int n_candidates)
{
    for (int n = 0; n < job->scales.n; n++)
        rs_log(ctx, RS_LOG_DEBUG, "detect: scale %.2f mm, diameter %.2f mm, response SD %.1f HU",
               job->scales.scale[n].sigma_mm, job->scales.scale[n].diameter_mm, hits->sd_hu[n]);
    rs_log(ctx, RS_LOG_INFO, "detect: %lld maxima, %lld above the noise, %d candidates", (long long)hits->n_raw,
           (long long)hits->n, n_candidates);
}

/* One candidate a lesion. */
static rs_status part(rs_context *ctx, const rs_detect_job *job, rs_candidates *all)
{
    enum { BEST = 2000 }; /* more than a packet lists */
    rs_part_wish wish = {.n_best = all->n < BEST ? all->n : BEST,
                         .share = job->params.detect_part_share,
                         .margin = job->params.detect_part_margin};
    if (job->n_networks > 0) {
        wish.plain = RS_ARENA_RAW(job->work, double, wish.n_best);
        if (!wish.plain) return rs_fail_memory(ctx, "the candidates");
        for (int n = 0; n < wish.n_best; n++)
            wish.plain[n] = rs_look_plain_score(job, &all->items[n]);
    }
    rs_candidates_part(all, &wish);
    return RS_OK;
}

rs_status rs_own_candidates(rs_context *ctx, const rs_detect_job *job, rs_arena *arena, rs_candidates *out)
{
    rs_hits hits;
    RS_TRY(rs_propose(ctx, job, job->volume, job->regions, &hits));
    rs_candidates all = {.n = (int)hits.n, .capacity = (int)hits.n};
    all.items = RS_ARENA_RAW(arena, rs_candidate, hits.n);
    if (!all.items) return rs_fail_memory(ctx, "the candidates");
    RS_TRY(rs_look_at_hits(ctx, job, &hits, all.items));
    rs_candidates_sort(&all);
    if (job->n_networks > 0) {
        RS_TRY(rs_ranker_score(ctx, job, all.items, all.n));
    } else {
        int n_full = all.n < job->params.detect_full_features ? all.n : job->params.detect_full_features;
        RS_TRY(rs_look_closely(ctx, job, all.items, n_full, RS_LOOK_RESCORE));
    }
    rs_candidates_sort(&all);
    RS_TRY(part(ctx, job, &all));
    log_search(ctx, job, &hits, all.n);
    for (int n = 0; n < all.n; n++)
        all.items[n].p = rs_job_probability(job, &all.items[n]);
    rs_block_trim(ctx); /* the pyramid's blocks have other sizes than those of the masses */
    RS_TRY(rs_masses_add(ctx, job, arena, &all));
    *out = all;
    return RS_OK;
}
