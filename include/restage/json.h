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

RS_API rs_json *rs_json_object(void);
RS_API rs_json *rs_json_array(void);
RS_API void rs_json_free(rs_json *root);

/* Setters of an object (keys keep their order) … */
RS_API void rs_json_set(rs_json *object, const char *key, rs_json *value);
RS_API void rs_json_set_text(rs_json *object, const char *key, const char *text); /* NULL: null; broken UTF-8: '?' */
RS_API void rs_json_set_integer(rs_json *object, const char *key, int64_t value);
RS_API void rs_json_set_real(rs_json *object, const char *key, double value, int decimals); /* NaN, inf: null */
RS_API void rs_json_set_bool(rs_json *object, const char *key, bool value);
RS_API void rs_json_set_null(rs_json *object, const char *key);
/* … and of an array */
RS_API void rs_json_add(rs_json *array, rs_json *value);
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
RS_API void rs_json_text_free(char *text);

/**
 * Parses a whole text strictly: no duplicate keys, no NaN, nothing behind it, at most 1 MiB.
 *
 * returns  RS_OK; RS_DATA with line and column; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_json_parse(struct rs_context *ctx, const char *text, size_t bytes, rs_json **out);

/* Readers; borrowed. Each returns false (or NULL) where the value is not there or of another kind. */
RS_API const rs_json *rs_json_get(const rs_json *object, const char *key);
RS_API const char *rs_json_text(const rs_json *value);
RS_API bool rs_json_real(const rs_json *value, double *out);
RS_API bool rs_json_integer(const rs_json *value, int64_t *out);
RS_API bool rs_json_boolean(const rs_json *value, bool *out);
RS_API int rs_json_size(const rs_json *array_or_object);
RS_API const rs_json *rs_json_at(const rs_json *array, int index);
RS_API const char *rs_json_key(const rs_json *object, int index, const rs_json **value);

/** Version of the JSON library that was loaded, as "2.14"; static. */
RS_API const char *rs_json_library_version(void);

#ifdef __cplusplus
}
#endif
#endif
