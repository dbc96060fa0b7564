/* Reads every file's header once, on all threads; a file's facts depend on its bytes alone. Texts that repeat from file
   to file are kept once a worker. */
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "reading.h"
#include "restage/files.h"
#include "restage/parallel.h"

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

_Static_assert((int)N_TEXTS <= 40, "slots of texts: see reading.h");

typedef struct job {
    rs_study *study;
    kept *last; /* one a worker */
    atomic_int n_done;
} job;

rs_status reading_keep(reading *r, const char *text, int slot, const char **out)
{
    const char **last = &r->last->text[slot];
    if (text && *last && strcmp(text, *last) == 0) {
        *out = *last;
        return RS_OK;
    }
    *out = *last = text ? rs_arena_text(r->keep, text) : NULL;
    return *out ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static rs_status keep_text(reading *r, uint32_t tag, int slot, const char **out)
{
    return reading_keep(r, rs_dicom_file_text(r->file, tag, r->scratch), slot, out);
}

rs_status reading_refuse(reading *r, header *h, const char *reason)
{
    h->state = HEADER_REFUSED;
    h->reason = rs_arena_text(r->keep, reason);
    return h->reason ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

rs_status reading_set_aside(reading *r, header *h, const char *reason)
{
    h->state = HEADER_ASIDE;
    h->reason = reason;
    return reason ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static rs_status refuse(reading *r, const char *reason)
{
    return reading_refuse(r, r->h, reason);
}

static rs_status set_aside(reading *r, const char *reason)
{
    return reading_set_aside(r, r->h, reason);
}

static rs_status read_texts(reading *r)
{
    rs_series *facts = &r->h->facts;
    for (int i = 0; i < N_TEXTS; i++) {
        const char **field = (const char **)(void *)((char *)facts + text_fields[i].at);
        RS_TRY(keep_text(r, text_fields[i].tag, SLOT_TEXTS + i, field));
    }
    facts->transfer_syntax_uid = rs_dicom_file_syntax(r->file); /* static rows of a table */
    facts->transfer_syntax_name = rs_dicom_file_syntax_name(r->file);
    RS_TRY(keep_text(r, 0x00280004, SLOT_PHOTOMETRIC, &facts->photometric));
    facts->series_number = r->h->slice.instance_number = -1;
    rs_dicom_file_integer(r->file, 0x00200011, &facts->series_number);
    facts->kvp = facts->repetition_time_ms = facts->echo_time_ms = facts->inversion_time_ms = facts->b_value = NAN;
    r->h->slice.sop_instance_uid = rs_arena_text(r->keep, rs_dicom_file_text(r->file, 0x00080018, r->scratch));
    return r->h->slice.sop_instance_uid ? RS_OK : rs_fail_memory(r->ctx, "the headers");
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

/* As many functional groups as frames, before anything is made of either. */
static rs_status check_frames(reading *r, const char **problem)
{
    int64_t frames = 1;
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const int groups = rs_dicom_item_count(root, 0x52009230);
    rs_dicom_file_integer(r->file, 0x00280008, &frames);
    *problem = NULL;
    /* No groups at all, not even shared ones: an image that does not say where its frames lie, and is judged so. */
    const bool none = groups == 0 && !rs_dicom_item_has(root, 0x52009229);
    if (frames >= 1 && (frames == groups || none)) return RS_OK;
    *problem = rs_arena_printf(r->scratch, "frame count and functional groups disagree: %lld frames, %d groups",
                               (long long)frames, groups);
    return *problem ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

/* What the header says of its pixels, and why they cannot be used; RS_OK with a state other than IMAGE. */
static rs_status check_pixels(reading *r, rs_dicom_image *image)
{
    header *h = r->h;
    const rs_status status = rs_dicom_file_image(r->ctx, r->file, image);
    if (status == RS_DATA) return refuse(r, rs_context_message(r->ctx));
    RS_TRY(status);
    if (!image->has_pixels) {
        h->is_pixelless = true;
        return set_aside(r, "an image without pixels");
    }
    copy_image(h, image);
    if (!usable_uid(h->slice.sop_instance_uid)) return refuse(r, "its SOPInstanceUID is empty or no UID");
    const char *const uids[] = {h->facts.study_instance_uid, h->facts.series_instance_uid,
                                h->facts.frame_of_reference_uid};
    for (int i = 0; i < 3; i++)
        if (uids[i][0] && !usable_uid(uids[i])) return refuse(r, "a UID of its study, series or frame is no UID");
    if (image->samples_per_pixel > 1 || strcmp(h->facts.photometric, "PALETTE COLOR") == 0) {
        return set_aside(r, "pictures in colour, no measured images");
    }
    if (strcmp(h->facts.photometric, "MONOCHROME1") != 0 && strcmp(h->facts.photometric, "MONOCHROME2") != 0) {
        return refuse(r, "its PhotometricInterpretation is not grayscale");
    }
    if (image->bits_allocated % 8 != 0) {
        return set_aside(
            r, rs_arena_printf(r->keep, "images of %d bits a pixel, no measured images", image->bits_allocated));
    }
    if (!rs_dicom_file_decodes(r->file)) {
        return set_aside(r, rs_arena_printf(r->keep, "images in %s (%s), which this version does not decode",
                                            h->facts.transfer_syntax_name, h->facts.transfer_syntax_uid));
    }
    h->state = HEADER_IMAGE;
    return RS_OK;
}

/* A file that is an image of a kind that restage reads. */
static rs_status read_image(reading *r)
{
    rs_dicom_image image;
    const bool frames = frames_expected(&r->h->facts);
    const char *problem = NULL;
    if (frames) RS_TRY(check_frames(r, &problem));
    if (problem) return refuse(r, problem);
    RS_TRY(check_pixels(r, &image));
    if (r->h->state != HEADER_IMAGE) return RS_OK;
    if (frames) return frames_read(r, &image);
    if (image.frames > 1) return refuse(r, "it holds several frames, which its SOP class does not allow");
    if (mosaic_expected(r)) return mosaic_read(r, &image);
    const source from = {.root = rs_dicom_file_root(r->file)};
    return facts_read(r, &from, r->h);
}

#define KEY_OBJECTS "1.2.840.10008.5.1.4.1.1.88.59"

static rs_status read_parsed(reading *r)
{
    RS_TRY(read_texts(r));
    if (directory_expected(r)) return directory_read(r);
    if (strcmp(r->h->facts.sop_class_uid, KEY_OBJECTS) == 0) RS_TRY(reject_read(r));
    r->h->facts.of_packet = own_object(r->h);
    const char *reason = series_aside(&r->h->facts, r->keep);
    if (reason) return set_aside(r, reason);
    return read_image(r);
}

static rs_status read_dicom(reading *r)
{
    r->file = NULL;
    r->h->n_bytes = 0;
    rs_status status = rs_dicom_file_read(r->ctx, r->scratch, r->h->path, r->h->is_start, &r->file, &r->h->n_bytes);
    if (status == RS_NO_INPUT) {
        r->h->state = HEADER_OTHER;
        r->h->is_own = own_file(r);
        return RS_OK;
    }
    if (status == RS_IO) return refuse(r, rs_context_message(r->ctx));
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
    rs_status status = read_dicom(r);
    /* Once more for a file that changed (integration B.2, 38). */
    return status == RS_AGAIN ? read_dicom(r) : status;
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
                 .last = &j->last[worker]};
    if (!r.scratch || !r.keep) return rs_fail_memory(ctx, "the headers");
    const rs_arena_mark mark = rs_arena_where(r.scratch);
    rs_status status = read_file(&r);
    if (status == RS_OK && (r.h->state == HEADER_REFUSED || r.h->is_pixelless))
        status = series_keep_remains(ctx, r.scratch, r.keep, r.h);
    rs_arena_rewind(r.scratch, mark);
    rs_context_progress(ctx, "series", atomic_fetch_add(&j->n_done, 1) + 1, study->n_headers);
    return status;
}

rs_status series_read_headers(rs_context *ctx, rs_study *study)
{
    job j = {.study = study};
    atomic_init(&j.n_done, 0);
    j.last = RS_ARENA_NEW(study->arena, kept, study->n_workers);
    if (!j.last) return rs_fail_memory(ctx, "the headers");
    for (int i = 0; i < study->n_workers; i++) {
        j.last[i].text = RS_ARENA_NEW(study->arena, const char *, KEPT_TEXTS);
        if (!j.last[i].text) return rs_fail_memory(ctx, "the headers");
    }
    RS_TRY(rs_parallel_for(ctx, study->n_headers, read_item, &j));
    rs_walk_counts *counts = &study->counts;
    for (int i = 0; i < study->n_headers; i++) {
        const header *h = &study->header[i];
        if (h->state == HEADER_OTHER)
            counts->other++;
        else
            counts->dicom++;
        counts->own += h->is_own;
        if (h->state != HEADER_REFUSED) continue;
        if (++counts->refused > NOTED_REFUSALS) continue;
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "file_refused", NULL, "%s is refused: %s", h->shown,
                            h->reason));
    }
    return RS_OK;
}
