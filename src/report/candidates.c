/* The best candidates, as candidates.csv lists them. */
#include "builder.h"

#include "restage/text.h"

static const char *mark_of(const rs_builder *b, int of_case, int candidate)
{
    for (int m = 0; m < b->report->n_marks; m++) {
        if (b->mark_case[m] == of_case && b->mark_candidate[m] == candidate) return b->report->marks[m].id;
    }
    return NULL;
}

static void build_row(rs_builder *b, int of_case, int index, int rank, rs_report_candidate *row)
{
    const rs_report_case *from = &b->input->cases[of_case];
    const rs_candidate *candidate = &from->candidates->items[index];
    bool inside = candidate->region >= 0 && candidate->region < from->regions->n;
    const rs_region *region = inside ? &from->regions->region[candidate->region] : NULL;
    double *features = RS_BUILDER_TABLE(b, double, RS_FEATURE_COUNT);
    const char *reason;
    *row = (rs_report_candidate){
        .series_instance_uid = rs_builder_uid(b, from->series->series_instance_uid),
        .region = region ? rs_builder_keep(b, region->name) : NULL,
        .side = region ? rs_builder_keep(b, rs_side_name(region->side)) : NULL,
        .mark = mark_of(b, of_case, index),
        .rank = rank,
        .p = rs_builder_rank(b, from, candidate, &reason),
        .radius_mm = rs_round_decimals(candidate->radius_mm, RS_DECIMALS_SCORE),
        .scale_mm = rs_round_decimals(candidate->scale_mm, RS_DECIMALS_SCORE),
        .score = rs_round_decimals(candidate->score, RS_DECIMALS_SCORE),
        .features = features,
    };
    for (int a = 0; a < 3; a++)
        row->lps_mm[a] = rs_round_decimals(candidate->lps_mm[a], RS_DECIMALS_POSITION_MM);
    for (int f = 0; features && f < RS_FEATURE_COUNT; f++)
        features[f] = rs_round_decimals((double)candidate->feature[f], RS_DECIMALS_RATIO);
}

/* The case whose next candidate has the highest P; -1: none is left. */
static int best_case(const rs_report_input *input, const int *next)
{
    int best = -1;
    double best_p = 0;
    for (int c = 0; c < input->n_cases; c++) {
        const rs_candidates *candidates = input->cases[c].candidates;
        if (!candidates || next[c] >= candidates->n) continue;
        double p = candidates->items[next[c]].p;
        if (best >= 0 && p <= best_p) continue;
        best = c;
        best_p = p;
    }
    return best;
}

void rs_build_candidates(rs_builder *b)
{
    const char **names = RS_BUILDER_TABLE(b, const char *, RS_FEATURE_COUNT);
    for (int f = 0; names && f < RS_FEATURE_COUNT; f++)
        names[f] = rs_builder_keep(b, rs_feature_name(f));
    b->report->feature_names = names;
    b->report->n_features = names ? RS_FEATURE_COUNT : 0;

    int all = 0;
    for (int c = 0; c < b->input->n_cases; c++)
        all += b->input->cases[c].candidates ? b->input->cases[c].candidates->n : 0;
    int n = all < RS_REPORT_CANDIDATES_MAX ? all : RS_REPORT_CANDIDATES_MAX;
    rs_report_candidate *rows = RS_BUILDER_TABLE(b, rs_report_candidate, n);
    int *next = RS_BUILDER_TABLE(b, int, b->input->n_cases);
    for (int r = 0; rows && next && r < n; r++) {
        int c = best_case(b->input, next);
        build_row(b, c, next[c]++, r + 1, &rows[r]);
    }
    b->report->candidates = rows;
    b->report->n_candidates = rows ? n : 0;
    b->report->n_candidates_all = all;
}
