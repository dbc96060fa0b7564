#!/bin/sh
# Prints the parameter table of README.md anew: sh samples/readme.sh BUILD
set -eu
build=${1:?usage: sh samples/readme.sh BUILD}
readme=$(dirname "$0")/../README.md
ninja -C "$build" sample_parameters >&2
"$build/sample_parameters" >"$build/parameters.md"
awk -v table="$build/parameters.md" '
    /^\| parameter \|/ { while ((getline line <table) > 0) print line; skip = 1 }
    /^$/ { skip = 0 }
    !skip' "$readme" >"$build/README.md"
cat "$build/README.md" >"$readme"
