/* The walk over a data set: an explicit stack, every length held against what is left in 64 bits. */
#include "scan.h"

#include <math.h>
#include <string.h>

#include "restage/limits.h"
#include "restage/text.h"

#define UNDEFINED 0xffffffffu
#define FLOAT_PIXELS 0x7fe00008u
#define DOUBLE_PIXELS 0x7fe00009u

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
    level stack[2 * RS_SCAN_NESTING_MOST + 1]; /* a sequence and an item a level */
    int depth;
    int64_t n_elements, n_items, n_disorder;
    uint32_t behind; /* an element of a data set that stands behind the pixels; 0: none does */
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

rs_status rs_scan_need(rs_context *ctx, const rs_scan *scan, size_t pos, size_t n)
{
    if (!scan->source || pos + n <= scan->source->n_head) return RS_OK;
    if (scan->has_pixels) return rs_source_tail(ctx, scan->source, pos, n);
    return rs_source_head(ctx, scan->source, pos, n);
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

/* DCMTK's own names for what a tag may be ("ox", "px"), which no file has: it reads a length of 32 bits behind some. */
static bool vr_is_small(const char *vr)
{
    return vr[0] >= 'a' && vr[0] <= 'z' && vr[1] >= 'a' && vr[1] <= 'z';
}

static bool vr_is_known(const char *vr)
{
    return vr_is_short(vr) || vr_in(vr, "OBODOFOLOVOWSQSVUCUNURUTUV");
}

static bool is_pixels(uint32_t tag)
{
    return tag == 0x7fe00010 || tag == FLOAT_PIXELS || tag == DOUBLE_PIXELS;
}

static rs_status truncated(walk *w, uint32_t tag)
{
    return rs_fail(w->ctx, RS_DATA, "it is truncated: element (%04x,%04x) reaches beyond the end: copy the file again",
                   tag >> 16, tag & 0xffff);
}

static rs_status over_limit(walk *w, const char *what, rs_limit_name name)
{
    return rs_fail(w->ctx, RS_DATA, "it has %s than the limit %s = %lld", what, rs_limit_table()[name].name,
                   (long long)rs_limit(w->ctx, name));
}

static rs_status push(walk *w, level_kind kind, uint32_t length, size_t value, bool implicit)
{
    const level *top = &w->stack[w->depth];
    const int64_t nesting = rs_limit(w->ctx, RS_LIMIT_NESTING);
    if (w->depth >= 2 * (nesting < RS_SCAN_NESTING_MOST ? nesting : RS_SCAN_NESTING_MOST))
        return over_limit(w, "sequences nested deeper", RS_LIMIT_NESTING);
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
    if (left == 0) return rs_fail(w->ctx, RS_DATA, "it is truncated: a sequence is not closed: copy the file again");
    if (left < 8) return truncated(w, 0);
    RS_TRY(rs_scan_need(w->ctx, w->scan, w->pos, left < 12 ? left : 12));
    *out = (element){.tag = (uint32_t)rs_scan_u16(at, big) << 16 | rs_scan_u16(at + 2, big)};
    size_t head = 8;
    if (top->implicit || (out->tag >> 16) == 0xfffe) {
        out->length = rs_scan_u32(at + 4, big);
    } else {
        memcpy(out->vr, at + 4, 2);
        if (vr_is_small(out->vr))
            return rs_fail(w->ctx, RS_DATA, "element (%04x,%04x) has an impossible value representation",
                           out->tag >> 16, out->tag & 0xffff);
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
        RS_TRY(rs_scan_need(w->ctx, scan, e->value, e->length));
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
    const int64_t most =
        (int64_t)fmin((double)rs_limit(w->ctx, RS_LIMIT_FRAMES) * (double)rs_limit(w->ctx, RS_LIMIT_FRAGMENTS), 1e15);
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
        if (n > most) return over_limit(w, "more fragments a frame", RS_LIMIT_FRAGMENTS);
        scan->n_fragments = n;
        pos += length;
    }
    scan->n_pixels = pos - scan->pixels;
    if (scan->n_fragments < 1) return rs_fail(w->ctx, RS_DATA, "its compressed pixels are empty");
    return RS_OK;
}

/* What follows the pixels is not read (integration B.2, 12: zeros, junk), but it must not be a second data set. */
static rs_status look_behind(walk *w, size_t pos)
{
    const rs_scan *scan = w->scan;
    if (scan->n_bytes - pos < 8) return RS_OK;
    RS_TRY(rs_scan_need(w->ctx, scan, pos, 8));
    const uint8_t *at = scan->bytes + pos;
    const uint32_t tag = (uint32_t)rs_scan_u16(at, scan->big_endian) << 16 | rs_scan_u16(at + 2, scan->big_endian);
    if (tag >> 16 == 0xfffe) return rs_fail(w->ctx, RS_DATA, "a stray item or delimiter stands behind its pixels");
    if (!is_pixels(tag) && (scan->implicit || tag < 0x00080000 || tag > 0x7fe00010)) return RS_OK;
    if (!scan->implicit && !vr_is_known((const char[]){(char)at[4], (char)at[5]})) return RS_OK;
    if (is_pixels(tag)) return rs_fail(w->ctx, RS_DATA, "it has pixels twice");
    w->behind = tag; /* walked too, for what is wrong with it */
    w->pos = pos;
    return RS_OK;
}

static rs_status pixel_data(walk *w, const element *e)
{
    rs_scan *scan = w->scan;
    const bool compressed = scan->syntax->codec != RS_CODEC_NONE;
    /* Compressed pixels are walked to their last byte, others not looked at. */
    const bool all = compressed || e->length == UNDEFINED;
    RS_TRY(rs_scan_need(w->ctx, scan, 0, all ? scan->n_bytes : w->pos));
    scan->has_pixels = true;
    scan->header_end = w->pos;
    scan->words = e->vr[0] == 'O' && e->vr[1] == 'W';
    scan->number = e->tag == FLOAT_PIXELS ? RS_DICOM_FLOAT : e->tag == DOUBLE_PIXELS ? RS_DICOM_DOUBLE : RS_DICOM_WHOLE;
    if (e->length == UNDEFINED) RS_TRY(fragments(w, e));
    if (e->length == UNDEFINED && !compressed) {
        return rs_fail(w->ctx, RS_DATA, "its pixels are compressed, but its transfer syntax says %s",
                       scan->syntax->name);
    }
    if (e->length == UNDEFINED) return look_behind(w, scan->pixels + scan->n_pixels);
    if (compressed) {
        return rs_fail(w->ctx, RS_DATA, "its pixels are not compressed, but its transfer syntax says %s",
                       scan->syntax->name);
    }
    scan->pixels = e->value;
    scan->n_pixels = e->length;
    return look_behind(w, scan->pixels + scan->n_pixels);
}

/* An element inside a data set or item. */
static rs_status visit(walk *w, const element *e)
{
    level *top = &w->stack[w->depth];
    if (++w->n_elements > rs_limit(w->ctx, RS_LIMIT_ELEMENTS)) return over_limit(w, "more elements", RS_LIMIT_ELEMENTS);
    if (e->tag <= top->previous && ++w->n_disorder > rs_limit(w->ctx, RS_LIMIT_DISORDER)) {
        return over_limit(w, "more elements out of order", RS_LIMIT_DISORDER);
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
    if (top->implicit && e->length >= 8) RS_TRY(rs_scan_need(w->ctx, w->scan, e->value, 2));
    if (top->implicit && e->length >= 8 && rs_scan_u16(w->scan->bytes + e->value, w->scan->big_endian) == 0xfffe &&
        rs_scan_is_sequence(e->tag)) {
        return push(w, LEVEL_SEQUENCE, e->length, e->value, true);
    }
    if (!sequence && e->length > rs_limit(w->ctx, RS_LIMIT_VALUE_BYTES))
        return over_limit(w, "one value with more bytes", RS_LIMIT_VALUE_BYTES);
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
    if (++w->n_items > rs_limit(w->ctx, RS_LIMIT_ITEMS)) return over_limit(w, "more items", RS_LIMIT_ITEMS);
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
    if (w->depth == 0 && is_pixels(e.tag)) {
        if (w->behind) return rs_fail(w->ctx, RS_DATA, "it has pixels twice");
        RS_TRY(pixel_data(w, &e));
        *done = w->behind == 0;
        return RS_OK;
    }
    RS_TRY(visit(w, &e));
    if (!w->behind && w->pos - w->scan->body > (size_t)rs_limit(w->ctx, RS_LIMIT_HEADER_BYTES)) {
        return over_limit(w, "more bytes before its pixels", RS_LIMIT_HEADER_BYTES);
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
    RS_TRY(rs_scan_need(ctx, scan, scan->body, 8));
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
    if (status == RS_OK && !scan->has_pixels) status = rs_scan_need(ctx, scan, 0, scan->n_bytes);
    if (status == RS_OK && w.behind)
        status = rs_fail(ctx, RS_DATA, "element (%04x,%04x) stands behind its pixels, where none of its kind may",
                         w.behind >> 16, w.behind & 0xffff);
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

uint64_t rs_scan_declared(const rs_context *ctx, const rs_scan *scan)
{
    uint16_t rows = 0, columns = 0, samples = 1, bits = 0;
    int64_t frames = 1;
    const rs_scan_value *v = &scan->value[RS_SCAN_FRAMES];
    char text[16] = "";
    rs_scan_word(scan, RS_SCAN_ROWS, &rows);
    rs_scan_word(scan, RS_SCAN_COLUMNS, &columns);
    rs_scan_word(scan, RS_SCAN_SAMPLES, &samples);
    rs_scan_word(scan, RS_SCAN_BITS_ALLOCATED, &bits);
    if (v->at && v->n_bytes < sizeof text) {
        memcpy(text, scan->bytes + v->at, v->n_bytes);
        if (!rs_text_integer(text, &frames)) frames = 1;
    }
    const int64_t side = rs_limit(ctx, RS_LIMIT_SIDE);
    if (rows > side || columns > side || frames < 1 || frames > rs_limit(ctx, RS_LIMIT_FRAMES)) return 0;
    return ((uint64_t)rows * columns * samples * bits + 7) / 8 * (uint64_t)frames;
}
