/* The patient frame over the voxels, and parameters by name. */
#include <math.h>

#include "lung.h"

/* Axes are given out head first, then left, each image axis once: for oblique grids two directions may like the same.
 */
void lung_frame_of(const rs_geometry *geometry, lung_frame *out)
{
    static const int order[3] = {2, 0, 1};
    int64_t stride[3] = {1, geometry->n[0], (int64_t)geometry->n[0] * geometry->n[1]};
    bool taken[3] = {false, false, false};
    lung_frame f = {.base = 0};
    for (int d = 0; d < 3; d++) {
        int direction = order[d], best = -1;
        for (int a = 0; a < 3; a++) {
            if (taken[a]) continue;
            if (best < 0 || fabs(geometry->axis[a][direction]) > fabs(geometry->axis[best][direction])) best = a;
        }
        taken[best] = true;
        f.axis[direction] = best;
        f.sign[direction] = geometry->axis[best][direction] < 0 ? -1 : 1;
        f.n[direction] = geometry->n[best];
        f.spacing_mm[direction] = geometry->spacing_mm[best];
        f.stride[direction] = f.sign[direction] * stride[best];
        if (f.sign[direction] < 0) f.base += (geometry->n[best] - 1) * stride[best];
    }
    *out = f;
}

void lung_frame_cut(lung_frame *f, int32_t image_rows, const int32_t rows[2])
{
    if (f->axis[1] != 1) return;
    f->base += f->sign[1] < 0 ? (image_rows - rows[1]) * f->stride[1] : rows[0] * f->stride[1];
    f->n[1] = rows[1] - rows[0];
}

double lung_param(const lung_work *work, const char *name)
{
    return rs_params_get(work->params, name);
}
