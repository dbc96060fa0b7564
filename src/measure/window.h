/* State of one sphere fit, shared by window.c, solve.c, interval.c and fit.c. */
#ifndef MEASURE_WINDOW_H
#define MEASURE_WINDOW_H

#include "room.h"

/* A ball of its own in the ball, a solid or calcified core or a cavity, adds its place, radius and contrast. */
enum {
    RS_FIT_X,
    RS_FIT_Y,
    RS_FIT_Z,
    RS_FIT_LN_R,
    RS_FIT_CONTRAST,
    RS_FIT_BACKGROUND,
    RS_FIT_OF_BALL,
    RS_FIT_CORE_X = RS_FIT_OF_BALL,
    RS_FIT_CORE_Y,
    RS_FIT_CORE_Z,
    RS_FIT_CORE_LN_R,
    RS_FIT_CORE_CONTRAST, /* over that of the ball */
    RS_FIT_UNKNOWNS
};

/* A voxel of the fit's window. */
typedef struct rs_fit_voxel {
    double at_mm[3];
    double hu, weight, error_hu; /* error: image minus model */
    double jacobian[RS_FIT_UNKNOWNS];
    int64_t crop_index;
    bool inside; /* of the zone that is never down-weighted */
} rs_fit_voxel;

typedef double rs_fit_matrix[RS_FIT_UNKNOWNS][RS_FIT_UNKNOWNS];

typedef struct rs_fit_state {
    const rs_fit_request *request;
    rs_psf psf;
    rs_sphere sphere, core;
    int n_unknowns; /* RS_FIT_OF_BALL, or RS_FIT_UNKNOWNS with a core */
    rs_fit_voxel *voxels;
    int64_t n, capacity;
    int32_t stride; /* of the window's columns and rows: 1, all of them */
    double noise_hu;
    bool noise_known, use_prior, centre_searched;
    double doubt_mm; /* diameter with a shell of ground glass that is likely, not sure; 0: none */
    bool soft_shell; /* what lies around the core is soft tissue: its HU is known */
    double centre_reach_mm, largest_radius_mm;
    double value[RS_FIT_UNKNOWNS];
    /* of the weighted squares at value */
    rs_fit_matrix normal;
    double gradient[RS_FIT_UNKNOWNS], cost;
    double window_share; /* of the window that lies in the image */
} rs_fit_state;

/* Takes the voxels of the window around the present values; then their weights by the present errors. */
void rs_fit_window(rs_fit_state *state);
void rs_fit_weights(rs_fit_state *state, bool robust);

/* Volume by the partial-volume integral over that of the model (science C9.9). */
double rs_fit_integral_ratio(const rs_fit_state *state);
/* RMS error inside, noise taken off, over the contrast. */
double rs_fit_misfit(const rs_fit_state *state);

/* Model, errors, Jacobian, normal equations and cost at the present values. */
void rs_fit_evaluate(rs_fit_state *state);
/* Levenberg-Marquardt from the present values; false where it did not come to rest. */
bool rs_fit_solve(rs_fit_state *state, int most_steps);
/* Inverse of the first n rows of a symmetric positive matrix; false where it is not positive. */
bool rs_fit_invert(const rs_fit_matrix a, int n, rs_fit_matrix out);

/* PSF of ball and core. */
void rs_fit_set_psf(rs_fit_state *state, const rs_psf *psf);
/* Passes with renewed window and weights from the present values; NULL, or why they came to nothing. room: one float a
   voxel of the crop. */
const char *rs_fit_run(rs_fit_state *state, bool robust_from_start, float *room);
/* Window and weights of the present values, without a step. */
void rs_fit_settle(rs_fit_state *state);

/* Tries a ball with a core in it; keeps it and returns true where it explains the image far better (state.n_unknowns
   says so), else the state is as before. */
bool rs_fit_try_core(rs_fit_state *state, float *room);

/* ---- shells.c: medians over all directions, which vessels, spicules and a fissure hardly move ---- */

#define RS_SHELLS 64
#define RS_SHELL_MM 0.5

/* Median HU of the shells of the crop around the ball's centre, less what the ball adds there; NaN for an empty one. */
typedef struct rs_shells {
    int n;
    double hu[RS_SHELLS];
} rs_shells;

/* room: one float a voxel of the crop. */
void rs_shells_take(const rs_fit_state *state, float *room, rs_shells *out);
/* The first shell that the ball's own misfit does not reach. */
int rs_shells_edge(const rs_fit_state *state);
/* HU by which the shells next to the ball lie over those some millimetres off. */
double rs_shells_halo(const rs_fit_state *state, const rs_shells *shells);
/* Squares of the median errors of the model in shells around a place up to a radius, each times its voxels. */
double rs_shells_squares(const rs_fit_state *state, const double centre_mm[3], double radius_mm, float *room);

/* Variance of ln R by noise and by the prior (science C9.5). field: one float a voxel of the crop, all 0, left so. */
double rs_fit_noise_variance(const rs_fit_state *state, float *field);
/* Floor of the SD of ln d. */
double rs_fit_model_sd(const rs_fit_state *state, double diameter_mm);
/* Contrast over its own noise, as a matched filter sees it. */
double rs_fit_snr(const rs_fit_state *state);

#endif
