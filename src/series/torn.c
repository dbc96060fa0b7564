/* Files that were refused, or hold no pixels, and still name their series: slices that it lacks, also at the ends of
   the stack, where no gap tells of them (contract 8). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/dicom.h"
#include "judging.h"
#include "restage/text.h"

/* A refused file this near to a slice that is there, in steps, is a copy of it or of its place: nothing is missing. */
#define SAME_PLACE_STEPS 0.25

rs_status series_keep_remains(rs_context *ctx, rs_arena *scratch, rs_arena *keep, header *h)
{
    rs_dicom_remains remains;
    h->placeless = h->planeless = true;
    RS_TRY(rs_dicom_file_remains(ctx, scratch, h->path, h->is_start, &remains));
    if (!remains.series_uid[0]) return RS_OK;
    h->facts.series_instance_uid = rs_arena_text(keep, remains.series_uid);
    h->slice.sop_instance_uid = rs_arena_text(keep, remains.sop_instance_uid);
    h->placeless = !remains.has_position;
    h->planeless = !remains.has_orientation;
    memcpy(h->slice.position_lps_mm, remains.position_lps_mm, sizeof(remains.position_lps_mm));
    memcpy(h->orientation, remains.orientation, sizeof(remains.orientation));
    return h->facts.series_instance_uid && h->slice.sop_instance_uid ? RS_OK : rs_fail_memory(ctx, "the headers");
}

static int by_object(const header *a, const header *b)
{
    const int order = strcmp(a->facts.series_instance_uid, b->facts.series_instance_uid);
    return order ? order : strcmp(a->slice.sop_instance_uid, b->slice.sop_instance_uid);
}

static int by_object_and_file(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    const int order = by_object(a, b);
    return order ? order : strcmp(a->shown, b->shown);
}

static bool names_series(const header *h)
{
    const char *uid = h->facts.series_instance_uid;
    return (h->state == HEADER_REFUSED || h->is_pixelless) && uid && uid[0] && h->slice.sop_instance_uid;
}

rs_status series_list_torn(rs_context *ctx, rs_study *study)
{
    int n = 0, kept = 0;
    for (int i = 0; i < study->n_headers; i++)
        n += names_series(&study->header[i]);
    if (n == 0) return RS_OK;
    study->torn = RS_ARENA_NEW(study->arena, header *, n);
    if (!study->torn) return rs_fail_memory(ctx, "the refused files");
    n = 0;
    for (int i = 0; i < study->n_headers; i++) {
        header *h = &study->header[i];
        if (names_series(h)) study->torn[n++] = h;
    }
    qsort(study->torn, (size_t)n, sizeof(study->torn[0]), by_object_and_file);
    for (int i = 0; i < n; i++) {
        const header *last = kept ? study->torn[kept - 1] : NULL;
        const bool again = last && last->slice.sop_instance_uid[0] && by_object(last, study->torn[i]) == 0;
        if (!again) study->torn[kept++] = study->torn[i];
    }
    study->n_torn = kept;
    return RS_OK;
}

/* The refused files of the series. */
static group torn_of(const judging *j)
{
    const rs_study *study = j->study;
    int begin = 0, end;
    while (begin < study->n_torn &&
           strcmp(study->torn[begin]->facts.series_instance_uid, j->series->series_instance_uid) != 0)
        begin++;
    for (end = begin; end < study->n_torn; end++) {
        if (strcmp(study->torn[end]->facts.series_instance_uid, j->series->series_instance_uid) != 0) break;
    }
    return (group){study->torn + begin, end - begin};
}

rs_status series_name_torn(judging *j)
{
    const group torn = torn_of(j);
    if (torn.n == 0) return RS_OK;
    const header *first = torn.item[0];
    for (int i = 1; i < torn.n; i++) {
        if (strcmp(torn.item[i]->shown, first->shown) < 0) first = torn.item[i];
    }
    j->series->refused_file = rs_arena_printf(j->study->arena, "%s is refused: %s", first->shown, first->reason);
    return j->series->refused_file ? RS_OK : rs_fail_memory(j->ctx, "the refused files");
}

/* What the series lacks. */
typedef struct lacking {
    int n, low, high; /* in all; before the first slice, behind the last */
    int between;      /* where no gap is known */
    int in_gaps, placeless;
} lacking;

/* A localizer that shares the number of the series is no slice of it. */
static bool is_other_plane(const judging *j, const header *torn)
{
    const double *ours = j->images->item[0]->orientation;
    for (int c = 0; c < 6 && !torn->planeless; c++) {
        if (fabs(torn->orientation[c] - ours[c]) > OTHER_PLANE) return true;
    }
    return false;
}

static bool is_copy(const judging *j, const header *torn)
{
    const char *uid = torn->slice.sop_instance_uid;
    for (int i = 0; i < j->images->n && uid[0]; i++) {
        if (strcmp(j->images->item[i]->slice.sop_instance_uid, uid) == 0) return true;
    }
    return false;
}

static double nearest_mm(const judging *j, double mm)
{
    double nearest = INFINITY;
    for (int i = 0; i < j->images->n; i++)
        nearest = fmin(nearest, fabs(j->along[i] - mm));
    return nearest;
}

/* Between two slices with a gap of the grid: that names it already. */
static bool lies_in_gap(const judging *j, double mm)
{
    const double *step = &j->series->geometry.spacing_mm[2];
    for (int i = 0; i + 1 < j->images->n; i++) {
        if (mm > j->along[i] && mm < j->along[i + 1])
            return j->series->n_gaps && j->along[i + 1] - j->along[i] > 1.5 * *step;
    }
    return false;
}

static void add_torn(const judging *j, const header *torn, lacking *l)
{
    const double mm = dot(torn->slice.position_lps_mm, j->series->geometry.axis[2]);
    const double step_mm = j->series->geometry.spacing_mm[2];
    const double same_mm = j->images->n > 1 ? SAME_PLACE_STEPS * step_mm : SAME_POSITION_MM;
    if (is_other_plane(j, torn)) return;
    if (torn->placeless)
        l->placeless += !is_copy(j, torn);
    else if (nearest_mm(j, mm) <= same_mm)
        return;
    else if (mm < j->along[0])
        l->low++;
    else if (mm > j->along[j->images->n - 1])
        l->high++;
    else if (lies_in_gap(j, mm))
        l->in_gaps++;
    else
        l->between++;
}

static int n_missing(const rs_series *s)
{
    int n = 0;
    for (int g = 0; g < s->n_gaps; g++)
        n += s->gaps[g].k_end - s->gaps[g].k_begin;
    return n;
}

/* "beyond z = 12.50 mm and at a place that is not known" */
static const char *places(const judging *j, const lacking *l)
{
    char low[48], high[48];
    rs_arena *arena = j->study->arena;
    series_place(j, 0, low);
    series_place(j, j->images->n - 1, high);
    const char *text = l->low && l->high ? rs_arena_printf(arena, " beyond %s and %s", low, high)
                       : l->low          ? rs_arena_printf(arena, " beyond %s", low)
                       : l->high         ? rs_arena_printf(arena, " beyond %s", high)
                                         : "";
    if (text && l->between) text = rs_arena_printf(arena, "%s%s between others", text, text[0] ? " and" : "");
    if (text && l->placeless)
        text = rs_arena_printf(arena, "%s%s at a place that is not known", text, text[0] ? " and" : "");
    return text;
}

static rs_status open_ends(judging *j, const lacking *l, const char *what)
{
    rs_series *s = j->series;
    s->open_end[0] = l->low || l->placeless;
    s->open_end[1] = l->high || l->placeless;
    if (s->open_end[0] || s->open_end[1]) s->open_why = what;
    return rs_notes_add(j->ctx, j->study->arena, &s->notes, "slices_refused", NULL,
                        "%s: what lies there is not shown, and not searched", what);
}

rs_status series_judge_torn(judging *j)
{
    lacking l = {0};
    const group torn = torn_of(j);
    for (int i = 0; i < torn.n; i++)
        add_torn(j, torn.item[i], &l);
    /* Those without a place fill the gaps first. */
    const int holes = n_missing(j->series) - l.in_gaps;
    if (holes > 0) l.placeless = l.placeless > holes ? l.placeless - holes : 0;
    l.n = l.low + l.high + l.between + l.placeless;
    if (l.n == 0) return RS_OK;
    const char *where = places(j, &l);
    const char *what = where ? rs_arena_printf(j->study->arena, "%d %s missing%s (%s refused)", l.n,
                                               l.n == 1 ? "slice is" : "slices are", where,
                                               l.n == 1 ? "its file is" : "their files are")
                             : NULL;
    if (!what) return rs_fail_memory(j->ctx, "the refused files");
    const bool most = l.n > j->images->n;
    if (j->study->options.allow_partial && !most) return open_ends(j, &l, what);
    return series_verdict(
        j, RS_VERDICT_GAP,
        rs_arena_printf(j->study->arena, "%s%s: copy the series again, whole, or %s", what,
                        most ? ", more than half of the series" : "",
                        most ? "remove what does not belong" : "take it as it is with --allow-partial"));
}
