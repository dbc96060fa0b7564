/* Rays by direction without an angle: sines of multiples are powers of the direction as a complex number. And metal. */
#include "streaks.h"

enum { QUARTER = RS_PHANTOM_RAYS / 4 };

/* The direction of an entry: on the square, counted from +x by +y. */
static void direction_of(int entry, double out[2])
{
    int quarter = entry / QUARTER;
    double t = (double)(entry % QUARTER) / QUARTER, a = 1.0 - t, b = t;
    const double x[4] = {a, -b, -a, b}, y[4] = {b, a, -b, -a};
    double size = sqrt(a * a + b * b);
    out[0] = x[quarter & 3] / size;
    out[1] = y[quarter & 3] / size;
}

void rs_phantom_rays_draw(rs_phantom_random *random, int low, int high, rs_phantom_rays *out)
{
    enum { ORDERS_MAX = 64 };
    double weight[ORDERS_MAX][2];
    double square = 1e-12;
    if (high > low + ORDERS_MAX - 1) high = low + ORDERS_MAX - 1;
    for (int k = low; k <= high; k++) {
        weight[k - low][0] = rs_phantom_uniform(random, -1.0, 1.0);
        weight[k - low][1] = rs_phantom_uniform(random, -1.0, 1.0);
    }
    for (int n = 0; n < RS_PHANTOM_RAYS; n++) {
        double d[2], re = 1.0, im = 0.0, sum = 0.0;
        direction_of(n, d);
        for (int k = 1; k <= high; k++) {
            double next = re * d[0] - im * d[1];
            im = re * d[1] + im * d[0];
            re = next;
            if (k >= low) sum += weight[k - low][0] * re + weight[k - low][1] * im;
        }
        out->value[n] = (float)sum;
        square += sum * sum / RS_PHANTOM_RAYS;
    }
    /* Cut at 1.6 SD, so that every direction has its share. */
    const float scale = (float)(1.0 / (1.6 * sqrt(square)));
    for (int n = 0; n < RS_PHANTOM_RAYS; n++) {
        float v = out->value[n] * scale;
        out->value[n] = v > 1.0f ? 1.0f : (v < -1.0f ? -1.0f : v);
    }
    out->value[RS_PHANTOM_RAYS] = out->value[0];
}

static float ray_at(const rs_phantom_rays *rays, float x, float y)
{
    float t = fabsf(y) / (fabsf(x) + fabsf(y) + 1e-6f);
    if (x < 0.0f) t = 2.0f - t;
    if (y < 0.0f) t = 4.0f - t;
    t *= (float)QUARTER;
    int n = (int)t;
    n = n < 0 ? 0 : (n >= RS_PHANTOM_RAYS ? RS_PHANTOM_RAYS - 1 : n);
    return rays->value[n] + (t - (float)n) * (rays->value[n + 1] - rays->value[n]);
}

void rs_phantom_fan_add(const rs_phantom_scan *scan, const rs_phantom_fan *fan, float *hu)
{
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, fan->x - fan->reach_mm, fan->x + fan->reach_mm,
                                                 fan->y - fan->reach_mm, fan->y + fan->reach_mm);
    const float core = (float)fan->core_mm, reach = (float)fan->reach_mm, top = (float)fan->hu * core;
    for (int32_t j = box.j0; j < box.j1; j++) {
        const float y = (float)(rs_phantom_y(scan, j) - fan->y);
        float *line = hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const float x = (float)(rs_phantom_x(scan, i) - fan->x), square = x * x + y * y;
            if (square >= reach * reach) continue;
            const float r = sqrtf(square), over = r > core ? r : core;
            line[i] += top / over * (1.0f - r / reach) * ray_at(fan->rays, x, y);
        }
    }
}

double rs_phantom_slice_share(const rs_phantom_scan *scan, int32_t slice, double y, const double range[2])
{
    double z = rs_phantom_z(scan, slice, y), share = 0.0;
    for (int n = -scan->reach; n <= scan->reach; n++) {
        double at = z + n * scan->sub_mm;
        double begin = at - 0.5 * scan->sub_mm, end = at + 0.5 * scan->sub_mm;
        double cut = (end < range[1] ? end : range[1]) - (begin > range[0] ? begin : range[0]);
        if (cut > 0.0) share += (double)scan->profile[n + scan->reach] * cut / scan->sub_mm;
    }
    return share;
}

/* Distance from a point to the axis. */
static double axis_distance(const rs_phantom_rod *rod, const double p[3])
{
    double along = 0.0, length = 1e-9, square = 0.0;
    for (int c = 0; c < 3; c++) {
        along += (rod->b[c] - rod->a[c]) * (p[c] - rod->a[c]);
        length += (rod->b[c] - rod->a[c]) * (rod->b[c] - rod->a[c]);
    }
    along /= length;
    along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
    for (int c = 0; c < 3; c++) {
        double e = p[c] - rod->a[c] - along * (rod->b[c] - rod->a[c]);
        square += e * e;
    }
    return sqrt(square);
}

void rs_phantom_rod_paint(rs_phantom_plane *plane, const rs_phantom_rod *rod)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm, wide = h > scan->sub_mm ? h : scan->sub_mm;
    /* Thinner ones are drawn as wide as the grid resolves, and paler by the area that this adds. */
    const double radius = rod->radius_mm > 0.6 * wide ? rod->radius_mm : 0.6 * wide;
    const float pale = (float)(rod->radius_mm * rod->radius_mm / (radius * radius));
    double low[3], high[3];
    for (int c = 0; c < 3; c++) {
        low[c] = (rod->a[c] < rod->b[c] ? rod->a[c] : rod->b[c]) - radius - h;
        high[c] = (rod->a[c] < rod->b[c] ? rod->b[c] : rod->a[c]) + radius + h;
    }
    if (plane->z < low[2] || plane->z > high[2]) return;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, low[0], high[0], low[1], high[1]);
    for (int32_t j = box.j0; j < box.j1; j++) {
        float *row = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const double p[3] = {rs_phantom_x(scan, i), rs_phantom_y(scan, j), plane->z};
            row[i] += (rod->hu - row[i]) * pale * rs_phantom_cover(axis_distance(rod, p) - radius, h);
        }
    }
}
