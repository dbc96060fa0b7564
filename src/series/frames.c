/* Multi-frame images (Enhanced CT and MR, legacy converted): one header a frame, from the functional groups of
   PS3.3 C.7.6.16. Frames may stand in any order. */
#include <string.h>

#include "reading.h"

#define STORAGE "1.2.840.10008.5.1.4.1.1."

bool frames_expected(const rs_series *facts)
{
    static const char *const classes[] = {STORAGE "2.1", STORAGE "2.2", STORAGE "4.1", STORAGE "4.4"};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(facts->sop_class_uid, classes[i]) == 0) return true;
    }
    return false;
}

/* A text of a frame in place of the file's, where the functional groups have it. */
static rs_status frame_text(reading *r, const source *from, uint32_t macro, uint32_t tag, int slot, const char **out)
{
    const rs_dicom_item *item = source_holder(from, macro, tag);
    if (!item || item == from->root) return RS_OK;
    return reading_keep(r, rs_dicom_item_text(r->file, item, tag, r->scratch), slot, out);
}

/* ContrastBolusAgentSequence names what was given, the frame's own group whether it was there yet. */
static rs_status frame_contrast(reading *r, const source *from, const char **out)
{
    const rs_dicom_item *agent = rs_dicom_item_at(from->root, 0x00180012, 0);
    const rs_dicom_item *usage = source_group(from, 0x00189341);
    const char *text = agent ? rs_dicom_item_text(r->file, agent, 0x00080104, r->scratch) : *out;
    if (usage) {
        const char *given = rs_dicom_item_text(r->file, usage, 0x00189342, r->scratch);
        if (!given) return rs_fail_memory(r->ctx, "the headers");
        if (strcmp(given, "NO") == 0) text = "";
    }
    return reading_keep(r, text, SLOT_TEXTS + 40, out);
}

/* The words of a classic header for what an enhanced one says by other attributes (PS3.3 C.8.13.4). */
static rs_status classic_words(reading *r)
{
    rs_series *facts = &r->h->facts;
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const char *pulse = rs_dicom_item_text(r->file, root, 0x00189008, r->scratch);
    const char *planar = rs_dicom_item_text(r->file, root, 0x00189018, r->scratch);
    const char *fat = rs_dicom_item_text(r->file, root, 0x00189025, r->scratch);
    const char *name = rs_dicom_item_text(r->file, root, 0x00189005, r->scratch);
    if (!pulse || !planar || !fat || !name) return rs_fail_memory(r->ctx, "the headers");
    if (!facts->scanning_sequence[0] && pulse[0]) {
        const char *echo = strcmp(pulse, "SPIN") == 0 ? "SE" : strcmp(pulse, "GRADIENT") == 0 ? "GR" : "SE\\GR";
        facts->scanning_sequence = rs_arena_printf(r->keep, "%s%s", echo, strcmp(planar, "YES") == 0 ? "\\EP" : "");
    }
    if (!facts->scan_options[0] && strcmp(fat, "FAT") == 0) facts->scan_options = "FS";
    if (!facts->sequence_name[0]) facts->sequence_name = rs_arena_text(r->keep, name);
    return facts->scanning_sequence && facts->sequence_name ? RS_OK : rs_fail_memory(r->ctx, "the headers");
}

static rs_status read_frame(reading *r, const source *from, header *frame)
{
    rs_series *facts = &frame->facts;
    const bool ct = strcmp(facts->modality, "CT") == 0;
    RS_TRY(frame_text(r, from, ct ? 0x00189329 : 0x00189226, 0x00089007, SLOT_TEXTS + 41, &facts->image_type));
    RS_TRY(frame_text(r, from, 0, 0x00080008, SLOT_TEXTS + 41, &facts->image_type));
    RS_TRY(frame_text(r, from, 0x00189314, 0x00181210, SLOT_TEXTS + 42, &facts->kernel));
    RS_TRY(frame_text(r, from, 0, 0x00180020, SLOT_TEXTS + 43, &facts->scanning_sequence));
    RS_TRY(frame_text(r, from, 0, 0x00180021, SLOT_TEXTS + 44, &facts->sequence_variant));
    RS_TRY(frame_text(r, from, 0, 0x00180022, SLOT_TEXTS + 45, &facts->scan_options));
    RS_TRY(frame_contrast(r, from, &facts->contrast_agent));
    const char *reason = series_aside(facts, r->keep);
    if (reason) return reading_set_aside(r, frame, reason);
    return facts_read(r, from, frame);
}

rs_status frames_read(reading *r, const rs_dicom_image *image)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    source from = {.root = root, .shared = rs_dicom_item_at(root, 0x52009229, 0)};
    RS_TRY(classic_words(r));
    header *frames = RS_ARENA_NEW(r->keep, header, image->frames);
    if (!frames) return rs_fail_memory(r->ctx, "the frames of a file");
    for (int i = 0; i < image->frames; i++) {
        const rs_arena_mark mark = rs_arena_where(r->scratch);
        from.frame = rs_dicom_item_at(root, 0x52009230, i);
        frames[i] = *r->h;
        frames[i].slice.frame = i;
        frames[i].file = r->h;
        RS_TRY(read_frame(r, &from, &frames[i]));
        rs_arena_rewind(r->scratch, mark);
        if (frames[i].state == HEADER_REFUSED) return reading_refuse(r, r->h, frames[i].reason);
    }
    r->h->images = frames;
    r->h->n_images = image->frames;
    return RS_OK;
}
