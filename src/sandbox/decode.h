/* Pixels of a file, by a worker process where one is due, else here. What read calls. */
#ifndef SANDBOX_DECODE_H
#define SANDBOX_DECODE_H

#include "dicom/dicom.h"
#include "restage/sandbox.h"

/* One file that is open for decoding; one thread at a time. */
typedef struct rs_decode rs_decode;

/**
 * Opens a file for its pixels: prescan here, in the program; the decoder itself in worker number `worker` where the
 * sandbox's mode asks for it.
 *
 * worker   the index that rs_parallel_for gave the body
 * path     the file; follow: a link at its end is followed
 * out      end it with rs_decode_close
 * returns  as rs_file_read and rs_dicom_file_open
 */
RS_MUST_USE rs_status rs_decode_open(rs_context *ctx, int worker, rs_arena *arena, const char *path, bool follow,
                                     rs_decode **out);
void rs_decode_close(rs_decode *decode);

/** The image attributes of the file; as rs_dicom_file_image. */
RS_MUST_USE rs_status rs_decode_image(rs_context *ctx, const rs_decode *decode, rs_dicom_image *out);

/**
 * As rs_dicom_file_pixels. A worker that crashes, exceeds its CPU time or its memory is RS_DATA for this file:
 * "decoder stopped: CPU limit (5 s)"; the worker is replaced. Where one crashes that has decoded before, an earlier
 * file may be at fault, and the new worker is asked once more.
 */
RS_MUST_USE rs_status rs_decode_pixels(rs_context *ctx, rs_decode *decode, int32_t first, int32_t n_frames,
                                       rs_dicom_pixels *out);

#endif
