/* Top of the page: identity, what was and was not assessed, then, only then, counts. */
#include "page.h"

#include <math.h>
#include <string.h>

/* A fact of the header, or a box for a pen. */
static void box(rs_buffer *out, const char *name, const char *value)
{
    if (!value) {
        rs_buffer_printf(out, "<span class=\"pen\">%s</span>", name);
        return;
    }
    rs_buffer_printf(out, "<span class=\"fact\"><small>%s</small> <b class=\"source\">", name);
    rs_markup_text(out, value);
    rs_buffer_text(out, "</b></span>");
}

static void series_box(rs_buffer *out, const rs_report *report)
{
    const rs_report_series *used = NULL;
    for (int s = 0; s < report->n_series && !used; s++) {
        if (report->series[s].used) used = &report->series[s];
    }
    if (!used || (used->series_number < 0 && !used->description)) {
        box(out, "Series", used ? NULL : "none was searched");
        return;
    }
    rs_buffer_text(out, "<span class=\"fact\"><small>Series</small> <b class=\"source\">");
    if (used->series_number >= 0) rs_buffer_printf(out, "%lld ", (long long)used->series_number);
    rs_markup_text(out, used->description);
    rs_buffer_text(out, "</b></span>");
}

/* Reporting D.1, row 1. */
static void identity(rs_buffer *out, const rs_report *report)
{
    const rs_report_identity *who = &report->identity;
    rs_buffer_text(out, "<header>\n<div class=\"id\">");
    box(out, "Name", who->patient_name_text);
    box(out, "ID", who->patient_id);
    if (who->issuer_of_patient_id) box(out, "ID from", who->issuer_of_patient_id);
    box(out, "Born", who->birth_date);
    box(out, "Sex", who->sex);
    box(out, "Study date", who->study_date);
    box(out, "Accession", who->accession_number);
    series_box(out, report);
    rs_buffer_text(out, "</div>\n<div class=\"first\"><strong>Read the scan first.</strong> "
                        "Research use; not a medical device.</div>\n</header>\n<h1>restage report</h1>\n");
    rs_buffer_text(out, "<p class=\"minor\">Study <span class=\"source uid\">");
    rs_markup_text(out, report->source.study_instance_uid ? report->source.study_instance_uid : "without UID");
    rs_buffer_text(out, "</span>.");
    if (who->reason) {
        rs_buffer_text(out, " Empty boxes are for a pen; ");
        rs_markup_text(out, who->reason);
        rs_buffer_text(out, ".");
    }
    rs_buffer_text(out, "</p>\n");
}

static void organ(rs_buffer *out, const rs_report_organ *organ)
{
    const char *state = organ->state ? organ->state : "not_assessed";
    rs_buffer_text(out, "<tr><th scope=\"row\">");
    if (organ->side) {
        rs_markup_text(out, organ->side);
        rs_buffer_text(out, " ");
    }
    rs_markup_text(out, organ->name);
    rs_buffer_printf(out, "</th><td data-h=\"State\"><span class=\"state %s\"></span>", state);
    rs_page_words(out, state);
    rs_buffer_text(out, "</td><td data-h=\"Searched\">");
    if (isfinite(organ->searched_ml)) {
        rs_page_value(out, organ->searched_ml, "ml", NULL);
        if (strcmp(state, "partly") == 0 && organ->searched_ml >= organ->volume_ml) {
            rs_buffer_text(out, ", all that is shown");
        } else {
            rs_buffer_text(out, " of ");
            rs_page_value(out, organ->volume_ml, "ml", NULL);
        }
    } else {
        rs_buffer_text(out, "nothing");
    }
    rs_buffer_text(out, "</td><td data-h=\"Reason\">");
    rs_markup_text(out, organ->reason ? organ->reason : "");
    rs_buffer_text(out, "</td><td data-h=\"Detection limit\">");
    if (isfinite(organ->detection_limit.d95_mm))
        rs_page_value(out, organ->detection_limit.d95_mm, "mm", NULL);
    else
        rs_page_value(out, (double)NAN, "", organ->detection_limit.reason);
    rs_buffer_text(out, "</td></tr>\n");
}

/* Slices, kernel, noise, resolution in one sentence each. */
static void scan(rs_buffer *out, const rs_report *report)
{
    const rs_report_source *source = &report->source;
    if (source->reason) {
        const char *told = report->n_organs > 0 ? report->organs[0].reason : NULL;
        if (!told || strcmp(told, source->reason) != 0) rs_page_element(out, "p", source->reason);
        return;
    }
    rs_buffer_text(out, "<p>Images: <span class=\"source\">");
    rs_markup_text(out, source->modality ? source->modality : "modality not told");
    rs_buffer_text(out, "</span>, ");
    if (!source->transfer_syntax_uid && source->transfer_syntax_name) { /* a volume file: its format */
        rs_markup_text(out, source->transfer_syntax_name);
        rs_buffer_text(out, ", ");
    }
    bool thick = isfinite(source->thickness_mm);
    rs_buffer_text(out, "slices ");
    if (thick) {
        rs_page_value(out, source->thickness_mm, "mm", NULL);
        rs_buffer_text(out, " thick, ");
    }
    rs_page_value(out, source->geometry.spacing_mm[2], "mm", NULL);
    rs_buffer_text(out, thick ? " apart, pixels of " : " apart (thickness not known), pixels of ");
    rs_page_value(out, source->geometry.spacing_mm[0], "mm", NULL);
    if (source->kernel) {
        rs_buffer_text(out, ", kernel <span class=\"source\">");
        rs_markup_text(out, source->kernel);
        rs_buffer_text(out, "</span>");
    }
    if (source->resampled) {
        rs_buffer_text(out, "; ");
        rs_markup_text(out, source->resampled);
    }
    const rs_report_quality *quality = &report->quality;
    if (!quality->reason) {
        rs_buffer_text(out, ". Noise ");
        rs_page_value(out, quality->noise_hu, "HU", NULL);
        rs_buffer_text(out, " (");
        rs_markup_text(out, quality->noise_basis ? quality->noise_basis : "");
        rs_buffer_text(out, "), resolution ");
        rs_page_value(out, quality->psf_in_plane_mm, "mm", NULL);
        rs_buffer_text(out, " in plane and ");
        rs_page_value(out, quality->psf_axial_mm, "mm", NULL);
        rs_buffer_text(out, " across (");
        rs_markup_text(out, quality->psf_basis ? quality->psf_basis : "");
        rs_buffer_text(out, ")");
    }
    rs_buffer_text(out, ".</p>\n");
}

static void looked_at(rs_buffer *out, const rs_report *report)
{
    rs_buffer_text(out, "<section>\n<h2>What was looked at</h2>\n");
    rs_page_element(out, "p class=\"lead\"", report->assessed_text);
    if (report->n_organs > 0) {
        rs_buffer_text(out, "<table class=\"stack\"><thead><tr><th scope=\"col\">Organ</th><th scope=\"col\">State</th>"
                            "<th scope=\"col\">Searched</th><th scope=\"col\">Reason</th>"
                            "<th scope=\"col\">Detection limit</th></tr></thead><tbody>\n");
        for (int o = 0; o < report->n_organs; o++)
            organ(out, &report->organs[o]);
        rs_buffer_text(out, "</tbody></table>\n");
    }
    rs_buffer_text(out, "<p class=\"minor\">Everything else in the images was not searched.</p>\n");
    scan(out, report);
    rs_buffer_text(out, "</section>\n");
}

static void count(rs_buffer *out, int n, const rs_page_class *of)
{
    rs_buffer_printf(out, "<td class=\"n\" data-h=\"%s\">%d</td>", of->words, n);
}

static void where(rs_buffer *out, const rs_report *report)
{
    const rs_report_distribution *spread = &report->distribution;
    rs_buffer_text(out, "<section>\n<h2>Where</h2>\n");
    rs_page_element(out, "p class=\"lead\"", report->marks_text);
    rs_buffer_text(out, "<table class=\"stack counts\"><thead><tr><th scope=\"col\">Side, lobe</th>");
    for (int c = 0; rs_page_class_at(c); c++)
        rs_buffer_printf(out, "<th scope=\"col\" class=\"n\">%s</th>", rs_page_class_at(c)->words);
    rs_buffer_text(out, "</tr></thead><tbody>\n");
    for (int r = 0; r < spread->n_rows; r++) {
        const rs_report_row *row = &spread->rows[r];
        rs_buffer_text(out, "<tr><th scope=\"row\">");
        rs_markup_text(out, row->side ? row->side : "side not known");
        rs_buffer_text(out, row->lobe ? ", " : "");
        rs_markup_text(out, row->lobe);
        rs_buffer_text(out, "</th>");
        const int counts[] = {row->above_5mm, row->near_5mm, row->below_5mm, row->indeterminate};
        for (int c = 0; c < 4; c++)
            count(out, counts[c], rs_page_class_at(c));
        rs_buffer_text(out, "</tr>\n");
    }
    rs_buffer_text(out, "</tbody></table>\n<p>Expected false marks in a scan of this size: ");
    rs_page_value(out, spread->expected_false_marks, "", spread->reason);
    if (spread->basis) rs_buffer_text(out, " (");
    rs_markup_text(out, spread->basis);
    rs_buffer_text(out, spread->basis ? ").</p>\n</section>\n" : ".</p>\n</section>\n");
}

void rs_page_front(rs_buffer *out, const rs_report *report)
{
    identity(out, report);
    looked_at(out, report);
    if (strcmp(report->assessed, "none") != 0) where(out, report);
}
