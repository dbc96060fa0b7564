#!/bin/sh
# Prints the tables of parameters and codes of README.md anew: sh samples/readme.sh BUILD
set -eu
build=${1:?usage: sh samples/readme.sh BUILD}
readme=$(dirname "$0")/../README.md
ninja -C "$build" sample_parameters >&2
"$build/sample_parameters" >"$build/parameters.md"
awk -v parameters="$build/parameters.md" -v codes="$build/codes.md" '
    function print_file(name) { while ((getline line <name) > 0) print line; skip = 1 }
    /^\| parameter \|/ { print_file(parameters) }
    /^\| code \| meaning \|/ { print_file(codes) }
    /^$/ { skip = 0 }
    !skip' "$readme" >"$build/README.md"
cat "$build/README.md" >"$readme"
