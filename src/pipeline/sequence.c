/* Recognises MR sequences from attributes; the description only where they are silent. Rough gates for spin echo at 1.5
   to 3 T. */
#include "choose.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "restage/text.h"

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; text && *text; text++) {
        size_t i = 0;
        while (i < n && text[i] && toupper((unsigned char)text[i]) == word[i])
            i++;
        if (i == n) return true;
    }
    return false;
}

static const char *weighting(const rs_series *s)
{
    if (!isfinite(s->echo_time_ms) || !isfinite(s->repetition_time_ms)) return NULL;
    if (s->echo_time_ms < 30 && s->repetition_time_ms < 1000) return "T1-weighted ";
    if (s->echo_time_ms > 60 && s->repetition_time_ms > 1500) return "T2-weighted ";
    if (s->echo_time_ms < 40 && s->repetition_time_ms > 1500) return "proton-density-weighted ";
    return NULL;
}

static const char *by_description(const rs_series *s)
{
    static const char *const words[][2] = {
        {"FLAIR", "FLAIR by its description"},
        {"STIR", "STIR by its description"},
        {"ADC", "ADC map by its description"},
        {"DWI", "diffusion-weighted by its description"},
        {"DIFF", "diffusion-weighted by its description"},
        {"T2", "T2-weighted by its description"},
        {"T1", "T1-weighted by its description"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (has_word(s->description, words[i][0])) return words[i][1];
    }
    return "a sequence that is not known here";
}

static const char *inversion(const rs_series *s)
{
    if (!isfinite(s->inversion_time_ms)) return NULL;
    if (s->inversion_time_ms > 1600) return "FLAIR";
    bool short_inversion = s->inversion_time_ms >= 120 && s->inversion_time_ms <= 250;
    return short_inversion && s->echo_time_ms >= 20 ? "STIR" : NULL;
}

const char *rs_sequence_name(const rs_series *series, rs_arena *arena)
{
    if (strcmp(series->modality, "MR") != 0) return NULL;
    if (has_word(series->image_type, "ADC")) return "ADC map";
    char name[120];
    const char *weight = weighting(series), *inverted = inversion(series);
    bool turbo = has_word(series->sequence_variant, "SK");
    bool fat = has_word(series->scan_options, "FS");
    if (isfinite(series->b_value) && series->b_value > 0)
        (void)rs_text_format(name, sizeof name, "diffusion-weighted (b %.0f s/mm2", series->b_value);
    else if (inverted)
        (void)rs_text_format(name, sizeof name, "%s (TI %.0f ms", inverted, series->inversion_time_ms);
    else if (has_word(series->scanning_sequence, "EP"))
        (void)rs_text_format(name, sizeof name, "echo planar (");
    else if (has_word(series->scanning_sequence, "SE"))
        (void)rs_text_format(name, sizeof name, "%s%s%sspin echo (", fat ? "fat-suppressed " : "", weight ? weight : "",
                             turbo ? "turbo " : "");
    else if (has_word(series->scanning_sequence, "GR"))
        (void)rs_text_format(name, sizeof name, "%sgradient echo (", fat ? "fat-suppressed " : "");
    else
        return by_description(series);
    char times[80] = "";
    if (isfinite(series->echo_time_ms) && isfinite(series->repetition_time_ms))
        (void)rs_text_format(times, sizeof times, "TE %.3g ms, TR %.5g ms", series->echo_time_ms,
                             series->repetition_time_ms);
    bool open = name[strlen(name) - 1] == '(';
    if (open && !*times) {
        name[strlen(name) - 2] = 0;
        return rs_arena_text(arena, name);
    }
    return rs_arena_printf(arena, "%s%s%s)", name, open || !*times ? "" : ", ", times);
}
