#!/usr/bin/env python3
"""Runs restage on the real scans of the shared data folder and prints one table: what was assessed, marks, those beyond
the listed lesions a litre, and rank and P of each listed lesion (* where it is a mark), seconds, MB; then the spheres of
the phantom that a real scanner saw, measured by --at at their known centres. With --check it asserts what the scans must
give.

    python3 bench/real_scans.py --restage build/release/restage --data ../shared/data [--out DIR] [--check] [CASE...]

A listed lesion counts as found by a candidate that lies closer to its centre than its radius (LUNA16's rule).
"""
import argparse
import collections
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

# case: folder below clinical/, what organs must say, lesions {name: Lesion}. Positions and sizes: the INDEX of the data
# folder. rank: asserted ("mark": any mark); axis_mm: long axis, asserted within 20 %; ml: range of the volume, told.
Lesion = collections.namedtuple("Lesion", "x y z diameter_mm side rank axis_mm ml", defaults=(None, None, None))
CASES = {
    "r01-001": ("r01-001", "assessed", {"nodule": Lesion(-95.8, -145.1, -66.6, 13.5, "right", 3, 13)}),
    "cmb-crc-01068": ("cmb-crc-01068/CT", "assessed", {
        "A": Lesion(95.4, -2.1, -109.0, 26.5, "left", 3, 26.5), "B": Lesion(34.3, -75.5, -156.4, 7.5, "left"),
        "C": Lesion(-56.1, 42.3, -114.8, 5.0, "right"), "D": Lesion(-79.5, -18.7, -88.6, 4.6, "right"),
        "E": Lesion(-98.9, -50.3, -163.5, 4.2, "right"), "F": Lesion(90.1, 12.9, -60.0, 5.0, "left"),
        "G": Lesion(-66.1, -19.3, -200.7, 8.3, "right"), "H": Lesion(-87.0, 32.5, -150.2, 5.0, "right"),
        "I": Lesion(91.9, 48.8, -129.0, 3.5, "left"), "J": Lesion(46.5, 17.7, -74.0, 12.0, "left"),
        "K": Lesion(-93.1, -43.9, -122.0, 4.4, "right"), "L": Lesion(96.1, 35.5, -101.5, 6.0, "left"),
        "M": Lesion(-105.0, 9.8, -50.3, 4.0, "right")}),
    "lidc-0001": ("lidc-0001", "partly", {"23 mm": Lesion(56.4, 86.4, -115.8, 23.1, "left", 1)}),
    "lidc-0002": ("lidc-0002", "partly", {
        "ground glass, cut": Lesion(59.8, 71.5, -91.0, 23.3, "left"),
        "< 3 mm a": Lesion(-98.47, 1.36, -87.0, 3, "right"), "b": Lesion(-90.64, -14.31, -87.0, 3, "right"),
        "c": Lesion(105.34, 27.72, -89.5, 3, "left"), "d": Lesion(-95.07, 33.85, -89.08, 3, "right"),
        "e": Lesion(-90.98, 19.09, -80.75, 3, "right")}),
    "lungfcp-0001": ("lungfcp-0001/CT", "partly", {"part-solid": Lesion(-51.0, -147.5, 58.3, 17.0, "right")}),
    "lung1-001": ("lung1-001", "partly", {"tumour": Lesion(82.3, -201.5, -456.8, 66.8, "left")}),
    "qin-0014": ("qin-0014", None, {"lesion": Lesion(-21.0, -137.0, 238.0, 24.0, "right", 3, None, (5.9, 9.1))}),
    "qin-0028": ("qin-0028", None, {"lesion": Lesion(97.1, -172.9, 307.4, 30.0, "left", 3, None, (11.8, 19.0))}),
    "cmd-normal001": ("cmd-normal001", None, {}),
    "lctsc-004": ("lctsc-004", None, {}),
    "crlm-1004/bases": ("crlm-1004/bases", "partly", {}),
    "crlm-1004/abdomen": ("crlm-1004/abdomen", "not_assessed", {}),
    "prostatex-0000": ("prostatex-0000", "not_assessed", {}),
}


def side_by_side(report):
    """Sides of the searched organs as (name, side, state, ml)."""
    return [(o["name"], o["side"], o["state"], o["searched_ml"] or 0) for o in report["organs"]]


def worst_state(organs):
    order = {"assessed": 0, "partly": 1, "not_assessed": 2}
    return max((o[2] for o in organs), key=lambda s: order[s])


def best_row(candidates, lesion):
    """The best candidate within the lesion (LUNA16's rule); None: there is none among the listed."""
    for row in candidates:
        d = math.dist((float(row["coordX"]), float(row["coordY"]), float(row["coordZ"])), lesion[:3])
        if d < lesion.diameter_mm / 2:
            return row
    return None


def size_of(report, row):
    """Size of the mark that a candidate became."""
    for mark in report["marks"]:
        if row and mark["id"] == row["mark"]:
            return mark["size"]
    return None


def run(restage, path, out, *more):
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run([restage, "run", path, "-o", out, "-q", *more], capture_output=True, text=True)
    if done.returncode:
        return done.returncode, done.stderr.strip(), None, None, None
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        report = json.load(f)
    with open(os.path.join(out, "done.json"), encoding="utf-8") as f:
        stages = json.load(f)
    with open(os.path.join(out, "candidates.csv"), encoding="utf-8", newline="") as f:
        candidates = list(csv.DictReader(f))
    return 0, "", report, stages, candidates


def check_lesion(name, lesion, row, size):
    """What is promised of a listed lesion and does not hold."""
    if lesion.rank and not (row and row["mark"]):
        yield f"{name} is no mark, its rank is {row and row['rank']}"
    elif lesion.rank and lesion.rank != "mark" and int(row["rank"]) > lesion.rank:
        yield f"{name} has rank {row['rank']}, not within {lesion.rank}"
    if row and row["side"] != lesion.side:
        yield f"{name} is called {row['side']}, not {lesion.side}"
    axis = size and size["long_axis_mm"]
    if lesion.axis_mm and axis and abs(axis / lesion.axis_mm - 1) > 0.2:
        yield f"{name} has a long axis of {axis} mm, not of {lesion.axis_mm} within 20 %"


def told(name, lesion, row, size):
    """Rank, * where it is a mark, P, side; long axis and volume where they are asked."""
    if not row:
        return f"{name} none"
    text = f"{name} {row['rank']}{'*' if row['mark'] else ''} P {float(row['probability']):.2f}"
    if size and lesion.axis_mm:
        text += f", {size['long_axis_mm']} x {size['short_axis_mm']} mm"
    if size and size["volume_mm3"] and lesion.ml:
        text += f", {size['volume_mm3'] / 1000:.1f} ml of {lesion.ml[0]} to {lesion.ml[1]}"
    return text + (", truncated" if size and size["truncated"] else "")


def row_of(name, expected, result, lesions):
    code, message, report, stages, candidates = result
    if code:
        return f"| {name} | exit {code}: {message} | | | | | | |", [f"{name}: exit {code}"]
    organs = side_by_side(report)
    litres = sum(o[3] for o in organs) / 1000
    rows = {key: best_row(candidates, lesion) for key, lesion in lesions.items()}
    sizes = {key: size_of(report, row) for key, row in rows.items()}
    seconds = sum(s["seconds"] for s in stages["stages"])
    megabytes = max(s["peak_memory_mb"] for s in stages["stages"])
    said = "; ".join(f"{o[1] or o[0]} {o[2]} {o[3]:.0f} ml" for o in organs) or "nothing"
    found = "; ".join(told(key, lesion, rows[key], sizes[key]) for key, lesion in lesions.items())
    listed = sum(bool(row and row["mark"]) for row in rows.values())
    others = len(report["marks"]) - listed
    first_25 = sum(bool(row) and int(row["rank"]) <= 25 for row in rows.values())
    per_litre = f"{others / litres:.1f}" if litres else ""
    wrong = [f"{name}: {worst_state(organs)}, not {expected}"] if expected and worst_state(organs) != expected else []
    for key, lesion in lesions.items():
        wrong += [f"{name}: lesion {line}" for line in check_lesion(key, lesion, rows[key], sizes[key])]
    return (f"| {name} | {said} | {len(report['marks'])} | {per_litre} | {first_25} of {len(lesions)} | {found} | "
            f"{seconds:.1f} | {megabytes:.0f} |", wrong)


def measure_spheres(restage, data, out):
    """--at on the FDA chest phantom: fits and intervals beside the nominal diameters. What is beyond 0.3 mm or outside its
    interval is wrong."""
    base, wrong = os.path.join(data, "clinical", "fda-phantom"), []
    print("\n| sphere | fit | low to high | class | resolution from |\n| --- | --- | --- | --- | --- |")
    with open(os.path.join(base, "annotations.json"), encoding="utf-8") as f:
        spheres = json.load(f)["lesions"]
    for sphere in spheres:
        folder, mm = sphere["folder"], sphere["nominal_diameter_mm"]
        at = ",".join(str(c) for c in sphere["centre_lps_mm"])
        code, message, report, _, _ = run(restage, os.path.join(base, folder), os.path.join(out, folder), "--at=" + at)
        if code:
            wrong.append(f"{folder}: exit {code}: {message}")
            continue
        size = report["marks"][0]["size"]
        print(f"| {mm} mm | {size['fit_mm']} | {size['fit_low_mm']} to {size['fit_high_mm']} | {size['size_class']} | "
              f"{report['quality']['psf']['basis']} |")
        fit = size["fit_mm"] or 0
        good = abs(fit - mm) <= 0.3 and (size["fit_low_mm"] or 99) <= mm <= (size["fit_high_mm"] or 0)
        if not good:
            wrong.append(f"fda-phantom: {mm} mm is measured as {size['text']}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restage", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("case", nargs="*")
    args = parser.parse_args()
    out = args.out or tempfile.mkdtemp(prefix="restage-real-")
    os.makedirs(out, exist_ok=True)
    wrong = []
    print("| scan | assessed | marks | beyond the listed, a litre | listed among the first 25 | lesion: rank (* a mark), P "
          "| s | MB |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, (folder, expected, lesions) in CASES.items():
        if args.case and name not in args.case:
            continue
        path = os.path.join(args.data, "clinical", folder)
        result = run(args.restage, path, os.path.join(out, name.replace("/", "-")))
        row, failed = row_of(name, expected, result, lesions)
        print(row, flush=True)
        wrong += failed
    if not args.case or "fda-phantom" in args.case:
        wrong += measure_spheres(args.restage, args.data, out)
    if not args.out:
        shutil.rmtree(out)
    for line in wrong:
        print("WRONG:", line, file=sys.stderr)
    return 1 if args.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
