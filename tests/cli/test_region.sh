#!/bin/sh
# run --region: the bed that a person gives, and what the packet says of it.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
export SOURCE_DATE_EPOCH=1
patient p 7
$python - <<'END' || { echo "no region, no test"; exit 70; }
import json
import numpy as np

truth = json.load(open("p/truth.json"))
g = truth["geometry"]
n, spacing = [g["columns"], g["rows"], g["slices"]], np.array(g["spacing_mm"])
origin = np.array(g["first_voxel_lps_mm"])
centre = np.array(max(truth["lesions"], key=lambda l: l["equivalent_mm"])["lps_mm"])
k, j, i = np.meshgrid(*(np.arange(m) for m in n[::-1]), indexing="ij")
places = np.stack([i, j, k], -1) * spacing + origin


def write(name, labels):
    head = f"""ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
TransformMatrix = 1 0 0 0 1 0 0 0 1
Offset = {' '.join('%.9g' % v for v in origin)}
ElementSpacing = {' '.join('%.9g' % v for v in spacing)}
DimSize = {' '.join(map(str, n))}
ElementType = MET_UCHAR
ElementDataFile = LOCAL
"""
    open(name, "wb").write(head.encode() + labels.astype("u1").tobytes())


ball = ((places - centre) ** 2).sum(-1) < 15**2
write("one.mha", ball)
write("two.mha", np.where(ball, 2, (i == 0) * 9))
write("none.mha", ball * 0)
json.dump([list(centre), int(ball.sum()), float(ball.sum() * spacing.prod() / 1000)], open("ball.json", "w"))
END
expect 0 '' run p -o one -q --region one.mha
expect 0 '' run p -o two -q --region two.mha --roi "label 2" -j 1
expect 0 '' run p -o number -q --region two.mha --roi 2 --identity none
expect 64 'several regions.*2 "label 2", 9 "label 9"' run p -o x --region two.mha
expect 64 'no such region' run p -o x --region two.mha --roi 4
expect 66 'no region' run p -o x --region none.mha
expect 65 'file of --region' run p -o x --region p/truth.json
$python - <<'END' || failed=1
import json
import sys

wrong = []
(centre, voxels, ml), one, two, none = [json.load(open(f)) for f in (
    "ball.json", "one/report.json", "two/report.json", "number/report.json")]
for name, report in (("one", one), ("two", two), ("number", none)):
    region = report["source"]["region"]
    if (region["voxels"], region["kind"]) != (voxels, "label volume") or abs(region["volume_ml"] - ml) > 0.001:
        wrong.append(f"{name}: {region}")
    if not any(l["code"] == "bed_given" for l in report["limitations"]):
        wrong.append(f"{name}: the limitations do not name the bed")
    if [m["bed"] for m in report["marks"]] != [m["bed"] for m in one["marks"]]:
        wrong.append(f"{name}: other beds than those of one")
    in_bed = 0
    for m in report["marks"]:
        mm = sum((a - b) ** 2 for a, b in zip(m["position_lps_mm"], centre)) ** 0.5 - 15
        d, relation = m["bed"]["distance_mm"], m["bed"]["relation"]
        if not -1e-9 <= d <= max(mm, 0) + 8: # the nearest voxel is not farther than the centre
            wrong.append(f"{name} {m['id']}: {d} mm, its centre lies {mm:.1f} mm from the ball")
        right = "in_bed" if d <= 10 else "margin" if d <= 20 else None
        if right and relation != right or not right and relation not in ("same_organ", "elsewhere"):
            wrong.append(f"{name} {m['id']}: {relation} at {d} mm")
        in_bed += relation == "in_bed"
    if not in_bed:
        wrong.append(f"{name}: no mark in the bed, though a lesion lies there")
if none["source"]["region"]["roi_name"] is not None or two["source"]["region"]["roi_name"] != "label 2":
    wrong.append("roi_name")
print(*wrong, sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
END
$python "$RESTAGE_SOURCE/tests/packet/check_packet.py" "$RESTAGE_SOURCE/src/packet/report.schema.json" one two number
code=$?
[ $code = 0 ] || [ $code = 77 ] || failed=1
exit $failed
