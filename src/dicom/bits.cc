/* Pixels of one bit (SEG): the bytes as they stand. */
#include "file.h"
#include "image.h"

extern "C" rs_status rs_dicom_file_bits(rs_context *ctx, const rs_dicom_file *file, const uint8_t **out,
                                        size_t *n_bytes)
{
    const rs_scan &scan = file->scan;
    rs_dicom_image image;
    RS_TRY(rs_image_read(ctx, &scan, &image));
    if (!image.has_pixels || image.bits_allocated != 1 || image.samples_per_pixel != 1)
        return rs_fail(ctx, RS_DATA, "its pixels have %d bits each, not 1", image.bits_allocated);
    if (scan.encapsulated || scan.big_endian) {
        return rs_fail(ctx, RS_DATA,
                       "its pixels of one bit are written as %s (%s): convert it to Explicit VR Little "
                       "Endian",
                       scan.syntax->name, scan.syntax->uid);
    }
    if (scan.source) RS_TRY(rs_source_read(ctx, scan.source, scan.pixels, scan.n_pixels));
    *out = scan.bytes + scan.pixels;
    *n_bytes = scan.n_pixels;
    return RS_OK;
}
