/* Padding of CT slices: what the header declares, and the outside of the circle where it does not. */
#include "padding.h"

#include <math.h>

/* Stored values between these are image, whatever PixelPaddingValue says. */
#define PADDING_BELOW_HU (-900.0)
#define PADDING_ABOVE_HU 3500.0
#define FAR_BELOW_AIR_HU (-1500.0) /* no tissue, no noise */
#define BLUR_HU 64.0

static void add_padding(convert_args *a, int32_t low, int32_t high)
{
    a->padding_low[a->n_paddings] = low < high ? low : high;
    a->padding_high[a->n_paddings] = low < high ? high : low;
    a->n_paddings++;
}

bool padding_corners(const int32_t stored[4], double slope, double offset, int32_t *low, int32_t *high)
{
    for (int i = 0; i < 3; i++) {
        int n_near = 0;
        const double hu = slope * stored[i] + offset;
        for (int l = 0; l < 4; l++)
            n_near += hu < FAR_BELOW_AIR_HU ? slope * stored[l] + offset < FAR_BELOW_AIR_HU : stored[l] == stored[i];
        if (n_near < 2 || hu >= PADDING_AIR_HU) continue;
        *low = *high = stored[i];
        if (hu >= FAR_BELOW_AIR_HU) return true;
        if (!(slope > 0)) return false;
        *low = INT16_MIN;
        *high = (int32_t)fmin(floor((hu + BLUR_HU - offset) / slope), INT32_MAX);
        return true;
    }
    return false;
}

static void add_corners(convert_args *a, int32_t columns, int32_t rows)
{
    const int64_t corner[4] = {0, columns - 1, (int64_t)columns * (rows - 1), (int64_t)columns * rows - 1};
    int32_t stored[4], low, high;
    for (int i = 0; i < 4; i++)
        stored[i] = convert_stored(&a->pixels, corner[i]);
    if (padding_corners(stored, a->slope, a->offset, &low, &high)) add_padding(a, low, high);
}

bool padding_find(const rs_volume *volume, const rs_dicom_image *image, int32_t columns, int32_t rows, convert_args *a)
{
    bool ignored = false;
    a->padding_voxel = rs_volume_stored(volume, PADDING_AIR_HU);
    /* Padding of floating point has attributes of its own, a lookup table says itself what is air. */
    if (a->pixels.number != RS_DICOM_WHOLE || a->lookup) return false;
    if (image->has_padding) {
        const int32_t limit = image->has_padding_limit ? image->padding_range_limit : image->padding_value;
        const double hu = a->slope * image->padding_value + a->offset;
        ignored = hu >= PADDING_BELOW_HU && hu <= PADDING_ABOVE_HU;
        if (!ignored) add_padding(a, image->padding_value, limit);
    }
    if (!convert_is_wide(&a->pixels)) add_corners(a, columns, rows);
    return ignored;
}
