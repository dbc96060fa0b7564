/* What the body itself says: its middle plane from the spine, what lies behind, and where the heart reaches out.
   Contact with the header's orientation is made in coverage.c (contract 4, science B1). */
#include <math.h>

#include "lung.h"

#define SPINE_HALF_MM 50.0 /* searched around the middle of the chest */
#define SPINE_WIDTH_MM 30.0
#define SPINE_RATIO 1.5     /* bone on one side over bone on the other */
#define SPINE_DEPTH 0.25    /* of the lungs' depth, at front and back: enhanced blood between would count as bone */
#define HEART_WIDTH_MM 90.0 /* tissue between the lungs at its widest: less is no heart */
#define HEART_MARGIN 0.2
#define HEART_ASYMMETRY 0.10

/* Planes about 3 mm apart are enough to see a spine and a heart. */
static int32_t plane_step(const lung_frame *f)
{
    return (int32_t)fmax(1, floor(3 / f->spacing_mm[2]));
}

typedef struct plane_sums {
    double body, body_x;
    int32_t min_y, max_y; /* of lung */
} plane_sums;

typedef struct middle_pass {
    lung_work *work;
    int32_t first, step;
    plane_sums *sums;
    uint32_t *bone; /* [plane][2][x]: before and behind these rows */
    double front_y, back_y;
    int16_t bone_low;
} middle_pass;

static rs_status sum_plane(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx, (void)worker;
    middle_pass *p = arg;
    const lung_frame *f = &p->work->frame;
    plane_sums s = {.min_y = f->n[1], .max_y = -1};
    for (int32_t y = 0; y < f->n[1]; y++) {
        int64_t at = lung_at(f, 0, y, p->first + (int32_t)item * p->step);
        for (int32_t x = 0; x < f->n[0]; x++, at += f->stride[0]) {
            uint8_t code = p->work->labels[at];
            if (code == CODE_OUTSIDE) continue;
            s.body++, s.body_x += x;
            if (code != CODE_LUNG) continue;
            if (y < s.min_y) s.min_y = y;
            s.max_y = y;
        }
    }
    p->sums[item] = s;
    return RS_OK;
}

static rs_status sum_bone(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx, (void)worker;
    middle_pass *p = arg;
    const lung_frame *f = &p->work->frame;
    uint32_t *bone = p->bone + item * 2 * f->n[0];
    for (int32_t y = 0; y < f->n[1]; y++) {
        if (y > p->front_y && y < p->back_y) continue;
        uint32_t *row = bone + (y >= p->back_y ? f->n[0] : 0);
        int64_t at = lung_at(f, 0, y, p->first + (int32_t)item * p->step);
        for (int32_t x = 0; x < f->n[0]; x++, at += f->stride[0])
            row[x] += p->work->labels[at] == CODE_BODY && p->work->volume->voxels[at] > p->bone_low;
    }
    return RS_OK;
}

/* Most bone in a strip as wide as a vertebra, before or behind the lungs; its place. */
static double densest_strip(const double *bone, int32_t n, int32_t from, int32_t to, int32_t width, double *place)
{
    double best = -1, sum_places = 0;
    int ties = 0;
    for (int32_t x = from; x <= to; x++) {
        double sum = 0;
        for (int32_t i = x - width / 2; i <= x + width / 2; i++)
            sum += i >= 0 && i < n ? bone[i] : 0;
        if (sum > best) best = sum, sum_places = 0, ties = 0;
        if (sum >= best) sum_places += x, ties++;
    }
    *place = ties > 0 ? sum_places / ties : (from + to) / 2.0;
    return best;
}

static rs_status find_spine(middle_pass *p, int32_t planes, double chest_x)
{
    lung_work *work = p->work;
    const lung_frame *f = &work->frame;
    p->bone = RS_ARENA_NEW(work->own, uint32_t, (size_t)planes * 2 * (size_t)f->n[0]);
    double *sum = RS_ARENA_NEW(work->own, double, 2 * (size_t)f->n[0]);
    if (!p->bone || !sum) return rs_fail_memory(work->ctx, "the spine");
    p->bone_low = rs_volume_stored(work->volume, lung_param(work, "bone_hu"));
    RS_TRY(rs_parallel_for(work->ctx, planes, sum_bone, p));
    for (int64_t i = 0; i < planes; i++) {
        for (int32_t x = 0; x < 2 * f->n[0]; x++)
            sum[x] += p->bone[i * 2 * f->n[0] + x];
    }
    int32_t half = (int32_t)(SPINE_HALF_MM / f->spacing_mm[0]), width = (int32_t)(SPINE_WIDTH_MM / f->spacing_mm[0]);
    double before_x = 0, behind_x = 0;
    double before = densest_strip(sum, f->n[0], (int32_t)chest_x - half, (int32_t)chest_x + half, width, &before_x);
    double behind =
        densest_strip(sum + f->n[0], f->n[0], (int32_t)chest_x - half, (int32_t)chest_x + half, width, &behind_x);
    double mm3 = f->spacing_mm[0] * f->spacing_mm[1] * f->spacing_mm[2] * p->step;
    double enough = 100 * planes * p->step * f->spacing_mm[2]; /* mm3: a vertebra has five times as much dense bone */
    work->spine_speaks =
        fmax(before, behind) * mm3 > enough && (behind > SPINE_RATIO * before || before > SPINE_RATIO * behind);
    work->spine_behind = behind > before;
    work->middle = !work->spine_speaks ? chest_x : behind > before ? behind_x : before_x;
    rs_log(work->ctx, RS_LOG_DEBUG, "bone in front %.0f ml at %.0f, behind %.0f ml at %.0f; chest's middle %.0f",
           before * mm3 / 1000, before_x, behind * mm3 / 1000, behind_x, chest_x);
    return RS_OK;
}

rs_status lung_find_middle(lung_work *work, double low_z, double high_z)
{
    const lung_frame *f = &work->frame;
    rs_arena_mark mark = rs_arena_where(work->own);
    middle_pass p = {.work = work, .first = (int32_t)low_z, .step = plane_step(f)};
    int32_t planes = ((int32_t)high_z - p.first) / p.step + 1;
    p.sums = RS_ARENA_NEW(work->own, plane_sums, planes);
    if (!p.sums) return rs_fail_memory(work->ctx, "the middle of the body");
    RS_TRY(rs_parallel_for(work->ctx, planes, sum_plane, &p));
    plane_sums all = {.min_y = f->n[1], .max_y = -1};
    for (int32_t i = 0; i < planes; i++) {
        all.body += p.sums[i].body, all.body_x += p.sums[i].body_x;
        if (p.sums[i].min_y < all.min_y) all.min_y = p.sums[i].min_y;
        if (p.sums[i].max_y > all.max_y) all.max_y = p.sums[i].max_y;
    }
    p.front_y = all.min_y + SPINE_DEPTH * (all.max_y - all.min_y);
    p.back_y = all.max_y - SPINE_DEPTH * (all.max_y - all.min_y);
    RS_TRY(find_spine(&p, planes, all.body > 0 ? all.body_x / all.body : f->n[0] / 2.0));
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}

typedef struct heart_sums {
    double left, right, widest_mm;
    double n_left, n_right; /* lung voxels of the plane */
} heart_sums;

typedef struct heart_pass {
    lung_work *work;
    int32_t step; /* every so many planes */
    heart_sums *sums;
} heart_pass;

/* One row of a plane: the innermost voxel of each lung. */
typedef struct heart_row {
    int32_t first_left, last_right;
} heart_row;

static void read_rows(const lung_work *work, int32_t z, heart_row *rows, heart_sums *s)
{
    const lung_frame *f = &work->frame;
    for (int32_t y = 0; y < f->n[1]; y++) {
        int64_t at = lung_at(f, 0, y, z);
        heart_row row = {f->n[0], -1};
        for (int32_t x = 0; x < f->n[0]; x++, at += f->stride[0]) {
            uint8_t code = work->labels[at];
            if (code == CODE_LEFT && x < row.first_left) row.first_left = x;
            if (code == CODE_RIGHT) row.last_right = x;
            s->n_left += code == CODE_LEFT, s->n_right += code == CODE_RIGHT;
        }
        rows[y] = row;
    }
}

/* Tissue between the lungs on each side of the middle; the outermost rows are left out, where breastbone or spine part
   the lungs. */
static rs_status heart_plane(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    heart_pass *p = arg;
    const lung_frame *f = &p->work->frame;
    heart_sums s = {.left = 0};
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the heart");
    rs_arena_mark mark = rs_arena_where(scratch);
    heart_row *rows = RS_ARENA_RAW(scratch, heart_row, f->n[1]);
    if (!rows) return rs_fail_memory(ctx, "the heart");
    read_rows(p->work, (int32_t)item * p->step, rows, &s);
    int32_t first = -1, last = -1;
    for (int32_t y = 0; y < f->n[1]; y++) {
        if (rows[y].last_right < 0 || rows[y].first_left >= f->n[0]) continue;
        if (first < 0) first = y;
        last = y;
    }
    int32_t margin = (int32_t)((last - first) * HEART_MARGIN);
    for (int32_t y = first + margin; first >= 0 && y <= last - margin; y++) {
        heart_row row = rows[y];
        if (row.last_right < 0 || row.first_left >= f->n[0] || row.first_left <= row.last_right) continue;
        s.left += fmax(0, row.first_left - p->work->middle);
        s.right += fmax(0, p->work->middle - row.last_right);
        s.widest_mm = fmax(s.widest_mm, (row.first_left - row.last_right) * f->spacing_mm[0]);
    }
    rs_arena_rewind(scratch, mark);
    p->sums[item] = s;
    return RS_OK;
}

rs_status lung_ask_heart(lung_work *work)
{
    const lung_frame *f = &work->frame;
    rs_arena_mark mark = rs_arena_where(work->own);
    int32_t step = plane_step(f), planes = (f->n[2] - 1) / step + 1;
    heart_pass p = {.work = work, .step = step, .sums = RS_ARENA_NEW(work->own, heart_sums, planes)};
    if (!p.sums) return rs_fail_memory(work->ctx, "the heart");
    RS_TRY(rs_parallel_for(work->ctx, planes, heart_plane, &p));
    double most_left = 0, most_right = 0;
    for (int32_t z = 0; z < planes; z++) {
        most_left = fmax(most_left, p.sums[z].n_left);
        most_right = fmax(most_right, p.sums[z].n_right);
    }
    heart_sums all = {.left = 0};
    for (int32_t z = 0; z < planes; z++) {
        const heart_sums *s = &p.sums[z];
        /* where the domes take the lungs' place the liver would count as heart */
        if (s->n_left < 0.5 * most_left || s->n_right < 0.5 * most_right || s->widest_mm < HEART_WIDTH_MM) continue;
        all.left += s->left, all.right += s->right;
    }
    double sum = all.left + all.right, asymmetry = sum > 0 ? (all.left - all.right) / sum : 0;
    work->heart_speaks = fabs(asymmetry) > HEART_ASYMMETRY;
    work->heart_left = asymmetry > 0;
    rs_log(work->ctx, RS_LOG_DEBUG, "tissue between the lungs: asymmetry to the left %.2f", asymmetry);
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
