/* Recognises MR sequences from attributes; the description breaks ties where they are silent, and is then named as the
   basis. Rough gates for spin echo at 1.5 to 3 T (reporting B.4). */
#include "choose.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "restage/run.h"
#include "restage/text.h"

enum { DYNAMIC_POINTS = 3 }; /* more volumes than this in time make a dynamic series */

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

static bool described(const rs_series *s, const char *word)
{
    return has_word(s->description, word) || has_word(s->protocol_name, word);
}

static bool has_contrast(const rs_series *s)
{
    return s->contrast_agent && s->contrast_agent[0] && strcmp(s->contrast_agent, "NO") != 0 &&
           strcmp(s->contrast_agent, "NONE") != 0;
}

/* What the sequence is made of. */
typedef struct traits {
    bool planar, spin, gradient, turbo, spoiled, fat; /* fat: suppressed */
    bool diffusion, dynamic;
    double te_ms, tr_ms, ti_ms; /* NaN: not stated */
} traits;

static traits traits_of(const rs_series *s)
{
    traits t = {.te_ms = s->echo_time_ms, .tr_ms = s->repetition_time_ms, .ti_ms = s->inversion_time_ms};
    t.planar = has_word(s->scanning_sequence, "EP");
    t.spin = has_word(s->scanning_sequence, "SE");
    t.gradient = has_word(s->scanning_sequence, "GR");
    t.turbo = has_word(s->sequence_variant, "SK") && t.spin;
    t.spoiled =
        has_word(s->sequence_variant, "SP\\") || (s->sequence_variant && strcmp(s->sequence_variant, "SP") == 0);
    t.fat = has_word(s->scan_options, "FS") || has_word(s->scan_options, "FAT");
    t.diffusion = (isfinite(s->b_value) && (s->b_value > 0 || t.planar)) || has_word(s->image_type, "DIFFUSION") ||
                  has_word(s->split_by, "DIFFUSION");
    static const char *const times[] = {"TEMPORALPOSITION", "TRIGGERTIME", "ACQUISITIONTIME", "CONTENTTIME"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        t.dynamic = t.dynamic || (has_word(s->split_by, times[i]) && s->n_volumes > DYNAMIC_POINTS);
    /* Zero is no echo or repetition time, but a header that was emptied. */
    if (!(t.te_ms > 0)) t.te_ms = (double)NAN;
    if (!(t.tr_ms > 0)) t.tr_ms = (double)NAN;
    if (!(t.ti_ms > 0)) t.ti_ms = (double)NAN;
    return t;
}

/* "T1", "T2", "proton-density", "T2*"; NULL: the attributes do not say. */
static const char *weight_by_times(const traits *t)
{
    if (!isfinite(t->te_ms) || !isfinite(t->tr_ms)) return NULL;
    if (t->gradient && !t->spin) {
        if (t->te_ms >= 15) return "T2*";
        return t->te_ms < 10 && (t->spoiled || t->ti_ms > 400 || t->tr_ms < 20) ? "T1" : NULL;
    }
    if (!t->spin) return NULL;
    if (t->te_ms < 30 && t->tr_ms < 1000) return "T1";
    if (t->te_ms > 60 && t->tr_ms > 1500) return "T2";
    if (t->te_ms < 40 && t->tr_ms > 1500) return "proton-density";
    return NULL;
}

static const char *weight_by_words(const rs_series *s)
{
    static const char *const words[][2] = {
        {"FLAIR", "FLAIR"}, {"STIR", "STIR"}, {"T2", "T2"}, {"T1", "T1"}, {"PD", "proton-density"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (described(s, words[i][0])) return words[i][1];
    return NULL;
}

static const char *inversion(const traits *t)
{
    if (t->ti_ms > 1600 && !(t->te_ms < 60)) return "FLAIR";
    return t->ti_ms >= 120 && t->ti_ms <= 250 && t->te_ms >= 20 ? "STIR" : NULL;
}

static const char *kind_of_echo(const traits *t)
{
    if (t->planar) return "echo planar";
    if (t->spin && t->gradient) return "spin and gradient echo";
    if (t->spin) return t->turbo ? "turbo spin echo" : "spin echo";
    return t->gradient ? "gradient echo" : NULL;
}

/* "(b 1000 s/mm2, TE 79 ms, TR 10000 ms)" with a blank before it; "" where nothing is known. */
static void list_numbers(const rs_series *s, const traits *t, char *out, size_t size)
{
    char part[4][40] = {"", "", "", ""};
    if (t->diffusion && isfinite(s->b_value)) (void)rs_text_format(part[0], sizeof part[0], "b %.0f s/mm2", s->b_value);
    if (inversion(t) && !t->diffusion) (void)rs_text_format(part[1], sizeof part[1], "TI %.0f ms", t->ti_ms);
    if (isfinite(t->te_ms)) (void)rs_text_format(part[2], sizeof part[2], "TE %.3g ms", t->te_ms);
    if (isfinite(t->tr_ms)) (void)rs_text_format(part[3], sizeof part[3], "TR %.5g ms", t->tr_ms);
    size_t n = 0;
    out[0] = '\0';
    for (int i = 0; i < 4; i++) {
        if (!part[i][0]) continue;
        n += (size_t)rs_text_format(out + n, size - n, "%s%s", n ? ", " : " (", part[i]);
    }
    if (n) (void)rs_text_format(out + n, size - n, ")");
}

/* What the description says, and that it is the description that says so. */
static const char *by_words(const char *said, bool behind)
{
    static const char *const words[][3] = {
        {"FLAIR", ", FLAIR by its description", "FLAIR by its description"},
        {"STIR", ", STIR by its description", "STIR by its description"},
        {"T2", ", T2-weighted by its description", "T2-weighted by its description"},
        {"T1", ", T1-weighted by its description", "T1-weighted by its description"},
        {"proton-density", ", proton-density-weighted by its description",
         "proton-density-weighted by its description"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], said) == 0) return words[i][behind ? 1 : 2];
    return "";
}

/* All but diffusion: what is weighted how, with what, and on what basis. */
static const char *name_anatomy(const rs_series *s, const traits *t, const char *numbers, rs_arena *arena)
{
    const char *echo = kind_of_echo(t), *inverted = inversion(t), *weight = weight_by_times(t), *said = NULL;
    if (!inverted && !weight) said = weight_by_words(s);
    if (!echo && !said && !t->dynamic && !inverted) return "a sequence that is not known here";
    const char *dynamic = "", *after = "";
    if (t->dynamic && (t->planar || !echo))
        dynamic = echo ? "time series, " : "time series of a sequence that is not known here";
    else if (t->dynamic)
        dynamic = has_contrast(s) ? "dynamic contrast-enhanced (DCE), " : "dynamic (DCE by its times), ";
    else if (has_contrast(s))
        after = "post-contrast ";
    if (inverted) return rs_arena_printf(arena, "%s%s%s%s", dynamic, after, inverted, numbers);
    const char *basis = said ? by_words(said, echo != NULL) : "";
    return rs_arena_printf(arena, "%s%s%s%s%s%s%s%s", dynamic, t->fat ? "fat-suppressed " : "", after,
                           weight ? weight : "", weight ? "-weighted " : "", echo ? echo : "", basis, numbers);
}

const char *rs_sequence_name(const rs_series *series, rs_arena *arena)
{
    char numbers[200];
    if (strcmp(series->modality, "MR") != 0) return NULL;
    if (has_word(series->image_type, "ADC")) return "ADC map";
    const traits t = traits_of(series);
    list_numbers(series, &t, numbers, sizeof numbers);
    if (t.diffusion) {
        if (described(series, "ADC")) return "ADC map by its description";
        return rs_arena_printf(arena, "diffusion-weighted%s", numbers);
    }
    if (t.planar && !t.dynamic) {
        if (described(series, "ADC")) return "ADC map by its description";
        if (described(series, "DWI") || described(series, "DIFF") || described(series, "DTI"))
            return rs_arena_printf(arena, "diffusion-weighted by its description%s", numbers);
    }
    return name_anatomy(series, &t, numbers, arena);
}

/* "T2", "DWI", "ADC", "DCE", … of a series; NULL: not known. */
static const char *in_short(const rs_series *s, const char *name)
{
    static const char *const begins[][2] = {{"ADC", "ADC"}, {"diffusion", "DWI"}, {"dynamic contrast", "DCE"}};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (strncmp(name, begins[i][0], strlen(begins[i][0])) == 0) return begins[i][1];
    const traits t = traits_of(s);
    if (t.planar || t.dynamic) return NULL;
    const char *weight = inversion(&t);
    if (!weight) weight = weight_by_times(&t);
    if (!weight) weight = weight_by_words(s);
    if (weight && strcmp(weight, "T1") == 0 && has_contrast(s)) return "T1 post-contrast";
    return weight;
}

const char *rs_sequence_protocol(const rs_series *series, rs_arena *arena)
{
    static const struct {
        const char *part, *word, *protocol;
    } parts[] = {
        {"PROSTATE", "PROSTAT", "prostate"}, {"LIVER", "LIVER", "liver"},       {"ABDOMEN", NULL, "liver"},
        {"BRAIN", "BRAIN", "brain"},         {"HEAD", NULL, "brain"},           {"EXTREMITY", NULL, "soft tissue"},
        {"THIGH", NULL, "soft tissue"},      {"LEG", NULL, "soft tissue"},      {"ARM", NULL, "soft tissue"},
        {"KNEE", NULL, "soft tissue"},       {"SHOULDER", NULL, "soft tissue"},
    };
    const char *name = rs_sequence_name(series, arena), *kind = name ? in_short(series, name) : NULL;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && kind; i++) {
        const char *word = parts[i].word;
        if (has_word(series->body_part, parts[i].part) ||
            (word && (described(series, word) || has_word(series->study_description, word))))
            return rs_arena_printf(arena, "%s %s", parts[i].protocol, kind);
    }
    return NULL;
}

rs_sequence rs_run_sequence(const rs_series *series, rs_arena *arena)
{
    return (rs_sequence){rs_sequence_name(series, arena), rs_sequence_protocol(series, arena)};
}
