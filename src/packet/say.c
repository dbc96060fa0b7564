/* Words and sentences of the report. */
#include "say.h"

#include <math.h>
#include <string.h>

static const rs_say_class classes[] = {
    {"above_5mm", "above 5 mm", "above", "the whole 95 % interval lies above 5.0 mm"},
    {"near_5mm", "near 5 mm", "near", "the interval holds 5.0 mm and is at most 2.0 mm wide"},
    {"below_5mm", "below 5 mm", "below", "the whole interval lies below 5.0 mm"},
    {"indeterminate", "indeterminate", "unsettled",
     "the interval holds 5.0 mm and is wider than 2.0 mm, or is not known"},
};
enum { N_CLASSES = sizeof classes / sizeof classes[0] };

const rs_say_class *rs_say_class_of(const char *code)
{
    int at = 0;
    while (at < N_CLASSES - 1 && !(code && strcmp(classes[at].code, code) == 0))
        at++;
    return &classes[at];
}

const rs_say_class *rs_say_class_at(int n)
{
    return n < N_CLASSES ? &classes[n] : NULL;
}

void rs_say_words(rs_buffer *out, const char *code)
{
    for (; code && *code; code++)
        rs_buffer_add(out, *code == '_' ? " " : code, 1);
}

/* A text of others may hold anything: no byte of it passes for one of our marks. */
static void stretch(rs_buffer *out, const char *mark, const char *text)
{
    if (!text) return;
    rs_buffer_text(out, mark);
    for (; *text; text++) {
        bool control = (unsigned char)*text < 0x20;
        rs_buffer_add(out, control ? "?" : text, 1);
    }
    rs_buffer_text(out, RS_SAY_END);
}

void rs_say_source(rs_buffer *out, const char *text)
{
    stretch(out, RS_SAY_SOURCE, text);
}

void rs_say_reader(rs_buffer *out, const char *text)
{
    stretch(out, RS_SAY_READER, text);
}

void rs_say_value(rs_buffer *out, double value, const char *unit, const char *reason)
{
    char digits[32];
    if (isfinite(value)) {
        rs_report_number(value, digits);
        rs_buffer_printf(out, "%s%s%s", digits, *unit ? "\xC2\xA0" : "", unit);
        return;
    }
    rs_buffer_text(out, RS_SAY_NONE "not known");
    if (reason) rs_buffer_printf(out, ": %s", reason);
    rs_buffer_text(out, RS_SAY_END);
}

void rs_say_p(rs_buffer *out, const rs_report_mark *mark)
{
    if (mark->p_text)
        rs_buffer_text(out, mark->p_text);
    else
        rs_say_value(out, (double)NAN, "", mark->p_reason);
}

bool rs_say_not_real(const rs_report_mark *mark)
{
    return mark->review.verdict && strcmp(mark->review.verdict, "not_real") == 0;
}

void rs_say_slice(rs_buffer *out, const rs_report_slice *slice)
{
    if (slice->number >= 0)
        rs_buffer_printf(out, "%lld", (long long)slice->number);
    else
        rs_buffer_printf(out, "k %d", slice->k);
}

void rs_say_organ(rs_buffer *out, const rs_report_organ *organ)
{
    if (organ->side) rs_buffer_printf(out, "%s ", organ->side);
    rs_buffer_text(out, organ->name);
}

void rs_say_searched(rs_buffer *out, const rs_report_organ *organ)
{
    if (!isfinite(organ->searched_ml)) {
        rs_buffer_text(out, "nothing");
        return;
    }
    rs_say_value(out, organ->searched_ml, "ml", NULL);
    bool partly = organ->state && strcmp(organ->state, "partly") == 0;
    if (partly && organ->searched_ml >= organ->volume_ml) {
        rs_buffer_text(out, ", all that is shown");
        return;
    }
    rs_buffer_text(out, " of ");
    rs_say_value(out, organ->volume_ml, "ml", NULL);
}

void rs_say_organ_state(rs_buffer *out, const rs_report_organ *organ)
{
    rs_say_organ(out, organ);
    rs_buffer_text(out, ": ");
    rs_say_words(out, organ->state ? organ->state : "not_assessed");
    rs_buffer_text(out, ", searched ");
    rs_say_searched(out, organ);
    if (organ->reason) rs_buffer_printf(out, "; %s", organ->reason);
}

void rs_say_limit(rs_buffer *out, const rs_report_organ *organ)
{
    rs_say_value(out, organ->detection_limit.d95_mm, "mm", organ->detection_limit.reason);
}

void rs_say_series(rs_buffer *out, const rs_report *report)
{
    const rs_report_series *used = NULL;
    for (int s = 0; s < report->n_series && !used; s++) {
        if (report->series[s].used) used = &report->series[s];
    }
    if (!used) {
        rs_buffer_text(out, "none was searched");
        return;
    }
    if (used->series_number >= 0)
        rs_buffer_printf(out, RS_SAY_SOURCE "%lld" RS_SAY_END, (long long)used->series_number);
    if (used->series_number >= 0 && used->description) rs_buffer_text(out, " ");
    rs_say_source(out, used->description);
}

/* "Images: CT, slices 1.25 mm thick, 1.0 mm apart, pixels of 0.7 mm, kernel B30f". */
static void slices(rs_buffer *out, const rs_report_source *source)
{
    rs_buffer_text(out, "Images: ");
    if (source->modality)
        rs_say_source(out, source->modality);
    else
        rs_buffer_text(out, "modality not told");
    rs_buffer_text(out, ", ");
    if (!source->transfer_syntax_uid && source->transfer_syntax_name) /* a volume file: its format */
        rs_buffer_printf(out, "%s, ", source->transfer_syntax_name);
    bool thick = isfinite(source->thickness_mm);
    rs_buffer_text(out, "slices ");
    if (thick) {
        rs_say_value(out, source->thickness_mm, "mm", NULL);
        rs_buffer_text(out, " thick, ");
    }
    rs_say_value(out, source->geometry.spacing_mm[2], "mm", NULL);
    rs_buffer_text(out, thick ? " apart, pixels of " : " apart (thickness not known), pixels of ");
    rs_say_value(out, source->geometry.spacing_mm[0], "mm", NULL);
    if (source->kernel) rs_buffer_text(out, ", kernel ");
    rs_say_source(out, source->kernel);
    if (source->resampled) rs_buffer_printf(out, "; %s", source->resampled);
}

void rs_say_scan(rs_buffer *out, const rs_report *report)
{
    const rs_report_source *source = &report->source;
    const rs_report_quality *quality = &report->quality;
    if (source->reason) {
        const char *told = report->n_organs > 0 ? report->organs[0].reason : NULL;
        if (!told || strcmp(told, source->reason) != 0) rs_buffer_text(out, source->reason);
        return;
    }
    slices(out, source);
    if (!quality->reason) {
        rs_buffer_text(out, ". Noise ");
        rs_say_value(out, quality->noise_hu, "HU", NULL);
        rs_buffer_printf(out, " (%s), resolution ", quality->noise_basis ? quality->noise_basis : "");
        rs_say_value(out, quality->psf_in_plane_mm, "mm", NULL);
        rs_buffer_text(out, " in plane and ");
        rs_say_value(out, quality->psf_axial_mm, "mm", NULL);
        rs_buffer_printf(out, " across (%s)", quality->psf_basis ? quality->psf_basis : "");
    }
    rs_buffer_text(out, ".");
}

void rs_say_row(rs_buffer *out, const rs_report_row *row)
{
    rs_buffer_text(out, row->side ? row->side : "side not known");
    if (row->lobe) rs_buffer_printf(out, ", %s", row->lobe);
}

void rs_say_expected(rs_buffer *out, const rs_report *report)
{
    const rs_report_distribution *spread = &report->distribution;
    rs_buffer_text(out, "Expected false marks among these, in a scan of this size: ");
    rs_say_value(out, spread->expected_false_marks, "", spread->reason);
    if (spread->basis) rs_buffer_printf(out, " (%s)", spread->basis);
    rs_buffer_text(out, ".");
}

void rs_say_point(rs_buffer *out, const rs_report *report)
{
    const rs_report_point *at = &report->operating_point;
    if (!isfinite(at->p)) return;
    rs_buffer_printf(out, "Operating point: %s, marks from P = ", at->name);
    rs_say_value(out, at->p, "", NULL);
    rs_buffer_text(out, "; false marks a litre of searched organ where it was measured: ");
    rs_say_value(out, at->false_marks_per_litre, "", at->reason);
    rs_buffer_text(out, ", a scan there: ");
    rs_say_value(out, at->false_marks_per_scan, "", at->reason);
    rs_buffer_printf(out, " (%s).", at->basis ? at->basis : "no basis");
}

/* Those that somebody set, and the digest of all; the defaults are in report.json. */
void rs_say_parameters(rs_buffer *out, const rs_report *report)
{
    int n_set = 0;
    rs_buffer_printf(out, "%d parameters, SHA-256 %s", report->n_parameters, report->parameters_digest);
    for (int i = 0; i < report->n_parameters; i++) {
        const rs_report_parameter *row = &report->parameters[i];
        if (!row->set_by || strcmp(row->set_by, "default") == 0) continue;
        rs_buffer_text(out, n_set++ ? ", " : "; set to other values than the default: ");
        rs_say_words(out, row->name);
        rs_buffer_text(out, " = ");
        rs_say_value(out, row->value, row->unit ? row->unit : "", NULL);
    }
    rs_buffer_text(out, n_set ? "." : "; all at their defaults. Every one of them stands in report.json.");
}

void rs_say_input(rs_buffer *out, const rs_report *report)
{
    rs_buffer_printf(out, "Input, SHA-256 %s", report->input_digest);
    if (report->source.series_instance_uid) rs_buffer_text(out, "; series ");
    rs_say_source(out, report->source.series_instance_uid);
    rs_buffer_text(out, ".");
}
