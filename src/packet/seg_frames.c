/* From runs of voxels on the report's grid to runs of pixels on the source's images. */
#include "seg_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A list that grows. */
typedef struct run_list {
    rs_context *ctx;
    rs_arena *arena;
    void *items;
    int n, capacity;
} run_list;

static rs_status add(run_list *list, rs_seg_run run)
{
    rs_seg_run *own = rs_arena_push(list->arena, &list->items, list->n, &list->capacity, sizeof *own);
    if (!own) return rs_fail_memory(list->ctx, "the segments");
    *own = run;
    list->n++;
    return RS_OK;
}

bool rs_seg_has_mask(const rs_report *report, const rs_report_mark *mark)
{
    const char *own = report->filing.series_instance_uid, *theirs = mark->series_instance_uid;
    return mark->n_runs > 0 && own && theirs && strcmp(own, theirs) == 0;
}

/* The grid of the report is that of the images: a slice each, nothing moved. */
static bool is_source_grid(const rs_report *report)
{
    const rs_report_filing *filing = &report->filing;
    const int32_t *n = report->source.geometry.n;
    return !report->source.resampled && n[0] == filing->columns && n[1] == filing->rows && n[2] == filing->n_images;
}

static rs_status copy_runs(run_list *list, const rs_report_mark *mark, int32_t m)
{
    for (int r = 0; r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        RS_TRY(add(list, (rs_seg_run){m, run->k, run->j, run->i, run->count}));
    }
    return RS_OK;
}

/* A mask as a box of voxels. */
typedef struct box {
    int32_t begin[3], n[3];
    const uint8_t *inside;
} box;

static rs_status fill_box(rs_context *ctx, const rs_report_mark *mark, rs_arena *arena, box *out)
{
    int32_t begin[3] = {INT32_MAX, INT32_MAX, INT32_MAX}, end[3] = {INT32_MIN, INT32_MIN, INT32_MIN};
    for (int r = 0; r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        const int32_t low[3] = {run->i, run->j, run->k}, high[3] = {run->i + run->count, run->j + 1, run->k + 1};
        for (int a = 0; a < 3; a++) {
            if (low[a] < begin[a]) begin[a] = low[a];
            if (high[a] > end[a]) end[a] = high[a];
        }
    }
    for (int a = 0; a < 3; a++) {
        out->begin[a] = begin[a];
        out->n[a] = end[a] - begin[a];
    }
    uint8_t *inside = rs_arena_alloc(arena, (size_t)out->n[0] * (size_t)out->n[1] * (size_t)out->n[2], 1);
    if (!inside) return rs_fail_memory(ctx, "the segments");
    for (int r = 0; r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        const size_t row = (size_t)(run->k - begin[2]) * (size_t)out->n[1] + (size_t)(run->j - begin[1]);
        memset(inside + row * (size_t)out->n[0] + (run->i - begin[0]), 1, (size_t)run->count);
    }
    out->inside = inside;
    return RS_OK;
}

static bool holds(const box *b, int32_t i, int32_t j, int32_t k)
{
    const int32_t at[3] = {i - b->begin[0], j - b->begin[1], k - b->begin[2]};
    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= b->n[a]) return false;
    return b->inside[((size_t)at[2] * (size_t)b->n[1] + (size_t)at[1]) * (size_t)b->n[0] + (size_t)at[0]];
}

static int32_t nearest(double index)
{
    return (int32_t)floor(index + 0.5);
}

/* Pixels of one image whose nearest voxel, in slice k of the grid, is inside. Rows and columns of the grid run along
   those of the image, at its distances: only the corner of the image lies elsewhere. */
static rs_status take_image(run_list *list, const rs_report_filing *filing, const double corner[3], const box *b,
                            int32_t k, int32_t m, int32_t image)
{
    for (int32_t jj = b->begin[1] - 1; jj <= b->begin[1] + b->n[1]; jj++) {
        const int32_t j = nearest(jj - corner[1]), at_j = nearest(j + corner[1]);
        int32_t began = -1;
        if (j < 0 || j >= filing->rows || at_j != jj) continue;
        const int32_t first = nearest(b->begin[0] - 1 - corner[0]),
                      last = nearest(b->begin[0] + b->n[0] + 1 - corner[0]);
        for (int32_t i = first; i <= last; i++) {
            const bool in = i >= 0 && i < filing->columns && holds(b, nearest(i + corner[0]), at_j, k);
            if (in && began < 0) began = i;
            if (!in && began >= 0) {
                RS_TRY(add(list, (rs_seg_run){m, image, j, began, i - began}));
                began = -1;
            }
        }
    }
    return RS_OK;
}

/* Every image by the slice of the grid that its plane lies nearest to; where the grid is finer than the images and none
   does, the image nearest to the middle of the mask. */
static rs_status project(rs_context *ctx, const rs_report *report, const rs_report_mark *mark, int32_t m,
                         run_list *list)
{
    const rs_report_filing *filing = &report->filing;
    const rs_geometry *grid = &report->source.geometry;
    box b;
    RS_TRY(fill_box(ctx, mark, list->arena, &b));
    const int before = list->n;
    const double middle = b.begin[2] + 0.5 * (b.n[2] - 1);
    double least = (double)INFINITY, best_corner[3] = {0};
    int32_t best = -1;
    for (int32_t image = 0; image < filing->n_images; image++) {
        double corner[3];
        rs_geometry_to_index(grid, filing->images[image].position_lps_mm, corner);
        if (fabs(corner[2] - middle) < least) {
            least = fabs(corner[2] - middle);
            best = image;
            memcpy(best_corner, corner, sizeof corner);
        }
        const int32_t k = nearest(corner[2]);
        if (k < b.begin[2] || k >= b.begin[2] + b.n[2]) continue;
        RS_TRY(take_image(list, filing, corner, &b, k, m, image));
    }
    if (list->n > before || best < 0) return RS_OK;
    return take_image(list, filing, best_corner, &b, nearest(middle), m, best);
}

static int by_image(const void *a, const void *b)
{
    const rs_seg_run *x = a, *y = b;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    return x->mark != y->mark ? (x->mark < y->mark ? -1 : 1) : 0;
}

static int by_mark(const void *a, const void *b)
{
    const rs_seg_run *x = a, *y = b;
    const int32_t left[] = {x->mark, x->image, x->j, x->i}, right[] = {y->mark, y->image, y->j, y->i};
    for (int c = 0; c < 4; c++)
        if (left[c] != right[c]) return left[c] < right[c] ? -1 : 1;
    return 0;
}

/* Squared distance of a pixel of an image from the centre of a mark. */
static double off_centre(const rs_report *report, int32_t image, int32_t i, int32_t j, int32_t mark)
{
    const rs_report_filing *f = &report->filing;
    double sum = 0;
    for (int a = 0; a < 3; a++) {
        const double at =
            f->images[image].position_lps_mm[a] + i * f->pixel_mm[0] * f->row[a] + j * f->pixel_mm[1] * f->column[a];
        const double off = at - report->marks[mark].position_lps_mm[a];
        sum += off * off;
    }
    return sum;
}

/* Who owns each pixel of the claims on one image: rank, 0 for nobody. Equal distances leave it to the better rank. */
static void settle(const rs_report *report, const rs_seg_run *claims, int n, uint16_t *owner)
{
    for (int c = 0; c < n; c++) {
        const rs_seg_run *run = &claims[c];
        uint16_t *row = owner + (size_t)run->j * (size_t)report->filing.columns;
        for (int32_t i = run->i; i < run->i + run->count; i++) {
            const int32_t held = row[i] - 1;
            if (held >= 0 &&
                off_centre(report, run->image, i, run->j, run->mark) >= off_centre(report, run->image, i, run->j, held))
                continue;
            row[i] = (uint16_t)(run->mark + 1);
        }
    }
}

static rs_status keep_owned(const rs_seg_run *claims, int n, int32_t columns, const uint16_t *owner, run_list *out)
{
    for (int c = 0; c < n; c++) {
        const rs_seg_run *run = &claims[c];
        const uint16_t *row = owner + (size_t)run->j * (size_t)columns;
        for (int32_t i = run->i, end = run->i + run->count; i < end; i++) {
            if (row[i] != run->mark + 1) continue;
            const int32_t began = i;
            while (i < end && row[i] == run->mark + 1)
                i++;
            RS_TRY(add(out, (rs_seg_run){run->mark, run->image, run->j, began, i - began}));
        }
    }
    return RS_OK;
}

static rs_status make_disjoint(rs_context *ctx, const rs_report *report, run_list *claims, run_list *out)
{
    const rs_report_filing *filing = &report->filing;
    const size_t pixels = (size_t)filing->rows * (size_t)filing->columns;
    uint16_t *owner = RS_ARENA_RAW(claims->arena, uint16_t, pixels);
    rs_seg_run *all = claims->items;
    if (!owner) return rs_fail_memory(ctx, "the segments");
    if (claims->n > 0) qsort(all, (size_t)claims->n, sizeof *all, by_image);
    for (int first = 0, end; first < claims->n; first = end) {
        for (end = first; end < claims->n && all[end].image == all[first].image;)
            end++;
        memset(owner, 0, pixels * sizeof *owner);
        settle(report, all + first, end - first, owner);
        RS_TRY(keep_owned(all + first, end - first, filing->columns, owner, out));
    }
    if (out->n > 0) qsort(out->items, (size_t)out->n, sizeof *all, by_mark);
    return RS_OK;
}

static bool is_even(int64_t frames, int64_t pixels)
{
    return (frames * pixels + 7) / 8 % 2 == 0;
}

/* An image that has no frame of the last mark yet: behind its own, else before them, else the last one again. */
static int32_t spare_image(const rs_report_filing *filing, const rs_seg_frame *frames, int32_t n)
{
    int32_t low = frames[n - 1].image, high = low;
    for (int32_t f = n - 1; f >= 0 && frames[f].mark == frames[n - 1].mark; f--) {
        if (frames[f].image < low) low = frames[f].image;
        if (frames[f].image > high) high = frames[f].image;
    }
    if (high + 1 < filing->n_images) return high + 1;
    return low > 0 ? low - 1 : high;
}

rs_status rs_seg_frames_make(rs_context *ctx, const rs_report *report, rs_arena *arena, rs_seg_frames *out)
{
    enum { EMPTY_MOST = 16 }; /* frames until any matrix has an even number of bytes */
    run_list claims = {.ctx = ctx, .arena = arena}, runs = {.ctx = ctx, .arena = arena};
    const bool same = is_source_grid(report);
    for (int32_t m = 0; m < report->n_marks; m++) {
        const rs_report_mark *mark = &report->marks[m];
        if (!rs_seg_has_mask(report, mark)) continue;
        RS_TRY(same ? copy_runs(&claims, mark, m) : project(ctx, report, mark, m, &claims));
    }
    RS_TRY(make_disjoint(ctx, report, &claims, &runs));
    const rs_seg_run *all = runs.items;
    rs_seg_frame *frames = RS_ARENA_NEW(arena, rs_seg_frame, runs.n + EMPTY_MOST);
    if (!frames) return rs_fail_memory(ctx, "the segments");
    int32_t n = 0;
    for (int r = 0; r < runs.n; r++) {
        if (n == 0 || frames[n - 1].mark != all[r].mark || frames[n - 1].image != all[r].image)
            frames[n++] = (rs_seg_frame){all[r].mark, all[r].image, r, 0};
        frames[n - 1].n_runs++;
    }
    const int64_t pixels = (int64_t)report->filing.rows * report->filing.columns;
    for (int e = 0; n > 0 && e < EMPTY_MOST && !is_even(n, pixels); e++) {
        const int32_t image = spare_image(&report->filing, frames, n);
        frames[n] = (rs_seg_frame){frames[n - 1].mark, image, 0, 0};
        n++;
    }
    *out = (rs_seg_frames){all, frames, n};
    return RS_OK;
}
