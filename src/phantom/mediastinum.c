/* Great vessels, oesophagus, trachea and main bronchi as tubes through fixed landmarks around the carina and the heart.
 */
#include "anatomy.h"

#define POINTS(line) (const double(*)[3])(line), (int)(sizeof(line) / sizeof((line)[0]))

static rs_status add_aorta(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes)
{
    const double *c = a->carina;
    double heart = a->dome[0].top_mm + 26;
    double line[][3] = {{4, -14, heart + 22}, {-12, -22, c[2] - 18}, {-16, -20, c[2] + 10}, {-11, -12, c[2] + 30},
                        {1, -1, c[2] + 41},   {15, 12, c[2] + 42},   {24, 26, c[2] + 32},   {27, 38, c[2] + 12},
                        {27, 44, c[2] - 20},  {25, 46, heart + 10},  {18, 46, 30},          {8, 44, -20},
                        {3, 42, -80}};
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(line), 15.5, 10.5, RS_PHANTOM_BLOOD}));
    double first[][3] = {{-5, -6, c[2] + 40}, {-14, 2, c[2] + 66}, {-22, 4, c[2] + 120}};
    double second[][3] = {{4, 2, c[2] + 42}, {12, 4, c[2] + 75}, {20, 6, c[2] + 130}};
    double third[][3] = {{16, 14, c[2] + 42}, {24, 16, c[2] + 80}, {38, 16, c[2] + 115}};
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(first), 6.5, 4.5, RS_PHANTOM_BLOOD}));
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(second), 4.2, 3.6, RS_PHANTOM_BLOOD}));
    return rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(third), 5.0, 4.5, RS_PHANTOM_BLOOD});
}

static rs_status add_veins(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes)
{
    const double *c = a->carina;
    double heart = a->dome[0].top_mm + 26;
    double upper[][3] = {{-33, -2, c[2] + 110}, {-28, -10, c[2] + 56}, {-26, -8, c[2] + 10}, {-23, -4, heart + 30}};
    double left[][3] = {{-25, -12, c[2] + 44}, {0, -20, c[2] + 54}, {26, -16, c[2] + 66}, {38, -4, c[2] + 110}};
    double lower[][3] = {{-20, 0, heart}, {-21, 8, heart - 30}, {-18, 24, heart - 70}, {-14, 32, heart - 150}};
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(upper), 7.0, 9.5, RS_PHANTOM_BLOOD}));
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(left), 6.5, 5.5, RS_PHANTOM_BLOOD}));
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(lower), 12.0, 11.0, RS_PHANTOM_BLOOD}));
    for (int side = 0; side < 2; side++) {
        const double *e = a->vein_end[side];
        double line[][3] = {{side == 0 ? -14 : 20, 12, heart + 24}, {e[0], e[1], e[2]}};
        RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(line), 8.0, 6.5, RS_PHANTOM_BLOOD}));
    }
    return RS_OK;
}

static rs_status add_pulmonary_trunk(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a,
                                     rs_phantom_tubes *tubes)
{
    const double *c = a->carina, *right = a->artery_end[0], *left = a->artery_end[1];
    double heart = a->dome[0].top_mm + 26;
    double trunk[][3] = {{16, -38, heart + 18}, {18, -32, c[2] - 34}, {18, -18, c[2] - 12}};
    double to_right[][3] = {
        {18, -18, c[2] - 12}, {2, -3, c[2] - 17}, {-22, -2, c[2] - 18}, {right[0], right[1], right[2]}};
    double to_left[][3] = {{18, -18, c[2] - 12}, {30, -4, c[2] - 6}, {left[0], left[1], left[2]}};
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(trunk), 14, 13, RS_PHANTOM_BLOOD}));
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(to_right), 11, 8, RS_PHANTOM_BLOOD}));
    return rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(to_left), 12, 8, RS_PHANTOM_BLOOD});
}

static rs_status add_airway(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes, const rs_phantom_path *path,
                            double wall_mm)
{
    rs_phantom_path part = *path;
    part.layer = RS_PHANTOM_LUMEN;
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &part));
    part.layer = RS_PHANTOM_WALL;
    part.radius_mm += wall_mm;
    part.end_mm += wall_mm;
    return rs_phantom_path_add(ctx, arena, tubes, &part);
}

rs_status rs_phantom_mediastinum(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *a, rs_phantom_tubes *tubes)
{
    const double *c = a->carina, *right = a->bronchus_end[0], *left = a->bronchus_end[1];
    RS_TRY(add_aorta(ctx, arena, a, tubes));
    RS_TRY(add_veins(ctx, arena, a, tubes));
    RS_TRY(add_pulmonary_trunk(ctx, arena, a, tubes));
    double gullet[][3] = {{5, c[1] + 20, c[2] + 140},
                          {4, c[1] + 19, c[2] + 20},
                          {6, c[1] + 20, c[2] - 40},
                          {14, 36, 60},
                          {28, 16, 34},
                          {44, 0, 24}};
    RS_TRY(rs_phantom_path_add(ctx, arena, tubes, &(rs_phantom_path){POINTS(gullet), 6.5, 7.5, RS_PHANTOM_SOFT}));
    double trachea[][3] = {{1, c[1] - 14, c[2] + 150}, {0, c[1] - 6, c[2] + 80}, {c[0], c[1], c[2]}};
    double main_right[][3] = {{c[0], c[1], c[2]}, {c[0] - 14, c[1], c[2] - 10}, {right[0], right[1], right[2]}};
    double main_left[][3] = {{c[0], c[1], c[2]}, {c[0] + 18, c[1] + 1, c[2] - 13}, {left[0], left[1], left[2]}};
    RS_TRY(add_airway(ctx, arena, tubes, &(rs_phantom_path){POINTS(trachea), 8.8, 8.2, 0}, 1.6));
    RS_TRY(add_airway(ctx, arena, tubes, &(rs_phantom_path){POINTS(main_right), 7.4, 6.3, 0}, 1.5));
    return add_airway(ctx, arena, tubes, &(rs_phantom_path){POINTS(main_left), 6.6, 5.6, 0}, 1.4);
}
