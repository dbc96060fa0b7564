/* Rows of the board's page that speak of the scan and of what a person said, not of single marks. */
#include "criteria.h"

#include <string.h>

#include "restage/lesion.h"
#include "restage/text.h"

static int organs_in(const rs_builder *b, const char *state)
{
    int n = 0;
    for (int o = 0; o < b->report->n_organs; o++)
        n += b->report->organs[o].state && strcmp(b->report->organs[o].state, state) == 0;
    return n;
}

void rs_answer_elsewhere(rs_builder *b, rs_answer *answer)
{
    int whole = organs_in(b, "assessed"), partly = organs_in(b, "partly");
    answer->evidence = rs_builder_say(b, "%s. Outside these organs nothing was looked at", b->report->assessed_text);
    const char *in_part = rs_answer_join(b, rs_answer_organs(b, "partly"), "", partly > 0 ? " in part" : NULL);
    const char *looked = rs_answer_join(b, rs_answer_organs(b, "assessed"), ", ", in_part);
    if (!looked)
        answer->brief = rs_builder_keep(b, "nothing was assessed");
    else if (whole + partly > 3)
        answer->brief = rs_builder_say(b, "%d organs assessed, %d partly; nothing else looked at", whole, partly);
    else
        answer->brief = rs_builder_say(b, "looked at: %s; nothing else", looked);
    rs_answer_figure(answer, "assessed", whole);
    rs_answer_figure(answer, "partly", partly);
    rs_answer_figure(answer, "not_assessed", organs_in(b, "not_assessed"));
}

/* Only words of ours: what a person wrote stands in the context. */
void rs_answer_primary(rs_builder *b, rs_answer *answer)
{
    const char *state = b->report->context.primary_state;
    if (!state) return;
    const char *said = strcmp(state, "not") == 0 ? "not controlled" : state;
    answer->evidence = rs_builder_say(b, "Stated by a person in the context: %s", said);
    answer->brief = rs_builder_say(b, "stated in the context: %s", said);
}

/* Days of the proleptic Gregorian calendar since a fixed day, of "YYYY-MM-DD"; false for anything else. */
static bool day_number(const char *date, int64_t *out)
{
    int value[3] = {0}, begin[3] = {0, 5, 8}, end[3] = {4, 7, 10};
    if (!date || strlen(date) != 10) return false;
    for (int p = 0; p < 3; p++) {
        for (int i = begin[p]; i < end[p]; i++) {
            if (date[i] < '0' || date[i] > '9') return false;
            value[p] = 10 * value[p] + (date[i] - '0');
        }
    }
    int64_t year = value[1] <= 2 ? value[0] - 1 : value[0], month = (value[1] + 9) % 12;
    *out = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + value[2] - 1;
    return true;
}

/* From a date to the day of the scan; NaN: one of the two is not known to the day. */
static double days_to_scan(rs_builder *b, const char *date)
{
    int64_t from, to;
    return day_number(date, &from) && day_number(b->scan_date, &to) ? (double)(to - from) : (double)NAN;
}

/* A date to the month or the year alone: "2019-11", "2019". */
static bool is_coarse(const char *date)
{
    return date && date[0] && strlen(date) < 10;
}

/* The longest and the shortest time from a treatment to the scan, where no treatment that is dated less exactly may lie
   before or after it; how many are dated so. */
static int treatment_days(rs_builder *b, double *first, double *last)
{
    const rs_report_context *context = b->told;
    const char *earliest = NULL, *latest = NULL;
    int n_coarse = 0;
    for (int t = 0; context && t < context->n_treatments; t++) {
        const char *date = context->treatments[t].date;
        if (!isfinite(days_to_scan(b, date))) continue;
        if (!earliest || strcmp(date, earliest) < 0) earliest = date;
        if (!latest || strcmp(date, latest) > 0) latest = date;
    }
    *first = days_to_scan(b, earliest);
    *last = days_to_scan(b, latest);
    for (int t = 0; context && t < context->n_treatments; t++) {
        const char *date = context->treatments[t].date;
        if (!is_coarse(date)) continue;
        n_coarse++;
        if (earliest && strncmp(earliest, date, strlen(date)) >= 0) *first = (double)NAN;
        if (latest && strncmp(latest, date, strlen(date)) <= 0) *last = (double)NAN;
    }
    return n_coarse;
}

/* "412 days from the first treatment to the scan"; NULL where that is not known. */
static const char *days_text(rs_builder *b, double days, const char *from)
{
    if (!isfinite(days)) return NULL;
    if (days < 0) return rs_builder_say(b, "the date of the %s lies %.0f days after the scan", from, -days);
    return rs_builder_say(b, "%.0f days from the %s to the scan", days, from);
}

void rs_answer_interval(rs_builder *b, rs_answer *answer)
{
    double first, last, primary = b->told ? days_to_scan(b, b->told->primary_date) : (double)NAN;
    int32_t stated = b->told ? b->told->disease_free_interval_days : -1;
    int n_coarse = treatment_days(b, &first, &last);
    const char *from_first = days_text(b, first, "first treatment");
    const char *text = rs_answer_join(b, from_first, "; ", last == first ? NULL : days_text(b, last, "last treatment"));
    text = rs_answer_join(b, text, "; ", days_text(b, primary, "primary"));
    const char *free_days =
        stated >= 0 ? rs_builder_say(b, "disease-free interval of %d days, as stated", stated) : NULL;
    text = rs_answer_join(b, text, "; ", free_days);
    const char *coarse = NULL; /* no date: they are left out where there is no identity */
    if (n_coarse > 0)
        coarse = rs_builder_say(b, "%d treatment%s dated to a month or a year, not counted in days", n_coarse,
                                n_coarse == 1 ? " is" : "s are");
    if (b->told && is_coarse(b->told->primary_date))
        coarse = rs_answer_join(b, coarse, "; ", "the primary is dated to a month or a year, not counted in days");
    text = rs_answer_join(b, text, "; ", coarse);
    if (!text) return;
    answer->evidence = rs_builder_say(b, "From the dates of the context: %s", text);
    const char *brief = from_first ? from_first : days_text(b, primary, "primary");
    brief = brief ? brief : free_days;
    answer->brief = brief ? brief : coarse;
    rs_answer_figure(answer, "days_since_first_treatment", first);
    rs_answer_figure(answer, "days_since_last_treatment", last);
    rs_answer_figure(answer, "days_since_primary", primary);
    rs_answer_figure(answer, "disease_free_interval_days", stated >= 0 ? stated : (double)NAN);
}

/* "left lung: d50 3.1 mm, d95 4.4 mm, worst 5.2 mm", or the reason that all organs share. */
static const char *limits_text(rs_builder *b, double *worst_mm)
{
    const char *text = NULL, *why = NULL;
    for (int o = 0; o < b->report->n_organs; o++) {
        const rs_report_organ *organ = &b->report->organs[o];
        const rs_report_limit *limit = &organ->detection_limit;
        why = limit->reason ? limit->reason : why;
        if (!isfinite(limit->d50_mm)) continue;
        const char *d95 = isfinite(limit->d95_mm) ? rs_builder_say(b, "d95 %.1f mm", limit->d95_mm) : "d95 not reached";
        text = rs_answer_join(b, text, "; ",
                              rs_builder_say(b, "%s: d50 %.1f mm, %s", rs_answer_organ(b, organ), limit->d50_mm, d95));
        if (isfinite(limit->worst_d95_mm))
            *worst_mm = isfinite(*worst_mm) ? fmax(*worst_mm, limit->worst_d95_mm) : limit->worst_d95_mm;
    }
    return text ? text : why;
}

/* Of the organs that were searched, as far as the image shows them. */
static double not_searched_ml(const rs_builder *b)
{
    double ml = (double)NAN;
    for (int o = 0; o < b->report->n_organs; o++) {
        const rs_report_organ *organ = &b->report->organs[o];
        if (!isfinite(organ->volume_ml) || !isfinite(organ->searched_ml)) continue;
        ml = (isfinite(ml) ? ml : 0) + fmax(organ->volume_ml - organ->searched_ml, 0);
    }
    return rs_round_decimals(ml, RS_DECIMALS_VOLUME_ML);
}

/* The images end in an organ: what lies beyond them has no volume. */
static bool goes_on_unseen(const rs_builder *b)
{
    for (int o = 0; o < b->report->n_organs; o++) {
        const rs_report_organ *organ = &b->report->organs[o];
        if (organ->state && strcmp(organ->state, "partly") == 0 && organ->searched_ml >= organ->volume_ml) return true;
    }
    return false;
}

static int marks_below_5mm(const rs_builder *b)
{
    int n = 0;
    const char *below = rs_size_class_name(RS_SIZE_BELOW_5MM);
    for (int m = 0; m < b->report->n_marks; m++) {
        const char *own = b->report->marks[m].size.size_class;
        n += own && strcmp(own, below) == 0;
    }
    return n;
}

/* "slices 1.25 mm thick"; "slice thickness not known" */
static const char *slices_text(rs_builder *b)
{
    const rs_report_source *source = &b->report->source;
    char mm[32];
    if (!isfinite(source->thickness_mm)) return rs_builder_keep(b, "slice thickness not known");
    rs_report_number(source->thickness_mm, mm);
    return rs_builder_say(b, "slices %s mm thick", mm);
}

/* No count of what was not seen is ever given (contract 7). */
void rs_answer_hidden(rs_builder *b, rs_answer *answer)
{
    double worst_mm = (double)NAN, ml = not_searched_ml(b);
    int below = marks_below_5mm(b);
    if (!isfinite(ml)) {
        answer->evidence = rs_builder_say(b, "%s. Nothing was searched", rs_answer_assessed(b));
        answer->brief = rs_builder_keep(b, "nothing was searched");
        return;
    }
    const char *limits = limits_text(b, &worst_mm), *slices = slices_text(b);
    const bool beyond = goes_on_unseen(b);
    const char *partly = rs_answer_organs(b, "partly");
    answer->evidence = rs_builder_say(b,
                                      "Detection limit: %s; %s. Not searched of what the images show of the organs: "
                                      "%.1f ml%s%s%s%s. Marks below 5 mm: "
                                      "%d. What was not seen has no count here",
                                      limits, slices, ml, partly ? "; partly assessed: " : "", partly ? partly : "",
                                      partly ? " (organs give the reason)" : "",
                                      beyond ? "; how much lies beyond the images is not known" : "", below);
    const char *limit = isfinite(worst_mm) ? rs_builder_say(b, "worst d95 %.1f mm", worst_mm) : "limit not measured";
    answer->brief = beyond ? rs_builder_say(b, "%s; %s; unsearched volume unknown", limit, slices)
                           : rs_builder_say(b, "%s; %s; %.1f ml not searched", limit, slices, ml);
    rs_answer_figure(answer, "worst_d95_mm", worst_mm);
    rs_answer_figure(answer, "slice_thickness_mm", b->report->source.thickness_mm);
    rs_answer_figure(answer, "not_searched_ml", beyond ? (double)NAN : ml);
    rs_answer_figure(answer, "below_5mm", below);
}

/* Nothing of what the images show answers these two: the blank is all of the row. */
void rs_answer_fitness(rs_builder *b, rs_answer *answer)
{
    (void)b;
    *answer = (rs_answer){0};
}

void rs_answer_limb(rs_builder *b, rs_answer *answer)
{
    (void)b;
    *answer = (rs_answer){0};
}

void rs_answer_new_or_residual(rs_builder *b, rs_answer *answer)
{
    answer->evidence = rs_builder_keep(b, "No earlier scan was given, so nothing was compared");
    answer->brief = rs_builder_keep(b, "no earlier scan given");
}

/* Organs by name, whatever their side, that hold a mark. */
static const char *organs_with_marks(rs_builder *b, int *n)
{
    const char *text = NULL;
    *n = 0;
    for (int m = 0; m < b->report->n_marks; m++) {
        const char *own = b->report->marks[m].organ;
        bool first = own != NULL;
        for (int e = 0; e < m && first; e++)
            first = !b->report->marks[e].organ || strcmp(b->report->marks[e].organ, own) != 0;
        if (!first) continue;
        text = rs_answer_join(b, text, ", ", own);
        ++*n;
    }
    return text;
}

void rs_answer_oligo(rs_builder *b, rs_answer *answer)
{
    int n_organs;
    double days = b->told ? days_to_scan(b, b->told->primary_date) : (double)NAN;
    if (!rs_answer_has_work(b)) return;
    const char *organs = organs_with_marks(b, &n_organs), *marks = rs_answer_count(b, b->report->n_marks, "mark");
    const char *since = days_text(b, days, "primary");
    answer->evidence = rs_builder_say(
        b,
        "%s. Known of the 17 factors: %s; organs with marks: %s; %s. The others are for a "
        "person",
        rs_answer_assessed(b), marks, organs ? organs : "none", since ? since : "time since the primary not given");
    answer->brief = rs_builder_say(b, "%s; organs: %s; %s", marks, organs ? organs : "none",
                                   since ? rs_builder_say(b, "%.0f days since primary", days) : "time not given");
    rs_answer_figure(answer, "marks", b->report->n_marks);
    rs_answer_figure(answer, "organs_with_marks", n_organs);
    rs_answer_figure(answer, "days_since_primary", days);
}

void rs_answer_nodule_guides(rs_builder *b, rs_answer *answer)
{
    static const char *const answers[] = {"no", "yes"};
    int known = b->report->context.malignancy_known;
    const char *stated = known >= 0 ? rs_builder_say(b, "Stated by a person in the context: %s. ", answers[known]) : "";
    answer->evidence = rs_builder_say(b,
                                      "%sIf yes, then they do not apply: Fleischner 2017 leaves out patients with "
                                      "known cancer, Lung-RADS is for screening. No category is computed here",
                                      stated);
    answer->brief = known >= 0 ? rs_builder_say(b, "stated: %s; if yes, the guides do not apply", answers[known])
                               : rs_builder_keep(b, "if yes, Fleischner and Lung-RADS do not apply");
}
