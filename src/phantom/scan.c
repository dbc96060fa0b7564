/* Draws the scanner of a series and makes its filters. The PSF in plane is a pair of Gaussians: a heavy tail (smooth
   kernels) or a negative ring (edge-enhanced ones); its FWHM is solved for, and what sampling adds (the pixel's
   aperture) is taken off the Gaussians. Noise is white noise through a difference of Gaussians: a ramp at low
   frequencies, apodised. */
#include "scan.h"

#include <math.h>
#include <string.h>

#include "random.h"
#include "restage/text.h"

/* A Gaussian of that variance (square pixels) as taps, cut at 3.5 sigma. Narrow ones are three taps of the right second
   moment; wide ones the Gaussian integrated over pixels, which adds a twelfth. */
static rs_phantom_taps gaussian_taps(double variance)
{
    rs_phantom_taps taps = {.tap = {1.0f}, .n = 1};
    if (variance <= 0.0) return taps;
    if (variance < 0.3) return (rs_phantom_taps){.tap = {(float)(1.0 - variance), (float)(0.5 * variance)}, .n = 2};
    double share[RS_PHANTOM_TAPS], sum = 0.0, sigma = sqrt(variance - 1.0 / 12.0);
    taps.n = (int)(3.5 * sigma + 1.5);
    if (taps.n > RS_PHANTOM_TAPS) taps.n = RS_PHANTOM_TAPS;
    for (int n = 0; n < taps.n; n++) {
        share[n] = rs_phantom_normal_share(sigma, n - 0.5, n + 0.5);
        sum += n == 0 ? share[n] : 2.0 * share[n];
    }
    for (int n = 0; n < taps.n; n++)
        taps.tap[n] = (float)(share[n] / sum);
    return taps;
}

static double variance_of(const rs_phantom_taps *taps)
{
    double sum = 0.0;
    for (int n = 1; n < taps->n; n++)
        sum += 2.0 * n * n * (double)taps->tap[n];
    return sum;
}

/* FWHM of the two-dimensional PSF sum of weight / (2 pi v) exp(-r2 / 2v). */
static double fwhm_of(const double variance[2], const double weight[2])
{
    double top = weight[0] / variance[0] + weight[1] / variance[1];
    double low = 0.0, high = 6.0 * sqrt(variance[0] > variance[1] ? variance[0] : variance[1]);
    for (int round = 0; round < 60; round++) {
        double r = 0.5 * (low + high), value = 0.0;
        for (int n = 0; n < 2; n++)
            value += weight[n] / variance[n] * rs_phantom_exp(-0.5 * r * r / variance[n]);
        if (value > 0.5 * top) {
            low = r;
        } else {
            high = r;
        }
    }
    return 2.0 * low;
}

static void make_psf(rs_phantom_scan *scan)
{
    double weight[2] = {1.0 - scan->psf_second_weight, scan->psf_second_weight};
    double scale2 = scan->psf_second_scale * scan->psf_second_scale;
    double unit = fwhm_of((double[2]){1.0, scale2}, weight), core = scan->psf_fwhm_mm / unit;
    double pixel2 = scan->pixel_mm * scan->pixel_mm, real[2];
    for (int n = 0; n < 2; n++) {
        /* Soft edges of one pixel's width are a blur of a twelfth. */
        scan->psf.part[n] = gaussian_taps(core * core * (n == 0 ? 1.0 : scale2) / pixel2 - 1.0 / 12.0);
        scan->psf.weight[n] = (float)weight[n];
        real[n] = (variance_of(&scan->psf.part[n]) + 1.0 / 12.0) * pixel2;
    }
    scan->psf_fwhm_mm = fwhm_of(real, weight);
}

void rs_phantom_scan_psf(rs_phantom_scan *scan, double fwhm_mm, double second_weight, double second_scale)
{
    scan->psf_fwhm_mm = fwhm_mm;
    scan->psf_second_weight = second_weight;
    scan->psf_second_scale = second_scale;
    make_psf(scan);
}

/* Trapezoid of the thickness with slopes of slope_mm: its integral over each sub-slice by 16 samples. */
static void make_profile(rs_phantom_scan *scan)
{
    double flat = 0.5 * (scan->thickness_mm - scan->slope_mm), end = 0.5 * (scan->thickness_mm + scan->slope_mm);
    scan->reach = (int)ceil(end / scan->sub_mm + 0.5);
    if (scan->reach > RS_PHANTOM_PROFILE / 2) scan->reach = RS_PHANTOM_PROFILE / 2;
    double share[RS_PHANTOM_PROFILE], sum = 0.0;
    for (int n = -scan->reach; n <= scan->reach; n++) {
        double value = 0.0;
        for (int part = 0; part < 16; part++) {
            double z = fabs((n + (part + 0.5) / 16.0 - 0.5) * scan->sub_mm);
            value += z <= flat ? 1.0 : (z < end ? (end - z) / (end - flat) : 0.0);
        }
        share[n + scan->reach] = value;
        sum += value;
    }
    for (int n = 0; n <= 2 * scan->reach; n++)
        scan->profile[n] = (float)(share[n] / sum);
    scan->slice_fwhm_mm = scan->thickness_mm;
}

static double inner_product(const rs_phantom_taps *a, const rs_phantom_taps *b)
{
    double sum = 0.0;
    for (int n = 0; n < a->n && n < b->n; n++)
        sum += (n == 0 ? 1.0 : 2.0) * (double)a->tap[n] * (double)b->tap[n];
    return sum;
}

void rs_phantom_scan_noise(rs_phantom_scan *scan, const rs_phantom_spectrum *spectrum)
{
    const double sigma_mm[2] = {spectrum->core_mm, spectrum->ring_mm}, weight[2] = {1.0, -spectrum->ring_weight};
    double energy = 0.0;
    scan->noise_hu = spectrum->noise_hu;
    for (int n = 0; n < 2; n++) {
        scan->noise.part[n] = gaussian_taps(sigma_mm[n] * sigma_mm[n] / (scan->pixel_mm * scan->pixel_mm));
        scan->noise.weight[n] = (float)weight[n];
    }
    for (int n = 0; n < 2; n++) {
        for (int m = 0; m < 2; m++) {
            double p = inner_product(&scan->noise.part[n], &scan->noise.part[m]);
            energy += weight[n] * weight[m] * p * p;
        }
    }
    /* Neighbouring slices share what their profiles share. */
    double along = 0.0, ratio = scan->thickness_mm / scan->spacing_mm;
    for (int n = 0; n < 3; n++) {
        double w = 1.0 - n / (1.1 * ratio + 0.55);
        if (n > 0) w *= spectrum->shared;
        scan->noise_along[n] = (float)(w > 0.0 ? w : 0.0);
        along += (n == 0 ? 1.0 : 2.0) * (double)scan->noise_along[n] * (double)scan->noise_along[n];
    }
    /* Four uniform 16-bit numbers make one white voxel: variance 4 (2^32 - 1) / 12. */
    scan->noise_gain = (float)(scan->noise_hu / sqrt(energy * along * 4.0 * 4294967295.0 / 12.0));
}

/* Kernel, resolution, noise: sharper kernels have less blur and more noise. */
static void draw_kernel(rs_phantom_random *r, rs_phantom_scan *scan)
{
    double choice = rs_phantom_uniform(r, 0.0, 1.0), tail = rs_phantom_uniform(r, 0.0, 1.0);
    double within = rs_phantom_uniform(r, 0.0, 1.0), noise = rs_phantom_uniform(r, 0.0, 1.0);
    if (choice < 0.35) {
        scan->kernel = "B30f";
        scan->psf_fwhm_mm = 1.3 + 0.3 * within;
        scan->noise_hu = 15.0 + 11.0 * noise;
        scan->psf_second_weight = 0.1 + 0.2 * tail;
        scan->psf_second_scale = 1.7;
        rs_phantom_scan_noise(scan, &(rs_phantom_spectrum){0.72, 1.7, 0.7, scan->noise_hu, 1});
    } else if (choice < 0.75) {
        scan->kernel = "B46f";
        scan->psf_fwhm_mm = 0.95 + 0.35 * within;
        scan->noise_hu = 22.0 + 16.0 * noise;
        scan->psf_second_weight = -0.1 + 0.2 * tail;
        scan->psf_second_scale = 1.8;
        rs_phantom_scan_noise(scan, &(rs_phantom_spectrum){0.57, 1.7, 0.75, scan->noise_hu, 1});
    } else {
        scan->kernel = "B60f";
        scan->psf_fwhm_mm = 0.7 + 0.25 * within;
        scan->noise_hu = 32.0 + 13.0 * noise;
        scan->psf_second_weight = -0.35 + 0.25 * tail;
        scan->psf_second_scale = 1.9;
        rs_phantom_scan_noise(scan, &(rs_phantom_spectrum){0.45, 1.1, 0.75, scan->noise_hu, 1});
    }
}

void rs_phantom_scan_draw(const rs_phantom_options *options, double lung_middle_mm, rs_phantom_scan *scan)
{
    rs_phantom_random random = rs_phantom_random_of(options->seed, RS_PHANTOM_STREAM_SCAN, 0), *r = &random;
    memset(scan, 0, sizeof *scan);
    scan->seed = options->seed;
    scan->columns = options->columns > 0 ? options->columns : 512;
    scan->rows = options->rows > 0 ? options->rows : 512;
    scan->slices = options->slices > 0 ? options->slices : 300;
    scan->spacing_mm = options->slice_spacing_mm > 0.0 ? options->slice_spacing_mm : 1.0;
    scan->thickness_mm = options->thickness_mm > 0.0 ? options->thickness_mm : scan->spacing_mm;
    double view = options->field_of_view_mm > 0.0 ? options->field_of_view_mm : 360.0;
    scan->pixel_mm = view / (scan->columns > scan->rows ? scan->columns : scan->rows);
    scan->row_mm = scan->pixel_mm;
    scan->use[1] = scan->rows;
    scan->uneven = 1.0;
    scan->bits = 12;
    double step = scan->pixel_mm > 1.0 ? 0.5 * scan->pixel_mm : 0.5, limit = scan->thickness_mm / 2.0;
    scan->per_slice = (int)ceil(scan->spacing_mm / (step < limit ? step : limit) - 1e-9);
    scan->sub_mm = scan->spacing_mm / scan->per_slice;
    scan->slope_mm = scan->thickness_mm * rs_phantom_uniform(r, 0.25, 1.0);
    draw_kernel(r, scan);
    make_psf(scan);
    make_profile(scan);
    scan->corner_mm[0] = -0.5 * (scan->columns - 1) * scan->pixel_mm + rs_phantom_uniform(r, -4.0, 4.0);
    scan->corner_mm[1] = -0.5 * (scan->rows - 1) * scan->pixel_mm + rs_phantom_uniform(r, 8.0, 16.0);
    scan->corner_mm[2] = lung_middle_mm - 0.5 * (scan->slices - 1) * scan->spacing_mm;
    for (int c = 0; c < 3; c++)
        scan->corner_mm[c] = rs_round_decimals(scan->corner_mm[c], c < 2 ? 3 : 1);
    scan->shift_mm[0] = rs_round_decimals(rs_phantom_uniform(r, -6.0, 6.0), 1);
    scan->shift_mm[1] = rs_round_decimals(rs_phantom_uniform(r, -160.0, -120.0), 1);
    scan->shift_mm[2] = rs_round_decimals(rs_phantom_uniform(r, -450.0, -250.0), 1);
}

void rs_phantom_sine(double degrees, double out[2])
{
    double x = degrees * M_PI / 180.0, square = x * x, sine = 1.0, cosine = 1.0;
    for (int n = 20; n > 1; n -= 2) {
        cosine = 1.0 - square / (n * (n - 1)) * cosine;
        sine = 1.0 - square / (n * (n + 1)) * sine;
    }
    out[0] = x * sine;
    out[1] = cosine;
}

void rs_phantom_scan_view(rs_phantom_scan *scan, double view_mm)
{
    double pixel = view_mm / (scan->columns > scan->rows ? scan->columns : scan->rows);
    const int32_t size[2] = {scan->columns, scan->rows};
    for (int c = 0; c < 2; c++)
        scan->corner_mm[c] = rs_round_decimals(scan->corner_mm[c] - 0.5 * (size[c] - 1) * (pixel - scan->pixel_mm), 3);
    scan->pixel_mm = scan->row_mm = pixel;
}

void rs_phantom_scan_tilt(rs_phantom_scan *scan, double tilt_deg)
{
    double sine[2], middle = 0.5 * (scan->rows - 1);
    rs_phantom_sine(tilt_deg, sine);
    scan->corner_mm[1] = rs_round_decimals(scan->corner_mm[1] + middle * scan->pixel_mm * (1.0 - sine[1]), 3);
    scan->corner_mm[2] = rs_round_decimals(scan->corner_mm[2] - middle * scan->pixel_mm * sine[0], 3);
    scan->tilt_deg = tilt_deg;
    scan->row_mm = scan->pixel_mm * sine[1];
    scan->rise_mm = scan->pixel_mm * sine[0];
    /* Along z a leaning slice is thicker by the cosine. */
    double across = scan->thickness_mm, slope = scan->slope_mm;
    scan->thickness_mm /= sine[1];
    scan->slope_mm /= sine[1];
    make_profile(scan);
    scan->thickness_mm = across;
    scan->slope_mm = slope;
    scan->slice_fwhm_mm = across;
}

/* One row or column filter on blocks of 64, whose fixed length the compiler turns into vector code. */
enum { BLOCK = 64, LINE = 4096 + 2 * RS_PHANTOM_TAPS + BLOCK };

static void filter_row(const rs_phantom_taps *taps, int32_t columns, const float *in, float *out)
{
    float line[LINE];
    int pad = taps->n - 1;
    for (int i = -pad; i < columns + pad; i++)
        line[i + pad] = in[i < 0 ? 0 : (i >= columns ? columns - 1 : i)];
    for (int32_t begin = 0; begin < columns; begin += BLOCK) {
        float sum[BLOCK];
        const float *at = line + pad + begin;
        for (int q = 0; q < BLOCK; q++)
            sum[q] = taps->tap[0] * at[q];
        for (int n = 1; n < taps->n; n++) {
            const float w = taps->tap[n], *left = at - n, *right = at + n;
            for (int q = 0; q < BLOCK; q++)
                sum[q] += w * (left[q] + right[q]);
        }
        int32_t end = columns - begin < BLOCK ? columns - begin : BLOCK;
        memcpy(out + begin, sum, sizeof(float) * (size_t)end);
    }
}

/* Adds weight times the column filter of a plane to row j of out. */
static void add_columns(const rs_phantom_taps *taps, float weight, int32_t columns, int32_t rows, int32_t j,
                        const float *plane, float *out)
{
    for (int32_t begin = 0; begin < columns; begin += BLOCK) {
        int32_t width = columns - begin < BLOCK ? columns - begin : BLOCK;
        float sum[BLOCK] = {0};
        for (int n = 0; n < taps->n; n++) {
            int32_t up = j - n < 0 ? 0 : j - n, down = j + n >= rows ? rows - 1 : j + n;
            const float w = n == 0 ? 0.5f * taps->tap[0] : taps->tap[n];
            const float *a = plane + (size_t)up * (size_t)columns + begin;
            const float *b = plane + (size_t)down * (size_t)columns + begin;
            if (width == BLOCK) {
                for (int q = 0; q < BLOCK; q++)
                    sum[q] += w * (a[q] + b[q]);
            } else {
                for (int q = 0; q < width; q++)
                    sum[q] += w * (a[q] + b[q]);
            }
        }
        float *to = out + (size_t)j * (size_t)columns + begin;
        for (int q = 0; q < width; q++)
            to[q] += weight * sum[q];
    }
}

void rs_phantom_filter_plane(const rs_phantom_filter *filter, int32_t columns, int32_t rows, const float *in,
                             float *out, float *scratch)
{
    size_t n = (size_t)columns * (size_t)rows;
    memset(out, 0, n * sizeof *out);
    for (int part = 0; part < RS_PHANTOM_PARTS; part++) {
        for (int32_t j = 0; j < rows; j++)
            filter_row(&filter->part[part], columns, in + (size_t)j * (size_t)columns,
                       scratch + (size_t)j * (size_t)columns);
        for (int32_t j = 0; j < rows; j++)
            add_columns(&filter->part[part], filter->weight[part], columns, rows, j, scratch, out);
    }
}

void rs_phantom_white(const rs_phantom_scan *scan, int32_t slice, float *out)
{
    size_t n = (size_t)scan->columns * (size_t)scan->rows;
    memset(out, 0, n * sizeof *out);
    for (int d = -2; d <= 2; d++) {
        const float w = scan->noise_along[d < 0 ? -d : d];
        if (w == 0.0f) continue;
        uint64_t key = rs_phantom_key(scan->seed, RS_PHANTOM_STREAM_NOISE, (uint64_t)(int64_t)(slice + d));
        for (size_t p = 0; p < n; p++) {
            uint64_t bits = rs_phantom_bits(key, p);
            int32_t sum = (int32_t)(bits & 0xffff) + (int32_t)(bits >> 16 & 0xffff) + (int32_t)(bits >> 32 & 0xffff) +
                          (int32_t)(bits >> 48) - 131070;
            out[p] += w * (float)sum;
        }
    }
}
