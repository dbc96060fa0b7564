/* JSON in and out over one library; numbers without locale. */
#ifndef RESTAGE_JSON_H
#define RESTAGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rs_context;

/* A JSON value. The tree is owned by its root; what is set into a parent belongs to it. Building never fails half-way:
   an allocation that fails is remembered by the root and told by rs_json_print. */
typedef struct rs_json rs_json;

/** An empty object, or array; NULL when out of memory, which every function here takes and rs_json_print tells. */
RS_API rs_json *rs_json_object(void);
RS_API rs_json *rs_json_array(void);

/** Ends a tree by its root; accepts NULL. */
RS_API void rs_json_free(rs_json *root);

/** Adds a member to an object, which owns value from then on. Members keep their order; no key is looked for: set each
    once. */
RS_API void rs_json_set(rs_json *object, const char *key, rs_json *value);

/** Sets a text: copied; NULL becomes null, broken UTF-8 '?'. */
RS_API void rs_json_set_text(rs_json *object, const char *key, const char *text);

/** Sets a whole number. */
RS_API void rs_json_set_integer(rs_json *object, const char *key, int64_t value);

/** Sets a number rounded to decimals; NaN and infinity become null. */
RS_API void rs_json_set_real(rs_json *object, const char *key, double value, int decimals);

/** Sets true or false. */
RS_API void rs_json_set_bool(rs_json *object, const char *key, bool value);

/** Sets null. */
RS_API void rs_json_set_null(rs_json *object, const char *key);

/** Appends to an array, which owns value from then on. */
RS_API void rs_json_add(rs_json *array, rs_json *value);

/** Append as the setters of the same name set. */
RS_API void rs_json_add_text(rs_json *array, const char *text);
RS_API void rs_json_add_integer(rs_json *array, int64_t value);
RS_API void rs_json_add_real(rs_json *array, double value, int decimals);

/**
 * Prints a tree, indented by 2, with a line end.
 *
 * returns  RS_OK; RS_NO_MEMORY (also where building it ran out of memory)
 * out      end it with rs_json_text_free
 */
RS_API RS_MUST_USE rs_status rs_json_print(struct rs_context *ctx, const rs_json *root, char **out, size_t *bytes);

/** Ends a printed text; accepts NULL. */
RS_API void rs_json_text_free(char *text);

#define RS_JSON_TEXT_MAX ((size_t)1 << 20) /* bytes that rs_json_parse takes */

/**
 * Parses a whole text strictly: no duplicate keys, no NaN, nothing behind it, at most RS_JSON_TEXT_MAX.
 *
 * returns  RS_OK; RS_DATA with line and column; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_json_parse(struct rs_context *ctx, const char *text, size_t bytes, rs_json **out);

/** The same with a limit of the caller's, for files that the program itself wrote; a tree takes many times its text. */
RS_API RS_MUST_USE rs_status rs_json_parse_within(struct rs_context *ctx, const char *text, size_t bytes, size_t limit,
                                                  rs_json **out);

/* Readers; what they return is borrowed from the tree. */

/** Member of an object; NULL where it is not there or this is no object. */
RS_API const rs_json *rs_json_get(const rs_json *object, const char *key);

/** The same of a tree that may still be changed: what is set or added to it is printed with the rest. */
RS_API rs_json *rs_json_member(rs_json *object, const char *key);

/** A text; NULL for any other kind and for NULL. */
RS_API const char *rs_json_text(const rs_json *value);

/** A number (whole or not), a whole number, a truth value; false for any other kind and for NULL, *out untouched. */
RS_API bool rs_json_real(const rs_json *value, double *out);
RS_API bool rs_json_integer(const rs_json *value, int64_t *out);
RS_API bool rs_json_boolean(const rs_json *value, bool *out);

/** True for an object, or an array; false for any other kind and for NULL. */
RS_API bool rs_json_is_object(const rs_json *value);
RS_API bool rs_json_is_array(const rs_json *value);

/** Entries of an array or object; 0 for any other kind and for NULL. */
RS_API int rs_json_size(const rs_json *array_or_object);

/** First entry of an array (NULL: none, or another kind), and the entry behind one (NULL: the last). Walks long lists.
 */
RS_API const rs_json *rs_json_first(const rs_json *array);
RS_API const rs_json *rs_json_next(const rs_json *entry);

/** Entry of an array; NULL outside it. Counts from the first: for the few numbers of a place, not for a walk. */
RS_API const rs_json *rs_json_at(const rs_json *array, int index);

/** Key, and with value not NULL the value, of the entry of an object in its order; NULL outside it. */
RS_API const char *rs_json_key(const rs_json *object, int index, const rs_json **value);

/** Version of the JSON library that was loaded, as "2.14"; static. */
RS_API const char *rs_json_library_version(void);

#ifdef __cplusplus
}
#endif
#endif
