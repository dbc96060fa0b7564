#!/bin/sh
# send and run --send against archives: tests/pacs/archive.cc, which misbehaves on request, and DCMTK's storescp.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
[ -x "$RS_ARCHIVE" ] || { echo "no archive, no test"; exit 77; }
need_python
archives=
trap 'for p in $archives; do kill -9 $p 2>/dev/null; done; rm -rf "$work"' EXIT

# archive NAME RULE...: starts one; its port is in $port, what it says in NAME/said
archive()
{
    name=$1
    shift
    mkdir "$name"
    "$RS_ARCHIVE" "$name" "$@" >"$name/said" &
    archives="$archives $!"
    n=0
    until [ -s "$name/port" ] || [ $n = 200 ]; do
        n=$((n + 1))
        sleep 0.1
    done
    port=$(cat "$name/port")
    to="STORE@127.0.0.1:$port"
}
# said NAME PATTERN COUNT
said()
{
    n=$(grep -cE -- "$2" "$1/said")
    [ "$n" = "$3" ] || { wrong "$1 said \"$2\" $n times, not $3:"; cat "$1/said"; }
}
# sent PACKET COUNT: rows of sent[]
sent()
{
    n=$(value "$1/done.json" 'len(d["sent"])')
    [ "$n" = "$2" ] || { wrong "$1: $n rows of sent[], not $2"; value "$1/done.json" 'd["sent"]'; }
}
fresh()
{
    rm -rf P
    cp -a packet P
}
quick="--retry-waits 0.1,0.1,0.1 --timeout 20"

patient scan 5 --columns 192 --slices 80 --slice-spacing 2 --field-of-view 320 --lesions 6
"$RESTAGE" run scan -o packet -q || { wrong "no packet"; exit 1; }
[ -s packet/lesions.seg.dcm ] && [ -s packet/report.sr.dcm ] || wrong "the packet lacks objects that this test is about"
objects=$(value packet/done.json 'len([f for f in d["files"] if f["name"].endswith(".dcm")])')
last=report.sr.dcm

# wrong calls: which part is wrong (field report P01)
expect 64 'AE title before' send packet ' @127.0.0.1:104'
expect 64 'AE title before' send packet 'SEVENTEENLETTERS7@127.0.0.1:104'
expect 64 'write AE@HOST:PORT' send packet 'STORE@127.0.0.1'
expect 64 'port behind' send packet 'STORE@127.0.0.1:port'
expect 64 'calling AE title' send packet STORE@127.0.0.1:104 --calling-ae '  '
expect 64 'wants a packet' send packet
expect 64 'retry-waits wants' send packet STORE@127.0.0.1:104 --retry-waits 1,x
expect 64 'timeout wants' send packet STORE@127.0.0.1:104 --timeout 0
expect 64 'AE title before' run scan -o Q --send ' @h:1'
expect 64 'wants --send' run scan -o Q --calling-ae X
expect 64 'stop-after' run scan -o Q --stop-after read --send S@127.0.0.1:1
expect 65 'identity none' run scan -o Q --identity none --send S@127.0.0.1:1

# refused to send
expect 66 'there is no scan/done.json' send scan STORE@127.0.0.1:104
expect 66 '' send nowhere STORE@127.0.0.1:104
expect 65 'synthetic' send packet STORE@192.0.2.1:104
fresh
printf x >>P/report.html
expect 65 'report.html is not what done.json says' send P STORE@127.0.0.1:104
rm P/report.html
expect 65 'report.html is not what done.json says' send P STORE@127.0.0.1:104
"$RESTAGE" run scan -o nobody --identity none -q
expect 65 'allow-deidentified' send nobody STORE@127.0.0.1:104

# all is well; nothing twice
archive good
expect 69 'nobody listens' send packet STORE@127.0.0.1:1
fresh
expect 0 "$last +stored +0000" send P "$to" --verify
said good '^store ' "$objects"
said good '^associate \[RESTAGE *\] \[STORE *\]' 2 # to store, and to ask
sent P "$objects"
[ "$(value P/done.json 'd["sent"][-1]["file"]')" = "$last" ] || wrong "$last was not the last"
value P/done.json '"\n".join(f["name"] for f in d["files"])' | grep -q . || wrong "done.json lost its files"
for f in P/*.dcm; do
    uid=$($python -c 'import pydicom, sys; print(pydicom.dcmread(sys.argv[1]).SOPInstanceUID)' "$f")
    $python - "$f" "good/$uid.dcm" <<'PYTHON' || wrong "$f did not arrive byte for byte"
import sys
def body(path):
    bytes = open(path, "rb").read()
    return bytes[144 + int.from_bytes(bytes[140:144], "little"):]
sys.exit(body(sys.argv[1]) != body(sys.argv[2]))
PYTHON
done
expect 0 "$last +already sent" send P "$to"
said good '^store ' "$objects"
sent P "$objects"
expect 0 '' send P "$to" --calling-ae WARD7 --retry-waits none
archive second
expect 0 "$last +stored" send P "$to" # another archive gets all
sent P $((2 * objects))

# refused for now, then taken
archive later --store A700 --reject transient
fresh
expect 0 "$last +stored" send P "$to" $quick
said later '^store .* A700' 1
said later '^store .* 0000' "$objects"
said later '^associate ' 2
archive busy --store A700,A700,A700,A700,A700
fresh
expect 75 'A700.*0 of' send P "$to" $quick
said busy '^store ' 4
sent P 0
expect 0 "$last +stored" send P "$to" $quick
sent P "$objects"

# a warning is told; a refusal ends the rest of what refers to it
archive warns --store B007 --comment 'see the log'
fresh
expect 0 'warned +B007, the data set does not match its class' send P "$to"
grep -q 'see the log' out || wrong "the archive's own words are lost"
sent P "$objects"
archive refuses --store C000
fresh
expect 69 'C000, cannot understand' send P "$to" $quick
said refuses '^store .* C000' 1
said refuses "^store 1.2.840.10008.5.1.4.1.1.88.33 " 0
sent P $((objects - 2))
expect 0 "$last +stored" send P "$to" $quick
sent P "$objects"

# a duplicate counts only where the archive shows it
archive has --store "$(value packet/done.json '"0000," * '"$objects")0111"
fresh
expect 0 '' send P "$to"
fresh
expect 0 'duplicate +0111' send P "$to"
sent P "$objects"
archive lies --store 0111
fresh
expect 69 '0111' send P "$to" $quick

# no context, implicit only, rejected, aborted, silent
archive noseg --refuse 1.2.840.10008.5.1.4.1.1.66.4
fresh
expect 69 'lesions.seg.dcm: the archive takes no such objects; report.sr.dcm: held back.*--no-seg' send P "$to" $quick
sent P $((objects - 2))
archive implicit --implicit
fresh
expect 0 "$last +stored" send P "$to"
archive rejects --reject called,calling
fresh
expect 69 'STORE is not its AE title|says that STORE' send P "$to" $quick
expect 69 'does not know the calling AE title RESTAGE' send P "$to" $quick
archive aborts --store 0000,abort
fresh
expect 0 "$last +stored" send P "$to" $quick
sent P "$objects"
said aborts '^associate ' 2
archive silent --store silent:60,silent:60
fresh
expect 75 'did not answer within 1 s' send P "$to" --timeout 1 --retry-waits none
sent P 0
archive drops --reject drop
fresh
expect 75 'while the association was asked for' send P "$to" --timeout 5 --retry-waits none

# storage commitment
archive commits --commit all
fresh
expect 0 'storage confirmed' send P "$to" --commit
archive fails --commit none
fresh
expect 69 'does not answer for' send P "$to" --commit
fresh
expect 0 'does not offer storage commitment' send P "STORE@127.0.0.1:$(cat good/port)" --commit

# not shown afterwards
archive hides --hide
fresh
expect 75 'does not show it' send P "$to" --verify
# withdrawing
expect 64 'retract wants a packet' retract P
fresh
expect 0 'rejection note +stored +0000' retract P "$to" -o note.dcm
tr '\n' ' ' <out | grep -q 'does not say that this packet was ever sent to that archive' || wrong "a packet that was never sent is retracted without a remark"
said hides '^store 1.2.840.10008.5.1.4.1.1.88.59 ' 2 # the key objects, and the note
sent P 1
expect 0 'rejection note +already sent' retract P "$to" --verify
expect 65 'was withdrawn from that archive' send P "$to"
archive ignores
fresh
expect 0 "$last +stored" send P "$to"
expect 69 'does not act on rejection notes; ask its administrator' retract P "$to" --verify
archive unknown --store C000
fresh
expect 69 'rejection note: refused' retract P "$to"
expect 0 'shown|Rejection note: note.dcm' retract P -o note.dcm
$python - note.dcm P <<'PYTHON' || wrong "the rejection note"
import glob, sys
import pydicom
note = pydicom.dcmread(sys.argv[1])
objects = [pydicom.dcmread(f) for f in glob.glob(sys.argv[2] + "/*.dcm")]
title = note.ConceptNameCodeSequence[0]
assert (title.CodeValue, title.CodingSchemeDesignator) == ("113001", "DCM"), title
listed = {i.ReferencedSOPSequence[0].ReferencedSOPInstanceUID: i.ValueType for i in note.ContentSequence
          if i.ValueType in ("IMAGE", "COMPOSITE")}
assert listed == {o.SOPInstanceUID: "IMAGE" if o.Modality == "SEG" else "COMPOSITE" for o in objects}, listed
evidence = [s.SeriesInstanceUID for s in note.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence]
assert sorted(evidence) == sorted(o.SeriesInstanceUID for o in objects)
for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
                "AccessionNumber"):
    assert note[keyword] == objects[0][keyword], keyword
assert note.SeriesInstanceUID not in evidence
PYTHON
if command -v dciodvfy >/dev/null; then
    dciodvfy note.dcm 2>&1 | grep '^Error' && wrong "dciodvfy has errors in the rejection note"
fi

# an archive that answers no queries leaves --verify open
archive mute --refuse 1.2.840.10008.5.1.4.1.2.2.1
fresh
expect 69 "does not answer queries at level IMAGE, so .*; $objects of $objects objects are in the archive" send P "$to" --verify
sent P "$objects"
expect 0 "$last +already sent" send P "$to"
expect 69 'the note is in the archive, but whether it acted on it is open' retract P "$to" --verify

# --force over a packet that was sent goes on with sent[]; what was withdrawn stays so until its UIDs are others
archive kept
fresh
expect 0 "$last +stored" send P "$to"
expect 0 '' run scan -o P --force
sent P "$objects"
expect 0 "$last +already sent" send P "$to"
said kept '^store ' "$objects"
expect 0 'rejection note +stored' retract P "$to"
grep -q 'does not say that' out && wrong "a packet that was sent is retracted with the remark that it was not"
expect 0 '' run scan -o P --force
sent P $((objects + 1))
expect 65 'was withdrawn from that archive' send P "$to"
expect 0 '' run scan -o P --force --sensitivity low
expect 0 "$last +stored" send P "$to"
cp P/done.json was
echo '{' >P/done.json
expect 73 'what was sent of the packet that --force would replace cannot be read' run scan -o P --force
cp was P/done.json

# run --send; --json
expect 0 "Sent to STORE@127.0.0.1:$(cat good/port)" run scan -o R --send "STORE@127.0.0.1:$(cat good/port)" --calling-ae WARD7
sent R "$objects"
said good '^associate \[WARD7 *\]' 1
"$RESTAGE" run scan -o S --send STORE@192.0.2.1:104 >out 2>err
[ $? = 65 ] && grep -q 'synthetic.*the packet itself is complete' err || { wrong "run --send of a phantom"; cat err; }
[ -s out ] && wrong "a failure talks on stdout"
complete S
fresh
"$RESTAGE" send P "STORE@127.0.0.1:$(cat second/port)" --json >out 2>err || wrong "send --json: $?"
[ "$(value out 'len([o for o in d["objects"] if o["outcome"] == "stored" and o["status"] == "0000"])')" = "$objects" ] ||
    wrong "send --json names other outcomes"
"$RESTAGE" send P STORE@127.0.0.1:1 --json >out 2>err
[ $? = 69 ] && [ "$(value out 'd["code"]')" = 69 ] || wrong "a failure under --json is no object with its code"

# logs hold no names and no UIDs
fresh
"$RESTAGE" send P "STORE@127.0.0.1:$(cat second/port)" -vv >out 2>err || wrong "send -vv: $?"
grep -qE 'PHANTOM|2\.25\.' err && { wrong "a log line names somebody:"; cat err; }

# the disk is full, or memory fails, while done.json is replaced: the old one stays whole
if ! RS_FAIL_ALLOC=1 "$RESTAGE" --version >/dev/null 2>&1; then
    n=1
    while :; do
        fresh
        RS_FAIL_WRITE=$n "$RESTAGE" send P "STORE@127.0.0.1:$(cat second/port)" -q >out 2>err
        code=$?
        value P/done.json 'd["files"]' >/dev/null || wrong "write $n left a broken done.json"
        ls P | grep -q partial && wrong "write $n left a file"
        [ $code = 0 ] && break
        [ $code = 74 ] || wrong "write $n: exit $code"
        n=$((n + 1))
    done
    [ $n -gt 1 ] || wrong "no write failed"

    # attempt VERB N: its N-th allocation fails; one sentence and 75, and done.json stays whole
    attempt()
    {
        fresh
        RS_FAIL_ALLOC=$2 "$RESTAGE" "$1" P "STORE@127.0.0.1:$(cat second/port)" --retry-waits none -q >out 2>err
        code=$?
        value P/done.json 'd["files"]' >/dev/null || wrong "allocation $2 of $1 left a broken done.json"
        ls P | grep -q partial && wrong "allocation $2 of $1 left a file"
        [ $code = 0 ] && return 0
        [ $code = 75 ] && [ "$(wc -l <err)" = 1 ] || { wrong "allocation $2 of $1: exit $code"; head -5 err; }
        return 1
    }
    for verb in send retract; do
        short=1 enough=2048
        until attempt $verb $enough; do
            short=$enough enough=$((2 * enough))
            [ $enough -lt 1000000 ] || { wrong "$verb never succeeds"; break; }
        done
        while [ $((enough - short)) -gt 16 ]; do
            n=$(((short + enough) / 2))
            if attempt $verb $n; then enough=$n; else short=$n; fi
        done
        # wide steps through the packet's JSON, small ones at the end, where the network and done.json are
        for n in $(seq 1 $((short / 8 + 1)) "$short") $(seq $((short > 161 ? short - 160 : 1)) 16 "$short"); do
            attempt $verb "$n"
        done
        echo "RS_FAIL_ALLOC: restage $verb fails up to about $short"
    done
fi

# DCMTK's own archive, with small and large PDUs (field report P05), and stopped while it reads (P02)
if command -v storescp >/dev/null; then
    for pdu in 4096 131072; do
        mkdir scp$pdu
        port=$($python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        storescp -q -aet STORE -pdu $pdu -od scp$pdu "$port" &
        scp=$!
        archives="$archives $scp"
        sleep 1
        fresh
        expect 0 "$last +stored" send P "STORE@127.0.0.1:$port" --retry-waits 1,1,1
        sent P "$objects"
        [ "$(ls scp$pdu | wc -l)" = "$objects" ] || wrong "storescp -pdu $pdu has other objects"
    done
    kill -STOP $scp
    fresh
    expect 75 '' send P "STORE@127.0.0.1:$port" --timeout 1 --retry-waits none
    sent P 0
    kill -CONT $scp
    expect 0 "$last +stored" send P "STORE@127.0.0.1:$port" --retry-waits 1,1,1
    sent P "$objects"
fi
exit $failed
