/* Masks of nrrd-masks: their volumes by the definition of the list that comes with them, exact, and the long axis of
   our calipers against Maximum2DDiameterSlice, the greatest distance of midpoints between voxels in and out in one
   slice. Without RESTAGE_SHARED everything is skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restage/formats.h"
#include "room.h"

static rs_context *ctx;
static rs_arena *arena;

static const char *shared(const char *name)
{
    const char *root = getenv("RESTAGE_SHARED");
    if (!root || !root[0]) skip();
    return rs_arena_printf(arena, "%s/conformance/nrrd-masks/%s", root, name);
}

static rs_volume read_mask(const char *name)
{
    rs_volume v = {0};
    rs_notes notes;
    double rounding;
    assert_int_equal(rs_format_read(ctx, shared(name), 0, arena, &v, &rounding, &notes), RS_OK);
    assert_true(rounding == 0);
    return v;
}

static int64_t count(const rs_volume *v, double label)
{
    int64_t n = 0;
    for (int64_t i = 0; i < rs_geometry_voxels(&v->geometry); i++)
        n += v->slope * v->voxels[i] + v->offset == label;
    return n;
}

/* INDEX.md, section 6. */
static const struct {
    const char *name;
    int64_t voxels;
    double volume_mm3, diameter_mm;
    bool in_one_slice; /* the diameter lies in the slice of the largest section, or in the next one */
} masks[] = {
    {"brain1_label.nrrd", 4137, 16412.6587, 53.59398, false},
    {"breast1_label.nrrd", 143, 132.4258, 8.39979, true},
    {"lung1_label.nrrd", 837, 1361.1978, 16.62732, true},
};

static void volumes(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
        rs_volume v = read_mask(masks[m].name);
        const int64_t n = count(&v, 1);
        assert_int_equal(n, masks[m].voxels);
        assert_true(fabs((double)n * rs_geometry_voxel_mm3(&v.geometry) - masks[m].volume_mm3) < 5e-5);
        rs_volume_free(ctx, &v);
    }
}

static void labels_of_the_phantom(void **state)
{
    (void)state;
    static const struct {
        double label;
        int64_t voxels;
    } labels[] = {{1, 168}, {7, 170}, {8, 2997}, {9, 9088}};
    rs_volume v = read_mask("prostate_phantom_subvolume-label.nrrd");
    for (size_t l = 0; l < sizeof labels / sizeof labels[0]; l++)
        assert_int_equal(count(&v, labels[l].label), labels[l].voxels);
    assert_true(fabs(rs_geometry_voxel_mm3(&v.geometry) - 0.75) < 1e-12);
    rs_volume_free(ctx, &v);
}

static bool is_in(const rs_volume *v, int32_t i, int32_t j, int32_t k)
{
    const int32_t *n = v->geometry.n;
    if (i < 0 || j < 0 || k < 0 || i >= n[0] || j >= n[1] || k >= n[2]) return false;
    return v->voxels[((int64_t)k * n[1] + j) * n[0] + i] == 1;
}

/* Midpoints between in and out with k = half / 2, in mm; returns how many. */
static int midpoints(const rs_volume *v, int32_t half, double (*out)[2], int most)
{
    const double *mm = v->geometry.spacing_mm;
    const int32_t k = half / 2;
    int n = 0;
    for (int32_t j = -1; j < v->geometry.n[1]; j++)
        for (int32_t i = -1; i < v->geometry.n[0]; i++) {
            const bool here = is_in(v, i, j, k);
            const bool cut[3] = {half % 2 == 0 && here != is_in(v, i + 1, j, k),
                                 half % 2 == 0 && here != is_in(v, i, j + 1, k),
                                 half % 2 == 1 && here != is_in(v, i, j, k + 1)};
            for (int a = 0; a < 3; a++) {
                if (!cut[a]) continue;
                assert_true(n < most);
                out[n][0] = mm[0] * (i + (a == 0 ? 0.5 : 0));
                out[n++][1] = mm[1] * (j + (a == 1 ? 0.5 : 0));
            }
        }
    return n;
}

static double greatest_mm(const rs_volume *v, int32_t half)
{
    enum { MOST = 4096 };
    double(*at)[2] = rs_arena_alloc(arena, MOST, sizeof *at), greatest = 0;
    const int n = midpoints(v, half, at, MOST);
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            greatest = fmax(greatest, hypot(at[a][0] - at[b][0], at[a][1] - at[b][1]));
    return greatest;
}

/* The whole mask as what the measurement has around a mark; there is no image, so its outline is what is measured. */
static double long_axis_mm(const rs_volume *v, int32_t *k)
{
    const rs_geometry *g = &v->geometry;
    const int64_t n = rs_geometry_voxels(g);
    rs_crop crop = {.count = n, .hu = RS_ARENA_NEW(arena, float, n)};
    rs_segment segment = {.mask = RS_ARENA_NEW(arena, uint8_t, n), .contrast_hu = 2};
    rs_section section;
    rs_calipers calipers;
    memcpy(crop.n, g->n, sizeof crop.n);
    memcpy(crop.spacing_mm, g->spacing_mm, sizeof crop.spacing_mm);
    for (int64_t i = 0; i < n; i++)
        segment.mask[i] = v->voxels[i] == 1;
    assert_int_equal(rs_section_take(ctx, &crop, &segment, arena, &section), RS_OK);
    rs_section_outline(&section);
    assert_true(rs_calipers_measure(&section, &calipers));
    *k = section.k;
    return calipers.long_mm;
}

static void long_axes(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
        rs_volume v = read_mask(masks[m].name);
        double greatest = 0;
        int32_t k;
        for (int32_t half = 0; half < 2 * v.geometry.n[2]; half++)
            greatest = fmax(greatest, greatest_mm(&v, half));
        if (!(fabs(greatest - masks[m].diameter_mm) < 1e-5))
            fail_msg("%s: %.5f mm, not %.5f: another definition", masks[m].name, greatest, masks[m].diameter_mm);
        const double pixel_mm = v.geometry.spacing_mm[0], ours_mm = long_axis_mm(&v, &k);
        const double theirs_mm = masks[m].in_one_slice ? masks[m].diameter_mm : greatest_mm(&v, 2 * k);
        if (!(fabs(ours_mm - theirs_mm) <= pixel_mm))
            fail_msg("%s: %.3f mm, not %.3f within %.3f", masks[m].name, ours_mm, theirs_mm, pixel_mm);
        rs_volume_free(ctx, &v);
    }
}

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes),
        cmocka_unit_test(labels_of_the_phantom),
        cmocka_unit_test(long_axes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
