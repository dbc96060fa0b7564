/* The cascade of networks (science C6A.3), and P of its score. */
#include "ranker.h"

#include <math.h>
#include <stdlib.h>

#include "ray_network.h"
#include "restage/parallel.h"

#include "ranker_weights.inc"

enum { BLOCK = 16 }; /* candidates an item */

const rs_ranker *rs_ranker_built_in(void)
{
    return &built_in;
}

static int networks_of(const rs_ranker *ranker, const rs_detect_params *params)
{
    return ranker->n_networks < params->detect_networks ? ranker->n_networks : params->detect_networks;
}

int rs_ranker_networks(const rs_ranker *ranker, const rs_params *params)
{
    rs_detect_params own;
    rs_detect_params_load(params, &own);
    return networks_of(ranker, &own);
}

rs_status rs_ranker_open(rs_context *ctx, rs_detect_job *job)
{
    static const rs_ranker none = {.name = ""};
    job->ranker = job->wish->ranker ? job->wish->ranker : job->profile->by_networks ? &built_in : &none;
    job->n_networks = networks_of(job->ranker, &job->params);
    for (int n = 0; n < job->n_networks; n++)
        RS_TRY(rs_network_make(ctx, &job->ranker->shape[n], job->ranker->weights[n], job->volume->geometry.spacing_mm,
                               job->work, &job->network[n]));
    return RS_OK;
}

static double sigmoid(double score)
{
    return rs_steady(1 / (1 + exp(-score)));
}

double rs_job_probability(const rs_detect_job *job, const rs_candidate *candidate)
{
    if (candidate->origin == RS_ORIGIN_MASS || job->n_networks == 0) return rs_probability(job->profile, candidate);
    bool calibrated = job->ranker->calibration.n > 0 && job->n_networks == job->ranker->n_networks;
    return calibrated ? rs_on_map(&job->ranker->calibration, candidate->score) : sigmoid(candidate->score);
}

typedef struct score_job {
    const rs_detect_job *job;
    const rs_network *network;
    rs_candidate *items;
    const int *order;
    int n, feature;
} score_job;

static rs_status score_block(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const score_job *s = arg;
    const rs_network *net = s->network;
    (void)worker;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the ranker");
    rs_arena_mark mark = rs_arena_where(scratch);
    float *table = RS_ARENA_RAW(scratch, float, net->fan.n *RS_RAY_STEPS);
    float *work = RS_ARENA_RAW(scratch, float, rs_network_scratch(net));
    if (!table || !work) return rs_fail_memory(ctx, "the ranker");
    int end = ((int)item + 1) * BLOCK < s->n ? ((int)item + 1) * BLOCK : s->n;
    rs_status status = RS_OK;
    for (int n = (int)item * BLOCK; n < end && status == RS_OK; n++) {
        rs_candidate *c = &s->items[s->order[n]];
        const float scalars[2] = {
            (float)log(c->radius_mm) - 0.5F,
            (float)log(fmax((double)c->feature[RS_FEATURE_log_hu], 50)) - 5.5F,
        };
        status = rs_ray_table(ctx, &(rs_ray_look){&s->job->sampler, &net->fan, c->index, c->radius_mm}, table);
        if (status == RS_OK) status = rs_network_logit(ctx, net, table, scalars, work, &c->feature[s->feature]);
    }
    rs_arena_rewind(scratch, mark);
    return status;
}

static rs_status score_by(rs_context *ctx, score_job *s, int network)
{
    s->network = s->job->network[network];
    s->feature = network == 0 ? RS_FEATURE_ray_logit : RS_FEATURE_deep_logit;
    return rs_parallel_for(ctx, ((int64_t)s->n + BLOCK - 1) / BLOCK, score_block, s);
}

/* An entry to be sorted: which candidate, and where it lies. */
typedef struct entry {
    int item;
    float logit;
    double index[3];
} entry;

static int by_place(const entry *x, const entry *y)
{
    for (int axis = 2; axis >= 0; axis--)
        if (x->index[axis] != y->index[axis]) return x->index[axis] < y->index[axis] ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static int in_scan_order(const void *a, const void *b)
{
    return by_place(a, b);
}

static int by_logit(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->logit != y->logit) return x->logit > y->logit ? -1 : 1;
    return by_place(x, y);
}

static void sort_into(entry *entries, int n, int (*compare)(const void *, const void *), int *order)
{
    if (n > 1) qsort(entries, (size_t)n, sizeof *entries, compare);
    for (int e = 0; e < n; e++)
        order[e] = entries[e].item;
}

/* Scores of those that the second network never saw: below the least of what it saw, by the first. */
static void push_behind(rs_candidate *items, const int *order, int n_seen, int n)
{
    double least = INFINITY;
    for (int e = 0; e < n_seen; e++)
        least = fmin(least, items[order[e]].score);
    if (n_seen == 0 || n_seen == n) return;
    double top = items[order[n_seen]].score, down = fmin(least - 1e-3 - top, 0);
    for (int e = n_seen; e < n; e++)
        items[order[e]].score += down;
}

static rs_status cascade(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, entry *entries, int n)
{
    int *order = RS_ARENA_RAW(job->work, int, n);
    score_job s = {.job = job, .items = items, .order = order, .n = n};
    if (!order) return rs_fail_memory(ctx, "the ranker");
    sort_into(entries, n, in_scan_order, order); /* neighbours share cache lines of the volume */
    RS_TRY(score_by(ctx, &s, 0));
    for (int e = 0; e < n; e++) {
        rs_candidate *c = &items[entries[e].item];
        entries[e].logit = c->feature[RS_FEATURE_ray_logit];
        c->score = (double)entries[e].logit;
    }
    if (job->n_networks < 2) return RS_OK;
    int keep = job->params.detect_keep > 0 ? job->params.detect_keep : job->ranker->keep;
    sort_into(entries, n, by_logit, order);
    s.n = n < keep ? n : keep;
    RS_TRY(score_by(ctx, &s, 1));
    for (int e = 0; e < s.n; e++)
        items[order[e]].score += (double)items[order[e]].feature[RS_FEATURE_deep_logit];
    push_behind(items, order, s.n, n);
    return RS_OK;
}

rs_status rs_ranker_score(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n)
{
    if (job->n_networks == 0 || n == 0) return RS_OK;
    entry *entries = RS_ARENA_RAW(job->work, entry, n);
    int n_entries = 0;
    if (!entries) return rs_fail_memory(ctx, "the ranker");
    for (int c = 0; c < n; c++) {
        if (items[c].origin == RS_ORIGIN_MASS) continue;
        entries[n_entries++] = (entry){c, 0, {items[c].index[0], items[c].index[1], items[c].index[2]}};
    }
    return n_entries ? cascade(ctx, job, items, entries, n_entries) : RS_OK;
}
