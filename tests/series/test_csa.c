/* Numbers out of Siemens headers: both layouts, and bytes that were cut or bent anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csa.h"

static void put(uint8_t *out, size_t *n, uint32_t value)
{
    for (int b = 0; b < 4; b++)
        out[(*n)++] = (uint8_t)(value >> (8 * b));
}

static void put_entry(uint8_t *out, size_t *n, const char *name, const char *const *values, uint32_t n_values)
{
    memset(out + *n, 0, 64);
    memcpy(out + *n, name, strlen(name));
    *n += 64;
    put(out, n, n_values);
    memcpy(out + *n, "FD\0\0", 4);
    *n += 4;
    put(out, n, 0);
    put(out, n, n_values);
    put(out, n, 77);
    for (uint32_t i = 0; i < n_values; i++) {
        const uint32_t length = (uint32_t)strlen(values[i]) + 1;
        /* Both layouts at once: the first takes 2, the first entry's number of values, off the first length. */
        put(out, n, length + 2);
        put(out, n, length);
        put(out, n, 77);
        put(out, n, length);
        memset(out + *n, 0, (length + 3) / 4 * 4);
        memcpy(out + *n, values[i], length);
        *n += (length + 3) / 4 * 4;
    }
}

static size_t make(uint8_t *out, bool second)
{
    static const char *const positions[] = {"-1.25", "7"},
                             *const normal[] = {"0.00174537", "-0.09237050", "0.99572318"}, *const count[] = {"35"};
    size_t n = 0;
    if (second) {
        memcpy(out, "SV10\4\3\2\1", 8);
        n = 8;
    }
    put(out, &n, 3);
    put(out, &n, 77);
    put_entry(out, &n, "Positions", positions, 2);
    put_entry(out, &n, "SliceNormalVector", normal, 3);
    put_entry(out, &n, "NumberOfImagesInMosaic", count, 1);
    return n;
}

static void test_both_layouts(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    for (int second = 0; second < 2; second++) {
        double v[3] = {0};
        const size_t n = make(bytes, second);
        assert_int_equal(csa_numbers(bytes, n, "Positions", v, 3), 2);
        assert_true(v[0] == -1.25 && v[1] == 7);
        assert_int_equal(csa_numbers(bytes, n, "SliceNormalVector", v, 3), 3);
        assert_true(v[0] == 0.00174537 && v[1] == -0.09237050 && v[2] == 0.99572318);
        assert_int_equal(csa_numbers(bytes, n, "SliceNormalVector", v, 2), 2);
        assert_int_equal(csa_numbers(bytes, n, "NumberOfImagesInMosaic", v, 1), 1);
        assert_true(v[0] == 35);
        assert_int_equal(csa_numbers(bytes, n, "NumberOfImages", v, 1), 0);
    }
}

/* The last byte only pads. Exact copies on the heap, so that a sanitizer sees a byte too far. */
static void prop_cut_and_bent(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    for (int second = 0; second < 2; second++) {
        const size_t n = make(bytes, second);
        for (size_t cut = 0; cut < n - 1; cut++) {
            double v = 0;
            uint8_t *copy = test_malloc(cut + 1);
            memcpy(copy, bytes, cut);
            assert_int_equal(csa_numbers(copy, cut, "NumberOfImagesInMosaic", &v, 1), 0);
            test_free(copy);
        }
        for (size_t at = 0; at < n; at++) {
            double v[3];
            uint8_t *copy = test_malloc(n);
            memcpy(copy, bytes, n);
            copy[at] = 0xff;
            assert_in_range(csa_numbers(copy, n, "SliceNormalVector", v, 3), 0, 3);
            test_free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_layouts), cmocka_unit_test(prop_cut_and_bent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
