/* The interval that decides, and the class that follows from it (contract 6, science E1). */
#include <math.h>

#include "restage/text.h"
#include "room.h"

#define Z95 1.96
#define RIM_FACTOR 1.1 /* a rim ends where its median has fallen to half */

/* The fitted ball reaches over a face of the image, or into missing slices: beyond it lies what nobody saw. */
static bool ball_leaves_image(const rs_mark_facts *facts, const rs_size *size, const double index[3])
{
    if (facts->fit->reason) return false;
    for (int a = 0; a < 3; a++) {
        double reach = 0.5 * size->fit_mm / facts->geometry->spacing_mm[a];
        const double first = a == 2 ? facts->seen.begin : 0, end = a == 2 ? facts->seen.end : facts->geometry->n[a];
        if (index[a] - reach < first - 0.5 || index[a] + reach > end - 0.5) return true;
    }
    return false;
}

static double slice_mm(const rs_mark_facts *facts)
{
    /* Overlapping slices are thicker than their spacing. */
    double thickness = facts->quality->thickness_mm;
    return fmax(facts->geometry->spacing_mm[2], isfinite(thickness) ? thickness : 0.0);
}

static const char *why_set(const rs_mark_facts *facts, const rs_size *size, double d)
{
    const struct rs_measure_settings *s = facts->settings;
    const rs_segment *segment = facts->segment;
    const bool whole = facts->seen.begin == 0 && facts->seen.end == facts->geometry->n[2];
    if (size->truncated)
        return whole ? "cut by the border of the image" : "cut by the border of the image or by missing slices";
    if (size->source == RS_SIZE_SOURCE_SEGMENTATION && segment->leak) return "runs into its neighbours";
    if (!segment->reason && segment->attached_share > s->attached_share)
        return "attached to other tissue on much of its surface";
    /* The wall cuts a ball off, and where the lesion ends in it nobody sees. */
    if (facts->attachment == RS_ATTACHMENT_PLEURA) return "lies on the wall of the lung";
    /* What it is attached to belongs to the segment, or a part of it does not: its error is not that of its edge. */
    if (facts->attachment == RS_ATTACHMENT_VESSEL && size->source == RS_SIZE_SOURCE_SEGMENTATION &&
        d <= facts->largest_fit_mm)
        return "attached to a vessel, and no sphere fits";
    double thickness = slice_mm(facts);
    if (thickness > s->thick_slice_mm && d < thickness) return "smaller than the slices are thick";
    return NULL;
}

/* Diameter with ground glass that may lie around what was measured; 0: none shows. A fit with a core has looked for it,
   and beside a fitted ball a vessel may be what shows. */
static double with_glass(const rs_mark_facts *facts, const rs_size *size)
{
    const struct rs_measure_settings *s = facts->settings;
    const rs_segment *segment = facts->segment;
    const bool fit = size->source == RS_SIZE_SOURCE_FIT;
    if (fit && facts->fit->has_core) return 0.0;
    double doubt = fit ? facts->fit->doubt_mm : 0.0, least_hu = fit ? s->fit_rim_hu : s->segment_rim_hu;
    if (segment->reason || segment->rim_hu < least_hu || (fit && facts->attachment == RS_ATTACHMENT_VESSEL))
        return doubt;
    return fmax(doubt, RIM_FACTOR * segment->rim_mm);
}

void rs_size_decide(const rs_mark_facts *facts, const double index[3], rs_size *size)
{
    const struct rs_measure_settings *s = facts->settings;
    double d = NAN;
    size->low_mm = size->high_mm = NAN;
    if (!facts->fit->reason) {
        size->source = RS_SIZE_SOURCE_FIT;
        d = size->fit_mm;
        size->low_mm = size->fit_low_mm, size->high_mm = size->fit_high_mm;
    } else if (!facts->segment->reason) {
        size->source = RS_SIZE_SOURCE_SEGMENTATION;
        d = size->equivalent_mm;
        size->low_mm = d * exp(-Z95 * facts->segment->sd), size->high_mm = d * exp(Z95 * facts->segment->sd);
    }
    size->truncated =
        (!facts->segment->reason && facts->segment->touches_image) || ball_leaves_image(facts, size, index);
    const char *reason = isnan(d) ? "no size could be measured" : why_set(facts, size, d);
    if (reason && !isnan(d)) {
        size->low_mm = s->set_low_factor * d;
        size->high_mm = s->set_high_factor * d;
    }
    double glass = isnan(d) ? 0.0 : with_glass(facts, size);
    if (glass > size->high_mm) {
        size->high_mm = glass;
        if (!reason) reason = "ground glass may lie around it";
    }
    if (size->truncated) size->high_mm = NAN;
    if (!isnan(size->low_mm)) size->low_mm = rs_round_decimals(size->low_mm, 1);
    if (!isnan(size->high_mm)) size->high_mm = rs_round_decimals(size->high_mm, 1);
    size->size_class = rs_size_classify(size->low_mm, size->high_mm);
    size->class_reason = NULL;
    if (size->size_class == RS_SIZE_INDETERMINATE)
        size->class_reason = reason ? reason : "the interval is wider than 2 mm and holds 5 mm";
}
