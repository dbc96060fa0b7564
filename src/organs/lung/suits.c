/* Which series serves the lungs (contract 9): thin slices first, then soft kernels, then slices as they were scanned,
   then many slices, then the lowest series number. What is no CT volume never comes here: the choice says why. */
#include <math.h>
#include <string.h>

#include "quality/kernel_class.h"
#include "segment.h"

#define THICKNESS_STEP_MM 0.05 /* thinner differences are the same slice thickness */

static bool has(const char *text, const char *part)
{
    return text && strstr(text, part) != NULL;
}

/* 2 soft, 1 medium or unknown, 0 sharp */
static int softness(const char *kernel)
{
    const rs_kernel_class kernel_class = rs_kernel_class_of(kernel);
    if (kernel_class == RS_KERNEL_SMOOTH) return 2;
    return kernel_class == RS_KERNEL_SHARP ? 0 : 1;
}

/* Slices that lie apart show no more than slices as thick as their distance. */
static double slice_mm(const rs_series *series)
{
    return fmax(series->thickness_mm, series->geometry.spacing_mm[2]);
}

/* CT is scanned across the body: what lies otherwise was computed from such slices, however thin it calls itself. */
static bool is_reformatted(const rs_series *series)
{
    if (has(series->orientation, "sagittal") || has(series->orientation, "coronal")) return true;
    return has(series->image_type, "REFORMATTED") || has(series->image_type, "MPR");
}

/* Digits of one number, the first merit foremost; every part is a whole number, so the sum is exact. */
static void weigh(const rs_series *series, rs_suits *out)
{
    const int64_t number = series->series_number < 0 || series->series_number > 999999 ? 999999 : series->series_number;
    out->merits[RS_MERIT_THIN] = 1000 - fmin(fmax(rint(slice_mm(series) / THICKNESS_STEP_MM), 0), 999);
    out->merits[RS_MERIT_SOFT] = softness(series->kernel);
    out->merits[RS_MERIT_SCANNED] = is_reformatted(series) ? 0 : 1;
    out->merits[RS_MERIT_SLICES] = fmin(rs_series_slices(series), 65535);
    out->merits[RS_MERIT_NUMBER] = (double)(999999 - number);
    double score = 0;
    static const double steps[RS_N_MERITS] = {1001, 4, 2, 65536, 1e6};
    for (int m = 0; m < RS_N_MERITS; m++)
        score = score * steps[m] + out->merits[m];
    out->score = score + 1;
}

rs_status lung_suits(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out)
{
    (void)ctx, (void)arena;
    *out = (rs_suits){.reason = NULL};
    weigh(series, out);
    return RS_OK;
}
