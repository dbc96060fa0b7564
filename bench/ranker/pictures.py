#!/usr/bin/env python3
"""Draws the strongest false candidates of a chest in three planes, to be looked at: those that are nodules go into
unlisted.csv.

    python3 bench/ranker/pictures.py OUT --ranker FILE --chest CHEST [--n 20] -o FILE.png

Rows: a candidate each, from left: across, from the front, from the side; 40 mm wide, -1200 to 300 HU. Needs
python3-matplotlib and python3-pydicom.
"""
import argparse
import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import train  # noqa: E402  (first: it sets the environment)
import numpy as np  # noqa: E402
import pool as pools  # noqa: E402

HALF_MM = 20


def strongest(scans, networks, n, apart_mm=5):
    """Places with the largest score over the scans of one form: (score, place, radius)."""
    found = []
    for scan in scans:
        score = train.scores_of(networks, scan) if networks else scan.rows["score"]
        false = np.flatnonzero(scan.rows["label"] == 0)
        for row in false[np.argsort(-score[false])][:3 * n]:
            found.append((float(score[row]), scan.rows["lps"][row], float(scan.rows["radius"][row]), scan.name))
    found.sort(key=lambda f: -f[0])
    kept = []
    for item in found:
        if all(np.linalg.norm(item[1] - k[1]) > apart_mm for k in kept):
            kept.append(item)
    return kept[:n]


def read(folder):
    import pydicom
    files = sorted((pydicom.dcmread(p) for p in glob.glob(os.path.join(folder, "*.dcm"))), key=lambda d: float(d.ImagePositionPatient[2]))
    hu = np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in files])
    first = np.array([float(x) for x in files[0].ImagePositionPatient])
    z = float(files[1].ImagePositionPatient[2]) - first[2]
    return hu, first, np.array([float(files[0].PixelSpacing[1]), float(files[0].PixelSpacing[0]), z])


def planes(volume, place):
    from scipy.ndimage import map_coordinates
    hu, first, spacing = volume
    t = np.linspace(-HALF_MM, HALF_MM, 100)
    a, b = np.meshgrid(t, t)
    zero = np.zeros_like(a)
    for x, y, z in ((a, b, zero), (a, zero, -b), (zero, a, -b)):
        at = [(place[2] + z - first[2]) / spacing[2], (place[1] + y - first[1]) / spacing[1], (place[0] + x - first[0]) / spacing[0]]
        yield map_coordinates(hu, at, order=1, mode="nearest")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--ranker")
    parser.add_argument("--chest", required=True)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    scans = pools.load(args.out, lambda s: s.form == args.chest)
    networks = train.read_ranker(args.ranker)[1] if args.ranker else None
    items = strongest(scans, networks, args.n)
    volumes = {}
    columns = 4
    figure, axes = pyplot.subplots(-(-len(items) // columns), 3 * columns, figsize=(24, 2.2 * -(-len(items) // columns)))
    for axis in axes.ravel():
        axis.axis("off")
    for n, (score, place, radius, name) in enumerate(items):
        if name not in volumes:
            volumes[name] = read(os.path.join(args.out, "scans", name))
        for p, image in enumerate(planes(volumes[name], place)):
            axis = axes[n // columns, 3 * (n % columns) + p]
            axis.imshow(image, cmap="gray", vmin=-1200, vmax=300)
            if p == 0:
                axis.set_title("%d: %.1f R %.1f" % (n + 1, score, radius), fontsize=9, loc="left")
        print("%d,%s,%.1f,%.1f,%.1f,score %.2f,R %.1f" % ((n + 1, name) + tuple(place) + (score, radius)))
    pyplot.tight_layout(pad=0.3)
    pyplot.savefig(args.output, dpi=55)


if __name__ == "__main__":
    main()
