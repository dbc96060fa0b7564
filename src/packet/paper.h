/* A4 sheets of report.pdf: texts, lines, boxes and grey pictures by libharu, whose memory comes from the house. Places
   and lengths are mm from the top left of the sheet, sizes of type are points. What fails is remembered and told by
   rs_paper_finish; until then the calls do nothing. */
#ifndef PACKET_PAPER_H
#define PACKET_PAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/files.h"

#define RS_PAPER_WIDTH_MM 210.0
#define RS_PAPER_HEIGHT_MM 297.0
#define RS_PAPER_MARGIN_MM 12.0
#define RS_PAPER_INNER_MM (RS_PAPER_WIDTH_MM - 2 * RS_PAPER_MARGIN_MM)

/* Begin and end of a stretch of text that is the source's, a reader's, or says that something is missing: bytes of a
   sentence that no file prints. HTML makes elements of them, paper drops them. */
#define RS_SAY_SOURCE "\001"
#define RS_SAY_READER "\002"
#define RS_SAY_NONE "\003"
#define RS_SAY_END "\004"

typedef struct rs_paper rs_paper;

typedef struct rs_type {
    double pt;
    bool bold;
    uint32_t rgb; /* 0xRRGGBB */
} rs_type;

/* How a line or a shape looks; a width of 0 draws no border, a negative fill fills nothing. */
typedef struct rs_stroke {
    double width_mm;
    uint32_t rgb;
    int64_t fill_rgb;
    double dash_mm; /* 0: solid */
} rs_stroke;

/**
 * Looks whether the faces that report.pdf embeds can be used.
 *
 * folder   that holds the folders "dejavu" and "droid"; NULL: Debian's, /usr/share/fonts/truetype
 * reason   NULL where they can; else why not and what to install, static
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_paper_faces(rs_context *ctx, const char *folder, const char **reason);

/**
 * A document without sheets.
 *
 * folder   as above; must hold the faces
 * out      end it with rs_paper_free
 * returns  RS_OK; RS_NO_MEMORY; RS_IO (a face cannot be read any more)
 */
RS_MUST_USE rs_status rs_paper_new(rs_context *ctx, const char *folder, rs_paper **out);
void rs_paper_free(rs_paper *paper);

/** Adds a sheet and draws on it from now on. */
void rs_paper_add(rs_paper *paper);
/** Draws on sheet n (0-based) from now on. */
void rs_paper_turn_to(rs_paper *paper, int sheet);
int rs_paper_sheets(const rs_paper *paper);

/** Appends the whole file. RS_OK; RS_NO_MEMORY; RS_DEFECT (libharu refused a call; the sentence has its number). */
RS_MUST_USE rs_status rs_paper_finish(rs_context *ctx, rs_paper *paper, rs_buffer *out);

/** Can every letter of a text be set with the faces that are there (Latin, Greek, Cyrillic; CJK where its face is)? */
bool rs_paper_can_set(const rs_paper *paper, const char *text);

/** Width of a text in mm; what cannot be set counts as the '?' that stands for it. NULL: 0. */
double rs_paper_width(rs_paper *paper, const rs_type *type, const char *text);

/** Sets a text from x on the base line y; returns its width. */
double rs_paper_text(rs_paper *paper, const rs_type *type, double x, double y, const char *text);

/** Sets a text wrapped into lines, the first one's top at y; returns the y below the last. NULL: y. */
double rs_paper_paragraph(rs_paper *paper, const rs_type *type, double x, double y, double width, const char *text);

/** Height that rs_paper_paragraph takes; nothing is drawn. */
double rs_paper_paragraph_mm(rs_paper *paper, const rs_type *type, double width, const char *text);

/** Distance of base lines of a type. */
double rs_paper_leading_mm(const rs_type *type);

void rs_paper_line(rs_paper *paper, const rs_stroke *stroke, double x1, double y1, double x2, double y2);
void rs_paper_rect(rs_paper *paper, const rs_stroke *stroke, double x, double y, double width, double height);
void rs_paper_circle(rs_paper *paper, const rs_stroke *stroke, double x, double y, double radius);
/** Closed polygon through n places x, y. */
void rs_paper_polygon(rs_paper *paper, const rs_stroke *stroke, const double (*at)[2], int n);

/** Grey picture of columns * rows bytes from the top left, 0 black. */
void rs_paper_picture(rs_paper *paper, const uint8_t *grey, int columns, int rows, double x, double y, double width,
                      double height);

/** Cuts what is drawn to a box, until rs_paper_unclip. */
void rs_paper_clip(rs_paper *paper, double x, double y, double width, double height);
void rs_paper_unclip(rs_paper *paper);

#endif
