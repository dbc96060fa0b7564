/* The line: a table of stations walked by one loop, which alone does timing, peak memory, progress and cancellation. */
#ifndef PIPELINE_LINE_H
#define PIPELINE_LINE_H

#include "case.h"
#include "packet/packet.h"
#include "restage/run.h"

enum { RS_STATIONS_MAX = 16 };

typedef struct rs_line {
    const char *path, *out;
    const rs_run_options *options;
    const rs_params *params;
    int64_t created_s;
    rs_arena *arena;        /* products */
    rs_arena *report_arena; /* the report outlives the line */
    rs_study *study;
    rs_series_list series; /* of the study */
    rs_chosen chosen;
    rs_case *cases; /* one a pick */
    int n_cases;
    rs_report report;
    rs_folder *folder;
    rs_stage stages[RS_STATIONS_MAX];
    int n_stages;
} rs_line;

/** Walks every station. A failure leaves what there is to rs_line_end. */
RS_MUST_USE rs_status rs_line_run(rs_context *ctx, rs_line *line);

/** Ends every product but the report, and whatever of the packet is not committed. */
void rs_line_end(rs_context *ctx, rs_line *line);

#endif
