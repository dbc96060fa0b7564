#!/bin/sh
# Damaged and hostile files end with a typed answer in time and memory. The whole corpus: tests/fuzz/run_hostile.sh.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
hostile=${RESTAGE_SHARED:-/nonexistent}/conformance/hostile
[ -d "$hostile" ] || { echo "no real data"; exit 77; }
check=$RESTAGE_SOURCE/tests/conformance/hostile.py
$python "$check" named "$hostile" || failed=1
mkdir corpus
tar -xf "$hostile/pwnlabmx-half.tar.xz" -C corpus || wrong "the corpus cannot be unpacked"
$python "$check" corpus corpus 25 || failed=1
exit $failed
