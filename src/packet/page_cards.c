/* A card a mark: pictures in three planes, the calipers, the slices beside it, every number with its interval or the
   reason why there is none. */
#include "page.h"

#include "restage/arena.h"
#include "restage/parallel.h"
#include "restage/text.h"

typedef struct encoding {
    const rs_pictures *pictures;
    rs_buffer (*uris)[RS_CROPS];
} encoding;

static rs_status encode(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const encoding *all = arg;
    const rs_crop *crop = &all->pictures->crops[item / RS_CROPS][item % RS_CROPS];
    rs_buffer *uri = &all->uris[item / RS_CROPS][item % RS_CROPS];
    return crop->grey ? rs_markup_png(ctx, uri, crop->grey, RS_CROP_PIXELS, RS_CROP_PIXELS) : RS_OK;
}

static rs_status figure(rs_page *page, const encoding *all, int m, int which)
{
    static const double box[4] = {0, 0, 100, 100};
    const rs_report_mark *mark = &page->report->marks[m];
    const rs_draw to = {.svg = page->out};
    char label[160];
    if (!page->pictures->crops[m][which].grey) return RS_OK;
    rs_crop_caption(rs_page_new(&page->said), page->pictures, page->report, mark, m, which);
    (void)rs_text_format(label, sizeof label, "%s, %s, %s, %s", mark->id, mark->size.text ? mark->size.text : "",
                         rs_page_text(&page->said), which == RS_CROP_CALIPERS ? "calipers" : "outline");
    rs_buffer_text(page->out, "<figure>");
    rs_svg_begin(page->out, box, "crop", label);
    rs_buffer_text(page->out, "<image width=\"100\" height=\"100\" href=\"");
    rs_buffer_add(page->out, all->uris[m][which].data, all->uris[m][which].bytes);
    rs_buffer_text(page->out, "\"/>");
    RS_TRY(rs_crop_draw(page->ctx, &to, page->pictures, mark, m, which));
    rs_svg_end(page->out);
    rs_page_element(page->out, "figcaption", rs_page_text(&page->said));
    rs_buffer_text(page->out, "</figure>\n");
    return RS_OK;
}

/* The strip holds the slices below the axial one, then those above; data-below says how many come first. */
static rs_status figures(rs_page *page, const encoding *all, int m)
{
    int below = 0;
    rs_buffer_text(page->out, "<div class=\"planes\">\n");
    for (int w = 0; w <= RS_CROP_CALIPERS; w++)
        RS_TRY(figure(page, all, m, w));
    for (int n = 0; n < RS_NEIGHBOURS; n++)
        below += page->pictures->crops[m][RS_CROP_FIRST_NEIGHBOUR + n].grey != NULL;
    rs_buffer_printf(page->out,
                     "</div>\n<details class=\"beside\"><summary>Slices beside the axial picture</summary>"
                     "<div class=\"strip\" data-below=\"%d\">\n",
                     below);
    for (int w = RS_CROP_FIRST_NEIGHBOUR; w < RS_CROPS; w++)
        RS_TRY(figure(page, all, m, w));
    rs_buffer_text(page->out, "</div></details>\n");
    return RS_OK;
}

static rs_status facts(rs_page *page, const rs_report_mark *mark)
{
    rs_fact_row rows[RS_FACTS_MAX];
    int n = 0;
    rs_arena *scratch = rs_scratch(page->ctx);
    if (!scratch) return rs_fail_memory(page->ctx, "a card");
    rs_arena_mark where = rs_arena_where(scratch);
    rs_status status = rs_say_facts(page->ctx, scratch, mark, rows, &n);
    rs_buffer_text(page->out, "<dl>\n");
    for (int f = 0; f < n && status == RS_OK; f++) {
        rs_buffer_printf(page->out, "<div%s><dt>%s</dt><dd>", rows[f].wide ? " class=\"wide\"" : "", rows[f].name);
        rs_page_said(page->out, rows[f].text);
        rs_buffer_text(page->out, "</dd></div>\n");
    }
    rs_buffer_text(page->out, "</dl>\n");
    rs_arena_rewind(scratch, where);
    return status;
}

static rs_status card(rs_page *page, const encoding *all, int m)
{
    const rs_report_mark *mark = &page->report->marks[m];
    const rs_say_class *of = rs_say_class_of(mark->size.size_class);
    rs_buffer *out = page->out;
    rs_buffer_printf(out, "<article class=\"card\" id=\"%s\">\n<h3%s>%s <span>", mark->id,
                     rs_say_not_real(mark) ? " class=\"crossed\"" : "", mark->id);
    rs_markup_text(out, mark->size.text);
    rs_buffer_printf(out, "</span> <b class=\"%s\">%s</b>", of->style, of->words);
    if (mark->pointed) rs_buffer_text(out, " <span class=\"pointed\">pointed at by a person</span>");
    rs_buffer_text(out, mark->review.text ? " " : "");
    rs_page_element(out, "b class=\"reader\"", mark->review.text);
    if (all->uris) rs_buffer_printf(out, " <small>%s; outline: segmented voxels</small>", rs_window_words(mark));
    rs_buffer_text(out, "</h3>\n");
    if (all->uris) RS_TRY(figures(page, all, m));
    RS_TRY(facts(page, mark));
    rs_buffer_text(out, "<p class=\"reader\">reader: <i></i>metastasis <i></i>other <i></i>not real <i></i>unsure "
                        "<span class=\"pen\">initials</span></p>\n</article>\n");
    return RS_OK;
}

static rs_status cards(rs_page *page, const encoding *all, int n)
{
    rs_buffer_text(page->out, "<section class=\"cards\">\n<h2>Mark by mark</h2>\n");
    if (n < page->report->n_marks)
        rs_buffer_printf(page->out,
                         "<p>The first %d of %d marks have a card; all stand in the table and in lesions.csv.</p>\n", n,
                         page->report->n_marks);
    for (int m = 0; m < n; m++)
        RS_TRY(card(page, all, m));
    rs_buffer_text(page->out, "</section>\n");
    return RS_OK;
}

rs_status rs_page_cards(rs_page *page)
{
    const int n = page->pictures->n_cards;
    if (n == 0) return RS_OK;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(page->ctx, "the pictures");
    encoding all = {page->pictures, NULL};
    rs_status status = RS_OK;
    if (page->pictures->crops) {
        all.uris = rs_arena_alloc(arena, (size_t)n, sizeof *all.uris);
        status = all.uris ? rs_parallel_for(page->ctx, (int64_t)n * RS_CROPS, encode, &all)
                          : rs_fail_memory(page->ctx, "the pictures");
    }
    if (status == RS_OK) status = cards(page, &all, n);
    for (int i = 0; all.uris && i < n * RS_CROPS; i++)
        rs_buffer_free(&all.uris[i / RS_CROPS][i % RS_CROPS]);
    rs_arena_free(arena);
    return status;
}
