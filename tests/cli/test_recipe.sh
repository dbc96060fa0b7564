#!/bin/sh
# restage phantom --recipe: calls and refusals; the recipes of samples/; which seed changes what; a series of every mode
# that others read.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
hard=$RESTAGE_SOURCE/samples/recipe-hard.json

# Calls.
expect 0 'crowding \(F19\)' phantom --list-modes
expect 64 'lesion-seed and --scan-seed want' phantom -o x --lesion-seed 0
expect 64 'time-point wants 0 or 1' phantom -o x --time-point 2
expect 64 'smallest lesion must lie between 1 and 80' phantom -o x --recipe "$hard" --smallest 0.5
expect 64 'smallest lesion must lie between 2 and 80' phantom -o x --smallest 1.5
expect 66 '[-]-recipe nowhere.json: ' phantom -o x --recipe nowhere.json
printf '{"schema": "restage-recipe-1", "name": "x"}' >now.json
expect 64 'time-point 1 wants a --recipe with follow_up' phantom -o x --time-point 1
expect 64 'time-point 1 wants a --recipe with follow_up' phantom -o x --time-point 1 \
    --recipe now.json
expect 64 'lesions wants 0 to 200' phantom -o x --lesions 201
expect 0 'with [0-9]+ of 200 lesions' phantom -o full --lesions 200 --columns 32 --slices 2 --slice-spacing 5
printf '{"schema": "restage-recipe-1",\n "name": "x",}' >bad.json
expect 65 'line 2, column' phantom -o x --recipe bad.json
printf '{"schema": "restage-recipe-1", "name": "x", "modes": {"emphysem": true}}' >bad.json
expect 65 "did you mean 'emphysema'" phantom -o x --recipe bad.json
printf '{"schema": "restage-recipe-1", "name": "x", "lesions": {"mean": 1000}}' >bad.json
expect 65 'between 0 and 100' phantom -o x --recipe bad.json
head -c 2000000 /dev/zero >bad.json
expect 65 '' phantom -o x --recipe bad.json

# Every mode is in the table, and the hard recipe names each.
"$RESTAGE" phantom --list-modes --json >modes.json || wrong "no list of modes"
[ "$(value modes.json 'sorted(m["name"] for m in d["modes"])')" = "$(value "$hard" 'sorted(d["modes"])')" ] ||
    wrong "samples/recipe-hard.json does not name every mode"

small='--columns 64 --slices 40 --slice-spacing 7 -q'
for recipe in "$RESTAGE_SOURCE"/samples/recipe-*.json; do
    # shellcheck disable=SC2086
    expect 0 '' phantom -o sample --force --recipe "$recipe" --seed 3 $small
    [ "$(value sample/truth.json 'd["recipe"]')" = "$(value "$recipe" 'd["name"]')" ] || wrong "truth of $recipe"
done

# Other lesions, another scanner, another time: the same patient in another study; the same call, the same bytes.
# shellcheck disable=SC2086
while read -r name options; do
    "$RESTAGE" phantom -o "$name" --recipe "$hard" --seed 5 $small $options || wrong "phantom $options"
done <<'END'
a
b
lesions --lesion-seed 6
scan --scan-seed 6
later --time-point 1
END
diff -r a b >/dev/null || wrong "the same call gives other bytes"
$python - <<'END' || wrong "seeds and time points"
import json
import sys

t = {name: json.load(open(name + "/truth.json")) for name in ("a", "lesions", "scan", "later")}
wrong = []
if len({x["study_uid"] for x in t.values()}) != 4 or len({x["series_uid"] for x in t.values()}) != 4:
    wrong.append("UIDs")
if {x["patient_id"] for x in t.values()} != {"SYNTHETIC-5"}:
    wrong.append("patients")
if t["a"]["geometry"] != t["lesions"]["geometry"] or t["a"]["acquisition"] != t["lesions"]["acquisition"]:
    wrong.append("another lesion seed changes the scan")
volumes = {name: [l["volume_mm3"] for l in x["lesions"]] for name, x in t.items()}
if volumes["a"] != volumes["scan"] or volumes["a"] == volumes["lesions"]:
    wrong.append("lesions: %s" % volumes)
if any("time" in l for l in t["a"]["lesions"]) or "vanished" in t["a"]:
    wrong.append("time point 0 tells of later")
before = {i + 1: l for i, l in enumerate(t["a"]["lesions"])}
for l in t["later"]["lesions"]:
    was = before.pop(l["time"]["id_before"], None)
    if (was is None) != (l["time"]["state"] == "new"):
        wrong.append("id_before: %s" % l["time"])
    if l["time"]["state"] == "same" and l["volume_mm3"] != was["volume_mm3"]:
        wrong.append("it is the same, of another volume")
if set(before) != {v["id_before"] for v in t["later"]["vanished"]}:
    wrong.append("vanished: %s" % t["later"]["vanished"])
# One way from the frame of the first scan to that of the second; growth moves a centroid a little.
stayed = [(l["lps_mm"], l["time"]["id_before"]) for l in t["later"]["lesions"] if l["time"]["state"] == "same"]
gone = [(v["lps_mm"], v["id_before"]) for v in t["later"]["vanished"]]
ways = [[b - c for b, c in zip(p, t["a"]["lesions"][n - 1]["lps_mm"])] for p, n in stayed + gone]
if not stayed or not gone or any(abs(w - v) > 0.5 for way in ways for w, v in zip(way, ways[0])):
    wrong.append("ways between the frames: %s" % ways)
print("\n".join(wrong))
sys.exit(bool(wrong))
END

# Read by others.
$python - <<'END' || wrong "pydicom"
import glob
import sys

import pydicom

for name, date in (("a", "20200101"), ("later", "20200701")):
    for file in glob.glob(name + "/*.dcm"):
        data = pydicom.dcmread(file)
        if data.pixel_array.shape != (64, 64) or data.StudyDate != date or "SYNTHETIC" not in data.SeriesDescription:
            sys.exit(file)
END
for tool in dciodvfy dcmdump dcm2niix; do
    command -v $tool >tool || { echo "$tool is not there"; continue; }
    for name in a later; do
        case $tool in
        dciodvfy) dciodvfy $name/IM0007.dcm 2>&1 | grep '^Error' && wrong "dciodvfy $name" ;;
        dcmdump) dcmdump -q $name/IM0007.dcm >dump || wrong "dcmdump $name" ;;
        dcm2niix) dcm2niix -o . -f $name $name >log 2>&1 && grep -q 'Convert 40 DICOM' log || wrong "dcm2niix $name" ;;
        esac
    done
done
exit $failed
