/* The blend (science D2.1): I' = I + m (H - I_s); where ground glass or a cut-out meets something brighter, that stays.
   The noise I - I_s survives, vessels inside are replaced; what the smoothing took of the noise is given back, so that
   the inside of a lesion is as noisy as its surroundings. */
#include <math.h>

#include "insert_room.h"
#include "library.h"

enum { MARGIN_MM = 4 };

/* What the smoothing takes of the noise is the coarser part of it. */
static const double smoothed_away = 1.25;

/* Typical density of the lung around: the median of what is searched and air, outside the lesion. */
static double background_of(const rs_insert_patch *p, const float *cover, const rs_insert_lesion *l)
{
    enum { BINS = 100 }; /* of 5 HU from -1000 */
    int64_t count[BINS] = {0}, all = 0, sum = 0, at = 0;
    for (int32_t k = l->begin[2]; k < l->end[2]; k++) {
        for (int32_t j = l->begin[1]; j < l->end[1]; j++) {
            for (int32_t i = l->begin[0]; i < l->end[0]; i++, at++) {
                int64_t v = ((int64_t)(k - p->begin[2]) * p->n[1] + j - p->begin[1]) * p->n[0] + i - p->begin[0];
                double bin = ((double)p->smooth[v] + 1000.0) / 5.0;
                if (p->lung[v] < 0.95f || cover[at] > 0.05f || bin < 0.0 || bin >= BINS) continue;
                count[(int)bin]++;
                all++;
            }
        }
    }
    if (all == 0) return -850.0;
    int b = 0;
    for (; b < BINS - 1; b++) {
        sum += count[b];
        if (2 * sum >= all) break;
    }
    return -1000.0 + 5.0 * (b + 0.5);
}

/* RMS of I - I_s over the voxels around: much above the noise where an edge or a vessel lies, and such a rest must not
   show through the lesion. */
static double rest_rms(const rs_insert_patch *p, const int32_t at[3])
{
    double sum = 0.0;
    int n = 0;
    for (int32_t k = at[2] - 1; k <= at[2] + 1; k++) {
        if (k < 0 || k >= p->n[2]) continue;
        for (int32_t j = at[1] - 1; j <= at[1] + 1; j++) {
            for (int32_t i = at[0] - 1; i <= at[0] + 1; i++) {
                if (j < 0 || j >= p->n[1] || i < 0 || i >= p->n[0]) continue;
                int64_t v = ((int64_t)k * p->n[1] + j) * p->n[0] + i;
                double rest = (double)p->hu[v] - (double)p->smooth[v];
                sum += rest * rest;
                n++;
            }
        }
    }
    return sqrt(sum / n);
}

typedef struct blending {
    const rs_insert_scene *scene;
    const rs_insert_lesion *lesion;
    const rs_insert_patch *patch;
    const rs_insert_cover *cover;
    const float *noise; /* of the patch; SD 1 */
    double background_hu;
} blending;

/* 1 where the smoothed scan holds something of the wall, so that it does not tell what the lung shows there: the lesion
   takes the place of typical lung, and of no more than the voxel's share of it. */
static double wall_part(const blending *b, int64_t v)
{
    double lung = (double)b->patch->far[v];
    return lung >= 0.99 ? 0.0 : (lung < 0.95 ? 1.0 : (0.99 - lung) / 0.04);
}

static double with_noise(const blending *b, double m, double missing_hu, int64_t v)
{
    return sqrt(m * (2.0 - m)) * missing_hu * (double)b->noise[v];
}

static double formula_delta(const blending *b, const int32_t at[3], int64_t v, int64_t c)
{
    const rs_insert_lesion *l = b->lesion;
    double m = (double)b->cover->whole[c], inner = b->cover->inner != NULL ? (double)b->cover->inner[c] : 0.0;
    double base = (double)b->patch->smooth[v], rest = (double)b->patch->hu[v] - base, partly = wall_part(b, v);
    base += partly * (b->background_hu - base);
    double outer = l->outer_hu - base;
    /* Ground glass does not obscure the vessels in it. */
    if (outer < 0.0 && (l->density == RS_INSERT_GROUND_GLASS || l->density == RS_INSERT_PART_SOLID)) outer = 0.0;
    double delta = (m - inner) * outer + inner * (l->inner_hu - base);
    double replaced = m * (1.0 - partly), noise_hu = b->scene->noise_hu, kept = b->scene->kept_share;
    if (noise_hu <= 0.0 || replaced < 0.004) return delta;
    double rms = rest_rms(b->patch, at), most = 1.3 * kept * noise_hu;
    if (rms > most) delta -= replaced * rest * (1.0 - most / rms);
    return delta + with_noise(b, replaced, noise_hu * sqrt(kept < 1.0 ? 1.0 - kept * kept : 0.0), v);
}

/* A cut-out's own voxels in the place of the scan's. Where its rim holds lung, it becomes the lung of the scan. */
static double in_scan(const blending *b, double hu)
{
    const rs_cutout *c = b->lesion->cutout;
    double dense = (hu - c->background_hu) / (c->inside_hu - c->background_hu);
    dense = dense < 0.0 ? 0.0 : (dense > 1.0 ? 1.0 : dense);
    return hu + (b->background_hu - c->background_hu) * (1.0 - dense);
}

/* What is brighter in the scan than the cut-out stays as it is: a vessel, smoothed or by a peak that is no noise. */
static double cutout_delta(const blending *b, double hu, int64_t v, int64_t c)
{
    const double peak_sds = 2.5, fade_sds = 2.0, fade_hu = 20.0;
    double m = (double)b->cover->whole[c], base = (double)b->patch->smooth[v], rest = (double)b->patch->hu[v] - base;
    double partly = wall_part(b, v), noise_hu = b->scene->noise_hu > 0.0 ? b->scene->noise_hu : 0.0;
    base += partly * (b->background_hu - base);
    double peak = base + rest * (1.0 - partly) - peak_sds * noise_hu, brighter = (peak > base ? peak : base) - hu;
    double taken = 1.0 - brighter / (fade_sds * noise_hu + fade_hu);
    taken = taken < 0.0 ? 0.0 : (taken > 1.0 ? 1.0 : taken);
    double delta = hu > base ? taken * m * (hu - base) : 0.0, replaced = taken * m * (1.0 - partly);
    if (noise_hu <= 0.0 || replaced < 0.004) return delta;
    double left_hu = b->lesion->cutout->left_hu, missing = noise_hu * noise_hu - left_hu * left_hu;
    return delta - replaced * rest + with_noise(b, replaced, missing > 0.0 ? sqrt(missing) : 0.0, v);
}

static void fill_delta(const blending *b, rs_insert_lesion *l)
{
    const rs_insert_patch *p = b->patch;
    double mass = 0.0, voxel_mm3 = p->spacing_mm[0] * p->spacing_mm[1] * p->spacing_mm[2];
    int64_t c = 0;
    for (int32_t k = l->begin[2]; k < l->end[2]; k++) {
        for (int32_t j = l->begin[1]; j < l->end[1]; j++) {
            for (int32_t i = l->begin[0]; i < l->end[0]; i++, c++) {
                const int32_t at[3] = {i - p->begin[0], j - p->begin[1], k - p->begin[2]};
                int64_t v = ((int64_t)at[2] * p->n[1] + at[1]) * p->n[0] + at[0];
                l->delta[c] = 0.0f;
                if (b->cover->whole[c] <= 1e-4f) continue;
                if (l->cutout == NULL) {
                    l->delta[c] = (float)formula_delta(b, at, v, c);
                    continue;
                }
                const double d[3] = {i * p->spacing_mm[0] - l->origin_mm[0], j * p->spacing_mm[1] - l->origin_mm[1],
                                     k * p->spacing_mm[2] - l->origin_mm[2]};
                double hu = in_scan(b, rs_cutout_hu(l, d));
                mass += (double)b->cover->whole[c] * (hu - b->background_hu);
                l->delta[c] = (float)cutout_delta(b, hu, v, c);
            }
        }
    }
    /* What it adds to the lung, as if it were as dense as its inside all over: the effective volume. */
    if (l->cutout != NULL && mass > 0.0) l->volume_mm3 = mass * voxel_mm3 / (l->cutout->inside_hu - b->background_hu);
}

rs_status rs_insert_render(rs_context *ctx, const rs_insert_scene *s, rs_insert_lesion *l)
{
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "a lesion");
    rs_arena_mark mark = rs_arena_where(arena);
    int32_t begin[3], end[3];
    for (int c = 0; c < 3; c++) {
        int32_t margin = (int32_t)(MARGIN_MM / s->in->volume->geometry.spacing_mm[c]) + 1;
        begin[c] = l->begin[c] - margin;
        end[c] = l->end[c] + margin;
    }
    rs_insert_patch p;
    rs_insert_cover cover;
    RS_TRY(rs_insert_patch_new(ctx, arena, s, begin, end, &p));
    RS_TRY(rs_insert_cover_new(ctx, arena, s, l, &p, &cover));
    float *noise = RS_ARENA_RAW(arena, float, (int64_t)p.n[0] * p.n[1] * p.n[2]);
    if (noise == NULL) return rs_fail_memory(ctx, "a lesion");
    const rs_insert_noise_args args = {
        .scene = s,
        .patch = &p,
        .key = rs_phantom_key(s->options->seed, RS_INSERT_STREAM_NOISE, (uint64_t)l->index),
        .coarser = l->cutout == NULL ? smoothed_away : 1.0,
    };
    RS_TRY(rs_insert_noise(ctx, arena, &args, noise));
    l->background_hu = background_of(&p, cover.whole, l);
    const blending b = {s, l, &p, &cover, noise, l->background_hu};
    for (int d = 0; d < 3; d++)
        l->centre_mm[d] = cover.centre_mm[d];
    l->volume_mm3 = cover.volume_mm3;
    l->core_volume_mm3 = cover.inner_mm3;
    double share = cover.volume_mm3 > 0.0 ? cover.inner_mm3 / cover.volume_mm3 : 0.0;
    l->mean_hu =
        l->cutout != NULL ? in_scan(&b, l->cutout->core_hu) : (1.0 - share) * l->outer_hu + share * l->inner_hu;
    fill_delta(&b, l);
    rs_arena_rewind(arena, mark);
    return RS_OK;
}
