/* Tubes end by end: pieces of a chain share their ends, so that a continuous map keeps the chain whole. */
#include "warp.h"

static bool move_end(rs_phantom_moves moves, const void *arg, float end[3], float *radius_mm)
{
    double p[3] = {(double)end[0], (double)end[1], (double)end[2]};
    bool stays = moves(arg, p, radius_mm);
    for (int c = 0; c < 3; c++)
        end[c] = (float)p[c];
    return stays;
}

void rs_phantom_warp_tubes(rs_phantom_model *m, rs_phantom_moves moves, const void *arg)
{
    int kept = m->n_great;
    for (int n = m->n_great; n < m->tubes.n; n++) {
        rs_phantom_tube t = m->tubes.items[n];
        bool stays = move_end(moves, arg, t.a, &t.radius_a);
        stays = move_end(moves, arg, t.b, &t.radius_b) && stays;
        if (stays) m->tubes.items[kept++] = t;
    }
    m->tubes.n = kept;
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
