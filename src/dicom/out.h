/* A data set in the making, seen by the C++ sources of this room. */
#ifndef DICOM_OUT_H
#define DICOM_OUT_H

#include "guard.h"

#include <vector>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

struct rs_dicom_out {
    DcmDataset dataset;
    std::vector<DcmItem *> open; /* items that were begun, the last one innermost; owned by their sequences */

    DcmItem &here()
    {
        return open.empty() ? dataset : *open.back();
    }
};

inline DcmItem &rs_dicom_out_dataset(rs_dicom_out *out)
{
    return out->dataset;
}

DcmTagKey rs_out_key(uint32_t tag);

/* The failure of the library to set an element. */
rs_status rs_out_refused(rs_context *ctx, uint32_t tag, const OFCondition &condition);

#endif
