/* The file handle, seen by the C++ sources of this room. */
#ifndef DICOM_FILE_H
#define DICOM_FILE_H

#include "guard.h"
#include "scan.h"

#include <memory>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

struct rs_dicom_file {
    rs_scan scan;
    std::unique_ptr<DcmDataset> header;  /* all before PixelData, after rs_dicom_file_parse */
    std::unique_ptr<DcmDataset> decoded; /* owner of decoded pixels */
};

/* Lets DCMTK read the data set from its start to end; NULL with the failure recorded. */
std::unique_ptr<DcmDataset> rs_file_load(rs_context *ctx, const rs_scan &scan, size_t end);

#endif
