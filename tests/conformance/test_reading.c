/* Reading against real files: what other programs decoded, where dcm2niix put the voxels, what must be refused. Values
   stand in the INDEX.md of the data; without RESTAGE_SHARED everything is skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"
#include "digest/digest.h"
#include "restage/files.h"
#include "restage/read.h"

static rs_context *ctx;
static rs_arena *arena;

static const char *shared(const char *below)
{
    const char *root = getenv("RESTAGE_SHARED");
    if (!root || !root[0]) skip();
    return rs_arena_printf(arena, "%s/%s", root, below);
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

/* The study of a path below the data; NULL with *status where it cannot be opened. */
static rs_study *open_study(const char *below, rs_status *status)
{
    rs_study *study = NULL;
    *status = rs_study_open(ctx, shared(below), NULL, &study);
    return study;
}

static const rs_series *only_volume(const rs_study *study)
{
    const rs_series *found = NULL;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (s->verdict == RS_VERDICT_SET_ASIDE) continue;
        assert_null(found);
        found = s;
    }
    assert_non_null(found);
    return found;
}

/* --- places: voxels laid out in dcm2niix's order must be dcm2niix's voxels
 * -------------------------------------------- */

typedef struct place_case {
    const char *folder;
    int shape[3];
    double affine[3][4]; /* RAS */
    int add;             /* stored value minus ours */
    const char *sha;
} place_case;

#define GEO "conformance/geometry/"
#define DERIVED                                                                                                        \
    {128, 128, 9}, {{-0.977, 0, 0, 135.3145}, {0, 0.977, 0, -83.53349}, {0, 0, 3, -55.4}}, 1000,                       \
        "5dde70e8dd6db9c09af37a8ab17e734631b7a4d67016d96dccc83440683b0116"
// clang-format off
static const place_case place_cases[] = {
    {GEO "derived/00-control", DERIVED},
    {GEO "derived/01-shuffled-files-and-instance-numbers", DERIVED},
    {GEO "derived/03-one-slice-twice-same-file", DERIVED},
    {GEO "derived/10-jitter-0.02-mm", DERIVED},
    {GEO "derived/12-rescale-differs-per-slice", DERIVED},
    {GEO "decubitus/HFDR", {256, 256, 2}, {{0, 0, 4.8, 4.8}, {-1.01562, 0, 0, 130}, {0, 1.01562, 0, -128.98438}}, 0,
     "e66375ce3483051844b5b0edb3a0dd3f32f65b14d4fc4b58d4d955f7d9a27ff0"},
    {GEO "ge/anatomical", {4, 256, 256}, {{0.99859, 0.05302, 0, 26.48145}, {-0.05302, 0.99859, 0, -113.91138},
     {0, 0, 1, -130.3}}, 0, "8ae249ff1a2e1a916d77c61b3a899073147c2d3f68e27b646229aaaeeb704562"},
    {GEO "must-refuse/two-slices-only", {2, 256, 256}, {{1, 0, 0, 102.79416}, {0, 1, 0, -93.92532}, {0, 0, 1, -124.94875}},
     0, "d1c7372027a03245e52356fffb2113025c02b26306380c18b6670dc254aaf58b"},
    {GEO "vendors/canon-dwi", {80, 80, 20}, {{-2.81971, -1.02432, 0, 152.73685}, {-1.02432, 2.81971, 0, -68.99602},
     {0, 0, 3, -60}}, 0, "e6ad6f51d7797d76aab3f77a962e6ebc51af02fb1b2ccd5353165f1ce6447f08"},
    {GEO "vendors/hitachi-oblique", {64, 64, 4}, {{-1.42695, -0.3346, 3.1214, 157.34792},
     {-1.85329, 0.44116, -2.33, 22.32983}, {0.14935, 2.27741, 0.90994, -106.83314}}, 0,
     "a33cedfb7e041b17a829853c43fe57331f1461802b5e83a200b1f6ff2227294f"},
};
// clang-format on

/* Index in our volume of dcm2niix's voxel; fails where it is not the centre of a voxel to 1 %. */
static int64_t our_voxel(const rs_geometry *g, const place_case *c, const int at[3])
{
    double lps[3], index[3];
    int64_t n = 0, step = 1;
    for (int a = 0; a < 3; a++) {
        lps[a] = c->affine[a][3];
        for (int b = 0; b < 3; b++)
            lps[a] += c->affine[a][b] * at[b];
        if (a < 2) lps[a] = -lps[a];
    }
    rs_geometry_to_index(g, lps, index);
    for (int a = 0; a < 3; a++) {
        assert_true(fabs(index[a] - round(index[a])) < 0.02);
        assert_true(index[a] > -0.5 && index[a] < g->n[a] - 0.5);
        n += (int64_t)round(index[a]) * step;
        step *= g->n[a];
    }
    return n;
}

static void compare_place(const place_case *c)
{
    rs_status status;
    rs_volume volume;
    rs_study *study = open_study(c->folder, &status);
    assert_int_equal(status, RS_OK);
    assert_int_equal(rs_read_volume(ctx, only_volume(study), arena, &volume, NULL), RS_OK);
    const size_t n = (size_t)c->shape[0] * (size_t)c->shape[1] * (size_t)c->shape[2];
    assert_int_equal(rs_geometry_voxels(&volume.geometry), n);
    int16_t *theirs = RS_ARENA_NEW(arena, int16_t, n);
    size_t at = 0;
    for (int k = 0; k < c->shape[2]; k++) {
        for (int j = 0; j < c->shape[1]; j++) {
            for (int i = 0; i < c->shape[0]; i++) {
                const int64_t voxel = our_voxel(&volume.geometry, c, (const int[3]){i, j, k});
                theirs[at++] = (int16_t)(volume.voxels[voxel] + c->add);
            }
        }
    }
    char hex[65];
    assert_int_equal(rs_sha256_hex(ctx, theirs, n * sizeof(int16_t), hex), RS_OK);
    if (strcmp(hex, c->sha) != 0) fail_msg("%s: %s", c->folder, hex);
    rs_volume_free(ctx, &volume);
    rs_study_close(study);
}

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(place_cases) / sizeof(place_cases[0]); i++)
        compare_place(&place_cases[i]);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

typedef struct verdict_case {
    const char *folder;
    int series; /* index */
    rs_verdict verdict;
    int n_slices;
    const char *words; /* in the reason or in a note; NULL: none */
} verdict_case;

// clang-format off
static const verdict_case verdict_cases[] = {
    {GEO "derived/00-control", 0, RS_VERDICT_GOOD, 9, NULL},
    {GEO "derived/01-shuffled-files-and-instance-numbers", 0, RS_VERDICT_GOOD, 9, NULL},
    {GEO "derived/02-one-slice-missing", 0, RS_VERDICT_GAP, 8, "between z = -40.40 mm and z = -34.40 mm"},
    {GEO "derived/03-one-slice-twice-same-file", 0, RS_VERDICT_MENDED, 9, "1 identical copy"},
    {GEO "derived/04-same-position-other-pixels", 0, RS_VERDICT_REFUSED, 10, "two different images lie at one position"},
    {GEO "derived/05-two-volumes-acquisition-number", 0, RS_VERDICT_MENDED, 8, "AcquisitionNumber"},
    {GEO "derived/05-two-volumes-acquisition-number", 1, RS_VERDICT_MENDED, 8, "AcquisitionNumber"},
    {GEO "derived/06-one-slice-other-orientation", 0, RS_VERDICT_REFUSED, 9, "orientation is mixed"},
    {GEO "derived/07-one-slice-other-matrix", 0, RS_VERDICT_REFUSED, 9, "matrix is mixed"},
    {GEO "derived/08-one-slice-other-pixel-spacing", 0, RS_VERDICT_REFUSED, 9, "pixel spacing is mixed"},
    {GEO "derived/09-spacing-3-then-6-mm", 0, RS_VERDICT_MENDED, 9, "slices lie 3.00 to 6.00 mm apart"},
    {GEO "derived/10-jitter-0.02-mm", 0, RS_VERDICT_MENDED, 9, "jitter by up to 0.025 mm"},
    {GEO "derived/11-sheared-0.8-mm-a-slice", 0, RS_VERDICT_MENDED, 9, "14.93 degrees"},
    {GEO "derived/12-rescale-differs-per-slice", 0, RS_VERDICT_GOOD, 9, "different rescale"},
    {GEO "gantry-tilt/ge-varying-spacing", 0, RS_VERDICT_MENDED, 8, "18.50 degrees"},
    {GEO "gantry-tilt/philips-plus-16.5", 0, RS_VERDICT_FEW, 6, "16.50 degrees"},
    {GEO "must-refuse/mixed-orientation-philips-mr", 0, RS_VERDICT_REFUSED, 4, "orientation is mixed"},
    {GEO "must-refuse/two-slices-only", 0, RS_VERDICT_FEW, 2, "too few slices"},
    {GEO "vendors/rt-utils-oriented", 0, RS_VERDICT_FEW, 3, "several StudyInstanceUIDs"},
    {GEO "localizer/philips", 0, RS_VERDICT_SET_ASIDE, 1, "dose report"},
    {GEO "localizer/philips", 1, RS_VERDICT_SET_ASIDE, 2, "localizer"},
    {GEO "vendors/siemens-mosaic", 0, RS_VERDICT_MENDED, 64, "mosaic"},
    {GEO "vendors/uih-grid-dwi", 0, RS_VERDICT_MENDED, 20, NULL},
    {GEO "vendors/philips-enhanced-fmri", 0, RS_VERDICT_MENDED, 8, "TemporalPosition"},
    {"clinical/lungfcp-0001/vessels", 0, RS_VERDICT_SET_ASIDE, 23, "call themselves SEG"},
    {"clinical/fda-phantom", 0, RS_VERDICT_GAP, 135, "slices are missing"},
};
// clang-format on

static bool says(const rs_series *s, const char *words)
{
    if (s->reason && strstr(s->reason, words)) return true;
    for (int i = 0; i < s->notes.n; i++) {
        if (strstr(s->notes.items[i].sentence, words)) return true;
    }
    return false;
}

static void test_verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(verdict_cases) / sizeof(verdict_cases[0]); i++) {
        const verdict_case *c = &verdict_cases[i];
        rs_status status;
        rs_volume volume;
        rs_study *study = open_study(c->folder, &status);
        assert_int_equal(status, RS_OK);
        const rs_series *s = rs_study_series(study, c->series);
        assert_non_null(s);
        if (s->verdict != c->verdict || s->n_slices != c->n_slices || (c->words && !says(s, c->words))) {
            fail_msg("%s: %s, %d slices: %s", c->folder, rs_verdict_name(s->verdict), s->n_slices,
                     s->reason ? s->reason : "");
        }
        if (c->verdict == RS_VERDICT_REFUSED || c->verdict == RS_VERDICT_GAP || c->verdict == RS_VERDICT_SET_ASIDE) {
            assert_int_equal(rs_read_volume(ctx, s, arena, &volume, NULL), RS_DATA);
        }
        rs_study_close(study);
    }
}

/* --- clinical cases: counts and spacing of their INDEX
 * ---------------------------------------------------------------- */

typedef struct clinical_case {
    const char *folder;
    int n[3];
    double spacing_mm[3], thickness_mm;
    const char *kernel;
} clinical_case;

// clang-format off
static const clinical_case clinical_cases[] = {
    {"clinical/cmb-crc-01068/CT", {512, 512, 100}, {0.898, 0.898, 2.5}, 2.5, "LUNG"},
    {"clinical/r01-001", {512, 512, 304}, {0.693, 0.693, 1.0}, 1.0, "B45f"},
    {"clinical/qin-0014", {512, 512, 109}, {0.695, 0.695, 3.0}, 3.0, "B41f"},
    {"clinical/qin-0028", {512, 512, 112}, {0.867, 0.867, 3.0}, 3.0, "B41f"},
    {"clinical/cmd-normal001", {512, 512, 154}, {0.635, 0.635, 2.0}, 2.0, "D40s"},
    {"clinical/lctsc-004", {512, 512, 148}, {0.977, 0.977, 3.0}, 3.0, "B30f"},
    {"clinical/lungfcp-0001/CT", {512, 512, 71}, {0.760, 0.760, 1.0}, 2.0, "B31f"},
    {"clinical/lung1-001", {512, 512, 111}, {0.977, 0.977, 3.0}, 3.0, "B19f"},
    {"clinical/lidc-0001", {512, 512, 16}, {0.703, 0.703, 2.5}, 2.5, "STANDARD"},
    {"clinical/lidc-0002", {512, 512, 12}, {0.682, 0.682, 1.25}, 1.25, "STANDARD"},
    {"clinical/crlm-1004/abdomen", {512, 512, 21}, {0.797, 0.797, 5.0}, 5.0, "STANDARD"},
    {"clinical/crlm-1004/bases", {512, 512, 20}, {0.797, 0.797, 5.0}, 5.0, "STANDARD"},
    {"clinical/crlm-1004", {512, 512, 41}, {0.797, 0.797, 5.0}, 5.0, "STANDARD"},
    {"clinical/prostatex-0000/T2", {384, 384, 19}, {0.5, 0.5, 3.0}, 3.0, ""},
    {"clinical/prostatex-0000/ADC", {84, 128, 19}, {2.0, 2.0, 3.0}, 3.0, ""},
};
// clang-format on

static void test_clinical_series(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(clinical_cases) / sizeof(clinical_cases[0]); i++) {
        const clinical_case *c = &clinical_cases[i];
        rs_status status;
        rs_study *study = open_study(c->folder, &status);
        assert_int_equal(status, RS_OK);
        const rs_series *s = only_volume(study);
        assert_int_equal(s->verdict, RS_VERDICT_GOOD);
        for (int a = 0; a < 3; a++) {
            assert_int_equal(s->geometry.n[a], c->n[a]);
            assert_true(fabs(s->geometry.spacing_mm[a] - c->spacing_mm[a]) < 6e-4);
        }
        assert_true(fabs(s->thickness_mm - c->thickness_mm) < 1e-9);
        assert_string_equal(s->kernel, c->kernel);
        assert_string_equal(s->orientation, "axial");
        rs_study_close(study);
    }
}

/* Outside the circle: -3024 and -2048 HU as stored; one value comes out (clinical INDEX, traps). */
static void test_circle_becomes_air(void **state)
{
    (void)state;
    static const struct {
        const char *folder;
        int64_t n_padded;
    } cases[] = {{"clinical/lidc-0001", 892352}, {"clinical/lidc-0002", 669264}};
    for (int i = 0; i < 2; i++) {
        rs_status status;
        rs_volume volume;
        rs_read_facts facts;
        rs_study *study = open_study(cases[i].folder, &status);
        assert_int_equal(status, RS_OK);
        assert_int_equal(rs_read_volume(ctx, only_volume(study), arena, &volume, &facts), RS_OK);
        assert_int_equal(facts.padded_voxels, cases[i].n_padded);
        for (int64_t v = 0; v < rs_geometry_voxels(&volume.geometry); v++)
            assert_true(volume.voxels[v] >= -1024);
        assert_int_equal(volume.voxels[0], -1024);
        rs_volume_free(ctx, &volume);
        rs_study_close(study);
    }
}

/* --- hostile ------------------------------------------------------------------------------------------------------ */

typedef struct hostile_case {
    const char *file, *words; /* in the sentence of RS_DATA; NULL: opens, and nothing becomes a volume */
} hostile_case;

// clang-format off
static const hostile_case hostile_cases[] = {
    {"BASELINE_valid_ct.dcm", NULL},
    {"TC0243_pixeldata_OB_as_OW.dcm", "promises 8192 bytes"},
    {"TC0265_depth_100.dcm", "nested deeper"},
    {"TC0267_depth_500_raw.dcm", "nothing behind"},
    {"TC0295_rows_zero.dcm", "0 rows"},
    {"TC0297_cols_zero.dcm", "0 columns"},
    {"TC0299_bits_bsstored_gt_ba.dcm", "bits are impossible"},
    {"TC0301_bits_highbit_eq_ba.dcm", "bits are impossible"},
    {"TC0317_bits_ba_128.dcm", "bits are impossible"},
    {"TC0329_rgb_spp1.dcm", "not grayscale"},
    {"TC0377_no_preamble.dcm", NULL},
    {"TC0401_invalid_ts.dcm", "not known"},
    {"TC0467_uid_uid_empty.dcm", "SOPInstanceUID"},
    {"TC0829_px_giant_dims.dcm", "promises 8589672450 bytes"},
    {"TC0847_rle_seg_offset_oob.dcm", "RLE header is impossible"},
    {"TC0849_rle_15seg_all_zero.dcm", "RLE header is impossible"},
    {"TC0855_rle_zero_segments.dcm", "RLE header is impossible"},
    {"TC0917_minmax_bs0.dcm", "bits are impossible"},
    {"TC0935_minmax_hb255.dcm", "bits are impossible"},
    {"TC0955_jpegls_zero_comp.dcm", "no usable frame header"},
    {"TC0961_jpegls_truncated.dcm", "no usable frame header"},
    {"TC0975_px_4096sq_16b.dcm", "there are 16"},
    {"TC1143_oob_len_len_4GB.dcm", "(0010,0010) reaches beyond"},
    {"TC1177_uid_traversal_config.dcm", "SOPInstanceUID"},
    {"TC1181_uid_traversal_tmp.dcm", "SOPInstanceUID"},
    {"fo-dicom_GH220.dcm", NULL},
    {"jpeg-tem-marker.dcm", "TEM"},
    {"made_deflate_bomb_48_MiB.dcm", "limit inflated-bytes = 16777216"},
    {"made_nested_sequences_2000.dcm", "nested deeper"},
    {"pydicom-data_emri_small_jpeg_2k_lossless_too_short.dcm", "truncated"},
    {"pydicom_MR_truncated.dcm", "(7fe0,0010) reaches beyond"},
    {"pydicom_meta_missing_tsyntax.dcm", "names no transfer syntax"},
};
// clang-format on

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile_cases) / sizeof(hostile_cases[0]); i++) {
        const hostile_case *c = &hostile_cases[i];
        rs_status status;
        rs_study *study = open_study(rs_arena_printf(arena, "conformance/hostile/%s", c->file), &status);
        if (c->words) {
            assert_int_equal(status, RS_DATA);
            if (!strstr(rs_context_message(ctx), c->words)) fail_msg("%s: %s", c->file, rs_context_message(ctx));
        } else {
            assert_int_equal(status, RS_OK);
        }
        rs_study_close(study);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),          cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_clinical_series), cmocka_unit_test(test_circle_becomes_air),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
