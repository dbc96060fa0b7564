/* Which series serves the lungs (contract 9): thin slices first, then soft kernels, then many slices, then the lowest
   series number; and why a series does not, in a sentence. */
#include <math.h>
#include <string.h>

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

/* 2 soft, 1 medium or unknown, 0 sharp: names of science D1.5; Siemens and Toshiba number them, rising with sharpness.
 */
static int softness(const char *kernel)
{
    static const char *const soft[] = {"SOFT", "STANDARD", "STND"};
    static const char *const sharp[] = {"LUNG", "BONE", "EDGE", "DETAIL", "CHST"};
    if (!kernel || !kernel[0]) return 1;
    for (size_t i = 0; i < sizeof soft / sizeof soft[0]; i++) {
        if (has(kernel, soft[i])) return 2;
    }
    for (size_t i = 0; i < sizeof sharp / sizeof sharp[0]; i++) {
        if (has(kernel, sharp[i])) return 0;
    }
    const char *at = kernel;
    bool toshiba = strncmp(at, "FC", 2) == 0;
    while (*at >= 'A' && *at <= 'z' && at - kernel < 3)
        at++;
    if (*at < '0' || *at > '9') return 1;
    int number = 0;
    for (; *at >= '0' && *at <= '9' && number < 1000; at++)
        number = 10 * number + (*at - '0');
    if (toshiba) return number < 20 ? 2 : number < 30 ? 1 : 0;
    return number <= 35 ? 2 : number <= 46 ? 1 : 0;
}

/* Digits of one number, the first criterion foremost; every part is a whole number, so the sum is exact. */
static double score_of(const rs_series *series)
{
    double mm = series->thickness_mm > 0 ? series->thickness_mm : series->geometry.spacing_mm[2];
    double thin = 1000 - fmin(fmax(rint(mm / THICKNESS_STEP_MM), 0), 999);
    double slices = fmin(series->n_slices, 65535);
    int64_t number = series->series_number < 0 || series->series_number > 999999 ? 999999 : series->series_number;
    return ((thin * 4 + softness(series->kernel)) * 65536 + slices) * 1e6 + (double)(999999 - number) + 1;
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
        return rs_arena_printf(arena, "too few slices (%d, at least 8 are needed)", (int)s->n_slices);
    default:
        return s->reason ? s->reason : "the geometry of the series was not judged";
    }
}

rs_status lung_suits(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out)
{
    bool serves =
        is_modality(series, "CT") && (series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED);
    rs_suits suits = {.score = serves ? score_of(series) : 0, .reason = why_not(series, arena)};
    if (!serves && !suits.reason) return rs_fail_memory(ctx, "a reason");
    *out = suits;
    return RS_OK;
}
