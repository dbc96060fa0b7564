#!/bin/sh
# samples/from_python.py: the libraries from Python, by ctypes; the sample asserts its numbers itself.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
[ -z "$RS_SANITIZE" ] || { echo "a plain Python cannot load a sanitized library"; exit 77; }
$python -c 'import numpy' 2>/dev/null || { echo "needs python3-numpy"; exit 77; }
$python "$RESTAGE_SOURCE/samples/from_python.py" >out 2>err || { wrong "from_python.py fails"; tail -5 out err; }
grep -q 'variance of the impulse' out || wrong "no kernel was shown"
grep -q 'voxels equal: True' out || wrong "no volume was shown"
grep -q 'status 64, "kernel gauss takes' out || wrong "a wrong struct is not refused"
grep -q '^truth .* mm: M' out || wrong "no lesion was compared"
exit $failed
