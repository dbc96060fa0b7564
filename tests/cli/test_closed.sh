#!/bin/sh
# Standard descriptors that are closed at the start: none may be taken by a file or a socket of ours, and results that
# nobody can read are an I/O error.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
patient scan 5
"$RESTAGE" export scan -o whole.nii -q || wrong "no export, no test"

# closed CODE WORDS...: exit code of a call whose redirections stand in $how
closed()
{
    want=$1
    shift
    sh -c "\"\$RESTAGE\" \"\$@\" $how" sh "$@"
    code=$?
    [ $code = "$want" ] || wrong "exit $code, not $want: restage $* $how"
}
export RESTAGE

# A build or machine without every layer says so (64).
modes="auto off"
"$RESTAGE" export scan -o all.nii -q --sandbox=all 2>/dev/null
case $? in
0) modes="$modes all" ;;
64) ;;
*) wrong "--sandbox=all" ;;
esac
for sandbox in $modes; do
    for how in '<&-' '>&-' '2>&-' '<&- >&-' '<&- >&- 2>&-'; do
        rm -f closed.nii
        closed 0 export scan -o closed.nii -q --sandbox=$sandbox
        cmp whole.nii closed.nii || wrong "another volume: --sandbox=$sandbox $how"
    done
done
how='>&-'
closed 74 info scan 2>/dev/null
closed 74 --version 2>/dev/null
how='2>&-'
closed 66 info nowhere
closed 0 info scan >/dev/null
exit $failed
