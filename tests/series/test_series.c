/* Series from made slices: what the walk sees, how images are grouped, and closed-form geometry. */
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

#include "dicom/dicom.h"
#include "restage/files.h"
#include "restage/study.h"

static rs_context *ctx;
static rs_arena *arena;
static char folder[256];

/* One slice; what is 0 or NULL takes its default. */
typedef struct made {
    const char *name, *uid, *series, *study, *patient, *orientation, *spacing, *image_type, *echo, *sop_class,
        *modality;
    double position[3];
    int value;      /* of every pixel */
    bool placeless; /* without a position */
} made;

static void set_text(rs_dicom_out *out, uint32_t tag, const char *value, const char *otherwise)
{
    assert_int_equal(rs_dicom_out_text(ctx, out, tag, value ? value : otherwise), RS_OK);
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void write_slice(const made *m)
{
    rs_dicom_out *out = NULL;
    uint16_t words[12];
    uint8_t *bytes = NULL;
    size_t n = 0;
    char text[100], name[64];
    static const struct {
        uint32_t tag;
        int value;
    } numbers[] = {{0x00280002, 1},  {0x00280010, 4},  {0x00280011, 3}, {0x00280100, 16},
                   {0x00280101, 16}, {0x00280102, 15}, {0x00280103, 1}};
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_int_equal(rs_dicom_out_number(ctx, out, numbers[i].tag, numbers[i].value), RS_OK);
    snprintf(name, sizeof(name), "2.25.9%.0f%s", (m->position[2] + 500) * 1000, m->echo ? m->echo : "");
    snprintf(text, sizeof(text), "%.6g\\%.6g\\%.6g", m->position[0], m->position[1], m->position[2]);
    set_text(out, 0x00080016, m->sop_class, "1.2.840.10008.5.1.4.1.1.2");
    set_text(out, 0x00080018, m->uid, name);
    set_text(out, 0x00080008, m->image_type, "ORIGINAL\\PRIMARY\\AXIAL");
    set_text(out, 0x00080060, m->modality, "CT");
    set_text(out, 0x00100020, m->patient, "P1");
    set_text(out, 0x0020000d, m->study, "2.25.1");
    set_text(out, 0x0020000e, m->series, "2.25.2");
    set_text(out, 0x00200011, NULL, "3");
    if (!m->placeless) set_text(out, 0x00200032, text, NULL);
    set_text(out, 0x00200037, m->orientation, "1\\0\\0\\0\\1\\0");
    set_text(out, 0x00280030, m->spacing, "0.7\\0.8");
    set_text(out, 0x00180050, NULL, "9");
    set_text(out, 0x00281052, NULL, "-1024");
    set_text(out, 0x00281053, NULL, "1");
    set_text(out, 0x00280004, NULL, "MONOCHROME2");
    if (m->echo) set_text(out, 0x00180081, m->echo, NULL);
    for (int i = 0; i < 12; i++)
        words[i] = (uint16_t)m->value;
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, 12), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    write_bytes(m->name ? m->name : name, bytes, n);
}

/* n slices along z from 10 mm, step_mm apart, written from the top down. */
static void write_stack(made like, int n, double step_mm)
{
    for (int k = n - 1; k >= 0; k--) {
        like.position[2] = 10 + k * step_mm;
        write_slice(&like);
    }
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s/restage-series-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    arena = rs_arena_new();
    return arena && mkdtemp(folder) && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    rs_arena_free(arena);
    rs_context_free(ctx);
    return system(command);
}

static rs_study *open_folder(void)
{
    rs_study *study = NULL;
    if (rs_study_open(ctx, folder, NULL, &study) != RS_OK) fail_msg("%s", rs_context_message(ctx));
    return study;
}

static void expect(const rs_study *study, int index, rs_verdict verdict, const char *words)
{
    const rs_series *s = rs_study_series(study, index);
    assert_non_null(s);
    if (s->verdict != verdict) fail_msg("%s: %s", rs_verdict_name(s->verdict), s->reason ? s->reason : "");
    if (words && (!s->reason || !strstr(s->reason, words))) fail_msg("%s", s->reason ? s->reason : "no reason");
}

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

int main(void)
{
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_good_stack),    IN_FOLDER(test_right_handed),
        IN_FOLDER(test_gap),           IN_FOLDER(test_jitter_and_uneven),
        IN_FOLDER(test_copies),        IN_FOLDER(test_same_position),
        IN_FOLDER(test_split_by_echo), IN_FOLDER(test_lean),
        IN_FOLDER(test_mixtures),      IN_FOLDER(test_few),
        IN_FOLDER(test_placeless),     IN_FOLDER(test_set_aside),
        IN_FOLDER(test_walk),          IN_FOLDER(test_nothing_to_read),
        IN_FOLDER(test_depth_limit),   IN_FOLDER(test_select),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
