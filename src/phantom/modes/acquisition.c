/* Scanners as they are (science F18): blur and noise over their whole range, sharper kernels the noisier; the blotchy
   noise of iterative reconstruction; more noise behind shoulders and at the base; a leaning gantry; and series written
   in other directions and with other pixels. Thickness and spacing are the recipe's own. */
#include "mode.h"

enum {
    KNOB_PSF = 0,
    KNOB_NOISE,
    KNOB_BLOTCHY,
    KNOB_UNEVEN,
    KNOB_VIEW,
    KNOB_TILT,
    KNOB_TILT_SHARE,
    KNOB_LAYOUT_SHARE,
    KNOB_SHARED
};

static const rs_phantom_knob knobs[] = {
    {"psf_mm", {0.7, 1.6}, 0.5, 3, "width of a point in plane (FWHM)"},
    {"noise_hu", {8, 70}, 0, 200, "standard deviation in the middle of the lungs"},
    {"blotchy", {0, 0.8}, 0, 1, "how coarse the noise is: 0 filtered back-projection, 1 strong iteration"},
    {"uneven", {1, 1.6}, 1, 4, "noise behind shoulders and at the base over that of the middle"},
    {"view_mm", {320, 400}, 150, 700, "width of a slice"},
    {"tilt_deg", {2, 20}, 0, 30, "lean of the gantry, to either side"},
    {"tilt_share", {0.1, 0.1}, 0, 1, "of these scans lean"},
    {"layout_share", {0.3, 0.3}, 0, 1, "of these scans are written in other directions or with other pixels"},
    {"shared", {1, 1}, 0, 1.5, "noise that neighbouring slices share, times what slices of that thickness share here"},
};

/* A kernel by its sharpness, from 0 to 1; returns the noise that it leaves. */
static rs_phantom_spectrum draw_kernel(const rs_phantom_mode_call *call, double sharp, double psf_mm)
{
    rs_phantom_scan *s = &call->model->scan;
    double low = 0.1, high = 0.3, scale = 1.7;
    s->kernel = "B30f";
    if (psf_mm < 0.93) {
        s->kernel = "B60f";
        low = -0.35;
        high = -0.1;
        scale = 1.9;
    } else if (psf_mm < 1.27) {
        s->kernel = "B46f";
        low = -0.1;
        high = 0.1;
        scale = 1.8;
    }
    rs_phantom_scan_psf(s, psf_mm, rs_phantom_uniform(call->random, low, high), scale);
    const rs_phantom_range *range = &call->setting->knob[KNOB_NOISE];
    double rank = 0.6 * sharp + 0.4 * rs_phantom_uniform(call->random, 0.0, 1.0),
           b = rs_phantom_draw(call, KNOB_BLOTCHY);
    double noise = range->low > 0.0 ? range->low * rs_phantom_exp(rank * rs_phantom_log(range->high / range->low))
                                    : range->high * rank;
    /* Rows of the detector, not slices, share noise: thick slices share less (real chests of 3 mm: bench/honesty.py).
     */
    double unshared = 0.25 * (s->thickness_mm - 1.0);
    unshared = unshared < 0.0 ? 0.0 : (unshared > 0.5 ? 0.5 : unshared);
    return (rs_phantom_spectrum){.core_mm = (0.67 - 0.2 * sharp) * (1.0 + 0.9 * b),
                                 .ring_mm = (1.8 - 0.7 * sharp) * (1.0 + 0.6 * b),
                                 .ring_weight = 0.72 * (1.0 - 0.45 * b),
                                 .noise_hu = noise,
                                 .shared = 1.0 - unshared};
}

/* Directions and pixels of the file alone; the geometry says the same as before. */
static void draw_layout(const rs_phantom_mode_call *call)
{
    rs_phantom_scan *s = &call->model->scan;
    bool other = rs_phantom_uniform(call->random, 0.0, 1.0) < rs_phantom_draw(call, KNOB_LAYOUT_SHARE);
    int which = (int)rs_phantom_uniform(call->random, 0.0, 8.0);
    if (!other) return;
    for (int c = 0; c < 3; c++)
        s->flip[c] = (which >> c & 1) != 0;
    s->bits = 12 + (int)rs_phantom_uniform(call->random, 0.0, 5.0);
    s->is_signed = s->bits > 12 && rs_phantom_uniform(call->random, 0.0, 1.0) < 0.5;
}

static rs_status scan(const rs_phantom_mode_call *call)
{
    rs_phantom_scan *s = &call->model->scan;
    const rs_phantom_range *range = &call->setting->knob[KNOB_PSF];
    double sharp = rs_phantom_uniform(call->random, 0.0, 1.0), view = rs_phantom_draw(call, KNOB_VIEW);
    /* Of one width alone: as sharp as such a kernel is. */
    const rs_phantom_range *all = &knobs[KNOB_PSF].range;
    if (range->low == range->high) {
        sharp = (all->high - range->low) / (all->high - all->low);
        sharp = sharp < 0.0 ? 0.0 : (sharp > 1.0 ? 1.0 : sharp);
    }
    if (call->model->options.field_of_view_mm == 0.0) rs_phantom_scan_view(s, view);
    rs_phantom_spectrum noise = draw_kernel(call, sharp, range->high + sharp * (range->low - range->high));
    s->uneven = rs_phantom_draw(call, KNOB_UNEVEN);
    bool leans = rs_phantom_uniform(call->random, 0.0, 1.0) < rs_phantom_draw(call, KNOB_TILT_SHARE);
    double tilt = rs_phantom_draw(call, KNOB_TILT),
           sign = rs_phantom_uniform(call->random, 0.0, 1.0) < 0.5 ? -1.0 : 1.0;
    if (leans && tilt > 0.0) rs_phantom_scan_tilt(s, sign * tilt);
    draw_layout(call);
    /* Drawn last: what is drawn before stays what it was without this knob. */
    noise.shared *= rs_phantom_draw(call, KNOB_SHARED);
    rs_phantom_scan_noise(s, &noise);
    return RS_OK;
}

const rs_phantom_mode rs_phantom_mode_acquisition = {.name = "acquisition",
                                                     .failure = "F18",
                                                     .what = "blur, noise, lean and layout of every kind of scanner",
                                                     .share = 1.0,
                                                     .knobs = knobs,
                                                     .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                                     .drawn_with = RS_PHANTOM_WITH_SCANNER,
                                                     .scan = scan};
