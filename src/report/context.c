/* What a person said about the patient (contract 2, --context), echoed as given. Without identity nothing of it stays
   that a person wrote freely, and no date. */
#include "builder.h"

#include <string.h>

#include "digest/digest.h"

/* Of the file; with masks, of the file and of what was drawn of each. */
static const char *digest_of(rs_builder *b)
{
    const char *text = b->told->digest;
    bool drawn = false;
    for (int t = 0; t < b->told->n_treatments; t++) {
        for (int c = 0; c < b->input->n_cases; c++) {
            const rs_given_region *const *treated = b->input->cases[c].treated;
            if (!treated || !treated[t] || !treated[t]->digest) continue;
            text = rs_builder_say(b, "%s\n%d %d %s", text ? text : "", t, c, treated[t]->digest);
            drawn = true;
        }
    }
    char hex[65];
    if (!drawn || !text) return rs_builder_keep(b, b->told->digest);
    return rs_sha256_hex(b->ctx, text, strlen(text), hex) == RS_OK ? rs_builder_keep(b, hex) : NULL;
}

static void set_treatments(rs_builder *b, bool names, rs_report_context *out)
{
    rs_report_treatment *rows = RS_BUILDER_TABLE(b, rs_report_treatment, b->told->n_treatments);
    for (int t = 0; rows && t < b->told->n_treatments; t++) {
        rows[t] = b->told->treatments[t];
        rows[t].kind = rs_builder_keep(b, rows[t].kind);
        rows[t].site = names ? rs_builder_keep(b, rows[t].site) : NULL;
        rows[t].date = names ? rs_builder_keep(b, rows[t].date) : NULL;
        rows[t].mask = names ? rs_builder_keep(b, rows[t].mask) : NULL;
    }
    out->treatments = rows;
    out->n_treatments = rows ? b->told->n_treatments : 0;
}

static void set_known_lesions(rs_builder *b, bool names, rs_report_context *out)
{
    rs_report_known_lesion *rows = RS_BUILDER_TABLE(b, rs_report_known_lesion, b->told->n_known_lesions);
    for (int k = 0; rows && k < b->told->n_known_lesions; k++) {
        rows[k] = b->told->known_lesions[k];
        rows[k].label = names ? rs_builder_keep(b, rows[k].label) : NULL;
        rows[k].nature = names ? rs_builder_keep(b, rows[k].nature) : NULL;
        int m = isfinite(rows[k].lps_mm[0]) ? rs_mark_at(b, rows[k].lps_mm) : -1;
        rows[k].mark = m >= 0 ? b->report->marks[m].id : NULL;
        rows[k].reason = m >= 0                        ? NULL
                         : isfinite(rows[k].lps_mm[0]) ? "no mark lies within 2 mm or half its diameter of it"
                                                       : "no position was given";
    }
    out->known_lesions = rows;
    out->n_known_lesions = rows ? b->told->n_known_lesions : 0;
}

/* On one line: between its values, where alone JSON has line ends. */
static const char *on_one_line(rs_builder *b, const char *json)
{
    size_t size = json ? strlen(json) + 1 : 0;
    char *text = size ? rs_arena_alloc(b->arena, size, 1) : NULL;
    if (!text) b->failed |= size > 0;
    for (size_t i = 0; text && i < size; i++)
        text[i] = json[i] == '\n' || json[i] == '\r' || json[i] == '\t' ? ' ' : json[i];
    return text;
}

void rs_build_context(rs_builder *b)
{
    bool names = rs_builder_names_patient(b);
    rs_report_context *out = &b->report->context;
    *out =
        (rs_report_context){.reason = "no context was given", .malignancy_known = -1, .disease_free_interval_days = -1};
    if (!b->told) return;
    *out = (rs_report_context){
        .given = true,
        .reason = names ? NULL : "the packet was made without identity: texts, dates and file names are left out",
        .json = names ? on_one_line(b, b->told->json) : NULL,
        .digest = digest_of(b),
        .primary_site = names ? rs_builder_keep(b, b->told->primary_site) : NULL,
        .primary_histology = names ? rs_builder_keep(b, b->told->primary_histology) : NULL,
        .primary_date = names ? rs_builder_keep(b, b->told->primary_date) : NULL,
        .primary_state = rs_builder_keep(b, b->told->primary_state),
        .malignancy_known = b->told->malignancy_known,
        .disease_free_interval_days = b->told->disease_free_interval_days,
    };
    set_treatments(b, names, out);
    set_known_lesions(b, names, out);
}
