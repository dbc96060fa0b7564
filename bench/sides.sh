#!/bin/sh
# Sides on synthetic patients: each of COUNT phantoms (seeds 101, 102, ...) must have both lungs assessed and named, and
# every mark and candidate that hits a lesion must have the truth's side. Counts on stdout; 1 where anything is wrong.
#
#   sh bench/sides.sh RESTAGE [COUNT]
#
# RESTAGE is the program; COUNT is 20 if not said (about a minute of one core).
set -e
restage=$1
count=${2:-20}
[ -n "$restage" ] || { echo "usage: sh bench/sides.sh RESTAGE [COUNT]" >&2; exit 64; }
python=/usr/bin/python3
[ -x $python ] || python=python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
seed=101
while [ $seed -lt $((101 + count)) ]; do
    "$restage" phantom -o "$work/scan" --force --seed $seed --columns 160 --slices 96 --slice-spacing 3 --lesions 8 -q
    "$restage" run "$work/scan" -o "$work/packet-$seed" -q
    mv "$work/scan/truth.json" "$work/packet-$seed/truth.json"
    rm -rf "$work/scan"
    seed=$((seed + 1))
done
$python - "$work"/packet-* <<'PYTHON'
import csv
import json
import math
import sys

wrong, lungs, hit, marks, lesions = [], 0, 0, 0, 0
for folder in sys.argv[1:]:
    name = folder.rsplit("-", 1)[-1]
    truth = json.load(open(folder + "/truth.json", encoding="utf-8"))
    report = json.load(open(folder + "/report.json", encoding="utf-8"))
    sides = sorted((o["side"] or "null", o["state"]) for o in report["organs"])
    if sides == [("left", "assessed"), ("right", "assessed")]:
        lungs += 1
    else:
        wrong.append(f"seed {name}: lungs {sides}")
    with open(folder + "/candidates.csv", encoding="utf-8", newline="") as f:
        places = [([float(c["coord" + x]) for x in "XYZ"], c["side"], "candidate") for c in csv.DictReader(f)]
    places += [(m["position_lps_mm"], m["side"], "mark") for m in report["marks"]]
    lesions += len(truth["lesions"])
    for lesion in truth["lesions"]:
        near = [p for p in places if math.dist(p[0], lesion["lps_mm"]) < max(lesion["equivalent_mm"] / 2, 1)]
        hit += any(p[2] == "candidate" for p in near)
        marks += any(p[2] == "mark" for p in near)
        wrong += [f"seed {name}: {what} at {place} is {side}, lesion {lesion['id']} is {lesion['side']}"
                  for place, side, what in near if side != lesion["side"]]
print(f"{len(sys.argv) - 1} phantoms: both lungs assessed in {lungs}; of {lesions} lesions {hit} hit by a candidate, "
      f"{marks} by a mark; wrong: {len(wrong)}")
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
PYTHON
