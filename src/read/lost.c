/* What stands in the place of a slice that cannot be decoded, and which slices of the volume nobody may search. */
#include "lost.h"

#include <math.h>

static int32_t count(const slice_job *j)
{
    int32_t n = 0;
    for (int32_t k = 0; j->lost && k < j->series->n_slices; k++)
        n += j->lost[k];
    return n;
}

/* The nearest slice below (step -1) or above that was read; -1: none. */
static int32_t neighbour(const slice_job *j, int32_t k, int32_t step)
{
    for (k += step; k >= 0 && k < j->series->n_slices; k += step) {
        if (!j->lost[k]) return k;
    }
    return -1;
}

static void fill(slice_job *j, int32_t k, int32_t below, int32_t above)
{
    const int32_t *n = j->volume.geometry.n;
    const int64_t size = (int64_t)n[0] * n[1];
    const rs_slice *s = j->series->slices;
    const int32_t a = below < 0 ? above : below, b = above < 0 ? below : above;
    const double span_mm = s[b].along_normal_mm - s[a].along_normal_mm;
    const float share = span_mm > 0 ? (float)((s[k].along_normal_mm - s[a].along_normal_mm) / span_mm) : 0;
    const int16_t *from = j->volume.voxels + a * size, *to = j->volume.voxels + b * size;
    int16_t *out = j->volume.voxels + k * size;
    for (int64_t v = 0; v < size; v++)
        out[v] = (int16_t)floorf((1 - share) * from[v] + share * to[v] + 0.5F);
}

static int32_t first_lost(const slice_job *j)
{
    int32_t k = 0;
    while (!j->lost[k])
        k++;
    return k;
}

rs_status lost_fill(rs_context *ctx, slice_job *job)
{
    const int32_t n = job->series->n_slices, n_lost = count(job);
    if (n_lost == 0) return RS_OK;
    if (2 * n_lost > n) {
        return rs_fail(ctx, RS_DATA, "%d of %d slices of series %lld cannot be read; the first: %s", n_lost, n,
                       (long long)job->series->series_number, job->why[first_lost(job)]);
    }
    for (int32_t k = 0; k < n; k++) {
        if (job->lost[k]) fill(job, k, neighbour(job, k, -1), neighbour(job, k, 1));
    }
    return RS_OK;
}

/* Slices of the grid between the neighbours of a lost slice. */
static void mark_lost(const slice_job *j, int32_t k, uint8_t *unseen)
{
    const rs_geometry *g = &j->series->geometry;
    const rs_slice *s = j->series->slices;
    const int32_t below = neighbour(j, k, -1), above = neighbour(j, k, 1);
    double first_mm = 0;
    for (int d = 0; d < 3; d++)
        first_mm += g->origin_lps_mm[d] * g->axis[2][d];
    for (int32_t at = 0; at < g->n[2]; at++) {
        const double mm = first_mm + at * g->spacing_mm[2], near_mm = 0.1 * g->spacing_mm[2];
        const bool over = below < 0 || mm > s[below].along_normal_mm + near_mm;
        const bool under = above < 0 || mm < s[above].along_normal_mm - near_mm;
        if (over && under) unseen[at] = 1;
    }
}

static rs_status say(rs_context *ctx, const slice_job *j, int32_t n_lost, rs_arena *arena, rs_read_facts *facts)
{
    const int32_t k = first_lost(j);
    const char *many = n_lost > 1 ? ", the first of them" : ":";
    facts->lost =
        rs_arena_printf(arena, "%d %s cannot be read%s slice %d (InstanceNumber %lld)", n_lost,
                        n_lost == 1 ? "slice" : "slices", many, k + 1, (long long)j->series->slices[k].instance_number);
    facts->resampled =
        facts->lost ? rs_arena_printf(arena, "%s: interpolated between its neighbours", facts->lost) : NULL;
    if (!facts->resampled) return rs_fail_memory(ctx, "the lost slices");
    return rs_notes_add(ctx, arena, &facts->notes, "slices_lost", NULL,
                        "%s: %s; interpolated for looking, not searched", facts->lost, j->why[k]);
}

rs_status lost_list(rs_context *ctx, const slice_job *job, rs_arena *arena, rs_read_facts *facts)
{
    const rs_series *s = job->series;
    const int32_t n_lost = count(job), n = s->geometry.n[2];
    if (n_lost == 0 && s->n_gaps == 0) return RS_OK;
    uint8_t *unseen = RS_ARENA_NEW(arena, uint8_t, n);
    rs_unseen *list = RS_ARENA_NEW(arena, rs_unseen, n);
    if (!unseen || !list) return rs_fail_memory(ctx, "the lost slices");
    for (int g = 0; g < s->n_gaps; g++) {
        for (int32_t k = s->gaps[g].k_begin; k < s->gaps[g].k_end; k++)
            unseen[k] = 1;
    }
    for (int32_t k = 0; n_lost && k < s->n_slices; k++) {
        if (job->lost[k]) mark_lost(job, k, unseen);
    }
    for (int32_t k = 0; k < n; k++) {
        if (!unseen[k]) continue;
        if (k == 0 || !unseen[k - 1]) list[facts->n_unseen++].begin = k;
        list[facts->n_unseen - 1].end = k + 1;
    }
    facts->unseen = list;
    return n_lost ? say(ctx, job, n_lost, arena, facts) : RS_OK;
}
