#!/bin/sh
# Makes every write of a small run fail as if the disk were full, and every allocation of ours fail once: always one
# sentence and the right exit code, never a crash, never half a packet. Needs a build with RS_FAULTS (asan, debug).
#   RS_WALK=all sh tests/cli/test_faults.sh     every allocation; without it the first, then at wider steps
[ -n "$RESTAGE" ] || exit 77
RS_FAIL_ALLOC=1 "$RESTAGE" --version >/dev/null 2>&1 && { echo "a build without RS_FAULTS"; exit 77; }
export OMP_WAIT_POLICY=passive ASAN_OPTIONS=detect_leaks=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70
failed=0
wrong()
{
    echo "WRONG: $*"
    failed=1
}

"$RESTAGE" phantom -o small --seed 3 --columns 72 --slices 36 --slice-spacing 8 --field-of-view 380 --lesions 2 -q ||
    exit 70

# walk VARIABLE FROM STEP EXPECTED COMMAND…: n = 1, 2, … FROM, then every STEP-th, until $enough runs in a row succeed (one may
# succeed in between: a file whose reading failed for want of memory is read once more)
walk()
{
    variable=$1 dense_to=$2 stride=$3 expected=$4
    shift 4
    n=0 good=0 failing=0
    while [ $good -lt $enough ]; do
        n=$((n < dense_to ? n + 1 : n + stride))
        [ $n -gt 200000 ] && { wrong "$variable never succeeds: $*"; return; }
        env "$variable=$n" "$RESTAGE" "$@" -j 1 -q >said 2>&1 </dev/null
        code=$?
        if [ $code = 0 ]; then
            good=$((good + 1))
            [ ! -d packet ] || [ -f packet/done.json ] || wrong "$variable=$n: success without done.json"
            rm -rf packet other out.mha
            continue
        fi
        good=0 failing=$n
        case " $expected " in
        *" $code "*) ;;
        *) wrong "$variable=$n: exit $code for restage $*"; head -5 said ;;
        esac
        [ "$(wc -l <said)" = 1 ] || { wrong "$variable=$n: not one sentence"; head -20 said; }
        left=$(find . -maxdepth 1 ! -name . ! -name small ! -name said)
        [ -z "$left" ] || { wrong "$variable=$n left $left"; rm -rf $left; }
    done
    echo "$variable: restage $1 fails up to $failing"
    [ $failing -gt 1 ] || wrong "$variable was never looked at by restage $1"
}

# Under sanitizers a run takes seconds: fewer of them, so that the walk ends within minutes.
from=120 step=151 coarse_from=20 coarse_step=7 rare_step=151 enough=8
[ -n "$RS_SANITIZE" ] && from=40 step=151 coarse_from=3 coarse_step=23 rare_step=4001 enough=3
[ "$RS_WALK" = all ] && from=1 step=1 coarse_from=1 coarse_step=1 rare_step=1 enough=8
walk RS_FAIL_WRITE 1 1 74 run small -o packet --masks
walk RS_FAIL_WRITE 1 1 74 export small -o out.mha
walk RS_FAIL_WRITE $coarse_from $coarse_step 74 phantom -o other --seed 4 --columns 64 --slices 20 --slice-spacing 10
walk RS_FAIL_ALLOC $from $step 75 run small -o packet --masks
walk RS_FAIL_ALLOC $from $step 75 info small
printf 'seriesuid,coordX,coordY,coordZ,probability\n%s,1,1,2,0.7\n' "$(grep -o '"series_uid": "[^"]*' small/truth.json | cut -d'"' -f4)" >small/marks.csv
walk RS_FAIL_ALLOC $from $step 75 evaluate small/marks.csv --truth small/truth.json --bootstraps 20
walk RS_FAIL_WRITE 1 1 74 evaluate small/marks.csv --truth small/truth.json --bootstraps 20 -o other
walk RS_FAIL_ALLOC $coarse_from $rare_step 75 phantom -o other --seed 4 --columns 64 --slices 20 --slice-spacing 10
exit $failed
