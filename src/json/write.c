/* Prints a tree by jansson. */
#include "json_inner.h"

#include "restage/arena.h"
#include "restage/context.h"

#define DEPTH_MAX 64

static json_t *convert(const rs_json *value, int depth);

/* The children into the container; NULL (and the container given back) without memory. */
static json_t *convert_children(const rs_json *value, json_t *container, int depth)
{
    bool whole = container && !value->incomplete && depth < DEPTH_MAX;
    for (const rs_json *child = value->first; child && whole; child = child->next) {
        json_t *made = convert(child, depth + 1);
        if (value->kind == KIND_OBJECT)
            whole = made && json_object_set_new_nocheck(container, child->key, made) == 0;
        else
            whole = made && json_array_append_new(container, made) == 0;
    }
    if (whole) return container;
    json_decref(container);
    return NULL;
}

static json_t *convert(const rs_json *value, int depth)
{
    switch (value->kind) {
    case KIND_OBJECT:
        return convert_children(value, json_object(), depth);
    case KIND_ARRAY:
        return convert_children(value, json_array(), depth);
    case KIND_TEXT:
        return json_string_nocheck(value->text);
    case KIND_REAL:
        return json_real(value->real);
    case KIND_INTEGER:
        return json_integer(value->whole);
    case KIND_BOOL:
        return json_boolean(value->whole);
    case KIND_NULL:
        break;
    }
    return json_null();
}

static char *print(const json_t *root, size_t *bytes)
{
    /* 15 digits print a rounded double as it was rounded: 4.1 as 4.1 (integration A.1). */
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15);
    size_t n = json_dumpb(root, NULL, 0, flags);
    char *text = n ? rs_heap_alloc(n + 2) : NULL;
    if (!text) return NULL;
    if (json_dumpb(root, text, n, flags) != n) {
        rs_heap_free(text);
        return NULL;
    }
    text[n] = '\n';
    text[n + 1] = 0;
    *bytes = n + 1;
    return text;
}

rs_status rs_json_print(rs_context *ctx, const rs_json *root, char **out, size_t *bytes)
{
    rs_json_hooks();
    json_t *converted = root ? convert(root, 0) : NULL;
    char *text = converted ? print(converted, bytes) : NULL;
    json_decref(converted);
    rs_json_free_orphans();
    if (!text) return rs_fail_memory(ctx, "the JSON text");
    *out = text;
    return RS_OK;
}

void rs_json_text_free(char *text)
{
    rs_heap_free(text);
}
