/* What all DICOM objects of the packet begin with: patient, study, series, equipment, SOP common, dates. */
#ifndef PACKET_OBJECT_HEAD_H
#define PACKET_OBJECT_HEAD_H

#include "codes.h"
#include "dicom/dicom.h"
#include "packet.h"
#include "restage/version.h"

/* X(name, SOP class, Modality, SeriesNumber, SeriesDescription, field of the UIDs, has a frame of reference): one
   series a kind and run. */
#define RS_OBJECT_TABLE(X)                                                                                             \
    X(SR, "1.2.840.10008.5.1.4.1.1.88.33", "SR", "9001", "restage: structured report", sr, false)                      \
    X(SEG, "1.2.840.10008.5.1.4.1.1.66.4", "SEG", "9002", "restage: lesion segments", seg, true)                       \
    X(KO, "1.2.840.10008.5.1.4.1.1.88.59", "KO", "9003", "restage: key images", ko, false)                             \
    X(PDF, "1.2.840.10008.5.1.4.1.1.104.1", "DOC", "9004", "restage: report (PDF)", pdf, false)

typedef enum rs_object_kind {
#define RS_OBJECT_KIND(name, sop_class, modality, number, description, field, frame) RS_OBJECT_##name,
    RS_OBJECT_TABLE(RS_OBJECT_KIND)
#undef RS_OBJECT_KIND
} rs_object_kind;

/** SOP class of a kind; static. */
const char *rs_object_sop_class(rs_object_kind kind);

/**
 * Writes the modules Patient, General Study, Patient Study, series, equipment, SOP Common, and for a kind that has one
 * Frame of Reference, over whatever stands there: the elements of report->filing byte for byte.
 *
 * report   with filing.n_images > 0
 * out      at its top level: no item open
 * returns  RS_OK; RS_DEFECT; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_object_head(rs_context *ctx, const rs_report *report, rs_object_kind kind, rs_dicom_out *out);

/** A coded entry (PS3.3 8.8) as an item of a sequence: begun, filled and ended. */
RS_MUST_USE rs_status rs_object_code(rs_context *ctx, rs_dicom_out *out, uint32_t sequence, const rs_dicom_code *code);

/** Sets a UID of the source as it stands: what is wrong in it must not part the object from its images. NULL: empty. */
RS_MUST_USE rs_status rs_object_source_uid(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const char *uid);

/** A reference to an image as an item of a sequence, with its frame where asked for and the file has several (begun,
    filled and left open: end it). */
RS_MUST_USE rs_status rs_object_image(rs_context *ctx, rs_dicom_out *out, uint32_t sequence,
                                      const rs_report_image *image, bool frame);

/** Is this image the first of its file among those whose mark in cited is set (NULL: all)? */
bool rs_object_is_first_of_file(const rs_report_filing *filing, const uint8_t *cited, int image);

/** Items of a sequence for the images whose mark in cited is set, each file once; cited NULL: all of them. */
RS_MUST_USE rs_status rs_object_images(rs_context *ctx, rs_dicom_out *out, uint32_t sequence,
                                       const rs_report_filing *filing, const uint8_t *cited);

/* What an object is made of; folder: that which the packet is being written into. */
typedef struct rs_object_task {
    const rs_report *report;
    const rs_sources *sources;
    rs_folder *folder;
    const char *file_name;
} rs_object_task;

/* Fills an empty data set; the head follows. */
typedef rs_status (*rs_object_builder)(rs_context *ctx, const rs_object_task *task, rs_arena *arena, rs_dicom_out *out);

/** Makes an object and writes it as a file of the packet: what build fills in, then the head of its kind. What build
    returns; RS_IO; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_object_make(rs_context *ctx, const rs_object_task *task, rs_object_kind kind,
                                     rs_object_builder build);

#endif
