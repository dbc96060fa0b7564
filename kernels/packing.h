/* Bytes to bits, 64 voxels at a time, in plain C that every tier vectorises. */
#ifndef KERNELS_PACKING_H
#define KERNELS_PACKING_H

#include <stdint.h>
#include <string.h>

/* Which labels count: a range of bytes where the table is one (the fast case), else the table. */
typedef struct label_test {
    const uint8_t *table; /* NULL: the range */
    uint8_t low, span;    /* low <= label <= low + span */
} label_test;

static inline label_test label_test_of(const uint8_t *in_mask)
{
    if (in_mask == NULL) return (label_test){NULL, 1, 254};
    int low = 0, high = 255;
    while (low < 256 && in_mask[low] == 0)
        low++;
    if (low == 256) return (label_test){in_mask, 0, 0};
    while (in_mask[high] == 0)
        high--;
    for (int v = low; v <= high; v++)
        if (in_mask[v] == 0) return (label_test){in_mask, 0, 0};
    return (label_test){NULL, (uint8_t)low, (uint8_t)(high - low)};
}

/* 64 bytes of 0 or 1 to 64 bits: eight at a time by a multiplication that moves bit 0 of byte b to bit 56 + b. */
static inline uint64_t pack_flags(const uint8_t flags[64])
{
    uint64_t out = 0;
    for (int g = 0; g < 8; g++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * g, 8);
        out |= (eight * 0x0102040810204080ULL >> 56) << (8 * g);
    }
    return out;
}

/* Bits of n <= 64 labels; bits beyond n are 0. */
static inline uint64_t pack_labels(const uint8_t *labels, int32_t n, const label_test *test)
{
    uint8_t flags[64];
    if (n == 64 && test->table == NULL) {
        const uint8_t low = test->low, span = test->span;
        for (int i = 0; i < 64; i++)
            flags[i] = (uint8_t)(labels[i] - low) <= span;
    } else {
        memset(flags, 0, sizeof flags);
        for (int32_t i = 0; i < n; i++)
            flags[i] =
                test->table != NULL ? test->table[labels[i]] != 0 : (uint8_t)(labels[i] - test->low) <= test->span;
    }
    return pack_flags(flags);
}

#endif
