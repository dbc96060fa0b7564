/* truth.json of a phantom: schema restage-phantom-truth-1. Positions are LPS mm as in the series' own headers. */
#include <string.h>

#include "restage/json.h"
#include "restage/text.h"
#include "restage/version.h"
#include "series.h"

static const char *const side_names[] = {"right", "left"};
static const char *const attachment_names[] = {"free", "vessel", "pleura"};

static void set_vector(rs_json *object, const char *key, const double *values, int n, int decimals)
{
    rs_json *array = rs_json_array();
    for (int c = 0; c < n; c++)
        rs_json_add_real(array, values[c], decimals);
    rs_json_set(object, key, array);
}

/* Litres of lung in the scanned box, right and left, by counting a lattice of 3 mm. */
static void count_lungs(const rs_phantom_model *m, double out_ml[2])
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
            for (double x = s->corner_mm[0]; x < x_end; x += STEP) {
                double p[3] = {x, y, z};
                int side = 0;
                bool inside = rs_phantom_lung_distance(a, p, &side) < 0.0;
                for (int n = 0; n < a->n_solids && inside; n++)
                    inside = a->solid[n].abdominal || rs_phantom_solid_distance(&a->solid[n], p) > 0.0;
                if (inside && rs_phantom_tubes_distance(&great, p) > 0.0) count[side]++;
            }
        }
    }
    for (int side = 0; side < 2; side++)
        out_ml[side] = (double)count[side] * STEP * STEP * STEP / 1000.0;
}

static rs_json *geometry_of(const rs_phantom_scan *s)
{
    rs_json *o = rs_json_object();
    double corner[3], spacing[3] = {s->pixel_mm, s->pixel_mm, s->spacing_mm};
    for (int c = 0; c < 3; c++)
        corner[c] = s->corner_mm[c] + s->shift_mm[c];
    rs_json_set_integer(o, "columns", s->columns);
    rs_json_set_integer(o, "rows", s->rows);
    rs_json_set_integer(o, "slices", s->slices);
    set_vector(o, "spacing_mm", spacing, 3, 9);
    set_vector(o, "first_voxel_lps_mm", corner, 3, 6);
    return o;
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

static rs_json *lesion_of(const rs_phantom_model *m, int index)
{
    const rs_phantom_lesion *l = &m->lesions.items[index];
    rs_json *o = rs_json_object();
    double lps[3];
    for (int c = 0; c < 3; c++)
        lps[c] = l->centre[c] + m->scan.shift_mm[c];
    rs_json_set_integer(o, "id", index + 1);
    set_vector(o, "lps_mm", lps, 3, 4);
    rs_json_set_text(o, "side", side_names[l->side]);
    rs_json_set_real(o, "volume_mm3", l->volume_mm3, 3);
    rs_json_set_real(o, "equivalent_mm", l->equivalent_mm, 4);
    rs_json_set_real(o, "hu", l->hu, 2);
    rs_json_set_real(o, "contrast_hu", l->contrast_hu, 2);
    rs_json_set_text(o, "attachment", attachment_names[l->attachment]);
    rs_json_set_text(o, "kind", "solid");
    rs_json_set_text(o, "shape", l->shape);
    return o;
}

rs_status rs_phantom_truth(rs_context *ctx, const rs_phantom_model *m, char **text, size_t *bytes)
{
    const rs_phantom_identity of = {&m->options, m->recipe.digest};
    rs_json *root = rs_json_object(), *lungs = rs_json_object(), *lesions = rs_json_array();
    char uid[65], seed[24];
    double ml[2];
    rs_text_format(seed, sizeof seed, "%llu", (unsigned long long)m->seed);
    rs_json_set_text(root, "schema", "restage-phantom-truth-1");
    rs_json_set_text(root, "version", rs_version());
    rs_json_set_integer(root, "generation", RS_PHANTOM_GENERATION);
    rs_json_set_text(root, "seed", seed);
    rs_phantom_uid(&of, RS_PHANTOM_UID_STUDY, 0, uid);
    rs_json_set_text(root, "study_uid", uid);
    rs_phantom_uid(&of, RS_PHANTOM_UID_SERIES, 0, uid);
    rs_json_set_text(root, "series_uid", uid);
    rs_json_set(root, "geometry", geometry_of(&m->scan));
    rs_json_set(root, "acquisition", acquisition_of(m));
    count_lungs(m, ml);
    rs_json_set_real(lungs, "right_ml", ml[0], 1);
    rs_json_set_real(lungs, "left_ml", ml[1], 1);
    rs_json_set_real(lungs, "density_hu", m->anatomy.lung_hu, 2);
    rs_json_set_real(lungs, "texture_hu", m->anatomy.texture_hu, 2);
    rs_json_set(root, "lungs", lungs);
    for (int n = 0; n < m->lesions.n; n++)
        rs_json_add(lesions, lesion_of(m, n));
    rs_json_set(root, "lesions", lesions);
    rs_status status = rs_json_print(ctx, root, text, bytes);
    rs_json_free(root);
    return status;
}
