/* report.html: one file, no script, no network, nothing from outside (reporting D, integration E). */
#include "page.h"

#include <string.h>

static rs_status page(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_buffer *out)
{
    RS_TRY(rs_markup_page_begin(ctx, out, "restage report", rs_page_style));
    rs_page_front(out, report);
    if (strcmp(report->assessed, "none") != 0) {
        RS_TRY(rs_page_overview(ctx, out, report, sources));
        rs_page_marks(out, report);
        RS_TRY(rs_page_cards(ctx, out, report, sources->volume));
    }
    rs_page_back(out, report);
    rs_buffer_text(out, "</main>\n</body>\n</html>\n");
    return out->failed ? rs_fail_memory(ctx, "report.html") : RS_OK;
}

rs_status rs_write_html(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                        const char *file_name)
{
    rs_buffer out = {0};
    rs_status status = page(ctx, report, sources, &out);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, file_name, out.data, out.bytes);
    rs_buffer_free(&out);
    return status;
}
