/* The header that Siemens keeps in (0029,1010): entries of a name and values as text, in either of its two layouts.
   Lengths are checked against the bytes before anything is followed. */
#include "csa.h"

#include <string.h>

#include "restage/text.h"

enum { NAME_BYTES = 64, ENTRY_BYTES = 84, ITEM_BYTES = 16, MOST_ENTRIES = 1000, MOST_ITEMS = 1000 };

static uint32_t little(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

typedef struct cursor {
    const uint8_t *bytes;
    size_t n, at;
    bool second;        /* layout "SV10" */
    size_t first_items; /* of the first entry: what the first layout adds to every length */
} cursor;

static bool name_is(const uint8_t *entry, const char *name)
{
    const size_t length = strlen(name);
    return length < NAME_BYTES && memcmp(entry, name, length + 1) == 0;
}

/* One value, and on to the next; false past the end. */
static bool next_item(cursor *c, const uint8_t **text, size_t *length)
{
    if (c->n - c->at < ITEM_BYTES) return false;
    const size_t a = little(c->bytes + c->at), b = little(c->bytes + c->at + 4);
    c->at += ITEM_BYTES;
    if (!c->second && a < c->first_items) return false;
    const size_t own = c->second ? b : a - c->first_items;
    if (own > c->n - c->at) return false;
    *text = c->bytes + c->at;
    *length = own;
    const size_t padded = (own + 3) / 4 * 4;
    c->at += padded > c->n - c->at ? own : padded;
    return true;
}

static bool number_of(const uint8_t *text, size_t length, double *out)
{
    char copy[40];
    if (length == 0 || length >= sizeof(copy)) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return rs_text_real(copy, out);
}

int csa_numbers(const uint8_t *bytes, size_t n_bytes, const char *name, double *out, int most)
{
    cursor c = {.bytes = bytes, .n = n_bytes};
    c.second = n_bytes >= 8 && memcmp(bytes, "SV10", 4) == 0;
    c.at = c.second ? 8 : 0;
    if (c.n - c.at < 8) return 0;
    const uint32_t n_entries = little(bytes + c.at);
    c.at += 8;
    for (uint32_t e = 0; e < n_entries && e < MOST_ENTRIES; e++) {
        if (c.n - c.at < ENTRY_BYTES) return 0;
        const uint8_t *entry = bytes + c.at;
        const uint32_t n_items = little(entry + 76);
        const bool wanted = name_is(entry, name);
        int found = 0;
        c.at += ENTRY_BYTES;
        if (n_items > MOST_ITEMS) return 0;
        if (e == 0) c.first_items = n_items;
        for (uint32_t i = 0; i < n_items; i++) {
            const uint8_t *text = NULL;
            size_t length = 0;
            if (!next_item(&c, &text, &length)) {
                if (c.second) return 0;
                break; /* the first layout marks unused values by lengths that cannot be */
            }
            if (wanted && found == (int)i && found < most && number_of(text, length, &out[found])) found++;
        }
        if (wanted) return found;
    }
    return 0;
}
