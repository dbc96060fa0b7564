/* Filing a packet in a PACS, and withdrawing it (contract 2, reporting F). Nothing is sent unless one of these is
   called. */
#ifndef RESTAGE_PACS_H
#define RESTAGE_PACS_H

#include <stdbool.h>
#include <stdint.h>

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

#ifdef __cplusplus
}
#endif
#endif
