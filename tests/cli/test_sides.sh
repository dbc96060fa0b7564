#!/bin/sh
# Left and right are never swapped, and whole lungs are assessed: small phantoms by seeds, every candidate on a lesion has
# the truth's side.
[ -n "$RESTAGE" ] || exit 77
[ -z "$RS_SANITIZE" ] || { echo "too slow under sanitizers"; exit 77; }
python=/usr/bin/python3
[ -x $python ] || python=python3
rm -rf packets
sh "$RESTAGE_SOURCE/bench/phantoms.sh" packets 101 104 --columns 160 --slices 96 --slice-spacing 3 --lesions 8 || exit 1
exec $python - packets/seed-* <<'END'
import csv, json, math, os, sys
wrong, compared = [], 0
for folder in sys.argv[1:]:
    with open(os.path.join(folder, "truth.json")) as f:
        lesions = json.load(f)["lesions"]
    with open(os.path.join(folder, "report.json")) as f:
        organs = sorted((o["side"] or "none", o["state"]) for o in json.load(f)["organs"])
    with open(os.path.join(folder, "candidates.csv"), newline="") as f:
        rows = list(csv.DictReader(f))
    if organs != [("left", "assessed"), ("right", "assessed")]:
        wrong.append("%s: %s" % (folder, organs))
    for lesion in lesions:
        reach = max(lesion["equivalent_mm"] / 2, 1.0)
        for row in rows:
            place = [float(row["coord" + axis]) for axis in "XYZ"]
            if math.dist(place, lesion["lps_mm"]) < reach:
                compared += 1
                if row["side"] != lesion["side"]:
                    wrong.append("%s: a candidate on a %s lesion is called %s" % (folder, lesion["side"], row["side"]))
print("%d candidates on lesions" % compared, *wrong, sep="\n")
sys.exit(bool(wrong) or compared < 20)
END
