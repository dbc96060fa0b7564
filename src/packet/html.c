/* report.html: one file, no script, no network, nothing from outside (reporting D, integration E). */
#include "page.h"

#include <string.h>

#include "digest/digest.h"

/* The hash that lets our own style through the page's policy, as base64 of the digest. */
static rs_status style_hash(rs_context *ctx, rs_buffer *out)
{
    char hex[65];
    uint8_t bytes[32];
    RS_TRY(rs_sha256_hex(ctx, rs_page_style, strlen(rs_page_style), hex));
    for (int i = 0; i < 64; i++) {
        int digit = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10;
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] << 4 | digit : digit);
    }
    rs_markup_base64(out, bytes, sizeof bytes);
    return RS_OK;
}

static rs_status head(rs_context *ctx, rs_buffer *out)
{
    rs_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                        "style-src 'sha256-");
    RS_TRY(style_hash(ctx, out));
    rs_buffer_text(out, "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>restage report</title>\n<style>");
    rs_buffer_text(out, rs_page_style);
    rs_buffer_text(out, "</style>\n</head>\n<body>\n<main>\n");
    return RS_OK;
}

static rs_status page(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_buffer *out)
{
    RS_TRY(head(ctx, out));
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
