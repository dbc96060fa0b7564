/* A failure mode of science F: one file in modes/, one row in modes.def. It draws what it needs once a patient, and
   paints it into every sub-slice or changes numbers of the patient, the scanner or the lesions. */
#ifndef PHANTOM_MODE_H
#define PHANTOM_MODE_H

#include "model.h"
#include "random.h"
#include "recipe.h"

/* When a mode paints: later stages over earlier ones. */
typedef enum rs_phantom_stage {
    RS_PHANTOM_STAGE_LUNG = 1,    /* behind the lungs and their texture, before heart, bones, vessels */
    RS_PHANTOM_STAGE_VESSELS = 2, /* behind arteries and veins, before airways: dense things in air */
    RS_PHANTOM_STAGE_AIRWAYS = 4, /* behind lesions and airways */
    RS_PHANTOM_STAGE_OVER = 8     /* over everything: metal, doubled edges */
} rs_phantom_stage;

/* Whose seed draws a mode: who has it, and its hooks. */
typedef enum rs_phantom_drawn_with {
    RS_PHANTOM_WITH_ANATOMY = 0,
    RS_PHANTOM_WITH_LESIONS,
    RS_PHANTOM_WITH_SCANNER /* anew in every scan of the patient: kernel, streaks of a bolus, motion */
} rs_phantom_drawn_with;

typedef struct rs_phantom_mode_call {
    rs_context *ctx;
    rs_arena *arena;
    rs_phantom_model *model;
    const rs_phantom_setting *setting;
    rs_phantom_random *random; /* of this mode and patient alone */
} rs_phantom_mode_call;

typedef struct rs_phantom_mode {
    const char *name, *failure, *what; /* "scars", "F6", a sentence */
    double share;                      /* of patients, where a recipe says nothing of it */
    const rs_phantom_knob *knobs;
    int n_knobs;
    rs_phantom_drawn_with drawn_with;
    /* Each may be NULL. In this order, each for all modes before the next: */
    rs_status (*anatomy)(const rs_phantom_mode_call *call); /* changes model->anatomy before anything grows from it */
    rs_status (*scan)(const rs_phantom_mode_call *call);    /* changes model->scan, drawn already */
    rs_status (*tubes)(const rs_phantom_mode_call *call);   /* adds tubes, or changes those that grew */
    rs_status (*draw)(const rs_phantom_mode_call *call, void **drawn); /* what it paints; in the arena */
    /* May no lesion of that radius lie here? */
    bool (*forbids)(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm);
    int stages; /* of rs_phantom_stage: paint is called at these */
    void (*paint)(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage);
    /* Changes a whole slice behind the blur, before the noise: streaks. hu, scratch: columns x rows. */
    void (*slice)(const rs_phantom_model *model, const void *drawn, int32_t slice, float *hu, float *scratch);
    /* Changes the anatomy of one sub-slice alone: breath. sub counts them from the scan's first slice. */
    void (*phase)(const void *drawn, int64_t sub, double z, rs_phantom_anatomy *anatomy);
} rs_phantom_mode;

#define X(name) extern const rs_phantom_mode rs_phantom_mode_##name;
#include "modes.def"
#undef X

const rs_phantom_mode *rs_phantom_mode_at(rs_phantom_mode_id id);

/** Has this patient the mode? Drawn from the seed that the mode is drawn with, and the setting's share. */
bool rs_phantom_has(const rs_phantom_model *model, rs_phantom_mode_id id);

/** A value of knob n, drawn evenly from its range. */
double rs_phantom_draw(const rs_phantom_mode_call *call, int knob);

/** The settings of a mode that this patient has; NULL: it has not. For lesions, whose modes have no hooks. */
const rs_phantom_setting *rs_phantom_setting_of(const rs_phantom_model *model, rs_phantom_mode_id id);

/** Lists a thing that is neither true nor false, in anatomy's coordinates. what: static. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_irrelevant_add(const rs_phantom_mode_call *call, const double p[3], double diameter_mm,
                                                const char *what);

/* The hooks of every mode that the patient has, for the builder and the painter. */
RS_MUST_USE rs_status rs_phantom_modes_anatomy(rs_context *ctx, rs_arena *arena, rs_phantom_model *model);
RS_MUST_USE rs_status rs_phantom_modes_scan(rs_context *ctx, rs_arena *arena, rs_phantom_model *model);
RS_MUST_USE rs_status rs_phantom_modes_tubes(rs_context *ctx, rs_arena *arena, rs_phantom_model *model);
RS_MUST_USE rs_status rs_phantom_modes_draw(rs_context *ctx, rs_arena *arena, rs_phantom_model *model);
bool rs_phantom_modes_forbid(const rs_phantom_model *model, const double p[3], double radius_mm);
void rs_phantom_modes_paint(rs_phantom_plane *plane, rs_phantom_stage stage);
void rs_phantom_modes_slice(const rs_phantom_model *model, int32_t slice, float *hu, float *scratch);
void rs_phantom_modes_phase(const rs_phantom_model *model, int64_t sub, double z, rs_phantom_anatomy *anatomy);

#endif
