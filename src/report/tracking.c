/* Tracking UIDs: of the study and the place, or those that the earlier packet's marks had. Another study shares none.
 */
#include "builder.h"

#include <stdlib.h>
#include <string.h>

#include "digest/digest.h"
#include "restage/text.h"

static int64_t rounded_mm(double value)
{
    return (int64_t)rs_round_decimals(value, 0);
}

/* Two marks of one rounded place, which viewers would otherwise merge, differ by the turn. */
static rs_status tracking_uid(rs_builder *b, const rs_series *series, const rs_report_mark *mark, int turn,
                              const char **out)
{
    char text[512], hex[65];
    const char *study = rs_builder_uid(b, series->study_instance_uid);
    const char *frame = rs_builder_uid(b, series->frame_of_reference_uid);
    (void)rs_text_format(
        text, sizeof text, "%d %lld %lld %lld\n%s\n%s\n%s", turn, (long long)rounded_mm(mark->position_lps_mm[0]),
        (long long)rounded_mm(mark->position_lps_mm[1]), (long long)rounded_mm(mark->position_lps_mm[2]),
        mark->organ ? mark->organ : "", study ? study : "", frame ? frame : "");
    RS_TRY(rs_sha256_hex(b->ctx, text, strlen(text), hex));
    *out = rs_builder_new_uid(b, hex);
    return RS_OK;
}

static bool has_uid(const rs_builder *b, const char *uid)
{
    for (int m = 0; m < b->report->n_marks; m++)
        if (b->marks[m].tracking_uid && strcmp(b->marks[m].tracking_uid, uid) == 0) return true;
    return false;
}

/* n marks cannot take n + 1 UIDs. */
static rs_status fresh_uid(rs_builder *b, int index)
{
    rs_report_mark *mark = &b->marks[index];
    const rs_series *series = b->input->cases[b->mark_case[index]].series;
    const int n = b->report->n_marks;
    for (int turn = 0; turn <= n; turn++) {
        const char *uid = NULL;
        RS_TRY(tracking_uid(b, series, mark, turn, &uid));
        if (uid && has_uid(b, uid)) continue;
        mark->tracking_uid = uid;
        return RS_OK;
    }
    return rs_fail(b->ctx, RS_DEFECT, "a defect of restage: no UID is left for mark %s; please report it", mark->id);
}

double rs_mark_diameter_mm(const rs_report_mark *mark)
{
    if (isfinite(mark->size.fit_mm)) return mark->size.fit_mm;
    if (isfinite(mark->size.equivalent_mm)) return mark->size.equivalent_mm;
    return isfinite(mark->size.long_axis_mm) ? mark->size.long_axis_mm : 0;
}

double rs_mark_reach_mm(double diameter_mm)
{
    return fmax(2, diameter_mm / 2);
}

double rs_mark_apart_mm(const double a_lps_mm[3], const double b_lps_mm[3])
{
    double square = 0;
    for (int a = 0; a < 3; a++)
        square += (a_lps_mm[a] - b_lps_mm[a]) * (a_lps_mm[a] - b_lps_mm[a]);
    return sqrt(square);
}

/* An earlier mark within reach of one of today's. */
typedef struct pair {
    int earlier, mark;
    double mm;
} pair;

static int by_distance(const void *x, const void *y)
{
    const pair *a = x, *b = y;
    if (a->mm < b->mm || a->mm > b->mm) return a->mm < b->mm ? -1 : 1;
    return a->mark != b->mark ? a->mark - b->mark : a->earlier - b->earlier;
}

static void *pairs_in_reach(rs_builder *b, int *n)
{
    const rs_given_previous *previous = b->input->previous;
    void *items = NULL;
    int capacity = 0;
    *n = 0;
    for (int e = 0; e < previous->n_marks; e++) {
        const rs_previous_mark *earlier = &previous->marks[e];
        for (int m = 0; m < b->report->n_marks; m++) {
            double mm = rs_mark_apart_mm(earlier->lps_mm, b->marks[m].position_lps_mm);
            if (!(mm <= rs_mark_reach_mm(earlier->diameter_mm))) continue;
            pair *one = rs_arena_push(b->arena, &items, *n, &capacity, sizeof *one);
            if (!one) {
                b->failed = true;
                return items;
            }
            *one = (pair){e, m, mm};
            ++*n;
        }
    }
    return items;
}

/* Positions of two frames of reference tell nothing of each other. */
static bool same_frame(const rs_builder *b)
{
    const char *earlier = b->input->previous->frame_of_reference_uid, *now = b->report->source.frame_of_reference_uid;
    return earlier && now ? strcmp(earlier, now) == 0 : !earlier && !now;
}

/* The nearest first; an earlier mark, its UID and one of today's are used once. */
static void hand_over(rs_builder *b)
{
    int n;
    pair *pairs = pairs_in_reach(b, &n);
    bool *used = RS_BUILDER_TABLE(b, bool, b->input->previous->n_marks);
    if (n == 0 || !used) return;
    qsort(pairs, (size_t)n, sizeof *pairs, by_distance);
    for (int p = 0; p < n; p++) {
        if (used[pairs[p].earlier] || b->earlier[pairs[p].mark] >= 0) continue;
        if (has_uid(b, b->input->previous->marks[pairs[p].earlier].tracking_uid)) continue;
        used[pairs[p].earlier] = true;
        b->earlier[pairs[p].mark] = pairs[p].earlier;
        b->marks[pairs[p].mark].tracking_uid =
            rs_builder_keep(b, b->input->previous->marks[pairs[p].earlier].tracking_uid);
    }
}

static bool same_study(const rs_builder *b)
{
    const rs_given_previous *previous = b->input->previous;
    const rs_report_source *source = &b->report->source;
    if (source->study_instance_uid || previous->study_uid)
        return source->study_instance_uid && previous->study_uid &&
               strcmp(source->study_instance_uid, previous->study_uid) == 0;
    /* A volume file has no study: its own name stands for it. */
    return source->series_instance_uid && previous->series_uid &&
           strcmp(source->series_instance_uid, previous->series_uid) == 0;
}

rs_status rs_build_tracking(rs_builder *b)
{
    const int n = b->report->n_marks;
    if (b->input->previous && !same_study(b))
        return rs_fail(b->ctx, RS_DATA,
                       "the packet of --previous is of another study than the images, or was made with another "
                       "--identity: give an earlier packet of this one");
    if (n == 0) return RS_OK;
    b->earlier = RS_BUILDER_TABLE(b, int, n);
    if (!b->earlier) return RS_OK; /* told at the end */
    for (int m = 0; m < n; m++)
        b->earlier[m] = -1;
    if (b->input->previous && same_frame(b)) hand_over(b);
    if (b->input->previous && !same_frame(b))
        rs_builder_limit(b, "previous_other_frame", NULL,
                         "The earlier packet is of another frame of reference: no mark is known from it");
    for (int m = 0; m < n; m++)
        if (!b->marks[m].tracking_uid) RS_TRY(fresh_uid(b, m));
    return RS_OK;
}
