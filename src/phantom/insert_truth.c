/* truth.json of an insertion: kind "insertion". */
#include <math.h>

#include "insert_room.h"
#include "library.h"
#include "restage/text.h"
#include "truth.h"

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

static rs_truth_lesion lesion_of(const rs_insertion *in, const rs_insert_lesion *l)
{
    static const char *const densities[] = {"solid", "part_solid", "ground_glass", "cavity", "calcified"};
    static const char *const aims[] = {NULL, "vessel", "pleura"};
    rs_truth_lesion t = {
        .side = side_of(in->scene, l->centre_mm),
        .volume_mm3 = l->volume_mm3,
        .equivalent_mm = l->volume_mm3 > 0.0 ? rs_phantom_pow(6.0 * l->volume_mm3 / M_PI, 1.0 / 3.0) : 0.0,
        .nominal_mm = l->diameter_mm,
        .hu = l->mean_hu,
        .contrast_hu = l->mean_hu - l->background_hu,
        .attachment = rs_truth_attachment(l->vessel_share, l->wall_share),
        .aimed = aims[l->aim],
        .density = densities[l->density],
        .shape = l->cutout != NULL ? "cutout" : l->shape.name,
        .core_volume_mm3 = l->density == RS_INSERT_PART_SOLID && l->cutout == NULL ? l->core_volume_mm3 : (double)NAN,
        .vessel_share = l->vessel_share,
        .wall_share = l->wall_share,
        .source = l->cutout != NULL ? rs_cutout_name(l->cutout) : "formula",
    };
    to_lps(&in->scene->in->volume->geometry, l->centre_mm, t.lps_mm);
    return t;
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

rs_status rs_insert_truth(rs_context *ctx, rs_arena *arena, const rs_insertion *in, char **text, size_t *bytes)
{
    const rs_insert_scene *s = in->scene;
    const rs_geometry *g = &s->in->volume->geometry;
    rs_truth_lesion *lesions = RS_ARENA_NEW(arena, rs_truth_lesion, in->n);
    rs_truth_thing *real = RS_ARENA_NEW(arena, rs_truth_thing, s->n_real);
    char id[32], study[65], series[65];
    if (lesions == NULL || real == NULL) return rs_fail_memory(ctx, "truth.json");
    for (int n = 0; n < in->n; n++)
        lesions[n] = lesion_of(in, &in->lesions[n]);
    for (int n = 0; n < s->n_real; n++) {
        real[n] = (rs_truth_thing){.diameter_mm = s->real[n].diameter_mm, .what = "real lesion"};
        for (int c = 0; c < 3; c++)
            real[n].lps_mm[c] = s->real[n].lps_mm[c];
    }
    rs_text_format(id, sizeof id, "SYNTHETIC-%.8s", s->digest);
    rs_insert_uid(s, 1, 0, study);
    rs_insert_uid(s, 2, 0, series);
    rs_truth_sheet sheet = {
        .kind = "insertion",
        .seed = s->options->seed,
        .lesion_seed = s->options->seed,
        .scan_seed = s->options->seed,
        .patient_id = id,
        .study_uid = study,
        .series_uid = series,
        .columns = g->n[0],
        .rows = g->n[1],
        .slices = g->n[2],
        .acquisition = acquisition_of(s),
        .lesions = lesions,
        .n_lesions = in->n,
        .irrelevant = real,
        .n_irrelevant = s->n_real,
    };
    for (int c = 0; c < 3; c++) {
        sheet.spacing_mm[c] = g->spacing_mm[c];
        sheet.first_voxel_lps_mm[c] = g->origin_lps_mm[c];
    }
    return rs_truth_print(ctx, &sheet, text, bytes);
}
