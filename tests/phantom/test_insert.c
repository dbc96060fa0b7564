/* Lesions blended into a scan made here: what they add, what they leave, where they lie, the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "insert_room.h"
#include "library.h"
#include "restage/files.h"
#include "restage/formats.h"
#include "restage/json.h"
#include "truth.h"

enum { LUNG = -850, WALL = 40 };

/* A box of lung in tissue, left and right half labelled apart; a vessel of 1.5 mm radius along k in each. */
typedef struct world {
    rs_context *ctx;
    rs_arena *arena;
    rs_series series;
    rs_volume volume;
    rs_regions regions;
    rs_quality quality;
    rs_insert_input in;
    rs_insert_options options;
} world;

static const int32_t edge = 10; /* voxels of wall on each side */

static double random_normal(uint64_t index)
{
    rs_phantom_random r = {rs_phantom_key(9, 1, index), 0};
    return rs_phantom_normal(&r);
}

static bool is_lung(const int32_t n[3], const int32_t at[3])
{
    for (int c = 0; c < 3; c++)
        if (at[c] < edge || at[c] >= n[c] - edge) return false;
    return true;
}

static void fill(world *w, double noise_hu, bool vessels)
{
    const rs_geometry *g = &w->volume.geometry;
    double gain = noise_hu / (0.5 * sqrt(1.5) * 0.5 * sqrt(1.5)); /* of the weights 1/4 1/2 1/4 along both axes */
    for (int32_t k = 0; k < g->n[2]; k++) {
        for (int32_t j = 0; j < g->n[1]; j++) {
            for (int32_t i = 0; i < g->n[0]; i++) {
                const int32_t at[3] = {i, j, k};
                int64_t v = ((int64_t)k * g->n[1] + j) * g->n[0] + i;
                double hu = is_lung(g->n, at) ? LUNG : WALL, sum = 0.0;
                for (int side = 0; side < 2 && vessels; side++) {
                    double x = (i - g->n[0] * (side == 0 ? 0.3 : 0.7)) * g->spacing_mm[0],
                           y = (j - g->n[1] * 0.5) * g->spacing_mm[1];
                    if (x * x + y * y < 1.5 * 1.5) hu = WALL;
                }
                for (int n = 0; n < 9 && noise_hu > 0.0; n++) {
                    static const double weight[3] = {0.25, 0.5, 0.25};
                    uint64_t index = (uint64_t)(v + (int64_t)(n / 3) * g->n[0] + n % 3 + 1);
                    sum += weight[n / 3] * weight[n % 3] * random_normal(index);
                }
                w->volume.voxels[v] = (int16_t)floor(hu + gain * sum + 0.5);
                w->regions.labels[v] = is_lung(g->n, at) ? (i < g->n[0] / 2 ? 1 : 2) : 0;
            }
        }
    }
}

static world *world_of(int threads, const double spacing_mm[3], double fwhm_mm, double axial_mm, double noise_hu,
                       bool vessels)
{
    world *w = calloc(1, sizeof *w);
    const rs_context_options options = {.threads = threads};
    assert_non_null(w);
    assert_int_equal(rs_context_new(&options, &w->ctx), RS_OK);
    w->arena = rs_arena_new();
    rs_geometry g = {
        .n = {110, 100, 70}, .origin_lps_mm = {-30.0, -20.0, 100.0}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int c = 0; c < 3; c++)
        g.spacing_mm[c] = spacing_mm[c];
    assert_int_equal(rs_volume_new(w->ctx, &g, &w->volume), RS_OK);
    assert_int_equal(rs_regions_new(w->ctx, &g, &w->regions), RS_OK);
    for (int r = 0; r < 2; r++) {
        w->regions.region[r] = (rs_region){.name = "lung",
                                           .role = RS_ROLE_SEARCH,
                                           .side = r == 0 ? RS_SIDE_RIGHT : RS_SIDE_LEFT,
                                           .state = RS_ASSESSED,
                                           .searched_ml = 100.0};
        for (int c = 0; c < 3; c++) {
            w->regions.region[r].begin[c] = edge;
            w->regions.region[r].end[c] = g.n[c] - edge;
        }
    }
    w->regions.n = 2;
    w->series.kernel = "B31f";
    w->series.series_instance_uid = "1.2.3";
    w->series.kvp = (double)NAN;
    w->quality = (rs_quality){.noise_hu = noise_hu > 0.0 ? noise_hu : (double)NAN,
                              .psf = {fwhm_mm, axial_mm},
                              .thickness_mm = spacing_mm[2],
                              .autocorrelation = {1.0, 2.0 / 3.0, 1.0 / 6.0, 0.0}};
    w->in = (rs_insert_input){&w->series, &w->volume, &w->regions, &w->quality};
    w->options = (rs_insert_options){.seed = 3, .vessel_share = (double)NAN, .wall_share = (double)NAN};
    fill(w, noise_hu, vessels);
    return w;
}

static void world_end(world *w)
{
    rs_arena_free(w->arena);
    rs_volume_free(w->ctx, &w->volume);
    rs_regions_free(w->ctx, &w->regions);
    rs_context_free(w->ctx);
    free(w);
}

static const double fine_mm[3] = {0.7, 0.7, 1.0}, thick_mm[3] = {0.7, 0.7, 2.5}, cube_mm[3] = {0.7, 0.7, 0.7};

static rs_insert_lesion sphere(double radius_mm, double hu)
{
    rs_insert_lesion l = {.diameter_mm = 2.0 * radius_mm, .outer_hu = hu};
    l.shape = (rs_insert_shape){.lowest = 1.0, .highest = 1.0, .reach_mm = radius_mm * 1.0001, .name = "near_sphere"};
    for (int c = 0; c < 3; c++) {
        l.shape.axis[c][c] = 1.0;
        l.shape.radius_mm[c] = radius_mm;
    }
    return l;
}

/* Renders it at a place; the scene is made anew. */
static void render(world *w, rs_insert_scene *s, rs_insert_lesion *l, const double origin_mm[3])
{
    assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, s), RS_OK);
    memcpy(l->origin_mm, origin_mm, sizeof l->origin_mm);
    rs_insert_lesion_box(s, l);
    int64_t voxels = 1;
    for (int c = 0; c < 3; c++)
        voxels *= l->end[c] - l->begin[c];
    l->delta = RS_ARENA_NEW(w->arena, float, voxels);
    assert_non_null(l->delta);
    assert_int_equal(rs_insert_render(w->ctx, s, l), RS_OK);
}

static double delta_at(const rs_insert_lesion *l, int32_t i, int32_t j, int32_t k)
{
    if (i < l->begin[0] || i >= l->end[0] || j < l->begin[1] || j >= l->end[1] || k < l->begin[2] || k >= l->end[2])
        return 0.0;
    int64_t wide = l->end[0] - l->begin[0], high = l->end[1] - l->begin[1];
    return (double)l->delta[((k - l->begin[2]) * high + j - l->begin[1]) * wide + i - l->begin[0]];
}

static double sum_mm3(const world *w, const rs_insert_lesion *l)
{
    double sum = 0.0;
    int64_t n = 1;
    for (int c = 0; c < 3; c++)
        n *= l->end[c] - l->begin[c];
    for (int64_t v = 0; v < n; v++)
        sum += (double)l->delta[v];
    return sum * rs_geometry_voxel_mm3(&w->volume.geometry);
}

/* The integral of what a sphere adds is its volume times its contrast, whatever the grid and the PSF. */
static void a_sphere_adds_its_volume_times_its_contrast(void **state)
{
    (void)state;
    const double *spacings[] = {fine_mm, thick_mm, cube_mm}, fwhm[] = {0.8, 1.4, 1.1}, axial[] = {1.0, 2.9, 1.1};
    for (int n = 0; n < 3; n++) {
        world *w = world_of(1, spacings[n], fwhm[n], axial[n], 0.0, false);
        for (double d = 1.5; d < 20.0; d *= 1.9) {
            const double at[3] = {38.33, 35.12, 34.91 * spacings[n][2]}, volume = M_PI * d * d * d / 6.0;
            rs_insert_scene s;
            rs_insert_lesion l = sphere(0.5 * d, 30.0);
            render(w, &s, &l, at);
            assert_true(fabs(l.volume_mm3 / volume - 1.0) < 0.015);
            assert_true(fabs(sum_mm3(w, &l) / (volume * (30.0 - LUNG)) - 1.0) < 0.02);
            assert_true(fabs(l.background_hu - LUNG) <= 5.0);
            for (int c = 0; c < 3; c++)
                assert_true(fabs(l.centre_mm[c] - at[c]) < 0.02);
        }
        world_end(w);
    }
}

/* The closed form of a sphere blurred by an isotropic Gaussian (science C9). */
static void a_blurred_sphere_has_its_profile(void **state)
{
    (void)state;
    world *w = world_of(1, cube_mm, 1.3, 1.3, 0.0, false);
    const double p = 1.3 / 2.3548200450309493, radius = 2.5, at[3] = {54 * 0.7, 50 * 0.7, 35 * 0.7};
    rs_insert_scene s;
    rs_insert_lesion l = sphere(radius, 50.0);
    render(w, &s, &l, at);
    for (int32_t n = 1; n < 8; n++) {
        double r = n * 0.7, a = radius - r, b = radius + r;
        double share = 0.5 * (erf(a / (sqrt(2.0) * p)) + erf(b / (sqrt(2.0) * p))) -
                       p / (r * sqrt(2.0 * M_PI)) * (exp(-a * a / (2.0 * p * p)) - exp(-b * b / (2.0 * p * p)));
        assert_true(fabs(delta_at(&l, 54 + n, 50, 35) / 900.0 - share) < 0.01);
        assert_true(fabs(delta_at(&l, 54, 50, 35 - n) / 900.0 - share) < 0.01);
        assert_true(fabs(delta_at(&l, 54, 50 + n, 35) - delta_at(&l, 54, 50 - n, 35)) < 1.0);
    }
    world_end(w);
}

static void what_lies_within_adds_its_own(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    const double at[3] = {38.0, 35.0, 35.0}, volume = M_PI * 1000.0 / 6.0;
    rs_insert_scene s;
    rs_insert_lesion l = sphere(5.0, -600.0);
    l.density = RS_INSERT_PART_SOLID;
    l.inner_hu = 30.0;
    l.shape.inner_scale = 0.5;
    l.shape.inner_offset_mm[0] = 1.5;
    render(w, &s, &l, at);
    assert_true(fabs(l.core_volume_mm3 / (volume / 8.0) - 1.0) < 0.02);
    double wanted = volume * 7.0 / 8.0 * (-600.0 - LUNG) + volume / 8.0 * (30.0 - LUNG);
    assert_true(fabs(sum_mm3(w, &l) / wanted - 1.0) < 0.02);
    assert_true(fabs(l.mean_hu - (7.0 * -600.0 + 30.0) / 8.0) < 5.0);
    world_end(w);
}

/* SD of windows of 7 x 7 around (i, j) over slices k0 … k1, with the lesion or without. */
static double sd_around(const world *w, const rs_insert_lesion *l, int32_t i, int32_t j, int32_t k0, int32_t k1)
{
    const rs_geometry *g = &w->volume.geometry;
    double square = 0.0;
    for (int32_t k = k0; k <= k1; k++) {
        float window[49];
        for (int32_t n = 0; n < 49; n++) {
            int32_t ii = i + n % 7 - 3, jj = j + n / 7 - 3;
            double hu = w->volume.voxels[((int64_t)k * g->n[1] + jj) * g->n[0] + ii];
            window[n] = (float)(hu + (l != NULL ? delta_at(l, ii, jj, k) : 0.0));
        }
        double sd = rs_insert_window_sd(window + 24, 7);
        square += sd * sd;
    }
    return sqrt(square / (k1 - k0 + 1));
}

static void noise_inside_equals_noise_outside(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 25.0, false);
    double inside = 0.0, outside = 0.0;
    for (int n = 0; n < 6; n++) {
        w->options.seed = (uint64_t)n + 1;
        const double at[3] = {(30 + 9 * n) * 0.7, 50 * 0.7, 35.0};
        rs_insert_scene s;
        rs_insert_lesion l = sphere(9.0, 30.0);
        render(w, &s, &l, at);
        assert_true(s.kept_share > 0.3 && s.kept_share < 0.95);
        double a = sd_around(w, &l, 30 + 9 * n, 50, 30, 40), b = sd_around(w, NULL, 30 + 9 * n, 50, 30, 40);
        inside += a * a;
        outside += b * b;
    }
    assert_true(fabs(sqrt(inside / outside) - 1.0) < 0.06);
    world_end(w);
}

/* A vessel that runs through is gone inside but for what hides in the noise: replaced, not added to (science D2.1). */
static void a_vessel_inside_is_replaced(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 10.0, true);
    const double at[3] = {33 * 0.7, 50 * 0.7, 35.0};
    rs_insert_scene s;
    rs_insert_lesion l = sphere(6.0, -20.0);
    render(w, &s, &l, at);
    double sum = 0.0;
    for (int32_t k = 33; k <= 37; k++) {
        for (int32_t i = 30; i <= 36; i++) {
            double hu = w->volume.voxels[((int64_t)k * 100 + 50) * 110 + i] + delta_at(&l, i, 50, k);
            assert_true(fabs(hu + 20.0) < 35.0);
            sum += hu / 35.0;
        }
    }
    assert_true(fabs(sum + 20.0) < 12.0);
    world_end(w);
}

/* Cut by a flat wall: the volume of the segment that is left, and no dark line between lesion and wall. */
static void a_wall_cuts_without_a_seam(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    /* The scan shows the wall through its PSF. */
    rs_insert_scene s;
    assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
    const double face_mm = (edge - 0.5) * 0.7, radius = 5.0, depth = 2.0;
    double p = s.psf_sigma_mm[0];
    for (int64_t v = 0; v < rs_geometry_voxels(&w->volume.geometry); v++) {
        double x = (double)(v % 110) * 0.7 - face_mm;
        if (x < 10.0) w->volume.voxels[v] = (int16_t)(WALL + (LUNG - WALL) * 0.5 * (1.0 + erf(x / (sqrt(2.0) * p))));
    }
    const double at[3] = {face_mm + depth, 50 * 0.7, 35.0};
    rs_insert_lesion l = sphere(radius, 40.0);
    render(w, &s, &l, at);
    double cap = radius - depth,
           left = 4.0 / 3.0 * M_PI * radius * radius * radius - M_PI * cap * cap * (radius - cap / 3.0);
    assert_true(fabs(l.volume_mm3 / left - 1.0) < 0.03);
    for (int32_t i = 0; i < edge + 5; i++) {
        double hu = w->volume.voxels[((int64_t)35 * 100 + 50) * 110 + i] + delta_at(&l, i, 50, 35);
        assert_true(fabs(hu - 40.0) < 20.0);
    }
    world_end(w);
}

static char folder[256];

static rs_json *write_and_read(world *w, const char *name, char path[300])
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    rs_json *root = NULL;
    char file[320];
    snprintf(path, 300, "%s/%s", folder, name);
    assert_int_equal(rs_insert_write(w->ctx, &w->in, path, &w->options), RS_OK);
    snprintf(file, sizeof file, "%s/truth.json", path);
    assert_int_equal(rs_file_read(w->ctx, w->arena, file, 1 << 24, false, &bytes, &n), RS_OK);
    assert_int_equal(rs_json_parse(w->ctx, (char *)bytes, n, &root), RS_OK);
    return root;
}

static void lps_of(const rs_json *o, double lps[3])
{
    for (int c = 0; c < 3; c++)
        assert_true(rs_json_real(rs_json_at(rs_json_get(o, "lps_mm"), c), &lps[c]));
}

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

static void places_sides_and_listed_lesions_are_true(void **state)
{
    (void)state;
    world *w = world_of(2, fine_mm, 1.1, 1.2, 20.0, true);
    char ignore[300], path[300];
    snprintf(ignore, sizeof ignore, "%s/real.csv", folder);
    FILE *f = fopen(ignore, "w");
    assert_non_null(f);
    fprintf(f, "seriesuid,coordX,coordY,coordZ,diameter_mm\n9.9,0,0,0,3\n1.2.3,10.5,12.0,135.0,12.0\r\n");
    fclose(f);
    w->options.ignore = ignore;
    w->options.vessel_share = 0.3;
    w->options.wall_share = 0.4;
    w->options.largest_mm = 5.0;
    rs_json *root = write_and_read(w, "places", path);
    const rs_json *lesions = rs_json_get(root, "lesions"), *real = rs_json_get(root, "irrelevant");
    const double listed[3] = {10.5, 12.0, 135.0};
    int n = rs_json_size(lesions), kinds[3] = {0};
    assert_true(n >= 4);
    assert_int_equal(rs_json_size(real), 1);
    for (int a = 0; a < n; a++) {
        const rs_json *l = rs_json_at(lesions, a);
        double p[3], q[3], da = 0.0, db = 0.0, vessel = 0.0, wall = 0.0;
        lps_of(l, p);
        assert_true(rs_json_real(rs_json_get(l, "equivalent_mm"), &da));
        assert_true(rs_json_real(rs_json_get(l, "vessel_share"), &vessel));
        assert_true(rs_json_real(rs_json_get(l, "wall_share"), &wall));
        const char *kind = rs_json_text(rs_json_get(l, "attachment")), *aimed = rs_json_text(rs_json_get(l, "aimed"));
        assert_string_equal(kind, rs_truth_attachment(vessel, wall));
        if (aimed != NULL) assert_string_equal(kind, aimed);
        kinds[kind[0] == 'v' ? 0 : (kind[0] == 'p' ? 1 : 2)]++;
        /* The halves of the box: i < 55. */
        assert_string_equal(rs_json_text(rs_json_get(l, "side")), p[0] < -30.0 + 54.5 * 0.7 ? "right" : "left");
        assert_true(distance(p, listed) > 14.0 + 6.0);
        for (int b = 0; b < a; b++) {
            lps_of(rs_json_at(lesions, b), q);
            assert_true(rs_json_real(rs_json_get(rs_json_at(lesions, b), "equivalent_mm"), &db));
            assert_true(distance(p, q) > 14.0 + 0.3 * (da + db));
        }
    }
    assert_true(kinds[0] > 0 && kinds[1] > 0);
    rs_json_free(root);
    world_end(w);
}

static void bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 7};
    uint8_t *first[3] = {NULL};
    size_t first_n[3] = {0};
    world *keep = world_of(1, fine_mm, 1.1, 1.2, 20.0, true);
    static const char *const names[] = {"truth.json", "IM0030.dcm", "IM0045.dcm"};
    for (int t = 0; t < 3; t++) {
        world *w = world_of(threads[t], fine_mm, 1.1, 1.2, 20.0, true);
        char path[300], name[16];
        snprintf(name, sizeof name, "threads%d", threads[t]);
        rs_json_free(write_and_read(w, name, path));
        for (int n = 0; n < 3; n++) {
            uint8_t *bytes = NULL;
            size_t n_bytes = 0;
            char file[320];
            snprintf(file, sizeof file, "%s/%s", path, names[n]);
            assert_int_equal(rs_file_read(keep->ctx, keep->arena, file, 1 << 24, false, &bytes, &n_bytes), RS_OK);
            if (t == 0) {
                first[n] = bytes;
                first_n[n] = n_bytes;
            } else {
                assert_int_equal(n_bytes, first_n[n]);
                assert_memory_equal(bytes, first[n], n_bytes);
            }
        }
        world_end(w);
    }
    world_end(keep);
}

/* A nodule as a scan shows it: a ball of 8 mm seen through 1.1 mm; the readers' mask holds its rim. */
static void write_cutout(world *w, const char *library)
{
    const rs_geometry g = {.n = {44, 44, 11}, .spacing_mm = {0.7, 0.7, 1.0}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const double p = 1.1 / 2.3548200450309493, radius = 4.0;
    rs_volume image, mask;
    char path[320];
    assert_int_equal(rs_volume_new(w->ctx, &g, &image), RS_OK);
    assert_int_equal(rs_volume_new(w->ctx, &g, &mask), RS_OK);
    for (int32_t v = 0; v < 44 * 44 * 11; v++) {
        double x = (v % 44 - 22) * 0.7, y = (v / 44 % 44 - 22) * 0.7, z = v / 44 / 44 - 5.0;
        double r = sqrt(x * x + y * y + z * z) + 1e-9, a = radius - r, b = radius + r;
        double share = 0.5 * (erf(a / (sqrt(2.0) * p)) + erf(b / (sqrt(2.0) * p))) -
                       p / (r * sqrt(2.0 * M_PI)) * (exp(-a * a / (2.0 * p * p)) - exp(-b * b / (2.0 * p * p)));
        image.voxels[v] = (int16_t)floor(-880.0 + 920.0 * share + 15.0 * random_normal((uint64_t)v) + 0.5);
        if (x > 7.0) image.voxels[v] = 50; /* the wall of its own scan */
        mask.voxels[v] = share > 0.15;
    }
    const rs_format_options options = {.force = true};
    snprintf(path, sizeof path, "%s/image/ball.nii.gz", library);
    assert_int_equal(rs_format_write(w->ctx, &image, 1, path, &options), RS_OK);
    snprintf(path, sizeof path, "%s/mask/ball.nii.gz", library);
    assert_int_equal(rs_format_write(w->ctx, &mask, 1, path, &options), RS_OK);
    rs_volume_free(w->ctx, &image);
    rs_volume_free(w->ctx, &mask);
}

static void a_cutout_keeps_its_effective_size(void **state)
{
    (void)state;
    char name[300], image[320], mask[320];
    snprintf(name, sizeof name, "%s/library", folder);
    snprintf(image, sizeof image, "%s/image", name);
    snprintf(mask, sizeof mask, "%s/mask", name);
    assert_int_equal(mkdir(name, 0700) | mkdir(image, 0700) | mkdir(mask, 0700), 0);
    static const double axial[] = {1.2, 2.8};
    for (int n = 0; n < 2; n++) {
        world *w = world_of(1, n == 0 ? fine_mm : thick_mm, 1.1, axial[n], 20.0, true);
        write_cutout(w, name);
        const rs_library_row row = {.file = "ball.nii.gz", .patient = "A", .nominal_mm = 9.5};
        const rs_library library = {.folder = name};
        rs_insert_scene s;
        rs_cutout cutout;
        assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
        assert_int_equal(rs_cutout_new(w->ctx, w->arena, &s, &library, &row, &cutout), RS_OK);
        assert_true(fabs(cutout.background_hu + 880.0) < 15.0 && fabs(cutout.inside_hu - 40.0) < 25.0);
        /* 15 HU of white noise, of which sampling and blur leave less than the scan has. */
        assert_true(cutout.noise_hu > 3.0 && cutout.noise_hu < 16.0 && cutout.left_hu == cutout.noise_hu);
        rs_insert_lesion l = {.diameter_mm = 9.5, .cutout = &cutout};
        l.shape = (rs_insert_shape){.name = "cutout", .reach_mm = 9.0};
        const double turn[3][3] = {{0.6, 0.8, 0.0}, {-0.8, 0.6, 0.0}, {0.0, 0.0, -1.0}};
        memcpy(l.turn, turn, sizeof turn);
        const double at[3] = {38.0, 35.0, 35.0 * w->volume.geometry.spacing_mm[2]};
        render(w, &s, &l, at);
        double effective_mm = cbrt(6.0 * l.volume_mm3 / M_PI);
        assert_true(fabs(effective_mm / 8.0 - 1.0) < 0.05);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(l.centre_mm[c] - at[c]) < 0.4);
        /* As dense inside as in its own scan; the wall of that stays behind. */
        double sum = 0.0;
        for (int32_t i = 52; i <= 56; i++)
            sum += (w->volume.voxels[((int64_t)35 * 100 + 50) * 110 + i] + delta_at(&l, i, 50, 35)) / 5.0;
        assert_true(fabs(sum - 40.0) < 40.0);
        for (int32_t m = 11; m < 16; m++)
            assert_true(fabs(delta_at(&l, 54 + m, 50, 35)) < 60.0 && fabs(delta_at(&l, 54, 50 - m, 35)) < 60.0);
        world_end(w);
    }
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    const rs_insert_options good = w->options;
    rs_insert_options o = good;
    o.smallest_mm = 1.0;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.smallest_mm = 9.0;
    o.largest_mm = 4.0;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.vessel_share = 0.7;
    o.wall_share = 0.5;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.library = "/no/such/folder";
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_NO_INPUT);
    w->series.volume_file = "volume.mha";
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &good), RS_DATA);
    w->series.volume_file = NULL;
    memset(w->regions.labels, 0, (size_t)rs_geometry_voxels(&w->regions.geometry));
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &good), RS_DATA);
    assert_int_not_equal(access("x", F_OK), 0);
    world_end(w);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/restage-insert-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL) return 70;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sphere_adds_its_volume_times_its_contrast),
        cmocka_unit_test(a_blurred_sphere_has_its_profile),
        cmocka_unit_test(what_lies_within_adds_its_own),
        cmocka_unit_test(noise_inside_equals_noise_outside),
        cmocka_unit_test(a_vessel_inside_is_replaced),
        cmocka_unit_test(a_wall_cuts_without_a_seam),
        cmocka_unit_test(places_sides_and_listed_lesions_are_true),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(a_cutout_keeps_its_effective_size),
        cmocka_unit_test(wrong_options_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[320];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || failed != 0;
}
