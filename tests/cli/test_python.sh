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

# every struct that the sample writes out is as large as the header's
if command -v cc >/dev/null; then
    cat >sizes.c <<'END'
#include <restage/kernels/gauss.h>
#include <restage/report.h>
#include <restage/volume.h>
#include <stdio.h>

int main(void)
{
    printf("GaussArgs %zu\nStage %zu\nVolume %zu\n", sizeof(rs_gauss_args), sizeof(rs_stage), sizeof(rs_volume));
    return 0;
}
END
    cc -I "$RESTAGE_SOURCE/include" sizes.c -o sizes || wrong "the sizes cannot be compiled"
    ./sizes >wanted
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$RESTAGE_SOURCE/samples $python -c '
import ctypes, from_python as f
for name in "GaussArgs", "Stage", "Volume":
    print(name, ctypes.sizeof(getattr(f, name)))' >mine
    cmp -s wanted mine || { wrong "a struct of from_python.py is not of this version"; diff wanted mine; }
else
    echo "sizes of structs are not compared: no cc"
fi
exit $failed
