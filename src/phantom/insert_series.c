/* A slice with its lesions as CT Image Storage (DICOM PS3.3 A.3), made anew: geometry, rescale and what the scanner
   did come from the series; nothing that names or dates the patient does. */
#include <math.h>
#include <string.h>

#include "image_parts.h"
#include "insert_room.h"
#include "restage/text.h"
#include "restage/version.h"

/* 60 bits of a digest. */
static uint64_t digest_bits(const char *digest, int part)
{
    uint64_t bits = 0;
    for (int n = 0; n < 15; n++) {
        char digit = digest[15 * part + n];
        bits = bits << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return bits;
}

void rs_insert_uid(const rs_insert_scene *s, int what, uint32_t index, char out[65])
{
    /* One study for all insertions into a scan; the frame of reference stays that of the voxels. */
    const bool shared = what == 1 || what == 3;
    const uint64_t parts[] = {digest_bits(s->digest, 0),
                              digest_bits(s->digest, 1),
                              (uint64_t)what,
                              index,
                              shared ? 0 : digest_bits(s->changes, 0),
                              shared ? 0 : digest_bits(s->changes, 1)};
    uint64_t seed = shared ? 0 : s->options->seed, high = rs_phantom_key(seed, RS_INSERT_STREAM_UID, 0),
             low = rs_phantom_key(seed, RS_INSERT_STREAM_UID, 1);
    for (size_t n = 0; n < sizeof parts / sizeof parts[0]; n++) {
        high = rs_phantom_bits(high, parts[n]);
        low = rs_phantom_bits(low, parts[n] + 1);
    }
    rs_phantom_uid_text(high, low, out);
}

/* A text of the source in plain letters, cut to what its VR holds. */
static void plain(char *out, size_t size, const char *text)
{
    rs_text_printable(out, size, text != NULL ? text : "");
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
}

static rs_status set_patient(rs_context *ctx, rs_dicom_out *out, const rs_insert_scene *s)
{
    const rs_series *source = s->in->series;
    char name[64], id[64], study[65], series[65], frame[65], thickness[32], description[65], kernel[17], maker[65],
        kvp[32];
    char position[17];
    rs_text_format(name, sizeof name, "SYNTHETIC^%.8s", s->digest);
    rs_text_format(id, sizeof id, "SYNTHETIC-%.8s", s->digest);
    rs_text_format(thickness, sizeof thickness, "%.10g", s->in->quality->thickness_mm);
    rs_text_format(description, sizeof description, RS_INSERT_DESCRIPTION " seed %llu",
                   (unsigned long long)s->options->seed);
    rs_text_format(kvp, sizeof kvp, "%.10g", source->kvp);
    plain(kernel, sizeof kernel, source->kernel);
    plain(maker, sizeof maker, source->manufacturer);
    plain(position, sizeof position, source->patient_position);
    rs_insert_uid(s, 1, 0, study);
    rs_insert_uid(s, 2, 0, series);
    rs_insert_uid(s, 3, 0, frame);
    // clang-format off
    const rs_phantom_element elements[] = {
        {RS_TAG(0x0010, 0x0010), name}, {RS_TAG(0x0010, 0x0020), id},
        {RS_TAG(0x0010, 0x0030), ""}, {RS_TAG(0x0010, 0x0040), ""},
        {RS_TAG(0x0020, 0x000d), study}, {RS_TAG(0x0008, 0x0020), "20200101"}, {RS_TAG(0x0008, 0x0030), "120000"},
        {RS_TAG(0x0008, 0x0090), ""}, {RS_TAG(0x0020, 0x0010), "1"}, {RS_TAG(0x0008, 0x0050), ""},
        {RS_TAG(0x0008, 0x1030), RS_INSERT_DESCRIPTION},
        {RS_TAG(0x0008, 0x0060), "CT"}, {RS_TAG(0x0020, 0x000e), series}, {RS_TAG(0x0020, 0x0011), "2"},
        {RS_TAG(0x0008, 0x103e), description}, {RS_TAG(0x0008, 0x0021), "20200101"}, {RS_TAG(0x0008, 0x0031), "120000"},
        {RS_TAG(0x0018, 0x0015), "CHEST"}, {RS_TAG(0x0018, 0x5100), position},
        {RS_TAG(0x0020, 0x0052), frame}, {RS_TAG(0x0020, 0x1040), ""},
        {RS_TAG(0x0008, 0x0070), maker}, {RS_TAG(0x0018, 0x1020), rs_version()},
        {RS_TAG(0x0018, 0x0050), thickness}, {RS_TAG(0x0018, 0x0060), isfinite(source->kvp) ? kvp : ""},
        {RS_TAG(0x0018, 0x1210), kernel}, {RS_TAG(0x0020, 0x0012), "1"},
    };
    // clang-format on
    return RS_PHANTOM_SET_ALL(ctx, out, elements);
}

static rs_status set_image(rs_context *ctx, rs_dicom_out *out, const rs_insert_scene *s, int32_t k)
{
    const rs_volume *v = s->in->volume;
    const rs_geometry *g = &v->geometry;
    char image[65], number[16], spacing[64], position[96], directions[128], location[32], slope[32], offset[32];
    double index[3] = {0.0, 0.0, k}, p[3];
    rs_geometry_to_lps(g, index, p);
    rs_insert_uid(s, 4, (uint32_t)k, image);
    rs_text_format(number, sizeof number, "%d", (int)k + 1);
    rs_text_format(spacing, sizeof spacing, "%.10g\\%.10g", g->spacing_mm[1], g->spacing_mm[0]);
    rs_text_format(position, sizeof position, "%.10g\\%.10g\\%.10g", p[0], p[1], p[2]);
    rs_text_format(directions, sizeof directions, "%.9g\\%.9g\\%.9g\\%.9g\\%.9g\\%.9g", g->axis[0][0], g->axis[0][1],
                   g->axis[0][2], g->axis[1][0], g->axis[1][1], g->axis[1][2]);
    double along = 0.0;
    for (int c = 0; c < 3; c++)
        along += p[c] * g->axis[2][c];
    rs_text_format(location, sizeof location, "%.10g", along);
    rs_text_format(slope, sizeof slope, "%.10g", v->slope);
    rs_text_format(offset, sizeof offset, "%.10g", v->offset);
    const rs_phantom_element elements[] = {
        {RS_TAG(0x0008, 0x0016), "1.2.840.10008.5.1.4.1.1.2"},
        {RS_TAG(0x0008, 0x0018), image},
        {RS_TAG(0x0008, 0x0008), "DERIVED\\PRIMARY\\AXIAL"},
        {RS_TAG(0x0008, 0x2111), "synthetic lesions blended in for tests; not for diagnosis"},
        {RS_TAG(0x0020, 0x0013), number},
        {RS_TAG(0x0008, 0x0023), "20200101"},
        {RS_TAG(0x0008, 0x0033), "120000"},
        {RS_TAG(0x0028, 0x0030), spacing},
        {RS_TAG(0x0020, 0x0037), directions},
        {RS_TAG(0x0020, 0x0032), position},
        {RS_TAG(0x0020, 0x1041), location},
        {RS_TAG(0x0028, 0x0004), "MONOCHROME2"},
        {RS_TAG(0x0028, 0x1052), offset},
        {RS_TAG(0x0028, 0x1053), slope},
        {RS_TAG(0x0028, 0x1054), "HU"},
        {RS_TAG(0x0028, 0x1050), "-600"},
        {RS_TAG(0x0028, 0x1051), "1500"},
    };
    RS_TRY(RS_PHANTOM_SET_ALL(ctx, out, elements));
    /* What was compressed lossily once stays so (DICOM PS3.3 C.7.6.1.1.5). */
    const char *lossy = s->in->series->lossy_compression;
    if (lossy != NULL && strcmp(lossy, "01") == 0) RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0028, 0x2110), lossy));
    const struct {
        uint16_t element;
        int32_t value;
    } numbers[] = {{0x0002, 1},  {0x0010, g->n[1]}, {0x0011, g->n[0]}, {0x0100, 16},
                   {0x0101, 16}, {0x0102, 15},      {0x0103, 1}};
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        RS_TRY(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, numbers[n].element), numbers[n].value));
    return RS_OK;
}

static void blend_slice(const rs_insertion *in, int32_t k, int16_t *voxels)
{
    const rs_volume *v = in->scene->in->volume;
    const int32_t *n = v->geometry.n;
    for (int m = 0; m < in->n; m++) {
        const rs_insert_lesion *l = &in->lesions[m];
        if (k < l->begin[2] || k >= l->end[2]) continue;
        int32_t wide = l->end[0] - l->begin[0], high = l->end[1] - l->begin[1];
        const float *delta = l->delta + (int64_t)(k - l->begin[2]) * wide * high;
        for (int32_t j = l->begin[1]; j < l->end[1]; j++) {
            int16_t *row = voxels + (int64_t)j * n[0];
            for (int32_t i = l->begin[0]; i < l->end[0]; i++, delta++) {
                if (*delta == 0.0f) continue;
                double hu = v->slope * row[i] + v->offset, mixed = hu + (double)*delta;
                double least = hu < -1024.0 ? hu : -1024.0; /* no scanner writes less than air */
                row[i] = rs_volume_stored(v, mixed < least ? least : mixed);
            }
        }
    }
}

rs_status rs_insert_encode(rs_context *ctx, rs_arena *arena, const rs_insertion *in, int32_t k, uint8_t **bytes,
                           size_t *n_bytes)
{
    const rs_volume *v = in->scene->in->volume;
    size_t plane = (size_t)v->geometry.n[0] * (size_t)v->geometry.n[1];
    int16_t *voxels = rs_arena_copy(arena, v->voxels + plane * (size_t)k, plane, sizeof *voxels);
    if (voxels == NULL) return rs_fail_memory(ctx, "a slice");
    blend_slice(in, k, voxels);
    rs_dicom_out *out = NULL;
    RS_TRY(rs_dicom_out_new(ctx, &out));
    rs_status status = set_patient(ctx, out, in->scene);
    if (status == RS_OK) status = set_image(ctx, out, in->scene, k);
    if (status == RS_OK) status = rs_dicom_out_pixels(ctx, out, (const uint16_t *)voxels, plane);
    if (status == RS_OK) status = rs_dicom_out_encode(ctx, out, arena, bytes, n_bytes);
    rs_dicom_out_free(out);
    return status;
}
