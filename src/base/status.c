/* Names and meanings of the status table. */
#include "restage/status.h"

#include <stddef.h>

const char *rs_status_kind(rs_status status)
{
#define RS_STATUS_KIND(name, value, kind, meaning)                                                                     \
    if ((int)status == (value)) return kind;
    RS_STATUS_TABLE(RS_STATUS_KIND)
#undef RS_STATUS_KIND
    return "unknown";
}

const char *rs_status_meaning(rs_status status)
{
#define RS_STATUS_MEANING(name, value, kind, meaning)                                                                  \
    if ((int)status == (value)) return meaning;
    RS_STATUS_TABLE(RS_STATUS_MEANING)
#undef RS_STATUS_MEANING
    return "unknown";
}
