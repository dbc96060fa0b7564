#!/bin/sh
# The same bytes with and without decoding processes; done.json says what stood between; none of them is ever left.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"

# same NAME PATH: exports by every mode and number of threads ($numbers), and compares.
same()
{
    name=$1 path=$2
    "$RESTAGE" export "$path" -o off.nii --sandbox=off -j 2 -q >out 2>err || wrong "$name: $(cat err)"
    for mode in auto all; do
        for threads in $numbers; do
            rm -f on.nii
            "$RESTAGE" export "$path" -o on.nii --sandbox=$mode -j $threads -q >out 2>err
            code=$?
            [ $code = 64 ] && [ $mode = all ] && grep -q 'wants more than this machine offers' err && continue
            [ $code = 0 ] || wrong "$name, $mode: $(cat err)"
            cmp -s on.nii off.nii || wrong "$name: other values with --sandbox=$mode -j $threads"
        done
    done
    rm -f on.nii off.nii
}

export SOURCE_DATE_EPOCH=1 # the same report at any time
patient scan 7
numbers="1 3"
same "a synthetic patient" scan
expect 64 'wants auto, all or off, not "maybe"' export scan -o x.nii --sandbox=maybe
expect 64 'wants auto, all or off' run scan -o x --sandbox=on

"$RESTAGE" run scan -o packet -q || wrong "run"
[ "$(value packet/done.json 'd["sandbox"]["mode"]')" = auto ] || wrong "done.json: $(value packet/done.json 'd["sandbox"]')"
[ "$(value packet/done.json '"process" in d["sandbox"]["layers"]')" = True ] || wrong "done.json names no process"
[ "$(value packet/done.json 'd["sandbox"]["files_decoded"]')" = 0 ] || wrong "uncompressed files went to a worker"
"$RESTAGE" run scan -o bare -q --sandbox=off || wrong "run --sandbox=off"
[ "$(value bare/done.json 'd["sandbox"]["mode"], d["sandbox"]["layers"]')" = "('off', [])" ] || wrong "done.json of off"
for file in lesions.csv candidates.csv report.html report.pdf marks.mrk.json; do
    cmp -s packet/$file bare/$file || wrong "$file differs without a sandbox"
done
rm -rf packet bare

# Processes of a session that still live.
left()
{
    cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk -v session="$1" '$4 == session && $1 != "Z"' | wc -l
}
# killed SIGNAL: a run in a session of its own is ended in the middle; nothing of the session stays.
killed()
{
    setsid "$RESTAGE" run scan -o packet -q >out 2>err &
    run=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(left $run)" -ge 3 ] && break
        sleep 0.1
    done
    [ "$(left $run)" -ge 3 ] && caught=$((caught + 1))
    kill -s "$1" $run 2>/dev/null
    wait $run 2>/dev/null
    for i in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(left $run)" = 0 ] && break
        sleep 0.2
    done
    [ "$(left $run)" = 0 ] || wrong "$(left $run) processes are left after SIG$1"
    rm -rf packet packet.partial-*
}
if command -v setsid >/dev/null; then
    caught=0
    killed INT
    killed TERM
    killed KILL
    [ $caught -gt 0 ] || wrong "no run was caught with its processes"
fi

files="$RESTAGE_SHARED/conformance/transfer-syntax"
if [ -n "$RESTAGE_SHARED" ] && [ -d "$files" ]; then
    numbers=2
    for file in "$files"/ct-one-slice/*.dcm "$files"/nema-ct1/*.dcm; do
        same "$(basename "$file")" "$file"
    done
fi
slab="$RESTAGE_SHARED/clinical/fda-phantom/s05" # 45 slices in JPEG-LS
if [ -n "$RESTAGE_SHARED" ] && [ -d "$slab" ]; then
    numbers="1 3"
    same "a slab in JPEG-LS" "$slab"
    for mode in auto off; do
        "$RESTAGE" run "$slab" -o $mode -q --sandbox=$mode || wrong "run of a slab with --sandbox=$mode"
    done
    cmp -s auto/candidates.csv off/candidates.csv || wrong "candidates of a slab differ without a sandbox"
    [ "$(value auto/done.json 'd["sandbox"]["files_decoded"]')" = 45 ] || wrong "not 45 files went to workers"
fi
exit $failed
