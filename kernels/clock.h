/* Clocks and medians of the bench. */
#ifndef KERNELS_CLOCK_H
#define KERNELS_CLOCK_H

#include <stdlib.h>
#include <time.h>

static inline double clock_ns(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) return 0.0;
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static inline int clock_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the times; the smallest is then the first. */
static inline double clock_median(double *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, clock_order);
    return n % 2 == 1 ? times[n / 2] : 0.5 * (times[n / 2 - 1] + times[n / 2]);
}

#endif
