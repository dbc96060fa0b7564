/* The head of a page of HTML for people. */
#include <string.h>

#include "digest/digest.h"
#include "markup.h"

/* The hash that lets a block of our own through the page's policy, as base64 of the digest. */
static rs_status block_hash(rs_context *ctx, rs_buffer *out, const char *block)
{
    char hex[65];
    uint8_t bytes[32];
    RS_TRY(rs_sha256_hex(ctx, block, strlen(block), hex));
    for (int i = 0; i < 64; i++) {
        int digit = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10;
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] << 4 | digit : digit);
    }
    rs_markup_base64(out, bytes, sizeof bytes);
    return RS_OK;
}

rs_status rs_markup_page_begin(rs_context *ctx, rs_buffer *out, const char *title, const char *style,
                               const char *script)
{
    rs_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                        "style-src 'sha256-");
    RS_TRY(block_hash(ctx, out, style));
    if (script) {
        rs_buffer_text(out, "'; script-src 'sha256-");
        RS_TRY(block_hash(ctx, out, script));
    }
    rs_buffer_text(out, "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    rs_markup_text(out, title);
    rs_buffer_text(out, "</title>\n<style>");
    rs_buffer_text(out, style);
    rs_buffer_text(out, "</style>\n</head>\n<body>\n<main>\n");
    return RS_OK;
}
