/* Growth as real vessels look: long trunks that give off side branches. Every point of the cloud joins the tree where
   wire and way to the hilum cost least together (Cuntz 2010, PLoS Comput Biol 6 e1000877); then branchings move to
   where the vessels hold the least blood (Murray 1926: minimum work). */
#include "tree.h"

#include <string.h>

enum { ROUNDS = 6 };
#define LEAST_MM 0.8 /* two branchings do not fall together */

/* A tree while it grows: points of the cloud that have joined stand first. */
typedef struct span {
    rs_phantom_cloud *cloud;
    double *way_mm; /* of those that joined: to the hilum, along the tree */
    double *cost;   /* of those that have not: the least so far, and by which parent */
    int *parent;
    double balance;
} span;

static double squared(const double a[3], const double b[3])
{
    double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return x * x + y * y + z * z;
}

/* Point `from` of the cloud joins as the n-th. */
static void join(span *s, int n, int from)
{
    double point[3], (*points)[3] = s->cloud->points;
    double cost = s->cost[from];
    int parent = s->parent[from];
    memcpy(point, points[from], sizeof point);
    memcpy(points[from], points[n], sizeof point);
    memcpy(points[n], point, sizeof point);
    s->cost[from] = s->cost[n];
    s->parent[from] = s->parent[n];
    s->cost[n] = cost;
    s->parent[n] = parent;
    s->way_mm[n] = sqrt(squared(point, points[parent < 0 ? n : parent])) + (parent < 0 ? 0.0 : s->way_mm[parent]);
}

/* Offers the n-th to all that have not joined; the cheapest of these, -1: none is left. */
static int offer(span *s, int n)
{
    double(*points)[3] = s->cloud->points, toll = s->balance * s->way_mm[n], least = 1e30;
    int best = -1;
    for (int m = n + 1; m < s->cloud->n; m++) {
        double room = s->cost[m] - toll, square = squared(points[m], points[n]);
        if (room > 0.0 && square < room * room / ((1.0 + s->balance) * (1.0 + s->balance))) {
            s->cost[m] = toll + (1.0 + s->balance) * sqrt(square);
            s->parent[m] = n;
        }
        if (s->cost[m] < least) {
            least = s->cost[m];
            best = m;
        }
    }
    return best;
}

static void grow(span *s, const double root[3])
{
    int next = 0;
    for (int m = 0; m < s->cloud->n; m++) {
        s->parent[m] = -1;
        s->cost[m] = 1e30;
        if (squared(s->cloud->points[m], root) < squared(s->cloud->points[next], root)) next = m;
    }
    for (int n = 0; n < s->cloud->n && next >= 0; n++) {
        join(s, n, next);
        next = offer(s, n);
    }
}

/* Moves branchings towards the point of least volume: the mean of the neighbours, by section over distance. */
static void settle(const rs_phantom_tree_args *args, rs_phantom_tree *tree, double (*pull)[4])
{
    const double power = 2.0 / 3.0;
    memset(pull, 0, (size_t)tree->n * sizeof *pull);
    for (int n = 0; n < tree->n; n++) {
        const rs_phantom_branch *b = &tree->items[n];
        double length = sqrt(squared(b->start, b->end));
        double weight = rs_phantom_pow((double)b->leaves, power) / (length > LEAST_MM ? length : LEAST_MM);
        for (int c = 0; c < 4; c++) {
            pull[n][c] += weight * (c == 3 ? 1.0 : b->start[c]);
            if (b->parent >= 0) pull[b->parent][c] += weight * (c == 3 ? 1.0 : b->end[c]);
        }
    }
    for (int n = 0; n < tree->n; n++) {
        rs_phantom_branch *b = &tree->items[n];
        double to[3];
        memcpy(b->start, b->parent < 0 ? args->root : tree->items[b->parent].end, sizeof b->start);
        for (int c = 0; c < 3; c++)
            to[c] = 0.5 * (b->end[c] + pull[n][c] / pull[n][3]);
        if (b->leaves > 1 && rs_phantom_in_air(args->anatomy, to)) memcpy(b->end, to, sizeof to);
    }
}

rs_status rs_phantom_tree_span(rs_context *ctx, rs_arena *arena, const rs_phantom_tree_args *args, rs_phantom_tree *out)
{
    const int n = args->cloud->n;
    span s = {.cloud = args->cloud, .balance = args->anatomy->growth.straight};
    double(*pull)[4] = rs_arena_alloc_raw(arena, (size_t)n, sizeof *pull);
    s.way_mm = RS_ARENA_RAW(arena, double, n);
    s.cost = RS_ARENA_RAW(arena, double, n);
    s.parent = RS_ARENA_RAW(arena, int, n);
    out->items = RS_ARENA_NEW(arena, rs_phantom_branch, n);
    if (pull == NULL || s.way_mm == NULL || s.cost == NULL || s.parent == NULL || out->items == NULL)
        return rs_fail_memory(ctx, "the phantom's vessels");
    grow(&s, args->root);
    out->n = out->capacity = n;
    for (int m = 0; m < n; m++) {
        rs_phantom_branch *b = &out->items[m];
        b->parent = s.parent[m];
        b->leaves = 1;
        memcpy(b->end, s.cloud->points[m], sizeof b->end);
        memcpy(b->start, b->parent < 0 ? args->root : out->items[b->parent].end, sizeof b->start);
    }
    for (int m = n - 1; m > 0; m--)
        out->items[out->items[m].parent].leaves += out->items[m].leaves;
    for (int round = 0; round < ROUNDS; round++)
        settle(args, out, pull);
    for (int m = 1; m < n; m++)
        memcpy(out->items[m].start, out->items[out->items[m].parent].end, sizeof out->items[m].start);
    return RS_OK;
}
