#!/bin/sh
# Where memory is too short for all threads, fewer do the work or the answer is "try again": the library of threads must
# not end the program.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
(ulimit -v 400000 && "$RESTAGE" --version >/dev/null 2>&1) || { echo "a build that wants its address space"; exit 77; }
patient scan 7
expect 0 '' export scan -o whole.nii -q
for kib in 60000 70000 80000 90000 100000 120000 140000; do
    rm -f few.nii
    (ulimit -v $kib && "$RESTAGE" export scan -o few.nii -q -j 7) 2>err
    code=$?
    case $code in
    0) cmp whole.nii few.nii || wrong "$kib KiB: other voxels" ;;
    75) [ -e few.nii ] && wrong "$kib KiB: exit 75 and a file" ;;
    127) : ;; # the libraries were not loaded
    *) wrong "$kib KiB: exit $code: $(cat err)" ;;
    esac
done
exit $failed
