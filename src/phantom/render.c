/* Renders slabs of a phantom: sub-slices, slice profile, PSF, noise. Sub-slices are level whatever the gantry's tilt;
   each row of a leaning slice gathers those that its own height reaches, and of each sub-slice only the rows that some
   slice of the slab wants are painted. */
#include <string.h>

#include "mode.h"
#include "texture.h"

int32_t rs_phantom_slab_slices(const rs_phantom_scan *scan)
{
    int32_t n = (int32_t)(12.0 / scan->spacing_mm);
    return n < 1 ? 1 : (n > 24 ? 24 : n);
}

/* A slab in the making. */
typedef struct slab {
    const rs_phantom_model *model;
    rs_phantom_model *local; /* a copy whose rows in use and whose breath change with the sub-slice */
    int32_t first, n;
    float *sums; /* n planes */
} slab;

static void add_plane(const slab *b, const float *hu, int64_t sub)
{
    const rs_phantom_scan *scan = &b->model->scan;
    const size_t plane_n = (size_t)scan->columns * (size_t)scan->rows;
    for (int32_t s = 0; s < b->n; s++) {
        int64_t offset = sub - ((int64_t)b->first + s) * scan->per_slice + scan->reach;
        if (offset < 0 || offset > 2 * scan->reach || scan->profile[offset] == 0.0f) continue;
        const float w = scan->profile[offset];
        float *to = b->sums + plane_n * (size_t)s;
        for (size_t p = 0; p < plane_n; p++)
            to[p] += w * hu[p];
    }
}

/* Height of a row above the slice's first, in sub-slices. */
static double row_offset(const rs_phantom_scan *scan, int32_t j)
{
    return j * scan->rise_mm / scan->sub_mm;
}

/* Rows [out[0], out[1]) whose height differs from that of row 0 by low to high sub-slices. */
static void rows_between(const rs_phantom_scan *scan, double low, double high, int32_t out[2])
{
    double step = scan->rise_mm / scan->sub_mm, a = (step > 0.0 ? low : high) / step,
           b = (step > 0.0 ? high : low) / step;
    a = ceil(a < 0.0 ? 0.0 : a);
    b = floor(b > scan->rows - 1 ? scan->rows - 1 : b) + 1.0;
    out[0] = (int32_t)(a > scan->rows ? scan->rows : a);
    out[1] = (int32_t)(b < out[0] ? out[0] : b);
}

/* The same for slices that lean: the profile between two sub-slices is the mean of theirs, by distance. */
static void add_leaning(const slab *b, const float *hu, int64_t sub)
{
    const rs_phantom_scan *scan = &b->model->scan;
    const size_t plane_n = (size_t)scan->columns * (size_t)scan->rows;
    for (int32_t s = 0; s < b->n; s++) {
        double here = (double)(sub - ((int64_t)b->first + s) * scan->per_slice);
        int32_t rows[2];
        rows_between(scan, here - scan->reach - 1.0, here + scan->reach + 1.0, rows);
        for (int32_t j = rows[0]; j < rows[1]; j++) {
            double at = here - row_offset(scan, j) + scan->reach, base = floor(at);
            int n = (int)base;
            const float share = (float)(at - base), low = n >= 0 && n <= 2 * scan->reach ? scan->profile[n] : 0.0f,
                        high = n >= -1 && n < 2 * scan->reach ? scan->profile[n + 1] : 0.0f;
            const float w = low + share * (high - low);
            if (w == 0.0f) continue;
            const size_t line = (size_t)j * (size_t)scan->columns;
            float *to = b->sums + plane_n * (size_t)s + line;
            for (int32_t i = 0; i < scan->columns; i++)
                to[i] += w * hu[line + (size_t)i];
        }
    }
}

/* Sub-slices that the slab sees, first and last. */
static void sub_range(const slab *b, int64_t out[2])
{
    const rs_phantom_scan *scan = &b->model->scan;
    double lean = row_offset(scan, scan->rows - 1);
    out[0] = (int64_t)b->first * scan->per_slice - scan->reach;
    out[1] = ((int64_t)b->first + b->n - 1) * scan->per_slice + scan->reach;
    if (lean < 0.0) out[0] += (int64_t)floor(lean);
    if (lean > 0.0) out[1] += (int64_t)ceil(lean);
}

/* Does no slice of the slab see this sub-slice? Thin slices far apart leave gaps. */
static bool is_unseen(const slab *b, int64_t sub)
{
    const rs_phantom_scan *scan = &b->model->scan;
    for (int32_t s = 0; s < b->n; s++) {
        int64_t offset = sub - ((int64_t)b->first + s) * scan->per_slice + scan->reach;
        if (offset >= 0 && offset <= 2 * scan->reach && scan->profile[offset] != 0.0f) return false;
    }
    return true;
}

static void gather(const slab *b, rs_phantom_plane *plane, float *texture)
{
    const rs_phantom_scan *scan = &b->model->scan;
    rs_phantom_scan *mine = &b->local->scan;
    int64_t range[2];
    sub_range(b, range);
    for (int64_t sub = range[0]; sub <= range[1]; sub++) {
        if (scan->rise_mm != 0.0) {
            int64_t low = sub - ((int64_t)b->first + b->n - 1) * scan->per_slice - scan->reach - 1,
                    high = sub - (int64_t)b->first * scan->per_slice + scan->reach + 1;
            rows_between(scan, (double)low, (double)high, mine->use);
            if (mine->use[0] == mine->use[1]) continue;
        } else if (is_unseen(b, sub)) {
            continue;
        }
        plane->z = scan->corner_mm[2] + (double)sub * scan->sub_mm;
        rs_phantom_modes_phase(b->model, sub, plane->z, &b->local->anatomy);
        rs_phantom_texture_section(b->model->texture, plane->z, texture);
        rs_phantom_paint(plane);
        if (scan->rise_mm != 0.0) {
            add_leaning(b, plane->hu, sub);
        } else {
            add_plane(b, plane->hu, sub);
        }
    }
}

/* More noise where the rays pass shoulders or the upper belly (science F18): smooth along z. */
static float noise_at(const rs_phantom_model *m, double z)
{
    const rs_phantom_anatomy *a = &m->anatomy;
    double shoulders = (z - 0.78 * a->height_mm) / (0.16 * a->height_mm), base = (a->dome[0].top_mm + 15.0 - z) / 45.0;
    double share = shoulders > base ? shoulders : base;
    share = share < 0.0 ? 0.0 : (share > 1.0 ? 1.0 : share);
    return (float)(1.0 + (m->scan.uneven - 1.0) * share * share * (3.0 - 2.0 * share));
}

/* Noise and rounding of one slice. */
static void add_noise(const rs_phantom_model *m, int32_t slice, const float *blurred, const float *noise, uint16_t *out)
{
    const rs_phantom_scan *scan = &m->scan;
    const float body_x = (float)m->anatomy.body_x, body_y = (float)m->anatomy.body_y;
    const float top = scan->is_signed ? (float)((1 << (scan->bits - 1)) + 1023) : (float)((1 << scan->bits) - 1);
    for (int32_t j = 0; j < scan->rows; j++) {
        const float v = (float)rs_phantom_y(scan, j) / body_y;
        const float gain = scan->noise_gain * noise_at(m, rs_phantom_z(scan, slice, rs_phantom_y(scan, j)));
        const size_t line = (size_t)j * (size_t)scan->columns;
        for (int32_t i = 0; i < scan->columns; i++) {
            const float u = (float)rs_phantom_x(scan, i) / body_x, out2 = u * u + v * v - 0.75f;
            /* Less noise outside the thorax, where rays pass less tissue. */
            const float here = out2 <= 0.0f ? gain : gain * (out2 > 0.6f ? 0.58f : 1.0f - 0.7f * out2);
            const float value = blurred[line + (size_t)i] + here * noise[line + (size_t)i] + 1024.5f;
            out[line + (size_t)i] = (uint16_t)(value < 0.0f ? 0.0f : (value > top ? top : value));
        }
    }
}

/* Blur, streaks, noise and rounding of one slice. scratch: three planes. */
static void finish_slice(const rs_phantom_model *m, int32_t slice, float *sharp, float *const scratch[3], uint16_t *out)
{
    const rs_phantom_scan *scan = &m->scan;
    float *blurred = scratch[0], *noise = scratch[1];
    rs_phantom_filter_plane(&scan->psf, scan->columns, scan->rows, sharp, blurred, scratch[2]);
    rs_phantom_modes_slice(m, slice, blurred, scratch[2]);
    rs_phantom_white(scan, slice, sharp);
    rs_phantom_filter_plane(&scan->noise, scan->columns, scan->rows, sharp, noise, scratch[2]);
    add_noise(m, slice, blurred, noise, out);
}

rs_status rs_phantom_render(rs_context *ctx, const rs_phantom_model *m, int32_t first, int32_t n, uint16_t *out)
{
    const rs_phantom_scan *scan = &m->scan;
    const size_t plane_n = (size_t)scan->columns * (size_t)scan->rows;
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "the phantom");
    rs_arena_mark mark = rs_arena_where(arena);
    slab b = {m, RS_ARENA_RAW(arena, rs_phantom_model, 1), first, n, RS_ARENA_NEW(arena, float, plane_n *(size_t)n)};
    float *texture = RS_ARENA_RAW(arena, float, RS_PHANTOM_TILE *RS_PHANTOM_TILE);
    rs_phantom_plane plane = {.model = b.local, .texture = texture};
    plane.hu = RS_ARENA_NEW(arena, float, plane_n);
    plane.cover = RS_ARENA_NEW(arena, float, plane_n);
    float *const scratch[3] = {plane.hu, plane.cover, RS_ARENA_NEW(arena, float, plane_n)};
    rs_status status = RS_OK;
    if (b.local == NULL || b.sums == NULL || texture == NULL || plane.hu == NULL || plane.cover == NULL ||
        scratch[2] == NULL) {
        status = rs_fail_memory(ctx, "the phantom");
    } else {
        *b.local = *m;
        gather(&b, &plane, texture);
        for (int32_t s = 0; s < n; s++)
            finish_slice(m, first + s, b.sums + plane_n * (size_t)s, scratch, out + plane_n * (size_t)s);
    }
    rs_arena_rewind(arena, mark);
    return status;
}
