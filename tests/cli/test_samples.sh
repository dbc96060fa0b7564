#!/bin/sh
# The examples in samples/ are what this version writes and takes: the same keys, the schema, parameters of today.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
samples=$RESTAGE_SOURCE/samples
mkdir fresh
sh "$samples/examples.sh" "$(dirname "$RESTAGE")" fresh || wrong "samples/examples.sh"
$python - "$samples" fresh "$RESTAGE_SOURCE/src/packet/report.schema.json" <<'END' || wrong "samples/ is not of this version: sh samples/examples.sh BUILD"
import json, sys
samples, fresh, schema = sys.argv[1:4]
wrong = 0

def paths(value, at, keys, empty):
    """Paths of all keys, list entries taken together, and of those that hold nothing that could have keys."""
    if value is None or value == []:
        empty.add(at)
    for key, item in value.items() if isinstance(value, dict) else []:
        keys.add(f"{at}.{key}")
        paths(item, f"{at}.{key}", keys, empty)
    for item in value if isinstance(value, list) else []:
        paths(item, at + "[]", keys, empty)

for name in ("truth.json", "report.json"):
    keys, empty = [set(), set()], [set(), set()]
    for i, folder in enumerate((samples, fresh)):
        paths(json.load(open(f"{folder}/{name}")), name, keys[i], empty[i])
    for i in (0, 1):
        for path in sorted(keys[i] - keys[1 - i]):
            if not any(path.startswith((e + ".", e + "[")) for e in empty[1 - i]):
                print(f"{path}: only in {('samples', 'what is written today')[i]}")
                wrong = 1
try:
    import jsonschema
    validator = jsonschema.Draft202012Validator(json.load(open(schema)))
    for error in validator.iter_errors(json.load(open(samples + "/report.json"))):
        print("/".join(map(str, error.absolute_path)), error.message)
        wrong = 1
except ImportError:
    print("samples/report.json is not held against the schema: python3-jsonschema is not there")
sys.exit(wrong)
END

lines=$(sed 's|/\*.*\*/||; /^\/\*/,/\*\/$/d; /^ *$/d' "$samples/detector.c" | wc -l)
[ "$lines" -le 60 ] || wrong "samples/detector.c has $lines lines of code, and detector.h says sixty"

# A file of --context and one of --review, for the patient of samples/report.json.
"$RESTAGE" phantom -o example --seed 4 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 3 -q
expect 0 '' run example -o told --context "$samples/context.json" --review "$samples/review.json" -q
[ "$(value told/report.json '[(m["bed"]["relation"], m["review"]["verdict"], m["review"]["reader"]) for m in d["marks"]][:2]')" = \
    "[('in_bed', 'metastasis', 'Dr. A. Reader'), ('same_organ', 'not_real', 'Dr. B. Second')]" ] ||
    { wrong "samples/context.json or review.json is told otherwise"; value told/report.json '[(m["bed"], m["review"]) for m in d["marks"]]'; }
$python - "$samples" "$RESTAGE_SOURCE/src/packet" <<'END' || wrong "an example is not valid"
import json, sys
try:
    import jsonschema
except ImportError:
    print("samples/context.json and review.json are not held against their schemas: python3-jsonschema is not there")
    sys.exit(0)
for name in ("context", "review"):
    jsonschema.validate(json.load(open(f"{sys.argv[1]}/{name}.json")), json.load(open(f"{sys.argv[2]}/{name}.schema.json")))
END

patient scan 7
expect 0 '' run scan -o packet --params "$samples/parameters.json" -q
[ "$(value packet/report.json "{k: float(v['value']) for k, v in d['parameters'].items() if v['set_by'] == 'file'}")" = \
    "$(value "$samples/parameters.json" "{k: float(v) for k, v in d.items()}")" ] || wrong "samples/parameters.json was not taken"
$python "$RESTAGE_SOURCE/tests/packet/check_packet.py" "$RESTAGE_SOURCE/src/packet/report.schema.json" packet
case $? in
0) ;;
77) echo "no schema was looked at: python3-jsonschema is not there; all else that check_packet.py knows is right" ;;
*) wrong "check_packet.py" ;;
esac
exit $failed
