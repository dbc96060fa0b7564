#!/bin/sh
# Every write (under sanitizers many) and many an allocation of a run that dumps all it made fail once: one sentence, the
# right exit code, nothing left. The dump is put in its place just before the packet, so that it alone may stand where the packet's last step
# fails: then it is whole. Needs a build with RS_FAULTS (asan, debug); RS_WALK=all looks at every allocation.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
RS_FAIL_ALLOC=1 "$RESTAGE" --version >/dev/null 2>&1 && { echo "a build without RS_FAULTS"; exit 77; }
export OMP_WAIT_POLICY=passive ASAN_OPTIONS=detect_leaks=1

"$RESTAGE" phantom -o small --seed 3 --columns 72 --slices 36 --slice-spacing 8 --field-of-view 380 --lesions 2 -q ||
    exit 70
"$RESTAGE" run small -o first --stop-after detect -q || exit 70
place=$($python -c 'import json; print(",".join(str(x) for x in json.load(open("small/truth.json"))["lesions"][0]["lps_mm"]))')

# walk VARIABLE PART EXPECTED ARGUMENT…: n grows by 1 and by its PART-th part (0: by 1) until three runs in a row succeed
walk()
{
    variable=$1 part=$2 expected=$3
    shift 3
    n=1 good=0 failing=0
    while [ $good -lt 3 ]; do
        [ $n -gt 200000 ] && { wrong "$variable never succeeds: $*"; return; }
        env "$variable=$n" "$RESTAGE" run small -o packet -j 1 -q "$@" >said 2>&1 </dev/null
        code=$?
        if [ $code = 0 ]; then
            good=$((good + 1))
            [ -f packet.dump/dump.json ] || wrong "$variable=$n: success without a dump"
        else
            good=0 failing=$n
            [ $code = "$expected" ] || { wrong "$variable=$n: exit $code for $*"; head -5 said; }
            [ "$(wc -l <said)" = 1 ] || { wrong "$variable=$n: not one sentence"; head -20 said; }
            [ -f packet.dump/dump.json ] && rm -rf packet.dump && late=$n
            left=$(find . -maxdepth 1 -name 'packet*')
            [ -z "$left" ] || wrong "$variable=$n left $left"
        fi
        rm -rf packet packet.dump packet.partial-* packet.dump.partial-*
        n=$((part > 0 ? n + 1 + n / part : n + 1))
    done
    echo "$variable: run $* fails up to $failing"
    [ $failing -gt 1 ] || wrong "$variable was never looked at by $*"
    [ -z "$late" ] || [ "$late" = $failing ] || wrong "$variable=$late left a dump, and was not the last to fail"
}

growth=6 writes=0
[ -n "$RS_SANITIZE" ] && growth=2 writes=8
[ "$RS_WALK" = all ] && growth=0 writes=0
late=
walk RS_FAIL_WRITE $writes 74 --dump all --at "$place"
late=
walk RS_FAIL_ALLOC $growth 75 --dump all --at "$place"
walk RS_FAIL_ALLOC $growth 75 --stop-after detect --candidates first.dump/05-detect.csv
exit $failed
