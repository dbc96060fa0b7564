/* Padding of CT slices: what the header declares, and the outside of the circle where it does not. */
#include "padding.h"

#include <math.h>

#define AIR_HU (-1024.0) /* what padding and the outside of the circle become */
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

/* The value that fills at least two corners below -1024 HU: the outside of the circle, which many scanners do not
   declare (field reports R02; science B2). A near-lossless codec blurs it: far below air everything goes that is not
   above it. */
static void add_corners(convert_args *a, int32_t columns, int32_t rows)
{
    const int64_t corner[4] = {0, columns - 1, (int64_t)columns * (rows - 1), (int64_t)columns * rows - 1};
    int32_t stored[4];
    for (int i = 0; i < 4; i++)
        stored[i] = convert_stored(&a->pixels, corner[i]);
    for (int i = 0; i < 3; i++) {
        int n_near = 0;
        const double hu = a->slope * stored[i] + a->offset;
        for (int l = 0; l < 4; l++)
            n_near +=
                hu < FAR_BELOW_AIR_HU ? a->slope * stored[l] + a->offset < FAR_BELOW_AIR_HU : stored[l] == stored[i];
        if (n_near < 2 || hu >= AIR_HU) continue;
        if (hu >= FAR_BELOW_AIR_HU)
            add_padding(a, stored[i], stored[i]);
        else if (a->slope > 0)
            add_padding(a, INT16_MIN, (int32_t)floor((hu + BLUR_HU - a->offset) / a->slope));
        return;
    }
}

bool padding_find(const rs_volume *volume, const rs_dicom_image *image, int32_t columns, int32_t rows, convert_args *a)
{
    bool ignored = false;
    a->padding_voxel = rs_volume_stored(volume, AIR_HU);
    /* Padding of floating point has attributes of its own, a lookup table says itself what is air. */
    if (convert_is_wide(&a->pixels) || a->lookup) return false;
    if (image->has_padding) {
        const int32_t limit = image->has_padding_limit ? image->padding_range_limit : image->padding_value;
        const double hu = a->slope * image->padding_value + a->offset;
        ignored = hu >= PADDING_BELOW_HU && hu <= PADDING_ABOVE_HU;
        if (!ignored) add_padding(a, image->padding_value, limit);
    }
    add_corners(a, columns, rows);
    return ignored;
}
