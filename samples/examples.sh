#!/bin/sh
# Makes samples/truth.json and samples/report.json anew: one synthetic patient, and what a run says of it.
#   sh samples/examples.sh BUILD          writes them here
#   sh samples/examples.sh BUILD FOLDER   writes them there, as the test does that compares their keys
set -eu
restage=${1:?usage: sh samples/examples.sh BUILD [FOLDER]}/restage
here=${2:-$(dirname "$0")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000
"$restage" phantom -o "$work/scan" --seed 4 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 3 -q
"$restage" run "$work/scan" -o "$work/packet" -q
cp "$work/scan/truth.json" "$here/truth.json"
sed 's/^\(    "commit": \)".*"/\1"0000000"/' "$work/packet/report.json" >"$here/report.json"
chmod 644 "$here/truth.json" "$here/report.json"
