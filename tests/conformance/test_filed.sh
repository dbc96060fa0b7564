#!/bin/sh
# The DICOM objects of a packet as other programs read them: dciodvfy and dcentvfy of dicom3tools, pydicom. Headers that
# are right, wrong and in every script; grids that lean, are uneven, turned or of one Enhanced object; 0 to 100 marks.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
command -v dciodvfy >/dev/null && command -v dcentvfy >/dev/null || { echo "needs dicom3tools"; exit 77; }
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
$python -W ignore "$RESTAGE_SOURCE/tests/conformance/filed.py" ${CASES:-marks grids neighbours same headers odd_headers identity fields} || failed=1
exit $failed
