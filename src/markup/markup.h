/* Text, pictures and figures: escaping, base64, PNG as a file or as data URI, the few shapes of SVG that a report
   draws. Everything is appended to an rs_buffer, whose flag `failed` tells at the end whether memory was lacking. */
#ifndef MARKUP_MARKUP_H
#define MARKUP_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/files.h"

/** Appends text for HTML or XML, in an element or in a quoted attribute: & < > " ' as entities, control characters and
    broken UTF-8 as '?'. NULL appends nothing. */
void rs_markup_text(rs_buffer *out, const char *text);

/** Appends bytes in base64 (RFC 4648), padded. */
void rs_markup_base64(rs_buffer *out, const void *data, size_t bytes);

/**
 * Appends a grey picture as data:image/png;base64,… — a text for an attribute.
 *
 * grey     width * height bytes, rows from the top, 0 black
 * returns  RS_OK; RS_NO_MEMORY; RS_DEFECT (a size below 1)
 */
RS_MUST_USE rs_status rs_markup_png(rs_context *ctx, rs_buffer *out, const uint8_t *grey, int width, int height);

/**
 * Begins a page that is whole in itself: no network, pictures as data alone; its style and its script by their hashes
 * in the page's own policy. What is left open: <main>, <body>, <html>.
 *
 * script   that the caller puts into its <script> at the end, byte for byte; NULL: none
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_markup_page_begin(rs_context *ctx, rs_buffer *out, const char *title, const char *style,
                                           const char *script);

/* A picture: width * height pixels from the top left, one byte of grey (0 black) or three of red, green and blue. */
typedef struct rs_picture {
    uint8_t *pixels;
    int width, height, channels; /* channels: 1 or 3 */
} rs_picture;

/** Appends a picture as a PNG file. Errors as rs_markup_png. */
RS_MUST_USE rs_status rs_markup_png_file(rs_context *ctx, rs_buffer *out, const rs_picture *picture);

/** Version of libpng as it was loaded, "1.6.39"; static. */
const char *rs_markup_library_version(void);

/**
 * Begins an SVG picture, or ends it.
 *
 * box          left, top, width, height of what is shown, in the units of the shapes
 * style_class  class for CSS
 * label        what the picture says, for people who do not see it
 */
void rs_svg_begin(rs_buffer *out, const double box[4], const char *style_class, const char *label);
void rs_svg_end(rs_buffer *out);

/** Shapes, each with a class for CSS; coordinates to 0.01. */
void rs_svg_line(rs_buffer *out, const char *style_class, double x1, double y1, double x2, double y2);
void rs_svg_rect(rs_buffer *out, const char *style_class, double x, double y, double width, double height);
void rs_svg_circle(rs_buffer *out, const char *style_class, double x, double y, double radius);
void rs_svg_polygon(rs_buffer *out, const char *style_class, const double (*at)[2], int n);
void rs_svg_text(rs_buffer *out, const char *style_class, double x, double y, const char *text);

/* A mask in a plane and where it is drawn: cell (column, row) covers columns x = at[0] + column * step[0] to one step
   further, and the same for rows with at[1] and step[1]. */
typedef struct rs_svg_mask {
    const uint8_t *cells; /* 0 or 1, columns fastest */
    int columns, rows;
    double at[2], step[2];
} rs_svg_mask;

/* One straight edge of a mask, across (y1 = y2) or down (x1 = x2). */
typedef void (*rs_markup_edge)(void *arg, double x1, double y1, double x2, double y2);

/** Calls edge for the edges of the mask's cells against the rest, neighbours in a line joined; those across first. */
void rs_markup_edges(const rs_svg_mask *mask, rs_markup_edge edge, void *arg);

/** Appends the outline of a mask as one path along the edges of its cells; nothing for an empty mask. */
void rs_svg_outline(rs_buffer *out, const char *style_class, const rs_svg_mask *mask);

#endif
