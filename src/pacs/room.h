/* What the files of this room share. */
#ifndef PACS_ROOM_H
#define PACS_ROOM_H

#include "dicom/dicom.h"
#include "restage/json.h"
#include "restage/pacs.h"

#define RS_PACS_NOTE "rejection note" /* stands for the name of a file in sent[] */

/* One object of the packet, opened. */
typedef struct rs_packed {
    const char *file;
    const char *refers; /* the file of the object that it refers to: not sent where that is not there; NULL: none */
    rs_dicom_file *dicom;
    rs_dicom_name name;
} rs_packed;

/* A packet that was checked against its done.json. */
typedef struct rs_pacs_packet {
    const char *folder, *done_path;
    const char *identity; /* mode */
    bool synthetic;
    rs_packed *objects; /* in the order of sending */
    int n_objects;
} rs_pacs_packet;

/* Reads the packet, holds every file against done.json, and opens its DICOM objects; in the arena. RS_OK; RS_NO_INPUT
   (no packet); RS_DATA (changed, or no DICOM objects); RS_IO; RS_NO_MEMORY. End it with rs_pacs_packet_close. */
RS_MUST_USE rs_status rs_pacs_packet_open(rs_context *ctx, rs_arena *arena, const char *folder, rs_pacs_packet *out);
void rs_pacs_packet_close(rs_pacs_packet *packet);

/* Can done.json be replaced, in which what is stored will be noted? Asked before anything is sent. RS_IO. */
RS_MUST_USE rs_status rs_pacs_done_check(rs_context *ctx, const char *path);

/* Reads done.json. RS_NO_INPUT; RS_DATA; RS_NO_MEMORY. End it with rs_json_free. */
RS_MUST_USE rs_status rs_pacs_done_read(rs_context *ctx, const char *path, rs_json **out);

/* May this packet go to this peer: identity, synthetic input, withdrawn before? RS_OK; RS_DATA; RS_UNAVAILABLE (no such
   host). address: IPv4 of the peer, at least 16 bytes. */
RS_MUST_USE rs_status rs_pacs_allowed(rs_context *ctx, const rs_pacs_packet *packet, const rs_pacs_peer *peer,
                                      const rs_pacs_options *options, char address[16]);

/* sent[] of a done.json that was read: does a row say that this object went to this peer? NULL as peer: to any. */
bool rs_pacs_was_sent(const rs_json *done, const rs_pacs_peer *peer, const char *file, const char *uid);

/* Does a row say that an object of the packet was withdrawn from this peer? A packet that replaced another (--force)
   has its rows, too, and with other UIDs it is another packet. */
bool rs_pacs_was_withdrawn(const rs_json *done, const rs_pacs_peer *peer, const rs_pacs_packet *packet);

/* Appends a row to sent[] by replacing done.json in one step. withdrawn: of a rejection note, the packet that it lists;
   else NULL. RS_OK; RS_IO (the old one is whole); RS_DATA; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_pacs_note_sent(rs_context *ctx, const char *done_path, const rs_pacs_peer *peer,
                                        const rs_pacs_object *object, const rs_pacs_packet *withdrawn);

/* Checks the options and fills in the defaults. RS_USAGE. */
RS_MUST_USE rs_status rs_pacs_settle(rs_context *ctx, const rs_pacs_options *given, rs_pacs_options *out);

/* Stores what is pending among n objects, in their order, with the tries and pauses of options; every object that was
   stored is noted in done.json. Objects say what became of them. RS_OK; RS_UNAVAILABLE; RS_AGAIN; others as they come.
 */
typedef struct rs_pacs_round {
    const rs_packed *packed;
    rs_pacs_object *objects;
    int n;
    const rs_pacs_peer *peer;
    const char *address, *done_path;
    const rs_pacs_packet *withdrawn; /* where a rejection note is sent: what it lists; else NULL */
    const rs_pacs_options *options;
    rs_pacs_result *result;
} rs_pacs_round;
RS_MUST_USE rs_status rs_pacs_store_all(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round);

/* An association for these classes. */
RS_MUST_USE rs_status rs_pacs_call(rs_context *ctx, const rs_pacs_round *round, const char *const *classes, int n,
                                   rs_dicom_net **out);

/* What the archive called duplicates is asked for: one that it shows is noted as sent, another is refused. */
RS_MUST_USE rs_status rs_pacs_duplicates(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round);

/* Asks what the archive shows of the objects whose flag is set in which (NULL: all), on an association of its own. */
RS_MUST_USE rs_status rs_pacs_verify(rs_context *ctx, const rs_pacs_round *round, const bool *which);

/* The sentence for objects that are not there, and the status of the whole; RS_OK where all are. */
RS_MUST_USE rs_status rs_pacs_tell(rs_context *ctx, const rs_pacs_round *round);

/* A UID that hangs on a text alone. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_pacs_uid(rs_context *ctx, rs_arena *arena, const char *text, const char **out);

/* Builds the rejection note for a packet as a file in the arena. */
RS_MUST_USE rs_status rs_pacs_rejection(rs_context *ctx, rs_arena *arena, const rs_pacs_packet *packet, uint8_t **bytes,
                                        size_t *n_bytes, rs_dicom_name *name);

#endif
