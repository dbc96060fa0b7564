/* Failures on demand: in builds with RS_FAULTS, RS_FAIL_ALLOC=n makes the n-th allocation of this process fail and
   RS_FAIL_WRITE=n the n-th write (as if the disk were full). n counts from 1; without the variable nothing is counted.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef RS_FAULTS
bool rs_fault_allocation(void);
bool rs_fault_write(void);
#else
static inline bool rs_fault_allocation(void)
{
    return false;
}
static inline bool rs_fault_write(void)
{
    return false;
}
#endif

#endif
