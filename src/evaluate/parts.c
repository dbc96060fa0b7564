/* The findings in parts: by size, attachment, density, ..., each with a name in plain words. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOT_SAID "not said"

/* Names whose order is not that of the alphabet; they stand there also where no finding has them. */
static const char *const sizes[] = {"under 3 mm", "3 to 4 mm",  "4 to 5 mm",   "5 to 6 mm",
                                    "6 to 8 mm",  "8 to 12 mm", "12 to 20 mm", "over 20 mm"};
static const char *const thicknesses[] = {"up to 1.25 mm", "over 1.25 to 2.5 mm", "over 2.5 mm"};
enum { N_SIZES = sizeof sizes / sizeof *sizes, N_THICKNESSES = sizeof thicknesses / sizeof *thicknesses };

static const char *name_all(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)finding;
    (void)scan;
    return "all";
}

static const char *name_size(const rs_finding *finding, const rs_ledger_scan *scan)
{
    static const double begin_mm[N_SIZES - 1] = {3, 4, 5, 6, 8, 12, 20};
    (void)scan;
    int at = 0;
    while (at < N_SIZES - 2 && finding->diameter_mm >= begin_mm[at])
        at++;
    return sizes[finding->diameter_mm > begin_mm[N_SIZES - 2] ? N_SIZES - 1 : at];
}

static const char *name_thickness(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)finding;
    if (!(scan->thickness_mm > 0)) return NULL;
    /* A header says 1.2500001. */
    return thicknesses[(scan->thickness_mm > 1.2505) + (scan->thickness_mm > 2.5005)];
}

static const char *name_attachment(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)scan;
    return finding->attachment;
}

static const char *name_density(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)scan;
    return finding->density;
}

static const char *name_shape(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)scan;
    return finding->shape;
}

static const char *name_side(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)scan;
    return finding->side;
}

static const char *name_truth(const rs_finding *finding, const rs_ledger_scan *scan)
{
    (void)finding;
    return strcmp(scan->kind, RS_KIND_NOT_SAID) != 0 ? scan->kind : NULL;
}

typedef const char *(*namer)(const rs_finding *finding, const rs_ledger_scan *scan);

typedef struct division {
    const char *by;
    namer first, second; /* second NULL: one name */
    const char *const *fixed;
    int n_fixed;
} division;

// clang-format off
static const division divisions[] = {
    {"all",               name_all,        NULL,       NULL,        0},
    {"size",              name_size,       NULL,       sizes,       N_SIZES},
    {"attachment",        name_attachment, NULL,       NULL,        0},
    {"density",           name_density,    NULL,       NULL,        0},
    {"shape",             name_shape,      NULL,       NULL,        0},
    {"thickness",         name_thickness,  NULL,       thicknesses, N_THICKNESSES},
    {"side",              name_side,       NULL,       NULL,        0},
    {"truth",             name_truth,      NULL,       NULL,        0},
    {"size, truth",       name_size,       name_truth, NULL,        0},
    {"attachment, truth", name_attachment, name_truth, NULL,        0},
};
// clang-format on
enum { N_DIVISIONS = sizeof divisions / sizeof *divisions };

/* A name that occurs: its place in the order, and itself. */
typedef struct occurring {
    int order; /* of the first name; names without one of their own: behind the fixed ones; "not said": the last */
    const char *first, *second;
} occurring;

static int in_order(const void *a, const void *b)
{
    const occurring *x = a, *y = b;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    int first = strcmp(x->first, y->first);
    return first != 0 ? first : strcmp(x->second, y->second);
}

static int order_of(const char *first)
{
    for (int n = 0; n < N_SIZES; n++) {
        if (strcmp(first, sizes[n]) == 0) return n;
    }
    for (int n = 0; n < N_THICKNESSES; n++) {
        if (strcmp(first, thicknesses[n]) == 0) return n;
    }
    return strcmp(first, NOT_SAID) == 0 ? N_SIZES + 1 : N_SIZES;
}

static occurring name_of(const division *d, const rs_ledger *ledger, int f)
{
    const rs_finding *finding = &ledger->findings[f];
    const rs_ledger_scan *scan = &ledger->scans[finding->scan];
    const char *first = d->first(finding, scan);
    if (first == NULL) first = NOT_SAID;
    const char *second = d->second != NULL ? d->second(finding, scan) : "";
    return (occurring){order_of(first), first, second != NULL ? second : NOT_SAID};
}

static bool counts(const rs_ledger *ledger, int f)
{
    const rs_finding *finding = &ledger->findings[f];
    return finding->relevant && ledger->scans[finding->scan].listed;
}

/* The names that occur and the fixed ones, each once, in order. */
static int collect(const division *d, const rs_ledger *ledger, occurring *names)
{
    int n = 0, kept = 0;
    for (int f = 0; f < ledger->n_findings; f++) {
        if (counts(ledger, f)) names[n++] = name_of(d, ledger, f);
    }
    for (int i = 0; i < d->n_fixed; i++)
        names[n++] = (occurring){i, d->fixed[i], ""};
    qsort(names, (size_t)n, sizeof *names, in_order);
    for (int i = 0; i < n; i++) {
        if (kept == 0 || in_order(&names[kept - 1], &names[i]) != 0) names[kept++] = names[i];
    }
    return kept;
}

static rs_status print_names(rs_context *ctx, const occurring *names, int n, rs_arena *arena, rs_parts *out)
{
    const char **texts = RS_ARENA_NEW(arena, const char *, n);
    if (texts == NULL) return rs_fail_memory(ctx, "the parts");
    for (int i = 0; i < n; i++) {
        bool two = names[i].second[0] != '\0';
        texts[i] = two ? rs_arena_printf(arena, "%s, %s", names[i].first, names[i].second) : names[i].first;
        if (texts[i] == NULL) return rs_fail_memory(ctx, "the parts");
    }
    out->names = texts;
    out->n = n;
    return RS_OK;
}

rs_status rs_parts_find(rs_context *ctx, const rs_ledger *ledger, const char *by, rs_arena *arena, rs_parts *out)
{
    const division *d = NULL;
    for (int i = 0; i < N_DIVISIONS; i++) {
        if (strcmp(divisions[i].by, by) == 0) d = &divisions[i];
    }
    RS_CHECK(ctx, d != NULL);
    occurring *names = RS_ARENA_RAW(arena, occurring, ledger->n_findings + d->n_fixed);
    int32_t *of = RS_ARENA_RAW(arena, int32_t, ledger->n_findings);
    if (names == NULL || of == NULL) return rs_fail_memory(ctx, "the parts");
    int n = collect(d, ledger, names);
    bool said = false;
    for (int f = 0; f < ledger->n_findings; f++) {
        of[f] = -1;
        if (!counts(ledger, f)) continue;
        occurring name = name_of(d, ledger, f);
        said |= strcmp(name.first, NOT_SAID) != 0;
        const occurring *found = bsearch(&name, names, (size_t)n, sizeof *names, in_order);
        if (found != NULL) of[f] = (int32_t)(found - names);
    }
    *out = (rs_parts){.by = d->by, .of = of};
    return said ? print_names(ctx, names, n, arena, out) : RS_OK;
}
