#!/bin/sh
# Objects as scanners and archives send them: many frames or many slices in one picture, several volumes in one series,
# directories, reports, and what is none of our business.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
PYTHONPATH=$RESTAGE_SOURCE/tests/inputs:$RESTAGE_SOURCE/tests/conformance
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
check=$RESTAGE_SOURCE/tests/conformance/objects.py
$python -W ignore "$check" made || failed=1
if [ -d "${RESTAGE_SHARED:-/nonexistent}/conformance" ]; then
    for part in pictures objects clinical; do
        $python "$check" $part "$RESTAGE_SHARED" || failed=1
    done
fi
exit $failed
