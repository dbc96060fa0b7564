/* Masses: smoothed tissue in what is searched, on a grid of about 1.4 mm, that survives an opening by a ball; each
   component is one candidate with features of its own (science C1.4). */
#include "mass.h"

#include <math.h>
#include <string.h>

#include "look.h"
#include "restage/arena.h"
#include "restage/kernels.h"
#include "restage/kernels/ball.h"
#include "restage/kernels/components.h"
#include "restage/kernels/distance.h"
#include "restage/kernels/gauss.h"
#include "restage/kernels/halve.h"
#include "restage/parallel.h"
#include "tensor.h"

static const double coarsest_mm = 2.1; /* a grid is halved up to this spacing */
static const double smooth_mm = 1.5;   /* sigma */
static const double margin_mm = 6;     /* around what is searched */
static const double fat_low_hu = -150, fat_high_hu = -30;
static const double rim_mm = 3;                         /* what lies so near belongs to a mass */
static const double own_radii = 1.5;                    /* and so near to its middle */
static const double ruling_p = 0.5, ruling_share = 0.5; /* of who swallows all within a body: its P, its radius */
static const double ladder_radius_mm = 10;              /* above, the scales no longer tell the size (science C1.4) */

/* The grid at work: voxel o of it stands on voxel begin + step * o of the volume. */
typedef struct mass_grid {
    const rs_detect_job *job;
    rs_arena *scratch;
    int32_t begin[3], step[3], n[3];
    double spacing_mm[3], blur_mm2[3];
    rs_block stored, value; /* int16 as stored, float after smoothing */
    uint8_t *searched, *mask;
    rs_components components;
} mass_grid;

static int64_t voxels(const int32_t n[3])
{
    return (int64_t)n[0] * n[1] * n[2];
}

/* Numbers of the volume, turned so that lesions are bright. */
static float value_hu(const mass_grid *g, int64_t at)
{
    const rs_volume *v = g->job->volume;
    float hu = (float)v->slope * ((const float *)g->value.data)[at] + (float)v->offset;
    return g->job->profile->bright ? hu : -hu;
}

static float least_hu(const mass_grid *g)
{
    float hu = (float)g->job->params.detect_mass_tissue_hu;
    return g->job->profile->bright ? hu : -hu;
}

typedef struct copy_job {
    const mass_grid *g;
    const int16_t *from;
    int32_t n[3], begin[3]; /* of where it is copied from */
} copy_job;

static rs_status copy_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    const copy_job *job = arg;
    const int32_t *n = job->g->n;
    (void)ctx;
    (void)worker;
    int16_t *out = (int16_t *)job->g->stored.data + k * n[0] * n[1];
    for (int32_t j = 0; j < n[1]; j++)
        memcpy(out + (int64_t)j * n[0],
               job->from + ((job->begin[2] + k) * job->n[1] + job->begin[1] + j) * job->n[0] + job->begin[0],
               (size_t)n[0] * sizeof *out);
    return RS_OK;
}

/* The box of what is searched, with a margin, on the volume's grid. */
static void plan(mass_grid *g, const int32_t begin[3], const int32_t end[3])
{
    const rs_geometry *from = &g->job->volume->geometry;
    for (int a = 0; a < 3; a++) {
        int32_t margin = (int32_t)(margin_mm / from->spacing_mm[a]) + 1;
        int32_t low = begin[a] > margin ? begin[a] - margin : 0;
        int32_t high = end[a] + margin < from->n[a] ? end[a] + margin : from->n[a];
        g->begin[a] = low;
        g->n[a] = high - low;
        g->step[a] = 1;
        g->spacing_mm[a] = from->spacing_mm[a];
    }
}

/* One halving of a packed grid of the size `whole`, which becomes that of the halved one; *done where none is wanted.
 */
static rs_status halve_once(rs_context *ctx, mass_grid *g, const int16_t *in, int32_t whole[3], rs_block *out,
                            bool *done)
{
    const rs_detect_profile *profile = g->job->profile;
    struct rs_halve_args args = {.in = in};
    int16_t one = rs_volume_stored(g->job->volume, profile->clip_low_hu);
    int16_t other = rs_volume_stored(g->job->volume, profile->clip_high_hu);
    args.low = one < other ? one : other;
    args.high = one < other ? other : one;
    *done = true;
    for (int a = 0; a < 3; a++) {
        args.n[a] = whole[a];
        args.axes[a] = 2 * g->spacing_mm[a] <= coarsest_mm;
        if (args.axes[a]) *done = false;
    }
    if (*done) return RS_OK;
    rs_halve_size(args.n, args.axes, whole);
    RS_TRY(rs_block_take(ctx, (size_t)voxels(whole) * sizeof(int16_t), "the search for masses", out));
    args.out = out->data;
    for (int a = 0; a < 3; a++) {
        if (!args.axes[a]) continue;
        g->blur_mm2[a] += rs_halve_variance_mm2(g->spacing_mm[a]);
        g->spacing_mm[a] *= 2;
        g->step[a] *= 2;
    }
    return rs_context_kernels(ctx)->halve(ctx, &args);
}

/* Whole planes are halved where they stand; what is copied is small. */
static rs_status take_grid(rs_context *ctx, mass_grid *g)
{
    const rs_geometry *from = &g->job->volume->geometry;
    int32_t whole[3] = {from->n[0], from->n[1], g->n[2]}, offset[3] = {g->begin[0], g->begin[1], 0};
    const int16_t *in = g->job->volume->voxels + (int64_t)g->begin[2] * whole[0] * whole[1];
    rs_block halved = {0};
    bool done = false;
    rs_status status = RS_OK;
    while (!done && status == RS_OK) {
        rs_block next = {0};
        status = halve_once(ctx, g, in, whole, &next, &done);
        if (!next.data) continue;
        rs_block_give(ctx, &halved);
        halved = next;
        in = halved.data;
    }
    for (int a = 0; a < 3; a++) {
        int32_t last = offset[a] + g->n[a] - 1; /* of the box, on the volume's grid */
        g->n[a] = last / g->step[a] - offset[a] / g->step[a] + 1;
        offset[a] /= g->step[a];
        if (a < 2) g->begin[a] = offset[a] * g->step[a];
    }
    copy_job job = {.g = g, .from = in};
    memcpy(job.n, whole, sizeof whole);
    memcpy(job.begin, offset, sizeof offset);
    if (status == RS_OK)
        status = rs_block_take(ctx, (size_t)voxels(g->n) * sizeof(int16_t), "the search for masses", &g->stored);
    if (status == RS_OK) status = rs_parallel_for(ctx, g->n[2], copy_slice, &job);
    rs_block_give(ctx, &halved);
    return status;
}

static rs_status smooth(rs_context *ctx, mass_grid *g)
{
    RS_TRY(rs_block_take(ctx, (size_t)voxels(g->n) * sizeof(float), "the search for masses", &g->value));
    struct rs_gauss_args args = {.in_int16 = g->stored.data, .out = g->value.data};
    for (int a = 0; a < 3; a++) {
        args.n[a] = g->n[a];
        args.sigma_vox[a] = sqrt(fmax(smooth_mm * smooth_mm - g->blur_mm2[a], 0)) / g->spacing_mm[a];
    }
    return rs_context_kernels(ctx)->gauss(ctx, &args);
}

static rs_status label_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    const mass_grid *g = arg;
    const rs_regions *regions = g->job->regions;
    const int32_t *n = regions->geometry.n;
    float least = least_hu(g);
    (void)ctx;
    (void)worker;
    for (int32_t j = 0; j < g->n[1]; j++) {
        const uint8_t *row = regions->labels +
                             ((g->begin[2] + k * g->step[2]) * n[1] + g->begin[1] + (int64_t)j * g->step[1]) * n[0] +
                             g->begin[0];
        int64_t at = (k * g->n[1] + j) * g->n[0];
        for (int32_t i = 0; i < g->n[0]; i++, at++) {
            g->searched[at] = g->job->searched[row[(int64_t)i * g->step[0]]];
            g->mask[at] = g->searched[at] && value_hu(g, at) > least;
        }
    }
    return RS_OK;
}

/* Tissue that holds a ball everywhere. */
static rs_status open_mask(rs_context *ctx, mass_grid *g)
{
    size_t words = rs_bits_total(g->n);
    uint64_t *bits = RS_ARENA_RAW(g->scratch, uint64_t, 2 * words);
    if (!bits) return rs_fail_memory(ctx, "the search for masses");
    struct rs_ball_args args = {
        .radius_mm = g->job->params.detect_mass_opening_mm, .operation = RS_BALL_OPEN, .in = bits, .out = bits + words};
    for (int a = 0; a < 3; a++) {
        args.n[a] = g->n[a];
        args.spacing_mm[a] = g->spacing_mm[a];
    }
    RS_TRY(rs_bits_pack(ctx, g->n, g->mask, NULL, bits));
    RS_TRY(rs_context_kernels(ctx)->ball(ctx, &args));
    return rs_bits_unpack(ctx, g->n, bits + words, 1, 0, g->mask);
}

static rs_status find_bodies(rs_context *ctx, mass_grid *g, const int32_t begin[3], const int32_t end[3])
{
    plan(g, begin, end);
    RS_TRY(take_grid(ctx, g));
    RS_TRY(smooth(ctx, g));
    g->searched = RS_ARENA_RAW(g->scratch, uint8_t, voxels(g->n));
    g->mask = RS_ARENA_RAW(g->scratch, uint8_t, voxels(g->n));
    if (!g->searched || !g->mask) return rs_fail_memory(ctx, "the search for masses");
    RS_TRY(rs_parallel_for(ctx, g->n[2], label_slice, g));
    RS_TRY(open_mask(ctx, g));
    struct rs_components_args args = {.labels = g->mask, .arena = g->scratch, .out = &g->components};
    memcpy(args.n, g->n, sizeof args.n);
    return rs_context_kernels(ctx)->components(ctx, &args);
}

/* What a component is, by its voxels. */
typedef struct body {
    int32_t id;
    double volume_mm3, inner_mm; /* radius of the largest ball within */
    double surface_mm2, contact_mm2, neck_mm2;
    double round; /* shortest over longest axis */
    int64_t voxels, fat;
    double value_hu;   /* mean */
    int32_t middle[3]; /* the deepest voxel */
} body;

static int64_t at_voxel(const mass_grid *g, const int32_t at[3])
{
    return ((int64_t)at[2] * g->n[1] + at[1]) * g->n[0] + at[0];
}

/* Faces of a voxel that end the body: on what is not searched, on tissue that goes on beyond the rim, on air. */
static void take_faces(const mass_grid *g, const int32_t at[3], body *b)
{
    for (int face = 0; face < 6; face++) {
        int axis = face / 2;
        int32_t near[3] = {at[0], at[1], at[2]}, far[3] = {at[0], at[1], at[2]};
        int32_t rim = (int32_t)(rim_mm / g->spacing_mm[axis] + 0.5), last = g->n[axis] - 1;
        near[axis] += face % 2 ? 1 : -1;
        far[axis] += (face % 2 ? 1 : -1) * (rim > 1 ? rim : 1);
        if (near[axis] < 0 || near[axis] > last) continue; /* cut by the image: no surface */
        if (g->mask[at_voxel(g, near)]) continue;          /* of two bodies none are neighbours */
        far[axis] = far[axis] < 0 ? 0 : far[axis] > last ? last : far[axis];
        double mm2 = g->spacing_mm[(axis + 1) % 3] * g->spacing_mm[(axis + 2) % 3];
        bool goes_on = value_hu(g, at_voxel(g, near)) > least_hu(g) && value_hu(g, at_voxel(g, far)) > least_hu(g);
        b->surface_mm2 += mm2;
        if (!g->searched[at_voxel(g, near)] || (goes_on && !g->searched[at_voxel(g, far)]))
            b->contact_mm2 += mm2;
        else if (goes_on)
            b->neck_mm2 += mm2;
    }
}

static void add_place(const mass_grid *g, const int32_t at[3], double sum[3], double square[6])
{
    const double mm[3] = {at[0] * g->spacing_mm[0], at[1] * g->spacing_mm[1], at[2] * g->spacing_mm[2]};
    for (int a = 0; a < 3; a++) {
        sum[a] += mm[a];
        square[a] += mm[a] * mm[a];
    }
    square[3] += mm[0] * mm[1];
    square[4] += mm[0] * mm[2];
    square[5] += mm[1] * mm[2];
}

static rs_status measure_body(rs_context *ctx, const mass_grid *g, body *b)
{
    const rs_component *c = &g->components.items[b->id];
    int32_t low[3], size[3];
    for (int a = 0; a < 3; a++) {
        low[a] = c->begin[a] - 1;
        size[a] = c->end[a] - c->begin[a] + 2;
    }
    uint8_t *inside = RS_ARENA_NEW(g->scratch, uint8_t, voxels(size));
    float *depth = RS_ARENA_RAW(g->scratch, float, voxels(size));
    if (!inside || !depth) return rs_fail_memory(ctx, "the search for masses");
    struct rs_distance_args args = {.mask = inside, .out = depth};
    for (int a = 0; a < 3; a++) {
        args.n[a] = size[a];
        args.spacing_mm[a] = g->spacing_mm[a];
    }
    double sum[3] = {0}, square[6] = {0}, moment[6], rising[3];
    for (int32_t k = c->begin[2]; k < c->end[2]; k++)
        for (int32_t j = c->begin[1]; j < c->end[1]; j++) {
            const int32_t *first = &g->components.row_first[(int64_t)k * g->n[1] + j];
            for (int32_t r = first[0]; r < first[1]; r++) {
                const rs_run *run = &g->components.runs[r];
                if (run->component != b->id) continue;
                for (int32_t i = run->i_begin; i < run->i_end; i++) {
                    double hu = (double)value_hu(g, ((int64_t)k * g->n[1] + j) * g->n[0] + i);
                    inside[((int64_t)(k - low[2]) * size[1] + j - low[1]) * size[0] + i - low[0]] = 1;
                    add_place(g, (const int32_t[3]){i - low[0], j - low[1], k - low[2]}, sum, square);
                    b->fat += hu >= fat_low_hu && hu <= fat_high_hu;
                    take_faces(g, (const int32_t[3]){i, j, k}, b);
                }
            }
        }
    RS_TRY(rs_context_kernels(ctx)->distance(ctx, &args));
    for (int64_t v = 0; v < voxels(size); v++) {
        if (!((double)depth[v] > b->inner_mm)) continue;
        b->inner_mm = (double)depth[v];
        b->middle[0] = low[0] + (int32_t)(v % size[0]);
        b->middle[1] = low[1] + (int32_t)(v / size[0] % size[1]);
        b->middle[2] = low[2] + (int32_t)(v / size[0] / size[1]);
    }
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (int m = 0; m < 6; m++)
        moment[m] =
            square[m] / (double)c->voxels - sum[pair[m][0]] / (double)c->voxels * sum[pair[m][1]] / (double)c->voxels;
    rs_tensor_eigenvalues(moment, rising);
    b->round = rising[0] > 0 ? sqrt(rising[0] / rising[2]) : 0;
    b->voxels = c->voxels;
    return RS_OK;
}

static double ball_diameter_mm(double volume_mm3)
{
    return rs_steady(cbrt(6 * volume_mm3 / M_PI));
}

/* A body of its own: vessels are long, and go on where the ball no longer fits, as the hilum does; organs beside the
   lung are not searched. */
static double score_of(const rs_candidate *c)
{
    const float *f = c->feature;
    double free = 1 - (double)f[RS_FEATURE_mass_neck], round = 2 * (double)f[RS_FEATURE_mass_round];
    return 1000 * (double)f[RS_FEATURE_mass_solidity] * free * free * (1 - (double)f[RS_FEATURE_mass_contact]) *
           fmin(round, 1);
}

static rs_status make_candidate(rs_context *ctx, const mass_grid *g, const body *b, rs_candidate *c)
{
    int32_t voxel[3];
    *c = (rs_candidate){.origin = RS_ORIGIN_MASS, .radius_mm = 0.5 * ball_diameter_mm(b->volume_mm3)};
    for (int a = 0; a < 3; a++) {
        voxel[a] = g->begin[a] + g->step[a] * b->middle[a];
        c->index[a] = voxel[a];
    }
    rs_geometry_to_lps(&g->job->volume->geometry, c->index, c->lps_mm);
    c->region = rs_regions_at(g->job->regions, voxel[0], voxel[1], voxel[2]);
    RS_TRY(rs_look_complete(ctx, g->job, c, 1));
    c->feature[RS_FEATURE_mass_solidity] = (float)fmin(b->inner_mm / c->radius_mm, 1);
    c->feature[RS_FEATURE_mass_round] = (float)b->round;
    c->feature[RS_FEATURE_mass_neck] = (float)(b->surface_mm2 > 0 ? b->neck_mm2 / b->surface_mm2 : 0);
    c->feature[RS_FEATURE_mass_contact] = (float)(b->surface_mm2 > 0 ? b->contact_mm2 / b->surface_mm2 : 0);
    c->feature[RS_FEATURE_mass_fat] = (float)((double)b->fat / (double)b->voxels);
    c->score = score_of(c);
    c->p = rs_probability(g->job->profile, c);
    return RS_OK;
}

/* Is a candidate part of the body, or of its rim? */
static bool belongs(const mass_grid *g, const rs_candidate *mass, int32_t id, const rs_candidate *c)
{
    double way[3], length = 0;
    for (int a = 0; a < 3; a++) {
        way[a] = mass->lps_mm[a] - c->lps_mm[a];
        length += way[a] * way[a];
    }
    length = sqrt(length);
    if (length > own_radii * mass->radius_mm + rim_mm) return false;
    if (length <= rim_mm) return true;
    for (int step = 0; step < 2; step++) {
        double lps_mm[3], index[3];
        int32_t at[3];
        bool inside = true;
        for (int a = 0; a < 3; a++)
            lps_mm[a] = c->lps_mm[a] + step * rim_mm / length * way[a];
        rs_geometry_to_index(&g->job->volume->geometry, lps_mm, index);
        for (int a = 0; a < 3; a++) {
            at[a] = (int32_t)floor((index[a] - g->begin[a]) / g->step[a] + 0.5);
            inside = inside && at[a] >= 0 && at[a] < g->n[a];
        }
        if (inside && rs_components_at(&g->components, at[0], at[1], at[2]) == id) return true;
    }
    return false;
}

/* Two candidates of one body are one lesion seen twice: the likelier stands, the mass where both are alike and the body
   is past the ladder of scales. Where it is more likely a lesion than not, and is of the body's size, it swallows every
   other maximum within; a hilum, or a nodule that hangs on one, leaves them alone. */
static void settle(const mass_grid *g, int32_t id, const rs_candidate *mass, rs_candidates *all)
{
    int kept = 0, best = -1;
    bool rules = mass->p >= ruling_p;
    for (int n = 0; n < all->n; n++) { /* by falling P: the first that belongs is the best */
        rs_candidate c = all->items[n];
        bool theirs = c.origin == RS_ORIGIN_LOG && belongs(g, mass, id, &c);
        if (theirs && best >= 0 && rules) continue;
        if (theirs && best < 0) {
            best = kept;
            rules = rules || (c.p >= ruling_p && c.radius_mm >= ruling_share * mass->radius_mm);
        }
        all->items[kept++] = c;
    }
    all->n = kept;
    if (best < 0) {
        all->items[all->n++] = *mass;
        return;
    }
    double ours = all->items[best].p;
    if (mass->p > ours || (mass->p == ours && mass->radius_mm >= ladder_radius_mm)) all->items[best] = *mass;
}

static rs_status take_bodies(rs_context *ctx, const mass_grid *g, rs_arena *arena, rs_candidates *all)
{
    double voxel_mm3 = g->spacing_mm[0] * g->spacing_mm[1] * g->spacing_mm[2];
    for (int32_t id = 0; id < g->components.n_components; id++) {
        body b = {.id = id, .volume_mm3 = (double)g->components.items[id].voxels * voxel_mm3};
        rs_candidate mass;
        if (ball_diameter_mm(b.volume_mm3) < g->job->params.detect_mass_diameter_mm) continue;
        rs_arena_mark mark = rs_arena_where(g->scratch);
        rs_status status = measure_body(ctx, g, &b);
        rs_arena_rewind(g->scratch, mark);
        if (status != RS_OK) return status;
        RS_TRY(make_candidate(ctx, g, &b, &mass));
        if (!rs_arena_push(arena, (void **)&all->items, all->n, &all->capacity, sizeof mass))
            return rs_fail_memory(ctx, "the candidates");
        rs_log(ctx, RS_LOG_DEBUG, "detect: body of %.1f mm, neck %.2f, contact %.2f, score %.0f", 2 * mass.radius_mm,
               (double)mass.feature[RS_FEATURE_mass_neck], (double)mass.feature[RS_FEATURE_mass_contact], mass.score);
        settle(g, id, &mass, all);
    }
    return RS_OK;
}

rs_status rs_masses_add(rs_context *ctx, const rs_detect_job *job, rs_arena *arena, rs_candidates *candidates)
{
    int32_t begin[3], end[3];
    if (job->profile->mass_calibration.n == 0 || !rs_regions_search_box(job->regions, begin, end)) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the search for masses");
    rs_arena_mark mark = rs_arena_where(scratch);
    mass_grid g = {.job = job, .scratch = scratch};
    rs_status status = find_bodies(ctx, &g, begin, end);
    if (status == RS_OK) status = take_bodies(ctx, &g, arena, candidates);
    rs_block_give(ctx, &g.stored);
    rs_block_give(ctx, &g.value);
    rs_arena_rewind(scratch, mark);
    return status;
}
