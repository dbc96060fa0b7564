/* UIDs from digests: the same content has the same UID, another one another. */
#include "digest.h"

#include <stdint.h>
#include <string.h>

void rs_digest_uid(const char hex[65], char out[48])
{
    uint32_t limb[4] = {0};
    for (int i = 0; i < 32; i++) {
        uint32_t digit = (uint32_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
        limb[i / 8] = limb[i / 8] << 4 | digit;
    }
    char digits[40];
    int at = (int)sizeof digits - 1;
    digits[at] = 0;
    do {
        uint64_t rest = 0;
        for (int i = 0; i < 4; i++) {
            rest = rest << 32 | limb[i];
            limb[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        digits[--at] = (char)('0' + rest);
    } while (limb[0] | limb[1] | limb[2] | limb[3]);
    memcpy(out, "2.25.", 5);
    memcpy(out + 5, digits + at, sizeof digits - (size_t)at);
}
