/* The networks over rays: every layer is the kernel dense, whose rows are the rays. */
#include "ray_network.h"

#include <math.h>
#include <string.h>

#include "restage/kernels.h"
#include "restage/kernels/dense.h"
#include "scales.h"

static int whole_lanes(int n)
{
    return (n + RS_DENSE_LANES - 1) / RS_DENSE_LANES * RS_DENSE_LANES;
}

int rs_network_weights(const rs_network_shape *s)
{
    int k = s->channels, features = k * (s->degrees + 2) + 2;
    return k * (RS_RAY_STEPS + 1) + s->deep * k * (2 * k + 1) + s->hidden * (features + 1) +
           RS_NETWORK_LAST * (s->hidden + 1) + RS_NETWORK_LAST + 1;
}

/* ---- making ---- */

/* Real spherical harmonics of degree 1 to 4 with a mean square of 1 over the sphere (products of the Cartesian form).
 */
static int harmonics_at(const double u[3], int degrees, double out[24])
{
    double x = u[0], y = u[1], z = u[2], xx = x * x, yy = y * y, zz = z * z;
    const double all[24] = {
        sqrt(3) * y,
        sqrt(3) * z,
        sqrt(3) * x,
        sqrt(15) * x * y,
        sqrt(15) * y * z,
        sqrt(5) / 2 * (3 * zz - 1),
        sqrt(15) * x * z,
        sqrt(15) / 2 * (xx - yy),
        sqrt(35.0 / 8) * y * (3 * xx - yy),
        sqrt(105) * x * y * z,
        sqrt(21.0 / 8) * y * (5 * zz - 1),
        sqrt(7) / 2 * z * (5 * zz - 3),
        sqrt(21.0 / 8) * x * (5 * zz - 1),
        sqrt(105) / 2 * z * (xx - yy),
        sqrt(35.0 / 8) * x * (xx - 3 * yy),
        sqrt(315) / 2 * x * y * (xx - yy),
        sqrt(315.0 / 8) * y * z * (3 * xx - yy),
        sqrt(45) / 2 * x * y * (7 * zz - 1),
        sqrt(45.0 / 8) * y * z * (7 * zz - 3),
        3.0 / 8 * (35 * zz * zz - 30 * zz + 3),
        sqrt(45.0 / 8) * x * z * (7 * zz - 3),
        sqrt(45) / 4 * (xx - yy) * (7 * zz - 1),
        sqrt(315.0 / 8) * x * z * (xx - 3 * yy),
        sqrt(315) / 8 * (xx * (xx - 3 * yy) - yy * (3 * xx - yy)),
    };
    int n = degrees * (degrees + 2);
    memcpy(out, all, (size_t)n * sizeof *out);
    return n;
}

static void make_harmonics(const rs_directions *d, int degrees, float *out)
{
    double at[24];
    for (int r = 0; r < d->n; r++) {
        int n = harmonics_at(d->unit[r], degrees, at);
        out[r] = 1 / (float)d->n;
        for (int h = 0; h < n; h++)
            out[(h + 1) * d->n + r] = (float)at[h] / (float)d->n;
    }
}

/* By largest dot product; equal ones by lower index. */
static void find_nearest(const rs_directions *d, int ray, int out[RS_NETWORK_NEAREST])
{
    bool taken[RS_RAYS_FULL] = {false};
    taken[ray] = true;
    for (int n = 0; n < RS_NETWORK_NEAREST; n++) {
        double best = -INFINITY;
        for (int o = 0; o < d->n; o++) {
            const double *u = d->unit[ray], *v = d->unit[o];
            double cosine = rs_steady(u[0] * v[0] + u[1] * v[1] + u[2] * v[2]);
            if (taken[o] || cosine <= best) continue;
            best = cosine;
            out[n] = o;
        }
        taken[out[n]] = true;
    }
}

/* Rows of one output each become columns; the biases follow as one row more. */
static const float *turned(rs_arena *arena, const float **weights, int outputs, int inputs)
{
    int wide = whole_lanes(outputs);
    float *out = RS_ARENA_NEW(arena, float, (int64_t)wide *(inputs + 1));
    if (!out) return NULL;
    for (int o = 0; o < outputs; o++)
        for (int i = 0; i < inputs; i++)
            out[i * wide + o] = (*weights)[o * inputs + i];
    *weights += outputs * inputs;
    memcpy(out + (int64_t)inputs * wide, *weights, (size_t)outputs * sizeof *out);
    *weights += outputs;
    return out;
}

rs_status rs_network_make(rs_context *ctx, const rs_network_shape *shape, const float *weights,
                          const double spacing_mm[3], rs_arena *arena, const rs_network **out)
{
    rs_network *net = RS_ARENA_NEW(arena, rs_network, 1);
    rs_directions *directions = RS_ARENA_NEW(arena, rs_directions, 1);
    if (!net || !directions) return rs_fail_memory(ctx, "the ranker");
    int k = shape->channels;
    net->shape = *shape;
    net->wide = whole_lanes(k);
    net->wide_hidden = whole_lanes(shape->hidden);
    net->n_harmonics = 1 + shape->degrees * (shape->degrees + 2);
    rs_ray_fan_make(shape->rays, spacing_mm, &net->fan);
    rs_directions_make(shape->rays, directions);
    bool whole = true;
    whole &= (net->first = turned(arena, &weights, k, RS_RAY_STEPS)) != NULL;
    for (int d = 0; d < shape->deep; d++)
        whole &= (net->deep[d] = turned(arena, &weights, k, 2 * k)) != NULL;
    whole &= (net->hidden = turned(arena, &weights, shape->hidden, k * (shape->degrees + 2) + 2)) != NULL;
    whole &= (net->last = turned(arena, &weights, RS_NETWORK_LAST, shape->hidden)) != NULL;
    whole &= (net->logit = rs_arena_copy(arena, weights, RS_NETWORK_LAST + 1, sizeof *weights)) != NULL;
    float *harmonic = RS_ARENA_RAW(arena, float, net->n_harmonics * shape->rays);
    if (!whole || !harmonic) return rs_fail_memory(ctx, "the ranker");
    make_harmonics(directions, shape->degrees, harmonic);
    net->harmonic = harmonic;
    for (int r = 0; r < shape->rays; r++)
        find_nearest(directions, r, net->nearest[r]);
    *out = net;
    return RS_OK;
}

/* ---- working ---- */

/* Every ray's own channels, and the mean of those of its nearest rays, side by side. */
static void join_nearest(const rs_network *net, const float *h, float *out)
{
    int k = net->shape.channels, wide = net->wide;
    for (int r = 0; r < net->shape.rays; r++, out += 2 * k) {
        const int *nearest = net->nearest[r];
        memcpy(out, h + (int64_t)r * wide, (size_t)k * sizeof *out);
        for (int c = 0; c < k; c++) {
            float sum = h[nearest[0] * wide + c];
            for (int n = 1; n < RS_NETWORK_NEAREST; n++)
                sum += h[nearest[n] * wide + c];
            out[k + c] = sum / (float)RS_NETWORK_NEAREST;
        }
    }
}

/* Mean, power of each degree and maximum of every channel, then the scalars. */
static rs_status pool(rs_context *ctx, const rs_network *net, const float *h, float *moments, const float scalars[2],
                      float *out)
{
    int k = net->shape.channels, wide = net->wide, row = 1;
    const rs_dense_args sums = {.x = net->harmonic,
                                .weight = h,
                                .out = moments,
                                .rows = net->n_harmonics,
                                .inputs = net->shape.rays,
                                .x_stride = net->shape.rays,
                                .outputs = wide};
    RS_TRY(rs_context_kernels(ctx)->dense(ctx, &sums));
    memcpy(out, moments, (size_t)k * sizeof *out);
    out += k;
    for (int l = 1; l <= net->shape.degrees; row += 2 * l + 1, l++, out += k)
        for (int c = 0; c < k; c++) {
            float square = 0;
            for (int m = row; m < row + 2 * l + 1; m++)
                square += moments[m * wide + c] * moments[m * wide + c];
            out[c] = sqrtf(square + 1e-5F);
        }
    memcpy(out, h, (size_t)k * sizeof *out);
    for (int r = 1; r < net->shape.rays; r++)
        for (int c = 0; c < k; c++)
            out[c] = h[r * wide + c] > out[c] ? h[r * wide + c] : out[c];
    out[k] = scalars[0];
    out[k + 1] = scalars[1];
    return RS_OK;
}

/* What a candidate needs besides its table; each part begins on a lane. */
typedef struct parts {
    size_t x, h, joined, moments, features, hidden, last, all;
} parts;

static parts parts_of(const rs_network *net)
{
    size_t rays = (size_t)net->shape.rays, wide = (size_t)net->wide;
    parts p = {0};
    p.h = rays * RS_RAY_STEPS;
    p.joined = p.h + rays * wide;
    p.moments = p.joined + rays * 2 * wide;
    p.features = p.moments + (size_t)net->n_harmonics * wide;
    p.hidden = p.features + (size_t)whole_lanes(net->shape.channels * (net->shape.degrees + 2) + 2);
    p.last = p.hidden + (size_t)net->wide_hidden;
    p.all = p.last + RS_NETWORK_LAST;
    return p;
}

size_t rs_network_scratch(const rs_network *network)
{
    return parts_of(network).all;
}

static rs_status head(rs_context *ctx, const rs_network *net, const float *features, float *hidden, float *last,
                      float *logit)
{
    int inputs = net->shape.channels * (net->shape.degrees + 2) + 2;
    const rs_dense_args a = {.x = features,
                             .weight = net->hidden,
                             .bias = net->hidden + (int64_t)inputs * net->wide_hidden,
                             .out = hidden,
                             .rows = 1,
                             .inputs = inputs,
                             .outputs = net->wide_hidden,
                             .relu = true};
    const rs_dense_args b = {.x = hidden,
                             .weight = net->last,
                             .bias = net->last + (int64_t)net->shape.hidden * RS_NETWORK_LAST,
                             .out = last,
                             .rows = 1,
                             .inputs = net->shape.hidden,
                             .outputs = RS_NETWORK_LAST,
                             .relu = true};
    RS_TRY(rs_context_kernels(ctx)->dense(ctx, &a));
    RS_TRY(rs_context_kernels(ctx)->dense(ctx, &b));
    float sum = net->logit[RS_NETWORK_LAST];
    for (int n = 0; n < RS_NETWORK_LAST; n++)
        sum += net->logit[n] * last[n];
    *logit = sum;
    return RS_OK;
}

rs_status rs_network_logit(rs_context *ctx, const rs_network *net, const float *hu, const float scalars[2],
                           float *scratch, float *logit)
{
    const parts at = parts_of(net);
    float *x = scratch + at.x, *h = scratch + at.h, *joined = scratch + at.joined;
    int k = net->shape.channels, values = net->shape.rays * RS_RAY_STEPS;
    for (int v = 0; v < values; v++)
        x[v] = (hu[v] + 850) / 300;
    rs_dense_args layer = {.x = x,
                           .weight = net->first,
                           .bias = net->first + RS_RAY_STEPS * net->wide,
                           .out = h,
                           .rows = net->shape.rays,
                           .inputs = RS_RAY_STEPS,
                           .x_stride = RS_RAY_STEPS,
                           .outputs = net->wide,
                           .relu = true};
    RS_TRY(rs_context_kernels(ctx)->dense(ctx, &layer));
    for (int d = 0; d < net->shape.deep; d++) {
        join_nearest(net, h, joined);
        layer.x = joined;
        layer.weight = net->deep[d];
        layer.bias = net->deep[d] + (int64_t)2 * k * net->wide;
        layer.inputs = 2 * k;
        layer.x_stride = 2 * k;
        RS_TRY(rs_context_kernels(ctx)->dense(ctx, &layer));
    }
    RS_TRY(pool(ctx, net, h, scratch + at.moments, scalars, scratch + at.features));
    return head(ctx, net, scratch + at.features, scratch + at.hidden, scratch + at.last, logit);
}
