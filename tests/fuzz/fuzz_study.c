/* One file of any content as a study, read where it has images: functional groups, mosaics, verdicts, pixels. */
#include "fuzz.h"
#include "studies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    fuzz_write("one.dcm", data, n_bytes);
    fuzz_study(fuzz_path("one.dcm"), n_bytes & 1);
    return 0;
}
