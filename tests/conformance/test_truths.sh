#!/bin/sh
# LIDC XML, RTSTRUCT, SEG, label volumes and lists of lesions, read as truths: the counts and volumes of their INDEX.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
data=$RESTAGE_SHARED
[ -n "$data" ] && [ -d "$data/data/clinical" ] && data=$data/data
[ -d "$data/clinical" ] || { echo "no clinical data, no test"; exit 77; }
need_python
$python "$RESTAGE_SOURCE/tests/conformance/truths.py" "$data" || failed=1
exit $failed
