/* The voxels around a mark as HU, with what was searched of them; and quantiles. */
#include <math.h>
#include <string.h>

#include "room.h"

static void set_box(const rs_crop_request *request, rs_crop *crop)
{
    const rs_geometry *g = &request->volume->geometry;
    /* Missing slices end what was seen as the image does (contract 6: truncated). */
    rs_unseen seen = {0, g->n[2]};
    if (request->regions->n_unseen) seen = rs_regions_seen_around(request->regions, (int32_t)lround(request->index[2]));
    for (int a = 0; a < 3; a++) {
        const double first = a == 2 ? seen.begin : 0, end = a == 2 ? seen.end : g->n[a];
        double centre = request->index[a], reach = request->reach_mm[a] / g->spacing_mm[a];
        double low = floor(centre - reach), high = ceil(centre + reach) + 1.0;
        low = fmin(fmax(low, first), end - 1.0);
        high = fmax(fmin(high, end), low + 1.0);
        crop->begin[a] = (int32_t)low;
        crop->n[a] = (int32_t)(high - low);
        crop->spacing_mm[a] = g->spacing_mm[a];
        crop->at_image[a][0] = crop->begin[a] == (int32_t)first;
        crop->at_image[a][1] = crop->begin[a] + crop->n[a] == (int32_t)end;
    }
    crop->count = (int64_t)crop->n[0] * crop->n[1] * crop->n[2];
}

static void set_searched(const rs_regions *regions, rs_crop *crop)
{
    uint8_t table[256];
    rs_regions_search_table(regions, table);
    if (!regions->labels) { /* no organ was found: a person pointed here */
        memset(crop->searched, 0, (size_t)crop->count);
        return;
    }
    const int32_t *n = regions->geometry.n, *b = crop->begin;
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++) {
            const uint8_t *from = regions->labels + ((int64_t)(b[2] + k) * n[1] + b[1] + j) * n[0] + b[0];
            uint8_t *to = crop->searched + rs_crop_at(crop, 0, j, k);
            for (int32_t i = 0; i < crop->n[0]; i++)
                to[i] = table[from[i]];
        }
}

rs_status rs_crop_take(rs_context *ctx, const rs_crop_request *request, rs_arena *arena, rs_crop *out)
{
    set_box(request, out);
    out->hu = RS_ARENA_RAW(arena, float, out->count);
    out->searched = RS_ARENA_RAW(arena, uint8_t, out->count);
    if (!out->hu || !out->searched) return rs_fail_memory(ctx, "the surroundings of a mark");
    int32_t end[3];
    for (int a = 0; a < 3; a++)
        end[a] = out->begin[a] + out->n[a];
    rs_volume_box(request->volume, out->begin, end, -1e6F, 1e6F, out->hu);
    set_searched(request->regions, out);
    return RS_OK;
}

/* Hoare's selection: the value does not depend on the order of equal ones. */
static float select_rank(float *v, int64_t n, int64_t rank)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        float pivot = v[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i > j) break;
            float swap = v[i];
            v[i++] = v[j];
            v[j--] = swap;
        }
        if (rank <= j)
            high = j;
        else if (rank >= i)
            low = i;
        else
            break;
    }
    return v[rank];
}

double rs_quantile(float *values, int64_t n, double q)
{
    if (n <= 0) return NAN;
    int64_t rank = (int64_t)floor(q * (double)(n - 1) + 0.5);
    return (double)select_rank(values, n, rank);
}

bool rs_crop_is_searched(const rs_crop *crop, const double at_mm[3])
{
    int32_t v[3];
    for (int a = 0; a < 3; a++) {
        v[a] = (int32_t)floor(at_mm[a] / crop->spacing_mm[a] + 0.5);
        v[a] = v[a] < 0 ? 0 : v[a] >= crop->n[a] ? crop->n[a] - 1 : v[a];
    }
    return crop->searched[rs_crop_at(crop, v[0], v[1], v[2])];
}
