#!/bin/sh
# One libFuzzer target for a while: fuzz.sh PROGRAM SECONDS [CORPUS]. New inputs go to CORPUS (a folder of its own, thrown
# away, where none is given); what breaks stays in the folder where this was started, as crash-*, timeout-*, oom-*.
set -eu
program=$1 seconds=$2
target=$(basename "$program" | sed 's/^fuzz_//')
seeds=$(cd "$(dirname "$0")" && pwd)/seeds/$target
if [ $# -gt 2 ]; then
    corpus=$3
    mkdir -p "$corpus"
else
    corpus=$(mktemp -d)
    trap 'rm -rf "$corpus"' EXIT
fi
case $target in
geometry) length=192 ;;
codestream | inflate | pixels) length=4096 ;;
*) length=16384 ;;
esac
# DCMTK's registries live as long as the process: no leak.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 OMP_WAIT_POLICY=passive
"$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=$length -seed=1 -print_final_stats=1 \
    -verbosity=1 -artifact_prefix="$target-" "$corpus" "$seeds"
