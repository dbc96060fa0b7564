/* Names of the features, from their table, and of the origins. */
#include "restage/detector.h"

#include <stddef.h>

typedef struct feature_row {
    const char *name, *unit, *help;
} feature_row;

static const feature_row rows[] = {
#define FEATURE_ROW(name, unit, help) {#name, unit, help},
    RS_FEATURE_TABLE(FEATURE_ROW)
#undef FEATURE_ROW
};

static const feature_row *row_of(int feature)
{
    return feature >= 0 && feature < RS_FEATURE_COUNT ? &rows[feature] : NULL;
}

const char *rs_feature_name(int feature)
{
    const feature_row *row = row_of(feature);
    return row ? row->name : NULL;
}

const char *rs_feature_unit(int feature)
{
    const feature_row *row = row_of(feature);
    return row ? row->unit : NULL;
}

const char *rs_feature_help(int feature)
{
    const feature_row *row = row_of(feature);
    return row ? row->help : NULL;
}

const char *rs_origin_name(rs_origin origin)
{
    static const char *const names[] = {NULL, "log", "mass", "given", "point"};
    return (unsigned)origin < sizeof names / sizeof names[0] ? names[origin] : NULL;
}
