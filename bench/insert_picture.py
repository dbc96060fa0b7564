#!/usr/bin/env python3
"""Twenty inserted lesions of either kind (formula, cut-out) beside ten real ones, on one picture: to be looked at for
halos, edges and insides without noise.

    bench/insert_picture.py SHARED OUT.png [--restage PROGRAM] [--seed N]

SHARED holds clinical/ and lidc-cutouts/. Each tile is 36 mm of the axial slice through the lesion's centre, below it
the same of the coronal one; lung window, C -600 W 1500. Needs numpy and matplotlib."""
import argparse
import csv
import gzip
import json
import os
import struct
import subprocess
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

CASES = ["r01-001", "lungfcp-0001/CT", "qin-0014", "qin-0028", "lctsc-004"]
LISTED = {
    "r01-001": (-95.8, -145.1, -66.6),
    "lungfcp-0001/CT": (-51.0, -147.5, 58.3),
    "qin-0014": (-21.1, -137.2, 237.5),
    "qin-0028": None,  # from annotations.json
}
SIDE_MM = 36.0


def load(program, path, folder):
    """A series as (array k j i of HU, spacing, origin), axes along the patient's."""
    name = os.path.join(folder, "volume.mhd")
    subprocess.run([program, "export", path, "-o", name, "--force", "-q"], check=True)
    head = dict(line.rstrip("\n").split(" = ") for line in open(name))
    n = [int(x) for x in head["DimSize"].split()]
    raw = np.fromfile(os.path.join(folder, head["ElementDataFile"]), "<i2").reshape(n[2], n[1], n[0])
    turn = np.array([float(x) for x in head["TransformMatrix"].split()])
    if not np.allclose(turn, np.eye(3).ravel(), atol=1e-3):
        raise SystemExit(path + ": its axes are not the patient's")
    return raw, np.array([float(x) for x in head["ElementSpacing"].split()]), np.array([float(x) for x in head["Offset"].split()])


def section(volume, spacing, origin, centre, coronal):
    """SIDE_MM around a place, 0.2 mm a pixel, nearest voxel: what is stored, not what a viewer makes of it."""
    steps = np.arange(-SIDE_MM / 2, SIDE_MM / 2, 0.2)
    index = (np.array(centre) - origin) / spacing
    along = [index[c] + steps / spacing[c] for c in range(3)]
    at = [np.clip(np.round(a), 0, volume.shape[2 - c] - 1).astype(int) for c, a in enumerate(along)]
    middle = [int(np.clip(round(index[c]), 0, volume.shape[2 - c] - 1)) for c in range(3)]
    if coronal:
        return volume[np.ix_(at[2][::-1], [middle[1]], at[0])][:, 0, :]
    return volume[np.ix_([middle[2]], at[1], at[0])][0]


def tile(volume, centre):
    return np.vstack([section(*volume, centre, False), section(*volume, centre, True)])


def inserted(program, case, shared, seed, extra, folder):
    out = os.path.join(folder, "insertion")
    call = [program, "insert", os.path.join(shared, "clinical", case), "-o", out, "--seed", str(seed), "--force", "-q"]
    listed = os.path.join(shared, "clinical", case.split("/")[0], "annotations.json")
    if os.path.exists(listed):
        call += ["--ignore", listed]
    subprocess.run(call + extra, check=True)
    return load(program, out, folder), json.load(open(os.path.join(out, "truth.json")))["lesions"]


def pick(lesions, n):
    """A spread over attachment and density, the larger first."""
    groups = {}
    for lesion in sorted(lesions, key=lambda x: -x["equivalent_mm"]):
        groups.setdefault((lesion["attachment"], lesion["density"]), []).append(lesion)
    out = []
    while len(out) < n and any(groups.values()):
        for group in groups.values():
            if group and len(out) < n:
                out.append(group.pop(0))
    return out


def read_nifti(path):
    data = gzip.open(path).read()
    n = struct.unpack("<8h", data[40:56])
    spacing = struct.unpack("<8f", data[76:108])[1:4]
    start = int(struct.unpack("<f", data[108:112])[0])
    raw = np.frombuffer(data, "<i2", n[1] * n[2] * n[3], start).reshape(n[3], n[2], n[1])
    return raw, np.array(spacing), np.zeros(3)


def real_tiles(program, shared, folder):
    tiles = []
    for case in CASES:
        centre = LISTED.get(case)
        listed = os.path.join(shared, "clinical", case.split("/")[0], "annotations.json")
        if centre is None and os.path.exists(listed):
            centre = json.load(open(listed))["lesions"][0]["centre_lps_mm"]
        if centre is None:
            continue
        tiles.append((case.split("/")[0], tile(load(program, os.path.join(shared, "clinical", case), folder), centre)))
    rows = list(csv.DictReader(open(os.path.join(shared, "lidc-cutouts", "cutouts.csv"))))
    rows = [r for r in rows if 6 <= float(r["mask_eqdiam_mm"]) <= 12 and float(r["dz_mm"]) <= 1.25]
    for r in rows[:: max(1, len(rows) // 15)]:
        volume = read_nifti(os.path.join(shared, "lidc-cutouts", "image", r["file"]))
        noise = np.median(np.abs(np.diff(volume[0].astype(float), axis=2)))
        if noise > 45 or len(tiles) == 10:
            continue
        centre = (np.array(volume[0].shape[::-1]) - 1) / 2 * volume[1]
        tiles.append((r["patient"][-4:] + " %.0f mm" % float(r["mask_eqdiam_mm"]), tile(volume, centre)))
    return tiles


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("shared")
    parser.add_argument("out")
    parser.add_argument("--restage", default="restage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smallest", default="4")
    parser.add_argument("--largest", default="12")
    args = parser.parse_args()
    aims = ["--lesions", "30", "--vessel-share", "0.3", "--wall-share", "0.3", "--smallest", args.smallest, "--largest", args.largest]
    library = ["--library", os.path.join(args.shared, "lidc-cutouts")]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for extra in (aims, aims + library):
            tiles = []
            for n, case in enumerate(CASES):
                volume, lesions = inserted(args.restage, case, args.shared, args.seed + n, extra, folder)
                for lesion in pick(lesions, 4):
                    name = "%s %.1f mm\n%s %s" % (case[:7], lesion["equivalent_mm"], lesion["attachment"], lesion["density"])
                    tiles.append((name, tile(volume, lesion["lps_mm"])))
            rows += [tiles[:10], tiles[10:]]
        rows.append(real_tiles(args.restage, args.shared, folder))
    figure, axes = plt.subplots(len(rows), 10, figsize=(20, 4.5 * len(rows)))
    for row, line in zip(axes, rows):
        for axis in row:
            axis.axis("off")
        for axis, (name, picture) in zip(row, line):
            axis.imshow(picture, cmap="gray", vmin=-1350, vmax=150, interpolation="nearest")
            axis.set_title(name, fontsize=7)
    for row, name in zip(axes[:, 0], ["formula", "", "cut-outs", "", "real"]):
        row.text(-20, 90, name, rotation=90, fontsize=12)
    figure.subplots_adjust(0.01, 0.01, 0.995, 0.97, 0.02, 0.08)
    figure.savefig(args.out, dpi=75)


if __name__ == "__main__":
    main()
