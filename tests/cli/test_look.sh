#!/bin/sh
# Looking: --dump writes what the stations made, --stop-after ends the line, --at measures what a person points at,
# --candidates takes the dump back. A dump is whole or absent, names no patient, and has the same bytes on any threads.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
export SOURCE_DATE_EPOCH=1700000000

"$RESTAGE" phantom -o scan --seed 3 --columns 192 --slices 80 --slice-spacing 2 --field-of-view 320 --lesions 6 -q ||
    exit 70

# ---- every station
expect 0 '^Dump: all\.dump' run scan -o all --dump all -j 3
complete all
for file in 01-series.json 02-read.nii 03-organs.nii 03-organs.json 03-organs.png 04-quality.json 05-detect.csv \
    05-detect.png 05-detect-rays42.npy 05-detect-rays162.npy 06-measure.csv 07-report.json dump.json; do
    [ -s "all.dump/$file" ] || wrong "no all.dump/$file"
done
[ "$(find all.dump -type f | wc -l)" = 13 ] || wrong "all.dump holds something else too"
[ "$(stat -c %a all.dump)" = 700 ] || wrong "all.dump is open to others"
[ "$(find all.dump -type f ! -perm 600)" = "" ] || wrong "files of all.dump are open to others"
cmp -s all/report.json all.dump/07-report.json || wrong "07-report.json is not report.json"
$python - <<'E2' || wrong "the dump does not say what the packet says"
import csv, json, struct
report, series = json.load(open("all/report.json")), json.load(open("all.dump/01-series.json"))["series"]
rows = list(csv.DictReader(open("all.dump/05-detect.csv")))
lesions = list(csv.DictReader(open("all.dump/06-measure.csv")))
assert list(rows[0])[:5] == ["seriesuid", "coordX", "coordY", "coordZ", "probability"]
assert len(rows) > 1000, len(rows)
best = list(csv.DictReader(open("all/candidates.csv")))
assert len(best) == 1000
for mine, theirs in zip(rows, best):
    assert abs(float(mine["coordX"]) - float(theirs["coordX"])) < 0.006
    assert abs(float(mine["probability"]) - float(theirs["probability"])) < 6e-5
assert sum(r["mark"] == "true" for r in rows) == len(report["marks"]) == len(lesions) > 3
# every candidate has every feature of the rays; those of masses belong to masses
features = [f for f in list(rows[0])[18:] if not f.startswith("mass_") and not f.endswith("_logit")]
assert len(features) == 15, features
assert all(r[f] != "" for r in rows for f in features), [f for f in features if any(r[f] == "" for r in rows)]
for lesion, mark in zip(lesions, report["marks"]):
    assert abs(float(lesion["coordZ"]) - mark["position_lps_mm"][2]) < 0.006
    assert float(lesion["low_mm"]) == mark["size"]["low_mm"]
used = [s for s in series if s["used"]]
assert len(used) == 1 and len(used[0]["slices"]) == 80 and used[0]["size"] == [192, 192, 80]
# NIfTI: sizes, and as many voxels of a label as the region's ml
for name in "02-read.nii", "03-organs.nii":
    head = open("all.dump/" + name, "rb").read(352)
    assert struct.unpack("<8h", head[40:56])[1:4] == (192, 192, 80), name
labels = open("all.dump/03-organs.nii", "rb").read()[352:]
labels = struct.unpack("<%dh" % (192 * 192 * 80), labels)
voxel_ml = (320 / 192) ** 2 * 2 / 1000
regions = json.load(open("all.dump/03-organs.json"))["regions"]
assert [r["role"] for r in regions].count("search") == 2
for r in regions:
    if r["role"] == "search":
        assert abs(labels.count(r["label"]) * voxel_ml - r["searched_ml"]) < 1, r
quality = json.load(open("all.dump/04-quality.json"))["cases"]
assert abs(quality[0]["noise_hu"] - report["quality"]["noise_hu"]) < 0.06
for name in "03-organs.png", "05-detect.png":
    head = open("all.dump/" + name, "rb").read(26)
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and head[25] == 2, name # colour
    assert struct.unpack(">I", head[16:20])[0] > 3 * 192 - 12
E2

# ---- the same bytes on one thread as on three; the features cost no change of the packet
expect 0 '' run scan -o one --dump all -j 1
for file in $(cd all.dump && ls); do
    cmp -s "all.dump/$file" "one.dump/$file" || wrong "$file differs between 1 and 3 threads"
done
expect 0 '' run scan -o plain
for file in lesions.csv candidates.csv report.json; do
    cmp -s plain/$file all/$file || wrong "--dump changes $file"
done
expect 0 '' run scan -o plain --force --detect-full-features=100
expect 0 '' run scan -o one --force --detect-full-features=100 --dump detect
cmp -s plain/candidates.csv one/candidates.csv || wrong "--dump changes the features of candidates.csv"
rm -rf one one.dump plain

# ---- no patient in a dump
cp -r scan named
edit set named PatientName 'Zyxwv^Quentin' PatientID ZQ-4711 PatientBirthDate 19420317 StudyDescription ZQDESCRIPTION \
    SeriesDescription ZQSERIES AccessionNumber ZQ4712
expect 0 '' run named -o named.out --dump series,read,organs,quality,detect,measure
grep -rlE 'Zyxwv|ZQ-4711|ZQ4712|ZQDESC|ZQSERIES|19420317' named.out.dump && wrong "a dump names the patient"
rm -rf named named.out named.out.dump

# ---- what the header lacks is null, and says why
cp -r scan silent
edit set silent SeriesNumber '' SliceThickness '' InstanceNumber ''
expect 0 '' run silent -o silent.out --stop-after series
[ "$(value silent.out.dump/01-series.json '[(s[k], s[k + "_reason"]) for s in d["series"] for k in ("series_number", "thickness_mm")]')" = \
    "[(None, 'the header does not give it'), (None, 'the header does not give it')]" ] ||
    wrong "what the header lacks: $(head -20 silent.out.dump/01-series.json)"
rm -rf silent silent.out.dump
for out in . .. nowhere/..; do
    expect 73 'no dump can be named after' run scan -o "$out" --stop-after series
done

# ---- the dump is a file of candidates: the same marks with the file's P
expect 0 '' run scan -o back --candidates all.dump/05-detect.csv
cut -d, -f1-6 all/lesions.csv >a
cut -d, -f1-6 back/lesions.csv >b
cmp -s a b || { wrong "handed back, the candidates give other marks"; diff a b; }
[ "$(value back/report.json 'd["operating_point"]["false_marks_per_litre"]')" = None ] || wrong "our false marks for another's P"
[ "$(value back/report.json '"P was given by" in d["marks"][0]["reasons"][0]')" = True ] || wrong "another's P is not told"
$python - <<'E2'
import csv
rows = list(csv.reader(open("all.dump/05-detect.csv")))
with open("ranked.csv", "w") as out: # somebody's ranker: one place alone, of P 0.91
    for row in [rows[0]] + rows[1:3]:
        print(",".join(row[:4] + [row[4] if row is rows[0] else "0.91" if row is rows[2] else "0.001"]), file=out)
E2
expect 0 '^1 mark at or above' run scan -o ranked --candidates ranked.csv
[ "$(value ranked/report.json '[m["p"] for m in d["marks"]]')" = '[0.91]' ] || wrong "P is not the file's"
expect 66 'candidates' run scan -o never --candidates nowhere.csv
echo 'nothing,here' >none.csv
expect 65 'coordX|seriesuid' run scan -o never --candidates none.csv
rm -rf back ranked ranked.csv none.csv a b

# ---- stop after a station
expect 0 '^Stopped after organs, as asked for: no packet was written' run scan -o stop --stop-after organs
[ -e stop ] && wrong "a stopped line made a packet"
[ "$(ls stop.dump | tr '\n' ' ')" = '03-organs.json 03-organs.nii 03-organs.png dump.json ' ] || wrong "stop.dump holds $(ls stop.dump)"
[ "$(value stop.dump/dump.json 'd["stopped_after"]')" = organs ] || wrong "dump.json does not say where it stopped"
for file in 03-organs.json 03-organs.nii 03-organs.png; do
    cmp -s stop.dump/$file all.dump/$file || wrong "$file of a stopped line differs"
done
expect 0 '^Stopped after detect' run scan -o early --stop-after detect --dump series,quality
[ "$(ls early.dump | tr '\n' ' ')" = '01-series.json 04-quality.json dump.json ' ] || wrong "early.dump holds $(ls early.dump)"
expect 0 '"packet": null' run scan -o told --stop-after measure --json
[ "$(value out 'd["stopped_after"], d["dump"], [s["name"] for s in d["stages"]][-1], "marks" in d')" = \
    "('measure', 'told.dump', 'measure', False)" ] || wrong "the JSON of a stopped line"
expect 0 '"marks_text": "' run scan -o built --stop-after report --json
[ -e built ] && wrong "--stop-after report made a packet"
expect 0 '^Packet: whole' run scan -o whole --stop-after packet
[ -e whole.dump ] && wrong "--stop-after packet dumps"
rm -rf early.dump told.dump built.dump whole

# ---- an OUT.dump that exists
expect 73 'stop\.dump exists' run scan -o stop --stop-after organs
expect 0 '' run scan -o stop --stop-after quality --force
[ -f stop.dump/04-quality.json ] && [ ! -e stop.dump/03-organs.nii ] || wrong "--force did not replace the dump"
mkdir other.dump
echo mine >other.dump/thesis.txt
expect 73 'holds no dump\.json' run scan -o other --dump series --force
[ -f other.dump/thesis.txt ] && [ ! -e other ] || wrong "--force took a folder that is no dump"
rm -rf stop.dump other.dump

# ---- wrong calls
stations='series, read, organs, quality, detect, measure, report, packet'
expect 64 "no station 'organ': there are $stations" run scan -o never --dump organ
expect 64 "no station 'lungs': there are $stations" run scan -o never --stop-after lungs
expect 64 'no station' run scan -o never --dump series,,read
expect 64 'nothing to write of the station packet' run scan -o never --dump packet
expect 64 'ends before it' run scan -o never --dump detect --stop-after organs
expect 64 "full, pseudo or none, not 'some'" run scan -o never --identity some
for place in 1,2 1,2,3,4 1,2,x 1,,3 '' nan,0,0 1e400,0,0; do
    expect 64 '--at wants three numbers' run scan -o never --at "$place"
done
for place in 1e308,0,0 0,0,-1e6; do
    expect 64 '--at wants places within 100000 mm' run scan -o never --at "$place"
done
expect 64 'wants a value' run scan -o never --at
expect 64 '--at 900\.0,0\.0,-300\.0 lies outside the image, which spans x -' run scan -o never --at 900,0,-300

# ---- places that a person points at
eval "$($python - <<'E2'
import json
report, truth = json.load(open("all/report.json")), json.load(open("scan/truth.json"))["lesions"]
far = lambda a, b: sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5
lost = [l for l in truth if min(far(l["lps_mm"], m["position_lps_mm"]) for m in report["marks"]) > 5]
free = [l for l in truth if l["attachment"] == "free"]
print("lost='%s'" % ",".join("%.2f" % x for x in lost[0]["lps_mm"]))
print("free='%s'" % " ".join("--at=" + ",".join("%.2f" % x for x in l["lps_mm"]) for l in free))
E2
)"
expect 0 '^  A person pointed at: M0' run scan -o at --at "$lost" $free --dump detect
$python - <<'E2' || wrong "places pointed at are not measured as they should be"
import csv, json
before, report = json.load(open("all/report.json")), json.load(open("at/report.json"))
truth = json.load(open("scan/truth.json"))["lesions"]
far = lambda a, b: sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5
mark_of = lambda l: min(report["marks"], key=lambda m: far(l["lps_mm"], m["position_lps_mm"]))
free = [l for l in truth if l["attachment"] == "free"]
inside = 0
for l in free:
    m = mark_of(l)
    assert m["pointed"] and far(l["lps_mm"], m["position_lps_mm"]) < 0.5 and m["side"] == l["side"], (l, m["id"])
    assert far(m["pointed_at_lps_mm"], l["lps_mm"]) < 0.02 and m["pointed_distance_mm"] < 0.5
    inside += m["size"]["low_mm"] <= l["equivalent_mm"] <= m["size"]["high_mm"]
assert inside >= len(free) - 1 and len(free) >= 3, inside
lost = [l for l in truth if min(far(l["lps_mm"], m["position_lps_mm"]) for m in before["marks"]) > 5][0]
m = report["marks"][-1]
assert m is mark_of(lost) and m["pointed"] and len(report["marks"]) == len(before["marks"]) + 1
# what was found counts as before; what a person alone pointed at is told apart
assert report["distribution"] == before["distribution"]
assert report["marks_text"].startswith(before["marks_text"] + "; and 1 place that a person pointed at: ")
rows = list(csv.DictReader(open("at.dump/05-detect.csv")))
assert sum(r["pointed"] == "true" for r in rows) == len(free) + 1
E2
# outside every organ, and where nothing is searched at all
expect 0 '' run scan -o wall --at 0,-40.5,-300
[ "$(value wall/report.json '[(m["organ"], m["side"], m["p"], m["attachment"]) for m in d["marks"][-1:]]')" = \
    '[(None, None, None, None)]' ] || wrong "a place in the wall has an organ"
[ "$(value wall/report.json 'all(d["marks"][-1][k + "_reason"] for k in ("organ", "side", "p", "attachment"))')" = True ] ||
    wrong "null without a reason"
mkdir slab
"$RESTAGE" phantom -o whole-body --seed 5 --columns 96 --slices 60 --slice-spacing 6 --field-of-view 380 --lesions 2 -q || exit 70
for number in 1 2 3 4 5 6 7 8 9; do cp "whole-body/IM000$number.dcm" slab/; done
expect 0 'No organ was searched' run slab -o abdomen
box=$("$RESTAGE" run slab -o never --at 9999,0,0 2>&1)
middle=$(echo "$box" | sed -E 's/.*x (-?[0-9.]+) to (-?[0-9.]+), y (-?[0-9.]+) to (-?[0-9.]+), z (-?[0-9.]+) to (-?[0-9.]+) .*/\1 \2 \3 \4 \5 \6/' |
    awk '{ printf "%.1f,%.1f,%.1f", ($1 + $2) / 2, ($3 + $4) / 2, ($5 + $6) / 2 }')
expect 0 'No organ was searched: this packet' run slab -o belly --at "$middle"
value belly/report.json 'd["marks_text"]' | grep -q '^No organ was searched.* lesions; and 1 place that a person pointed at: ' ||
    wrong "a place where nothing is searched: $(value belly/report.json 'd["marks_text"]')"
complete belly
[ "$(value belly/report.json 'd["assessed"], len(d["marks"]), d["distribution"]["rows"], d["quality"]["reason"]')" = \
    "('none', 1, [], None)" ] || wrong "a place where nothing is searched: $(value belly/report.json 'd["assessed"], len(d["marks"]), d["distribution"]["rows"], d["quality"]["reason"]')"
expect 0 '' run slab -o few --at "$middle" --dump all -j 1
rm -rf few few.dump

# ---- a series names its study
cp -r scan two
"$RESTAGE" phantom -o two/other --seed 9 --columns 96 --slices 30 --slice-spacing 8 --field-of-view 380 --lesions 2 -q || exit 70
expect 65 'choose one with --study' run two -o never
uid=$(value scan/truth.json 'd["series_uid"]')
expect 0 'right lung' run two -o chosen --series "$uid"
cmp -s chosen/lesions.csv all/lesions.csv || wrong "--series in a folder of two studies reads something else"
expect 65 'choose one with --study' run two -o never --series 1.2.3

# ---- a failure tells its station
"$RESTAGE" run scan -o never --at 900,0,-300 --json >out 2>err
[ "$(value out 'd["code"], d["station"], d["series"]')" = "(64, 'read', $("$RESTAGE" info scan --json | $python -c 'import json, sys; print(json.load(sys.stdin)["inputs"][0]["series"][0]["series_number"])'))" ] ||
    wrong "the JSON of a failure: $(cat out)"
"$RESTAGE" run nowhere -o never --json >out 2>err
[ "$(value out 'd["code"], d["station"], d["series"]')" = "(66, 'series', None)" ] || wrong "the JSON of a failure: $(cat out)"
expect 66 '' info nowhere
"$RESTAGE" info scan nosuch >out 2>err
grep -q '^restage: nosuch: ' err || wrong "info does not name the path that is missing: $(cat err)"

# ---- a run that is ended leaves nothing
caught=no
for seconds in 0.4 0.2 0.1 0.05 0.02 0.01; do
    "$RESTAGE" run scan -o killed --dump all -j 1 >out 2>err &
    pid=$!
    sleep $seconds
    kill -TERM $pid
    wait $pid
    code=$?
    case $code in
    0) rm -rf killed killed.dump ;; # it was done before the signal: sooner, then
    75 | 143) caught=yes ;;
    *) wrong "a run that was ended after $seconds s says $code" ;;
    esac
    ls -d killed* 2>/dev/null && wrong "a run that was ended left something"
    [ $caught = yes ] && break
done
[ $caught = yes ] || wrong "a run was never caught in the middle"
exit $failed
