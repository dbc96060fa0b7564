#!/bin/sh
# Fits P and the operating points of the lungs on synthetic patients of the seeds FIRST to LAST (tune: 1 to 999), with
# lesions as the seeds draw them (5 on average, none in 30 %):
#   RESTAGE=build/release/restage KIND=mass sh bench/ranker/calibrate.sh OUT 201 212   patients with masses
#   RESTAGE=build/release/restage sh bench/ranker/calibrate.sh OUT 1 110               patients as they come
# keeps OUT/mass-N and OUT/seed-N by bench/phantoms.sh (whose SCANS and JOBS hold here, too) and writes
# OUT/calibration.inc, to be looked at and copied to src/organs/lung/. It can be stopped and run again; FIRST > LAST only
# fits. Every folder of OUT counts.
[ -n "$RESTAGE" ] && [ $# -ge 3 ] || { sed -n '2,9s/^# *//p' "$0" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
out=$1 first=$2 last=$3
shift 3
python=/usr/bin/python3 # of Debian: another one in PATH may lack numpy
[ -x $python ] || python=python3
[ "$KIND" != mass ] || [ $# -gt 0 ] || set -- --lesions 3 --smallest 20 --largest 60
DUMP=1 sh "$here/../phantoms.sh" "$out" "$first" "$last" "$@" || exit
set -- "$out"/seed-*
[ -d "$1" ] || { echo "calibrate.sh: $out has no seed-N yet: no fit" >&2; exit 0; }
$python "$here/fit_calibration.py" "$out" >"$out/.calibration.inc" || exit
mv "$out/.calibration.inc" "$out/calibration.inc"
