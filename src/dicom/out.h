/* The data set behind rs_dicom_out, for the other files of this room that write into it. C++ only. */
#ifndef DICOM_OUT_H
#define DICOM_OUT_H

#include "dicom/dicom.h"

class DcmItem;

DcmItem &rs_dicom_out_dataset(rs_dicom_out *out);

#endif
