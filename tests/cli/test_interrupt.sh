#!/bin/sh
# Ctrl-C and SIGTERM in the middle, a full disk: whole or nothing.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
"$RESTAGE" phantom -o scan --seed 5 --columns 256 --slices 120 --slice-spacing 2.5 -q || exit 70

# stop SIGNAL CODE SECONDS
stop()
{
    timeout --preserve-status -s "$1" "$3" "$RESTAGE" run scan -o packet >out 2>err
    code=$?
    if [ $code = "$2" ] && grep -q '^restage: ' err; then
        caught=$((caught + 1))
        [ -e packet ] && wrong "$1 after $3 s: there is a packet"
    elif [ $code = 0 ]; then
        [ -f packet/done.json ] || wrong "$1 after $3 s: half a packet"
    elif [ "$code" -lt 128 ] || [ -e packet ]; then # before the handler stands, the signal just ends it: 128 + n
        wrong "$1 after $3 s: exit $code"
    fi
    [ -z "$(ls -A | grep partial)" ] || { wrong "$1 after $3 s: a partial folder is left"; rm -rf packet.partial-*; }
    rm -rf packet
}
caught=0
for seconds in 0.05 0.1 0.2 0.4 0.7 1 1.5; do
    stop INT 130 $seconds
done
[ $caught -gt 0 ] || wrong "no run was caught in the middle"
caught=0
stop TERM 75 0.3
stop TERM 75 0.6
[ $caught -gt 0 ] || wrong "SIGTERM was never caught in the middle"
caught=0
stop HUP 130 0.4
stop HUP 130 0.8
[ $caught -gt 0 ] || wrong "SIGHUP was never caught in the middle"

# phantom, too
timeout --preserve-status -s INT 0.3 "$RESTAGE" phantom -o other --seed 6 -q >out 2>err
code=$?
[ $code = 130 ] && [ -e other ] && wrong "an interrupted phantom is left"
[ -z "$(ls -A | grep partial)" ] || wrong "a partial phantom is left"

# a full disk, where root may mount one
mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    head -c 40000 /dev/zero >disk/filler
    expect 74 '' run scan -o disk/packet
    expect 74 '' export scan -o disk/v.nii
    expect 74 '' phantom -o disk/scan --seed 1 --columns 64 --slices 20
    [ "$(ls -A disk)" = filler ] || wrong "a full disk keeps $(ls -A disk)"
    umount disk
fi
exit $failed
