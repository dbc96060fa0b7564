/* Volume-filling growth (Tawhai 2000) without recursion. */
#include "tree.h"

#include <string.h>

enum { GROWTH_STACK = 4096 };
#define CLEAR_MM 2.5 /* between a cloud's points and all that lies around or in the lung */

/* A cloud's part that a branch to come has to serve. */
typedef struct growth {
    int begin, end, parent;
} growth;

rs_status rs_phantom_cloud_draw(rs_context *ctx, rs_arena *arena, const rs_phantom_cloud_args *args,
                                rs_phantom_cloud *out)
{
    const rs_phantom_anatomy *a = args->anatomy;
    double pitch = args->pitch_mm, sign = args->side == 0 ? -1.0 : 1.0;
    int nx = (int)(a->cage_x / pitch) + 1, ny = (int)(2.2 * a->cage_y / pitch) + 1;
    int nz = (int)((a->height_mm + 20.0) / pitch) + 1;
    out->points = rs_arena_alloc_raw(arena, (size_t)nx * (size_t)ny * (size_t)nz, sizeof *out->points);
    if (out->points == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    int32_t *near = rs_arena_alloc_raw(arena, (size_t)args->tubes->n + 1, sizeof *near);
    if (near == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    int n_near = 0;
    out->n = 0;
    rs_phantom_random random = {args->key, 0};
    for (int64_t cell = 0; cell < (int64_t)nx * ny * nz; cell++) {
        double at[3] = {(double)(cell % nx), (double)(cell / nx % ny), (double)(cell / nx / ny)};
        double p[3];
        if (cell % nx == 0) { /* another row of cells */
            double y = at[1] * pitch - 1.0 * a->cage_y, z = at[2] * pitch - 20.0;
            const double low[3] = {-nx * pitch, y, z}, high[3] = {nx * pitch, y + pitch, z + pitch};
            n_near = rs_phantom_tubes_around(args->tubes, low, high, CLEAR_MM, near);
        }
        for (int c = 0; c < 3; c++)
            p[c] = (at[c] + rs_phantom_uniform(&random, 0.0, 1.0)) * pitch;
        p[0] *= sign;
        p[1] -= 1.0 * a->cage_y;
        p[2] -= 20.0;
        if (rs_phantom_lung_distance(a, p, NULL) > -CLEAR_MM) continue;
        bool inside = false;
        for (int n = 0; n < a->n_solids && !inside; n++)
            inside = !a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < CLEAR_MM;
        for (int n = 0; n < n_near && !inside; n++)
            inside = rs_phantom_tube_near(&args->tubes->items[near[n]], p, CLEAR_MM);
        if (inside) continue;
        memcpy(out->points[out->n++], p, sizeof p);
    }
    return RS_OK;
}

static void centre_of(const rs_phantom_cloud *cloud, int begin, int end, double out[3])
{
    out[0] = out[1] = out[2] = 0.0;
    for (int n = begin; n < end; n++)
        for (int c = 0; c < 3; c++)
            out[c] += cloud->points[n][c];
    for (int c = 0; c < 3; c++)
        out[c] /= end - begin;
}

/* The direction across the branch in which the cloud is widest: its strongest axis by the power method, freed of the
   branch's own direction. */
static void widest(const rs_phantom_cloud *cloud, const growth *g, const double centre[3], const double along[3],
                   double out[3])
{
    double m[3][3] = {{0}};
    for (int n = g->begin; n < g->end; n++)
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++)
                m[r][c] += (cloud->points[n][r] - centre[r]) * (cloud->points[n][c] - centre[c]);
    for (int round = 0; round < 12; round++) {
        double dot = out[0] * along[0] + out[1] * along[1] + out[2] * along[2], q[3], size = 1e-12;
        for (int c = 0; c < 3; c++)
            out[c] -= dot * along[c];
        for (int r = 0; r < 3; r++) {
            q[r] = m[r][0] * out[0] + m[r][1] * out[1] + m[r][2] * out[2];
            size += q[r] * q[r];
        }
        for (int r = 0; r < 3; r++)
            out[r] = q[r] / sqrt(size);
    }
}

/* Parts the cloud by a plane; returns where the second half begins (both halves keep at least one point). */
static int part_cloud(rs_phantom_cloud *cloud, const growth *g, const double at[3], const double normal[3])
{
    int low = g->begin, high = g->end - 1;
    while (low <= high) {
        double *p = cloud->points[low], side = 0.0;
        for (int c = 0; c < 3; c++)
            side += (p[c] - at[c]) * normal[c];
        if (side < 0.0) {
            low++;
            continue;
        }
        double swap[3];
        memcpy(swap, p, sizeof swap);
        memcpy(p, cloud->points[high], sizeof swap);
        memcpy(cloud->points[high--], swap, sizeof swap);
    }
    if (low == g->begin) low++;
    if (low == g->end) low--;
    return low;
}

bool rs_phantom_in_air(const rs_phantom_anatomy *a, const double p[3])
{
    if (rs_phantom_lung_distance(a, p, NULL) > -1.5) return false;
    for (int n = 0; n < a->n_solids; n++)
        if (!a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < 1.5) return false;
    return true;
}

/* The end of a branch: 30 to 50 % of the way to the middle of what it serves, all the way to a last point, and shorter
   where that middle lies outside the lung (behind the heart, between the domes). */
static void aim(const rs_phantom_anatomy *anatomy, const rs_phantom_branch *b, const double centre[3],
                rs_phantom_random *random, double out[3])
{
    double share = rs_phantom_uniform(random, 0.3, 0.5);
    if (b->leaves == 1) share = 1.0;
    for (int round = 0; round < 4; round++, share *= 0.6) {
        for (int c = 0; c < 3; c++)
            out[c] = b->start[c] + share * (centre[c] - b->start[c]);
        if (b->leaves == 1 || rs_phantom_in_air(anatomy, out)) return;
    }
}

rs_status rs_phantom_tree_grow(rs_context *ctx, rs_arena *arena, const rs_phantom_tree_args *args,
                               rs_phantom_random *random, rs_phantom_tree *out)
{
    rs_phantom_cloud *cloud = args->cloud;
    growth *stack = RS_ARENA_RAW(arena, growth, GROWTH_STACK);
    if (stack == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    int depth = 0;
    if (cloud->n > 0) stack[depth++] = (growth){0, cloud->n, -1};
    while (depth > 0) {
        growth g = stack[--depth];
        void *items = out->items;
        rs_phantom_branch *b = rs_arena_push(arena, &items, out->n, &out->capacity, sizeof *b);
        if (b == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
        out->items = items;
        *b = (rs_phantom_branch){.parent = g.parent, .leaves = g.end - g.begin};
        memcpy(b->start, g.parent < 0 ? args->root : out->items[g.parent].end, sizeof b->start);
        double centre[3], along[3], normal[3], size = 1e-12;
        centre_of(cloud, g.begin, g.end, centre);
        aim(args->anatomy, b, centre, random, b->end);
        int self = out->n++;
        if (b->leaves == 1) continue;
        for (int c = 0; c < 3; c++) {
            along[c] = centre[c] - b->start[c];
            size += along[c] * along[c];
        }
        for (int c = 0; c < 3; c++)
            along[c] /= sqrt(size);
        rs_phantom_direction(random, normal);
        widest(cloud, &g, centre, along, normal);
        const double most = args->anatomy->growth.asymmetry;
        double shift = rs_phantom_uniform(random, -most, most) * sqrt(size);
        for (int c = 0; c < 3; c++)
            centre[c] += shift * normal[c];
        int middle = part_cloud(cloud, &g, centre, normal);
        RS_CHECK(ctx, depth + 2 <= GROWTH_STACK);
        stack[depth++] = (growth){middle, g.end, self};
        stack[depth++] = (growth){g.begin, middle, self};
    }
    return RS_OK;
}
