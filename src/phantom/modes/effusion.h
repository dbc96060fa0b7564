/* Which side the fluid lies on: another mode may want the other one. */
#ifndef PHANTOM_MODES_EFFUSION_H
#define PHANTOM_MODES_EFFUSION_H

#include "mode.h"

/** 0 right, 1 left. */
int rs_phantom_effusion_side(const rs_phantom_model *model);

/** Millilitres of fluid in the whole chest of what the mode drew, and the density; for tests. */
double rs_phantom_effusion_ml(const void *drawn, double *hu);

#endif
