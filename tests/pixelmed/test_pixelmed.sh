#!/bin/sh
# PixelMed's checker of structured reports on 0, 1 and 2 marks, each with and without uncertainty rows: no error beyond
# its known false ones. It compiles its stylesheets for each file, which takes 15 to 70 seconds.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
jar=${PIXELMED_JAR:-/usr/share/java/pixelmed.jar}
command -v java >/dev/null && [ -f "$jar" ] || { echo "needs java and $jar (pixelmed-apps)"; exit 77; }
PYTHONPATH=$RESTAGE_SOURCE/tests/conformance:$RESTAGE_SOURCE/tests/inputs
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
$python -W ignore "$RESTAGE_SOURCE/tests/pixelmed/pixelmed.py" "$jar" ${CASES:-0 1 2 plain} || failed=1
exit $failed
