/* A library of cut-outs of real nodules: cutouts.csv, image/ and mask/ below one folder. Image and mask are resampled
   to the grid of a scan, with their own texture; how that blends in is insert_render.c's business. */
#ifndef PHANTOM_LIBRARY_H
#define PHANTOM_LIBRARY_H

#include "insert_room.h"

typedef struct rs_library_row {
    const char *file, *patient;
    double nominal_mm;                        /* of equal volume, by the readers' mask */
    double texture, calcification, structure; /* the readers' medians */
} rs_library_row;

typedef struct rs_library {
    const char *folder;
    rs_library_row *rows;
    int n;
    int32_t *deck; /* their numbers, shuffled anew when all were drawn */
    int drawn, rounds;
} rs_library;

/* One of them, ready to be sampled: what lies beside the nodule in its own scan is taken out, its PSF is brought to the
   scan's where that is the wider one. */
typedef struct rs_cutout {
    const rs_library_row *row;
    int32_t n[3];
    double spacing_mm[3], centre_mm[3]; /* of the mask, in the frame of the cut-out */
    float *hu, *mask;
    float *blurred; /* the mask through the PSF of the scan */
    rs_insert_density density;
    double inside_hu, background_hu;
    double core_hu;  /* mean of what lies deepest in the mask */
    double noise_hu; /* SD of what it brings along, on the scan's grid */
    double left_hu;  /* the same behind what was taken off it */
} rs_cutout;

typedef struct rs_library_args {
    const char *folder, *patients; /* patients NULL: all */
    double smallest_mm, largest_mm;
} rs_library_args;

/** Reads the table; with patients only their rows, and of all those whose effective diameters lie between the bounds.
    RS_OK; RS_NO_INPUT (no such folder or file); RS_DATA (a table without the columns; nothing is left); RS_NO_MEMORY.
 */
RS_MUST_USE rs_status rs_library_read(rs_context *ctx, rs_arena *arena, const rs_library_args *args, rs_library *out);

/** Makes a drawn lesion the next one of the library. Each is drawn once before one is drawn again. RS_OK; RS_NO_INPUT,
    RS_DATA (image or mask); ... */
RS_MUST_USE rs_status rs_library_pick(rs_context *ctx, rs_arena *arena, const rs_insert_scene *scene,
                                      rs_insert_lesion *lesion);

/** What a cut-out is, by the readers and by the mean of its core: what is called solid and measures as glass is not. */
rs_insert_density rs_library_density(const rs_library_row *row, double core_hu);

/** Reads and prepares the cut-out of a row for the scan. */
RS_MUST_USE rs_status rs_cutout_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *scene,
                                    const rs_library *library, const rs_library_row *row, rs_cutout *out);

/** Is a place (from the lesion's origin, along the scan's grid) inside the mask? */
bool rs_cutout_has(const rs_insert_lesion *lesion, const double from_origin_mm[3]);

/** Is it there where the cut-out takes the scan's place: as far as a border that lies at the mask's is seen? */
bool rs_cutout_shows(const rs_insert_lesion *lesion, const double from_origin_mm[3]);

/** Its HU there. */
double rs_cutout_hu(const rs_insert_lesion *lesion, const double from_origin_mm[3]);

/** Its file's name. */
const char *rs_cutout_name(const rs_cutout *cutout);

#endif
