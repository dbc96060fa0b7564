/* Opens files: our scan first, then DCMTK on the same bytes (integration A.2.1), header and pixels apart. */
#include "file.h"

#include <cstring>

#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcxfer.h"
#include "image.h"

namespace
{
/* A deflated data set may become as large as a header, 8192 x 8192 words and what may stand around them. */
const size_t inflated_limit = (size_t(64) << 20) + size_t(RS_SCAN_MAX_SIDE) * RS_SCAN_MAX_SIDE * 2;

rs_status inflate(rs_context *ctx, rs_arena *arena, rs_scan &scan)
{
    DcmInputBufferStream stream;
    stream.setBuffer(scan.bytes + scan.body, static_cast<offile_off_t>(scan.n_bytes - scan.body));
    stream.setEos();
    if (stream.installCompressionFilter(ESC_zlib).bad()) return rs_fail(ctx, RS_DEFECT, "DCMTK was built without zlib");
    size_t capacity = size_t(1) << 20, n = 0;
    uint8_t *bytes = RS_ARENA_RAW(arena, uint8_t, capacity);
    while (bytes) {
        const offile_off_t got = stream.read(bytes + n, static_cast<offile_off_t>(capacity - n));
        if (stream.status().bad())
            return rs_fail(ctx, RS_DATA, "its deflated data set is damaged: copy the file again");
        n += static_cast<size_t>(got);
        if (stream.eos()) break;
        if (n == capacity) {
            if (capacity >= inflated_limit) {
                return rs_fail(ctx, RS_DATA, "its deflated data set grows beyond the limit of %zu bytes",
                               inflated_limit);
            }
            uint8_t *larger = RS_ARENA_RAW(arena, uint8_t, capacity * 2);
            if (larger) std::memcpy(larger, bytes, n);
            bytes = larger;
            capacity *= 2;
        } else if (got == 0) {
            return rs_fail(ctx, RS_DATA, "its deflated data set is truncated: copy the file again");
        }
    }
    if (!bytes) return rs_fail_memory(ctx, "a deflated DICOM file");
    scan.bytes = bytes;
    scan.n_bytes = n;
    scan.body = 0;
    return RS_OK;
}

/* What deflate hid behind the pixels (integration B.1: declared pixel bytes + 16 MB). */
rs_status check_rest(rs_context *ctx, const rs_scan &scan)
{
    const size_t used = scan.has_pixels ? scan.pixels + scan.n_pixels : scan.header_end;
    if (scan.n_bytes - used <= RS_SCAN_VALUE_BYTES) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its deflated data set holds %zu bytes behind the pixels, more than the limit of %d",
                   scan.n_bytes - used, int(RS_SCAN_VALUE_BYTES));
}

E_TransferSyntax syntax_of(const rs_scan &scan)
{
    if (scan.syntax->codec == RS_CODEC_NONE) {
        if (scan.big_endian) return EXS_BigEndianExplicit;
        return scan.implicit ? EXS_LittleEndianImplicit : EXS_LittleEndianExplicit;
    }
    const E_TransferSyntax syntax = DcmXfer(scan.syntax->uid).getXfer();
    return syntax == EXS_Unknown ? EXS_LittleEndianExplicit : syntax;
}
} // namespace

extern "C" bool rs_scan_is_sequence(uint32_t tag)
{
    const DcmEVR vr = DcmTag(Uint16(tag >> 16), Uint16(tag & 0xffff)).getEVR();
    return vr == EVR_SQ;
}

std::unique_ptr<DcmDataset> rs_file_load(rs_context *ctx, const rs_scan &scan, size_t end)
{
    DcmInputBufferStream stream;
    stream.setBuffer(scan.bytes + scan.body, static_cast<offile_off_t>(end - scan.body));
    stream.setEos();
    std::unique_ptr<DcmDataset> dataset(new DcmDataset);
    dataset->transferInit();
    const OFCondition condition = dataset->read(stream, syntax_of(scan), EGL_noChange, DCM_MaxReadLength);
    dataset->transferEnd();
    if (condition.bad()) {
        const rs_status status = condition == EC_MemoryExhausted
                                     ? rs_fail_memory(ctx, "a DICOM file")
                                     : rs_fail(ctx, RS_DATA, "its data set cannot be read: %s", condition.text());
        static_cast<void>(status);
        return nullptr;
    }
    return dataset;
}

extern "C" rs_status rs_dicom_file_open(rs_context *ctx, rs_arena *arena, const uint8_t *bytes, size_t n_bytes,
                                        rs_dicom_file **out)
{
    return guarded(ctx, [&]() -> rs_status {
        std::unique_ptr<rs_dicom_file> file(new rs_dicom_file);
        file->arena = arena;
        file->frames = {};
        RS_TRY(rs_scan_meta(ctx, bytes, n_bytes, &file->scan));
        if (file->scan.syntax->deflated) RS_TRY(inflate(ctx, arena, file->scan));
        RS_TRY(rs_scan_body(ctx, &file->scan));
        if (file->scan.syntax->deflated) RS_TRY(check_rest(ctx, file->scan));
        *out = file.release();
        return RS_OK;
    });
}

extern "C" void rs_dicom_file_close(rs_dicom_file *file)
{
    delete file;
}

extern "C" const char *rs_dicom_file_syntax(const rs_dicom_file *file)
{
    return file->scan.syntax->uid;
}

extern "C" const char *rs_dicom_file_syntax_name(const rs_dicom_file *file)
{
    return file->scan.syntax->name;
}

extern "C" bool rs_dicom_file_decodes(const rs_dicom_file *file)
{
    return file->scan.syntax->codec != RS_CODEC_FOREIGN;
}

namespace
{
rs_status check_only_frame(rs_context *ctx, rs_arena *scratch, const rs_scan &scan, const rs_dicom_image &image)
{
    rs_frames frames;
    const uint8_t *bytes = nullptr;
    size_t n = 0;
    RS_TRY(rs_frames_find(ctx, scratch, &scan, &image, &frames));
    RS_TRY(rs_frame_bytes(ctx, scratch, &scan, &frames, 0, &bytes, &n));
    return rs_image_check_codestream(ctx, &scan, &image, bytes, n);
}
} // namespace

extern "C" rs_status rs_dicom_file_image(rs_context *ctx, const rs_dicom_file *file, rs_dicom_image *out)
{
    rs_dicom_image image;
    RS_TRY(rs_image_read(ctx, &file->scan, &image));
    if (file->scan.encapsulated && image.frames == 1 && rs_dicom_file_decodes(file)) {
        rs_arena *scratch = rs_scratch(ctx);
        if (!scratch) return rs_fail_memory(ctx, "a compressed picture");
        const rs_arena_mark mark = rs_arena_where(scratch);
        const rs_status status = check_only_frame(ctx, scratch, file->scan, image);
        rs_arena_rewind(scratch, mark);
        RS_TRY(status);
    }
    *out = image;
    return RS_OK;
}

extern "C" rs_status rs_dicom_file_parse(rs_context *ctx, rs_dicom_file *file)
{
    return guarded(ctx, [&]() -> rs_status {
        file->header = rs_file_load(ctx, file->scan, file->scan.header_end);
        return file->header ? RS_OK : RS_DATA;
    });
}
