/* Values for the rows of joined parameter tables. */
#include "restage/param.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/text.h"

typedef struct entry {
    const rs_param *row;
    const char *room;
    double value;
    rs_set_by set_by;
} entry;

struct rs_params {
    rs_arena *arena;
    entry *entries;
    int n;
};

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a == '-' ? '_' : *a, y = *b == '-' ? '_' : *b;
        if (x != y) return false;
    }
    return *a == *b;
}

static entry *find(const rs_params *params, const char *name)
{
    for (int i = 0; i < params->n; i++) {
        if (same_name(params->entries[i].row->name, name)) return &params->entries[i];
    }
    return NULL;
}

rs_status rs_params_new(rs_context *ctx, const rs_param_table *const *tables, int n_tables, rs_params **out)
{
    int n = 0;
    for (int t = 0; t < n_tables; t++)
        n += tables[t]->n;
    rs_arena *arena = rs_arena_new();
    rs_params *params = RS_ARENA_NEW(arena, rs_params, 1);
    entry *entries = RS_ARENA_NEW(arena, entry, n);
    if (!params || !entries) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the parameters");
    }
    *params = (rs_params){arena, entries, 0};
    for (int t = 0; t < n_tables; t++) {
        for (int i = 0; i < tables[t]->n; i++) {
            const rs_param *row = &tables[t]->rows[i];
            if (find(params, row->name)) {
                rs_status status = rs_fail(ctx, RS_DEFECT, "two parameters are called %s", row->name);
                rs_arena_free(arena);
                return status;
            }
            entries[params->n++] = (entry){row, tables[t]->room, row->default_value, RS_SET_BY_DEFAULT};
        }
    }
    *out = params;
    return RS_OK;
}

void rs_params_free(rs_params *params)
{
    if (params) rs_arena_free(params->arena);
}

static rs_status unknown(rs_context *ctx, const rs_params *params, const char *name)
{
    int best = INT_MAX;
    const char *nearest = "";
    for (int i = 0; i < params->n; i++) {
        int distance = rs_text_distance(name, params->entries[i].row->name);
        if (distance < best) {
            best = distance;
            nearest = params->entries[i].row->name;
        }
    }
    return rs_fail(ctx, RS_USAGE, "there is no parameter '%s': did you mean '%s'? --list-parameters shows all", name,
                   nearest);
}

static rs_status check(rs_context *ctx, const rs_param *row, double value)
{
    bool fits = value >= row->min && value <= row->max;
    if (fits && (row->type != RS_PARAM_int || value == floor(value))) return RS_OK;
    return rs_fail(ctx, RS_USAGE, "parameter %s must be %s from %g to %g%s%s", row->name,
                   row->type == RS_PARAM_int ? "a whole number" : "a number", row->min, row->max, *row->unit ? " " : "",
                   row->unit);
}

rs_status rs_params_set(rs_context *ctx, rs_params *params, const char *name, const char *text, rs_set_by set_by)
{
    entry *e = find(params, name);
    if (!e) return unknown(ctx, params, name);
    double value;
    if (!rs_text_real(text, &value)) {
        return rs_fail(ctx, RS_USAGE, "parameter %s: '%s' is no decimal number", e->row->name, text);
    }
    RS_TRY(check(ctx, e->row, value));
    if (set_by < e->set_by) return RS_OK;
    e->value = value;
    e->set_by = set_by;
    return RS_OK;
}

rs_status rs_params_default(rs_context *ctx, rs_params *params, const rs_setting *setting)
{
    entry *e = find(params, setting->name);
    if (!e) return unknown(ctx, params, setting->name);
    RS_TRY(check(ctx, e->row, setting->value));
    if (e->set_by > RS_SET_BY_ORGAN) return RS_OK;
    e->value = setting->value;
    e->set_by = RS_SET_BY_ORGAN;
    return RS_OK;
}

double rs_params_get(const rs_params *params, const char *name)
{
    const entry *e = find(params, name);
    return e ? e->value : 0;
}

int rs_params_count(const rs_params *params)
{
    return params->n;
}

const rs_param *rs_params_row(const rs_params *params, int i, double *value, rs_set_by *set_by, const char **room)
{
    const entry *e = &params->entries[i];
    if (value) *value = e->value;
    if (set_by) *set_by = e->set_by;
    if (room) *room = e->room;
    return e->row;
}

const char *rs_set_by_name(rs_set_by set_by)
{
    static const char *const names[] = {"default", "organ", "file", "command_line"};
    return (unsigned)set_by < sizeof(names) / sizeof(names[0]) ? names[set_by] : "unknown";
}
