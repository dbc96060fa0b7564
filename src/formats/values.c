#include "values.h"

#include "restage/parallel.h"

enum { PIECE = 1 << 18 }; /* voxels an item */

typedef struct job {
    const rs_volume *volume;
    void *out;
    int64_t n;
    bool labels;
} job;

static rs_status fill(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const job *j = arg;
    const int64_t begin = item * PIECE, end = begin + PIECE < j->n ? begin + PIECE : j->n;
    const int16_t *from = j->volume->voxels;
    const double slope = j->volume->slope, offset = j->volume->offset;
    int outside = 0;
    if (j->labels) {
        uint8_t *to = j->out;
        for (int64_t v = begin; v < end; v++) {
            const double value = slope * from[v] + offset;
            outside |= !(value >= 0 && value <= UINT8_MAX);
            to[v] = (uint8_t)(value >= 0 && value <= UINT8_MAX ? value : 0);
        }
    } else {
        float *to = j->out;
        for (int64_t v = begin; v < end; v++)
            to[v] = (float)(slope * from[v] + offset);
    }
    return outside ? rs_fail(ctx, RS_DATA, "labels lie outside 0 to 255") : RS_OK;
}

static rs_status make(rs_context *ctx, const rs_volume *volume, bool labels, rs_block *block)
{
    job j = {.volume = volume, .n = rs_geometry_voxels(&volume->geometry), .labels = labels};
    const size_t bytes = labels ? sizeof(uint8_t) : sizeof(float);
    RS_TRY(rs_block_take(ctx, (size_t)j.n * bytes, "the values of the volume", block));
    j.out = block->data;
    return rs_parallel_for(ctx, (j.n + PIECE - 1) / PIECE, fill, &j);
}

rs_status values_of(rs_context *ctx, rs_arena *arena, const rs_volume *volumes, int n, bool labels, bool scaled,
                    values *out)
{
    *out = (values){.type = "int16", .n = n};
    out->data = RS_ARENA_NEW(arena, const void *, n);
    out->bytes = RS_ARENA_NEW(arena, size_t, n);
    out->block = RS_ARENA_NEW(arena, rs_block, n);
    if (!out->data || !out->bytes || !out->block) return rs_fail_memory(ctx, "the values of the volume");
    const bool stored = !labels && (scaled || (volumes[0].slope == 1 && volumes[0].offset == 0));
    if (!stored) out->type = labels ? "uint8" : "float32";
    rs_status status = RS_OK;
    for (int v = 0; v < n && status == RS_OK; v++) {
        const size_t voxels = (size_t)rs_geometry_voxels(&volumes[v].geometry);
        if (!stored) status = make(ctx, &volumes[v], labels, &out->block[v]);
        out->data[v] = stored ? volumes[v].voxels : out->block[v].data;
        out->bytes[v] = voxels * (labels ? sizeof(uint8_t) : stored ? sizeof(int16_t) : sizeof(float));
    }
    if (status != RS_OK) values_free(ctx, out);
    return status;
}

void values_free(rs_context *ctx, values *v)
{
    for (int i = 0; v->block && i < v->n; i++)
        rs_block_give(ctx, &v->block[i]);
}
