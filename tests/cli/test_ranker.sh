#!/bin/sh
# --ranker: tables dumped, networks made elsewhere by samples/ranker.py, handed back; what a file may not say.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient scan 3
# every candidate as it comes from the cascade: else one stands for its neighbours, and has the score of the best
expect 0 '' run scan -o first --dump detect --stop-after detect --detect-part-share 0 -q
$python "$RESTAGE_SOURCE/samples/ranker.py" first.dump scan/truth.json >mine.json || wrong "samples/ranker.py"
expect 0 '' run scan -o second --ranker mine.json --dump detect --detect-part-share 0 -q
expect 0 '' run scan -o third --ranker mine.json --detect-networks 0 -q
expect 0 '' run scan -o fourth --ranker mine.json --candidates first.dump/05-detect.csv -q

# the example of README.md, as printed
sed -n '/^import csv, numpy as np$/,/^```$/p' "$RESTAGE_SOURCE/README.md" | sed '/^```$/d' >example.py
$python example.py || wrong "the example of README.md"
expect 0 '' run scan -o fifth --candidates mine.csv -q
cmp -s mine.csv first.dump/05-detect.csv && wrong "the example of README.md changes nothing"

$python - <<'END' || wrong "the dump and the ranker do not agree"
import csv, json, sys
import numpy as np
sys.path.insert(0, ".")

def rows(folder):
    return list(csv.DictReader(open(folder + "/05-detect.csv")))

wrong = 0
def check(right, what):
    global wrong
    if not right:
        print(what)
        wrong = 1

first, second = rows("first.dump"), rows("second.dump")
few, many = np.load("first.dump/05-detect-rays42.npy"), np.load("first.dump/05-detect-rays162.npy")
check(few.shape == (len(first), 42, 16) and few.dtype == np.int16, f"few rays: {few.shape} {few.dtype}")
deep = [int(r["rays162_row"]) for r in first if r["rays162_row"]]
check(deep == list(range(len(many))) and many.shape[1:] == (162, 16), f"many rays: {many.shape}")
check(len(deep) == sum(r["origin"] != "mass" for r in first[:2000]), "which have many rays")
check(few.min() >= -1000 and few.max() <= 200, "range")
for n, r in enumerate(first[:50]):  # the centre is the first sample of every ray
    check(len(set(few[n, :, 0])) == 1 and abs(few[n, 0, 0] - min(float(r["peak_hu"]), 200)) <= 0.51, f"centre of row {n}")

# the networks of the program against the file's weights
net = json.load(open("mine.json"))["networks"][0]
w = np.array(net["weights"])[272:272 + 2 * 66 + 2]
i = np.arange(42)
z, a = 1 - (2 * i + 1) / 42, np.pi * (1 + 5 ** .5) * (i + .5)
x, y = np.sqrt(1 - z * z) * np.cos(a), np.sqrt(1 - z * z) * np.sin(a)
waves = [[3 ** .5 * x, 3 ** .5 * y, 3 ** .5 * z],
         [15 ** .5 * x * y, 15 ** .5 * y * z, 15 ** .5 * x * z, 15 ** .5 / 2 * (x * x - y * y), 5 ** .5 / 2 * (3 * z * z - 1)]]
few = np.load("second.dump/05-detect-rays42.npy")
for n, r in enumerate(second):
    if r["origin"] == "mass":
        check(r["ray_logit"] == "", "a mass has a logit")
        continue
    h = np.maximum((few[n] + 850.) / 300, 0)
    v = [h.mean(0)] + [np.sqrt(sum((np.array(q) @ h / 42) ** 2 for q in l) + 1e-5) for l in waves] + [h.max(0)]
    v = np.concatenate(v + [[np.log(float(r["radius_mm"])) - .5, np.log(max(float(r["log_hu"]), 50)) - 5.5]])
    logit = v @ w[:66] + w[132]
    check(abs(logit - float(r["ray_logit"])) < 0.02 + 0.01 * abs(logit), f"row {n}: {r['ray_logit']}, not {logit}")
    check(abs(float(r["probability"]) - 1 / (1 + np.exp(-float(r["score"])))) < 1e-5, "P")

report = json.load(open("second/report.json"))
said = {l["code"]: l["text"] if "text" in l else str(l) for l in report["limitations"]}
import hashlib
digest = hashlib.sha256(open("mine.json", "rb").read()).hexdigest()
check("one-layer" in said.get("other_ranker", "") and digest in said["other_ranker"], f"limitations: {list(said)}")
check("p_not_calibrated" in said, "P is not said to be uncalibrated")
check("one-layer" in report["operating_point"]["basis"], "the operating point does not name the ranker")
check(all("one-layer" in m["reasons"][0] for m in report["marks"] if m["origin"] == "log"), "reasons")
third = json.load(open("third/report.json"))
check(not any(l["code"] == "other_ranker" for l in third["limitations"]), "a ranker that did not rank is named")
fourth = json.load(open("fourth/report.json"))
check("candidates-file" in str(fourth["limitations"]) and not any(l["code"] == "other_ranker" for l in fourth["limitations"]), "P of the file")
sys.exit(wrong)
END

# lies, each one sentence that names the option
change()
{
    $python -c 'import json, sys
d = json.load(open("mine.json"))
exec(sys.argv[1])
json.dump(d, open("changed.json", "w"))' "$1" || wrong "change $1"
}
lie()
{
    change "$1"
    expect 65 "the file of --ranker: .*$2" run scan -o packet --ranker changed.json
}
lie 'd["schema"] = "restage-ranker-2"' 'schema'
lie 'del d["name"]' 'name'
lie 'd["networks"][0]["weights"].pop()' '470 numbers in weights, its sizes ask for 471'
lie 'd["networks"][0]["weights"][7] = float("nan")' 'line 1'
lie 'd["networks"][0]["rays"] = 1000' 'rays 1000: 12 to 162'
lie 'd["networks"] *= 3' 'one or two networks'
lie 'd["calibration"] = {"score": [1, 1], "p": [0, 1], "basis": "b"}' 'does not rise'
lie 'd["points"] = [{"name": "low", "p": 0.5, "basis": "b"}]' 'three'
lie 'd["extra"] = 1' 'does not know'
echo 'no JSON' >text.json
expect 65 'the file of --ranker' run scan -o packet --ranker text.json
: >empty.json
expect 65 'the file of --ranker' run scan -o packet --ranker empty.json
expect 66 'the file of --ranker' run scan -o packet --ranker none.json
expect 66 'the file of --ranker' run scan -o packet --ranker scan
exit $failed
