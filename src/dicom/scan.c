/* The walk over a data set: an explicit stack of 32 levels, every length held against what is left in 64 bits. */
#include "scan.h"

#include <string.h>

#define UNDEFINED 0xffffffffu

typedef enum level_kind {
    LEVEL_ITEM = 1, /* elements */
    LEVEL_SEQUENCE, /* items of elements */
    LEVEL_FRAGMENTS /* items of bytes: a compressed picture inside a sequence */
} level_kind;

typedef struct level {
    level_kind kind;
    bool open; /* ends by a delimiter, not by its length */
    bool implicit;
    size_t end;
    uint32_t previous;
} level;

typedef struct walk {
    rs_context *ctx;
    rs_scan *scan;
    size_t pos;
    level stack[RS_SCAN_DEPTH + 1];
    int depth;
    int64_t n_elements, n_items, n_disorder;
} walk;

typedef struct element {
    uint32_t tag;
    char vr[2]; /* 0 0 where implicit */
    uint32_t length;
    size_t value;
} element;

uint16_t rs_scan_u16(const uint8_t *bytes, bool big_endian)
{
    return (uint16_t)(big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

uint32_t rs_scan_u32(const uint8_t *bytes, bool big_endian)
{
    const uint32_t a = rs_scan_u16(bytes, big_endian), b = rs_scan_u16(bytes + 2, big_endian);
    return big_endian ? a << 16 | b : b << 16 | a;
}

static const uint32_t indexed[RS_SCAN_COUNT] = {
#define RS_SCAN_TAG(name, tag) tag,
    RS_SCAN_TABLE(RS_SCAN_TAG)
#undef RS_SCAN_TAG
};

static bool vr_in(const char *vr, const char *list)
{
    for (; *list; list += 2) {
        if (vr[0] == list[0] && vr[1] == list[1]) return true;
    }
    return false;
}

static bool vr_is_short(const char *vr)
{
    return vr_in(vr, "AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS");
}

static bool vr_is_capital(const char *vr)
{
    return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z';
}

static bool vr_is_known(const char *vr)
{
    return vr_is_short(vr) || vr_in(vr, "OBODOFOLOVOWSQSVUCUNURUTUV");
}

static rs_status truncated(walk *w, uint32_t tag)
{
    return rs_fail(w->ctx, RS_DATA, "it is truncated: element (%04x,%04x) reaches beyond the end: copy the file again",
                   tag >> 16, tag & 0xffff);
}

static rs_status over_limit(walk *w, const char *what, long long limit)
{
    return rs_fail(w->ctx, RS_DATA, "it has %s than the limit of %lld", what, limit);
}

static rs_status push(walk *w, level_kind kind, uint32_t length, size_t value, bool implicit)
{
    const level *top = &w->stack[w->depth];
    if (w->depth == RS_SCAN_DEPTH) return over_limit(w, "sequences nested deeper", RS_SCAN_DEPTH / 2);
    level next = {.kind = kind, .open = length == UNDEFINED, .implicit = implicit};
    next.end = next.open ? top->end : value + length;
    w->stack[++w->depth] = next;
    w->pos = value;
    return RS_OK;
}

/* Reads the head of an element at w->pos; its value must fit into the level. */
static rs_status read_head(walk *w, element *out)
{
    const level *top = &w->stack[w->depth];
    const bool big = w->scan->big_endian;
    const uint8_t *at = w->scan->bytes + w->pos;
    const size_t left = top->end - w->pos;
    if (left < 8) return truncated(w, 0);
    *out = (element){.tag = (uint32_t)rs_scan_u16(at, big) << 16 | rs_scan_u16(at + 2, big)};
    size_t head = 8;
    if (top->implicit || (out->tag >> 16) == 0xfffe) {
        out->length = rs_scan_u32(at + 4, big);
    } else {
        memcpy(out->vr, at + 4, 2);
        /* An unknown VR of two capitals has the long form (PS3.5 6.2), one of other characters the short, as in DCMTK.
         */
        if (vr_is_short(out->vr) || !vr_is_capital(out->vr)) {
            out->length = rs_scan_u16(at + 6, big);
        } else {
            head = 12;
            if (left < head) return truncated(w, out->tag);
            out->length = rs_scan_u32(at + 8, big);
        }
    }
    out->value = w->pos + head;
    if (out->length != UNDEFINED && out->length > left - head) return truncated(w, out->tag);
    return RS_OK;
}

/* Keeps the place of what matters; a second one must be the same. */
static rs_status index_value(walk *w, const element *e)
{
    rs_scan *scan = w->scan;
    for (int i = 0; i < RS_SCAN_COUNT; i++) {
        if (indexed[i] != e->tag) continue;
        rs_scan_value *v = &scan->value[i];
        if (v->at && (v->n_bytes != e->length || memcmp(scan->bytes + v->at, scan->bytes + e->value, e->length) != 0)) {
            return rs_fail(w->ctx, RS_DATA, "element (%04x,%04x) stands twice with different values", e->tag >> 16,
                           e->tag & 0xffff);
        }
        *v = (rs_scan_value){e->value, e->length};
    }
    return RS_OK;
}

static rs_status fragments(walk *w, const element *e)
{
    rs_scan *scan = w->scan;
    const size_t end = scan->n_bytes;
    size_t pos = e->value;
    scan->encapsulated = true;
    scan->pixels = pos;
    for (int64_t n = 0;; n++) {
        if (end - pos < 8) return rs_fail(w->ctx, RS_DATA, "its compressed pixels are truncated: copy the file again");
        const uint32_t tag =
            (uint32_t)rs_scan_u16(scan->bytes + pos, false) << 16 | rs_scan_u16(scan->bytes + pos + 2, false);
        const uint32_t length = rs_scan_u32(scan->bytes + pos + 4, false);
        pos += 8;
        if (tag == 0xfffee0dd) break;
        if (tag != 0xfffee000 || length > end - pos) {
            return rs_fail(w->ctx, RS_DATA, "fragment %lld of its compressed pixels lies about its length",
                           (long long)n);
        }
        if (length == 0 && n > 0)
            return rs_fail(w->ctx, RS_DATA, "fragment %lld of its compressed pixels is empty", (long long)n);
        if (n > (int64_t)RS_SCAN_MAX_FRAMES * 64)
            return over_limit(w, "more fragments", (long long)RS_SCAN_MAX_FRAMES * 64);
        scan->n_fragments = n;
        pos += length;
    }
    scan->n_pixels = pos - scan->pixels;
    if (scan->n_fragments < 1) return rs_fail(w->ctx, RS_DATA, "its compressed pixels are empty");
    return RS_OK;
}

static rs_status pixel_data(walk *w, const element *e)
{
    rs_scan *scan = w->scan;
    const bool compressed = scan->syntax->codec != RS_CODEC_NONE;
    scan->has_pixels = true;
    scan->header_end = w->pos;
    if (e->length == UNDEFINED && !compressed) {
        return rs_fail(w->ctx, RS_DATA, "its pixels are compressed, but its transfer syntax says %s",
                       scan->syntax->name);
    }
    if (e->length == UNDEFINED) return fragments(w, e);
    if (compressed) {
        return rs_fail(w->ctx, RS_DATA, "its pixels are not compressed, but its transfer syntax says %s",
                       scan->syntax->name);
    }
    scan->pixels = e->value;
    scan->n_pixels = e->length;
    return RS_OK;
}

/* An element inside a data set or item. */
static rs_status visit(walk *w, const element *e)
{
    level *top = &w->stack[w->depth];
    if (++w->n_elements > RS_SCAN_ELEMENTS) return over_limit(w, "more elements", RS_SCAN_ELEMENTS);
    if (e->tag <= top->previous && ++w->n_disorder > RS_SCAN_DISORDER) {
        return over_limit(w, "more elements out of order", RS_SCAN_DISORDER);
    }
    top->previous = e->tag;
    if (w->depth == 0 && e->length != UNDEFINED) RS_TRY(index_value(w, e));
    const bool sequence = e->vr[0] == 'S' && e->vr[1] == 'Q', unknown = e->vr[0] == 'U' && e->vr[1] == 'N';
    if (e->length == UNDEFINED) {
        /* PS3.5 6.2.2: an unknown element of undefined length holds implicit items. */
        if (sequence || unknown || top->implicit) {
            return push(w, LEVEL_SEQUENCE, e->length, e->value, top->implicit || unknown);
        }
        if (e->vr[0] == 'O') return push(w, LEVEL_FRAGMENTS, e->length, e->value, false);
        return rs_fail(w->ctx, RS_DATA, "element (%04x,%04x) has no length", e->tag >> 16, e->tag & 0xffff);
    }
    if (sequence && e->length > 0) return push(w, LEVEL_SEQUENCE, e->length, e->value, top->implicit);
    if (top->implicit && e->length >= 8 && rs_scan_u16(w->scan->bytes + e->value, w->scan->big_endian) == 0xfffe &&
        rs_scan_is_sequence(e->tag)) {
        return push(w, LEVEL_SEQUENCE, e->length, e->value, true);
    }
    if (!sequence && e->length > RS_SCAN_VALUE_BYTES)
        return over_limit(w, "one value with more bytes", RS_SCAN_VALUE_BYTES);
    w->pos = e->value + e->length;
    return RS_OK;
}

/* An item or a delimiter where items are due. */
static rs_status visit_item(walk *w, const element *e)
{
    level *top = &w->stack[w->depth];
    if (e->tag == 0xfffee0dd && top->open) {
        w->pos = e->value;
        w->depth--;
        return RS_OK;
    }
    if (e->tag != 0xfffee000) {
        return rs_fail(w->ctx, RS_DATA, "a sequence in it is damaged: (%04x,%04x) where an item should begin",
                       e->tag >> 16, e->tag & 0xffff);
    }
    if (++w->n_items > RS_SCAN_ITEMS) return over_limit(w, "more items", RS_SCAN_ITEMS);
    if (top->kind == LEVEL_SEQUENCE) return push(w, LEVEL_ITEM, e->length, e->value, top->implicit);
    if (e->length == UNDEFINED) return rs_fail(w->ctx, RS_DATA, "a fragment in it has no length");
    w->pos = e->value + e->length;
    return RS_OK;
}

static rs_status step(walk *w, bool *done)
{
    level *top = &w->stack[w->depth];
    if (w->pos == top->end && (!top->open || w->depth == 0)) {
        if (w->depth == 0)
            *done = true;
        else
            w->depth--;
        return RS_OK;
    }
    element e = {0};
    RS_TRY(read_head(w, &e));
    if (top->kind != LEVEL_ITEM) return visit_item(w, &e);
    if (e.tag == 0xfffee00d && top->open && w->depth > 0) {
        w->pos = e.value;
        w->depth--;
        return RS_OK;
    }
    if ((e.tag >> 16) == 0xfffe) return rs_fail(w->ctx, RS_DATA, "a stray item or delimiter stands among its elements");
    if (w->depth == 0 && e.tag == 0x7fe00010) {
        *done = true;
        return pixel_data(w, &e);
    }
    RS_TRY(visit(w, &e));
    if (w->pos - w->scan->body > RS_SCAN_HEADER_BYTES) {
        return over_limit(w, "more bytes before its pixels", RS_SCAN_HEADER_BYTES);
    }
    return RS_OK;
}

/* Is the data set explicit or implicit? Its first element shows; file meta may be wrong. */
static rs_status decide_encoding(rs_context *ctx, rs_scan *scan)
{
    scan->big_endian = scan->syntax->big_endian;
    scan->implicit = scan->syntax->implicit;
    if (scan->n_bytes - scan->body < 8) return rs_fail(ctx, RS_DATA, "there is no data set behind its file meta");
    char vr[2];
    memcpy(vr, scan->bytes + scan->body + 4, 2);
    if (scan->big_endian) return RS_OK;
    if (!scan->implicit && !vr_is_known(vr))
        scan->implicit = true;
    else if (scan->implicit && vr_is_known(vr))
        scan->implicit = false;
    if (scan->implicit && scan->syntax->codec != RS_CODEC_NONE) {
        return rs_fail(ctx, RS_DATA, "its data set is implicit, but its transfer syntax says %s", scan->syntax->name);
    }
    return RS_OK;
}

rs_status rs_scan_body(rs_context *ctx, rs_scan *scan)
{
    walk w = {.ctx = ctx, .scan = scan, .pos = scan->body};
    RS_TRY(decide_encoding(ctx, scan));
    w.stack[0] = (level){.kind = LEVEL_ITEM, .open = true, .implicit = scan->implicit, .end = scan->n_bytes};
    scan->header_end = scan->n_bytes;
    bool done = false;
    rs_status status = RS_OK;
    while (!done && status == RS_OK)
        status = step(&w, &done);
    /* Bytes that only look like a bare data set are no refused DICOM file. */
    const bool named = scan->value[RS_SCAN_SOP_CLASS].at || scan->value[RS_SCAN_SOP_INSTANCE].at;
    if (!scan->syntax_uid[0] && !named) return rs_fail(ctx, RS_NO_INPUT, "this is no DICOM file");
    return status;
}

bool rs_scan_word(const rs_scan *scan, rs_scan_name name, uint16_t *out)
{
    const rs_scan_value *v = &scan->value[name];
    if (!v->at || v->n_bytes != 2) return false;
    *out = rs_scan_u16(scan->bytes + v->at, scan->big_endian);
    return true;
}
