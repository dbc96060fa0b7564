/* Pixels inside the contours of LIDC. A contour is the outer border of its nodule: the pixels on it are outside. */
#include "lidc_area.h"

#include <string.h>

/* What one reading may cost: steps along edges and cells of boxes. Four readers who drew fifty lesions of 10 cm each
   come to a tenth of it. */
static const int64_t work_most = 200000000;

/* Rounded up; b > 0. */
static int64_t divide_up(int64_t a, int64_t b)
{
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

static int64_t divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A box around a contour: turn says where the inside begins or ends along a row, on which pixels lie on an edge. */
typedef struct canvas {
    int32_t at[2], size[2];
    uint8_t *turn, *on;
} canvas;

static void take_edge(canvas *c, const int32_t a[2], const int32_t b[2])
{
    int64_t x0 = a[0] - c->at[0], y0 = a[1] - c->at[1], x1 = b[0] - c->at[0], y1 = b[1] - c->at[1];
    if (y0 > y1) {
        int64_t x = x0, y = y0;
        x0 = x1, y0 = y1, x1 = x, y1 = y;
    }
    const int64_t dx = x1 - x0, dy = y1 - y0;
    for (int64_t y = y0; y < y1; y++) { /* half open: a corner counts once */
        const int64_t x = x0 + divide_up((y - y0) * dx, dy);
        c->turn[y * (c->size[0] + 1) + x] ^= 1;
    }
    const int64_t steps = divisor(dx < 0 ? -dx : dx, dy);
    for (int64_t s = 0; s <= steps; s++) {
        const int64_t x = steps > 0 ? x0 + s * dx / steps : x0, y = steps > 0 ? y0 + s * dy / steps : y0;
        c->on[y * (c->size[0] + 1) + x] = 1;
    }
}

static void measure(const rs_lidc_contour *contour, canvas *c)
{
    int32_t low[2] = {INT32_MAX, INT32_MAX}, high[2] = {0, 0};
    for (int p = 0; p < contour->n; p++)
        for (int d = 0; d < 2; d++) {
            if (contour->pixel[p][d] < low[d]) low[d] = contour->pixel[p][d];
            if (contour->pixel[p][d] > high[d]) high[d] = contour->pixel[p][d];
        }
    for (int d = 0; d < 2; d++) {
        c->at[d] = low[d];
        c->size[d] = high[d] - low[d] + 1;
    }
}

static int64_t cost(const rs_lidc_contour *contour, const canvas *c)
{
    int64_t work = (int64_t)(c->size[0] + 1) * c->size[1];
    for (int p = 0; p < contour->n; p++) {
        const int32_t *a = contour->pixel[p], *b = contour->pixel[p + 1 < contour->n ? p + 1 : 0];
        const int64_t dy = a[1] > b[1] ? a[1] - b[1] : b[1] - a[1], dx = a[0] > b[0] ? a[0] - b[0] : b[0] - a[0];
        work += dx + dy;
    }
    return work;
}

static void count(const canvas *c, rs_lidc_area *out)
{
    for (int32_t y = 0; y < c->size[1]; y++) {
        const uint8_t *turn = c->turn + (int64_t)y * (c->size[0] + 1), *on = c->on + (int64_t)y * (c->size[0] + 1);
        uint8_t inside = 0;
        for (int32_t x = 0; x < c->size[0]; x++) {
            inside ^= turn[x];
            if (!inside || on[x]) continue;
            out->n++;
            out->sum[0] += c->at[0] + x;
            out->sum[1] += c->at[1] + y;
        }
    }
}

rs_status rs_lidc_area_of(rs_context *ctx, const rs_lidc_contour *contour, int64_t *work, rs_lidc_area *out)
{
    *out = (rs_lidc_area){0};
    if (contour->n < 3) return RS_OK;
    canvas c = {0};
    measure(contour, &c);
    *work += cost(contour, &c);
    if (*work > work_most) return rs_fail(ctx, RS_DATA, "its contours are larger than any that a hand drew");
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "the contours");
    rs_arena_mark mark = rs_arena_where(scratch);
    const size_t cells = (size_t)(c.size[0] + 1) * (size_t)c.size[1];
    c.turn = rs_arena_alloc(scratch, cells, 1);
    c.on = rs_arena_alloc(scratch, cells, 1);
    if (c.turn == NULL || c.on == NULL) return rs_fail_memory(ctx, "the contours");
    for (int p = 0; p < contour->n; p++)
        take_edge(&c, contour->pixel[p], contour->pixel[p + 1 < contour->n ? p + 1 : 0]);
    count(&c, out);
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
