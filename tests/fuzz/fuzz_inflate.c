/* Deflate streams never give more than the cap, and the bytes do not depend on how they are asked for. */
#include <string.h>

#include "digest/inflate.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    fuzz_bytes bytes = {data, n_bytes};
    rs_context *ctx = fuzz_context();
    rs_arena *arena = fuzz_arena();
    const uint8_t how = fuzz_byte(&bytes);
    const rs_deflate_wrap wrap = (how & 1) ? RS_DEFLATE_GZIP : RS_DEFLATE_RAW;
    const size_t cap = (size_t)1 << (how % 19);
    uint8_t *out = NULL;
    static uint8_t room[1 << 18];
    size_t n = 0, n_into = 0;
    rs_inflated end, end_into;
    if (rs_inflate(ctx, arena, wrap, bytes.at, bytes.n, cap, &out, &n, &end) != RS_OK) return 0;
    fuzz_expect(n <= cap, "more than the cap");
    fuzz_expect(rs_inflate_into(ctx, wrap, bytes.at, bytes.n, room, cap, &n_into, &end_into) == RS_OK, "no memory");
    fuzz_expect(n_into <= cap, "more than the room");
    if (end == RS_INFLATED_ALL && end_into == RS_INFLATED_ALL) {
        fuzz_expect(n == n_into && memcmp(out, room, n) == 0, "two ways to inflate, two results");
    }
    return 0;
}
