/* Random numbers by counter, and the functions of analysis, against libm and the moments of their distributions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random.h"

static void analysis_agrees_with_libm(void **state)
{
    (void)state;
    for (double x = -40.0; x < 40.0; x += 0.37) {
        assert_true(fabs(rs_phantom_exp(x) / exp(x) - 1.0) < 4e-16 * (1.0 + fabs(x)));
        double y = exp(x);
        assert_true(fabs(rs_phantom_log(y) - log(y)) < 1e-14 * (1.0 + fabs(x)));
        assert_true(fabs(rs_phantom_pow(y, 1.0 / 2.8) / pow(y, 1.0 / 2.8) - 1.0) < 1e-13);
    }
    assert_true(fabs(rs_phantom_normal_share(1.7, -0.5, 0.5) - erf(0.5 / 1.7 / sqrt(2.0))) < 1e-9);
}

static void moments_are_right(void **state)
{
    (void)state;
    rs_phantom_random r = rs_phantom_random_of(7, RS_PHANTOM_STREAM_BODY, 0);
    enum { N = 200000 };
    double u = 0, uu = 0, n = 0, nn = 0, d[3], sum[3] = {0};
    for (int k = 0; k < N; k++) {
        double a = rs_phantom_uniform(&r, 0.0, 1.0), b = rs_phantom_normal(&r);
        rs_phantom_direction(&r, d);
        assert_true(fabs(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] - 1.0) < 1e-12);
        u += a, uu += a * a, n += b, nn += b * b;
        for (int c = 0; c < 3; c++)
            sum[c] += d[c];
    }
    assert_true(fabs(u / N - 0.5) < 4.0 * sqrt(1.0 / 12.0 / N));
    assert_true(fabs(uu / N - 1.0 / 3.0) < 0.004);
    assert_true(fabs(n / N) < 4.0 / sqrt(N) && fabs(nn / N - 1.0) < 0.015);
    for (int c = 0; c < 3; c++)
        assert_true(fabs(sum[c] / N) < 4.0 / sqrt(3.0 * N));
}

static void a_value_depends_on_its_index_alone(void **state)
{
    (void)state;
    uint64_t key = rs_phantom_key(5, RS_PHANTOM_STREAM_NOISE, 3), other = rs_phantom_key(5, RS_PHANTOM_STREAM_NOISE, 4);
    assert_int_equal(rs_phantom_bits(key, 1000), rs_phantom_bits(key, 1000));
    int same = 0;
    for (uint64_t n = 0; n < 6400; n++)
        same += __builtin_popcountll(rs_phantom_bits(key, n) ^ rs_phantom_bits(other, n));
    assert_true(abs(same - 6400 * 32) < 4 * 320); /* half of the bits differ, 4 SD */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analysis_agrees_with_libm),
        cmocka_unit_test(moments_are_right),
        cmocka_unit_test(a_value_depends_on_its_index_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
