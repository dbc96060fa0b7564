#!/bin/sh
# Parameters: listed, set by option and by file, refused out of range; README.md has the same table.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"

expect 0 '^  --[a-z0-9-]+=' run --list-parameters
expect 0 '"parameters"' run --list-parameters --json
name=$(sed -n 's/.*"name": "\([a-z0-9_]*\)".*/\1/p' out | head -1)
option=$(echo "$name" | tr _ -)
mkdir scan
echo "{\"$name\": 1e9}" >far.json
echo '{"frobnicate": 1}' >unknown.json
echo '{"a": 1, "a": 2}' >twice.json
echo '[1]' >list.json
echo "{\"$name\": \"x\"}" >text.json
expect 64 "$name" run scan -o packet --"$option"=1e9
expect 64 "$name" run scan -o packet --"$option" 1e9
expect 64 'number' run scan -o packet --"$option"=1,5
expect 64 "$name" run scan -o packet --params far.json
expect 64 'frobnicate' run scan -o packet --params unknown.json
expect 65 '' run scan -o packet --params twice.json
expect 64 'one JSON object' run scan -o packet --params list.json
expect 64 'no number' run scan -o packet --params text.json
expect 66 '' run scan -o packet --params none.json

sample=$RESTAGE_BUILD/sample_parameters
[ -x "$sample" ] || exit $failed
"$sample" >table
sed -n '/^| parameter |/,/^$/p' "$RESTAGE_SOURCE/README.md" | sed '/^$/d' >readme
cmp -s table readme || { wrong "README.md and the parameter tables differ (build/…/sample_parameters prints them)"
    diff table readme | head -20; }
exit $failed
