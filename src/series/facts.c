/* What one image says of itself, be it a file or a frame: numbers, place, rescale, and what tells volumes apart. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "csa.h"
#include "reading.h"
#include "restage/text.h"

#define UNASSIGNED_SHARED 0x00209170
#define UNASSIGNED_FRAME 0x00209171

/* What may tell volumes apart: where it stands in a functional group, and in an image of one frame. */
static const struct {
    uint32_t macro, group_tag, tag;
} split_places[SPLIT_COUNT] = {
#define SPLIT_PLACE(name, macro, group_tag, tag, words) {macro, group_tag, tag},
    SPLIT_TABLE(SPLIT_PLACE)
#undef SPLIT_PLACE
};

const rs_dicom_item *source_group(const source *from, uint32_t macro)
{
    const rs_dicom_item *item = from->frame ? rs_dicom_item_at(from->frame, macro, 0) : NULL;
    return item || !from->shared ? item : rs_dicom_item_at(from->shared, macro, 0);
}

const rs_dicom_item *source_holder(const source *from, uint32_t macro, uint32_t tag)
{
    if (from->frame) {
        const rs_dicom_item *const places[] = {
            macro ? rs_dicom_item_at(from->frame, macro, 0) : NULL,
            macro && from->shared ? rs_dicom_item_at(from->shared, macro, 0) : NULL,
            rs_dicom_item_at(from->frame, UNASSIGNED_FRAME, 0),
            from->shared ? rs_dicom_item_at(from->shared, UNASSIGNED_SHARED, 0) : NULL,
        };
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            if (places[i] && rs_dicom_item_has(places[i], tag)) return places[i];
        }
    }
    return rs_dicom_item_has(from->root, tag) ? from->root : NULL;
}

uint32_t source_private(const reading *r, const rs_dicom_item *item, uint32_t number, const char *creator,
                        uint32_t element)
{
    for (uint32_t block = 0x10; item && block < 0x20; block++) {
        const uint32_t tag = RS_TAG(number, block);
        const char *text = rs_dicom_item_has(item, tag) ? rs_dicom_item_text(r->file, item, tag, r->scratch) : NULL;
        if (text && strcmp(text, creator) == 0) return RS_TAG(number, block << 8 | element);
    }
    return 0;
}

static rs_dicom_found get_reals(const source *from, uint32_t macro, uint32_t tag, double *out, int n)
{
    const rs_dicom_item *item = source_holder(from, macro, tag);
    return item ? rs_dicom_item_reals(item, tag, out, n) : RS_DICOM_ABSENT;
}

static double real_or(const source *from, uint32_t macro, uint32_t tag, double otherwise)
{
    double value;
    return get_reals(from, macro, tag, &value, 1) == RS_DICOM_FOUND ? value : otherwise;
}

/* Where makers keep what DICOM had no place for. Only their own images are searched for it. */
static const struct maker {
    const char *name; /* in Manufacturer, in any case */
    const char *b_creator, *gradient_creator;
    uint32_t b_group, b_element, gradient_group, gradient_element;
    bool in_parts; /* the direction is three elements, not three values of one */
} makers[] = {
    {"SIEMENS", "SIEMENS MR HEADER", "SIEMENS MR HEADER", 0x0019, 0x0c, 0x0019, 0x0e, false},
    {"GE", "GEMS_PARM_01", "GEMS_ACQU_01", 0x0043, 0x39, 0x0019, 0xbb, true},
    {"PHILIPS", "Philips Imaging DD 001", "Philips MR Imaging DD 001", 0x2001, 0x03, 0x2005, 0xb0, true},
    {"UIH", "Image Private Header", "Image Private Header", 0x0065, 0x09, 0x0065, 0x37, false},
};

static bool begins(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if (toupper((unsigned char)*text) != *word) return false;
    return true;
}

/* NULL: none that is known, or no image that could be diffusion-weighted. */
static const struct maker *maker_of(const source *from, const header *h)
{
    if (from->frame || strcmp(h->facts.modality, "MR") != 0) return NULL;
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
        if (begins(h->facts.manufacturer, makers[i].name)) return &makers[i];
    return NULL;
}

/* The same out of the header that older Siemens scanners write; false where it does not say. */
static bool csa_values(const reading *r, const source *from, const char *name, double *out, int n)
{
    const uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    const uint32_t tag = source_private(r, from->root, 0x0029, "SIEMENS CSA HEADER", 0x10);
    return tag && rs_dicom_item_bytes(from->root, tag, &bytes, &n_bytes) &&
           csa_numbers(bytes, n_bytes, name, out, n) == n;
}

static double b_value(const reading *r, const source *from, const header *h)
{
    double value = real_or(from, 0x00189117, 0x00189087, (double)NAN);
    const struct maker *maker = isnan(value) ? maker_of(from, h) : NULL;
    if (maker) {
        int64_t whole;
        const uint32_t tag = source_private(r, from->root, maker->b_group, maker->b_creator, maker->b_element);
        if (tag && rs_dicom_item_integer(from->root, tag, &whole) == RS_DICOM_FOUND)
            value = (double)whole;
        else if (tag)
            rs_dicom_item_reals(from->root, tag, &value, 1);
    }
    if (isnan(value) && maker) csa_values(r, from, "B_value", &value, 1);
    /* GE adds 1e9 to the b value of some protocols. */
    if (value >= 1e9) value = fmod(value, 1e9);
    return value >= 0 && value < 1e6 ? value : (double)NAN;
}

/* Direction of the diffusion gradient; false where there is none. */
static bool gradient(const reading *r, const source *from, const header *h, double out[3])
{
    const rs_dicom_item *diffusion = from->frame ? source_group(from, 0x00189117) : NULL;
    const rs_dicom_item *direction = diffusion ? rs_dicom_item_at(diffusion, 0x00189076, 0) : NULL;
    if (direction && rs_dicom_item_reals(direction, 0x00189089, out, 3) == RS_DICOM_FOUND) return true;
    if (rs_dicom_item_reals(from->root, 0x00189089, out, 3) == RS_DICOM_FOUND) return true;
    const struct maker *maker = maker_of(from, h);
    const uint32_t tag =
        maker ? source_private(r, from->root, maker->gradient_group, maker->gradient_creator, maker->gradient_element)
              : 0;
    if (!tag) return maker && csa_values(r, from, "DiffusionGradientDirection", out, 3);
    if (!maker->in_parts) return rs_dicom_item_reals(from->root, tag, out, 3) == RS_DICOM_FOUND;
    for (uint32_t a = 0; a < 3; a++)
        if (rs_dicom_item_reals(from->root, tag + a, &out[a], 1) != RS_DICOM_FOUND) return false;
    return true;
}

static void read_numbers(const reading *r, const source *from, header *h)
{
    rs_series *facts = &h->facts;
    h->slice.instance_number = -1;
    const rs_dicom_item *numbered = source_holder(from, 0, 0x00200013);
    if (numbered) rs_dicom_item_integer(numbered, 0x00200013, &h->slice.instance_number);
    facts->kvp = real_or(from, 0x00189325, 0x00180060, NAN);
    facts->repetition_time_ms = real_or(from, 0x00189112, 0x00180080, NAN);
    facts->echo_time_ms = real_or(from, 0x00189114, 0x00189082, real_or(from, 0, 0x00180081, NAN));
    facts->inversion_time_ms = real_or(from, 0x00189115, 0x00189079, real_or(from, 0, 0x00180082, NAN));
    facts->b_value = b_value(r, from, h);
    const double thickness = real_or(from, 0x00289110, 0x00180050, 0);
    h->slice.thickness_mm = thickness > 0 ? thickness : 0;
}

/* Text of an element, numbers printed; "" where it is absent. */
static const char *printed(const reading *r, const rs_dicom_item *item, uint32_t tag)
{
    double value[3];
    int64_t whole;
    const char *text = rs_dicom_item_text(r->file, item, tag, r->scratch);
    if (!text || text[0]) return text;
    if (rs_dicom_item_integer(item, tag, &whole) == RS_DICOM_FOUND)
        return rs_arena_printf(r->scratch, "%lld", (long long)whole);
    if (rs_dicom_item_reals(item, tag, value, 1) == RS_DICOM_FOUND)
        return rs_arena_printf(r->scratch, "%.10g", value[0]);
    return "";
}

static const char *split_text(const reading *r, const source *from, const header *h, int which)
{
    double g[3];
    if (which == SPLIT_IMAGE_TYPE) return h->facts.image_type;
    if (which == SPLIT_CONTRAST) return h->facts.contrast_agent;
    if (which == SPLIT_FRAME) return h->facts.frame_of_reference_uid;
    if (which == SPLIT_PATIENT) return h->facts.patient_position;
    if (which == SPLIT_THICKNESS)
        return h->slice.thickness_mm > 0 ? rs_arena_printf(r->scratch, "%.4g", h->slice.thickness_mm) : "";
    if (which == SPLIT_B_VALUE)
        return isnan(h->facts.b_value) ? "" : rs_arena_printf(r->scratch, "%.10g", h->facts.b_value);
    if (which == SPLIT_DIRECTION) {
        /* Without weighting a direction means nothing. */
        if (isnan(h->facts.b_value) || h->facts.b_value == 0 || !gradient(r, from, h, g)) return "";
        return rs_arena_printf(r->scratch, "%.6g %.6g %.6g", g[0], g[1], g[2]);
    }
    const uint32_t macro = split_places[which].macro, own = split_places[which].group_tag;
    const rs_dicom_item *item = macro && from->frame ? source_holder(from, macro, own) : NULL;
    if (item) return printed(r, item, own);
    const uint32_t tag = split_places[which].tag;
    item = tag ? source_holder(from, 0, tag) : NULL;
    return item ? printed(r, item, tag) : "";
}

void facts_check_geometry(header *h)
{
    const double *u = h->orientation, *v = h->orientation + 3;
    if (!(h->pixel_spacing_mm[0] > 0 && h->pixel_spacing_mm[1] > 0)) {
        h->bad_geometry = "has a PixelSpacing that is not above 0";
    } else if (fmin(h->pixel_spacing_mm[0], h->pixel_spacing_mm[1]) < 1e-3 ||
               h->pixel_spacing_mm[0] * h->facts.rows > 3000 || h->pixel_spacing_mm[1] * h->facts.columns > 3000) {
        h->bad_geometry = "has a PixelSpacing that no scanner makes (below 0.001 mm, or a picture wider than 3 m)";
    } else if (fabs(dot(u, u) - 1) > 2e-3 || fabs(dot(v, v) - 1) > 2e-3 || fabs(dot(u, v)) > 1e-3) {
        h->bad_geometry = "has an orientation whose directions are not unit vectors at a right angle (1e-3)";
    }
    for (int a = 0; a < 3 && !h->bad_geometry; a++) {
        if (fabs(h->slice.position_lps_mm[a]) > 1e6) h->bad_geometry = "has a position more than a kilometre away";
    }
}

void facts_geometry(const source *from, header *h)
{
    const rs_dicom_found position = get_reals(from, 0x00209113, 0x00200032, h->slice.position_lps_mm, 3);
    const rs_dicom_found orientation = get_reals(from, 0x00209116, 0x00200037, h->orientation, 6);
    const rs_dicom_found spacing = get_reals(from, 0x00289110, 0x00280030, h->pixel_spacing_mm, 2);
    h->bad_geometry = NULL;
    h->placeless = position == RS_DICOM_ABSENT && orientation != RS_DICOM_BAD && spacing != RS_DICOM_BAD;
    if (get_reals(from, 0x00289110, 0x00180088, &h->between_mm, 1) != RS_DICOM_FOUND || !(h->between_mm > 0))
        h->between_mm = 0;
    if (orientation == RS_DICOM_ABSENT) h->orientation[0] = h->orientation[4] = 0;
    if (spacing == RS_DICOM_ABSENT) h->pixel_spacing_mm[0] = h->pixel_spacing_mm[1] = 0;
    if (position == RS_DICOM_ABSENT)
        h->bad_geometry = "has no position (ImagePositionPatient)";
    else if (position == RS_DICOM_BAD)
        h->bad_geometry = "has a position that is not three numbers";
    else if (orientation == RS_DICOM_ABSENT)
        h->bad_geometry = "has no orientation (ImageOrientationPatient)";
    else if (orientation == RS_DICOM_BAD)
        h->bad_geometry = "has an orientation that is not six numbers";
    else if (spacing == RS_DICOM_ABSENT)
        h->bad_geometry = "has no PixelSpacing";
    else if (spacing == RS_DICOM_BAD)
        h->bad_geometry = "has a PixelSpacing that is not two numbers";
    else
        facts_check_geometry(h);
}

static uint16_t word(const uint8_t *bytes, size_t i)
{
    uint16_t value;
    memcpy(&value, bytes + 2 * i, sizeof(value));
    return value;
}

/* The table of a Modality LUT (PS3.3 C.11.1); false where it cannot be used. The first value mapped has the sign of the
   pixels. */
static bool fill_lookup(const reading *r, const rs_dicom_item *item, bool is_signed, rs_lookup *out)
{
    const uint8_t *head = NULL, *data = NULL;
    size_t n_head = 0, n_data = 0;
    if (!rs_dicom_item_bytes(item, 0x00283002, &head, &n_head) || n_head != 6) return false;
    if (!rs_dicom_item_bytes(item, 0x00283006, &data, &n_data)) return false;
    const size_t n = word(head, 0) ? word(head, 0) : 65536;
    const int bits = word(head, 2);
    const bool bytes = n_data < 2 * n;
    if (n_data < (bytes ? n : 2 * n) || n_data > 2 * n + 1 || bits < 8 || bits > 16 || (bytes && bits != 8))
        return false;
    int32_t *value = RS_ARENA_RAW(r->scratch, int32_t, n);
    if (!value) return false;
    for (size_t i = 0; i < n; i++)
        value[i] = bytes ? data[i] : word(data, i);
    const uint16_t first = word(head, 1);
    *out = (rs_lookup){.first = is_signed ? (int16_t)first : first, .n = (int32_t)n, .value = value};
    out->type = rs_dicom_item_text(r->file, item, 0x00283004, r->scratch);
    return out->type != NULL;
}

static rs_status read_lookup(reading *r, const rs_dicom_item *item, header *h)
{
    rs_lookup made;
    if (!fill_lookup(r, item, h->facts.pixel_representation == 1, &made))
        return reading_refuse(r, h, "its Modality LUT is damaged: its table has not the length that it says");
    const rs_lookup *last = r->last->lookup;
    if (!last || last->first != made.first || last->n != made.n || strcmp(last->type, made.type) != 0 ||
        memcmp(last->value, made.value, (size_t)made.n * sizeof(made.value[0])) != 0) {
        made.value = rs_arena_copy(r->keep, made.value, (size_t)made.n, sizeof(made.value[0]));
        made.type = rs_arena_text(r->keep, made.type);
        last = rs_arena_copy(r->keep, &made, 1, sizeof(made));
        if (!made.value || !made.type || !last) return rs_fail_memory(r->ctx, "the headers");
        r->last->lookup = last;
    }
    h->slice.lookup = last;
    return RS_OK;
}

static rs_status read_rescale(reading *r, const source *from, header *h)
{
    double slope = 1, offset = 0;
    const rs_dicom_found found_slope = get_reals(from, 0x00289145, 0x00281053, &slope, 1);
    const rs_dicom_found found_offset = get_reals(from, 0x00289145, 0x00281052, &offset, 1);
    if (found_slope == RS_DICOM_BAD || !(fabs(slope) >= 1e-9 && fabs(slope) <= 1e9))
        return reading_refuse(r, h, "its RescaleSlope is no number that can be used");
    if (found_offset == RS_DICOM_BAD || !(fabs(offset) <= 1e9))
        return reading_refuse(r, h, "its RescaleIntercept is no number that can be used");
    h->has_rescale = found_slope == RS_DICOM_FOUND || found_offset == RS_DICOM_FOUND;
    h->slice.slope = slope;
    h->slice.offset = offset;
    const rs_dicom_item *lookup = h->has_rescale ? NULL : rs_dicom_item_at(from->root, 0x00283000, 0);
    return lookup ? read_lookup(r, lookup, h) : RS_OK;
}

rs_status facts_read(reading *r, const source *from, header *h)
{
    read_numbers(r, from, h);
    for (int i = 0; i < SPLIT_COUNT; i++)
        RS_TRY(reading_keep(r, split_text(r, from, h, i), SLOT_SPLITS + i, &h->split[i]));
    facts_geometry(from, h);
    return read_rescale(r, from, h);
}
