/* Lesions of a recipe: volumes of what has a closed form, places by geometry, shares over many, the later time point.
   The patient is an anatomy with two vessels: no trees have to grow. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mode.h"

#define HEAD "{\"schema\":\"restage-recipe-1\",\"name\":\"x\""

/* A patient without pixels. */
typedef struct patient {
    rs_context *ctx;
    rs_arena *arena;
    rs_phantom_model *model;
    rs_phantom_lesions_args args;
} patient;

static patient make_patient(rs_context *ctx, const char *recipe, uint64_t seed, int wanted)
{
    patient p = {.ctx = ctx, .arena = rs_arena_new()};
    p.model = RS_ARENA_NEW(p.arena, rs_phantom_model, 1);
    rs_phantom_model *m = p.model;
    m->seed = m->lesion_seed = m->scan_seed = seed;
    assert_int_equal(rs_phantom_recipe_parse(ctx, p.arena, recipe, strlen(recipe), &m->recipe), RS_OK);
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        m->has[id] = rs_phantom_has(m, (rs_phantom_mode_id)id);
    rs_phantom_anatomy_draw(seed, &m->anatomy);
    const rs_phantom_tube vessels[] = {{{-70, 0, 110}, {-70, 30, 140}, 1.2f, 1.1f, RS_PHANTOM_VESSEL},
                                       {{-60, -20, 130}, {-75, -25, 120}, 0.6f, 0.5f, RS_PHANTOM_VESSEL},
                                       {{70, 10, 120}, {80, 20, 150}, 1.5f, 1.4f, RS_PHANTOM_VESSEL}};
    for (int n = 0; n < 3; n++)
        assert_int_equal(rs_phantom_tube_add(ctx, p.arena, &m->tubes, &vessels[n]), RS_OK);
    m->scan = (rs_phantom_scan){
        .columns = 361, .rows = 361, .slices = 301, .pixel_mm = 1.0, .spacing_mm = 1.0, .corner_mm = {-180, -180, -20}};
    p.args = (rs_phantom_lesions_args){.model = m,
                                       .anatomy = &m->anatomy,
                                       .tubes = &m->tubes,
                                       .low_mm = {-180, -180, -20},
                                       .high_mm = {180, 180, 280},
                                       .seed = seed,
                                       .wanted = wanted,
                                       .smallest_mm = m->recipe.smallest_mm,
                                       .largest_mm = m->recipe.largest_mm};
    return p;
}

static rs_phantom_lesion ball(double radius)
{
    return (rs_phantom_lesion){.origin = {3.3, -2.1, 50.7},
                               .axis = {{0.6, 0.8, 0}, {-0.8, 0.6, 0}, {0, 0, 1}},
                               .radius = {radius, radius, radius},
                               .hu = -600.0,
                               .reach_mm = 1.0001 * radius};
}

static void an_inner_part_has_its_share_cubed(void **state)
{
    (void)state;
    const double share = 0.6;
    rs_phantom_lesion l = ball(4.0);
    l.inner_share = share;
    l.inner_offset[0] = 0.8;
    l.inner_hu = 40.0;
    rs_phantom_lesion_measure(&l);
    double whole = 4.0 / 3.0 * M_PI * 64.0, core = share * share * share;
    assert_true(fabs(l.volume_mm3 / whole - 1.0) < 0.002);
    assert_true(fabs(l.core_volume_mm3 / (core * whole) - 1.0) < 0.01);
    assert_true(fabs(l.mean_hu - (-600.0 + core * 640.0)) < 4.0);
    double p[3] = {l.origin[0] + 0.8, l.origin[1], l.origin[2]};
    assert_int_equal(rs_phantom_lesion_part(&l, p), 2);
    p[0] -= 3.5;
    assert_int_equal(rs_phantom_lesion_part(&l, p), 1);
    p[0] -= 3.5;
    assert_int_equal(rs_phantom_lesion_part(&l, p), 0);
}

/* A spicule is a cone, 2 m wide at the origin, that ends at E: outside a ball of radius R it is
   4/3 pi m^2 E (1 - R / E)^3, less the ball's cap in its base, which is small. */
static void a_spicule_weighs_its_cone(void **state)
{
    (void)state;
    const double end = 9.0, m = 0.6, radius = 4.0, part = 1.0 - radius / end;
    rs_phantom_lesion l = ball(radius);
    l.reach_mm = 9.001;
    l.n_spicules = 2;
    l.spicule[0][2] = 1.0;
    l.spicule[1][0] = 1.0;
    l.spicule_end[0] = l.spicule_end[1] = 0.1; /* hidden in the ball, counted by the same samples */
    l.spicule_mm[0] = l.spicule_mm[1] = m;
    rs_phantom_lesion_measure(&l);
    double without = l.volume_mm3;
    l.spicule_end[0] = l.spicule_end[1] = end;
    rs_phantom_lesion_measure(&l);
    double cones = 2.0 * 4.0 / 3.0 * M_PI * m * m * end * part * part * part;
    double before = 4.0 / 3.0 * M_PI * radius * radius * radius;
    assert_true(fabs(without / before - 1.0) < 0.01);
    assert_true(fabs((l.volume_mm3 - without) / cones - 1.0) < 0.15);
}

/* Growing by a factor of volume is a factor of diameter in every part. */
static void scaling_scales_all_of_it(void **state)
{
    (void)state;
    rs_phantom_lesion l = ball(3.0);
    l.inner_share = 0.5;
    l.inner_offset[1] = 0.5;
    l.n_spicules = 1;
    l.spicule[0][1] = 1.0;
    l.spicule_end[0] = 5.0;
    l.spicule_mm[0] = 0.01;
    l.reach_mm = 5.001;
    rs_phantom_lesion_measure(&l);
    double volume = l.volume_mm3, core = l.core_volume_mm3;
    rs_phantom_lesion_scale(&l, 1.26);
    rs_phantom_lesion_measure(&l);
    assert_true(fabs(l.volume_mm3 / volume - 2.0004) < 0.01 && fabs(l.core_volume_mm3 / core - 2.0004) < 0.03);
}

/* The rounded corner adds to the lesion at the wall and nowhere else, and never outside the lung. */
static void the_corner_at_the_wall_is_rounded(void **state)
{
    (void)state;
    rs_phantom_anatomy a;
    rs_phantom_anatomy_draw(3, &a);
    double z = 0.45 * a.height_mm;
    rs_phantom_section s = rs_phantom_section_at(&a, z);
    rs_phantom_lesion l = ball(3.0);
    l.origin[0] = s.a - 1.5;
    l.origin[1] = s.centre_y;
    l.origin[2] = z;
    l.clip = &a;
    rs_phantom_lesion_measure(&l);
    double sharp = l.volume_mm3;
    l.blend_mm = 2.0;
    l.reach_mm += 2.0;
    rs_phantom_lesion_measure(&l);
    assert_true(l.volume_mm3 > 1.03 * sharp && l.volume_mm3 < 1.5 * sharp);
    int more = 0;
    for (int n = 0; n < 8000; n++) {
        double p[3] = {l.origin[0] - 5.0 + 0.5 * (n % 20), l.origin[1] - 5.0 + 0.5 * (n / 20 % 20),
                       z - 5.0 + 0.5 * (n / 400)};
        double square = 0.0, wall = rs_phantom_lung_distance(&a, p, NULL);
        for (int c = 0; c < 3; c++)
            square += (p[c] - l.origin[c]) * (p[c] - l.origin[c]);
        bool inside = rs_phantom_lesion_has(&l, p);
        assert_false(inside && wall >= 0.0);
        if (square < 8.99 && wall < 0.0) assert_true(inside);
        if (inside && square > 9.01) {
            more++;
            assert_true(wall > -2.0);
        }
    }
    assert_true(more > 0);
}

/* What is aimed at a wall or at a vessel lies there by geometry; what is free lies away from both. */
static void attachments_are_true(void **state)
{
    static const char recipe[] = HEAD ",\"lesions\":{\"empty_share\":0,\"smallest_mm\":3,\"largest_mm\":9},\"modes\":{"
                                      "\"vessel_lesions\":{\"lesion_share\":0.3},"
                                      "\"wall_lesions\":{\"lesion_share\":0.3,\"contact_share\":[0.25,0.45]}}}";
    int count[3] = {0};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        patient p = make_patient(*state, recipe, seed, 10);
        rs_phantom_lesions all;
        assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &all), RS_OK);
        for (int n = 0; n < all.n; n++) {
            const rs_phantom_lesion *l = &all.items[n];
            double radius = 0.5 * l->nominal_mm;
            count[l->attachment]++;
            assert_true(rs_phantom_lung_distance(&p.model->anatomy, l->centre, NULL) < 0.0);
            if (l->attachment == RS_PHANTOM_ON_PLEURA) {
                assert_true(l->wall_share >= 0.25 && l->wall_share <= 0.45);
                assert_ptr_equal(l->clip, &p.model->anatomy);
                assert_true(rs_phantom_lung_distance(&p.model->anatomy, l->origin, NULL) > -radius);
            } else {
                assert_true(l->wall_share == 0.0);
                assert_true(fabs(l->equivalent_mm / l->nominal_mm - 1.0) < 0.02);
                bool on_vessel = l->attachment == RS_PHANTOM_ON_VESSEL;
                double away = rs_phantom_to_vessel(p.args.tubes, l->origin, on_vessel ? 0.0 : 1.0, NULL);
                assert_true(on_vessel ? away < radius + 0.01 : away > radius + 0.79);
            }
        }
        rs_arena_free(p.arena);
    }
    assert_true(count[RS_PHANTOM_FREE] > 8 && count[RS_PHANTOM_ON_VESSEL] > 2 && count[RS_PHANTOM_ON_PLEURA] > 2);
}

/* Densities in the shares of the recipe, each with what it is made of. */
static void densities_come_in_their_shares(void **state)
{
    static const char recipe[] = HEAD ",\"lesions\":{\"empty_share\":0,\"smallest_mm\":5,\"largest_mm\":9},\"modes\":{"
                                      "\"granulomas\":{\"lesion_share\":0.25},"
                                      "\"densities\":{\"part_solid_share\":0.3,\"ground_glass_share\":0.2,"
                                      "\"cavity_share\":0.1,\"wall_mm\":1}}}";
    int count[5] = {0}, total = 0;
    for (uint64_t seed = 1; seed <= 9; seed++) {
        patient p = make_patient(*state, recipe, seed, 12);
        rs_phantom_lesions all;
        assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &all), RS_OK);
        for (int n = 0; n < all.n; n++) {
            const rs_phantom_lesion *l = &all.items[n];
            double core = l->core_volume_mm3 / l->volume_mm3;
            total++;
            count[l->density]++;
            if (l->density == RS_PHANTOM_SOLID) assert_true(l->hu >= -40.0 && l->hu <= 80.0 && core == 0.0);
            if (l->density == RS_PHANTOM_GROUND_GLASS) assert_true(l->hu >= -700.0 && l->hu <= -450.0 && core == 0.0);
            if (l->density == RS_PHANTOM_PART_SOLID)
                assert_true(l->hu <= -450.0 && l->inner_hu >= -40.0 && core > 0.018 && core < 0.36);
            if (l->density == RS_PHANTOM_CAVITY) assert_true(l->inner_hu < -900.0 && core > 0.1 && core < 0.5);
            if (l->density == RS_PHANTOM_CALCIFIED) assert_true(l->inner_hu >= 200.0 && l->mean_hu > l->hu);
        }
        rs_arena_free(p.arena);
    }
    const double expected[5] = {0.3, 0.2, 0.3, 0.1, 0.1}; /* solid: 0.4 less a quarter of lime */
    assert_true(total > 95);
    for (int d = 0; d < 5; d++)
        assert_true(fabs((double)count[d] / total - expected[d]) < 0.12);
}

/* Clusters: within the reach of the first, some of them touching, none inside another. */
static void clusters_crowd(void **state)
{
    static const char recipe[] = HEAD ",\"lesions\":{\"empty_share\":0},\"modes\":{"
                                      "\"crowding\":{\"share\":1,\"lesions\":6,\"touching_pairs\":2}}}";
    int total = 0, touching = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        patient p = make_patient(*state, recipe, seed, 1);
        rs_phantom_lesions all;
        assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &all), RS_OK);
        int cluster = all.n - 1; /* the last is the patient's own */
        total += cluster;
        for (int n = 1; n < cluster; n++) {
            for (int other = 0; other < n; other++) {
                double square = 0.0, radii = 0.5 * (all.items[n].nominal_mm + all.items[other].nominal_mm);
                for (int c = 0; c < 3; c++)
                    square += (all.items[n].origin[c] - all.items[other].origin[c]) *
                              (all.items[n].origin[c] - all.items[other].origin[c]);
                assert_true(sqrt(square) >= 0.979 * radii);
                if (other == 0) assert_true(sqrt(square) <= 15.001);
                touching += sqrt(square) < 1.001 * radii ? 1 : 0;
            }
        }
        rs_arena_free(p.arena);
    }
    assert_true(total >= 16 && touching >= 5);
    patient p = make_patient(*state, recipe, 1, 0); /* nobody without lesions has a cluster */
    rs_phantom_lesions none;
    assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &none), RS_OK);
    assert_int_equal(none.n, 0);
    rs_arena_free(p.arena);
}

static void numbers_follow_the_recipe(void **state)
{
    (void)state;
    enum { PATIENTS = 4000 };
    static const double plans[][2] = {{0.3, 5.0}, {0.5, 2.0}, {0.0, 12.0}, {0.9, 0.1}};
    for (int plan = 0; plan < 4; plan++) {
        int empty = 0, total = 0;
        for (uint64_t seed = 0; seed < PATIENTS; seed++) {
            int n = rs_phantom_lesions_number_of(seed, plans[plan][0], plans[plan][1]);
            empty += n == 0 ? 1 : 0;
            total += n;
        }
        assert_true(fabs((double)empty / PATIENTS - plans[plan][0]) < 0.03);
        assert_true(fabs((double)total / PATIENTS / plans[plan][1] - 1.0) < 0.08);
    }
    for (uint64_t seed = 0; seed < 50; seed++)
        assert_int_equal(rs_phantom_lesions_number_of(seed, 1.0, 5.0), 0);
}

/* Time point 1: fates in their shares, places and ids kept, volumes grown by what was drawn. */
static void fates_follow_the_recipe(void **state)
{
    static const char recipe[] = HEAD ",\"lesions\":{\"empty_share\":0,\"smallest_mm\":3,\"largest_mm\":8},"
                                      "\"follow_up\":{\"grown_share\":0.4,\"vanished_share\":0.2,\"growth\":[1.5,2.5],"
                                      "\"new\":2}}";
    int before = 0, vanished = 0, grown = 0, fresh = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        patient p = make_patient(*state, recipe, seed, 10);
        rs_phantom_lesions first, later, gone;
        assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &first), RS_OK);
        assert_int_equal(rs_phantom_lesions_draw_by_recipe(p.ctx, p.arena, &p.args, &later), RS_OK);
        assert_int_equal(rs_phantom_lesions_follow(p.ctx, p.arena, &p.args, &later, &gone), RS_OK);
        before += first.n;
        vanished += gone.n;
        int fresh_here = 0;
        for (int n = 0; n < later.n; n++) {
            const rs_phantom_lesion *l = &later.items[n];
            if (l->fate == RS_PHANTOM_NEW) {
                assert_int_equal(l->id_before, 0);
                fresh_here++;
                continue;
            }
            const rs_phantom_lesion *was = &first.items[l->id_before - 1];
            double growth = l->volume_mm3 / was->volume_mm3;
            assert_memory_equal(l->origin, was->origin, sizeof was->origin);
            grown += l->fate == RS_PHANTOM_GROWN ? 1 : 0;
            assert_true(l->fate == RS_PHANTOM_GROWN ? growth > 1.49 && growth < 2.52 : growth == 1.0);
        }
        assert_int_equal(later.n - fresh_here + gone.n, first.n);
        fresh += fresh_here;
        rs_arena_free(p.arena);
    }
    assert_true(fabs((double)vanished / before - 0.2) < 0.15 && fabs((double)grown / before - 0.4) < 0.2);
    assert_true(fresh >= 7 && fresh <= 8);
}

static int begin(void **state)
{
    rs_context *ctx = NULL;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    *state = ctx;
    return 0;
}

static int end(void **state)
{
    rs_context_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_inner_part_has_its_share_cubed),
        cmocka_unit_test(a_spicule_weighs_its_cone),
        cmocka_unit_test(scaling_scales_all_of_it),
        cmocka_unit_test(the_corner_at_the_wall_is_rounded),
        cmocka_unit_test(attachments_are_true),
        cmocka_unit_test(densities_come_in_their_shares),
        cmocka_unit_test(clusters_crowd),
        cmocka_unit_test(numbers_follow_the_recipe),
        cmocka_unit_test(fates_follow_the_recipe),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
