/* Slices made for the tests of this room, in a folder that each test has for itself. */
#ifndef TESTS_SERIES_MADE_H
#define TESTS_SERIES_MADE_H

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
#include "restage/version.h"

static rs_context *ctx;
static rs_arena *arena;
static char folder[256];

/* One slice; what is 0 or NULL takes its default. */
typedef struct made {
    const char *name, *uid, *series, *study, *patient, *orientation, *spacing, *image_type, *echo, *sop_class,
        *modality;
    const char *kernel, *thickness, *kvp, *frame, *placed, *person, *born, *maker, *model; /* NULL: absent, but for
                                                                                                  thickness */
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
    set_text(out, 0x00180050, m->thickness, "9");
    set_text(out, 0x00281052, NULL, "-1024");
    set_text(out, 0x00281053, NULL, "1");
    set_text(out, 0x00280004, NULL, "MONOCHROME2");
    const struct {
        uint32_t tag;
        const char *value;
    } more[] = {{0x00180081, m->echo},  {0x00181210, m->kernel}, {0x00180060, m->kvp},
                {0x00200052, m->frame}, {0x00185100, m->placed}, {0x00100010, m->person},
                {0x00100030, m->born},  {0x00080070, m->maker},  {0x00081090, m->model}};
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        if (more[i].value) set_text(out, more[i].tag, more[i].value, NULL);
    for (int i = 0; i < 12; i++)
        words[i] = (uint16_t)m->value;
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, 12), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    write_bytes(m->name ? m->name : name, bytes, n);
}

/* n slices along z from 10 mm, step_mm apart, written from the top down. */
static inline void write_stack(made like, int n, double step_mm)
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

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

#endif
