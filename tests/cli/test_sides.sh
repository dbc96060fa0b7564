#!/bin/sh
# Left and right are never swapped: small phantoms by seeds, every lesion that a candidate hits has the truth's side.
# bench/sides.sh with 20 phantoms is the full check.
[ -n "$RESTAGE" ] || exit 77
[ -z "$RS_SANITIZE" ] || { echo "too slow under sanitizers"; exit 77; }
exec sh "$RESTAGE_SOURCE/bench/sides.sh" "$RESTAGE" 4
