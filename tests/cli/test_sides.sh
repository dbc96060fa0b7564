#!/bin/sh
# Left and right are never swapped, and whole lungs are assessed: small phantoms by seeds, every candidate on a lesion has
# the truth's side.
[ -n "$RESTAGE" ] || exit 77
[ -z "$RS_SANITIZE" ] || { echo "too slow under sanitizers"; exit 77; }
python=/usr/bin/python3
[ -x $python ] || python=python3
rm -rf packets
sh "$RESTAGE_SOURCE/bench/phantoms.sh" packets 101 104 --columns 160 --slices 96 --slice-spacing 3 --lesions 8 || exit 1
exec $python "$RESTAGE_SOURCE/bench/phantom_score.py" --check packets/seed-*
