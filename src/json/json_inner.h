/* What the files of this room share: an rs_json is a jansson value under another name. */
#ifndef JSON_INNER_H
#define JSON_INNER_H

#include <jansson.h>

#include "restage/json.h"

/* Sends jansson's allocations through rs_heap_alloc; before the first value is made. */
void rs_json_hooks(void);

#endif
