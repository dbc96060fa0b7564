/* Reads recipes: strictly, with every key known and every value within its bounds. */
#include "recipe.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "digest/digest.h"
#include "failure.h"
#include "mode.h"
#include "restage/files.h"
#include "restage/json.h"
#include "restage/text.h"

/* A number or range of a recipe. at: offset in rs_phantom_recipe; a number is a range of equal ends, cut to one. */
typedef struct field {
    const char *object, *key; /* "lesions", "mean" */
    size_t at;
    bool is_range;
    double least, most;
    bool is_whole; /* a count */
} field;

#define NUMBER(object, key, member, least, most)                                                                       \
    {                                                                                                                  \
        object, key, offsetof(rs_phantom_recipe, member), false, least, most, false                                    \
    }
#define RANGE(object, key, member, least, most)                                                                        \
    {                                                                                                                  \
        object, key, offsetof(rs_phantom_recipe, member), true, least, most, false                                     \
    }
static const field fields[] = {
    NUMBER("lesions", "empty_share", empty_share, 0.0, 1.0),
    NUMBER("lesions", "mean", mean_lesions, 0.0, 100.0),
    NUMBER("lesions", "smallest_mm", smallest_mm, 1.0, 80.0),
    NUMBER("lesions", "largest_mm", largest_mm, 1.0, 80.0),
    NUMBER("lesions", "median_mm", median_mm, 1.0, 80.0),
    NUMBER("lesions", "log_sd", log_sd, 0.0, 2.0),
    RANGE("lesions", "hu", hu, -200.0, 400.0),
    RANGE("scan", "thickness_mm", thickness_mm, 0.4, 10.0),
    RANGE("scan", "spacing_share", spacing_share, 0.2, 2.0),
    NUMBER("follow_up", "grown_share", follow_up.grown_share, 0.0, 1.0),
    NUMBER("follow_up", "vanished_share", follow_up.vanished_share, 0.0, 1.0),
    RANGE("follow_up", "growth", follow_up.growth, 0.1, 20.0),
    {"follow_up", "new", offsetof(rs_phantom_recipe, follow_up.new_lesions), true, 0.0, 50.0, true},
};
enum { FIELDS = sizeof fields / sizeof fields[0], KEYS_MAX = 32 };
_Static_assert((int)RS_PHANTOM_MODES <= KEYS_MAX && (int)RS_PHANTOM_KNOBS_MAX < KEYS_MAX, "each has a key");

/* The keys that an object may have. */
typedef struct keys {
    const char *name[KEYS_MAX];
    int n;
} keys;

static void set_defaults(rs_phantom_recipe *out)
{
    *out = (rs_phantom_recipe){
        .empty_share = 0.3,
        .mean_lesions = 5.0,
        .smallest_mm = 1.5,
        .largest_mm = 30.0,
        .median_mm = 5.5,
        .log_sd = 0.48,
        .hu = {-40.0, 80.0},
        .follow_up = {0.4, 0.15, {1.3, 3.0}, {0.0, 2.0}, true},
    };
    for (int id = 0; id < RS_PHANTOM_MODES; id++) {
        const rs_phantom_mode *mode = rs_phantom_mode_at((rs_phantom_mode_id)id);
        out->mode[id].share = mode->share;
        for (int k = 0; k < mode->n_knobs && k < RS_PHANTOM_KNOBS_MAX; k++)
            out->mode[id].knob[k] = mode->knobs[k].range;
    }
}

/* where: "modes.scars", or "" at the root. */
static rs_status check_keys(rs_context *ctx, const rs_json *object, const char *where, const keys *known)
{
    for (int n = 0; n < rs_json_size(object); n++) {
        const char *key = rs_json_key(object, n, NULL), *nearest = known->name[0];
        if (key == NULL) return rs_fail(ctx, RS_DATA, "the recipe's %s must be an object", where);
        int best = INT_MAX;
        for (int k = 0; k < known->n && best > 0; k++) {
            int distance = rs_text_distance(key, known->name[k]);
            if (distance >= best) continue;
            best = distance;
            nearest = known->name[k];
        }
        if (best == 0 && strcmp(key, nearest) == 0) continue;
        char shown[64];
        rs_text_printable(shown, sizeof shown, key);
        return rs_fail(ctx, RS_DATA, "the recipe's %s%s%s is not known: did you mean '%s'?", where,
                       where[0] != '\0' ? "." : "", shown, nearest);
    }
    return RS_OK;
}

/* A member that must be an object where it is there. */
static rs_status object_of(rs_context *ctx, const rs_json *root, const char *key, const rs_json **out)
{
    const rs_json *value = rs_json_get(root, key);
    *out = value;
    if (value == NULL || rs_json_key(value, 0, NULL) != NULL) return RS_OK;
    /* Without a key it is {} or no object: printed, the members of the root stand behind two blanks each. */
    char *text = NULL, member[64];
    size_t bytes = 0;
    RS_TRY(rs_json_print(ctx, root, &text, &bytes));
    rs_text_format(member, sizeof member, "\n  \"%s\": {", key);
    bool is_object = strstr(text, member) != NULL;
    rs_json_text_free(text);
    return is_object ? RS_OK : rs_fail(ctx, RS_DATA, "the recipe's %s must be an object", key);
}

/* "a": 3, or where ranges are taken "a": [2, 6]. */
static rs_status range_of(rs_context *ctx, const rs_json *value, const field *f, rs_phantom_range *out)
{
    rs_phantom_range read;
    if (rs_json_real(value, &read.low)) {
        read.high = read.low;
    } else if (!f->is_range || rs_json_size(value) != 2 || !rs_json_real(rs_json_at(value, 0), &read.low) ||
               !rs_json_real(rs_json_at(value, 1), &read.high)) {
        return rs_fail(ctx, RS_DATA, "the recipe's %s.%s must be a number%s from %g to %g", f->object, f->key,
                       f->is_range ? " or [low, high]" : "", f->least, f->most);
    }
    if (!(read.low >= f->least && read.high <= f->most && read.low <= read.high))
        return rs_fail(ctx, RS_DATA, "the recipe's %s.%s must lie between %g and %g%s", f->object, f->key, f->least,
                       f->most, read.low > read.high ? ", the lower end first" : "");
    if (f->is_whole && (floor(read.low) < read.low || floor(read.high) < read.high))
        return rs_fail(ctx, RS_DATA, "the recipe's %s.%s must be whole numbers", f->object, f->key);
    *out = read;
    return RS_OK;
}

static rs_status read_fields(rs_context *ctx, const rs_json *root, const char *object, rs_phantom_recipe *out)
{
    const rs_json *from = NULL;
    keys known = {.n = 0};
    RS_TRY(object_of(ctx, root, object, &from));
    for (int n = 0; n < (int)FIELDS; n++)
        if (strcmp(fields[n].object, object) == 0) known.name[known.n++] = fields[n].key;
    if (strcmp(object, "follow_up") == 0) known.name[known.n++] = "other_scanner";
    RS_TRY(check_keys(ctx, from, object, &known));
    for (int n = 0; n < (int)FIELDS; n++) {
        const rs_json *value = strcmp(fields[n].object, object) == 0 ? rs_json_get(from, fields[n].key) : NULL;
        rs_phantom_range range;
        if (value == NULL) continue;
        RS_TRY(range_of(ctx, value, &fields[n], &range));
        memcpy((char *)out + fields[n].at, &range, fields[n].is_range ? sizeof range : sizeof range.low);
    }
    return RS_OK;
}

static rs_status read_mode(rs_context *ctx, const rs_json *value, const rs_phantom_mode *mode, rs_phantom_setting *out)
{
    char where[64];
    keys known = {.name = {"share"}, .n = 1};
    rs_phantom_range range;
    rs_text_format(where, sizeof where, "modes.%s", mode->name);
    if (rs_json_boolean(value, &out->on)) return RS_OK;
    if (rs_json_size(value) == 0) /* null, a text, a number; {} says nothing that true does not say better */
        return rs_fail(ctx, RS_DATA, "the recipe's %s must be true, false or an object of its parameters", where);
    for (int k = 0; k < mode->n_knobs; k++)
        known.name[known.n++] = mode->knobs[k].name;
    RS_TRY(check_keys(ctx, value, where, &known));
    out->on = true;
    const rs_json *share = rs_json_get(value, "share");
    if (share != NULL) {
        RS_TRY(range_of(ctx, share, &(field){where, "share", 0, false, 0.0, 1.0, false}, &range));
        out->share = range.low;
    }
    for (int k = 0; k < mode->n_knobs; k++) {
        const rs_phantom_knob *knob = &mode->knobs[k];
        const rs_json *at = rs_json_get(value, knob->name);
        if (at != NULL)
            RS_TRY(
                range_of(ctx, at, &(field){where, knob->name, 0, true, knob->least, knob->most, false}, &out->knob[k]));
    }
    return RS_OK;
}

static rs_status read_modes(rs_context *ctx, const rs_json *root, rs_phantom_recipe *out)
{
    const rs_json *modes = NULL;
    keys known = {.n = 0};
    RS_TRY(object_of(ctx, root, "modes", &modes));
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        known.name[known.n++] = rs_phantom_mode_at((rs_phantom_mode_id)id)->name;
    RS_TRY(check_keys(ctx, modes, "modes", &known));
    for (int id = 0; id < RS_PHANTOM_MODES; id++) {
        const rs_phantom_mode *mode = rs_phantom_mode_at((rs_phantom_mode_id)id);
        const rs_json *value = rs_json_get(modes, mode->name);
        if (value != NULL) RS_TRY(read_mode(ctx, value, mode, &out->mode[id]));
    }
    return RS_OK;
}

/* Schema and name; what has two members that must fit each other. */
static rs_status read_head(rs_context *ctx, rs_arena *arena, const rs_json *root, rs_phantom_recipe *out)
{
    static const keys known = {{"schema", "name", "lesions", "scan", "modes", "follow_up"}, 6};
    const char *schema = rs_json_text(rs_json_get(root, "schema")), *name = rs_json_text(rs_json_get(root, "name"));
    if (schema == NULL || strcmp(schema, "restage-recipe-1") != 0)
        return rs_fail(ctx, RS_DATA, "a recipe begins with \"schema\": \"restage-recipe-1\"");
    RS_TRY(check_keys(ctx, root, "", &known));
    if (name == NULL || name[0] == '\0' || strlen(name) > 64)
        return rs_fail(ctx, RS_DATA, "the recipe's name must be a text of 1 to 64 bytes");
    char shown[65];
    rs_text_printable(shown, sizeof shown, name);
    out->name = rs_arena_text(arena, shown);
    return out->name != NULL ? RS_OK : rs_fail_memory(ctx, "the recipe");
}

static rs_status read_all(rs_context *ctx, rs_arena *arena, const rs_json *root, rs_phantom_recipe *out)
{
    static const char *const objects[] = {"lesions", "scan", "follow_up"};
    RS_TRY(read_head(ctx, arena, root, out));
    for (int n = 0; n < 3; n++)
        RS_TRY(read_fields(ctx, root, objects[n], out));
    bool truth_value = out->follow_up.other_scanner;
    const rs_json *other = rs_json_get(rs_json_get(root, "follow_up"), "other_scanner");
    if (other != NULL && !rs_json_boolean(other, &truth_value))
        return rs_fail(ctx, RS_DATA, "the recipe's follow_up.other_scanner must be true or false");
    out->follow_up.other_scanner = truth_value;
    out->has_follow_up = rs_json_get(root, "follow_up") != NULL;
    if (out->largest_mm < out->smallest_mm)
        return rs_fail(ctx, RS_DATA, "the recipe's largest lesion is smaller than its smallest");
    if (out->follow_up.grown_share + out->follow_up.vanished_share > 1.0 + 1e-9)
        return rs_fail(ctx, RS_DATA, "the recipe's grown_share and vanished_share are more than 1 together");
    return read_modes(ctx, root, out);
}

rs_status rs_phantom_recipe_parse(rs_context *ctx, rs_arena *arena, const char *text, size_t bytes,
                                  rs_phantom_recipe *out)
{
    rs_json *root = NULL;
    set_defaults(out);
    RS_TRY(rs_json_parse(ctx, text, bytes, &root));
    rs_status status = read_all(ctx, arena, root, out);
    rs_json_free(root);
    return status == RS_OK ? rs_sha256_hex(ctx, text, bytes, out->digest) : status;
}

rs_status rs_phantom_recipe_read(rs_context *ctx, rs_arena *arena, const char *path, rs_phantom_recipe *out)
{
    uint8_t *text = NULL;
    size_t bytes = 0;
    set_defaults(out);
    if (path == NULL) return RS_OK;
    rs_status status = rs_file_read(ctx, arena, path, RS_PHANTOM_RECIPE_BYTES, true, &text, &bytes);
    if (status == RS_OK) status = rs_phantom_recipe_parse(ctx, arena, (const char *)text, bytes, out);
    return status == RS_OK ? RS_OK : rs_phantom_name_failure(ctx, "--recipe", path, status);
}
