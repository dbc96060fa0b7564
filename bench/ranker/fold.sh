#!/bin/sh
# One fold of fit.sh: both networks, trained on everything ("all") or without a chest, which judges them at the end:
#   sh bench/ranker/fold.sh OUT CHEST|all SEED FIRST
# FIRST finds the hard false candidates of the first network, and that one those of the second. What is there stays.
out=$1 fold=$2 seed=$3 first=$4
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3 # of Debian: another one in PATH may lack torch
[ "$fold" = all ] && without= || without="--without $fold"
# made NET STEPS BY FILE
made()
{
    [ -e "$4" ] && return
    # shellcheck disable=SC2086
    $python "$here/train.py" "$out" --net "$1" --steps "$2" --seed "$seed" $without --by "$3" -o "$4" >"${4%.json}.log"
}
made ray42 6000 "$first" "$out/nets/ray42-$fold.json" && made ray2 8000 "$out/nets/ray42-$fold.json" "$out/nets/$fold.json"
