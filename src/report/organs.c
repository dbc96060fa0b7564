/* What was and was not assessed, how the marks are spread, what the operating point promises, and the limitations. */
#include "builder.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

static bool searched(const rs_region *region)
{
    return region->role == RS_ROLE_SEARCH;
}

static rs_report_organ organ_row(rs_builder *b, const rs_region *region)
{
    const double none = (double)NAN;
    rs_report_organ row = {
        .name = rs_builder_keep(b, region->name),
        .side = rs_builder_keep(b, rs_side_name(region->side)),
        .state = rs_builder_keep(b, rs_assessed_name(region->state)),
        .volume_ml = none,
        .searched_ml = none,
        .detection_limit = {none, none, none, NULL, "the detection limit is not measured by this version"},
    };
    if (!row.side)
        row.side_reason = rs_builder_keep(b, region->side == RS_SIDE_NONE ? "the organ has no sides"
                                                                          : "anatomy and orientation disagree");
    if (region->state == RS_ASSESSED || region->state == RS_ASSESSED_PARTLY) {
        row.volume_ml = rs_round_decimals(region->volume_ml, RS_DECIMALS_VOLUME_ML);
        row.searched_ml = rs_round_decimals(region->searched_ml, RS_DECIMALS_VOLUME_ML);
    }
    if (region->state != RS_ASSESSED) {
        row.state = rs_builder_keep(b, rs_assessed_name(region->state ? region->state : RS_NOT_ASSESSED));
        row.reason = rs_builder_keep(b, region->reason ? region->reason : "no reason was recorded");
    }
    if (region->state == RS_ASSESSED_PARTLY && row.reason && row.searched_ml >= row.volume_ml)
        row.reason = rs_builder_say(b, "%s; how much of it is missing is not known", row.reason);
    return row;
}

static const char *with_side(rs_builder *b, const rs_report_organ *organ)
{
    return organ->side ? rs_builder_say(b, "%s %s", organ->side, organ->name) : organ->name;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The next organ of the same state has the same reason, and will tell it for both. */
static bool told_by_next(const rs_report *report, int o)
{
    const rs_report_organ *organ = &report->organs[o];
    for (int n = o + 1; n < report->n_organs; n++) {
        if (same(report->organs[n].state, organ->state)) return same(report->organs[n].reason, organ->reason);
    }
    return false;
}

/* "Assessed: left lung, right lung. Partly: …. Not assessed: …." */
static const char *assessed_sentence(rs_builder *b)
{
    static const char *const states[] = {"assessed", "partly", "not_assessed"};
    static const char *const heads[] = {"Assessed", "Partly assessed", "Not assessed"};
    const char *text = "";
    for (int s = 0; s < 3; s++) {
        int n = 0;
        const char *joint = ", ";
        for (int o = 0; o < b->report->n_organs && text; o++) {
            const rs_report_organ *organ = &b->report->organs[o];
            if (!organ->state || strcmp(organ->state, states[s]) != 0) continue;
            const char *head = n++ == 0 ? heads[s] : NULL, *reason = told_by_next(b->report, o) ? NULL : organ->reason;
            text = rs_builder_say(b, "%s%s%s%s%s%s%s%s", text, head && *text ? ". " : "", head ? head : joint,
                                  head ? ": " : "", with_side(b, organ), reason ? " (" : "", reason ? reason : "",
                                  reason ? ")" : "");
            joint = reason ? "; " : ", ";
        }
    }
    return text && *text ? text : rs_builder_keep(b, "Not assessed: no organ of this study is known to this program");
}

void rs_build_organs(rs_builder *b)
{
    int n = 0, whole = 0, none = 0;
    for (int c = 0; c < b->input->n_cases; c++) {
        for (int r = 0; r < b->input->cases[c].regions->n; r++)
            n += searched(&b->input->cases[c].regions->region[r]);
    }
    rs_report_organ *rows = RS_BUILDER_TABLE(b, rs_report_organ, n);
    n = 0;
    for (int c = 0; rows && c < b->input->n_cases; c++) {
        for (int r = 0; r < b->input->cases[c].regions->n; r++) {
            const rs_region *region = &b->input->cases[c].regions->region[r];
            if (!searched(region)) continue;
            rows[n++] = organ_row(b, region);
            whole += region->state == RS_ASSESSED;
            none += region->state != RS_ASSESSED && region->state != RS_ASSESSED_PARTLY;
        }
    }
    b->report->organs = rows;
    b->report->n_organs = n;
    b->report->assessed = none == n ? "none" : whole == n ? "all" : "partly";
    b->report->assessed_text = assessed_sentence(b);
}

/* To two decimals, as the report prints it. */
static double searched_litres(const rs_builder *b)
{
    double ml = 0;
    for (int o = 0; o < b->report->n_organs; o++) {
        if (isfinite(b->report->organs[o].searched_ml)) ml += b->report->organs[o].searched_ml;
    }
    return rs_round_decimals(ml / 1000, RS_DECIMALS_FALSE_MARKS);
}

/* What P of the maxima of the filter rests on, with who ranked them. */
static const char *maxima_basis(rs_builder *b, const rs_report_case *from)
{
    const rs_ranker *ranker = b->input->ranker;
    int networks = ranker ? rs_ranker_networks(ranker, b->input->params) : 0;
    if (networks == 0) return from->organ->detect.calibration.basis;
    bool whole = networks == ranker->n_networks && ranker->calibration.n > 0;
    return rs_builder_say(b, "%s (ranker %s, SHA-256 %.12s)",
                          whole ? ranker->calibration.basis : "logistic function of the score, not calibrated",
                          ranker->name, ranker->sha256);
}

/* What the false marks and each map of P rest on, a sentence each; a text that two share is told once. */
static const char *point_basis(rs_builder *b, const rs_report_case *from)
{
    const char *own = from->point->basis, *maxima = maxima_basis(b, from);
    const char *masses = from->organ->detect.mass_calibration.basis;
    if (own && maxima && strcmp(own, maxima) == 0) own = NULL;
    if (!own && !maxima) return NULL;
    return rs_builder_say(b, "%s%s%s%s%s%s", own ? own : "", own && maxima ? ". " : "",
                          maxima ? "P of maxima of the filter: " : "", maxima ? maxima : "",
                          masses ? ". P of masses: " : "", masses ? masses : "");
}

void rs_build_point(rs_builder *b)
{
    const rs_report_case *from = NULL;
    for (int c = 0; c < b->input->n_cases && !from; c++)
        if (b->input->cases[c].point) from = &b->input->cases[c];
    const rs_operating_point *point = from ? from->point : NULL;
    rs_report_point *out = &b->report->operating_point;
    const double none = (double)NAN;
    *out = (rs_report_point){
        .p_definition = "probability that the mark is a focal lesion of any nature",
        .p = none,
        .false_marks_per_litre = none,
        .false_marks_per_scan = none,
    };
    if (!point) {
        out->reason = rs_builder_keep(b, "no organ was searched");
        return;
    }
    out->name = rs_builder_keep(b, point->name);
    out->p = rs_round_decimals(point->p, RS_DECIMALS_P);
    out->p_text = rs_builder_p(b, point->p);
    if (rs_builder_has_foreign_p(b)) { /* ours were measured with our own P */
        out->reason = rs_builder_say(b, "P was given by %s %s, whose false marks are not known here",
                                     b->input->detector->id, b->input->detector->version);
        return;
    }
    out->false_marks_per_litre = rs_round_decimals(point->false_marks_per_litre, RS_DECIMALS_FALSE_MARKS);
    out->false_marks_per_scan = rs_round_decimals(point->false_marks_per_scan, RS_DECIMALS_FALSE_MARKS);
    out->basis = point_basis(b, from);
    if (!isfinite(point->false_marks_per_litre) || !isfinite(point->false_marks_per_scan))
        out->reason = rs_builder_keep(b, "not measured yet");
}

static rs_report_row *row_of(rs_report_row *rows, int *n, const char *side, const char *lobe)
{
    for (int r = 0; r < *n; r++) {
        if (same(rows[r].side, side) && same(rows[r].lobe, lobe)) return &rows[r];
    }
    rows[*n] = (rs_report_row){
        .side = side,
        .side_reason = side ? NULL : "marks whose side is not known",
        .lobe = lobe,
        .lobe_reason = lobe ? NULL : "the lobe of what is counted here is not known",
    };
    return &rows[(*n)++];
}

static void count_mark(const rs_report_mark *mark, rs_report_row *row)
{
    const char *size_class = mark->size.size_class ? mark->size.size_class : "";
    if (strcmp(size_class, rs_size_class_name(RS_SIZE_ABOVE_5MM)) == 0)
        row->above_5mm++;
    else if (strcmp(size_class, rs_size_class_name(RS_SIZE_NEAR_5MM)) == 0)
        row->near_5mm++;
    else if (strcmp(size_class, rs_size_class_name(RS_SIZE_BELOW_5MM)) == 0)
        row->below_5mm++;
    else
        row->indeterminate++;
}

static const char *classes(rs_builder *b, const rs_report_row *sum)
{
    return rs_builder_say(b, "%d above 5 mm, %d near 5 mm, %d below 5 mm, %d indeterminate", sum->above_5mm,
                          sum->near_5mm, sum->below_5mm, sum->indeterminate);
}

static int n_of(const rs_report_row *sum)
{
    return sum->above_5mm + sum->near_5mm + sum->below_5mm + sum->indeterminate;
}

static const char *not_real_text(rs_builder *b, int n)
{
    return n > 0 ? rs_builder_say(b, " (%d of them called not real by the reader)", n) : "";
}

/* Marks that a reader called not real: of what was found, or of what a person pointed at. */
static int n_not_real(const rs_builder *b, bool found)
{
    int n = 0;
    for (int m = 0; m < b->report->n_marks; m++) {
        const char *verdict = b->report->marks[m].review.verdict;
        n += b->mark_found[m] == found && verdict && strcmp(verdict, "not_real") == 0;
    }
    return n;
}

/* What was found, and apart from it what a person alone pointed at. */
static const char *marks_sentence(rs_builder *b, const rs_report_row *found, const rs_report_row *pointed)
{
    const char *text;
    int n = n_of(found), n_pointed = n_of(pointed);
    if (strcmp(b->report->assessed, "none") == 0)
        text = rs_builder_keep(b, "No organ was searched: this packet says nothing about lesions");
    else if (n == 0)
        text = rs_builder_keep(b, "No mark above the operating point");
    else
        text = rs_builder_say(b, "%d mark%s at or above the operating point%s: %s", n, n == 1 ? "" : "s",
                              not_real_text(b, n_not_real(b, true)), classes(b, found));
    if (n_pointed == 0) return text;
    return rs_builder_say(b, "%s; and %d place%s that a person pointed at%s: %s", text, n_pointed,
                          n_pointed == 1 ? "" : "s", not_real_text(b, n_not_real(b, false)), classes(b, pointed));
}

void rs_build_distribution(rs_builder *b)
{
    rs_report_distribution *out = &b->report->distribution;
    int n = 0, most = b->report->n_organs + b->report->n_marks;
    rs_report_row found = {0}, pointed = {0};
    rs_report_row *rows = RS_BUILDER_TABLE(b, rs_report_row, most);
    /* A row of noughts for a side that was searched; none for one that was not. */
    for (int o = 0; rows && o < b->report->n_organs; o++) {
        if (isfinite(b->report->organs[o].searched_ml)) (void)row_of(rows, &n, b->report->organs[o].side, NULL);
    }
    for (int m = 0; rows && m < b->report->n_marks; m++) {
        const rs_report_mark *mark = &b->report->marks[m];
        if (b->mark_found[m]) count_mark(mark, row_of(rows, &n, mark->side, mark->lobe));
        count_mark(mark, b->mark_found[m] ? &found : &pointed);
    }
    out->rows = rows;
    out->n_rows = n;
    out->total = found;
    double per_litre = b->report->operating_point.false_marks_per_litre;
    out->expected_false_marks = (double)NAN;
    if (isfinite(per_litre)) {
        out->expected_false_marks = rs_round_decimals(per_litre * searched_litres(b), RS_DECIMALS_FALSE_MARKS);
        out->basis = rs_builder_say(b,
                                    "%.2f false marks a litre at this operating point, times %.2f l searched; measured "
                                    "on other scans: this one "
                                    "may give several times as many",
                                    per_litre, searched_litres(b));
    } else {
        const char *why = b->report->operating_point.reason;
        out->reason = why ? why : rs_builder_keep(b, "the false marks of this operating point are not measured yet");
    }
    b->report->marks_text = marks_sentence(b, &found, &pointed);
}

static void limit_notes(rs_builder *b, const rs_notes *notes)
{
    for (int i = 0; notes && i < notes->n; i++)
        rs_builder_limit(b, notes->items[i].code, notes->items[i].region, notes->items[i].sentence);
}

/* What the walk found, as numbers: its own notes name files, which belong on the terminal only (contract 3). */
static void limit_walk(rs_builder *b)
{
    rs_walk_counts counts = b->input->counts;
    char text[200];
    const int64_t other = counts.other - counts.own;
    if (other > 0) {
        (void)rs_text_format(text, sizeof text, "%lld of the input's files %s no DICOM and passed over",
                             (long long)other, other == 1 ? "is" : "are");
        rs_builder_limit(b, "files_passed_over", NULL, text);
    }
    if (counts.refused > 0) {
        (void)rs_text_format(
            text, sizeof text,
            "%lld DICOM file%s refused: at an end of the images slices may be missing; restage info names %s "
            "with the reason",
            (long long)counts.refused, counts.refused == 1 ? " was" : "s were", counts.refused == 1 ? "it" : "them");
        rs_builder_limit(b, "files_refused", NULL, text);
    }
    if (counts.links > 0) {
        (void)rs_text_format(text, sizeof text, "%lld link%s in the input not followed", (long long)counts.links,
                             counts.links == 1 ? " was" : "s were");
        rs_builder_limit(b, "links_not_followed", NULL, text);
    }
}

/* What the header says of the images themselves, before this program saw them (science B10, B11). */
static void limit_source(rs_builder *b, const rs_series *series)
{
    bool told = !series->reason; /* its notes are limitations too */
    for (int i = 0; i < series->notes.n && !told; i++)
        told = strcmp(series->notes.items[i].sentence, series->reason) == 0;
    if (series->verdict == RS_VERDICT_MENDED && !told) rs_builder_limit(b, "mended", NULL, series->reason);
    if (series->lossy_compression && strncmp(series->lossy_compression, "01", 2) == 0)
        rs_builder_limit(b, "lossy", NULL, "The images were compressed with loss: fine structure may be altered");
    if (series->image_type && strstr(series->image_type, "SECONDARY"))
        rs_builder_limit(b, "secondary", NULL,
                         "The images are secondary: resampled or processed before they came here, so that noise and "
                         "resolution may not be the scanner's");
    if (series->description && strstr(series->description, "SYNTHETIC"))
        rs_builder_limit(b, "synthetic", NULL, "The images are synthetic: they show no patient");
}

/* Networks of somebody else, or fewer than P was calibrated for. */
static void limit_ranker(rs_builder *b)
{
    const rs_ranker *ranker = b->input->ranker;
    int networks = ranker ? rs_ranker_networks(ranker, b->input->params) : 0;
    if (networks == 0 || rs_builder_has_foreign_p(b)) return;
    if (ranker->given)
        rs_builder_limit(b, "other_ranker", NULL,
                         rs_builder_say(b,
                                        "Candidates were ranked by the networks of the file %s (SHA-256 %s), not by "
                                        "those of this program",
                                        ranker->name, ranker->sha256));
    if (networks < ranker->n_networks || ranker->calibration.n == 0)
        rs_builder_limit(b, "p_not_calibrated", NULL,
                         "P is the logistic function of the networks' score, which was not calibrated");
}

/* What the reader of marks must know: only where something was searched. */
static void limit_search(rs_builder *b)
{
    bool searched = false;
    for (int c = 0; c < b->input->n_cases; c++)
        searched |= b->input->cases[c].point != NULL;
    if (!searched) return;
    rs_builder_limit(
        b, "no_detection_limit", NULL,
        "The detection limit is not measured by this version: smaller or fainter lesions may have been missed, "
        "and how small is not known; large ones too, above all where they touch the pleura");
    const rs_detector *detector = b->input->detector;
    const char *text = detector ? rs_builder_say(b, "%s by %s %s, not by this program",
                                                 detector->find && detector->rank ? "Candidates were found and ranked"
                                                 : detector->rank                 ? "Candidates were ranked"
                                                                                  : "Candidates were found",
                                                 detector->id, detector->version)
                                : NULL;
    if (text) rs_builder_limit(b, "other_detector", NULL, text);
    limit_ranker(b);
    if (!rs_builder_has_foreign_p(b))
        rs_builder_limit(b, "false_marks_elsewhere", NULL,
                         "The false marks to be expected were measured on other scans: this one may give several times "
                         "as many, most "
                         "of them at vessels, and one large lesion may carry several marks");
    rs_builder_limit(b, "any_nature", NULL, "P does not tell the nature of a mark");
}

void rs_build_limitations(rs_builder *b)
{
    rs_builder_limit(b, "read_first", NULL, "Read the scan first");
    rs_builder_limit(b, "research_use", NULL, "Research use; not a medical device");
    rs_builder_limit(b, "assessed", NULL, b->report->assessed_text ? b->report->assessed_text : "");
    limit_walk(b);
    for (int c = 0; c < b->input->n_cases; c++) {
        const rs_report_case *from = &b->input->cases[c];
        if (from->series) limit_source(b, from->series);
        if (from->series) limit_notes(b, &from->series->notes);
        if (from->resampled) rs_builder_limit(b, "resampled", NULL, from->resampled);
        limit_notes(b, from->read_notes);
        limit_notes(b, &from->regions->notes);
        if (from->quality) limit_notes(b, &from->quality->notes);
        if (from->candidates) limit_notes(b, &from->candidates->notes);
        if (from->lesions) limit_notes(b, &from->lesions->notes);
    }
    limit_notes(b, b->input->notes);
    limit_search(b);
}
