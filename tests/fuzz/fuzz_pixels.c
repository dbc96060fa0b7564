/* Stored values to voxels: any width, sign, byte order, slope and padding; the reference is the definition itself. */
#include <math.h>
#include <string.h>

#include "convert.h"
#include "fuzz.h"

enum { MOST = 512 };

/* The definition of a whole number of up to 16 bits, byte by byte. */
static int32_t stored(const rs_dicom_pixels *p, int64_t i)
{
    uint32_t raw = 0;
    for (int b = 0; b < p->bytes; b++)
        raw |= (uint32_t)p->data[i * p->bytes + (p->big_endian ? p->bytes - 1 - b : b)] << (8 * b);
    raw &= (1u << p->bits_stored) - 1;
    const bool minus = p->is_signed && raw >> (p->bits_stored - 1) & 1;
    return minus ? (int32_t)raw - (int32_t)(1u << p->bits_stored) : (int32_t)raw;
}

static double usable(double x, double otherwise)
{
    return isfinite(x) && x != 0 && fabs(x) < 1e6 && fabs(x) > 1e-6 ? x : otherwise;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    fuzz_bytes bytes = {data, n_bytes};
    static const int widths[] = {1, 2, 2, 4, 4, 8};
    const uint8_t flags = fuzz_byte(&bytes);
    static int16_t out[MOST];
    convert_args a = {.out = out, .n_paddings = fuzz_byte(&bytes) % 3, .padding_voxel = -1024};
    rs_dicom_pixels *p = &a.pixels;
    p->bytes = widths[flags % 6];
    p->number = flags % 6 == 4 ? RS_DICOM_FLOAT : flags % 6 == 5 ? RS_DICOM_DOUBLE : RS_DICOM_WHOLE;
    p->big_endian = fuzz_byte(&bytes) & 1;
    p->is_signed = fuzz_byte(&bytes) & 1;
    p->bits_stored = p->number == RS_DICOM_WHOLE ? 1 + fuzz_byte(&bytes) % (8 * p->bytes) : 8 * p->bytes;
    a.slope = usable(fuzz_double(&bytes), 1);
    a.offset = usable(fuzz_double(&bytes), 0);
    a.volume_slope = usable(fuzz_double(&bytes), 1);
    a.volume_offset = usable(fuzz_double(&bytes), 0);
    for (int i = 0; i < a.n_paddings; i++) {
        a.padding_low[i] = (int32_t)fuzz_u32(&bytes);
        a.padding_high[i] = (int32_t)fuzz_u32(&bytes);
    }
    int32_t table[16];
    const rs_lookup lookup = {.first = (int8_t)fuzz_byte(&bytes), .n = 16, .value = table, .type = "US"};
    for (int i = 0; i < 16; i++)
        table[i] = (int16_t)fuzz_u32(&bytes);
    if ((flags & 64) && !convert_is_wide(p)) a.lookup = &lookup;
    /* Exact is a promise of the caller: whole slope and offset, none of the volume. */
    a.exact = (flags & 128) && a.slope == 1 && a.volume_slope == 1 && rint(a.offset) == a.offset &&
              rint(a.volume_offset) == a.volume_offset && p->number == RS_DICOM_WHOLE;
    p->data = bytes.at;
    p->n = (int64_t)(bytes.n / (size_t)p->bytes);
    if (p->n > MOST) p->n = MOST;
    if (p->n == 0) return 0;
    a.n = p->n;
    convert_result result = {.low = INFINITY, .high = -INFINITY};
    convert_slice(&a, &result);
    fuzz_expect(result.n_padded >= 0 && result.n_padded <= a.n, "more padding than values");
    if (convert_is_wide(p)) return 0;
    for (int64_t i = 0; i < a.n; i++) {
        const int32_t v = stored(p, i);
        fuzz_expect(convert_stored(p, i) == v, "a stored value is read wrong");
        bool padded = false;
        for (int r = 0; r < a.n_paddings; r++)
            padded = padded || (v >= a.padding_low[r] && v <= a.padding_high[r]);
        if (padded) fuzz_expect(out[i] == a.padding_voxel, "padding is taken for a value");
        if (padded || a.lookup) continue;
        const double voxel = (a.slope * v + a.offset - a.volume_offset) / a.volume_slope;
        const double cut = voxel < -32768 ? -32768 : voxel > 32767 ? 32767 : voxel;
        fuzz_expect(fabs(out[i] - cut) <= 0.5 + 1e-9 * fabs(voxel), "a voxel is wrong");
    }
    return 0;
}
