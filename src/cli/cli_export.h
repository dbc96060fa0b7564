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
} cli_export_call;

/* Writes one volume as it is; several as the fourth axis of one file where they share a grid and the format has one,
   else each as NAME_VALUE.ENDING after what tells it apart. Says each file on stdout. */
rs_status cli_export_volumes(cli *c, const cli_export_call *call);

#endif
