#!/usr/bin/python3
"""The lungs of the real scans: what was assessed, and Dice against the masks of the collections.

    python3 bench/lung_dice.py --restage PROGRAM --data FOLDER [-o bench/results] [--check] [CASE...]

Prints two tables, with -o also into FOLDER/lungs.md. Needs NumPy and pydicom. A minute.

States: `restage run --dump organs --stop-after organs` on each scan; both sides with ml and reason. "swapped" is the share
of the labels of a side that lies on the other side of the collection's own lungs, where it has them for each side.
Dice: labels of the lungs against the mask, voxel by voxel on the grid of the images.
  lctsc-004: both lungs together, mask lungs.nii.gz.
  lung1-001: each lung against its contours in the RTSTRUCT, even-odd at the centres of the voxels; voxels of GTV-1 are left
  out of both. Contours of a plane that is not stored are passed over (and counted). What the program holds for lung without
  air ("dense") is not in its labels.
With --check the exit code is 1 where a bound of CASES or of BOUNDS does not hold.
"""
import argparse
import glob
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import pydicom

# folder below clinical/: (left, right)
CASES = {
    "cmb-crc-01068/CT": ("assessed", "assessed"), "r01-001": ("assessed", "assessed"),
    "lung1-001": ("partly", "assessed"), "lungfcp-0001/CT": ("partly", "partly"), "lidc-0001": ("partly", "partly"),
    "lidc-0002": ("partly", "partly"), "crlm-1004/bases": ("partly", "partly"),
    "crlm-1004/abdomen": ("not_assessed", "not_assessed"), "qin-0014": ("assessed", "assessed"),
    "qin-0028": ("assessed", "assessed"), "cmd-normal001": ("assessed", "assessed"),
    "lctsc-004": ("assessed", "assessed"),
}
BOUNDS = {"lctsc-004": 0.96, "lung1-001": 0.95}
LEFT, RIGHT = 3, 4  # labels of the dump


def read_nifti(path):
    """Voxels [k][j][i] and the 3 x 4 affine in LPS mm."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        raw = f.read()
    n = struct.unpack_from("<8h", raw, 40)
    kind = {2: "u1", 4: "<i2", 256: "i1", 512: "<u2", 8: "<i4"}[struct.unpack_from("<h", raw, 70)[0]]
    offset = int(struct.unpack_from("<f", raw, 108)[0])
    voxels = np.frombuffer(raw, kind, n[1] * n[2] * n[3], offset).reshape(n[3], n[2], n[1])
    affine = np.array(struct.unpack_from("<12f", raw, 280), float).reshape(3, 4)
    affine[:2] *= -1
    return voxels, affine


def segment(restage, path, out):
    done = subprocess.run([restage, "run", "-q", path, "-o", out, "--dump", "organs", "--stop-after", "organs"],
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s: exit %d: %s" % (path, done.returncode, done.stderr.strip()))
    with open(os.path.join(out + ".dump", "03-organs.json"), encoding="utf-8") as f:
        regions = json.load(f)["regions"]
    return {r["side"] or "?": r for r in regions if r["role"] == "search"}, os.path.join(out + ".dump", "03-organs.nii")


def dice(a, b):
    return 2 * np.count_nonzero(a & b) / max(1, np.count_nonzero(a) + np.count_nonzero(b))


def fill(points, shape):
    """Pixels whose centre lies inside the polygon (columns, rows), even-odd."""
    mask = np.zeros(shape, bool)
    x, y = points[:, 0], points[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    columns = np.arange(shape[1])
    for j in range(max(0, int(np.floor(y.min()))), min(shape[0], int(np.ceil(y.max())) + 1)):
        crosses = (y <= j) != (y2 <= j)
        for at in x[crosses] + (j - y[crosses]) / (y2[crosses] - y[crosses]) * (x2[crosses] - x[crosses]):
            mask[j] ^= columns > at
    return mask


def contours(path, affine, shape):
    """{name: (mask, contours beyond the stored planes)}"""
    data = pydicom.dcmread(path)
    names = {r.ROINumber: r.ROIName for r in data.StructureSetROISequence}
    inverse = np.linalg.inv(np.vstack([affine, [0, 0, 0, 1]]))[:3]
    found = {}
    for roi in data.ROIContourSequence:
        mask, beyond = np.zeros(shape, bool), 0
        for contour in roi.get("ContourSequence", []):
            lps = np.array(contour.ContourData, float).reshape(-1, 3)
            index = lps @ inverse[:, :3].T + inverse[:, 3]
            k = int(round(index[:, 2].mean()))
            if not 0 <= k < shape[0]:
                beyond += 1
                continue
            mask[k] ^= fill(index[:, :2], shape[1:])
        found[names[roi.ReferencedROINumber]] = (mask, beyond)
    return found


def of_lctsc(labels, affine, folder):
    mask, own = read_nifti(os.path.join(folder, "lungs.nii.gz"))
    flip = [slice(None, None, -1) if own[:, a] @ affine[:, a] < 0 else slice(None) for a in (2, 1, 0)]
    yield "both", dice(labels >= LEFT, mask[tuple(flip)] > 0), np.count_nonzero(mask), None, ""


def of_lung1(labels, affine, folder):
    rois = contours(glob.glob(os.path.join(folder, "RTSTRUCT.dcm"))[0], affine, labels.shape)
    outside = ~rois["GTV-1"][0]
    for side, code, other in (("left", LEFT, "Lung-Right"), ("right", RIGHT, "Lung-Left")):
        mask, beyond = rois["Lung-" + side.capitalize()]
        got = labels == code
        swapped = np.count_nonzero(got & rois[other][0]) / max(1, np.count_nonzero(got))
        note = "GTV-1 left out" + ("; %d contours beyond the images" % beyond if beyond else "")
        yield side, dice(got & outside, mask & outside), np.count_nonzero(mask & outside), swapped, note


TRUTHS = {"lctsc-004": of_lctsc, "lung1-001": of_lung1}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restage", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("-o", "--out")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("case", nargs="*")
    args = parser.parse_args()
    states = ["| scan | left | right |", "| --- | --- | --- |"]
    dices = ["| scan | lung | mask, ml | Dice | bound | swapped | |", "| --- | --- | --- | --- | --- | --- | --- |"]
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (case, expected) in enumerate(CASES.items()):
            if args.case and case not in args.case:
                continue
            folder = os.path.join(args.data, "clinical", case)
            regions, nifti = segment(args.restage, folder, os.path.join(scratch, str(number)))
            row = [case]
            for side, state in zip(("left", "right"), expected):
                region = regions.get(side)
                got = region["state"] if region else "no such side"
                row.append("%s, %.0f ml%s" % (got, region["searched_ml"], ": " + region["reason"] if region["reason"] else "")
                           if region else got)
                if got != state:
                    wrong.append("%s: %s lung is %s, not %s" % (case, side, got, state))
            states.append("| " + " | ".join(row) + " |")
            if case not in TRUTHS:
                continue
            labels, affine = read_nifti(nifti)
            voxel_ml = abs(np.linalg.det(affine[:, :3])) / 1000
            for lung, value, voxels, swapped, note in TRUTHS[case](labels, affine, folder):
                dices.append("| %s | %s | %.0f | %.4f | %.2f | %s | %s |" % (
                    case, lung, voxels * voxel_ml, value, BOUNDS[case],
                    "" if swapped is None else "%.4f" % swapped, note))
                if value < BOUNDS[case]:
                    wrong.append("%s: Dice of %s is %.4f, below %.2f" % (case, lung, value, BOUNDS[case]))
    text = "\n".join(states + [""] + dices) + "\n"
    print(text, end="")
    if args.out:
        with open(os.path.join(args.out, "lungs.md"), "w", encoding="utf-8") as f:
            f.write("# Lungs of real scans\n\nMade by `bench/lung_dice.py`, whose text says what is what.\n\n" + text)
    for line in wrong:
        print("WRONG:", line, file=sys.stderr)
    return 1 if args.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
