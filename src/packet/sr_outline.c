/* Where a mark lies on the images of the source: the image of its largest section, points on it, and the outline of its
   mask around whole pixels, by walking the cracks between inside and outside. */
#include "seg_frames.h"
#include "sr_rows.h"

#include <math.h>
#include <string.h>

/* A float list of an SCOORD with a length of 16 bits holds 8,191 points (PS3.5 7.1.2). */
enum { MOST_POINTS = 8000 };

/* Pixels of the section in a box of the frame: columns from i, rows from j. */
typedef struct section {
    int32_t i, j, columns, rows;
    uint8_t *inside; /* 0 outside; 1 inside; 2 inside the part that is drawn */
} section;

static double along(const double direction[3], const double a[3], const double b[3])
{
    return direction[0] * (a[0] - b[0]) + direction[1] * (a[1] - b[1]) + direction[2] * (a[2] - b[2]);
}

static const rs_report_image *nearest_image(const rs_report_filing *f, const double lps_mm[3])
{
    const double normal[3] = {f->row[1] * f->column[2] - f->row[2] * f->column[1],
                              f->row[2] * f->column[0] - f->row[0] * f->column[2],
                              f->row[0] * f->column[1] - f->row[1] * f->column[0]};
    const rs_report_image *best = f->images;
    double best_mm = (double)INFINITY;
    for (int m = 0; m < f->n_images; m++) {
        double off_mm = fabs(along(normal, lps_mm, f->images[m].position_lps_mm));
        if (off_mm < best_mm) best = &f->images[m];
        best_mm = fmin(best_mm, off_mm);
    }
    return best;
}

const rs_report_image *rs_mark_image(const rs_report *report, const rs_report_mark *mark)
{
    const rs_report_filing *f = &report->filing;
    const rs_report_slice *slice = mark->size.axes_slice.k >= 0 ? &mark->size.axes_slice : &mark->slice;
    for (int m = 0; m < f->n_images && slice->sop_instance_uid; m++) {
        const rs_report_image *image = &f->images[m];
        if (image->frame >= 0 && image->frame != slice->frame) continue;
        if (strcmp(image->sop_instance_uid, slice->sop_instance_uid) == 0) return image;
    }
    return nearest_image(f, mark->position_lps_mm);
}

static void place(const rs_report_filing *f, const rs_report_image *image, const double lps_mm[3], double point[2])
{
    point[0] = along(f->row, lps_mm, image->position_lps_mm) / f->pixel_mm[0] + 0.5;
    point[1] = along(f->column, lps_mm, image->position_lps_mm) / f->pixel_mm[1] + 0.5;
}

void rs_image_point(const rs_report_filing *f, const rs_report_image *image, const double lps_mm[3], double point[2])
{
    place(f, image, lps_mm, point);
    point[0] = fmin(fmax(point[0], 0), f->columns);
    point[1] = fmin(fmax(point[1], 0), f->rows);
}

/* Pixels of the frame that the runs can reach, one more on each side for rounding. */
static section box_of(const rs_report *report, const rs_report_mark *mark, const rs_report_image *image)
{
    const rs_report_filing *f = &report->filing;
    double low[2] = {f->columns, f->rows}, high[2] = {0, 0}, lps_mm[3], point[2];
    for (int r = 0; r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        for (int e = 0; e < 2; e++) {
            const double index[3] = {run->i + e * (run->count - 1), run->j, run->k};
            rs_geometry_to_lps(&report->source.geometry, index, lps_mm);
            place(f, image, lps_mm, point);
            for (int a = 0; a < 2; a++) {
                low[a] = fmin(low[a], point[a]);
                high[a] = fmax(high[a], point[a]);
            }
        }
    }
    section box = {.i = (int32_t)fmax(floor(low[0]) - 1, 0), .j = (int32_t)fmax(floor(low[1]) - 1, 0)};
    box.columns = (int32_t)fmin(ceil(high[0]) + 1, f->columns) - box.i;
    box.rows = (int32_t)fmin(ceil(high[1]) + 1, f->rows) - box.j;
    return box;
}

/* The voxels of the mask as a dense block around it. */
typedef struct block {
    int32_t from[3], n[3];
    uint8_t *inside;
} block;

static bool fill_block(const rs_report_mark *mark, rs_arena *scratch, block *out)
{
    int32_t to[3] = {0, 0, 0};
    for (int r = 0; r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        const int32_t first[3] = {run->i, run->j, run->k}, last[3] = {run->i + run->count - 1, run->j, run->k};
        for (int a = 0; a < 3; a++) {
            if (r == 0 || first[a] < out->from[a]) out->from[a] = first[a];
            if (r == 0 || last[a] > to[a]) to[a] = last[a];
        }
    }
    for (int a = 0; a < 3; a++)
        out->n[a] = to[a] - out->from[a] + 1;
    out->inside = rs_arena_alloc(scratch, (size_t)out->n[0] * (size_t)out->n[1], (size_t)out->n[2]);
    for (int r = 0; out->inside && r < mark->n_runs; r++) {
        const rs_report_run *run = &mark->runs[r];
        size_t row = (size_t)(run->k - out->from[2]) * (size_t)out->n[1] + (size_t)(run->j - out->from[1]);
        memset(out->inside + row * (size_t)out->n[0] + (run->i - out->from[0]), 1, (size_t)run->count);
    }
    return out->inside;
}

static bool holds(const block *b, const double index[3])
{
    int32_t at[3];
    for (int a = 0; a < 3; a++) {
        double nearest = floor(index[a] + 0.5) - b->from[a];
        if (!(nearest >= 0 && nearest < b->n[a])) return false;
        at[a] = (int32_t)nearest;
    }
    return b->inside[((size_t)at[2] * (size_t)b->n[1] + (size_t)at[1]) * (size_t)b->n[0] + (size_t)at[0]];
}

static bool fill_section(const rs_report *report, const rs_report_image *image, const block *b, section *s)
{
    const rs_report_filing *f = &report->filing;
    bool any = false;
    for (int32_t j = 0; j < s->rows; j++) {
        for (int32_t i = 0; i < s->columns; i++) {
            double lps_mm[3], index[3];
            for (int a = 0; a < 3; a++)
                lps_mm[a] = image->position_lps_mm[a] + (s->i + i) * f->pixel_mm[0] * f->row[a] +
                            (s->j + j) * f->pixel_mm[1] * f->column[a];
            rs_geometry_to_index(&report->source.geometry, lps_mm, index);
            bool in = holds(b, index);
            s->inside[(size_t)j * (size_t)s->columns + (size_t)i] = in;
            any |= in;
        }
    }
    return any;
}

static bool is(const section *s, int32_t i, int32_t j, int value)
{
    if (i < 0 || j < 0 || i >= s->columns || j >= s->rows) return false;
    return s->inside[(size_t)j * (size_t)s->columns + (size_t)i] == value;
}

/* Gives the part that hangs together with a pixel another value; its size. stack holds every pixel once. */
static int flood(const section *s, int32_t *stack, int32_t from, uint8_t old, uint8_t value)
{
    int n = 0, top = 0;
    stack[top++] = from;
    s->inside[from] = value;
    while (top > 0) {
        int32_t at = stack[--top], i = at % s->columns, j = at / s->columns;
        const int32_t beside[4][2] = {{i - 1, j}, {i + 1, j}, {i, j - 1}, {i, j + 1}};
        n++;
        for (int b = 0; b < 4; b++) {
            if (!is(s, beside[b][0], beside[b][1], old)) continue;
            int32_t next = beside[b][1] * s->columns + beside[b][0];
            s->inside[next] = value;
            stack[top++] = next;
        }
    }
    return n;
}

/* Marks the largest part with 2, the first of equals; its first pixel. */
static int32_t largest_part(const section *s, int32_t *stack)
{
    int32_t best = -1, n_pixels = s->columns * s->rows;
    int best_n = 0;
    for (int32_t p = 0; p < n_pixels; p++) {
        if (s->inside[p] != 1) continue;
        int n = flood(s, stack, p, 1, 3);
        if (n > best_n) best = p;
        if (n > best_n) best_n = n;
    }
    if (best >= 0) (void)flood(s, stack, best, 3, 2);
    return best;
}

/* Walks around the part with the inside at the right hand, from the upper left corner of its first pixel. Pixels that
   touch by a corner only are not joined. points NULL: counts only. */
static int walk(const section *s, int32_t first, double (*points)[2])
{
    static const int step[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}}; /* right, down, left, up */
    /* The pixel ahead at the right hand, from the corner that was reached. */
    static const int right_hand[4][2] = {{0, 0}, {-1, 0}, {-1, -1}, {0, -1}};
    const int32_t i0 = first % s->columns, j0 = first / s->columns;
    int32_t i = i0, j = j0;
    int direction = 0, n = 0;
    if (points) points[n][0] = s->i + i, points[n][1] = s->j + j;
    n++;
    do {
        i += step[direction][0];
        j += step[direction][1];
        int left = (direction + 3) % 4;
        int turn = direction;
        if (!is(s, i + right_hand[direction][0], j + right_hand[direction][1], 2))
            turn = (direction + 1) % 4;
        else if (is(s, i + right_hand[left][0], j + right_hand[left][1], 2))
            turn = left;
        bool closed = i == i0 && j == j0;
        if (turn != direction || closed) {
            if (points) points[n][0] = s->i + i, points[n][1] = s->j + j;
            n++;
        }
        direction = turn;
    } while (i != i0 || j != j0);
    return n;
}

/* A very long outline keeps every m-th corner. */
static int thin_out(double (*points)[2], int n)
{
    int stride = (n + MOST_POINTS - 1) / MOST_POINTS, kept = 0;
    if (stride <= 1) return n;
    for (int p = 0; p < n - 1; p += stride, kept++)
        memcpy(points[kept], points[p], sizeof points[kept]);
    memcpy(points[kept], points[0], sizeof points[kept]);
    return kept + 1;
}

static bool outline_of(const section *s, int32_t *stack, rs_arena *arena, const double (**points)[2], int *n_points)
{
    int32_t first = largest_part(s, stack);
    int n = walk(s, first, NULL);
    double(*corners)[2] = rs_arena_alloc(arena, (size_t)n, sizeof *corners);
    if (!corners) return false;
    (void)walk(s, first, corners);
    *n_points = thin_out(corners, n);
    *points = (const double(*)[2])corners;
    return true;
}

/* The pixel below the centre of the mark. */
static bool outline_of_pixel(const rs_report_filing *f, const rs_report_image *image, const double lps_mm[3],
                             rs_arena *arena, const double (**points)[2], int *n_points)
{
    double point[2];
    uint8_t inside = 1;
    int32_t stack[1];
    rs_image_point(f, image, lps_mm, point);
    section s = {.i = (int32_t)fmin(floor(point[0]), f->columns - 1),
                 .j = (int32_t)fmin(floor(point[1]), f->rows - 1),
                 .columns = 1,
                 .rows = 1,
                 .inside = &inside};
    return outline_of(&s, stack, arena, points, n_points);
}

static bool draw(const rs_report *report, const rs_report_mark *mark, const rs_report_image *image, rs_arena *scratch,
                 rs_arena *arena, const double (**points)[2], int *n_points)
{
    section s = {0};
    if (rs_seg_has_mask(report, mark)) s = box_of(report, mark, image);
    if (s.columns > 0 && s.rows > 0) {
        block b = {{0, 0, 0}, {0, 0, 0}, NULL};
        size_t n = (size_t)s.columns * (size_t)s.rows;
        int32_t *stack = RS_ARENA_RAW(scratch, int32_t, n);
        s.inside = rs_arena_alloc_raw(scratch, n, 1);
        if (!stack || !s.inside || !fill_block(mark, scratch, &b)) return false;
        if (fill_section(report, image, &b, &s)) return outline_of(&s, stack, arena, points, n_points);
    }
    return outline_of_pixel(&report->filing, image, mark->position_lps_mm, arena, points, n_points);
}

rs_status rs_mark_outline(rs_context *ctx, const rs_report *report, const rs_report_mark *mark,
                          const rs_report_image *image, rs_arena *arena, const double (**points)[2], int *n_points)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "an outline");
    rs_arena_mark from = rs_arena_where(scratch);
    bool drawn = draw(report, mark, image, scratch, arena, points, n_points);
    rs_arena_rewind(scratch, from);
    return drawn ? RS_OK : rs_fail_memory(ctx, "an outline");
}
