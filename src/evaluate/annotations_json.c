/* annotations.json: lesions that people listed by hand, in the forms that the clinical cases of this project have.
   lesions[]: centre_lps_mm with a diameter, axes or volumes; the readers of LIDC are grouped already; several
   segmentations of one lesion are one finding. rois[]: regions of an RTSTRUCT. findings[]: points without a size. */
#include "truth.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

enum { READERS_RELEVANT = 3 }; /* of four (Setio 2017) */

static bool knows(const char *path, const uint8_t *head, size_t n)
{
    const size_t length = strlen(path);
    size_t at = 0;
    while (at < n && (head[at] == ' ' || head[at] == '\n' || head[at] == '\r' || head[at] == '\t'))
        at++;
    return length > 5 && strcmp(path + length - 5, ".json") == 0 && at < n && head[at] == '{';
}

/* The first of these members that is a number. */
static double first_real(const rs_json *o, const char *const *keys, int n)
{
    double value = (double)NAN;
    for (int i = 0; i < n && isnan(value); i++)
        value = rs_truth_real(o, keys[i]);
    return value;
}

/* Mean of what several thresholds made of one lesion. */
static double mean_of(const rs_json *list, const char *key)
{
    double sum = 0;
    const int n = rs_json_size(list);
    for (const rs_json *o = rs_json_first(list); o != NULL; o = rs_json_next(o))
        sum += rs_truth_real(o, key);
    return n > 0 ? sum / n : (double)NAN;
}

static double volume_of(const rs_json *o)
{
    static const char *const keys[] = {"volume_mm3", "mean_volume_mm3", "volume_mm3_threshold_-400",
                                       "volume_mm3_above_-400_hu"};
    double volume_mm3 = first_real(o, keys, 4);
    if (isnan(volume_mm3)) volume_mm3 = 1000 * rs_truth_real(o, "volume_ml_evenodd_voxels");
    if (isnan(volume_mm3)) volume_mm3 = 1000 * rs_truth_real(o, "volume_ml_polygon_sum");
    if (isnan(volume_mm3)) volume_mm3 = mean_of(rs_json_get(o, "whole"), "volume_mm3");
    return volume_mm3;
}

static double diameter_of(const rs_json *o, double volume_mm3)
{
    static const char *const keys[] = {"equivalent_diameter_mm", "eqdiam_mm", "mean_equivalent_diameter_mm",
                                       "nominal_diameter_mm", "diameter_mm"};
    double diameter_mm = first_real(o, keys, 5);
    if (isnan(diameter_mm) && volume_mm3 > 0) diameter_mm = rs_truth_equivalent_mm(volume_mm3);
    if (!isnan(diameter_mm)) return diameter_mm;
    /* both axes of the largest section */
    return (rs_truth_real(o, "long_axis_mm") + rs_truth_real(o, "short_axis_mm")) / 2;
}

/* "possible", "probable" and "definite" are words of the list; a kind in words of LIDC counts its readers. */
static bool is_relevant(const rs_json *o)
{
    const char *certainty = rs_json_text(rs_json_get(o, "certainty")), *kind = rs_json_text(rs_json_get(o, "kind"));
    if (kind != NULL && strcmp(kind, "nodule<3mm") == 0) return false;
    const rs_json *readers = rs_json_get(o, "readers");
    if (readers != NULL && rs_json_size(readers) < READERS_RELEVANT) return false;
    return certainty == NULL || strcmp(certainty, "possible") != 0;
}

static const char *density_of(const rs_json *o)
{
    static const char *const pairs[][2] = {
        {"solid", "solid"}, {"part-solid", "part_solid"}, {"ground-glass", "ground_glass"}, {"cavity", "cavity"}};
    const char *type = rs_json_text(rs_json_get(o, "type"));
    for (int i = 0; type != NULL && i < 4; i++)
        if (strcmp(type, pairs[i][0]) == 0) return pairs[i][1];
    return NULL;
}

/* One list of the file and what its entries are. */
typedef struct listed {
    const char *key;
    bool relevant;
} listed;
static const listed lists[] = {{"lesions", true}, {"findings", true}, {"rois", true}, {"non_nodules", false}};
enum { N_LISTS = sizeof lists / sizeof lists[0] };

static rs_finding finding_of(rs_ledger *ledger, const rs_json *o, bool relevant, int scan)
{
    rs_finding f = rs_finding_empty();
    f.scan = scan;
    f.relevant = relevant && is_relevant(o);
    rs_truth_vector(rs_json_get(o, "centre_lps_mm"), f.lps_mm);
    f.volume_mm3 = volume_of(o);
    f.diameter_mm = diameter_of(o, f.volume_mm3);
    f.id = rs_truth_text(ledger, o, "id");
    if (f.id == NULL) f.id = rs_truth_text(ledger, o, "roi");
    f.side = rs_truth_text(ledger, o, "side");
    f.density = density_of(o);
    return f;
}

/* An entry of a list, and what tells whether it is one of several segmentations of a lesion. */
typedef struct entry {
    const rs_json *o;
    bool segmented; /* and has a place */
    double lps_mm[3], volume_mm3, diameter_mm;
} entry;

static rs_status take_entries(rs_context *ctx, const rs_json *list, rs_arena *arena, entry **out)
{
    const int n = rs_json_size(list);
    *out = RS_ARENA_NEW(arena, entry, n);
    if (*out == NULL) return rs_fail_memory(ctx, "the lesions");
    entry *e = *out;
    for (const rs_json *o = rs_json_first(list); o != NULL; o = rs_json_next(o), e++) {
        e->o = o;
        e->segmented =
            rs_json_get(e->o, "segmentation") != NULL && rs_truth_vector(rs_json_get(e->o, "centre_lps_mm"), e->lps_mm);
        e->volume_mm3 = volume_of(e->o);
        e->diameter_mm = diameter_of(e->o, e->volume_mm3);
    }
    return RS_OK;
}

/* Segmentations of one lesion: those whose centres lie within the larger's radius of the first. Their mean is the
   finding. Entries before `index` that belong to it make it done already. */
static bool belongs(const entry *one, const entry *two)
{
    double square = 0;
    if (!one->segmented || !two->segmented) return false;
    for (int d = 0; d < 3; d++)
        square += (one->lps_mm[d] - two->lps_mm[d]) * (one->lps_mm[d] - two->lps_mm[d]);
    const double reach_mm = fmax(one->diameter_mm, two->diameter_mm) / 2;
    return square < reach_mm * reach_mm;
}

static bool is_done(const entry *entries, int index)
{
    for (int i = 0; i < index && entries[index].segmented; i++)
        if (belongs(&entries[i], &entries[index])) return true;
    return false;
}

static void take_mean(const entry *entries, int n_entries, int first, rs_finding *f)
{
    double sum[5] = {0};
    int n = 0;
    for (int i = first; i < n_entries && entries[first].segmented; i++) {
        if (!belongs(&entries[first], &entries[i])) continue;
        for (int d = 0; d < 3; d++)
            sum[d] += entries[i].lps_mm[d];
        sum[3] += entries[i].volume_mm3;
        sum[4] += entries[i].diameter_mm;
        n++;
    }
    if (n == 0) return;
    for (int d = 0; d < 3; d++)
        f->lps_mm[d] = sum[d] / n;
    f->volume_mm3 = sum[3] / n;
    f->diameter_mm = sum[4] / n;
    f->id = NULL;
}

static rs_status read_list(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *root,
                           const listed *which, int scan)
{
    const rs_json *list = rs_json_get(root, which->key);
    const int n = rs_json_size(list);
    int beyond = 0, taken = 0;
    entry *entries;
    RS_TRY(take_entries(ctx, list, ledger->arena, &entries));
    for (int i = 0; i < n; i++) {
        const rs_json *o = entries[i].o;
        const char *roi = rs_json_text(rs_json_get(o, "roi"));
        RS_TRY(rs_context_check_cancel(ctx));
        ledger->has_regions |= roi != NULL;
        if (roi != NULL && args->roi != NULL && strcmp(roi, args->roi) != 0) continue;
        if (is_done(entries, i)) continue;
        rs_finding f = finding_of(ledger, o, which->relevant, scan);
        take_mean(entries, n, i, &f);
        RS_TRY(rs_truth_add(ctx, args, ledger, &f, &beyond));
        taken++;
    }
    if (strcmp(which->key, "rois") == 0 && taken == 0 && n > 0)
        return rs_fail(ctx, RS_USAGE, "it has no region of the name that --roi says");
    return rs_truth_tell_beyond(ctx, ledger, beyond);
}

/* Does a series of the images lie in the folder of the file? */
static bool lies_beside(const rs_series *series, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = series->n_slices > 0 ? series->slices[0].path : series->volume_file;
    return slash != NULL && file != NULL && strncmp(file, path, (size_t)(slash - path) + 1) == 0;
}

/* The series of the images whose grid holds the first place of the file. */
static bool holds_places(const rs_series *series, const rs_json *root)
{
    for (int l = 0; l < N_LISTS; l++) {
        double lps_mm[3], ijk[3];
        const rs_json *first = rs_json_at(rs_json_get(root, lists[l].key), 0);
        if (first == NULL || !rs_truth_vector(rs_json_get(first, "centre_lps_mm"), lps_mm)) continue;
        rs_geometry_to_index(&series->geometry, lps_mm, ijk);
        return rs_geometry_holds(&series->geometry, ijk);
    }
    return true;
}

/* A file that names no series: the one of the images that lies beside it, or the only one there is. */
static rs_status series_by_images(rs_context *ctx, const rs_truth_args *args, const rs_json *root, const char **uid)
{
    const rs_series *series, *found = NULL;
    for (int beside = 1; beside >= 0 && found == NULL; beside--)
        for (int n = 0; (series = rs_truth_series_at(args->images, n)) != NULL; n++) {
            if (beside && !lies_beside(series, args->path)) continue;
            if (!holds_places(series, root)) continue;
            if (found != NULL && strcmp(found->series_instance_uid, series->series_instance_uid) != 0)
                return rs_fail(
                    ctx, RS_DATA,
                    "it names no series, and several of --images could be meant: give the folder of the one");
            found = series;
        }
    if (found == NULL) return rs_fail(ctx, RS_DATA, "it names no series: give the folder of its images with --images");
    *uid = found->series_instance_uid;
    return RS_OK;
}

static rs_status read_root(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *root)
{
    int scan, n_lists = 0;
    const char *uid = rs_json_text(rs_json_get(root, "series_instance_uid"));
    for (int l = 0; l < N_LISTS; l++)
        n_lists += rs_json_get(root, lists[l].key) != NULL;
    if (n_lists == 0) return rs_fail(ctx, RS_DATA, "it has none of the lists lesions, findings and rois");
    if (uid == NULL) RS_TRY(series_by_images(ctx, args, root, &uid));
    RS_TRY(rs_truth_scan(ctx, args, ledger, uid, &scan));
    const char *name = rs_truth_text(ledger, root, "case");
    if (name != NULL && ledger->scans[scan].patient == NULL) ledger->scans[scan].patient = name;
    for (int l = 0; l < N_LISTS; l++)
        RS_TRY(read_list(ctx, args, ledger, root, &lists[l], scan));
    return RS_OK;
}

static rs_status read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    rs_json *root;
    RS_TRY(rs_truth_json_read(ctx, args->path, &root));
    rs_status status = read_root(ctx, args, ledger, root);
    rs_json_free(root);
    return status;
}

const rs_truth_reader rs_truth_annotations_json = {"annotations.json", false, knows, read};
