/* What honesty.py is too slow for in NumPy: normalised LoG of every scale and its scale-space maxima (science C2), and
   values on spheres with their limbs (science C6.1). honesty.py compiles this file. Index order k, j, i throughout. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SCALES_MAX = 16, TAPS_MAX = 256, DIRECTIONS_MAX = 256 };

typedef struct level {
    float *response;
    long n[3];
    double spacing[3];
    int step; /* voxels of the first grid along each axis */
} level;

/* Taps of exactly that variance (square voxels); returns how many with the middle. */
static int gaussian(double variance, float *tap)
{
    tap[0] = 1.0f;
    if (variance <= 0.0) return 1;
    if (variance < 0.3) {
        tap[0] = (float)(1.0 - variance);
        tap[1] = (float)(0.5 * variance);
        return 2;
    }
    double sigma = sqrt(variance - 1.0 / 12.0), sum = 0.0, share[TAPS_MAX];
    int n = (int)(3.6 * sigma + 1.5);
    for (int m = 0; m < n; m++) {
        share[m] = 0.5 * (erf((m + 0.5) / (sigma * M_SQRT2)) - erf((m - 0.5) / (sigma * M_SQRT2)));
        sum += m == 0 ? share[m] : 2.0 * share[m];
    }
    for (int m = 0; m < n; m++)
        tap[m] = (float)(share[m] / sum);
    return n;
}

/* One line of blocks: `block` values lie beside each other, `n` blocks `stride` apart. */
static void blur_blocks(float *at, long n, long stride, long block, const float *tap, int taps, float *line)
{
    long pad = taps - 1;
    for (long m = -pad; m < n + pad; m++) {
        long from = m < 0 ? 0 : (m >= n ? n - 1 : m);
        memcpy(line + (m + pad) * block, at + from * stride, sizeof(float) * (size_t)block);
    }
    for (long m = 0; m < n; m++) {
        float *to = at + m * stride;
        const float *mid = line + (m + pad) * block;
        for (long b = 0; b < block; b++)
            to[b] = tap[0] * mid[b];
        for (int t = 1; t < taps; t++) {
            const float w = tap[t], *low = mid - t * block, *high = mid + t * block;
            for (long b = 0; b < block; b++)
                to[b] += w * (low[b] + high[b]);
        }
    }
}

static void blur(float *v, const long n[3], const double variance_vox[3])
{
    float tap[TAPS_MAX], *line = malloc(sizeof(float) * 64 * (size_t)(n[0] + n[1] + n[2] + 4 * TAPS_MAX));
    long row = n[2], plane = n[1] * n[2];
    for (int axis = 0; axis < 3; axis++) {
        int taps = gaussian(variance_vox[axis], tap);
        if (taps == 1) continue;
        if (axis == 2) {
            for (long m = 0; m < n[0] * n[1]; m++)
                blur_blocks(v + m * row, row, 1, 1, tap, taps, line);
            continue;
        }
        for (long outer = 0; outer < (axis == 0 ? n[1] : n[0]); outer++)
            for (long i = 0; i < row; i += 64)
                blur_blocks(v + outer * (axis == 0 ? row : plane) + i, n[axis], axis == 0 ? plane : row,
                            row - i < 64 ? row - i : 64, tap, taps, line);
    }
    free(line);
}

static void laplacian(const float *g, const level *l, float gain, float *out)
{
    const long *n = l->n, row = n[2], plane = n[1] * n[2];
    const float wk = gain / (float)(l->spacing[0] * l->spacing[0]), wj = gain / (float)(l->spacing[1] * l->spacing[1]),
                wi = gain / (float)(l->spacing[2] * l->spacing[2]);
    memset(out, 0, sizeof(float) * (size_t)(n[0] * plane));
    for (long k = 1; k + 1 < n[0]; k++)
        for (long j = 1; j + 1 < n[1]; j++) {
            const float *at = g + k * plane + j * row;
            float *to = out + k * plane + j * row;
            for (long i = 1; i + 1 < row; i++)
                to[i] = wk * (at[i - plane] + at[i + plane] - 2 * at[i]) + wj * (at[i - row] + at[i + row] - 2 * at[i]) +
                        wi * (at[i - 1] + at[i + 1] - 2 * at[i]);
        }
}

/* The largest of 27 voxels of a level around a place of the first grid. */
static float around(const level *l, const long at[3])
{
    float best = -1e30f;
    for (int o = 0; o < 27; o++) {
        long q[3] = {o / 9 - 1, o / 3 % 3 - 1, o % 3 - 1};
        for (int c = 0; c < 3; c++) {
            q[c] += (at[c] + l->step / 2) / l->step;
            q[c] = q[c] < 0 ? 0 : (q[c] >= l->n[c] ? l->n[c] - 1 : q[c]);
        }
        float value = l->response[(q[0] * l->n[1] + q[1]) * l->n[2] + q[2]];
        best = value > best ? value : best;
    }
    return best;
}

/* Only a maximum of its own 27: strictly above those before it, not below those behind it. */
static bool tops(const level *l, long k, long j, long i)
{
    const float *at = l->response + (k * l->n[1] + j) * l->n[2] + i;
    for (long dk = -1; dk <= 1; dk++)
        for (long dj = -1; dj <= 1; dj++)
            for (long di = -1; di <= 1; di++) {
                long offset = (dk * l->n[1] + dj) * l->n[2] + di;
                if (offset < 0 ? at[offset] >= *at : (offset > 0 && at[offset] > *at)) return false;
            }
    return true;
}

static long find(const level *levels, int n_levels, int m, const uint8_t *lung, float least, float *out, long room)
{
    const level *l = &levels[m], *first = &levels[0];
    long found = 0;
    for (long k = 1; k + 1 < l->n[0]; k++)
        for (long j = 1; j + 1 < l->n[1]; j++)
            for (long i = 1; i + 1 < l->n[2]; i++) {
                float value = l->response[(k * l->n[1] + j) * l->n[2] + i];
                long at[3] = {k * l->step, j * l->step, i * l->step};
                if (value <= least || lung[(at[0] * first->n[1] + at[1]) * first->n[2] + at[2]] == 0) continue;
                if (!tops(l, k, j, i)) continue;
                if (m > 0 && around(&levels[m - 1], at) >= value) continue;
                if (m + 1 < n_levels && around(&levels[m + 1], at) >= value) continue;
                if (found < room) {
                    float row[5] = {(float)at[0], (float)at[1], (float)at[2], value, (float)m};
                    memcpy(out + 5 * found, row, sizeof row);
                }
                found++;
            }
    return found;
}

/* volume: clipped. psf: FWHM in plane and along the normal. radius: of each scale, out. out: rows k, j, i, response,
   scale. Returns how many there are, at most room of them written. */
long honesty_maxima(const float *volume, const uint8_t *lung, const long n[3], const double spacing[3],
                    const double psf[2], const double *scale_mm, int n_scales, double *radius, float *out, long room)
{
    level levels[SCALES_MAX];
    double pxy = psf[0] / 2.3548200450309493, pz = psf[1] / 2.3548200450309493, done[3] = {0, 0, 0};
    long size[3] = {n[0], n[1], n[2]}, found = 0;
    double step_mm[3] = {spacing[0], spacing[1], spacing[2]};
    float *image = malloc(sizeof(float) * (size_t)(n[0] * n[1] * n[2]));
    memcpy(image, volume, sizeof(float) * (size_t)(n[0] * n[1] * n[2]));
    for (int m = 0, step = 1; m < n_scales; m++) {
        double s2 = scale_mm[m] * scale_mm[m], t = s2 + pxy * pxy, along = t - pz * pz;
        double want[3] = {along > 0.15 * s2 ? along : 0.15 * s2, s2, s2}, variance[3];
        /* The image so far has lost what the halved grid cannot hold. */
        if (step == 1 && m > 0 && scale_mm[m - 1] > 2.4 * spacing[2]) {
            long half[3] = {(size[0] + 1) / 2, (size[1] + 1) / 2, (size[2] + 1) / 2};
            for (long k = 0; k < half[0]; k++)
                for (long j = 0; j < half[1]; j++)
                    for (long i = 0; i < half[2]; i++)
                        image[(k * half[1] + j) * half[2] + i] = image[(2 * k * size[1] + 2 * j) * size[2] + 2 * i];
            memcpy(size, half, sizeof half);
            for (int c = 0; c < 3; c++)
                step_mm[c] *= 2;
            step = 2;
        }
        for (int c = 0; c < 3; c++)
            variance[c] = (want[c] - done[c]) / (step_mm[c] * step_mm[c]);
        blur(image, size, variance);
        memcpy(done, want, sizeof done);
        double r2 = t * (3 * t - 5 * pxy * pxy) / s2;
        double rho = sqrt(2 / M_PI) * r2 * sqrt(r2) / (t * t * sqrt(t)) * exp(-r2 / (2 * t));
        radius[m] = sqrt(r2);
        levels[m] = (level){.step = step};
        memcpy(levels[m].n, size, sizeof size);
        memcpy(levels[m].spacing, step_mm, sizeof step_mm);
        levels[m].response = malloc(sizeof(float) * (size_t)(size[0] * size[1] * size[2]));
        laplacian(image, &levels[m], (float)(-1 / rho), levels[m].response);
    }
    free(image);
    for (int m = 0; m < n_scales; m++) {
        long rest = room > found ? room - found : 0;
        found += find(levels, n_scales, m, lung, 120.0f, out + 5 * (room - rest), rest);
    }
    for (int m = 0; m < n_scales; m++)
        free(levels[m].response);
    return found;
}

static float sample(const float *v, const long n[3], const double p[3])
{
    long base[3];
    double share[3], sum = 0;
    for (int c = 0; c < 3; c++) {
        double q = p[c] < 0 ? 0 : (p[c] > (double)n[c] - 1.001 ? (double)n[c] - 1.001 : p[c]);
        base[c] = (long)q;
        share[c] = q - (double)base[c];
    }
    const float *at = v + (base[0] * n[1] + base[1]) * n[2] + base[2];
    for (int o = 0; o < 8; o++) {
        double w = ((o & 4) ? share[0] : 1 - share[0]) * ((o & 2) ? share[1] : 1 - share[1]) *
                   ((o & 1) ? share[2] : 1 - share[2]);
        sum += w * (double)at[((o >> 2) * n[1] + (o >> 1 & 1)) * n[2] + (o & 1)];
    }
    return (float)sum;
}

/* Values on a sphere around each of `count` places, by direction. */
void honesty_shells(const float *volume, const long n[3], const double spacing[3], long count, const double *at,
                    const double *radius, const double *unit, int directions, float *out)
{
    for (long m = 0; m < count; m++)
        for (int d = 0; d < directions; d++) {
            double p[3];
            for (int c = 0; c < 3; c++)
                p[c] = at[3 * m + c] + radius[m] * unit[3 * d + c] / spacing[c];
            out[m * directions + d] = sample(volume, n, p);
        }
}

/* Groups of at least two directions that are set, neighbours within 21 degrees, of every place. */
void honesty_limbs(const uint8_t *above, long count, const double *unit, int directions, int32_t *out)
{
    const double near = cos(21 * M_PI / 180);
    for (long m = 0; m < count; m++) {
        uint8_t left[DIRECTIONS_MAX];
        int stack[DIRECTIONS_MAX];
        memcpy(left, above + m * directions, (size_t)directions);
        out[m] = 0;
        for (int d = 0; d < directions; d++) {
            int depth = 0, size = 0;
            if (left[d] == 0) continue;
            left[d] = 0;
            stack[depth++] = d;
            while (depth > 0) {
                const double *u = unit + 3 * stack[--depth];
                size++;
                for (int e = 0; e < directions; e++)
                    if (left[e] != 0 && u[0] * unit[3 * e] + u[1] * unit[3 * e + 1] + u[2] * unit[3 * e + 2] > near) {
                        left[e] = 0;
                        stack[depth++] = e;
                    }
            }
            out[m] += size >= 2;
        }
    }
}
