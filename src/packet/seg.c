/* lesions.seg.dcm: Segmentation Storage (PS3.3 A.51), binary, on the source's geometry, one disjoint segment a mark. */
#include "seg_frames.h"

#include "object_head.h"
#include "restage/text.h"

/* Colours that differ to every eye, CIELab as PS3.3 C.10.7.1.1 scales it: L 0 … 100, a and b -128 … 127 onto 0 … 65535.
   Viewers draw two segments of equal values in one colour. */
#define LAB(l, a, b)                                                                                                   \
    {                                                                                                                  \
        (uint32_t)((l)*65535 / 100), (uint32_t)(((a) + 128) * 65535 / 255), (uint32_t)(((b) + 128) * 65535 / 255)      \
    }
static const uint32_t palette[][3] = {
    LAB(54, 75, 60), LAB(70, -55, 55), LAB(45, 25, -70), LAB(85, -5, 80),  LAB(60, 70, -45), LAB(80, -40, -12),
    LAB(66, 40, 68), LAB(40, -30, 5),  LAB(75, 30, 5),   LAB(55, -8, -40), LAB(92, -25, 60), LAB(35, 45, 25),
};
enum { N_PALETTE = sizeof palette / sizeof palette[0] };

/* Row of a table of elements. */
typedef struct element {
    uint32_t tag;
    const char *text;
} element;

static rs_status put_texts(rs_context *ctx, rs_dicom_out *out, const element *elements, size_t n)
{
    for (size_t e = 0; e < n; e++)
        RS_TRY(rs_dicom_out_text(ctx, out, elements[e].tag, elements[e].text));
    return RS_OK;
}
#define PUT_TEXTS(ctx, out, elements) put_texts(ctx, out, elements, sizeof(elements) / sizeof(elements)[0])

/* General image, image pixel, segmentation image (PS3.3 C.8.20.2). */
static rs_status put_image(rs_context *ctx, const rs_report_filing *filing, int32_t n_frames, rs_dicom_out *out)
{
    char frames[16];
    (void)rs_text_format(frames, sizeof frames, "%d", n_frames);
    const element texts[] = {
        {RS_TAG(0x0008, 0x0008), "DERIVED\\PRIMARY"},
        {RS_TAG(0x0028, 0x0004), "MONOCHROME2"},
        {RS_TAG(0x0028, 0x0008), frames},
        {RS_TAG(0x0028, 0x2110), "00"},
        {RS_TAG(0x0062, 0x0001), "BINARY"},
        {RS_TAG(0x0062, 0x0013), "NO"},
        {RS_TAG(0x0070, 0x0080), "LESIONS"},
        {RS_TAG(0x0070, 0x0081), "Marks of restage, research use"},
        {RS_TAG(0x0070, 0x0084), ""},
    };
    const struct {
        uint32_t tag;
        int32_t value;
    } numbers[] = {
        {RS_TAG(0x0028, 0x0002), 1},
        {RS_TAG(0x0028, 0x0010), filing->rows},
        {RS_TAG(0x0028, 0x0011), filing->columns},
        {RS_TAG(0x0028, 0x0100), 1},
        {RS_TAG(0x0028, 0x0101), 1},
        {RS_TAG(0x0028, 0x0102), 0},
        {RS_TAG(0x0028, 0x0103), 0},
    };
    RS_TRY(PUT_TEXTS(ctx, out, texts));
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        RS_TRY(rs_dicom_out_number(ctx, out, numbers[n].tag, numbers[n].value));
    return RS_OK;
}

static rs_status put_dimension(rs_context *ctx, rs_dicom_out *out, const char *uid, uint32_t pointer, uint32_t group,
                               const char *label)
{
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0020, 0x9222)));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x9164), uid));
    RS_TRY(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0020, 0x9165), &pointer, 1));
    RS_TRY(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0020, 0x9167), &group, 1));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x9421), label));
    return rs_dicom_out_end(ctx, out);
}

/* Multi-frame Dimension (PS3.3 C.7.6.17): segment, then place. */
static rs_status put_dimensions(rs_context *ctx, const char *uid, rs_dicom_out *out)
{
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0020, 0x9221)));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x9164), uid));
    RS_TRY(rs_dicom_out_end(ctx, out));
    RS_TRY(put_dimension(ctx, out, uid, RS_TAG(0x0062, 0x000b), RS_TAG(0x0062, 0x000a), "Segment"));
    return put_dimension(ctx, out, uid, RS_TAG(0x0020, 0x0032), RS_TAG(0x0020, 0x9113), "Position");
}

/* The organ that it lies in, with its side. */
static rs_status put_region(rs_context *ctx, const rs_report_mark *mark, rs_dicom_out *out)
{
    const rs_dicom_code *organ = NULL, *side = rs_side_code(mark->side);
    if (!mark->organ) return RS_OK;
    RS_TRY(rs_site_code(ctx, mark->organ, NULL, &organ));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0008, 0x2218)));
    const element site[] = {{RS_TAG(0x0008, 0x0100), organ->value},
                            {RS_TAG(0x0008, 0x0102), organ->scheme},
                            {RS_TAG(0x0008, 0x0104), organ->meaning}};
    RS_TRY(PUT_TEXTS(ctx, out, site));
    if (side) RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0008, 0x2220), side));
    return rs_dicom_out_end(ctx, out);
}

/* Segment Description (PS3.3 C.8.20.4). */
static rs_status put_segment(rs_context *ctx, const rs_report *report, const rs_report_mark *mark, rs_dicom_out *out)
{
    char name[64];
    (void)rs_text_format(name, sizeof name, "restage %s", report->software.version);
    const element texts[] = {
        {RS_TAG(0x0062, 0x0005), mark->id},
        {RS_TAG(0x0062, 0x0008), "AUTOMATIC"},
        {RS_TAG(0x0062, 0x0009), name},
        {RS_TAG(0x0062, 0x0020), mark->id},
        {RS_TAG(0x0062, 0x0021), mark->tracking_uid},
    };
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0062, 0x0002)));
    RS_TRY(put_region(ctx, mark, out));
    RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0062, 0x0003), rs_std_code(RS_STD_ABNORMAL_STRUCTURE)));
    RS_TRY(rs_dicom_out_number(ctx, out, RS_TAG(0x0062, 0x0004), mark->rank));
    RS_TRY(PUT_TEXTS(ctx, out, texts));
    RS_TRY(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0062, 0x000d), palette[(mark->rank - 1) % N_PALETTE], 3));
    RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0062, 0x000f), rs_std_code(RS_STD_LESION)));
    return rs_dicom_out_end(ctx, out);
}

static rs_status put_shared(rs_context *ctx, const rs_report_filing *filing, rs_dicom_out *out)
{
    const element measures[] = {{RS_TAG(0x0018, 0x0050), filing->thickness_text},
                                {RS_TAG(0x0018, 0x0088), filing->spacing_text},
                                {RS_TAG(0x0028, 0x0030), filing->pixel_text}};
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x5200, 0x9229)));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0020, 0x9116)));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x0037), filing->orientation_text));
    RS_TRY(rs_dicom_out_end(ctx, out));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0028, 0x9110)));
    RS_TRY(PUT_TEXTS(ctx, out, measures));
    RS_TRY(rs_dicom_out_end(ctx, out));
    return rs_dicom_out_end(ctx, out);
}

/* Derivation Image (PS3.3 C.7.6.16.2.6): the slice that the frame lies on. */
static rs_status put_derivation(rs_context *ctx, const rs_report_image *image, rs_dicom_out *out)
{
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0008, 0x9124)));
    RS_TRY(rs_object_image(ctx, out, RS_TAG(0x0008, 0x2112), image, true));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0028, 0x135a), "YES"));
    RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0040, 0xa170), rs_std_code(RS_STD_SOURCE_IMAGE)));
    RS_TRY(rs_dicom_out_end(ctx, out));
    RS_TRY(rs_object_code(ctx, out, RS_TAG(0x0008, 0x9215), rs_std_code(RS_STD_SEGMENTATION)));
    return rs_dicom_out_end(ctx, out);
}

static rs_status put_frame(rs_context *ctx, const rs_report *report, const rs_seg_frame *frame, rs_dicom_out *out)
{
    const rs_report_image *image = &report->filing.images[frame->image];
    const int32_t segment = report->marks[frame->mark].rank;
    const uint32_t index[] = {(uint32_t)segment, (uint32_t)frame->image + 1};
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x5200, 0x9230)));
    RS_TRY(put_derivation(ctx, image, out));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0020, 0x9111)));
    RS_TRY(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0020, 0x9157), index, 2));
    RS_TRY(rs_dicom_out_end(ctx, out));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0020, 0x9113)));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x0032), image->position_text));
    RS_TRY(rs_dicom_out_end(ctx, out));
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0062, 0x000a)));
    RS_TRY(rs_dicom_out_number(ctx, out, RS_TAG(0x0062, 0x000b), segment));
    RS_TRY(rs_dicom_out_end(ctx, out));
    return rs_dicom_out_end(ctx, out);
}

/* Referenced Series (PS3.3 C.12.1.4): just the slices that frames cite. */
static rs_status put_references(rs_context *ctx, rs_arena *arena, const rs_report_filing *filing,
                                const rs_seg_frames *frames, rs_dicom_out *out)
{
    uint8_t *cited = rs_arena_alloc(arena, (size_t)filing->n_images, 1);
    if (!cited) return rs_fail_memory(ctx, "the segments");
    for (int32_t f = 0; f < frames->n_frames; f++)
        cited[frames->frames[f].image] = 1;
    RS_TRY(rs_dicom_out_begin(ctx, out, RS_TAG(0x0008, 0x1115)));
    RS_TRY(rs_object_images(ctx, out, RS_TAG(0x0008, 0x114a), filing, cited));
    RS_TRY(rs_object_source_uid(ctx, out, RS_TAG(0x0020, 0x000e), filing->series_instance_uid));
    return rs_dicom_out_end(ctx, out);
}

/* Pixel p of frame f is bit f * rows * columns + p, the lowest of a byte first (PS3.5 8.1.1). */
static rs_status put_pixels(rs_context *ctx, rs_arena *arena, const rs_report_filing *filing,
                            const rs_seg_frames *frames, rs_dicom_out *out)
{
    const size_t pixels = (size_t)filing->rows * (size_t)filing->columns;
    const size_t n_bytes = ((size_t)frames->n_frames * pixels + 7) / 8;
    uint8_t *bits = rs_arena_alloc(arena, n_bytes, 1);
    if (!bits) return rs_fail_memory(ctx, "the segments");
    for (int32_t f = 0; f < frames->n_frames; f++) {
        const rs_seg_frame *frame = &frames->frames[f];
        for (int32_t r = frame->first; r < frame->first + frame->n_runs; r++) {
            const rs_seg_run *run = &frames->runs[r];
            size_t at = (size_t)f * pixels + (size_t)run->j * (size_t)filing->columns + (size_t)run->i;
            for (int32_t i = 0; i < run->count; i++, at++)
                bits[at / 8] = (uint8_t)(bits[at / 8] | 1u << at % 8);
        }
    }
    return rs_dicom_out_bytes(ctx, out, RS_TAG(0x7fe0, 0x0010), bits, n_bytes);
}

static rs_status build(rs_context *ctx, const rs_object_task *task, rs_arena *arena, rs_dicom_out *out)
{
    const rs_report *report = task->report;
    rs_seg_frames frames;
    RS_TRY(rs_seg_frames_make(ctx, report, arena, &frames));
    RS_TRY(put_image(ctx, &report->filing, frames.n_frames, out));
    RS_TRY(put_dimensions(ctx, report->filing.dimension_uid, out));
    for (int m = 0; m < report->n_marks; m++)
        RS_TRY(put_segment(ctx, report, &report->marks[m], out));
    RS_TRY(put_references(ctx, arena, &report->filing, &frames, out));
    RS_TRY(put_shared(ctx, &report->filing, out));
    for (int32_t f = 0; f < frames.n_frames; f++)
        RS_TRY(put_frame(ctx, report, &frames.frames[f], out));
    return put_pixels(ctx, arena, &report->filing, &frames, out);
}

rs_status rs_write_seg(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                       const char *file_name)
{
    const rs_object_task task = {report, sources, folder, file_name};
    return rs_object_make(ctx, &task, RS_OBJECT_SEG, build);
}
