#!/usr/bin/env python3
"""Compares noise and resolution in packets of phantoms with their truth.

    python3 bench/quality.py FOLDER...

FOLDER has the truth.json of a phantom and the report.json of its packet (bench/phantoms.sh keeps both).

Noise: report's quality.noise_hu against acquisition.noise_hu, the SD that the phantom adds.

Resolution: restage states the FWHM of the Gaussian that blurs an edge as the scan does, so that is what the truth is
turned into, from truth.json's "acquisition" and "geometry" alone. The phantom's point response is no Gaussian:
  in plane, two Gaussians (weight 1 - psf_second_weight, and psf_second_weight with psf_second_scale times the sigma)
  as taps on the pixel grid, over the box of one pixel that its soft edges are; their sigma is the one at which the
  FWHM of the two together is the psf_fwhm_mm that is printed;
  along the normal, a trapezoid of slice_thickness_mm with slopes of slice_slope_mm, summed over the sub-slices that
  it is painted in, over the same box.
A step is drawn through each exactly (in plane in twelve directions, of which the median counts), and a Gaussian's step
is fitted to it over +-3 mm (1.5 thicknesses where that is more): "effective". The figures that truth.json prints are
compared as well: psf_fwhm_mm is the FWHM of a point's image, larger than the effective one where the kernel is sharp
and smaller where it is smooth; slice_fwhm_mm is the thickness. Where slices are thicker than 1.5 mm restage never
states less than the thickness along the normal (science D1.4), whatever the effective one is.
"""
import json
import math
import os
import statistics
import sys

FWHM_PER_SIGMA = 2.3548200450309493
BOUNDS = (("noise", 0.08), ("in plane, effective", 0.08), ("axial, effective", 0.15),
          ("in plane, FWHM of a point", 0.08), ("axial, thickness", 0.15))


def phi(x):
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


def gaussian_taps(variance):
    """src/phantom/scan.c: square pixels; tap 0 in the middle."""
    if variance <= 0:
        return [1.0]
    if variance < 0.3:
        return [1 - variance, variance / 2]
    sigma = math.sqrt(variance - 1 / 12)
    n = min(int(3.5 * sigma + 1.5), 33)
    taps = [phi((i + 0.5) / sigma) - phi((i - 0.5) / sigma) for i in range(n)]
    total = taps[0] + 2 * sum(taps[1:])
    return [t / total for t in taps]


def point_fwhm(variances, weights):
    def value(r):
        return sum(w / v * math.exp(-0.5 * r * r / v) for w, v in zip(weights, variances))
    low, high = 0.0, 6 * math.sqrt(max(variances))
    for _ in range(60):
        r = 0.5 * (low + high)
        low, high = (r, high) if value(r) > 0.5 * value(0) else (low, r)
    return 2 * low


def kernel(acquisition, pixel_mm):
    """Taps and weights of the two parts such that their FWHM is the printed one."""
    weights = (1 - acquisition["psf_second_weight"], acquisition["psf_second_weight"])
    scale2 = acquisition["psf_second_scale"] ** 2

    def parts(core_mm):
        taps = [gaussian_taps(core_mm ** 2 * s / pixel_mm ** 2 - 1 / 12) for s in (1, scale2)]
        variances = [(2 * sum(n * n * t for n, t in enumerate(tap)) + 1 / 12) * pixel_mm ** 2 for tap in taps]
        return taps, point_fwhm(variances, weights)
    unit = acquisition["psf_fwhm_mm"] / point_fwhm((1, scale2), weights)
    low, high = 0.5 * unit, 1.5 * unit
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if parts(middle)[1] < acquisition["psf_fwhm_mm"] else (low, middle)
    return parts(middle)[0], weights


def solve(a, b):
    n = len(b)
    rows = [list(r) + [v] for r, v in zip(a, b)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(n):
            if r != c:
                f = rows[r][c] / rows[c][c]
                rows[r] = [x - f * y for x, y in zip(rows[r], rows[c])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def gaussian_of(xs, ys):
    """Sigma of base + height * phi(x / sigma) that fits best; the step lies at 0."""
    base, height, sigma = 0.0, 1.0, 0.45
    for _ in range(60):
        a = [[0.0] * 3 for _ in range(3)]
        b = [0.0] * 3
        for x, y in zip(xs, ys):
            u = x / sigma
            step, density = phi(u), math.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
            by = (1.0, step, -height * density * u / sigma)
            error = y - base - height * step
            for r in range(3):
                b[r] += by[r] * error
                for c in range(3):
                    a[r][c] += by[r] * by[c]
        change = solve(a, b)
        base, height = base + change[0], height + change[1]
        sigma = max(0.5 * sigma, sigma + change[2])
        if abs(change[2]) < 1e-7:
            break
    return sigma


def effective(shifts, weights, box_mm, reach_mm):
    """FWHM of the Gaussian whose step is like that of boxes of box_mm at the shifts."""
    merged = {}
    for s, w in zip(shifts, weights):
        merged[round(s, 9)] = merged.get(round(s, 9), 0.0) + w
    xs = [reach_mm * n / 120 for n in range(-120, 121)]
    ys = [sum(w * min(max(0.5 + (x - s) / box_mm, 0), 1) for s, w in merged.items()) for x in xs]
    return FWHM_PER_SIGMA * gaussian_of(xs, ys)


def effective_in_plane(acquisition, pixel_mm):
    taps, weights = kernel(acquisition, pixel_mm)
    found = []
    for direction in range(12):
        angle = (direction + 0.5) / 12 * math.pi / 4
        shifts, shares = [], []
        for tap, weight in zip(taps, weights):
            n = len(tap) - 1
            for i in range(-n, n + 1):
                for j in range(-n, n + 1):
                    shifts.append(pixel_mm * (i * math.cos(angle) + j * math.sin(angle)))
                    shares.append(weight * tap[abs(i)] * tap[abs(j)])
        found.append(effective(shifts, shares, pixel_mm, 3.0))
    return statistics.median(found)


def effective_axial(acquisition, pixel_mm, spacing_mm):
    thickness, slope = acquisition["slice_thickness_mm"], acquisition["slice_slope_mm"]
    step = 0.5 * pixel_mm if pixel_mm > 1 else 0.5
    sub_mm = spacing_mm / math.ceil(spacing_mm / min(step, thickness / 2) - 1e-9)
    flat, end = 0.5 * (thickness - slope), 0.5 * (thickness + slope)
    reach = math.ceil(end / sub_mm + 0.5)
    shares = []
    for n in range(-reach, reach + 1):
        heights = [abs((n + (part + 0.5) / 16 - 0.5) * sub_mm) for part in range(16)]
        shares.append(sum(1.0 if z <= flat else max(end - z, 0) / (end - flat) for z in heights))
    total = sum(shares)
    shifts = [n * sub_mm for n in range(-reach, reach + 1)]
    return effective(shifts, [s / total for s in shares], pixel_mm, max(3.0, 1.5 * thickness))


def compare(folder):
    """One row: name, truths, ratios in the order of BOUNDS (None where nothing was measured)."""
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
        quality = json.load(f)["quality"]
    acquisition, spacing = truth["acquisition"], truth["geometry"]["spacing_mm"]
    psf = quality["psf"]
    in_plane = effective_in_plane(acquisition, spacing[0])
    axial = effective_axial(acquisition, spacing[0], spacing[2])
    measured = psf["measured"]
    pairs = [(quality["noise_hu"], acquisition["noise_hu"]),
             (psf["in_plane_mm"] if measured else None, in_plane),
             (psf["axial_mm"] if measured else None, axial),
             (psf["in_plane_mm"] if measured else None, acquisition["psf_fwhm_mm"]),
             (psf["axial_mm"] if measured else None, acquisition["slice_fwhm_mm"])]
    ratios = [None if value is None else value / expected for value, expected in pairs]
    return os.path.basename(os.path.normpath(folder)), acquisition, in_plane, axial, quality, ratios


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    rows = [compare(folder) for folder in sys.argv[1:]]
    print("| phantom | kernel | noise, true | found | in plane, effective | found | point's FWHM | axial, effective | found | "
          "thickness |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, acquisition, in_plane, axial, quality, _ in rows:
        psf = quality["psf"]
        print(f"| {name} | {acquisition['kernel']} | {acquisition['noise_hu']:.1f} | {quality['noise_hu'] or math.nan:.1f} | "
              f"{in_plane:.2f} | {psf['in_plane_mm']:.2f}{'' if psf['measured'] else ' (table)'} | "
              f"{acquisition['psf_fwhm_mm']:.2f} | {axial:.2f} | {psf['axial_mm']:.2f} | "
              f"{acquisition['slice_fwhm_mm']:.2f} |")
    print("\n| found / true | n | within | share | median | worst |\n| --- | --- | --- | --- | --- | --- |")
    for n, (name, bound) in enumerate(BOUNDS):
        ratios = [row[5][n] for row in rows if row[5][n] is not None]
        if not ratios:
            print(f"| {name} | 0 of {len(rows)} | {bound:.0%} | 0 | | |")
            continue
        inside = sum(abs(r - 1) <= bound for r in ratios)
        worst = max(ratios, key=lambda r: abs(math.log(r)))
        print(f"| {name} | {len(rows)} | {bound:.0%} | {inside / len(rows):.2f} | {statistics.median(ratios):.3f} | "
              f"{worst:.3f} |")


if __name__ == "__main__":
    main()
