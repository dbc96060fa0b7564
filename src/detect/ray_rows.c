/* Tables of rays for the dump: what the networks look at, for people who train their own. */
#include <math.h>

#include "detect.h"
#include "ray_table.h"
#include "restage/parallel.h"
#include "search_params.h"

enum { BLOCK = 32 }; /* candidates an item */

typedef struct rows_job {
    const rs_rays_wish *wish;
    rs_sampler sampler;
    rs_ray_fan fan;
    int16_t *out;
} rows_job;

static rs_status make_rows(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const rows_job *job = arg;
    const rs_rays_wish *wish = job->wish;
    const int values = job->fan.n * RS_RAY_STEPS;
    float table[RS_RAYS_FULL * RS_RAY_STEPS];
    (void)worker;
    int64_t end = (item + 1) * BLOCK < wish->n ? (item + 1) * BLOCK : wish->n;
    for (int64_t n = item * BLOCK; n < end; n++) {
        const rs_candidate *c = &wish->items[wish->which ? wish->which[n] : n];
        int16_t *row = job->out + n * values;
        RS_TRY(rs_ray_table(ctx, &(rs_ray_look){&job->sampler, &job->fan, c->index, c->radius_mm}, table));
        for (int v = 0; v < values; v++)
            row[v] = (int16_t)lrintf(table[v]);
    }
    return RS_OK;
}

rs_status rs_detect_rays(rs_context *ctx, const rs_rays_wish *wish, int16_t *out)
{
    rs_detect_params params;
    rows_job job = {.wish = wish, .out = out};
    rs_detect_params_load(wish->params, &params);
    rs_ray_fan_make(wish->rays, wish->volume->geometry.spacing_mm, &job.fan);
    const rs_sampler_wish sampler = {.clip_low_hu = wish->profile->clip_low_hu,
                                     .clip_high_hu = wish->profile->clip_high_hu,
                                     .bright = wish->profile->bright,
                                     .native_spacing_mm = params.detect_native_spacing_mm};
    RS_TRY(rs_sampler_make(ctx, wish->volume, &sampler, &job.sampler));
    rs_status status = rs_parallel_for(ctx, ((int64_t)wish->n + BLOCK - 1) / BLOCK, make_rows, &job);
    rs_sampler_free(ctx, &job.sampler);
    return status;
}
