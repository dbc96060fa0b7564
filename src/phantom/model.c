/* Builds the model of a phantom from its options. */
#include "model.h"

#include <string.h>

#include "mode.h"
#include "random.h"
#include "restage/text.h"
#include "texture.h"
#include "tree.h"

static rs_status check_options(rs_context *ctx, const rs_phantom_options *o)
{
    const double least_mm = o->recipe != NULL ? 1 : 2;
    struct {
        const char *what;
        double value, low, high;
    } rows[] = {{"columns", o->columns, 32, 2048},
                {"rows", o->rows, 32, 2048},
                {"slices", o->slices, 1, 2000},
                {"slice spacing", o->slice_spacing_mm, 0.2, 20},
                {"slice thickness", o->thickness_mm, 0.2, 20},
                {"field of view", o->field_of_view_mm, 50, 1000},
                {"smallest lesion", o->smallest_mm, least_mm, 80},
                {"largest lesion", o->largest_mm, least_mm, 80},
                {"time point", o->time_point, 0, 1}};
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
        if (rows[n].value != 0.0 && !(rows[n].value >= rows[n].low && rows[n].value <= rows[n].high))
            return rs_fail(ctx, RS_USAGE, "the phantom's %s must lie between %g and %g", rows[n].what, rows[n].low,
                           rows[n].high);
    if (o->n_lesions < -1 || o->n_lesions > RS_PHANTOM_LESIONS_MAX)
        return rs_fail(ctx, RS_USAGE, "the phantom's number of lesions must lie between 0 and %d",
                       RS_PHANTOM_LESIONS_MAX);
    return RS_OK;
}

/* What the options leave open by the recipe, what that leaves open by its default. */
static rs_status fit_recipe(rs_context *ctx, rs_phantom_model *m)
{
    const rs_phantom_options *o = &m->options;
    rs_phantom_recipe *r = &m->recipe;
    if (r->name == NULL) r->smallest_mm = 2.0;
    if (o->smallest_mm > 0.0) r->smallest_mm = o->smallest_mm;
    if (o->largest_mm > 0.0) r->largest_mm = o->largest_mm;
    if (o->time_point > 0 && !r->has_follow_up)
        return rs_fail(ctx, RS_USAGE, "--time-point 1 wants a --recipe with follow_up, which says what changes");
    if (r->largest_mm < r->smallest_mm)
        return rs_fail(ctx, RS_USAGE, "the phantom's largest lesion is smaller than its smallest");
    m->seed = o->seed;
    m->lesion_seed = o->lesion_seed > 0 ? o->lesion_seed : o->seed;
    m->scan_seed = o->scan_seed > 0 ? o->scan_seed : o->seed;
    return RS_OK;
}

/* The size of a slice in z: of the options, else drawn from the recipe, which keeps 300 mm of scan. */
static void draw_slices(const rs_phantom_recipe *recipe, rs_phantom_options *o)
{
    enum { SLICES = 300 };
    rs_phantom_random random = rs_phantom_random_of(o->seed, RS_PHANTOM_STREAM_SCAN, 1), *r = &random;
    double thickness = rs_phantom_uniform(r, recipe->thickness_mm.low, recipe->thickness_mm.high);
    double share = rs_phantom_uniform(r, recipe->spacing_share.low, recipe->spacing_share.high);
    if (recipe->thickness_mm.high <= 0.0 || o->thickness_mm > 0.0 || o->slice_spacing_mm > 0.0) return;
    o->thickness_mm = rs_round_decimals(thickness, 1);
    o->slice_spacing_mm = rs_round_decimals(o->thickness_mm * (share > 0.0 ? share : 1.0), 2);
    if (o->slice_spacing_mm < 0.2) o->slice_spacing_mm = 0.2;
    if (o->slices == 0) o->slices = (int32_t)(SLICES / o->slice_spacing_mm + 0.5);
}

static rs_status draw_scan(rs_context *ctx, rs_arena *arena, rs_phantom_model *m)
{
    rs_phantom_options options = m->options;
    options.seed = m->scan_seed;
    draw_slices(&m->recipe, &options);
    rs_phantom_scan_draw(&options, 0.5 * m->anatomy.height_mm - 6.0, &m->scan);
    return rs_phantom_modes_scan(ctx, arena, m);
}

static void bin_range(const rs_phantom_model *m, const rs_phantom_tube *t, int *first, int *last)
{
    double reach = (double)(t->radius_a > t->radius_b ? t->radius_a : t->radius_b) + 0.5 * m->scan.pixel_mm;
    double low = (double)(t->a[2] < t->b[2] ? t->a[2] : t->b[2]) - reach;
    double high = (double)(t->a[2] > t->b[2] ? t->a[2] : t->b[2]) + reach;
    double from = floor((low - m->bins.first_mm) / m->bins.bin_mm),
           to = floor((high - m->bins.first_mm) / m->bins.bin_mm);
    *first = from < 0.0 ? 0 : (int)from;
    *last = to >= m->bins.n_bins ? m->bins.n_bins - 1 : (int)to;
}

/* Sorts the tubes into bins by height; layers rise within a bin. */
static rs_status make_bins(rs_context *ctx, rs_arena *arena, rs_phantom_model *m)
{
    const rs_phantom_scan *scan = &m->scan;
    double extent = (scan->slices - 1) * scan->spacing_mm + 2.0 * (scan->reach + 1) * scan->sub_mm;
    double lean = (scan->rows - 1) * scan->rise_mm;
    m->bins = (rs_phantom_bins){.first_mm = scan->corner_mm[2] - (scan->reach + 1) * scan->sub_mm, .bin_mm = 2.0};
    m->bins.first_mm += lean < 0.0 ? lean : 0.0;
    extent += fabs(lean);
    m->bins.n_bins = (int)(extent / m->bins.bin_mm) + 1;
    int32_t *begin = RS_ARENA_NEW(arena, int32_t, m->bins.n_bins + 2);
    if (begin == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    int first = 0, last = 0;
    for (int n = 0; n < m->tubes.n; n++) {
        bin_range(m, &m->tubes.items[n], &first, &last);
        for (int b = first; b <= last; b++)
            begin[b + 2]++;
    }
    for (int b = 2; b <= m->bins.n_bins + 1; b++)
        begin[b] += begin[b - 1];
    int32_t *tube = RS_ARENA_RAW(arena, int32_t, begin[m->bins.n_bins + 1]);
    if (tube == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    for (int layer = 0; layer < RS_PHANTOM_LAYERS; layer++) {
        for (int n = 0; n < m->tubes.n; n++) {
            if (m->tubes.items[n].layer != layer) continue;
            bin_range(m, &m->tubes.items[n], &first, &last);
            for (int b = first; b <= last; b++)
                tube[begin[b + 1]++] = n;
        }
    }
    m->bins.begin = begin;
    m->bins.tube = tube;
    return RS_OK;
}

/* The box that the scan at time point 0 covers: there lie the lesions, whatever scans them later. */
static void set_box(const rs_phantom_scan *scan, rs_phantom_lesions_args *args)
{
    const double size[3] = {(scan->columns - 1) * scan->pixel_mm, (scan->rows - 1) * scan->pixel_mm,
                            (scan->slices - 1) * scan->spacing_mm};
    for (int c = 0; c < 3; c++) {
        args->low_mm[c] = scan->corner_mm[c];
        args->high_mm[c] = scan->corner_mm[c] + size[c];
    }
    /* Of slices that lean, what they all cover of the lungs' depth. */
    double y = scan->corner_mm[1] + 0.5 * (scan->rows - 1) * scan->row_mm,
           half = 85.0 * fabs(scan->rise_mm) / scan->row_mm;
    double middle = (y - scan->corner_mm[1]) * scan->rise_mm / scan->row_mm;
    args->high_mm[1] = scan->corner_mm[1] + (scan->rows - 1) * scan->row_mm;
    args->low_mm[2] += middle + half;
    args->high_mm[2] += middle - half;
}

static rs_status place_lesions(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                               rs_phantom_model *m)
{
    RS_TRY(m->recipe.name == NULL ? rs_phantom_lesions_draw(ctx, arena, args, &m->lesions)
                                  : rs_phantom_lesions_draw_by_recipe(ctx, arena, args, &m->lesions));
    if (m->options.time_point == 0) return RS_OK;
    return rs_phantom_lesions_follow(ctx, arena, args, &m->lesions, &m->gone);
}

/* The scan of time point 1: another scanner, or the same with other noise. */
static rs_status draw_later_scan(rs_context *ctx, rs_arena *arena, rs_phantom_model *m)
{
    const uint64_t later = rs_phantom_key(m->scan_seed, RS_PHANTOM_STREAM_TIME, 1);
    if (!m->recipe.follow_up.other_scanner) {
        m->scan.seed = later;
        return RS_OK;
    }
    m->scan_seed = later;
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        m->has[id] = rs_phantom_has(m, (rs_phantom_mode_id)id);
    return draw_scan(ctx, arena, m);
}

rs_status rs_phantom_model_new(rs_context *ctx, rs_arena *arena, const rs_phantom_options *options, bool spheres,
                               rs_phantom_model **out)
{
    RS_TRY(check_options(ctx, options));
    rs_phantom_model *m = RS_ARENA_NEW(arena, rs_phantom_model, 1);
    if (m == NULL) return rs_fail_memory(ctx, "the phantom");
    m->options = *options;
    RS_TRY(rs_phantom_recipe_read(ctx, arena, options->recipe, &m->recipe));
    RS_TRY(fit_recipe(ctx, m));
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        m->has[id] = rs_phantom_has(m, (rs_phantom_mode_id)id);
    rs_phantom_anatomy_draw(options->seed, &m->anatomy);
    RS_TRY(rs_phantom_modes_anatomy(ctx, arena, m));
    RS_TRY(draw_scan(ctx, arena, m));
    rs_phantom_lesions_args args = {.model = m,
                                    .anatomy = &m->anatomy,
                                    .tubes = &m->tubes,
                                    .seed = m->lesion_seed,
                                    .wanted = options->n_lesions,
                                    .smallest_mm = m->recipe.smallest_mm,
                                    .largest_mm = m->recipe.largest_mm,
                                    .spheres = spheres};
    set_box(&m->scan, &args);
    if (options->time_point == 1) RS_TRY(draw_later_scan(ctx, arena, m));
    RS_TRY(rs_phantom_skeleton(ctx, arena, &m->anatomy, &m->tubes));
    RS_TRY(rs_phantom_mediastinum(ctx, arena, &m->anatomy, &m->tubes));
    m->n_great = m->tubes.n;
    RS_TRY(rs_phantom_vessels(ctx, arena, &m->anatomy, options->seed, &m->tubes));
    RS_TRY(rs_phantom_modes_tubes(ctx, arena, m));
    RS_TRY(rs_phantom_modes_draw(ctx, arena, m));
    RS_TRY(place_lesions(ctx, arena, &args, m));
    RS_TRY(make_bins(ctx, arena, m));
    if (m->texture == NULL) RS_TRY(rs_phantom_texture_new(ctx, arena, options->seed, &m->texture));
    *out = m;
    return RS_OK;
}
