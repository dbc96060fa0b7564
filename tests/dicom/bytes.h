/* A writer of DICOM bytes for tests: no rule is kept that a test does not want. Explicit VR Little Endian. */
#ifndef TESTS_DICOM_BYTES_H
#define TESTS_DICOM_BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct bytes {
    uint8_t *data;
    size_t n, capacity;
} bytes;

static inline void add(bytes *b, const void *data, size_t n)
{
    if (b->n + n > b->capacity) {
        b->capacity = 2 * (b->n + n) + 256;
        b->data = realloc(b->data, b->capacity);
        if (!b->data) abort();
    }
    if (n) memcpy(b->data + b->n, data, n);
    b->n += n;
}

static inline void add_u16(bytes *b, unsigned value)
{
    add(b, (const uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8)}, 2);
}

static inline void add_u32(bytes *b, uint32_t value)
{
    add_u16(b, value & 0xffff);
    add_u16(b, value >> 16);
}

static inline void add_tag(bytes *b, uint32_t tag)
{
    add_u16(b, tag >> 16);
    add_u16(b, tag & 0xffff);
}

/* An element with a length of 16 bits; text is filled up to an even length. */
static inline void add_text(bytes *b, uint32_t tag, const char *vr, const char *value)
{
    const size_t n = strlen(value);
    add_tag(b, tag);
    add(b, vr, 2);
    add_u16(b, (unsigned)(n + n % 2));
    add(b, value, n);
    if (n % 2) add(b, strcmp(vr, "UI") == 0 ? "" : " ", 1);
}

static inline void add_word(bytes *b, uint32_t tag, unsigned value)
{
    add_tag(b, tag);
    add(b, "US\2", 4);
    add_u16(b, value);
}

/* The head of an element with a length of 32 bits. */
static inline void add_long(bytes *b, uint32_t tag, const char *vr, uint32_t length)
{
    add_tag(b, tag);
    add(b, vr, 2);
    add_u16(b, 0);
    add_u32(b, length);
}

/* Preamble and file meta; the data set begins behind it. */
static inline void add_meta(bytes *b, const char *syntax)
{
    static const uint8_t preamble[128];
    add(b, preamble, 128);
    add(b, "DICM", 4);
    add_text(b, 0x00020010, "UI", syntax);
}

typedef struct picture {
    unsigned rows, columns, allocated, stored, is_signed;
    int frames; /* 0: no such element */
} picture;

/* The attributes of a CT picture. */
static inline void add_picture(bytes *b, const picture *p)
{
    add_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
    add_text(b, 0x00080018, "UI", "2.25.7");
    add_word(b, 0x00280002, 1);
    add_text(b, 0x00280004, "CS", "MONOCHROME2");
    if (p->frames) {
        char text[16];
        text[0] = (char)('0' + p->frames / 10);
        text[1] = (char)('0' + p->frames % 10);
        text[2] = 0;
        add_text(b, 0x00280008, "IS", text);
    }
    add_word(b, 0x00280010, p->rows);
    add_word(b, 0x00280011, p->columns);
    add_word(b, 0x00280100, p->allocated);
    add_word(b, 0x00280101, p->stored);
    add_word(b, 0x00280102, p->stored - 1);
    add_word(b, 0x00280103, p->is_signed);
}

/* Encapsulated pixels: head and offset table; then items; then the end. */
static inline void begin_fragments(bytes *b, const uint32_t *offsets, int n_offsets)
{
    add_long(b, 0x7fe00010, "OB", 0xffffffff);
    add_tag(b, 0xfffee000);
    add_u32(b, (uint32_t)(4 * n_offsets));
    for (int i = 0; i < n_offsets; i++)
        add_u32(b, offsets[i]);
}

static inline void add_fragment(bytes *b, const void *data, size_t n)
{
    add_tag(b, 0xfffee000);
    add_u32(b, (uint32_t)(n + n % 2));
    add(b, data, n);
    if (n % 2) add(b, "", 1);
}

static inline void end_fragments(bytes *b)
{
    add_tag(b, 0xfffee0dd);
    add_u32(b, 0);
}

/* One frame of 16-bit words as DICOM RLE (PS3.5 G): the high bytes, the low bytes, all of it literal runs. */
static inline void add_rle(bytes *b, const uint16_t *words, size_t n)
{
    const size_t start = b->n;
    const uint32_t segment = (uint32_t)(n + (n + 127) / 128), even = segment + segment % 2;
    add_u32(b, 2);
    add_u32(b, 64);
    add_u32(b, 64 + even);
    for (int i = 0; i < 13; i++)
        add_u32(b, 0);
    for (int high = 1; high >= 0; high--) {
        for (size_t at = 0; at < n; at++) {
            if (at % 128 == 0) add(b, (const uint8_t[]){(uint8_t)((n - at < 128 ? n - at : 128) - 1)}, 1);
            add(b, (const uint8_t[]){(uint8_t)(words[at] >> (high ? 8 : 0))}, 1);
        }
        if ((b->n - start) % 2) add(b, "", 1);
    }
}

#endif
