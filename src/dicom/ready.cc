/* One-time set-up of DCMTK: log off, codecs, globals, dictionary (integration A.2.3 to A.2.5, A.2.10). Nothing here is
   taken back before the process ends: workers may be decoding. */
#include "guard.h"

#include <mutex>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcdict.h"
#include "dcmtk/dcmdata/dcobject.h"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"
#include "dcmtk/oflog/oflog.h"

namespace
{
std::once_flag once;
bool dictionary_loaded = false;

/* Registers the codecs; at the end of the process, before DCMTK's own globals go, takes them back, or they leak. */
struct codecs {
    codecs()
    {
        DJDecoderRegistration::registerCodecs(EDC_never, EUC_never);
        DJLSDecoderRegistration::registerCodecs(EJLSUC_never);
        DcmRLEDecoderRegistration::registerCodecs();
    }
    ~codecs()
    {
        DcmRLEDecoderRegistration::cleanup();
        DJLSDecoderRegistration::cleanup();
        DJDecoderRegistration::cleanup();
    }
};

void set_up()
{
    /* DCMTK's warnings print element values, that is, names of patients. */
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    dcmEnableAutomaticInputDataCorrection.set(OFFalse);
    dcmIgnoreParsingErrors.set(OFFalse);
    dcmReadImplPrivAttribMaxLengthAsSQ.set(OFFalse);
    /* Zeros or junk behind the image cost seconds otherwise (integration B.2, 12). */
    dcmStopParsingAfterElement.set(DCM_PixelData);
    static codecs registered;
    dictionary_loaded = dcmDataDict.isDictionaryLoaded();
}
} // namespace

rs_status rs_dicom_ready(rs_context *ctx)
{
    std::call_once(once, set_up);
    if (!dictionary_loaded) {
        return rs_fail(ctx, RS_DEFECT,
                       "the DICOM dictionary of DCMTK was not found: install the package dcmtk-data or libdcmtk17, or "
                       "point DCMDICTPATH to dicom.dic");
    }
    return RS_OK;
}

extern "C" rs_status rs_dicom_prepare(rs_context *ctx)
{
    return guarded(ctx, []() -> rs_status { return RS_OK; });
}

extern "C" const char *rs_dicom_library(void)
{
    return "DCMTK " OFFIS_DCMTK_VERSION_STRING;
}
