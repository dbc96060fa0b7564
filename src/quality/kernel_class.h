/* How sharp a reconstruction is, by the name of its kernel. */
#ifndef QUALITY_KERNEL_CLASS_H
#define QUALITY_KERNEL_CLASS_H

/* Classes of kernels, softest first. */
typedef enum rs_kernel_class {
    RS_KERNEL_UNKNOWN = 0,
    RS_KERNEL_SMOOTH,
    RS_KERNEL_MEDIUM,
    RS_KERNEL_SHARP
} rs_kernel_class;

/**
 * Class of a ConvolutionKernel as the vendors spell it ("B45f", "STANDARD", "FC13", "YA", "LUNG"); letters of either
 * case, what follows a backslash or a blank belongs to the next value and is not looked at.
 *
 * kernel   NULL and "" are unknown
 * source   science D1.5
 */
rs_kernel_class rs_kernel_class_of(const char *kernel);

/** FWHM in plane of a class, mm; unknown kernels get the middle one. */
double rs_kernel_in_plane_mm(rs_kernel_class kernel_class);

#endif
