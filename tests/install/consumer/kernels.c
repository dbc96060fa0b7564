/* Uses librestage-kernels alone. */
#include <stdio.h>

#include <restage/context.h>
#include <restage/kernels.h>
#include <restage/version.h>

int main(void)
{
    rs_context *ctx;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    printf("%s %s %d\n", rs_version(), rs_tier_name(rs_context_kernels(ctx)->tier), rs_kernels_count());
    rs_context_free(ctx);
    return 0;
}
