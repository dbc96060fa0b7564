/* Bytes, int16 and bits: packing, unpacking, counting. */
#include <string.h>

#include "kernel.h"
#include "packing.h"
#include "restage/kernels/ball.h"

typedef struct bits_job {
    const int32_t *n;
    const uint8_t *labels;
    const int16_t *voxels;
    label_test test;
    int16_t low, high;
    const uint64_t *in;
    uint64_t *bits;
    uint8_t *out;
    uint8_t label;
    int keep;
} bits_job;

static rs_status pack_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const bits_job *job = arg;
    const int32_t columns = job->n[0], words = rs_bits_words(columns);
    for (int64_t row = k * job->n[1]; row < (k + 1) * job->n[1]; row++)
        for (int32_t w = 0; w < words; w++) {
            int32_t left = columns - 64 * w;
            job->bits[row * words + w] =
                pack_labels(job->labels + row * columns + 64 * w, left < 64 ? left : 64, &job->test);
        }
    return RS_OK;
}

rs_status rs_bits_pack(rs_context *ctx, const int32_t n[3], const uint8_t *labels, const uint8_t *in_mask,
                       uint64_t *bits)
{
    RS_CHECK(ctx, rs_box_is_sane(n) && labels != NULL && bits != NULL);
    bits_job job = {.n = n, .labels = labels, .test = label_test_of(in_mask), .bits = bits};
    return rs_parallel_for(ctx, n[2], pack_slice, &job);
}

static rs_status threshold_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const bits_job *job = arg;
    const int32_t columns = job->n[0], words = rs_bits_words(columns);
    const int16_t low = job->low, high = job->high;
    uint8_t flags[64];
    for (int64_t row = k * job->n[1]; row < (k + 1) * job->n[1]; row++)
        for (int32_t w = 0; w < words; w++) {
            const int16_t *v = job->voxels + row * columns + 64 * w;
            int32_t left = columns - 64 * w;
            if (left >= 64) {
                for (int i = 0; i < 64; i++)
                    flags[i] = v[i] >= low && v[i] <= high;
            } else {
                memset(flags, 0, sizeof flags);
                for (int32_t i = 0; i < left; i++)
                    flags[i] = v[i] >= low && v[i] <= high;
            }
            job->bits[row * words + w] = pack_flags(flags);
        }
    return RS_OK;
}

rs_status rs_bits_threshold(rs_context *ctx, const int32_t n[3], const int16_t *voxels, int16_t low, int16_t high,
                            uint64_t *bits)
{
    RS_CHECK(ctx, rs_box_is_sane(n) && voxels != NULL && bits != NULL);
    bits_job job = {.n = n, .voxels = voxels, .low = low, .high = high, .bits = bits};
    return rs_parallel_for(ctx, n[2], threshold_slice, &job);
}

/* Run by run: bits of organs come in long ones, and what is kept is neither read nor written. */
static void unpack_word(uint64_t bits, uint8_t label, uint8_t *out)
{
    for (int at = 0; bits != 0;) {
        const int gap = __builtin_ctzll(bits);
        const uint64_t from = bits >> gap;
        const int n = from == UINT64_MAX ? 64 : __builtin_ctzll(~from);
        memset(out + at + gap, label, (size_t)n);
        at += gap + n;
        bits = at < 64 ? from >> n : 0;
    }
}

static rs_status unpack_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const bits_job *job = arg;
    const int32_t columns = job->n[0], words = rs_bits_words(columns);
    for (int64_t row = k * job->n[1]; row < (k + 1) * job->n[1]; row++)
        for (int32_t w = 0; w < words; w++) {
            uint64_t bits = job->in[row * words + w];
            uint8_t *out = job->out + row * columns + 64 * w;
            int32_t n = columns - 64 * w < 64 ? columns - 64 * w : 64;
            if (n < 64) bits &= (UINT64_C(1) << n) - 1;
            if (!job->keep && bits != UINT64_MAX) memset(out, 0, (size_t)n);
            unpack_word(bits, job->label, out);
        }
    return RS_OK;
}

rs_status rs_bits_unpack(rs_context *ctx, const int32_t n[3], const uint64_t *bits, uint8_t label, int keep,
                         uint8_t *labels)
{
    RS_CHECK(ctx, rs_box_is_sane(n) && labels != NULL && bits != NULL);
    bits_job job = {.n = n, .in = bits, .out = labels, .label = label, .keep = keep};
    return rs_parallel_for(ctx, n[2], unpack_slice, &job);
}

int64_t rs_bits_count(const int32_t n[3], const uint64_t *bits)
{
    int64_t count = 0;
    for (size_t w = 0; w < rs_bits_total(n); w++)
        count += __builtin_popcountll(bits[w]);
    return count;
}
