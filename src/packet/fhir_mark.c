/* The Observation of a mark: a component for each number or word that the structured report has, with the same codes.
 */
#include "fhir.h"

#include <math.h>
#include <string.h>

#include "print.h"
#include "restage/text.h"

static rs_json *component(rs_json *components, const rs_dicom_code *code)
{
    rs_json *o = rs_json_object();
    rs_json_set(o, "code", rs_fhir_concept(code, NULL));
    rs_json_add(components, o);
    return o;
}

/* A number, or why it is not there; without a reason there is no row. */
static void number(rs_json *components, const rs_dicom_code *code, double value, const rs_dicom_code *unit,
                   const char *reason)
{
    if (isfinite(value))
        rs_json_set(component(components, code), "valueQuantity", rs_fhir_quantity(value, unit));
    else if (reason)
        rs_fhir_absent(component(components, code), "unknown", reason);
}

static void word(rs_fhir *f, rs_json *components, rs_own concept, const char *value, const char *reason)
{
    const rs_dicom_code *code = NULL;
    if (!value && !reason) return;
    if (!value) {
        rs_fhir_absent(component(components, rs_own_code(concept)), "unknown", reason);
        return;
    }
    rs_status status = rs_own_value(f->ctx, concept, value, &code);
    if (status != RS_OK) {
        if (f->status == RS_OK) f->status = status;
        return;
    }
    rs_json_set(component(components, rs_own_code(concept)), "valueCodeableConcept", rs_fhir_concept(code, NULL));
}

/* The interval that decides; open above where the mark is cut by a border. */
static void interval(rs_json *components, const rs_report_size *size)
{
    const rs_dicom_code *mm = rs_std_code(RS_STD_MILLIMETER);
    if (!isfinite(size->low_mm) && !isfinite(size->high_mm)) return;
    rs_json *range = rs_json_object();
    if (isfinite(size->low_mm)) rs_json_set(range, "low", rs_fhir_quantity(size->low_mm, mm));
    if (isfinite(size->high_mm)) rs_json_set(range, "high", rs_fhir_quantity(size->high_mm, mm));
    rs_json_set(component(components, rs_own_code(RS_OWN_FIT_INTERVAL)), "valueRange", range);
}

/* Two decimals as people read them; where these would be a bound ("> 0.99"), the number itself. */
static double shown_p(const rs_report_mark *mark)
{
    double shown = mark->p;
    if (mark->p_text) (void)rs_text_real(mark->p_text, &shown);
    return shown;
}

static void numbers(rs_json *components, const rs_report_mark *mark)
{
    const rs_report_size *size = &mark->size;
    const rs_dicom_code *mm = rs_std_code(RS_STD_MILLIMETER), *mm3 = rs_std_code(RS_STD_CUBIC_MILLIMETER);
    number(components, rs_std_code(RS_STD_LONG_AXIS), size->long_axis_mm, mm, size->axes_reason);
    number(components, rs_std_code(RS_STD_SHORT_AXIS), size->short_axis_mm, mm, size->axes_reason);
    bool fitted = isfinite(size->fit_mm);
    number(components, rs_std_code(RS_STD_DIAMETER), fitted ? size->fit_mm : size->equivalent_mm, mm,
           size->volume_reason ? size->volume_reason : size->fit_reason);
    if (fitted || isfinite(size->equivalent_mm))
        rs_json_set(component(components, rs_std_code(RS_STD_MEASUREMENT_METHOD)), "valueCodeableConcept",
                    rs_fhir_concept(rs_own_code(fitted ? RS_OWN_FIT_SPHERE_PSF : RS_OWN_EQUIV_SPHERE), NULL));
    interval(components, size);
    number(components, rs_own_code(RS_OWN_P_FOCAL), shown_p(mark), rs_std_code(RS_STD_NO_UNITS), mark->p_reason);
    number(components, rs_std_code(RS_STD_MEAN_ATTENUATION), mark->mean_hu, rs_std_code(RS_STD_HOUNSFIELD),
           mark->mean_hu_reason);
    number(components, rs_own_code(RS_OWN_DEPTH_PLEURA), mark->depth_to_pleura_mm, mm, mark->depth_reason);
    number(components, rs_own_code(RS_OWN_BED_DISTANCE), mark->bed.distance_mm, mm, NULL);
    number(components, rs_std_code(RS_STD_VOLUME), size->volume_mm3, mm3, size->volume_reason);
    number(components, rs_own_code(RS_OWN_MASK_VOLUME), size->mask_volume_mm3, mm3, size->volume_reason);
}

static void words(rs_fhir *f, rs_json *components, const rs_report_mark *mark)
{
    word(f, components, RS_OWN_SIZE_CLASS, mark->size.size_class, mark->size.class_reason);
    if (mark->size.truncated) word(f, components, RS_OWN_SIZE_BOUND, "truncated", NULL);
    word(f, components, RS_OWN_VISIBILITY, mark->visibility_class, mark->visibility_reason);
    word(f, components, RS_OWN_ATTACHMENT, mark->attachment, mark->attachment_reason);
    word(f, components, RS_OWN_DENSITY, mark->density, NULL);
    word(f, components, RS_OWN_LOBE_BASIS, mark->lobe_basis, mark->lobe_reason);
    word(f, components, RS_OWN_DEPTH_BASIS, mark->depth_basis, mark->depth_reason);
    word(f, components, RS_OWN_BED_RELATION, mark->bed.relation, NULL);
    word(f, components, RS_OWN_REVIEW, mark->review.verdict, NULL);
}

/* "left upper lobe", "left lung", "lung" */
static const char *place(rs_fhir *f, const rs_report_mark *mark)
{
    static const char *const lobes[][2] = {
        {"RUL", "upper lobe"}, {"RML", "middle lobe"}, {"RLL", "lower lobe"},
        {"LUL", "upper lobe"}, {"LLL", "lower lobe"},
    };
    const char *part = mark->organ;
    for (size_t l = 0; mark->lobe && l < sizeof lobes / sizeof lobes[0]; l++)
        if (strcmp(lobes[l][0], mark->lobe) == 0) part = lobes[l][1];
    return rs_arena_printf(f->arena, "%s%s%s", mark->side ? mark->side : "", mark->side ? " " : "", part);
}

static void site(rs_fhir *f, rs_json *o, const rs_report_mark *mark)
{
    const rs_dicom_code *code = NULL;
    if (!mark->organ) return;
    rs_status status = rs_site_code(f->ctx, mark->organ, mark->lobe, &code);
    if (status != RS_OK) {
        if (f->status == RS_OK) f->status = status;
        return;
    }
    rs_json_set(o, "bodySite", rs_fhir_concept(code, place(f, mark)));
}

static void add_note(rs_json *notes, const char *text)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "text", text);
    rs_json_add(notes, o);
}

static void notes(rs_fhir *f, rs_json *o, const rs_report_mark *mark)
{
    rs_json *list = rs_json_array();
    const double *at = mark->position_lps_mm;
    add_note(list, rs_arena_printf(f->arena, "%s %s", mark->id, mark->size.text));
    add_note(list, rs_arena_printf(f->arena, "position (LPS, mm): %.2f, %.2f, %.2f", at[0], at[1], at[2]));
    if (mark->slice.number >= 0)
        add_note(list, rs_arena_printf(f->arena, "slice (InstanceNumber): %lld", (long long)mark->slice.number));
    for (int r = 0; r < mark->n_reasons; r++)
        add_note(list, mark->reasons[r]);
    if (mark->recist_text) add_note(list, mark->recist_text);
    rs_json_set(o, "note", list);
}

void rs_fhir_mark(rs_fhir *f, const rs_report_mark *mark)
{
    rs_json *o =
        rs_fhir_observation(f, rs_arena_printf(f->arena, "mark %s", mark->id), rs_own_code(RS_OWN_MARK), mark->id);
    rs_json *identifier = rs_json_object(), *components = rs_json_array();
    rs_json_set_text(identifier, "system", "urn:dicom:uid");
    rs_json_set_text(identifier, "value", rs_arena_printf(f->arena, "urn:oid:%s", mark->tracking_uid));
    rs_json_set(o, "identifier", rs_fhir_only(identifier));
    site(f, o, mark);
    rs_json_set(o, "derivedFrom", rs_fhir_only(rs_fhir_reference(f->study)));
    numbers(components, mark);
    words(f, components, mark);
    rs_json_set(o, "component", components);
    notes(f, o, mark);
}
