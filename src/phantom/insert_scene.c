/* The scan that lesions are blended into: where it is searched, boxes of it as float, and how much of its noise
   survives the smoothing of the blend. */
#include <math.h>
#include <string.h>

#include "digest/digest.h"
#include "insert_room.h"
#include "restage/kernels.h"
#include "restage/kernels/gauss.h"

/* I_s of science D2.1: SD of the Gaussian, mm. */
static const double smoothing_mm = 0.8;
static const double fwhm_per_sigma = 2.3548200450309493;

static rs_status count_rows(rs_context *ctx, rs_arena *arena, rs_insert_scene *s)
{
    const rs_regions *regions = s->in->regions;
    const int32_t *n = regions->geometry.n;
    s->n_rows = (int64_t)n[1] * n[2];
    s->before = RS_ARENA_RAW(arena, int64_t, s->n_rows + 1);
    if (s->before == NULL) return rs_fail_memory(ctx, "the insertion");
    int64_t sum = 0;
    for (int64_t row = 0; row < s->n_rows; row++) {
        const uint8_t *labels = regions->labels + row * n[0];
        s->before[row] = sum;
        for (int32_t i = 0; i < n[0]; i++)
            sum += s->search[labels[i]];
    }
    s->before[s->n_rows] = sum;
    return sum > 0 ? RS_OK : rs_fail(ctx, RS_DATA, "nothing is searched in this scan: there is no place for a lesion");
}

void rs_insert_random_voxel(const rs_insert_scene *s, rs_phantom_random *random, int32_t ijk[3])
{
    const int32_t *n = s->in->regions->geometry.n;
    int64_t wanted = (int64_t)rs_phantom_uniform(random, 0.0, (double)s->before[s->n_rows]);
    int64_t low = 0, high = s->n_rows; /* before[low] <= wanted < before[high] */
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (s->before[middle] <= wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const uint8_t *labels = s->in->regions->labels + low * n[0];
    int64_t rest = wanted - s->before[low];
    int32_t i = 0;
    for (; i < n[0] - 1; i++)
        if (s->search[labels[i]] && rest-- == 0) break;
    ijk[0] = i;
    ijk[1] = (int32_t)(low % n[1]);
    ijk[2] = (int32_t)(low / n[1]);
}

static void fill_lung(const rs_insert_scene *s, rs_insert_patch *p, float *out)
{
    const rs_regions *regions = s->in->regions;
    const int32_t *size = regions->geometry.n;
    p->whole = true;
    for (int32_t k = 0; k < p->n[2]; k++) {
        int32_t kk = p->begin[2] + k;
        kk = kk < 0 ? 0 : (kk >= size[2] ? size[2] - 1 : kk);
        for (int32_t j = 0; j < p->n[1]; j++) {
            int32_t jj = p->begin[1] + j;
            jj = jj < 0 ? 0 : (jj >= size[1] ? size[1] - 1 : jj);
            const uint8_t *labels = regions->labels + ((int64_t)kk * size[1] + jj) * size[0];
            for (int32_t i = 0; i < p->n[0]; i++) {
                int32_t ii = p->begin[0] + i;
                ii = ii < 0 ? 0 : (ii >= size[0] ? size[0] - 1 : ii);
                *out = (float)s->search[labels[ii]];
                p->whole = p->whole && *out > 0.5f;
                out++;
            }
        }
    }
}

rs_status rs_insert_blur(rs_context *ctx, const int32_t n[3], const double spacing_mm[3], const double sigma_mm[3],
                         const float *in, float *out)
{
    rs_gauss_args args = {.in = in, .edge = RS_EDGE_REPEAT, .out = out};
    for (int c = 0; c < 3; c++) {
        args.n[c] = n[c];
        args.sigma_vox[c] = sigma_mm[c] / spacing_mm[c];
    }
    return rs_context_kernels(ctx)->gauss(ctx, &args);
}

static rs_status blur(rs_context *ctx, const rs_insert_patch *p, const double sigma_mm[3], const float *in, float *out)
{
    return rs_insert_blur(ctx, p->n, p->spacing_mm, sigma_mm, in, out);
}

rs_status rs_insert_patch_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *s, const int32_t begin[3],
                              const int32_t end[3], rs_insert_patch *out)
{
    rs_insert_patch p = {0};
    int64_t voxels = 1;
    for (int c = 0; c < 3; c++) {
        p.begin[c] = begin[c];
        p.n[c] = end[c] - begin[c];
        p.spacing_mm[c] = s->in->volume->geometry.spacing_mm[c];
        voxels *= p.n[c];
    }
    float *labels = RS_ARENA_RAW(arena, float, voxels);
    p.hu = RS_ARENA_RAW(arena, float, voxels);
    p.smooth = RS_ARENA_RAW(arena, float, voxels);
    p.lung = RS_ARENA_RAW(arena, float, voxels);
    p.far = RS_ARENA_RAW(arena, float, voxels);
    if (labels == NULL || p.hu == NULL || p.smooth == NULL || p.lung == NULL || p.far == NULL)
        return rs_fail_memory(ctx, "the surroundings of a lesion");
    rs_volume_box(s->in->volume, begin, end, -32768.0f, 32767.0f, p.hu);
    fill_lung(s, &p, labels);
    const double sigma_mm[3] = {smoothing_mm, smoothing_mm, smoothing_mm};
    RS_TRY(blur(ctx, &p, sigma_mm, p.hu, p.smooth));
    if (p.whole) {
        memcpy(p.lung, labels, (size_t)voxels * sizeof(float));
        memcpy(p.far, labels, (size_t)voxels * sizeof(float));
    } else {
        RS_TRY(blur(ctx, &p, s->psf_sigma_mm, labels, p.lung));
        RS_TRY(blur(ctx, &p, sigma_mm, p.lung, p.far));
    }
    *out = p;
    return RS_OK;
}

double rs_insert_patch_at(const rs_insert_patch *p, const float *field, const double place_mm[3])
{
    int64_t base = 0, step[3] = {1, p->n[0], (int64_t)p->n[0] * p->n[1]};
    double share[3];
    for (int c = 0; c < 3; c++) {
        double x = place_mm[c] / p->spacing_mm[c] - p->begin[c], top = p->n[c] - 1;
        x = x < 0.0 ? 0.0 : (x > top ? top : x);
        int32_t at = (int32_t)x;
        if (at > p->n[c] - 2) at = p->n[c] > 1 ? p->n[c] - 2 : 0;
        share[c] = x - at;
        if (p->n[c] < 2) step[c] = 0;
        base += at * (c == 0 ? 1 : (c == 1 ? (int64_t)p->n[0] : (int64_t)p->n[0] * p->n[1]));
    }
    double value = 0.0;
    for (int corner = 0; corner < 8; corner++) {
        double w = 1.0;
        int64_t at = base;
        for (int c = 0; c < 3; c++) {
            bool far = (corner >> c & 1) != 0;
            w *= far ? share[c] : 1.0 - share[c];
            at += far ? step[c] : 0;
        }
        value += w * (double)field[at];
    }
    return value;
}

rs_status rs_insert_noise(rs_context *ctx, rs_arena *arena, const rs_insert_noise_args *args, float *out)
{
    const rs_insert_patch *p = args->patch;
    int64_t voxels = (int64_t)p->n[0] * p->n[1] * p->n[2];
    rs_arena_mark mark = rs_arena_where(arena);
    float *white = RS_ARENA_RAW(arena, float, voxels);
    if (white == NULL) return rs_fail_memory(ctx, "the noise of a lesion");
    for (int64_t v = 0; v < voxels; v++) {
        /* Four numbers of 16 bits: near enough to normal for a field that is blurred next. Variance of one: 1/12. */
        uint64_t bits = rs_phantom_bits(args->key, (uint64_t)v);
        double sum = (double)(bits & 0xffff) + (double)(bits >> 16 & 0xffff) + (double)(bits >> 32 & 0xffff) +
                     (double)(bits >> 48);
        white[v] = (float)((sum / 65536.0 - 2.0) * 1.7320508075688772);
    }
    double sigma_mm[3], gain = 1.0;
    for (int c = 0; c < 3; c++) {
        double taps[RS_TAPS_MAX + 1], square = 0.0;
        double sigma_vox = args->coarser * args->scene->noise_sigma_vox[c];
        int radius = rs_gauss_taps(sigma_vox * sigma_vox, taps);
        for (int t = 0; t <= radius; t++)
            square += (t == 0 ? 1.0 : 2.0) * taps[t] * taps[t];
        gain *= square;
        sigma_mm[c] = sigma_vox * p->spacing_mm[c];
    }
    rs_status status = blur(ctx, p, sigma_mm, white, out);
    float scale = (float)(1.0 / sqrt(gain));
    for (int64_t v = 0; v < voxels; v++)
        out[v] *= scale;
    rs_arena_rewind(arena, mark);
    return status;
}

double rs_insert_window_sd(const float *values, int32_t row)
{
    enum { SIDE = 7, HALF = 3 };
    double sum = 0.0, x = 0.0, y = 0.0, square = 0.0;
    for (int32_t j = -HALF; j <= HALF; j++) {
        for (int32_t i = -HALF; i <= HALF; i++) {
            double v = (double)values[j * row + i];
            sum += v;
            x += i * v;
            y += j * v;
            square += v * v;
        }
    }
    const double n = SIDE * SIDE, moment = 4.0 * n; /* sum of i^2 over the window */
    double rest = square - sum * sum / n - x * x / moment - y * y / moment;
    return sqrt(rest > 0.0 ? rest / (n - 3.0) : 0.0);
}

/* In quiet windows of what is searched, those with the noise of the scan: the SD of scan minus smoothed scan as a
   share of the scan's. What is missing is added to a lesion, whose inside would be too quiet without it. */
static rs_status measure_kept(rs_context *ctx, rs_insert_scene *s)
{
    enum { TRIES = 1500, ENOUGH = 80, HALF = 9, HALF_K = 4 };
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "the insertion");
    rs_phantom_random random = rs_phantom_random_of(1, RS_INSERT_STREAM_QUIET, 0);
    double whole = 0.0, kept = 0.0;
    int found = 0;
    rs_status status = RS_OK;
    for (int t = 0; t < TRIES && found < ENOUGH && status == RS_OK; t++) {
        int32_t at[3], begin[3], end[3];
        rs_insert_random_voxel(s, &random, at);
        for (int c = 0; c < 3; c++) {
            begin[c] = at[c] - (c == 2 ? HALF_K : HALF);
            end[c] = at[c] + (c == 2 ? HALF_K : HALF) + 1;
        }
        rs_arena_mark mark = rs_arena_where(arena);
        rs_insert_patch p;
        status = rs_insert_patch_new(ctx, arena, s, begin, end, &p);
        if (status == RS_OK && p.whole) {
            int64_t centre = ((int64_t)HALF_K * p.n[1] + HALF) * p.n[0] + HALF;
            double sd = rs_insert_window_sd(p.hu + centre, p.n[0]);
            if (sd > 0.8 * s->noise_hu && sd < 1.2 * s->noise_hu) {
                for (int64_t v = 0; v < (int64_t)p.n[0] * p.n[1] * p.n[2]; v++)
                    p.smooth[v] = p.hu[v] - p.smooth[v];
                double rest = rs_insert_window_sd(p.smooth + centre, p.n[0]);
                whole += sd * sd;
                kept += rest * rest;
                found++;
            }
        }
        rs_arena_rewind(arena, mark);
    }
    s->kept_share = found > 0 ? sqrt(kept / whole) : 0.7;
    return status;
}

static void set_noise(rs_insert_scene *s)
{
    const rs_quality *q = s->in->quality;
    s->noise_hu = isfinite(q->noise_hu) && q->noise_hu > 0.0 ? q->noise_hu : 0.0;
    /* White noise blurred by sigma has the autocorrelation e^(-d^2 / 4 sigma^2). */
    double along[2] = {q->autocorrelation[1], q->autocorrelation_axial};
    for (int c = 0; c < 3; c++) {
        double a = along[c == 2];
        a = a > 0.01 ? (a < 0.9 ? a : 0.9) : 0.01; /* also where it is not known */
        s->noise_sigma_vox[c] = 0.5 / sqrt(-rs_phantom_log(a));
    }
}

static rs_status digest_voxels(rs_context *ctx, const rs_volume *v, char out[65])
{
    rs_sha256 *sha = NULL;
    RS_TRY(rs_sha256_new(ctx, &sha));
    const rs_geometry *g = &v->geometry;
    rs_status status = rs_sha256_add(ctx, sha, g->n, sizeof g->n);
    if (status == RS_OK) status = rs_sha256_add(ctx, sha, g->spacing_mm, sizeof g->spacing_mm);
    if (status == RS_OK) status = rs_sha256_add(ctx, sha, g->origin_lps_mm, sizeof g->origin_lps_mm);
    if (status == RS_OK) status = rs_sha256_add(ctx, sha, v->voxels, (size_t)rs_geometry_voxels(g) * sizeof *v->voxels);
    char text[65];
    rs_status last = rs_sha256_finish(ctx, sha, text);
    if (status == RS_OK) status = last;
    if (status == RS_OK) memcpy(out, text, sizeof text);
    return status;
}

rs_status rs_insert_digest_changes(rs_context *ctx, const rs_insertion *in)
{
    rs_sha256 *sha = NULL;
    char text[65];
    rs_status status = RS_OK;
    RS_TRY(rs_sha256_new(ctx, &sha));
    for (int n = 0; n < in->n && status == RS_OK; n++) {
        const rs_insert_lesion *l = &in->lesions[n];
        size_t voxels = 1;
        for (int c = 0; c < 3; c++)
            voxels *= (size_t)(l->end[c] - l->begin[c]);
        status = rs_sha256_add(ctx, sha, l->begin, sizeof l->begin);
        if (status == RS_OK) status = rs_sha256_add(ctx, sha, l->delta, voxels * sizeof *l->delta);
    }
    rs_status last = rs_sha256_finish(ctx, sha, text);
    if (status == RS_OK) status = last;
    if (status == RS_OK) memcpy(in->scene->changes, text, sizeof text);
    return status;
}

rs_status rs_insert_scene_new(rs_context *ctx, rs_arena *arena, const rs_insert_input *in,
                              const rs_insert_options *options, rs_insert_scene *out)
{
    rs_insert_scene s = {.in = in, .options = options};
    rs_regions_search_table(in->regions, s.search);
    RS_TRY(count_rows(ctx, arena, &s));
    RS_TRY(digest_voxels(ctx, in->volume, s.digest));
    const double fwhm_mm[3] = {in->quality->psf.in_plane_mm, in->quality->psf.in_plane_mm, in->quality->psf.axial_mm};
    for (int c = 0; c < 3; c++)
        s.psf_sigma_mm[c] = fwhm_mm[c] / fwhm_per_sigma;
    set_noise(&s);
    if (s.noise_hu > 0.0) RS_TRY(measure_kept(ctx, &s));
    *out = s;
    return RS_OK;
}
