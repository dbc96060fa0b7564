/* What a person stated (--context), line by line, as given. */
#include <math.h>
#include <string.h>

#include "say.h"

const rs_report_blank *rs_say_blank_of(const rs_report *report, const char *id)
{
    for (int b = 0; id && b < report->n_blanks; b++) {
        if (report->blanks[b].id && strcmp(report->blanks[b].id, id) == 0) return &report->blanks[b];
    }
    return NULL;
}

bool rs_say_is_asked(const rs_report *report, const char *id)
{
    for (int c = 0; c < report->n_criteria; c++) {
        if (report->criteria[c].blank && id && strcmp(report->criteria[c].blank, id) == 0) return true;
    }
    return false;
}

static void part(rs_buffer *out, const char *before, const char *text)
{
    if (text) rs_buffer_text(out, before);
    rs_say_source(out, text);
}

static void place(rs_buffer *out, const double lps_mm[3])
{
    for (int a = 0; a < 3; a++) {
        char digits[32];
        rs_report_number(lps_mm[a], digits);
        rs_buffer_printf(out, "%s%s", a ? ", " : ", at ", digits);
    }
    rs_buffer_text(out, "\xC2\xA0mm (LPS)");
}

static void primary(rs_buffer *out, const rs_report_context *given)
{
    rs_buffer_text(out, "Primary: ");
    if (given->primary_site)
        rs_say_source(out, given->primary_site);
    else
        rs_buffer_text(out, "site not given");
    part(out, ", ", given->primary_histology);
    part(out, ", ", given->primary_date);
    part(out, ", control: ", given->primary_state);
    if (given->malignancy_known >= 0)
        part(out, "; ", given->malignancy_known ? "known cancer: yes" : "known cancer: no");
    if (given->disease_free_interval_days >= 0)
        rs_buffer_printf(out, "; disease-free interval %d days", given->disease_free_interval_days);
}

bool rs_say_context(rs_buffer *out, const rs_report *report, int n)
{
    const rs_report_context *given = &report->context;
    if (!given->given) return false;
    if (n == 0) {
        primary(out, given);
        return true;
    }
    n--;
    if (n < given->n_treatments) {
        const rs_report_treatment *row = &given->treatments[n];
        rs_buffer_text(out, "Treatment: ");
        rs_say_source(out, row->kind);
        part(out, ", ", row->site);
        part(out, ", ", row->date);
        if (row->has_point) place(out, row->point_lps_mm);
        part(out, ", region of ", row->mask);
        return true;
    }
    n -= given->n_treatments;
    if (n >= given->n_known_lesions) return false;
    const rs_report_known_lesion *row = &given->known_lesions[n];
    rs_buffer_text(out, "Known lesion");
    part(out, " ", row->label);
    part(out, ", ", row->nature);
    place(out, row->lps_mm);
    if (row->mark) rs_buffer_printf(out, ": mark %s", row->mark);
    if (row->reason) rs_buffer_printf(out, ": %s", row->reason);
    return true;
}
