/* Regions that somebody drew, as a truth: RTSTRUCT, SEG, label volumes. Each region is one finding, in however many
   parts: its centroid, its volume and the diameter of the sphere of that volume. SEG and volumes are taken on their own
   grid; contours are drawn on the grid of the series that they belong to, and where that is not there their polygons
   are measured. Which series it is: the one that the file names, else one of --images with the file's own grid, else
   one of its frame of reference. A mask of the lungs is a region like any other: --roi picks what is a lesion. */
#include "restage/masks.h"
#include "truth.h"

#include <math.h>
#include <string.h>

#include "restage/formats.h"

enum { NOTES_MAX = 3, NAMES_MAX = 5 };

/* Corners of two grids nearer than this are one: the rounding of the headers' numbers. */
static const double same_mm = 0.01;

typedef struct job {
    rs_context *ctx;
    const rs_truth_args *args;
    rs_ledger *ledger;
    const rs_masks *masks;
    const rs_series *series; /* NULL: not among the images */
    const char *uid;         /* of the scan */
    int scan, beyond;
} job;

static bool knows(const char *path, const uint8_t *head, size_t n)
{
    if (rs_format_reads(path)) return true;
    if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0) return true;
    return n >= 8 && head[0] == 8 && head[1] == 0 && head[3] == 0; /* a bare data set */
}

static bool same_grid(const rs_geometry *a, const rs_geometry *b)
{
    const double last = a->n[2] - 1.0, far[2] = {a->n[0] - 1.0, a->n[1] - 1.0};
    const double ends[4][3] = {{0, 0, 0}, {far[0], far[1], last}, {0, 0, last}, {far[0], far[1], 0}};
    if (memcmp(a->n, b->n, sizeof a->n) != 0) return false;
    double one[4][3], other[4][3], straight = 0, turned = 0; /* slices may be stored from the other end */
    for (int e = 0; e < 4; e++) {
        rs_geometry_to_lps(a, ends[e], one[e]);
        rs_geometry_to_lps(b, ends[e], other[e]);
    }
    for (int e = 0; e < 2; e++)
        for (int d = 0; d < 3; d++) {
            straight = fmax(straight, fabs(one[e][d] - other[e][d]));
            turned = fmax(turned, fabs(one[e][d] - other[e + 2][d]));
        }
    return straight < same_mm || turned < same_mm;
}

/* How much speaks for a series; 0: nothing. */
static int likeness(const job *j, const rs_series *series)
{
    rs_geometry own;
    const rs_masks_likeness named = rs_masks_likeness_of(j->masks, series);
    if (named == RS_MASKS_NAMED) return 3;
    if (rs_masks_grid(j->masks, &own) && same_grid(&own, &series->geometry)) return 2;
    return named == RS_MASKS_SAME_FRAME ? 1 : 0;
}

/* The best series of the images; *several: another one is as good. */
static const rs_series *best_series(const job *j, int *best, bool *several)
{
    const rs_series *series, *found = NULL;
    *best = 0;
    *several = false;
    for (int n = 0; (series = rs_truth_series_at(j->args->images, n)) != NULL; n++) {
        const int l = likeness(j, series);
        if (l == 0 || l < *best) continue;
        *several = l == *best && found != NULL && strcmp(found->series_instance_uid, series->series_instance_uid) != 0;
        if (l > *best || found == NULL) found = series;
        *best = l;
    }
    return found;
}

/* The one series of the images, for a label volume that names none and has another grid. */
static const rs_series *only_series(const job *j)
{
    const rs_series *first = rs_truth_series_at(j->args->images, 0), *series;
    for (int n = 1; (series = rs_truth_series_at(j->args->images, n)) != NULL; n++)
        if (strcmp(first->series_instance_uid, series->series_instance_uid) != 0) return NULL;
    return first;
}

/* Name of a volume file without its ending: what stands for a SeriesInstanceUID where there is none. */
static const char *stem_of(rs_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path, *dot = strrchr(name, '.');
    if (dot != NULL && strcmp(dot, ".gz") == 0)
        for (const char *at = dot - 1; at > name; at--)
            if (*at == '.') {
                dot = at;
                break;
            }
    return rs_arena_printf(arena, "%.*s", dot != NULL && dot > name ? (int)(dot - name) : (int)strlen(name), name);
}

static rs_status find_scan(job *j)
{
    int best;
    bool several;
    const bool volume = rs_masks_kind_of(j->masks) == RS_MASKS_VOLUME;
    j->series = best_series(j, &best, &several);
    if (several)
        return rs_fail(j->ctx, RS_DATA,
                       "several series of --images could be what it was drawn on: give that one alone");
    if (j->series == NULL && volume) j->series = only_series(j);
    const char *named = rs_masks_series_uid(j->masks);
    if (j->series != NULL)
        j->uid = j->series->series_instance_uid;
    else if (named != NULL)
        j->uid = named;
    else if (volume && j->args->images->n == 0)
        j->uid = stem_of(j->ledger->arena, j->args->path);
    else
        return rs_fail(j->ctx, RS_DATA, "it does not say which series it was drawn on: give its folder with --images");
    if (j->uid == NULL) return rs_fail_memory(j->ctx, "the regions");
    return rs_truth_scan(j->ctx, j->args, j->ledger, j->uid, &j->scan);
}

/* Centroid of the voxels of a mask: whole sums of indices, so that no order matters. */
static void centroid(const rs_mask *mask, double lps_mm[3])
{
    const int32_t *n = mask->geometry.n;
    int64_t sum[3] = {0, 0, 0}, voxels = 0;
    const uint8_t *row = mask->inside;
    for (int32_t k = 0; k < n[2]; k++)
        for (int32_t j = 0; j < n[1]; j++, row += n[0]) {
            int64_t in_row = 0;
            for (int32_t i = 0; i < n[0]; i++) {
                in_row += row[i];
                sum[0] += row[i] ? i : 0;
            }
            sum[1] += in_row * j;
            sum[2] += in_row * k;
            voxels += in_row;
        }
    double ijk[3];
    for (int d = 0; d < 3; d++)
        ijk[d] = voxels > 0 ? (double)sum[d] / (double)voxels : (double)NAN;
    rs_geometry_to_lps(&mask->geometry, ijk, lps_mm);
}

/* Which grid a region is drawn on: its own, or that of the series; false: none, and its polygons speak. */
static bool grid_of(const job *j, rs_geometry *grid)
{
    if (rs_masks_grid(j->masks, grid)) return true;
    if (j->series == NULL) return false;
    *grid = j->series->geometry;
    return true;
}

static rs_status measure(job *j, int index, rs_finding *f)
{
    rs_geometry grid;
    rs_mask mask = {0};
    const rs_mask_region *region = rs_masks_region(j->masks, index);
    f->volume_mm3 = region->volume_mm3;
    memcpy(f->lps_mm, region->centre_lps_mm, sizeof f->lps_mm);
    if (!grid_of(j, &grid)) return RS_OK;
    RS_TRY(rs_masks_draw(j->ctx, j->masks, index, &grid, j->ledger->arena, &mask));
    if (mask.voxels > 0) {
        centroid(&mask, f->lps_mm);
        f->volume_mm3 = mask.volume_mm3;
    }
    rs_mask_free(j->ctx, &mask);
    return RS_OK;
}

/* Larger than any lesion: an organ that passes for one. */
static const double organ_ml = 500;

static rs_status tell_large(const job *j, const rs_finding *f)
{
    if (!(f->volume_mm3 > 1000 * organ_ml) || !j->args->relevant) return RS_OK;
    return rs_notes_add(j->ctx, j->ledger->arena, &j->ledger->notes, "truth_region_large", f->id,
                        "the region \"%.40s\" has %.0f ml and was taken for one lesion: --roi names another", f->id,
                        f->volume_mm3 / 1000);
}

static rs_status add_region(job *j, int index)
{
    rs_finding f = rs_finding_empty();
    const rs_mask_region *region = rs_masks_region(j->masks, index);
    f.scan = j->scan;
    f.relevant = true;
    f.id = rs_arena_text(j->ledger->arena, region->name);
    RS_TRY(measure(j, index, &f));
    if (!(f.volume_mm3 > 0)) f.volume_mm3 = (double)NAN; /* one plane: its area says nothing of a volume */
    f.diameter_mm = rs_truth_equivalent_mm(f.volume_mm3);
    if (f.id == NULL) return rs_fail_memory(j->ctx, "the regions");
    RS_TRY(tell_large(j, &f));
    return rs_truth_add(j->ctx, j->args, j->ledger, &f, &j->beyond);
}

/* All regions were taken: a file of organs must not pass for one of lesions unseen. */
static rs_status tell_regions(const job *j)
{
    const char *names = "";
    const int n = rs_masks_n(j->masks);
    for (int r = 0; r < n && r < NAMES_MAX && names != NULL; r++)
        names = rs_arena_printf(j->ledger->arena, "%s%s\"%.40s\"", names, r > 0 ? ", " : "",
                                rs_masks_region(j->masks, r)->name);
    if (names == NULL) return rs_fail_memory(j->ctx, "the regions");
    return rs_notes_add(j->ctx, j->ledger->arena, &j->ledger->notes, "truth_regions", NULL,
                        "each of the %d regions of the %s was taken for a lesion: %s%s; --roi names one", n,
                        rs_masks_kind_name(rs_masks_kind_of(j->masks)), names, n > NAMES_MAX ? ", ..." : "");
}

static rs_status pass_notes(const job *j)
{
    const rs_notes *notes = rs_masks_notes(j->masks);
    for (int n = 0; n < notes->n && n < NOTES_MAX; n++)
        RS_TRY(rs_notes_add(j->ctx, j->ledger->arena, &j->ledger->notes, notes->items[n].code, notes->items[n].region,
                            "%s", notes->items[n].sentence));
    return RS_OK;
}

static rs_status read_regions(job *j)
{
    int index;
    RS_TRY(find_scan(j));
    RS_TRY(pass_notes(j));
    if (j->args->roi != NULL) {
        RS_TRY(rs_masks_find(j->ctx, j->masks, j->args->roi, &index));
        RS_TRY(add_region(j, index));
    } else {
        for (int r = 0; r < rs_masks_n(j->masks); r++)
            RS_TRY(add_region(j, r));
        if (rs_masks_n(j->masks) > 1) RS_TRY(tell_regions(j));
    }
    return rs_truth_tell_beyond(j->ctx, j->ledger, j->beyond);
}

static rs_status read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    rs_masks *masks;
    RS_TRY(rs_masks_open(ctx, args->path, NULL, &masks));
    ledger->has_regions = true;
    job j = {.ctx = ctx, .args = args, .ledger = ledger, .masks = masks};
    rs_status status = read_regions(&j);
    rs_masks_close(masks);
    return status;
}

const rs_truth_reader rs_truth_masks = {"an RTSTRUCT, a SEG or a label volume", false, knows, read};
