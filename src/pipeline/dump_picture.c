/* Three planes beside each other, axial, coronal, sagittal by the volume's own axes, through the middle of what is
   searched: pixels of one size in all three, lung window, regions tinted, rings on top. Nearest voxels: what is shown
   is what is there. */
#include "dump.h"

#include <math.h>
#include <string.h>

enum { GAP = 4, LARGEST = 640 };

#define WINDOW_LOW_HU (-1350.0)
#define WINDOW_HIGH_HU 150.0
#define TINT 0.30
#define NEAR_MM 8.0 /* of a plane: rings further away are dim */

typedef struct plane {
    const rs_dump_planes *planes;
    rs_picture *picture;
    int across, down; /* axes of the volume along the picture's columns and rows */
    bool up;          /* rows run against the axis: the head, or the highest slice, on top */
    int32_t at[3];    /* the voxel that the plane goes through */
    int left, width, height;
    double mm;
} plane;

/* Colours of regions by label, told apart on grey. */
static const uint8_t colours[][3] = {{80, 160, 255}, {255, 120, 60}, {120, 220, 90}, {230, 90, 220},
                                     {250, 220, 70}, {90, 220, 220}, {200, 150, 110}};

static void find_middle(const rs_dump_planes *planes, int32_t at[3])
{
    int32_t begin[3] = {0, 0, 0}, end[3];
    memcpy(end, planes->volume->geometry.n, sizeof end);
    (void)rs_regions_search_box(planes->regions, begin, end);
    for (int a = 0; a < 3; a++)
        at[a] = (begin[a] + end[a] - 1) / 2;
    /* Between two lungs there is nothing to see: the sagittal plane goes through the larger region. */
    const rs_region *largest = NULL;
    for (int r = 0; r < planes->regions->n; r++) {
        const rs_region *region = &planes->regions->region[r];
        if (region->role != RS_ROLE_SEARCH || region->end[0] <= region->begin[0]) continue;
        if (!largest || region->searched_ml > largest->searched_ml) largest = region;
    }
    if (largest) at[0] = (largest->begin[0] + largest->end[0] - 1) / 2;
}

static double extent_mm(const rs_volume *volume, int axis)
{
    return volume->geometry.n[axis] * volume->geometry.spacing_mm[axis];
}

static uint8_t grey_of(double hu)
{
    double share = (hu - WINDOW_LOW_HU) / (WINDOW_HIGH_HU - WINDOW_LOW_HU);
    return (uint8_t)(255.0 * fmin(fmax(share, 0.0), 1.0) + 0.5);
}

static uint8_t *pixel_at(const plane *p, int x, int y)
{
    return p->picture->pixels + 3 * ((size_t)y * (size_t)p->picture->width + (size_t)(p->left + x));
}

static int32_t voxel_of(const plane *p, int pixel, int axis)
{
    int32_t v = (int32_t)floor((pixel + 0.5) * p->mm / p->planes->volume->geometry.spacing_mm[axis]);
    int32_t n = p->planes->volume->geometry.n[axis];
    return v < n ? v : n - 1;
}

static void paint_plane(const plane *p)
{
    const rs_dump_planes *planes = p->planes;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            int32_t at[3] = {p->at[0], p->at[1], p->at[2]};
            at[p->across] = voxel_of(p, x, p->across);
            at[p->down] = voxel_of(p, p->up ? p->height - 1 - y : y, p->down);
            uint8_t grey = grey_of(rs_volume_value(planes->volume, at[0], at[1], at[2]));
            int region = planes->tint ? rs_regions_at(planes->regions, at[0], at[1], at[2]) : -1;
            bool tinted = region >= 0 && planes->regions->region[region].role != RS_ROLE_BODY;
            const uint8_t *colour = colours[region >= 0 ? (size_t)region % (sizeof colours / sizeof colours[0]) : 0];
            uint8_t *pixel = pixel_at(p, x, y);
            for (int c = 0; c < 3; c++)
                pixel[c] = tinted ? (uint8_t)((1.0 - TINT) * grey + TINT * colour[c]) : grey;
        }
}

/* Pixels whose centre lies within half a pixel of the circle. */
static void draw_ring(const plane *p, const rs_dump_ring *ring)
{
    const double *spacing_mm = p->planes->volume->geometry.spacing_mm;
    int normal = 3 - p->across - p->down;
    bool near = fabs(ring->index[normal] - p->at[normal]) * spacing_mm[normal] <= NEAR_MM;
    double x0 = (ring->index[p->across] + 0.5) * spacing_mm[p->across] / p->mm;
    double y0 = (ring->index[p->down] + 0.5) * spacing_mm[p->down] / p->mm, r = ring->radius_mm / p->mm;
    if (p->up) y0 = p->height - y0;
    int first = (int)floor(y0 - r - 1.0), last = (int)ceil(y0 + r + 1.0);
    for (int y = first < 0 ? 0 : first; y <= last && y < p->height; y++)
        for (int x = (int)fmax(floor(x0 - r - 1.0), 0.0); x <= x0 + r + 1.0 && x < p->width; x++) {
            double dx = x + 0.5 - x0, dy = y + 0.5 - y0;
            if (fabs(sqrt(dx * dx + dy * dy) - r) > 0.7) continue;
            uint8_t *pixel = pixel_at(p, x, y);
            for (int c = 0; c < 3; c++)
                pixel[c] = near ? ring->colour[c] : (uint8_t)((pixel[c] + ring->colour[c]) / 2);
        }
}

/* Sizes and places of the three planes; the picture's own size. */
static void lay_out(const rs_dump_planes *planes, plane three[3], rs_picture *picture)
{
    static const int across[3] = {0, 0, 1}, down[3] = {1, 2, 2};
    const rs_volume *volume = planes->volume;
    const double *spacing_mm = volume->geometry.spacing_mm;
    double largest_mm = fmax(fmax(extent_mm(volume, 0), extent_mm(volume, 1)), extent_mm(volume, 2));
    double mm = fmax(fmin(fmin(spacing_mm[0], spacing_mm[1]), spacing_mm[2]), largest_mm / LARGEST);
    int left = 0;
    for (int n = 0; n < 3; n++) {
        plane *p = &three[n];
        *p = (plane){.planes = planes, .picture = picture, .across = across[n], .down = down[n], .left = left};
        p->mm = mm;
        p->up = n > 0;
        p->width = (int)fmax(floor(extent_mm(volume, p->across) / mm), 1.0);
        p->height = (int)fmax(floor(extent_mm(volume, p->down) / mm), 1.0);
        find_middle(planes, p->at);
        left += p->width + GAP;
        picture->height = p->height > picture->height ? p->height : picture->height;
    }
    picture->width = left - GAP;
    picture->channels = 3;
}

rs_status rs_dump_picture(rs_context *ctx, const rs_dump_planes *planes, rs_folder *folder, const char *name)
{
    rs_picture picture = {0};
    plane three[3];
    rs_block block;
    rs_buffer bytes = {0};
    lay_out(planes, three, &picture);
    size_t n_bytes = 3 * (size_t)picture.width * (size_t)picture.height;
    RS_TRY(rs_block_take(ctx, n_bytes, "a picture", &block));
    picture.pixels = block.data;
    memset(picture.pixels, 0, n_bytes);
    for (int n = 0; n < 3; n++) {
        paint_plane(&three[n]);
        for (int r = planes->n_rings - 1; r >= 0; r--) /* the best on top */
            draw_ring(&three[n], &planes->rings[r]);
    }
    rs_status status = rs_markup_png_file(ctx, &bytes, &picture);
    rs_block_give(ctx, &block);
    if (status == RS_OK) return rs_dump_buffer(ctx, &bytes, folder, name);
    rs_buffer_free(&bytes);
    return status;
}
