/* Station packet: files in OUT.partial-…, then one rename. A writer prints what rs_report holds and computes nothing.
 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include <stdbool.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/files.h"
#include "restage/regions.h"
#include "restage/report.h"
#include "restage/volume.h"

/* What a writer may draw on beside the report: pixels for crops, labels for masks. NULL where there is no volume. */
typedef struct rs_sources {
    const rs_volume *volume;
    const rs_regions *regions;
    bool masks;              /* --masks: the labels and the marks as TIFF */
    bool fhir;               /* --fhir: the bundle */
    bool no_seg;             /* --no-seg: a structured report alone, without segments */
    bool sr_plain;           /* --sr-plain: no uncertainty children in the structured report */
    const char *sr_tag;      /* before the ids of marks with calipers in the structured report; NULL: nothing */
    const char *face_folder; /* of the faces of report.pdf; NULL: Debian's */
    /* Filled in by rs_packet_write for the writers: */
    const struct rs_pictures *pictures; /* of the marks and the organs */
    const char *no_pdf;                 /* why report.pdf is not written; NULL: it is */
} rs_sources;

/* When a file of writers.def is written. */
typedef enum rs_when {
    RS_WHEN_ALWAYS = 0,
    RS_WHEN_MASKS,    /* --masks, where there is a volume */
    RS_WHEN_FHIR,     /* --fhir */
    RS_WHEN_STUDY,    /* the source is DICOM */
    RS_WHEN_MARKS,    /* and there is a mark */
    RS_WHEN_SEG,      /* and segments were not declined */
    RS_WHEN_PDF,      /* the faces of report.pdf are there */
    RS_WHEN_PDF_STUDY /* and the source is DICOM */
} rs_when;

/* Of the files that are written side by side: at once, or when those are there. */
typedef enum rs_after { RS_AT_ONCE = 0, RS_LATER, RS_ROUNDS } rs_after;

/** Why a file of that row is not written; NULL where it is. */
const char *rs_when_absent(rs_when when, const rs_report *report, const rs_sources *sources);

/* Writes one file of the packet into the folder. */
typedef rs_status (*rs_writer)(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                               const char *name);

#define RS_WRITER_PROTOTYPE(id, name, when, function)                                                                  \
    rs_status function(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,         \
                       const char *file_name);
#define X(id, name, when, function, after) RS_WRITER_PROTOTYPE(id, name, when, function)
#include "writers.def"
#undef X

struct rs_dicom_file;
struct rs_given_previous;

/**
 * What a structured report of an earlier packet says of its marks.
 *
 * file     parsed
 * arena    keeps the texts of out
 * is_ours  false: another program's, and out is of no use
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_packet_read_sr(rs_context *ctx, const struct rs_dicom_file *file, rs_arena *arena,
                                        struct rs_given_previous *out, bool *is_ours);

/** Version of libharu as it was loaded, "2.3.0"; static. */
const char *rs_packet_library_version(void);

/** Is it the name of a file of writers.def? */
bool rs_packet_has_file(const char *name);

/* What stood between the files and this machine while they were decoded. */
typedef struct rs_packet_sandbox {
    const char *mode; /* "auto", "all", "off" */
    bool process, limits, landlock, seccomp;
    const char *missing;        /* why a layer is missing; NULL: none is */
    int64_t decoded, restarted; /* files that workers decoded; workers that died */
} rs_packet_sandbox;

/* What done.json says beside the files themselves: how this run went, which is no part of the report (contract 3). */
typedef struct rs_packet_facts {
    const rs_stage *stages;
    int n_stages;
    int threads, cores;
    const char *input_path, *output_path;
    rs_packet_sandbox sandbox;
    const struct rs_json *sent; /* sent[] of the packet that this one replaces; NULL: it replaces none */
} rs_packet_facts;

/**
 * Writes every file of writers.def that is called for, and then done.json, which names them with size and SHA-256 as
 * they lie on the disk.
 *
 * facts    stages up to this one, whose own time is added
 * folder   neither committed nor abandoned here
 * returns  RS_OK; RS_IO; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_packet_write(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                                      const rs_packet_facts *facts, rs_folder *folder);

#endif
