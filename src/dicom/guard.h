/* What every extern "C" body of this room stands on: no exception leaves, and DCMTK is set up before its first use
   (integration A.2). C++ only. */
#ifndef DICOM_GUARD_H
#define DICOM_GUARD_H

#include <new>

#include "dicom/dicom.h"

/* Registers codecs, silences DCMTK's log and sets its globals, once a process; RS_DEFECT without a dictionary. */
rs_status rs_dicom_ready(rs_context *ctx);

/* Runs body() with DCMTK ready; bad_alloc becomes RS_NO_MEMORY, anything else RS_DEFECT. */
template <class Body> rs_status guarded(rs_context *ctx, Body &&body) noexcept
{
    try {
        RS_TRY(rs_dicom_ready(ctx));
        return body();
    } catch (const std::bad_alloc &) {
        return rs_fail_memory(ctx, "a DICOM object");
    } catch (...) {
        return rs_fail(ctx, RS_DEFECT, "the DICOM library stopped with an exception that restage does not know");
    }
}

#endif
