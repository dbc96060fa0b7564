/* Series from made slices: what the walk sees, how images are grouped, and closed-form geometry. */
#include "made.h"

static void test_good_stack(void **state)
{
    (void)state;
    write_stack((made){0}, 8, 2.5);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    const rs_series *s = rs_study_series(study, 0);
    assert_null(s->reason);
    assert_true(fabs(s->geometry.spacing_mm[0] - 0.8) < 1e-12); /* between columns: the second value */
    assert_true(fabs(s->geometry.spacing_mm[1] - 0.7) < 1e-12);
    assert_true(fabs(s->geometry.spacing_mm[2] - 2.5) < 1e-12); /* not the thickness of 9 */
    assert_true(s->thickness_mm == 9);
    assert_true(s->geometry.origin_lps_mm[2] == 10);
    assert_int_equal(s->geometry.n[0], 3);
    assert_int_equal(s->geometry.n[1], 4);
    for (int k = 0; k < 8; k++)
        assert_true(s->slices[k].position_lps_mm[2] == 10 + 2.5 * k);
    rs_study_close(study);
}

/* Columns run to the right and down: the normal is x cross z, and slices rise along it. */
static void test_right_handed(void **state)
{
    (void)state;
    for (int k = 0; k < 8; k++) {
        char uid[32];
        snprintf(uid, sizeof(uid), "2.25.8%d", k);
        write_slice(&(made){.uid = uid, .name = uid, .orientation = "-1\\0\\0\\0\\0\\-1", .position = {5, 3.0 * k, 7}});
    }
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    const rs_series *s = rs_study_series(study, 0);
    /* (-1,0,0) x (0,0,-1) = (0*-1 - 0*0, 0*0 - (-1)*(-1), 0) = (0,-1,0) */
    assert_true(s->geometry.axis[2][1] == -1);
    assert_true(s->geometry.origin_lps_mm[1] == 21);
    assert_true(s->slices[0].position_lps_mm[1] == 21);
    assert_string_equal(s->orientation, "coronal");
    rs_study_close(study);
}

static void test_gap(void **state)
{
    (void)state;
    write_stack((made){0}, 6, 2);
    write_slice(&(made){.position = {0, 0, 26}});
    write_slice(&(made){.position = {0, 0, 28}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GAP, "2 slices are missing, the first between z = 20.00 mm and z = 26.00 mm");
    rs_study_close(study);
    study = NULL;
    assert_int_equal(rs_study_open(ctx, folder, &(rs_study_options){.allow_partial = true}, &study), RS_OK);
    expect(study, 0, RS_VERDICT_MENDED, "2 slices are missing between z = 20.00 mm and z = 26.00 mm: interpolated");
    const rs_series *s = rs_study_series(study, 0);
    assert_int_equal(s->n_gaps, 1);
    assert_int_equal(s->gaps[0].k_begin, 6);
    assert_int_equal(s->gaps[0].k_end, 8);
    assert_int_equal(s->n_slices, 8);
    assert_int_equal(s->geometry.n[2], 10);
    assert_true(fabs(s->geometry.spacing_mm[2] - 2) < 1e-12);
    rs_study_close(study);
}

/* At most half of the grid may be missing: 8 images and 8 holes are read, 8 images and 9 holes are not. */
static void test_gap_too_long(void **state)
{
    (void)state;
    const rs_study_options partial = {.allow_partial = true};
    rs_study *study = NULL;
    write_stack((made){0}, 7, 2);
    write_slice(&(made){.name = "last", .uid = "2.25.70", .position = {0, 0, 40}});
    assert_int_equal(rs_study_open(ctx, folder, &partial, &study), RS_OK);
    expect(study, 0, RS_VERDICT_MENDED, "8 slices are missing");
    assert_int_equal(rs_study_series(study, 0)->geometry.n[2], 16);
    rs_study_close(study);
    write_slice(&(made){.name = "last", .uid = "2.25.70", .position = {0, 0, 42}});
    assert_int_equal(rs_study_open(ctx, folder, &partial, &study), RS_OK);
    expect(study, 0, RS_VERDICT_GAP, "9 of 17 slices are missing, more than half of them");
    assert_null(strstr(rs_study_series(study, 0)->reason, "--allow-partial"));
    rs_study_close(study);
}

/* Steps of 5.2 and 6.8 mm in turn, 1.3 times as wide: no slice was lost. One odd step of that width is a hole. */
static void test_steps_in_turn(void **state)
{
    (void)state;
    for (int k = 0; k < 10; k++)
        write_slice(&(made){.position = {0, 0, 6.0 * k + (k % 2 ? -0.8 : 0)}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_MENDED, "5.20 to 6.80 mm apart");
    assert_int_equal(rs_study_series(study, 0)->repair, RS_REPAIR_UNEVEN);
    rs_study_close(study);
    write_slice(&(made){.position = {0, 0, 66}}); /* 54 - 0.8 + 12.8: a step of 12.8 behind one of 5.2 */
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "there is a hole of 12.80 mm");
    rs_study_close(study);
}

/* One slice 0.04 mm off: 2 % of the spacing, but under 0.05 mm; 0.08 mm is too much. */
static void test_jitter_and_uneven(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2);
    write_slice(&(made){.position = {0, 0, 28.04}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_MENDED, "jitter by up to");
    rs_study_close(study);
    write_slice(&(made){.position = {0, 0, 30.3}});
    study = open_folder();
    expect(study, 0, RS_VERDICT_MENDED, "interpolated along the normal");
    assert_int_equal(rs_study_series(study, 0)->repair, RS_REPAIR_UNEVEN);
    rs_study_close(study);
    write_slice(&(made){.position = {0, 0, 33.3}}); /* 3 mm: more than 1.25 times what lies before */
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "between z = 30.30 mm and z = 33.30 mm there is a hole of 3.00 mm");
    rs_study_close(study);
}

static void test_copies(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2);
    write_slice(&(made){.name = "copy", .position = {0, 0, 14}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_MENDED, "1 identical copy of a file");
    assert_int_equal(rs_study_series(study, 0)->n_slices, 9);
    rs_study_close(study);
    write_slice(&(made){.name = "copy", .position = {0, 0, 14}, .value = 1});
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "carry one SOPInstanceUID but differ");
    rs_study_close(study);
}

static void test_same_position(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2);
    write_slice(&(made){.uid = "2.25.77", .name = "x", .position = {0, 0, 14}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "two different images lie at one position");
    rs_study_close(study);
}

static void test_split_by_echo(void **state)
{
    (void)state;
    write_stack((made){.echo = "100"}, 9, 2);
    write_stack((made){.echo = "15"}, 9, 2);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 2);
    for (int i = 0; i < 2; i++) {
        expect(study, i, RS_VERDICT_MENDED, "EchoTime tells the volumes apart");
        assert_int_equal(rs_study_series(study, i)->n_slices, 9);
    }
    assert_true(rs_study_series(study, 0)->echo_time_ms == 15);
    assert_non_null(strstr(rs_study_series(study, 1)->description, "[EchoTime 100]"));
    rs_study_close(study);
}

static void test_lean(void **state)
{
    (void)state;
    for (int k = 0; k < 9; k++)
        write_slice(&(made){.position = {0, 0.5 * k, 10 + 2.0 * k}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_MENDED, "14.04 degrees"); /* atan(0.5 / 2) */
    const rs_series *s = rs_study_series(study, 0);
    assert_int_equal(s->repair, RS_REPAIR_TILT);
    assert_int_equal(s->geometry.n[0], 3);
    assert_int_equal(s->geometry.n[1], 4 + 6); /* 4 mm of 0.7 mm pixels: 5.7 */
    assert_int_equal(s->geometry.n[2], 9);
    assert_true(s->geometry.origin_lps_mm[1] == 0);
    for (int k = 0; k < 9; k++)
        assert_true(fabs(s->slices[k].shift_mm[1] - 0.5 * k) < 1e-9 && s->slices[k].shift_mm[0] == 0);
    rs_study_close(study);
    for (int k = 0; k < 9; k++) /* atan(1.2 / 2) */
        write_slice(&(made){.position = {0, 1.2 * k, 10 + 2.0 * k}});
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "30.96 degrees");
    rs_study_close(study);
}

/* 0.3 mm over 8 steps are less than half of a pixel of 0.7 mm: told, but nothing is moved; 0.04 mm are not told. */
static void test_slight_lean(void **state)
{
    (void)state;
    for (int more = 1; more >= 0; more--) {
        for (int k = 0; k < 9; k++)
            write_slice(&(made){.position = {0, k * (more ? 0.3 : 0.04) / 8, 10 + 2.0 * k}});
        rs_study *study = open_folder();
        expect(study, 0, RS_VERDICT_GOOD, NULL);
        const rs_series *s = rs_study_series(study, 0);
        assert_int_equal(s->repair, RS_REPAIR_NONE);
        assert_int_equal(s->notes.n, more);
        /* atan(0.3 / 16) */
        if (more)
            assert_non_null(
                strstr(s->notes.items[0].sentence, "1.074 degrees off their normal, 0.30 mm from the first"));
        rs_study_close(study);
    }
}

static void test_mixtures(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2);
    write_slice(&(made){.orientation = "1\\0\\0\\0\\0.999\\0.0447", .position = {0, 0, 28}});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "orientation is mixed");
    rs_study_close(study);
    write_slice(&(made){.orientation = "1\\0\\0\\0\\1\\0.00005", .position = {0, 0, 28}});
    study = open_folder();
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    rs_study_close(study);
    write_slice(&(made){.spacing = "0.7\\0.81", .position = {0, 0, 28}});
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "pixel spacing is mixed");
    rs_study_close(study);
    write_slice(&(made){.orientation = "1\\0\\0\\0.1\\1\\0", .position = {0, 0, 28}});
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "right angle");
    rs_study_close(study);
}

static void test_few(void **state)
{
    (void)state;
    write_stack((made){0}, 7, 2);
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_FEW, "too few slices: 7");
    assert_true(rs_study_series(study, 0)->geometry.spacing_mm[2] == 2);
    rs_study_close(study);
}

/* One image without a position is pixels without a place; two of them have no order, and are refused. */
static void test_placeless(void **state)
{
    (void)state;
    write_slice(&(made){.name = "a", .placeless = true});
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_FEW, "no place in the patient");
    const rs_series *s = rs_study_series(study, 0);
    assert_true(s->placeless);
    assert_float_equal(s->geometry.spacing_mm[0], 0.8, 1e-9);
    assert_float_equal(s->geometry.spacing_mm[2], 0, 0);
    rs_study_close(study);
    write_slice(&(made){.name = "b", .placeless = true, .uid = "2.25.77"});
    study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "has no position");
    rs_study_close(study);
}

static void test_set_aside(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2);
    write_slice(&(made){.name = "scout", .uid = "2.25.50", .image_type = "ORIGINAL\\PRIMARY\\LOCALIZER"});
    write_slice(&(made){.name = "mip", .uid = "2.25.51", .series = "2.25.3", .image_type = "DERIVED\\SECONDARY\\MIP"});
    write_slice(&(made){.name = "seg", .uid = "2.25.52", .series = "2.25.4", .modality = "SEG"});
    write_slice(&(made){.name = "sc", .uid = "2.25.53", .series = "2.25.5", .sop_class = "1.2.840.10008.5.1.4.1.1.7"});
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 5);
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    expect(study, 1, RS_VERDICT_SET_ASIDE, "localizer");
    expect(study, 2, RS_VERDICT_SET_ASIDE, "maximum intensity projection");
    expect(study, 3, RS_VERDICT_SET_ASIDE, "call themselves SEG");
    expect(study, 4, RS_VERDICT_SET_ASIDE, "secondary capture");
    rs_study_close(study);
}

static void test_walk(void **state)
{
    (void)state;
    char path[512], other[512];
    write_stack((made){0}, 8, 2);
    write_bytes("notes.txt", "no DICOM at all", 15);
    write_bytes("cut", "0123456789", 10);
    snprintf(path, sizeof(path), "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof(path), "%s/link", folder);
    snprintf(other, sizeof(other), "%s/notes.txt", folder);
    assert_int_equal(symlink(other, path), 0);
    rs_study *study = open_folder();
    const rs_walk_counts counts = rs_study_counts(study);
    assert_int_equal(counts.files, 11);
    assert_int_equal(counts.dicom, 8);
    assert_int_equal(counts.other, 3);
    assert_int_equal(counts.refused, 0);
    assert_int_equal(counts.links, 1);
    rs_study_close(study);
}

static void test_nothing_to_read(void **state)
{
    (void)state;
    char path[512];
    rs_study *study = NULL;
    assert_int_equal(rs_study_open(ctx, folder, NULL, &study), RS_NO_INPUT);
    snprintf(path, sizeof(path), "%s/nowhere", folder);
    assert_int_equal(rs_study_open(ctx, path, NULL, &study), RS_NO_INPUT);
    write_bytes("notes.txt", "no DICOM at all", 15);
    assert_int_equal(rs_study_open(ctx, folder, NULL, &study), RS_NO_INPUT);
    assert_null(study);
}

static void test_depth_limit(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof(path), "%s", folder);
    for (int i = 0; i < 17; i++) {
        strcat(path, "/d");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    rs_study *study = NULL;
    assert_int_equal(rs_study_open(ctx, folder, NULL, &study), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "deeper than the limit folder-depth = 16"));
}

static void test_select(void **state)
{
    (void)state;
    char digest[65];
    write_stack((made){0}, 8, 2);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
    assert_int_equal(strlen(rs_study_digest(study)), 64);
    memcpy(digest, rs_study_digest(study), 65);
    rs_study_close(study);
    /* A second study: both are listed, one can be chosen, and its digest is its own. */
    write_slice(&(made){.name = "other", .uid = "2.25.60", .study = "2.25.11", .series = "2.25.12"});
    study = open_folder();
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "2.25.11"));
    assert_int_equal(rs_study_select(ctx, study, "2.25.99"), RS_NO_INPUT);
    assert_int_equal(rs_study_select(ctx, study, "2.25.1"), RS_OK);
    assert_int_equal(rs_study_n_series(study), 1);
    assert_string_equal(rs_study_digest(study), digest);
    rs_study_close(study);
    /* Another patient under one study UID. */
    write_slice(&(made){.name = "other", .uid = "2.25.60", .patient = "P2", .series = "2.25.12"});
    study = open_folder();
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "several patients"));
    rs_study_close(study);
}

/* What restage wrote and an archive filed with the study does not count; what anybody else wrote does. */
static void test_own_packet(void **state)
{
    (void)state;
    static const struct {
        const char *sop_class, *maker, *model;
        bool own;
    } objects[] = {
        {"88.33", RS_MANUFACTURER, RS_MODEL, true},  {"66.4", RS_MANUFACTURER, RS_MODEL, true},
        {"88.59", RS_MANUFACTURER, RS_MODEL, true},  {"104.1", RS_MANUFACTURER, RS_MODEL, true},
        {"88.33", "Somebody Else", RS_MODEL, false}, {"88.33", RS_MANUFACTURER, "restage 2", false},
        {"88.34", RS_MANUFACTURER, RS_MODEL, false}, {"66.4", RS_MANUFACTURER, NULL, false},
        {"2", RS_MANUFACTURER, RS_MODEL, false}, /* a phantom's slice */
    };
    char digest[65], sop_class[64];
    write_stack((made){0}, 8, 2);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
    memcpy(digest, rs_study_digest(study), 65);
    rs_study_close(study);
    for (size_t o = 0; o < sizeof(objects) / sizeof(objects[0]); o++) {
        snprintf(sop_class, sizeof(sop_class), "1.2.840.10008.5.1.4.1.1.%s", objects[o].sop_class);
        write_slice(&(made){.name = "made",
                            .uid = "2.25.60",
                            .series = "2.25.61",
                            .sop_class = sop_class,
                            .maker = objects[o].maker,
                            .model = objects[o].model});
        study = open_folder();
        assert_int_equal(rs_study_select(ctx, study, NULL), RS_OK);
        assert_int_equal(rs_study_n_series(study), 2);
        for (int s = 0; s < 2; s++) {
            const rs_series *series = rs_study_series(study, s);
            const bool images = strcmp(series->series_instance_uid, "2.25.2") == 0;
            assert_int_equal(series->of_packet, objects[o].own && !images);
        }
        assert_int_equal(strcmp(rs_study_digest(study), digest) == 0, objects[o].own);
        rs_study_close(study);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_good_stack),   IN_FOLDER(test_right_handed),    IN_FOLDER(test_gap),
        IN_FOLDER(test_gap_too_long), IN_FOLDER(test_steps_in_turn),   IN_FOLDER(test_jitter_and_uneven),
        IN_FOLDER(test_copies),       IN_FOLDER(test_same_position),   IN_FOLDER(test_split_by_echo),
        IN_FOLDER(test_lean),         IN_FOLDER(test_slight_lean),     IN_FOLDER(test_mixtures),
        IN_FOLDER(test_few),          IN_FOLDER(test_placeless),       IN_FOLDER(test_set_aside),
        IN_FOLDER(test_walk),         IN_FOLDER(test_nothing_to_read), IN_FOLDER(test_depth_limit),
        IN_FOLDER(test_select),       IN_FOLDER(test_own_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
