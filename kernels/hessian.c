/* What callers of kernel hessian need before they cut a tile. */
#include "restage/kernels/hessian.h"

#include <math.h>

#include "restage/kernels/gauss.h"

void rs_hessian_halo(const double sigma_mm[3], const double spacing_mm[3], int32_t halo[3])
{
    for (int a = 0; a < 3; a++) {
        double sigma_vox = sigma_mm[a] / spacing_mm[a], variance = sigma_vox * sigma_vox - 1.0 / 3.0;
        halo[a] = 2 + (variance > 0.0 ? (int32_t)ceil(4.0 * sqrt(variance)) : 0);
    }
}

double rs_hessian_variance_mm2(double sigma_mm, double spacing_mm)
{
    double least = spacing_mm * spacing_mm / 3.0, variance = sigma_mm * sigma_mm;
    return variance > least ? variance : least;
}
