/* What was found becomes regions: volumes, boxes, sides with their basis (contract 4), and whether the images show the
   lungs wholly (science B4, C3.3). */
#include <math.h>
#include <string.h>

#include "lung.h"

enum { FACE_FOV = 6, FACES };
#define CUT_CM2 1.0 /* smaller contacts with a face are noise */
#define RATIO_GATE 0.5
#define TAPER_MM 15.0 /* a lung's section is compared with that so far inside */

typedef struct slice_sums {
    int64_t voxels[LUNG_REGIONS];
    int32_t begin[LUNG_REGIONS][2], end[LUNG_REGIONS][2];
    double surface_mm2[2];
    double face_mm2[2][FACES]; /* image axis * 2 + high end; then what borders on outside */
} slice_sums;

typedef struct lung_sums {
    double ml, surface_cm2, face_cm2[FACES];
    double
        beyond_ml[2]; /* below and above the images, if the lung goes on to taper as it does; INFINITY: it does not */
} lung_sums;

typedef struct coverage_pass {
    lung_work *work;
    slice_sums *sums;
    double area_mm2[3]; /* of a voxel's side across each axis */
} coverage_pass;

static void count_sides(const coverage_pass *p, slice_sums *s, const int32_t ijk[3], int64_t at)
{
    const lung_work *work = p->work;
    int64_t step[3] = {1, work->n[0], work->slice};
    uint8_t code = work->labels[at];
    int lung = code - CODE_LEFT;
    for (int a = 0; a < 3; a++) {
        for (int high = 0; high < 2; high++) {
            if (ijk[a] == (high ? work->n[a] - 1 : 0)) {
                s->face_mm2[lung][2 * a + high] += p->area_mm2[a];
                s->surface_mm2[lung] += p->area_mm2[a];
                continue;
            }
            uint8_t beside = work->labels[at + (high ? step[a] : -step[a])];
            if (beside != code) s->surface_mm2[lung] += p->area_mm2[a];
            if (beside == CODE_OUTSIDE) s->face_mm2[lung][FACE_FOV] += p->area_mm2[a];
        }
    }
}

/* Most voxels of a lung lie inside it: nothing to count there. */
static bool is_inner(const coverage_pass *p, const int32_t ijk[3], const uint8_t *label)
{
    const lung_work *work = p->work;
    for (int a = 0; a < 3; a++) {
        if (ijk[a] == 0 || ijk[a] == work->n[a] - 1) return false;
    }
    uint8_t code = *label;
    return label[-1] == code && label[1] == code && label[-work->n[0]] == code && label[work->n[0]] == code &&
           label[-work->slice] == code && label[work->slice] == code;
}

/* Sides of a run of one lung from a voxel on. */
static void count_run(const coverage_pass *p, slice_sums *s, const int32_t first[3], int32_t end)
{
    int64_t row = first[2] * p->work->slice + (int64_t)first[1] * p->work->n[0];
    for (int32_t i = first[0]; i < end; i++) {
        int32_t ijk[3] = {i, first[1], first[2]};
        if (!is_inner(p, ijk, p->work->labels + row + i)) count_sides(p, s, ijk, row + i);
    }
}

static rs_status cover_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    coverage_pass *p = arg;
    const lung_work *work = p->work;
    slice_sums *s = &p->sums[k];
    memset(s, 0, sizeof *s);
    for (int32_t j = work->rows[0]; j < work->rows[1]; j++) {
        int64_t at = k * work->slice + (int64_t)j * work->n[0];
        for (int32_t i = 0, end = 0; i < work->n[0]; i = end) {
            const uint8_t *row = work->labels + at;
            while (end < work->n[0] && row[end] == row[i])
                end++;
            int region = row[i] > CODE_RIGHT ? LUNG_BODY : row[i] - 1;
            if (region < 0) continue;
            if (s->voxels[region] == 0) s->begin[region][0] = i, s->end[region][0] = end - 1, s->begin[region][1] = j;
            if (i < s->begin[region][0]) s->begin[region][0] = i;
            if (end - 1 > s->end[region][0]) s->end[region][0] = end - 1;
            s->end[region][1] = j;
            s->voxels[region] += end - i;
            if (region >= LUNG_LEFT) count_run(p, s, (const int32_t[3]){i, j, (int32_t)k}, end);
        }
    }
    return RS_OK;
}

/* The work is over: what is left of air codes is body. */
static rs_status clean_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    coverage_pass *p = arg;
    const int32_t columns = p->work->n[0];
    for (int32_t j = p->work->rows[0]; j < p->work->rows[1]; j++) {
        uint8_t *labels = p->work->labels + k * p->work->slice + (int64_t)j * columns, any = 0;
        for (int32_t i = 0; i < columns; i++)
            any |= labels[i] > CODE_RIGHT;
        for (int32_t i = 0; any && i < columns; i++)
            labels[i] = labels[i] > CODE_RIGHT ? CODE_BODY : labels[i];
    }
    return RS_OK;
}

static void fold(const coverage_pass *p, int region, rs_region *out, lung_sums *lung)
{
    const lung_work *work = p->work;
    int64_t voxels = 0;
    for (int32_t k = 0; k < work->n[2]; k++) {
        const slice_sums *s = &p->sums[k];
        if (s->voxels[region] == 0) continue;
        for (int a = 0; a < 2; a++) {
            if (voxels == 0 || s->begin[region][a] < out->begin[a]) out->begin[a] = s->begin[region][a];
            if (s->end[region][a] + 1 > out->end[a]) out->end[a] = s->end[region][a] + 1;
        }
        if (voxels == 0) out->begin[2] = k;
        out->end[2] = k + 1;
        voxels += s->voxels[region];
        for (int f = 0; region >= LUNG_LEFT && f < FACES; f++)
            lung->face_cm2[f] += s->face_mm2[region - LUNG_LEFT][f] / 100;
        if (region >= LUNG_LEFT) lung->surface_cm2 += s->surface_mm2[region - LUNG_LEFT] / 100;
    }
    out->volume_ml = lung->ml = (double)voxels * work->voxel_ml;
}

/* What lies beyond the first (high: last) plane of the frame: the end of a recess or an apex, whose section falls off
   at the rate of the planes before it, as an exponential, which has twice the volume of a straight wedge. */
static double beyond_ml(const coverage_pass *p, int region, bool high)
{
    const lung_frame *f = &p->work->frame;
    if (f->axis[2] != 2) return (double)INFINITY;
    int32_t planes = p->work->n[2], end = (f->sign[2] > 0) == high ? planes - 1 : 0;
    int32_t steps = (int32_t)ceil(TAPER_MM / f->spacing_mm[2]);
    if (steps >= planes) return (double)INFINITY;
    double pixel_cm2 = p->area_mm2[2] / 100;
    double here = (double)p->sums[end].voxels[region] * pixel_cm2;
    double inside = (double)p->sums[end == 0 ? steps : planes - 1 - steps].voxels[region] * pixel_cm2;
    double fall = (inside - here) / (steps * f->spacing_mm[2] / 10);
    return here <= 0 ? 0 : fall > 0 ? here * here / fall : (double)INFINITY;
}

static bool is_cut(const lung_work *work, const lung_sums *lung, int face)
{
    return lung->face_cm2[face] > fmax(CUT_CM2, lung_param(work, "lung_face_share") * lung->surface_cm2);
}

/* At the ends of the body's length a contact counts only where more than a small share of the lung can lie beyond: the
   tip of a recess is no lung that is cut (science C3.6). */
static bool is_cut_at_end(const lung_work *work, const lung_sums *lung, int face, bool high)
{
    return is_cut(work, lung, face) && lung->beyond_ml[high] > lung_param(work, "lung_dense_share") * lung->ml;
}

/* Where the images end inside the lung, in words; NULL: nowhere. */
static const char *cut_reason(const lung_work *work, const lung_sums *lung)
{
    const lung_frame *f = &work->frame;
    int top = 2 * f->axis[2] + (f->sign[2] > 0), bottom = 2 * f->axis[2] + (f->sign[2] < 0);
    bool above = is_cut_at_end(work, lung, top, true), below = is_cut_at_end(work, lung, bottom, false);
    bool beside = is_cut(work, lung, FACE_FOV);
    double beside_cm2 = lung->face_cm2[FACE_FOV];
    for (int face = 0; face < FACE_FOV; face++) {
        if (face == top || face == bottom) continue;
        beside = beside || is_cut(work, lung, face);
        beside_cm2 += lung->face_cm2[face];
    }
    const char *where = above && below ? "above and below" : above ? "above" : below ? "below" : NULL;
    double cm2 = (above ? lung->face_cm2[top] : 0) + (below ? lung->face_cm2[bottom] : 0);
    if (where && beside)
        return rs_arena_printf(
            work->arena,
            "the images end inside the lung %s (%.0f cm2 of it) and their field of view cuts it at the "
            "side (%.0f cm2): searched as far as it is shown, %.0f ml",
            where, cm2, beside_cm2, lung->ml);
    if (where)
        return rs_arena_printf(
            work->arena, "the images end inside the lung %s (%.0f cm2 of it): searched as far as it is shown, %.0f ml",
            where, cm2, lung->ml);
    if (beside)
        return rs_arena_printf(work->arena,
                               "the field of view cuts the lung at the side (%.0f cm2 of it): searched as far as it is "
                               "shown, %.0f ml",
                               beside_cm2, lung->ml);
    return NULL;
}

/* Tissue that is too much to be a hilum or a chest wall (science C3.6), 0: it is not. */
static double unsearched_ml(const lung_work *work, double dense_ml, double ml)
{
    bool much = dense_ml > lung_param(work, "lung_dense_ml") &&
                dense_ml > lung_param(work, "lung_dense_share") * (ml + dense_ml);
    return much ? dense_ml : 0;
}

/* What holds no air, by where it was seen. Outline and back overlap: the larger one counts. */
typedef struct unsearched {
    double outline_ml, behind_ml, short_ml;
} unsearched;

static unsearched unsearched_of(const lung_work *work, int lung, double ml)
{
    unsearched u = {unsearched_ml(work, work->dense_ml[lung], ml), unsearched_ml(work, work->behind_ml[lung], ml),
                    unsearched_ml(work, work->short_ml[lung], ml)};
    if (u.outline_ml >= u.behind_ml)
        u.behind_ml = 0;
    else
        u.outline_ml = 0;
    return u;
}

/* A reason after those before it; memory that is out is found by the caller. */
static const char *join(const lung_work *work, const char *before, const char *reason)
{
    return before && reason ? rs_arena_printf(work->arena, "%s; %s", before, reason) : reason;
}

static const char *unsearched_reason(const lung_work *work, int lung, const unsearched *u, const char *reason)
{
    if (u->outline_ml > 0)
        reason = join(work, reason,
                      rs_arena_printf(work->arena,
                                      "about %.0f ml of tissue within the lung's outline hold no air (collapsed or "
                                      "consolidated lung, a large mass or fluid) and are not searched",
                                      u->outline_ml));
    if (u->behind_ml > 0)
        reason = join(work, reason,
                      rs_arena_printf(work->arena,
                                      "about %.0f ml of tissue without air lie behind the lung, where the other side "
                                      "has lung (fluid, or collapsed or consolidated lung), and are not searched",
                                      u->behind_ml));
    if (u->short_ml > 0)
        reason =
            join(work, reason,
                 rs_arena_printf(work->arena,
                                 "the lung ends %.0f mm %s the other one: about %.0f ml of tissue without air lie "
                                 "there (collapsed or consolidated lung, fluid, or a raised diaphragm) and are not "
                                 "searched",
                                 work->short_mm[lung], work->short_above[lung] ? "below" : "above", u->short_ml));
    return reason;
}

static rs_status judge_lung(const lung_work *work, const lung_sums *lung, const lung_sums *other, int index,
                            rs_region *out)
{
    const unsearched u = unsearched_of(work, index, lung->ml);
    const double dense_ml = u.outline_ml + u.behind_ml + u.short_ml;
    const char *cut = cut_reason(work, lung);
    out->searched_ml = lung->ml;
    out->volume_ml = lung->ml + dense_ml;
    out->state = RS_ASSESSED_PARTLY;
    if (lung->ml <= 0) {
        out->state = RS_NOT_ASSESSED;
        out->reason =
            rs_arena_printf(work->arena,
                            "no lung that holds air was found on the %s: collapsed, filled or removed lung is "
                            "not searched",
                            index == 0 ? "left" : "right");
    } else if (cut || dense_ml > 0) {
        out->reason = unsearched_reason(work, index, &u, cut);
    } else if (other->ml > 0 && lung->ml < RATIO_GATE * other->ml) {
        out->reason = rs_arena_printf(
            work->arena,
            "this lung holds %.0f ml and the other one %.0f ml: lung that holds no air or was removed is not searched",
            lung->ml, other->ml);
    } else {
        out->state = RS_ASSESSED;
        return RS_OK;
    }
    return out->reason ? RS_OK : rs_fail_memory(work->ctx, "a reason");
}

/* The tip that the images cut off, in ml: what is not shown is stated in an assessed lung, too. */
static rs_status note_tips(lung_work *work, const lung_sums *lung, const char *side)
{
    const lung_frame *f = &work->frame;
    for (int high = 0; high < 2; high++) {
        int face = 2 * f->axis[2] + ((f->sign[2] > 0) == high);
        if (!is_cut(work, lung, face) || is_cut_at_end(work, lung, face, high)) continue;
        RS_TRY(rs_notes_add(work->ctx, work->arena, &work->out->notes, "lung_tip_cut", "lung",
                            "the %s lung reaches the %s image with %.0f cm2: about %.0f ml of it, %.1f %%, lie beyond "
                            "and are not searched",
                            side, high ? "highest" : "lowest", lung->face_cm2[face], lung->beyond_ml[high],
                            100 * lung->beyond_ml[high] / lung->ml));
    }
    return RS_OK;
}

/* Contact with a face below the gate is stated all the same. */
static rs_status note_touching(lung_work *work, const lung_sums *lung, const char *side)
{
    double cm2 = 0;
    for (int face = 0; face < FACES; face++)
        cm2 += is_cut(work, lung, face) ? 0 : lung->face_cm2[face];
    if (cm2 < CUT_CM2) return RS_OK;
    return rs_notes_add(work->ctx, work->arena, &work->out->notes, "lung_touches_edge", "lung",
                        "%.0f cm2 of the %s lung lie on the edge of the images: a little lung may lie beyond", cm2,
                        side);
}

static rs_status give_side_basis(lung_work *work)
{
    rs_region *regions = work->out->region;
    rs_side_basis basis = RS_SIDE_BASIS_ORIENTATION;
    const char *against = NULL;
    if (work->spine_speaks && !work->spine_behind)
        against = "the spine lies in front of the lungs by the header's orientation";
    else if (work->heart_speaks && !work->heart_left)
        against = "the heart reaches to the right by the header's orientation";
    else if (work->heart_speaks)
        basis = RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION;
    for (int r = LUNG_LEFT; r <= LUNG_RIGHT; r++) {
        regions[r].side_basis = against ? RS_SIDE_BASIS_UNKNOWN : basis;
        if (against) regions[r].side = RS_SIDE_UNKNOWN;
    }
    if (!against) return RS_OK;
    return rs_notes_add(work->ctx, work->arena, &work->out->notes, "side_disagrees", "lung",
                        "%s, so left and right are not named: the images may be mirrored, or the anatomy is unusual",
                        against);
}

rs_status lung_report_coverage(lung_work *work)
{
    const double *mm = work->volume->geometry.spacing_mm;
    coverage_pass pass = {.work = work, .area_mm2 = {mm[1] * mm[2], mm[0] * mm[2], mm[0] * mm[1]}};
    lung_sums sums[LUNG_REGIONS] = {{.ml = 0}};
    rs_arena_mark mark = rs_arena_where(work->own);
    pass.sums = RS_ARENA_NEW(work->own, slice_sums, work->n[2]);
    if (!pass.sums) return rs_fail_memory(work->ctx, "the volumes of the lungs");
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], cover_slice, &pass));
    RS_TRY(rs_parallel_for(work->ctx, work->n[2], clean_slice, &pass));
    for (int r = 0; r < LUNG_REGIONS; r++)
        fold(&pass, r, &work->out->region[r], &sums[r]);
    for (int r = LUNG_LEFT; r <= LUNG_RIGHT; r++)
        for (int high = 0; high < 2; high++)
            sums[r].beyond_ml[high] = beyond_ml(&pass, r, high);
    rs_arena_rewind(work->own, mark);
    for (int r = LUNG_LEFT; r <= LUNG_RIGHT; r++)
        RS_TRY(judge_lung(work, &sums[r], &sums[LUNG_LEFT + LUNG_RIGHT - r], r - LUNG_LEFT, &work->out->region[r]));
    for (int r = LUNG_LEFT; r <= LUNG_RIGHT; r++) {
        RS_TRY(note_tips(work, &sums[r], r == LUNG_LEFT ? "left" : "right"));
        RS_TRY(note_touching(work, &sums[r], r == LUNG_LEFT ? "left" : "right"));
    }
    return give_side_basis(work);
}
