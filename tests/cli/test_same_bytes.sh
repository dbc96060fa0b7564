#!/bin/sh
# The same input gives the same bytes in every file but done.json, with 1, 2 and 7 threads and on every tier but ref;
# the tier's name apart (contract 3).
[ -n "$RESTAGE" ] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70
export SOURCE_DATE_EPOCH=1700000000
failed=0

# same FOLDER FOLDER: every file but done.json, the tier's name blanked
same()
{
    (cd "$1" && find . -type f ! -name done.json | sort) >files-1
    (cd "$2" && find . -type f ! -name done.json | sort) >files-2
    cmp -s files-1 files-2 || { echo "WRONG: $1 and $2 hold other files"; failed=1; }
    while read -r file; do
        sed -e 's/"tier": "[a-z0-9]*"/"tier": ""/' -e 's/class="tier">[a-z0-9]*/class="tier">/' "$1/$file" >bytes-1
        sed -e 's/"tier": "[a-z0-9]*"/"tier": ""/' -e 's/class="tier">[a-z0-9]*/class="tier">/' "$2/$file" >bytes-2
        cmp -s bytes-1 bytes-2 || { echo "WRONG: $1/$file and $2/$file differ"; diff bytes-1 bytes-2 | head -6; failed=1; }
    done <files-1
}

for threads in 1 2 7; do
    "$RESTAGE" phantom -o "scan-$threads" --seed 11 --columns 200 --slices 70 --slice-spacing 4 --lesions 6 -q \
        -j $threads || exit 70
    "$RESTAGE" run "scan-1" -o "packet-$threads" -q -j $threads --masks || exit 70
done
"$RESTAGE" run scan-1 -o packet-portable -q --kernels=portable --masks || exit 70
for other in 2 7; do
    same scan-1 scan-$other
    same packet-1 packet-$other
done
same packet-1 packet-portable
[ "$(wc -l <packet-1/candidates.csv)" -gt 5 ] || { echo "WRONG: hardly any candidate, so little is compared"; failed=1; }
[ $failed = 0 ] && echo "same bytes: 1, 2, 7 threads; portable and $("$RESTAGE" --version --json | sed -n 's/.*"tier": "\([a-z0-9]*\)".*/\1/p')"
exit $failed
