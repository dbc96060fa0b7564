/* A header on its way from its file to images: what the sources of this room share while they read one file. */
#ifndef SERIES_READING_H
#define SERIES_READING_H

#include "dicom/dicom.h"
#include "series_private.h"

/* Texts that repeat from file to file, and from frame to frame, are kept once a worker. */
typedef struct kept {
    const char **text; /* (KEPT_TEXTS) the one kept last, by slot */
    const rs_lookup *lookup;
} kept;

enum { SLOT_PHOTOMETRIC, SLOT_SPLITS, SLOT_TEXTS = SLOT_SPLITS + SPLIT_COUNT, KEPT_TEXTS = SLOT_TEXTS + 48 };

/* The file being read. */
typedef struct reading {
    rs_context *ctx;
    rs_dicom_file *file;
    header *h;
    rs_arena *scratch, *keep;
    kept *last;
} reading;

/* Where the attributes of one image stand: the data set, and for a multi-frame image its functional groups. */
typedef struct source {
    const rs_dicom_item *root, *shared, *frame; /* the latter two NULL for an image of one frame */
} source;

/** The item that holds a tag: the functional group of the frame, the shared one, what a conversion left unassigned
    (PS3.3 C.7.6.16.2.25), the data set. NULL: none does. macro 0: an attribute of no functional group. */
const rs_dicom_item *source_holder(const source *from, uint32_t macro, uint32_t tag);

/** The first item of a functional group. NULL: neither the frame nor the shared groups have it. */
const rs_dicom_item *source_group(const source *from, uint32_t macro);

/** A tag of a private block, found by its creator; 0 where there is no such block. element: the low byte. */
uint32_t source_private(const reading *r, const rs_dicom_item *item, uint32_t number, const char *creator,
                        uint32_t element);

/** A text in the keep arena; the one kept last in its slot where it is the same. text may be NULL (no memory). */
RS_MUST_USE rs_status reading_keep(reading *r, const char *text, int slot, const char **out);

RS_MUST_USE rs_status reading_refuse(reading *r, header *h, const char *reason);

/** reason NULL: out of memory. */
RS_MUST_USE rs_status reading_set_aside(reading *r, header *h, const char *reason);

/** Numbers, geometry, rescale and the attributes that tell volumes apart, of one image. */
RS_MUST_USE rs_status facts_read(reading *r, const source *from, header *h);

/** Position, orientation and pixel spacing alone. */
void facts_geometry(const source *from, header *h);

/** The same tests again, after a source of this room made the position up. */
void facts_check_geometry(header *h);

/** Is it one of the SOP classes with functional groups? */
bool frames_expected(const rs_series *facts);

/** One header a frame, from the functional groups. */
RS_MUST_USE rs_status frames_read(reading *r, const rs_dicom_image *image);

/** Is it one picture that holds many slices (Siemens mosaic, UIH grid)? */
bool mosaic_expected(const reading *r);

/** Is it a DICOMDIR? */
bool directory_expected(const reading *r);

/** Sets a DICOMDIR aside; lists the files of one that the caller named. */
RS_MUST_USE rs_status directory_read(reading *r);

/** Lists the instances of a Key Object Selection that is a rejection note. */
RS_MUST_USE rs_status reject_read(reading *r);

/** Is it an object of a packet of ours, by what its header says? Asked when its rejections are read. */
bool own_object(const header *h);

/** Is a file that is no DICOM one of those that restage writes beside images, or of a packet? */
bool own_file(const reading *r);

/** One header a tile. */
RS_MUST_USE rs_status mosaic_read(reading *r, const rs_dicom_image *image);

#endif
