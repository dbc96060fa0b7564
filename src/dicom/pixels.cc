/* Stored values: words of an uncompressed file as they lie, everything else frame by frame through the codecs. */
#include "file.h"

#include <cstring>

#include "dcmtk/dcmdata/dccodec.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcxfer.h"
#include "image.h"
#include "j2k.h"

namespace
{
rs_status check_kind(rs_context *ctx, const rs_dicom_image &image)
{
    if (!image.has_pixels) return rs_fail(ctx, RS_DATA, "it has no pixels");
    if (image.samples_per_pixel != 1) return rs_fail(ctx, RS_DATA, "its pixels are in colour");
    if (image.photometric[0] && std::strncmp(image.photometric, "MONOCHROME", 10) != 0)
        return rs_fail(ctx, RS_DATA, "its pixels are not grayscale: %s", image.photometric);
    if (image.number != RS_DICOM_WHOLE) return RS_OK;
    const int32_t bits = image.bits_allocated;
    if (bits != 8 && bits != 16 && bits != 32) return rs_fail(ctx, RS_DATA, "its pixels have %d bits each", bits);
    return RS_OK;
}

struct frame {
    const uint8_t *bytes; /* the codestream */
    size_t n_bytes;
    uint8_t *out;
    size_t out_bytes; /* room at out, even */
};

/* What DCMTK's codecs ask of a data set; all of it was checked. */
void describe(DcmDataset &dataset, const rs_dicom_image &image)
{
    dataset.putAndInsertUint16(DCM_SamplesPerPixel, 1);
    dataset.putAndInsertString(DCM_PhotometricInterpretation, image.photometric);
    dataset.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(image.rows));
    dataset.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(image.columns));
    dataset.putAndInsertUint16(DCM_BitsAllocated, static_cast<Uint16>(image.bits_allocated));
    dataset.putAndInsertUint16(DCM_BitsStored, static_cast<Uint16>(image.bits_stored));
    dataset.putAndInsertUint16(DCM_HighBit, static_cast<Uint16>(image.high_bit));
    dataset.putAndInsertUint16(DCM_PixelRepresentation, static_cast<Uint16>(image.pixel_representation));
}

/* One frame by DCMTK, as if it were the only one of its file. */
rs_status decode_by_dcmtk(rs_context *ctx, const rs_scan &scan, const rs_dicom_image &image, const frame &f)
{
    DcmDataset dataset;
    describe(dataset, image);
    const DcmXfer syntax(scan.syntax->uid);
    DcmPixelSequence sequence(DcmTag(DCM_PixelSequenceTag));
    std::unique_ptr<DcmPixelItem> table(new DcmPixelItem(DcmTag(DCM_PixelItemTag)));
    if (sequence.insert(table.get()).bad()) throw std::bad_alloc();
    table.release();
    std::unique_ptr<DcmPixelItem> item(new DcmPixelItem(DcmTag(DCM_PixelItemTag)));
    if (item->putUint8Array(f.bytes, static_cast<unsigned long>(f.n_bytes)).bad() || sequence.insert(item.get()).bad())
        throw std::bad_alloc();
    item.release();
    Uint32 fragment = 1;
    OFString model;
    const OFCondition condition = DcmCodecList::decodeFrame(syntax, nullptr, &sequence, &dataset, 0, fragment, f.out,
                                                            static_cast<Uint32>(f.out_bytes), model);
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "a decoded picture");
    if (condition.good()) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its %s pixels cannot be decoded: %s", scan.syntax->name, condition.text());
}

/* Precision and sign of a JPEG 2000 codestream win over the header's (PS3.5 8.2.4). */
rs_status decode_j2k(rs_context *ctx, const rs_dicom_image &image, const frame &f, int32_t index, rs_dicom_pixels &out)
{
    rs_j2k j2k;
    RS_TRY(rs_j2k_check(ctx, &image, f.bytes, f.n_bytes, &j2k));
    const bool is_signed = j2k.is_signed || image.pixel_representation == 1;
    if (index > 0 && (j2k.precision != out.bits_stored || is_signed != out.is_signed))
        return rs_fail(ctx, RS_DATA, "its frames are compressed with different numbers of bits");
    out.bits_stored = j2k.precision;
    out.is_signed = is_signed;
    return rs_j2k_decode(ctx, &image, &j2k, f.out);
}

rs_status decode_frame(rs_context *ctx, const rs_scan &scan, const rs_dicom_image &image, const frame &f, int32_t index,
                       rs_dicom_pixels &out)
{
    RS_TRY(rs_image_check_codestream(ctx, &scan, &image, f.bytes, f.n_bytes));
    switch (scan.syntax->codec) {
    case RS_CODEC_J2K:
    case RS_CODEC_HTJ2K:
        return decode_j2k(ctx, image, f, index, out);
    case RS_CODEC_ENCAPSULATED: {
        const size_t need = size_t(image.rows) * size_t(image.columns) * size_t(out.bytes);
        if (f.n_bytes < need) return rs_fail(ctx, RS_DATA, "a frame of its pixels is cut short");
        std::memcpy(f.out, f.bytes, need);
        return RS_OK;
    }
    case RS_CODEC_RLE:
        RS_TRY(rs_image_check_rle(ctx, &image, f.bytes, f.n_bytes));
        return decode_by_dcmtk(ctx, scan, image, f);
    default:
        return decode_by_dcmtk(ctx, scan, image, f);
    }
}

void make_room(rs_dicom_file *file, size_t need)
{
    if (file->decoded_bytes >= need) return;
    file->decoded_bytes = 0;
    file->decoded.reset(new uint8_t[need]);
    file->decoded_bytes = need;
}

rs_status decode(rs_context *ctx, rs_dicom_file *file, const rs_dicom_image &image, int32_t first, int32_t n_frames,
                 rs_dicom_pixels &out)
{
    const rs_scan &scan = file->scan;
    const bool takes_more = scan.syntax->codec == RS_CODEC_RLE || scan.syntax->codec == RS_CODEC_ENCAPSULATED;
    if (image.number != RS_DICOM_WHOLE || (image.bits_allocated > 16 && !takes_more))
        return rs_fail(ctx, RS_DATA, "its pixels of %d bits cannot be %s", image.bits_allocated, scan.syntax->name);
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a compressed picture");
    if (!file->frames.begin) RS_TRY(rs_frames_find(ctx, file->arena, &scan, &image, &file->frames));
    const size_t frame_bytes = size_t(image.rows) * size_t(image.columns) * size_t(out.bytes);
    make_room(file, frame_bytes * size_t(n_frames) + 1); /* DCMTK writes even numbers of bytes */
    for (int32_t i = 0; i < n_frames; i++) {
        const rs_arena_mark mark = rs_arena_where(scratch);
        frame f = {};
        f.out = file->decoded.get() + size_t(i) * frame_bytes;
        f.out_bytes = frame_bytes + frame_bytes % 2;
        rs_status status = rs_frame_bytes(ctx, scratch, &scan, &file->frames, first + i, &f.bytes, &f.n_bytes);
        if (status == RS_OK) status = decode_frame(ctx, scan, image, f, i, out);
        rs_arena_rewind(scratch, mark);
        RS_TRY(status);
    }
    out.data = file->decoded.get();
    return RS_OK;
}

/* Values of an uncompressed file where they lie; bytes in big endian words are put in order (PS3.5 8.1.1). */
rs_status find_values(rs_context *ctx, rs_dicom_file *file, size_t first, rs_dicom_pixels &out)
{
    const rs_scan &scan = file->scan;
    const bool swapped = scan.big_endian && out.bytes == 1 && scan.words;
    const size_t n = size_t(out.n) * size_t(out.bytes), from = swapped ? first & ~size_t(1) : first;
    size_t end = swapped ? (first + n + 1) & ~size_t(1) : first + n;
    if (end > scan.n_pixels) end = scan.n_pixels;
    if (scan.source) RS_TRY(rs_source_read(ctx, scan.source, scan.pixels + from, end - from));
    const uint8_t *data = scan.bytes + scan.pixels;
    out.data = data + first;
    out.big_endian = scan.big_endian;
    if (!swapped) return RS_OK;
    make_room(file, n);
    for (size_t i = 0; i < n; i++)
        file->decoded[i] = ((first + i) ^ 1) < end ? data[(first + i) ^ 1] : 0;
    out.data = file->decoded.get();
    return RS_OK;
}
} // namespace

extern "C" rs_status rs_dicom_file_pixels(rs_context *ctx, rs_dicom_file *file, int32_t first, int32_t n_frames,
                                          rs_dicom_pixels *out)
{
    return guarded(ctx, [&]() -> rs_status {
        rs_dicom_image image;
        RS_TRY(rs_image_read(ctx, &file->scan, &image));
        RS_TRY(check_kind(ctx, image));
        if (!rs_dicom_file_decodes(file)) {
            return rs_fail(ctx, RS_DATA,
                           "its transfer syntax %s (%s) is not decoded: convert it to Explicit VR Little "
                           "Endian",
                           file->scan.syntax->name, file->scan.syntax->uid);
        }
        if (first < 0 || n_frames < 1 || n_frames > image.frames - first) {
            return rs_fail(ctx, RS_DATA, "it has %d frames, but frame %d is asked for", image.frames, first + n_frames);
        }
        const int64_t frame = int64_t(image.rows) * image.columns;
        rs_dicom_pixels pixels = {};
        pixels.n = n_frames * frame;
        pixels.bytes = image.bits_allocated / 8;
        pixels.number = image.number;
        pixels.is_signed = image.pixel_representation == 1;
        pixels.bits_stored = image.bits_stored;
        if (file->scan.encapsulated) {
            RS_TRY(decode(ctx, file, image, first, n_frames, pixels));
        } else {
            RS_TRY(find_values(ctx, file, size_t(first) * size_t(frame) * size_t(pixels.bytes), pixels));
        }
        *out = pixels;
        return RS_OK;
    });
}
