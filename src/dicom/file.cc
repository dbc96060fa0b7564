/* Opens files: our scan first, then DCMTK on the same bytes (integration A.2.1), header and pixels apart. */
#include "file.h"

#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcxfer.h"
#include "digest/inflate.h"
#include "image.h"
#include "restage/limits.h"

namespace
{
const size_t first_piece = size_t(1) << 20; /* holds the header but for the oddest files */
const size_t deflate_most = 1032;           /* RFC 1951: no byte gives more than this */

/* How many bytes may come out of it: the pixels that its header declares and a limit above (integration B.1). */
rs_status inflate_cap(rs_context *ctx, rs_arena *scratch, const rs_scan &scan, size_t &cap)
{
    rs_scan head = scan;
    rs_inflated how;
    uint8_t *room = RS_ARENA_RAW(scratch, uint8_t, first_piece);
    if (!room) return rs_fail_memory(ctx, "a deflated DICOM file");
    RS_TRY(rs_inflate_into(ctx, RS_DEFLATE_RAW, scan.bytes + scan.body, scan.n_bytes - scan.body, room, first_piece,
                           &head.n_bytes, &how));
    head.bytes = room;
    head.body = 0;
    head.source = nullptr;
    /* The piece ends in the middle of something: what was found before that is all that matters here. */
    const rs_status status = rs_scan_body(ctx, &head);
    if (status == RS_NO_MEMORY) return status;
    cap = size_t(rs_scan_declared(ctx, &head)) + size_t(rs_limit(ctx, RS_LIMIT_INFLATED_BYTES));
    const size_t memory = size_t(rs_limit(ctx, RS_LIMIT_DECODE_BYTES));
    if (cap <= memory) return RS_OK;
    return rs_fail(ctx, RS_DATA, "its deflated data set declares %zu bytes, more than the limit decode-bytes = %zu",
                   cap, memory);
}

rs_status inflate(rs_context *ctx, rs_arena *arena, rs_scan &scan)
{
    RS_TRY(rs_scan_need(ctx, &scan, 0, scan.n_bytes));
    size_t cap = 0;
    rs_inflated how;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a deflated DICOM file");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const rs_status status = inflate_cap(ctx, scratch, scan, cap);
    rs_arena_rewind(scratch, mark);
    RS_TRY(status);
    const size_t n_deflated = scan.n_bytes - scan.body, possible = n_deflated * deflate_most + first_piece;
    const size_t room_bytes = cap < possible ? cap : possible;
    uint8_t *room = RS_ARENA_RAW(arena, uint8_t, room_bytes);
    if (!room) return rs_fail_memory(ctx, "a deflated DICOM file");
    RS_TRY(rs_inflate_into(ctx, RS_DEFLATE_RAW, scan.bytes + scan.body, n_deflated, room, room_bytes, &scan.n_bytes,
                           &how));
    scan.bytes = room;
    scan.body = 0;
    scan.source = nullptr;
    switch (how) {
    case RS_INFLATED_ALL:
        return RS_OK;
    case RS_INFLATED_CAP: {
        const long long limit = rs_limit(ctx, RS_LIMIT_INFLATED_BYTES);
        return rs_fail(ctx, RS_DATA,
                       "its deflated data set holds more than its pixels (%zu bytes) and the limit inflated-bytes = "
                       "%lld beside them",
                       cap - size_t(limit), limit);
    }
    case RS_INFLATED_CUT:
        return rs_fail(ctx, RS_DATA, "its deflate stream is cut: copy the file again");
    default:
        return rs_fail(ctx, RS_DATA, "its deflate stream is damaged: copy the file again");
    }
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

rs_status scan_all(rs_context *ctx, rs_arena *arena, rs_dicom_file &file)
{
    file.arena = arena;
    file.frames = {};
    if (file.scan.syntax->deflated) RS_TRY(inflate(ctx, arena, file.scan));
    return rs_scan_body(ctx, &file.scan);
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
        RS_TRY(rs_scan_meta(ctx, bytes, n_bytes, &file->scan));
        RS_TRY(scan_all(ctx, arena, *file));
        *out = file.release();
        return RS_OK;
    });
}

extern "C" rs_status rs_dicom_file_read(rs_context *ctx, rs_arena *arena, const char *path, bool follow,
                                        rs_dicom_file **out, size_t *n_bytes)
{
    return guarded(ctx, [&]() -> rs_status {
        std::unique_ptr<rs_dicom_file> file(new rs_dicom_file);
        rs_status status = rs_source_open(ctx, arena, path, follow, &file->source);
        if (status != RS_OK) return status == RS_NO_INPUT ? RS_IO : status;
        *n_bytes = file->source.file.n_bytes;
        status = rs_scan_meta_of(ctx, &file->source, &file->scan);
        if (status == RS_OK) status = scan_all(ctx, arena, *file);
        if (status != RS_OK) {
            rs_source_close(&file->source);
            return status;
        }
        *out = file.release();
        return RS_OK;
    });
}

extern "C" rs_status rs_dicom_file_bytes(rs_context *ctx, rs_dicom_file *file, const uint8_t **bytes, size_t *n_bytes)
{
    RS_TRY(rs_source_head(ctx, &file->source, 0, file->source.file.n_bytes));
    *bytes = file->source.bytes;
    *n_bytes = file->source.file.n_bytes;
    return RS_OK;
}

extern "C" void rs_dicom_file_close(rs_dicom_file *file)
{
    rs_files_ended.fetch_add(1, std::memory_order_relaxed);
    if (file && file->source.bytes) rs_source_close(&file->source);
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

extern "C" bool rs_dicom_file_is_compressed(const rs_dicom_file *file)
{
    return file->scan.encapsulated || file->scan.syntax->deflated;
}

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
        rs_files_ended.fetch_add(1, std::memory_order_relaxed); /* an older header of it */
        file->header = rs_file_load(ctx, file->scan, file->scan.header_end);
        return file->header ? RS_OK : RS_DATA;
    });
}
