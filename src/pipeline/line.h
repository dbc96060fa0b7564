/* The line: a table of stations walked by one loop, which alone does timing, peak memory, progress, cancellation and
   dumps. */
#ifndef PIPELINE_LINE_H
#define PIPELINE_LINE_H

#include "case.h"
#include "packet/packet.h"
#include "restage/masks.h"
#include "restage/run.h"

enum { RS_STATIONS_MAX = 16 };

#define RS_DUMP_INDEX "dump.json" /* by which a folder of --dump is known */

/* A mask that a treatment of the context names, and which of its regions. */
typedef struct rs_told_mask {
    const char *path, *roi; /* path NULL: none */
    rs_masks *masks;
    int region;
} rs_told_mask;

typedef struct rs_line {
    const char *path, *out;
    const rs_run_options *options;
    const rs_params *params;
    const rs_detector *detector; /* NULL: our own */
    const rs_ranker *ranker;     /* of --ranker; NULL: the built-in one */
    int64_t created_s;
    bool created_given; /* by SOURCE_DATE_EPOCH */
    const uint8_t *key; /* the secret of identity "pseudo" */
    size_t n_key;
    rs_arena *arena;        /* products */
    rs_arena *report_arena; /* the report outlives the line */
    bool lends;             /* what the last station leaves is handed on: nothing is written */
    bool writes_packet;     /* false under --stop-after a station before it */
    bool has_report;        /* the report was built */
    bool every_feature;     /* detect is dumped */
    int last;               /* station behind which the line ends */
    bool dumps[RS_STATIONS_MAX];
    const char *dump_out; /* OUT.dump; NULL: nothing is dumped */
    rs_study *study;
    rs_masks *masks;                  /* file of --region; NULL: none */
    int bed;                          /* which of its regions */
    const rs_report_context *context; /* of --context; NULL: none. So for the next two */
    rs_told_mask *told_masks;         /* one a treatment of it */
    const rs_given_review *review;
    const rs_given_previous *previous;
    bool may_repeat;                 /* previous lies in the study, and this run may be the one that made it */
    const rs_given_previous *before; /* the packet before that one; NULL: there was none */
    bool repeats;                    /* it is that run: the report is the earlier one */
    rs_series_list series;           /* of the study, without packets of ours */
    rs_chosen chosen;
    const rs_report_filed *filed; /* header that the packet is filed by; NULL: no DICOM */
    rs_case *cases;               /* one a pick */
    int n_cases;
    rs_notes notes; /* of the line itself, for the limitations */
    rs_report report;
    rs_folder *folder, *dump_folder;
    rs_stage stages[RS_STATIONS_MAX];
    int n_stages;
} rs_line;

/**
 * Takes --dump and --stop-after from the options: which stations are walked, and what of them is dumped where.
 *
 * returns  RS_OK; RS_USAGE (no such station, naming those there are; nothing to dump of it);
 *          RS_CANT_CREATE (a dump of an OUT that ends in . or ..); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_line_plan(rs_context *ctx, rs_line *line);

/** Walks the planned stations and puts the folders in their places. A failure leaves what there is to rs_line_end. */
RS_MUST_USE rs_status rs_line_run(rs_context *ctx, rs_line *line);

/** Ends every product but the report, and whatever of the folders is not committed. */
void rs_line_end(rs_context *ctx, rs_line *line);

#endif
