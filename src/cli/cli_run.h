/* What `run` prints once the packet, or the dump, is on disk. Every number and sentence comes from the report. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli_pacs.h"
#include "restage/run.h"

/* The call of run. */
typedef struct cli_run {
    const char *out, *params_file;
    bool list;
    rs_run_options options;
    const char *send, *calling_ae; /* send: NULL for nowhere */
    rs_pacs_peer peer;
    rs_pacs_result sent;
} cli_run;

void cli_print_summary(cli *c, const rs_run_result *result, const cli_run *run);
rs_status cli_print_summary_json(cli *c, const rs_run_result *result, const cli_run *run);

#endif
