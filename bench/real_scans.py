#!/usr/bin/env python3
"""Runs restage on the real scans of the shared data folder and prints one table: what was assessed, marks, marks a litre,
seconds, MB, and the rank and side of each listed lesion (* where it is a mark); then the spheres of the phantom that a
real scanner saw, measured by --at at their known centres. With --check it asserts what the scans must give.

    python3 bench/real_scans.py --restage build/release/restage --data ../shared/data [--out DIR] [--check] [CASE...]

A listed lesion counts as found by a candidate that lies closer to its centre than its radius (LUNA16's rule).
"""
import argparse
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

# case: folder below clinical/, what organs must say, lesions {name: (x, y, z, diameter_mm, side, highest rank or None)}
# Positions and sizes: the INDEX of the data folder. Ranks are asserted only where the project promises them ("mark": any).
CASES = {
    "r01-001": ("r01-001", "assessed", {"nodule": (-95.8, -145.1, -66.6, 13.5, "right", 10)}),
    "cmb-crc-01068": ("cmb-crc-01068/CT", "partly", {  # 41 cm2 of the right lung in the lowest slice
        "A": (95.4, -2.1, -109.0, 26.5, "left", "mark"), "B": (34.3, -75.5, -156.4, 7.5, "left", None),
        "C": (-56.1, 42.3, -114.8, 5.0, "right", None), "D": (-79.5, -18.7, -88.6, 4.6, "right", None),
        "E": (-98.9, -50.3, -163.5, 4.2, "right", None), "F": (90.1, 12.9, -60.0, 5.0, "left", None),
        "G": (-66.1, -19.3, -200.7, 8.3, "right", None), "H": (-87.0, 32.5, -150.2, 5.0, "right", None),
        "J": (46.5, 17.7, -74.0, 12.0, "left", None), "M": (-105.0, 9.8, -50.3, 4.0, "right", None)}),
    "lidc-0001": ("lidc-0001", "partly", {"23 mm": (56.4, 86.4, -115.8, 23.1, "left", "mark")}),
    "lidc-0002": ("lidc-0002", "partly", {"23 mm, ground glass": (59.8, 71.5, -91.0, 23.3, "left", None)}),
    "lungfcp-0001": ("lungfcp-0001/CT", "partly", {"part-solid": (-51.0, -147.5, 58.3, 17.0, "right", None)}),
    "lung1-001": ("lung1-001", None, {}),
    "qin-0014": ("qin-0014", None, {"lesion": (-21.0, -137.0, 238.0, 24.0, "right", "mark")}),
    "qin-0028": ("qin-0028", None, {"lesion": (97.1, -172.9, 307.4, 30.0, "left", "mark")}),
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


def rank_of(candidates, lesion):
    x, y, z, diameter, side, _ = lesion
    for row in candidates:
        d = math.dist((float(row["coordX"]), float(row["coordY"]), float(row["coordZ"])), (x, y, z))
        if d < diameter / 2:
            return int(row["rank"]), row["side"], bool(row["mark"])
    return None, None, False


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


def check_case(name, expected, lesions, organs, ranks):
    wrong = []
    if expected and worst_state(organs) != expected:
        wrong.append(f"{name}: {worst_state(organs)}, not {expected}")
    for lesion, (rank, side, marked) in ranks.items():
        limit, true_side = lesions[lesion][5], lesions[lesion][4]
        if limit and not marked:
            wrong.append(f"{name}: lesion {lesion} is no mark, its rank is {rank}")
        elif limit and limit != "mark" and rank > limit:
            wrong.append(f"{name}: lesion {lesion} has rank {rank}, not within {limit}")
        if rank is not None and side != true_side:
            wrong.append(f"{name}: lesion {lesion} is called {side}, not {true_side}")
    return wrong


def row_of(name, result, lesions):
    code, message, report, stages, candidates = result
    if code:
        return f"| {name} | exit {code}: {message} | | | | | |", [f"{name}: exit {code}"], {}
    organs = side_by_side(report)
    litres = sum(o[3] for o in organs) / 1000
    ranks = {key: rank_of(candidates, lesion) for key, lesion in lesions.items()}
    seconds = sum(s["seconds"] for s in stages["stages"])
    megabytes = max(s["peak_memory_mb"] for s in stages["stages"])
    said = "; ".join(f"{o[1] or o[0]} {o[2]} {o[3]:.0f} ml" for o in organs) or "nothing"
    found = ", ".join(f"{key} {rank or 'none'}{'*' if marked else ''} {side or ''}".strip()
                      for key, (rank, side, marked) in ranks.items())
    per_litre = f"{len(report['marks']) / litres:.1f}" if litres else ""
    row = (f"| {name} | {said} | {len(report['marks'])} | {per_litre} | {found} | {seconds:.1f} | "
           f"{megabytes:.0f} |")
    return row, [], (organs, ranks)


def measure_spheres(restage, data, out):
    """--at on the FDA chest phantom: fits and intervals beside the nominal diameters. What is beyond 0.5 mm (10 and 8 mm)
    or outside its interval (5 mm) is wrong."""
    base, wrong = os.path.join(data, "clinical", "fda-phantom"), []
    print("\n| sphere | fit | low to high | resolution from |\n| --- | --- | --- | --- |")
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
        print(f"| {mm} mm | {size['fit_mm']} | {size['fit_low_mm']} to {size['fit_high_mm']} | "
              f"{report['quality']['psf']['basis']} |")
        fit = size["fit_mm"] or 0
        good = abs(fit - mm) <= 0.5 if mm > 5 else (size["fit_low_mm"] or 99) <= mm <= (size["fit_high_mm"] or 0)
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
    print("| scan | assessed | marks | a litre | lesion: rank, side | s | MB |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name, (folder, expected, lesions) in CASES.items():
        if args.case and name not in args.case:
            continue
        path = os.path.join(args.data, "clinical", folder)
        result = run(args.restage, path, os.path.join(out, name.replace("/", "-")))
        row, failed, facts = row_of(name, result, lesions)
        print(row, flush=True)
        wrong += failed
        if facts:
            wrong += check_case(name, expected, lesions, *facts)
    if not args.case or "fda-phantom" in args.case:
        wrong += measure_spheres(args.restage, args.data, out)
    if not args.out:
        shutil.rmtree(out)
    for line in wrong:
        print("WRONG:", line, file=sys.stderr)
    return 1 if args.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
