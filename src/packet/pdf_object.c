/* report.pdf.dcm: report.pdf byte for byte inside Encapsulated PDF (PS3.3
 * A.45.1). */
#include "object_head.h"

#include "restage/text.h"

#define PDF "report.pdf"
#define PDF_MOST ((size_t)1 << 30)

static rs_status put_document(rs_context *ctx, const uint8_t *pdf, size_t n_bytes, rs_dicom_out *out)
{
    const uint32_t length = (uint32_t)n_bytes; /* the value itself is padded to an even length */
    const struct {
        uint32_t tag;
        const char *text;
    } texts[] = {
        {RS_TAG(0x0008, 0x0064), "WSD"},
        {RS_TAG(0x0028, 0x0301), "YES"},
        {RS_TAG(0x0028, 0x0302), "NO"},
        {RS_TAG(0x0042, 0x0010), "restage: marks for a reader, research use"},
        {RS_TAG(0x0042, 0x0012), "application/pdf"},
    };
    for (size_t e = 0; e < sizeof texts / sizeof texts[0]; e++)
        RS_TRY(rs_dicom_out_text(ctx, out, texts[e].tag, texts[e].text));
    RS_TRY(rs_dicom_out_empty(ctx, out, RS_TAG(0x0008, 0x002a)));
    RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0040, 0xa043), rs_std_code(RS_STD_DIAGNOSTIC_STUDY)));
    RS_TRY(rs_dicom_out_bytes(ctx, out, RS_TAG(0x0042, 0x0011), pdf, n_bytes));
    return rs_dicom_out_numbers(ctx, out, RS_TAG(0x0042, 0x0015), &length, 1);
}

/* The file is read back from the folder that is being written. */
static rs_status build(rs_context *ctx, const rs_object_task *task, rs_arena *arena, rs_dicom_out *out)
{
    uint8_t *pdf = NULL;
    size_t n_bytes = 0;
    const char *path = rs_arena_printf(arena, "%s/" PDF, rs_folder_path(task->folder));
    if (!path) return rs_fail_memory(ctx, PDF);
    RS_TRY(rs_file_read(ctx, arena, path, PDF_MOST, false, &pdf, &n_bytes));
    RS_TRY(put_document(ctx, pdf, n_bytes, out));
    return rs_object_images(ctx, out, RS_TAG(0x0042, 0x0013), &task->report->filing, NULL);
}

rs_status rs_write_pdf_object(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                              const char *file_name)
{
    const rs_object_task task = {report, sources, folder, file_name};
    return rs_object_make(ctx, &task, RS_OBJECT_PDF, build);
}
