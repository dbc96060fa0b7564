/* What files the DICOM objects of the packet with their study (reporting B). */
#include "builder.h"

rs_status rs_build_filing(rs_builder *b)
{
    b->report->filing.reason = rs_builder_keep(b, "the source is no DICOM: there is no study to file it with");
    return RS_OK;
}
