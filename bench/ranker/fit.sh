#!/bin/sh
# Makes the built-in ranker again, from nothing but this repository and the data:
#   sh bench/ranker/fit.sh OUT --restage build/release/restage --data ../shared/data [--seed N]
# Needs Debian's python3-torch, python3-scipy, python3-pydicom, python3-gdcm and libopenblas0-pthread. About an hour
# and 30 GB on two fast cores. It can be stopped and run again: what is there stays. Ends with OUT/ranker.json (for run
# --ranker) and OUT/ranker_weights.inc, to be looked at and copied to src/detect/; OUT/nets/*.log tell what each network
# finds on the chest that it was trained without.
usage() { sed -n '2,8s/^# *//p' "$0" >&2; exit 64; }
[ $# -ge 5 ] || usage
here=$(cd "$(dirname "$0")" && pwd)
out=$1 seed=1
shift
while [ $# -ge 2 ]; do
    case $1 in
    --restage) restage=$2 ;;
    --data) data=$2 ;;
    --seed) seed=$2 ;;
    *) usage ;;
    esac
    shift 2
done
[ -n "$restage" ] && [ -n "$data" ] || usage
python=/usr/bin/python3 # of Debian: another one in PATH may lack torch
mkdir -p "$out/nets"
chests="r01-001 lungfcp-0001 qin-0014 qin-0028 lctsc-004"

for kind in insertions phantoms calibration; do
    $python "$here/scans.py" "$out" --restage "$restage" --data "$data" --kind $kind || exit
done

# A first network, of candidates that the program ranks without networks, finds the hard false candidates of the second.
first=$out/nets/first.json
if [ ! -e "$first" ]; then
    $python "$here/tables.py" "$out" --restage "$restage" --first --deep 100 || exit
    $python "$here/train.py" "$out" --net ray42 --steps 3000 --seed "$seed" -o "$out/nets/round1.json" || exit
    $python "$here/train.py" "$out" --net ray42 --steps 6000 --seed "$seed" --by "$out/nets/round1.json" -o "$first" || exit
fi
$python "$here/tables.py" "$out" --restage "$restage" --ranker "$first" --again --newer "$first" || exit

# Both networks, on everything and without each chest; as many of these at once as there are cores.
printf '%s\n' all $chests | xargs -P "$(nproc)" -I{} sh "$here/fold.sh" "$out" {} "$seed" "$first" || exit
$python "$here/calibrate.py" "$out" "$out/nets/all.json" --folds "$out/nets/{}.json" -o "$out/ranker.json" || exit
$python "$here/embed.py" "$out/ranker.json" >"$out/.weights" && mv "$out/.weights" "$out/ranker_weights.inc"
