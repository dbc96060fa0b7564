/* Reads a packet for sending: what done.json names must be there as it was written, byte for byte, and the bytes that
   were held against it are the bytes that are sent. */
#include "room.h"

#include <string.h>

#include "digest/digest.h"
#include "restage/files.h"

#define FILE_MAX ((size_t)1 << 32)
#define REPORT_MAX ((size_t)1 << 28)

/* The objects, in the order of sending: what others refer to goes first, and viewers react to the last. */
static const struct {
    const char *file;
    const char *refers;
} kinds[] = {
    {"lesions.seg.dcm", NULL},
    {"key.ko.dcm", NULL},
    {"report.pdf.dcm", NULL},
    {"report.sr.dcm", "lesions.seg.dcm"},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static rs_status changed(rs_context *ctx, const char *name)
{
    return rs_fail(ctx, RS_DATA, "%s is not what done.json says: the packet was changed, make it again", name);
}

/* One file against its row; its bytes stay in arena. */
static rs_status check_file(rs_context *ctx, rs_arena *arena, const char *folder, const rs_json *row,
                            const uint8_t **bytes, size_t *n_bytes)
{
    const char *name = rs_json_text(rs_json_get(row, "name")), *sha256 = rs_json_text(rs_json_get(row, "sha256"));
    int64_t said = -1;
    char hex[65];
    uint8_t *data = NULL;
    bool known = rs_json_integer(rs_json_get(row, "bytes"), &said);
    if (!name || !sha256 || !known || name[0] == '/' || strstr(name, ".."))
        return rs_fail(ctx, RS_DATA, "done.json is not as restage writes it");
    const char *path = rs_arena_printf(arena, "%s/%s", folder, name);
    if (!path) return rs_fail_memory(ctx, "the packet");
    rs_status status = rs_file_read(ctx, arena, path, FILE_MAX, false, &data, n_bytes);
    if (status == RS_NO_INPUT) return changed(ctx, name);
    RS_TRY(status);
    RS_TRY(rs_sha256_hex(ctx, data, *n_bytes, hex));
    if ((int64_t)*n_bytes != said || strcmp(hex, sha256) != 0) return changed(ctx, name);
    *bytes = data;
    return RS_OK;
}

/* mode of identity, and whether the images were made by a program. */
static rs_status read_report(rs_context *ctx, rs_arena *arena, const uint8_t *bytes, size_t n_bytes,
                             rs_pacs_packet *out)
{
    rs_json *report = NULL;
    RS_TRY(rs_json_parse_within(ctx, (const char *)bytes, n_bytes, REPORT_MAX, &report));
    const char *mode = rs_json_text(rs_json_get(rs_json_get(report, "identity"), "mode"));
    bool told = rs_json_boolean(rs_json_get(rs_json_get(report, "source"), "synthetic"), &out->synthetic);
    out->identity = rs_arena_text(arena, mode ? mode : "");
    rs_json_free(report);
    if (!out->identity) return rs_fail_memory(ctx, "the packet");
    if (told) return RS_OK;
    return rs_fail(ctx, RS_DATA, "report.json does not say whether its images are synthetic: run restage again");
}

static rs_status open_object(rs_context *ctx, rs_arena *arena, const uint8_t *bytes, size_t n_bytes, rs_packed *out)
{
    RS_TRY(rs_dicom_file_open(ctx, arena, bytes, n_bytes, &out->dicom));
    RS_TRY(rs_dicom_file_parse(ctx, out->dicom));
    out->name = (rs_dicom_name){
        .study_uid = rs_dicom_file_text(out->dicom, RS_TAG(0x0020, 0x000d), arena),
        .series_uid = rs_dicom_file_text(out->dicom, RS_TAG(0x0020, 0x000e), arena),
        .sop_class_uid = rs_dicom_file_text(out->dicom, RS_TAG(0x0008, 0x0016), arena),
        .sop_instance_uid = rs_dicom_file_text(out->dicom, RS_TAG(0x0008, 0x0018), arena),
    };
    const rs_dicom_name *n = &out->name;
    if (!n->study_uid || !n->series_uid || !n->sop_class_uid || !n->sop_instance_uid)
        return rs_fail_memory(ctx, "the packet");
    if (!*n->study_uid || !*n->series_uid || !*n->sop_class_uid || !*n->sop_instance_uid)
        return rs_fail(ctx, RS_DATA, "%s has no UIDs", out->file);
    return RS_OK;
}

static rs_status take_file(rs_context *ctx, rs_arena *arena, const rs_json *row, rs_packed by_kind[N_KINDS],
                           rs_pacs_packet *out)
{
    const char *name = rs_json_text(rs_json_get(row, "name"));
    const uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_arena_mark mark = rs_arena_where(arena);
    RS_TRY(check_file(ctx, arena, out->folder, row, &bytes, &n_bytes));
    if (strcmp(name, "report.json") == 0) return read_report(ctx, arena, bytes, n_bytes, out);
    for (int k = 0; k < N_KINDS; k++) {
        if (strcmp(name, kinds[k].file) != 0 || by_kind[k].dicom) continue;
        by_kind[k].file = kinds[k].file;
        by_kind[k].refers = kinds[k].refers;
        return open_object(ctx, arena, bytes, n_bytes, &by_kind[k]);
    }
    rs_arena_rewind(arena, mark); /* not to be sent */
    return RS_OK;
}

static rs_status take_all(rs_context *ctx, rs_arena *arena, const rs_json *done, rs_packed by_kind[N_KINDS],
                          rs_pacs_packet *out)
{
    for (const rs_json *row = rs_json_first(rs_json_get(done, "files")); row; row = rs_json_next(row))
        RS_TRY(take_file(ctx, arena, row, by_kind, out));
    if (!out->identity) return rs_fail(ctx, RS_DATA, "done.json is not as restage writes it");
    out->objects = RS_ARENA_NEW(arena, rs_packed, N_KINDS);
    if (!out->objects) return rs_fail_memory(ctx, "the packet");
    for (int k = 0; k < N_KINDS; k++)
        if (by_kind[k].dicom) out->objects[out->n_objects++] = by_kind[k];
    if (out->n_objects == 0)
        return rs_fail(ctx, RS_DATA,
                       "the packet has no DICOM objects (done.json says why, in absent): there is nothing "
                       "that a PACS takes");
    return RS_OK;
}

rs_status rs_pacs_packet_open(rs_context *ctx, rs_arena *arena, const char *folder, rs_pacs_packet *out)
{
    rs_pacs_packet packet = {.folder = folder, .done_path = rs_arena_printf(arena, "%s/done.json", folder)};
    rs_packed by_kind[N_KINDS] = {{0}};
    rs_json *done = NULL;
    if (!packet.done_path) return rs_fail_memory(ctx, "the packet");
    RS_TRY(rs_pacs_done_read(ctx, packet.done_path, &done));
    rs_status status = take_all(ctx, arena, done, by_kind, &packet);
    rs_json_free(done);
    if (status != RS_OK) {
        for (int k = 0; k < N_KINDS; k++)
            if (by_kind[k].dicom) rs_dicom_file_close(by_kind[k].dicom);
        return status;
    }
    *out = packet;
    return RS_OK;
}

void rs_pacs_packet_close(rs_pacs_packet *packet)
{
    for (int i = 0; i < packet->n_objects; i++)
        rs_dicom_file_close(packet->objects[i].dicom);
    packet->n_objects = 0;
}
