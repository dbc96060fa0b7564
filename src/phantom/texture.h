/* The cube of texture: power-law density noise, repeating. */
#ifndef PHANTOM_TEXTURE_H
#define PHANTOM_TEXTURE_H

#include "model.h"

/** Makes the cube, exponent 3. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_texture_new(rs_context *ctx, rs_arena *arena, uint64_t seed, const float **out);

/** Makes a cube whose spectrum falls as frequency^-exponent; the caller may change it. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_texture_make(rs_context *ctx, rs_arena *arena, uint64_t seed, double exponent,
                                              float **out);

/** Its section at a height, linear between its layers: RS_PHANTOM_TILE^2 floats. */
void rs_phantom_texture_section(const float *cube, double z, float *out);

#endif
