#!/bin/sh
# Which of several series of a study is searched, what is said of the others, and --series (contract 9).
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
$python "$RESTAGE_SOURCE/tests/inputs/several_series.py" in || exit 70
cat >check.py <<'END'
import json, re, sys

study, report, asked = sys.argv[1], json.load(open(sys.argv[2])), sys.argv[3] if len(sys.argv) > 3 else None
e = json.load(open("in/expected.json"))[study]
number_of = {u: n for n, u in e["series"].items()}
got = {number_of[s["series_instance_uid"]]: s for s in report["series"]}
used = asked or str(e["used"])
wrong = []
if set(got) != set(e["series"]):
    wrong.append("series %s, not %s" % (sorted(got), sorted(e["series"])))
if [n for n, s in got.items() if s["used"]] != [used]:
    wrong.append("used: %s, not %s" % ([n for n, s in got.items() if s["used"]], used))
if report["source"]["series_instance_uid"] != e["series"][used]:
    wrong.append("the source is another series")
for n, s in got.items():
    pattern = "as asked for" if asked == n else "another series was asked for" if asked else e["why"][n]
    if n == used and not asked:
        pattern = "^searched for the lungs$"
    elif pattern.startswith("has "):
        pattern = "^serves the lungs too, but series %s %s$" % (used, pattern)
    if not re.search(pattern, s["why"]):
        wrong.append("series %s: %s" % (n, s["why"]))
for text in wrong:
    print("WRONG: %s: %s" % (study, text))
sys.exit(bool(wrong))
END
for study in $(cd in && ls -d -- */); do
    study=${study%/}
    expect 0 "" run "in/$study" -o "$study"
    $python check.py "$study" "$study/report.json" || failed=1
done

# --series overrides, also by a sharp, thick or reformatted one; what cannot be searched is said
uid_of()
{
    value in/expected.json "d['$1']['series']['$2']"
}
for pair in thin-thick-soft-sharp:3 reformats:5 overlapping:7; do
    study=${pair%:*} number=${pair#*:}
    expect 0 "" run "in/$study" -o "asked-$study" --series "$(uid_of "$study" "$number")"
    $python check.py "$study" "asked-$study/report.json" "$number" || failed=1
done
expect 0 "too few slices" run in/localizer -o asked-few --series "$(uid_of localizer 3)"
expect 66 "names was set aside.*localizer" run in/localizer -o asked-localizer --series "$(uid_of localizer 1)"
expect 66 "no series with the UID" run in/localizer -o never --series 1.2.3
exit $failed
