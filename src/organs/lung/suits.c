/* Which series serves the lungs (contract 9): thin slices first, then soft kernels, then slices as they were scanned,
   then many slices, then the lowest series number; and why a series does not, in a sentence. */
#include <math.h>
#include <string.h>

#include "quality/kernel_class.h"
#include "restage/arena.h"
#include "segment.h"

#define THICKNESS_STEP_MM 0.05 /* thinner differences are the same slice thickness */

static bool is_modality(const rs_series *series, const char *modality)
{
    return series->modality && strcmp(series->modality, modality) == 0;
}

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

/* Name of an MR sequence from the attributes of PS3.3 C.8.3 and what makers write into ImageType. */
static const char *mr_contrast(const rs_series *s)
{
    bool diffusion = has(s->image_type, "ADC") || has(s->image_type, "DIFFUSION") || has(s->description, "ADC");
    bool gradient = has(s->scanning_sequence, "GR"), inversion = has(s->scanning_sequence, "IR");
    if (has(s->image_type, "ADC") || has(s->description, "ADC")) return "diffusion, ADC map";
    if (diffusion || s->b_value > 0 || has(s->description, "diff") || has(s->description, "DWI"))
        return "diffusion-weighted";
    if (inversion && s->inversion_time_ms > 1500) return "FLAIR";
    if (inversion && s->inversion_time_ms > 0 && s->inversion_time_ms < 300 && s->repetition_time_ms > 1000)
        return "STIR";
    if (!(s->echo_time_ms > 0) || !(s->repetition_time_ms > 0)) return NULL;
    if (gradient) return s->echo_time_ms > 15 ? "T2*-weighted gradient echo" : "T1-weighted gradient echo";
    if (s->echo_time_ms >= 60) return "T2-weighted";
    if (s->repetition_time_ms <= 1200) return "T1-weighted";
    return s->echo_time_ms <= 45 ? "proton-density-weighted" : "T2-weighted";
}

static const char *mr_reason(const rs_series *s, rs_arena *arena)
{
    const char *contrast = mr_contrast(s);
    if (!contrast) return "MR (sequence not recognised) is not served: lungs are read from CT";
    if (!(s->echo_time_ms > 0) || !(s->repetition_time_ms > 0))
        return rs_arena_printf(arena, "MR (%s) is not served: lungs are read from CT", contrast);
    return rs_arena_printf(arena, "MR (%s, TR %.0f ms, TE %.0f ms) is not served: lungs are read from CT", contrast,
                           s->repetition_time_ms, s->echo_time_ms);
}

static const char *why_not(const rs_series *s, rs_arena *arena)
{
    if (s->verdict == RS_VERDICT_SET_ASIDE) return s->reason ? s->reason : "no volume of images";
    if (is_modality(s, "MR")) return mr_reason(s, arena);
    if (!is_modality(s, "CT"))
        return rs_arena_printf(arena, "modality %s is not served: lungs are read from CT",
                               s->modality && s->modality[0] ? s->modality : "unknown");
    switch (s->verdict) {
    case RS_VERDICT_GOOD:
    case RS_VERDICT_MENDED:
        return NULL;
    case RS_VERDICT_FEW:
        if (s->placeless) return s->reason;
        return rs_arena_printf(arena, "too few slices (%d, at least 8 are needed)", (int)rs_series_slices(s));
    default:
        return s->reason ? s->reason : "the geometry of the series was not judged";
    }
}

rs_status lung_suits(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out)
{
    bool serves =
        is_modality(series, "CT") && (series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED);
    rs_suits suits = {.reason = why_not(series, arena)};
    if (serves) weigh(series, &suits);
    if (!serves && !suits.reason) return rs_fail_memory(ctx, "a reason");
    *out = suits;
    return RS_OK;
}
