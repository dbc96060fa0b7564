/* Station report: puts the parts together, in the order that lets each stand on those before it. */
#include "builder.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "restage/text.h"

const char *rs_builder_keep(rs_builder *b, const char *text)
{
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = rs_arena_alloc(b->arena, size, 1);
    if (!copy) {
        b->failed = true;
        return NULL;
    }
    rs_text_printable(copy, size, text);
    char *at = copy; /* what no character set could read is shown as '?' too */
    while ((at = strstr(at, "\xef\xbf\xbd")) != NULL) {
        *at++ = '?';
        memmove(at, at + 2, strlen(at + 2) + 1);
    }
    return copy;
}

const char *rs_builder_fact(rs_builder *b, const char *text)
{
    return text && *text ? rs_builder_keep(b, text) : NULL;
}

const char *rs_builder_say(rs_builder *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = rs_text_vformat(NULL, 0, format, arguments);
    char *text = n < 0 ? NULL : rs_arena_alloc(b->arena, (size_t)n + 1, 1);
    if (text)
        (void)rs_text_vformat(text, (size_t)n + 1, format, again);
    else
        b->failed = true;
    va_end(again);
    va_end(arguments);
    return text ? rs_builder_keep(b, text) : NULL;
}

const char *rs_builder_missing(rs_builder *b, const char *head, const rs_fact *facts, size_t n)
{
    const char *text = NULL;
    for (size_t f = 0; f < n; f++) {
        if (facts[f].text) continue;
        text = rs_builder_say(b, "%s%s%s", text ? text : head, text ? ", " : ": ", facts[f].name);
        if (!text) return NULL;
    }
    return text;
}

const char *rs_builder_p(rs_builder *b, double p)
{
    if (!isfinite(p)) return NULL;
    double shown = rs_round_decimals(p, 2);
    if (shown <= 0) return rs_builder_keep(b, "< 0.01");
    if (shown >= 1) return rs_builder_keep(b, p < 1 ? "> 0.99" : "1.00");
    return rs_builder_say(b, "%.2f", shown);
}

void *rs_builder_table(rs_builder *b, int n, size_t size)
{
    if (n <= 0) return NULL;
    void *table = rs_arena_alloc(b->arena, (size_t)n, size);
    if (!table) b->failed = true;
    return table;
}

void rs_builder_limit(rs_builder *b, const char *code, const char *region, const char *sentence)
{
    rs_notes *notes = &b->report->limitations;
    for (int i = 0; i < notes->n; i++) {
        const rs_note *known = &notes->items[i];
        if (!known->code || !known->sentence) continue;
        if (strcmp(known->code, code) == 0 && strcmp(known->sentence, sentence) == 0) return;
    }
    void *items = notes->items;
    rs_note *note = rs_arena_push(b->arena, &items, notes->n, &notes->capacity, sizeof *note);
    if (!note) {
        b->failed = true;
        return;
    }
    *note = (rs_note){rs_builder_keep(b, code), rs_builder_keep(b, sentence), rs_builder_keep(b, region)};
    notes->items = items;
    notes->n++;
}

void rs_report_number(double value, char out[32])
{
    if (!isfinite(value)) {
        out[0] = 0;
        return;
    }
    (void)rs_text_format(out, 32, "%.15g", value == 0 ? 0.0 : value);
    if (!strpbrk(out, ".e")) (void)strncat(out, ".0", 31 - strlen(out));
}

rs_status rs_report_build(rs_context *ctx, const rs_report_input *input, rs_arena *arena, rs_report *out)
{
    rs_report report = {0};
    rs_builder b = {.ctx = ctx, .arena = arena, .input = input, .report = &report};
    b.told = input->context;
    b.scan_date = rs_builder_scan_date(&b);
    report.input_digest = rs_builder_keep(&b, input->input_digest);
    rs_build_software(&b);
    rs_build_source(&b);
    rs_build_series(&b);
    RS_TRY(rs_build_parameters(&b));
    rs_build_quality(&b);
    rs_build_organs(&b);
    rs_build_point(&b);
    RS_TRY(rs_build_marks(&b));
    RS_TRY(rs_build_tracking(&b));
    RS_TRY(rs_build_reviews(&b));
    rs_build_candidates(&b);
    rs_build_distribution(&b);
    rs_build_limitations(&b);
    rs_build_given_region(&b);
    rs_build_identity(&b);
    rs_build_context(&b);
    rs_build_previous(&b);
    rs_build_criteria(&b);
    RS_TRY(rs_build_filing(&b));
    report.pending = (rs_report_pending){.comparison = "no prior was given"};
    if (b.failed) return rs_fail_memory(ctx, "the report");
    *out = report;
    return RS_OK;
}
