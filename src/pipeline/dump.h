/* What a station made, as files of OUT.dump for people who look for a fault or try a method of their own. Nothing in
   them names the patient. */
#ifndef PIPELINE_DUMP_H
#define PIPELINE_DUMP_H

#include "line.h"
#include "markup/markup.h"
#include "restage/json.h"

/* 01-series.json: every series with its verdict, why it is used or not, its slices. */
RS_MUST_USE rs_status rs_dump_series(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 02-read.nii: the volume. */
RS_MUST_USE rs_status rs_dump_read(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 03-organs.nii: labels (region + 1); 03-organs.json: the regions; 03-organs.png: three planes with them tinted. */
RS_MUST_USE rs_status rs_dump_organs(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 04-quality.json */
RS_MUST_USE rs_status rs_dump_quality(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 05-detect.csv: every candidate, LUNA16 columns first; 05-detect-rays42.npy: rays of every row, int16 HU, rows x 42 x
   16; 05-detect-rays162.npy: finer ones of the rows with rays162_row; 05-detect.png: the best on three planes. */
RS_MUST_USE rs_status rs_dump_detect(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 06-measure.csv: every field of a lesion. */
RS_MUST_USE rs_status rs_dump_measure(rs_context *ctx, const rs_line *line, rs_folder *folder);
/* 07-report.json: report.json as the packet has it. */
RS_MUST_USE rs_status rs_dump_report(rs_context *ctx, const rs_line *line, rs_folder *folder);

/* dump.json, by which the folder is known. stopped_after: NULL where a packet was written. */
RS_MUST_USE rs_status rs_dump_index(rs_context *ctx, const char *const *stations, int n, const char *stopped_after,
                                    rs_folder *folder);

/* ---- dump.c: what the others share ---- */

/** Streams a volume; the name's ending picks the format. */
RS_MUST_USE rs_status rs_dump_volume(rs_context *ctx, const rs_line *line, const rs_volume *volume, rs_folder *folder,
                                     const char *name);
/** Writes a tree, which it frees. */
RS_MUST_USE rs_status rs_dump_json(rs_context *ctx, rs_json *root, rs_folder *folder, const char *name);
/** Writes a buffer, which it frees. */
RS_MUST_USE rs_status rs_dump_buffer(rs_context *ctx, rs_buffer *buffer, rs_folder *folder, const char *name);
/** "03-organs.nii", or "03-organs-2.nii" for the second case that has one (turn 1). */
void rs_dump_name(char out[64], const char *stem, int turn, const char *ending);
/** Numbers into an array of JSON, to 9 decimals. */
rs_json *rs_dump_numbers(const double *values, int n);

/** A cell with all digits that name a number; NaN: empty. */
void rs_dump_number(rs_csv_row *row, double value);

/* ---- dump_picture.c ---- */

typedef struct rs_dump_ring {
    double index[3], radius_mm;
    uint8_t colour[3];
} rs_dump_ring;

typedef struct rs_dump_planes {
    const rs_volume *volume;
    const rs_regions *regions; /* the planes go through the middle of what is searched, else of the image */
    bool tint;                 /* regions in colours */
    const rs_dump_ring *rings; /* drawn where they lie along a plane's normal or not, dim where far from it */
    int n_rings;
} rs_dump_planes;

/** Draws an axial, a coronal and a sagittal plane beside each other (those of the volume's own axes). */
RS_MUST_USE rs_status rs_dump_picture(rs_context *ctx, const rs_dump_planes *planes, rs_folder *folder,
                                      const char *name);

#endif
