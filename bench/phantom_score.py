#!/usr/bin/env python3
"""Scores packets of phantoms against their truth: lesions found, sizes, classes, false marks.

    python3 bench/phantom_score.py [--check] FOLDER...

FOLDER has the truth.json of a phantom, and the report.json and candidates.csv of its packet (bench/phantoms.sh keeps the
three). With --check it ends with 1 where a lung is not assessed or a lesion's candidate has the other side. A lesion is hit by the best candidate nearer to its centre than its radius, and measured by the best
such mark; run with --sensitivity high to have more of them measured. Tables on stdout, one row an attachment.
"""
import csv
import json
import math
import os
import statistics
import sys

FIRST = 30  # candidates among which a lesion counts as found


def read(folder):
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
        report = json.load(f)
    with open(os.path.join(folder, "candidates.csv"), encoding="utf-8", newline="") as f:
        candidates = list(csv.DictReader(f))
    return truth, report, candidates


def true_class(mm):
    return "below_5mm" if mm < 5 else "above_5mm"


def hits(lesion, places):
    """Indices of the places nearer to the lesion than its radius, in their own order."""
    reach = max(lesion["equivalent_mm"] / 2, 1.0)
    return [n for n, place in enumerate(places) if math.dist(place, lesion["lps_mm"]) < reach]


def turned_sides(truth, places, candidates):
    """Candidates that hit a lesion and name the other side, or none."""
    return sum(candidates[n]["side"] != lesion["side"] for lesion in truth["lesions"] for n in hits(lesion, places))


def score(folder):
    """The lesions of one phantom with what was made of each; marks that hit none; litres; lungs and sides."""
    truth, report, candidates = read(folder)
    places = [tuple(float(row["coord" + axis]) for axis in "XYZ") for row in candidates]
    marks = report["marks"]
    spots = [m["position_lps_mm"] for m in marks]
    lesions, taken = [], set()
    for lesion in truth["lesions"]:
        found, marked = hits(lesion, places), hits(lesion, spots)
        taken.update(marked)
        lesions.append({"mm": lesion["equivalent_mm"], "attachment": lesion["attachment"],
                        "shape": lesion["shape"], "side": lesion["side"],
                        "rank": found[0] + 1 if found else None, "mark": marks[marked[0]] if marked else None})
    litres = sum(organ["searched_ml"] or 0 for organ in report["organs"]) / 1000
    lungs = sorted((o["side"] or "none", o["state"]) for o in report["organs"])
    return {"lesions": lesions, "false": len(marks) - len(taken), "litres": litres, "turned": turned_sides(truth, places, candidates),
            "point": report["operating_point"]["name"], "whole": lungs == [("left", "assessed"), ("right", "assessed")]}


def share(part, whole):
    return f"{part} of {whole} ({part / whole:.2f})" if whole else "none"


def print_found(groups):
    print(f"| lesions | all | 4 mm and more | of these among the first {FIRST} | below 4 mm, among the first {FIRST} | marks |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, group in groups:
        large = [x for x in group if x["mm"] >= 4]
        small = [x for x in group if x["mm"] < 4]
        early = [sum(x["rank"] is not None and x["rank"] <= FIRST for x in part) for part in (large, small)]
        print(f"| {name} | {len(group)} | {len(large)} | {share(early[0], len(large))} | {share(early[1], len(small))} | "
              f"{share(sum(x['mark'] is not None for x in group), len(group))} |")


def print_sizes(groups):
    print("\n| lesions that are marks | n | with a fit | bias, mm | SD, mm | fit_low..fit_high covers | low..high covers |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, group in groups:
        for low, high in ((2, 3), (3, 8), (8, 30.1)):
            sized = [(x["mm"], x["mark"]["size"]) for x in group if x["mark"] and low <= x["mm"] < high]
            fits = [(mm, s) for mm, s in sized if s["fit_mm"] is not None]
            errors = [s["fit_mm"] - mm for mm, s in fits]
            covered = sum(s["fit_low_mm"] <= mm <= s["fit_high_mm"] for mm, s in fits)
            decided = sum(s["low_mm"] is not None and s["low_mm"] <= mm and (s["high_mm"] is None or mm <= s["high_mm"])
                          for mm, s in sized)
            bias = f"{statistics.mean(errors):+.2f}" if errors else ""
            spread = f"{statistics.stdev(errors):.2f}" if len(errors) > 1 else ""
            print(f"| {name}, {low} to {high:.0f} mm | {len(sized)} | {len(fits)} | {bias} | {spread} | "
                  f"{share(covered, len(fits))} | {share(decided, len(sized))} |")


def print_classes(groups):
    print("\n| lesions that are marks | n | right definite class | wrong definite class | near 5 mm | indeterminate | side wrong |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, group in groups:
        marks = [(true_class(x["mm"]), x["mark"]["size"]["size_class"]) for x in group if x["mark"]]
        definite = [(t, c) for t, c in marks if c in ("below_5mm", "above_5mm")]
        right = sum(t == c for t, c in definite)
        turned = sum(x["mark"]["side"] != x["side"] for x in group if x["mark"])
        print(f"| {name} | {len(marks)} | {right} | {share(len(definite) - right, len(marks))} | "
              f"{sum(c == 'near_5mm' for _, c in marks)} | {sum(c == 'indeterminate' for _, c in marks)} | {turned} |")


def main():
    check = sys.argv[1:2] == ["--check"]
    folders = sys.argv[2 if check else 1:]
    if not folders or folders[0].startswith("-"):
        sys.exit(__doc__)
    scored = [score(folder) for folder in folders]
    lesions = [x for s in scored for x in s["lesions"]]
    litres = sum(s["litres"] for s in scored)
    false = sum(s["false"] for s in scored)
    points = "/".join(sorted({s["point"] or "none" for s in scored}))
    groups = [(kind, [x for x in lesions if x["attachment"] == kind]) for kind in ("free", "vessel", "pleura")]
    groups.append(("all", lesions))
    print(f"{len(scored)} phantoms, {litres:.1f} litres searched, {len(lesions)} lesions; operating point {points}: "
          f"{false} marks that hit no lesion, {false / max(litres, 1e-9):.2f} a litre, {false / len(scored):.1f} a scan.\n"
          f"Both lungs assessed in {sum(s['whole'] for s in scored)}; candidates on a lesion with the wrong side: "
          f"{sum(s['turned'] for s in scored)}.\n")
    print_found(groups)
    print_sizes(groups)
    print_classes(groups)
    if check and any(s["turned"] or not s["whole"] for s in scored):
        sys.exit(1)


if __name__ == "__main__":
    main()
