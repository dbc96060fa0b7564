/* Grid arithmetic: index to patient position and back (DICOM PS3.3 C.7.6.2.1.1). */
#include <math.h>

#include "restage/volume.h"

int64_t rs_geometry_voxels(const rs_geometry *geometry)
{
    return (int64_t)geometry->n[0] * geometry->n[1] * geometry->n[2];
}

double rs_geometry_voxel_mm3(const rs_geometry *geometry)
{
    return geometry->spacing_mm[0] * geometry->spacing_mm[1] * geometry->spacing_mm[2];
}

void rs_geometry_to_lps(const rs_geometry *geometry, const double ijk[3], double lps_mm[3])
{
    for (int d = 0; d < 3; d++) {
        double at = geometry->origin_lps_mm[d];
        for (int a = 0; a < 3; a++)
            at += ijk[a] * geometry->spacing_mm[a] * geometry->axis[a][d];
        lps_mm[d] = at;
    }
}

void rs_geometry_to_index(const rs_geometry *geometry, const double lps_mm[3], double ijk[3])
{
    double offset[3];
    for (int d = 0; d < 3; d++)
        offset[d] = lps_mm[d] - geometry->origin_lps_mm[d];
    for (int a = 0; a < 3; a++) {
        const double *axis = geometry->axis[a];
        double along = offset[0] * axis[0] + offset[1] * axis[1] + offset[2] * axis[2];
        ijk[a] = along / geometry->spacing_mm[a];
    }
}

bool rs_geometry_holds(const rs_geometry *geometry, const double ijk[3])
{
    for (int a = 0; a < 3; a++)
        if (!(ijk[a] >= -0.5 && ijk[a] <= geometry->n[a] - 0.5)) return false;
    return true;
}

int rs_geometry_axis_along(const rs_geometry *geometry, int patient_direction, int *sign)
{
    int best = 0;
    for (int a = 1; a < 3; a++) {
        double here = fabs(geometry->axis[a][patient_direction]);
        if (here > fabs(geometry->axis[best][patient_direction])) best = a;
    }
    *sign = geometry->axis[best][patient_direction] < 0 ? -1 : 1;
    return best;
}

bool rs_geometry_is_regular(const rs_geometry *geometry)
{
    for (int a = 0; a < 3; a++) {
        double spacing = geometry->spacing_mm[a];
        if (geometry->n[a] <= 0 || !(spacing > 0) || !isfinite(spacing)) return false;
        if (!isfinite(geometry->origin_lps_mm[a])) return false;
        for (int b = a; b < 3; b++) {
            const double *x = geometry->axis[a], *y = geometry->axis[b];
            double dot = x[0] * y[0] + x[1] * y[1] + x[2] * y[2];
            if (!(fabs(dot - (a == b ? 1 : 0)) <= 1e-3)) return false;
        }
    }
    return true;
}
