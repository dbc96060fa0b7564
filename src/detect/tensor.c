/* Small dense algebra with one order of operations everywhere. */
#include "tensor.h"

#include <math.h>

static void rotate(double m[3][3], int p, int q)
{
    if (m[p][q] == 0) return;
    double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c, off = m[p][q];
    int r = 3 - p - q;
    m[p][p] -= t * off;
    m[q][q] += t * off;
    m[p][q] = m[q][p] = 0;
    double rp = m[r][p], rq = m[r][q];
    m[r][p] = m[p][r] = c * rp - s * rq;
    m[r][q] = m[q][r] = s * rp + c * rq;
}

void rs_tensor_eigenvalues(const double tensor[6], double rising[3])
{
    double m[3][3] = {
        {tensor[0], tensor[3], tensor[4]}, {tensor[3], tensor[1], tensor[5]}, {tensor[4], tensor[5], tensor[2]}};
    for (int sweep = 0; sweep < 8; sweep++) {
        rotate(m, 0, 1);
        rotate(m, 0, 2);
        rotate(m, 1, 2);
    }
    for (int n = 0; n < 3; n++)
        rising[n] = m[n][n];
    for (int pass = 0; pass < 2; pass++)
        for (int n = 0; n < 2; n++)
            if (rising[n] > rising[n + 1]) {
                double swap = rising[n];
                rising[n] = rising[n + 1];
                rising[n + 1] = swap;
            }
}

int rs_solve6(double a[6][6], double b[6])
{
    for (int c = 0; c < 6; c++) {
        for (int r = c; r < 6; r++) {
            double sum = a[r][c];
            for (int n = 0; n < c; n++)
                sum -= a[r][n] * a[c][n];
            if (r > c) {
                a[r][c] = sum / a[c][c];
            } else {
                if (!(sum > 0)) return 0;
                a[c][c] = sqrt(sum);
            }
        }
    }
    for (int r = 0; r < 6; r++) {
        for (int n = 0; n < r; n++)
            b[r] -= a[r][n] * b[n];
        b[r] /= a[r][r];
    }
    for (int r = 5; r >= 0; r--) {
        for (int n = r + 1; n < 6; n++)
            b[r] -= a[n][r] * b[n];
        b[r] /= a[r][r];
    }
    return 1;
}

int rs_solve3(const double t[6], const double b[3], double x[3])
{
    double c0 = t[1] * t[2] - t[5] * t[5], c1 = t[4] * t[5] - t[3] * t[2], c2 = t[3] * t[5] - t[4] * t[1];
    double det = t[0] * c0 + t[3] * c1 + t[4] * c2;
    double size = fabs(t[0]) + fabs(t[1]) + fabs(t[2]) + fabs(t[3]) + fabs(t[4]) + fabs(t[5]);
    if (!(fabs(det) > 1e-12 * size * size * size)) return 0;
    double d0 = t[0] * t[2] - t[4] * t[4], d1 = t[3] * t[4] - t[0] * t[5], e0 = t[0] * t[1] - t[3] * t[3];
    x[0] = (c0 * b[0] + c1 * b[1] + c2 * b[2]) / det;
    x[1] = (c1 * b[0] + d0 * b[1] + d1 * b[2]) / det;
    x[2] = (c2 * b[0] + d1 * b[1] + e0 * b[2]) / det;
    return 1;
}
