/* Builds and frees trees. What finds no memory is remembered by its parent and told by rs_json_print. A value whose
   parent found no memory may still be in its maker's hands: it waits, on a list of its thread, for the end of the
   building. */
#include "json_inner.h"

#include <math.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/text.h"

rs_json *rs_json_make(json_kind kind)
{
    rs_json *value = rs_heap_alloc(sizeof *value);
    if (value) *value = (rs_json){.kind = kind};
    return value;
}

rs_json *rs_json_object(void)
{
    return rs_json_make(KIND_OBJECT);
}

rs_json *rs_json_array(void)
{
    return rs_json_make(KIND_ARRAY);
}

static void free_value(rs_json *value)
{
    rs_heap_free(value->key);
    rs_heap_free(value->text);
    rs_heap_free(value);
}

static _Thread_local rs_json *orphans;

/* A list of values and all below them. No recursion, whatever the depth. */
static void free_list(rs_json *at)
{
    while (at) {
        if (at->first) {
            /* The list of children is put before what is still to do. */
            at->last->next = at->next;
            at->next = at->first;
            at->first = NULL;
        }
        rs_json *next = at->next;
        free_value(at);
        at = next;
    }
}

static void adopt(rs_json *value)
{
    if (!value) return;
    value->next = orphans;
    orphans = value;
}

void rs_json_free_orphans(void)
{
    free_list(orphans);
    orphans = NULL;
}

void rs_json_free(rs_json *root)
{
    if (root) root->next = NULL;
    free_list(root);
    rs_json_free_orphans();
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

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text);
    char *copy = rs_heap_alloc(bytes + 1);
    if (!copy) return NULL;
    memcpy(copy, text, bytes + 1);
    for (size_t i = 0; i < bytes;) {
        size_t n = sequence((const unsigned char *)copy + i);
        if (n == 0) copy[i] = '?';
        i += n ? n : 1;
    }
    return copy;
}

static void append(rs_json *parent, rs_json *value)
{
    if (parent->last)
        parent->last->next = value;
    else
        parent->first = value;
    parent->last = value;
    parent->n_children++;
}

void rs_json_set(rs_json *object, const char *key, rs_json *value)
{
    if (!object) {
        adopt(value);
        return;
    }
    if (!value) {
        object->incomplete = true;
        return;
    }
    /* Without memory for its key the value hangs there all the same: the caller may still be filling it. */
    value->key = copy_text(key);
    object->incomplete |= value->key == NULL || object->kind != KIND_OBJECT;
    append(object, value);
}

void rs_json_add(rs_json *array, rs_json *value)
{
    if (!array) {
        adopt(value);
        return;
    }
    if (!value) {
        array->incomplete = true;
        return;
    }
    array->incomplete |= array->kind != KIND_ARRAY;
    append(array, value);
}

rs_json *rs_json_make_text(const char *text)
{
    rs_json *value = rs_json_make(text ? KIND_TEXT : KIND_NULL);
    if (!value || !text) return value;
    value->text = copy_text(text);
    if (value->text) return value;
    rs_heap_free(value);
    return NULL;
}

static rs_json *make_integer(int64_t whole)
{
    rs_json *value = rs_json_make(KIND_INTEGER);
    if (value) value->whole = whole;
    return value;
}

static rs_json *make_real(double real, int decimals)
{
    rs_json *value = rs_json_make(isfinite(real) ? KIND_REAL : KIND_NULL);
    if (value && value->kind == KIND_REAL) value->real = rs_round_decimals(real, decimals);
    return value;
}

void rs_json_set_text(rs_json *object, const char *key, const char *text)
{
    rs_json_set(object, key, rs_json_make_text(text));
}

void rs_json_set_integer(rs_json *object, const char *key, int64_t value)
{
    rs_json_set(object, key, make_integer(value));
}

void rs_json_set_real(rs_json *object, const char *key, double value, int decimals)
{
    rs_json_set(object, key, make_real(value, decimals));
}

void rs_json_set_bool(rs_json *object, const char *key, bool value)
{
    rs_json *made = rs_json_make(KIND_BOOL);
    if (made) made->whole = value;
    rs_json_set(object, key, made);
}

void rs_json_set_null(rs_json *object, const char *key)
{
    rs_json_set(object, key, rs_json_make(KIND_NULL));
}

void rs_json_add_text(rs_json *array, const char *text)
{
    rs_json_add(array, rs_json_make_text(text));
}

void rs_json_add_integer(rs_json *array, int64_t value)
{
    rs_json_add(array, make_integer(value));
}

void rs_json_add_real(rs_json *array, double value, int decimals)
{
    rs_json_add(array, make_real(value, decimals));
}
