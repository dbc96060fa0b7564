/* SHA-256 against the examples of FIPS 180-4 (NIST). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "digest/digest.h"
#include "restage/context.h"

static const char *const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char *const million_a = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static int setup(void **state)
{
    rs_context *ctx = NULL;
    if (rs_context_new(&(rs_context_options){.threads = 1}, &ctx)) return -1;
    *state = ctx;
    return 0;
}

static int teardown(void **state)
{
    rs_context_free(*state);
    return 0;
}

static void published_values(void **state)
{
    char hex[65];
    assert_int_equal(rs_sha256_hex(*state, "abc", 3, hex), RS_OK);
    assert_string_equal(hex, abc);
    assert_int_equal(rs_sha256_hex(*state, NULL, 0, hex), RS_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void pieces_give_the_whole(void **state)
{
    char hex[65], thousand[1000];
    rs_sha256 *sha = NULL;
    memset(thousand, 'a', sizeof thousand);
    assert_int_equal(rs_sha256_new(*state, &sha), RS_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rs_sha256_add(*state, sha, thousand, sizeof thousand), RS_OK);
    assert_int_equal(rs_sha256_add(*state, sha, NULL, 0), RS_OK);
    assert_int_equal(rs_sha256_finish(*state, sha, hex), RS_OK);
    assert_string_equal(hex, million_a);
}

/* RFC 4231, test cases 1 and 2. */
static void keyed_values(void **state)
{
    char hex[65];
    uint8_t key[20];
    memset(key, 0x0b, sizeof key);
    assert_int_equal(rs_hmac_sha256_hex(*state, key, sizeof key, "Hi There", 8, hex), RS_OK);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_int_equal(rs_hmac_sha256_hex(*state, "Jefe", 4, "what do ya want for nothing?", 28, hex), RS_OK);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values),
        cmocka_unit_test(pieces_give_the_whole),
        cmocka_unit_test(keyed_values),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
