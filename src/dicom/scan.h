/* Where things lie in a DICOM file: a walk over the raw bytes that checks every length before DCMTK sees them, finds
   the pixels, and keeps the places of what geometry and pixels depend on. Iterative, without allocation; knows no
   DCMTK. */
#ifndef DICOM_SCAN_H
#define DICOM_SCAN_H

#include "dicom/dicom.h"
#include "source.h"
#include "syntax.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The stack of the walk: a limit of nesting above this counts as this. */
enum { RS_SCAN_NESTING_MOST = 256 };

/* Top-level attributes whose place is kept; none of them may stand twice with different values. X(name, tag) */
#define RS_SCAN_TABLE(X)                                                                                               \
    X(SOP_CLASS, 0x00080016)                                                                                           \
    X(SOP_INSTANCE, 0x00080018)                                                                                        \
    X(THICKNESS, 0x00180050)                                                                                           \
    X(STUDY, 0x0020000d)                                                                                               \
    X(SERIES, 0x0020000e)                                                                                              \
    X(POSITION, 0x00200032)                                                                                            \
    X(ORIENTATION, 0x00200037)                                                                                         \
    X(SAMPLES, 0x00280002)                                                                                             \
    X(PHOTOMETRIC, 0x00280004)                                                                                         \
    X(FRAMES, 0x00280008)                                                                                              \
    X(ROWS, 0x00280010)                                                                                                \
    X(COLUMNS, 0x00280011)                                                                                             \
    X(PIXEL_SPACING, 0x00280030)                                                                                       \
    X(BITS_ALLOCATED, 0x00280100)                                                                                      \
    X(BITS_STORED, 0x00280101)                                                                                         \
    X(HIGH_BIT, 0x00280102)                                                                                            \
    X(PIXEL_REPRESENTATION, 0x00280103)                                                                                \
    X(PADDING_VALUE, 0x00280120)                                                                                       \
    X(PADDING_LIMIT, 0x00280121)                                                                                       \
    X(INTERCEPT, 0x00281052)                                                                                           \
    X(SLOPE, 0x00281053)

typedef enum rs_scan_name {
#define RS_SCAN_ENUM(name, tag) RS_SCAN_##name,
    RS_SCAN_TABLE(RS_SCAN_ENUM)
#undef RS_SCAN_ENUM
        RS_SCAN_COUNT
} rs_scan_name;

typedef struct rs_scan_value {
    size_t at, n_bytes; /* at 0: not there */
} rs_scan_value;

typedef struct rs_scan {
    const uint8_t *bytes; /* the file, or what deflate made of it */
    size_t n_bytes;
    rs_source *source;         /* where bytes are read when they are looked at; NULL: all are there */
    char syntax_uid[65];       /* "" in a bare data set */
    const rs_syntax *syntax;   /* never NULL */
    bool implicit, big_endian; /* as the data set really is */
    size_t body;               /* where the data set begins */
    size_t header_end;         /* where the top-level pixels begin, else the end */
    bool has_pixels, encapsulated;
    bool words;              /* the pixels are written as words (OW) */
    rs_dicom_number number;  /* by the element: PixelData, FloatPixelData, DoubleFloatPixelData */
    size_t pixels, n_pixels; /* the value of that element; encapsulated: first item to the end of the delimiter */
    int64_t n_fragments;     /* without the offset table */
    rs_scan_value value[RS_SCAN_COUNT];
} rs_scan;

/**
 * Finds the transfer syntax and the start of the data set, by tag and not by the group length, which may lie.
 *
 * returns  RS_OK; RS_NO_INPUT (no DICOM); RS_DATA
 */
RS_MUST_USE rs_status rs_scan_meta(rs_context *ctx, const uint8_t *bytes, size_t n_bytes, rs_scan *out);

/** The same for a file that is read by pieces. */
RS_MUST_USE rs_status rs_scan_meta_of(rs_context *ctx, rs_source *source, rs_scan *out);

/** Has n bytes at pos there, and all before them. RS_OK; RS_IO; RS_AGAIN. */
RS_MUST_USE rs_status rs_scan_need(rs_context *ctx, const rs_scan *scan, size_t pos, size_t n);

/** Walks the data set up to and with the top-level pixels. RS_OK; RS_NO_INPUT (bytes that only look like a bare data
   set); RS_DATA. */
RS_MUST_USE rs_status rs_scan_body(rs_context *ctx, rs_scan *scan);

/** Bytes of pixels that the values found so far declare, 0 where they declare none that a limit allows. */
uint64_t rs_scan_declared(const rs_context *ctx, const rs_scan *scan);

/** A US or SS value: *out as it is stored (0 … 65535). False where it is missing or no 2 bytes. */
bool rs_scan_word(const rs_scan *scan, rs_scan_name name, uint16_t *out);

uint16_t rs_scan_u16(const uint8_t *bytes, bool big_endian);
uint32_t rs_scan_u32(const uint8_t *bytes, bool big_endian);

/** Would DCMTK read an implicit element of this tag as a sequence? (dictionary; file.cc) */
bool rs_scan_is_sequence(uint32_t tag);

#ifdef __cplusplus
}
#endif
#endif
