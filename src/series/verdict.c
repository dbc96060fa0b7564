/* May these slices be stacked? Positions are projected on the normal; spacing is the slope of the straight line through
   all of them, never SliceThickness (science B1). Every refusal names the place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judging.h"
#include "restage/text.h"

line series_fit(const double *x, const double *y, int n)
{
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        mean_x += x[i] / n;
        mean_y += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    const double slope = xx > 0 ? xy / xx : 0;
    return (line){mean_y - slope * mean_x, slope};
}

rs_status series_verdict(judging *j, rs_verdict what, const char *reason)
{
    j->series->verdict = what;
    j->series->reason = reason;
    return reason ? RS_OK : rs_fail_memory(j->ctx, "the series");
}

const char *series_place(const judging *j, int i, char out[48])
{
    rs_text_format(out, 48, "%c = %.2f mm", "xyz"[j->axis], j -> images -> item[i] -> slice.position_lps_mm[j->axis]);
    return out;
}

/* Two images at one position that nothing told apart. */
static const char *find_clash(judging *j, bool *clash)
{
    char one[80], other[80];
    *clash = true;
    for (int i = 1; i < j->images->n; i++) {
        if (j->along[i] - j->along[i - 1] >= SAME_POSITION_MM) continue;
        return rs_arena_printf(j->study->arena,
                               "two different images lie at one position: %s and %s; remove one of them",
                               series_image_name(j, i - 1, one), series_image_name(j, i, other));
    }
    *clash = false;
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double series_median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(values[0]), by_value);
    return values[(n - 1) / 2];
}

static void project(judging *j, const double u[3], const double v[3], const double w[3])
{
    const int n = j->images->n;
    for (int i = 0; i < n; i++) {
        rs_slice *s = &j->images->item[i]->slice;
        j->k[i] = i;
        j->along[i] = s->along_normal_mm = dot(s->position_lps_mm, w);
        j->across[0][i] = dot(s->position_lps_mm, u);
        j->across[1][i] = dot(s->position_lps_mm, v);
    }
    j->spacing = series_fit(j->k, j->along, n);
    j->deviation_mm = 0;
    for (int i = 0; i < n; i++) {
        const double off = fabs(j->along[i] - j->spacing.intercept - j->spacing.slope * i);
        if (off > j->deviation_mm) {
            j->deviation_mm = off;
            j->worst = i;
        }
    }
}

const char *series_orientation(const double normal[3])
{
    static const char *const names[3] = {"sagittal", "coronal", "axial"};
    for (int a = 0; a < 3; a++) {
        if (fabs(normal[a]) > 0.9) return names[a];
    }
    return "oblique";
}

/* Axes of the first slice, made exactly orthonormal; origin on the line through all slices. */
static void set_geometry(judging *j)
{
    const header *first = j->images->item[0];
    rs_geometry *g = &j->series->geometry;
    double u[3], v[3], w[3];
    memcpy(u, first->orientation, sizeof(u));
    const double length_u = sqrt(dot(u, u));
    for (int a = 0; a < 3; a++)
        u[a] /= length_u;
    const double along_u = dot(first->orientation + 3, u);
    for (int a = 0; a < 3; a++)
        v[a] = first->orientation[3 + a] - along_u * u[a];
    const double length_v = sqrt(dot(v, v));
    for (int a = 0; a < 3; a++)
        v[a] /= length_v;
    cross(u, v, w);
    project(j, u, v, w);
    memcpy(g->axis[0], u, sizeof(u));
    memcpy(g->axis[1], v, sizeof(v));
    memcpy(g->axis[2], w, sizeof(w));
    g->n[0] = first->facts.columns;
    g->n[1] = first->facts.rows;
    g->n[2] = j->images->n;
    g->spacing_mm[0] = first->pixel_spacing_mm[1];
    g->spacing_mm[1] = first->pixel_spacing_mm[0];
    g->spacing_mm[2] = j->images->n > 1 ? j->spacing.slope : 0;
    for (int a = 0; a < 3; a++)
        g->origin_lps_mm[a] = first->slice.position_lps_mm[a] + (j->spacing.intercept - j->along[0]) * w[a];
    j->series->orientation = series_orientation(w);
    j->axis = 0;
    for (int a = 1; a < 3; a++) {
        if (fabs(w[a]) > fabs(w[j->axis])) j->axis = a;
    }
}

static rs_status set_thickness(judging *j)
{
    double *values = RS_ARENA_NEW(j->study->arena, double, j->images->n);
    int n = 0;
    if (!values) return rs_fail_memory(j->ctx, "the series");
    for (int i = 0; i < j->images->n; i++) {
        if (j->images->item[i]->slice.thickness_mm > 0) values[n++] = j->images->item[i]->slice.thickness_mm;
    }
    j->series->thickness_mm = n ? series_median(values, n) : 0;
    return RS_OK;
}

static rs_status note_pixels(judging *j)
{
    rs_series *s = j->series;
    bool rescaled = true;
    int differs = 0;
    char name[80];
    for (int i = 0; i < j->images->n; i++) {
        const header *h = j->images->item[i];
        rescaled = rescaled && h->has_rescale;
        if (!differs &&
            (h->slice.slope != j->images->item[0]->slice.slope || h->slice.offset != j->images->item[0]->slice.offset))
            differs = i;
    }
    const rs_lookup *lookup = j->images->item[0]->slice.lookup;
    if (lookup) {
        RS_TRY(rs_notes_add(j->ctx, j->study->arena, &s->notes, "lookup", NULL,
                            "stored values pass through the Modality LUT of the header (its type: %s)",
                            lookup->type[0] ? lookup->type : "none"));
    } else if (!rescaled && strcmp(s->modality, "MR") != 0) {
        RS_TRY(
            rs_notes_add(j->ctx, j->study->arena, &s->notes, "no_rescale", NULL,
                         "the header has no RescaleSlope and RescaleIntercept: values are taken as they are stored"));
    }
    if (differs) {
        RS_TRY(rs_notes_add(j->ctx, j->study->arena, &s->notes, "rescale_differs", NULL,
                            "slices have different rescale slopes or intercepts (%s is the first that differs); each "
                            "is read by its own",
                            series_image_name(j, differs, name)));
    }
    return RS_OK;
}

/* Every test passed: good, mended or few. */
static rs_status judge_good(judging *j)
{
    rs_series *s = j->series;
    const int n = j->images->n;
    s->verdict = s->notes.n ? RS_VERDICT_MENDED : RS_VERDICT_GOOD;
    s->reason = s->notes.n ? s->notes.items[0].sentence : NULL;
    const bool resampled = s->repair == RS_REPAIR_UNEVEN || s->repair == RS_REPAIR_BOTH;
    if (!resampled && j->deviation_mm > STATED_MM) {
        char where[48];
        RS_TRY(
            rs_notes_add(j->ctx, j->study->arena, &s->notes, "jitter", NULL,
                         "slice positions jitter by up to %.3f mm (at %s) around a spacing of %.4f mm; they are read "
                         "as evenly spaced",
                         j->deviation_mm, series_place(j, j->worst, where), j->spacing.slope));
        s->verdict = RS_VERDICT_MENDED;
        s->reason = s->notes.items[0].sentence;
    }
    if (n < FEW_SLICES) {
        return series_verdict(
            j, RS_VERDICT_FEW,
            rs_arena_printf(j->study->arena, "too few slices: %d, and a search needs at least %d", n, FEW_SLICES));
    }
    return RS_OK;
}

/* It mends nothing: the verdict stays as it is. */
static rs_status note_lean(judging *j)
{
    if (!(j->drift_mm > LEAN_STATED_MM)) return RS_OK;
    return rs_notes_add(j->ctx, j->study->arena, &j->series->notes, "slight_lean", NULL,
                        "slices lean %.3f degrees off their normal, %.2f mm from the first to the last: less than half "
                        "a pixel, and read as it stands",
                        j->series->tilt_deg, j->drift_mm);
}

static rs_status judge_sorted(judging *j)
{
    bool found = false;
    set_geometry(j);
    RS_TRY(series_judge_mixture(j));
    if (j->series->verdict) return RS_OK;
    const char *reason = find_clash(j, &found);
    if (found) return series_verdict(j, RS_VERDICT_REFUSED, reason);
    j->series->spacing_deviation_mm = j->deviation_mm;
    if (j->images->n > 1) {
        RS_TRY(series_lay_grid(j));
        if (j->series->verdict) return RS_OK;
    }
    RS_TRY(series_judge_torn(j));
    if (j->series->verdict) return RS_OK;
    RS_TRY(series_note_mixture(j));
    RS_TRY(judge_good(j));
    RS_TRY(note_lean(j));
    return note_pixels(j);
}

/* One image, or the frames of one file, whose header has no position: pixels that can be looked at and written, in the
   order of the file, but not searched. */
static bool is_placeless(const group *images)
{
    const header *first = images->item[0];
    for (int i = 0; i < images->n; i++) {
        const header *h = images->item[i];
        if (!h->placeless || (images->n > 1 && (!first->file || h->file != first->file))) return false;
    }
    return true;
}

static int by_frame(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    return a->slice.frame - b->slice.frame;
}

static rs_status judge_placeless(judging *j)
{
    rs_series *s = j->series;
    rs_geometry *g = &s->geometry;
    const header *first = j->images->item[0];
    qsort(j->images->item, (size_t)j->images->n, sizeof(j->images->item[0]), by_frame);
    const bool has_spacing = first->pixel_spacing_mm[0] > 0 && first->pixel_spacing_mm[1] > 0;
    *g = (rs_geometry){.n = {first->facts.columns, first->facts.rows, j->images->n}};
    for (int a = 0; a < 3; a++)
        g->axis[a][a] = 1;
    g->spacing_mm[0] = has_spacing ? first->pixel_spacing_mm[1] : 1;
    g->spacing_mm[1] = has_spacing ? first->pixel_spacing_mm[0] : 1;
    const double between_mm = first->between_mm > 0 ? first->between_mm : s->thickness_mm;
    g->spacing_mm[2] = j->images->n == 1 ? 0 : between_mm > 0 ? between_mm : 1;
    for (int i = 0; i < j->images->n; i++)
        j->images->item[i]->slice.along_normal_mm = i * g->spacing_mm[2];
    s->placeless = true;
    RS_TRY(series_verdict(
        j, RS_VERDICT_FEW,
        rs_arena_printf(
            j->study->arena,
            "no place in the patient: the header has no position (ImagePositionPatient)%s, so that sides and "
            "places are unknown%s; only the pixels can be read",
            has_spacing ? "" : " and no PixelSpacing",
            j->images->n == 1 || between_mm > 0 ? "" : ", and so is the distance of slices")));
    return note_pixels(j);
}

static rs_status judge_unsorted(judging *j)
{
    if (is_placeless(j->images)) return judge_placeless(j);
    for (int i = 0; i < j->images->n; i++) {
        const header *h = j->images->item[i];
        if (!h->bad_geometry) continue;
        return series_verdict(
            j, RS_VERDICT_REFUSED,
            rs_arena_printf(j->study->arena,
                            "the place of the images is not known: the one with InstanceNumber %lld %s; export the "
                            "series again",
                            (long long)h->slice.instance_number, h->bad_geometry));
    }
    return RS_OK;
}

rs_status series_judge(rs_context *ctx, rs_study *study, group *images, rs_series *series)
{
    judging j = {.ctx = ctx, .study = study, .images = images, .series = series};
    series->orientation = "";
    series->n_slices = images->n;
    series->allow_partial = study->options.allow_partial;
    RS_TRY(set_thickness(&j));
    RS_TRY(series_name_torn(&j));
    if (series->reason) {
        series->verdict = RS_VERDICT_REFUSED;
        return RS_OK;
    }
    if (!series_sort(images)) return judge_unsorted(&j);
    j.k = RS_ARENA_NEW(study->arena, double, images->n);
    j.along = RS_ARENA_NEW(study->arena, double, images->n);
    for (int a = 0; a < 2; a++)
        j.across[a] = RS_ARENA_NEW(study->arena, double, images->n);
    j.steps = RS_ARENA_NEW(study->arena, double, images->n);
    if (!j.k || !j.along || !j.steps || !j.across[0] || !j.across[1]) return rs_fail_memory(ctx, "the series");
    return judge_sorted(&j);
}
