/* A report from hand-made products: three marks in two lungs, one of them partly assessed. */
#ifndef TESTS_REPORT_SCENE_H
#define TESTS_REPORT_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/build.h"
#include "restage/context.h"
#include <math.h>

enum { N_SLICES = 40 };

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_slice slices[N_SLICES];
    rs_series series;
    const rs_series *series_list[1];
    rs_report_choice choice;
    rs_volume volume;
    rs_regions regions;
    rs_quality quality;
    rs_candidate candidate[4];
    rs_candidates candidates;
    int mark_candidate[4];
    rs_marks marks;
    rs_lesion lesion[4];
    rs_lesions lesions;
    rs_operating_point point;
    rs_organ organ;
    rs_report_case one;
    rs_params *params;
    rs_report_input input;
} scene;

/* Left of x = 0 is region 0 (right lung, LPS: x < 0 is the patient's right); nothing is known of lobes. */
static rs_status place(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                       rs_arena *arena, rs_place *out)
{
    (void)ctx, (void)volume, (void)regions, (void)arena;
    *out = (rs_place){.region = lps_mm[0] < 0 ? 0 : 1, .lobe_reason = "no lobes here", .depth_to_pleura_mm = 12.345};
    out->depth_basis = "costal";
    if (lps_mm[0] < 0) {
        out->depth_to_pleura_mm = NAN;
        out->depth_basis = NULL;
        out->depth_reason = "too near to the edge";
    }
    return RS_OK;
}

static rs_size size_of(double fit, double low, double high)
{
    rs_size size = {.fit_mm = fit, .fit_low_mm = low, .fit_high_mm = high, .low_mm = low, .high_mm = high};
    size.source = RS_SIZE_SOURCE_FIT;
    size.volume_mm3 = M_PI / 6 * fit * fit * fit;
    size.mask_volume_mm3 = size.volume_mm3;
    size.equivalent_mm = fit;
    size.long_axis_mm = fit + 0.26;
    size.short_axis_mm = fit - 0.24;
    size.caliper_source = RS_CALIPER_CONTOUR;
    return size;
}

static void fill_series(scene *s)
{
    s->series = (rs_series){.series_instance_uid = "1.2.3",
                            .study_instance_uid = "1.2",
                            .frame_of_reference_uid = "1.9",
                            .sop_class_uid = "1.2.840.10008.5.1.4.1.1.2",
                            .modality = "CT",
                            .description = "=CHEST \x01\xff",
                            .kernel = "B30f",
                            .manufacturer = "",
                            .model = "",
                            .image_type = "",
                            .patient_position = "HFS",
                            .contrast_agent = "",
                            .transfer_syntax_uid = "1.2.840.10008.1.2.1",
                            .transfer_syntax_name = "Explicit VR Little Endian",
                            .lossy_compression = "",
                            .orientation = "axial",
                            .series_number = 4,
                            .kvp = NAN,
                            .rows = 8,
                            .columns = 8,
                            .verdict = RS_VERDICT_GOOD,
                            .thickness_mm = 1.25,
                            .n_slices = N_SLICES,
                            .slices = s->slices};
    s->series.geometry =
        (rs_geometry){{8, 8, N_SLICES}, {0.7, 0.7, 1.25}, {-3, -3, 100}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int k = 0; k < N_SLICES; k++) {
        s->slices[k] =
            (rs_slice){.path = "secret/name.dcm", .instance_number = N_SLICES - k, .sop_instance_uid = "1.2.3.4"};
        s->slices[k].position_lps_mm[0] = -3;
        s->slices[k].position_lps_mm[1] = -3;
        s->slices[k].position_lps_mm[2] = 100 + 1.25 * k;
        s->slices[k].along_normal_mm = s->slices[k].position_lps_mm[2];
    }
    s->volume = (rs_volume){.geometry = s->series.geometry, .slope = 1};
}

static void fill_regions(scene *s)
{
    s->regions.geometry = s->series.geometry;
    s->regions.n = 3;
    s->regions.region[0] = (rs_region){.name = "lung",
                                       .role = RS_ROLE_SEARCH,
                                       .side = RS_SIDE_RIGHT,
                                       .side_basis = RS_SIDE_BASIS_ORIENTATION,
                                       .state = RS_ASSESSED_PARTLY,
                                       .reason = "cut by the image",
                                       .volume_ml = 1500.04,
                                       .searched_ml = 1400.26};
    s->regions.region[1] = (rs_region){.name = "lung",
                                       .role = RS_ROLE_SEARCH,
                                       .side = RS_SIDE_LEFT,
                                       .side_basis = RS_SIDE_BASIS_ORIENTATION,
                                       .state = RS_ASSESSED,
                                       .volume_ml = 1100,
                                       .searched_ml = 1099.74};
    s->regions.region[2] = (rs_region){.name = "trachea", .role = RS_ROLE_AIRWAY, .side = RS_SIDE_NONE};
}

static void fill_marks(scene *s)
{
    static const double x[4] = {20, -20, 20.004, 5};
    for (int c = 0; c < 4; c++) {
        s->candidate[c] = (rs_candidate){.lps_mm = {x[c], 1, 110 + 2 * (c % 2)},
                                         .radius_mm = 2,
                                         .region = x[c] < 0 ? 0 : 1,
                                         .score = 400 - c,
                                         .p = c < 3 ? 0.9 - 0.1 * c : 0.01};
        s->candidate[c].origin = RS_ORIGIN_LOG;
        s->candidate[c].feature[RS_FEATURE_e3_e1] = c == 1 ? 0.05F : 0.7F;
        s->mark_candidate[c] = c;
        s->lesion[c] = (rs_lesion){.candidate = c,
                                   .density = RS_DENSITY_SOLID,
                                   .attachment = RS_ATTACHMENT_FREE,
                                   .mean_hu = -12.34,
                                   .caliper_k = 3};
        memcpy(s->lesion[c].lps_mm, s->candidate[c].lps_mm, sizeof s->lesion[c].lps_mm);
    }
    s->lesion[0].size = size_of(4.1, 3.6, 4.7);
    s->lesion[1].size = size_of(4.96, 4.95, 5.04);
    s->lesion[2].size = (rs_size){.fit_mm = NAN,
                                  .fit_low_mm = NAN,
                                  .fit_high_mm = NAN,
                                  .volume_mm3 = NAN,
                                  .mask_volume_mm3 = NAN,
                                  .equivalent_mm = NAN,
                                  .long_axis_mm = NAN,
                                  .short_axis_mm = NAN,
                                  .low_mm = 12.04,
                                  .high_mm = NAN,
                                  .truncated = true,
                                  .source = RS_SIZE_SOURCE_SEGMENTATION};
    s->lesion[2].attachment = RS_ATTACHMENT_UNKNOWN;
    s->lesion[2].mean_hu = NAN;
    s->candidates = (rs_candidates){.items = s->candidate, .n = 4};
    s->marks = (rs_marks){s->mark_candidate, 3};
    s->lesions = (rs_lesions){.items = s->lesion, .n = 3};
}

static int setup(void **state)
{
    static const rs_param rows[] = {{"toy_hu", RS_PARAM_double, -400, -700, -200, "HU", "science C3", "a toy"}};
    static const rs_param_table table = {"toy", rows, 1};
    static const rs_param_table *const tables[] = {&table};
    static const char *const libraries[] = {"DCMTK 0"};
    scene *s = calloc(1, sizeof *s);
    if (rs_context_new(&(rs_context_options){.threads = 1}, &s->ctx) || !(s->arena = rs_arena_new())) return -1;
    if (rs_params_new(s->ctx, tables, 1, &s->params)) return -1;
    fill_series(s);
    fill_regions(s);
    fill_marks(s);
    s->quality =
        (rs_quality){.noise_hu = 11.26, .noise_basis = "lung windows", .psf = {1.234, 2.345}, .psf_basis = "table"};
    s->point = (rs_operating_point){"default", 0.5, 1.0, 4.0, "a toy"};
    s->organ = (rs_organ){.id = "ct-lung", .name = "lungs", .modality = "CT", .place = place};
    s->choice = (rs_report_choice){true, "searched", NULL};
    s->series_list[0] = &s->series;
    s->one = (rs_report_case){.organ = &s->organ,
                              .series = &s->series,
                              .volume = &s->volume,
                              .regions = &s->regions,
                              .quality = &s->quality,
                              .candidates = &s->candidates,
                              .marks = &s->marks,
                              .lesions = &s->lesions,
                              .point = &s->point};
    s->input = (rs_report_input){.series = s->series_list,
                                 .n_series = 1,
                                 .choices = &s->choice,
                                 .cases = &s->one,
                                 .n_cases = 1,
                                 .params = s->params,
                                 .libraries = libraries,
                                 .n_libraries = 1,
                                 .tier = "portable",
                                 .created_s = 951827696,
                                 .input_digest = "00ff"};
    s->input.counts = (rs_walk_counts){.files = 43, .dicom = 41, .other = 2, .refused = 1};
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    rs_params_free(s->params);
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
    free(s);
    return 0;
}

static rs_report build(scene *s)
{
    rs_report report;
    assert_int_equal(rs_report_build(s->ctx, &s->input, s->arena, &report), RS_OK);
    return report;
}

#endif
