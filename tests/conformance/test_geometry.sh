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

# A slice that nobody can decode is as good as missing.
cp -r scan damaged
$python - damaged/IM0024.dcm <<'END'
import sys, pydicom
from pydicom.uid import RLELossless
d = pydicom.dcmread(sys.argv[1])
d.compress(RLELossless)
d.PixelData = d.PixelData[:-600] + bytes([127]) * 600  # longer runs than the rows hold
d.save_as(sys.argv[1])
END
expect 65 'InstanceNumber 24.* cannot be read' run damaged -o other
expect 0 'partly' run damaged -o other --allow-partial
complete other
[ "$(value other/report.json 'd["organs"][0]["state"]')" = partly ] || wrong "a lung with a lost slice is not partly assessed"
[ "$(value other/report.json '"InstanceNumber 24" in d["organs"][0]["reason"] + d["source"]["resampled"]')" = True ] ||
    wrong "the lost slice is not named"

real=${RESTAGE_SHARED:-/nonexistent}/conformance
if [ -d "$real/geometry" ]; then
    for part in derived refused leaning truth; do
        $python "$check" $part "$real" || failed=1
    done
else
    echo "no real data"
fi
exit $failed
