#include "room.h"
rs_status rs_seg_read(rs_masks *masks, const rs_study *study)
{
    (void)study;
    return rs_fail(masks->ctx, RS_DATA, "SEG is not read yet");
}
rs_status rs_draw_grid(rs_context *ctx, const rs_masks *masks, int index, rs_arena *arena, rs_mask *mask)
{
    (void)masks, (void)index, (void)arena, (void)mask;
    return rs_fail(ctx, RS_DATA, "SEG is not read yet");
}
rs_status rs_label_volume_read(rs_masks *masks, const char *path)
{
    (void)path;
    return rs_fail(masks->ctx, RS_DATA, "no label volume yet");
}
