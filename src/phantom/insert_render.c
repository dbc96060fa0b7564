/* The blend (science D2.1): I' = I + m (H - I_s). The noise I - I_s survives, vessels inside are replaced; what the
   smoothing took of the noise is given back, so that the inside of a lesion is as noisy as its surroundings. */
#include <math.h>
#include <stdlib.h>

#include "insert_room.h"

enum { MARGIN_MM = 4 };

static const double clip_hu = 150.0; /* of I_s: bone and contrast are not replaced as a whole */

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

static double voxel_delta(const blending *b, const int32_t at[3], int64_t v, int64_t c)
{
    const rs_insert_lesion *l = b->lesion;
    double m = (double)b->cover->whole[c], inner = b->cover->inner != NULL ? (double)b->cover->inner[c] : 0.0;
    double smooth = (double)b->patch->smooth[v], rest = (double)b->patch->hu[v] - smooth;
    double lung = (double)b->patch->lung[v], base = smooth < clip_hu ? smooth : clip_hu;
    /* A voxel that the wall fills in part: the lesion takes the place of the lung in it alone. */
    double partly = lung < 0.95 ? (lung < 0.65 ? 1.0 : (0.95 - lung) / 0.3) : 0.0;
    base += partly * (b->background_hu - base);
    double outer = l->outer_hu - base;
    /* Ground glass does not obscure the vessels in it. */
    if (outer < 0.0 && (l->density == RS_INSERT_GROUND_GLASS || l->density == RS_INSERT_PART_SOLID)) outer = 0.0;
    double delta = (m - inner) * outer + inner * (l->inner_hu - base);
    double replaced = m * (1.0 - partly), noise_hu = b->scene->noise_hu, kept = b->scene->kept_share;
    if (noise_hu <= 0.0 || replaced < 0.004) return delta;
    double rms = rest_rms(b->patch, at), most = 1.3 * kept * noise_hu;
    if (rms > most) delta -= replaced * rest * (1.0 - most / rms);
    double missing = noise_hu * sqrt(kept < 1.0 ? 1.0 - kept * kept : 0.0);
    return delta + sqrt(replaced * (2.0 - replaced)) * missing * (double)b->noise[v];
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
    uint64_t key = rs_phantom_key(s->options->seed, RS_INSERT_STREAM_NOISE, (uint64_t)l->index);
    RS_TRY(rs_insert_noise(ctx, arena, s, key, &p, noise));
    l->background_hu = background_of(&p, cover.whole, l);
    const blending b = {s, l, &p, &cover, noise, l->background_hu};
    int64_t c = 0;
    for (int32_t k = l->begin[2]; k < l->end[2]; k++) {
        for (int32_t j = l->begin[1]; j < l->end[1]; j++) {
            for (int32_t i = l->begin[0]; i < l->end[0]; i++, c++) {
                const int32_t at[3] = {i - p.begin[0], j - p.begin[1], k - p.begin[2]};
                int64_t v = ((int64_t)at[2] * p.n[1] + at[1]) * p.n[0] + at[0];
                l->delta[c] = cover.whole[c] > 1e-4f ? (float)voxel_delta(&b, at, v, c) : 0.0f;
            }
        }
    }
    for (int d = 0; d < 3; d++)
        l->centre_mm[d] = cover.centre_mm[d];
    l->volume_mm3 = cover.volume_mm3;
    l->core_volume_mm3 = cover.inner_mm3;
    l->contrast_hu = l->outer_hu - l->background_hu;
    rs_arena_rewind(arena, mark);
    return RS_OK;
}
