/* Places on the outer surface of the lung: lines of a fixed lattice along columns, rows and slices are walked, and
   where they leave what is searched the -480 HU surface is looked for; its direction comes from a plane fitted with
   Gaussian weights (science D1.3). A place is kept where lung lies inside and tissue outside for the reach of the
   samples. */
#include "edges.h"

#include <math.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/parallel.h"

enum { PLACES_PER_ITEM = 1024, CHUNK = 32, LEAST_SAMPLES = 20, WALK_VOX = 4, MOST_PLACES = 4800 };

static const double line_step_mm = 9, slice_step_mm = 5, k_line_step_mm = 6;
static const double lung_most_hu = -700, least_slope_hu_mm = 60;
static const double gradient_sigma_mm = 1.2, least_tube_mm = 1.2, most_tube_mm = 2.5, reach_mm = 3;
static const double wanted_samples = 40, most_samples = 0.8 * RS_EDGE_SAMPLES_MAX,
                    steep_reach_slices = 1.5;                  /* thick slices have few voxels within 1.2 mm */
static const double most_shift_mm = 1.2, most_tilt = 0.3;      /* of a fit: beyond, it fitted something else */
static const double clamp_low_hu = -1000, clamp_high_hu = 150; /* of the gradient: ribs must not turn it */

typedef struct place {
    float index[3];
} place;

typedef struct search_job {
    const rs_edge_request *request;
    const int16_t *voxels;
    const uint8_t *labels;
    rs_geometry g;
    uint8_t searched[256], inside[256]; /* inside: searched or airway */
    int32_t begin[3], end[3];           /* box of what is searched */
    double middle[2];                   /* of that box, columns and rows */
    int32_t step[3], k_step[2];
    int64_t n_in_plane, n_along_k; /* items */
    place *places;                 /* PLACES_PER_ITEM an item */
    int *n_places;
    rs_edge_point *points;
    int n_points;
    rs_step_table table;
    double most_residual_hu;
    double wide[3]; /* sigma of the gradient's weights along each axis, mm */
    double tube_mm;
} search_job;

static int64_t at(const search_job *job, int32_t i, int32_t j, int32_t k)
{
    return ((int64_t)k * job->g.n[1] + j) * job->g.n[0] + i;
}

static double hu_at(const search_job *job, int64_t voxel)
{
    return job->request->volume->slope * job->voxels[voxel] + job->request->volume->offset;
}

typedef struct line {
    int axis;
    int32_t start[3];
} line;

/* Where the line leaves the lung between n and n + 1 (or enters it, direction -1), the crossing of the surface nearby.
 */
static bool crossing(const search_job *job, const line *l, int32_t n, int direction, double *where)
{
    int64_t stride = l->axis == 0 ? 1 : (l->axis == 1 ? job->g.n[0] : (int64_t)job->g.n[0] * job->g.n[1]);
    int64_t first = at(job, l->start[0], l->start[1], l->start[2]);
    const double surface_hu = job->request->params->quality_surface_hu;
    int32_t size = job->g.n[l->axis];
    int32_t from = direction > 0 ? n - WALK_VOX : n + 1 + WALK_VOX;
    for (int32_t s = 0; s < 2 * WALK_VOX; s++) {
        int32_t a = from + direction * s, b = a + direction;
        if (a < 0 || b < 0 || a >= size || b >= size) continue;
        double low = hu_at(job, first + a * stride), high = hu_at(job, first + b * stride);
        if (low > surface_hu || high <= surface_hu) continue;
        *where = a + direction * (surface_hu - low) / (high - low);
        return true;
    }
    return false;
}

static void walk(const search_job *job, const line *l, place *out, int *n)
{
    int64_t stride = l->axis == 0 ? 1 : (l->axis == 1 ? job->g.n[0] : (int64_t)job->g.n[0] * job->g.n[1]);
    int64_t first = at(job, l->start[0], l->start[1], l->start[2]);
    int32_t begin = job->begin[l->axis] > 0 ? job->begin[l->axis] - 1 : 0;
    int32_t end = job->end[l->axis] < job->g.n[l->axis] ? job->end[l->axis] : job->g.n[l->axis] - 1;
    bool before = job->searched[job->labels[first + begin * stride]];
    for (int32_t s = begin; s < end && *n < PLACES_PER_ITEM; s++) {
        bool after = job->searched[job->labels[first + (s + 1) * stride]];
        double where;
        if (before != after && crossing(job, l, s, before ? 1 : -1, &where)) {
            place *p = &out[(*n)++];
            for (int a = 0; a < 3; a++)
                p->index[a] = (float)(a == l->axis ? where : l->start[a]);
        }
        before = after;
    }
}

static rs_status walk_item(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const search_job *job = arg;
    place *out = job->places + item * PLACES_PER_ITEM;
    int *n = &job->n_places[item];
    (void)ctx;
    (void)worker;
    if (item < job->n_in_plane) {
        int32_t k = job->begin[2] + (int32_t)item * job->step[2];
        for (int32_t j = job->begin[1]; j < job->end[1]; j += job->step[1])
            walk(job, &(line){0, {0, j, k}}, out, n);
        for (int32_t i = job->begin[0]; i < job->end[0]; i += job->step[0])
            walk(job, &(line){1, {i, 0, k}}, out, n);
        return RS_OK;
    }
    int32_t j = job->begin[1] + (int32_t)(item - job->n_in_plane) * job->k_step[1];
    for (int32_t i = job->begin[0]; i < job->end[0]; i += job->k_step[0])
        walk(job, &(line){2, {i, j, 0}}, out, n);
    return RS_OK;
}

/* Slopes of a plane fitted with Gaussian weights around the nearest voxel, HU / mm. */
static bool gradient(const search_job *job, const double index[3], double out[3])
{
    int32_t middle[3], half[3];
    double weight[3][16], moment[3] = {0, 0, 0}, sum[3] = {0, 0, 0}, all = 0;
    for (int a = 0; a < 3; a++) {
        middle[a] = (int32_t)floor(index[a] + 0.5);
        half[a] = (int32_t)(2 * job->wide[a] / job->g.spacing_mm[a]);
        if (half[a] < 1) half[a] = 1;
        if (half[a] > 7) half[a] = 7;
        if (middle[a] - half[a] < 0 || middle[a] + half[a] >= job->g.n[a]) return false;
        for (int32_t o = -half[a]; o <= half[a]; o++) {
            double x = o * job->g.spacing_mm[a] / job->wide[a];
            weight[a][o + half[a]] = rs_step_exp(0.5 * x * x);
        }
    }
    for (int32_t z = -half[2]; z <= half[2]; z++) {
        for (int32_t y = -half[1]; y <= half[1]; y++) {
            int64_t row = at(job, middle[0], middle[1] + y, middle[2] + z);
            double w_row = weight[2][z + half[2]] * weight[1][y + half[1]];
            for (int32_t x = -half[0]; x <= half[0]; x++) {
                double w = w_row * weight[0][x + half[0]];
                double hu = fmin(fmax(hu_at(job, row + x), clamp_low_hu), clamp_high_hu);
                const double o[3] = {x * job->g.spacing_mm[0], y * job->g.spacing_mm[1], z * job->g.spacing_mm[2]};
                all += w;
                for (int a = 0; a < 3; a++) {
                    sum[a] += w * o[a] * hu;
                    moment[a] += w * o[a] * o[a];
                }
            }
        }
    }
    for (int a = 0; a < 3; a++)
        out[a] = sum[a] / moment[a];
    return all > 0;
}

/* Label and value of the voxel nearest to a point that far along the normal; false outside the image. */
static bool probe(const search_job *job, const rs_edge_point *p, double along_mm, uint8_t *label, double *hu)
{
    int32_t v[3];
    for (int a = 0; a < 3; a++) {
        v[a] = (int32_t)floor(p->index[a] + along_mm * p->normal[a] / job->g.spacing_mm[a] + 0.5);
        if (v[a] < 0 || v[a] >= job->g.n[a]) return false;
    }
    int64_t voxel = at(job, v[0], v[1], v[2]);
    *label = job->labels[voxel];
    *hu = hu_at(job, voxel);
    return true;
}

/* Lung inside, tissue outside, and the outside away from the mediastinum, whose borders beat with the heart. */
static bool is_wall(const search_job *job, const rs_edge_point *p)
{
    uint8_t label;
    double hu;
    if (!probe(job, p, -reach_mm, &label, &hu) || !job->searched[label] || hu > lung_most_hu) return false;
    if (!probe(job, p, 1.5, &label, &hu) || job->inside[label]) return false;
    if (!probe(job, p, reach_mm, &label, &hu) || job->inside[label]) return false;
    double outward = (p->index[0] - job->middle[0]) * job->g.spacing_mm[0] * p->normal[0] +
                     (p->index[1] - job->middle[1]) * job->g.spacing_mm[1] * p->normal[1];
    return outward > 0 || p->normal_k2 > 0.5;
}

static void tangents(const double n[3], double t[2][3])
{
    int least = fabs(n[0]) < fabs(n[1]) ? (fabs(n[0]) < fabs(n[2]) ? 0 : 2) : (fabs(n[1]) < fabs(n[2]) ? 1 : 2);
    double length = sqrt(1 - n[least] * n[least]);
    for (int a = 0; a < 3; a++)
        t[0][a] = ((a == least) - n[least] * n[a]) / length;
    for (int a = 0; a < 3; a++)
        t[1][a] = n[(a + 1) % 3] * t[0][(a + 2) % 3] - n[(a + 2) % 3] * t[0][(a + 1) % 3];
}

/* The original voxels within reach along the normal and a tube's radius of it, by the tangents t. */
static void gather(const search_job *job, const rs_edge_point *p, double t[2][3], rs_edge_samples *out)
{
    const double tube_mm = job->tube_mm;
    double steep_mm = fmax(steep_reach_slices * job->g.spacing_mm[2] - reach_mm, 0);
    double far_mm = reach_mm + steep_mm * fabs(p->normal[2]);
    int32_t low[3], high[3];
    out->n = 0;
    for (int a = 0; a < 3; a++) {
        double half = far_mm * fabs(p->normal[a]) + tube_mm * sqrt(fmax(1 - p->normal[a] * p->normal[a], 0));
        low[a] = (int32_t)ceil(p->index[a] - half / job->g.spacing_mm[a]);
        high[a] = (int32_t)floor(p->index[a] + half / job->g.spacing_mm[a]);
        if (low[a] < 0 || high[a] >= job->g.n[a]) return;
    }
    for (int32_t k = low[2]; k <= high[2]; k++) {
        for (int32_t j = low[1]; j <= high[1]; j++) {
            double y = (j - p->index[1]) * job->g.spacing_mm[1], z = (k - p->index[2]) * job->g.spacing_mm[2];
            for (int32_t i = low[0]; i <= high[0]; i++) {
                double x = (i - p->index[0]) * job->g.spacing_mm[0];
                double along = x * p->normal[0] + y * p->normal[1] + z * p->normal[2];
                if (fabs(along) > far_mm || x * x + y * y + z * z - along * along > tube_mm * tube_mm) continue;
                if (out->n == RS_EDGE_SAMPLES_MAX) return;
                out->items[out->n++] = (rs_edge_sample){
                    .along_mm = (float)along,
                    .across_mm = {(float)(x * t[0][0] + y * t[0][1] + z * t[0][2]),
                                  (float)(x * t[1][0] + y * t[1][1] + z * t[1][2])},
                    .hu = (float)hu_at(job, at(job, i, j, k)),
                };
            }
        }
    }
}

static bool is_good(const search_job *job, const rs_edge_point *p)
{
    double tissue = p->lung_hu + p->contrast_hu;
    return p->lung_hu > -1000 && p->lung_hu < -780 && tissue > -150 && tissue < 150 &&
           p->residual_hu < job->most_residual_hu && fabs(p->shift_mm) < most_shift_mm &&
           p->tilt[0] * p->tilt[0] + p->tilt[1] * p->tilt[1] < most_tilt * most_tilt;
}

/* Turns the normal to what the fit found, and takes the width along it. */
static void turn(rs_edge_point *p, double t[2][3])
{
    double square = 1 + p->tilt[0] * p->tilt[0] + p->tilt[1] * p->tilt[1], length = sqrt(square);
    for (int a = 0; a < 3; a++)
        p->normal[a] = (p->normal[a] - p->tilt[0] * t[0][a] - p->tilt[1] * t[1][a]) / length;
    p->normal_k2 = p->normal[2] * p->normal[2];
    p->variance_mm2 /= square;
}

static void measure_point(const search_job *job, rs_edge_point *p)
{
    double slope[3], t[2][3];
    rs_edge_samples samples;
    if (!gradient(job, p->index, slope)) return;
    double length = sqrt(slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]);
    if (length < least_slope_hu_mm) return;
    for (int a = 0; a < 3; a++)
        p->normal[a] = slope[a] / length;
    p->normal_k2 = p->normal[2] * p->normal[2];
    if (!is_wall(job, p)) return;
    tangents(p->normal, t);
    gather(job, p, t, &samples);
    if (samples.n < LEAST_SAMPLES || !rs_edge_fit(&job->table, &samples, p)) return;
    p->good = is_good(job, p);
    turn(p, t);
}

static rs_status measure_chunk(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const search_job *job = arg;
    (void)ctx;
    (void)worker;
    for (int n = (int)item * CHUNK; n < job->n_points && n < (int)(item + 1) * CHUNK; n++)
        measure_point(job, &job->points[n]);
    return RS_OK;
}

static int32_t steps(double step_mm, double spacing_mm)
{
    int32_t n = (int32_t)(step_mm / spacing_mm + 0.5);
    return n < 1 ? 1 : n;
}

static bool prepare(search_job *job, const rs_edge_request *request)
{
    *job = (search_job){.request = request,
                        .voxels = request->volume->voxels,
                        .labels = request->regions->labels,
                        .g = request->volume->geometry};
    rs_regions_search_table(request->regions, job->searched);
    memcpy(job->inside, job->searched, sizeof job->inside);
    for (int r = 0; r < request->regions->n; r++)
        if (request->regions->region[r].role == RS_ROLE_AIRWAY) job->inside[r + 1] = 1;
    if (!rs_regions_search_box(request->regions, job->begin, job->end)) return false;
    for (int a = 0; a < 3; a++) {
        job->step[a] = steps(a < 2 ? line_step_mm : slice_step_mm, job->g.spacing_mm[a]);
        job->wide[a] = fmax(gradient_sigma_mm, 0.6 * job->g.spacing_mm[a]);
        if (a == 2) continue;
        job->middle[a] = 0.5 * (job->begin[a] + job->end[a] - 1);
        job->k_step[a] = steps(k_line_step_mm, job->g.spacing_mm[a]);
    }
    job->n_in_plane = (job->end[2] - job->begin[2] + job->step[2] - 1) / job->step[2];
    job->n_along_k = (job->end[1] - job->begin[1] + job->k_step[1] - 1) / job->k_step[1];
    double mm3 = job->g.spacing_mm[0] * job->g.spacing_mm[1] * job->g.spacing_mm[2];
    double mm2 = mm3 / (2 * reach_mm * M_PI); /* of the tube's section, a sample */
    job->tube_mm = fmin(fmax(sqrt(wanted_samples * mm2), least_tube_mm), most_tube_mm);
    job->tube_mm = fmin(job->tube_mm, sqrt(most_samples * mm2)); /* small voxels: the tube must not be cut short */
    job->most_residual_hu = request->params->quality_residual_hu;
    if (1.5 * request->noise_hu > job->most_residual_hu) job->most_residual_hu = 1.5 * request->noise_hu;
    rs_step_table_make(&job->table);
    return true;
}

/* Places in order of their items, thinned evenly. */
static rs_status take_places(rs_context *ctx, search_job *job, rs_arena *arena)
{
    int64_t total = 0, items = job->n_in_plane + job->n_along_k, seen = 0;
    for (int64_t n = 0; n < items; n++)
        total += job->n_places[n];
    int64_t every = (total + MOST_PLACES - 1) / MOST_PLACES;
    if (every < 1) every = 1;
    job->points = RS_ARENA_NEW(arena, rs_edge_point, (total + every - 1) / every);
    if (!job->points) return rs_fail_memory(ctx, "the edge of the lung");
    for (int64_t n = 0; n < items; n++) {
        for (int p = 0; p < job->n_places[n]; p++) {
            if (seen++ % every != 0) continue;
            rs_edge_point *point = &job->points[job->n_points++];
            for (int a = 0; a < 3; a++)
                point->index[a] = (double)job->places[n * PLACES_PER_ITEM + p].index[a];
        }
    }
    return RS_OK;
}

rs_status rs_edges_find(rs_context *ctx, const rs_edge_request *request, rs_arena *arena, rs_edges *out)
{
    search_job job;
    *out = (rs_edges){0};
    if (!prepare(&job, request)) return RS_OK;
    int64_t items = job.n_in_plane + job.n_along_k;
    job.places = RS_ARENA_RAW(arena, place, items * PLACES_PER_ITEM);
    job.n_places = RS_ARENA_NEW(arena, int, items);
    if (!job.places || !job.n_places) return rs_fail_memory(ctx, "the edge of the lung");
    RS_TRY(rs_parallel_for(ctx, items, walk_item, &job));
    RS_TRY(take_places(ctx, &job, arena));
    RS_TRY(rs_parallel_for(ctx, (job.n_points + CHUNK - 1) / CHUNK, measure_chunk, &job));
    *out = (rs_edges){.points = job.points, .n = job.n_points};
    for (int n = 0; n < out->n; n++)
        out->n_good += out->points[n].good;
    return RS_OK;
}
