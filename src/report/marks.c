/* One entry of marks[] for each mark: where it lies, how large it is, why it was ranked as it was. */
#include "builder.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

/* Slice of the grid; only where slices were resampled is it another number than that of the image. */
static int32_t grid_slice(const rs_geometry *g, const double lps_mm[3])
{
    double index[3];
    rs_geometry_to_index(g, lps_mm, index);
    return (int32_t)fmin(fmax(floor(index[2] + 0.5), 0), g->n[2] - 1);
}

/* The slice whose plane lies nearest to a position. */
static void find_slice(rs_builder *b, const rs_series *series, const double lps_mm[3], rs_report_slice *out)
{
    const double *normal = series->geometry.axis[2];
    double best_mm = (double)INFINITY;
    *out = (rs_report_slice){.number = -1, .k = -1};
    if (series->volume_file) out->k = grid_slice(&series->geometry, lps_mm);
    for (int32_t k = 0; k < series->n_slices; k++) {
        const rs_slice *slice = &series->slices[k];
        double off_mm = 0;
        for (int a = 0; a < 3; a++)
            off_mm += normal[a] * (slice->position_lps_mm[a] - lps_mm[a]);
        if (!(fabs(off_mm) < best_mm)) continue;
        best_mm = fabs(off_mm);
        out->number = slice->instance_number;
        out->frame = slice->frame;
        out->k = k;
    }
    if (out->k < 0 || series->volume_file) return;
    out->sop_instance_uid = rs_builder_uid(b, series->slices[out->k].sop_instance_uid);
    if (series->repair != RS_REPAIR_NONE) out->k = grid_slice(&series->geometry, lps_mm);
}

/* The axes may lie in another slice than the centre: that of the largest section. */
static void set_axes_slice(rs_builder *b, const rs_series *series, const rs_size *size, rs_report_size *out)
{
    double middle_mm[3];
    if (!isfinite(out->long_axis_mm)) return;
    for (int a = 0; a < 3; a++)
        middle_mm[a] = 0.5 * (size->long_axis_ends_lps_mm[0][a] + size->long_axis_ends_lps_mm[1][a]);
    find_slice(b, series, middle_mm, &out->axes_slice);
}

static void set_region(rs_builder *b, const rs_regions *regions, int region, rs_report_mark *mark)
{
    if (region < 0 || region >= regions->n || regions->region[region].role != RS_ROLE_SEARCH) {
        mark->organ_reason = rs_builder_keep(b, "the place lies outside every organ that was found");
        mark->side_reason = rs_builder_keep(b, "the place lies in no organ that would have a side");
        return;
    }
    const rs_region *r = &regions->region[region];
    mark->organ = rs_builder_keep(b, r->name);
    mark->side = rs_builder_keep(b, rs_side_name(r->side));
    if (mark->side)
        mark->side_basis = rs_builder_keep(b, rs_side_basis_name(r->side_basis));
    else if (r->side == RS_SIDE_NONE)
        mark->side_reason = rs_builder_keep(b, "the organ has no sides");
    else
        mark->side_reason = rs_builder_keep(b, "anatomy and orientation disagree");
}

/* The region of a candidate where it was searched and P has a meaning; NULL elsewhere. */
static const rs_region *searched_region(const rs_report_case *from, const rs_candidate *candidate)
{
    bool inside = candidate->region >= 0 && candidate->region < from->regions->n;
    const rs_region *region = inside ? &from->regions->region[candidate->region] : NULL;
    return region && region->role == RS_ROLE_SEARCH && region->state != RS_NOT_ASSESSED ? region : NULL;
}

static rs_status set_place(rs_builder *b, const rs_report_case *from, const rs_lesion *lesion, rs_report_mark *mark)
{
    rs_place place = {.region = -1, .depth_to_pleura_mm = (double)NAN};
    RS_TRY(from->organ->place(b->ctx, from->volume, from->regions, lesion->lps_mm, b->arena, &place));
    /* An organ and P stand or fall together: both ask whether the candidate's own region was searched. */
    const rs_candidate *candidate = &from->candidates->items[lesion->candidate];
    bool outside = candidate->origin == RS_ORIGIN_POINT && !searched_region(from, candidate);
    int region = place.region >= 0 ? place.region : candidate->region;
    set_region(b, from->regions, outside ? -1 : region, mark);
    if (outside) place.lobe = NULL;
    mark->lobe = rs_builder_keep(b, place.lobe);
    if (place.lobe) mark->lobe_basis = rs_builder_keep(b, place.lobe_basis);
    if (!place.lobe)
        mark->lobe_reason = rs_builder_keep(b, place.lobe_reason ? place.lobe_reason : "lobes were not determined");
    mark->depth_to_pleura_mm = rs_round_decimals(place.depth_to_pleura_mm, RS_DECIMALS_SIZE_MM);
    mark->depth_basis = rs_builder_keep(b, place.depth_basis);
    if (!isfinite(place.depth_to_pleura_mm) || !place.depth_basis)
        mark->depth_reason = rs_builder_keep(b, place.depth_reason ? place.depth_reason : "not determined");
    return RS_OK;
}

bool rs_builder_has_foreign_p(const rs_builder *b)
{
    return b->input->detector && b->input->detector->rank;
}

double rs_builder_rank(const rs_builder *b, const rs_report_case *from, const rs_candidate *candidate,
                       const char **reason)
{
    *reason = NULL;
    if (candidate->origin != RS_ORIGIN_POINT) return rs_round_decimals(candidate->p, RS_DECIMALS_P);
    if (rs_builder_has_foreign_p(b))
        *reason = "whoever ranked the candidates did not know this place";
    else if (!searched_region(from, candidate))
        *reason = "the place lies outside what was searched, where P has no meaning";
    return *reason ? (double)NAN : rs_round_decimals(candidate->p, RS_DECIMALS_P);
}

static double pointed_distance_mm(const rs_candidate *candidate, const rs_report_mark *mark)
{
    double square = 0;
    for (int a = 0; a < 3; a++)
        square += pow(candidate->pointed_at_lps_mm[a] - mark->position_lps_mm[a], 2);
    return rs_round_decimals(sqrt(square), RS_DECIMALS_SIZE_MM);
}

/* Where a person pointed, and how far from there the mark lies. */
static void set_pointed(rs_builder *b, const rs_candidate *candidate, rs_report_mark *mark)
{
    mark->pointed = candidate->pointed;
    mark->pointed_distance_mm = candidate->pointed ? pointed_distance_mm(candidate, mark) : (double)NAN;
    for (int a = 0; a < 3; a++)
        mark->pointed_at_lps_mm[a] = candidate->pointed
                                         ? rs_round_decimals(candidate->pointed_at_lps_mm[a], RS_DECIMALS_POSITION_MM)
                                         : (double)NAN;
    if (!candidate->pointed) mark->pointed_reason = rs_builder_keep(b, "no person pointed at this mark");
}

static const char *pointed_words(rs_builder *b, const rs_report_mark *mark)
{
    const double *at = mark->pointed_at_lps_mm;
    return rs_builder_say(b, "a person pointed at %.1f, %.1f, %.1f (LPS mm), %.1f mm from here%s", at[0], at[1], at[2],
                          mark->pointed_distance_mm,
                          strcmp(mark->origin, "point") == 0 ? "; the search did not propose it" : "");
}

/* A place that the search did not propose, or whose P is not ours, has no feature that raised or lowered P. */
static bool set_reason_apart(rs_builder *b, const rs_candidate *candidate, rs_report_mark *mark)
{
    bool point = candidate->origin == RS_ORIGIN_POINT;
    if (!point && !rs_builder_has_foreign_p(b)) return false;
    const char **reason = RS_BUILDER_TABLE(b, const char *, 2);
    if (!reason) return true;
    if (!point)
        reason[mark->n_reasons++] =
            rs_builder_say(b, "P was given by %s %s", b->input->detector->id, b->input->detector->version);
    if (candidate->pointed) reason[mark->n_reasons++] = pointed_words(b, mark);
    mark->reasons = reason;
    return true;
}

/* Networks give no reason in words beside how they lean; what the features say describes the place and no more. */
static int network_reasons(rs_builder *b, const rs_candidate *candidate, const char **reasons)
{
    double few = (double)candidate->feature[RS_FEATURE_ray_logit],
           many = (double)candidate->feature[RS_FEATURE_deep_logit];
    const char *name = b->input->ranker->name;
    if (isnan(many))
        reasons[0] = rs_builder_say(b, "the rays around it: %s (ranker %s, logit %.1f)",
                                    few >= 0 ? "raise P" : "lower P", name, few);
    else
        reasons[0] = rs_builder_say(b, "the rays around it: %s (ranker %s, logits %.1f and %.1f)",
                                    few + many >= 0 ? "raise P" : "lower P", name, few, many);
    reasons[1] = rs_builder_say(b, "found as a blob of %.0f HU at a radius of %.1f mm (LoG response), e3/e1 %.2f",
                                (double)candidate->feature[RS_FEATURE_log_hu], candidate->radius_mm,
                                (double)candidate->feature[RS_FEATURE_e3_e1]);
    return 2;
}

/* Only what enters the ranking may be named as its reason: of a maximum of the filter LoG x max(e3/e1, 0.05). */
static int filter_reasons(rs_builder *b, const rs_candidate *candidate, const char **reasons)
{
    double e3_e1 = (double)candidate->feature[RS_FEATURE_e3_e1];
    const rs_ranker *ranker = b->input->ranker;
    if (ranker && rs_ranker_networks(ranker, b->input->params) > 0) return network_reasons(b, candidate, reasons);
    reasons[0] = rs_builder_say(b, "stands out by %.0f HU at a radius of %.1f mm (LoG response)",
                                (double)candidate->feature[RS_FEATURE_log_hu], candidate->radius_mm);
    const char *shape = "drawn out as vessels are, without curvature along one direction: lowers P";
    if (e3_e1 >= 0.5)
        shape = "round, curved alike in all directions: raises P";
    else if (e3_e1 >= 0.2)
        shape = "longish, curved differently by direction: lowers P a little";
    reasons[1] = rs_builder_say(b, "%s (e3/e1 %.2f)", shape, e3_e1);
    return 2;
}

/* Of a mass: solidity x (1 - neck)^2 x (1 - contact) x min(2 round, 1). */
static int mass_reasons(rs_builder *b, const rs_candidate *candidate, const char **reasons)
{
    double solidity = (double)candidate->feature[RS_FEATURE_mass_solidity];
    double neck = (double)candidate->feature[RS_FEATURE_mass_neck];
    double contact = (double)candidate->feature[RS_FEATURE_mass_contact];
    double round = (double)candidate->feature[RS_FEATURE_mass_round];
    const char *solid = solidity >= 0.6   ? "one thick body: raises P"
                        : solidity >= 0.4 ? "a body with thin parts: lowers P a little"
                                          : "thin or branching for its volume: lowers P";
    reasons[0] = rs_builder_say(b, "%s (solidity %.2f, radius %.1f mm)", solid, solidity, candidate->radius_mm);
    const char *necks = neck < 0.1   ? "ends in lung nearly all around: raises P"
                        : neck < 0.3 ? "tissue goes on from part of its surface, as vessels do: lowers P"
                                     : "tissue goes on from much of its surface, as at the hilum: lowers P much";
    reasons[1] = rs_builder_say(b, "%s (%.0f %% of the surface)", necks, 100 * neck);
    const char *touch = contact < 0.05 ? "hardly touches what lies beside the lung: raises P"
                                       : "lies against what is beside the lung: lowers P";
    reasons[2] = rs_builder_say(b, "%s (%.0f %% of the surface)", touch, 100 * contact);
    const char *shape = round >= 0.5 ? "not drawn out: does not lower P" : "drawn out: lowers P";
    reasons[3] = rs_builder_say(b, "%s (shortest over longest axis %.2f)", shape, round);
    return 4;
}

static void set_reasons(rs_builder *b, const rs_candidate *candidate, rs_report_mark *mark)
{
    enum { MOST = 5 };
    if (set_reason_apart(b, candidate, mark)) return;
    const char **reasons = RS_BUILDER_TABLE(b, const char *, MOST);
    if (!reasons) return;
    mark->n_reasons = candidate->origin == RS_ORIGIN_MASS ? mass_reasons(b, candidate, reasons)
                                                          : filter_reasons(b, candidate, reasons);
    if (candidate->pointed) reasons[mark->n_reasons++] = pointed_words(b, mark);
    mark->reasons = reasons;
}

static void set_runs(rs_builder *b, const rs_lesion *lesion, rs_report_mark *mark)
{
    rs_report_run *runs = RS_BUILDER_TABLE(b, rs_report_run, lesion->n_runs);
    for (int r = 0; runs && r < lesion->n_runs; r++)
        runs[r] = (rs_report_run){lesion->runs[r].i, lesion->runs[r].j, lesion->runs[r].k, lesion->runs[r].count};
    mark->runs = runs;
    mark->n_runs = runs ? lesion->n_runs : 0;
}

static rs_status build_mark(rs_builder *b, const rs_report_case *from, int index, int n_before, rs_report_mark *marks)
{
    const rs_lesion *lesion = &from->lesions->items[index];
    const rs_candidate *candidate = &from->candidates->items[lesion->candidate];
    rs_report_mark *mark = &marks[n_before];
    *mark = (rs_report_mark){.rank = n_before + 1, .shown = true};
    mark->id = rs_builder_say(b, "M%02d", mark->rank);
    const char *p_reason;
    mark->p = rs_builder_rank(b, from, candidate, &p_reason);
    mark->p_text = rs_builder_p(b, mark->p);
    mark->p_reason = rs_builder_keep(b, p_reason);
    for (int a = 0; a < 3; a++)
        mark->position_lps_mm[a] = rs_round_decimals(lesion->lps_mm[a], RS_DECIMALS_POSITION_MM);
    set_pointed(b, candidate, mark);
    mark->origin = rs_builder_keep(b, rs_origin_name(candidate->origin));
    mark->series_instance_uid = rs_builder_uid(b, from->series->series_instance_uid);
    find_slice(b, from->series, lesion->lps_mm, &mark->slice);
    RS_TRY(set_place(b, from, lesion, mark));
    mark->attachment = rs_builder_keep(b, rs_attachment_name(lesion->attachment));
    if (!mark->attachment)
        mark->attachment_reason = rs_builder_keep(b, mark->organ ? "the surroundings gave no clear answer"
                                                                 : "the place lies outside what was searched");
    const char *density = rs_density_name(lesion->density);
    mark->density = rs_builder_keep(b, density ? density : "unknown");
    mark->mean_hu = rs_round_decimals(lesion->mean_hu, RS_DECIMALS_HU);
    if (!isfinite(lesion->mean_hu)) mark->mean_hu_reason = rs_builder_keep(b, "no segmentation to take the mean of");
    rs_build_size(b, &lesion->size, &mark->size);
    set_axes_slice(b, from->series, &lesion->size, &mark->size);
    mark->visibility_reason = rs_builder_keep(b, "the detection limit of this scan is not measured by this version");
    mark->review = (rs_report_review){.verdict = "none", .reason = "no reader has reviewed this mark yet"};
    set_reasons(b, candidate, mark);
    set_runs(b, lesion, mark);
    RS_TRY(rs_build_bed(b, from, lesion, mark));
    mark->recist_text = rs_build_recist(b, mark);
    return RS_OK;
}

/* Where the mark of a rank comes from. */
typedef struct place_in_line {
    int of_case, index;
    bool found;
    double p;
} place_in_line;

/* The search proposed it, and its P reaches the operating point. */
static bool is_found(const rs_report_case *from, const rs_candidate *candidate)
{
    return candidate->origin != RS_ORIGIN_POINT && from->point && candidate->p >= from->point->p;
}

static bool stands_before(const place_in_line *a, const place_in_line *b)
{
    if (a->found != b->found) return a->found;
    return a->found && a->p > b->p;
}

/* Found ones by falling P over all cases, then those that a person alone pointed at; equal ones in the order of cases
   and of their own ranks. */
static int order_marks(const rs_report_input *input, place_in_line *line)
{
    int n = 0;
    for (int c = 0; c < input->n_cases; c++) {
        const rs_report_case *from = &input->cases[c];
        for (int m = 0; from->lesions && m < from->lesions->n; m++, n++) {
            const rs_candidate *candidate = &from->candidates->items[from->lesions->items[m].candidate];
            place_in_line own = {c, m, is_found(from, candidate), candidate->p};
            int at = n;
            for (; at > 0 && line[at - 1].of_case != c && stands_before(&own, &line[at - 1]); at--)
                line[at] = line[at - 1];
            line[at] = own;
        }
    }
    return n;
}

rs_status rs_build_marks(rs_builder *b)
{
    int n = 0;
    for (int c = 0; c < b->input->n_cases; c++)
        n += b->input->cases[c].lesions ? b->input->cases[c].lesions->n : 0;
    rs_report_mark *marks = RS_BUILDER_TABLE(b, rs_report_mark, n);
    place_in_line *line = RS_BUILDER_TABLE(b, place_in_line, n);
    b->mark_case = RS_BUILDER_TABLE(b, int, n);
    b->mark_candidate = RS_BUILDER_TABLE(b, int, n);
    b->mark_found = RS_BUILDER_TABLE(b, bool, n);
    if (n == 0 || b->failed) return RS_OK;
    n = order_marks(b->input, line);
    for (int m = 0; m < n; m++) {
        RS_TRY(rs_context_check_cancel(b->ctx));
        const rs_report_case *from = &b->input->cases[line[m].of_case];
        RS_TRY(build_mark(b, from, line[m].index, m, marks));
        b->mark_case[m] = line[m].of_case;
        b->mark_found[m] = line[m].found;
        b->mark_candidate[m] = from->lesions->items[line[m].index].candidate;
    }
    b->marks = marks;
    b->report->marks = marks;
    b->report->n_marks = n;
    return RS_OK;
}
