#include "tiff_sink.h"

#include <string.h>

#define PIECE_BYTES ((size_t)1 << 16)

/* The piece that holds a position below the end. */
static sink_piece *piece_at(const sink *s, size_t at)
{
    int low = 0, high = s->n - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (s->pieces[middle].at <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return &s->pieces[low];
}

static sink_piece *new_piece(sink *s)
{
    void *items = s->pieces;
    sink_piece *piece = rs_arena_push(s->arena, &items, s->n, &s->capacity, sizeof *piece);
    if (!piece) {
        s->failed = true;
        return NULL;
    }
    s->pieces = items;
    s->n++;
    piece->at = s->end;
    return piece;
}

static void append(sink *s, const void *data, size_t bytes)
{
    sink_piece *last = s->n ? &s->pieces[s->n - 1] : NULL;
    bool borrowed = data && data == s->borrow && bytes == s->borrow_bytes;
    if (borrowed || !last || !last->own || last->capacity - last->bytes < bytes) {
        last = new_piece(s);
        if (!last) return;
        last->capacity = bytes > PIECE_BYTES ? bytes : PIECE_BYTES;
        last->own = borrowed ? NULL : rs_arena_alloc_raw(s->arena, last->capacity, 1);
        last->data = borrowed ? data : last->own;
        s->failed |= !last->data;
    }
    if (s->failed) return;
    if (last->own && data) memcpy(last->own + last->bytes, data, bytes);
    if (last->own && !data) memset(last->own + last->bytes, 0, bytes);
    last->bytes += bytes;
    s->end += bytes;
}

/* Over bytes that are there; true: they could be changed. */
static bool overwrite(sink *s, const char *data, size_t bytes)
{
    while (bytes) {
        sink_piece *piece = piece_at(s, s->position);
        size_t from = s->position - piece->at, room = piece->bytes - from, step = bytes < room ? bytes : room;
        if (!piece->own) return false;
        memcpy(piece->own + from, data, step);
        data += step;
        bytes -= step;
        s->position += step;
    }
    return true;
}

void sink_write(sink *to, const void *data, size_t bytes)
{
    if (to->failed || !bytes) return;
    size_t there = to->position < to->end ? to->end - to->position : 0;
    size_t over = there < bytes ? there : bytes;
    if (!overwrite(to, data, over)) to->failed = true;
    if (to->position > to->end && !to->failed) append(to, NULL, to->position - to->end);
    if (bytes > over && !to->failed) {
        append(to, (const char *)data + over, bytes - over);
        to->position = to->end;
    }
}

size_t sink_read(sink *from, void *out, size_t bytes)
{
    size_t there = from->position < from->end ? from->end - from->position : 0;
    if (bytes > there) bytes = there;
    for (size_t done = 0; done < bytes;) {
        const sink_piece *piece = piece_at(from, from->position);
        size_t at = from->position - piece->at, room = piece->bytes - at;
        size_t step = bytes - done < room ? bytes - done : room;
        memcpy((char *)out + done, (const char *)piece->data + at, step);
        done += step;
        from->position += step;
    }
    return bytes;
}
