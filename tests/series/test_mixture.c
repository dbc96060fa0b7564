/* One series that holds what does not belong together: parted where each kind is an even volume, refused or noted
   where it is not. */
#include "made.h"

/* Is there a note whose sentence has these words? */
static bool says(const rs_series *s, const char *code, const char *words)
{
    for (int i = 0; i < s->notes.n; i++)
        if (strcmp(s->notes.items[i].code, code) == 0 && strstr(s->notes.items[i].sentence, words)) return true;
    return false;
}

/* n slices from first_mm on; each has a UID of its own. */
static void write_run(made like, int n, double first_mm, double step_mm)
{
    for (int k = 0; k < n; k++) {
        char uid[40];
        like.position[2] = first_mm + k * step_mm;
        snprintf(uid, sizeof(uid), "2.25.4%.0f", like.position[2] * 100);
        like.uid = like.name = uid;
        write_slice(&like);
    }
}

static void expect_parts(const char *by, const char *low, const char *high, int n, double step_mm)
{
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 2);
    for (int p = 0; p < 2; p++) {
        const rs_series *s = rs_study_series(study, p);
        expect(study, p, RS_VERDICT_MENDED, "images of several kinds");
        assert_string_equal(s->split_by, by);
        assert_string_equal(s->split_value, p ? high : low);
        assert_int_equal(s->n_slices, n);
        assert_true(fabs(s->geometry.spacing_mm[2] - step_mm) < 1e-9);
        assert_false(says(s, "incomplete_volume", ""));
    }
    rs_study_close(study);
}

static void test_kernels_in_halves(void **state)
{
    (void)state;
    write_run((made){.kernel = "B30f", .thickness = "1", .kvp = "120"}, 10, 0, 1);
    write_run((made){.kernel = "B70f", .thickness = "5", .kvp = "80"}, 10, 15, 1);
    expect_parts("ConvolutionKernel", "B30f", "B70f", 10, 1);
}

static void test_kernels_in_turn(void **state)
{
    (void)state;
    write_run((made){.kernel = "B30f"}, 12, 0, 1);
    write_run((made){.kernel = "B70f"}, 12, 0.5, 1);
    expect_parts("ConvolutionKernel", "B30f", "B70f", 12, 1);
}

static void test_thickness(void **state)
{
    (void)state;
    write_run((made){.thickness = "2"}, 9, 0, 3);
    write_run((made){.thickness = "10.0"}, 9, 1, 3);
    expect_parts("SliceThickness", "2", "10", 9, 3);
}

/* As heads are scanned: thin slices below, thick ones above. */
static void test_thickness_one_behind_the_other(void **state)
{
    (void)state;
    write_run((made){.thickness = "3"}, 9, 0, 3);
    write_run((made){.thickness = "6"}, 9, 30, 6);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    expect(study, 0, RS_VERDICT_MENDED, "3.00 to 6.00 mm apart");
    assert_true(
        says(rs_study_series(study, 0), "thickness_differs", "has 3 mm, and the image at z = 30.00 mm is the "));
    rs_study_close(study);
}

static void test_kernel_of_one(void **state)
{
    (void)state;
    write_run((made){.kernel = "B30f"}, 9, 0, 2);
    write_run((made){.kernel = "B70f"}, 1, 6, 2);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    expect(study, 0, RS_VERDICT_MENDED, "differing ConvolutionKernel are read as one volume: the image at z = 0.00 mm");
    assert_true(
        says(rs_study_series(study, 0), "kernel_differs", "the image at z = 6.00 mm is the first that differs"));
    rs_study_close(study);
}

/* Another voltage half-way is one scan still; 120 and 120.0 are one voltage. */
static void test_voltage(void **state)
{
    (void)state;
    write_run((made){.kvp = "120"}, 9, 0, 2);
    write_run((made){.kvp = "120.0"}, 3, 18, 2);
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    rs_study_close(study);
    write_run((made){.kvp = "80"}, 4, 24, 2);
    study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    assert_true(
        says(rs_study_series(study, 0), "kvp_differs", "has 120 kV, and the image at z = 24.00 mm is the first"));
    rs_study_close(study);
}

static void test_frames_of_reference(void **state)
{
    (void)state;
    write_run((made){.frame = "2.25.71"}, 9, 0, 2);
    write_run((made){.frame = "2.25.72"}, 9, 18, 2);
    expect_parts("FrameOfReferenceUID", "2.25.71", "2.25.72", 9, 2);
    write_run((made){.frame = "2.25.71"}, 1, 20, 2);
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "frames of reference are mixed: the image at z = 18.00 mm names another");
    rs_study_close(study);
}

static void test_own_frames_of_reference(void **state)
{
    (void)state;
    for (int k = 0; k < 9; k++) {
        char frame[32];
        snprintf(frame, sizeof(frame), "2.25.7%d", k);
        write_run((made){.frame = frame}, 1, 2 * k, 2);
    }
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    expect(study, 0, RS_VERDICT_MENDED, "every image names a FrameOfReferenceUID of its own");
    rs_study_close(study);
}

static void test_patient_positions(void **state)
{
    (void)state;
    write_run((made){.placed = "HFS"}, 9, 0, 2);
    write_run((made){.placed = "FFS"}, 9, 18, 2);
    expect_parts("PatientPosition", "FFS", "HFS", 9, 2);
    write_run((made){.placed = "FFS"}, 1, 6, 2);
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_REFUSED, "patient positions are mixed: the image at z = 6.00 mm was taken FFS");
    rs_study_close(study);
}

static void test_several_patients(void **state)
{
    (void)state;
    write_run((made){.person = "One^Known", .born = "19500101"}, 9, 0, 2);
    write_run((made){.person = "Two^Known", .born = "19600101"}, 9, 18, 2);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 1);
    expect(study, 0, RS_VERDICT_MENDED, "the image at z = 18.00 mm is the first that differs");
    const rs_series *s = rs_study_series(study, 0);
    assert_true(says(s, "patients_differ", "several names or dates of birth"));
    assert_null(strstr(s->reason, "Known"));
    assert_null(strstr(s->reason, "1960"));
    rs_study_close(study);
}

/* Words and numbers in one attribute have one order, whatever the order of the files: 9 < 10 < "10a" < "9b". */
static void test_words_and_numbers(void **state)
{
    (void)state;
    static const char *const kernels[] = {"9b", "10", "10a", "9"}, *const want[] = {"9", "10", "10a", "9b"};
    for (int v = 0; v < 4; v++)
        write_run((made){.kernel = kernels[v]}, 8, 0.25 * v, 1);
    rs_study *study = open_folder();
    assert_int_equal(rs_study_n_series(study), 4);
    for (int v = 0; v < 4; v++)
        assert_string_equal(rs_study_series(study, v)->split_value, want[v]);
    rs_study_close(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_kernels_in_halves),   IN_FOLDER(test_kernels_in_turn),
        IN_FOLDER(test_thickness),           IN_FOLDER(test_thickness_one_behind_the_other),
        IN_FOLDER(test_kernel_of_one),       IN_FOLDER(test_voltage),
        IN_FOLDER(test_frames_of_reference), IN_FOLDER(test_own_frames_of_reference),
        IN_FOLDER(test_patient_positions),   IN_FOLDER(test_several_patients),
        IN_FOLDER(test_words_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
