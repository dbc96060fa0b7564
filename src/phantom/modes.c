/* The table of modes, and their hooks called in its order. */
#include "mode.h"

static const rs_phantom_mode *const table[RS_PHANTOM_MODES] = {
#define X(name) &rs_phantom_mode_##name,
#include "modes.def"
#undef X
};

const rs_phantom_mode *rs_phantom_mode_at(rs_phantom_mode_id id)
{
    return table[id];
}

bool rs_phantom_mode_row_at(int mode, rs_phantom_mode_row *out)
{
    if (mode < 0 || mode >= RS_PHANTOM_MODES) return false;
    const rs_phantom_mode *m = table[mode];
    *out = (rs_phantom_mode_row){m->name, m->failure, m->what != NULL ? m->what : "", m->share, m->n_knobs};
    return true;
}

bool rs_phantom_knob_row_at(int mode, int knob, rs_phantom_knob_row *out)
{
    if (mode < 0 || mode >= RS_PHANTOM_MODES || knob < 0 || knob >= table[mode]->n_knobs) return false;
    const rs_phantom_knob *k = &table[mode]->knobs[knob];
    *out = (rs_phantom_knob_row){k->name, k->what, k->range.low, k->range.high, k->least, k->most};
    return true;
}

/* What is drawn anew with the lesions, or with the scanner, does not hang on the anatomy's seed. */
static uint64_t seed_of(const rs_phantom_model *m, rs_phantom_mode_id id)
{
    const uint64_t seeds[] = {m->seed, m->lesion_seed, m->scan_seed};
    return seeds[table[id]->drawn_with];
}

bool rs_phantom_has(const rs_phantom_model *model, rs_phantom_mode_id id)
{
    const rs_phantom_setting *setting = &model->recipe.mode[id];
    rs_phantom_random random = rs_phantom_random_of(seed_of(model, id), RS_PHANTOM_STREAM_HAS, (uint64_t)id);
    return setting->on && rs_phantom_uniform(&random, 0.0, 1.0) < setting->share;
}

double rs_phantom_draw(const rs_phantom_mode_call *call, int knob)
{
    const rs_phantom_range *range = &call->setting->knob[knob];
    return rs_phantom_uniform(call->random, range->low, range->high);
}

const rs_phantom_setting *rs_phantom_setting_of(const rs_phantom_model *model, rs_phantom_mode_id id)
{
    return model->has[id] ? &model->recipe.mode[id] : NULL;
}

rs_status rs_phantom_irrelevant_add(const rs_phantom_mode_call *call, const double p[3], double diameter_mm,
                                    const char *what)
{
    rs_phantom_model *m = call->model;
    rs_phantom_irrelevant *it =
        rs_arena_push(call->arena, (void **)&m->irrelevant, m->n_irrelevant, &m->irrelevant_capacity, sizeof *it);
    if (it == NULL) return rs_fail_memory(call->ctx, "the phantom");
    *it = (rs_phantom_irrelevant){.centre = {p[0], p[1], p[2]}, .diameter_mm = diameter_mm, .what = what};
    m->n_irrelevant++;
    return RS_OK;
}

/* The three hooks that change the model; each mode draws from numbers of its own, hook by hook. */
typedef enum hook { HOOK_ANATOMY = 0, HOOK_SCAN, HOOK_TUBES, HOOK_DRAW } hook;

static rs_status call_mode(const rs_phantom_mode_call *call, rs_phantom_mode_id id, hook which)
{
    const rs_phantom_mode *mode = table[id];
    rs_status (*const change[])(const rs_phantom_mode_call *) = {mode->anatomy, mode->scan, mode->tubes};
    if (which == HOOK_DRAW) return mode->draw != NULL ? mode->draw(call, &call->model->drawn[id]) : RS_OK;
    return change[which] != NULL ? change[which](call) : RS_OK;
}

static rs_status call_modes(rs_context *ctx, rs_arena *arena, rs_phantom_model *m, hook which)
{
    for (int id = 0; id < RS_PHANTOM_MODES; id++) {
        if (!m->has[id]) continue;
        rs_phantom_random random = rs_phantom_random_of(seed_of(m, (rs_phantom_mode_id)id), RS_PHANTOM_STREAM_MODE,
                                                        (uint64_t)id * 4 + (uint64_t)which);
        const rs_phantom_mode_call call = {ctx, arena, m, &m->recipe.mode[id], &random};
        RS_TRY(call_mode(&call, (rs_phantom_mode_id)id, which));
    }
    return RS_OK;
}

rs_status rs_phantom_modes_anatomy(rs_context *ctx, rs_arena *arena, rs_phantom_model *model)
{
    return call_modes(ctx, arena, model, HOOK_ANATOMY);
}

rs_status rs_phantom_modes_scan(rs_context *ctx, rs_arena *arena, rs_phantom_model *model)
{
    return call_modes(ctx, arena, model, HOOK_SCAN);
}

rs_status rs_phantom_modes_tubes(rs_context *ctx, rs_arena *arena, rs_phantom_model *model)
{
    return call_modes(ctx, arena, model, HOOK_TUBES);
}

rs_status rs_phantom_modes_draw(rs_context *ctx, rs_arena *arena, rs_phantom_model *model)
{
    return call_modes(ctx, arena, model, HOOK_DRAW);
}

bool rs_phantom_modes_forbid(const rs_phantom_model *model, const double p[3], double radius_mm)
{
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        if (model->has[id] && table[id]->forbids != NULL && table[id]->forbids(model, model->drawn[id], p, radius_mm))
            return true;
    return false;
}

void rs_phantom_modes_paint(rs_phantom_plane *plane, rs_phantom_stage stage)
{
    const rs_phantom_model *m = plane->model;
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        if (m->has[id] && table[id]->paint != NULL && (table[id]->stages & (int)stage) != 0)
            table[id]->paint(m->drawn[id], plane, stage);
}

void rs_phantom_modes_slice(const rs_phantom_model *model, int32_t slice, float *hu, float *scratch)
{
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        if (model->has[id] && table[id]->slice != NULL) table[id]->slice(model, model->drawn[id], slice, hu, scratch);
}

void rs_phantom_modes_phase(const rs_phantom_model *model, int64_t sub, double z, rs_phantom_anatomy *anatomy)
{
    for (int id = 0; id < RS_PHANTOM_MODES; id++) {
        if (!model->has[id] || table[id]->phase == NULL) continue;
        *anatomy = model->anatomy;
        table[id]->phase(model->drawn[id], sub, z, anatomy);
    }
}
