/* Qualitative evaluations: what was searched and what was not, notices, limitations, the questions of a board with
   their evidence, and what a person has to fill in. */
#include "sr_rows.h"

#include <math.h>
#include <string.h>

enum { HEAD = 1, ROW = 2, CHILD = 3 };

static void organ(rs_sr_rows *rows, const rs_report_organ *organ)
{
    if (!rs_sr_word(rows, ROW, RS_OWN_ORGAN_STATE, organ->state)) return;
    /* Site and laterality stand side by side here: both say what the state is of. */
    const rs_dicom_code *site = NULL, *laterality = rs_side_code(organ->side);
    rs_status status = rs_site_code(rows->ctx, organ->name, NULL, &site);
    if (status != RS_OK && rows->status == RS_OK) rows->status = status;
    if (site) rs_sr_code(rows, CHILD, RS_SR_HAS_CONCEPT_MOD, rs_std_code(RS_STD_FINDING_SITE), site);
    if (laterality) rs_sr_code(rows, CHILD, RS_SR_HAS_CONCEPT_MOD, rs_std_code(RS_STD_LATERALITY), laterality);
    rs_sr_number(rows, CHILD, RS_SR_HAS_PROPERTIES, rs_own_code(RS_OWN_SEARCHED_VOLUME), organ->searched_ml,
                 rs_std_code(RS_STD_CUBIC_CENTIMETER));
    rs_sr_text(rows, CHILD, RS_SR_HAS_PROPERTIES, rs_own_code(RS_OWN_REASON), organ->reason);
}

static void operating_point(rs_sr_rows *rows)
{
    const rs_report_point *point = &rows->report->operating_point;
    const rs_dicom_code *name = rs_own_code(RS_OWN_OPERATING_POINT);
    char scan[32], litre[32];
    if (!point->name) return;
    rs_report_number(point->false_marks_per_scan, scan);
    rs_report_number(point->false_marks_per_litre, litre);
    if (isfinite(point->false_marks_per_scan) && isfinite(point->false_marks_per_litre))
        rs_sr_say(rows, ROW, RS_SR_CONTAINS, name, "%s, P from %s: %s false marks a scan, %s a litre (%s)", point->name,
                  point->p_text ? point->p_text : "", scan, litre, point->basis ? point->basis : "");
    else
        rs_sr_say(rows, ROW, RS_SR_CONTAINS, name, "%s: %s", point->name, point->reason ? point->reason : "");
}

static void question(rs_sr_rows *rows, const rs_report_criterion *criterion)
{
    const rs_dicom_code *name = NULL;
    rs_status status = rs_own_value(rows->ctx, RS_OWN_CRITERION, criterion->id, &name);
    if (status != RS_OK) {
        if (rows->status == RS_OK) rows->status = status;
        return;
    }
    rs_sr_text(rows, ROW, RS_SR_CONTAINS, name,
               criterion->evidence ? criterion->evidence : "The images that were searched say nothing on it.");
    if (criterion->question)
        rs_sr_say(rows, CHILD, RS_SR_HAS_PROPERTIES, rs_own_code(RS_OWN_QUESTION), "%s%s%s%s", criterion->question,
                  criterion->source ? " (" : "", criterion->source ? criterion->source : "",
                  criterion->source ? ")" : "");
}

static void blank(rs_sr_rows *rows, const rs_report_blank *blank)
{
    const char *boxes = "";
    for (int c = 0; c < blank->n_choices && boxes; c++)
        boxes = rs_arena_printf(rows->arena, "%s [ ] %s", boxes, blank->choices[c]);
    rs_sr_say(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_BLANK), "%s (%s)%s%s", blank->label, blank->who,
              blank->n_choices > 0 ? ":" : "", boxes ? boxes : "");
}

void rs_sr_evaluations(rs_sr_rows *rows)
{
    const rs_report *report = rows->report;
    rs_sr_container(rows, HEAD, rs_std_code(RS_STD_QUALITATIVE_EVALUATIONS), NULL);
    for (int o = 0; o < report->n_organs; o++)
        organ(rows, &report->organs[o]);
    rs_sr_text(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_NOTICE),
               "Read the scan first. Research use; not a medical device.");
    rs_sr_say(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_NOTICE), "%s.", report->assessed_text);
    operating_point(rows);
    for (int n = 0; n < report->limitations.n; n++)
        rs_sr_text(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_LIMITATION), report->limitations.items[n].sentence);
    for (int c = 0; c < report->n_criteria; c++)
        question(rows, &report->criteria[c]);
    for (int b = 0; b < report->n_blanks; b++)
        blank(rows, &report->blanks[b]);
}
