/* Modes of scanner and of the great changes of a chest: fluid of the asked volume and density, noise and slice profile
   as asked, slices that lean as the header says, streaks that fade as 1 / r, the same bits on any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mode.h"
#include "modes/effusion.h"
#include "restage/parallel.h"
#include "series.h"
#include "streaks.h"

/* A patient of a recipe's text, rendered whole. */
typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_phantom_model *model;
    uint16_t *voxels;
} scene;

static rs_status render_slab(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const scene *s = arg;
    const rs_phantom_scan *scan = &s->model->scan;
    int32_t n = rs_phantom_slab_slices(scan), first = (int32_t)item * n;
    (void)worker;
    if (scan->slices - first < n) n = scan->slices - first;
    return rs_phantom_render(ctx, s->model, first, n,
                             s->voxels + (size_t)first * (size_t)scan->columns * (size_t)scan->rows);
}

/* modes: what stands in the recipe's "modes". */
static scene make_scene(const rs_phantom_options *options, const char *modes, int threads)
{
    scene s = {.arena = rs_arena_new()};
    char path[] = "/tmp/restage-recipe-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(out);
    fprintf(out, "{\"schema\": \"restage-recipe-1\", \"name\": \"test\", \"modes\": {%s}}\n", modes);
    fclose(out);
    rs_phantom_options with = *options;
    with.recipe = path;
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &s.ctx), RS_OK);
    rs_status status = rs_phantom_model_new(s.ctx, s.arena, &with, true, &s.model);
    remove(path);
    if (status != RS_OK) fail_msg("%s", rs_context_message(s.ctx));
    const rs_phantom_scan *scan = &s.model->scan;
    s.voxels =
        rs_arena_alloc(s.arena, (size_t)scan->columns * (size_t)scan->rows * (size_t)scan->slices, sizeof *s.voxels);
    assert_non_null(s.voxels);
    int32_t slab = rs_phantom_slab_slices(scan);
    assert_int_equal(rs_parallel_for(s.ctx, (scan->slices + slab - 1) / slab, render_slab, &s), RS_OK);
    return s;
}

static void end_scene(scene *s)
{
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
}

static size_t voxels_of(const scene *s)
{
    const rs_phantom_scan *scan = &s->model->scan;
    return (size_t)scan->columns * (size_t)scan->rows * (size_t)scan->slices;
}

/* Millilitres that are lung by the closed forms, not solids, and look wet: between air and half way to it. */
static double wet_ml(const scene *s)
{
    const rs_phantom_scan *scan = &s->model->scan;
    const rs_phantom_anatomy *a = &s->model->anatomy;
    double sum = 0.0;
    for (size_t v = 0; v < voxels_of(s); v++) {
        int32_t i = (int32_t)(v % (size_t)scan->columns), j = (int32_t)(v / (size_t)scan->columns % (size_t)scan->rows),
                k = (int32_t)(v / (size_t)scan->columns / (size_t)scan->rows);
        const double p[3] = {rs_phantom_x(scan, i), rs_phantom_y(scan, j),
                             rs_phantom_z(scan, k, rs_phantom_y(scan, j))};
        if (rs_phantom_lung_distance(a, p, NULL) > 0.0) continue;
        bool solid = false;
        for (int n = 0; n < a->n_solids && !solid; n++)
            solid = !a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < 0.0;
        sum += !solid && s->voxels[v] > 1024 - 420 ? 1.0 : 0.0;
    }
    return sum * scan->pixel_mm * scan->pixel_mm * scan->spacing_mm / 1000.0;
}

/* The fluid of a patient: what is wet with the mode less what is wet without it (vessels), within a tenth. */
static void effusions_hold_what_was_asked(void **state)
{
    (void)state;
    const double asked[] = {120.0, 400.0, 800.0};
    for (int n = 0; n < 3; n++) {
        rs_phantom_options options = {.seed = 31 + (uint64_t)n, .columns = 128, .rows = 128, .slices = 120};
        options.slice_spacing_mm = 2.5;
        char modes[200];
        snprintf(modes, sizeof modes,
                 "\"effusion\": {\"share\": 1, \"volume_ml\": %g, \"collapse_share\": 0, \"band_mm\": 0}", asked[n]);
        scene with = make_scene(&options, modes, 2), without = make_scene(&options, "", 2);
        double hu = 0.0, gained = wet_ml(&with) - wet_ml(&without);
        assert_true(rs_phantom_effusion_ml(with.model->drawn[RS_PHANTOM_MODE_effusion], &hu) == asked[n]);
        /* Vessels that lay in the fluid's place were wet before: they have moved, and are counted still. */
        if (fabs(gained / asked[n] - 1.0) > 0.1) fail_msg("%g ml of %g", gained, asked[n]);
        assert_true(hu >= 0.0 && hu <= 20.0);
        end_scene(&with);
        end_scene(&without);
    }
}

/* No lesion lies in fluid, in a lobe without air, or at a clip. */
static void no_lesion_lies_where_none_may(void **state)
{
    (void)state;
    rs_phantom_options options = {.seed = 3, .columns = 64, .rows = 64, .slices = 60, .slice_spacing_mm = 5.0};
    options.n_lesions = 40;
    scene s =
        make_scene(&options,
                   "\"effusion\": {\"share\": 1, \"volume_ml\": 700, \"collapse_share\": 1}, \"clips\": {\"share\": "
                   "1}, \"lobectomy\": {\"share\": 1}",
                   2);
    assert_true(s.model->lesions.n > 15 && s.model->n_irrelevant > 0);
    for (int n = 0; n < s.model->lesions.n; n++) {
        const rs_phantom_lesion *l = &s.model->lesions.items[n];
        assert_false(rs_phantom_modes_forbid(s.model, l->origin, 0.4 * l->equivalent_mm));
    }
    end_scene(&s);
}

/* Standard deviation of the differences of neighbours in the liver and at the hila against what was asked: the model
   says how neighbours correlate, so only the SD of the air above the patient is taken, where the gain is known. */
static void noise_has_the_asked_deviation(void **state)
{
    (void)state;
    const struct {
        double psf_mm, noise_hu, blotchy;
    } rows[] = {{0.7, 70.0, 0.0}, {1.6, 8.0, 0.8}, {1.1, 30.0, 1.0}};
    for (int n = 0; n < 3; n++) {
        rs_phantom_options options = {.seed = 40 + (uint64_t)n, .columns = 256, .rows = 256, .slices = 6};
        char modes[300];
        snprintf(
            modes, sizeof modes,
            "\"acquisition\": {\"psf_mm\": %g, \"noise_hu\": %g, \"blotchy\": %g, \"uneven\": 1, \"tilt_share\": 0, "
            "\"layout_share\": 0, \"view_mm\": 220}",
            rows[n].psf_mm, rows[n].noise_hu, rows[n].blotchy);
        scene s = make_scene(&options, modes, 1);
        const rs_phantom_scan *scan = &s.model->scan;
        assert_true(fabs(scan->noise_hu - rows[n].noise_hu) < 1e-9);
        assert_true(fabs(scan->psf_fwhm_mm / rows[n].psf_mm - 1.0) < 0.03 || rows[n].psf_mm < scan->pixel_mm);
        size_t plane = (size_t)scan->columns * (size_t)scan->rows;
        float *white = malloc(3 * plane * sizeof *white), *noise = white + plane;
        assert_non_null(white);
        rs_phantom_white(scan, 3, white);
        rs_phantom_filter_plane(&scan->noise, scan->columns, scan->rows, white, noise, white + 2 * plane);
        double sum = 0.0, square = 0.0;
        for (size_t p = 0; p < plane; p++) {
            double v = (double)(noise[p] * scan->noise_gain);
            sum += v;
            square += v * v;
        }
        double mean = sum / (double)plane;
        assert_true(fabs(sqrt(square / (double)plane - mean * mean) / rows[n].noise_hu - 1.0) < 0.03);
        free(white);
        end_scene(&s);
    }
}

/* Correlation of a slice's noise with the next: of weights 1 and w at distance 1 it is 2 w / (1 + 2 w^2). Without a
   word of "shared" it is what it was; and nothing else of the scan hangs on it. */
static void neighbouring_slices_share_noise_as_asked(void **state)
{
    (void)state;
    const struct {
        double thickness_mm, shared, wanted;
        const char *knob;
    } rows[] = {{1.0, 1.0, 0.601, ""},
                {1.0, 0.75, 0.503, ", \"shared\": 0.75"},
                {3.0, 1.0, 0.366, ""},
                {3.0, 0.5, 0.193, ", \"shared\": 0.5"},
                {3.0, 0.0, 0.0, ", \"shared\": 0"}};
    for (int n = 0; n < 5; n++) {
        rs_phantom_options options = {.seed = 45, .columns = 256, .rows = 256, .slices = 2};
        options.slice_spacing_mm = rows[n].thickness_mm;
        char modes[200];
        snprintf(modes, sizeof modes, "\"acquisition\": {\"layout_share\": 1, \"noise_hu\": 30%s}", rows[n].knob);
        scene s = make_scene(&options, modes, 1),
              plain = make_scene(&options, "\"acquisition\": {\"layout_share\": 1, \"noise_hu\": 30}", 1);
        const rs_phantom_scan *scan = &s.model->scan, *old = &plain.model->scan;
        const size_t plane = (size_t)scan->columns * (size_t)scan->rows;
        float *white = malloc(2 * plane * sizeof *white);
        double both = 0.0, square[2] = {0.0, 0.0};
        assert_non_null(white);
        rs_phantom_white(scan, 7, white);
        rs_phantom_white(scan, 8, white + plane);
        for (size_t p = 0; p < plane; p++) {
            both += (double)white[p] * (double)white[plane + p];
            for (int d = 0; d < 2; d++)
                square[d] += (double)white[(size_t)d * plane + p] * (double)white[(size_t)d * plane + p];
        }
        double is = both / sqrt(square[0] * square[1]),
               sd = sqrt(square[0] * square[1]) / (double)plane * (double)scan->noise_gain * (double)scan->noise_gain,
               old_sd = (double)old->noise_gain * (double)old->noise_gain;
        if (fabs(is - rows[n].wanted) > 0.015) fail_msg("row %d: %.3f of %.3f", n, is, rows[n].wanted);
        /* The field keeps its strength: what neighbours give less, the gain gives more. */
        rs_phantom_white(old, 7, white);
        square[0] = 0.0;
        for (size_t p = 0; p < plane; p++)
            square[0] += (double)white[p] * (double)white[p];
        assert_true(fabs(sd / (square[0] / (double)plane * old_sd) - 1.0) < 0.03);
        assert_true(scan->psf_fwhm_mm == old->psf_fwhm_mm && scan->uneven == old->uneven && scan->bits == old->bits);
        /* As this patient was drawn before there was such a knob. */
        assert_true(scan->bits == 13 && scan->is_signed && scan->flip[0] && !scan->flip[1] && !scan->flip[2]);
        assert_true(scan->tilt_deg == old->tilt_deg && scan->pixel_mm == old->pixel_mm);
        assert_memory_equal(scan->flip, old->flip, sizeof scan->flip);
        assert_memory_equal(scan->corner_mm, old->corner_mm, sizeof scan->corner_mm);
        if (rows[n].shared == 1.0) assert_memory_equal(s.voxels, plain.voxels, voxels_of(&s) * sizeof *s.voxels);
        free(white);
        end_scene(&s);
        end_scene(&plain);
    }
}

/* Noise at the base over that of the middle, by the differences of two series that differ in their noise alone. */
static void noise_is_uneven_as_asked(void **state)
{
    (void)state;
    rs_phantom_options options = {.seed = 12, .columns = 96, .rows = 96, .slices = 60, .slice_spacing_mm = 5.0};
    const char *even = "\"acquisition\": {\"noise_hu\": 30, \"psf_mm\": 1.5, \"uneven\": 1, \"tilt_share\": 0, "
                       "\"layout_share\": 0, \"view_mm\": 380}",
               *uneven = "\"acquisition\": {\"noise_hu\": 30, \"psf_mm\": 1.5, \"uneven\": 1.6, \"tilt_share\": 0, "
                         "\"layout_share\": 0, \"view_mm\": 380}",
               *none = "\"acquisition\": {\"noise_hu\": 0, \"psf_mm\": 1.5, \"uneven\": 1, \"tilt_share\": 0, "
                       "\"layout_share\": 0, \"view_mm\": 380}";
    scene a = make_scene(&options, even, 2), b = make_scene(&options, uneven, 2), c = make_scene(&options, none, 2);
    const size_t plane = (size_t)96 * 96;
    double at[2] = {30.0, 0.5 * a.model->anatomy.height_mm};
    for (int n = 0; n < 2; n++) {
        int32_t k = (int32_t)((at[n] - a.model->scan.corner_mm[2]) / 5.0);
        double square[2] = {0, 0};
        for (size_t v = (size_t)k * plane; v < (size_t)(k + 1) * plane; v++) {
            if (c.voxels[v] < 600) continue; /* air is cut at its floor */
            square[0] += (double)(a.voxels[v] - c.voxels[v]) * (double)(a.voxels[v] - c.voxels[v]);
            square[1] += (double)(b.voxels[v] - c.voxels[v]) * (double)(b.voxels[v] - c.voxels[v]);
        }
        double ratio = sqrt(square[1] / square[0]);
        assert_true(fabs(ratio - (n == 0 ? 1.6 : 1.0)) < 0.03);
    }
    end_scene(&a);
    end_scene(&b);
    end_scene(&c);
}

/* The slice profile: a thin plate across the slices gives its values back. */
static void slices_have_the_asked_thickness(void **state)
{
    (void)state;
    const double thickness[] = {0.6, 1.25, 5.0};
    for (int n = 0; n < 3; n++) {
        rs_phantom_options options = {.seed = 4, .thickness_mm = thickness[n], .slice_spacing_mm = 0.5 * thickness[n]};
        rs_phantom_scan scan;
        rs_phantom_scan_draw(&options, 120.0, &scan);
        double sum = 0.0, half = 0.0;
        for (int t = 0; t <= 2 * scan.reach; t++)
            sum += (double)scan.profile[t];
        assert_true(fabs(sum - 1.0) < 1e-6);
        /* Full width at half maximum of samples: every one above half of the middle is a step wide, ends in part. */
        float top = scan.profile[scan.reach] * 0.5f;
        for (int t = 0; t < 2 * scan.reach; t++) {
            float a = scan.profile[t] - top, b = scan.profile[t + 1] - top;
            if (a > 0.0f && b > 0.0f) half += scan.sub_mm;
            if ((a > 0.0f) != (b > 0.0f)) half += scan.sub_mm * (double)((a > b ? a : b) / fabsf(a - b));
        }
        assert_true(fabs(half / thickness[n] - 1.0) < 0.15);
    }
}

/* A text element's value in an explicit little-endian file. */
static void find_text(const uint8_t *bytes, size_t n, uint32_t tag, char out[200])
{
    const uint8_t key[4] = {(uint8_t)(tag >> 16), (uint8_t)(tag >> 24), (uint8_t)tag, (uint8_t)(tag >> 8)};
    out[0] = '\0';
    for (size_t at = 132; at + 8 < n; at++) {
        if (memcmp(bytes + at, key, 4) != 0 || bytes[at + 4] < 'A' || bytes[at + 4] > 'Z') continue;
        size_t length = (size_t)bytes[at + 6] | (size_t)bytes[at + 7] << 8;
        assert_true(length < 200 && at + 8 + length <= n);
        memcpy(out, bytes + at + 8, length);
        out[length] = '\0';
        return;
    }
}

/* Where the headers say that a voxel lies, there the anatomy has it: the middles of large solids of a leaning, flipped
   series are found at their places, read from position, directions and spacing of the file alone. */
static void headers_agree_with_the_geometry(void **state)
{
    (void)state;
    rs_phantom_options options = {.seed = 6, .columns = 96, .rows = 96, .slices = 70, .slice_spacing_mm = 4.0};
    scene s = make_scene(&options,
                         "\"acquisition\": {\"noise_hu\": 0, \"tilt_share\": 1, \"tilt_deg\": 14, \"layout_share\": 0, "
                         "\"psf_mm\": 1.0}",
                         2);
    rs_phantom_scan *scan = &s.model->scan;
    assert_true(fabs(fabs(scan->tilt_deg) - 14.0) < 1e-9);
    for (int flips = 0; flips < 4; flips++) {
        scan->flip[0] = (flips & 1) != 0;
        scan->flip[1] = (flips & 2) != 0;
        int hearts = 0, lungs = 0, airy = 0;
        for (int32_t k = 20; k < 50; k += 6) {
            uint8_t *bytes = NULL;
            size_t n = 0;
            char text[200];
            double p[3], d[6], tilt = 0.0;
            const uint16_t *slice = s.voxels + (size_t)k * 96 * 96;
            assert_int_equal(rs_phantom_encode(s.ctx, s.arena, s.model, k, slice, &bytes, &n), RS_OK);
            find_text(bytes, n, 0x00200032, text);
            assert_int_equal(sscanf(text, "%lf\\%lf\\%lf", &p[0], &p[1], &p[2]), 3);
            find_text(bytes, n, 0x00200037, text);
            assert_int_equal(sscanf(text, "%lf\\%lf\\%lf\\%lf\\%lf\\%lf", &d[0], &d[1], &d[2], &d[3], &d[4], &d[5]), 6);
            find_text(bytes, n, 0x00181120, text);
            assert_int_equal(sscanf(text, "%lf", &tilt), 1);
            assert_true(fabs(d[3] * d[3] + d[4] * d[4] + d[5] * d[5] - 1.0) < 1e-8);
            double lean[2];
            rs_phantom_sine(tilt, lean);
            assert_true(fabs(fabs(d[5]) - fabs(lean[0])) < 1e-8 && fabs(lean[0] - sin(tilt * M_PI / 180.0)) < 1e-12);
            const uint8_t *pixels = bytes + n - 2 * 96 * 96;
            for (int32_t j = 8; j < 88; j += 4) {
                for (int32_t i = 8; i < 88; i += 4) {
                    double q[3], heart = 1e3;
                    for (int c = 0; c < 3; c++)
                        q[c] = p[c] + (i * d[c] + j * d[3 + c]) * scan->pixel_mm - scan->shift_mm[c];
                    for (int m = 0; m < s.model->anatomy.n_solids; m++) {
                        double at = rs_phantom_solid_distance(&s.model->anatomy.solid[m], q);
                        if (!s.model->anatomy.solid[m].abdominal && at < heart) heart = at;
                    }
                    double air = rs_phantom_lung_distance(&s.model->anatomy, q, NULL);
                    const uint8_t *pixel = pixels + 2 * ((size_t)j * 96 + (size_t)i);
                    double hu = (double)(pixel[0] | pixel[1] << 8) - 1024.0;
                    if (heart < -8.0) hearts++;
                    if (heart < -8.0) assert_true(hu > -150.0);
                    if (air < -10.0 && heart > 10.0) {
                        lungs++;
                        airy += hu < -600.0 ? 1 : 0;
                    }
                }
            }
        }
        assert_true(hearts > 60 && lungs > 200 && airy > 0.85 * lungs);
    }
    end_scene(&s);
}

/* A fan falls as 1 / r beyond its core along each ray, apart from its fading towards the reach. */
static void streaks_fall_with_distance(void **state)
{
    (void)state;
    enum { SIDE = 256 };
    rs_phantom_options options = {.seed = 1, .columns = SIDE, .rows = SIDE, .slices = 3, .field_of_view_mm = 256.0};
    rs_phantom_scan scan;
    rs_phantom_scan_draw(&options, 120.0, &scan);
    rs_phantom_random random = rs_phantom_random_of(5, RS_PHANTOM_STREAM_MODE, 0);
    rs_phantom_rays rays;
    rs_phantom_rays_draw(&random, 3, 20, &rays);
    float *hu = calloc((size_t)SIDE * SIDE, sizeof *hu), largest = 0.0f;
    assert_non_null(hu);
    const rs_phantom_fan fan = {&rays, rs_phantom_x(&scan, 128), rs_phantom_y(&scan, 128), 200.0, 5.0, 1e6};
    rs_phantom_fan_add(&scan, &fan, hu);
    for (int n = 0; n < SIDE * SIDE; n++)
        largest = fabsf(hu[n]) > largest ? fabsf(hu[n]) : largest;
    assert_true(largest <= 200.0f && largest > 150.0f);
    for (int direction = 0; direction < 4; direction++) {
        int di = direction % 2, dj = direction / 2 == 0 ? 1 : -1;
        double near = (double)hu[(128 + 20 * dj) * SIDE + 128 + 20 * di],
               far = (double)hu[(128 + 60 * dj) * SIDE + 128 + 60 * di];
        assert_true(fabs(near - 3.0 * far) < 0.02 * fabs(near) + 0.05);
    }
    free(hu);
}

/* Every mode of this file changes what it should and nothing without its switch. */
static void modes_change_pixels(void **state)
{
    (void)state;
    static const char *const names[] = {"effusion", "lobectomy", "clips", "bolus", "motion", "acquisition"};
    rs_phantom_options options = {.seed = 9, .columns = 96, .rows = 96, .slices = 60, .slice_spacing_mm = 5.0};
    options.thickness_mm = 5.0;
    scene plain = make_scene(&options, "", 2);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        char modes[100];
        snprintf(modes, sizeof modes, "\"%s\": {\"share\": 1}", names[n]);
        scene s = make_scene(&options, modes, 2);
        size_t changed = 0;
        for (size_t v = 0; v < voxels_of(&s); v++)
            changed += abs(s.voxels[v] - plain.voxels[v]) > 30 ? 1 : 0;
        assert_true(changed > 300);
        end_scene(&s);
    }
    end_scene(&plain);
}

static void same_bits_on_any_number_of_threads(void **state)
{
    (void)state;
    const char *modes = "\"effusion\": {\"share\": 1}, \"lobectomy\": {\"share\": 1}, \"clips\": {\"share\": 1}, "
                        "\"bolus\": {\"share\": 1}, \"motion\": {\"share\": 1}, \"acquisition\": {\"share\": 1, "
                        "\"tilt_share\": 1}";
    rs_phantom_options options = {.seed = 10, .columns = 80, .rows = 72, .slices = 50, .slice_spacing_mm = 5.0};
    scene one = make_scene(&options, modes, 1), two = make_scene(&options, modes, 2),
          seven = make_scene(&options, modes, 7);
    assert_memory_equal(one.voxels, two.voxels, voxels_of(&one) * sizeof *one.voxels);
    assert_memory_equal(one.voxels, seven.voxels, voxels_of(&one) * sizeof *one.voxels);
    end_scene(&one);
    end_scene(&two);
    end_scene(&seven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effusions_hold_what_was_asked),
        cmocka_unit_test(no_lesion_lies_where_none_may),
        cmocka_unit_test(noise_has_the_asked_deviation),
        cmocka_unit_test(noise_is_uneven_as_asked),
        cmocka_unit_test(slices_have_the_asked_thickness),
        cmocka_unit_test(headers_agree_with_the_geometry),
        cmocka_unit_test(streaks_fall_with_distance),
        cmocka_unit_test(modes_change_pixels),
        cmocka_unit_test(same_bits_on_any_number_of_threads),
        cmocka_unit_test(neighbouring_slices_share_noise_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
