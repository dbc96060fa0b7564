/* Tubes end by end: pieces of a chain share their ends, so that a continuous map keeps the chain whole. */
#include "warp.h"

#define SPARED_MM 25.0 /* of a branch whose stem is gone: a longer one still fills its lung */

static rs_phantom_seen move_end(rs_phantom_moves moves, const void *arg, float end[3], float *radius_mm)
{
    double p[3] = {(double)end[0], (double)end[1], (double)end[2]};
    rs_phantom_seen place = moves(arg, p, radius_mm);
    for (int c = 0; c < 3; c++)
        end[c] = (float)p[c];
    return place;
}

rs_status rs_phantom_warp_tubes(const rs_phantom_mode_call *call, rs_phantom_moves moves, const void *arg)
{
    rs_phantom_model *m = call->model;
    const int n_pieces = m->tubes.n - m->n_great;
    rs_phantom_tube *piece = m->tubes.items + m->n_great;
    bool *gone = rs_arena_alloc_raw(call->arena, (size_t)n_pieces + 1, sizeof *gone);
    bool *hidden = rs_arena_alloc_raw(call->arena, (size_t)n_pieces + 1, sizeof *hidden);
    if (gone == NULL || hidden == NULL) return rs_fail_memory(call->ctx, "the phantom's vessels");
    for (int n = 0; n < n_pieces; n++) {
        rs_phantom_seen a = move_end(moves, arg, piece[n].a, &piece[n].radius_a);
        rs_phantom_seen b = move_end(moves, arg, piece[n].b, &piece[n].radius_b);
        gone[n] = a == RS_PHANTOM_TAKEN || b == RS_PHANTOM_TAKEN;
        hidden[n] = a == RS_PHANTOM_COVERED || b == RS_PHANTOM_COVERED;
    }
    RS_TRY(rs_phantom_prune(call, gone, SPARED_MM));
    m->tubes.n = m->n_great;
    for (int n = 0; n < n_pieces; n++)
        if (!gone[n] && !hidden[n]) m->tubes.items[m->tubes.n++] = piece[n];
    return RS_OK;
}

double rs_phantom_cone_distance(const double a[3], const double b[3], const double radius[2], const double p[3])
{
    double along = 0.0, length = 1e-9, square = 0.0;
    for (int c = 0; c < 3; c++) {
        along += (b[c] - a[c]) * (p[c] - a[c]);
        length += (b[c] - a[c]) * (b[c] - a[c]);
    }
    along /= length;
    along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
    for (int c = 0; c < 3; c++) {
        double e = p[c] - a[c] - along * (b[c] - a[c]);
        square += e * e;
    }
    return sqrt(square) - radius[0] - along * (radius[1] - radius[0]);
}
