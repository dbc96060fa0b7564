#!/bin/sh
# run --context: refusals by the path of the key before any image, the echo, beds and days, the same bytes twice.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
export SOURCE_DATE_EPOCH=1
patient p 3 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 8
expect 0 '' run p -o bare -q

# refused CODE PATTERN JSON: nothing is read for it, for there is no such folder.
refused()
{
    printf '%s' "$3" >c.json
    expect "$1" "$2" run no-such-folder -o x --context c.json
}
refused 65 'file of --context: it holds no JSON object' '[]'
refused 65 'no valid JSON at line 1' '{"primary": '
refused 65 'a key stands twice' '{"primary": {}, "primary": {}}'
refused 65 'stage is no key that is known: there are primary, malignancy_known' '{"stage": 4}'
refused 65 'primary.side is no key' '{"primary": {"side": "left"}}'
refused 65 'primary is no object' '{"primary": "colon"}'
refused 65 'primary.state is none of "controlled", "controllable", "not", "unknown"' '{"primary": {"state": "no"}}'
refused 65 'primary.date is no date' '{"primary": {"date": "2023-02-29"}}'
refused 65 'malignancy_known is neither true nor false' '{"malignancy_known": "yes"}'
refused 65 'disease_free_interval_days is no whole number' '{"disease_free_interval_days": 1.5}'
refused 65 'treatments is no array' '{"treatments": {}}'
refused 65 'treatments\[1\].kind is none of' '{"treatments": [{}, {"kind": "radiotherapy"}]}'
refused 65 'treatments\[0\].point_lps_mm is no position' '{"treatments": [{"point_lps_mm": [1, 2]}]}'
refused 65 'treatments\[0\] has a point and a mask' '{"treatments": [{"point_lps_mm": [1, 2, 3], "mask": "m.mha"}]}'
refused 65 'treatments\[0\] names a region' '{"treatments": [{"roi": "GTV"}]}'
refused 65 'known_lesions\[0\].label is no text' '{"known_lesions": [{"label": 7}]}'
refused 65 'known_lesions\[0\].size is no key' '{"known_lesions": [{"size": 7}]}'
refused 66 'the input does not exist' '{}'
expect 66 'file of --context' run p -o x --context no-such.json
printf '{"treatments": [{"mask": "m.mha"}]}' >c.json
expect 66 'mask of treatments\[0\] of --context' run p -o x --context c.json

# A point at the first mark, and a ball around the second as a mask that lies beside the context.
mkdir told
$python - <<'END' || { echo "no context, no test"; exit 70; }
import json
import numpy as np

truth = json.load(open("p/truth.json"))
g = truth["geometry"]
n, spacing = [g["columns"], g["rows"], g["slices"]], np.array(g["spacing_mm"])
origin = np.array(g["first_voxel_lps_mm"])
first, second = (np.array(m["position_lps_mm"]) for m in json.load(open("bare/report.json"))["marks"][:2])
k, j, i = np.meshgrid(*(np.arange(m) for m in n[::-1]), indexing="ij")
inside = ((np.stack([i, j, k], -1) * spacing + origin - second) ** 2).sum(-1) < 9**2
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
open("told/ball.mha", "wb").write(head.encode() + inside.astype("u1").tobytes())
context = {
    "primary": {"site": "colon", "histology": "adenocarcinoma", "date": "2018-06", "state": "controlled"},
    "malignancy_known": True,
    "disease_free_interval_days": 300,
    "treatments": [
        {"kind": "systemic", "date": "2018-07-01"},
        {"kind": "SBRT", "site": "here", "date": "2019-12-22", "point_lps_mm": [float(v) for v in first]},
        {"kind": "surgery", "mask": "ball.mha", "roi": "label 1"},
    ],
    "known_lesions": [{"position_lps_mm": [float(v) for v in first], "label": "K1", "nature": "treated"},
                      {"label": "nowhere"}],
}
json.dump(context, open("told/context.json", "w"), indent=1)
END
expect 0 '' run p -o one -q --context told/context.json
expect 0 '' run p -o two -q -j 1 --context told/context.json
expect 0 '' run p -o none -q --identity none --context told/context.json
for file in report.json lesions.csv report.html; do
    cmp -s one/$file two/$file || wrong "two runs with one context differ in $file"
done
check="$RESTAGE_SOURCE/tests/packet/check_packet.py"
$python "$check" "$RESTAGE_SOURCE/src/packet/report.schema.json" one none bare
code=$?
[ $code = 0 ] || [ $code = 77 ] || wrong "the packets"
$python - "$RESTAGE_SOURCE/src/packet/context.schema.json" <<'END' || failed=1
import json
import math
import re
import sys

wrong = []
given, one, none, bare = [json.load(open(f)) for f in (
    "told/context.json", "one/report.json", "none/report.json", "bare/report.json")]
try:
    import jsonschema
    jsonschema.validate(given, json.load(open(sys.argv[1])))
except ImportError:
    pass
echo = json.loads(json.dumps(one["context"]))
if echo.pop("given_by") != "a person, not this program" or len(echo.pop("sha256")) != 64:
    wrong.append("the context is not marked as given by a person")
marks = [k.pop("mark") for k in echo["known_lesions"]]
[k.pop("reason") for k in echo["known_lesions"]]
expected = json.loads(json.dumps(given))
expected["treatments"][2].pop("roi")
if echo != expected:
    wrong.append(f"echoed as {echo}")
if one["context_reason"] is not None or bare["context"] is not None or not bare["context_reason"]:
    wrong.append("context_reason")
point = given["treatments"][1]["point_lps_mm"]
if marks[0] != "M01" or marks[1] is not None:
    wrong.append(f"known lesions at {marks}")
names = {"SBRT, here, 2019-12-22", "surgery"}
if {m["bed"]["treatment"] for m in one["marks"]} != names:
    wrong.append(f"treatments {[m['bed'] for m in one['marks']]}")
for m, b in zip(one["marks"], bare["marks"]):
    bed, far = m["bed"], math.dist(m["position_lps_mm"], point)
    right = "in_bed" if bed["distance_mm"] <= 10 else "margin" if bed["distance_mm"] <= 20 else None
    if right and bed["relation"] != right or not right and bed["relation"] not in ("same_organ", "elsewhere"):
        wrong.append(f"{m['id']}: {bed}")
    if bed["treatment"] != "surgery" and not far - 20 <= bed["distance_mm"] <= far + 3:
        wrong.append(f"{m['id']}: {bed}, its centre lies {far:.1f} mm from the point")
    if b["bed"]["relation"] != "unknown" or m["tracking_uid"] != b["tracking_uid"]:
        wrong.append(f"{m['id']}: without context {b['bed']}")
rows = {r["id"]: r for r in one["criteria"]}
counted = {r: sum(m["bed"]["relation"] == r for m in one["marks"]) for r in ("in_bed", "margin", "same_organ", "elsewhere")}
if any(rows["local"]["numbers"][r] != n for r, n in counted.items()) or counted["in_bed"] < 2:
    wrong.append(f"local {rows['local']['numbers']}, marks {counted}")
said = rows["local"]["evidence"]
if "_" in said or f"in bed {counted['in_bed']}" not in said or "mm (in bed)" not in said or ". In bed is up to" not in said:
    wrong.append(f"codes instead of words: {said}")
if rows["local"]["numbers"]["nearest_mm"] != min(m["bed"]["distance_mm"] for m in one["marks"]):
    wrong.append("nearest_mm")
# The phantom was scanned on 2020-01-01.
days = rows["interval"]["numbers"]
if (days["days_since_first_treatment"], days["days_since_last_treatment"], days["days_since_primary"],
        days["disease_free_interval_days"]) != (549, 10, None, 300):
    wrong.append(f"interval {days}")
if "controlled" not in rows["primary"]["evidence"] or rows["primary"]["blank"] != "primary_state":
    wrong.append(f"primary {rows['primary']}")


def texts(value):
    """Every text of a report, but identifiers and digests, whose digits may be anyone's year, and no number (0.2018)."""
    if isinstance(value, dict):
        return [t for v in value.values() for t in texts(v)] + list(value)
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return [value] if isinstance(value, str) and not re.fullmatch(r"[0-9]+(\.[0-9]+){2,}|[0-9a-f]{32,}", value) else []


found = [t for t in texts(none) for word in ("colon", "adenocarcinoma", "2018", "2019-12", "201912", "ball.mha", "K1") if word in t]
if found:
    wrong.append(f"identity none, and yet a text or date of the context: {found}")
if [m["bed"]["relation"] for m in none["marks"]] != [m["bed"]["relation"] for m in one["marks"]]:
    wrong.append("other beds without identity")
if {r["id"]: r for r in none["criteria"]}["interval"]["numbers"] != days:
    wrong.append("other days without identity")
if one["filing"]["packet_digest"] is not None and one["filing"]["packet_digest"] == bare["filing"]["packet_digest"]:
    wrong.append("with and without context the objects have the same UIDs")
print(*wrong, sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
END
exit $failed
