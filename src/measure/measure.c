/* Station measure: every mark by itself, in parallel; what one mark becomes depends on that mark alone. */
#include <math.h>
#include <string.h>

#include "levels.h"
#include "restage/parallel.h"

#define CROPS 3 /* tries with ever wider surroundings */
#define LEAST_RADIUS_MM 1.0
#define BOUND 1.35        /* of the fitted radius */
#define CAUGHT_A_PART 0.5 /* of the surface on tissue that was cut away */

typedef struct station {
    const rs_volume *volume;
    const rs_quality *quality;
    const rs_regions *regions;
    const rs_candidates *candidates;
    const rs_marks *marks;
    const rs_measure_profile *profile;
    struct rs_measure_settings settings;
    rs_arena **arenas; /* one a worker, for the runs */
    rs_lesion *lesions;
} station;

/* One mark at work. */
typedef struct mark {
    const station *station;
    const rs_candidate *candidate;
    rs_crop crop;
    double radius_mm, crop_radius_mm, centre_mm[3];
    rs_fit fit;
    rs_segment segment;
} mark;

static rs_status take_crop(rs_context *ctx, mark *m, rs_arena *scratch)
{
    const rs_psf *psf = &m->station->quality->psf;
    rs_crop_request request = {.volume = m->station->volume, .regions = m->station->regions};
    for (int a = 0; a < 3; a++) {
        double f = a == 2 ? psf->axial_mm : psf->in_plane_mm;
        request.index[a] = m->candidate->index[a];
        request.reach_mm[a] = 2.2 * m->crop_radius_mm + 2.0 * f + 1.5;
    }
    RS_TRY(rs_crop_take(ctx, &request, scratch, &m->crop));
    for (int a = 0; a < 3; a++)
        m->centre_mm[a] = (request.index[a] - m->crop.begin[a]) * m->crop.spacing_mm[a];
    return RS_OK;
}

static rs_segment_request segment_request(const mark *m)
{
    rs_segment_request request = {
        .crop = &m->crop, .quality = m->station->quality, .settings = &m->station->settings, .radius_mm = m->radius_mm};
    memcpy(request.centre_mm, m->centre_mm, sizeof request.centre_mm);
    return request;
}

/* A place that a person points at may lie anywhere. */
static bool lies_in_searched(const mark *m)
{
    const rs_regions *regions = m->station->regions;
    int region = m->candidate->region;
    return region >= 0 && region < regions->n && regions->region[region].role == RS_ROLE_SEARCH;
}

static rs_attachment attachment_of(const mark *m)
{
    return lies_in_searched(m) ? rs_attachment_of(m->candidate, &m->station->settings) : RS_ATTACHMENT_UNKNOWN;
}

/* What is not known to be free gets the wider interval. */
static bool is_attached(const mark *m)
{
    rs_attachment a = attachment_of(m);
    return a == RS_ATTACHMENT_VESSEL || a == RS_ATTACHMENT_PLEURA || !lies_in_searched(m);
}

static rs_status fit_mark(rs_context *ctx, mark *m, rs_arena *scratch)
{
    const rs_measure_profile *profile = m->station->profile;
    if (2.0 * m->radius_mm > 1.5 * profile->largest_fit_mm) {
        m->fit.reason = profile->largest_fit_mm == 20.0 ? "larger than 20 mm" : "larger than what is fitted";
        return RS_OK;
    }
    rs_segment_request here = segment_request(m);
    rs_levels levels;
    float *room = RS_ARENA_RAW(scratch, float, 2 * m->crop.count);
    if (!room) return rs_fail_memory(ctx, "the sphere fit");
    rs_levels_begin(&here, &levels);
    rs_levels_find(&here, room, &levels);
    if (!(levels.contrast_hu > 0.0)) {
        m->fit.reason = "lost in the noise";
        return RS_OK;
    }
    double left = rs_sphere_peak(2.0 * m->radius_mm, rs_psf_mean_mm(&m->station->quality->psf));
    rs_fit_request request = {.crop = &m->crop,
                              .quality = m->station->quality,
                              .profile = profile,
                              .settings = &m->station->settings,
                              .start_radius_mm = m->radius_mm,
                              .start_background_hu = levels.background_hu,
                              .start_contrast_hu = fmin(levels.contrast_hu / fmax(left, 0.3), 1500.0),
                              .attached = is_attached(m),
                              .on_wall = attachment_of(m) == RS_ATTACHMENT_PLEURA};
    memcpy(request.start_mm, m->centre_mm, sizeof request.start_mm);
    return rs_fit_sphere(ctx, &request, scratch, &m->fit);
}

/* The contrast whose half is met at the edge: lime near it shines over it, as its share of the volume tells. */
static double edge_contrast(const mark *m)
{
    const rs_fit *fit = &m->fit;
    const bool soft = fit->contrast_hu >= m->station->settings.fit_contrast_low_hu;
    if (!fit->has_core || fit->core_hu <= 0.0 || !soft) return fit->contrast_hu;
    return fit->contrast_hu + fit->core_hu * pow(fit->core_mm / fit->diameter_mm, 3.0);
}

static rs_status segment_by_fit(rs_context *ctx, mark *m, rs_arena *scratch)
{
    rs_segment_request request = segment_request(m);
    memcpy(request.centre_mm, m->fit.centre_mm, sizeof request.centre_mm);
    request.radius_mm = 0.5 * m->fit.diameter_mm;
    request.background_hu = m->fit.background_hu;
    request.contrast_hu = edge_contrast(m);
    request.peak_share = m->fit.peak_share;
    /* What is so round that the fit stands ends here; vessels that leave it do not belong to it. */
    const rs_psf *psf = &m->station->quality->psf;
    request.bound_mm[0] = BOUND * request.radius_mm + 0.35 * psf->in_plane_mm;
    request.bound_mm[1] = BOUND * request.radius_mm + 0.35 * psf->axial_mm;
    return rs_segment_mark(ctx, &request, scratch, &m->segment);
}

/* A sound mask of quite another size says that the ball caught a part only. */
static bool contradicts(const mark *m)
{
    const rs_segment *s = &m->segment;
    if (s->reason) return false;
    if (s->attached_share > CAUGHT_A_PART) return true;
    if (s->leak || s->opened) return false;
    double ratio = s->equivalent_mm / m->fit.diameter_mm;
    return ratio > 1.5 || ratio < 1.0 / 1.5;
}

static rs_status measure_in_crop(rs_context *ctx, mark *m, rs_arena *scratch)
{
    memset(&m->fit, 0, sizeof m->fit);
    RS_TRY(take_crop(ctx, m, scratch));
    RS_TRY(fit_mark(ctx, m, scratch));
    if (!m->fit.reason) {
        RS_TRY(segment_by_fit(ctx, m, scratch));
        if (!contradicts(m)) return RS_OK;
        m->fit.reason = "shape";
    }
    rs_segment_request request = segment_request(m);
    /* A ball that caught the size but not the shape is a better start than the scale. */
    bool sized = m->fit.diameter_mm > 2.0 * m->radius_mm && m->fit.diameter_mm < 4.0 * m->radius_mm;
    if (sized && strcmp(m->fit.reason, "shape") == 0) request.radius_mm = 0.5 * m->fit.diameter_mm;
    return rs_segment_mark(ctx, &request, scratch, &m->segment);
}

static bool needs_wider_crop(const mark *m)
{
    return (!m->segment.reason && m->segment.touches_crop) ||
           (!m->fit.reason && m->fit.diameter_mm > 2.2 * m->crop_radius_mm);
}

static rs_status take_runs(rs_context *ctx, const mark *m, rs_arena *arena, rs_lesion *out)
{
    void *items = NULL;
    int n = 0, capacity = 0;
    const int32_t *b = m->crop.begin;
    for (int32_t k = 0; k < m->crop.n[2]; k++)
        for (int32_t j = 0; j < m->crop.n[1]; j++) {
            const uint8_t *row = m->segment.mask + rs_crop_at(&m->crop, 0, j, k);
            for (int32_t i = 0; i < m->crop.n[0]; i++) {
                if (!row[i]) continue;
                int32_t first = i;
                while (i < m->crop.n[0] && row[i])
                    i++;
                rs_mask_run *run = rs_arena_push(arena, &items, n, &capacity, sizeof *run);
                if (!run) return rs_fail_memory(ctx, "the mask of a mark");
                *run = (rs_mask_run){b[0] + first, b[1] + j, b[2] + k, i - first};
                n++;
            }
        }
    out->runs = items;
    out->n_runs = n;
    return RS_OK;
}

static void ends_to_lps(const mark *m, int32_t k, double ends[2][2], double out[2][3])
{
    const rs_geometry *g = &m->station->volume->geometry;
    for (int e = 0; e < 2; e++) {
        double index[3] = {m->crop.begin[0] + ends[e][0] / g->spacing_mm[0],
                           m->crop.begin[1] + ends[e][1] / g->spacing_mm[1], (double)m->crop.begin[2] + k};
        rs_geometry_to_lps(g, index, out[e]);
    }
}

static rs_status take_calipers(rs_context *ctx, const mark *m, rs_arena *scratch, rs_lesion *out)
{
    rs_section section;
    rs_calipers calipers;
    rs_size *size = &out->size;
    RS_TRY(rs_section_take(ctx, &m->crop, &m->segment, scratch, &section));
    rs_section_contour(&section);
    size->caliper_source = RS_CALIPER_CONTOUR;
    bool found = rs_calipers_measure(&section, &calipers);
    if (!found) {
        rs_section_outline(&section);
        size->caliper_source = RS_CALIPER_MASK;
        found = rs_calipers_measure(&section, &calipers);
    }
    if (!found) {
        size->caliper_source = RS_CALIPER_UNKNOWN;
        size->caliper_reason = "no section of the mask";
        return RS_OK;
    }
    size->long_axis_mm = calipers.long_mm;
    size->short_axis_mm = calipers.short_mm;
    ends_to_lps(m, section.k, calipers.long_ends, size->long_axis_ends_lps_mm);
    ends_to_lps(m, section.k, calipers.short_ends, size->short_axis_ends_lps_mm);
    out->caliper_k = m->crop.begin[2] + section.k;
    return RS_OK;
}

static void blank_size(rs_size *size)
{
    size->fit_mm = size->fit_low_mm = size->fit_high_mm = NAN;
    size->volume_mm3 = size->mask_volume_mm3 = size->equivalent_mm = NAN;
    size->long_axis_mm = size->short_axis_mm = size->low_mm = size->high_mm = NAN;
    for (int e = 0; e < 2; e++)
        for (int a = 0; a < 3; a++)
            size->long_axis_ends_lps_mm[e][a] = size->short_axis_ends_lps_mm[e][a] = NAN;
}

static void take_place(const mark *m, rs_lesion *out)
{
    const rs_geometry *g = &m->station->volume->geometry;
    memcpy(out->index, m->candidate->index, sizeof out->index);
    if (!m->fit.reason)
        for (int a = 0; a < 3; a++)
            out->index[a] = m->crop.begin[a] + m->fit.centre_mm[a] / g->spacing_mm[a];
    rs_geometry_to_lps(g, out->index, out->lps_mm);
}

static void take_levels(const mark *m, rs_lesion *out)
{
    const float *f = m->candidate->feature;
    out->background_hu = (double)f[RS_FEATURE_background_hu];
    out->contrast_hu = (double)f[RS_FEATURE_peak_hu] - out->background_hu;
    if (!m->segment.reason) out->background_hu = m->segment.background_hu, out->contrast_hu = m->segment.contrast_hu;
    if (!m->fit.reason) out->background_hu = m->fit.background_hu, out->contrast_hu = m->fit.contrast_hu;
}

static void take_fit(const mark *m, rs_size *size)
{
    size->fit_reason = m->fit.reason;
    if (m->fit.reason) return;
    size->fit_mm = m->fit.diameter_mm;
    size->fit_low_mm = m->fit.low_mm;
    size->fit_high_mm = m->fit.high_mm;
}

static rs_status take_mask(rs_context *ctx, const mark *m, rs_arena *scratch, rs_arena *arena, rs_lesion *out)
{
    rs_size *size = &out->size;
    size->volume_reason = m->segment.reason;
    size->caliper_reason = m->segment.reason;
    if (m->segment.reason) return RS_OK;
    if (m->segment.leak) size->volume_reason = "runs into its neighbours";
    size->volume_mm3 = m->segment.volume_mm3;
    size->mask_volume_mm3 = m->segment.mask_volume_mm3;
    size->equivalent_mm = m->segment.equivalent_mm;
    out->mean_hu = m->segment.mean_hu;
    RS_TRY(take_runs(ctx, m, arena, out));
    return take_calipers(ctx, m, scratch, out);
}

static rs_status fill(rs_context *ctx, const mark *m, rs_arena *scratch, rs_arena *arena, rs_lesion *out)
{
    const station *st = m->station;
    rs_mark_facts facts = {.candidate = m->candidate,
                           .largest_fit_mm = st->profile->largest_fit_mm,
                           .quality = st->quality,
                           .geometry = &st->volume->geometry,
                           .settings = &st->settings,
                           .fit = &m->fit,
                           .segment = &m->segment,
                           .attachment = attachment_of(m),
                           .seen = {0, st->volume->geometry.n[2]}};
    if (st->regions->n_unseen)
        facts.seen = rs_regions_seen_around(st->regions, (int32_t)lround(m->candidate->index[2]));
    blank_size(&out->size);
    out->mean_hu = NAN;
    out->caliper_k = -1;
    take_place(m, out);
    take_levels(m, out);
    take_fit(m, &out->size);
    RS_TRY(take_mask(ctx, m, scratch, arena, out));
    out->attachment = facts.attachment;
    out->density = rs_density_of(&facts);
    rs_size_decide(&facts, out->index, &out->size);
    return RS_OK;
}

static rs_status measure_mark(rs_context *ctx, int64_t item, int worker, void *arg)
{
    station *st = arg;
    rs_lesion *out = &st->lesions[item];
    out->candidate = st->marks->candidate[item];
    mark m = {.station = st, .candidate = &st->candidates->items[out->candidate]};
    m.radius_mm = m.crop_radius_mm = fmax(m.candidate->radius_mm, LEAST_RADIUS_MM);
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the measurement");
    rs_arena_mark start = rs_arena_where(scratch);
    rs_status status = RS_OK;
    for (int crop = 0; crop < CROPS && status == RS_OK; crop++) {
        rs_arena_rewind(scratch, start);
        status = measure_in_crop(ctx, &m, scratch);
        if (!needs_wider_crop(&m)) break;
        if (crop + 1 < CROPS) m.crop_radius_mm *= 1.5;
    }
    if (status == RS_OK) status = fill(ctx, &m, scratch, st->arenas[worker], out);
    rs_arena_rewind(scratch, start);
    return status;
}

static rs_status make_arenas(rs_context *ctx, station *st, rs_arena *scratch, int n)
{
    st->arenas = RS_ARENA_NEW(scratch, rs_arena *, n);
    if (!st->arenas) return rs_fail_memory(ctx, "the measurement");
    for (int worker = 0; worker < n; worker++) {
        st->arenas[worker] = rs_arena_new();
        if (!st->arenas[worker]) return rs_fail_memory(ctx, "the measurement");
    }
    return RS_OK;
}

static rs_status keep_runs(rs_context *ctx, rs_arena *arena, rs_lesion *lesions, int n)
{
    for (int l = 0; l < n; l++) {
        lesions[l].runs = rs_arena_copy(arena, lesions[l].runs, (size_t)lesions[l].n_runs, sizeof *lesions[l].runs);
        if (!lesions[l].runs) return rs_fail_memory(ctx, "the masks of the marks");
    }
    return RS_OK;
}

rs_status rs_measure(rs_context *ctx, const rs_volume *volume, const rs_quality *quality, const rs_regions *regions,
                     const rs_candidates *candidates, const rs_marks *marks, const rs_measure_profile *profile,
                     const rs_params *params, rs_arena *arena, rs_lesions *out)
{
    station st = {.volume = volume,
                  .quality = quality,
                  .regions = regions,
                  .candidates = candidates,
                  .marks = marks,
                  .profile = profile};
    rs_measure_settings_load(params, &st.settings);
    st.lesions = RS_ARENA_NEW(arena, rs_lesion, marks->n);
    rs_arena *scratch = rs_scratch(ctx);
    if (!st.lesions || !scratch) return rs_fail_memory(ctx, "the lesions");
    int workers = rs_context_threads(ctx);
    rs_arena_mark start = rs_arena_where(scratch);
    rs_status status = make_arenas(ctx, &st, scratch, workers);
    if (status == RS_OK) status = rs_parallel_for(ctx, marks->n, measure_mark, &st);
    if (status == RS_OK) status = keep_runs(ctx, arena, st.lesions, marks->n);
    for (int worker = 0; st.arenas && worker < workers; worker++)
        rs_arena_free(st.arenas[worker]);
    rs_arena_rewind(scratch, start);
    if (status != RS_OK) return status;
    *out = (rs_lesions){.items = st.lesions, .n = marks->n};
    return RS_OK;
}
