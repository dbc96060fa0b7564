/* TIFF as a stack of pages, one a slice, made in memory by libtiff and written by whoever has a file or a folder: no
   byte depends on when or where it is made. */
#ifndef FORMATS_TIFF_H
#define FORMATS_TIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/volume.h"

typedef struct rs_tiff rs_tiff;

typedef enum rs_tiff_sample { RS_TIFF_UINT8 = 0, RS_TIFF_UINT16, RS_TIFF_INT16, RS_TIFF_FLOAT } rs_tiff_sample;

typedef struct rs_tiff_form {
    const rs_geometry *geometry; /* columns and rows of a page, and n[2] pages */
    rs_tiff_sample sample;
    bool packed;       /* deflate; else the pixels as they are */
    const char *about; /* lines for ImageDescription behind those on the grid, each with its line end; NULL: none */
} rs_tiff_form;

/* The file's bytes, in pieces one behind the other. */
typedef struct rs_tiff_parts {
    const void *const *data;
    const size_t *bytes;
    int n;
} rs_tiff_parts;

/**
 * Begins a file.
 *
 * arena    holds what is made
 * returns  RS_OK; RS_NO_MEMORY
 * out      end it with rs_tiff_end
 */
RS_MUST_USE rs_status rs_tiff_begin(rs_context *ctx, rs_arena *arena, const rs_tiff_form *form, rs_tiff **out);

/**
 * Adds the next page.
 *
 * pixels   columns fastest; must live as long as the parts where the form is not packed
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_tiff_page(rs_context *ctx, rs_tiff *tiff, const void *pixels);

/** The parts of the whole file, after the last page; they live as long as arena and pixels. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_tiff_finish(rs_context *ctx, rs_tiff *tiff, rs_tiff_parts *out);

/** Ends it, finished or not; accepts NULL. */
void rs_tiff_end(rs_tiff *tiff);

/** Version of libtiff as it was loaded, "4.5.0"; static. */
const char *rs_tiff_library_version(void);

#endif
