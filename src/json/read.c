/* Reads JSON strictly (duplicate keys, NaN, trailing text refused) over jansson, and walks what was read. */
#include "json_inner.h"

#include <pthread.h>

#include "restage/arena.h"
#include "restage/context.h"

#define TEXT_MAX ((size_t)1 << 20)

static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void set_hooks(void)
{
    json_set_alloc_funcs(rs_heap_alloc, rs_heap_free);
}

void rs_json_hooks(void)
{
    (void)pthread_once(&hooks_once, set_hooks);
}

rs_status rs_json_parse(rs_context *ctx, const char *text, size_t bytes, rs_json **out)
{
    json_error_t error;
    rs_json_hooks();
    if (bytes > TEXT_MAX)
        return rs_fail(ctx, RS_DATA, "the JSON text has %zu bytes, more than the limit of %zu", bytes, TEXT_MAX);
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (root) {
        *out = (rs_json *)root;
        return RS_OK;
    }
    if (json_error_code(&error) == json_error_out_of_memory) return rs_fail_memory(ctx, "the JSON text");
    /* The library's own message quotes the text, which may name a patient. */
    return rs_fail(ctx, RS_DATA, "no valid JSON at line %d, column %d%s", error.line, error.column,
                   json_error_code(&error) == json_error_duplicate_key ? ": a key stands twice" : "");
}

const rs_json *rs_json_get(const rs_json *object, const char *key)
{
    return (const rs_json *)json_object_get((const json_t *)object, key);
}

const char *rs_json_text(const rs_json *value)
{
    return json_string_value((const json_t *)value);
}

bool rs_json_real(const rs_json *value, double *out)
{
    if (!json_is_number((const json_t *)value)) return false;
    *out = json_number_value((const json_t *)value);
    return true;
}

bool rs_json_integer(const rs_json *value, int64_t *out)
{
    if (!json_is_integer((const json_t *)value)) return false;
    *out = json_integer_value((const json_t *)value);
    return true;
}

bool rs_json_boolean(const rs_json *value, bool *out)
{
    if (!json_is_boolean((const json_t *)value)) return false;
    *out = json_is_true((const json_t *)value);
    return true;
}

int rs_json_size(const rs_json *array_or_object)
{
    const json_t *value = (const json_t *)array_or_object;
    return (int)(json_is_object(value) ? json_object_size(value) : json_array_size(value));
}

const rs_json *rs_json_at(const rs_json *array, int index)
{
    return index < 0 ? NULL : (const rs_json *)json_array_get((const json_t *)array, (size_t)index);
}

const char *rs_json_key(const rs_json *object, int index, const rs_json **value)
{
    json_t *tree = (json_t *)(uintptr_t)object;
    void *iterator = json_is_object(tree) ? json_object_iter(tree) : NULL;
    for (int i = 0; iterator && i < index; i++)
        iterator = json_object_iter_next(tree, iterator);
    if (!iterator || index < 0) return NULL;
    if (value) *value = (const rs_json *)json_object_iter_value(iterator);
    return json_object_iter_key(iterator);
}

const char *rs_json_library_version(void)
{
    return jansson_version_str();
}
