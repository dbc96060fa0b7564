/* The rows of a structured report in the making: the parts of TID 1500 add theirs in the order of the template. A row
   that finds no memory or no code is remembered and told once, at the end. */
#ifndef PACKET_SR_ROWS_H
#define PACKET_SR_ROWS_H

#include "codes.h"
#include "packet.h"

typedef struct rs_sr_rows {
    rs_context *ctx;
    rs_arena *arena;
    const rs_report *report;
    bool has_seg;     /* a segmentation object is written beside it */
    const char *tag;  /* before the ids of marks with calipers: viewers read those back by the name of their tool */
    bool plain;       /* no uncertainty children (--sr-plain) */
    rs_status status; /* of the first row that failed; the message is the context's */
    void *items;      /* rs_sr_item */
    int n, capacity;
    rs_sr_item spare; /* takes what is set in a row that found no memory */
} rs_sr_rows;

/** A row of this kind, to be filled; never NULL. */
rs_sr_item *rs_sr_add(rs_sr_rows *rows, int level, rs_sr_relation relation, rs_sr_type type, const rs_dicom_code *name);

/** A container; template_id NULL for none. */
void rs_sr_container(rs_sr_rows *rows, int level, const rs_dicom_code *name, const char *template_id);

void rs_sr_code(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name,
                const rs_dicom_code *value);

/** A code that a word of the report stands for, below a concept of ours; false, and no row, for NULL. */
bool rs_sr_word(rs_sr_rows *rows, int level, rs_own concept, const char *word);

/** A text in ASCII; no row for NULL and "". */
void rs_sr_text(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *text);
void rs_sr_say(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *format, ...)
    RS_PRINTF(5, 6);

/** A number of the report, with the report's digits; false, and no row, for NaN: viewers stop at a NUM without value.
 */
bool rs_sr_number(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, double value,
                  const rs_dicom_code *unit);

void rs_sr_uid(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *uid);

/** An image of the source, with its frame where its file has several. */
void rs_sr_image(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_report_image *image);

/** Points on an image: a SCOORD and the image below it. */
void rs_sr_polyline(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name,
                    const double (*points)[2], int n_points, const rs_report_image *image);

/** Finding Site with Laterality; no row for an organ that is not known. */
void rs_sr_site(rs_sr_rows *rows, int level, const char *organ, const char *lobe, const char *side);

/** Every row of the report's document (TID 1500), in the arena: rows->items, rows->n. RS_OK; RS_DEFECT; RS_NO_MEMORY.
 */
RS_MUST_USE rs_status rs_sr_rows_of(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                                    rs_arena *arena, rs_sr_rows *rows);

/* The parts of TID 1500 that have a file of their own. */

/** The group, or with a segmentation the two groups, of a mark. */
void rs_sr_mark(rs_sr_rows *rows, const rs_report_mark *mark);

/** Organ states, notices, limitations, questions and blanks. */
void rs_sr_evaluations(rs_sr_rows *rows);

/* Where marks lie on the images of the source. */

/** The image that holds the largest section of a mark: that of its axes, else that nearest to its centre. */
const rs_report_image *rs_mark_image(const rs_report *report, const rs_report_mark *mark);

/** Column and row of a place on an image, straight along the normal; (0.5, 0.5) is the centre of the first pixel;
    within [0, columns] and [0, rows]. */
void rs_image_point(const rs_report_filing *filing, const rs_report_image *image, const double lps_mm[3],
                    double point[2]);

/**
 * Outline of a mark on an image, closed (first point = last), around whole pixels: of the largest part of the section
 * that hangs together by edges; of the pixel below its centre where no pixel of the mask lies there.
 *
 * points   in the arena
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_mark_outline(rs_context *ctx, const rs_report *report, const rs_report_mark *mark,
                                      const rs_report_image *image, rs_arena *arena, const double (**points)[2],
                                      int *n_points);

/** A copy in ASCII: signs that have a like become it, every other letter '?'. NULL when out of memory, and for NULL. */
const char *rs_ascii(rs_arena *arena, const char *text);

#endif
