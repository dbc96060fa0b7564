#!/bin/sh
# Trouble that people reported in public with scoring (data/field-reports/INDEX.md, group E): each row ends as it says.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
reports=$RESTAGE_SHARED/data/field-reports
[ -n "$RESTAGE_SHARED" ] && [ ! -d "$reports" ] && reports=$RESTAGE_SHARED/field-reports
[ -f "$reports/make_inputs.py" ] || { echo "no field-reports, no test"; exit 77; }
need_python
export SOURCE_DATE_EPOCH=1
$python "$reports/make_inputs.py" in E01 E04 E05 >made 2>err || { tail -5 err; echo "no inputs"; exit 70; }

# E01: marks of one fold, truth of ten: said, and scored both ways.
expect 0 '9 of 10 scans have no row' evaluate in/E01/marks.csv --truth in/E01/truth.csv --json
cp out e01.json
$python - <<'END' || wrong "E01: not both readings"
import json
d = json.load(open("e01.json"))
by = {(r["rule"], r["scans"]): r for r in d["rules"]}
assert sorted(by) == [(a, b) for a in ("luna16", "reach") for b in ("all", "marked")], sorted(by)
for rule in ("luna16", "reach"):
    every, own = by[rule, "all"], by[rule, "marked"]
    assert (every["cpm"], own["cpm"]) == (0.1, 1.0), (every["cpm"], own["cpm"])
    assert every["counts"]["scans"] == 10 and every["counts"]["scans_without_marks"] == 9 and own["counts"]["scans"] == 1
assert "NaN" not in open("e01.json").read()
END

# E04: a truth of impossible diameters: refused by line and column; without the row of no place, set apart.
expect 65 'truth.csv, line 5, coordX' evaluate in/E04/marks.csv --truth in/E04/truth.csv
grep -v nan in/E04/truth.csv >placed.csv
expect 0 '3 findings of the truth have no usable diameter' evaluate in/E04/marks.csv --truth placed.csv --json
cp out e04.json
$python - <<'END' || wrong "E04: the unusable findings are not set apart"
import json
text = open("e04.json").read()
d = json.loads(text)
assert d["counts"]["findings"] == 1 and d["counts"]["found"] == 1 and d["counts"]["ignored"] == 1, d["counts"]
assert d["counts"]["false_marks"] == 0 and d["cpm"] == 1.0 and d["unusable"] == 3
assert "NaN" not in text and "Infinity" not in text
END

# E05: voxels given as mm: how many lie outside is said; all outside is refused.
expect 0 'candidate.* lies outside the images' run in/E05/ct -o some --candidates in/E05/marks.csv
grep -q 'outside the images' some/report.json || wrong "E05: report.json does not say how many lie outside"
awk -F, 'NR > 1 { $2 += 2000; $3 += 2000 } { OFS = ","; print }' OFS=, in/E05/marks.csv >far.csv
expect 65 'none of the 4 candidates .* lies inside the images' run in/E05/ct -o none --candidates far.csv
exit $failed
