/* A volume of something of everything. */
#ifndef TESTS_DETECT_CLUTTER_H
#define TESTS_DETECT_CLUTTER_H

#include "restage/kernels.h"
#include "scene.h"

/* Random balls, tubes and noise: something of everything. */
static inline double clutter(const double mm[3], const void *arg)
{
    (void)arg;
    double sum = -860;
    uint64_t seed = 1234567;
    for (int n = 0; n < 24; n++) {
        double x = 60 * uniform(&seed) - mm[0], y = 60 * uniform(&seed) - mm[1], z = 60 * uniform(&seed) - mm[2];
        double r = 1 + 3 * uniform(&seed);
        if (n % 3 == 0) z = 0;
        sum += 700 * exp(-(x * x + y * y + z * z) / (2 * r * r));
    }
    return sum;
}

static inline void clutter_open(scene *s, int threads, const char *tier, double spacing_k_mm)
{
    scene_wish w = {.n = {90, 88, (int32_t)(60 / spacing_k_mm)},
                    .spacing_mm = {0.7, 0.7, spacing_k_mm},
                    .psf = {1.1, 1.05 * spacing_k_mm},
                    .threads = threads,
                    .value = clutter,
                    .noise_hu = 15};
    scene_open(s, &w);
    if (tier) assert_int_equal(rs_context_set_tier_name(s->ctx, tier), RS_OK);
}

#endif
