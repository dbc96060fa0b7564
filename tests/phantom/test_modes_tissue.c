/* The failure modes that lie in the tissue (science F2, F4 to F8, F14, F16, F20): each alone changes the picture where
   it says and nowhere else, in the amount that its parameters ask for; what is listed as neither true nor false lies
   where the density is; the bits do not hang on the number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fissure.h"
#include "restage/parallel.h"
#include "shapes.h"
#include "texture.h"

enum { SIZE = 256, SLICES = 24 };

/* A patient without lesions and one sub-slice of it. */
typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_phantom_model *model;
    rs_phantom_plane plane;
} scene;

/* modes: what stands in a recipe's "modes"; NULL: no recipe. */
static scene make_scene(uint64_t seed, const char *modes)
{
    scene s = {.arena = rs_arena_new()};
    char path[] = "/tmp/restage-recipe-XXXXXX";
    rs_phantom_options options = {
        .seed = seed, .columns = SIZE, .rows = SIZE, .slices = SLICES, .slice_spacing_mm = 10.0, .thickness_mm = 2.0};
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &s.ctx), RS_OK);
    if (modes != NULL) {
        int file = mkstemp(path);
        assert_true(file >= 0);
        FILE *out = fdopen(file, "w");
        fprintf(out, "{\"schema\": \"restage-recipe-1\", \"name\": \"test\", \"modes\": {%s}}\n", modes);
        fclose(out);
        options.recipe = path;
    }
    assert_int_equal(rs_phantom_model_new(s.ctx, s.arena, &options, false, &s.model), RS_OK);
    if (modes != NULL) unlink(path);
    size_t n = (size_t)SIZE * SIZE;
    s.plane.model = s.model;
    s.plane.hu = rs_arena_alloc(s.arena, n, sizeof(float));
    s.plane.cover = rs_arena_alloc(s.arena, n, sizeof(float));
    s.plane.texture = rs_arena_alloc(s.arena, (size_t)RS_PHANTOM_TILE * RS_PHANTOM_TILE, sizeof(float));
    assert_true(s.plane.hu != NULL && s.plane.cover != NULL && s.plane.texture != NULL);
    return s;
}

static void end_scene(scene *s)
{
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
}

/* One sub-slice without blur and noise. */
static void paint(scene *s, double z)
{
    s->plane.z = z;
    rs_phantom_texture_section(s->model->texture, z, (float *)(uintptr_t)s->plane.texture);
    rs_phantom_paint(&s->plane);
    for (size_t p = 0; p < (size_t)SIZE * SIZE; p++)
        assert_true(s->plane.cover[p] == 0.0f);
}

/* Where may a mode change something? */
typedef enum place { IN_LUNG = 1, AT_CAGE, IN_BODY } place;

static bool is_in(const rs_phantom_anatomy *a, place where, double x, double y, double z)
{
    const double p[3] = {x, y, z};
    rs_phantom_section s = rs_phantom_section_at(a, z);
    rs_phantom_row row = rs_phantom_row_at(&s, y);
    if (where == IN_BODY) return x * x / (a->body_x * a->body_x) + y * y / (a->body_y * a->body_y) < 1.5;
    if (where == AT_CAGE) return fabs(rs_phantom_cage(&s, &row, x)) < 22.0;
    return rs_phantom_lung_distance(a, p, NULL) < 1.5;
}

typedef struct change {
    int64_t inside, outside; /* pixels that differ by more than the limit: where it may be, elsewhere */
    double volume_ml;
} change;

static change compare(scene *with, scene *without, place where, float limit_hu)
{
    change c = {0};
    const rs_phantom_scan *scan = &with->model->scan;
    for (int k = 0; k < SLICES; k++) {
        double z = scan->corner_mm[2] + k * scan->spacing_mm;
        paint(with, z);
        paint(without, z);
        for (int32_t j = 0; j < SIZE; j++) {
            for (int32_t i = 0; i < SIZE; i++) {
                size_t p = (size_t)j * SIZE + (size_t)i;
                if (fabsf(with->plane.hu[p] - without->plane.hu[p]) <= limit_hu) continue;
                bool in = is_in(&without->model->anatomy, where, rs_phantom_x(scan, i), rs_phantom_y(scan, j), z);
                c.inside += in ? 1 : 0;
                c.outside += in ? 0 : 1;
            }
        }
    }
    c.volume_ml = (double)c.inside * scan->pixel_mm * scan->pixel_mm * scan->spacing_mm / 1000.0;
    return c;
}

static void each_mode_changes_what_it_says_and_nothing_else(void **state)
{
    (void)state;
    const struct {
        const char *modes;
        rs_phantom_mode_id id;
        place where;
        double least_ml;
        bool lists;
    } rows[] = {
        {"\"decoys\": {\"share\": 1}", RS_PHANTOM_MODE_decoys, IN_LUNG, 2.0, false},
        {"\"perifissural\": {\"share\": 1, \"number\": 20}", RS_PHANTOM_MODE_perifissural, IN_LUNG, 0.1, true},
        {"\"fissures\": {\"share\": 1}", RS_PHANTOM_MODE_fissures, IN_LUNG, 20.0, false},
        {"\"scars\": {\"share\": 1, \"number\": 5}", RS_PHANTOM_MODE_scars, IN_LUNG, 1.0, true},
        {"\"dependent\": {\"share\": 1}", RS_PHANTOM_MODE_dependent, IN_LUNG, 500.0, false},
        {"\"emphysema\": {\"share\": 1}", RS_PHANTOM_MODE_emphysema, IN_LUNG, 500.0, false},
        {"\"plugs\": {\"share\": 1}", RS_PHANTOM_MODE_plugs, IN_LUNG, 1.0, true},
        {"\"ribs\": {\"share\": 1}", RS_PHANTOM_MODE_ribs, AT_CAGE, 2.0, true},
        {"\"texture\": {\"share\": 1}", RS_PHANTOM_MODE_texture, IN_BODY, 200.0, false},
    };
    scene without = make_scene(31, NULL);
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        scene with = make_scene(31, rows[n].modes);
        for (int id = 0; id < RS_PHANTOM_MODES; id++)
            assert_int_equal(with.model->has[id], id == (int)rows[n].id);
        change c = compare(&with, &without, rows[n].where, 20.0f);
        if (c.outside > 0 || c.volume_ml < rows[n].least_ml)
            print_error("%s: %.1f ml, %d pixels elsewhere\n", rows[n].modes, c.volume_ml, (int)c.outside);
        assert_int_equal(c.outside, 0);
        assert_true(c.volume_ml >= rows[n].least_ml);
        assert_int_equal(with.model->n_irrelevant > 0, rows[n].lists);
        end_scene(&with);
    }
    end_scene(&without);
}

/* By how much the densest gain around a place exceeds what was there. */
static float most_change(scene *with, scene *without, const rs_phantom_irrelevant *it)
{
    const double reach = 0.5 * it->diameter_mm;
    rs_phantom_pixels box = rs_phantom_pixels_of(&with->model->scan, it->centre[0] - reach, it->centre[0] + reach,
                                                 it->centre[1] - reach, it->centre[1] + reach);
    float most = 0.0f;
    for (int at = -1; at <= 1; at++) {
        paint(with, it->centre[2] + 0.4 * at * reach);
        paint(without, it->centre[2] + 0.4 * at * reach);
        for (int32_t j = box.j0; j < box.j1; j++) {
            for (int32_t i = box.i0; i < box.i1; i++) {
                float more = with->plane.hu[j * SIZE + i] - without->plane.hu[j * SIZE + i];
                most = more > most ? more : most;
            }
        }
    }
    return most;
}

/* Around the place of each thing that is listed, something is denser than without it. */
static void what_is_listed_lies_where_the_density_is(void **state)
{
    (void)state;
    scene without = make_scene(32, NULL);
    scene with = make_scene(
        32, "\"perifissural\": {\"share\": 1, \"number\": 12}, \"ribs\": {\"share\": 1, \"push_mm\": [2, 4]}, "
            "\"scars\": {\"share\": 1, \"number\": 3, \"length_mm\": 40}, \"plugs\": {\"share\": 1, "
            "\"number\": 10}");
    int seen[4] = {0}, denser[4] = {0};
    for (int q = 0; q < with.model->n_irrelevant; q++) {
        const rs_phantom_irrelevant *it = &with.model->irrelevant[q];
        assert_true(it->diameter_mm > 1.0 && it->diameter_mm < 30.0);
        assert_true(rs_phantom_lung_distance(&with.model->anatomy, it->centre, NULL) < 4.0);
        int kind = strcmp(it->what, "perifissural") == 0 ? 0
                   : strcmp(it->what, "scar") == 0       ? 1
                   : strcmp(it->what, "mucus plug") == 0 ? 2
                                                         : 3;
        seen[kind]++;
        denser[kind] += most_change(&with, &without, it) > 100.0f ? 1 : 0;
    }
    for (int kind = 0; kind < 4; kind++) {
        if (denser[kind] < seen[kind]) print_error("kind %d: %d of %d\n", kind, denser[kind], seen[kind]);
        assert_true(seen[kind] >= 3 && denser[kind] * 10 >= seen[kind] * 9); /* a vessel may lie where a rim does */
    }
    end_scene(&with);
    end_scene(&without);
}

/* Does a lesion stay away from what is listed? */
static void lesions_keep_away(void **state)
{
    (void)state;
    scene s =
        make_scene(33, "\"perifissural\": {\"share\": 1, \"number\": 20}, \"scars\": {\"share\": 1, \"number\": 8}");
    for (int q = 0; q < s.model->n_irrelevant; q++)
        assert_true(rs_phantom_modes_forbid(s.model, s.model->irrelevant[q].centre, 2.0));
    for (int n = 0; n < s.model->lesions.n; n++)
        for (int q = 0; q < s.model->n_irrelevant; q++) {
            double square = 0.0;
            for (int c = 0; c < 3; c++) {
                double d = s.model->lesions.items[n].centre[c] - s.model->irrelevant[q].centre[c];
                square += d * d;
            }
            assert_true(square > 4.0);
        }
    end_scene(&s);
}

/* Painted into air of 0 HU with 1000 HU, a shape weighs its volume in closed form. */
static void shapes_weigh_their_volumes(void **state)
{
    (void)state;
    scene s = make_scene(34, NULL);
    rs_phantom_mode_call call = {.ctx = s.ctx, .arena = s.arena, .model = s.model};
    rs_phantom_shape rows[3] = {
        {.kind = RS_PHANTOM_SHAPE_CONE, .hu = 1000.0f, .centre = {3, 4, 100}, .end = {11, 10, 112}, .size = {5, 5}},
        {.kind = RS_PHANTOM_SHAPE_PLATE, .hu = 1000.0f, .centre = {0, 0, 100}, .size = {25, 15, 2}},
        {.kind = RS_PHANTOM_SHAPE_FACETS, .hu = 1000.0f}};
    double corner[4][3] = {{0, 0, 90}, {24, 2, 92}, {4, 26, 95}, {8, 9, 118}};
    double way[3] = {0.3, -0.5, 0.8}, along[3] = {1, 0.2, 0}, edge[3][3], truth[3],
           length = sqrt(8.0 * 8 + 6 * 6 + 12 * 12);
    rs_phantom_frame(way, along, rows[1].axis);
    rs_phantom_facets(corner, 0.05, &rows[2]);
    for (int n = 0; n < 3; n++)
        for (int c = 0; c < 3; c++)
            edge[n][c] = corner[n + 1][c] - corner[0][c];
    truth[0] = M_PI * 25.0 * length + 4.0 / 3.0 * M_PI * 125.0;
    truth[1] = 2.0 * 2.0 * M_PI * 25.0 * 15.0 * (1.0 - 0.6 / 2.0); /* thins to 0.4 of itself at the rim */
    truth[2] = fabs(edge[0][0] * (edge[1][1] * edge[2][2] - edge[1][2] * edge[2][1]) -
                    edge[0][1] * (edge[1][0] * edge[2][2] - edge[1][2] * edge[2][0]) +
                    edge[0][2] * (edge[1][0] * edge[2][1] - edge[1][1] * edge[2][0])) /
               6.0;
    for (int n = 0; n < 3; n++) {
        rs_phantom_shapes shapes = {0};
        double sum = 0.0, step = 0.25;
        assert_int_equal(rs_phantom_shapes_add(&call, &shapes, &rows[n]), RS_OK);
        assert_int_equal(rs_phantom_shapes_sort(&call, &shapes), RS_OK);
        for (double z = 50.0; z < 150.0; z += step) {
            memset(s.plane.hu, 0, sizeof(float) * SIZE * SIZE);
            s.plane.z = z;
            rs_phantom_shapes_paint(&shapes, &s.plane);
            for (size_t p = 0; p < (size_t)SIZE * SIZE; p++)
                sum += (double)s.plane.hu[p] / 1000.0;
        }
        sum *= step * s.model->scan.pixel_mm * s.model->scan.pixel_mm;
        if (fabs(sum / truth[n] - 1.0) > 0.03) print_error("shape %d: %g mm3 for %g\n", n, sum, truth[n]);
        assert_true(fabs(sum / truth[n] - 1.0) < 0.03);
        assert_true(rs_phantom_shapes_near(&shapes, rows[n].centre, 0.0));
        assert_false(rs_phantom_shapes_near(&shapes, (const double[3]){60, 60, 100}, 5.0));
    }
    end_scene(&s);
}

/* Vessels of the sizes that decoys change which cross a fissure. */
static int crossings(const rs_phantom_model *m)
{
    int n_crossing = 0;
    for (int n = m->n_great; n < m->tubes.n; n++) {
        const rs_phantom_tube *t = &m->tubes.items[n];
        if (t->layer != RS_PHANTOM_VESSEL || t->radius_a < 0.4f || t->radius_a > 1.5f) continue;
        double from = rs_phantom_oblique(&m->anatomy, (double)t->a[0], (double)t->a[1], (double)t->a[2]);
        double to = rs_phantom_oblique(&m->anatomy, (double)t->b[0], (double)t->b[1], (double)t->b[2]);
        n_crossing += (from > 0.05) != (to > 0.05) && (from > -0.05) != (to > -0.05) ? 1 : 0;
    }
    return n_crossing;
}

static void decoys_bend_and_end(void **state)
{
    (void)state;
    scene plain = make_scene(35, NULL);
    scene cut = make_scene(
        35,
        "\"decoys\": {\"share\": 1, \"cut_share\": 1, \"bend_share\": 0, \"junction_share\": 0, \"stub_share\": 0}");
    scene bent = make_scene(35, "\"decoys\": {\"share\": 1, \"cut_share\": 0, \"bend_share\": 0.1, \"angle_deg\": 50, "
                                "\"junction_share\": 0, \"stub_share\": 0}");
    assert_true(crossings(plain.model) > 40);
    assert_true(crossings(cut.model) * 20 < crossings(plain.model));
    assert_int_equal(cut.model->tubes.n, plain.model->tubes.n);
    const rs_phantom_tubes *tubes = &bent.model->tubes;
    int bends = tubes->n - plain.model->tubes.n;
    assert_true(bends > 100);
    for (int n = plain.model->tubes.n; n < tubes->n; n++) {
        const rs_phantom_tube *second = &tubes->items[n], *first = NULL;
        for (int m = plain.model->n_great; m < plain.model->tubes.n && first == NULL; m++)
            if (memcmp(tubes->items[m].b, second->a, sizeof second->a) == 0) first = &tubes->items[m];
        assert_non_null(first);
        double dot = 0.0, one = 0.0, two = 0.0;
        for (int c = 0; c < 3; c++) {
            double u = (double)first->a[c] - (double)first->b[c], v = (double)second->b[c] - (double)second->a[c];
            dot += u * v;
            one += u * u;
            two += v * v;
        }
        assert_true(fabs(acos(dot / sqrt(one * two)) * 180.0 / M_PI - 50.0) < 0.5);
    }
    end_scene(&plain);
    end_scene(&cut);
    end_scene(&bent);
}

/* Thicker by 1.2 mm of 0 HU: the sheets weigh that much more on every line across them. */
static void fissures_have_their_thickness(void **state)
{
    (void)state;
#define WHOLE(thickness)                                                                                               \
    "\"fissures\": {\"share\": 1, \"hu\": 0, \"incomplete_share\": 0, \"patches\": 0, \"plaques\": 0, "                \
    "\"thickness_mm\": " thickness "}"
    scene a = make_scene(36, WHOLE("1.4")), b = make_scene(36, WHOLE("0.2"));
    const rs_phantom_anatomy *anatomy = &a.model->anatomy;
    const rs_phantom_scan *scan = &a.model->scan;
    double z = anatomy->fissure_z[1] + 20.0, sum = 0.0;
    int lines = 0;
    paint(&a, z);
    paint(&b, z);
    for (int32_t i = 0; i < SIZE; i++) {
        double x = rs_phantom_x(scan, i), y = (20.0 + rs_phantom_fissure_bow(anatomy, x)) / anatomy->fissure_slope,
               line = 0.0;
        if (x < 45.0 || rs_phantom_lung_distance(anatomy, (const double[3]){x, y, z}, NULL) > -8.0) continue;
        rs_phantom_pixels box = rs_phantom_pixels_of(scan, x, x, y - 6.0, y + 6.0);
        bool clear = true;
        for (int32_t j = box.j0; j < box.j1; j++) {
            line += (double)(a.plane.hu[j * SIZE + i] - b.plane.hu[j * SIZE + i]);
            clear = clear && b.plane.hu[j * SIZE + i] < -600.0f;
        }
        double lung = rs_phantom_lung_hu(anatomy, y), normal[3];
        rs_phantom_fissure_normal(anatomy, 1, x, normal);
        if (!clear) continue;
        sum += line * scan->pixel_mm * fabs(normal[1]) / (0.0 - lung);
        lines++;
    }
    assert_true(lines >= 8);
    assert_true(fabs(sum / lines - 1.2) < 0.15);
    end_scene(&a);
    end_scene(&b);
}

static void air_fills_its_share(void **state)
{
    (void)state;
    scene s = make_scene(37, "\"emphysema\": {\"share\": 1, \"air_share\": 0.2, \"bullae\": 0, \"hole_mm\": [4, 10], "
                             "\"hu\": -970, \"lung_hu\": -910}");
    scene plain = make_scene(37, "\"emphysema\": {\"share\": 1, \"air_share\": 0, \"bullae\": 0, \"lung_hu\": -910}");
    change c = compare(&s, &plain, IN_LUNG, 15.0f);
    double share = c.volume_ml / rs_phantom_lung_ml(&s.model->anatomy);
    if (share < 0.13 || share > 0.26) print_error("air fills %.3f\n", share);
    assert_true(share > 0.13 && share < 0.26);
    end_scene(&s);
    end_scene(&plain);
}

static void patches_fill_their_share_and_the_back_is_denser(void **state)
{
    (void)state;
    scene s =
        make_scene(38, "\"dependent\": {\"share\": 1, \"volume_share\": 0.2, \"gradient_hu\": 180, \"hu\": -500}");
    scene plain = make_scene(38, "\"dependent\": {\"share\": 1, \"volume_share\": 0, \"gradient_hu\": 180}");
    const rs_phantom_anatomy *a = &s.model->anatomy;
    assert_true(fabs(rs_phantom_lung_hu(a, a->cage_y) - rs_phantom_lung_hu(a, -a->cage_y) - 180.0) < 1e-9);
    change c = compare(&s, &plain, IN_LUNG, 60.0f);
    double share = c.volume_ml / rs_phantom_lung_ml(a);
    if (share < 0.1 || share > 0.3) print_error("patches fill %.3f\n", share);
    assert_true(share > 0.1 && share < 0.3);
    end_scene(&s);
    end_scene(&plain);
}

/* Variance that is left when cubes of 4 nodes are averaged: more for steeper spectra. */
static double coarse_share(const float *cube)
{
    enum { N = RS_PHANTOM_TILE, STEP = 4 };
    double all = 0.0, coarse = 0.0;
    for (int k = 0; k < N; k += STEP)
        for (int j = 0; j < N; j += STEP)
            for (int i = 0; i < N; i += STEP) {
                double sum = 0.0;
                for (int n = 0; n < STEP * STEP * STEP; n++) {
                    size_t at = ((size_t)(k + n / STEP / STEP) * N + (size_t)(j + n / STEP % STEP)) * N;
                    double v = (double)cube[at + (size_t)(i + n % STEP)];
                    sum += v;
                    all += v * v;
                }
                coarse += sum * sum / (STEP * STEP * STEP);
            }
    return coarse / all;
}

static void texture_has_its_strength_and_exponent(void **state)
{
    (void)state;
    const size_t all = (size_t)RS_PHANTOM_TILE * RS_PHANTOM_TILE * RS_PHANTOM_TILE;
    scene s = make_scene(
        39, "\"texture\": {\"share\": 1, \"sd_hu\": 25, \"exponent\": 3, \"lobule_hu\": 40, \"septum_hu\": 0}");
    double share[2], sum = 0.0, square = 0.0;
    for (int n = 0; n < 2; n++) {
        float *cube = NULL;
        assert_int_equal(rs_phantom_texture_make(s.ctx, s.arena, 39, n == 0 ? 2.8 : 3.4, &cube), RS_OK);
        share[n] = coarse_share(cube);
    }
    assert_true(share[1] > share[0] + 0.05);
    for (size_t v = 0; v < all; v++) {
        sum += (double)s.model->texture[v];
        square += (double)s.model->texture[v] * (double)s.model->texture[v];
    }
    assert_true(s.model->anatomy.texture_hu == 25.0 && fabs(sum / (double)all) < 1e-3);
    /* Noise and lobules are independent: their variances add. */
    double sd_hu = 25.0 * sqrt(square / (double)all);
    assert_true(fabs(sd_hu / sqrt(25.0 * 25.0 + 40.0 * 40.0) - 1.0) < 0.1);
    end_scene(&s);
}

/* Median over deep lung of what b has more than a, HU. */
static double denser_by(scene *a, scene *b)
{
    enum { BINS = 400 };
    int count[BINS] = {0}, n = 0, below = 0, bin = 0;
    const rs_phantom_scan *scan = &a->model->scan;
    const double z = 0.5 * a->model->anatomy.height_mm;
    paint(a, z);
    paint(b, z);
    for (int32_t j = 0; j < SIZE; j++) {
        for (int32_t i = 0; i < SIZE; i++) {
            const size_t p = (size_t)j * SIZE + (size_t)i;
            const double at[3] = {rs_phantom_x(scan, i), rs_phantom_y(scan, j), z};
            if (rs_phantom_lung_distance(&a->model->anatomy, at, NULL) > -6.0) continue;
            double more = (double)(b->plane.hu[p] - a->plane.hu[p]) + 0.5 * BINS;
            count[more < 0.0 ? 0 : (more >= BINS ? BINS - 1 : (int)more)]++;
            n++;
        }
    }
    assert_true(n > 500);
    while (below + count[bin] <= n / 2)
        below += count[bin++];
    return bin + 0.5 - 0.5 * BINS;
}

/* Without a word of it, or with the range that stands in the table, the lung is to the bit what it was before there was
   such a knob; and a patient keeps its place in any other range. */
static void lung_is_as_dense_as_asked(void **state)
{
    (void)state;
    scene plain = make_scene(41, NULL), textured = make_scene(41, "\"texture\": {\"share\": 1}"),
          same = make_scene(41, "\"texture\": {\"share\": 1, \"lung_hu\": [-895, -825]}"),
          fixed = make_scene(41, "\"texture\": {\"share\": 1, \"lung_hu\": -790}"),
          ranged = make_scene(41, "\"texture\": {\"share\": 1, \"lung_hu\": [-840, -780]}"),
          lying = make_scene(41, "\"texture\": {\"share\": 1, \"lung_hu\": -790}, \"dependent\": {\"share\": 1, "
                                 "\"volume_share\": 0, \"gradient_hu\": 180}");
    const rs_phantom_anatomy *a = &plain.model->anatomy;
    assert_true(fabs(a->lung_rank) < 1.0 && fabs(a->lung_rank) > 0.05);
    assert_true(fabs(a->lung_hu - (-860.0 + 35.0 * a->lung_rank)) < 1e-9);
    assert_true(textured.model->anatomy.lung_hu == a->lung_hu && same.model->anatomy.lung_hu == a->lung_hu);
    assert_true(fabs(fixed.model->anatomy.lung_hu + 790.0) < 1e-9);
    assert_true(fabs(ranged.model->anatomy.lung_hu - (-810.0 + 30.0 * a->lung_rank)) < 1e-9);
    /* The back of a dependent lung is denser still. */
    assert_true(fabs(lying.model->anatomy.lung_hu - (-790.0 + 0.4 * (180.0 - a->lung_gradient_hu))) < 1e-9);
    assert_true(fabs(denser_by(&textured, &same)) < 1.0);
    assert_true(fabs(denser_by(&textured, &fixed) - (-790.0 - a->lung_hu)) < 2.0);
    scene *const all[] = {&plain, &textured, &same, &fixed, &ranged, &lying};
    for (size_t n = 0; n < sizeof all / sizeof all[0]; n++)
        end_scene(all[n]);
}

typedef struct rendering {
    const rs_phantom_model *model;
    uint16_t *voxels;
} rendering;

static rs_status render_slice(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const rendering *r = arg;
    return rs_phantom_render(ctx, r->model, 4 + 2 * (int32_t)item, 1, r->voxels + (size_t)item * SIZE * SIZE);
}

static void same_bits_on_any_number_of_threads(void **state)
{
    (void)state;
    enum { ITEMS = 7 };
    static const int threads[] = {1, 2, 7};
    const size_t n = (size_t)ITEMS * SIZE * SIZE;
    uint16_t *first = malloc(n * sizeof *first), *again = malloc(n * sizeof *again);
    assert_true(first != NULL && again != NULL);
    scene s =
        make_scene(40, "\"decoys\": {\"share\": 1}, \"perifissural\": {\"share\": 1}, \"fissures\": {\"share\": 1}, "
                       "\"scars\": {\"share\": 1}, \"dependent\": {\"share\": 1}, \"emphysema\": {\"share\": 1}, "
                       "\"plugs\": {\"share\": 1}, \"ribs\": {\"share\": 1}, \"texture\": {\"share\": 1}");
    for (int t = 0; t < 3; t++) {
        rs_context *ctx = NULL;
        rendering r = {s.model, t == 0 ? first : again};
        assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads[t]}, &ctx), RS_OK);
        assert_int_equal(rs_parallel_for(ctx, ITEMS, render_slice, &r), RS_OK);
        if (t > 0) assert_memory_equal(first, again, n * sizeof *first);
        rs_context_free(ctx);
    }
    end_scene(&s);
    free(first);
    free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_changes_what_it_says_and_nothing_else),
        cmocka_unit_test(what_is_listed_lies_where_the_density_is),
        cmocka_unit_test(lesions_keep_away),
        cmocka_unit_test(shapes_weigh_their_volumes),
        cmocka_unit_test(decoys_bend_and_end),
        cmocka_unit_test(fissures_have_their_thickness),
        cmocka_unit_test(air_fills_its_share),
        cmocka_unit_test(patches_fill_their_share_and_the_back_is_denser),
        cmocka_unit_test(texture_has_its_strength_and_exponent),
        cmocka_unit_test(lung_is_as_dense_as_asked),
        cmocka_unit_test(same_bits_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
