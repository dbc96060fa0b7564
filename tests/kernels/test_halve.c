#include "agree.h"

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("halve");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
