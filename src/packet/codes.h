/* Every code that an output carries. Ours (99RESTAGE) come from codes.json, the one table that the structured report,
   the FHIR bundle and README.md share; the others stand here, with the meanings that viewers look for: their capitals
   are load-bearing. */
#ifndef PACKET_CODES_H
#define PACKET_CODES_H

#include "dicom/dicom.h"
#include "packet/codes.inc"

typedef enum rs_own {
#define RS_OWN_ENUM(code, meaning, definition, of, value) RS_OWN_##code,
    RS_OWN_CODES(RS_OWN_ENUM)
#undef RS_OWN_ENUM
        RS_N_OWN
} rs_own;

// clang-format off
/* X(id, value, scheme, meaning) */
#define RS_STANDARD_CODES(X)                                                                        \
    X(IMAGING_MEASUREMENT_REPORT, "126000", "DCM", "Imaging Measurement Report")                    \
    X(LANGUAGE, "121049", "DCM", "Language of Content Item and Descendants")                        \
    X(ENGLISH, "en-US", "RFC5646", "English (United States)")                                       \
    X(OBSERVER_TYPE, "121005", "DCM", "Observer Type")                                              \
    X(DEVICE, "121007", "DCM", "Device")                                                            \
    X(DEVICE_UID, "121012", "DCM", "Device Observer UID")                                           \
    X(DEVICE_NAME, "121013", "DCM", "Device Observer Name")                                         \
    X(DEVICE_MANUFACTURER, "121014", "DCM", "Device Observer Manufacturer")                         \
    X(DEVICE_MODEL, "121015", "DCM", "Device Observer Model Name")                                  \
    X(PROCEDURE_REPORTED, "121058", "DCM", "Procedure reported")                                    \
    X(CT_OF_ANY_REGION, "25045-6", "LN", "CT unspecified body region")                              \
    X(MR_OF_ANY_REGION, "25056-3", "LN", "MRI unspecified body region")                             \
    X(IMAGE_LIBRARY, "111028", "DCM", "Image Library")                                              \
    X(IMAGE_LIBRARY_GROUP, "126200", "DCM", "Image Library Group")                                  \
    X(MODALITY, "121139", "DCM", "Modality")                                                        \
    X(CT, "CT", "DCM", "Computed Tomography")                                                       \
    X(MR, "MR", "DCM", "Magnetic Resonance")                                                        \
    X(STUDY_DATE, "111060", "DCM", "Study Date")                                                    \
    X(FRAME_OF_REFERENCE, "112227", "DCM", "Frame of Reference UID")                                \
    X(IMAGING_MEASUREMENTS, "126010", "DCM", "Imaging Measurements")                                \
    X(MEASUREMENT_GROUP, "125007", "DCM", "Measurement Group")                                      \
    X(QUALITATIVE_EVALUATIONS, "C0034375", "UMLS", "Qualitative Evaluations")                       \
    X(TRACKING_IDENTIFIER, "112039", "DCM", "Tracking Identifier")                                  \
    X(TRACKING_UID, "112040", "DCM", "Tracking Unique Identifier")                                  \
    X(FINDING, "121071", "DCM", "Finding")                                                          \
    X(LESION, "52988006", "SCT", "Lesion")                                                          \
    X(ALGORITHM_NAME, "111001", "DCM", "Algorithm Name")                                            \
    X(ALGORITHM_VERSION, "111003", "DCM", "Algorithm Version")                                      \
    X(ALGORITHM_PARAMETERS, "111002", "DCM", "Algorithm Parameters")                                \
    X(IMAGE_REGION, "111030", "DCM", "Image Region")                                                \
    X(FINDING_SITE, "363698007", "SCT", "Finding Site")                                             \
    X(LUNG, "39607008", "SCT", "Lung")                                                              \
    X(UPPER_LOBE, "45653009", "SCT", "Upper lobe of lung")                                          \
    X(MIDDLE_LOBE, "72481006", "SCT", "Middle lobe of right lung")                                  \
    X(LOWER_LOBE, "90572001", "SCT", "Lower lobe of lung")                                          \
    X(LATERALITY, "272741003", "SCT", "Laterality")                                                 \
    X(LEFT, "7771000", "SCT", "Left")                                                               \
    X(RIGHT, "24028007", "SCT", "Right")                                                            \
    X(LONG_AXIS, "103339001", "SCT", "Long Axis")                                                   \
    X(SHORT_AXIS, "103340004", "SCT", "Short Axis")                                                 \
    X(DIAMETER, "81827009", "SCT", "Diameter")                                                      \
    X(MEASUREMENT_METHOD, "370129005", "SCT", "Measurement Method")                                 \
    X(UPPER_UNCERTAINTY, "371886008", "SCT", "+, range of upper measurement uncertainty")           \
    X(LOWER_UNCERTAINTY, "371885007", "SCT", "-, range of lower measurement uncertainty")           \
    X(MEAN_ATTENUATION, "112181", "DCM", "Mean Attenuation Coefficient")                            \
    X(VOLUME, "118565006", "SCT", "Volume")                                                         \
    X(REFERENCED_SEGMENT, "121191", "DCM", "Referenced Segment")                                    \
    X(SOURCE_SERIES, "121232", "DCM", "Source series for segmentation")                             \
    X(COMMENT, "121106", "DCM", "Comment")                                                          \
    X(OF_INTEREST, "113000", "DCM", "Of Interest")                                                  \
    X(KEY_OBJECT_DESCRIPTION, "113012", "DCM", "Key Object Description")                            \
    X(ABNORMAL_STRUCTURE, "49755003", "SCT", "Morphologically Abnormal Structure")                  \
    X(SEGMENTATION, "113076", "DCM", "Segmentation")                                                \
    X(SOURCE_IMAGE, "121322", "DCM", "Source image for image processing operation")                 \
    X(BASIC_CONFIDENTIALITY, "113100", "DCM", "Basic Application Confidentiality Profile")          \
    X(DIAGNOSTIC_STUDY, "18748-4", "LN", "Diagnostic imaging study")                                \
    X(MILLIMETER, "mm", "UCUM", "millimeter")                                                       \
    X(CUBIC_MILLIMETER, "mm3", "UCUM", "cubic millimeter")                                          \
    X(CUBIC_CENTIMETER, "cm3", "UCUM", "cubic centimeter")                                          \
    X(NO_UNITS, "1", "UCUM", "no units")                                                            \
    X(HOUNSFIELD, "[hnsf'U]", "UCUM", "Hounsfield unit")
// clang-format on

typedef enum rs_std {
#define RS_STANDARD_ENUM(id, value, scheme, meaning) RS_STD_##id,
    RS_STANDARD_CODES(RS_STANDARD_ENUM)
#undef RS_STANDARD_ENUM
        RS_N_STD
} rs_std;

/** A code of ours, or of a standard; static. */
const rs_dicom_code *rs_own_code(rs_own code);
const rs_dicom_code *rs_std_code(rs_std code);

/** What a code of ours means, in a sentence; static. */
const char *rs_own_definition(rs_own code);

/**
 * The code of a value of report.json among those of a concept: SIZE_CLASS, "near_5mm" gives SC_NEAR_5MM.
 *
 * returns  RS_OK; RS_DEFECT where codes.json has no such value
 */
RS_MUST_USE rs_status rs_own_value(rs_context *ctx, rs_own concept, const char *value, const rs_dicom_code **out);

/** The value of report.json that a code of ours stands for among those of a concept; NULL: it is none of them. Static.
 */
const char *rs_own_value_of(rs_own concept, const char *code);

/**
 * The code of the place of a mark or organ, by its lobe ("RUL"; NULL: not known) and organ ("lung").
 *
 * returns  RS_OK; RS_DEFECT for an organ or lobe without a code
 */
RS_MUST_USE rs_status rs_site_code(rs_context *ctx, const char *organ, const char *lobe, const rs_dicom_code **out);

/** The code of "left" or "right"; NULL for any other side and for NULL. */
const rs_dicom_code *rs_side_code(const char *side);

#endif
