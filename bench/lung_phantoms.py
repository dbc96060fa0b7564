#!/usr/bin/python3
"""Are both lungs assessed on synthetic patients whose lungs are intact, and never swapped?

    python3 bench/lung_phantoms.py --restage PROGRAM [-o bench/results] [--first 701] [--intact 100] [--columns 256]

Patients of seeds from --first on by samples/recipe-hard.json, odd seeds in slices of 1 mm, even ones in slices of 3 mm,
and of every fifth seed a plain one (no recipe, 1 mm), until --intact of them have intact lungs: no effusion and no lobectomy
among truth.json's "modes". Patients with those are made as well and have rows of their own. Of each one `restage run --dump
organs --stop-after organs` is asked for state, volume and reason of each side; the volume should be the truth's within a
tenth, and a lesion of the truth should lie in the lung of its side (its centre, or a voxel within 3 mm). Prints a table,
with -o also into FOLDER/lung_phantoms.md. About 6 s of CPU a patient at 256 columns.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import lung_dice

NOT_INTACT = {"effusion", "lobectomy"}
CODES = {"left": lung_dice.LEFT, "right": lung_dice.RIGHT}


def make(restage, out, seed, recipe, spacing_mm, columns):
    args = [restage, "phantom", "-q", "-o", out, "--seed", str(seed), "--columns", str(columns),
            "--slice-spacing", str(spacing_mm)]
    if recipe:
        args += ["--recipe", recipe]
    else:
        args += ["--slices", "300"]
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "truth.json"), encoding="utf-8") as f:
        return json.load(f)


def sides_of_lesions(truth, nifti):
    """Lesions in the lung of their side, in the other one, in neither."""
    labels, affine = lung_dice.read_nifti(nifti)
    inverse = np.linalg.inv(np.vstack([affine, [0, 0, 0, 1]]))
    spacing = np.sqrt((affine[:, :3] ** 2).sum(axis=0))
    counts = [0, 0, 0]
    for lesion in truth["lesions"]:
        at = (inverse @ np.array(lesion["lps_mm"] + [1]))[:3]
        low = [max(0, math.floor(a - 3 / s)) for a, s in zip(at, spacing)]
        high = [math.ceil(a + 3 / s) + 1 for a, s in zip(at, spacing)]
        window = labels[low[2]:high[2], low[1]:high[1], low[0]:high[0]]
        own = CODES[lesion["side"]]
        other = CODES["left" if lesion["side"] == "right" else "right"]
        counts[0 if (window == own).any() else 1 if (window == other).any() else 2] += 1
    return counts


def row_of(name, truth, regions, counts):
    cells, good, swapped = [name, ", ".join(sorted(NOT_INTACT & set(truth["modes"])))], True, counts[1]
    for side in ("right", "left"):
        region = regions.get(side)
        true_ml = truth["lungs"][side + "_ml"]
        if not region:
            return cells + ["no side", ""], False, swapped + 1
        ratio = region["searched_ml"] / true_ml if true_ml else math.nan
        good = good and region["state"] == "assessed"
        cells.append("%s, %.0f ml (%.2f of the truth)%s" % (
            region["state"], region["searched_ml"], ratio, ": " + region["reason"] if region["reason"] else ""))
    return cells + ["%d / %d / %d" % tuple(counts)], good, swapped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restage", required=True)
    parser.add_argument("-o", "--out")
    parser.add_argument("--first", type=int, default=701)
    parser.add_argument("--intact", type=int, default=100)
    parser.add_argument("--columns", type=int, default=256)
    args = parser.parse_args()
    recipe = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "samples", "recipe-hard.json")
    lines = ["| patient | not intact by | right | left | lesions in their lung / the other one / none |",
             "| --- | --- | --- | --- | --- |"]
    print("\n".join(lines), flush=True)
    intact = good = swapped = seed = 0
    while intact < args.intact:
        number = args.first + seed
        for kind in ("hard", "plain") if number % 5 == 0 else ("hard",):
            spacing_mm = 1 if kind == "plain" or number % 2 else 3
            with tempfile.TemporaryDirectory() as scratch:
                scan = os.path.join(scratch, "scan")
                truth = make(args.restage, scan, number, recipe if kind == "hard" else None, spacing_mm, args.columns)
                regions, nifti = lung_dice.segment(args.restage, scan, os.path.join(scratch, "out"))
                cells, assessed, wrong_side = row_of("%s %d, %d mm" % (kind, number, spacing_mm), truth, regions,
                                                     sides_of_lesions(truth, nifti))
                shutil.rmtree(scan)
            lines.append("| " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
            swapped += wrong_side
            if not cells[1]:
                intact, good = intact + 1, good + assessed
        seed += 1
    summary = "Intact: %d; both lungs assessed: %d; lesions in the wrong lung, or sides not named, in all patients: %d." % (
        intact, good, swapped)
    print("\n" + summary)
    if args.out:
        with open(os.path.join(args.out, "lung_phantoms.md"), "w", encoding="utf-8") as f:
            f.write("# Lungs of synthetic patients\n\nMade by `bench/lung_phantoms.py`, whose text says what is what.\n\n"
                    + summary + "\n\n" + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
