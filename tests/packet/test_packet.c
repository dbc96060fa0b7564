/* A packet from a hand-made report: against the schema, table against JSON, digests; whole or absent when writes or
   allocations fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/packet.h"
#include "restage/context.h"
#include "restage/files.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <unistd.h>

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NONE ((double)NAN)

enum { N_MARKS = 3, N_CANDIDATES = 5, N_FILES = 7, WALK_MAX = 20000 };

typedef struct scene {
    rs_context *ctx;
    rs_report report;
    rs_report_series series[2];
    rs_report_parameter parameters[2];
    rs_report_organ organs[2];
    rs_report_mark marks[N_MARKS];
    rs_report_candidate candidates[N_CANDIDATES];
    rs_report_row rows[2];
    rs_note notes[3];
    bool masks;
    const char *face_folder;
    char folder[256];
} scene;

static const char *const libraries[] = {"DCMTK 0"};
static const char *const feature_names[] = {"log_hu", "e3_e1"};
static const double features[N_CANDIDATES][2] = {{1, -0.25}, {2, 0}, {1e-4, 3}, {4, 4}, {5, 5}};
static const char *const reasons[] = {"round, \"very\": raises P", "=SUM(A1)"};

static rs_report_size fitted(double fit, double low, double high, const char *text, const char *size_class)
{
    rs_report_size size = {.text = text,
                           .fit_mm = fit,
                           .fit_low_mm = low,
                           .fit_high_mm = high,
                           .volume_mm3 = 36.1,
                           .mask_volume_mm3 = 35.9,
                           .equivalent_mm = fit,
                           .long_axis_mm = 5.1,
                           .short_axis_mm = 3.9,
                           .axes_source = "contour",
                           .axes_slice = {.number = 3, .sop_instance_uid = "1.2.3", .k = 4},
                           .low_mm = low,
                           .high_mm = high,
                           .source = "fit",
                           .size_class = size_class,
                           .flagged = strcmp(size_class, "above_5mm") != 0};
    for (int e = 0; e < 2; e++) {
        for (int a = 0; a < 3; a++) {
            size.long_axis_ends_lps_mm[e][a] = -1.25 * e + a;
            size.short_axis_ends_lps_mm[e][a] = 100.5 - e;
        }
    }
    return size;
}

static rs_report_size cut(void)
{
    rs_report_size size = {.text = "at least 12.0 mm",
                           .interval_reason = "cut by the border",
                           .axes_slice = {.number = -1, .k = -1},
                           .fit_mm = NONE,
                           .fit_low_mm = NONE,
                           .fit_high_mm = NONE,
                           .fit_reason = "larger than 20 mm, \"far\"",
                           .volume_mm3 = NONE,
                           .mask_volume_mm3 = NONE,
                           .equivalent_mm = NONE,
                           .volume_reason = "leaked",
                           .long_axis_mm = NONE,
                           .short_axis_mm = NONE,
                           .axes_reason = "no outline",
                           .low_mm = 12.0,
                           .high_mm = NONE,
                           .source = "segmentation",
                           .truncated = true,
                           .size_class = "above_5mm"};
    for (int a = 0; a < 3; a++) {
        for (int e = 0; e < 2; e++)
            size.long_axis_ends_lps_mm[e][a] = size.short_axis_ends_lps_mm[e][a] = NONE;
    }
    return size;
}

static void fill_marks(scene *s)
{
    static const char *const ids[N_MARKS] = {"M01", "M02", "M03"};
    static const rs_report_run runs[] = {{2, 3, 0, 3}, {2, 4, 1, 2}};
    static const char *const p_texts[N_MARKS] = {"0.90", "0.78", "0.65"};
    static const char *const uids[N_MARKS] = {"2.25.1", "2.25.12", "2.25.123"};
    for (int m = 0; m < N_MARKS; m++) {
        s->marks[m] = (rs_report_mark){.id = ids[m],
                                       .tracking_uid = uids[m],
                                       .rank = m + 1,
                                       .p = 0.9 - 0.125 * m,
                                       .p_text = p_texts[m],
                                       .shown = true,
                                       .origin = m == 2 ? "point" : "log",
                                       .pointed = m == 2,
                                       .pointed_at_lps_mm = {-12, 4, 0},
                                       .pointed_distance_mm = m == 2 ? 0.3 : NONE,
                                       .pointed_reason = m == 2 ? NULL : "no person pointed at this mark",
                                       .position_lps_mm = {-12.25, 4, 1e-2 * m},
                                       .slice = {.number = m ? 7 : -1, .sop_instance_uid = "1.2.3", .k = m},
                                       .series_instance_uid = "-1.2.3",
                                       .organ = "lung",
                                       .side = m == 2 ? NULL : "left",
                                       .side_basis = m == 2 ? NULL : "orientation",
                                       .side_reason = m == 2 ? "anatomy and orientation disagree" : NULL,
                                       .lobe_reason = "no lobes, \"yet\"",
                                       .depth_to_pleura_mm = 3.5,
                                       .depth_basis = "costal",
                                       .attachment = "free",
                                       .density = "solid",
                                       .mean_hu = -33.5,
                                       .visibility_reason = "not measured",
                                       .bed = {"unknown", NONE, NULL, "none"},
                                       .review = {.verdict = "none", .reason = "not reviewed"},
                                       .recist_text = "long axis 4.4 mm: does not reach 10 mm",
                                       .reasons = reasons,
                                       .n_reasons = 2,
                                       .runs = runs,
                                       .n_runs = 2};
    }
    s->marks[0].size = fitted(4.1, 3.6, 4.7, "4.1 mm (3.6 to 4.7)", "below_5mm");
    s->marks[1].size = fitted(8.0, 7.1, 9.0, "8.0 mm (7.1 to 9.0)", "above_5mm");
    s->marks[2].size = cut();
    for (int c = 0; c < N_CANDIDATES; c++) {
        s->candidates[c] = (rs_report_candidate){.series_instance_uid = "-1.2.3",
                                                 .region = "lung",
                                                 .side = "left",
                                                 .mark = c < N_MARKS ? ids[c] : NULL,
                                                 .rank = c + 1,
                                                 .lps_mm = {1, 2, -3.25},
                                                 .p = 0.9 - 0.125 * c,
                                                 .radius_mm = 2.5,
                                                 .scale_mm = 1.25,
                                                 .score = 300,
                                                 .features = features[c]};
    }
    s->report.candidates = s->candidates;
    s->report.n_candidates = s->report.n_candidates_all = N_CANDIDATES;
    s->report.feature_names = feature_names;
    s->report.n_features = 2;
    s->report.marks = s->marks;
    s->report.n_marks = N_MARKS;
}

static void fill_report(scene *s)
{
    static const double none4 = NAN;
    rs_report *r = &s->report;
    r->software = (rs_report_software){"0.1.0", "abc", "portable", libraries, 1, "2000-02-29T12:34:56Z"};
    r->identity = (rs_report_identity){.mode = "full",
                                       .reason = "the header does not give: issuer",
                                       .patient_name = "<b>Benign^\"Ann\"=\xE5\xB1\xB1",
                                       .patient_name_text = "<b>Benign, \"Ann\"",
                                       .patient_id = "=1+2",
                                       .birth_date = "1960-01-31",
                                       .sex = "O",
                                       .study_date = "2001-02-03",
                                       .accession_number = "A&B"};
    r->source =
        (rs_report_source){.region.reason = "no region was given",
                           .missing_reason = "the headers do not give: model",
                           .study_instance_uid = "1.2",
                           .series_instance_uid = "-1.2.3",
                           .modality = "CT",
                           .kernel = "B30f \xC3\xA9 resectable",
                           .verdict = "good",
                           .kvp = 120,
                           .thickness_mm = 1.25,
                           .geometry = {{8, 8, 9}, {0.7, 0.7, 1.25}, {-1, -2, 3}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
    s->series[0] = (rs_report_series){.series_instance_uid = "-1.2.3",
                                      .modality = "CT",
                                      .description = "=1+2 <img src=x onerror='1'>",
                                      .series_number = 4,
                                      .n_slices = 9,
                                      .used = true,
                                      .verdict = "good",
                                      .why = "searched",
                                      .sequence_reason = "not an MR series",
                                      .missing_reason = "the headers do not give: kernel",
                                      .spacing_mm = {0.7, 0.7, 1.25},
                                      .thickness_mm = NONE};
    s->series[1] = s->series[0];
    s->series[1].used = false;
    s->series[1].series_number = -1;
    s->series[1].verdict = "set_aside";
    s->parameters[0] =
        (rs_report_parameter){"wall_hu", "toy", "HU", "science C3", -400, -400, -700, -200, false, "default"};
    s->parameters[1] = (rs_report_parameter){"turns", "toy", "", "", 3, 3, 1, 9, true, "command_line"};
    r->quality = (rs_report_quality){.noise_hu = 11.3,
                                     .noise_basis = "lung",
                                     .missing_reason = "three pixels apart nothing was measured",
                                     .n_noise_windows = 12,
                                     .psf_in_plane_mm = 1.2,
                                     .psf_axial_mm = 2.1,
                                     .psf_in_plane_error = 0.2,
                                     .psf_axial_error = 0.2,
                                     .psf_basis = "kernel table",
                                     .autocorrelation = {1, 0.5, 0.25, none4},
                                     .autocorrelation_axial = 0.1};
    for (int o = 0; o < 2; o++)
        s->organs[o] = (rs_report_organ){.name = "lung",
                                         .side = o ? "left" : "right",
                                         .state = o ? "assessed" : "partly",
                                         .reason = o ? NULL : "cut by the image",
                                         .volume_ml = 1500.5,
                                         .searched_ml = 1400,
                                         .detection_limit = {NONE, NONE, NONE, NULL, "not measured"}};
    s->rows[0] = (rs_report_row){.side = "left", .lobe_reason = "no lobes", .below_5mm = 1, .above_5mm = 1};
    s->rows[1] = (rs_report_row){.side_reason = "not known", .lobe_reason = "no lobes"};
    s->notes[0] = (rs_note){"read_first", "Read the scan first", NULL};
    s->notes[1] = (rs_note){"research_use", "Research use; not a medical device", NULL};
    s->notes[2] = (rs_note){"toy", "a note", "lung"};
    r->series = s->series, r->n_series = 2;
    r->parameters = s->parameters, r->n_parameters = 2;
    r->parameters_digest = HEX64, r->input_digest = HEX64;
    r->organs = s->organs, r->n_organs = 2;
    r->assessed = "partly", r->assessed_text = "Assessed: left lung. Partly: right lung", r->marks_text = "3 marks";
    r->distribution = (rs_report_distribution){s->rows, 2, {.below_5mm = 1, .above_5mm = 1}, 2.8, "measured", NULL};
    r->pending = (rs_report_pending){"none"};
    r->context = (rs_report_context){.reason = "none", .malignancy_known = -1, .disease_free_interval_days = -1};
    r->previous = (rs_report_previous){.reason = "none"};
    r->filing = (rs_report_filing){.reason = "the source is no DICOM"};
    r->limitations = (rs_notes){s->notes, 3, 3};
    r->operating_point = (rs_report_point){"default", "probability", 0.5, 1, 4, "0.50", "a toy", NULL};
    fill_marks(s);
}

static int setup(void **state)
{
    scene *s = calloc(1, sizeof *s);
    if (rs_context_new(&(rs_context_options){.threads = 1}, &s->ctx)) return -1;
    fill_report(s);
    (void)snprintf(s->folder, sizeof s->folder, "%s", "/tmp/restage-packet-XXXXXX");
    if (!mkdtemp(s->folder)) return -1;
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    char command[300];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
    int removed = system(command);
    rs_context_free(s->ctx);
    free(s);
    return removed;
}

static rs_status write_packet(scene *s, const char *out, bool force)
{
    static const rs_stage stages[] = {{"series", 0.25, 10}, {"read", 0.5, 12.5}};
    const rs_packet_facts facts = {.stages = stages,
                                   .n_stages = 2,
                                   .threads = 1,
                                   .cores = 2,
                                   .input_path = "in",
                                   .output_path = "out",
                                   .sandbox.mode = "off"};
    static int16_t voxels[8 * 8 * 9];
    const rs_volume volume = {.geometry = s->report.source.geometry, .voxels = voxels, .slope = 1};
    static uint8_t labels[8 * 8 * 9];
    memset(labels, 1, sizeof labels);
    const rs_regions regions = {
        .geometry = volume.geometry,
        .labels = labels,
        .region[0] = {.name = "lung", .role = RS_ROLE_SEARCH, .begin = {2, 2, 1}, .end = {7, 8, 9}},
        .n = 1};
    rs_folder *folder = NULL;
    RS_TRY(rs_folder_begin(s->ctx, out, force ? "done.json" : NULL, &folder));
    rs_status status = rs_packet_write(
        s->ctx, &s->report,
        &(rs_sources){.volume = &volume, .regions = &regions, .masks = s->masks, .face_folder = s->face_folder}, &facts,
        folder);
    if (status == RS_OK) return rs_folder_commit(s->ctx, folder);
    rs_folder_abandon(s->ctx, folder);
    return status;
}

static int entries(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        n += entry->d_name[0] != '.';
    if (dir) (void)closedir(dir);
    return n;
}

static int check(const char *out)
{
    const char *source = getenv("RESTAGE_SOURCE");
    char command[1200];
    if (!source) return 77;
    (void)snprintf(command, sizeof command,
                   "/usr/bin/python3 '%s/tests/packet/check_packet.py' '%s/src/packet/report.schema.json' '%s'", source,
                   source, out);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void holds_against_schema_and_tables(void **state)
{
    scene *s = *state;
    char out[300];
    (void)snprintf(out, sizeof out, "%s/whole", s->folder);
    assert_int_equal(write_packet(s, out, false), RS_OK);
    assert_int_equal(entries(out), N_FILES);
    int code = check(out);
    if (code == 77) skip();
    assert_int_equal(code, 0);
}

/* Labels of one voxel each, read back by libtiff. */
static uint16_t label_at(const char *out, const char *name, int i, int j, int k)
{
    char path[400];
    uint16_t line[8] = {0};
    (void)snprintf(path, sizeof path, "%s/masks/%s.tif", out, name);
    TIFF *file = TIFFOpen(path, "r");
    assert_non_null(file);
    assert_int_equal(TIFFNumberOfDirectories(file), 9);
    assert_true(TIFFSetDirectory(file, (tdir_t)k));
    uint8_t page[8 * 8 * 2];
    tmsize_t bytes = TIFFReadEncodedStrip(file, 0, page, sizeof page);
    if (bytes == 64)
        line[0] = page[8 * j + i];
    else
        memcpy(line, page + 2 * (8 * j + i), 2);
    TIFFClose(file);
    return line[0];
}

static void writes_masks_when_asked(void **state)
{
    static const rs_report_run foreign[] = {{0, 0, 0, 8}},
                               beyond[] = {{2, 3, 0, 3}, {6, 6, 0, 3}, {0, 8, 0, 1}, {-1, 0, 0, 1}};
    scene *s = *state;
    char out[300];
    const rs_report_mark second = s->marks[1], third = s->marks[2];
    s->masks = true;
    s->marks[1].series_instance_uid = "9.9"; /* a mark of a further series lies on another grid */
    s->marks[1].runs = foreign;
    s->marks[1].n_runs = 1;
    s->marks[2].runs = beyond;
    s->marks[2].n_runs = 4; /* the first is that of the first mark: the better rank stands */
    (void)snprintf(out, sizeof out, "%s/masks", s->folder);
    assert_int_equal(write_packet(s, out, false), RS_OK);
    s->masks = false;
    assert_int_equal(label_at(out, "marks", 0, 0, 0), 0);
    assert_int_equal(label_at(out, "marks", 7, 6, 0), 0);
    s->marks[1] = second;
    s->marks[2] = third;
    assert_int_equal(entries(out), N_FILES + 1);
    assert_int_equal(label_at(out, "organs", 7, 7, 8), 1);
    assert_int_equal(label_at(out, "marks", 2, 3, 0), 1);
    assert_int_equal(label_at(out, "marks", 4, 3, 0), 1);
    assert_int_equal(label_at(out, "marks", 5, 3, 0), 0);
    assert_int_equal(label_at(out, "marks", 3, 4, 1), 1);
    assert_int_equal(label_at(out, "marks", 2, 3, 1), 0);
    int code = check(out);
    if (code == 77) skip();
    assert_int_equal(code, 0);
}

static void refuses_and_replaces(void **state)
{
    scene *s = *state;
    char out[300];
    (void)snprintf(out, sizeof out, "%s/again", s->folder);
    assert_int_equal(write_packet(s, out, false), RS_OK);
    assert_int_equal(write_packet(s, out, false), RS_CANT_CREATE);
    assert_int_equal(write_packet(s, out, true), RS_OK);
    assert_int_equal(entries(out), N_FILES);
}

/* Bytes of a file of the packet, terminated; the caller frees them. */
static char *content(const char *out, const char *name, size_t *bytes)
{
    char path[400];
    (void)snprintf(path, sizeof path, "%s/%s", out, name);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long n = ftell(file);
    rewind(file);
    char *data = malloc((size_t)n + 1);
    assert_non_null(data);
    *bytes = fread(data, 1, (size_t)n, file);
    data[*bytes] = 0;
    (void)fclose(file);
    return data;
}

/* Without its faces there is no report.pdf, and the packet says what to install. */
static void says_which_faces_are_missing(void **state)
{
    scene *s = *state;
    char out[300];
    size_t bytes = 0;
    (void)snprintf(out, sizeof out, "%s/faceless", s->folder);
    s->face_folder = s->folder;
    assert_int_equal(write_packet(s, out, false), RS_OK);
    s->face_folder = NULL;
    assert_int_equal(entries(out), N_FILES - 1);
    assert_null(content(out, "report.pdf", &bytes));
    char *done = content(out, "done.json", &bytes);
    assert_non_null(done);
    assert_non_null(strstr(done, "install the package fonts-dejavu-core"));
    free(done);
}

static void has_the_same_bytes_twice(void **state)
{
    scene *s = *state;
    char out[2][300];
    char *data[2];
    size_t bytes[2] = {0};
    for (int r = 0; r < 2; r++) {
        (void)snprintf(out[r], sizeof out[r], "%s/same-%d", s->folder, r);
        assert_int_equal(write_packet(s, out[r], false), RS_OK);
        data[r] = content(out[r], "report.pdf", &bytes[r]);
        assert_non_null(data[r]);
    }
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(data[0], data[1], bytes[0]);
    assert_memory_equal(data[0], "%PDF-1.", 7);
    for (int r = 0; r < 2; r++)
        free(data[r]);
}

/* The text of report.pdf; NULL without pdftotext. The caller frees it. */
static char *pdf_text(const scene *s, const char *out)
{
    char command[1000], name[] = "text";
    size_t bytes;
    (void)snprintf(command, sizeof command, "pdftotext -raw '%s/report.pdf' '%s/text' 2>/dev/null", out, s->folder);
    return system(command) == 0 ? content(s->folder, name, &bytes) : NULL;
}

/* A verdict of a reader crosses the mark and is told; what a person stated is echoed as such, on page and paper. */
static void prints_what_people_said(void **state)
{
    static const rs_report_treatment treatments[] = {
        {.kind = "SBRT", .site = "left <lung>", .date = "2024-05-06", .has_point = true, .point_lps_mm = {1, -2.5, 3}}};
    static const rs_report_known_lesion lesions[] = {
        {.lps_mm = {4, 5, 6}, .label = "old scar", .reason = "no mark there"}};
    static const char *const told[] = {"reader: not real", "Stated by a person", "control: controlled", "SBRT",
                                       "old scar"};
    scene *s = *state;
    const rs_report_context before = s->report.context;
    const rs_report_review none = s->marks[1].review;
    char out[300];
    size_t bytes;
    s->report.context = (rs_report_context){.given = true,
                                            .json = "{}",
                                            .primary_site = "colon",
                                            .primary_state = "controlled",
                                            .malignancy_known = 1,
                                            .disease_free_interval_days = -1,
                                            .treatments = treatments,
                                            .n_treatments = 1,
                                            .known_lesions = lesions,
                                            .n_known_lesions = 1};
    s->marks[1].review = (rs_report_review){.verdict = "not_real", .reader = "R", .text = "reader: not real"};
    (void)snprintf(out, sizeof out, "%s/said", s->folder);
    assert_int_equal(write_packet(s, out, false), RS_OK);
    s->report.context = before;
    s->marks[1].review = none;
    char *page = content(out, "report.html", &bytes), *paper = pdf_text(s, out);
    assert_non_null(page);
    for (size_t t = 0; t < sizeof told / sizeof told[0]; t++)
        assert_true(!paper || strstr(paper, told[t]));
    assert_non_null(strstr(page, "<tr class=\"crossed\"><th scope=\"row\"><a href=\"#M02\">"));
    assert_non_null(strstr(page, "reader: not real"));
    assert_non_null(strstr(page, "Stated by a person"));
    assert_non_null(strstr(page, "left &lt;lung&gt;"));
    assert_null(strstr(page, "<tr class=\"crossed\"><th scope=\"row\"><a href=\"#M01\">"));
    free(page);
    free(paper);
}

#ifdef RS_FAULTS
/* Makes the n-th event fail, in a child: the count is a process's own. Exit code of the child. */
static int fail_at(scene *s, const char *variable, int n, const char *out)
{
    pid_t child = fork();
    if (child == 0) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", n);
        (void)setenv(variable, number, 1);
        _exit(write_packet(s, out, false));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void walk(scene *s, const char *variable, rs_status expected, int least)
{
    char out[300];
    int n = 1, before = entries(s->folder);
    (void)snprintf(out, sizeof out, "%s/%s", s->folder, variable);
    for (;; n += 1 + n / 12) { /* each early one, then ever wider steps: a fork and its syncs take their time */
        int code = fail_at(s, variable, n, out);
        if (code == RS_OK) break;
        assert_int_equal(code, expected);
        assert_int_equal(access(out, F_OK), -1);
        assert_int_equal(entries(s->folder), before);
        assert_true(n < WALK_MAX);
    }
    assert_true(n >= least);
    assert_int_equal(entries(out), N_FILES + s->masks);
}

static void leaves_nothing_when_it_fails(void **state)
{
    scene *s = *state;
    int before = entries(s->folder);
    s->masks = true;
    walk(s, "RS_FAIL_WRITE", RS_IO, 6);
    assert_int_equal(entries(s->folder), before + 1);
    walk(s, "RS_FAIL_ALLOC", RS_NO_MEMORY, 100);
    s->masks = false;
    assert_int_equal(entries(s->folder), before + 2);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef RS_FAULTS
        cmocka_unit_test(leaves_nothing_when_it_fails),
#endif
        cmocka_unit_test(holds_against_schema_and_tables), cmocka_unit_test(refuses_and_replaces),
        cmocka_unit_test(writes_masks_when_asked),         cmocka_unit_test(says_which_faces_are_missing),
        cmocka_unit_test(has_the_same_bytes_twice),        cmocka_unit_test(prints_what_people_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
