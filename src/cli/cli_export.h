/* export: the volumes of a series as one file or several. */
#ifndef CLI_CLI_EXPORT_H
#define CLI_CLI_EXPORT_H

#include "cli.h"
#include "restage/study.h"

typedef struct cli_export_call {
    const char *out; /* the ending picks the format */
    bool force;
    const rs_series *const *volumes; /* n of one series, in its order */
    int n;
    rs_notes *notes; /* what is known by now; those of reading join them */
} cli_export_call;

/* Adds a sentence that does not stand there yet: of a series of several volumes each says the same. They are told once
   the work is done, for a failure is one sentence. */
rs_status cli_export_note(cli *c, rs_notes *notes, const char *code, const char *sentence);
rs_status cli_export_note_series(cli *c, rs_notes *notes, const rs_series *s);

/* Writes one volume as it is; several as the fourth axis of one file where they share a grid and the format has one,
   else each as NAME_VALUE.ENDING after what tells it apart. Says notes on stderr and each file on stdout. */
rs_status cli_export_volumes(cli *c, const cli_export_call *call);

#endif
