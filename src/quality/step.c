/* Series and cubic interpolation for the normal distribution (Abramowitz and Stegun 26.2.11). */
#include "step.h"

#include <math.h>

static const double per_root_2pi = 0.3989422804014327;

double rs_step_exp(double x)
{
    int halvings = 0;
    if (x > 700) return 0;
    while (x > 0.5) {
        x *= 0.5;
        halvings++;
    }
    double term = 1, sum = 1;
    for (int n = 1; n < 18; n++) {
        term *= x / n;
        sum += term;
    }
    for (int n = 0; n < halvings; n++)
        sum *= sum;
    return 1 / sum;
}

void rs_step_table_make(rs_step_table *out)
{
    const int last = RS_STEP_REACH * RS_STEP_PER_UNIT + 1;
    for (int n = 0; n <= last; n++) {
        double x = (double)n / RS_STEP_PER_UNIT, term = x, sum = x;
        for (int m = 1; term > 1e-17 * sum; m++) {
            term *= x * x / (2 * m + 1);
            sum += term;
        }
        out->density[n] = per_root_2pi * rs_step_exp(0.5 * x * x);
        out->area[n] = out->density[n] * sum;
    }
}

double rs_step_at(const rs_step_table *table, double x, double *density)
{
    double far = fabs(x) * RS_STEP_PER_UNIT;
    if (far >= RS_STEP_REACH * RS_STEP_PER_UNIT) {
        *density = 0;
        return x < 0 ? 0 : 1;
    }
    const double h = 1.0 / RS_STEP_PER_UNIT;
    int n = (int)far;
    double t = far - n, low = table->density[n], high = table->density[n + 1];
    /* Hermite: the density is the slope of the area. */
    double rise = table->area[n + 1] - table->area[n];
    double area =
        table->area[n] + t * (h * low + t * (3 * rise - h * (2 * low + high) + t * (h * (low + high) - 2 * rise)));
    *density = low + t * (high - low);
    return x < 0 ? 0.5 - area : 0.5 + area;
}
