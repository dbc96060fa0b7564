/* DCMTK behind C. Plain structs, handles, rs_status; every DCMTK header stays in *.cc, no exception leaves. */
#ifndef DICOM_DICOM_H
#define DICOM_DICOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- reading ------------------------------------------------------------------------------------------------------ */

#define RS_TAG(group, element) (((uint32_t)(group) << 16) | (uint32_t)(element))

/* One file. Used by one thread at a time. */
typedef struct rs_dicom_file rs_dicom_file;

/* How a stored value is written. */
typedef enum rs_dicom_number {
    RS_DICOM_WHOLE = 0, /* integers of 1, 2 or 4 bytes */
    RS_DICOM_FLOAT,     /* FloatPixelData, 4 bytes */
    RS_DICOM_DOUBLE     /* DoubleFloatPixelData, 8 bytes */
} rs_dicom_number;

/* What the image attributes say, once they were held against each other and against the bytes that are there. */
typedef struct rs_dicom_image {
    bool has_pixels; /* false: no PixelData, and all below is 0 */
    int32_t rows, columns, samples_per_pixel, frames;
    rs_dicom_number number;
    int32_t bits_allocated, bits_stored, high_bit, pixel_representation; /* floating point: all bits, signed */
    char photometric[20];
    bool has_padding, has_padding_limit;
    int32_t padding_value, padding_range_limit; /* sign put right by pixel_representation */
} rs_dicom_image;

/* Stored values of some frames. value i: the bytes at i * bytes, masked to bits_stored, sign extended where
   is_signed (whole numbers only). */
typedef struct rs_dicom_pixels {
    const uint8_t *data; /* of any alignment */
    int64_t n;           /* rows * columns * frames asked for */
    int bytes;           /* of one value: 1, 2, 4 or 8 */
    rs_dicom_number number;
    bool big_endian, is_signed;
    int bits_stored; /* of the values as decoded: a codestream of JPEG 2000 may know better than the header */
} rs_dicom_pixels;

typedef enum rs_dicom_found {
    RS_DICOM_ABSENT = 0, /* not there, or empty */
    RS_DICOM_FOUND,
    RS_DICOM_BAD /* there, but not what it must be; *out is untouched */
} rs_dicom_found;

/**
 * Checks the structure of a file that was read whole (integration A.2.1: the bytes, not a path). Cheap: pixels are not
 * touched, DCMTK sees nothing.
 *
 * arena    for what deflate gives back; must live as long as the file
 * bytes    borrowed until rs_dicom_file_close
 * returns  RS_OK; RS_NO_INPUT (no DICOM at all); RS_DATA (DICOM, but refused: the sentence says why); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_dicom_file_open(rs_context *ctx, rs_arena *arena, const uint8_t *bytes, size_t n_bytes,
                                         rs_dicom_file **out);

/**
 * The same for a file by its path, of which only the header is read, and pixels once they are asked for (compressed
 * and deflated files: all at once). What is not read costs no memory.
 *
 * follow   a link at the end of path is followed
 * n_bytes  of the file; set as soon as it is open
 * returns  as rs_dicom_file_open; RS_DATA (above the limit); RS_IO (also where it is not there, or no regular file);
 *          RS_AGAIN (it changed; also later, from whatever has to read)
 */
RS_MUST_USE rs_status rs_dicom_file_read(rs_context *ctx, rs_arena *arena, const char *path, bool follow,
                                         rs_dicom_file **out, size_t *n_bytes);

/* What a refused file still says of where it belongs. */
typedef struct rs_dicom_remains {
    char series_uid[65], sop_instance_uid[65]; /* "": it does not say */
    bool has_position, has_orientation;
    double position_lps_mm[3], orientation[6]; /* of the data set itself, not of frames */
} rs_dicom_remains;

/**
 * What stands in a file before the place where it is damaged. Nothing of it was held against anything else.
 *
 * arena    for the time of the call
 * returns  RS_OK, also where nothing was found; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_dicom_file_remains(rs_context *ctx, rs_arena *arena, const char *path, bool follow,
                                            rs_dicom_remains *out);

/** All bytes of a file that rs_dicom_file_read opened, as they stand on the disk. RS_OK; RS_IO; RS_AGAIN. */
RS_MUST_USE rs_status rs_dicom_file_bytes(rs_context *ctx, rs_dicom_file *file, const uint8_t **bytes, size_t *n_bytes);

void rs_dicom_file_close(rs_dicom_file *file);

/** UID and name of the transfer syntax; static or as long as the file. */
const char *rs_dicom_file_syntax(const rs_dicom_file *file);
const char *rs_dicom_file_syntax_name(const rs_dicom_file *file);

/** False where the transfer syntax is known by name but its pixels cannot be decoded (MPEG, JPEG XL, ...). */
bool rs_dicom_file_decodes(const rs_dicom_file *file);

/** True where the pixels come out of a codec, or the whole data set out of deflate. */
bool rs_dicom_file_is_compressed(const rs_dicom_file *file);

/**
 * The image attributes, checked: sizes, bits, that the pixels that they promise are there (integration A.2.7), and for
 * one compressed frame that the codec's own header promises the same picture.
 *
 * returns  RS_OK (also without PixelData); RS_DATA
 */
RS_MUST_USE rs_status rs_dicom_file_image(rs_context *ctx, const rs_dicom_file *file, rs_dicom_image *out);

/** Reads the header (all but the pixels) by DCMTK; must come before the four getters below. RS_OK; RS_DATA;
 * RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_dicom_file_parse(rs_context *ctx, rs_dicom_file *file);

/* --- elements of a parsed file --- */

/* The data set, or an item of a sequence in it; borrowed from the file. */
typedef struct rs_dicom_item rs_dicom_item;

/** The data set itself. NULL before rs_dicom_file_parse. */
const rs_dicom_item *rs_dicom_file_root(const rs_dicom_file *file);

/** Items of a sequence; 0 where it is absent, empty, or no sequence. */
int rs_dicom_item_count(const rs_dicom_item *item, uint32_t sequence);

/** An item of a sequence, NULL outside 0 … count - 1. Walking them in order costs the same for each. */
const rs_dicom_item *rs_dicom_item_at(const rs_dicom_item *item, uint32_t sequence, int index);

/** Is the element there, and not empty? */
bool rs_dicom_item_has(const rs_dicom_item *item, uint32_t tag);

/**
 * Text of an element: outer blanks cut, as UTF-8 by the file's character set (bytes that do not convert become
 * U+FFFD), all values with '\\'.
 *
 * returns  "" where it is absent or no text; NULL when out of memory
 */
const char *rs_dicom_item_text(const rs_dicom_file *file, const rs_dicom_item *item, uint32_t tag, rs_arena *arena);

/** The first value of an IS, US, SS, UL or SL element, by our own strict grammar (integration A.2.6). */
rs_dicom_found rs_dicom_item_integer(const rs_dicom_item *item, uint32_t tag, int64_t *out);

/** Just n values (1 to 16) of a DS, FD or FL element, all finite. */
rs_dicom_found rs_dicom_item_reals(const rs_dicom_item *item, uint32_t tag, double *out, int n);

/** All values of a DS, FD or FL element (ContourData), all finite; in the arena. FOUND with *n >= 1. */
rs_dicom_found rs_dicom_item_real_list(const rs_dicom_item *item, uint32_t tag, rs_arena *arena, double **out, int *n);

/** The bytes of an element as they stand (OB, OW, UN), or of an US/SS list (LUTData); borrowed. False where absent. */
bool rs_dicom_item_bytes(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes);

/** The bytes of a text element just as its file has them, pad byte too, in its own character set; borrowed. False where
    it is absent; true with 0 bytes where it is empty. */
bool rs_dicom_item_raw(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes);

/** The same for the data set itself. */
const char *rs_dicom_file_text(const rs_dicom_file *file, uint32_t tag, rs_arena *arena);
rs_dicom_found rs_dicom_file_integer(const rs_dicom_file *file, uint32_t tag, int64_t *out);
rs_dicom_found rs_dicom_file_reals(const rs_dicom_file *file, uint32_t tag, double *out, int n);

/**
 * The stored values of some frames. Uncompressed values are not copied; others are decoded.
 *
 * first, n_frames  0-based, within the image's frames
 * out              points into the file's bytes or into what was decoded: until the next call or the end of the file
 * returns          RS_OK; RS_DATA (not 1 sample; cannot be decoded); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_dicom_file_pixels(rs_context *ctx, rs_dicom_file *file, int32_t first, int32_t n_frames,
                                           rs_dicom_pixels *out);

/**
 * The pixels of an uncompressed image of one bit a pixel (SEG): pixel p of frame f is bit f * rows * columns + p, the
 * lowest bit of a byte first (PS3.5 8.1.1); frames do not begin at a byte. As many bytes as the header promises.
 *
 * out      points into the file's bytes
 * returns  RS_OK; RS_DATA (more bits a pixel, compressed, big endian)
 */
RS_MUST_USE rs_status rs_dicom_file_bits(rs_context *ctx, const rs_dicom_file *file, const uint8_t **out,
                                         size_t *n_bytes);

/** Sets up the library with all that it loads once: before a fork, so that the child needs no file. RS_OK; RS_DEFECT.
 */
RS_MUST_USE rs_status rs_dicom_prepare(rs_context *ctx);

/* --- writing ------------------------------------------------------------------------------------------------------ */

typedef struct rs_dicom_out rs_dicom_out;

/** An empty data set. End it with rs_dicom_out_free. */
RS_MUST_USE rs_status rs_dicom_out_new(rs_context *ctx, rs_dicom_out **out);
void rs_dicom_out_free(rs_dicom_out *out);

/**
 * Begins a new item behind the others of a sequence, which is made where it is not there yet: what is set from now on
 * goes into it, until rs_dicom_out_end. Items may be begun within items.
 */
RS_MUST_USE rs_status rs_dicom_out_begin(rs_context *ctx, rs_dicom_out *out, uint32_t sequence);

/** Ends the item begun last. RS_OK; RS_DEFECT (none is open). */
RS_MUST_USE rs_status rs_dicom_out_end(rs_context *ctx, rs_dicom_out *out);

/** Sets an element, or a sequence, of length 0; what stood there goes. */
RS_MUST_USE rs_status rs_dicom_out_empty(rs_context *ctx, rs_dicom_out *out, uint32_t tag);

/** Takes an element away, where it is there. */
RS_MUST_USE rs_status rs_dicom_out_remove(rs_context *ctx, rs_dicom_out *out, uint32_t tag);

/** Sets an element from its text (multiple values parted by '\'); the VR comes from the dictionary. */
RS_MUST_USE rs_status rs_dicom_out_text(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const char *value);

/**
 * Sets an element of text to bytes that another file has, whatever they say: nothing is checked or converted. The VR
 * comes from the dictionary; an odd number of bytes gets the pad byte of its VR.
 */
RS_MUST_USE rs_status rs_dicom_out_raw(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint8_t *bytes,
                                       size_t n_bytes);

/** Sets a US or SS element. */
RS_MUST_USE rs_status rs_dicom_out_number(rs_context *ctx, rs_dicom_out *out, uint32_t tag, int32_t value);

/** Sets an US, UL or AT element to several values; of AT, group << 16 | element. */
RS_MUST_USE rs_status rs_dicom_out_numbers(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint32_t *values,
                                           int n);

/** Sets an OB element, copied; an odd number of bytes gets a 0 behind. PixelData too (bits of a segmentation). */
RS_MUST_USE rs_status rs_dicom_out_bytes(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint8_t *bytes,
                                         size_t n_bytes);

/** Sets PixelData as OW, little endian words; copied. */
RS_MUST_USE rs_status rs_dicom_out_pixels(rs_context *ctx, rs_dicom_out *out, const uint16_t *words, size_t n_words);

/**
 * Encodes the data set with file meta (Explicit VR Little Endian, our implementation UID) into bytes of the arena. The
 * same elements give the same bytes.
 */
RS_MUST_USE rs_status rs_dicom_out_encode(rs_context *ctx, rs_dicom_out *out, rs_arena *arena, uint8_t **bytes,
                                          size_t *n_bytes);

/* --- structured reports ------------------------------------------------------------------------------------------- */

/* A coded entry (PS3.3 8). All ASCII; value at most 16 characters, meaning at most 64. */
typedef struct rs_dicom_code {
    const char *value, *scheme, *meaning;
} rs_dicom_code;

/* Relation of a content item to the one that it stands below (PS3.3 C.17.3.2.4). */
typedef enum rs_sr_relation {
    RS_SR_ROOT = 0,
    RS_SR_CONTAINS,
    RS_SR_HAS_CONCEPT_MOD,
    RS_SR_HAS_OBS_CONTEXT,
    RS_SR_HAS_ACQ_CONTEXT,
    RS_SR_HAS_PROPERTIES,
    RS_SR_INFERRED_FROM,
    RS_SR_SELECTED_FROM
} rs_sr_relation;

typedef enum rs_sr_type {
    RS_SR_CONTAINER = 0, /* continuity SEPARATE */
    RS_SR_CODE,
    RS_SR_TEXT,
    RS_SR_NUM,
    RS_SR_UIDREF,
    RS_SR_DATE,
    RS_SR_SCOORD, /* POLYLINE */
    RS_SR_IMAGE,
    RS_SR_COMPOSITE
} rs_sr_type;

/* A row of a content tree: it stands below the last row before it whose level is one less. */
typedef struct rs_sr_item {
    int level; /* 0: the root, the first row and no other */
    rs_sr_relation relation;
    rs_sr_type type;
    const rs_dicom_code *name; /* concept name; NULL: none */
    const char *template_id;   /* of a CONTAINER: template of DCMR, "1500"; NULL: none */
    const rs_dicom_code *code; /* value of a CODE, unit of a NUM */
    const char *text;          /* value of a TEXT, UIDREF, DATE (YYYYMMDD), NUM (DS) */
    const double (*points)[2]; /* of a SCOORD: column, row; (0.5, 0.5) is the centre of the first pixel */
    int n_points;
    const char *sop_class_uid, *sop_instance_uid; /* of an IMAGE, COMPOSITE */
    int32_t frame, segment;                       /* of an IMAGE, from 1; 0: none */
} rs_sr_item;

typedef struct rs_sr_reference {
    const char *study_uid, *series_uid, *sop_class_uid, *sop_instance_uid;
} rs_sr_reference;

/* A coding scheme of our own (PS3.3 C.12.1.1): designator NULL for none. */
typedef struct rs_sr_scheme {
    const char *designator, *name, *organization;
} rs_sr_scheme;

typedef struct rs_sr_document {
    bool key_objects; /* a Key Object Selection; otherwise a Comprehensive SR, complete, preliminary, unverified */
    const rs_sr_item *items;
    int n_items;
    const rs_sr_reference *evidence, *predecessors;
    int n_evidence, n_predecessors;
    rs_sr_scheme scheme;
} rs_sr_document;

/**
 * Adds the content tree of a document to a data set, with the document's flags, evidence, predecessors and schemes, but
 * no element of patient, study, series or instance.
 *
 * returns  RS_OK; RS_DEFECT (a row that PS3.3 A.35.3 or A.35.4 does not allow, naming it); RS_NO_MEMORY
 * borrows  all for the call
 */
RS_MUST_USE rs_status rs_dicom_out_document(rs_context *ctx, rs_dicom_out *out, const rs_sr_document *document);
/* --- network ------------------------------------------------------------------------------------------------------ */

/* One association that this side asked for. Used by one thread. */
typedef struct rs_dicom_net rs_dicom_net;

/* Whom to call, and what about. */
typedef struct rs_dicom_net_call {
    const char *calling_ae, *called_ae; /* 1 to 16 characters */
    const char *address;                /* IPv4, "192.0.2.7" */
    int port;
    const char *const *sop_classes; /* proposed, each with Explicit VR Little Endian before Implicit; at most 60 */
    int n_sop_classes;
    int timeout_s; /* 1 to 3600: how long a connection, one answer, or a peer that does not read is waited for */
} rs_dicom_net_call;

/* What the peer answered. */
typedef struct rs_dicom_answer {
    bool no_context;  /* it takes no such objects: nothing was sent, and status means nothing */
    int status;       /* 0 to 0xFFFF, (0000,0900) */
    char comment[72]; /* its (0000,0902), printable; it may say anything, so it is never logged */
} rs_dicom_answer;

/**
 * Asks for an association (PS3.8). No name is looked up.
 *
 * out      given to you; end it with rs_dicom_net_close
 * returns  RS_OK (also where the peer takes none of the classes: each answer tells); RS_UNAVAILABLE (nobody listens,
 *          rejected for good); RS_AGAIN (rejected for now, no answer in time, connection lost); RS_NO_MEMORY;
 *          RS_CANCELLED
 */
RS_MUST_USE rs_status rs_dicom_net_open(rs_context *ctx, const rs_dicom_net_call *call, rs_dicom_net **out);

/** Releases the association where it still stands, and frees it; accepts NULL. */
void rs_dicom_net_close(rs_dicom_net *net);

/**
 * C-STORE of a file (PS3.7 9.1.1). Its data set goes as it stands where the peer takes its syntax, else as Implicit VR.
 *
 * file     uncompressed, little endian
 * returns  RS_OK (the peer answered something, or has no context); RS_AGAIN (no answer in time, connection lost: the
 *          association is of no more use); RS_DATA (the file cannot be sent so); RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_dicom_net_store(rs_context *ctx, rs_dicom_net *net, const rs_dicom_file *file,
                                         const char *sop_class_uid, const char *sop_instance_uid, rs_dicom_answer *out);

#define RS_DICOM_FIND_CLASS "1.2.840.10008.5.1.4.1.2.2.1" /* Study Root Query/Retrieve, FIND */
#define RS_DICOM_COMMIT_CLASS "1.2.840.10008.1.20.1"      /* Storage Commitment Push Model */

/* An object by its UIDs. */
typedef struct rs_dicom_name {
    const char *study_uid, *series_uid, *sop_class_uid, *sop_instance_uid;
} rs_dicom_name;

/**
 * C-FIND at level IMAGE for one object (PS3.4 C.4.1); the association was asked for with RS_DICOM_FIND_CLASS.
 *
 * shown    the peer shows an object of this SOPInstanceUID
 * answer   status of the query as a whole
 * returns  as rs_dicom_net_store
 */
RS_MUST_USE rs_status rs_dicom_net_find(rs_context *ctx, rs_dicom_net *net, const rs_dicom_name *name, bool *shown,
                                        rs_dicom_answer *answer);

/**
 * Asks for storage commitment by N-ACTION and waits for the N-EVENT-REPORT on this association (PS3.4 J.3).
 *
 * safe       n flags: the peer took this one on; all false where reported is false
 * reported   the report came within wait_s
 * answer     to the N-ACTION
 * returns    as rs_dicom_net_store
 */
RS_MUST_USE rs_status rs_dicom_net_commit(rs_context *ctx, rs_dicom_net *net, const char *transaction_uid,
                                          const rs_dicom_name *names, int n, int wait_s, bool *safe, bool *reported,
                                          rs_dicom_answer *answer);

/** Name and version of the DICOM library, e.g. "DCMTK 3.6.7"; static. */
const char *rs_dicom_library(void);

#ifdef __cplusplus
}
#endif
#endif
