/* Verdicts of readers (--review): on today's marks, or on those of the earlier packet by its own ids. A mark that a
   reader called not real stays, and says so. Verdicts of the earlier packet stay until a reader gives another. */
#include "builder.h"

#include <string.h>

#include "restage/text.h"

static const char *words_of(const char *verdict)
{
    static const char *const words[][2] = {{"metastasis", "reader: metastasis"},
                                           {"other", "reader: other"},
                                           {"not_real", "reader: not real"},
                                           {"unsure", "reader: unsure"}};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (strcmp(verdict, words[w][0]) == 0) return words[w][1];
    return NULL;
}

static void set_review(rs_builder *b, const char *verdict, const char *reader, const char *date, rs_report_mark *mark)
{
    bool names = rs_builder_names_patient(b);
    if (!words_of(verdict)) return;
    mark->review = (rs_report_review){
        .verdict = rs_builder_keep(b, verdict),
        .reader = names ? rs_builder_keep(b, reader) : NULL,
        .date = names ? rs_builder_keep(b, date) : NULL,
        .text = words_of(verdict),
    };
    const rs_fact facts[] = {{"reader", mark->review.reader}, {"date", mark->review.date}};
    mark->review.reason = rs_builder_missing(b, names ? "the review does not give" : "left out without identity", facts,
                                             sizeof facts / sizeof facts[0]);
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Today's mark of an earlier one; -1: none. */
static int today(const rs_builder *b, int earlier)
{
    for (int m = 0; m < b->report->n_marks; m++)
        if (b->earlier[m] == earlier) return m;
    return -1;
}

int rs_mark_at(const rs_builder *b, const double lps_mm[3])
{
    int best = -1;
    double best_mm = (double)INFINITY;
    for (int m = 0; m < b->report->n_marks; m++) {
        const rs_report_mark *mark = &b->report->marks[m];
        double mm = rs_mark_apart_mm(mark->position_lps_mm, lps_mm);
        if (!(mm <= rs_mark_reach_mm(rs_mark_diameter_mm(mark))) || mm >= best_mm) continue;
        best = m;
        best_mm = mm;
    }
    return best;
}

static int earlier_at(const rs_given_previous *previous, const double lps_mm[3])
{
    int best = -1;
    double best_mm = (double)INFINITY;
    for (int e = 0; e < previous->n_marks; e++) {
        double mm = rs_mark_apart_mm(previous->marks[e].lps_mm, lps_mm);
        if (!(mm <= rs_mark_reach_mm(previous->marks[e].diameter_mm)) || mm >= best_mm) continue;
        best = e;
        best_mm = mm;
    }
    return best;
}

/* The earlier mark that a verdict names; -1: none. */
static int find_earlier(const rs_builder *b, const rs_given_verdict *verdict)
{
    const rs_given_previous *previous = b->input->previous;
    for (int e = 0; previous && e < previous->n_marks; e++) {
        if (same(previous->marks[e].id, verdict->id)) return e;
        if (same(previous->marks[e].tracking_uid, verdict->tracking_uid)) return e;
    }
    return previous && verdict->has_position ? earlier_at(previous, verdict->lps_mm) : -1;
}

/* Today's mark that a verdict names; ids are those of the earlier packet where there is one. */
static int find_today(const rs_builder *b, const rs_given_verdict *verdict)
{
    if (verdict->has_position) return rs_mark_at(b, verdict->lps_mm);
    for (int m = 0; m < b->report->n_marks; m++) {
        const rs_report_mark *mark = &b->report->marks[m];
        if (!b->input->previous && same(mark->id, verdict->id)) return m;
        if (same(mark->tracking_uid, verdict->tracking_uid)) return m;
    }
    return -1;
}

static const char *name_of(rs_builder *b, const rs_given_verdict *verdict)
{
    const double *at = verdict->lps_mm;
    if (verdict->has_position) return rs_builder_say(b, "%.1f, %.1f, %.1f (LPS mm)", at[0], at[1], at[2]);
    return rs_builder_say(b, "\"%.64s\"", verdict->id ? verdict->id : verdict->tracking_uid);
}

static rs_status refuse(rs_builder *b, int index, const char *why)
{
    const char *name = name_of(b, &b->input->review->items[index]);
    if (!name) return rs_fail_memory(b->ctx, "the report");
    return rs_fail(b->ctx, RS_DATA, "the file of --review: marks[%d], %s, %s", index, name, why);
}

static rs_status apply(rs_builder *b, int index, bool *said)
{
    const rs_given_verdict *verdict = &b->input->review->items[index];
    int m = find_today(b, verdict), earlier = m < 0 ? find_earlier(b, verdict) : -1;
    if (m < 0 && earlier < 0)
        return refuse(b, index,
                      b->input->previous ? "is no mark of the earlier packet, and none of today's"
                                         : "is no mark of this packet; ids of an earlier one need --previous");
    if (m < 0 && b->report->n_marks > 0) m = today(b, earlier);
    if (m < 0) {
        const char *text =
            rs_builder_say(b, "Mark %s of the earlier packet, which a reader reviewed, is none of today's",
                           b->input->previous->marks[earlier].id);
        if (text) rs_builder_limit(b, "reviewed_mark_gone", NULL, text);
        return RS_OK;
    }
    if (said[m]) return refuse(b, index, "is a mark that another verdict of the file names too");
    said[m] = true;
    set_review(b, verdict->verdict, verdict->reader, verdict->date, &b->marks[m]);
    return RS_OK;
}

rs_status rs_build_reviews(rs_builder *b)
{
    const int n = b->report->n_marks;
    const rs_given_review *review = b->input->review;
    bool *said = RS_BUILDER_TABLE(b, bool, n);
    if (n > 0 && (!said || !b->earlier)) return RS_OK; /* told at the end */
    for (int m = 0; m < n; m++) {
        if (b->earlier[m] < 0) continue;
        const rs_previous_mark *earlier = &b->input->previous->marks[b->earlier[m]];
        set_review(b, earlier->verdict, earlier->reader, earlier->date, &b->marks[m]);
    }
    for (int v = 0; review && v < review->n; v++)
        RS_TRY(apply(b, v, said));
    return RS_OK;
}
