/* Builds and prints JSON trees over jansson. A failed allocation is remembered in the tree itself, without allocating:
   a container whose reference count was raised is incomplete (every value here has one owner, so the count is else 1).
 */
#include "json_inner.h"

#include <math.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/text.h"

#define DEPTH_MAX 32 /* of the trees that this program builds */

static void mark_incomplete(json_t *container)
{
    if (container->refcount == 1) json_incref(container);
}

/* Takes the marks off a tree; true where there was one. */
static bool take_marks(json_t *value, int depth, bool remove)
{
    bool found = false;
    if (!value || depth > DEPTH_MAX) return value != NULL;
    if ((json_is_object(value) || json_is_array(value)) && value->refcount > 1) {
        found = true;
        if (remove) json_decref(value);
    }
    if (json_is_object(value)) {
        const char *key;
        json_t *child;
        json_object_foreach(value, key, child)
        {
            found |= take_marks(child, depth + 1, remove);
        }
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            found |= take_marks(json_array_get(value, i), depth + 1, remove);
    }
    return found;
}

rs_json *rs_json_object(void)
{
    rs_json_hooks();
    return (rs_json *)json_object();
}

rs_json *rs_json_array(void)
{
    rs_json_hooks();
    return (rs_json *)json_array();
}

void rs_json_free(rs_json *root)
{
    if (!root) return;
    (void)take_marks((json_t *)root, 0, true);
    json_decref((json_t *)root);
}

void rs_json_set(rs_json *object, const char *key, rs_json *value)
{
    if (!object) {
        rs_json_free(value);
        return;
    }
    if (value && json_object_get((json_t *)object, key) == (json_t *)value) return;
    if (!value) {
        mark_incomplete((json_t *)object);
        return;
    }
    /* On failure jansson gives up one reference; a mark on the value must not keep it alive then. */
    json_incref((json_t *)value);
    if (json_object_set_new_nocheck((json_t *)object, key, (json_t *)value) == 0) {
        json_decref((json_t *)value);
        return;
    }
    rs_json_free(value);
    mark_incomplete((json_t *)object);
}

void rs_json_add(rs_json *array, rs_json *value)
{
    if (!array) {
        rs_json_free(value);
        return;
    }
    if (!value) {
        mark_incomplete((json_t *)array);
        return;
    }
    json_incref((json_t *)value);
    if (json_array_append_new((json_t *)array, (json_t *)value) == 0) {
        json_decref((json_t *)value);
        return;
    }
    rs_json_free(value);
    mark_incomplete((json_t *)array);
}

/* Length of the UTF-8 sequence at text, 0 where it is broken (overlong forms and surrogates included). */
static size_t sequence(const unsigned char *text)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80) return 1;
    size_t n = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4) return 0;
    uint32_t code = text[0] & (0xFFU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3FU);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[n] || code > 0x10FFFF || surrogate ? 0 : n;
}

static json_t *make_text(const char *text)
{
    if (!text) return json_null();
    size_t bytes = strlen(text);
    char *copy = rs_heap_alloc(bytes + 1);
    if (!copy) return NULL;
    memcpy(copy, text, bytes + 1);
    for (size_t i = 0; i < bytes;) {
        size_t n = sequence((const unsigned char *)copy + i);
        if (n == 0) copy[i] = '?';
        i += n ? n : 1;
    }
    json_t *value = json_stringn_nocheck(copy, bytes);
    rs_heap_free(copy);
    return value;
}

static json_t *make_real(double value, int decimals)
{
    return isfinite(value) ? json_real(rs_round_decimals(value, decimals)) : json_null();
}

void rs_json_set_text(rs_json *object, const char *key, const char *text)
{
    rs_json_set(object, key, (rs_json *)make_text(text));
}

void rs_json_set_integer(rs_json *object, const char *key, int64_t value)
{
    rs_json_set(object, key, (rs_json *)json_integer(value));
}

void rs_json_set_real(rs_json *object, const char *key, double value, int decimals)
{
    rs_json_set(object, key, (rs_json *)make_real(value, decimals));
}

void rs_json_set_bool(rs_json *object, const char *key, bool value)
{
    rs_json_set(object, key, (rs_json *)json_boolean(value));
}

void rs_json_set_null(rs_json *object, const char *key)
{
    rs_json_set(object, key, (rs_json *)json_null());
}

void rs_json_add_text(rs_json *array, const char *text)
{
    rs_json_add(array, (rs_json *)make_text(text));
}

void rs_json_add_integer(rs_json *array, int64_t value)
{
    rs_json_add(array, (rs_json *)json_integer(value));
}

void rs_json_add_real(rs_json *array, double value, int decimals)
{
    rs_json_add(array, (rs_json *)make_real(value, decimals));
}

rs_status rs_json_print(rs_context *ctx, const rs_json *root, char **out, size_t *bytes)
{
    /* 15 digits print a rounded double as it was rounded: 4.1 as 4.1 (integration A.1). */
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15);
    if (!root || take_marks((json_t *)(uintptr_t)root, 0, false)) return rs_fail_memory(ctx, "the JSON text");
    size_t n = json_dumpb((const json_t *)root, NULL, 0, flags);
    char *text = n ? rs_heap_alloc(n + 2) : NULL;
    if (!text) return rs_fail_memory(ctx, "the JSON text");
    if (json_dumpb((const json_t *)root, text, n, flags) != n) {
        rs_heap_free(text);
        return rs_fail_memory(ctx, "the JSON text");
    }
    text[n] = '\n';
    text[n + 1] = 0;
    *out = text;
    *bytes = n + 1;
    return RS_OK;
}

void rs_json_text_free(char *text)
{
    rs_heap_free(text);
}
