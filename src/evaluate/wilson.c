/* A share and its interval. */
#include "room.h"

#include <math.h>

double rs_share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

void rs_wilson(int64_t k, int64_t n, double *low, double *high)
{
    const double z = 1.959963984540054; /* 97.5 % of the normal distribution */
    *low = *high = (double)NAN;
    if (n <= 0) return;
    double p = (double)k / (double)n, z2n = z * z / (double)n;
    double centre = (p + z2n / 2) / (1 + z2n);
    double half = z / (1 + z2n) * sqrt(p * (1 - p) / (double)n + z2n / (4 * (double)n));
    *low = k == 0 ? 0 : centre - half;
    *high = k == n ? 1 : centre + half;
}
