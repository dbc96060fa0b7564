/* One const table a tier, and which of them a context means. */
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "probe.h"

#define REF_ENTRY(name, about) .name = rs_##name##__ref,
#define PORTABLE_ENTRY(name, about) .name = rs_##name##__portable,
#define AVX2_ENTRY(name, about) .name = rs_##name##__avx2,
#define NEON_ENTRY(name, about) .name = rs_##name##__neon,

static const rs_kernels ref_kernels = {.tier = RS_TIER_REF, RS_KERNEL_TABLE(REF_ENTRY)};
static const rs_kernels portable_kernels = {.tier = RS_TIER_PORTABLE, RS_KERNEL_TABLE(PORTABLE_ENTRY)};
#ifdef RS_HAVE_AVX2
static const rs_kernels avx2_kernels = {.tier = RS_TIER_AVX2, RS_KERNEL_TABLE(AVX2_ENTRY)};
#endif
#ifdef RS_HAVE_NEON
static const rs_kernels neon_kernels = {.tier = RS_TIER_NEON, RS_KERNEL_TABLE(NEON_ENTRY)};
#endif

/* The tier's table, NULL where this build or this CPU lacks it. */
static const rs_kernels *table_of(rs_tier tier)
{
    switch (tier) {
    case RS_TIER_REF:
        return &ref_kernels;
    case RS_TIER_PORTABLE:
        return &portable_kernels;
#ifdef RS_HAVE_AVX2
    case RS_TIER_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")
                   ? &avx2_kernels
                   : NULL;
#endif
#ifdef RS_HAVE_NEON
    case RS_TIER_NEON:
        return &neon_kernels;
#endif
    default:
        return NULL;
    }
}

const rs_kernels *rs_context_kernels(const rs_context *ctx)
{
    const rs_kernels *k = table_of(rs_context_tier(ctx));
    for (int t = RS_TIER_COUNT - 1; k == NULL; t--)
        k = table_of((rs_tier)t);
    return k;
}

bool rs_tier_is_available(rs_tier tier)
{
    return table_of(tier) != NULL;
}

static void list_tiers(char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (int t = RS_TIER_UNKNOWN + 1; t < RS_TIER_COUNT; t++) {
        if (table_of((rs_tier)t) == NULL) continue;
        int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", rs_tier_name((rs_tier)t));
        if (wrote < 0 || (size_t)wrote >= size - used) return;
        used += (size_t)wrote;
    }
}

rs_status rs_context_set_tier(rs_context *ctx, rs_tier tier)
{
    if (tier != RS_TIER_UNKNOWN && table_of(tier) == NULL) {
        char have[128];
        list_tiers(have, sizeof have);
        return rs_fail(ctx, RS_USAGE, "this machine has no kernel tier %s; it has %s", rs_tier_name(tier), have);
    }
    rs_context_store_tier(ctx, tier);
    return RS_OK;
}

rs_status rs_context_set_tier_name(rs_context *ctx, const char *name)
{
    for (int t = RS_TIER_UNKNOWN + 1; t < RS_TIER_COUNT; t++)
        if (strcmp(name, rs_tier_name((rs_tier)t)) == 0) return rs_context_set_tier(ctx, (rs_tier)t);
    char have[128];
    list_tiers(have, sizeof have);
    return rs_fail(ctx, RS_USAGE, "there is no kernel tier %.40s; this machine has %s", name, have);
}

/* --- by name --------------------------------------------------------------------------------------------------------
 */

#define RUN_FUNCTION(name, about)                                                                                      \
    static rs_status run_##name(rs_context *ctx, const void *args)                                                     \
    {                                                                                                                  \
        return rs_context_kernels(ctx)->name(ctx, (const struct rs_##name##_args *)args);                              \
    }
RS_KERNEL_TABLE(RUN_FUNCTION)

typedef struct row {
    const char *name, *about;
    rs_status (*run)(rs_context *ctx, const void *args);
    const rs_probe *probe;
} row;

#define ROW(name, about) {#name, about, run_##name, &rs_##name##__probe},
static const row rows[] = {RS_KERNEL_TABLE(ROW)};

int rs_kernels_count(void)
{
    return (int)(sizeof rows / sizeof rows[0]);
}

const char *rs_kernels_name(int i)
{
    return rows[i].name;
}

const char *rs_kernels_about(int i)
{
    return rows[i].about;
}

size_t rs_kernels_args_size(int i)
{
    return rows[i].probe->args_size;
}

const rs_probe *rs_kernels_probe(int i)
{
    return rows[i].probe;
}

int rs_kernels_find(const char *name)
{
    for (int i = 0; i < rs_kernels_count(); i++)
        if (name != NULL && strcmp(rows[i].name, name) == 0) return i;
    return -1;
}

rs_status rs_kernels_unknown(rs_context *ctx, const char *name)
{
    return rs_fail(ctx, RS_USAGE, "there is no kernel %.40s", name != NULL ? name : "without a name");
}

rs_status rs_kernel_run(rs_context *ctx, const char *name, const void *args, size_t size)
{
    int i = rs_kernels_find(name);
    if (i < 0) return rs_kernels_unknown(ctx, name);
    size_t wanted = rows[i].probe->args_size;
    if (size != wanted || args == NULL)
        return rs_fail(ctx, RS_USAGE, "kernel %s takes %zu bytes of arguments, not %zu", name, wanted, size);
    return rows[i].run(ctx, args);
}
