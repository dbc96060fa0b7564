/* The file of --review: what a reader said of marks (src/packet/review.schema.json). */
#include "stations.h"
#include "told.h"

enum { MOST_VERDICTS = 1000 };

static const char *const keys[] = {"reader", "date", "marks"};
static const char *const mark_keys[] = {"id", "tracking_uid", "position_lps_mm", "verdict", "reader", "date"};
static const char *const verdicts[] = {"metastasis", "other", "not_real", "unsure"};
#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

/* Reader and date of the file stand for those of a mark that has none of its own. */
static void read_verdict(rs_told_at at, const char *reader, const char *date, rs_given_verdict *out)
{
    rs_told_keys(at, mark_keys, COUNT(mark_keys));
    out->id = rs_told_text(rs_told_member(at, "id"));
    out->tracking_uid = rs_told_text(rs_told_member(at, "tracking_uid"));
    out->has_position = rs_told_position(rs_told_member(at, "position_lps_mm"), out->lps_mm);
    out->verdict = rs_told_word(rs_told_member(at, "verdict"), verdicts, COUNT(verdicts));
    const char *own_reader = rs_told_text(rs_told_member(at, "reader")),
               *own_date = rs_told_date(rs_told_member(at, "date"));
    out->reader = own_reader ? own_reader : reader;
    out->date = own_date ? own_date : date;
    if ((out->id != NULL) + (out->tracking_uid != NULL) + out->has_position != 1)
        rs_told_refuse(at, "must name its mark by one of id, tracking_uid and position_lps_mm");
    if (!out->verdict) rs_told_refuse(at, "has no verdict");
}

static void read_verdicts(rs_told *told, rs_line *line, rs_given_review *out)
{
    rs_told_at root = rs_told_root(told), marks = rs_told_member(root, "marks");
    const char *reader = rs_told_text(rs_told_member(root, "reader")),
               *date = rs_told_date(rs_told_member(root, "date"));
    out->n = rs_told_size(marks, MOST_VERDICTS);
    rs_given_verdict *items = RS_ARENA_NEW(line->arena, rs_given_verdict, out->n + 1);
    if (!items) {
        told->status = rs_fail_memory(told->ctx, told->file);
        return;
    }
    for (int v = 0; v < out->n && told->status == RS_OK; v++)
        read_verdict(rs_told_entry(marks, v), reader, date, &items[v]);
    out->items = items;
}

rs_status rs_told_review(rs_context *ctx, rs_line *line)
{
    rs_told told;
    if (!line->options->review) return RS_OK;
    rs_given_review *out = RS_ARENA_NEW(line->arena, rs_given_review, 1);
    if (!out) return rs_fail_memory(ctx, "the review");
    RS_TRY(rs_told_open(ctx, line->arena, "the file of --review", line->options->review, RS_JSON_TEXT_MAX, &told));
    rs_told_keys(rs_told_root(&told), keys, COUNT(keys));
    read_verdicts(&told, line, out);
    out->digest = rs_arena_text(line->arena, told.sha256);
    rs_told_close(&told);
    RS_TRY(told.status);
    if (!out->digest) return rs_fail_memory(ctx, "the review");
    line->review = out;
    return RS_OK;
}
