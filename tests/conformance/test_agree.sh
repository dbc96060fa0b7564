#!/bin/sh
# One packet, every file: side, slice, lobe, size, class, axes, depth, P, place and verdict of every mark are read back
# from CSV, page, PDF, structured report, segments, key images, FHIR, markups and from what run prints, and agree with
# report.json to the printed digit. Slices are numbered in no order; a place treated before, a review, an earlier packet.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
command -v pdftotext >/dev/null || { echo "needs pdftotext (poppler-utils)"; exit 77; }
PYTHONPATH=$RESTAGE_SOURCE/tests/conformance:$RESTAGE_SOURCE/tests/inputs
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
$python -W ignore "$RESTAGE_SOURCE/tests/conformance/agree.py" || failed=1
exit $failed
