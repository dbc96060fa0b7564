/* Does a long axis reach what RECIST 1.1 asks of a lesion that is measured (Eisenhauer 2009, 3.1.1)? Sums are not
 * formed. */
#include "builder.h"
#include "criteria.h"

#include <string.h>

#include "restage/text.h"

static const double least_mm = 10, thick_mm = 5; /* twice the slice thickness where slices are thicker than 5 mm */

/* NaN: the thickness of the slices is not known. */
static double needed_mm(const rs_builder *b)
{
    double mm = b->report->source.thickness_mm;
    if (!isfinite(mm)) return (double)NAN;
    return mm <= thick_mm ? least_mm : rs_round_decimals(2 * mm, RS_DECIMALS_SIZE_MM);
}

static bool reaches(const rs_builder *b, const rs_report_mark *mark)
{
    return mark->size.long_axis_mm >= needed_mm(b);
}

const char *rs_build_recist(rs_builder *b, const rs_report_mark *mark)
{
    double long_mm = mark->size.long_axis_mm, needed = needed_mm(b);
    const char *at_least = mark->size.truncated ? "at least " : "";
    if (!isfinite(long_mm)) return rs_builder_keep(b, "long axis not measured, so nothing is told of it");
    if (!isfinite(needed))
        return rs_builder_say(b, "long axis %s%.1f mm: slice thickness not known, so no length to reach", at_least,
                              long_mm);
    char mm[32];
    rs_report_number(needed, mm);
    char *point = strstr(mm, ".0");
    if (point && !point[2]) *point = 0;
    const char *how = reaches(b, mark)       ? "reaches"
                      : mark->size.truncated ? "cut by the border, not known whether it reaches"
                                             : "does not reach";
    bool in_bed = mark->bed.relation && strcmp(mark->bed.relation, "in_bed") == 0;
    return rs_builder_say(b, "long axis %s%.1f mm: %s %s mm%s", at_least, long_mm, how, mm,
                          in_bed ? "; in a treated bed, where it counts only if growth was shown" : "");
}

void rs_answer_recist(rs_builder *b, rs_answer *answer)
{
    const rs_report *report = b->report;
    const char *text = NULL;
    int n = 0;
    if (!rs_answer_has_work(b)) return;
    for (int m = 0; m < report->n_marks; m++) {
        n += reaches(b, &report->marks[m]);
        if (m < RS_LISTED_MARKS)
            text = rs_answer_join(b, text, "; ",
                                  rs_builder_say(b, "%s %s", report->marks[m].id, report->marks[m].recist_text));
    }
    if (report->n_marks > RS_LISTED_MARKS)
        text = rs_builder_say(b, "%s; and %d more", text, report->n_marks - RS_LISTED_MARKS);
    answer->evidence = report->n_marks == 0
                           ? rs_builder_say(b, "No mark above the operating point. %s", rs_answer_assessed(b))
                           : rs_builder_say(b, "%s. Nodes are not assessed; no sum is formed", text);
    answer->brief = report->n_marks == 0 ? rs_builder_keep(b, "no mark above the operating point")
                                         : rs_builder_say(b, "%d of %s with a long axis that reaches it", n,
                                                          rs_answer_count(b, report->n_marks, "mark"));
    rs_answer_figure(answer, "reaching", n);
    rs_answer_figure(answer, "needed_mm", needed_mm(b));
}
