/* A volume file as a study: one series a volume, no slices, no patient, modality by the values, a digest of the bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/formats.h"
#include "restage/study.h"

static char folder[] = "/tmp/restage-series-XXXXXX";
static rs_context *ctx;
static rs_arena *arena;

static const char *in_folder(const char *name)
{
    return rs_arena_printf(arena, "%s/%s", folder, name);
}

/* n slices, of which the first third holds air, the second soft tissue, the last bone; all moved by shift. */
static rs_volume body(int32_t n, int16_t shift)
{
    const rs_geometry g = {.n = {6, 5, n}, .spacing_mm = {0.7, 0.7, 2}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    static const int16_t hu[] = {-1000, 40, 700};
    rs_volume v;
    assert_int_equal(rs_volume_new(ctx, &g, &v), RS_OK);
    for (int64_t i = 0; i < rs_geometry_voxels(&g); i++)
        v.voxels[i] = (int16_t)(hu[i % 3] + shift);
    return v;
}

static const char *write_file(const char *name, int32_t n_slices, int n_volumes, int16_t shift)
{
    rs_volume v[3];
    const char *path = in_folder(name);
    for (int i = 0; i < n_volumes; i++)
        v[i] = body(n_slices, shift);
    assert_int_equal(rs_format_write(ctx, v, n_volumes, path, &(rs_format_options){.force = true}), RS_OK);
    for (int i = 0; i < n_volumes; i++)
        rs_volume_free(ctx, &v[i]);
    return path;
}

static void one_series(void **state)
{
    (void)state;
    rs_study *study;
    const char *path = write_file("1.2.840.7.nii.gz", 9, 1, 0);
    assert_int_equal(rs_study_open(ctx, path, NULL, &study), RS_OK);
    assert_int_equal(rs_study_n_series(study), 1);
    const rs_series *s = rs_study_series(study, 0);
    assert_string_equal(s->series_instance_uid, "1.2.840.7");
    assert_string_equal(s->study_instance_uid, "");
    assert_string_equal(s->patient_name, "");
    assert_string_equal(s->modality, "CT");
    assert_string_equal(s->orientation, "axial");
    assert_string_equal(s->notes.items[0].code, "modality_by_values");
    assert_string_equal(s->volume_file, path);
    assert_int_equal(s->verdict, RS_VERDICT_GOOD);
    assert_null(s->slices);
    assert_int_equal(s->n_slices, 0);
    assert_int_equal(rs_series_slices(s), 9);
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
    assert_int_equal(strlen(rs_study_digest(study)), 64);
    rs_study_close(study);
}

static void several_volumes(void **state)
{
    (void)state;
    rs_study *study;
    assert_int_equal(rs_study_open(ctx, write_file("v.nrrd", 7, 3, 0), NULL, &study), RS_OK);
    assert_int_equal(rs_study_n_series(study), 3);
    for (int i = 0; i < 3; i++) {
        const rs_series *s = rs_study_series(study, i);
        assert_int_equal(s->volume, i);
        assert_int_equal(s->n_volumes, 3);
        assert_string_equal(s->split_by, "volume");
        assert_int_equal(s->verdict, RS_VERDICT_FEW);
        assert_non_null(strstr(s->reason, "7"));
    }
    rs_study_close(study);
}

static void no_hu(void **state)
{
    (void)state;
    rs_study *study;
    assert_int_equal(rs_study_open(ctx, write_file("v.mha", 9, 1, 1024), NULL, &study), RS_OK);
    const rs_series *s = rs_study_series(study, 0);
    assert_string_equal(s->modality, "");
    assert_string_equal(s->notes.items[0].code, "modality_unknown");
    rs_study_close(study);
}

static void digest_of_both_files(void **state)
{
    (void)state;
    rs_study *study;
    char first[65];
    const char *path = write_file("v.mhd", 9, 1, 0);
    assert_int_equal(rs_study_open(ctx, path, NULL, &study), RS_OK);
    assert_int_equal(rs_study_counts(study).files, 2);
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
    memcpy(first, rs_study_digest(study), sizeof first);
    rs_study_close(study);
    write_file("v.mhd", 9, 1, 1); /* other voxels, the same header */
    assert_int_equal(rs_study_open(ctx, path, NULL, &study), RS_OK);
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
    assert_string_not_equal(rs_study_digest(study), first);
    rs_study_close(study);
}

static void folder_of_volumes(void **state)
{
    (void)state;
    rs_study *study;
    write_file("v.nrrd", 9, 1, 0);
    assert_int_equal(rs_study_open(ctx, folder, NULL, &study), RS_NO_INPUT);
    assert_non_null(strstr(rs_context_message(ctx), "by its own name"));
}

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    if (arena == NULL || mkdtemp(folder) == NULL) return -1;
    return rs_context_new(NULL, &ctx);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"1.2.840.7.nii.gz", "v.nrrd", "v.mha", "v.mhd", "v.raw"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    rs_context_free(ctx);
    const int left = rmdir(folder);
    rs_arena_free(arena);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_series),           cmocka_unit_test(several_volumes),   cmocka_unit_test(no_hu),
        cmocka_unit_test(digest_of_both_files), cmocka_unit_test(folder_of_volumes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
