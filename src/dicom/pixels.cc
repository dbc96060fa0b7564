/* Stored values: words of an uncompressed file as they lie, everything else through DCMTK's codecs. */
#include "file.h"

#include "dcmtk/dcmdata/dcxfer.h"
#include "image.h"

namespace
{
rs_status check_kind(rs_context *ctx, const rs_dicom_image &image)
{
    if (!image.has_pixels) return rs_fail(ctx, RS_DATA, "it has no pixels");
    if (image.samples_per_pixel != 1) return rs_fail(ctx, RS_DATA, "its pixels are in colour");
    if (image.bits_allocated != 8 && image.bits_allocated != 16) {
        return rs_fail(ctx, RS_DATA, "its pixels have %d bits each, not 8 or 16", image.bits_allocated);
    }
    return RS_OK;
}

/* The image attributes after decoding: a codec may have changed them (integration A.2.8). */
rs_status check_decoded(rs_context *ctx, DcmDataset &dataset, const rs_dicom_image &image)
{
    Uint16 rows = 0, columns = 0, allocated = 0, samples = 0;
    dataset.findAndGetUint16(DCM_Rows, rows);
    dataset.findAndGetUint16(DCM_Columns, columns);
    dataset.findAndGetUint16(DCM_BitsAllocated, allocated);
    if (dataset.findAndGetUint16(DCM_SamplesPerPixel, samples).bad()) samples = 1;
    if (rows == image.rows && columns == image.columns && allocated == image.bits_allocated && samples == 1)
        return RS_OK;
    return rs_fail(ctx, RS_DATA,
                   "its pixels decode to %u x %u of %u bits and %u samples, its header says %d x %d of %d",
                   unsigned(columns), unsigned(rows), unsigned(allocated), unsigned(samples), image.columns, image.rows,
                   image.bits_allocated);
}

rs_status decode(rs_context *ctx, rs_dicom_file *file, const rs_dicom_image &image, rs_dicom_pixels &out)
{
    const rs_scan &scan = file->scan;
    file->decoded = rs_file_load(ctx, scan, scan.pixels + scan.n_pixels);
    if (!file->decoded) return RS_DATA;
    DcmDataset &dataset = *file->decoded;
    const OFCondition condition = dataset.chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "a decoded picture");
    if (condition.bad()) {
        return rs_fail(ctx, RS_DATA, "its %s pixels cannot be decoded: %s", scan.syntax->name, condition.text());
    }
    RS_TRY(check_decoded(ctx, dataset, image));
    const Uint16 *words = nullptr;
    const Uint8 *bytes = nullptr;
    unsigned long n = 0;
    uint64_t n_bytes = 0;
    if (dataset.findAndGetUint16Array(DCM_PixelData, words, &n).good() && words) {
        out.data = reinterpret_cast<const uint8_t *>(words);
        n_bytes = uint64_t(n) * 2;
    } else if (dataset.findAndGetUint8Array(DCM_PixelData, bytes, &n).good() && bytes) {
        out.data = bytes;
        n_bytes = n;
    }
    const uint64_t need = uint64_t(out.n) * uint64_t(out.bytes);
    if (n_bytes == need || (n_bytes == need + 1 && need % 2)) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its pixels decode to %llu bytes, its header promises %llu",
                   static_cast<unsigned long long>(n_bytes), static_cast<unsigned long long>(need));
}
} // namespace

extern "C" rs_status rs_dicom_file_pixels(rs_context *ctx, rs_dicom_file *file, int32_t first, int32_t n_frames,
                                          rs_dicom_pixels *out)
{
    return guarded(ctx, [&]() -> rs_status {
        rs_dicom_image image;
        RS_TRY(rs_dicom_file_image(ctx, file, &image));
        RS_TRY(check_kind(ctx, image));
        if (!rs_dicom_file_decodes(file)) {
            return rs_fail(ctx, RS_DATA,
                           "its transfer syntax %s (%s) is not decoded: convert it to Explicit VR Little "
                           "Endian",
                           file->scan.syntax->name, file->scan.syntax->uid);
        }
        rs_dicom_pixels pixels = {};
        pixels.n = int64_t(image.rows) * image.columns * image.frames;
        if (first < 0 || n_frames < 1 || n_frames > image.frames - first) {
            return rs_fail(ctx, RS_DATA, "it has %d frames, but frame %d is asked for", image.frames, first + n_frames);
        }
        pixels.bytes = image.bits_allocated / 8;
        pixels.is_signed = image.pixel_representation == 1;
        pixels.bits_stored = image.bits_stored;
        if (file->scan.encapsulated) {
            RS_TRY(decode(ctx, file, image, pixels));
        } else {
            pixels.data = file->scan.bytes + file->scan.pixels;
            pixels.big_endian = file->scan.big_endian;
        }
        const int64_t frame = int64_t(image.rows) * image.columns;
        pixels.data += first * frame * pixels.bytes;
        pixels.n = n_frames * frame;
        *out = pixels;
        return RS_OK;
    });
}
