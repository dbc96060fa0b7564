/* Images of one series that do not belong together: a sentence where they cannot be stacked, a note where they can. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judging.h"
#include "restage/text.h"

const char *series_image_name(const judging *j, int i, char out[80])
{
    char where[48];
    const int64_t number = j->images->item[i]->slice.instance_number;
    if (number >= 0)
        rs_text_format(out, 80, "image %lld at %s", (long long)number, series_place(j, i, where));
    else
        rs_text_format(out, 80, "the image at %s", series_place(j, i, where));
    return out;
}

static bool same_numbers(const double *a, const double *b, int n, double limit)
{
    for (int i = 0; i < n; i++) {
        if (!(fabs(a[i] - b[i]) <= limit)) return false;
    }
    return true;
}

/* The first image whose text differs from that of the first that has one; what is empty differs from nothing. 0: none,
   else *other is the one it differs from. */
static int first_other(const judging *j, split_name attribute, int *other)
{
    int known = -1;
    for (int i = 0; i < j->images->n; i++) {
        const header *h = j->images->item[i];
        if (!h->split[attribute][0]) continue;
        if (known >= 0 && series_by_value(j->images->item[known], h, attribute) != 0) {
            *other = known;
            return i;
        }
        if (known < 0) known = i;
    }
    return 0;
}

static int by_frame_of_reference(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    return strcmp(a->split[SPLIT_FRAME], b->split[SPLIT_FRAME]);
}

/* As writers do that make every UID anew. */
static rs_status has_own_frames(judging *j, bool *own)
{
    const int n = j->images->n;
    header **sorted = RS_ARENA_NEW(j->study->arena, header *, n);
    if (!sorted) return rs_fail_memory(j->ctx, "the series");
    memcpy(sorted, j->images->item, (size_t)n * sizeof(sorted[0]));
    qsort(sorted, (size_t)n, sizeof(sorted[0]), by_frame_of_reference);
    *own = true;
    for (int i = 1; i < n; i++)
        *own = *own && strcmp(sorted[i - 1]->split[SPLIT_FRAME], sorted[i]->split[SPLIT_FRAME]) != 0;
    return RS_OK;
}

static rs_status judge_frames(judging *j)
{
    char this_one[80], that_one[80];
    bool own = false;
    int other = 0;
    const int i = first_other(j, SPLIT_FRAME, &other);
    if (!i) return RS_OK;
    RS_TRY(has_own_frames(j, &own));
    if (own) {
        return rs_notes_add(j->ctx, j->study->arena, &j->series->notes, "several_frames_of_reference", NULL,
                            "every image names a FrameOfReferenceUID of its own; they are taken as lying in one");
    }
    return series_verdict(
        j, RS_VERDICT_REFUSED,
        rs_arena_printf(j->study->arena,
                        "frames of reference are mixed: %s names another FrameOfReferenceUID than %s, and positions in "
                        "two of them cannot be stacked; give the images of one frame of reference at a time",
                        series_image_name(j, i, this_one), series_image_name(j, other, that_one)));
}

static rs_status judge_patient_position(judging *j)
{
    char this_one[80], that_one[80];
    int other = 0;
    const int i = first_other(j, SPLIT_PATIENT, &other);
    if (!i) return RS_OK;
    return series_verdict(
        j, RS_VERDICT_REFUSED,
        rs_arena_printf(j->study->arena,
                        "patient positions are mixed: %s was taken %s, %s %s; give the images of one position at a "
                        "time",
                        series_image_name(j, i, this_one), j->images->item[i]->split[SPLIT_PATIENT],
                        series_image_name(j, other, that_one), j->images->item[other]->split[SPLIT_PATIENT]));
}

static rs_status judge_picture(judging *j, int i)
{
    rs_arena *arena = j->study->arena;
    const header *first = j->images->item[0], *h = j->images->item[i];
    char this_one[80], other[80];
    series_image_name(j, 0, other);
    series_image_name(j, i, this_one);
    if (!same_numbers(h->orientation, first->orientation, 6, SAME_ORIENTATION)) {
        return series_verdict(
            j, RS_VERDICT_REFUSED,
            rs_arena_printf(arena,
                            "orientation is mixed: %s lies in another plane than %s; give one orientation at a time",
                            this_one, other));
    }
    if (h->facts.rows != first->facts.rows || h->facts.columns != first->facts.columns) {
        return series_verdict(
            j, RS_VERDICT_REFUSED,
            rs_arena_printf(arena,
                            "the matrix is mixed: %s has %d x %d pixels, %s has %d x %d; remove what does not belong",
                            this_one, h->facts.columns, h->facts.rows, other, first->facts.columns, first->facts.rows));
    }
    if (!same_numbers(h->pixel_spacing_mm, first->pixel_spacing_mm, 2, SAME_SPACING * first->pixel_spacing_mm[0])) {
        return series_verdict(
            j, RS_VERDICT_REFUSED,
            rs_arena_printf(
                arena,
                "pixel spacing is mixed: %s has %.5g x %.5g mm, %s has %.5g x %.5g mm; remove what does not belong",
                this_one, h->pixel_spacing_mm[1], h->pixel_spacing_mm[0], other, first->pixel_spacing_mm[1],
                first->pixel_spacing_mm[0]));
    }
    return RS_OK;
}

rs_status series_judge_mixture(judging *j)
{
    for (int i = 1; i < j->images->n && !j->series->verdict; i++)
        RS_TRY(judge_picture(j, i));
    if (!j->series->verdict) RS_TRY(judge_patient_position(j));
    return j->series->verdict ? RS_OK : judge_frames(j);
}

/* Names and dates of birth are not told. */
static rs_status note_patients(judging *j)
{
    const rs_series *first = &j->images->item[0]->facts;
    char this_one[80], that_one[80];
    for (int i = 1; i < j->images->n; i++) {
        const rs_series *facts = &j->images->item[i]->facts;
        if (strcmp(facts->patient_name, first->patient_name) == 0 &&
            strcmp(facts->patient_birth_date, first->patient_birth_date) == 0)
            continue;
        return rs_notes_add(j->ctx, j->study->arena, &j->series->notes, "patients_differ", NULL,
                            "the images carry one PatientID but several names or dates of birth: %s is the first that "
                            "differs from %s; make sure that they are of one patient",
                            series_image_name(j, i, this_one), series_image_name(j, 0, that_one));
    }
    return RS_OK;
}

rs_status series_note_mixture(judging *j)
{
    static const struct {
        split_name attribute;
        const char *code, *word, *unit;
    } rows[] = {{SPLIT_KERNEL, "kernel_differs", "ConvolutionKernel", ""},
                {SPLIT_THICKNESS, "thickness_differs", "SliceThickness", " mm"},
                {SPLIT_KVP, "kvp_differs", "KVP", " kV"}};
    char this_one[80], that_one[80];
    RS_TRY(note_patients(j));
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        int other = 0;
        const int i = first_other(j, rows[r].attribute, &other);
        if (!i) continue;
        RS_TRY(rs_notes_add(j->ctx, j->study->arena, &j->series->notes, rows[r].code, NULL,
                            "images of differing %s are read as one volume: %s has %s%s, and %s is the first that "
                            "differs, with %s%s",
                            rows[r].word, series_image_name(j, other, that_one),
                            j->images->item[other]->split[rows[r].attribute], rows[r].unit,
                            series_image_name(j, i, this_one), j->images->item[i]->split[rows[r].attribute],
                            rows[r].unit));
    }
    return RS_OK;
}
