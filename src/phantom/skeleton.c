/* Bones as tubes: ribs along the cage, arches of the vertebrae, sternum, clavicles. The vertebral bodies are painted as
   discs (paint.c). A rib is flat: two round tubes, one above the other. */
#include "anatomy.h"

#include <string.h>

rs_status rs_phantom_tube_add(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes, const rs_phantom_tube *tube)
{
    void *items = tubes->items;
    rs_phantom_tube *place = rs_arena_push(arena, &items, tubes->n, &tubes->capacity, sizeof *place);
    if (place == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    tubes->items = items;
    *place = *tube;
    tubes->n++;
    return RS_OK;
}

rs_status rs_phantom_path_add(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes, const rs_phantom_path *path)
{
    for (int n = 0; n + 1 < path->n; n++) {
        double step = (path->end_mm - path->radius_mm) / (path->n - 1);
        rs_phantom_tube tube = {.radius_a = (float)(path->radius_mm + step * n),
                                .radius_b = (float)(path->radius_mm + step * (n + 1)),
                                .layer = path->layer};
        for (int c = 0; c < 3; c++) {
            tube.a[c] = (float)path->points[n][c];
            tube.b[c] = (float)path->points[n + 1][c];
        }
        RS_TRY(rs_phantom_tube_add(ctx, arena, tubes, &tube));
    }
    return RS_OK;
}

/* Cortex with its marrow. */
static rs_status add_bone(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes, const rs_phantom_path *path,
                          double cortex_mm)
{
    rs_phantom_path part = *path;
    part.layer = RS_PHANTOM_CORTEX;
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &part));
    part.layer = RS_PHANTOM_MARROW;
    part.radius_mm -= cortex_mm;
    part.end_mm -= cortex_mm;
    return rs_phantom_path_add(ctx, arena, tubes, &part);
}

/* Taylor; |x| <= 3.2 */
static double sine(double x)
{
    double square = x * x, term = x, sum = x;
    for (int n = 2; n < 26; n += 2) {
        term *= -square / (n * (n + 1));
        sum += term;
    }
    return sum;
}

/* A point outside the cage's wall, turn from the back (0) by the side (pi/2) to the front (pi). */
static void on_cage(const rs_phantom_anatomy *a, double z, double turn, double outside_mm, double out[3])
{
    double top = 0.93 * a->height_mm;
    rs_phantom_section s = rs_phantom_section_at(a, z < top ? z : top);
    double cu = sine(turn), cv = sine(M_PI_2 - turn), w = a->squareness * cu * cu * cv * cv;
    double t = w > 1e-6 ? sqrt((1.0 - sqrt(1.0 - 4.0 * w)) / (2.0 * w)) : 1.0;
    double nu = cu / s.a, nv = cv / s.b, n = sqrt(nu * nu + nv * nv);
    out[0] = t * cu * s.a + outside_mm * nu / n;
    out[1] = s.centre_y + t * cv * s.b + outside_mm * nv / n;
    out[2] = z;
}

enum { RIB_POINTS = 34, CARTILAGE_POINTS = 8 };

/* Rib 1 … 12 of one side. */
static rs_status add_rib(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes,
                         int rib, int side)
{
    double start = a->height_mm + 2.0 - 0.0885 * a->height_mm * (rib - 1);
    double drop = rib == 1 ? 24.0 : (rib < 4 ? 40.0 : 58.0);
    double end = rib < 11 ? 2.45 : (rib == 11 ? 1.5 : 1.0);
    double line[RIB_POINTS][3], part[RIB_POINTS][3];
    for (int n = 0; n < RIB_POINTS; n++) {
        double turn = 0.33 + (end - 0.33) * n / (RIB_POINTS - 1);
        on_cage(a, start - drop * (turn - 0.33) / 2.1, turn, 6.2, line[n]);
        line[n][0] *= side;
    }
    for (int half = -1; half <= 1; half += 2) {
        memcpy(part, line, sizeof part);
        for (int n = 0; n < RIB_POINTS; n++)
            part[n][2] += half * 2.9;
        rs_phantom_path path = {part, RIB_POINTS, 3.3, 3.3, RS_PHANTOM_CORTEX};
        RS_TRY(add_bone(ctx, arena, tubes, &path, 1.1));
    }
    if (rib > 10) return RS_OK;
    double tip[CARTILAGE_POINTS][3], rise = rib < 3 ? 4.0 : 5.0 * (rib - 2);
    for (int n = 0; n < CARTILAGE_POINTS; n++) {
        double share = (double)n / (CARTILAGE_POINTS - 1), turn = 2.45 + 0.5 * share;
        on_cage(a, start - drop * (2.45 - 0.33) / 2.1 + rise * share, turn, 6.2, tip[n]);
        tip[n][0] *= side;
    }
    return rs_phantom_path_add(ctx, arena, tubes,
                               &(rs_phantom_path){tip, CARTILAGE_POINTS, 4.5, 4.5, RS_PHANTOM_CARTILAGE});
}

/* Pedicles, transverse and spinous processes of the vertebra at a height. */
static rs_status add_arch(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes,
                          double z)
{
    double y = a->spine_y;
    double spine[2][3] = {{0, y + 26, z - 2}, {0, y + 43, z - 20}};
    RS_TRY(add_bone(ctx, arena, tubes, &(rs_phantom_path){(const double(*)[3])spine, 2, 4.0, 3.4, 0}, 1.2));
    for (int side = -1; side <= 1; side += 2) {
        double arch[4][3] = {
            {side * 11, y + 6, z}, {side * 13, y + 17, z}, {side * 9, y + 23, z - 1}, {0, y + 27, z - 3}};
        double process[2][3] = {{side * 13, y + 17, z}, {side * 33, y + 22, z + 5}};
        RS_TRY(add_bone(ctx, arena, tubes, &(rs_phantom_path){(const double(*)[3])arch, 4, 4.2, 3.5, 0}, 1.3));
        RS_TRY(add_bone(ctx, arena, tubes, &(rs_phantom_path){(const double(*)[3])process, 2, 4.5, 4.0, 0}, 1.3));
    }
    return RS_OK;
}

static rs_status add_sternum(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes)
{
    enum { POINTS = 9 };
    for (int strip = -2; strip <= 2; strip++) {
        double line[POINTS][3];
        for (int n = 0; n < POINTS; n++) {
            double z = a->height_mm * (0.42 + 0.44 * n / (POINTS - 1));
            rs_phantom_section s = rs_phantom_section_at(a, z);
            double wide = n >= POINTS - 3 ? 8.0 : 4.6;
            memcpy(line[n], (double[3]){strip * wide, s.centre_y - s.b - 10.0, z}, sizeof line[n]);
        }
        RS_TRY(add_bone(ctx, arena, tubes, &(rs_phantom_path){(const double(*)[3])line, POINTS, 4.8, 5.6, 0}, 1.0));
    }
    return RS_OK;
}

rs_status rs_phantom_skeleton(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes)
{
    for (int rib = 1; rib <= 12; rib++)
        for (int side = -1; side <= 1; side += 2)
            RS_TRY(add_rib(ctx, arena, a, tubes, rib, side));
    double period = 0.0885 * a->height_mm;
    for (int n = -4; n < 15; n++)
        RS_TRY(add_arch(ctx, arena, a, tubes, a->height_mm - 4.0 - period * (n - 1)));
    RS_TRY(add_sternum(ctx, arena, a, tubes));
    double top = 0.87 * a->height_mm;
    rs_phantom_section s = rs_phantom_section_at(a, top);
    for (int side = -1; side <= 1; side += 2) {
        double y = s.centre_y - s.b;
        double line[4][3] = {{side * 22, y - 12, top + 4},
                             {side * 60, y - 16, top + 16},
                             {side * 95, y + 4, top + 28},
                             {side * 126, y + 34, top + 34}};
        RS_TRY(add_bone(ctx, arena, tubes, &(rs_phantom_path){(const double(*)[3])line, 4, 6.5, 6.0, 0}, 1.5));
    }
    return RS_OK;
}
