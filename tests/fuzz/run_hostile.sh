#!/bin/sh
# Every hostile input through restage and through the tools of others, and what became of them in
# bench/results/hostile.md.
#   sh tests/fuzz/run_hostile.sh RELEASE [SANITIZED]    paths of two restage programs
# Wants libgdcm-tools, dcmtk, dcm2niix; RESTAGE_SHARED names the folder of real data, for the corpus. FULL=1: the inputs
# of 4 MB and more too. EVERY=N: every N-th input only. About half an hour of two idle cores.
set -u
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
release=$1 sanitized=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
every=${EVERY:-1}
small=--small
[ -n "${FULL:-}" ] && small=
# shellcheck disable=SC2086
python3 "$here/make_hostile.py" "$work/made" $small || exit 70
set -- --every "$every"
corpus=${RESTAGE_SHARED:-$here/../../../shared/data}/conformance/hostile/pwnlabmx-half.tar.xz
if [ -f "$corpus" ]; then
    mkdir "$work/corpus"
    tar -xf "$corpus" -C "$work/corpus" || exit 70
    set -- "$@" --corpus "$work/corpus"
fi
failed=0
RESTAGE=$release python3 "$here/run_hostile.py" "$work/made" "$@" --peers --table "$work/table" >"$work/release.log" || failed=1
cat "$work/release.log"
if [ -n "$sanitized" ]; then
    # In the program itself, so that a finding is not a decoder that stopped.
    RESTAGE=$sanitized python3 "$here/run_hostile.py" "$work/made" "$@" --sandbox-off >"$work/sanitized.log" || failed=1
    tail -1 "$work/sanitized.log"
fi
{
    echo "# Hostile inputs, by kind: ok / refused / crash / hang / over 1 GiB"
    echo
    echo "Made by \`tests/fuzz/run_hostile.sh\`. An input counts once a program, by the worst of its calls: restage \`info\`,"
    echo "\`run\`, \`export\`; gdcm: \`gdcminfo\`, \`gdcmconv --raw\`; dcmtk: \`dcmdump\`, \`dcmj2pnm\`; dcm2niix. Crash: a signal or an"
    echo "abort; hang: over 5 s of CPU, or killed after 10 s; a dot is 0. Refused of restage is a typed answer (exit 65 or 66)"
    echo "of every call that would give pixels. The tools of others were held at 4 GiB of address space."
    echo
    echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores. restage $("$release" --version | head -1 | sed 's/^restage //'); $(gdcminfo --version 2>&1 | head -1 | sed 's/ *$//'); $(dcmdump --version 2>&1 | head -1 | sed 's/^\$dcmtk: //;s/ \$$//'); dcm2niix $(dcm2niix --version 2>&1 | tail -1)."
    echo
    [ "$every" = 1 ] || { echo "Every $every-th input of those that the script makes and of the corpus."; echo; }
    echo "Release build: $(tail -1 "$work/release.log")."
    [ -n "$sanitized" ] && echo "AddressSanitizer and UBSan, decoders in the program: $(tail -1 "$work/sanitized.log")."
    echo
    cat "$work/table"
} >"$here/../../bench/results/hostile.md"
exit $failed
