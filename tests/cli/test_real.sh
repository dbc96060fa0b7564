#!/bin/sh
# Real series that no organ of ours is in, or that nobody serves yet (contract 8). Skipped without the data.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
clinical=$RESTAGE_SHARED/clinical
[ -d "$clinical/crlm-1004" ] || { echo "no real data beside the source tree"; exit 77; }

expect 0 'no lung' run "$clinical/crlm-1004/abdomen" -o abdomen
complete abdomen
[ "$(value abdomen/done.json 'd["assessed"]')" = none ] || wrong "an abdomen was assessed"
expect 0 'not assessed' run "$clinical/prostatex-0000" -o prostate
complete prostate
[ "$(value prostate/done.json 'd["assessed"]')" = none ] || wrong "a prostate was assessed"
grep -qiE 't2|ADC' prostate/report.json || wrong "the MR sequence has no name"
expect 0 'MR' info "$clinical/prostatex-0000"
expect 0 'RTSTRUCT' info "$clinical/lung1-001"
expect 65 '' run "$clinical/lungfcp-0001" -o packet
# What the scans must give: lesions that are marks, sides, spheres that a scanner saw.
if [ -z "$RS_SANITIZE" ]; then
    $python "$RESTAGE_SOURCE/bench/real_scans.py" --restage "$RESTAGE" --data "$RESTAGE_SHARED" --check ||
        wrong "the real scans do not give what they must"
fi
exit $failed
