#!/bin/sh
# Group U of data/field-reports/INDEX.md, lungs and lesions: each row ends as it says, and what is not searched says why.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
reports=$RESTAGE_SHARED/data/field-reports
[ -n "$RESTAGE_SHARED" ] && [ ! -d "$reports" ] && reports=$RESTAGE_SHARED/field-reports
[ -f "$reports/make_inputs.py" ] || { echo "no field-reports, no test"; exit 77; }
need_python
export SOURCE_DATE_EPOCH=1
$python "$reports/make_inputs.py" in U01 U02 U06 U07 U10 U12 >made 2>err || { tail -5 err; echo "no inputs"; exit 70; }
$python "$RESTAGE_SOURCE/tests/conformance/field_lungs.py" in || failed=1
exit $failed
