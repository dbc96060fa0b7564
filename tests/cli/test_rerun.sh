#!/bin/sh
# What an archive gives out with the study after a packet was filed: the same run makes the same packet, another one the
# next, which names the one before; and then it rests. Without SOURCE_DATE_EPOCH but where it is set below.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
unset SOURCE_DATE_EPOCH
patient p 3 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 8

# filed FOLDER PACKET [KIND…]: what the archive holds then; all of the packet's objects, or these.
filed()
{
    folder=$1 packet=$2
    shift 2
    [ $# -gt 0 ] || set -- sr seg ko pdf
    for kind; do
        cp "$packet"/*".$kind.dcm" "$folder/$packet.$kind" || wrong "$packet has no $kind"
    done
}

# same PACKET PACKET: every byte of every file but done.json.
same()
{
    diff -rq -x done.json "$1" "$2" >differences || { wrong "$1 and $2 differ:"; head -6 differences; }
}

# next PACKET EARLIER EXPRESSION: the packet has UIDs of its own and names the earlier one; d is its report.
next()
{
    [ "$(value "$1/report.json" 'd["filing"]["sr_uid"]')" != "$(value "$2/report.json" 'd["filing"]["sr_uid"]')" ] ||
        wrong "$1 has the UIDs of $2"
    [ "$(value "$1/report.json" 'd["previous"]["sr_uid"]')" = "$(value "$2/report.json" 'd["filing"]["sr_uid"]')" ] ||
        wrong "$1 does not follow $2"
    [ -z "$3" ] || [ "$(value "$1/report.json" "$3")" = True ] || wrong "$1: $3"
}

# rests FOLDER PACKET OPTION…: the same run over all that is filed by now is that packet.
rests()
{
    folder=$1 packet=$2
    shift 2
    rm -rf again
    expect 0 '"already_in_study": true' run "$folder" -o again --json "$@"
    same "$packet" again
}

# The same run, whatever the archive gives back, and later than the first: the time is the filed packet's.
expect 0 'Packet: p1' run p -o p1 --masks --fhir
grep -q already out && wrong "what was never filed is in the study already"
for file in report.json report.sr.dcm lesions.seg.dcm key.ko.dcm report.pdf.dcm; do
    [ -f p1/$file ] || { echo "no $file, no test"; exit 70; }
done
sleep 1.1
cp -R p all && filed all p1
rests all p1 --masks --fhir
expect 0 'The study holds it already' run all -o told --masks --fhir
[ "$(value told/done.json 'd["input_digest"]')" = "$(value p1/done.json 'd["input_digest"]')" ] ||
    wrong "the packet counts in the digest of the input"
expect 0 '"modality": "SEG"' info all --json
cp -R p one && filed one p1 sr
rests one p1 --masks --fhir
cp -R p inside && cp -R p1 inside/packet # a person's copy of the whole folder
rests inside p1 --masks --fhir
cp -R p rest && filed rest p1 seg ko pdf # which tell nothing of marks: the UIDs are the same, the time is not
expect 0 '"already_in_study": false' run rest -o unread --json
[ "$(value unread/report.json 'd["filing"], d["source"], d["series"], d["previous"]')" = \
    "$(value p1/report.json 'd["filing"], d["source"], d["series"], d["previous"]')" ] || wrong "without its SR a packet counts"
mkdir only && filed only p1
expect 66 'nothing to search: every series was set aside: series 9001 \(structured report' run only -o x
expect 66 'what --series names was set aside' run all -o x --series "$(value p1/report.json 'd["filing"]["sr_series_uid"]')"

# Another parameter, verdicts, and none of both again: one more packet each, and then it rests.
expect 0 '' run all -o p2 -q --sensitivity high
next p2 p1 'd["previous"]["kept"] == d["previous"]["marks"] and len(d["series"]) == 1'
filed all p2
rests all p2 --sensitivity high
printf '{"reader": "Dr. A", "marks": [{"id": "M01", "verdict": "not_real"}]}' >review.json
expect 0 '' run all -o p3 -q --review review.json
next p3 p2 'd["marks"][0]["review"]["verdict"] == "not_real" and d["review"]["verdicts"] == 1'
filed all p3
rests all p3 --review review.json
expect 0 '' run all -o p4 -q
next p4 p3 'd["review"]["sha256"] is None and d["marks"][0]["review"]["reader"] == "Dr. A"'
filed all p4
sleep 1.1
rests all p4
# The one before the newest is gone: what it handed over cannot be read again, so there is one more.
cp -R p gone && filed gone p4
expect 0 '' run gone -o p5 -q
next p5 p4 'd["marks"][0]["review"]["reader"] == "Dr. A"'
filed gone p5
rests gone p5

# Withdrawn: new UIDs without a predecessor, or with the one before.
"$RESTAGE" retract p1 -o note-1.dcm -q && "$RESTAGE" retract p2 -o note-2.dcm -q || wrong "retract -o"
cp -R p withdrawn && filed withdrawn p1 && cp note-1.dcm withdrawn/
expect 0 '' run withdrawn -o w1 -q
[ "$(value w1/report.json 'd["previous"]')" = None ] || wrong "a withdrawn packet is the predecessor"
[ "$(value w1/report.json 'd["filing"]["sr_uid"]')" != "$(value p1/report.json 'd["filing"]["sr_uid"]')" ] ||
    wrong "an archive may refuse the UIDs of a withdrawn packet"
filed withdrawn w1
rests withdrawn w1
cp -R p hidden && cp note-1.dcm hidden/ # of an archive that acts on the note
expect 0 '' run hidden -o w3 -q
[ "$(value w3/report.json 'd["filing"]["sr_uid"]')" != "$(value p1/report.json 'd["filing"]["sr_uid"]')" ] ||
    wrong "the note does not count: the UIDs of a packet that is hidden"
cp -R p half && filed half p1 && filed half p2 && cp note-2.dcm half/
expect 0 '' run half -o w2 -q --sensitivity high
next w2 p1
[ "$(value w2/report.json 'd["filing"]["sr_uid"]')" != "$(value p2/report.json 'd["filing"]["sr_uid"]')" ] ||
    wrong "the UIDs of a withdrawn packet again"
filed half w2
rests half w2 --sensitivity high

# Packets of one second: what stands on the other is the newer one, whatever its UID.
export SOURCE_DATE_EPOCH=1
cp -R p second && cp p1/report.sr.dcm second/
$python - second/report.sr.dcm <<'END' || { echo "no report, no test"; exit 70; }
import sys

import pydicom

d = pydicom.dcmread(sys.argv[1])
d.SOPInstanceUID = "2.25." + 39 * "9" # the last of all in the order of UIDs
d.ContentDate, d.ContentTime = "19700101", "000001"
d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
d.save_as(sys.argv[1])
END
expect 0 '' run second -o s1 -q
[ "$(value s1/report.json 'd["previous"]["sr_uid"] == "2.25." + 39 * "9", d["previous"]["created"] == d["software"]["created"]')" = \
    "(True, True)" ] || wrong "s1 does not follow what lies there"
filed second s1
cp second/report.sr.dcm second/copy.dcm && cp second/s1.sr second/s1-copy.sr
rests second s1
# Another identity is filed elsewhere: as if no packet lay there.
head -c 32 p/truth.json >key && chmod 600 key
for identity in none "pseudo --key key"; do
    rm -rf bare beside
    expect 0 '' run p -o bare -q --identity $identity
    expect 0 '"already_in_study": false' run all -o beside --json --identity $identity
    same bare beside
    [ "$(value beside/report.json 'd["previous"]')" = None ] || wrong "--identity $identity: an earlier packet"
done

# Two series of a study: their packets follow one another once, and do not take turns.
mkdir two && $python - <<'END' || { echo "no second series, no test"; exit 70; }
import os

import pydicom

for name in sorted(os.listdir("p")):
    if name.endswith(".json"):
        continue
    d = pydicom.dcmread("p/" + name)
    d.save_as("two/a-" + name)
    d.SeriesInstanceUID, d.SeriesNumber = "2.25.5", 5
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = "2.25.6" + d.SOPInstanceUID[5:]
    d.save_as("two/b-" + name)
END
a=$(value p1/report.json 'd["source"]["series_instance_uid"]')
expect 0 '' run two -o a1 -q --series "$a"
filed two a1
expect 0 '' run two -o b1 -q --series 2.25.5
next b1 a1
filed two b1
rests two a1 --series "$a"
rests two b1 --series 2.25.5
expect 0 '' run two -o a2 -q --series "$a" --sensitivity high
next a2 a1
exit $failed
