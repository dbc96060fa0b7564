/* Pictures that hold many slices: Siemens mosaics and UIH grids become one header a tile. */
#include <math.h>
#include <string.h>

#include "csa.h"
#include "reading.h"

#define SPACING_BETWEEN 0x00180088
enum { MOST_TILES = 1024 };

/* Slices of a mosaic run along the normal of its picture, one way or the other; the header's own direction is rounded
   text. */
#define NORMAL_LENGTH_OFF 1e-3
#define NORMAL_COSINE 0.99985 /* of 1 degree */

/* How a picture is laid out: n tiles, row after row. */
typedef struct layout {
    int n, across, down;
    double normal[3]; /* direction of the slices */
    double spacing_mm;
    const rs_dicom_item *positions; /* UIH: the data set with a sequence of positions */
    uint32_t sequence;
    const char *note;    /* what the header did not say */
    const char *refusal; /* what it says is not possible; NULL: nothing */
} layout;

bool mosaic_expected(const reading *r)
{
    return series_has_type(r->h->facts.image_type, "MOSAIC") || series_has_type(r->h->facts.image_type, "VFRAME");
}

static double first_number(const rs_dicom_item *item, uint32_t tag)
{
    double value = NAN;
    int64_t whole;
    if (!tag) return NAN;
    if (rs_dicom_item_integer(item, tag, &whole) == RS_DICOM_FOUND) return (double)whole;
    if (rs_dicom_item_reals(item, tag, &value, 1) != RS_DICOM_FOUND) return NAN;
    return value;
}

static bool set_count(layout *l, double n)
{
    if (!(n >= 1 && n <= MOST_TILES) || n != floor(n)) return false;
    l->n = (int)n;
    return true;
}

/* Tiles of the acquisition matrix, where the number of slices is told nowhere: every tile is one. */
static bool count_by_matrix(reading *r, const rs_dicom_image *image, layout *l)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const uint8_t *bytes = NULL;
    uint16_t matrix[4]; /* frequency rows, columns, phase rows, columns */
    size_t n = 0;
    if (!rs_dicom_item_bytes(root, 0x00181310, &bytes, &n) || n != sizeof(matrix)) return false;
    memcpy(matrix, bytes, sizeof(matrix));
    const int rows = matrix[0] ? matrix[0] : matrix[2], columns = matrix[0] ? matrix[3] : matrix[1];
    if (rows < 1 || columns < 1 || image->rows % rows || image->columns % columns) return false;
    l->down = image->rows / rows;
    l->across = image->columns / columns;
    l->note = l->note
                  ? "the header of the mosaic says neither how many of its tiles are slices nor which way they run: "
                    "every tile is taken, along the normal"
                  : "the header of the mosaic does not say how many of its tiles are slices: every tile is taken";
    return set_count(l, (double)l->down * l->across) && l->n > 1;
}

/* Orientation that is itself wrong is refused elsewhere. */
static bool is_normal(const header *picture, const double normal[3])
{
    double own[3];
    cross(picture->orientation, picture->orientation + 3, own);
    const double length = sqrt(dot(normal, normal)), along = fabs(dot(own, normal));
    return picture->bad_geometry ||
           (fabs(length - 1) <= NORMAL_LENGTH_OFF && along >= NORMAL_COSINE * length * sqrt(dot(own, own)));
}

static bool siemens(reading *r, const rs_dicom_image *image, layout *l)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const uint32_t count = source_private(r, root, 0x0019, "SIEMENS MR HEADER", 0x0a);
    const uint32_t csa = source_private(r, root, 0x0029, "SIEMENS CSA HEADER", 0x10);
    const uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    double n = NAN;
    const bool has_csa = csa && rs_dicom_item_bytes(root, csa, &bytes, &n_bytes);
    l->spacing_mm = first_number(root, SPACING_BETWEEN);
    if (!has_csa || csa_numbers(bytes, n_bytes, "SliceNormalVector", l->normal, 3) != 3) {
        cross(r->h->orientation, r->h->orientation + 3, l->normal);
        l->note = "the header of the mosaic does not say which way its slices run: along the normal is assumed";
    } else if (!is_normal(r->h, l->normal)) {
        l->refusal = "it is a mosaic whose SliceNormalVector is not the normal of its picture";
        return false;
    }
    if (has_csa && csa_numbers(bytes, n_bytes, "NumberOfImagesInMosaic", &n, 1) != 1) n = NAN;
    if (isnan(n)) n = first_number(root, count);
    if (isnan(n)) return count_by_matrix(r, image, l);
    if (!set_count(l, n)) return false;
    l->across = l->down = (int)ceil(sqrt(n));
    return true;
}

static bool uih(reading *r, layout *l)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const uint32_t count = source_private(r, root, 0x0065, "Image Private Header", 0x50);
    l->sequence = source_private(r, root, 0x0065, "Image Private Header", 0x51);
    l->positions = root;
    if (!l->sequence || !set_count(l, first_number(root, count))) return false;
    l->across = (int)ceil(sqrt((double)l->n));
    l->down = (l->n + l->across - 1) / l->across;
    return rs_dicom_item_count(root, l->sequence) == l->n;
}

/* Position of a tile's first pixel. A mosaic states where the corner of the whole picture would lie were it one slice
   with the slice's middle. */
static void place_tile(const layout *l, const header *picture, const rs_dicom_image *image, int k, header *tile)
{
    const double *u = picture->orientation, *v = picture->orientation + 3;
    const double right_mm = (image->columns - tile->facts.columns) / 2.0 * picture->pixel_spacing_mm[1];
    const double down_mm = (image->rows - tile->facts.rows) / 2.0 * picture->pixel_spacing_mm[0];
    if (l->positions) {
        const rs_dicom_item *item = rs_dicom_item_at(l->positions, l->sequence, k);
        const bool found =
            item && rs_dicom_item_reals(item, 0x00200032, tile->slice.position_lps_mm, 3) == RS_DICOM_FOUND;
        tile->bad_geometry = found ? NULL : "has a tile without a position";
    } else if (!tile->bad_geometry) {
        for (int a = 0; a < 3; a++)
            tile->slice.position_lps_mm[a] += u[a] * right_mm + v[a] * down_mm + k * l->spacing_mm * l->normal[a];
        if (!(l->spacing_mm > 0)) tile->bad_geometry = "has no SpacingBetweenSlices for the tiles of its mosaic";
    }
    if (!tile->bad_geometry) facts_check_geometry(tile);
}

static rs_status cut(reading *r, const rs_dicom_image *image, const layout *l)
{
    header *tiles = RS_ARENA_NEW(r->keep, header, l->n);
    if (!tiles) return rs_fail_memory(r->ctx, "the tiles of a mosaic");
    for (int k = 0; k < l->n; k++) {
        tiles[k] = *r->h;
        tiles[k].file = r->h;
        tiles[k].note = l->note;
        tiles[k].slice.tile[0] = k % l->across * r->h->facts.columns;
        tiles[k].slice.tile[1] = k / l->across * r->h->facts.rows;
        place_tile(l, r->h, image, k, &tiles[k]);
    }
    r->h->images = tiles;
    r->h->n_images = l->n;
    return RS_OK;
}

rs_status mosaic_read(reading *r, const rs_dicom_image *image)
{
    const source from = {.root = rs_dicom_file_root(r->file)};
    layout l = {0};
    header *h = r->h;
    facts_geometry(&from, h);
    const bool grid = series_has_type(h->facts.image_type, "VFRAME");
    if (!(grid ? uih(r, &l) : siemens(r, image, &l)))
        return reading_refuse(
            r, h, l.refusal ? l.refusal : "it is a mosaic, but does not say how many slices it holds, and where");
    if (image->columns % l.across || image->rows % l.down) {
        return reading_refuse(r, h,
                              rs_arena_printf(r->scratch,
                                              "it is a mosaic of %d slices, which do not divide %d x %d "
                                              "pixels",
                                              l.n, image->columns, image->rows));
    }
    h->facts.frame_columns = image->columns;
    h->facts.frame_rows = image->rows;
    h->facts.columns = image->columns / l.across;
    h->facts.rows = image->rows / l.down;
    RS_TRY(facts_read(r, &from, h));
    return h->state == HEADER_IMAGE ? cut(r, image, &l) : RS_OK;
}
