/* Connected components by flooding a label image, voxel by voxel; runs and statistics are read off the image. */
#include "kernel.h"
#include "restage/kernels/components.h"

typedef struct flood {
    const rs_components_args *args;
    int32_t *label; /* -1: not in the mask, 0: not yet reached, 1 + id */
    int32_t *queue;
    rs_component *items;
    int32_t n_items;
} flood;

static bool in_mask(const rs_components_args *args, int64_t at)
{
    int64_t j = at / args->n[0] % args->n[1];
    bool all = args->rows[0] == 0 && args->rows[1] == 0;
    if (!all && (j < args->rows[0] || j >= args->rows[1])) return false;
    uint8_t v = args->labels[at];
    return args->in_mask != NULL ? args->in_mask[v] != 0 : v != 0;
}

static void add_voxel(const int32_t n[3], rs_component *c, const int32_t p[3])
{
    static const uint32_t low[3] = {RS_FACE_I_LOW, RS_FACE_J_LOW, RS_FACE_K_LOW};
    static const uint32_t high[3] = {RS_FACE_I_HIGH, RS_FACE_J_HIGH, RS_FACE_K_HIGH};
    for (int a = 0; a < 3; a++) {
        if (c->voxels == 0 || p[a] < c->begin[a]) c->begin[a] = p[a];
        if (c->voxels == 0 || p[a] + 1 > c->end[a]) c->end[a] = p[a] + 1;
        c->sum[a] += p[a];
        if (p[a] == 0) c->faces |= low[a];
        if (p[a] == n[a] - 1) c->faces |= high[a];
    }
    c->voxels++;
}

static void visit_neighbours(flood *f, const int32_t p[3], int64_t *tail)
{
    const int32_t *n = f->args->n;
    for (int z = -1; z <= 1; z++)
        for (int y = -1; y <= 1; y++)
            for (int x = -1; x <= 1; x++) {
                int32_t q[3] = {p[0] + x, p[1] + y, p[2] + z};
                if (f->args->connectivity != 26 && x * x + y * y + z * z != 1) continue;
                if (q[0] < 0 || q[1] < 0 || q[2] < 0 || q[0] >= n[0] || q[1] >= n[1] || q[2] >= n[2]) continue;
                int64_t at = ((int64_t)q[2] * n[1] + q[1]) * n[0] + q[0];
                if (f->label[at] != 0) continue;
                f->label[at] = f->n_items + 1;
                f->queue[(*tail)++] = (int32_t)at;
            }
}

static void flood_from(flood *f, int32_t start)
{
    const int32_t *n = f->args->n;
    int64_t head = 0, tail = 0;
    f->label[start] = f->n_items + 1;
    f->queue[tail++] = start;
    while (head < tail) {
        int32_t at = f->queue[head++];
        int32_t p[3] = {at % n[0], at / n[0] % n[1], at / n[0] / n[1]};
        add_voxel(n, &f->items[f->n_items], p);
        visit_neighbours(f, p, &tail);
    }
    f->n_items++;
}

/* Runs of the label image; counts only where runs is NULL. */
static int32_t make_runs(const flood *f, rs_run *runs, int32_t *row_first)
{
    const int32_t *n = f->args->n;
    int32_t count = 0;
    for (int64_t row = 0; row < (int64_t)n[1] * n[2]; row++) {
        if (row_first != NULL) row_first[row] = count;
        for (int32_t i = 0; i < n[0]; i++) {
            int32_t label = f->label[row * n[0] + i];
            if (label < 0 || (i > 0 && f->label[row * n[0] + i - 1] >= 0)) continue;
            int32_t end = i;
            while (end < n[0] && f->label[row * n[0] + end] >= 0)
                end++;
            if (runs != NULL) {
                runs[count] = (rs_run){(uint16_t)i, (uint16_t)end, label - 1};
                rs_component *c = &f->items[label - 1];
                if (c->first_run < 0) c->first_run = count;
            }
            count++;
        }
    }
    if (row_first != NULL) row_first[(int64_t)n[1] * n[2]] = count;
    return count;
}

static rs_status label_all(rs_context *ctx, flood *f)
{
    const rs_components_args *args = f->args;
    int64_t n = (int64_t)args->n[0] * args->n[1] * args->n[2];
    for (int64_t v = 0; v < n; v++)
        f->label[v] = in_mask(args, v) ? 0 : -1;
    int capacity = 0;
    void *items = NULL;
    for (int64_t v = 0; v < n; v++) {
        if (f->label[v] != 0) continue;
        rs_component *item = rs_arena_push(args->arena, &items, f->n_items, &capacity, sizeof(rs_component));
        if (item == NULL) return rs_fail_memory(ctx, "the components");
        item->first_run = -1;
        f->items = items;
        flood_from(f, (int32_t)v);
    }
    return RS_OK;
}

rs_status rs_components__ref(rs_context *ctx, const rs_components_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->n[0] <= UINT16_MAX && args->labels != NULL);
    RS_CHECK(ctx, args->arena != NULL && args->out != NULL);
    RS_CHECK(ctx, args->connectivity == 0 || args->connectivity == 6 || args->connectivity == 26);
    RS_CHECK(ctx, args->rows[0] >= 0 && args->rows[0] <= args->rows[1] && args->rows[1] <= args->n[1]);
    int64_t n = (int64_t)args->n[0] * args->n[1] * args->n[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    flood f = {.args = args};
    f.label = RS_ARENA_RAW(scratch, int32_t, n);
    f.queue = RS_ARENA_RAW(scratch, int32_t, n);
    rs_status status = f.label != NULL && f.queue != NULL ? label_all(ctx, &f) : rs_fail_memory(ctx, "the components");
    if (status == RS_OK) {
        int32_t count = make_runs(&f, NULL, NULL);
        rs_run *runs = RS_ARENA_RAW(args->arena, rs_run, count);
        int32_t *row_first = RS_ARENA_RAW(args->arena, int32_t, (int64_t)args->n[1] * args->n[2] + 1);
        if (runs == NULL || row_first == NULL) {
            status = rs_fail_memory(ctx, "the components");
        } else {
            make_runs(&f, runs, row_first);
            *args->out =
                (rs_components){{args->n[0], args->n[1], args->n[2]}, runs, row_first, count, f.items, f.n_items};
        }
    }
    if (args->arena != scratch) rs_arena_rewind(scratch, mark); /* the result may live in there */
    return status;
}
