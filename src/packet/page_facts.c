/* What is known of one mark, as a list of terms. */
#include "page.h"

#include <math.h>
#include <string.h>

static void term(rs_buffer *out, const char *name)
{
    rs_buffer_printf(out, "<div><dt>%s</dt><dd>", name);
}

static void end(rs_buffer *out)
{
    rs_buffer_text(out, "</dd></div>\n");
}

/* A code in words, and the reason where there is none. */
static void code(rs_buffer *out, const char *value, const char *reason)
{
    if (value)
        rs_page_words(out, value);
    else
        rs_page_value(out, (double)NAN, "", reason);
}

static void place(rs_buffer *out, const rs_report_mark *mark)
{
    char x[32], y[32], z[32];
    term(out, "Side");
    code(out, mark->side, mark->side_reason);
    if (mark->side_basis) {
        rs_buffer_text(out, " (by ");
        rs_page_words(out, mark->side_basis);
        rs_buffer_text(out, ")");
    }
    end(out);
    term(out, "Lobe");
    code(out, mark->lobe, mark->lobe_reason);
    if (mark->lobe && mark->lobe_basis) rs_buffer_printf(out, " (%s)", mark->lobe_basis);
    end(out);
    term(out, "Depth to pleura");
    rs_page_value(out, mark->depth_to_pleura_mm, "mm", mark->depth_reason);
    if (mark->depth_basis) rs_buffer_printf(out, " (%s)", mark->depth_basis);
    end(out);
    term(out, "Position, LPS");
    rs_report_number(mark->position_lps_mm[0], x);
    rs_report_number(mark->position_lps_mm[1], y);
    rs_report_number(mark->position_lps_mm[2], z);
    rs_buffer_printf(out, "%s, %s, %s\xC2\xA0mm", x, y, z);
    end(out);
}

static void size(rs_buffer *out, const rs_report_size *size)
{
    term(out, "Fitted sphere");
    rs_page_value(out, size->fit_mm, "mm", size->fit_reason);
    if (isfinite(size->fit_mm)) {
        rs_buffer_text(out, " (");
        rs_page_value(out, size->fit_low_mm, "", NULL);
        rs_buffer_text(out, " to ");
        rs_page_value(out, size->fit_high_mm, "", NULL);
        rs_buffer_text(out, ")");
    }
    end(out);
    term(out, "Segmented");
    rs_page_value(out, size->volume_mm3, "mm\xC2\xB3", size->volume_reason);
    if (isfinite(size->equivalent_mm)) {
        rs_buffer_text(out, ", as a sphere ");
        rs_page_value(out, size->equivalent_mm, "mm", NULL);
    }
    end(out);
    term(out, "Long \xC3\x97 short axis");
    if (isfinite(size->long_axis_mm)) {
        rs_page_value(out, size->long_axis_mm, "", NULL);
        rs_buffer_text(out, " \xC3\x97 ");
    }
    rs_page_value(out, size->short_axis_mm, "mm", size->axes_reason);
    end(out);
    term(out, "Size class by");
    code(out, size->source, "nothing was measured");
    if (size->class_reason) rs_buffer_text(out, "; ");
    rs_markup_text(out, size->class_reason);
    if (size->truncated) rs_buffer_text(out, "; cut by a border, so the size is a lower bound");
    end(out);
}

static void nature(rs_buffer *out, const rs_report_mark *mark)
{
    term(out, "Attachment");
    code(out, mark->attachment, mark->attachment_reason);
    end(out);
    term(out, "Density");
    code(out, mark->density, NULL);
    rs_buffer_text(out, ", mean ");
    rs_page_value(out, mark->mean_hu, "HU", mark->mean_hu_reason);
    end(out);
    term(out, "Treated bed");
    rs_page_words(out, mark->bed.relation);
    if (isfinite(mark->bed.distance_mm)) {
        rs_buffer_text(out, ", ");
        rs_page_value(out, mark->bed.distance_mm, "mm", NULL);
        rs_buffer_text(out, " from it");
    }
    if (mark->bed.reason) rs_buffer_text(out, isfinite(mark->bed.distance_mm) ? "; " : ": ");
    rs_markup_text(out, mark->bed.reason);
    end(out);
    rs_buffer_text(out, "<div class=\"wide\"><dt>Visibility</dt><dd>");
    code(out, mark->visibility_class, mark->visibility_reason);
    end(out);
    rs_buffer_text(out, "<div class=\"wide\"><dt>P</dt><dd>");
    if (mark->pointed) rs_buffer_text(out, "pointed at by a person, a mark whatever its P; ");
    rs_page_p(out, mark);
    for (int r = 0; r < mark->n_reasons; r++) {
        rs_buffer_text(out, "; ");
        rs_markup_text(out, mark->reasons[r]);
    }
    end(out);
    if (!mark->review.verdict || strcmp(mark->review.verdict, "none") == 0) return;
    rs_buffer_text(out, "<div class=\"reader\"><dt>Review</dt><dd>reader: ");
    rs_page_words(out, mark->review.verdict);
    end(out);
}

void rs_page_facts(rs_buffer *out, const rs_report_mark *mark)
{
    rs_buffer_text(out, "<dl>\n");
    size(out, &mark->size);
    place(out, mark);
    nature(out, mark);
    rs_buffer_text(out, "</dl>\n");
}
