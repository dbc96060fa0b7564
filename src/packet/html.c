/* report.html: one file, no network, nothing from outside; without script all is there (reporting D, integration E). */
#include "page.h"

#include <string.h>

static rs_status sections(rs_page *page)
{
    const bool assessed = strcmp(page->report->assessed, "none") != 0;
    RS_TRY(rs_markup_page_begin(page->ctx, page->out, "restage report", rs_page_style, rs_page_script));
    rs_page_front(page);
    if (assessed) {
        RS_TRY(rs_page_overview(page));
        rs_page_marks(page);
    }
    rs_page_questions(page);
    if (assessed) RS_TRY(rs_page_cards(page));
    rs_page_back(page);
    rs_buffer_printf(page->out, "</main>\n<script>%s</script>\n</body>\n</html>\n", rs_page_script);
    return page->out->failed || page->said.failed ? rs_fail_memory(page->ctx, "report.html") : RS_OK;
}

rs_status rs_write_html(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                        const char *file_name)
{
    rs_buffer out = {0};
    rs_page page = {.ctx = ctx, .out = &out, .report = report, .pictures = sources->pictures};
    rs_status status = sections(&page);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, file_name, out.data, out.bytes);
    rs_buffer_free(&page.said);
    rs_buffer_free(&out);
    return status;
}
