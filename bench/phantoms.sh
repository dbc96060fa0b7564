#!/bin/sh
# Packets of synthetic patients of the seeds FIRST to LAST, for whoever scores them or fits on them:
#   RESTAGE=build/release/restage sh bench/phantoms.sh OUT FIRST LAST [options of restage phantom]
# keeps OUT/seed-N/{truth.json,report.json,candidates.csv}; the images go as soon as they are read. Run again, it makes
# only the seeds that OUT lacks. Then
#   restage evaluate OUT/seed-1 OUT/seed-2 --truth OUT/seed-1 --truth OUT/seed-2   found, measured, classed
#   python3 bench/quality.py OUT/seed-*           noise and resolution
# SCANS=DIR takes the patients from DIR/seed-N, passing over those that are not there; it makes none and removes none.
# KIND=mass keeps OUT/mass-N. DUMP=1 makes candidates.csv of every candidate, not of the best 1,000. POINT is the
# operating point (default; high measures more lesions). JOBS is the number of threads (2). About 16 s of CPU a seed with
# its making, 5 s without.
[ -n "$RESTAGE" ] && [ $# -ge 3 ] || { sed -n '2,13s/^# *//p' "$0" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
out=$1 seed=$2 last=$3 jobs=${JOBS:-2}
shift 3
python=/usr/bin/python3 # of Debian: another one in PATH may lack numpy
[ -x $python ] || python=python3
mkdir -p "$out" || exit 73
clear_work() { rm -rf "$out"/.scan "$out"/.packet "$out"/.packet.dump "$out"/.kept; }
keep_candidates()
{
    if [ -n "$DUMP" ]; then
        $python "$here/ranker/fit_calibration.py" --keep "$out/.packet.dump/05-detect.csv" >"$out/.kept/candidates.csv"
    else
        cp "$out/.packet/candidates.csv" "$out/.kept/"
    fi
}
clear_work
while [ "$seed" -le "$last" ]; do
    kept=$out/${KIND:-seed}-$seed scan=${SCANS:+$SCANS/seed-$seed}
    if [ ! -d "$kept" ] && { [ -z "$SCANS" ] || [ -f "$scan/truth.json" ]; }; then
        if [ -z "$SCANS" ]; then
            scan=$out/.scan
            "$RESTAGE" phantom -o "$scan" --seed "$seed" -j "$jobs" -q "$@" || exit
        fi
        "$RESTAGE" run "$scan" -o "$out/.packet" ${DUMP:+--dump detect} --sensitivity "${POINT:-default}" -j "$jobs" -q || exit
        mkdir "$out/.kept" && cp "$scan/truth.json" "$out/.packet/report.json" "$out/.kept/" && keep_candidates &&
            mv "$out/.kept" "$kept" || exit 74
        clear_work
    fi
    seed=$((seed + 1))
done
