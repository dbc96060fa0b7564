/* Crops: which way they are turned, what stands in them, their letters and outlines, on grids stored in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "restage/context.h"
#include "view.h"

enum { N = 24, PIXELS = 48 };

static int16_t voxels[N * N * N];

/* A grid whose axes run along patient directions order[0..2] with the signs given; voxel value = what the patient has
   there: 100 x + 10 y + z in units of 0.1 mm around the middle. */
static rs_volume scene(const int order[3], const int sign[3])
{
    rs_volume volume = {.voxels = voxels, .slope = 1, .offset = -1000};
    rs_geometry *g = &volume.geometry;
    for (int a = 0; a < 3; a++) {
        g->n[a] = N;
        g->spacing_mm[a] = 1;
        g->axis[a][order[a]] = sign[a];
        g->origin_lps_mm[order[a]] = -sign[a] * 0.5 * (N - 1);
    }
    for (int32_t k = 0; k < N; k++) {
        for (int32_t j = 0; j < N; j++) {
            for (int32_t i = 0; i < N; i++) {
                double ijk[3] = {i, j, k}, lps[3];
                rs_geometry_to_lps(g, ijk, lps);
                voxels[(k * N + j) * N + i] = (int16_t)lround(1000 + 20 * lps[0] + 5 * lps[1] + 2 * lps[2]);
            }
        }
    }
    return volume;
}

static void check_plane(const rs_volume *volume, rs_plane plane)
{
    static const char *const letters[RS_PLANES][4] = {{"R", "L", "A", "P"}, {"R", "L", "H", "F"}, {"A", "P", "H", "F"}};
    static const double per_mm[3] = {20, 5, 2};
    static const int right[RS_PLANES] = {0, 0, 1}, down[RS_PLANES] = {1, 2, 2}, down_sign[RS_PLANES] = {1, -1, -1};
    const double middle[3] = {0.5, -0.5, 1.5};
    rs_view view;
    char found[4][4];
    uint8_t grey[PIXELS * PIXELS];
    rs_view_set(&volume->geometry, plane, middle, 10, &view);
    rs_view_letters(&volume->geometry, &view, found);
    for (int l = 0; l < 4; l++)
        assert_string_equal(found[l], letters[plane][l]);
    assert_false(view.oblique);
    rs_view_sample(volume, &view, -500, 500, PIXELS, grey);
    for (int y = 0; y < PIXELS; y += 7) {
        for (int x = 0; x < PIXELS; x += 5) {
            double u = (x + 0.5 - PIXELS / 2.0) * 10 / PIXELS, v = (y + 0.5 - PIXELS / 2.0) * 10 / PIXELS;
            double hu = 20 * middle[0] + 5 * middle[1] + 2 * middle[2] + per_mm[right[plane]] * u +
                        per_mm[down[plane]] * down_sign[plane] * v;
            assert_true(fabs(grey[y * PIXELS + x] - 255 * (hu + 500) / 1000) < 0.76); /* voxels are whole numbers */
        }
    }
}

static void turns_every_grid_alike(void **state)
{
    (void)state;
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 2, 0}};
    for (int o = 0; o < 3; o++) {
        for (int s = 0; s < 8; s++) {
            const int sign[3] = {s & 1 ? -1 : 1, s & 2 ? -1 : 1, s & 4 ? -1 : 1};
            rs_volume volume = scene(orders[o], sign);
            for (int p = 0; p < RS_PLANES; p++)
                check_plane(&volume, (rs_plane)p);
        }
    }
}

/* Head first supine, the couch turned by 25 degrees about the long axis: two letters where both directions count. */
static void names_oblique_directions(void **state)
{
    (void)state;
    double c = cos(25 * 0.017453292519943295), s = sin(25 * 0.017453292519943295);
    const rs_geometry g = {{N, N, N}, {1, 1, 1}, {0, 0, 0}, {{c, s, 0}, {-s, c, 0}, {0, 0, 1}}};
    const double at[3] = {0, 5, 5};
    rs_view view;
    char found[4][4];
    rs_view_set(&g, RS_PLANE_AXIAL, at, 10, &view);
    rs_view_letters(&g, &view, found);
    assert_string_equal(found[0], "RA");
    assert_string_equal(found[1], "LP");
    assert_string_equal(found[2], "AL");
    assert_string_equal(found[3], "PR");
    assert_false(view.oblique);
    rs_view_set(&g, RS_PLANE_CORONAL, at, 10, &view);
    assert_true(view.oblique);
}

/* Voxels (4..5, 6, 3) and (4, 7, 3) of a flipped grid, in a picture of 10 mm around voxel (5, 6, 3). */
static void outlines_the_mask(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &ctx), RS_OK);
    const rs_geometry g = {{N, N, N}, {2, 1, 1}, {0, 0, 0}, {{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}}};
    static const rs_report_run runs[] = {{4, 6, 3, 2}, {4, 7, 3, 1}, {4, 6, 2, 9}};
    const rs_report_mark mark = {.runs = runs, .n_runs = 3};
    const double at[3] = {-10, 6, -3}, off[3] = {-8, 7, -5};
    rs_view view;
    rs_svg_mask mask;
    rs_view_set(&g, RS_PLANE_AXIAL, at, 10, &view);
    assert_int_equal(rs_view_mask(ctx, rs_scratch(ctx), &g, &view, &mark, &mask), RS_OK);
    rs_buffer out = {0};
    rs_svg_outline(&out, "o", &mask);
    /* The patient's left is at the right, and i runs to the right of the patient: voxel 4 lies right of voxel 5. */
    assert_string_equal(out.data, "<path class=\"o\" d=\"M40 45H80M40 55H60M60 65H80M40 45V55M60 55V65M80 45V65\"/>");
    rs_buffer_free(&out);
    double place[2];
    assert_true(fabs(rs_view_place(&g, &view, off, place) - 2) < 1e-9);
    assert_true(fabs(place[0] - 70) < 1e-9 && fabs(place[1] - 60) < 1e-9);
    assert_true(fabs(rs_view_extent_mm(&g, &mark) - 18) < 1e-9);
    rs_context_free(ctx);
}

/* Beyond the image the picture is 48; a volume of one row has no neighbour to look at. */
static void ends_at_the_image(void **state)
{
    (void)state;
    int16_t few[3] = {0, 1000, 0};
    const rs_volume volume = {
        .geometry = {{3, 1, 1}, {1, 1, 1}, {0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, .voxels = few, .slope = 1};
    uint8_t grey[6 * 6];
    rs_view view;
    const double at[3] = {1, 0, 50};
    rs_view_set(&volume.geometry, RS_PLANE_AXIAL, at, 6, &view);
    assert_true(view.centre[2] == 0);
    rs_view_sample(&volume, &view, 0, 1000, 6, grey);
    for (int y = 0; y < 6; y++) {
        for (int x = 0; x < 6; x++) {
            bool inside = y >= 2 && y <= 3 && x >= 2 && x <= 3; /* half a voxel each way, at 0.5 and 1.5 mm */
            if (inside) assert_int_equal(grey[y * 6 + x], 128);
            if (y < 2 || y > 3 || x < 1 || x > 4) assert_int_equal(grey[y * 6 + x], 48);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_every_grid_alike),
        cmocka_unit_test(names_oblique_directions),
        cmocka_unit_test(outlines_the_mask),
        cmocka_unit_test(ends_at_the_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
