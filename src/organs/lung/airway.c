/* Trachea and main bronchi (science C3.2, C4.1): round dark sections that follow each other from plane to plane; from
   there a flood in the order of rising HU, which stops before it leaks into the lung; an opening takes finer branches
   off. */
#include <math.h>
#include <string.h>

#include "lung.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/components.h"

enum { BLOBS = 24, FLOOD_LOW_HU = -1100, FLOOD_FIRST_HU = -950, FLOOD_STEP_HU = 10, FLOOD_LEVELS = 900 };
#define BLOB_FILL 0.5 /* of its box: a disc fills 0.79 */
#define BLOB_ASPECT 2.5
#define BLOB_OFF_MIDDLE_MM 50.0
#define BLOB_SEARCH_MM 75.0
#define CHAIN_MM 20.0
#define GAP_MM 4.0
#define WALL_MM 2.0

typedef struct blob {
    double x, y, area_mm2, length_mm; /* length of the chain that ends here */
    int below, gap;                   /* blob of a plane below, -1: none; how many planes below */
    int32_t at_x, at_y;               /* one of its pixels */
} blob;

typedef struct planes {
    lung_work *work;
    int32_t first;     /* plane of item 0 */
    int32_t x0, width; /* columns near the middle of the body */
    int16_t lumen;
    blob *blobs; /* [plane][BLOBS] */
    int *n_blobs;
} planes;

static void extract(const planes *p, int32_t z, uint8_t *out)
{
    const lung_frame *f = &p->work->frame;
    for (int32_t y = 0; y < f->n[1]; y++) {
        int64_t at = lung_at(f, p->x0, y, z);
        for (int32_t x = 0; x < p->width; x++, at += f->stride[0])
            *out++ = p->work->labels[at] >= CODE_AIR && p->work->volume->voxels[at] < p->lumen;
    }
}

static bool is_round(const planes *p, const rs_component *c, blob *out)
{
    const lung_frame *f = &p->work->frame;
    double w = (c->end[0] - c->begin[0]) * f->spacing_mm[0], h = (c->end[1] - c->begin[1]) * f->spacing_mm[1];
    double area = (double)c->voxels * f->spacing_mm[0] * f->spacing_mm[1];
    if (area < lung_param(p->work, "trachea_area_min_mm2") || area > lung_param(p->work, "trachea_area_max_mm2"))
        return false;
    if (area < BLOB_FILL * w * h || w > BLOB_ASPECT * h || h > BLOB_ASPECT * w) return false;
    *out = (blob){.x = p->x0 + (double)c->sum[0] / (double)c->voxels,
                  .y = (double)c->sum[1] / (double)c->voxels,
                  .area_mm2 = area,
                  .below = -1};
    return fabs(out->x - p->work->middle) * f->spacing_mm[0] <= BLOB_OFF_MIDDLE_MM;
}

static rs_status find_blobs(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    planes *p = arg;
    const lung_frame *f = &p->work->frame;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a plane of the airway");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *plane = RS_ARENA_RAW(scratch, uint8_t, (size_t)p->width * (size_t)f->n[1]);
    if (!plane) return rs_fail_memory(ctx, "a plane of the airway");
    extract(p, p->first + (int32_t)item, plane);
    rs_components found;
    rs_components_args args = {.n = {p->width, f->n[1], 1}, .labels = plane, .arena = scratch, .out = &found};
    RS_TRY(rs_context_kernels(ctx)->components(ctx, &args));
    int n = 0;
    for (int32_t c = 0; c < found.n_components && n < BLOBS; c++) {
        blob *b = &p->blobs[item * BLOBS + n];
        if (!is_round(p, &found.items[c], b)) continue;
        b->at_x = p->x0 + found.runs[found.items[c].first_run].i_begin;
        b->at_y = found.items[c].begin[1];
        n++;
    }
    p->n_blobs[item] = n;
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

/* Ties a section to the longest chain that ends in like sections a little below it: noise may break single planes. */
static void link_below(const planes *p, int32_t z, blob *here)
{
    const lung_frame *f = &p->work->frame;
    double dz = f->spacing_mm[2];
    here->length_mm = dz;
    for (int gap = 1; gap <= z && (gap == 1 || gap * dz <= GAP_MM); gap++) {
        double reach = 2 + 0.8 * gap * dz;
        for (int a = 0; a < p->n_blobs[z - gap]; a++) {
            const blob *under = &p->blobs[(int64_t)(z - gap) * BLOBS + a];
            double dx = (here->x - under->x) * f->spacing_mm[0], dy = (here->y - under->y) * f->spacing_mm[1];
            double ratio = here->area_mm2 / under->area_mm2;
            if (dx * dx + dy * dy > reach * reach || ratio < 0.5 || ratio > 2) continue;
            if (under->length_mm + gap * dz <= here->length_mm) continue;
            here->length_mm = under->length_mm + gap * dz;
            here->below = a, here->gap = gap;
        }
    }
}

/* The longest chain, from the lowest plane up; its end. */
static bool find_chain(const planes *p, int32_t n_planes, int32_t *end_plane, int *end_blob)
{
    double best = -1, dz = p->work->frame.spacing_mm[2];
    for (int32_t z = 0; z < n_planes; z++) {
        for (int b = 0; b < p->n_blobs[z]; b++) {
            blob *here = &p->blobs[(int64_t)z * BLOBS + b];
            link_below(p, z, here);
            if (here->length_mm > best) best = here->length_mm, *end_plane = z, *end_blob = b;
        }
    }
    return best >= fmin(CHAIN_MM, 0.7 * n_planes * dz) && best > 0;
}

/* Voxels in the order of the flood; a bucket a HU of those still waiting. */
typedef struct node {
    int64_t at;
    int32_t next;
    uint8_t code; /* as it was */
} node;

typedef struct flood {
    lung_work *work;
    node *nodes;
    int n, capacity;
    int32_t bucket[FLOOD_LEVELS];
    int32_t *order;
    int n_order, order_capacity;
} flood;

static int level_of(const flood *f, int64_t at, const int32_t ijk[3])
{
    const lung_work *work = f->work;
    int64_t step[3] = {1, work->n[0], work->slice};
    double sum = work->volume->voxels[at];
    int n = 1;
    for (int a = 0; a < 3; a++) {
        if (work->volume->geometry.spacing_mm[a] > 1.5 || ijk[a] == 0 || ijk[a] == work->n[a] - 1) continue;
        sum += work->volume->voxels[at - step[a]] + work->volume->voxels[at + step[a]];
        n += 2;
    }
    double hu = sum / n * work->volume->slope + work->volume->offset;
    int level = (int)floor(hu) - FLOOD_LOW_HU;
    return level < 0 ? 0 : level >= FLOOD_LEVELS ? FLOOD_LEVELS - 1 : level;
}

static void unravel(const lung_work *work, int64_t at, int32_t ijk[3])
{
    ijk[2] = (int32_t)(at / work->slice);
    ijk[1] = (int32_t)(at % work->slice / work->n[0]);
    ijk[0] = (int32_t)(at % work->n[0]);
}

static rs_status push(flood *f, int64_t at, int level)
{
    node *item = rs_arena_push(f->work->own, (void **)&f->nodes, f->n, &f->capacity, sizeof *item);
    if (!item) return rs_fail_memory(f->work->ctx, "the airway");
    *item = (node){.at = at, .next = f->bucket[level], .code = f->work->labels[at]};
    f->work->labels[at] = CODE_MARK;
    f->bucket[level] = f->n++;
    return RS_OK;
}

/* What lies behind a voxel is reached at its level at the earliest, so levels only rise. */
static rs_status visit(flood *f, int32_t index, int floor_level)
{
    lung_work *work = f->work;
    int32_t *slot = rs_arena_push(work->own, (void **)&f->order, f->n_order, &f->order_capacity, sizeof *slot);
    if (!slot) return rs_fail_memory(work->ctx, "the airway");
    *slot = index;
    f->n_order++;
    int64_t step[3] = {1, work->n[0], work->slice}, at = f->nodes[index].at;
    int32_t ijk[3];
    unravel(work, at, ijk);
    for (int side = 0; side < 6; side++) {
        int a = side / 2, d = side % 2 ? 1 : -1;
        if (ijk[a] + d < 0 || ijk[a] + d >= work->n[a]) continue;
        int64_t next = at + d * step[a];
        if (work->labels[next] < CODE_AIR || work->labels[next] == CODE_MARK) continue;
        ijk[a] += d;
        int level = level_of(f, next, ijk);
        ijk[a] -= d;
        RS_TRY(push(f, next, level < floor_level ? floor_level : level));
    }
    return RS_OK;
}

/* Floods level by level; *kept: voxels in order[] before the leak. */
static rs_status run_flood(flood *f, int seeds, int *kept)
{
    lung_work *work = f->work;
    double limit = lung_param(work, "airway_max_ml") / work->voxel_ml, growth = lung_param(work, "airway_growth");
    int last = (int)work->air_hu - FLOOD_LOW_HU, level = 0, before = 0;
    int step = FLOOD_FIRST_HU - FLOOD_LOW_HU;
    *kept = seeds;
    while (level < last) {
        int32_t index = f->bucket[level];
        if (index < 0) {
            if (level < step) {
                level++;
                continue;
            }
            bool first = step == FLOOD_FIRST_HU - FLOOD_LOW_HU;
            rs_log(work->ctx, RS_LOG_DEBUG, "airway below %d HU: %.1f ml", step + FLOOD_LOW_HU,
                   f->n_order * work->voxel_ml);
            if (!first && f->n_order > before * (1 + growth)) return RS_OK;
            before = *kept = f->n_order;
            step += FLOOD_STEP_HU;
            continue;
        }
        if (f->n_order > limit) return RS_OK;
        f->bucket[level] = f->nodes[index].next;
        RS_TRY(visit(f, index, level));
    }
    return RS_OK;
}

/* A section of the chain: from one of its pixels over the dark ones in its plane. */
static rs_status seed_section(flood *f, const planes *p, const blob *here, int32_t z)
{
    const lung_work *work = f->work;
    const lung_frame *frame = &work->frame;
    int32_t next = f->n;
    int64_t at = lung_at(frame, here->at_x, here->at_y, z);
    if (work->labels[at] == CODE_MARK) return RS_OK;
    RS_TRY(push(f, at, 0));
    for (; next < f->n; next++) {
        int32_t ijk[3];
        at = f->nodes[next].at;
        unravel(work, at, ijk);
        for (int side = 0; side < 4; side++) {
            int d = side / 2, step = side % 2 ? 1 : -1, a = frame->axis[d];
            if (ijk[a] + step < 0 || ijk[a] + step >= work->n[a]) continue;
            int64_t beside = at + step * (frame->sign[d] < 0 ? -frame->stride[d] : frame->stride[d]);
            if (work->labels[beside] < CODE_AIR || work->labels[beside] == CODE_MARK) continue;
            if (work->volume->voxels[beside] < p->lumen) RS_TRY(push(f, beside, 0));
        }
    }
    return RS_OK;
}

static rs_status seed(flood *f, const planes *p, int32_t z, int b, int *seeds)
{
    while (b >= 0) {
        const blob *here = &p->blobs[(int64_t)z * BLOBS + b];
        RS_TRY(seed_section(f, p, here, p->first + z));
        b = here->below;
        z -= here->gap;
    }
    *seeds = f->n;
    return RS_OK;
}

typedef struct airway_box {
    int32_t begin[3], n[3];
} airway_box;

static airway_box box_of(const flood *f, int kept)
{
    const lung_work *work = f->work;
    airway_box box = {.begin = {work->n[0], work->n[1], work->n[2]}};
    int32_t end[3] = {0, 0, 0};
    for (int o = 0; o < kept; o++) {
        int32_t ijk[3];
        unravel(work, f->nodes[f->order[o]].at, ijk);
        for (int a = 0; a < 3; a++) {
            if (ijk[a] < box.begin[a]) box.begin[a] = ijk[a];
            if (ijk[a] >= end[a]) end[a] = ijk[a] + 1;
        }
    }
    for (int a = 0; a < 3; a++) {
        int32_t margin = (int32_t)ceil(WALL_MM / work->volume->geometry.spacing_mm[a]) + 1;
        box.begin[a] = box.begin[a] > margin ? box.begin[a] - margin : 0;
        end[a] = end[a] + margin < work->n[a] ? end[a] + margin : work->n[a];
        box.n[a] = end[a] - box.begin[a];
    }
    return box;
}

/* The largest piece of a mask alone. */
static rs_status keep_largest(lung_work *work, const airway_box *box, const uint64_t *bits, uint8_t *bytes,
                              int64_t *size)
{
    rs_components found;
    rs_components_args args = {
        .n = {box->n[0], box->n[1], box->n[2]}, .labels = bytes, .arena = work->own, .out = &found};
    RS_TRY(rs_bits_unpack(work->ctx, box->n, bits, 1, 0, bytes));
    RS_TRY(rs_context_kernels(work->ctx)->components(work->ctx, &args));
    int16_t *value = RS_ARENA_NEW(work->own, int16_t, found.n_components);
    if (!value) return rs_fail_memory(work->ctx, "the airway");
    int32_t best = 0;
    for (int32_t c = 1; c < found.n_components; c++) {
        if (found.items[c].voxels > found.items[best].voxels) best = c;
    }
    *size = found.n_components > 0 ? found.items[best].voxels : 0;
    if (found.n_components > 0) value[best] = 1;
    return rs_components_paint(work->ctx, &found, value, bytes);
}

static void label_airway(lung_work *work, const airway_box *box, const uint64_t *bits)
{
    for (int32_t k = 0; k < box->n[2]; k++) {
        for (int32_t j = 0; j < box->n[1]; j++) {
            int64_t at = (box->begin[2] + k) * work->slice + (int64_t)(box->begin[1] + j) * work->n[0] + box->begin[0];
            for (int32_t i = 0; i < box->n[0]; i++) {
                if (work->labels[at + i] >= CODE_AIR && rs_bits_get(bits, box->n, i, j, k))
                    work->labels[at + i] = CODE_AIRWAY;
            }
        }
    }
}

/* Opened, so that finer branches stay with the lung; then the wall's width around it, so that no partial volume ties
   the lungs to the airway. */
static rs_status shape_airway(flood *f, int kept)
{
    lung_work *work = f->work;
    airway_box box = box_of(f, kept);
    size_t words = rs_bits_total(box.n);
    uint64_t *in = RS_ARENA_NEW(work->own, uint64_t, words), *out = RS_ARENA_NEW(work->own, uint64_t, words);
    uint8_t *bytes = RS_ARENA_NEW(work->own, uint8_t, (size_t)box.n[0] * (size_t)box.n[1] * (size_t)box.n[2]);
    if (!in || !out || !bytes) return rs_fail_memory(work->ctx, "the airway");
    for (int o = 0; o < kept; o++) {
        int32_t ijk[3];
        unravel(work, f->nodes[f->order[o]].at, ijk);
        size_t row = ((size_t)(ijk[2] - box.begin[2]) * (size_t)box.n[1] + (size_t)(ijk[1] - box.begin[1]));
        int32_t i = ijk[0] - box.begin[0];
        in[row * (size_t)rs_bits_words(box.n[0]) + (size_t)(i / 64)] |= UINT64_C(1) << (i % 64);
    }
    const double *mm = work->volume->geometry.spacing_mm;
    rs_ball_args args = {.n = {box.n[0], box.n[1], box.n[2]},
                         .spacing_mm = {mm[0], mm[1], mm[2]},
                         .radius_mm = lung_param(work, "airway_keep_mm"),
                         .operation = RS_BALL_OPEN,
                         .in = in,
                         .out = out};
    RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, &args));
    int64_t size = 0;
    RS_TRY(keep_largest(work, &box, out, bytes, &size));
    if (size == 0) RS_TRY(keep_largest(work, &box, in, bytes, &size)); /* a child's trachea */
    RS_TRY(rs_bits_pack(work->ctx, box.n, bytes, NULL, in));
    args.operation = RS_BALL_DILATE, args.radius_mm = WALL_MM;
    RS_TRY(rs_context_kernels(work->ctx)->ball(work->ctx, &args));
    label_airway(work, &box, out);
    return RS_OK;
}

static rs_status flood_from(lung_work *work, const planes *p, int32_t end_plane, int end_blob)
{
    flood *f = RS_ARENA_NEW(work->own, flood, 1);
    if (!f) return rs_fail_memory(work->ctx, "the airway");
    f->work = work;
    for (int l = 0; l < FLOOD_LEVELS; l++)
        f->bucket[l] = -1;
    int seeds = 0, kept = 0;
    rs_status status = seed(f, p, end_plane, end_blob, &seeds);
    if (status == RS_OK) status = run_flood(f, seeds, &kept);
    for (int n = 0; n < f->n; n++)
        work->labels[f->nodes[n].at] = f->nodes[n].code;
    if (status != RS_OK || kept == 0) return status;
    work->airway_found = true;
    return shape_airway(f, kept < f->n_order ? kept : f->n_order);
}

rs_status lung_find_airway(lung_work *work, double low_z, double high_z)
{
    planes p = {.work = work,
                .first = (int32_t)(low_z + 0.4 * (high_z - low_z)),
                .lumen = rs_volume_stored(work->volume, lung_param(work, "trachea_hu"))};
    double reach = BLOB_SEARCH_MM / work->frame.spacing_mm[0];
    p.x0 = (int32_t)fmax(0, work->middle - reach);
    p.width = (int32_t)fmin(work->frame.n[0] - 1, work->middle + reach) - p.x0 + 1;
    int32_t n_planes = work->frame.n[2] - p.first, end_plane = 0;
    int end_blob = 0;
    rs_arena_mark mark = rs_arena_where(work->own);
    p.blobs = RS_ARENA_NEW(work->own, blob, (size_t)n_planes * BLOBS);
    p.n_blobs = RS_ARENA_NEW(work->own, int, n_planes);
    if (!p.blobs || !p.n_blobs) return rs_fail_memory(work->ctx, "the airway");
    RS_TRY(rs_parallel_for(work->ctx, n_planes, find_blobs, &p));
    bool found = find_chain(&p, n_planes, &end_plane, &end_blob);
    const blob *end = &p.blobs[(int64_t)end_plane * BLOBS + end_blob];
    rs_log(work->ctx, RS_LOG_DEBUG, "longest chain of airway sections: %.0f mm up to plane %d at %.0f, %.0f: %s",
           end->length_mm, (int)(p.first + end_plane), end->x, end->y, found ? "airway" : "none");
    if (found) RS_TRY(flood_from(work, &p, end_plane, end_blob));
    rs_arena_rewind(work->own, mark);
    return RS_OK;
}
