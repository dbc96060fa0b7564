#!/bin/sh
# The codes of README.md are those of the one table, which keeps the lengths and letters that DICOM allows.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
sed -n '/^| code | meaning |/,/^$/p' "$RESTAGE_SOURCE/README.md" | sed '/^$/d' >readme
cmp -s "$RESTAGE_BUILD/codes.md" readme || { wrong "README.md and src/packet/codes.json differ (sh samples/readme.sh BUILD)"
    diff "$RESTAGE_BUILD/codes.md" readme | head -20; }
$python - "$RESTAGE_SOURCE/src/packet/codes.json" <<'END' || wrong "src/packet/codes.json"
import json, sys
codes = json.load(open(sys.argv[1]))["codes"]
names = [row["code"] for row in codes]
assert len(names) == len(set(names)) > 80, "a code stands twice"
meanings = [row["meaning"] for row in codes if "of" not in row]
assert len(meanings) == len(set(meanings)), "two concepts of one meaning"
pairs = [(row["of"], row["value"]) for row in codes if "of" in row]
assert len(pairs) == len(set(pairs)) and all(of in names for of, value in pairs), "values"
for row in codes:
    assert len(row["code"]) <= 16 and len(row["meaning"]) <= 64, row
    assert all(" " <= letter <= "~" for letter in row["code"] + row["meaning"] + row["definition"]), row
END
exit $failed
