#include "image_parts.h"

#include <string.h>

/* 128 bits as a decimal number. */
static void decimal(const uint32_t words[4], char out[40])
{
    uint32_t rest[4];
    char digits[40];
    int n = 0;
    memcpy(rest, words, sizeof rest);
    do {
        uint64_t carry = 0;
        for (int w = 0; w < 4; w++) {
            carry = carry << 32 | rest[w];
            rest[w] = (uint32_t)(carry / 10);
            carry %= 10;
        }
        digits[n++] = (char)('0' + (int)carry);
    } while ((rest[0] | rest[1] | rest[2] | rest[3]) != 0 && n < 39);
    for (int d = 0; d < n; d++)
        out[d] = digits[n - 1 - d];
    out[n] = '\0';
}

void rs_phantom_uid_text(uint64_t high, uint64_t low, char out[65])
{
    /* The bits of a UUID that say version 4, variant 1. */
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
    const uint32_t words[4] = {(uint32_t)(high >> 32), (uint32_t)high, (uint32_t)(low >> 32), (uint32_t)low};
    memcpy(out, "2.25.", 5);
    decimal(words, out + 5);
}

rs_status rs_phantom_set_all(rs_context *ctx, rs_dicom_out *out, const rs_phantom_element *elements, size_t n)
{
    for (size_t e = 0; e < n; e++)
        RS_TRY(rs_dicom_out_text(ctx, out, elements[e].tag, elements[e].text));
    return RS_OK;
}
