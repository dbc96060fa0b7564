/* A slice as CT Image Storage (DICOM PS3.3 A.3): type 1 and 2 attributes, the kernel's name by its class of sharpness,
   and no trace of the truth. */
#include "series.h"

#include <string.h>

#include "image_parts.h"
#include "random.h"
#include "restage/text.h"
#include "restage/version.h"

/* The recipe, other seeds and the later time point, mixed; 0 for the plain phantom. */
static uint64_t beyond_plain(const rs_phantom_identity *of)
{
    const rs_phantom_options *o = of->options;
    const uint64_t lesions = o->lesion_seed > 0 ? o->lesion_seed : o->seed,
                   scan = o->scan_seed > 0 ? o->scan_seed : o->seed;
    if (of->digest[0] == '\0' && lesions == o->seed && scan == o->seed && o->time_point == 0) return 0;
    uint64_t mixed = rs_phantom_bits(rs_phantom_bits(lesions + 1, scan), (uint64_t)o->time_point);
    for (const char *c = of->digest; *c != '\0'; c++)
        mixed = rs_phantom_bits(mixed, (uint64_t)(unsigned char)*c);
    return mixed | 1;
}

void rs_phantom_uid(const rs_phantom_identity *of, rs_phantom_uid_of what, uint32_t index, char out[65])
{
    const rs_phantom_options *o = of->options;
    const uint64_t more = beyond_plain(of);
    const int64_t parts[] = {RS_PHANTOM_GENERATION,
                             o->columns,
                             o->rows,
                             o->slices,
                             (int64_t)(o->slice_spacing_mm * 1e6),
                             (int64_t)(o->thickness_mm * 1e6),
                             (int64_t)(o->field_of_view_mm * 1e6),
                             o->n_lesions,
                             what,
                             index,
                             (int64_t)(o->smallest_mm * 1e6),
                             (int64_t)(o->largest_mm * 1e6)};
    bool default_sizes = o->smallest_mm == 0.0 && o->largest_mm == 0.0;
    size_t n_parts = sizeof parts / sizeof parts[0] - (default_sizes ? 2 : 0);
    uint64_t high = rs_phantom_key(o->seed, RS_PHANTOM_STREAM_UID, 0),
             low = rs_phantom_key(o->seed, RS_PHANTOM_STREAM_UID, 1);
    for (size_t n = 0; n < n_parts; n++) {
        high = rs_phantom_bits(high, (uint64_t)parts[n]);
        low = rs_phantom_bits(low, (uint64_t)parts[n] + 1);
    }
    if (more != 0) {
        high = rs_phantom_bits(high, more);
        low = rs_phantom_bits(low, more + 1);
    }
    rs_phantom_uid_text(high, low, out);
}

void rs_phantom_file_name(const rs_phantom_scan *scan, int32_t slice, char out[16])
{
    rs_text_format(out, 16, "IM%04d.dcm", (int)(scan->slices - slice));
}

/* Patient, study, series, equipment. */
/* Half a year lies between the time points. */
static const char *date_of(const rs_phantom_model *m)
{
    return m->options.time_point == 0 ? "20200101" : "20200701";
}

static rs_status set_patient(rs_context *ctx, rs_dicom_out *out, const rs_phantom_model *m)
{
    const rs_phantom_identity of = {&m->options, m->recipe.digest};
    const char *date = date_of(m);
    char name[64], id[64], study[65], series[65], frame[65], thickness[32], description[64];
    rs_text_format(name, sizeof name, "SYNTHETIC^%llu", (unsigned long long)m->seed);
    rs_text_format(id, sizeof id, "SYNTHETIC-%llu", (unsigned long long)m->seed);
    rs_text_format(thickness, sizeof thickness, "%.10g", m->scan.thickness_mm);
    rs_text_format(description, sizeof description, "SYNTHETIC CHEST %.3g mm %s", m->scan.thickness_mm, m->scan.kernel);
    rs_phantom_uid(&of, RS_PHANTOM_UID_STUDY, 0, study);
    rs_phantom_uid(&of, RS_PHANTOM_UID_SERIES, 0, series);
    rs_phantom_uid(&of, RS_PHANTOM_UID_FRAME, 0, frame);
    // clang-format off
    const rs_phantom_element elements[] = {
        {RS_TAG(0x0010, 0x0010), name}, {RS_TAG(0x0010, 0x0020), id},
        {RS_TAG(0x0010, 0x0030), ""}, {RS_TAG(0x0010, 0x0040), ""},
        {RS_TAG(0x0020, 0x000d), study}, {RS_TAG(0x0008, 0x0020), date}, {RS_TAG(0x0008, 0x0030), "120000"},
        {RS_TAG(0x0008, 0x0090), ""}, {RS_TAG(0x0020, 0x0010), "1"}, {RS_TAG(0x0008, 0x0050), ""},
        {RS_TAG(0x0008, 0x1030), "SYNTHETIC CHEST"},
        {RS_TAG(0x0008, 0x0060), "CT"}, {RS_TAG(0x0020, 0x000e), series}, {RS_TAG(0x0020, 0x0011), "2"},
        {RS_TAG(0x0008, 0x103e), description}, {RS_TAG(0x0008, 0x0021), date}, {RS_TAG(0x0008, 0x0031), "120000"},
        {RS_TAG(0x0018, 0x0015), "CHEST"},
        {RS_TAG(0x0020, 0x0052), frame}, {RS_TAG(0x0020, 0x1040), ""},
        {RS_TAG(0x0008, 0x0070), "restage"}, {RS_TAG(0x0008, 0x1090), "phantom"}, {RS_TAG(0x0018, 0x1020), rs_version()},
        {RS_TAG(0x0018, 0x0050), thickness}, {RS_TAG(0x0018, 0x0060), "120"}, {RS_TAG(0x0018, 0x1210), m->scan.kernel},
        {RS_TAG(0x0020, 0x0012), "1"},
    };
    // clang-format on
    return RS_PHANTOM_SET_ALL(ctx, out, elements);
}

/* Where the first pixel as stored lies, and the directions of its row and column. */
static void plane_of(const rs_phantom_scan *s, int32_t slice, double position[3], double direction[6])
{
    const double step[6] = {1.0, 0.0, 0.0, 0.0, s->row_mm / s->pixel_mm, s->rise_mm / s->pixel_mm};
    const int32_t last[2] = {s->columns - 1, s->rows - 1};
    for (int c = 0; c < 3; c++)
        position[c] = s->corner_mm[c] + s->shift_mm[c];
    position[2] += slice * s->spacing_mm;
    for (int axis = 0; axis < 2; axis++) {
        for (int c = 0; c < 3; c++) {
            direction[3 * axis + c] = s->flip[axis] ? -step[3 * axis + c] + 0.0 : step[3 * axis + c];
            if (s->flip[axis]) position[c] += last[axis] * s->pixel_mm * step[3 * axis + c];
        }
    }
}

/* What only scans by a recipe have: another position on the table, a lean. */
static rs_status set_other(rs_context *ctx, rs_dicom_out *out, const rs_phantom_scan *s)
{
    static const char *const positions[2][2] = {{"HFS", "FFP"}, {"FFS", "HFP"}};
    char tilt[32];
    rs_text_format(tilt, sizeof tilt, "%.6g", s->tilt_deg);
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0018, 0x5100), positions[s->flip[0] ? 1 : 0][s->flip[1] ? 1 : 0]));
    return s->tilt_deg != 0.0 ? rs_dicom_out_text(ctx, out, RS_TAG(0x0018, 0x1120), tilt) : RS_OK;
}

/* Image, plane, pixels. */
static rs_status set_image(rs_context *ctx, rs_dicom_out *out, const rs_phantom_model *m, int32_t slice)
{
    const rs_phantom_identity of = {&m->options, m->recipe.digest};
    const char *date = date_of(m);
    const rs_phantom_scan *s = &m->scan;
    char image[65], number[16], spacing[64], position[96], location[32], directions[160];
    double p[3], d[6];
    plane_of(s, slice, p, d);
    rs_phantom_uid(&of, RS_PHANTOM_UID_IMAGE, (uint32_t)slice, image);
    rs_text_format(number, sizeof number, "%d", (int)(s->flip[2] ? slice + 1 : s->slices - slice));
    rs_text_format(directions, sizeof directions, "%.10g\\%.10g\\%.10g\\%.10g\\%.10g\\%.10g", d[0], d[1], d[2], d[3],
                   d[4], d[5]);
    rs_text_format(spacing, sizeof spacing, "%.10g\\%.10g", s->pixel_mm, s->pixel_mm);
    rs_text_format(position, sizeof position, "%.6f\\%.6f\\%.6f", p[0], p[1], p[2]);
    rs_text_format(location, sizeof location, "%.6f", p[2]);
    const rs_phantom_element elements[] = {
        {RS_TAG(0x0008, 0x0016), "1.2.840.10008.5.1.4.1.1.2"},
        {RS_TAG(0x0008, 0x0018), image},
        {RS_TAG(0x0008, 0x0008), "ORIGINAL\\PRIMARY\\AXIAL"},
        {RS_TAG(0x0020, 0x0013), number},
        {RS_TAG(0x0008, 0x0023), date},
        {RS_TAG(0x0008, 0x0033), "120000"},
        {RS_TAG(0x0028, 0x0030), spacing},
        {RS_TAG(0x0020, 0x0037), directions},
        {RS_TAG(0x0020, 0x0032), position},
        {RS_TAG(0x0020, 0x1041), location},
        {RS_TAG(0x0028, 0x0004), "MONOCHROME2"},
        {RS_TAG(0x0028, 0x1052), s->is_signed ? "0" : "-1024"},
        {RS_TAG(0x0028, 0x1053), "1"},
        {RS_TAG(0x0028, 0x1054), "HU"},
        {RS_TAG(0x0028, 0x1050), "-600"},
        {RS_TAG(0x0028, 0x1051), "1500"},
    };
    RS_TRY(RS_PHANTOM_SET_ALL(ctx, out, elements));
    const struct {
        uint16_t element;
        int32_t value;
    } numbers[] = {{0x0002, 1},       {0x0010, s->rows},     {0x0011, s->columns},          {0x0100, 16},
                   {0x0101, s->bits}, {0x0102, s->bits - 1}, {0x0103, s->is_signed ? 1 : 0}};
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        RS_TRY(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, numbers[n].element), numbers[n].value));
    return RS_OK;
}

/* Pixels as they are stored: the other way round, signed. */
static rs_status set_pixels(rs_context *ctx, rs_dicom_out *out, rs_arena *arena, const rs_phantom_scan *s,
                            const uint16_t *voxels)
{
    const size_t n = (size_t)s->columns * (size_t)s->rows;
    if (!s->flip[0] && !s->flip[1] && !s->is_signed) return rs_dicom_out_pixels(ctx, out, voxels, n);
    uint16_t *words = RS_ARENA_RAW(arena, uint16_t, n);
    if (words == NULL) return rs_fail_memory(ctx, "the phantom");
    for (int32_t j = 0; j < s->rows; j++) {
        const uint16_t *from = voxels + (size_t)(s->flip[1] ? s->rows - 1 - j : j) * (size_t)s->columns;
        uint16_t *to = words + (size_t)j * (size_t)s->columns;
        for (int32_t i = 0; i < s->columns; i++)
            to[i] = (uint16_t)(from[s->flip[0] ? s->columns - 1 - i : i] - (s->is_signed ? 1024 : 0));
    }
    return rs_dicom_out_pixels(ctx, out, words, n);
}

rs_status rs_phantom_encode(rs_context *ctx, rs_arena *arena, const rs_phantom_model *m, int32_t slice,
                            const uint16_t *voxels, uint8_t **bytes, size_t *n_bytes)
{
    rs_dicom_out *out = NULL;
    RS_TRY(rs_dicom_out_new(ctx, &out));
    rs_status status = set_patient(ctx, out, m);
    if (status == RS_OK) status = set_image(ctx, out, m, slice);
    if (status == RS_OK) status = set_other(ctx, out, &m->scan);
    if (status == RS_OK) status = set_pixels(ctx, out, arena, &m->scan, voxels);
    if (status == RS_OK) status = rs_dicom_out_encode(ctx, out, arena, bytes, n_bytes);
    rs_dicom_out_free(out);
    return status;
}
