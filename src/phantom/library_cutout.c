/* A cut-out made ready: what lies beside the nodule in its own scan (wall, vessels) is taken out; along k, where the
   box ends with the nodule, its rim is continued; its PSF is widened to the scan's, and its noise is not above it. */
#include <math.h>
#include <string.h>

#include "failure.h"
#include "library.h"
#include "restage/formats.h"

enum { SIDE_MAX = 400, VOXELS_MAX = 1 << 23, NOISE_BINS = 300 };

/* No cut-out tells the PSF of its scan: that of a standard kernel, and a little more than its slice (science D1.5). */
static const double source_fwhm_mm = 1.1, source_fwhm_slices = 1.1, fwhm_per_sigma = 2.3548200450309493;
static const double rim_mm = 1.0, pad_mm = 6.0;
static const double spacing_least_mm = 0.1, spacing_most_mm = 10.0;
/* The blend begins where a sharp border at the mask's would have faded to this: the nodule's own rim carries its edge.
 */
static const double shown_share = 0.1;

typedef struct making {
    rs_context *ctx;
    const rs_insert_scene *scene;
    int32_t pad; /* slices on both sides */
    int64_t voxels;
    float *raw, *near; /* near: the mask blurred by the rim, once take_core was called */
    float *work, *work2;
    rs_cutout out;
} making;

static rs_status take_box(making *m, rs_arena *arena, const rs_volume *image, const rs_volume *mask)
{
    rs_cutout *c = &m->out;
    m->voxels = 1;
    for (int a = 0; a < 3; a++) {
        if (image->geometry.n[a] != mask->geometry.n[a] || image->geometry.n[a] > SIDE_MAX)
            return rs_fail(m->ctx, RS_DATA,
                           "image and mask of a cut-out of the library differ in size, or are too large");
        c->n[a] = image->geometry.n[a];
        c->spacing_mm[a] = image->geometry.spacing_mm[a];
        if (!(c->spacing_mm[a] >= spacing_least_mm && c->spacing_mm[a] <= spacing_most_mm))
            return rs_fail(m->ctx, RS_DATA, "a cut-out of the library has voxels that no CT has");
    }
    m->pad = (int32_t)(pad_mm / c->spacing_mm[2]) + 1;
    c->n[2] += 2 * m->pad;
    m->voxels = (int64_t)c->n[0] * c->n[1] * c->n[2];
    if (m->voxels > VOXELS_MAX) return rs_fail(m->ctx, RS_DATA, "a cut-out of the library is too large");
    float **fields[] = {&m->raw, &m->near, &m->work, &m->work2, &c->hu, &c->mask, &c->blurred};
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        *fields[f] = RS_ARENA_NEW(arena, float, m->voxels);
        if (*fields[f] == NULL) return rs_fail_memory(m->ctx, "a cut-out");
    }
    const int32_t begin[3] = {0, 0, -m->pad}, end[3] = {c->n[0], c->n[1], c->n[2] - m->pad};
    rs_volume_box(image, begin, end, -1024.0f, 3071.0f, m->raw);
    const int32_t inside_begin[3] = {0, 0, 0}, inside_end[3] = {c->n[0], c->n[1], c->n[2] - 2 * m->pad};
    rs_volume_box(mask, inside_begin, inside_end, 0.0f, 1.0f, c->mask + (int64_t)m->pad * c->n[0] * c->n[1]);
    return RS_OK;
}

static int percentile(const int64_t *count, int bins, double share)
{
    int64_t all = 0, sum = 0;
    for (int b = 0; b < bins; b++)
        all += count[b];
    for (int b = 0; b < bins; b++) {
        sum += count[b];
        if (all > 0 && (double)sum >= share * (double)all) return b;
    }
    return -1;
}

static rs_status blur(making *m, const double sigma_mm[3], const float *in, float *out)
{
    return rs_insert_blur(m->ctx, m->out.n, m->out.spacing_mm, sigma_mm, in, out);
}

/* Mean over the core: what of the mask lies deepest, where the mask blurred by a rim is near its largest. */
static rs_status take_core(making *m)
{
    const float near_largest = 0.95f;
    const double sigma_mm[3] = {rim_mm, rim_mm, rim_mm};
    rs_cutout *c = &m->out;
    float largest = 0.0f;
    double sum = 0.0;
    int64_t count = 0;
    RS_TRY(blur(m, sigma_mm, c->mask, m->near));
    for (int64_t v = 0; v < m->voxels; v++)
        if (c->mask[v] > 0.0f && m->near[v] > largest) largest = m->near[v];
    for (int64_t v = 0; v < m->voxels; v++) {
        if (!(c->mask[v] > 0.0f) || m->near[v] < near_largest * largest) continue;
        sum += (double)m->raw[v];
        count++;
    }
    c->core_hu = count > 0 ? sum / (double)count : c->background_hu;
    return RS_OK;
}

/* Typical density inside and of the lung beside; centre of the mask. Bins of 10 HU from -1024. */
static rs_status take_levels(making *m)
{
    enum { BINS = 410 };
    int64_t in[BINS] = {0}, beside[BINS] = {0}, count = 0, v = 0;
    double sum[3] = {0};
    rs_cutout *c = &m->out;
    for (int32_t k = 0; k < c->n[2]; k++) {
        for (int32_t j = 0; j < c->n[1]; j++) {
            for (int32_t i = 0; i < c->n[0]; i++, v++) {
                int bin = (int)(((double)m->raw[v] + 1024.0) / 10.0);
                c->mask[v] = c->mask[v] > 0.5f ? 1.0f : 0.0f;
                if (c->mask[v] > 0.0f) {
                    in[bin]++;
                    count++;
                    sum[0] += i;
                    sum[1] += j;
                    sum[2] += k;
                } else if (m->raw[v] > -1000.0f && m->raw[v] < -600.0f) {
                    beside[bin]++;
                }
            }
        }
    }
    if (count == 0) return rs_fail(m->ctx, RS_DATA, "the mask of a cut-out of the library is empty");
    for (int a = 0; a < 3; a++)
        c->centre_mm[a] = sum[a] / (double)count * c->spacing_mm[a];
    int lung = percentile(beside, BINS, 0.5), dense = percentile(in, BINS, 0.8);
    c->background_hu = lung < 0 ? -850.0 : lung * 10.0 - 1019.0;
    c->inside_hu = dense * 10.0 - 1019.0;
    RS_TRY(take_core(m));
    c->density = rs_library_density(c->row, c->core_hu);
    /* A small solid one never reaches its own density: the blur takes it. */
    bool solid = c->density == RS_INSERT_SOLID || c->density == RS_INSERT_CALCIFIED;
    if (solid && c->inside_hu < 0.0) c->inside_hu = 0.0;
    if (c->inside_hu < c->background_hu + 100.0) c->inside_hu = c->background_hu + 100.0;
    return RS_OK;
}

/* Beyond the box the last slice fades into lung over the width of a rim. */
static void fade_ends(making *m)
{
    rs_cutout *c = &m->out;
    int64_t plane = (int64_t)c->n[0] * c->n[1];
    for (int32_t k = 0; k < c->n[2]; k++) {
        int32_t beyond = k < m->pad ? m->pad - k : k - (c->n[2] - 1 - m->pad);
        if (beyond <= 0) continue;
        double t = beyond * c->spacing_mm[2] / rim_mm;
        float share = (float)rs_phantom_exp(-0.5 * t * t);
        for (int64_t v = k * plane; v < (k + 1) * plane; v++)
            m->raw[v] = (float)c->background_hu + (m->raw[v] - (float)c->background_hu) * share;
    }
}

/* Outside the mask nothing is denser than the nodule's own border continued outwards. */
static rs_status take_out_neighbours(making *m)
{
    rs_cutout *c = &m->out;
    const double sigma_mm[3] = {rim_mm, rim_mm, rim_mm};
    for (int64_t v = 0; v < m->voxels; v++)
        m->work[v] = m->raw[v] * c->mask[v];
    RS_TRY(blur(m, sigma_mm, m->work, m->work2));
    float lung = (float)c->background_hu;
    for (int64_t v = 0; v < m->voxels; v++) {
        m->work[v] = m->raw[v];
        if (c->mask[v] > 0.0f) continue;
        float near = m->near[v], own = near > 0.01f ? m->work2[v] / near : lung;
        float share = near < 0.15f ? near / 0.15f : 1.0f;
        float most = lung + (own - lung) * share;
        if (m->work[v] > most) m->work[v] = most;
    }
    return RS_OK;
}

/* SD in the quiet quarter of the windows in lung beside the nodule; what sampling between voxels leaves of it. */
static double noise_of(const making *m, const float *values)
{
    enum { HALF = 3 };
    const double sampled = 0.85;
    const rs_cutout *c = &m->out;
    int64_t count[NOISE_BINS] = {0}, plane = (int64_t)c->n[0] * c->n[1];
    for (int32_t k = m->pad; k < c->n[2] - m->pad; k++) {
        for (int32_t j = HALF; j < c->n[1] - HALF; j += 2) {
            for (int32_t i = HALF; i < c->n[0] - HALF; i += 2) {
                int64_t v = k * plane + (int64_t)j * c->n[0] + i;
                bool lung = true;
                for (int32_t n = 0; n < 49 && lung; n++) {
                    int64_t at = v + (int64_t)(n / 7 - HALF) * c->n[0] + n % 7 - HALF;
                    lung = m->near[at] < 0.02f && m->raw[at] < -500.0f;
                }
                double sd = lung ? rs_insert_window_sd(values + v, c->n[0]) : (double)NOISE_BINS;
                if (sd < NOISE_BINS) count[(int)sd]++;
            }
        }
    }
    int quarter = percentile(count, NOISE_BINS, 0.25);
    return quarter < 0 ? 0.0 : sampled * (quarter + 0.5);
}

/* Widens the PSF to the scan's; what lies above the scan's noise is taken off the fine detail. */
static rs_status fit_to_scan(making *m)
{
    rs_cutout *c = &m->out;
    double sigma_mm[3];
    for (int a = 0; a < 3; a++) {
        double fwhm = a == 2 ? source_fwhm_slices * c->spacing_mm[2] : source_fwhm_mm;
        double own = fwhm / fwhm_per_sigma, wanted = m->scene->psf_sigma_mm[a];
        /* Sampling between voxels blurs by a sixth of the squared spacing. */
        double more = wanted * wanted - own * own - c->spacing_mm[a] * c->spacing_mm[a] / 6.0;
        sigma_mm[a] = more > 0.0 ? sqrt(more) : 0.0;
    }
    RS_TRY(blur(m, sigma_mm, m->raw, m->work2));
    c->noise_hu = noise_of(m, m->work2);
    RS_TRY(blur(m, sigma_mm, m->work, c->hu));
    RS_TRY(blur(m, m->scene->psf_sigma_mm, c->mask, c->blurred));
    double most = m->scene->noise_hu;
    c->left_hu = c->noise_hu;
    if (most <= 0.0 || c->noise_hu <= most) return RS_OK;
    const double fine_mm[3] = {0.8, 0.8, 0.8};
    RS_TRY(blur(m, fine_mm, c->hu, m->work));
    float share = (float)(most / c->noise_hu);
    for (int64_t v = 0; v < m->voxels; v++)
        c->hu[v] = m->work[v] + (c->hu[v] - m->work[v]) * share;
    c->left_hu = most;
    return RS_OK;
}

static rs_status read_both(rs_context *ctx, rs_arena *arena, const rs_library *library, const rs_library_row *row,
                           rs_volume both[2])
{
    static const char *const folders[] = {"image", "mask"};
    for (int n = 0; n < 2; n++) {
        rs_notes notes = {0};
        double rounding = 0.0;
        const char *path = rs_arena_printf(arena, "%s/%s/%s", library->folder, folders[n], row->file);
        if (path == NULL) return rs_fail_memory(ctx, "a cut-out");
        RS_TRY(rs_format_read(ctx, path, 0, arena, &both[n], &rounding, &notes));
    }
    return RS_OK;
}

static rs_status name_failure(rs_context *ctx, rs_arena *arena, const rs_library *library, const rs_library_row *row,
                              rs_status status)
{
    const char *path = rs_arena_printf(arena, "%s, %s", library->folder, row->file);
    return rs_phantom_name_failure(ctx, "--library", path != NULL ? path : library->folder, status);
}

rs_status rs_cutout_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *s, const rs_library *library,
                        const rs_library_row *row, rs_cutout *out)
{
    making m = {.ctx = ctx, .scene = s, .out = {.row = row}};
    rs_volume both[2];
    memset(both, 0, sizeof both);
    rs_status status = read_both(ctx, arena, library, row, both);
    if (status == RS_OK) status = take_box(&m, arena, &both[0], &both[1]);
    if (status == RS_OK) status = take_levels(&m);
    if (status == RS_OK) {
        fade_ends(&m);
        status = take_out_neighbours(&m);
    }
    if (status == RS_OK) status = fit_to_scan(&m);
    for (int n = 0; n < 2; n++)
        rs_volume_free(ctx, &both[n]);
    if (status == RS_OK) *out = m.out;
    return status == RS_OK ? RS_OK : name_failure(ctx, arena, library, row, status);
}

/* Trilinear; outside the box beyond. */
static double sample(const rs_cutout *c, const float *field, const rs_insert_lesion *l, const double d[3],
                     double beyond)
{
    int64_t base = 0, step[3] = {1, c->n[0], (int64_t)c->n[0] * c->n[1]};
    double share[3], value = 0.0;
    for (int a = 0; a < 3; a++) {
        double x = l->turn[a][0] * d[0] + l->turn[a][1] * d[1] + l->turn[a][2] * d[2];
        x = (x + c->centre_mm[a]) / c->spacing_mm[a];
        if (!(x >= 0.0 && x < c->n[a] - 1)) return beyond;
        share[a] = x - (int32_t)x;
        base += (int32_t)x * step[a];
    }
    for (int corner = 0; corner < 8; corner++) {
        double w = 1.0;
        int64_t at = base;
        for (int a = 0; a < 3; a++) {
            bool far = (corner >> a & 1) != 0;
            w *= far ? share[a] : 1.0 - share[a];
            at += far ? step[a] : 0;
        }
        value += w * (double)field[at];
    }
    return value;
}

bool rs_cutout_has(const rs_insert_lesion *l, const double d[3])
{
    return sample(l->cutout, l->cutout->mask, l, d, 0.0) > 0.5;
}

bool rs_cutout_shows(const rs_insert_lesion *l, const double d[3])
{
    return sample(l->cutout, l->cutout->blurred, l, d, 0.0) > shown_share;
}

double rs_cutout_hu(const rs_insert_lesion *l, const double d[3])
{
    return sample(l->cutout, l->cutout->hu, l, d, l->cutout->background_hu);
}
