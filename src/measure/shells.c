/* Medians over all directions at every distance from the ball's centre: what surrounds a lesion on all sides moves
   them, vessels, spicules and a fissure hardly do. */
#include <math.h>
#include <string.h>

#include "window.h"

#define LEAST_IN_SHELL 12
#define EDGE 0.4 /* FWHM beyond the radius: within, the ball's own misfit is large */
#define NEAR 4   /* shells beside the ball, in which a halo shows */
#define FAR_FROM 5
#define FAR_TO 12
#define ERROR_SHELL_MM 0.4
#define LEAST_ERRORS 6

/* Values sorted into shells by one counting pass and one filling pass. */
typedef struct sorted {
    int64_t first[RS_SHELLS + 2], next[RS_SHELLS + 1];
} sorted;

static void count(sorted *s, int shell)
{
    s->first[shell + 1]++;
}

static void end_counting(sorted *s)
{
    for (int b = 0; b <= RS_SHELLS; b++)
        s->first[b + 1] += s->first[b];
    memcpy(s->next, s->first, sizeof s->next);
}

static int64_t in_shell(const sorted *s, int shell)
{
    return s->first[shell + 1] - s->first[shell];
}

/* RS_SHELLS: beyond the last, or another tissue. */
static int shell_of(const rs_fit_state *state, int64_t v)
{
    const rs_crop *crop = state->request->crop;
    if (state->centre_searched && !crop->searched[v]) return RS_SHELLS;
    int32_t plane = crop->n[0] * crop->n[1], at = (int32_t)v, k = at / plane, row = at % plane;
    const double *s = crop->spacing_mm, *c = state->value;
    double x = row % crop->n[0] * s[0] - c[0], y = row / crop->n[0] * s[1] - c[1], z = k * s[2] - c[2];
    double shell = sqrt(x * x + y * y + z * z) / RS_SHELL_MM;
    return shell < RS_SHELLS ? (int)shell : RS_SHELLS;
}

void rs_shells_take(const rs_fit_state *state, float *room, rs_shells *out)
{
    const rs_crop *crop = state->request->crop;
    sorted s = {0};
    for (int64_t v = 0; v < crop->count; v++)
        count(&s, shell_of(state, v));
    end_counting(&s);
    for (int64_t v = 0; v < crop->count; v++)
        room[s.next[shell_of(state, v)]++] = crop->hu[v];
    out->n = 0;
    for (int b = 0; b < RS_SHELLS; b++) {
        int64_t n = in_shell(&s, b);
        if (n < LEAST_IN_SHELL && b > 2) break;
        double off = (b + 0.5) * RS_SHELL_MM / sqrt(3.0); /* along the diagonal: between plane and axis */
        rs_sphere_value ball;
        rs_sphere_at(&state->sphere, (double[3]){off, off, off}, &ball);
        out->hu[b] = (n > 0 ? rs_quantile(room + s.first[b], n, 0.5) : (double)NAN);
        out->hu[b] -= state->value[RS_FIT_CONTRAST] * ball.s;
        out->n = b + 1;
    }
}

int rs_shells_edge(const rs_fit_state *state)
{
    return (int)((exp(state->value[RS_FIT_LN_R]) + EDGE * state->psf.in_plane_mm) / RS_SHELL_MM);
}

double rs_shells_halo(const rs_fit_state *state, const rs_shells *shells)
{
    int edge = rs_shells_edge(state), n = 0;
    float far[FAR_TO - FAR_FROM];
    double most = -INFINITY;
    for (int b = edge; b < edge + NEAR && b < shells->n; b++)
        most = fmax(most, shells->hu[b]);
    for (int b = edge + FAR_FROM; b < edge + FAR_TO && b < shells->n; b++)
        far[n++] = (float)shells->hu[b];
    return n > 0 && isfinite(most) ? most - rs_quantile(far, n, 0.5) : 0.0;
}

static double distance_mm(const rs_fit_voxel *voxel, const double centre_mm[3])
{
    double r2 = 0.0;
    for (int a = 0; a < 3; a++)
        r2 += (voxel->at_mm[a] - centre_mm[a]) * (voxel->at_mm[a] - centre_mm[a]);
    return sqrt(r2);
}

double rs_shells_squares(const rs_fit_state *state, const double centre_mm[3], double radius_mm, float *room)
{
    sorted s = {0};
    const int last = radius_mm < ERROR_SHELL_MM * RS_SHELLS ? (int)(radius_mm / ERROR_SHELL_MM) : RS_SHELLS - 1;
    double sum = 0.0;
    for (int64_t v = 0; v < state->n; v++) {
        double shell = distance_mm(&state->voxels[v], centre_mm) / ERROR_SHELL_MM;
        count(&s, shell < last + 1.0 ? (int)shell : RS_SHELLS);
    }
    end_counting(&s);
    for (int64_t v = 0; v < state->n; v++) {
        double shell = distance_mm(&state->voxels[v], centre_mm) / ERROR_SHELL_MM;
        room[s.next[shell < last + 1.0 ? (int)shell : RS_SHELLS]++] = (float)state->voxels[v].error_hu;
    }
    for (int b = 0; b <= last; b++) {
        int64_t n = in_shell(&s, b);
        if (n < LEAST_ERRORS) continue;
        double median = rs_quantile(room + s.first[b], n, 0.5);
        sum += (double)n * median * median;
    }
    return sum;
}
