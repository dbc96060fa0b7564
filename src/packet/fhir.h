/* Parts of bundle.json (FHIR R4, one collection Bundle): what its files share. */
#ifndef PACKET_FHIR_H
#define PACKET_FHIR_H

#include "codes.h"
#include "packet.h"
#include "restage/json.h"

enum { RS_FHIR_URL_BYTES = 48 };

typedef struct rs_fhir {
    rs_context *ctx;
    rs_arena *arena;
    const rs_report *report;
    rs_json *entries, *results; /* of the bundle; of the diagnostic report */
    char device[RS_FHIR_URL_BYTES], study[RS_FHIR_URL_BYTES];
    rs_status status; /* of the first part that failed */
} rs_fhir;

/** "urn:uuid:…" of a resource by its name in the packet: the same packet gives the same. */
void rs_fhir_url(rs_fhir *f, const char *name, char url[RS_FHIR_URL_BYTES]);

/** Adds a resource of a type to the bundle under the URL; owned by the bundle. */
rs_json *rs_fhir_resource(rs_fhir *f, const char *type, const char *url);

/** Adds an Observation made by the device, with its code, to bundle and report. text NULL: the code's meaning says it.
 */
rs_json *rs_fhir_observation(rs_fhir *f, const char *name, const rs_dicom_code *code, const char *text);

/** A CodeableConcept of a code (NULL: text alone); text NULL for none. */
rs_json *rs_fhir_concept(const rs_dicom_code *code, const char *text);

/** dataAbsentReason of an Observation or component: code "unknown" or "asked-unknown"; text NULL for none. */
void rs_fhir_absent(rs_json *object, const char *code, const char *text);

/** A Quantity in a unit of UCUM. */
rs_json *rs_fhir_quantity(double value, const rs_dicom_code *unit);

/** {"reference": url} */
rs_json *rs_fhir_reference(const char *url);

/** An array of one. */
rs_json *rs_fhir_only(rs_json *value);

/** The Observation of a mark. */
void rs_fhir_mark(rs_fhir *f, const rs_report_mark *mark);

#endif
