/* Station packet: files in OUT.partial-…, then one rename. A writer prints what rs_report holds and computes nothing. */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include "restage/arena.h"
#include "restage/files.h"
#include "restage/regions.h"
#include "restage/report.h"
#include "restage/volume.h"

/* What a writer may draw on beside the report: pixels for crops, labels for masks. NULL where there is no volume. */
typedef struct rs_sources {
    const rs_volume *volume;
    const rs_regions *regions;
} rs_sources;

/* Writes one file of the packet into the folder. */
typedef rs_status (*rs_writer)(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                               const char *name);

#endif
