#!/bin/sh
# The parsers of a web viewer (dcmjs and @cornerstonejs/adapters, pinned in package-lock.json) read the calipers of the
# structured report and the voxels of the segments as report.json has them.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
command -v node >/dev/null && command -v npm >/dev/null || { echo "needs node and npm"; exit 77; }
here=$RESTAGE_SOURCE/tests/viewers
there=$RESTAGE_BUILD/viewers
mkdir -p "$there"
if ! [ -d "$there/node_modules" ] || ! cmp -s "$here/package-lock.json" "$there/package-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$there"
    (cd "$there" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) ||
        { echo "npm cannot install the parsers: $(tail -1 "$there/npm.log")"; rm -rf "$there/node_modules"; exit 77; }
fi
cp "$here/read.mjs" "$there"
PYTHONPATH=$RESTAGE_SOURCE/tests/conformance:$RESTAGE_SOURCE/tests/inputs
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
$python -W ignore "$here/viewers.py" "$there/read.mjs" || failed=1
exit $failed
