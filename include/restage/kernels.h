/* The kernels room: fast, well-tested loops over plain arrays. A kernel is a row of RS_KERNEL_TABLE, a header
   restage/kernels/NAME.h with its arguments and promise, and the files kernels/NAME/NAME_{ref,opt,probe}.c; the row
   demands them at link time. Kernels know no DICOM, no organ and no parameter table; they allocate only from the
   context's scratch or from an arena that the arguments bring.

       #include "restage/kernels.h"
       #include "restage/kernels/gauss.h"
       RS_TRY(rs_context_kernels(ctx)->gauss(ctx, &(struct rs_gauss_args){.n = {64, 64, 40}, .in = a, .out = b, …}));

   Boxes are packed arrays, columns (i) fastest, then rows (j), then slices (k). Every tier but `ref` gives the same
   bits, with any number of threads; `ref` is the plain truth that they are held against. Wrong arguments are a defect
   of the caller: RS_DEFECT. Every kernel may also return RS_NO_MEMORY and RS_CANCELLED. */
#ifndef RESTAGE_KERNELS_H
#define RESTAGE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// clang-format off
/* X(name, what it does); append at the end */
#define RS_KERNEL_TABLE(X) \
    X(gauss,      "Gaussian of a box, separable, exact second moments") \
    X(laplace,    "negative Laplacian of Gaussian of a box, anisotropic") \
    X(maxima,     "strict local maxima in space and scale") \
    X(components, "connected components by runs") \
    X(distance,   "exact Euclidean distance inside a mask") \
    X(ball,       "dilation, erosion, closing, opening by a ball, on bits") \
    X(resample,   "nearest, linear and cubic B-spline resampling on the axes") \
    X(halve,      "blur and halve an int16 volume") \
    X(hessian,    "determinant of the Hessian of Gaussian, anisotropic") \
    X(dense,      "dense layer of a network over many rows") \
    X(fan,        "values of an int16 volume along rays from one point") \
    /* end of the table */
// clang-format on

#define RS_KERNEL_FORWARD(name, about) struct rs_##name##_args;
RS_KERNEL_TABLE(RS_KERNEL_FORWARD)
#undef RS_KERNEL_FORWARD

typedef struct rs_kernels {
    rs_tier tier;
#define RS_KERNEL_MEMBER(name, about) rs_status (*name)(rs_context * ctx, const struct rs_##name##_args *args);
    RS_KERNEL_TABLE(RS_KERNEL_MEMBER)
#undef RS_KERNEL_MEMBER
} rs_kernels;

/** Kernels of the context's tier, of the best that this CPU has where none was set; static, never NULL. */
RS_API const rs_kernels *rs_context_kernels(const rs_context *ctx);

/** True where this build and this CPU have the tier. */
RS_API bool rs_tier_is_available(rs_tier tier);

/**
 * Picks a tier; RS_TIER_UNKNOWN: the best.
 *
 * returns  RS_OK; RS_USAGE where this CPU (or this build) lacks it, naming those it has
 */
RS_API RS_MUST_USE rs_status rs_context_set_tier(rs_context *ctx, rs_tier tier);

/** The same by name ("avx2"); RS_USAGE also for a name that is no tier. */
RS_API RS_MUST_USE rs_status rs_context_set_tier_name(rs_context *ctx, const char *name);

/** Number of kernels, and kernel i's name, what it does, and the size of its arguments; static. */
RS_API int rs_kernels_count(void);
RS_API const char *rs_kernels_name(int i);
RS_API const char *rs_kernels_about(int i);
RS_API size_t rs_kernels_args_size(int i);

/**
 * Runs a kernel by name, for callers that are not C.
 *
 * args     the kernel's struct, size bytes
 * returns  what the kernel returns; RS_USAGE for an unknown name or a struct of another size
 */
RS_API RS_MUST_USE rs_status rs_kernel_run(rs_context *ctx, const char *name, const void *args, size_t size);

#ifdef __cplusplus
}
#endif
#endif
