/* Reads JSON strictly (duplicate keys, NaN, trailing text refused) by jansson, and walks what was read. */
#include "json_inner.h"

#include <pthread.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/context.h"

#define DEPTH_MAX 64

static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

/* The library tells some failed allocations as bad JSON, or not at all. */
static _Thread_local bool starved;

static void *allocate(size_t bytes)
{
    void *block = rs_heap_alloc(bytes);
    if (!block) starved = true;
    return block;
}

static void set_hooks(void)
{
    json_set_alloc_funcs(allocate, rs_heap_free);
}

void rs_json_hooks(void)
{
    (void)pthread_once(&hooks_once, set_hooks);
}

static rs_json *take(json_t *value, int depth, bool *too_deep)
{
    static const json_kind kinds[] = {
        [JSON_OBJECT] = KIND_OBJECT, [JSON_ARRAY] = KIND_ARRAY, [JSON_INTEGER] = KIND_INTEGER, [JSON_REAL] = KIND_REAL,
        [JSON_TRUE] = KIND_BOOL,     [JSON_FALSE] = KIND_BOOL,  [JSON_NULL] = KIND_NULL,
    };
    if (depth > DEPTH_MAX) {
        *too_deep = true;
        return NULL;
    }
    if (json_is_string(value)) return rs_json_make_text(json_string_value(value));
    rs_json *out = rs_json_make(kinds[json_typeof(value)]);
    if (!out) return NULL;
    out->whole = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);
    out->real = json_is_real(value) ? json_real_value(value) : 0;
    const char *key;
    json_t *child;
    size_t index;
    json_object_foreach(value, key, child)
    {
        rs_json_set(out, key, take(child, depth + 1, too_deep));
    }
    json_array_foreach(value, index, child)
    {
        rs_json_add(out, take(child, depth + 1, too_deep));
    }
    return out;
}

static bool is_whole(const rs_json *value)
{
    bool whole = !value->incomplete;
    for (const rs_json *child = value->first; child && whole; child = child->next)
        whole = is_whole(child);
    return whole;
}

rs_status rs_json_parse(rs_context *ctx, const char *text, size_t bytes, rs_json **out)
{
    return rs_json_parse_within(ctx, text, bytes, RS_JSON_TEXT_MAX, out);
}

rs_status rs_json_parse_within(rs_context *ctx, const char *text, size_t bytes, size_t limit, rs_json **out)
{
    json_error_t error;
    rs_json_hooks();
    if (bytes > limit)
        return rs_fail(ctx, RS_DATA, "the JSON text has %zu bytes, more than the limit of %zu", bytes, limit);
    starved = false;
    json_t *parsed = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (starved) {
        json_decref(parsed);
        return rs_fail_memory(ctx, "the JSON text");
    }
    if (!parsed) {
        if (json_error_code(&error) == json_error_out_of_memory) return rs_fail_memory(ctx, "the JSON text");
        /* The library's own message quotes the text, which may name a patient. */
        return rs_fail(ctx, RS_DATA, "no valid JSON at line %d, column %d%s", error.line, error.column,
                       json_error_code(&error) == json_error_duplicate_key ? ": a key stands twice" : "");
    }
    bool too_deep = false;
    rs_json *root = take(parsed, 0, &too_deep);
    json_decref(parsed);
    if (root && !too_deep && is_whole(root)) {
        *out = root;
        return RS_OK;
    }
    rs_json_free(root);
    if (too_deep) return rs_fail(ctx, RS_DATA, "the JSON text is nested deeper than %d levels", DEPTH_MAX);
    return rs_fail_memory(ctx, "the JSON text");
}

const rs_json *rs_json_get(const rs_json *object, const char *key)
{
    if (!object || object->kind != KIND_OBJECT) return NULL;
    for (const rs_json *child = object->first; child; child = child->next) {
        if (child->key && strcmp(child->key, key) == 0) return child;
    }
    return NULL;
}

rs_json *rs_json_member(rs_json *object, const char *key)
{
    rs_json *child = object && object->kind == KIND_OBJECT ? object->first : NULL;
    while (child && !(child->key && strcmp(child->key, key) == 0))
        child = child->next;
    return child;
}

const char *rs_json_text(const rs_json *value)
{
    return value && value->kind == KIND_TEXT ? value->text : NULL;
}

bool rs_json_is_object(const rs_json *value)
{
    return value && value->kind == KIND_OBJECT;
}

bool rs_json_is_array(const rs_json *value)
{
    return value && value->kind == KIND_ARRAY;
}

bool rs_json_real(const rs_json *value, double *out)
{
    if (!value || (value->kind != KIND_REAL && value->kind != KIND_INTEGER)) return false;
    *out = value->kind == KIND_REAL ? value->real : (double)value->whole;
    return true;
}

bool rs_json_integer(const rs_json *value, int64_t *out)
{
    if (!value || value->kind != KIND_INTEGER) return false;
    *out = value->whole;
    return true;
}

bool rs_json_boolean(const rs_json *value, bool *out)
{
    if (!value || value->kind != KIND_BOOL) return false;
    *out = value->whole != 0;
    return true;
}

int rs_json_size(const rs_json *array_or_object)
{
    return array_or_object ? array_or_object->n_children : 0;
}

const rs_json *rs_json_first(const rs_json *array)
{
    return array && array->kind == KIND_ARRAY ? array->first : NULL;
}

const rs_json *rs_json_next(const rs_json *entry)
{
    return entry ? entry->next : NULL;
}

static const rs_json *child_at(const rs_json *parent, json_kind kind, int index)
{
    if (!parent || parent->kind != kind || index < 0 || index >= parent->n_children) return NULL;
    const rs_json *child = parent->first;
    for (int i = 0; i < index; i++)
        child = child->next;
    return child;
}

const rs_json *rs_json_at(const rs_json *array, int index)
{
    return child_at(array, KIND_ARRAY, index);
}

const char *rs_json_key(const rs_json *object, int index, const rs_json **value)
{
    const rs_json *child = child_at(object, KIND_OBJECT, index);
    if (!child) return NULL;
    if (value) *value = child;
    return child->key;
}

const char *rs_json_library_version(void)
{
    return jansson_version_str();
}
