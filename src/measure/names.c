/* Names of the enums as report.json has them, and the class rule of contract 6. */
#include <math.h>
#include <stddef.h>

#include "restage/lesion.h"

#define LINE_MM 5.0
#define NEAR_WIDTH_MM 2.0

/* Values come in tenths: the difference of two is compared in tenths too, lest 6.1 - 4.1 miss 2.0 by a rounding. */
static double tenths(double mm)
{
    return floor(mm * 10.0 + 0.5);
}

rs_size_class rs_size_classify(double low_mm, double high_mm)
{
    if (isnan(low_mm)) return RS_SIZE_INDETERMINATE;
    double low = tenths(low_mm), line = tenths(LINE_MM);
    if (low > line) return RS_SIZE_ABOVE_5MM;
    if (isnan(high_mm)) return RS_SIZE_INDETERMINATE;
    double high = tenths(high_mm);
    if (high < line) return RS_SIZE_BELOW_5MM;
    return high - low <= tenths(NEAR_WIDTH_MM) ? RS_SIZE_NEAR_5MM : RS_SIZE_INDETERMINATE;
}

#define NAME(table, value) ((size_t)(value) < sizeof table / sizeof table[0] ? table[value] : NULL)

const char *rs_size_class_name(rs_size_class size_class)
{
    static const char *const names[] = {NULL, "below_5mm", "near_5mm", "above_5mm", "indeterminate"};
    return NAME(names, size_class);
}

const char *rs_size_source_name(rs_size_source source)
{
    static const char *const names[] = {NULL, "fit", "segmentation"};
    return NAME(names, source);
}

const char *rs_caliper_source_name(rs_caliper_source source)
{
    static const char *const names[] = {NULL, "contour", "mask"};
    return NAME(names, source);
}

const char *rs_attachment_name(rs_attachment attachment)
{
    static const char *const names[] = {NULL, "free", "vessel", "pleura", "fissure"};
    return NAME(names, attachment);
}

const char *rs_density_name(rs_density density)
{
    static const char *const names[] = {"unknown", "solid", "part_solid", "ground_glass", "calcified", "fat", "cavity"};
    return NAME(names, density);
}
