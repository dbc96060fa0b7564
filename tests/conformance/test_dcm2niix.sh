#!/bin/sh
# export agrees with dcm2niix, or we can say why not. The whole comparison: compare_dcm2niix.py DATA without --fast.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
[ -d "${RESTAGE_SHARED:-/nonexistent}/conformance/geometry" ] || { echo "no real data"; exit 77; }
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec $python "$RESTAGE_SOURCE/tests/conformance/compare_dcm2niix.py" "$RESTAGE_SHARED" --fast
