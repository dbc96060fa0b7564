#!/bin/sh
# Fits P and the operating points of the lungs on synthetic patients of the seeds FIRST to LAST (tune: 1 to 999):
#   RESTAGE=build/release/restage sh bench/ranker/calibrate.sh OUT FIRST LAST [options of restage phantom]
# keeps OUT/seed-N/{truth.json,report.json,candidates.csv} of every seed (the images go as soon as they are read) and
# writes OUT/calibration.inc, to be looked at and copied to src/organs/lung/. Run again, it makes only the seeds that OUT
# lacks; FIRST > LAST only fits. Every seed in OUT counts, its lesions as if a phantom had 5 on average. JOBS is the
# number of threads (2). About 16 s of CPU a seed.
[ -n "$RESTAGE" ] && [ $# -ge 3 ] || { sed -n '2,7s/^# *//p' "$0" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
out=$1 seed=$2 last=$3
shift 3
mkdir -p "$out" || exit 73
rm -rf "$out"/.scan "$out"/.packet "$out"/.kept
while [ "$seed" -le "$last" ]; do
    kept=$out/seed-$seed
    if [ ! -d "$kept" ]; then
        "$RESTAGE" phantom -o "$out/.scan" --seed "$seed" -j "${JOBS:-2}" -q "$@" || exit
        "$RESTAGE" run "$out/.scan" -o "$out/.packet" -j "${JOBS:-2}" -q || exit
        mkdir "$out/.kept" &&
            cp "$out/.scan/truth.json" "$out/.packet/report.json" "$out/.packet/candidates.csv" "$out/.kept/" &&
            mv "$out/.kept" "$kept" || exit 74
        rm -rf "$out/.scan" "$out/.packet"
    fi
    seed=$((seed + 1))
done
python=/usr/bin/python3 # of Debian: another one in PATH may lack numpy
[ -x $python ] || python=python3
$python "$here/fit_calibration.py" --prevalence 5 "$out"/seed-* >"$out/.calibration.inc" || exit
mv "$out/.calibration.inc" "$out/calibration.inc"
