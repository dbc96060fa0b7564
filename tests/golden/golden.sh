#!/bin/sh
# The packet of one small synthetic patient, file by file against tests/golden/expected. Version, commit, libraries and
# tier are blanked, the UIDs that hang on the commit, and the bytes of the page's pictures, which hang on the version of
# zlib; of candidates.csv the first hundred rows are kept, and the digest of the whole.
#   RESTAGE=…/restage sh tests/golden/golden.sh            compares
#   RESTAGE=…/restage sh tests/golden/golden.sh --accept   takes today's packet for right; the commit says why
[ -n "$RESTAGE" ] || { echo "RESTAGE must name the program" >&2; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000

"$RESTAGE" phantom -o "$work/scan" --seed 7 --columns 192 --slices 100 --slice-spacing 2.5 --lesions 6 -q || exit 70
"$RESTAGE" run "$work/scan" -o "$work/packet" -q || exit 70
mkdir "$work/found"
# The array of libraries stands on lines of its own.
sed -e 's/^\(    "version": \)".*"/\1""/' -e 's/^\(    "commit": \)".*"/\1""/' -e 's/^\(    "tier": \)".*"/\1""/' \
    -e 's/^\(    "\(packet_digest\|\(sr\|seg\|ko\|pdf\)\(_series\)*_uid\)": \)".*"/\1""/' \
    -e '/^    "libraries": \[/,/^    \]/{/^      /d}' "$work/packet/report.json" >"$work/found/report.json"
sed -e 's/^\(<p>restage \)[^,]*\(, commit <span class="uid">\)[^<]*/\1\2/' -e 's/\(class="tier">\)[^<]*/\1/' \
    -e 's/\(class="libraries">\)[^<]*/\1/' -e 's|base64,[A-Za-z0-9+/=]*|base64,|g' \
    "$work/packet/report.html" >"$work/found/report.html"
cp "$work/packet/lesions.csv" "$work/packet/marks.mrk.json" "$work/found/"
head -101 "$work/packet/candidates.csv" >"$work/found/candidates.head.csv"
sha256sum <"$work/packet/candidates.csv" | sed 's/ .*//' >"$work/found/candidates.sha256"
ls "$work/packet" >"$work/found/files"

if [ "$1" = --accept ]; then
    rm -rf "$here/expected"
    cp -R "$work/found" "$here/expected"
    echo "accepted into tests/golden/expected"
    exit 0
fi
diff -r -U1 "$here/expected" "$work/found" >"$work/diff" && exit 0
echo "the packet differs from tests/golden/expected:"
head -60 "$work/diff"
exit 1
