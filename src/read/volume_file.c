/* A volume file (MetaImage, NIfTI, NRRD) as the series' volume. */
#include "volume_file.h"

#include <string.h>

#include "padding.h"
#include "restage/formats.h"
#include "restage/parallel.h"

typedef struct padding_job {
    rs_volume *volume;
    int16_t air;
    int64_t *n_padded; /* one a slice */
} padding_job;

static rs_status pad_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    padding_job *j = arg;
    const int64_t n_columns = j->volume->geometry.n[0], n = n_columns * j->volume->geometry.n[1];
    int16_t *voxels = j->volume->voxels + k * n;
    const int32_t corner[4] = {voxels[0], voxels[n_columns - 1], voxels[n - n_columns], voxels[n - 1]};
    int32_t low, high;
    int64_t n_padded = 0;
    if (!padding_corners(corner, j->volume->slope, j->volume->offset, &low, &high)) return RS_OK;
    for (int64_t i = 0; i < n; i++) {
        const bool is_padding = voxels[i] >= low && voxels[i] <= high;
        n_padded += is_padding;
        voxels[i] = is_padding ? j->air : voxels[i];
    }
    j->n_padded[k] = n_padded;
    return RS_OK;
}

/* As in slices of DICOM: what no scan shows becomes air, and what a scanner made stays. */
static rs_status set_padding(rs_context *ctx, rs_volume *volume, int64_t *out)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the volume");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const int32_t n = volume->geometry.n[2];
    padding_job j = {volume, rs_volume_stored(volume, PADDING_AIR_HU), RS_ARENA_NEW(scratch, int64_t, n)};
    rs_status status = j.n_padded ? rs_parallel_for(ctx, n, pad_slice, &j) : rs_fail_memory(ctx, "the volume");
    *out = 0;
    for (int32_t k = 0; k < n && status == RS_OK; k++)
        *out += j.n_padded[k];
    rs_arena_rewind(scratch, mark);
    return status;
}

rs_status read_volume_file(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_volume *out,
                           rs_read_facts *facts)
{
    rs_read_facts found = {0};
    rs_volume volume = {0};
    RS_TRY(rs_format_read(ctx, series->volume_file, series->volume, arena, &volume, &found.rounding, &found.notes));
    rs_status status = RS_OK;
    if (memcmp(&volume.geometry, &series->geometry, sizeof volume.geometry) != 0)
        status = rs_fail(ctx, RS_AGAIN, "the volume file changed since it was listed");
    if (status == RS_OK && strcmp(series->modality, "CT") == 0)
        status = set_padding(ctx, &volume, &found.padded_voxels);
    if (status != RS_OK) {
        rs_volume_free(ctx, &volume);
        return status;
    }
    if (facts) *facts = found;
    *out = volume;
    return RS_OK;
}
