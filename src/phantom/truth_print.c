/* Prints a sheet of truth as JSON. */
#include "truth.h"

#include <math.h>

#include "restage/text.h"
#include "restage/version.h"
#include "series.h"

const char *rs_truth_attachment(double vessel_share, double wall_share)
{
    return vessel_share > 0.15 ? "vessel" : (wall_share > 0.10 ? "pleura" : "free");
}

/* A Fibonacci sphere; the angle by steps of the golden one, without libm. */
void rs_truth_turn_ray(int n, double phase[2], double out[3])
{
    static const double golden[2] = {-0.73736887807831990, 0.67549029426152364}; /* cos, sin of pi (3 - sqrt 5) */
    double z = 1.0 - (2.0 * n + 1.0) / RS_TRUTH_RAYS, flat = sqrt(1.0 - z * z);
    out[0] = flat * phase[0];
    out[1] = flat * phase[1];
    out[2] = z;
    double c = phase[0] * golden[0] - phase[1] * golden[1];
    phase[1] = phase[0] * golden[1] + phase[1] * golden[0];
    phase[0] = c;
}

void rs_truth_set_numbers(rs_json *object, const char *key, const double *values, int n, int decimals)
{
    rs_json *array = rs_json_array();
    for (int c = 0; c < n; c++)
        rs_json_add_real(array, values[c], decimals);
    rs_json_set(object, key, array);
}

static void set_id(rs_json *object, const char *key, int id)
{
    if (id > 0) {
        rs_json_set_integer(object, key, id);
    } else {
        rs_json_set_null(object, key);
    }
}

static void set_seed(rs_json *object, const char *key, uint64_t seed)
{
    char text[24]; /* JSON numbers are doubles to most readers */
    rs_text_format(text, sizeof text, "%llu", (unsigned long long)seed);
    rs_json_set_text(object, key, text);
}

static rs_json *lesion_of(const rs_truth_lesion *l, int id)
{
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "id", id);
    rs_truth_set_numbers(o, "lps_mm", l->lps_mm, 3, 4);
    rs_json_set_text(o, "side", l->side);
    rs_json_set_real(o, "volume_mm3", l->volume_mm3, 3);
    rs_json_set_real(o, "equivalent_mm", l->equivalent_mm, 4);
    rs_json_set_real(o, "nominal_mm", l->nominal_mm, 4);
    rs_json_set_real(o, "hu", l->hu, 2);
    rs_json_set_real(o, "contrast_hu", l->contrast_hu, 2);
    rs_json_set_text(o, "attachment", l->attachment);
    rs_json_set_text(o, "aimed", l->aimed);
    rs_json_set_text(o, "density", l->density);
    rs_json_set_text(o, "shape", l->shape);
    rs_json_set_real(o, "core_volume_mm3", l->core_volume_mm3, 3);
    rs_json_set_real(o, "vessel_share", l->vessel_share, 4);
    rs_json_set_real(o, "wall_share", l->wall_share, 4);
    rs_json_set_text(o, "source", l->source);
    if (l->state != NULL) {
        rs_json *time = rs_json_object();
        rs_json_set_text(time, "state", l->state);
        set_id(time, "id_before", l->id_before);
        rs_json_set(o, "time", time);
    }
    return o;
}

static rs_json *things_of(const rs_truth_thing *things, int n)
{
    rs_json *array = rs_json_array();
    for (int t = 0; t < n; t++) {
        rs_json *o = rs_json_object();
        if (things[t].id_before > 0) rs_json_set_integer(o, "id_before", things[t].id_before);
        rs_truth_set_numbers(o, "lps_mm", things[t].lps_mm, 3, 4);
        rs_json_set_real(o, "diameter_mm", things[t].diameter_mm, 4);
        rs_json_set_text(o, "what", things[t].what);
        rs_json_add(array, o);
    }
    return array;
}

static rs_json *geometry_of(const rs_truth_sheet *s)
{
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "columns", s->columns);
    rs_json_set_integer(o, "rows", s->rows);
    rs_json_set_integer(o, "slices", s->slices);
    rs_truth_set_numbers(o, "spacing_mm", s->spacing_mm, 3, 9);
    rs_truth_set_numbers(o, "first_voxel_lps_mm", s->first_voxel_lps_mm, 3, 6);
    return o;
}

rs_status rs_truth_print(rs_context *ctx, const rs_truth_sheet *s, char **text, size_t *bytes)
{
    rs_json *root = rs_json_object(), *modes = rs_json_array(), *lesions = rs_json_array();
    rs_json_set_text(root, "schema", "restage-truth-2");
    rs_json_set_text(root, "version", rs_version());
    rs_json_set_integer(root, "generation", RS_PHANTOM_GENERATION);
    rs_json_set_text(root, "kind", s->kind);
    rs_json_set_text(root, "recipe", s->recipe);
    set_seed(root, "seed", s->seed);
    set_seed(root, "lesion_seed", s->lesion_seed);
    set_seed(root, "scan_seed", s->scan_seed);
    rs_json_set_integer(root, "time_point", s->time_point);
    rs_json_set_text(root, "patient_id", s->patient_id);
    rs_json_set_text(root, "study_uid", s->study_uid);
    rs_json_set_text(root, "series_uid", s->series_uid);
    rs_json_set(root, "geometry", geometry_of(s));
    rs_json_set(root, "acquisition", s->acquisition);
    if (s->lungs != NULL) rs_json_set(root, "lungs", s->lungs);
    for (int n = 0; n < s->n_modes; n++)
        rs_json_add_text(modes, s->modes[n]);
    rs_json_set(root, "modes", modes);
    for (int n = 0; n < s->n_lesions; n++)
        rs_json_add(lesions, lesion_of(&s->lesions[n], n + 1));
    rs_json_set(root, "lesions", lesions);
    rs_json_set(root, "irrelevant", things_of(s->irrelevant, s->n_irrelevant));
    if (s->time_point > 0) rs_json_set(root, "vanished", things_of(s->vanished, s->n_vanished));
    rs_status status = rs_json_print(ctx, root, text, bytes);
    rs_json_free(root);
    return status;
}
