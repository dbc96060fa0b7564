/* What `run` prints once the packet is on disk. Every number and sentence comes from the report. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli.h"
#include "restage/run.h"

void cli_print_summary(cli *c, const rs_report *report, const char *out);
rs_status cli_print_summary_json(cli *c, const rs_run_result *result, const char *out);

#endif
