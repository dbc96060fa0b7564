/* A volume file (MetaImage, NIfTI, NRRD) as the series' volume. */
#include "volume_file.h"

#include <string.h>

#include "restage/formats.h"
#include "restage/parallel.h"

#define AIR_HU (-1024.0) /* what padding becomes, as in slices */

typedef struct padding_job {
    rs_volume *volume;
    int16_t air;
    int64_t *n_padded; /* one a slice */
} padding_job;

static rs_status raise_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    padding_job *j = arg;
    const int64_t n = (int64_t)j->volume->geometry.n[0] * j->volume->geometry.n[1];
    int16_t *voxels = j->volume->voxels + k * n;
    int64_t raised = 0;
    for (int64_t i = 0; i < n; i++) {
        raised += voxels[i] < j->air;
        voxels[i] = voxels[i] < j->air ? j->air : voxels[i];
    }
    j->n_padded[k] = raised;
    return RS_OK;
}

/* A CT has nothing below air: what lies there is outside of the circle, or was never scanned. */
static rs_status raise_padding(rs_context *ctx, rs_volume *volume, int64_t *out)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the volume");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const int32_t n = volume->geometry.n[2];
    padding_job j = {volume, rs_volume_stored(volume, AIR_HU), RS_ARENA_NEW(scratch, int64_t, n)};
    rs_status status = j.n_padded ? rs_parallel_for(ctx, n, raise_slice, &j) : rs_fail_memory(ctx, "the volume");
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
        status = raise_padding(ctx, &volume, &found.padded_voxels);
    if (status != RS_OK) {
        rs_volume_free(ctx, &volume);
        return status;
    }
    if (facts) *facts = found;
    *out = volume;
    return RS_OK;
}
