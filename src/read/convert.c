/* Three ways to the same numbers: whole factors on 16-bit little-endian words in blocks that the compiler can
   vectorise; all else of up to 16 bits by a table of the 65,536 stored values; wider values one by one. */
#include "convert.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256, N_WORDS = 65536 };

int32_t convert_stored(const rs_dicom_pixels *p, int64_t i)
{
    uint32_t word;
    if (p->bytes == 1)
        word = p->data[i];
    else if (p->big_endian)
        word = (uint32_t)p->data[2 * i] << 8 | p->data[2 * i + 1];
    else
        word = (uint32_t)p->data[2 * i + 1] << 8 | p->data[2 * i];
    word &= (1u << p->bits_stored) - 1;
    const uint32_t sign = 1u << (p->bits_stored - 1);
    if (p->is_signed && (word & sign)) return (int32_t)word - (int32_t)(sign << 1);
    return (int32_t)word;
}

bool convert_is_wide(const rs_dicom_pixels *p)
{
    return p->bytes > 2 || p->number != RS_DICOM_WHOLE;
}

/* What a stored value means, whichever transform the slice has. */
static double real_value(const convert_args *a, double stored)
{
    const rs_lookup *t = a->lookup;
    if (!t) return a->slope * stored + a->offset;
    const double at = stored - t->first;
    return t->value[at <= 0 ? 0 : at >= t->n - 1 ? t->n - 1 : (int32_t)at];
}

static bool is_padding(const convert_args *a, double stored)
{
    for (int p = 0; p < a->n_paddings; p++)
        if (stored >= a->padding_low[p] && stored <= a->padding_high[p]) return true;
    return false;
}

/* Whole factors: voxel = factor * stored + shift in int32. */
typedef struct whole {
    int32_t factor, shift;
    int32_t mask, sign;      /* stored = ((word & mask) ^ sign) - sign */
    int32_t low[2], high[2]; /* padding; low > high: none */
    int32_t padding_voxel;
    int32_t least, most, n_padded;
} whole;

/* Without a branch and without looking into *w, so that the loop becomes vectors. */
static void convert_block(whole *w, const uint16_t word[BLOCK], int16_t out[BLOCK])
{
    const whole v = *w;
    int32_t least = v.least, most = v.most, n_padded = 0;
    for (int i = 0; i < BLOCK; i++) {
        const int32_t stored = ((word[i] & v.mask) ^ v.sign) - v.sign;
        const int32_t value = v.factor * stored + v.shift;
        const int32_t padded = -(((stored >= v.low[0]) & (stored <= v.high[0])) |
                                 ((stored >= v.low[1]) & (stored <= v.high[1]))); /* all ones or none */
        const int32_t small = (value & ~padded) | (INT32_MAX & padded),
                      large = (value & ~padded) | (INT32_MIN & padded);
        least = small < least ? small : least;
        most = large > most ? large : most;
        n_padded -= padded;
        int32_t voxel = (value & ~padded) | (v.padding_voxel & padded);
        voxel = voxel < -32768 ? -32768 : voxel;
        out[i] = (int16_t)(voxel > 32767 ? 32767 : voxel);
    }
    w->least = least;
    w->most = most;
    w->n_padded += n_padded;
}

static void convert_whole(const convert_args *a, double factor, double shift, convert_result *r)
{
    whole w = {.factor = (int32_t)factor, .shift = (int32_t)shift, .padding_voxel = a->padding_voxel};
    w.mask = (int32_t)((1u << a->pixels.bits_stored) - 1);
    w.sign = a->pixels.is_signed ? (int32_t)(1u << (a->pixels.bits_stored - 1)) : 0;
    for (int p = 0; p < 2; p++) {
        w.low[p] = p < a->n_paddings ? a->padding_low[p] : 1;
        w.high[p] = p < a->n_paddings ? a->padding_high[p] : 0;
    }
    w.least = INT32_MAX;
    w.most = INT32_MIN;
    uint16_t words[BLOCK];
    int16_t voxels[BLOCK];
    for (int64_t at = 0; at < a->n; at += BLOCK) {
        const int64_t n = a->n - at < BLOCK ? a->n - at : BLOCK;
        memcpy(words, a->pixels.data + 2 * at, (size_t)n * 2);
        /* The last block is filled up with its own last word; what that adds to the count is taken off again. */
        for (int64_t i = n; i < BLOCK; i++)
            words[i] = words[n - 1];
        convert_block(&w, words, voxels);
        if (n < BLOCK && is_padding(a, convert_stored(&a->pixels, at + n - 1))) w.n_padded -= (int32_t)(BLOCK - n);
        memcpy(a->out + at, voxels, (size_t)n * 2);
    }
    *r = (convert_result){.low = w.least, .high = w.most, .n_padded = w.n_padded};
}

static void convert_by_table(const convert_args *a, int16_t *table, uint8_t *seen, convert_result *r)
{
    const int n_stored = 1 << a->pixels.bits_stored;
    const int32_t first = a->pixels.is_signed ? -(n_stored >> 1) : 0;
    memset(seen, 0, (size_t)n_stored);
    for (int i = 0; i < n_stored; i++) {
        const double voxel = round((real_value(a, first + i) - a->volume_offset) / a->volume_slope);
        table[i] = (int16_t)fmin(fmax(voxel, -32768), 32767);
        if (!is_padding(a, first + i)) continue;
        table[i] = a->padding_voxel;
        seen[i] = 2;
    }
    *r = (convert_result){.low = INFINITY, .high = -INFINITY};
    for (int64_t at = 0; at < a->n; at++) {
        const int32_t i = convert_stored(&a->pixels, at) - first;
        a->out[at] = table[i];
        r->n_padded += seen[i] >> 1;
        seen[i] |= 1;
    }
    for (int i = 0; i < n_stored; i++) {
        if (seen[i] != 1) continue;
        const double exact = (real_value(a, first + i) - a->volume_offset) / a->volume_slope;
        r->low = fmin(r->low, round(exact));
        r->high = fmax(r->high, round(exact));
        if (!a->exact) r->rounding = fmax(r->rounding, fabs(round(exact) - exact) * a->volume_slope);
    }
}

/* A stored value of 4 or 8 bytes. */
static double wide_value(const rs_dicom_pixels *p, int64_t i)
{
    uint8_t bytes[8];
    uint64_t word = 0;
    float single;
    double value;
    const uint8_t *at = p->data + i * p->bytes;
    for (int b = 0; b < p->bytes; b++)
        bytes[b] = at[p->big_endian ? p->bytes - 1 - b : b];
    for (int b = p->bytes - 1; b >= 0; b--)
        word = word << 8 | bytes[b];
    if (p->number == RS_DICOM_DOUBLE) {
        memcpy(&value, &word, sizeof value);
        return value;
    }
    const uint32_t half = (uint32_t)word;
    if (p->number == RS_DICOM_FLOAT) {
        memcpy(&single, &half, sizeof single);
        return (double)single;
    }
    const uint64_t sign = UINT64_C(1) << (p->bits_stored - 1);
    word &= (sign << 1) - 1;
    return p->is_signed && (word & sign) ? (double)word - (double)(sign << 1) : (double)word;
}

static void convert_wide(const convert_args *a, convert_result *r)
{
    const double noise = 1e-6; /* of a step: what doubles leave of a whole number */
    *r = (convert_result){.low = INFINITY, .high = -INFINITY};
    for (int64_t i = 0; i < a->n; i++) {
        const double stored = wide_value(&a->pixels, i);
        const double exact = (real_value(a, stored) - a->volume_offset) / a->volume_slope;
        if (!isfinite(exact)) {
            r->n_bad++;
            a->out[i] = 0;
        } else if (is_padding(a, stored)) {
            r->n_padded++;
            a->out[i] = a->padding_voxel;
        } else {
            const double voxel = round(exact), off = fabs(voxel - exact);
            a->out[i] = (int16_t)fmin(fmax(voxel, -32768), 32767);
            r->low = fmin(r->low, exact);
            r->high = fmax(r->high, exact);
            if (off > noise) r->rounding = fmax(r->rounding, off * a->volume_slope);
        }
    }
}

void convert_slice(const convert_args *a, convert_result *result)
{
    int16_t table[N_WORDS];
    uint8_t seen[N_WORDS];
    const double factor = a->slope / a->volume_slope, shift = (a->offset - a->volume_offset) / a->volume_slope;
    const bool is_whole =
        !a->lookup && factor == rint(factor) && shift == rint(shift) && fabs(factor) <= 8192 && fabs(shift) <= 1e9;
    if (convert_is_wide(&a->pixels))
        convert_wide(a, result);
    else if (is_whole && a->pixels.bytes == 2 && !a->pixels.big_endian)
        convert_whole(a, factor, shift, result);
    else
        convert_by_table(a, table, seen, result);
}
