#!/bin/sh
# Stored values of 32 bits, floating point, lookup tables, rubbish in unused bits, MONOCHROME1: what export gives is what
# went in, to half a step where it says so; what no step holds is refused.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
check=$RESTAGE_SOURCE/tests/conformance/pixels.py
$python "$check" make >made 2>err || { tail -3 err; exit 70; }

# same NAME NOTE
same()
{
    expect 0 "$2" export "$1" -o "$1.nii"
    $python "$check" check "$1" 2>err || { wrong "$(tail -1 err)"; }
}

same float-ct "values of 32 bits are kept in steps of 1, rounded by at most 0.5"
same double-ct "values of 64 bits are kept in steps of 1, rounded by at most 0.499"
same float-adc "values of 32 bits are kept in steps of 5e-08"
same int32-ct "steps of 1, rounded by at most 0.5"
same int32-whole-ct ""
same int32-mr "steps of 20, rounded by at most 10"
same inverted-ct "MONOCHROME1"
same overlay-ct ""
same lookup-ct ""
expect 65 "InstanceNumber 1.* are no numbers" export nan-ct -o nan.nii
expect 65 "16 bits do not hold" export far-ct -o far.nii

# limits: named in the sentence, set and listed
expect 0 "nesting=32: sequences one in another" info --list-limits
expect 0 '"name": "side"' info --list-limits --json
expect 65 "more files than the limit files = 3" info inverted-ct --limit files=3
expect 65 "rows and .* columns, more than the limit side = 30" export inverted-ct -o x.nii --limit side=30
expect 65 "more than the limit voxels = 7325" export inverted-ct -o x.nii --limit voxels=7325
expect 65 "more than the limit study-bytes = 9999" export inverted-ct -o x.nii --limit study-bytes=9999
expect 64 "did you mean nesting" info inverted-ct --limit nestin=3
expect 64 "whole number above 0" info inverted-ct --limit side=0
expect 0 "" info inverted-ct --limit side=37 --limit files=9
exit $failed
