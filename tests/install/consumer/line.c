/* Uses librestage: lists the libraries behind it, and is told that a folder is not there. */
#include <stdio.h>

#include <restage/run.h>

int main(void)
{
    rs_context *ctx;
    rs_study *study;
    const char *const *libraries;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    for (int i = 0, n = rs_run_libraries(&libraries); i < n; i++)
        printf("%s\n", libraries[i]);
    rs_status status = rs_study_open(ctx, "/nowhere/at/all", NULL, &study);
    printf("%s\n", rs_context_message(ctx));
    rs_context_free(ctx);
    return status == RS_NO_INPUT ? 0 : 1;
}
