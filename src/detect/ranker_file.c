/* A ranker from a file of somebody's, read without trust: JSON, schema "restage-ranker-1". */
#include <math.h>
#include <string.h>

#include "digest/digest.h"
#include "ray_network.h"
#include "restage/files.h"
#include "restage/json.h"

#define SCHEMA "restage-ranker-1"

enum { FILE_BYTES_MAX = 1 << 23, NAME_MAX_BYTES = 100, TEXT_MAX_BYTES = 2000, MAP_MAX = 10000, KEEP_MAX = 1000000 };
static const double weight_max = 1e6, score_max = 1e6; /* far beyond what training gives, far from overflow */

/* A list of numbers of the file. */
typedef struct list_wish {
    const rs_json *list;
    const char *what;
    double low, high;
    int n; /* asked for; -1: any number from 2 to MAP_MAX */
} list_wish;

static rs_status take_list(rs_context *ctx, const list_wish *wish, rs_arena *arena, const double **out, int *n_out)
{
    int n = rs_json_size(wish->list);
    if (!wish->list || (n > 0 && !rs_json_first(wish->list)))
        return rs_fail(ctx, RS_DATA, "the ranker file has no list %s", wish->what);
    if (wish->n >= 0 && n != wish->n)
        return rs_fail(ctx, RS_DATA, "the ranker file has %d numbers in %s, its sizes ask for %d", n, wish->what,
                       wish->n);
    if (wish->n < 0 && (n < 2 || n > MAP_MAX))
        return rs_fail(ctx, RS_DATA, "the ranker file has %d numbers in %s: give 2 to %d", n, wish->what, MAP_MAX);
    double *values = RS_ARENA_RAW(arena, double, n);
    if (!values) return rs_fail_memory(ctx, "the ranker");
    const rs_json *entry = rs_json_first(wish->list);
    for (int i = 0; i < n; i++, entry = rs_json_next(entry)) {
        if (!rs_json_real(entry, &values[i]) || !isfinite(values[i]))
            return rs_fail(ctx, RS_DATA, "number %d of %s in the ranker file is none", i + 1, wish->what);
        if (values[i] < wish->low || values[i] > wish->high)
            return rs_fail(ctx, RS_DATA, "number %d of %s in the ranker file lies outside %g to %g", i + 1, wish->what,
                           wish->low, wish->high);
    }
    *out = values;
    if (n_out) *n_out = n;
    return RS_OK;
}

/* A text of at most `most` bytes, without control characters. */
static rs_status take_text(rs_context *ctx, const rs_json *value, const char *key, size_t most, const char **out)
{
    const char *text = rs_json_text(value);
    bool plain = text && strlen(text) <= most;
    for (const char *at = text; plain && *at; at++)
        plain = (unsigned char)*at >= ' ' && *at != 127;
    if (plain && *text) {
        *out = text;
        return RS_OK;
    }
    return rs_fail(ctx, RS_DATA, "the ranker file has no %s that is one line of 1 to %d bytes", key, (int)most);
}

static rs_status take_size(rs_context *ctx, const rs_json *net, const char *key, const int range[2], int *out)
{
    int64_t value;
    const rs_json *given = rs_json_get(net, key);
    if (!rs_json_integer(given, &value))
        return rs_fail(ctx, RS_DATA, "a network of the ranker file has no whole number %s", key);
    if (value < range[0] || value > range[1])
        return rs_fail(ctx, RS_DATA, "a network of the ranker file has %s %lld: %d to %d can be used", key,
                       (long long)value, range[0], range[1]);
    *out = (int)value;
    return RS_OK;
}

static rs_status take_network(rs_context *ctx, const rs_json *net, rs_arena *arena, rs_ranker *out)
{
    rs_network_shape *s = &out->shape[out->n_networks];
    const double *values;
    RS_TRY(take_size(ctx, net, "rays", (const int[2]){RS_NETWORK_RAYS_MIN, RS_RAYS_FULL}, &s->rays));
    RS_TRY(take_size(ctx, net, "channels", (const int[2]){1, RS_NETWORK_CHANNELS_MAX}, &s->channels));
    RS_TRY(take_size(ctx, net, "deep", (const int[2]){0, RS_NETWORK_DEEP_MAX}, &s->deep));
    RS_TRY(take_size(ctx, net, "degrees", (const int[2]){0, RS_NETWORK_DEGREES_MAX}, &s->degrees));
    RS_TRY(take_size(ctx, net, "hidden", (const int[2]){1, RS_NETWORK_HIDDEN_MAX}, &s->hidden));
    int n = rs_network_weights(s);
    const list_wish wish = {rs_json_get(net, "weights"), "weights", -weight_max, weight_max, n};
    RS_TRY(take_list(ctx, &wish, arena, &values, NULL));
    float *weights = RS_ARENA_RAW(arena, float, n);
    if (!weights) return rs_fail_memory(ctx, "the ranker");
    for (int i = 0; i < n; i++)
        weights[i] = (float)values[i];
    out->weights[out->n_networks++] = weights;
    return RS_OK;
}

static rs_status take_networks(rs_context *ctx, const rs_json *root, rs_arena *arena, rs_ranker *out)
{
    const rs_json *networks = rs_json_get(root, "networks"), *net = rs_json_first(networks);
    int n = rs_json_size(networks);
    if (!net || n > 2) return rs_fail(ctx, RS_DATA, "the ranker file has no list networks of one or two networks");
    for (; net; net = rs_json_next(net))
        RS_TRY(take_network(ctx, net, arena, out));
    out->keep = 2000;
    const rs_json *keep = rs_json_get(root, "keep");
    int64_t value = out->keep;
    if (keep && (!rs_json_integer(keep, &value) || value < 1 || value > KEEP_MAX))
        return rs_fail(ctx, RS_DATA, "keep in the ranker file is no whole number from 1 to %d", KEEP_MAX);
    out->keep = (int)value;
    return RS_OK;
}

static rs_status take_calibration(rs_context *ctx, const rs_json *root, rs_arena *arena, rs_ranker *out)
{
    const rs_json *map = rs_json_get(root, "calibration");
    rs_calibration *c = &out->calibration;
    if (!map) return RS_OK;
    const list_wish scores = {rs_json_get(map, "score"), "calibration.score", -score_max, score_max, -1};
    RS_TRY(take_list(ctx, &scores, arena, &c->score, &c->n));
    const list_wish ps = {rs_json_get(map, "p"), "calibration.p", 0, 1, c->n};
    RS_TRY(take_list(ctx, &ps, arena, &c->p, NULL));
    for (int i = 1; i < c->n; i++) {
        if (!(c->score[i] > c->score[i - 1]))
            return rs_fail(ctx, RS_DATA, "calibration.score in the ranker file does not rise at number %d", i + 1);
        if (c->p[i] < c->p[i - 1])
            return rs_fail(ctx, RS_DATA, "calibration.p in the ranker file falls at number %d", i + 1);
    }
    return take_text(ctx, rs_json_get(map, "basis"), "calibration.basis", TEXT_MAX_BYTES, &c->basis);
}

/* False marks that were measured; missing: not. */
static rs_status take_rate(rs_context *ctx, const rs_json *point, const char *key, double *out)
{
    const rs_json *value = rs_json_get(point, key);
    *out = (double)NAN;
    if (!value) return RS_OK;
    if (!rs_json_real(value, out) || !(*out >= 0) || *out > 1e6)
        return rs_fail(ctx, RS_DATA, "%s of a point of the ranker file is no number from 0 on", key);
    return RS_OK;
}

static rs_status take_points(rs_context *ctx, const rs_json *root, rs_ranker *out)
{
    static const char *const names[] = {"low", "default", "high"};
    const rs_json *points = rs_json_get(root, "points"), *point = rs_json_first(points);
    if (!points) return RS_OK;
    if (!point || rs_json_size(points) != 3)
        return rs_fail(ctx, RS_DATA, "points in the ranker file is no list of three: low, default, high");
    for (int n = 0; n < 3; n++, point = rs_json_next(point)) {
        rs_operating_point *p = &out->points[n];
        const char *name = rs_json_text(rs_json_get(point, "name"));
        if (!name || strcmp(name, names[n]) != 0)
            return rs_fail(ctx, RS_DATA, "point %d of the ranker file is not named %s", n + 1, names[n]);
        p->name = names[n];
        if (!rs_json_real(rs_json_get(point, "p"), &p->p) || !(p->p > 0) || p->p > 1)
            return rs_fail(ctx, RS_DATA, "point %s of the ranker file has no p above 0 and up to 1", p->name);
        if (n > 0 && p->p > out->points[n - 1].p)
            return rs_fail(ctx, RS_DATA, "p of the points of the ranker file rises from %s to %s", names[n - 1],
                           p->name);
        RS_TRY(take_rate(ctx, point, "false_marks_per_litre", &p->false_marks_per_litre));
        RS_TRY(take_rate(ctx, point, "false_marks_per_scan", &p->false_marks_per_scan));
        RS_TRY(take_text(ctx, rs_json_get(point, "basis"), "points.basis", TEXT_MAX_BYTES, &p->basis));
    }
    out->n_points = 3;
    return RS_OK;
}

static bool is_known(const char *key)
{
    static const char *const keys[] = {"schema", "name", "provenance", "networks", "keep", "calibration", "points"};
    for (size_t n = 0; n < sizeof keys / sizeof keys[0]; n++)
        if (strcmp(key, keys[n]) == 0) return true;
    return false;
}

static rs_status take_root(rs_context *ctx, const rs_json *root, rs_arena *arena, rs_ranker *out)
{
    const char *schema = rs_json_text(rs_json_get(root, "schema")), *key;
    if (!schema || strcmp(schema, SCHEMA) != 0)
        return rs_fail(ctx, RS_DATA, "the ranker file does not say \"schema\": \"" SCHEMA "\"");
    for (int n = 0; (key = rs_json_key(root, n, NULL)) != NULL; n++)
        if (!is_known(key))
            return rs_fail(ctx, RS_DATA, "the ranker file has a member that " SCHEMA " does not know (number %d)",
                           n + 1);
    RS_TRY(take_text(ctx, rs_json_get(root, "name"), "name", NAME_MAX_BYTES, &out->name));
    RS_TRY(take_text(ctx, rs_json_get(root, "provenance"), "provenance", TEXT_MAX_BYTES, &out->provenance));
    RS_TRY(take_networks(ctx, root, arena, out));
    RS_TRY(take_calibration(ctx, root, arena, out));
    return take_points(ctx, root, out);
}

/* The tree goes with the call: its texts move to the arena. */
static bool keep_texts(rs_arena *arena, rs_ranker *r)
{
    r->name = rs_arena_text(arena, r->name);
    r->provenance = rs_arena_text(arena, r->provenance);
    bool kept = r->name && r->provenance;
    if (r->calibration.n > 0) kept &= (r->calibration.basis = rs_arena_text(arena, r->calibration.basis)) != NULL;
    for (int n = 0; n < r->n_points; n++)
        kept &= (r->points[n].basis = rs_arena_text(arena, r->points[n].basis)) != NULL;
    return kept;
}

rs_status rs_ranker_from_file(rs_context *ctx, const char *path, rs_arena *arena, rs_ranker *out)
{
    uint8_t *bytes;
    size_t n;
    rs_json *root;
    char digest[65];
    rs_ranker ranker = {.given = true};
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES_MAX, true, &bytes, &n));
    RS_TRY(rs_sha256_hex(ctx, bytes, n, digest));
    rs_status status = rs_json_parse_within(ctx, (const char *)bytes, n, FILE_BYTES_MAX, &root);
    if (status != RS_OK) return status;
    status = take_root(ctx, root, arena, &ranker);
    ranker.sha256 = rs_arena_text(arena, digest);
    if (status == RS_OK && !(keep_texts(arena, &ranker) && ranker.sha256)) status = rs_fail_memory(ctx, "the ranker");
    rs_json_free(root);
    if (status == RS_OK) *out = ranker;
    return status;
}
