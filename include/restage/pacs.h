/* Filing a packet in a PACS, and withdrawing it (contract 2). Nothing is sent unless one of these is called; nothing
   here logs a name or a UID. */
#ifndef RESTAGE_PACS_H
#define RESTAGE_PACS_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where to: "AE@HOST:PORT". */
typedef struct rs_pacs_peer {
    char ae_title[17];
    char host[256];
    int port;
} rs_pacs_peer;

/**
 * Reads "AE@HOST:PORT": a title of 1 to 16 characters that is not all blanks, a host, a port of 1 to 65535.
 *
 * returns  RS_OK; RS_USAGE, the sentence says which part is wrong
 */
RS_API RS_MUST_USE rs_status rs_pacs_peer_parse(rs_context *ctx, const char *text, rs_pacs_peer *out);

/* What became of an object. X(NAME, name, is_there, meaning): is_there where the archive has it. */
// clang-format off
#define RS_PACS_OUTCOME_TABLE(X)                                                                                       \
    X(STORED,    "stored",       true,  "stored")                                                                      \
    X(WARNED,    "warned",       true,  "stored with a warning")                                                       \
    X(DUPLICATE, "duplicate",    true,  "the archive had it already, and shows it")                                    \
    X(ALREADY,   "already sent", true,  "already there: sent before")                                                  \
    X(AGAIN,     "again",        false, "not stored for now: worth another try")                                       \
    X(FINAL,     "refused",      false, "refused")                                                                     \
    X(NOT_TAKEN, "not taken",    false, "the archive takes no such objects")                                           \
    X(HELD,      "held back",    false, "held back: it refers to an object that is not there")
// clang-format on

typedef enum rs_pacs_outcome {
    RS_PACS_PENDING = 0, /* nothing was tried */
#define RS_PACS_OUTCOME(NAME, name, is_there, meaning) RS_PACS_##NAME,
    RS_PACS_OUTCOME_TABLE(RS_PACS_OUTCOME)
#undef RS_PACS_OUTCOME
} rs_pacs_outcome;

/** Name of an outcome ("stored"), its meaning for people, and whether the archive has the object; static. */
RS_API const char *rs_pacs_outcome_name(rs_pacs_outcome outcome);
RS_API const char *rs_pacs_outcome_meaning(rs_pacs_outcome outcome);
RS_API bool rs_pacs_is_there(rs_pacs_outcome outcome);

/**
 * What a status of C-STORE (PS3.4 B.2.3, PS3.7 C) comes to.
 *
 * meaning  NULL, or given to you: a few words; static
 */
RS_API rs_pacs_outcome rs_pacs_status(int status, const char **meaning);

/* One object of the packet. Texts live in the arena of the call. */
typedef struct rs_pacs_object {
    const char *file; /* in the packet: "report.sr.dcm"; the rejection note: "rejection note" */
    const char *sop_class_uid, *sop_instance_uid;
    rs_pacs_outcome outcome;
    int status;           /* the last that the archive answered; -1: none */
    const char *meaning;  /* of the status; NULL: none */
    const char *comment;  /* the archive's own words, for a person's eyes only; NULL: none */
    bool verified, shown; /* the archive was asked whether it shows the object, and does */
    bool asked, safe;     /* for storage commitment, and it was confirmed */
} rs_pacs_object;

typedef struct rs_pacs_result {
    const rs_pacs_object *objects; /* in the order of sending */
    int n_objects;
    int n_sent;              /* stored by this call */
    int n_associations;      /* that were asked for to store */
    double seconds;          /* of storing, pauses not counted */
    const char *unsent_note; /* of retract: done.json does not say that the packet was sent there; NULL */
    const char *commit_note; /* why storage was not confirmed; NULL */
} rs_pacs_result;

/* How to call. All zero: the defaults. */
typedef struct rs_pacs_options {
    const char *calling_ae; /* our own title, 1 to 16 characters; NULL: "RESTAGE" */
    int timeout_s;          /* 1 to 3600, for a connection, an answer, a peer that does not read; 0: 30 */
    const double *waits_s;  /* pauses before the tries after the first; NULL: 2, 8, 30 */
    int n_waits;
    bool allow_deidentified; /* a packet made with --identity other than full may be sent */
    bool verify;             /* ask what the archive shows (C-FIND); an archive that does not answer is a failure */
    bool commit;             /* ask the archive to answer for what it took (storage commitment) */
} rs_pacs_options;

/**
 * Files the DICOM objects of a packet: first what the others refer to, the structured report last, on one association
 * that proposes exactly their classes. What was stored is appended to sent[] of done.json at once; what stands there
 * for this peer is not sent again. What is refused for now is tried again after each pause.
 *
 * packet   the folder that rs_run_study made
 * result   NULL, or given to you, also with RS_UNAVAILABLE and RS_AGAIN; in the arena
 * returns  RS_OK (the archive has all); RS_DATA (a file of the packet changed; identity other than full; synthetic, and
 *          the peer is no loopback address; withdrawn from this peer before; no DICOM objects); RS_NO_INPUT (no
 * packet); RS_UNAVAILABLE (nobody there, or refused for good, or not shown, or verify is not answered); RS_AGAIN; RS_IO
 * (done.json cannot be replaced: the old one is whole); RS_USAGE (options); RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_pacs_send(rs_context *ctx, rs_arena *arena, const char *packet,
                                          const rs_pacs_peer *peer, const rs_pacs_options *options,
                                          rs_pacs_result *result);

/**
 * Withdraws a packet: a Key Object Selection titled (113001, DCM, "Rejected for Quality Reasons") that lists every
 * object of it, in a new series of the study (IHE IOCM). With a peer it is sent; done.json notes it in sent[].
 *
 * peer     NULL: it is only written
 * file     where to write it, replaced where it exists; NULL: nowhere
 * options  verify: ask whether the archive still shows the objects
 * result   NULL, or given to you: the note, then the objects that were asked for
 * returns  as rs_pacs_send; RS_UNAVAILABLE too where verify finds an object that is still shown; RS_USAGE (neither peer
 *          nor file)
 */
RS_API RS_MUST_USE rs_status rs_pacs_retract(rs_context *ctx, rs_arena *arena, const char *packet,
                                             const rs_pacs_peer *peer, const char *file, const rs_pacs_options *options,
                                             rs_pacs_result *result);

#ifdef __cplusplus
}
#endif
#endif
