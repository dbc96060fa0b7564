/* Counts allocations and writes against RS_FAIL_ALLOC and RS_FAIL_WRITE. */
#include "fault.h"

#ifdef RS_FAULTS

#include <stdatomic.h>
#include <stdlib.h>

static bool hit(const char *variable, atomic_long *count)
{
    const char *text = getenv(variable);
    if (!text) return false;
    return atomic_fetch_add(count, 1) + 1 == strtol(text, NULL, 10);
}

bool rs_fault_allocation(void)
{
    static atomic_long count;
    return hit("RS_FAIL_ALLOC", &count);
}

bool rs_fault_write(void)
{
    static atomic_long count;
    return hit("RS_FAIL_WRITE", &count);
}

#else
typedef int rs_fault_is_off; /* a translation unit may not be empty */
#endif
