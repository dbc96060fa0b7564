/* Volume files: the first byte picks the ending, the rest is the file. */
#include <math.h>
#include <stdio.h>

#include "fuzz.h"
#include "restage/formats.h"

static const char *const endings[] = {"nii", "nii.gz", "mha", "mhd", "nrrd", "nhdr"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    if (n_bytes == 0) return 0;
    rs_context *ctx = fuzz_context();
    rs_arena *arena = fuzz_arena();
    char name[32];
    snprintf(name, sizeof(name), "v.%s", endings[data[0] % (sizeof(endings) / sizeof(endings[0]))]);
    fuzz_write(name, data + 1, n_bytes - 1);
    rs_format_head head = {0};
    if (rs_format_read_head(ctx, fuzz_path(name), arena, &head) != RS_OK) return 0;
    fuzz_expect(head.n_volumes >= 1, "no volume");
    int64_t voxels = 1;
    for (int a = 0; a < 3; a++) {
        fuzz_expect(head.geometry.n[a] >= 1, "a side without voxels");
        fuzz_expect(isfinite(head.geometry.spacing_mm[a]) && isfinite(head.geometry.origin_lps_mm[a]), "no number");
        voxels *= head.geometry.n[a];
    }
    if (voxels > 1 << 20) return 0; /* sound, but slow to read a thousand times a second */
    rs_volume volume = {0};
    rs_notes notes = {0};
    double rounding = 0;
    if (rs_format_read(ctx, fuzz_path(name), head.n_volumes - 1, arena, &volume, &rounding, &notes) == RS_OK) {
        int64_t sum = 0;
        for (int64_t i = 0; i < voxels; i++)
            sum += volume.voxels[i];
        fuzz_expect(sum <= voxels * 32767, "voxels cannot be read");
        rs_volume_free(ctx, &volume);
    }
    return 0;
}
