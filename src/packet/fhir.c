/* bundle.json: the report as FHIR R4, one Bundle of type collection in which every reference resolves. Nothing in it is
   final, and no conclusion is drawn: questions stay open for a person. */
#include "fhir.h"

#include <math.h>
#include <string.h>

#include "digest/digest.h"
#include "print.h"
#include "restage/text.h"

/* Names of coding schemes in FHIR, by the designators of DICOM. */
static const struct {
    const char *scheme, *system;
} systems[] = {
    {RS_OWN_DESIGNATOR, RS_OWN_URL},
    {"SCT", "http://snomed.info/sct"},
    {"DCM", "http://dicom.nema.org/resources/ontology/DCM"},
    {"LN", "http://loinc.org"},
    {"UCUM", "http://unitsofmeasure.org"},
};

static const char *system_of(const char *scheme)
{
    for (size_t s = 0; s < sizeof systems / sizeof systems[0]; s++)
        if (strcmp(systems[s].scheme, scheme) == 0) return systems[s].system;
    return scheme;
}

void rs_fhir_url(rs_fhir *f, const char *name, char url[RS_FHIR_URL_BYTES])
{
    const rs_report *report = f->report;
    const char *packet = report->filing.packet_digest ? report->filing.packet_digest : report->input_digest;
    char text[256], hex[65] = {0};
    (void)rs_text_format(text, sizeof text, "%s\n%s\n%s", packet ? packet : "",
                         report->parameters_digest ? report->parameters_digest : "", name);
    rs_status status = rs_sha256_hex(f->ctx, text, strlen(text), hex);
    if (status != RS_OK && f->status == RS_OK) f->status = status;
    hex[12] = '8'; /* RFC 9562: version 8, bits of our own; variant 10 */
    hex[16] = "89ab"[hex[16] & 3];
    (void)rs_text_format(url, RS_FHIR_URL_BYTES, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                         hex + 20);
}

rs_json *rs_fhir_only(rs_json *value)
{
    rs_json *array = rs_json_array();
    rs_json_add(array, value);
    return array;
}

rs_json *rs_fhir_reference(const char *url)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "reference", url);
    return o;
}

static rs_json *coding(const rs_dicom_code *code)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "system", system_of(code->scheme));
    rs_json_set_text(o, "code", code->value);
    rs_json_set_text(o, "display", code->meaning);
    return o;
}

rs_json *rs_fhir_concept(const rs_dicom_code *code, const char *text)
{
    rs_json *o = rs_json_object();
    if (code) rs_json_set(o, "coding", rs_fhir_only(coding(code)));
    if (text) rs_json_set_text(o, "text", text);
    return o;
}

void rs_fhir_absent(rs_json *object, const char *code, const char *text)
{
    rs_json *concept = rs_json_object(), *o = rs_json_object();
    rs_json_set_text(o, "system", "http://terminology.hl7.org/CodeSystem/data-absent-reason");
    rs_json_set_text(o, "code", code);
    rs_json_set(concept, "coding", rs_fhir_only(o));
    if (text) rs_json_set_text(concept, "text", text);
    rs_json_set(object, "dataAbsentReason", concept);
}

rs_json *rs_fhir_quantity(double value, const rs_dicom_code *unit)
{
    rs_json *o = rs_json_object();
    rs_print_number(o, "value", value);
    rs_json_set_text(o, "unit", strcmp(unit->value, "1") == 0 ? unit->meaning : unit->value);
    rs_json_set_text(o, "system", system_of(unit->scheme));
    rs_json_set_text(o, "code", unit->value);
    return o;
}

rs_json *rs_fhir_resource(rs_fhir *f, const char *type, const char *url)
{
    rs_json *entry = rs_json_object(), *resource = rs_json_object();
    rs_json_set_text(entry, "fullUrl", url);
    rs_json_set(entry, "resource", resource);
    rs_json_set_text(resource, "resourceType", type);
    rs_json_set_text(resource, "id", url + strlen("urn:uuid:"));
    rs_json_add(f->entries, entry);
    return resource;
}

rs_json *rs_fhir_observation(rs_fhir *f, const char *name, const rs_dicom_code *code, const char *text)
{
    char url[RS_FHIR_URL_BYTES];
    rs_fhir_url(f, name, url);
    rs_json *o = rs_fhir_resource(f, "Observation", url);
    rs_json_set_text(o, "status", "preliminary");
    rs_json_set(o, "code", rs_fhir_concept(code, text));
    rs_json_set(o, "device", rs_fhir_reference(f->device));
    rs_json_add(f->results, rs_fhir_reference(url));
    return o;
}

static void device(rs_fhir *f)
{
    rs_json *o = rs_fhir_resource(f, "Device", f->device), *name = rs_json_object(), *version = rs_json_object();
    rs_json_set_text(o, "status", "active");
    rs_json_set_text(o, "manufacturer", RS_OWN_ORGANIZATION);
    rs_json_set_text(name, "name", "restage");
    rs_json_set_text(name, "type", "manufacturer-name");
    rs_json_set(o, "deviceName", rs_fhir_only(name));
    rs_json_set_text(version, "value", f->report->software.version);
    rs_json_set(o, "version", rs_fhir_only(version));
}

/* UIDs of DICOM as identifiers carry "urn:oid:"; the uid of a series is bare in R4. */
static void imaging_study(rs_fhir *f)
{
    const rs_report_source *source = &f->report->source;
    rs_json *o = rs_fhir_resource(f, "ImagingStudy", f->study), *subject = rs_json_object();
    if (source->study_instance_uid) {
        rs_json *identifier = rs_json_object();
        rs_json_set_text(identifier, "system", "urn:dicom:uid");
        rs_json_set_text(identifier, "value", rs_arena_printf(f->arena, "urn:oid:%s", source->study_instance_uid));
        rs_json_set(o, "identifier", rs_fhir_only(identifier));
    }
    rs_json_set_text(o, "status", "available");
    rs_json_set_text(subject, "display", "the patient of the images");
    rs_json_set(o, "subject", subject);
    if (!source->study_instance_uid || !source->series_instance_uid || !source->modality) return;
    rs_json *series = rs_json_object(), *modality = rs_json_object();
    rs_json_set_text(series, "uid", source->series_instance_uid);
    rs_json_set_text(modality, "system", system_of("DCM"));
    rs_json_set_text(modality, "code", source->modality);
    rs_json_set(series, "modality", modality);
    rs_json_set(o, "series", rs_fhir_only(series));
}

static void note(rs_json *object, const char *text)
{
    if (!text || !*text) return;
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "text", text);
    rs_json_set(object, "note", rs_fhir_only(o));
}

static void sentence(rs_fhir *f, const char *name, int n, rs_own code, const char *text)
{
    char key[64];
    (void)rs_text_format(key, sizeof key, "%s %d", name, n);
    rs_json_set_text(rs_fhir_observation(f, key, rs_own_code(code), NULL), "valueString", text);
}

static void organ(rs_fhir *f, int index)
{
    const rs_report_organ *organ = &f->report->organs[index];
    const rs_dicom_code *site = NULL, *state = NULL;
    char name[64];
    rs_status status = rs_site_code(f->ctx, organ->name, NULL, &site);
    if (status == RS_OK) status = rs_own_value(f->ctx, RS_OWN_ORGAN_STATE, organ->state, &state);
    if (status != RS_OK) {
        if (f->status == RS_OK) f->status = status;
        return;
    }
    (void)rs_text_format(name, sizeof name, "organ %d", index);
    rs_json *o = rs_fhir_observation(f, name, rs_own_code(RS_OWN_ORGAN_STATE), NULL);
    rs_json_set(o, "valueCodeableConcept", rs_fhir_concept(state, NULL));
    rs_json_set(o, "bodySite",
                rs_fhir_concept(site, rs_arena_printf(f->arena, "%s%s%s", organ->side ? organ->side : "",
                                                      organ->side ? " " : "", organ->name)));
    note(o, organ->reason);
    if (!isfinite(organ->searched_ml)) return;
    rs_json *component = rs_json_object();
    rs_json_set(component, "code", rs_fhir_concept(rs_own_code(RS_OWN_SEARCHED_VOLUME), NULL));
    rs_json_set(component, "valueQuantity", rs_fhir_quantity(organ->searched_ml, rs_std_code(RS_STD_CUBIC_CENTIMETER)));
    rs_json_set(o, "component", rs_fhir_only(component));
}

/* A question is a person's to answer: what the images say stands beside it. */
static void question(rs_fhir *f, const rs_report_criterion *criterion)
{
    const rs_dicom_code *code = NULL;
    rs_status status = rs_own_value(f->ctx, RS_OWN_CRITERION, criterion->id, &code);
    if (status != RS_OK) {
        if (f->status == RS_OK) f->status = status;
        return;
    }
    rs_json *o =
        rs_fhir_observation(f, rs_arena_printf(f->arena, "question %s", criterion->id), code, criterion->question);
    rs_fhir_absent(o, "asked-unknown", NULL);
    note(o, criterion->evidence);
}

static void blank(rs_fhir *f, const rs_report_blank *blank)
{
    const char *who = rs_arena_printf(f->arena, "for: %s", blank->who ? blank->who : "");
    for (int c = 0; c < blank->n_choices && who; c++)
        who = rs_arena_printf(f->arena, "%s; [ ] %s", who, blank->choices[c]);
    rs_json *o = rs_fhir_observation(f, rs_arena_printf(f->arena, "blank %s", blank->id), rs_own_code(RS_OWN_BLANK),
                                     blank->label);
    rs_fhir_absent(o, "asked-unknown", NULL);
    note(o, who);
}

static void diagnostic_report(rs_fhir *f)
{
    char url[RS_FHIR_URL_BYTES];
    rs_fhir_url(f, "report", url);
    rs_json *o = rs_fhir_resource(f, "DiagnosticReport", url);
    rs_json_set_text(o, "status", "preliminary");
    rs_json_set(o, "code", rs_fhir_concept(rs_std_code(RS_STD_DIAGNOSTIC_STUDY), NULL));
    if (f->report->software.created) rs_json_set_text(o, "issued", f->report->software.created);
    rs_json_set(o, "result", f->results);
    rs_json_set(o, "imagingStudy", rs_fhir_only(rs_fhir_reference(f->study)));
}

static void code_system(rs_fhir *f)
{
    char url[RS_FHIR_URL_BYTES];
    rs_fhir_url(f, "codes", url);
    rs_json *o = rs_fhir_resource(f, "CodeSystem", url), *concepts = rs_json_array();
    rs_json_set_text(o, "url", RS_OWN_URL);
    rs_json_set_text(o, "version", f->report->software.version);
    rs_json_set_text(o, "name", "RestageCodes");
    rs_json_set_text(o, "title", RS_OWN_NAME);
    rs_json_set_text(o, "status", "active");
    rs_json_set_text(o, "publisher", RS_OWN_ORGANIZATION);
    rs_json_set_bool(o, "caseSensitive", true);
    rs_json_set_text(o, "content", "complete");
    rs_json_set_integer(o, "count", RS_N_OWN);
    rs_json_set(o, "concept", concepts);
    for (int c = 0; c < RS_N_OWN; c++) {
        rs_json *concept = rs_json_object();
        rs_json_set_text(concept, "code", rs_own_code((rs_own)c)->value);
        rs_json_set_text(concept, "display", rs_own_code((rs_own)c)->meaning);
        rs_json_set_text(concept, "definition", rs_own_definition((rs_own)c));
        rs_json_add(concepts, concept);
    }
}

/* What was looked at stands before any mark. */
static void fill(rs_fhir *f)
{
    const rs_report *report = f->report;
    rs_fhir_url(f, "device", f->device);
    rs_fhir_url(f, "study", f->study);
    device(f);
    imaging_study(f);
    sentence(f, "notice", 0, RS_OWN_NOTICE, "Read the scan first. Research use; not a medical device.");
    sentence(f, "notice", 1, RS_OWN_NOTICE, rs_arena_printf(f->arena, "%s.", report->assessed_text));
    for (int o = 0; o < report->n_organs; o++)
        organ(f, o);
    sentence(f, "notice", 2, RS_OWN_NOTICE, rs_arena_printf(f->arena, "%s.", report->marks_text));
    for (int m = 0; m < report->n_marks; m++)
        rs_fhir_mark(f, &report->marks[m]);
    for (int c = 0; c < report->n_criteria; c++)
        question(f, &report->criteria[c]);
    for (int b = 0; b < report->n_blanks; b++)
        blank(f, &report->blanks[b]);
    for (int n = 0; n < report->limitations.n; n++)
        sentence(f, "limitation", n, RS_OWN_LIMITATION, report->limitations.items[n].sentence);
    diagnostic_report(f);
    code_system(f);
}

rs_status rs_write_fhir(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                        const char *file_name)
{
    (void)sources;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, file_name);
    rs_json *root = rs_json_object();
    rs_fhir f = {.ctx = ctx, .arena = arena, .report = report, .entries = rs_json_array(), .results = rs_json_array()};
    rs_json_set_text(root, "resourceType", "Bundle");
    rs_json_set_text(root, "type", "collection");
    rs_json_set(root, "entry", f.entries);
    fill(&f);
    rs_arena_free(arena);
    if (f.status != RS_OK) {
        rs_json_free(root);
        return f.status;
    }
    return rs_print_json(ctx, root, folder, file_name);
}
