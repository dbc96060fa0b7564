/* Random numbers by counter, and exp, log, pow from plain arithmetic. */
#include "random.h"

#include <math.h>

rs_phantom_random rs_phantom_random_of(uint64_t seed, uint64_t stream, uint64_t sub)
{
    return (rs_phantom_random){rs_phantom_key(seed, stream, sub), 0};
}

double rs_phantom_uniform(rs_phantom_random *random, double low, double high)
{
    double u = (double)(rs_phantom_bits(random->key, random->count++) >> 11) * 0x1p-53;
    return low + (high - low) * u;
}

double rs_phantom_normal(rs_phantom_random *random)
{
    double sum = -6.0;
    for (int n = 0; n < 12; n++)
        sum += rs_phantom_uniform(random, 0.0, 1.0);
    return sum;
}

void rs_phantom_direction(rs_phantom_random *random, double out[3])
{
    double square = 0.0;
    do {
        square = 0.0;
        for (int n = 0; n < 3; n++) {
            out[n] = rs_phantom_uniform(random, -1.0, 1.0);
            square += out[n] * out[n];
        }
    } while (square > 1.0 || square < 1e-4);
    for (int n = 0; n < 3; n++)
        out[n] /= sqrt(square);
}

double rs_phantom_exp(double x)
{
    if (x < -700.0) return 0.0;
    if (x > 700.0) x = 700.0;
    double k = floor(x / M_LN2 + 0.5);
    double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10; /* ln 2 in two parts */
    double sum = 1.0;
    for (int n = 14; n > 0; n--)
        sum = 1.0 + r * sum / n;
    return ldexp(sum, (int)k);
}

double rs_phantom_log(double x)
{
    int e = 0;
    double m = frexp(x, &e);
    if (m < M_SQRT1_2) {
        m *= 2.0;
        e--;
    }
    double s = (m - 1.0) / (m + 1.0), square = s * s, sum = 0.0;
    for (int n = 25; n > 0; n -= 2)
        sum = sum * square + 1.0 / n;
    return 2.0 * s * sum + e * M_LN2;
}

double rs_phantom_pow(double x, double power)
{
    return rs_phantom_exp(power * rs_phantom_log(x));
}

double rs_phantom_normal_share(double sigma, double a, double b)
{
    enum { STEPS = 32 }; /* Simpson; a and b are at most a few sigma apart */
    double h = (b - a) / STEPS, sum = 0.0;
    for (int n = 0; n <= STEPS; n++) {
        double x = (a + h * n) / sigma;
        double weight = (n == 0 || n == STEPS) ? 1.0 : (n % 2 != 0 ? 4.0 : 2.0);
        sum += weight * rs_phantom_exp(-0.5 * x * x);
    }
    return sum * h / 3.0 / (sigma * sqrt(2.0 * M_PI));
}
