#!/bin/sh
# A part of the hostile inputs that tests/fuzz/make_hostile.py makes; all of them, under sanitizers too and beside other
# programs: tests/fuzz/run_hostile.sh.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
[ -x "$python" ] || command -v "$python" >/dev/null || { echo "needs python3"; exit 77; }
$python "$RESTAGE_SOURCE/tests/fuzz/make_hostile.py" made --small || exit 70
$python "$RESTAGE_SOURCE/tests/fuzz/run_hostile.py" made --every 37 || failed=1
for kind in 18-frames 21-rle 27-siz; do # frames that lie, and what decoders take silently: every one
    $python "$RESTAGE_SOURCE/tests/fuzz/run_hostile.py" made --kind $kind || failed=1
done
exit $failed
