/* What every kernel's test does with its probe: all tiers against the reference within the stated tolerance, the same
   bits on every tier but `ref` and at 1, 2 and 7 threads, over shapes that hit every tail and are smaller than every
   radius. */
#ifndef TESTS_KERNELS_AGREE_H
#define TESTS_KERNELS_AGREE_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "restage/arena.h"
#include "restage/context.h"
#include "restage/kernels.h"

static inline rs_context *agree_context(int threads, rs_tier tier)
{
    rs_context *ctx = NULL;
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &ctx), RS_OK);
    assert_int_equal(rs_context_set_tier(ctx, tier), RS_OK);
    return ctx;
}

/* Outputs of one run in the arena. */
static inline int agree_run(rs_context *ctx, rs_arena *arena, const char *name, const rs_probe *probe,
                            const rs_probe_case *c, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    void *args = NULL;
    assert_int_equal(probe->make(ctx, arena, c, &args), RS_OK);
    rs_status status = rs_kernel_run(ctx, name, args, probe->args_size);
    if (status != RS_OK) print_message("%s: %s\n", name, rs_context_message(ctx));
    assert_int_equal(status, RS_OK);
    return probe->outputs(args, out);
}

static inline void agree_say(const char *what, const char *name, const rs_probe_case *c, rs_tier tier)
{
    print_message("%s: %s %s, variant %d, %d x %d x %d, seed %llu%s\n", what, name, rs_tier_name(tier), c->variant,
                  c->n[0], c->n[1], c->n[2], (unsigned long long)c->seed, c->extremes ? ", extremes" : "");
}

static inline void agree_same_bits(const rs_probe_output *a, const rs_probe_output *b, int n, const char *name,
                                   const rs_probe_case *c, rs_tier tier)
{
    for (int o = 0; o < n; o++) {
        bool same = a[o].count == b[o].count && memcmp(a[o].data, b[o].data, rs_probe_bytes(&a[o])) == 0;
        if (!same) agree_say("other bits", name, c, tier);
        assert_true(same);
    }
}

/* One case on every tier and number of threads. */
static inline void agree_case(const char *name, const rs_probe *probe, const rs_probe_case *c, const int *threads,
                              int n_threads)
{
    rs_arena *arena = rs_arena_new();
    rs_probe_output ref[RS_PROBE_OUTPUTS], first[RS_PROBE_OUTPUTS], out[RS_PROBE_OUTPUTS];
    rs_context *ctx = agree_context(1, RS_TIER_REF);
    int n = agree_run(ctx, arena, name, probe, c, ref);
    rs_context_free(ctx);
    bool have_first = false;
    for (int t = RS_TIER_PORTABLE; t < RS_TIER_COUNT; t++) {
        if (!rs_tier_is_available((rs_tier)t)) continue;
        for (int x = 0; x < n_threads; x++) {
            ctx = agree_context(threads[x], (rs_tier)t);
            assert_int_equal(agree_run(ctx, arena, name, probe, c, out), n);
            rs_context_free(ctx);
            for (int o = 0; o < n; o++) {
                double d = rs_probe_difference(&ref[o], &out[o]);
                if (!(d <= out[o].tolerance)) {
                    agree_say("far from ref", name, c, (rs_tier)t);
                    print_message("  %s: %g, tolerance %g\n", out[o].what, d, out[o].tolerance);
                }
                assert_true(d <= out[o].tolerance);
            }
            if (have_first) agree_same_bits(first, out, n, name, c, (rs_tier)t);
            if (!have_first) memcpy(first, out, sizeof first);
            have_first = true;
        }
    }
    rs_arena_free(arena);
}

/* A test's body on every tier that this machine has, `ref` first. */
static inline void on_every_tier(void (*body)(rs_context *ctx, rs_arena *arena))
{
    for (int t = RS_TIER_REF; t < RS_TIER_COUNT; t++) {
        if (!rs_tier_is_available((rs_tier)t)) continue;
        rs_context *ctx = agree_context(2, (rs_tier)t);
        rs_arena *arena = rs_arena_new();
        body(ctx, arena);
        rs_arena_free(arena);
        rs_context_free(ctx);
    }
}

static inline void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) print_message("%.9g is not %.9g\n", value, expected);
    assert_true(fabs(value - expected) <= tolerance);
}

/* The sweep of a kernel. */
static inline void agree_all(const char *name)
{
    static const int32_t shapes[][3] = {{1, 1, 1},   {2, 3, 1},    {3, 2, 5},    {15, 1, 2},  {16, 17, 3}, {17, 5, 9},
                                        {63, 4, 4},  {64, 9, 2},   {65, 33, 3},  {100, 7, 6}, {1, 20, 1},  {1, 1, 30},
                                        {8, 66, 11}, {24, 24, 24}, {130, 70, 2}, {512, 6, 5}, {577, 3, 3}};
    static const int some[] = {1, 7}, all[] = {1, 2, 7};
    const rs_probe *probe = NULL;
    for (int i = 0; i < rs_kernels_count(); i++)
        if (strcmp(rs_kernels_name(i), name) == 0) probe = rs_kernels_probe(i);
    assert_non_null(probe);
    uint64_t seed = 2024;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int variant = 0; variant < probe->variants; variant++)
            for (int extremes = 0; extremes < 2; extremes++) {
                rs_probe_case c = {++seed, {shapes[s][0], shapes[s][1], shapes[s][2]}, variant, extremes != 0};
                agree_case(name, probe, &c, some, 2);
            }
    /* Random shapes, drawn from a seed. */
    uint64_t state = 99;
    for (int draw = 0; draw < 6; draw++) {
        rs_probe_case c = {rs_probe_next(&state), {0}, draw % probe->variants, draw % 3 == 2};
        for (int a = 0; a < 3; a++)
            c.n[a] = 1 + (int32_t)(rs_probe_next(&state) % (a == 0 ? 70 : 30));
        agree_case(name, probe, &c, all, 3);
    }
}

#endif
