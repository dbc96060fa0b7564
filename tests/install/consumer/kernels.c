/* Uses librestage-kernels alone. */
#include <stdio.h>

#include <restage/bench.h>
#include <restage/context.h>
#include <restage/kernels.h>
#include <restage/version.h>

int main(void)
{
    rs_context *ctx;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    printf("%s %s %d\n", rs_version(), rs_tier_name(rs_context_kernels(ctx)->tier), rs_kernels_count());
    rs_bench_agreement agreement;
    rs_status status = rs_bench_agree(ctx, "gauss", &agreement);
    rs_context_free(ctx);
    return status == RS_OK && agreement.agrees && agreement.same_bits ? 0 : 1;
}
