/* Texture of the lung (science F20): power-law noise of a drawn exponent and strength in place of every phantom's, with
   secondary lobules: cells of 10 to 20 mm that differ in density, parted by septa. All of that goes into the repeating
   cube, so that painting costs what it costs without. And how dense the lung is. */
#include "texture.h"

#include "mode.h"

enum { KNOB_EXPONENT = 0, KNOB_SD, KNOB_LOBULE, KNOB_DIFFERENCE, KNOB_SEPTUM, KNOB_LUNG, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_EXPONENT] = {"exponent", {2.8, 3.4}, 2, 5, "the power of frequency with which the noise falls"},
    [KNOB_SD] = {"sd_hu", {12, 30}, 0, 100, "of the noise"},
    [KNOB_LOBULE] = {"lobule_mm", {10, 20}, 6, 40, "pitch of the lobules"},
    [KNOB_DIFFERENCE] = {"lobule_hu", {0, 15}, 0, 100, "SD between lobules"},
    [KNOB_SEPTUM] = {"septum_hu", {0, 40}, 0, 300, "density of septa above the lung"},
    [KNOB_LUNG] = {"lung_hu",
                   {RS_PHANTOM_LUNG_HU - RS_PHANTOM_LUNG_HALF_HU, RS_PHANTOM_LUNG_HU + RS_PHANTOM_LUNG_HALF_HU},
                   -950,
                   -650,
                   "mean density of aerated lung: the shallower the breath, the denser"},
};

enum { TILE = RS_PHANTOM_TILE, CELLS_MAX = 24 };

/* Lobules: points on a jittered lattice that repeats with the cube; a place belongs to the nearest. */
typedef struct lobules {
    uint64_t key;
    int n; /* each way */
    double pitch_mm, difference_hu, septum_hu;
} lobules;

static double share_of(const lobules *l, const int cell[3], int part)
{
    uint64_t index = (uint64_t)part;
    for (int c = 0; c < 3; c++)
        index = index * CELLS_MAX + (uint64_t)((cell[c] + l->n) % l->n);
    return (double)(rs_phantom_bits(l->key, index) >> 11) * 0x1p-53;
}

/* HU that lobules add at a place of the cube. */
static double lobule_hu(const lobules *l, const double p[3])
{
    int base[3], cell[3], nearest[3] = {0};
    double first = 1e9, second = 1e9;
    for (int c = 0; c < 3; c++)
        base[c] = (int)(p[c] / l->pitch_mm);
    for (int n = 0; n < 27; n++) {
        double square = 0.0;
        for (int c = 0, rest = n; c < 3; c++, rest /= 3)
            cell[c] = base[c] + rest % 3 - 1;
        for (int c = 0; c < 3; c++) {
            double d = (cell[c] + 0.15 + 0.7 * share_of(l, cell, c)) * l->pitch_mm - p[c];
            square += d * d;
        }
        if (square < first) {
            second = first;
            first = square;
            for (int c = 0; c < 3; c++)
                nearest[c] = cell[c];
        } else if (square < second) {
            second = square;
        }
    }
    /* Half the difference of the distances is about the distance to the septum; a node stands for 1.6 mm. */
    double septum = 1.0 - 0.5 * (sqrt(second) - sqrt(first)) / RS_PHANTOM_TILE_MM;
    /* Uniform of SD 1 */
    double own = (share_of(l, nearest, 3) - 0.5) * sqrt(12.0);
    return l->difference_hu * own + (septum > 0.0 ? septum * l->septum_hu : 0.0);
}

/* A patient keeps its place among the others in whatever range is asked for. What dependent density and emphysema made
   of the lung before stays on top. The default range adds nothing, to the bit. */
static rs_status anatomy(const rs_phantom_mode_call *call)
{
    rs_phantom_anatomy *a = &call->model->anatomy;
    const rs_phantom_range *lung = &call->setting->knob[KNOB_LUNG];
    a->texture_hu = rs_phantom_draw(call, KNOB_SD);
    a->lung_hu += 0.5 * (lung->low + lung->high) - RS_PHANTOM_LUNG_HU +
                  (0.5 * (lung->high - lung->low) - RS_PHANTOM_LUNG_HALF_HU) * a->lung_rank;
    return RS_OK;
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    rs_phantom_model *m = call->model;
    const double extent_mm = TILE * RS_PHANTOM_TILE_MM,
                 unit_hu = m->anatomy.texture_hu > 1.0 ? m->anatomy.texture_hu : 1.0;
    lobules l = {.key = rs_phantom_key(m->seed, RS_PHANTOM_STREAM_TEXTURE, 100)};
    float *cube = NULL;
    (void)drawn;
    RS_TRY(rs_phantom_texture_make(call->ctx, call->arena, m->seed, rs_phantom_draw(call, KNOB_EXPONENT), &cube));
    l.n = (int)(extent_mm / rs_phantom_draw(call, KNOB_LOBULE) + 0.5);
    l.n = l.n > CELLS_MAX ? CELLS_MAX : l.n;
    l.pitch_mm = extent_mm / l.n;
    l.difference_hu = rs_phantom_draw(call, KNOB_DIFFERENCE);
    l.septum_hu = rs_phantom_draw(call, KNOB_SEPTUM);
    double sum = 0.0;
    for (size_t v = 0; v < (size_t)TILE * TILE * TILE; v++) {
        const double p[3] = {(double)(v % TILE) * RS_PHANTOM_TILE_MM, (double)(v / TILE % TILE) * RS_PHANTOM_TILE_MM,
                             (double)(v / TILE / TILE) * RS_PHANTOM_TILE_MM};
        double more = lobule_hu(&l, p) / unit_hu;
        sum += more;
        cube[v] += (float)more;
    }
    for (size_t v = 0; v < (size_t)TILE * TILE * TILE; v++)
        cube[v] -= (float)(sum / ((double)TILE * TILE * TILE));
    m->texture = cube;
    return RS_OK;
}

const rs_phantom_mode rs_phantom_mode_texture = {
    .name = "texture",
    .failure = "F20",
    .what = "power-law density of the lung with secondary lobules",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .anatomy = anatomy,
    .draw = draw,
};
