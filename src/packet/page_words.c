/* Texts of the report as elements, escaped. */
#include "page.h"

#include <string.h>

/* The stretches of paper.h become elements of these classes. */
static const char *const stretches[] = {"source", "reader", "none"};

void rs_page_said(rs_buffer *out, const char *text)
{
    char piece[512];
    while (text && *text) {
        unsigned char c = (unsigned char)*text;
        if (c >= 1 && c <= 3) {
            rs_buffer_printf(out, "<span class=\"%s\">", stretches[c - 1]);
            text++;
        } else if (c == 4) {
            rs_buffer_text(out, "</span>");
            text++;
        } else {
            size_t n = strcspn(text, "\001\002\003\004"), most = sizeof piece - 1;
            if (n > most) { /* not amid a character */
                n = most;
                while (n > 1 && ((unsigned char)text[n] & 0xC0) == 0x80)
                    n--;
            }
            memcpy(piece, text, n);
            piece[n] = 0;
            rs_markup_text(out, piece);
            text += n;
        }
    }
}

void rs_page_element(rs_buffer *out, const char *name_and_attributes, const char *text)
{
    if (!text) return;
    rs_buffer_printf(out, "<%s>", name_and_attributes);
    rs_page_said(out, text);
    rs_buffer_printf(out, "</%.*s>\n", (int)strcspn(name_and_attributes, " "), name_and_attributes);
}

const char *rs_page_text(rs_buffer *said)
{
    return said->data ? said->data : "";
}

rs_buffer *rs_page_new(rs_buffer *said)
{
    said->bytes = 0;
    if (said->data) said->data[0] = 0;
    return said;
}

void rs_page_bar(rs_buffer *out, const rs_report_size *size)
{
    static const double box[4] = {0, 0, 128, 16};
    const rs_draw to = {.svg = out};
    rs_svg_begin(out, box, "bar", size->text ? size->text : "size not known");
    rs_draw_bar(&to, size);
    rs_svg_end(out);
}
