#!/bin/sh
# run --review and --previous: verdicts by id and position, marks that stay, UIDs that stay and UIDs that change, refusals.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
export SOURCE_DATE_EPOCH=1
patient p 3 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 8
patient other 8

# refused CODE PATTERN JSON: before any image.
refused()
{
    printf '%s' "$3" >r.json
    expect "$1" "$2" run no-such-folder -o x --review r.json
}
refused 65 'verdict is no key that is known: there are reader, date, marks' '{"verdict": "other"}'
refused 65 'marks\[0\].note is no key' '{"marks": [{"id": "M01", "verdict": "other", "note": "x"}]}'
refused 65 'marks\[0\].verdict is none of "metastasis", "other", "not_real", "unsure"' '{"marks": [{"id": "M01", "verdict": "none"}]}'
refused 65 'marks\[0\] has no verdict' '{"marks": [{"id": "M01"}]}'
refused 65 'marks\[1\] must name its mark by one of' '{"marks": [{"id": "M01", "verdict": "other"}, {"verdict": "other"}]}'
refused 65 'marks\[0\] must name' '{"marks": [{"id": "M01", "position_lps_mm": [1, 2, 3], "verdict": "other"}]}'
refused 65 'marks\[0\].date is no date' '{"marks": [{"id": "M01", "verdict": "other", "date": "yesterday"}]}'
expect 66 'file of --review' run p -o x --review no-such.json
expect 66 'packet of --previous' run p -o x --previous no-such-packet
mkdir odd && printf '{"schema": "urn:other"}' >odd/report.json
expect 65 'packet of --previous: its report.json is not of urn:restage:report:1' run p -o x --previous odd

expect 0 '' run p -o first -q
n=$(value first/report.json 'len(d["marks"])')
[ "$n" -ge 3 ] || { echo "$n marks, too few for this test"; exit 70; }
mkdir edited && sed 's/"tracking_uid": "2\.25\./"tracking_uid": "2.25.0/' first/report.json >edited/report.json
expect 65 'its tracking_uid is no UID' run p -o x --previous edited
expect 65 'another study' run other -o x --previous first
printf '{"marks": [{"id": "M99", "verdict": "other"}]}' >r.json
expect 65 'marks\[0\], "M99", is no mark of this packet' run p -o x --review r.json
expect 65 'is no mark of the earlier packet, and none of today' run p -o x --review r.json --previous first
$python - <<'END'
import json
marks = json.load(open("first/report.json"))["marks"]
review = {"reader": "Dr. A", "date": "2020-02-01", "marks": [
    {"id": "M01", "verdict": "not_real"},
    {"position_lps_mm": marks[1]["position_lps_mm"], "verdict": "metastasis", "reader": "Dr. B"},
    {"tracking_uid": marks[2]["tracking_uid"], "verdict": "unsure"}]}
json.dump(review, open("review.json", "w"))
END
expect 0 '' run p -o reviewed -q --review review.json --previous first
expect 0 '' run p -o alone -q --review review.json
# Another parameter: other ranks, the same places.
expect 0 '' run p -o high -q --sensitivity high --previous reviewed
# The packet that --force replaces may be the earlier one.
cp -R first swapped
expect 0 '' run p -o swapped -q --force --review review.json --previous swapped
for file in report.json lesions.csv report.html; do
    cmp -s reviewed/$file swapped/$file || wrong "$file differs where the earlier packet is the one that is replaced"
done
expect 0 '' run p -o again -q
cmp -s first/report.json again/report.json || wrong "two runs differ"
expect 0 '' run other -o elsewhere -q
check="$RESTAGE_SOURCE/tests/packet/check_packet.py"
$python "$check" "$RESTAGE_SOURCE/src/packet/report.schema.json" first reviewed alone high
code=$?
[ $code = 0 ] || [ $code = 77 ] || wrong "the packets"
$python - "$RESTAGE_SOURCE/src/packet/review.schema.json" <<'END' || failed=1
import csv
import json
import sys

wrong = []
first, reviewed, alone, high, elsewhere = [json.load(open(f + "/report.json")) for f in (
    "first", "reviewed", "alone", "high", "elsewhere")]
try:
    import jsonschema
    jsonschema.validate(json.load(open("review.json")), json.load(open(sys.argv[1])))
except ImportError:
    pass


def uids(report):
    return [m["tracking_uid"] for m in report["marks"]]


for name, report in (("reviewed", reviewed), ("alone", alone)):
    if uids(report) != uids(first) or len(report["marks"]) != len(first["marks"]):
        wrong.append(f"{name}: other marks or tracking UIDs")
    told = [(m["review"]["verdict"], m["review"]["reader"], m["review"]["date"], m["review"]["text"])
            for m in report["marks"][:3]]
    if told != [("not_real", "Dr. A", "2020-02-01", "reader: not real"),
                ("metastasis", "Dr. B", "2020-02-01", "reader: metastasis"),
                ("unsure", "Dr. A", "2020-02-01", "reader: unsure")]:
        wrong.append(f"{name}: {told}")
    if report["review"]["verdicts"] != 3 or not report["review"]["sha256"] or not report["marks"][0]["shown"]:
        wrong.append(f"{name}: {report['review']}")
    if "reader: not real 1" not in report["criteria"][0]["evidence"]:
        wrong.append(f"{name}: {report['criteria'][0]['evidence']}")
    n = len(report["marks"])
    if f"{n} marks at or above the operating point (1 of them called not real by the reader): " not in report["marks_text"]:
        wrong.append(f"{name}: {report['marks_text']}")
    brief = report["criteria"][0]["brief"]
    if not brief.startswith(f"{n} marks, 1 called not real; ") or len(brief.split()) > 12:
        wrong.append(f"{name}: {brief}")
if "not real" in first["marks_text"] + first["criteria"][0]["brief"]:
    wrong.append("a verdict that nobody gave is counted")
if first["previous"] is not None or alone["previous"] is not None or not first["previous_reason"]:
    wrong.append("an earlier packet that was not given")
previous = reviewed["previous"]
if previous["marks"] != len(first["marks"]) or previous["kept"] != len(first["marks"]):
    wrong.append(f"previous {previous}")
if first["filing"]["packet_digest"]:
    if previous["packet_digest"] != first["filing"]["packet_digest"] or previous["sr_uid"] != first["filing"]["sr_uid"]:
        wrong.append(f"the predecessor is {previous}")
    digests = [r["filing"]["packet_digest"] for r in (first, reviewed, alone, high, elsewhere)]
    if len(set(digests)) != len(digests):
        wrong.append("packets that differ share their UIDs")
kept = set(uids(high)) & set(uids(first))
if kept != set(uids(first)) or len(high["marks"]) <= len(first["marks"]):
    wrong.append(f"another parameter kept {len(kept)} of {len(first['marks'])} tracking UIDs")
verdicts = {m["tracking_uid"]: m["review"]["verdict"] for m in high["marks"]}
if [verdicts.get(u) for u in uids(first)[:3]] != ["not_real", "metastasis", "unsure"] or high["review"]["verdicts"] != 3:
    wrong.append("verdicts of the earlier packet did not stay")
if set(uids(elsewhere)) & set(uids(first)):
    wrong.append("another study shares a tracking UID")
with open("reviewed/lesions.csv", newline="") as f:
    row = next(csv.DictReader(f))
if (row["review_verdict"], row["review_reader"], row["review_date"]) != ("not_real", "Dr. A", "2020-02-01"):
    wrong.append("lesions.csv")
print(*wrong, sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
END

# The structured report that an archive gave out with the study is the earlier packet: of two the later, none that a note
# rejects, none of another program, and not beside --previous or another identity.
cp -R p archive
cp reviewed/report.sr.dcm archive/older.dcm
$python - <<'END' || { echo "no reports, no test"; exit 70; }
import pydicom


def say(source, out, **values):
    """A report with other tracking UIDs: 2.25.7 and what they were."""
    d = pydicom.dcmread(source)

    def walk(item):
        for c in item.get("ContentSequence", []):
            if c.get("ConceptNameCodeSequence") and c.ConceptNameCodeSequence[0].CodeValue == "112040":
                c.UID = "2.25.7" + c.UID[5:40]
            walk(c)
    walk(d)
    for keyword, value in values.items():
        setattr(d, keyword, value)
    d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
    d.save_as(out)


say("reviewed/report.sr.dcm", "archive/later.dcm", SOPInstanceUID="2.25.11", SeriesInstanceUID="2.25.12", ContentDate="20200101")
say("reviewed/report.sr.dcm", "archive/theirs.dcm", SOPInstanceUID="2.25.13", SeriesInstanceUID="2.25.14",
    ContentDate="20210101", Manufacturer="Somebody Else")
END
expect 0 '' run archive -o filed -q
expect 0 '' run archive -o filed-again -q -j 1
cmp -s filed/report.sr.dcm filed-again/report.sr.dcm || wrong "two runs with an earlier report differ"
expect 0 '' run archive -o beside -q --previous first
expect 0 '' run archive -o unnamed -q --identity none
expect 64 'sr-tag is the name' run p -o x --sr-tag Length
expect 64 'sr-tag is the name' run p -o x --sr-tag 'a b:'
expect 0 '' run archive -o tagged -q --sr-tag ''
$python - <<'END' || wrong "--sr-tag"
import pydicom

names = [[c.TextValue for g in pydicom.dcmread(f + "/report.sr.dcm").ContentSequence[-2].ContentSequence
          for c in g.ContentSequence if c.ConceptNameCodeSequence[0].CodeValue == "112039"] for f in ("filed", "tagged")]
assert names[0][0] == "Cornerstone3DTools@^0.1.0:Bidirectional:M01" and names[1][0] == "M01", names
END
"$RESTAGE" retract reviewed -o note.dcm -q || wrong "retract -o"
cp -R archive rejected
rm rejected/later.dcm
cp note.dcm rejected/note.dcm
expect 0 '' run rejected -o withdrawn -q
$python - <<'END' || failed=1
import json

import pydicom

wrong = []
first, reviewed, filed, beside, unnamed, after = [json.load(open(f + "/report.json")) for f in (
    "first", "reviewed", "filed", "beside", "unnamed", "withdrawn")]
uids = [m["tracking_uid"] for m in first["marks"]]
if [m["tracking_uid"] for m in filed["marks"]] != ["2.25.7" + uid[5:40] for uid in uids]:
    wrong.append("the later report does not hand its tracking UIDs over")
if [m["review"]["verdict"] for m in filed["marks"]] != [m["review"]["verdict"] for m in reviewed["marks"]] or \
        filed["marks"][0]["review"] != reviewed["marks"][0]["review"]:
    wrong.append(f"its verdicts are lost: {filed['marks'][0]['review']}")
if filed["previous"]["sr_uid"] != "2.25.11" or filed["previous"]["packet_digest"] is not None or \
        filed["previous"]["kept"] != len(uids):
    wrong.append(f"previous {filed['previous']}")
before = pydicom.dcmread("filed/report.sr.dcm").PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
if (before.SeriesInstanceUID, before.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) != ("2.25.12", "2.25.11"):
    wrong.append("the predecessor is another")
if "earlier_report" not in [row["code"] for row in filed["limitations"]]:
    wrong.append("nobody is told")
if [m["tracking_uid"] for m in beside["marks"]] != uids or beside["previous"]["sr_uid"] != first["filing"]["sr_uid"]:
    wrong.append("--previous does not go before it")
for name, report in (("identity none", unnamed), ("a rejected report", after)):
    if report["previous"] is not None:
        wrong.append(f"{name}: previous {report['previous']}")
if not any("rejected" in row["why"] for row in after["series"]):
    wrong.append("the rejected report is not set aside as rejected")
print(*wrong, sep="\n", end="\n" if wrong else "")
raise SystemExit(bool(wrong))
END
$python "$check" "$RESTAGE_SOURCE/src/packet/report.schema.json" filed withdrawn
code=$?
[ $code = 0 ] || [ $code = 77 ] || wrong "the packets with an earlier report"
if command -v pdftotext >/dev/null; then
    pdftotext -l 1 reviewed/report.pdf - 2>/dev/null | tr '\n' ' ' >page
    grep -q 'flagged: not surely above 5 mm' page || wrong "page 1 does not say what flagged is"
    grep -q '(1 of them called not real by the reader)' page || wrong "page 1 counts what the reader called not real"
fi
exit $failed
