#!/bin/sh
# --sensitivity takes the marks at another operating point: the report names it, and a lower P keeps the first marks.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python

mkdir empty
expect 64 "low, default or high" run empty -o packet --sensitivity middling
patient scan 7
for point in low default high; do
    expect 0 '' run scan -o $point --sensitivity $point -q
    [ "$(value $point/report.json 'd["operating_point"]["name"]')" = $point ] || wrong "the report does not name $point"
    value $point/report.json 'd["operating_point"]["p"]' >p-$point
    value $point/report.json 'all(m["p"] >= d["operating_point"]["p"] for m in d["marks"])' | grep -q True ||
        wrong "marks below the point $point"
    value $point/report.json '[m["position_lps_mm"] for m in d["marks"]]' >marks-$point
    cut -d , -f 1-5 $point/candidates.csv >candidates-$point
done
expect 0 '' run scan -o unsaid -q
$python -c 'assert float(open("p-low").read()) > float(open("p-default").read()) > float(open("p-high").read())' ||
    wrong "the points do not fall from low to high"
for pair in low:default default:high; do
    $python -c 'import json, sys
few, many = (json.load(open(f"marks-{p}")) for p in sys.argv[1].split(":"))
assert many[:len(few)] == few' $pair || wrong "marks of $pair are not the first of the other"
done
cmp -s candidates-low candidates-high || wrong "the point changes the candidates"
[ "$(value unsaid/done.json 'd["parameters_digest"]')" = "$(value default/done.json 'd["parameters_digest"]')" ] ||
    wrong "default is not what is taken where nothing is said"
[ "$(value low/done.json 'd["parameters_digest"]')" != "$(value high/done.json 'd["parameters_digest"]')" ] ||
    wrong "two points, one digest of the parameters"
exit $failed
