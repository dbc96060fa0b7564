#!/bin/sh
# The whole line on a small synthetic patient under valgrind: no error, nothing definitely lost.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
[ -z "$RS_SANITIZE" ] || { echo "a sanitizer watches already"; exit 77; }
command -v valgrind >/dev/null || { echo "needs valgrind"; exit 77; }
export OMP_WAIT_POLICY=passive # else the re-execution leaves the tool
watched()
{
    valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$RESTAGE" "$@" >out 2>err
    code=$?
    [ $code = 0 ] || { wrong "restage $* under valgrind: exit $code"; head -40 err; }
}
"$RESTAGE" phantom -o scan --seed 3 --columns 72 --slices 36 --slice-spacing 8 --field-of-view 380 --lesions 2 -q || exit 70
watched info scan
watched run scan -o packet -j 2
watched export scan -o v.nii
complete packet
exit $failed
