#!/bin/sh
# selftest: passes, says so, leaves nothing; a folder that cannot be made, an interrupt.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
mkdir scratch
export TMPDIR=$PWD/scratch
expect 0 'This installation is sound' selftest
[ "$(grep -c '^ok ' out)" = 8 ] || { wrong "not 8 checks"; cat out; }
grep -q 'FAILED\|skipped' out && wrong "a check failed and the exit code is 0"
[ -z "$(ls -A scratch)" ] || wrong "selftest left $(ls -A scratch)"

# interrupted while it works: no folder is left
caught=0
for seconds in 1 3; do
    timeout --preserve-status -s INT $seconds "$RESTAGE" selftest >out 2>err
    code=$?
    [ $code = 130 ] && caught=$((caught + 1))
    [ $code = 130 ] || [ $code = 0 ] || wrong "interrupted after $seconds s: exit $code"
    [ -z "$(ls -A scratch)" ] || wrong "an interrupted selftest left $(ls -A scratch)"
done
[ $caught -gt 0 ] || wrong "selftest was never caught in the middle"

export TMPDIR=$PWD/nowhere
expect 73 'set TMPDIR' selftest
expect 64 'wants no path' selftest scratch

# a full disk, where root may mount one: its own code, nothing left
mkdir disk
if mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null; then
    export TMPDIR=$PWD/disk
    expect 74 '' selftest -q
    [ -z "$(ls -A disk)" ] || wrong "selftest left $(ls -A disk) on a full disk"
    umount disk
fi
exit $failed
