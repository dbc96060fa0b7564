/* What send, retract and run --send share. */
#ifndef CLI_PACS_H
#define CLI_PACS_H

#include "cli.h"
#include "restage/pacs.h"

/* Options of a call to an archive as they were given. */
typedef struct cli_pacs {
    const char *calling_ae, *retry_waits;
    int64_t timeout_s;
    bool verify, commit, allow_deidentified;
} cli_pacs;

#define CLI_PACS_OPTIONS(call)                                                                                         \
    {"calling-ae", 0, CLI_TEXT, &(call)->calling_ae, "TITLE", "our own AE title", "RESTAGE"},                          \
        {"timeout",   0,                                                                                               \
         CLI_INTEGER, &(call)->timeout_s,                                                                              \
         "SECONDS",   "how long a connection, an answer, or an archive that does not read is waited for",              \
         "30"},                                                                                                        \
        {"retry-waits",                                                                                                \
         0,                                                                                                            \
         CLI_TEXT,                                                                                                     \
         &(call)->retry_waits,                                                                                         \
         "SECONDS[,...]|none",                                                                                         \
         "pauses before the tries after the first",                                                                    \
         "2,8,30"},                                                                                                    \
    {                                                                                                                  \
        "verify", 0, CLI_FLAG, &(call)->verify, NULL, "ask the archive what it shows afterwards (C-FIND)", NULL        \
    }

/* Reads what was given into the options of the library; RS_USAGE. */
rs_status cli_pacs_options(cli *c, const cli_pacs *given, rs_pacs_options *out);

/* Sends a packet and prints what became of it; after a failure only under --json. */
rs_status cli_pacs_send(cli *c, const char *packet, const rs_pacs_peer *peer, const rs_pacs_options *options);

rs_json *cli_pacs_objects_json(cli *c, const rs_pacs_result *result);
void cli_pacs_print(cli *c, const rs_pacs_result *result);
/* The result as JSON with what every failure has, printed. */
rs_status cli_pacs_print_json(cli *c, const char *packet, const rs_pacs_result *result, rs_status status);

#endif
