/* Connected components by runs: bits of a row, run ends where a bit differs from its neighbour, union of touching runs
   by smaller index with path halving (performance 3.4). The root of a component is its first run, so ids come in raster
   order whatever was linked first. */
#include "kernel.h"
#include "packing.h"
#include "restage/kernels/components.h"

typedef struct components_job {
    const rs_components_args *args;
    label_test test;
    int32_t begin, end; /* rows that are looked at */
    int32_t *row_first;
    rs_run *runs;
    int32_t *parent;
} components_job;

/* Runs of a row; only counted where runs is NULL. */
static int32_t row_runs(const components_job *job, int64_t row, rs_run *runs)
{
    const int32_t n = job->args->n[0];
    const uint8_t *labels = job->args->labels + row * n;
    int32_t count = 0;
    uint64_t last = 0; /* was the voxel before this word in the mask? */
    for (int32_t i = 0; i < n; i += 64) {
        uint64_t bits = pack_labels(labels + i, n - i < 64 ? n - i : 64, &job->test);
        uint64_t turns = bits ^ (bits << 1 | last);
        last = bits >> 63;
        if (runs == NULL) {
            count += (int32_t)__builtin_popcountll(turns & bits);
            continue;
        }
        for (; turns != 0; turns &= turns - 1) {
            int32_t at = i + (int32_t)__builtin_ctzll(turns);
            if (bits >> (at - i) & 1)
                runs[count].i_begin = (uint16_t)at;
            else
                runs[count++].i_end = (uint16_t)at;
        }
    }
    if (runs != NULL && last != 0) runs[count++].i_end = (uint16_t)n; /* the row ends with a word */
    return count;
}

static rs_status count_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const components_job *job = arg;
    const int32_t n = job->args->n[1], begin = job->begin, end = job->end;
    for (int32_t j = 0; j < n; j++)
        job->row_first[k * n + j + 1] = j >= begin && j < end ? row_runs(job, k * n + j, NULL) : 0;
    return RS_OK;
}

static rs_status fill_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const components_job *job = arg;
    for (int64_t row = k * job->args->n[1] + job->begin; row < k * job->args->n[1] + job->end; row++)
        row_runs(job, row, job->runs + job->row_first[row]);
    return RS_OK;
}

static int32_t root_of(int32_t *parent, int32_t r)
{
    while (parent[r] != r) {
        parent[r] = parent[parent[r]];
        r = parent[r];
    }
    return r;
}

static void unite(int32_t *parent, int32_t a, int32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* Links the runs of two rows that overlap, or touch by a corner where reach is 1. */
static void link_rows(const components_job *job, int64_t row, int64_t other, int32_t reach)
{
    int32_t a = job->row_first[row], a_end = job->row_first[row + 1];
    int32_t b = job->row_first[other], b_end = job->row_first[other + 1];
    while (a < a_end && b < b_end) {
        const rs_run *x = &job->runs[a], *y = &job->runs[b];
        if (x->i_begin < y->i_end + reach && y->i_begin < x->i_end + reach) unite(job->parent, a, b);
        if (x->i_end < y->i_end)
            a++;
        else
            b++;
    }
}

static void link_all(const components_job *job)
{
    const int32_t *n = job->args->n;
    const bool corners = job->args->connectivity == 26;
    for (int64_t k = 0; k < n[2]; k++)
        for (int64_t j = 0; j < n[1]; j++) {
            int64_t row = k * n[1] + j;
            if (job->row_first[row] == job->row_first[row + 1]) continue;
            if (j > 0) link_rows(job, row, row - 1, corners);
            if (k == 0) continue;
            link_rows(job, row, row - n[1], corners);
            if (corners && j > 0) link_rows(job, row, row - n[1] - 1, 1);
            if (corners && j + 1 < n[1]) link_rows(job, row, row - n[1] + 1, 1);
        }
}

/* Ids in raster order: a root stands before everything that it is the root of. */
static int32_t number_all(const components_job *job, int32_t n_runs)
{
    int32_t ids = 0;
    for (int32_t r = 0; r < n_runs; r++) {
        int32_t root = root_of(job->parent, r);
        job->runs[r].component = root == r ? ids++ : job->runs[root].component;
    }
    return ids;
}

static void add_run(const int32_t n[3], rs_component *c, const rs_run *run, int32_t index, int32_t j, int32_t k)
{
    const int64_t length = run->i_end - run->i_begin;
    if (c->voxels == 0) {
        *c = (rs_component){.begin = {run->i_begin, j, k}, .end = {run->i_end, j + 1, k + 1}, .first_run = index};
    } else {
        c->begin[0] = run->i_begin < c->begin[0] ? run->i_begin : c->begin[0];
        c->end[0] = run->i_end > c->end[0] ? run->i_end : c->end[0];
        c->begin[1] = j < c->begin[1] ? j : c->begin[1];
        c->end[1] = j + 1 > c->end[1] ? j + 1 : c->end[1];
        c->end[2] = k + 1;
    }
    c->voxels += length;
    c->sum[0] += (run->i_begin + run->i_end - 1) * length / 2;
    c->sum[1] += j * length;
    c->sum[2] += k * length;
    c->faces |= (run->i_begin == 0 ? RS_FACE_I_LOW : 0U) | (run->i_end == n[0] ? RS_FACE_I_HIGH : 0U) |
                (j == 0 ? RS_FACE_J_LOW : 0U) | (j == n[1] - 1 ? RS_FACE_J_HIGH : 0U) | (k == 0 ? RS_FACE_K_LOW : 0U) |
                (k == n[2] - 1 ? RS_FACE_K_HIGH : 0U);
}

static void add_all(const components_job *job, rs_component *items)
{
    const int32_t *n = job->args->n;
    for (int32_t k = 0; k < n[2]; k++)
        for (int32_t j = 0; j < n[1]; j++) {
            int64_t row = (int64_t)k * n[1] + j;
            for (int32_t r = job->row_first[row]; r < job->row_first[row + 1]; r++)
                add_run(n, &items[job->runs[r].component], &job->runs[r], r, j, k);
        }
}

static rs_status make_runs(rs_context *ctx, components_job *job, int32_t *n_runs)
{
    const int32_t *n = job->args->n;
    const int64_t rows = (int64_t)n[1] * n[2];
    job->row_first = RS_ARENA_RAW(job->args->arena, int32_t, rows + 1);
    if (job->row_first == NULL) return rs_fail_memory(ctx, "the components");
    job->row_first[0] = 0;
    RS_TRY(rs_parallel_for(ctx, n[2], count_slice, job));
    int64_t sum = 0;
    for (int64_t row = 1; row <= rows; row++) {
        sum += job->row_first[row];
        job->row_first[row] = (int32_t)sum;
    }
    job->runs = RS_ARENA_RAW(job->args->arena, rs_run, sum);
    if (job->runs == NULL) return rs_fail_memory(ctx, "the components");
    *n_runs = (int32_t)sum;
    return rs_parallel_for(ctx, n[2], fill_slice, job);
}

rs_status RS_TIERED(components)(rs_context *ctx, const rs_components_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->n[0] <= UINT16_MAX && args->labels != NULL);
    RS_CHECK(ctx, args->arena != NULL && args->out != NULL);
    RS_CHECK(ctx, args->connectivity == 0 || args->connectivity == 6 || args->connectivity == 26);
    RS_CHECK(ctx, args->rows[0] >= 0 && args->rows[0] <= args->rows[1] && args->rows[1] <= args->n[1]);
    components_job job = {.args = args, .test = label_test_of(args->in_mask), .begin = args->rows[0]};
    job.end = args->rows[0] == 0 && args->rows[1] == 0 ? args->n[1] : args->rows[1];
    int32_t n_runs = 0;
    RS_TRY(make_runs(ctx, &job, &n_runs));
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    job.parent = RS_ARENA_RAW(scratch, int32_t, n_runs);
    if (job.parent == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "the components");
    }
    for (int32_t r = 0; r < n_runs; r++)
        job.parent[r] = r;
    link_all(&job);
    int32_t n_items = number_all(&job, n_runs);
    rs_arena_rewind(scratch, mark);
    rs_component *items = RS_ARENA_NEW(args->arena, rs_component, n_items);
    if (items == NULL) return rs_fail_memory(ctx, "the components");
    add_all(&job, items);
    *args->out = (rs_components){{args->n[0], args->n[1], args->n[2]}, job.runs, job.row_first, n_runs, items, n_items};
    return RS_OK;
}
