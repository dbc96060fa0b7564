#!/bin/sh
# Fits P and the operating points of the lungs on synthetic patients of the seeds FIRST to LAST (tune: 1 to 999):
#   RESTAGE=build/release/restage sh bench/ranker/calibrate.sh OUT FIRST LAST [options of restage phantom]
# keeps OUT/seed-N/{truth.json,report.json,candidates.csv} of every seed (the images go as soon as they are read) and
# writes OUT/calibration.inc, to be looked at and copied to src/organs/lung/. Patients with masses, for the second map:
#   RESTAGE=build/release/restage KIND=mass sh bench/ranker/calibrate.sh OUT 201 212
# keeps OUT/mass-N. Run again, it makes only the seeds that OUT lacks; FIRST > LAST only fits. Every folder of OUT
# counts. SCANS=DIR takes the patients from DIR/seed-N, passing over those that are not there; it makes none and removes
# none. JOBS is the number of threads (2). About 16 s of CPU a seed with its making, 6 s without.
[ -n "$RESTAGE" ] && [ $# -ge 3 ] || { sed -n '2,11s/^# *//p' "$0" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
out=$1 seed=$2 last=$3
shift 3
python=/usr/bin/python3 # of Debian: another one in PATH may lack numpy
[ -x $python ] || python=python3
kind=seed
if [ "$KIND" = mass ]; then
    kind=mass
    [ $# -gt 0 ] || set -- --lesions 3 --smallest 20 --largest 60
fi
mkdir -p "$out" || exit 73
clear_work() { rm -rf "$out"/.scan "$out"/.packet "$out"/.packet.dump "$out"/.kept; }
clear_work
while [ "$seed" -le "$last" ]; do
    kept=$out/$kind-$seed scan=${SCANS:+$SCANS/seed-$seed}
    if [ ! -d "$kept" ] && { [ -z "$SCANS" ] || [ -f "$scan/truth.json" ]; }; then
        if [ -z "$SCANS" ]; then
            scan=$out/.scan
            "$RESTAGE" phantom -o "$scan" --seed "$seed" -j "${JOBS:-2}" -q "$@" || exit
        fi
        "$RESTAGE" run "$scan" -o "$out/.packet" --dump detect -j "${JOBS:-2}" -q || exit
        mkdir "$out/.kept" && cp "$scan/truth.json" "$out/.packet/report.json" "$out/.kept/" &&
            $python "$here/fit_calibration.py" --keep "$out/.packet.dump/05-detect.csv" >"$out/.kept/candidates.csv" &&
            mv "$out/.kept" "$kept" || exit 74
        clear_work
    fi
    seed=$((seed + 1))
done
set -- "$out"/seed-*
[ -d "$1" ] || { echo "calibrate.sh: $out has no seed-N yet: no fit" >&2; exit 0; }
$python "$here/fit_calibration.py" "$out" >"$out/.calibration.inc" || exit
mv "$out/.calibration.inc" "$out/calibration.inc"
