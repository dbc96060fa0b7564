/* context, previous and filing of report.json. */
#include "print.h"

#include <math.h>

/* What was not given is left out: the echo has the members that the file had. */
static void set_given(rs_json *o, const char *key, const char *text)
{
    if (text) rs_json_set_text(o, key, text);
}

static rs_json *treatment(const rs_report_treatment *row)
{
    rs_json *o = rs_json_object();
    set_given(o, "kind", row->kind);
    set_given(o, "site", row->site);
    set_given(o, "date", row->date);
    if (row->has_point) rs_json_set(o, "point_lps_mm", rs_print_numbers(row->point_lps_mm, 3));
    set_given(o, "mask", row->mask);
    return o;
}

static rs_json *known_lesion(const rs_report_known_lesion *row)
{
    rs_json *o = rs_json_object();
    if (isfinite(row->lps_mm[0])) rs_json_set(o, "position_lps_mm", rs_print_numbers(row->lps_mm, 3));
    set_given(o, "label", row->label);
    set_given(o, "nature", row->nature);
    rs_json_set_text(o, "mark", row->mark);
    rs_json_set_text(o, "reason", row->reason);
    return o;
}

rs_json *rs_print_context(const rs_report_context *context)
{
    if (!context->given) return NULL;
    rs_json *o = rs_json_object(), *primary = rs_json_object(), *treatments = rs_json_array();
    rs_json *known = rs_json_array();
    rs_json_set_text(o, "given_by", "a person, not this program");
    rs_json_set_text(o, "sha256", context->digest);
    rs_json_set(o, "primary", primary);
    set_given(primary, "site", context->primary_site);
    set_given(primary, "histology", context->primary_histology);
    set_given(primary, "date", context->primary_date);
    set_given(primary, "state", context->primary_state);
    if (context->malignancy_known >= 0) rs_json_set_bool(o, "malignancy_known", context->malignancy_known);
    if (context->disease_free_interval_days >= 0)
        rs_json_set_integer(o, "disease_free_interval_days", context->disease_free_interval_days);
    rs_json_set(o, "treatments", treatments);
    for (int t = 0; t < context->n_treatments; t++)
        rs_json_add(treatments, treatment(&context->treatments[t]));
    rs_json_set(o, "known_lesions", known);
    for (int k = 0; k < context->n_known_lesions; k++)
        rs_json_add(known, known_lesion(&context->known_lesions[k]));
    return o;
}

rs_json *rs_print_previous(const rs_report_previous *previous)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "reason",
                     !previous->sr_uid          ? "it has no structured report"
                     : !previous->packet_digest ? "only its structured report is known, from the study itself"
                                                : NULL);
    rs_json_set_text(o, "packet_digest", previous->packet_digest);
    rs_json_set_text(o, "created", previous->created);
    rs_json_set_text(o, "sr_uid", previous->sr_uid);
    rs_json_set_text(o, "sr_series_uid", previous->sr_series_uid);
    rs_json_set_integer(o, "marks", previous->n_marks);
    rs_json_set_integer(o, "kept", previous->n_kept);
    return o;
}

rs_json *rs_print_reviewed(const rs_report_previous *previous)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "sha256", previous->review_digest);
    rs_json_set_text(o, "sha256_reason", previous->review_digest ? NULL : "no review was given");
    rs_json_set_integer(o, "verdicts", previous->n_verdicts);
    return o;
}

rs_json *rs_print_filing(const rs_report_filing *filing)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "reason", filing->n_images > 0 ? NULL : filing->reason);
    rs_json_set_text(o, "packet_digest", filing->packet_digest);
    rs_json_set_text(o, "sr_uid", filing->sr_uid);
    rs_json_set_text(o, "sr_series_uid", filing->sr_series_uid);
    rs_json_set_text(o, "seg_uid", filing->seg_uid);
    rs_json_set_text(o, "seg_series_uid", filing->seg_series_uid);
    rs_json_set_text(o, "ko_uid", filing->ko_uid);
    rs_json_set_text(o, "ko_series_uid", filing->ko_series_uid);
    rs_json_set_text(o, "pdf_uid", filing->pdf_uid);
    rs_json_set_text(o, "pdf_series_uid", filing->pdf_series_uid);
    return o;
}
