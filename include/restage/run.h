/* One study in, one packet out. */
#ifndef RESTAGE_RUN_H
#define RESTAGE_RUN_H

#include <stdbool.h>

#include "restage/context.h"
#include "restage/detector.h"
#include "restage/param.h"
#include "restage/quality.h"
#include "restage/regions.h"
#include "restage/report.h"
#include "restage/study.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_run_options {
    const char *study_uid;        /* NULL: the one study there is */
    const char *series_uid;       /* NULL: chosen by contract 9 */
    bool force;                   /* replace an existing OUT */
    bool allow_partial;           /* a series with missing slices is searched where it has some, and the gap named */
    const char *sensitivity;      /* operating point of the marks: "low", "default", "high"; NULL: "default" */
    const rs_params *params;      /* from rs_run_params_new; NULL: all defaults */
    const rs_detector *detector;  /* NULL: our own */
    const char *ranker;           /* file "restage-ranker-1" with other weights; NULL: the built-in ranker */
    const char *candidates;       /* CSV file that ranks by somebody else's P (LUNA16 columns); NULL: none */
    const double (*at_lps_mm)[3]; /* places to measure, whatever was found there; LPS mm */
    int n_at;
    const char
        *identity;    /* "full", "pseudo" (with key) or "none": whether the packet names the patient; NULL: "full" */
    bool masks;       /* masks of organs and marks as TIFF in the packet */
    const char *dump; /* stations, separated by commas, or "all": what they made goes to OUT.dump/; NULL: none */
    const char *stop_after; /* the line ends behind this station, without a packet; NULL: it does not */
    const char *region;     /* file with the bed, the place treated before: RTSTRUCT, SEG, label volume; NULL: none */
    const char *roi;        /* name or number of the bed among the regions of that file; NULL: the one there is */
    const char *context;    /* JSON file: what a person says about the patient; NULL: none */
    const char *review;     /* JSON file: verdicts of a reader on marks; NULL: none */
    const char *previous;   /* an earlier packet of this study, whose tracking UIDs stay; NULL: none */
    const char *key;        /* file with the secret that identity "pseudo" is made with; NULL: none */
    bool fhir;              /* a FHIR R4 bundle in the packet */
    bool no_seg;            /* no segmentation object */
    bool sr_plain;          /* no uncertainty children in the structured report */
    const char *sr_tag;     /* before the id of a mark in its tracking identifier: the tool of a viewer that is to draw
                               it; printable ASCII that ends with ':', or ""; NULL: RS_SR_TAG */
} rs_run_options;

#define RS_SR_TAG "Cornerstone3DTools@^0.1.0:Bidirectional:"

typedef struct rs_run_result rs_run_result;

/**
 * Runs the line: series, read, organs, quality, detect, measure, report, packet.
 *
 * path     file or folder; out: folder that is made, whole or not at all
 * options  NULL for the defaults
 * result   NULL, or given to you: end it with rs_run_result_free
 * returns  RS_OK (also where no organ could be assessed); RS_USAGE (no such operating point, identity or station;
 *          detector and candidates together; a place of at_lps_mm outside the image); RS_DATA; RS_NO_INPUT;
 *          RS_CANT_CREATE; RS_IO; RS_NO_MEMORY; RS_CANCELLED
 *
 * With dump, OUT.dump is made in the same way (it exists: RS_CANT_CREATE, unless force). With stop_after a station
 * before packet nothing is made at OUT; without dump, that station is dumped.
 */
RS_API RS_MUST_USE rs_status rs_run_study(rs_context *ctx, const char *path, const char *out,
                                          const rs_run_options *options, rs_run_result **result);
RS_API void rs_run_result_free(rs_run_result *result);

/** The report behind the packet (NULL where stop_after ended the line before it was built), and the stages that were
    walked; borrowed from the result. */
RS_API const rs_report *rs_run_result_report(const rs_run_result *result);
RS_API int rs_run_result_stages(const rs_run_result *result, const rs_stage **stages);

/** Whether the packet is one that lies in the study already, as an archive gave it out: the same UIDs, nothing new. */
RS_API bool rs_run_result_repeats(const rs_run_result *result);

/** Whether a packet stands at OUT (not so where stop_after ended the line before it), and the folder of the dump, NULL
    where nothing was dumped; borrowed from the result. */
RS_API bool rs_run_result_has_packet(const rs_run_result *result);
RS_API const char *rs_run_result_dump(const rs_run_result *result);

/* What stands behind the station quality of one case; borrowed for the call. */
typedef struct rs_run_scan {
    const rs_series *series;
    const rs_volume *volume;
    const rs_regions *regions;
    const rs_quality *quality;
} rs_run_scan;

/**
 * Walks the line to its station quality and hands what stands there to use, the first series that is searched; nothing
 * is written. stop_after, dump, force and sensitivity of the options are not looked at.
 *
 * use      called once; its failure is the call's
 * returns  RS_OK; RS_DATA (nothing can be searched, naming why); what rs_run_study returns up to that station
 */
RS_API RS_MUST_USE rs_status rs_run_scan_of(rs_context *ctx, const char *path, const rs_run_options *options,
                                            rs_status (*use)(rs_context *ctx, const rs_run_scan *scan, void *user),
                                            void *user);

/** Name of a station of the line, in their order: "series", ..., "packet"; static; NULL behind the last.
    dumps  NULL, or given to you: whether the option dump takes it. */
RS_API const char *rs_run_station(int index, bool *dumps);

/** Every parameter of the line, joined from the rooms' tables, at its default; end it with rs_params_free. */
RS_API RS_MUST_USE rs_status rs_run_params_new(rs_context *ctx, rs_params **out);

/**
 * What a series can serve, asking every row of the organ table: for `info`.
 *
 * out      n sentences or names: "lungs" where it suits, else why not; in the arena
 */
typedef struct rs_service {
    const char *organ; /* "lungs" */
    bool suits;
    const char *reason; /* why not; NULL where it suits */
} rs_service;
RS_API RS_MUST_USE rs_status rs_run_services(rs_context *ctx, const rs_series *series, rs_arena *arena,
                                             const rs_service **out, int *n);

/* What an MR series is, by its attributes; each NULL where that is not known, or the series is not MR. */
typedef struct rs_sequence {
    const char *name;     /* "T2-weighted turbo spin echo (TE 104 ms, TR 5660 ms)" */
    const char *protocol; /* what it could serve one day: "prostate T2" */
} rs_sequence;
RS_API rs_sequence rs_run_sequence(const rs_series *series, rs_arena *arena);

/** Libraries that this build uses, with run-time versions: "DCMTK 3.6.7", …; static. */
RS_API int rs_run_libraries(const char *const **out);

#ifdef __cplusplus
}
#endif
#endif
