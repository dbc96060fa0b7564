/* The size of one lesion as it is printed: each number rounded once, the class from the rounded interval (contract 6).
 */
#include "builder.h"

#include <math.h>

#include "restage/text.h"

static double millimetres(double value)
{
    return rs_round_decimals(value, RS_DECIMALS_SIZE_MM);
}

static void ends(const double from[2][3], bool known, double to[2][3])
{
    for (int e = 0; e < 2; e++) {
        for (int a = 0; a < 3; a++)
            to[e][a] = known ? rs_round_decimals(from[e][a], RS_DECIMALS_POSITION_MM) : (double)NAN;
    }
}

static const char *words(rs_builder *b, const rs_report_size *size, bool by_fit)
{
    double value = by_fit ? size->fit_mm : size->equivalent_mm;
    if (size->truncated && isfinite(size->low_mm)) return rs_builder_say(b, "at least %.1f mm", size->low_mm);
    if (!isfinite(value)) return rs_builder_keep(b, "size not measured");
    if (!isfinite(size->low_mm) || !isfinite(size->high_mm)) return rs_builder_say(b, "%.1f mm", value);
    return rs_builder_say(b, "%.1f mm (%.1f to %.1f)", value, size->low_mm, size->high_mm);
}

/* Why a bound of the interval that decides is null. */
static const char *interval_reason(rs_builder *b, const rs_report_size *size)
{
    if (isfinite(size->low_mm) && isfinite(size->high_mm) && size->source) return NULL;
    if (size->truncated)
        return rs_builder_keep(b, "cut by the border of what was imaged or searched: it has no upper bound");
    return rs_builder_keep(b, size->fit_reason && size->volume_reason ? "neither fit nor segmentation gave one"
                                                                      : "the interval was not determined");
}

static void classify(rs_builder *b, const rs_size *size, rs_report_size *out)
{
    bool known = isfinite(out->low_mm) && (isfinite(out->high_mm) || out->truncated);
    rs_size_class code = known ? rs_size_classify(out->low_mm, out->high_mm) : RS_SIZE_INDETERMINATE;
    if (code == RS_SIZE_UNKNOWN) code = RS_SIZE_INDETERMINATE;
    out->size_class = rs_builder_keep(b, rs_size_class_name(code));
    out->flagged = code != RS_SIZE_ABOVE_5MM;
    if (code != RS_SIZE_INDETERMINATE) return;
    const char *why = size->class_reason;
    if (!why) why = known ? "the interval holds 5 mm and is wider than 2 mm" : "there is no interval";
    if (!why || (!size->class_reason && out->truncated))
        why = "it is cut by the border of what was imaged or searched, so only a lower bound is known";
    out->class_reason = rs_builder_keep(b, why);
}

void rs_build_size(rs_builder *b, const rs_size *size, rs_report_size *out)
{
    bool fitted = isfinite(size->fit_mm);
    bool segmented = isfinite(size->equivalent_mm);
    bool axes = isfinite(size->long_axis_mm) && isfinite(size->short_axis_mm);
    const double none = (double)NAN;
    *out = (rs_report_size){
        .fit_mm = millimetres(size->fit_mm),
        .fit_low_mm = fitted ? millimetres(size->fit_low_mm) : none,
        .fit_high_mm = fitted ? millimetres(size->fit_high_mm) : none,
        .volume_mm3 = rs_round_decimals(size->volume_mm3, RS_DECIMALS_VOLUME_MM3),
        .mask_volume_mm3 = rs_round_decimals(size->mask_volume_mm3, RS_DECIMALS_VOLUME_MM3),
        .equivalent_mm = millimetres(size->equivalent_mm),
        .long_axis_mm = axes ? millimetres(size->long_axis_mm) : none,
        .short_axis_mm = axes ? millimetres(size->short_axis_mm) : none,
        .low_mm = millimetres(size->low_mm),
        .high_mm = size->truncated ? none : millimetres(size->high_mm),
        .truncated = size->truncated,
    };
    if (!fitted) out->fit_reason = rs_builder_keep(b, size->fit_reason ? size->fit_reason : "the fit failed");
    if (!segmented || !isfinite(size->volume_mm3) || !isfinite(size->mask_volume_mm3))
        out->volume_reason = rs_builder_keep(b, size->volume_reason ? size->volume_reason : "no segmentation");
    if (axes) out->axes_source = rs_builder_keep(b, rs_caliper_source_name(size->caliper_source));
    if (!axes) out->axes_reason = rs_builder_keep(b, size->caliper_reason ? size->caliper_reason : "no outline");
    ends(size->long_axis_ends_lps_mm, axes, out->long_axis_ends_lps_mm);
    ends(size->short_axis_ends_lps_mm, axes, out->short_axis_ends_lps_mm);
    out->source = rs_builder_keep(b, rs_size_source_name(size->source));
    classify(b, size, out);
    out->interval_reason = interval_reason(b, out);
    out->axes_slice = (rs_report_slice){.number = -1, .k = -1};
    out->text = words(b, out, size->source == RS_SIZE_SOURCE_FIT || (!segmented && fitted));
}
