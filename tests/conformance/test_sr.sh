#!/bin/sh
# The structured report and the FHIR bundle as other programs read them: dciodvfy, DCMTK's schema, pydicom; every number
# of the packet read back from every file to the printed digit. 0, 1, 12 and 100 marks, grids that lean or come in one
# Enhanced object, a mark at the border, another parameter.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
for tool in dciodvfy dsr2xml xmllint; do
    command -v $tool >/dev/null || { echo "needs $tool (dicom3tools, dcmtk, libxml2-utils)"; exit 77; }
done
PYTHONPATH=$RESTAGE_SOURCE/tests/conformance:$RESTAGE_SOURCE/tests/inputs
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
$python -W ignore "$RESTAGE_SOURCE/tests/conformance/sr.py" ${CASES:-marks grids border options magnetic tilt fields} || failed=1
exit $failed
