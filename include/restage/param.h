/* Parameters that a scientist tunes. The rows stand where they are read, one params.def a room (architecture 1.8); here
   is the type of a row, setting by name and the range check; no row is known here.

   A room's params.def is an X-macro of rows
       X(type, name, default, min, max, unit, source, help)        type: double or int
   from which RS_PARAM_STRUCT and RS_PARAM_TABLE make the room's struct and its table. */
#ifndef RESTAGE_PARAM_H
#define RESTAGE_PARAM_H

#include <stddef.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rs_context;

typedef enum rs_param_type { RS_PARAM_UNKNOWN = 0, RS_PARAM_double, RS_PARAM_int } rs_param_type;

typedef enum rs_set_by { RS_SET_BY_DEFAULT = 0, RS_SET_BY_ORGAN, RS_SET_BY_FILE, RS_SET_BY_COMMAND_LINE } rs_set_by;

typedef struct rs_param {
    const char *name; /* lung_wall_hu; on the command line --lung-wall-hu */
    rs_param_type type;
    double default_value, min, max;
    const char *unit, *source, *help;
} rs_param;

typedef struct rs_param_table {
    const char *room; /* "detect", "organs/lung" */
    const rs_param *rows;
    int n;
} rs_param_table;

/* {name, value}: defaults that an organ's row brings along. */
typedef struct rs_setting {
    const char *name;
    double value;
} rs_setting;

#define RS_PARAM_FIELD(type, name, def, min, max, unit, source, help) type name;
#define RS_PARAM_ROW(type, name, def, min, max, unit, source, help)                                                    \
    {#name, RS_PARAM_##type, (double)(def), (double)(min), (double)(max), unit, source, help},

/* Values for the rows of several joined tables. */
typedef struct rs_params rs_params;

/**
 * Joins tables; every value stands at its default.
 *
 * out      given to you; end it with rs_params_free
 * returns  RS_OK; RS_DEFECT (two rows of one name); RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_params_new(struct rs_context *ctx, const rs_param_table *const *tables, int n_tables,
                                           rs_params **out);
RS_API void rs_params_free(rs_params *params);

/**
 * Sets one by name ('-' and '_' are the same) from a decimal text.
 *
 * returns  RS_OK; RS_USAGE: unknown name (with the nearest known one), no number, out of range
 */
RS_API RS_MUST_USE rs_status rs_params_set(struct rs_context *ctx, rs_params *params, const char *name,
                                           const char *text, rs_set_by set_by);

/** An organ's own default; a stronger setting stands. Errors as rs_params_set. */
RS_API RS_MUST_USE rs_status rs_params_default(struct rs_context *ctx, rs_params *params, const rs_setting *setting);

/** Value by name; the name must be in the tables (0 otherwise). */
RS_API double rs_params_get(const rs_params *params, const char *name);

/** Number of rows, and row i with its value and who set it; pointers live as long as params; any may be NULL. */
RS_API int rs_params_count(const rs_params *params);
RS_API const rs_param *rs_params_row(const rs_params *params, int i, double *value, rs_set_by *set_by,
                                     const char **room);

/** "default", "organ", "file", "command_line"; static. */
RS_API const char *rs_set_by_name(rs_set_by set_by);

#ifdef __cplusplus
}
#endif
#endif
