/* The codes of codes.h as tables, and the words of the report that they stand for. */
#include "codes.h"

#include <string.h>

static const rs_dicom_code own[] = {
#define X(code, meaning, definition, of, value) {#code, RS_OWN_DESIGNATOR, meaning},
    RS_OWN_CODES(X)
#undef X
};

static const rs_dicom_code standard[] = {
#define X(id, value, scheme, meaning) {value, scheme, meaning},
    RS_STANDARD_CODES(X)
#undef X
};

static const char *const definitions[] = {
#define X(code, meaning, definition, of, value) definition,
    RS_OWN_CODES(X)
#undef X
};

/* A word of report.json and the concept whose value it is. */
static const struct {
    const char *of, *value;
} words[] = {
#define X(code, meaning, definition, of, value) {of, value},
    RS_OWN_CODES(X)
#undef X
};

/* Places by the report's words: lobe NULL for the organ as a whole. */
static const struct {
    const char *organ, *lobe;
    rs_std code;
} sites[] = {
    {"lung", NULL, RS_STD_LUNG},        {"lung", "RUL", RS_STD_UPPER_LOBE}, {"lung", "RML", RS_STD_MIDDLE_LOBE},
    {"lung", "RLL", RS_STD_LOWER_LOBE}, {"lung", "LUL", RS_STD_UPPER_LOBE}, {"lung", "LLL", RS_STD_LOWER_LOBE},
};

const rs_dicom_code *rs_own_code(rs_own code)
{
    return &own[code];
}

const rs_dicom_code *rs_std_code(rs_std code)
{
    return &standard[code];
}

const char *rs_own_definition(rs_own code)
{
    return definitions[code];
}

rs_status rs_own_value(rs_context *ctx, rs_own concept, const char *value, const rs_dicom_code **out)
{
    for (int c = 0; value && c < RS_N_OWN; c++) {
        if (!words[c].of || strcmp(words[c].of, own[concept].value) != 0 || strcmp(words[c].value, value) != 0)
            continue;
        *out = &own[c];
        return RS_OK;
    }
    return rs_fail(ctx, RS_DEFECT, "a defect of restage: no code for %s of %s; please report it",
                   value ? value : "(none)", own[concept].value);
}

const char *rs_own_value_of(rs_own concept, const char *code)
{
    for (int c = 0; c < RS_N_OWN; c++) {
        if (words[c].of && strcmp(words[c].of, own[concept].value) == 0 && strcmp(own[c].value, code) == 0)
            return words[c].value;
    }
    return NULL;
}

rs_status rs_site_code(rs_context *ctx, const char *organ, const char *lobe, const rs_dicom_code **out)
{
    for (size_t s = 0; organ && s < sizeof sites / sizeof sites[0]; s++) {
        bool same_lobe = lobe ? sites[s].lobe && strcmp(sites[s].lobe, lobe) == 0 : !sites[s].lobe;
        if (!same_lobe || strcmp(sites[s].organ, organ) != 0) continue;
        *out = &standard[sites[s].code];
        return RS_OK;
    }
    return rs_fail(ctx, RS_DEFECT, "a defect of restage: no code for the place %s %s; please report it",
                   organ ? organ : "(none)", lobe ? lobe : "");
}

const rs_dicom_code *rs_side_code(const char *side)
{
    if (side && strcmp(side, "left") == 0) return &standard[RS_STD_LEFT];
    return side && strcmp(side, "right") == 0 ? &standard[RS_STD_RIGHT] : NULL;
}
