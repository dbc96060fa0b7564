/* Time point 1: each lesion of time point 0 stays, grows or shrinks, or vanishes; new ones come. */
#include "mode.h"

static bool in_box(const rs_phantom_model *m, const double p[3])
{
    const rs_phantom_scan *s = &m->scan;
    const double step[3] = {s->pixel_mm, s->pixel_mm, s->spacing_mm};
    const int32_t n[3] = {s->columns, s->rows, s->slices};
    for (int c = 0; c < 3; c++)
        if (p[c] < s->corner_mm[c] || p[c] > s->corner_mm[c] + (n[c] - 1) * step[c]) return false;
    return true;
}

static int number_of_new(const rs_phantom_follow_up *plan, rs_phantom_random *r)
{
    double low = floor(plan->new_lesions.low + 0.5), high = floor(plan->new_lesions.high + 0.5);
    return (int)floor(rs_phantom_uniform(r, low, high + 1.0));
}

rs_status rs_phantom_lesions_follow(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                    rs_phantom_lesions *lesions, rs_phantom_lesions *gone)
{
    const rs_phantom_follow_up *plan = &args->model->recipe.follow_up;
    const int before = lesions->n;
    int kept = 0;
    *gone = (rs_phantom_lesions){RS_ARENA_NEW(arena, rs_phantom_lesion, before), 0, 0};
    if (gone->items == NULL) return rs_fail_memory(ctx, "the phantom's lesions");
    for (int n = 0; n < before; n++) {
        rs_phantom_random random = rs_phantom_random_of(args->seed, RS_PHANTOM_STREAM_TIME, (uint64_t)n + 1);
        rs_phantom_lesion l = lesions->items[n];
        double fate = rs_phantom_uniform(&random, 0.0, 1.0),
               growth = rs_phantom_uniform(&random, plan->growth.low, plan->growth.high);
        l.id_before = n + 1;
        if (fate < plan->vanished_share) {
            l.fate = RS_PHANTOM_VANISHED;
            gone->items[gone->n++] = l;
            continue;
        }
        if (fate < plan->vanished_share + plan->grown_share) {
            l.fate = RS_PHANTOM_GROWN;
            rs_phantom_lesion_scale(&l, rs_phantom_pow(growth, 1.0 / 3.0));
            l.nominal_mm *= rs_phantom_pow(growth, 1.0 / 3.0);
            rs_phantom_lesion_settle(args, &l);
        }
        lesions->items[kept++] = l;
    }
    lesions->n = lesions->asked = kept;
    rs_phantom_random random = rs_phantom_random_of(args->seed, RS_PHANTOM_STREAM_TIME, 0);
    RS_TRY(rs_phantom_lesions_add_new(ctx, arena, args, number_of_new(plan, &random), lesions));
    for (int n = kept; n < lesions->n; n++)
        lesions->items[n].fate = RS_PHANTOM_NEW;
    /* What another scanner's box leaves out did not vanish, and is told of as such. */
    kept = 0;
    for (int n = 0; n < lesions->n; n++) {
        const rs_phantom_lesion *l = &lesions->items[n];
        if (in_box(args->model, l->centre)) {
            lesions->items[kept++] = *l;
        } else if (l->id_before > 0) {
            gone->items[gone->n++] = *l;
        }
    }
    lesions->n = kept;
    return RS_OK;
}
