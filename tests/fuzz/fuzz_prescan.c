/* One file from its bytes to what DCMTK makes of its header: every length, count and nesting is checked before. */
#include <stdio.h>

#include "dicom/dicom.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    rs_context *ctx = fuzz_context();
    rs_arena *arena = fuzz_arena();
    rs_dicom_file *file = NULL;
    rs_dicom_image image;
    if (rs_dicom_file_open(ctx, arena, data, n_bytes, &file) != RS_OK) return 0;
    if (rs_dicom_file_image(ctx, file, &image) == RS_OK && image.has_pixels) {
        fuzz_expect(image.rows > 0 && image.columns > 0 && image.frames > 0, "an image without pixels");
        fuzz_expect(image.bits_stored > 0 && image.bits_stored <= image.bits_allocated, "bits stored of none");
    }
    if (rs_dicom_file_parse(ctx, file) == RS_OK) {
        static const uint32_t tags[] = {0x00080005, 0x00080008, 0x00080018, 0x00100010, 0x00200032,
                                        0x00280030, 0x00281053, 0x00081110, 0x52009230};
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
            double values[3];
            int64_t number;
            fuzz_expect(rs_dicom_file_text(file, tags[i], arena) != NULL, "no text");
            rs_dicom_file_reals(file, tags[i], values, 3);
            rs_dicom_file_integer(file, tags[i], &number);
            const int n = rs_dicom_item_count(rs_dicom_file_root(file), tags[i]);
            for (int k = 0; k < n && k < 4; k++)
                rs_dicom_item_has(rs_dicom_item_at(rs_dicom_file_root(file), tags[i], k), 0x00200032);
        }
    }
    rs_dicom_file_close(file);
    return 0;
}
