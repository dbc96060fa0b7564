/* Marks of LIDC in patient coordinates, and the findings that readers share. Diameter and place of a nodule of 3 mm and
   more: pixels strictly inside its contours, times their area and the distance of slices. Marks of different readers
   are one finding where their centres are nearer than the sum of their radii (Setio 2017), 4 mm or one and a half
   slices, whichever is most. A finding is relevant where three of four readers drew it as 3 mm or more (LUNA16); fewer,
   nodules below 3 mm and what a reader called no nodule are irrelevant. */
#include "lidc_area.h"

#include <math.h>
#include <string.h>

/* Places of marks without a contour are clicks: this far apart they may still be one. */
static const double click_mm = 4.0, slices_apart = 1.5;

/* What stands for the diameter of a nodule of 3 mm and more whose contours hold no pixel. */
static const double least_mm = 3.0;

typedef struct placed {
    const rs_lidc_mark *mark;
    bool drawn; /* a nodule of 3 mm and more */
    double lps_mm[3], volume_mm3, diameter_mm;
    int group; /* index of the first of its group */
} placed;

typedef struct grouping {
    rs_context *ctx;
    const rs_series *series;
    int64_t work;
    placed *marks;
    int n;
} grouping;

/* Order of the slices by UID is not kept: a file names few of them, and a series has few. */
static const rs_slice *slice_of(const rs_series *series, const char *uid)
{
    for (int32_t k = 0; uid != NULL && k < series->n_slices; k++)
        if (strcmp(series->slices[k].sop_instance_uid, uid) == 0) return &series->slices[k];
    return NULL;
}

/* A pixel of an image: by the image's own place where it is among the images, else by imageZposition on the grid. */
static rs_status place_pixel(const grouping *g, const rs_lidc_contour *contour, const double pixel[2], double out[3])
{
    const rs_geometry *grid = &g->series->geometry;
    const rs_slice *slice = slice_of(g->series, contour->sop_instance_uid);
    double origin[3];
    memcpy(origin, slice != NULL ? slice->position_lps_mm : grid->origin_lps_mm, sizeof origin);
    if (slice == NULL) {
        if (isnan(contour->z_mm))
            return rs_fail(g->ctx, RS_DATA, "a mark names no image that is there, and no imageZposition");
        if (fabs(grid->axis[2][2]) < 0.5)
            return rs_fail(g->ctx, RS_DATA, "the series that it speaks of is not axial: imageZposition says nothing");
        const double along_mm = (contour->z_mm - origin[2]) / grid->axis[2][2];
        for (int d = 0; d < 3; d++)
            origin[d] += along_mm * grid->axis[2][d];
    }
    for (int d = 0; d < 3; d++)
        out[d] = origin[d] + pixel[0] * grid->spacing_mm[0] * grid->axis[0][d] +
                 pixel[1] * grid->spacing_mm[1] * grid->axis[1][d];
    return RS_OK;
}

/* Sums of a mark's contours: pixels inside, and where they are. */
typedef struct sums {
    double n, lps_mm[3]; /* pixels; their places, summed */
    int corners;
    double corner_lps_mm[3]; /* places of the contours' own pixels, summed: where none is inside */
} sums;

static rs_status add_contour(grouping *g, const rs_lidc_contour *contour, sums *s)
{
    rs_lidc_area area;
    double lps_mm[3];
    if (contour->n == 0) return RS_OK;
    double middle[2] = {0, 0};
    for (int p = 0; p < contour->n; p++)
        for (int d = 0; d < 2; d++)
            middle[d] += (double)contour->pixel[p][d] / contour->n;
    RS_TRY(place_pixel(g, contour, middle, lps_mm));
    for (int d = 0; d < 3; d++)
        s->corner_lps_mm[d] += lps_mm[d] * contour->n;
    s->corners += contour->n;
    RS_TRY(rs_lidc_area_of(g->ctx, contour, &g->work, &area));
    if (area.n == 0) return RS_OK;
    const double n = (double)area.n, centre[2] = {area.sum[0] / n, area.sum[1] / n};
    RS_TRY(place_pixel(g, contour, centre, lps_mm));
    const double weight = contour->hole ? -n : n;
    s->n += weight;
    for (int d = 0; d < 3; d++)
        s->lps_mm[d] += weight * lps_mm[d];
    return RS_OK;
}

static rs_status place_mark(grouping *g, const rs_lidc_mark *mark)
{
    sums s = {0};
    placed p = {.mark = mark, .group = g->n};
    for (int c = 0; c < mark->n; c++) {
        RS_TRY(add_contour(g, &mark->contours[c], &s));
        p.drawn |= mark->nodule && mark->contours[c].n > 1;
    }
    if (s.corners == 0) return RS_OK; /* a mark without a place */
    const bool inside = p.drawn && s.n > 0;
    for (int d = 0; d < 3; d++)
        p.lps_mm[d] = inside ? s.lps_mm[d] / s.n : s.corner_lps_mm[d] / s.corners;
    const double *mm = g->series->geometry.spacing_mm;
    p.volume_mm3 = inside ? s.n * mm[0] * mm[1] * mm[2] : 0;
    p.diameter_mm = inside ? rs_truth_equivalent_mm(p.volume_mm3) : p.drawn ? least_mm : 0;
    g->marks[g->n++] = p;
    return RS_OK;
}

static int root_of(grouping *g, int m)
{
    while (g->marks[m].group != m)
        m = g->marks[m].group = g->marks[g->marks[m].group].group; /* halves the way for the next */
    return m;
}

static bool are_one(const grouping *g, const placed *a, const placed *b)
{
    if (a->mark->nodule != b->mark->nodule || a->mark->reader == b->mark->reader) return false;
    double square = 0;
    for (int d = 0; d < 3; d++)
        square += (a->lps_mm[d] - b->lps_mm[d]) * (a->lps_mm[d] - b->lps_mm[d]);
    const double click = fmax(click_mm, slices_apart * g->series->geometry.spacing_mm[2]);
    const double reach_mm = fmax(a->diameter_mm / 2 + b->diameter_mm / 2, click);
    return square < reach_mm * reach_mm;
}

static void join(grouping *g)
{
    for (int a = 0; a < g->n; a++)
        for (int b = 0; b < a; b++) {
            if (!are_one(g, &g->marks[a], &g->marks[b])) continue;
            const int one = root_of(g, a), other = root_of(g, b);
            if (one < other)
                g->marks[other].group = one;
            else
                g->marks[one].group = other;
        }
    for (int m = 0; m < g->n; m++)
        g->marks[m].group = root_of(g, m);
}

/* Of a group: what its readers drew, else where they clicked. */
static void finding_of(const grouping *g, int group, int n_readers, rs_finding *f)
{
    uint64_t drew = 0;
    int n_drawn = 0, n_points = 0, readers = 0;
    double sum[5] = {0}, points[3] = {0};
    for (int m = group; m < g->n; m++) { /* the first of a group names it */
        const placed *p = &g->marks[m];
        if (p->group != group) continue;
        n_drawn += p->drawn;
        n_points++;
        if (p->drawn) drew |= (uint64_t)1 << p->mark->reader;
        for (int d = 0; d < 3; d++) {
            points[d] += p->lps_mm[d];
            sum[d] += p->drawn ? p->lps_mm[d] : 0;
        }
        sum[3] += p->drawn ? p->volume_mm3 : 0;
        sum[4] += p->drawn ? p->diameter_mm : 0;
    }
    for (; drew != 0; drew &= drew - 1)
        readers++;
    for (int d = 0; d < 3; d++)
        f->lps_mm[d] = n_drawn > 0 ? sum[d] / n_drawn : points[d] / n_points;
    if (n_drawn > 0 && sum[3] > 0) f->volume_mm3 = sum[3] / n_drawn;
    f->diameter_mm = n_drawn > 0 ? sum[4] / n_drawn : RS_UNSIZED_MM;
    f->relevant = readers > 0 && 4 * readers >= 3 * n_readers;
}

static rs_status add_groups(const grouping *g, const rs_truth_args *args, const rs_lidc *lidc, rs_ledger *ledger)
{
    int scan, beyond = 0;
    RS_TRY(rs_truth_scan(g->ctx, args, ledger, g->series->series_instance_uid, &scan));
    for (int m = 0; m < g->n; m++) {
        if (g->marks[m].group != m) continue;
        rs_finding f = rs_finding_empty();
        f.scan = scan;
        finding_of(g, m, lidc->n_readers, &f);
        f.id = rs_arena_text(ledger->arena, g->marks[m].mark->id);
        RS_TRY(rs_truth_add(g->ctx, args, ledger, &f, &beyond));
    }
    return rs_truth_tell_beyond(g->ctx, ledger, beyond);
}

static rs_status find_series(rs_context *ctx, const rs_truth_args *args, const rs_lidc *lidc, const rs_series **out)
{
    if (lidc->series_uid == NULL || *lidc->series_uid == 0)
        return rs_fail(ctx, RS_DATA, "it names no series (SeriesInstanceUid)");
    *out = rs_truth_series_of(args->images, lidc->series_uid);
    if (*out == NULL)
        return rs_fail(ctx, RS_DATA,
                       "its marks are pixels of the series %.80s: give the folder of these images with --images",
                       lidc->series_uid);
    return RS_OK;
}

rs_status rs_lidc_add(rs_context *ctx, const rs_truth_args *args, const rs_lidc *lidc, rs_ledger *ledger)
{
    grouping g = {.ctx = ctx};
    RS_TRY(find_series(ctx, args, lidc, &g.series));
    rs_arena *arena = rs_arena_new();
    g.marks = arena != NULL ? RS_ARENA_NEW(arena, placed, lidc->n) : NULL;
    rs_status status = g.marks != NULL ? RS_OK : rs_fail_memory(ctx, "the marks");
    for (int m = 0; m < lidc->n && status == RS_OK; m++)
        status = place_mark(&g, &lidc->marks[m]);
    if (status == RS_OK) {
        join(&g);
        status = add_groups(&g, args, lidc, ledger);
    }
    rs_arena_free(arena);
    return status;
}
