/* Reads every file's header once, on all threads; a file's facts depend on its bytes alone. Texts that repeat from file
   to file are kept once a worker. */
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "dicom/dicom.h"
#include "restage/files.h"
#include "restage/parallel.h"
#include "series_private.h"

/* Text fields of rs_series. X(field, tag) */
#define TEXT_TABLE(X)                                                                                                  \
    X(series_instance_uid, 0x0020000e)                                                                                 \
    X(study_instance_uid, 0x0020000d)                                                                                  \
    X(frame_of_reference_uid, 0x00200052)                                                                              \
    X(sop_class_uid, 0x00080016)                                                                                       \
    X(patient_id, 0x00100020)                                                                                          \
    X(patient_name, 0x00100010)                                                                                        \
    X(patient_birth_date, 0x00100030)                                                                                  \
    X(patient_sex, 0x00100040)                                                                                         \
    X(issuer_of_patient_id, 0x00100021)                                                                                \
    X(study_date, 0x00080020)                                                                                          \
    X(study_time, 0x00080030)                                                                                          \
    X(study_description, 0x00081030)                                                                                   \
    X(accession_number, 0x00080050)                                                                                    \
    X(modality, 0x00080060)                                                                                            \
    X(description, 0x0008103e)                                                                                         \
    X(manufacturer, 0x00080070)                                                                                        \
    X(model, 0x00081090)                                                                                               \
    X(image_type, 0x00080008)                                                                                          \
    X(kernel, 0x00181210)                                                                                              \
    X(patient_position, 0x00185100)                                                                                    \
    X(contrast_agent, 0x00180010)                                                                                      \
    X(body_part, 0x00180015)                                                                                           \
    X(protocol_name, 0x00181030)                                                                                       \
    X(scanning_sequence, 0x00180020)                                                                                   \
    X(sequence_variant, 0x00180021)                                                                                    \
    X(scan_options, 0x00180022)                                                                                        \
    X(sequence_name, 0x00180024)                                                                                       \
    X(lossy_compression, 0x00282110)

typedef struct text_field {
    size_t at;
    uint32_t tag;
} text_field;

static const text_field text_fields[] = {
#define TEXT_ROW(field, tag) {offsetof(rs_series, field), tag},
    TEXT_TABLE(TEXT_ROW)
#undef TEXT_ROW
};
enum { N_TEXTS = sizeof(text_fields) / sizeof(text_fields[0]) };

static const uint32_t split_tags[SPLIT_COUNT] = {
#define SPLIT_TAG(name, tag, words) tag,
    SPLIT_TABLE(SPLIT_TAG)
#undef SPLIT_TAG
};

typedef struct job {
    rs_study *study;
    const char **last; /* (N_TEXTS + SPLIT_COUNT) a worker */
    atomic_int n_done;
} job;

/* The file being read. */
typedef struct reading {
    rs_context *ctx;
    rs_dicom_file *file;
    header *h;
    rs_arena *scratch, *keep;
    const char **last;
} reading;

/* A text in the keep arena; the one of the file before where it is the same. */
static rs_status keep_text(reading *r, uint32_t tag, const char **last, const char **out)
{
    const char *text = rs_dicom_file_text(r->file, tag, r->scratch);
    if (text && *last && strcmp(text, *last) == 0) {
        *out = *last;
        return RS_OK;
    }
    *out = *last = text ? rs_arena_text(r->keep, text) : NULL;
    return *out ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static rs_status refuse(reading *r, const char *reason)
{
    r->h->state = HEADER_REFUSED;
    r->h->reason = rs_arena_text(r->keep, reason);
    return r->h->reason ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static double real_or(const reading *r, uint32_t tag, double otherwise)
{
    double value;
    return rs_dicom_file_reals(r->file, tag, &value, 1) == RS_DICOM_FOUND ? value : otherwise;
}

static rs_status read_texts(reading *r)
{
    rs_series *facts = &r->h->facts;
    for (int i = 0; i < N_TEXTS; i++) {
        const char **field = (const char **)(void *)((char *)facts + text_fields[i].at);
        RS_TRY(keep_text(r, text_fields[i].tag, &r->last[i], field));
    }
    facts->transfer_syntax_uid = rs_dicom_file_syntax(r->file); /* static rows of a table */
    facts->transfer_syntax_name = rs_dicom_file_syntax_name(r->file);
    RS_TRY(keep_text(r, 0x00280004, &r->last[N_TEXTS], &facts->photometric));
    for (int i = 0; i < SPLIT_COUNT; i++)
        RS_TRY(keep_text(r, split_tags[i], &r->last[N_TEXTS + 1 + i], &r->h->split[i]));
    r->h->slice.sop_instance_uid = rs_arena_text(r->keep, rs_dicom_file_text(r->file, 0x00080018, r->scratch));
    return r->h->slice.sop_instance_uid ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static void read_numbers(reading *r)
{
    rs_series *facts = &r->h->facts;
    facts->series_number = r->h->slice.instance_number = -1;
    rs_dicom_file_integer(r->file, 0x00200011, &facts->series_number);
    rs_dicom_file_integer(r->file, 0x00200013, &r->h->slice.instance_number);
    facts->kvp = real_or(r, 0x00180060, NAN);
    facts->repetition_time_ms = real_or(r, 0x00180080, NAN);
    facts->echo_time_ms = real_or(r, 0x00180081, NAN);
    facts->inversion_time_ms = real_or(r, 0x00180082, NAN);
    facts->b_value = real_or(r, 0x00189087, NAN);
    const double thickness = real_or(r, 0x00180050, 0);
    r->h->slice.thickness_mm = thickness > 0 ? thickness : 0;
}

/* B value is binary: its text is its number. */
static rs_status read_split_numbers(reading *r)
{
    if (isnan(r->h->facts.b_value)) return RS_OK;
    r->h->split[SPLIT_B_VALUE] = rs_arena_printf(r->keep, "%.10g", r->h->facts.b_value);
    return r->h->split[SPLIT_B_VALUE] ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static void read_geometry(reading *r)
{
    header *h = r->h;
    const rs_dicom_found position = rs_dicom_file_reals(r->file, 0x00200032, h->slice.position_lps_mm, 3);
    const rs_dicom_found orientation = rs_dicom_file_reals(r->file, 0x00200037, h->orientation, 6);
    const rs_dicom_found spacing = rs_dicom_file_reals(r->file, 0x00280030, h->pixel_spacing_mm, 2);
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
    else if (!(h->pixel_spacing_mm[0] > 0 && h->pixel_spacing_mm[1] > 0)) {
        h->bad_geometry = "has a PixelSpacing that is not above 0";
    } else if (fmin(h->pixel_spacing_mm[0], h->pixel_spacing_mm[1]) < 1e-3 ||
               h->pixel_spacing_mm[0] * h->facts.rows > 3000 || h->pixel_spacing_mm[1] * h->facts.columns > 3000) {
        h->bad_geometry = "has a PixelSpacing that no scanner makes (below 0.001 mm, or a picture wider than 3 m)";
    }
    if (h->bad_geometry) return;
    const double *u = h->orientation, *v = h->orientation + 3;
    if (fabs(dot(u, u) - 1) > 2e-3 || fabs(dot(v, v) - 1) > 2e-3 || fabs(dot(u, v)) > 1e-3) {
        h->bad_geometry = "has an orientation whose directions are not unit vectors at a right angle (1e-3)";
    }
    for (int a = 0; a < 3; a++) {
        if (fabs(h->slice.position_lps_mm[a]) > 1e6) h->bad_geometry = "has a position more than a kilometre away";
    }
}

static rs_status read_rescale(reading *r)
{
    header *h = r->h;
    double slope = 1, offset = 0;
    const rs_dicom_found found_slope = rs_dicom_file_reals(r->file, 0x00281053, &slope, 1);
    const rs_dicom_found found_offset = rs_dicom_file_reals(r->file, 0x00281052, &offset, 1);
    if (found_slope == RS_DICOM_BAD || !(fabs(slope) >= 1e-9 && fabs(slope) <= 1e9))
        return refuse(r, "its RescaleSlope is no number that can be used");
    if (found_offset == RS_DICOM_BAD || !(fabs(offset) <= 1e9))
        return refuse(r, "its RescaleIntercept is no number that can be used");
    h->has_rescale = found_slope == RS_DICOM_FOUND || found_offset == RS_DICOM_FOUND;
    h->slice.slope = slope;
    h->slice.offset = offset;
    if (!h->has_rescale && rs_dicom_item_count(rs_dicom_file_root(r->file), 0x00283000) > 0) {
        h->state = HEADER_ASIDE;
        h->reason = "images with a Modality LUT, which this version does not apply";
    }
    return RS_OK;
}

/* PS3.5 9.1: 64 characters at most. What lies behind the header relies on it. */
static bool usable_uid(const char *uid)
{
    if (!uid[0] || strlen(uid) > 64) return false;
    for (const char *c = uid; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '/' || *c == '\\') return false;
    }
    return true;
}

static void copy_image(header *h, const rs_dicom_image *image)
{
    rs_series *facts = &h->facts;
    facts->rows = image->rows;
    facts->columns = image->columns;
    facts->bits_allocated = image->bits_allocated;
    facts->bits_stored = image->bits_stored;
    facts->high_bit = image->high_bit;
    facts->pixel_representation = image->pixel_representation;
    facts->samples_per_pixel = image->samples_per_pixel;
    facts->has_padding = image->has_padding;
    facts->padding_value = image->padding_value;
    facts->padding_range_limit = image->has_padding_limit ? image->padding_range_limit : image->padding_value;
}

static rs_status set_aside(reading *r, const char *reason)
{
    r->h->state = HEADER_ASIDE;
    r->h->reason = reason;
    return reason ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

/* A file that is an image of a kind that restage reads: may its pixels be used? */
static rs_status read_image(reading *r)
{
    header *h = r->h;
    rs_dicom_image image;
    const rs_status status = rs_dicom_file_image(r->ctx, r->file, &image);
    if (status == RS_DATA) return refuse(r, rs_context_message(r->ctx));
    RS_TRY(status);
    if (!image.has_pixels) return set_aside(r, "an image without pixels");
    copy_image(h, &image);
    if (!usable_uid(h->slice.sop_instance_uid)) return refuse(r, "its SOPInstanceUID is empty or no UID");
    const char *const uids[] = {h->facts.study_instance_uid, h->facts.series_instance_uid,
                                h->facts.frame_of_reference_uid};
    for (int i = 0; i < 3; i++)
        if (uids[i][0] && !usable_uid(uids[i])) return refuse(r, "a UID of its study, series or frame is no UID");
    if (image.samples_per_pixel > 1 || strcmp(h->facts.photometric, "PALETTE COLOR") == 0) {
        return set_aside(r, "pictures in colour, no measured images");
    }
    if (strcmp(h->facts.photometric, "MONOCHROME1") != 0 && strcmp(h->facts.photometric, "MONOCHROME2") != 0) {
        return refuse(r, "its PhotometricInterpretation is not grayscale");
    }
    if (image.frames > 1) return refuse(r, "it holds several frames, which its SOP class does not allow");
    if (image.bits_allocated != 8 && image.bits_allocated != 16) {
        return set_aside(r, rs_arena_printf(r->keep, "images of %d bits a pixel, which this version does not read",
                                            image.bits_allocated));
    }
    if (!rs_dicom_file_decodes(r->file)) {
        return set_aside(r, rs_arena_printf(r->keep, "images in %s (%s), which this version does not decode",
                                            h->facts.transfer_syntax_name, h->facts.transfer_syntax_uid));
    }
    h->state = HEADER_IMAGE;
    read_geometry(r);
    return read_rescale(r);
}

static rs_status read_parsed(reading *r)
{
    RS_TRY(read_texts(r));
    read_numbers(r);
    RS_TRY(read_split_numbers(r));
    const char *reason = series_aside(&r->h->facts, r->keep);
    if (reason) return set_aside(r, reason);
    return read_image(r);
}

static rs_status read_dicom(reading *r, const uint8_t *bytes, size_t n_bytes)
{
    rs_status status = rs_dicom_file_open(r->ctx, r->scratch, bytes, n_bytes, &r->file);
    if (status == RS_NO_INPUT) {
        r->h->state = HEADER_OTHER;
        return RS_OK;
    }
    if (status == RS_OK) status = rs_dicom_file_parse(r->ctx, r->file);
    if (status == RS_DATA)
        status = refuse(r, rs_context_message(r->ctx));
    else if (status == RS_OK)
        status = read_parsed(r);
    rs_dicom_file_close(r->file);
    return status;
}

static rs_status read_file(reading *r)
{
    uint8_t *bytes = NULL;
    rs_status status = RS_AGAIN;
    /* Once more for a file that changed (integration B.2, 38). */
    for (int attempt = 0; attempt < 2 && status == RS_AGAIN; attempt++) {
        status = rs_file_read(r->ctx, r->scratch, r->h->path, MAX_FILE_BYTES, r->h->is_start, &bytes, &r->h->n_bytes);
    }
    if (status == RS_OK) return read_dicom(r, bytes, r->h->n_bytes);
    if (status == RS_AGAIN) return status;
    return refuse(r, rs_context_message(r->ctx));
}

static rs_status read_item(rs_context *ctx, int64_t item, int worker, void *arg)
{
    job *j = arg;
    rs_study *study = j->study;
    if (!study->worker_arena[worker]) study->worker_arena[worker] = rs_arena_new();
    reading r = {.ctx = ctx,
                 .h = &study->header[item],
                 .scratch = rs_scratch(ctx),
                 .keep = study->worker_arena[worker],
                 .last = j->last + (size_t)worker * (N_TEXTS + 1 + SPLIT_COUNT)};
    if (!r.scratch || !r.keep) return rs_fail_memory(ctx, "the headers");
    const rs_arena_mark mark = rs_arena_where(r.scratch);
    const rs_status status = read_file(&r);
    rs_arena_rewind(r.scratch, mark);
    rs_context_progress(ctx, "series", atomic_fetch_add(&j->n_done, 1) + 1, study->n_headers);
    return status;
}

rs_status series_read_headers(rs_context *ctx, rs_study *study)
{
    job j = {.study = study};
    const size_t n_last = (size_t)study->n_workers * (N_TEXTS + 1 + SPLIT_COUNT);
    atomic_init(&j.n_done, 0);
    j.last = RS_ARENA_NEW(study->arena, const char *, n_last);
    if (!j.last) return rs_fail_memory(ctx, "the headers");
    RS_TRY(rs_parallel_for(ctx, study->n_headers, read_item, &j));
    rs_walk_counts *counts = &study->counts;
    for (int i = 0; i < study->n_headers; i++) {
        const header *h = &study->header[i];
        if (h->state == HEADER_OTHER)
            counts->other++;
        else
            counts->dicom++;
        if (h->state != HEADER_REFUSED) continue;
        if (++counts->refused > NOTED_REFUSALS) continue;
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "file_refused", NULL, "%s is refused: %s", h->shown,
                            h->reason));
    }
    return RS_OK;
}
