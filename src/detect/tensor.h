/* Symmetric 3 x 3 matrices in double; private to the room. Order of the entries: xx, yy, zz, xy, xz, yz. */
#ifndef DETECT_TENSOR_H
#define DETECT_TENSOR_H

/** Eigenvalues, rising; by Jacobi rotations, square roots only. */
void rs_tensor_eigenvalues(const double tensor[6], double rising[3]);

/**
 * Solves a x = b for a symmetric positive definite 6 x 6 matrix (Cholesky); a and b are destroyed, x stands in b.
 * Returns 0 where a is not positive definite.
 */
int rs_solve6(double a[6][6], double b[6]);

/** Solves the symmetric 3 x 3 system; returns 0 where it is singular. */
int rs_solve3(const double tensor[6], const double b[3], double x[3]);

#endif
