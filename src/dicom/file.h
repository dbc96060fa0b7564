/* The file handle, seen by the C++ sources of this room. */
#ifndef DICOM_FILE_H
#define DICOM_FILE_H

#include "frames.h"
#include "guard.h"
#include "scan.h"

#include <atomic>
#include <memory>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

struct rs_dicom_file {
    rs_scan scan;
    rs_source source = {};              /* scan.source, where the file is read by pieces */
    rs_arena *arena;                    /* as long as the file */
    rs_frames frames;                   /* of encapsulated pixels, once they were asked for */
    std::unique_ptr<DcmDataset> header; /* all before the pixels, after rs_dicom_file_parse */
    std::unique_ptr<uint8_t[]> decoded; /* what was decoded last */
    size_t decoded_bytes = 0;
};

/* How many files have ended: what points into one is stale when this has changed. */
extern std::atomic<uint64_t> rs_files_ended;

/* Lets DCMTK read the data set from its start to end; NULL with the failure recorded. */
std::unique_ptr<DcmDataset> rs_file_load(rs_context *ctx, const rs_scan &scan, size_t end);

#endif
