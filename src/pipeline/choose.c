/* Pairs organs with series by asking each row of organs.def (contract 9), and says why for every series. */
#include "choose.h"

#include <string.h>

#define NAMED_MAX 5 /* series that one sentence lists */

static bool is_volume(const rs_series *series)
{
    return series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED ||
           series->verdict == RS_VERDICT_FEW;
}

static const char *why_verdict(const rs_series *series)
{
    return series->reason && *series->reason ? series->reason : "its geometry was not understood";
}

rs_status rs_choose_suits(rs_context *ctx, const rs_organ *organ, const rs_series *series, rs_arena *arena,
                          rs_suits *out)
{
    if (!is_volume(series)) {
        *out = (rs_suits){.reason = why_verdict(series)};
        return RS_OK;
    }
    if (series->volume_file && !*series->modality) {
        *out = (rs_suits){.reason = "the values of the volume file are not those of a CT in HU"};
        return RS_OK;
    }
    if (strcmp(series->modality, organ->modality) != 0) {
        const char *sequence = rs_sequence_name(series, arena);
        const char *protocol = sequence ? rs_sequence_protocol(series, arena) : NULL;
        const char *reason = sequence
                                 ? rs_arena_printf(arena, "MR is not searched by this version; %s%s%s%s",
                                                   strstr(sequence, "not known here") ? "" : "recognised as ", sequence,
                                                   protocol ? "; could serve one day: " : "", protocol ? protocol : "")
                                 : rs_arena_printf(arena, "modality %s is not searched by this version",
                                                   *series->modality ? series->modality : "unknown");
        if (!reason) return rs_fail_memory(ctx, "the choice of series");
        *out = (rs_suits){.reason = reason};
        return RS_OK;
    }
    if (series->verdict == RS_VERDICT_FEW) {
        const char *reason = series->placeless ? series->reason
                                               : rs_arena_printf(arena, "too few slices: %d, and at least 8 are needed",
                                                                 (int)rs_series_slices(series));
        if (!reason) return rs_fail_memory(ctx, "the choice of series");
        *out = (rs_suits){.reason = reason};
        return RS_OK;
    }
    RS_TRY(organ->suits(ctx, series, arena, out));
    if (!(out->score > 0) && !out->reason) out->reason = "it does not serve this organ";
    return RS_OK;
}

/* What the organ's merits leave open is settled by UID, then by the order of the study. */
static bool better(const rs_suits *a, const rs_series *x, const rs_suits *b, const rs_series *y)
{
    if (a->score != b->score) return a->score > b->score;
    return strcmp(x->series_instance_uid, y->series_instance_uid) < 0;
}

/* What the better of two has over the other. */
static const char *advantage(const rs_suits *best, const rs_suits *other)
{
#define WORDS(name, words) words,
    static const char *const words[RS_N_MERITS] = {RS_MERIT_TABLE(WORDS)};
#undef WORDS
    for (int m = 0; m < RS_N_MERITS; m++) {
        if (best->merits[m] > other->merits[m]) return words[m];
    }
    return NULL;
}

/* "series 3", "series 3, EchoTime 90"; NULL when out of memory */
static const char *label(const rs_series *series, rs_arena *arena)
{
    const char *name = series->series_number < 0
                           ? "a series without a number"
                           : rs_arena_printf(arena, "series %lld", (long long)series->series_number);
    if (!name || !series->split_by || !series->split_value) return name;
    return rs_arena_printf(arena, "%s, %s %s", name, series->split_by, series->split_value);
}

/* Why a series that serves is not the one that is used. */
static const char *why_second(const rs_organ *organ, const rs_series *best, const rs_suits *merits,
                              const rs_suits *other, rs_arena *arena)
{
    const char *name = label(best, arena), *has = advantage(merits, other);
    if (!name) return NULL;
    if (!has) return rs_arena_printf(arena, "serves the %s no less, but %s comes first", organ->name, name);
    return rs_arena_printf(arena, "serves the %s too, but %s has %s", organ->name, name, has);
}

static bool allowed(const rs_series *series, const char *series_uid)
{
    return !series_uid || strcmp(series->series_instance_uid, series_uid) == 0;
}

/* "series 3 (a localizer); series 4 (…)" of those whose verdict is asked for. */
static const char *list(const rs_series_list *study, const char *series_uid, bool set_aside, rs_arena *arena)
{
    const char *text = "";
    int n = 0, n_all = 0;
    for (int s = 0; s < study->n && text; s++) {
        const rs_series *series = study->items[s];
        if (!allowed(series, series_uid) || is_volume(series)) continue;
        if ((series->verdict == RS_VERDICT_SET_ASIDE) != set_aside) continue;
        if (++n_all > NAMED_MAX) continue;
        const char *name = label(series, arena);
        text = name ? rs_arena_printf(arena, "%s%s%s (%s)", text, n++ ? "; " : "", name, why_verdict(series)) : NULL;
    }
    if (text && n_all > NAMED_MAX) text = rs_arena_printf(arena, "%s; and %d more", text, n_all - NAMED_MAX);
    return text;
}

/* Contract 8: what ends the run before any pixel is read. Only what may be searched counts. */
static rs_status refuse(rs_context *ctx, const rs_series_list *study, const char *series_uid, rs_arena *arena)
{
    int n = 0, volumes = 0, set_aside = 0;
    for (int s = 0; s < study->n; s++) {
        if (!allowed(study->items[s], series_uid)) continue;
        n++;
        volumes += is_volume(study->items[s]);
        set_aside += study->items[s]->verdict == RS_VERDICT_SET_ASIDE;
    }
    if (volumes > 0) return RS_OK;
    if (n == 0 && series_uid)
        return rs_fail(ctx, RS_NO_INPUT, "the study has no series with the UID that --series names");
    if (n == 0) return rs_fail(ctx, RS_NO_INPUT, "there is no series in the input");
    const char *named = list(study, series_uid, set_aside == n, arena);
    if (!named) return rs_fail_memory(ctx, "the choice of series");
    if (set_aside < n) return rs_fail(ctx, RS_DATA, "no series is left to search: %s", named);
    return rs_fail(ctx, RS_NO_INPUT, "nothing to search: %s set aside: %s",
                   series_uid ? "what --series names was" : "every series was", named);
}

static rs_status ask_all(rs_context *ctx, const rs_series_list *study, const rs_organ *organ, rs_arena *arena,
                         rs_suits **out)
{
    int n = study->n;
    rs_suits *answers = RS_ARENA_NEW(arena, rs_suits, n);
    if (!answers) return rs_fail_memory(ctx, "the choice of series");
    for (int s = 0; s < n; s++)
        RS_TRY(rs_choose_suits(ctx, organ, study->items[s], arena, &answers[s]));
    *out = answers;
    return RS_OK;
}

/* The reason that all series which may be searched have in common; NULL: they differ. */
static const char *common_reason(const rs_series_list *study, const rs_suits *answers, const char *series_uid)
{
    const char *reason = NULL;
    for (int s = 0; s < study->n; s++) {
        const rs_series *series = study->items[s];
        if (!allowed(series, series_uid) || series->verdict == RS_VERDICT_SET_ASIDE) continue;
        if (reason && strcmp(reason, answers[s].reason) != 0) return NULL;
        reason = answers[s].reason;
    }
    return reason;
}

/* Why no series serves an organ: the one reason, or each series with its own. */
static const char *why_none(const rs_series_list *study, const rs_suits *answers, const char *series_uid,
                            rs_arena *arena)
{
    const char *text = "";
    int n = 0, asked = 0;
    for (int s = 0; s < study->n; s++)
        asked += allowed(study->items[s], series_uid) && study->items[s]->verdict != RS_VERDICT_SET_ASIDE;
    const char *common = common_reason(study, answers, series_uid);
    if (common) return asked == 1 ? common : rs_arena_printf(arena, "all %d volumes: %s", asked, common);
    for (int s = 0; s < study->n && text; s++) {
        const rs_series *series = study->items[s];
        bool aside = series->verdict == RS_VERDICT_SET_ASIDE && asked > 0;
        if (!allowed(series, series_uid) || aside || ++n > NAMED_MAX) continue;
        const char *name = label(series, arena);
        text = name ? rs_arena_printf(arena, "%s%s%s: %s", text, n > 1 ? "; " : "", name, answers[s].reason) : NULL;
    }
    return text && n > NAMED_MAX ? rs_arena_printf(arena, "%s; and %d more", text, n - NAMED_MAX) : text;
}

static rs_status explain(rs_context *ctx, const rs_series_list *study, const rs_organ *organ, const rs_suits *answers,
                         const char *series_uid, int best, rs_arena *arena, rs_report_choice *choices)
{
    for (int s = 0; s < study->n; s++) {
        const rs_series *series = study->items[s];
        const char *text = answers[s].reason;
        if (s == best)
            text = rs_arena_printf(arena, "searched for the %s%s", organ->name, series_uid ? ", as asked for" : "");
        else if (!allowed(series, series_uid))
            text = "another series was asked for";
        else if (answers[s].score > 0 && best >= 0)
            text = why_second(organ, study->items[best], &answers[best], &answers[s], arena);
        if (!text) return rs_fail_memory(ctx, "the choice of series");
        if (choices[s].used && s != best) continue;
        choices[s].why = text;
        choices[s].used |= s == best;
    }
    return RS_OK;
}

static rs_status pick(rs_context *ctx, const rs_series_list *study, const char *series_uid, rs_arena *arena,
                      rs_pick *out, rs_report_choice *choices)
{
    rs_suits *answers = NULL;
    int best = -1;
    RS_TRY(ask_all(ctx, study, out->organ, arena, &answers));
    for (int s = 0; s < study->n; s++) {
        const rs_series *series = study->items[s];
        if (!allowed(series, series_uid) || !(answers[s].score > 0)) continue;
        if (best < 0 || better(&answers[s], series, &answers[best], study->items[best])) best = s;
    }
    if (best >= 0)
        out->series = study->items[best];
    else
        out->reason = why_none(study, answers, series_uid, arena);
    if (best < 0 && !out->reason) return rs_fail_memory(ctx, "the choice of series");
    return explain(ctx, study, out->organ, answers, series_uid, best, arena, choices);
}

rs_status rs_choose(rs_context *ctx, const rs_series_list *study, const char *series_uid, rs_arena *arena,
                    rs_chosen *out)
{
    int n = study->n;
    RS_TRY(refuse(ctx, study, series_uid, arena));
    rs_chosen chosen = {.n_picks = rs_organs_count()};
    chosen.choices = RS_ARENA_NEW(arena, rs_report_choice, n);
    chosen.picks = RS_ARENA_NEW(arena, rs_pick, chosen.n_picks);
    if (!chosen.choices || !chosen.picks) return rs_fail_memory(ctx, "the choice of series");
    for (int s = 0; s < n; s++)
        chosen.choices[s].sequence = rs_sequence_name(study->items[s], arena);
    for (int o = 0; o < chosen.n_picks; o++) {
        chosen.picks[o].organ = rs_organs_at(o);
        RS_TRY(pick(ctx, study, series_uid, arena, &chosen.picks[o], chosen.choices));
    }
    *out = chosen;
    return RS_OK;
}
