/* truth.json of an insertion: schema restage-truth-2, kind "insertion". Positions are LPS mm. */
#include <math.h>

#include "insert_room.h"
#include "restage/json.h"
#include "restage/text.h"
#include "restage/version.h"

static void set_vector(rs_json *object, const char *key, const double *values, int n, int decimals)
{
    rs_json *array = rs_json_array();
    for (int c = 0; c < n; c++)
        rs_json_add_real(array, values[c], decimals);
    rs_json_set(object, key, array);
}

static void to_lps(const rs_geometry *g, const double place_mm[3], double lps_mm[3])
{
    double index[3];
    for (int c = 0; c < 3; c++)
        index[c] = place_mm[c] / g->spacing_mm[c];
    rs_geometry_to_lps(g, index, lps_mm);
}

/* That of the searched region at or near a place. */
static const char *side_of(const rs_insert_scene *s, const double place_mm[3])
{
    static const char *const names[] = {NULL, "left", "right", NULL};
    const rs_regions *regions = s->in->regions;
    int32_t at[3];
    for (int c = 0; c < 3; c++)
        at[c] = (int32_t)floor(place_mm[c] / regions->geometry.spacing_mm[c] + 0.5);
    for (int32_t reach = 0; reach < 40; reach++) {
        for (int32_t j = -reach; j <= reach; j++) {
            for (int32_t i = -reach; i <= reach; i++) {
                if (i != -reach && i != reach && j != -reach && j != reach) continue;
                int r = rs_regions_at(regions, at[0] + i, at[1] + j, at[2]);
                if (r >= 0 && s->search[r + 1] != 0) return names[regions->region[r].side];
            }
        }
    }
    return NULL;
}

static double equivalent_mm(double volume_mm3)
{
    return volume_mm3 > 0.0 ? rs_phantom_pow(6.0 * volume_mm3 / M_PI, 1.0 / 3.0) : 0.0;
}

static rs_json *lesion_of(const rs_insertion *in, int index)
{
    static const char *const densities[] = {"solid", "part_solid", "ground_glass", "cavity", "calcified"};
    const rs_insert_lesion *l = &in->lesions[index];
    rs_json *o = rs_json_object();
    double lps[3];
    to_lps(&in->scene->in->volume->geometry, l->centre_mm, lps);
    rs_json_set_integer(o, "id", index + 1);
    set_vector(o, "lps_mm", lps, 3, 4);
    rs_json_set_text(o, "side", side_of(in->scene, l->centre_mm));
    rs_json_set_real(o, "volume_mm3", l->volume_mm3, 3);
    rs_json_set_real(o, "equivalent_mm", equivalent_mm(l->volume_mm3), 4);
    rs_json_set_real(o, "nominal_mm", l->diameter_mm, 4);
    rs_json_set_real(o, "hu", l->outer_hu, 2);
    rs_json_set_real(o, "contrast_hu", l->contrast_hu, 2);
    rs_json_set_text(o, "attachment", rs_insert_attachment(l));
    rs_json_set_text(o, "density", densities[l->density]);
    rs_json_set_text(o, "shape", l->shape.name);
    rs_json_set_real(o, "core_volume_mm3", l->density == RS_INSERT_PART_SOLID ? l->core_volume_mm3 : (double)NAN, 3);
    rs_json_set_real(o, "vessel_share", l->vessel_share, 4);
    rs_json_set_real(o, "wall_share", l->wall_share, 4);
    rs_json_set_text(o, "source", "formula");
    return o;
}

static rs_json *geometry_of(const rs_geometry *g)
{
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "columns", g->n[0]);
    rs_json_set_integer(o, "rows", g->n[1]);
    rs_json_set_integer(o, "slices", g->n[2]);
    set_vector(o, "spacing_mm", g->spacing_mm, 3, 9);
    set_vector(o, "first_voxel_lps_mm", g->origin_lps_mm, 3, 6);
    return o;
}

static rs_json *acquisition_of(const rs_insert_scene *s)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "kernel", s->in->series->kernel);
    rs_json_set_real(o, "psf_fwhm_mm", s->in->quality->psf.in_plane_mm, 4);
    rs_json_set_real(o, "slice_thickness_mm", s->in->quality->thickness_mm, 4);
    rs_json_set_real(o, "slice_fwhm_mm", s->in->quality->psf.axial_mm, 4);
    rs_json_set_real(o, "noise_hu", s->in->quality->noise_hu, 3);
    return o;
}

rs_status rs_insert_truth(rs_context *ctx, const rs_insertion *in, char **text, size_t *bytes)
{
    const rs_insert_scene *s = in->scene;
    rs_json *root = rs_json_object(), *lesions = rs_json_array(), *irrelevant = rs_json_array();
    char uid[65], seed[24], id[32];
    rs_text_format(seed, sizeof seed, "%llu", (unsigned long long)s->options->seed);
    rs_text_format(id, sizeof id, "SYNTHETIC-%.8s", s->digest);
    rs_json_set_text(root, "schema", "restage-truth-2");
    rs_json_set_text(root, "version", rs_version());
    rs_json_set_text(root, "kind", "insertion");
    rs_json_set_null(root, "recipe");
    rs_json_set_text(root, "seed", seed);
    rs_json_set_text(root, "lesion_seed", seed);
    rs_json_set_text(root, "scan_seed", seed);
    rs_json_set_integer(root, "time_point", 0);
    rs_json_set_text(root, "patient_id", id);
    rs_insert_uid(s, 1, 0, uid);
    rs_json_set_text(root, "study_uid", uid);
    rs_insert_uid(s, 2, 0, uid);
    rs_json_set_text(root, "series_uid", uid);
    rs_json_set(root, "geometry", geometry_of(&s->in->volume->geometry));
    rs_json_set(root, "acquisition", acquisition_of(s));
    rs_json_set(root, "modes", rs_json_array());
    for (int n = 0; n < in->n; n++)
        rs_json_add(lesions, lesion_of(in, n));
    rs_json_set(root, "lesions", lesions);
    for (int n = 0; n < s->n_real; n++) {
        rs_json *o = rs_json_object();
        set_vector(o, "lps_mm", s->real[n].lps_mm, 3, 4);
        rs_json_set_real(o, "diameter_mm", s->real[n].diameter_mm, 4);
        rs_json_set_text(o, "what", "real lesion");
        rs_json_add(irrelevant, o);
    }
    rs_json_set(root, "irrelevant", irrelevant);
    rs_status status = rs_json_print(ctx, root, text, bytes);
    rs_json_free(root);
    return status;
}
