/* Prints every parameter of the line as the table that stands in README.md:
       cc parameters.c $(pkg-config --cflags --libs restage) && ./a.out */
#include <stdio.h>

#include <restage/param.h>
#include <restage/run.h>

int main(void)
{
    rs_context *ctx;
    rs_params *params;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    if (rs_run_params_new(ctx, &params) != RS_OK) {
        fprintf(stderr, "%s\n", rs_context_message(ctx));
        rs_context_free(ctx);
        return 1;
    }
    printf("| parameter | default | range | unit | what | source |\n| --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < rs_params_count(params); i++) {
        const rs_param *p = rs_params_row(params, i, NULL, NULL, NULL);
        printf("| `%s` | %g | %g to %g | %s | %s | %s |\n", p->name, p->default_value, p->min, p->max, p->unit, p->help,
               p->source);
    }
    rs_params_free(params);
    rs_context_free(ctx);
    return 0;
}
