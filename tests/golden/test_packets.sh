#!/bin/sh
# Packets of synthetic patients and of a study without lungs against the schema, table against JSON, class against
# interval, digests, words (tests/packet/check_packet.py).
[ -n "$RESTAGE" ] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000
source=${RESTAGE_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
python=/usr/bin/python3
[ -x $python ] || python=python3

for seed in 1 2 3; do
    "$RESTAGE" phantom -o "$work/scan-$seed" --seed $seed --columns 160 --slices 80 --slice-spacing 3 -q || exit 70
    "$RESTAGE" run "$work/scan-$seed" -o "$work/packet-$seed" -q || exit 70
done
"$RESTAGE" phantom -o "$work/few" --seed 4 --columns 96 --slices 16 --slice-spacing 3 -q || exit 70
ls "$work/few" | grep dcm | tail -n +6 | while read -r file; do rm "$work/few/$file"; done
"$RESTAGE" run "$work/few" -o "$work/packet-few" -q || { echo "few slices are no error"; exit 1; }
grep -q '"assessed": "none"' "$work/packet-few/done.json" || { echo "few slices were assessed"; exit 1; }
grep -q 'too few slices' "$work/packet-few/report.json" || { echo "few slices without the reason"; exit 1; }
if [ -n "$RESTAGE_SHARED" ]; then
    for case in crlm-1004/abdomen crlm-1004/bases prostatex-0000 lidc-0002; do
        [ -d "$RESTAGE_SHARED/clinical/$case" ] || continue
        "$RESTAGE" run "$RESTAGE_SHARED/clinical/$case" -o "$work/packet-$(echo $case | tr / -)" -q || exit 70
    done
fi
$python "$source/tests/packet/check_packet.py" "$source/src/packet/report.schema.json" "$work"/packet-*
