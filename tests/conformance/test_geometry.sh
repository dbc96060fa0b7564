#!/bin/sh
# Slices that lie in every way a scanner may make them lie: read right, put right and said so, or refused by name.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
check=$RESTAGE_SOURCE/tests/conformance/geometry.py
PYTHONPATH=$RESTAGE_SOURCE/tests/inputs:$RESTAGE_SOURCE/tests/conformance
export PYTHONPATH
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

$python "$check" made || failed=1

# Slices of a patient go: the rest is searched, the hole is named, and no mark lies in it.
patient scan 7
cp -r scan holed
rm holed/IM0020.dcm holed/IM0021.dcm holed/IM0033.dcm
expect 65 'slices are missing, the first between z =' run holed -o packet
expect 0 'gap' info holed
expect 0 'mended' info holed --allow-partial
expect 0 'partly' run holed -o packet --allow-partial
complete packet
expect 0 '' run scan -o whole
$python "$RESTAGE_SOURCE/tests/packet/check_packet.py" "$RESTAGE_SOURCE/src/packet/report.schema.json" packet
[ $? = 1 ] && wrong "the packet of a scan with a hole is not valid"
$python "$check" partly packet whole || failed=1

real=${RESTAGE_SHARED:-/nonexistent}/conformance
if [ -d "$real/geometry" ]; then
    for part in derived refused leaning truth; do
        $python "$check" $part "$real" || failed=1
    done
else
    echo "no real data"
fi
exit $failed
