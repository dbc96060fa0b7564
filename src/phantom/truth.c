/* What a phantom says of itself in truth.json. */
#include "truth.h"

#include <math.h>

#include "mode.h"
#include "restage/json.h"
#include "restage/text.h"
#include "series.h"

/* Litres of lung in the scanned box, right and left, by counting a lattice of 3 mm. near: room for the great tubes. */
static void count_lungs(const rs_phantom_model *m, int32_t *near, double out_ml[2])
{
    enum { STEP = 3 };
    const rs_phantom_anatomy *a = &m->anatomy;
    const rs_phantom_scan *s = &m->scan;
    rs_phantom_tubes great = {m->tubes.items, m->n_great, m->n_great};
    int64_t count[2] = {0, 0};
    double low = s->corner_mm[2] - 0.5 * s->spacing_mm, high = low + s->slices * s->spacing_mm;
    double x_end = s->corner_mm[0] + s->columns * s->pixel_mm, y_end = s->corner_mm[1] + s->rows * s->pixel_mm;
    for (double z = low > -30.0 ? low + 0.5 * STEP : -30.0; z < high && z < a->height_mm; z += STEP) {
        for (double y = s->corner_mm[1]; y < y_end; y += STEP) {
            const double row[2][3] = {{s->corner_mm[0], y, z}, {x_end, y, z}};
            int n_near = rs_phantom_tubes_around(&great, row[0], row[1], 0.0, near);
            for (double x = s->corner_mm[0]; x < x_end; x += STEP) {
                double p[3] = {x, y, z};
                int side = 0;
                bool inside = rs_phantom_lung_distance(a, p, &side) < 0.0;
                for (int n = 0; n < a->n_solids && inside; n++)
                    inside = a->solid[n].abdominal || rs_phantom_solid_distance(&a->solid[n], p) > 0.0;
                for (int n = 0; n < n_near && inside; n++)
                    inside = !rs_phantom_tube_near(&great.items[near[n]], p, 0.0);
                if (inside) count[side]++;
            }
        }
    }
    for (int side = 0; side < 2; side++)
        out_ml[side] = (double)count[side] * STEP * STEP * STEP / 1000.0;
}

static rs_json *acquisition_of(const rs_phantom_model *m)
{
    const rs_phantom_scan *s = &m->scan;
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "kernel", s->kernel);
    rs_json_set_real(o, "psf_fwhm_mm", s->psf_fwhm_mm, 4);
    rs_json_set_real(o, "psf_second_weight", s->psf_second_weight, 4);
    rs_json_set_real(o, "psf_second_scale", s->psf_second_scale, 4);
    rs_json_set_real(o, "slice_thickness_mm", s->thickness_mm, 4);
    rs_json_set_real(o, "slice_slope_mm", s->slope_mm, 4);
    rs_json_set_real(o, "slice_fwhm_mm", s->slice_fwhm_mm, 4);
    rs_json_set_real(o, "noise_hu", s->noise_hu, 3);
    return o;
}

static void to_lps(const rs_phantom_model *m, const double p[3], double lps_mm[3])
{
    for (int c = 0; c < 3; c++)
        lps_mm[c] = p[c] + m->scan.shift_mm[c];
}

static rs_truth_lesion lesion_of(const rs_phantom_model *m, const rs_phantom_lesion *l)
{
    static const char *const sides[] = {"right", "left"}, *const aims[] = {"free", "vessel", "pleura"};
    static const char *const densities[] = {"solid", "ground_glass", "part_solid", "cavity", "calcified"};
    static const char *const fates[] = {"same", "grown", "new"};
    const bool later = m->options.time_point > 0;
    rs_truth_lesion out = {
        .side = sides[l->side],
        .volume_mm3 = l->volume_mm3,
        .equivalent_mm = l->equivalent_mm,
        .nominal_mm = l->nominal_mm,
        .hu = l->mean_hu,
        .contrast_hu = l->contrast_hu,
        .attachment = rs_truth_attachment(l->vessel_share, l->wall_share),
        .aimed = aims[l->attachment],
        .density = densities[l->density],
        .shape = l->shape,
        .core_volume_mm3 = l->density == RS_PHANTOM_PART_SOLID ? l->core_volume_mm3 : (double)NAN,
        .vessel_share = l->vessel_share,
        .wall_share = l->wall_share,
        .source = "formula",
        .state = later ? fates[l->fate] : NULL,
        .id_before = l->id_before,
    };
    to_lps(m, l->centre, out.lps_mm);
    return out;
}

/* Fills the lists of the sheet. */
static rs_status fill_lists(rs_context *ctx, rs_arena *arena, const rs_phantom_model *m, rs_truth_sheet *sheet)
{
    rs_truth_lesion *lesions = RS_ARENA_NEW(arena, rs_truth_lesion, m->lesions.n);
    rs_truth_thing *irrelevant = RS_ARENA_NEW(arena, rs_truth_thing, m->n_irrelevant),
                   *gone = RS_ARENA_NEW(arena, rs_truth_thing, m->gone.n);
    const char **modes = RS_ARENA_NEW(arena, const char *, RS_PHANTOM_MODES);
    if (lesions == NULL || irrelevant == NULL || gone == NULL || modes == NULL)
        return rs_fail_memory(ctx, "the phantom's truth");
    for (int n = 0; n < m->lesions.n; n++)
        lesions[n] = lesion_of(m, &m->lesions.items[n]);
    for (int n = 0; n < m->n_irrelevant; n++) {
        irrelevant[n] = (rs_truth_thing){.diameter_mm = m->irrelevant[n].diameter_mm, .what = m->irrelevant[n].what};
        to_lps(m, m->irrelevant[n].centre, irrelevant[n].lps_mm);
    }
    for (int n = 0; n < m->gone.n; n++) {
        const rs_phantom_lesion *l = &m->gone.items[n];
        gone[n] = (rs_truth_thing){.diameter_mm = l->equivalent_mm,
                                   .what = l->fate == RS_PHANTOM_VANISHED ? "lesion" : "lesion outside the scan",
                                   .id_before = l->id_before};
        to_lps(m, l->centre, gone[n].lps_mm);
    }
    sheet->n_modes = 0;
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        if (m->has[id]) modes[sheet->n_modes++] = rs_phantom_mode_at((rs_phantom_mode_id)id)->name;
    sheet->modes = modes;
    sheet->lesions = lesions;
    sheet->n_lesions = m->lesions.n;
    sheet->irrelevant = irrelevant;
    sheet->n_irrelevant = m->n_irrelevant;
    sheet->vanished = gone;
    sheet->n_vanished = m->gone.n;
    return RS_OK;
}

static rs_json *lungs_of(const rs_phantom_model *m, int32_t *near)
{
    rs_json *lungs = rs_json_object();
    double ml[2];
    count_lungs(m, near, ml);
    rs_json_set_real(lungs, "right_ml", ml[0], 1);
    rs_json_set_real(lungs, "left_ml", ml[1], 1);
    rs_json_set_real(lungs, "density_hu", m->anatomy.lung_hu, 2);
    rs_json_set_real(lungs, "texture_hu", m->anatomy.texture_hu, 2);
    return lungs;
}

rs_status rs_phantom_truth(rs_context *ctx, rs_arena *arena, const rs_phantom_model *m, char **text, size_t *bytes)
{
    const rs_phantom_identity of = {&m->options, m->recipe.digest};
    const rs_phantom_scan *scan = &m->scan;
    char study[65], series[65], patient[64];
    rs_text_format(patient, sizeof patient, "SYNTHETIC-%llu", (unsigned long long)m->seed);
    rs_phantom_uid(&of, RS_PHANTOM_UID_STUDY, 0, study);
    rs_phantom_uid(&of, RS_PHANTOM_UID_SERIES, 0, series);
    rs_truth_sheet sheet = {
        .kind = "phantom",
        .recipe = m->recipe.name,
        .seed = m->seed,
        .lesion_seed = m->lesion_seed,
        .scan_seed = m->options.scan_seed > 0 ? m->options.scan_seed : m->seed,
        .time_point = m->options.time_point,
        .patient_id = patient,
        .study_uid = study,
        .series_uid = series,
        .columns = scan->columns,
        .rows = scan->rows,
        .slices = scan->slices,
        .spacing_mm = {scan->pixel_mm, scan->pixel_mm, scan->spacing_mm},
    };
    int32_t *near = RS_ARENA_RAW(arena, int32_t, m->n_great + 1);
    if (near == NULL) return rs_fail_memory(ctx, "the phantom's truth");
    to_lps(m, scan->corner_mm, sheet.first_voxel_lps_mm);
    RS_TRY(fill_lists(ctx, arena, m, &sheet));
    sheet.acquisition = acquisition_of(m);
    sheet.lungs = lungs_of(m, near);
    return rs_truth_print(ctx, &sheet, text, bytes);
}
