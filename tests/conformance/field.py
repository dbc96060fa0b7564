#!/usr/bin/python3
"""Runs restage on the inputs of field-reports and compares with expected.json and with the control B00.

    field.py IN [ROW ...]        packets go to ./got/ROW; prints what is wrong; exit code 1 if anything is
"""
import json, os, re, shutil, struct, subprocess, sys
from pathlib import Path

RESTAGE = os.environ["RESTAGE"]
GROUPS = "BGRNSCLI"
SAME_NUMBERS = {"G01", "G03", "G05", "R04", "R07", "S01", "S02", "S04", "C01", "C03", "C05", "L03", "I02", "I05"}
SAME_VOXELS = SAME_NUMBERS - {"G03", "L03"} | {"G07"}  # without its kernel: the same voxels, other candidates
NO_MARKS = {"R01", "N01", "N03"}
CHECKS, wrong_rows = {}, {}


def wrong(row, text):
    wrong_rows.setdefault(row, []).append(text)


def check(row):
    def put(f):
        CHECKS[row] = f
        return f
    return put


def call(*args):
    done = subprocess.run([RESTAGE, *map(str, args)], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def report(out):
    return json.loads((out / "report.json").read_text())


def size(mark):
    return mark["size"]["fit_mm"] or mark["size"]["equivalent_mm"]


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5


def nearest(marks, place):
    return min(marks, key=lambda m: distance(m["position_lps_mm"], place), default=None)


def compare(row, what, got, wanted, mm, size_mm):
    """The mark `wanted` is among `got`."""
    m = nearest(got, wanted["position_lps_mm"])
    if not m or distance(m["position_lps_mm"], wanted["position_lps_mm"]) > mm:
        return wrong(row, "%s of B00 has no mark within %g mm" % (what, mm))
    if (size(m) is None) != (size(wanted) is None) or size(m) and abs(size(m) - size(wanted)) > size_mm:
        wrong(row, "%s: %s mm, in B00 %s mm" % (what, size(m), size(wanted)))
    if m["side"] != wanted["side"]:
        wrong(row, "%s lies %s, in B00 %s" % (what, m["side"], wanted["side"]))


def like_control(row, e, r, control):
    """As B00: lungs within 15 % of the truth, the marks of the lesions within 2 mm and 1 mm of size; every mark, and
    within a tenth, where the voxels are the same."""
    if r["assessed"] != "all":
        return wrong(row, "assessed: %s: %s" % (r["assessed"], [o["reason"] for o in r["organs"]]))
    for organ in r["organs"]:
        truth = e["lung_ml"].get(organ["side"])
        if truth and abs(organ["volume_ml"] / truth - 1) > 0.15:
            wrong(row, "%s lung %g ml, truth %g" % (organ["side"], organ["volume_ml"], truth))
    for name, lesion in e["lesions"].items():
        mark = nearest(control["marks"], lesion["lps_mm"])
        compare(row, "lesion " + name, r["marks"], mark, 2, 1)
        got = nearest(r["marks"], lesion["lps_mm"])
        if got and distance(got["position_lps_mm"], lesion["lps_mm"]) > 2:
            wrong(row, "lesion %s is not where the truth has it" % name)
        if got and got["side"] != lesion["side"]:
            wrong(row, "lesion %s lies %s, truth %s" % (name, got["side"], lesion["side"]))
    if row in SAME_NUMBERS:
        if len(r["marks"]) != len(control["marks"]):
            wrong(row, "%d marks, in B00 %d" % (len(r["marks"]), len(control["marks"])))
        for mark in control["marks"]:
            compare(row, mark["id"], r["marks"], mark, 0.05, 0.1)


def words(row, e, text):
    for pattern in e.get("must", []):
        if not re.search(pattern, text, re.I):
            wrong(row, "report.json has no /%s/" % pattern)
    for pattern in e.get("must_not", []):
        if re.search(pattern, text, re.I):
            wrong(row, "report.json has /%s/: %s" % (pattern, re.search(pattern, text, re.I).group(0)))


def arguments(row, e, folder):
    """PATH and options, as the row's args say."""
    args = e.get("args", "")
    if not args.startswith("run ") or row == "L03":
        return [folder]
    path = re.match(r"run (?:'ROW/(.*?)'|ROW/?(\S*)) -o", args)
    options = [(o, folder / p) for o, p in re.findall(r"(--\w+) ROW/(\S+)", args)]
    return [folder / (path.group(1) or path.group(2)), *(a for pair in options for a in pair)]


def same_export(row, path):
    file = Path("got/%s.nii" % row)
    code, _, err = call("export", "-q", path, "-o", file)
    if code:
        wrong(row, "export ends %d: %s" % (code, err.strip()))
        return
    got, wanted = file.read_bytes(), Path("got/B00.nii").read_bytes()
    if got[352:] != wanted[352:]:
        wrong(row, "the voxels of export differ from those of B00")
    sform = [struct.unpack("<12f", b[280:328]) for b in (got, wanted)]
    if max(abs(a - b) for a, b in zip(*sform)) > 1e-6:
        wrong(row, "the affine of export differs from that of B00: %s" % (sform[0],))


def try_row(row, e, folder, control):
    args = arguments(row, e, folder)
    out = Path("got") / ("I02 folder" if row == "I02" else row)
    code, listing, err = call("info", args[0])
    if code not in e["info"]:
        wrong(row, "info ends %d: %s" % (code, err.strip()))
    code, _, err = call("run", "-q", *args, "-o", out)
    if code not in e["run"]:
        return wrong(row, "run ends %d, not %s: %s" % (code, e["run"], err.strip()))
    if code and err.count("\n") != 1:
        wrong(row, "a refusal of %d lines" % err.count("\n"))
    if row == "L03":
        out = Path("got/L03-study")
        code, _, err = call("run", "-q", folder, "--study", e["study_uid"], "-o", out)
        if code:
            return wrong(row, "with --study: %d: %s" % (code, err.strip()))
    r = report(out)
    words(row, e, (out / "report.json").read_text())
    if row in NO_MARKS:
        if r["marks"] or r["assessed"] != "none":
            wrong(row, "%d marks, assessed: %s" % (len(r["marks"]), r["assessed"]))
    else:
        like_control(row, e, r, control or r)
    if row in SAME_VOXELS:
        same_export(row, args[0])
    if row in CHECKS:
        CHECKS[row](row, e, r, out, args, listing)
    return r


def series(r, **want):
    return [s for s in r["series"] if all(s[k] == v for k, v in want.items())]


def notes(r):
    return " | ".join(n["sentence"] for n in r["limitations"])


@check("G01")
def _(row, e, r, out, args, listing):
    if not re.search(r"\b(6|six) identical", listing + notes(r)):
        wrong(row, "the six copies are not counted")


@check("G03")
def _(row, e, r, out, args, listing):
    used = series(r, used=True)
    if [s["slices"] for s in used] != [80]:
        wrong(row, "used: %s slices" % [s["slices"] for s in used])
    rest = {s["slices"]: s["why"] for s in series(r, used=False)}
    if sorted(rest) != [1, 47] or "localizer" not in rest[1]:
        wrong(row, "left: %s" % rest)


@check("G10")
def _(row, e, r, out, args, listing):
    for mark in r["marks"]:
        if mark["p"] > 0.9 and mark["side_basis"] != "anatomy_and_orientation":
            wrong(row, "%s: the side's basis is %s" % (mark["id"], mark["side_basis"]))


@check("G11")
def _(row, e, r, out, args, listing):
    if r["source"]["geometry"]["size"][:2] != [200, 128] or r["source"]["geometry"]["spacing_mm"] != [1.6, 2.5, 2.5]:
        wrong(row, "geometry: %s" % r["source"]["geometry"])
    heads = {"mha": ("DimSize = 200 128 80", "ElementSpacing = 1.6 2.5 2.5"),
             "nrrd": ("sizes: 200 128 80", "space directions: (1.6,0,0) (0,2.5,0) (0,0,2.5)")}
    for ending, lines in heads.items():
        code, _, err = call("export", "-q", args[0], "-o", "got/G11." + ending)
        head = Path("got/G11." + ending).read_bytes()[:2000].decode("latin-1").splitlines() if code == 0 else [err]
        for line in lines:
            if line not in head:
                wrong(row, "export to %s: %d, no line %s" % (ending, code, line))
    code, _, err = call("export", "-q", args[0], "-o", "got/G11.nii")
    if code or struct.unpack("<3f", Path("got/G11.nii").read_bytes()[80:92]) != struct.unpack("<3f", struct.pack("<3f", 1.6, 2.5, 2.5)):
        wrong(row, "export to nii: %d %s" % (code, err))


@check("R01")
def _(row, e, r, out, args, listing):
    for organ in r["organs"]:
        if organ["state"] != "not_assessed" or not re.search("rescale|grey", organ["reason"] or "", re.I):
            wrong(row, "%s lung: %s: %s" % (organ["side"], organ["state"], organ["reason"]))


def pictures(out):
    return re.findall(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", (out / "report.html").read_text())


@check("R04")
@check("R07")
@check("C05")
def _(row, e, r, out, args, listing):
    if pictures(out) != pictures(Path("got/B00")):
        wrong(row, "the pictures of the page differ from those of B00")
    if not pictures(out):
        wrong(row, "the page has no pictures")


@check("R08")
def _(row, e, r, out, args, listing):
    if list(out.glob("*.dcm")):
        wrong(row, "DICOM files from a source that is none")
    if r["source"]["study_instance_uid"]:
        wrong(row, "a study is made up: %s" % r["source"]["study_instance_uid"])


@check("N01")
def _(row, e, r, out, args, listing):
    names = [s["sequence"] or "" for s in r["series"]]
    if [s["slices"] for s in r["series"]] != [20, 20] or not all("TE %d ms" % t in n for t, n in zip((15, 90), names)):
        wrong(row, "series: %s" % [(s["slices"], s["sequence"]) for s in r["series"]])
    if "T2" not in names[1] or "proton" not in names[0]:
        wrong(row, "sequences: %s" % names)


@check("N03")
def _(row, e, r, out, args, listing):
    if [s["slices"] for s in r["series"]] != [12] * 6:
        wrong(row, "slices: %s" % [s["slices"] for s in r["series"]])
    if not all(re.search("dynamic|DCE|time", s["sequence"] or "", re.I) for s in r["series"]):
        wrong(row, "not named as dynamic: %s" % r["series"][0]["sequence"])


@check("S01")
def _(row, e, r, out, args, listing):
    if not any("RTSTRUCT" in s["why"] for s in series(r, used=False)) or len(series(r, used=True)) != 1:
        wrong(row, "series: %s" % [(s["used"], s["why"]) for s in r["series"]])


@check("S02")
def _(row, e, r, out, args, listing):
    if r["source"]["frame_of_reference_uid"]:
        wrong(row, "a frame of reference is made up")
    if "frame" not in (r["source"]["missing_reason"] or ""):
        wrong(row, "the missing frame of reference is not said: %s" % r["source"]["missing_reason"])


@check("S04")
def _(row, e, r, out, args, listing):
    if not re.search(r"contour", notes(r)):
        wrong(row, "crumbs are not counted: %s" % notes(r))


@check("C01")
def _(row, e, r, out, args, listing):
    page = (out / "report.html").read_text()
    if not any(n in page for n in ("山田", "ﾔﾏﾀﾞ", "?")):
        wrong(row, "the name is not on the page")
    if "\\" in page.split("</title>")[0]:
        wrong(row, "a separator in the name")


@check("C03")
def _(row, e, r, out, args, listing):
    name = bytes((0xD5, 0x5C, 0x81, 0x5E, 0x81, 0x7C, 0xA5, 0x5C)).decode("gb18030")
    if name not in r["series"][0]["description"] or name not in listing:
        wrong(row, "description: %s" % r["series"][0]["description"])
    text = json.dumps(r, ensure_ascii=False) + (out / "report.html").read_text()
    if name + "^" + name not in text and text.count(name) < 3:
        wrong(row, "name or ID is cut")


@check("L03")
def _(row, e, r, out, args, listing):
    code, _, err = call("run", "-q", args[0], "-o", "got/L03")
    if len(err) > 1000 or "more" not in err:
        wrong(row, "the list is not short: %d letters" % len(err))
    if e["study_uid"] not in err:
        wrong(row, "the list leaves out the one study that can be searched")


@check("I02")
def _(row, e, r, out, args, listing):
    if not (Path("got") / "I02 folder").is_dir():
        wrong(row, "no packet of that name")
    shutil.copytree(args[0], "plain")
    call("run", "-q", "plain", "-o", "got/plain")
    for file in sorted(os.listdir(out)):
        if file != "done.json" and (out / file).read_bytes() != (Path("got/plain") / file).read_bytes():
            wrong(row, file + " differs from that of a plain path")


@check("I05")
def _(row, e, r, out, args, listing):
    if os.path.exists("PAT") or (Path("in/I05") / "PAT").exists():
        wrong(row, "a folder was made of a name")


def main(argv):
    folder = Path(argv[0])
    expected = json.loads((folder / "expected.json").read_text())
    os.makedirs("got", exist_ok=True)
    rows = ["B00"] + [r for r in argv[1:] or expected if r[0] in GROUPS and r != "B00"]
    control = None
    for row in rows:
        r = try_row(row, expected[row], folder / row, control)
        if row == "B00":
            control = r
            call("export", "-q", folder / row, "-o", "got/B00.nii")
    for row, texts in wrong_rows.items():
        for text in texts:
            print("WRONG: %s (%s): %s" % (row, expected[row]["title"], text))
    print("%d of %d rows as they should be" % (len(rows) - len(wrong_rows), len(rows)))
    return 1 if wrong_rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
