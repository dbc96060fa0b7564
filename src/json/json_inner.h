/* What the files of this room share: our own tree, whose children hang on their parent by a pointer that they hold
   themselves, so that building it can never lose one. jansson prints it and parses into it. */
#ifndef JSON_INNER_H
#define JSON_INNER_H

#include <jansson.h>

#include "restage/json.h"

typedef enum json_kind {
    KIND_NULL = 0,
    KIND_BOOL,
    KIND_INTEGER,
    KIND_REAL,
    KIND_TEXT,
    KIND_ARRAY,
    KIND_OBJECT
} json_kind;

struct rs_json {
    json_kind kind;
    bool incomplete; /* something below it found no memory */
    char *key;       /* in its object */
    char *text;
    int64_t whole;
    double real;
    int n_children;
    rs_json *first, *last, *next;
};

/* Sends jansson's allocations through rs_heap_alloc; before the first value is made. */
void rs_json_hooks(void);

/* A value of a kind; NULL without memory. */
rs_json *rs_json_make(json_kind kind);

/* Ends the values whose parents found no memory. */
void rs_json_free_orphans(void);

/* A text, or null for NULL; broken UTF-8 becomes '?'. */
rs_json *rs_json_make_text(const char *text);

#endif
