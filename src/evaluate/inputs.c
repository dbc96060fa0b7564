/* The files that an evaluation was made from, by the end of their paths: whole ones hold where somebody keeps them. */
#include <string.h>

#include "room.h"

/* The last two parts of a path: every phantom has a truth.json. */
static const char *end_of(const char *path, rs_arena *arena)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    size_t at = n;
    for (int parts = 0; at > 0; at--)
        if (path[at - 1] == '/' && at < n && ++parts == 2) break;
    return rs_arena_printf(arena, "%.*s", (int)(n - at), path + at);
}

static rs_status add(rs_context *ctx, rs_evaluation *out, const char *role, const char *path, rs_arena *arena)
{
    if (path == NULL) return RS_OK;
    rs_evaluated_input *row = &out->inputs[out->n_inputs++];
    *row = (rs_evaluated_input){.role = role, .name = end_of(path, arena)};
    return row->name != NULL ? RS_OK : rs_fail_memory(ctx, "the names of the files");
}

rs_status rs_inputs_list(rs_context *ctx, const rs_evaluate_options *o, rs_arena *arena, rs_evaluation *out)
{
    const struct {
        const char *role;
        const char *const *paths;
        int n;
    } kinds[] = {{"marks", o->marks, o->n_marks},
                 {"truth", o->truths, o->n_truths},
                 {"irrelevant", o->irrelevant, o->n_irrelevant},
                 {"scans", &o->scans, 1},
                 {"images", o->images, o->n_images}};
    int n = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        n += kinds[k].n;
    out->inputs = RS_ARENA_NEW(arena, rs_evaluated_input, n);
    if (out->inputs == NULL) return rs_fail_memory(ctx, "the names of the files");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int i = 0; i < kinds[k].n; i++)
            RS_TRY(add(ctx, out, kinds[k].role, kinds[k].paths[i], arena));
    return RS_OK;
}
