/* The evaluation from end to end: read marks and truth, settle which scans and findings count, match, score. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static rs_status check_options(rs_context *ctx, const rs_evaluate_options *o)
{
    if (o->n_marks <= 0) return rs_fail(ctx, RS_USAGE, "no marks were given: name a packet or a CSV file");
    if (o->n_truths <= 0) return rs_fail(ctx, RS_USAGE, "no truth was given: --truth FILE");
    if (o->cap < -1) return rs_fail(ctx, RS_USAGE, "the cap must be 1 or more marks a scan");
    if (o->bootstraps < -1 || o->bootstraps > 1000000)
        return rs_fail(ctx, RS_USAGE, "the number of bootstraps must be 1 to 1,000,000");
    if (!(o->least_mm >= 0 && o->least_mm <= 1000))
        return rs_fail(ctx, RS_USAGE, "the least diameter must be 0 to 1,000 mm");
    return RS_OK;
}

static rs_status open_images(rs_context *ctx, const rs_evaluate_options *o, rs_arena *arena, rs_truth_images *out)
{
    out->studies = RS_ARENA_NEW(arena, rs_study *, o->n_images);
    if (out->studies == NULL) return rs_fail_memory(ctx, "the images");
    for (; out->n < o->n_images; out->n++)
        RS_TRY(rs_name_failure(ctx, "the images", o->images[out->n],
                               rs_study_open(ctx, o->images[out->n], NULL, &out->studies[out->n])));
    return RS_OK;
}

static rs_status read_truths(rs_context *ctx, const rs_evaluate_options *o, const rs_truth_images *images,
                             rs_ledger *ledger)
{
    for (int t = 0; t < o->n_truths + o->n_irrelevant; t++) {
        bool relevant = t < o->n_truths;
        const rs_truth_args args = {.path = relevant ? o->truths[t] : o->irrelevant[t - o->n_truths],
                                    .relevant = relevant,
                                    .roi = o->roi,
                                    .images = images};
        RS_TRY(rs_truth_read(ctx, &args, ledger));
    }
    if (o->roi != NULL && !ledger->has_regions)
        return rs_fail(ctx, RS_USAGE, "--roi names a region, and no truth that was given has regions with names");
    return RS_OK;
}

static rs_status read_all(rs_context *ctx, const rs_evaluate_options *o, rs_evaluation_kept *kept)
{
    rs_truth_images images = {0};
    for (int m = 0; m < o->n_marks; m++)
        RS_TRY(rs_name_failure(ctx, "the marks", o->marks[m], rs_marks_read(ctx, o->marks[m], o, &kept->ledger)));
    rs_status status = open_images(ctx, o, kept->arena, &images);
    if (status == RS_OK) status = read_truths(ctx, o, &images, &kept->ledger);
    for (int i = 0; i < images.n; i++)
        rs_study_close(images.studies[i]);
    RS_TRY(status);
    if (o->scans == NULL) return RS_OK;
    return rs_name_failure(ctx, "the list of scans", o->scans, rs_scans_read(ctx, o->scans, &kept->ledger));
}

/* ---- which scans and findings count ---- */

typedef struct scan_counts {
    int64_t listed, marked, true_ones, both, silent, unlisted_marked;
} scan_counts;

static scan_counts count_scans(const rs_ledger *ledger)
{
    scan_counts n = {0};
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        n.unlisted_marked += !scan->listed && scan->has_marks;
        if (!scan->listed) continue;
        n.listed++;
        n.marked += scan->has_marks;
        n.true_ones += scan->has_truth;
        n.both += scan->has_marks && scan->has_truth;
        n.silent += scan->has_marks && !scan->has_truth;
    }
    return n;
}

/* The first few names, for a sentence. */
static const char *names_without_marks(const rs_ledger *ledger)
{
    enum { SHOWN = 3 };
    const char *text = "";
    int n = 0;
    for (int s = 0; s < ledger->n_scans && text != NULL; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        if (!scan->listed || scan->has_marks || n++ >= SHOWN) continue;
        text = rs_arena_printf(ledger->arena, "%s%s%s", text, n > 1 ? ", " : "", scan->uid);
    }
    return text == NULL || n <= SHOWN ? text : rs_arena_printf(ledger->arena, "%s, ...", text);
}

static rs_status note_scans(rs_context *ctx, rs_ledger *ledger, bool has_list, const scan_counts *n)
{
    if (n->marked < n->listed) {
        const char *names = names_without_marks(ledger);
        if (names == NULL) return rs_fail_memory(ctx, "the notes");
        RS_TRY(rs_notes_add(
            ctx, ledger->arena, &ledger->notes, "scans_without_marks", NULL,
            "%lld of %lld scans have no row in the marks (%s): counted as scans without a mark under \"all\", left out "
            "under \"marked\"",
            (long long)(n->listed - n->marked), (long long)n->listed, names));
    }
    if (n->silent > 0 && !has_list)
        RS_TRY(rs_notes_add(
            ctx, ledger->arena, &ledger->notes, "scans_without_truth", NULL,
            "%lld of %lld scans are named by the marks and not by the truth: taken as scans without a lesion",
            (long long)n->silent, (long long)n->listed));
    if (n->unlisted_marked > 0)
        RS_TRY(rs_notes_add(ctx, ledger->arena, &ledger->notes, "scans_not_listed", NULL,
                            "%lld scans of the marks are not in the list of scans: left out",
                            (long long)n->unlisted_marked));
    return RS_OK;
}

static rs_status settle_scans(rs_context *ctx, const rs_evaluate_options *o, rs_ledger *ledger)
{
    bool has_list = o->scans != NULL;
    for (int s = 0; s < ledger->n_scans && !has_list; s++)
        ledger->scans[s].listed = ledger->scans[s].has_marks || ledger->scans[s].has_truth;
    scan_counts n = count_scans(ledger);
    bool strangers = has_list ? n.marked == 0 && n.unlisted_marked > 0 : n.both == 0 && n.marked > 0 && n.true_ones > 0;
    if (strangers)
        return rs_fail(ctx, RS_DATA, "the marks name no scan that the %s names: compare their SeriesInstanceUIDs",
                       has_list ? "list of scans" : "truth");
    if (n.listed == 0)
        return rs_fail(ctx, RS_DATA, "neither the marks nor the truth name a scan; list them by --scans");
    return note_scans(ctx, ledger, has_list, &n);
}

static rs_status settle_findings(rs_context *ctx, double least_mm, rs_ledger *ledger)
{
    int64_t small = 0, relevant = 0;
    if (ledger->unusable > 0)
        RS_TRY(rs_notes_add(
            ctx, ledger->arena, &ledger->notes, "unusable_findings", NULL,
            "%lld findings of the truth have no usable diameter (none, or below %.1f mm): set apart, marks within "
            "%.0f mm of them are ignored",
            (long long)ledger->unusable, RS_LEAST_USABLE_MM, RS_UNSIZED_MM / 2));
    for (int f = 0; f < ledger->n_findings; f++) {
        rs_finding *finding = &ledger->findings[f];
        bool is_small = finding->relevant && finding->diameter_mm < least_mm;
        if (is_small) finding->relevant = false;
        small += is_small;
        relevant += finding->relevant && ledger->scans[finding->scan].listed;
    }
    ledger->unusable += small;
    if (small > 0)
        RS_TRY(rs_notes_add(ctx, ledger->arena, &ledger->notes, "small_findings", NULL,
                            "%lld findings of the truth are below %.2f mm: set apart, marks on them are ignored",
                            (long long)small, least_mm));
    if (relevant == 0)
        RS_TRY(rs_notes_add(ctx, ledger->arena, &ledger->notes, "no_findings", NULL,
                            "the truth holds no finding in these scans: there is no sensitivity"));
    return RS_OK;
}

static rs_status note_marks(rs_context *ctx, int cap, const rs_match *match, rs_ledger *ledger)
{
    int64_t beyond = 0;
    bool probabilities = true;
    for (int m = 0; m < ledger->n_marks; m++) {
        const rs_scored_mark *mark = &ledger->marks[m];
        bool listed = ledger->scans[mark->scan].listed;
        beyond += listed && !match->kept[m];
        probabilities = probabilities && (!listed || (mark->p >= 0 && mark->p <= 1));
    }
    if (beyond > 0)
        RS_TRY(rs_notes_add(
            ctx, ledger->arena, &ledger->notes, "cap", NULL,
            "%lld of %d marks are beyond the cap of %d a scan, or as probable as the first beyond it: left out",
            (long long)beyond, ledger->n_marks, cap == 0 ? 100 : cap));
    if (!probabilities)
        RS_TRY(rs_notes_add(ctx, ledger->arena, &ledger->notes, "no_probabilities", NULL,
                            "the marks' P are not all within 0 and 1: no calibration is given"));
    return RS_OK;
}

/* ---- what stands at the operating point ---- */

typedef struct point_kinds {
    bool packets, several, said, given, every_row;
    double p;
} point_kinds;

static point_kinds find_points(const rs_ledger *ledger, double given)
{
    point_kinds k = {.p = (double)NAN};
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        if (!scan->listed || !scan->has_marks) continue;
        if (isfinite(scan->point)) {
            k.several |= k.packets && scan->point != k.p;
            k.packets = true;
            k.p = scan->point;
        } else if (scan->says_shown) {
            k.said = true;
        } else {
            k.given |= isfinite(given);
            k.every_row |= !isfinite(given);
        }
    }
    return k;
}

static rs_status say_point(rs_context *ctx, const rs_evaluate_options *o, rs_evaluation_kept *kept)
{
    point_kinds k = find_points(&kept->ledger, o->point);
    int kinds = k.packets + k.said + k.given + k.every_row;
    const char *basis = "there are no marks";
    if (k.packets)
        basis = k.several ? "the packets' own operating points"
                          : rs_arena_printf(kept->arena, "the packets' own operating point, P >= %.4f", k.p);
    if (k.said) basis = "the marks that the file's column `mark` names";
    if (k.given) basis = rs_arena_printf(kept->arena, "P >= %.4f, as given", o->point);
    if (k.every_row) basis = "every row of the marks";
    if (kinds > 1)
        basis = "the marks that each packet or file says are shown, else those of the given P, else every row";
    if (isfinite(o->point) && (k.packets || k.said))
        RS_TRY(rs_notes_add(ctx, kept->arena, &kept->ledger.notes, "point_not_used", NULL,
                            "--point is for marks that do not say whether they are shown; packets and tables with a "
                            "column `mark` keep their own"));
    kept->face.point_basis = basis;
    return basis != NULL ? RS_OK : rs_fail_memory(ctx, "the operating point");
}

static void count_shown(rs_evaluation_kept *kept)
{
    const rs_ledger *ledger = &kept->ledger;
    rs_evaluation *out = &kept->face;
    int64_t scans = 0, false_where_known = 0;
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        scans += scan->listed;
        if (scan->listed && scan->searched_litres > 0) out->searched_litres += scan->searched_litres;
    }
    for (int m = 0; m < ledger->n_marks; m++) {
        const rs_scored_mark *mark = &ledger->marks[m];
        bool is_false = kept->match[1].role[m] == RS_MARK_FALSE;
        if (!mark->shown || kept->match[1].role[m] == RS_MARK_OUT) continue;
        out->shown++;
        out->shown_false += is_false;
        false_where_known += is_false && ledger->scans[mark->scan].searched_litres > 0;
    }
    const double none = (double)NAN;
    out->false_a_scan = (double)out->shown_false / (double)scans;
    out->false_a_litre = out->searched_litres > 0 ? (double)false_where_known / out->searched_litres : none;
    if (!(out->searched_litres > 0)) out->searched_litres = none;
}

static int by_uid(const void *a, const void *b)
{
    return strcmp(((const rs_evaluated_scan *)a)->series_uid, ((const rs_evaluated_scan *)b)->series_uid);
}

static rs_status list_scans(rs_context *ctx, rs_evaluation_kept *kept)
{
    const rs_ledger *ledger = &kept->ledger;
    const rs_match *match = &kept->match[0];
    rs_evaluated_scan *all = RS_ARENA_NEW(kept->arena, rs_evaluated_scan, ledger->n_scans);
    if (all == NULL) return rs_fail_memory(ctx, "the scans");
    for (int f = 0; f < ledger->n_findings; f++) {
        const rs_finding *finding = &ledger->findings[f];
        all[finding->scan].findings += finding->relevant;
        all[finding->scan].found += finding->relevant && rs_match_best(ledger, match, f) != NULL;
    }
    for (int m = 0; m < ledger->n_marks; m++) {
        const rs_scored_mark *mark = &ledger->marks[m];
        if (!match->kept[m]) continue;
        all[mark->scan].marks++;
        all[mark->scan].shown += mark->shown;
        all[mark->scan].false_shown += mark->shown && match->role[m] == RS_MARK_FALSE;
    }
    int n = 0;
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        if (!scan->listed) continue;
        rs_evaluated_scan row = all[s];
        row.series_uid = scan->uid;
        row.patient = scan->patient;
        row.kind = scan->kind;
        row.searched_litres = scan->searched_litres;
        row.thickness_mm = scan->thickness_mm;
        row.has_marks = scan->has_marks;
        all[n++] = row;
    }
    qsort(all, (size_t)n, sizeof *all, by_uid);
    kept->face.scans = all;
    kept->face.n_scans = n;
    return RS_OK;
}

/* ---- the scores ---- */

static rs_status score_curves(rs_context *ctx, const rs_evaluate_options *o, rs_evaluation_kept *kept)
{
    enum { RULES = 2, MOST = 4 };
    bool all_marked = true;
    for (int s = 0; s < kept->ledger.n_scans; s++)
        all_marked = all_marked && (kept->ledger.scans[s].has_marks || !kept->ledger.scans[s].listed);
    kept->face.froc = RS_ARENA_NEW(kept->arena, rs_froc, MOST);
    if (kept->face.froc == NULL) return rs_fail_memory(ctx, "the curves");
    kept->face.n_froc = all_marked ? RULES : MOST;
    for (int c = 0; c < kept->face.n_froc; c++) {
        RS_TRY(rs_froc_score(ctx, &kept->ledger, &kept->match[c % RULES], c >= RULES, o->bootstraps, kept->arena,
                             &kept->face.froc[c]));
    }
    return RS_OK;
}

static rs_status score(rs_context *ctx, const rs_evaluate_options *o, rs_evaluation_kept *kept)
{
    static const char *const rules[] = {"luna16", "reach"};
    rs_ledger *ledger = &kept->ledger;
    rs_arena *arena = kept->arena;
    const rs_match *reach = &kept->match[1];
    RS_TRY(rs_ledger_merge_truths(ctx, ledger));
    RS_TRY(settle_scans(ctx, o, ledger));
    RS_TRY(settle_findings(ctx, o->least_mm, ledger));
    for (int r = 0; r < 2; r++)
        RS_TRY(rs_match_find(ctx, ledger, rules[r], o->cap, arena, &kept->match[r]));
    RS_TRY(note_marks(ctx, o->cap, reach, ledger));
    RS_TRY(score_curves(ctx, o, kept));
    RS_TRY(rs_strata_score(ctx, ledger, reach, arena, &kept->face));
    RS_TRY(rs_measured_score(ctx, ledger, reach, arena, &kept->face));
    RS_TRY(rs_calibration_score(ctx, ledger, reach, arena, &kept->face.calibration));
    RS_TRY(rs_completeness_score(ctx, ledger, reach, arena, &kept->face.completeness));
    RS_TRY(list_scans(ctx, kept));
    RS_TRY(say_point(ctx, o, kept));
    count_shown(kept);
    kept->face.unusable = ledger->unusable;
    kept->face.notes = ledger->notes;
    return RS_OK;
}

rs_status rs_evaluate(rs_context *ctx, const rs_evaluate_options *options, rs_evaluation **out)
{
    RS_TRY(check_options(ctx, options));
    rs_arena *arena = rs_arena_new();
    rs_evaluation_kept *kept = arena != NULL ? RS_ARENA_NEW(arena, rs_evaluation_kept, 1) : NULL;
    if (kept == NULL) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the evaluation");
    }
    kept->arena = kept->ledger.arena = arena;
    rs_status status = read_all(ctx, options, kept);
    if (status == RS_OK) status = score(ctx, options, kept);
    if (status == RS_OK) status = rs_inputs_list(ctx, options, arena, &kept->face);
    if (status != RS_OK) {
        rs_arena_free(arena);
        return status;
    }
    *out = &kept->face;
    return RS_OK;
}

void rs_evaluation_free(rs_evaluation *evaluation)
{
    if (evaluation != NULL) rs_arena_free(((rs_evaluation_kept *)evaluation)->arena);
}
