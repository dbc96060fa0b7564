/* What is known of one mark, as names and texts. */
#include "say.h"

#include <math.h>
#include <string.h>

typedef struct teller {
    rs_context *ctx;
    rs_arena *arena;
    rs_fact_row *rows;
    int n;
    bool failed;
    rs_buffer text;
} teller;

/* Ends a fact: what was appended since the last one. Without a text there is none. */
static void fact(teller *t, const char *name, bool wide)
{
    if (t->text.failed) t->failed = true;
    if (t->failed || t->text.bytes == 0) return;
    const char *text = rs_arena_text(t->arena, t->text.data);
    if (!text || t->n == RS_FACTS_MAX) {
        t->failed = true;
        return;
    }
    t->rows[t->n++] = (rs_fact_row){name, text, wide};
    t->text.bytes = 0;
    t->text.data[0] = 0;
}

/* A code in words, or the reason where there is none. */
static void code(rs_buffer *out, const char *value, const char *reason)
{
    if (value)
        rs_say_words(out, value);
    else
        rs_say_value(out, (double)NAN, "", reason);
}

static void bracket(rs_buffer *out, const char *basis)
{
    if (!basis) return;
    rs_buffer_text(out, " (");
    rs_say_words(out, basis);
    rs_buffer_text(out, ")");
}

static void place(teller *t, const rs_report_mark *mark)
{
    char x[32], y[32], z[32];
    code(&t->text, mark->lobe, mark->lobe_reason);
    if (mark->lobe) bracket(&t->text, mark->lobe_basis);
    fact(t, "Lobe", false);
    code(&t->text, mark->side, mark->side_reason);
    bracket(&t->text, mark->side_basis);
    fact(t, "Side", false);
    rs_say_slice(&t->text, &mark->slice);
    if (mark->size.axes_slice.k >= 0) {
        rs_buffer_text(&t->text, ", calipers in ");
        rs_say_slice(&t->text, &mark->size.axes_slice);
    }
    fact(t, "Slice", false);
    rs_report_number(mark->position_lps_mm[0], x);
    rs_report_number(mark->position_lps_mm[1], y);
    rs_report_number(mark->position_lps_mm[2], z);
    rs_buffer_printf(&t->text, "%s, %s, %s\xC2\xA0mm", x, y, z);
    fact(t, "Position, LPS", false);
}

static void lengths(teller *t, const rs_report_mark *mark)
{
    const rs_report_size *size = &mark->size;
    if (isfinite(size->long_axis_mm)) {
        rs_say_value(&t->text, size->long_axis_mm, "", NULL);
        rs_buffer_text(&t->text, " \xC3\x97 ");
    }
    rs_say_value(&t->text, size->short_axis_mm, "mm", size->axes_reason);
    bracket(&t->text, size->axes_source);
    fact(t, "Long \xC3\x97 short axis", false);
    if (mark->recist_text) rs_buffer_text(&t->text, mark->recist_text);
    fact(t, "RECIST 1.1", false);
    rs_say_value(&t->text, size->fit_mm, "mm", size->fit_reason);
    if (isfinite(size->fit_mm)) {
        rs_buffer_text(&t->text, " (");
        rs_say_value(&t->text, size->fit_low_mm, "", NULL);
        rs_buffer_text(&t->text, " to ");
        rs_say_value(&t->text, size->fit_high_mm, "", NULL);
        rs_buffer_text(&t->text, ")");
    }
    fact(t, "Fitted sphere", false);
}

static void volumes(teller *t, const rs_report_size *size)
{
    rs_say_value(&t->text, size->volume_mm3, "mm\xC2\xB3", size->volume_reason);
    if (isfinite(size->equivalent_mm)) {
        rs_buffer_text(&t->text, ", as a sphere ");
        rs_say_value(&t->text, size->equivalent_mm, "mm", NULL);
    }
    if (isfinite(size->mask_volume_mm3)) {
        rs_buffer_text(&t->text, "; mask ");
        rs_say_value(&t->text, size->mask_volume_mm3, "mm\xC2\xB3", NULL);
    }
    fact(t, "Segmented", false);
    code(&t->text, size->source, size->interval_reason ? size->interval_reason : "nothing was measured");
    if (size->class_reason) rs_buffer_printf(&t->text, "; %s", size->class_reason);
    if (size->truncated) rs_buffer_text(&t->text, "; cut by a border, so the size is a lower bound");
    fact(t, "Size class by", false);
}

static void surroundings(teller *t, const rs_report_mark *mark)
{
    code(&t->text, mark->density, NULL);
    rs_buffer_text(&t->text, ", mean ");
    rs_say_value(&t->text, mark->mean_hu, "HU", mark->mean_hu_reason);
    fact(t, "Density", false);
    rs_say_value(&t->text, mark->depth_to_pleura_mm, "mm", mark->depth_reason);
    bracket(&t->text, mark->depth_basis);
    fact(t, "Depth to pleura", false);
    code(&t->text, mark->attachment, mark->attachment_reason);
    fact(t, "Attachment", false);
    rs_say_words(&t->text, mark->bed.relation);
    if (isfinite(mark->bed.distance_mm)) {
        rs_buffer_text(&t->text, ", ");
        rs_say_value(&t->text, mark->bed.distance_mm, "mm", NULL);
        rs_buffer_text(&t->text, " from it");
    }
    if (mark->bed.treatment) {
        rs_buffer_text(&t->text, ", ");
        rs_say_source(&t->text, mark->bed.treatment);
    }
    if (mark->bed.reason)
        rs_buffer_printf(&t->text, "%s%s", isfinite(mark->bed.distance_mm) ? "; " : ": ", mark->bed.reason);
    fact(t, "Treated bed", false);
    code(&t->text, mark->visibility_class, mark->visibility_reason);
    fact(t, "Visibility", true);
}

static void judged(teller *t, const rs_report_mark *mark)
{
    if (mark->pointed) rs_buffer_text(&t->text, "pointed at by a person, a mark whatever its P; ");
    rs_say_p(&t->text, mark);
    for (int r = 0; r < mark->n_reasons; r++)
        rs_buffer_printf(&t->text, "; %s", mark->reasons[r]);
    fact(t, "P", true);
    rs_buffer_text(&t->text, mark->tracking_uid ? mark->tracking_uid : "");
    fact(t, "Tracking UID", true);
    if (!mark->review.text) return;
    rs_say_reader(&t->text, mark->review.text);
    if (mark->review.reader) rs_buffer_text(&t->text, ", ");
    rs_say_reader(&t->text, mark->review.reader);
    if (mark->review.date) rs_buffer_printf(&t->text, ", %s", mark->review.date);
    fact(t, "Review", true);
}

rs_status rs_say_facts(rs_context *ctx, rs_arena *arena, const rs_report_mark *mark, rs_fact_row *rows, int *n)
{
    teller t = {.ctx = ctx, .arena = arena, .rows = rows};
    place(&t, mark);
    lengths(&t, mark);
    volumes(&t, &mark->size);
    surroundings(&t, mark);
    judged(&t, mark);
    rs_buffer_free(&t.text);
    *n = t.n;
    return t.failed ? rs_fail_memory(ctx, "the facts of a mark") : RS_OK;
}
