#!/usr/bin/python3
"""Truths of ../shared/data through restage evaluate: counts, places and volumes of their INDEX and annotations.

    truths.py DATA        the folder that holds clinical and conformance; prints what is wrong; exit code 1 if anything is
"""
import csv, json, math, os, subprocess, sys
from pathlib import Path

RESTAGE = os.environ["RESTAGE"]
DATA = Path(sys.argv[1])
CLINICAL, REGIONS = DATA / "clinical", DATA / "conformance" / "regions"
failed = False
n_calls = 0


def wrong(what, text):
    global failed
    failed = True
    print("WRONG: %s: %s" % (what, text))


def series_uid(folder):
    listing = json.loads(subprocess.run([RESTAGE, "info", str(folder), "--json"], capture_output=True, text=True).stdout)
    series = [s for i in listing["inputs"] for s in i["series"]] if "inputs" in listing else listing["series"]
    return series[0]["series_instance_uid"]


def evaluate(what, truth, images=(), options=(), uid=None, marks=()):
    """Rows of findings.csv, those that are relevant first, and evaluation.json."""
    global n_calls
    n_calls += 1
    out, table = Path("out-%d" % n_calls), Path("marks-%d.csv" % n_calls)
    rows = ["%s,%r,%r,%r,0.9" % (uid, *m) for m in marks] or ["%s,9999,9999,9999,0.5" % uid]
    table.write_text("seriesuid,coordX,coordY,coordZ,probability\n" + "\n".join(rows) + "\n")
    call = [RESTAGE, "evaluate", table, "--truth", truth, "--bootstraps", "0", "-q", "-o", out, *options]
    for path in images:
        call += ["--images", path]
    done = subprocess.run([str(c) for c in call], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        return wrong(what, "exit %d: %s" % (done.returncode, done.stderr.strip())) or ([], [], {})
    found = list(csv.DictReader(open(out / "findings.csv")))
    if any(r["seriesuid"] != uid for r in found):
        wrong(what, "a finding of another series: %s" % found[0]["seriesuid"])
    relevant = [r for r in found if r["relevant"] == "1"]
    return relevant, [r for r in found if r["relevant"] == "0"], json.loads((out / "evaluation.json").read_text())


def refused(what, truth, code, words, images=(), options=()):
    table = Path("any.csv")
    table.write_text("seriesuid,coordX,coordY,coordZ,probability\n1.2,0,0,0,0.5\n")
    call = [RESTAGE, "evaluate", table, "--truth", truth, *options]
    for path in images:
        call += ["--images", path]
    done = subprocess.run([str(c) for c in call], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != code or words not in done.stderr or done.stderr.count("\n") != 1 or done.stdout:
        wrong(what, "exit %d, not %d with \"%s\": %s" % (done.returncode, code, words, done.stderr.strip()))


def place(row):
    return [float(row["coord" + a]) for a in "XYZ"]


def like(what, row, centre, volume_mm3, share=1e-4, mm=0.011, diameter=None):
    if math.dist(place(row), centre) > mm * 1.8:
        wrong(what, "lies at %s, not %s" % (place(row), centre))
    if volume_mm3 and abs(float(row["volume_mm3"]) / volume_mm3 - 1) > share:
        wrong(what, "has %s mm3, not %g" % (row["volume_mm3"], volume_mm3))
    wanted = diameter or (6 * volume_mm3 / math.pi) ** (1 / 3)
    if abs(float(row["diameter_mm"]) - wanted) > 0.011:
        wrong(what, "has a diameter of %s mm, not %.3f" % (row["diameter_mm"], wanted))


def notes(case):
    return json.loads((CLINICAL / case / "annotations.json").read_text())


# LIDC: four readers, grouped; the same groups as the project's own, made by another program.
for case, n_relevant in (("lidc-0001", 1), ("lidc-0002", 0)):
    told = notes(case)
    uid, images = told["series_instance_uid"], [CLINICAL / case / "CT"]
    large = [l for l in told["lesions"] if l["kind"] == "nodule>=3mm"]
    relevant, other, result = evaluate(case, CLINICAL / case / "lidc.xml", images, uid=uid,
                                       marks=[large[0]["centre_lps_mm"]])
    if len(relevant) != n_relevant:
        wrong(case, "%d relevant findings, not %d" % (len(relevant), n_relevant))
    if len(relevant) + len(other) != len(told["lesions"]) + len(told["non_nodules"]):
        wrong(case, "%d findings, INDEX has %d and %d" % (len(relevant) + len(other), len(told["lesions"]),
                                                          len(told["non_nodules"])))
    for lesion in told["lesions"] + told["non_nodules"]:
        row = min(relevant + other, key=lambda r: math.dist(place(r), lesion["centre_lps_mm"]))
        if math.dist(place(row), lesion["centre_lps_mm"]) > 0.03:
            wrong(case, "none at %s" % lesion["centre_lps_mm"])
    for lesion in large:
        row = min(relevant + other, key=lambda r: math.dist(place(r), lesion["centre_lps_mm"]))
        like(case, row, lesion["centre_lps_mm"], lesion["mean_volume_mm3"], 1e-3,
             diameter=lesion["mean_equivalent_diameter_mm"])
    counts = result["counts"]
    if (counts["found"], counts["ignored"]) != ((1, 0) if n_relevant else (0, 1)):
        wrong(case, "a mark on the nodule counts as %s" % counts)
    again, rest, _ = evaluate(case + " annotations.json", CLINICAL / case, images, uid=uid)
    if len(again) != n_relevant or len(rest) != len(other):
        wrong(case, "annotations.json has %d and %d findings" % (len(again), len(rest)))
refused("LIDC without images", CLINICAL / "lidc-0001" / "lidc.xml", 65, "--images")
whole = (CLINICAL / "lidc-0001" / "lidc.xml").read_bytes()
Path("cut.xml").write_bytes(whole[: len(whole) // 2])
refused("LIDC cut short", "cut.xml", 65, "line ", [CLINICAL / "lidc-0001" / "CT"])

# SEG of the QIN challenge: no references to the images, positions of planes alone.
for case in ("qin-0014", "qin-0028"):
    told = notes(case)
    for lesion in told["lesions"]:
        if not lesion["stored"]:
            continue
        name = lesion["segmentation"]
        relevant, other, result = evaluate(case, CLINICAL / case / "SEG" / (name + ".dcm"), [CLINICAL / case / "CT"],
                                           uid=told["series_instance_uid"], marks=[lesion["centre_lps_mm"]])
        if len(relevant) != 1 or other or result["counts"]["found"] != 1:
            wrong(case, "%s has %d findings" % (name, len(relevant)))
            continue
        like(case + " " + name, relevant[0], lesion["centre_lps_mm"], lesion["volume_mm3"])
    relevant, _, _ = evaluate(case, CLINICAL / case, uid=told["series_instance_uid"])
    mean = sum(l["volume_mm3"] for l in told["lesions"]) / 9
    if len(relevant) != 1 or abs(float(relevant[0]["volume_mm3"]) - mean) > 0.01:
        wrong(case, "nine readings of one lesion are %d findings" % len(relevant))

# RTSTRUCT, on the grid of its series; label volumes on their own.
for case, rt, folder, told in (("lung1-001", "RTSTRUCT.dcm", "CT", "annotations.json"),
                               ("sts-002", "RTSTRUCT_CT.dcm", "CT", "annotations_CT.json"),
                               ("sts-002", "RTSTRUCT_MR_T1.dcm", "MR_T1", "annotations_MR_T1.json")):
    rois = json.loads((CLINICAL / case / told).read_text())["rois"]
    images = [CLINICAL / case / folder]
    uid = series_uid(images[0])
    relevant, other, _ = evaluate(case, CLINICAL / case / rt, images, uid=uid)
    if [r["id"] for r in relevant] != [r["roi"] for r in rois] or other:
        wrong(case, "regions %s" % [r["id"] for r in relevant])
    for row, roi in zip(relevant, rois):
        volume = roi["volume_ml_evenodd_voxels"] * 1000
        like(case + " " + roi["roi"], row, roi["centre_lps_mm"], volume, 2e-4, 0.05,
             diameter=(6 * float(row["volume_mm3"]) / math.pi) ** (1 / 3))
    one, _, _ = evaluate(case, CLINICAL / case / rt, images, ["--roi", rois[0]["roi"]], uid=uid)
    if [r["id"] for r in one] != [rois[0]["roi"]]:
        wrong(case, "--roi takes %s" % [r["id"] for r in one])
    if case == "sts-002":
        mask, _, _ = evaluate(case, CLINICAL / case / ("mask_%s.nii.gz" % folder), images, uid=uid)
        like(case + " mask", mask[0], rois[0]["centre_lps_mm"], rois[0]["voxels_evenodd"] * float(
            relevant[0]["volume_mm3"]) / rois[0]["voxels_evenodd"], mm=0.05)
refused("no such region", CLINICAL / "lung1-001" / "RTSTRUCT.dcm", 64, "no such region", options=["--roi", "GTV-9"])

# Lists by hand.
uid = series_uid(CLINICAL / "cmb-crc-01068" / "CT")
relevant, other, _ = evaluate("cmb", CLINICAL / "cmb-crc-01068", [CLINICAL / "cmb-crc-01068" / "CT"], uid=uid)
if (len(relevant), len(other)) != (9, 4):
    wrong("cmb-crc-01068", "%d relevant, %d irrelevant: INDEX has 1 + 8 and 4" % (len(relevant), len(other)))
relevant, _, _ = evaluate("fda", CLINICAL / "fda-phantom", uid=notes("fda-phantom")["series_instance_uid"])
if [float(r["diameter_mm"]) for r in relevant] != [10, 8, 5]:
    wrong("fda-phantom", "spheres of %s mm" % [r["diameter_mm"] for r in relevant])
relevant, other, _ = evaluate("fda", CLINICAL / "fda-phantom", [CLINICAL / "fda-phantom" / "s05"],
                              uid=notes("fda-phantom")["series_instance_uid"])
if [float(r["diameter_mm"]) for r in relevant] != [5] or len(other) != 2:
    wrong("fda-phantom", "s05 alone shows %s mm" % [r["diameter_mm"] for r in relevant])
refused("no series", CLINICAL / "prostatex-0000", 65, "--images")

# conformance/regions (INDEX 8)
ibsi = REGIONS / "rtstruct-ibsi-ct"
uid = series_uid(ibsi / "CT")
relevant, _, _ = evaluate("ibsi", ibsi / "RTSTRUCT.dcm", [ibsi / "CT"], uid=uid)
if abs(float(relevant[0]["volume_mm3"]) - 358681.44) > 0.1:
    wrong("ibsi", "%s mm3" % relevant[0]["volume_mm3"])
relevant, _, _ = evaluate("ibsi polygons", ibsi / "RTSTRUCT.dcm", uid=uid)
if abs(float(relevant[0]["volume_mm3"]) - 358661.46) > 0.1:
    wrong("ibsi polygons", "%s mm3" % relevant[0]["volume_mm3"])
liver, pixel = REGIONS / "seg-liver-ct", 0.810547 ** 2
for file in ("liver.seg.dcm", "liver_seg.nrrd"):
    relevant, _, _ = evaluate(file, liver / file, [liver / "CT"], uid=series_uid(liver / "CT"))
    if len(relevant) != 1 or abs(float(relevant[0]["volume_mm3"]) / ((36233 + 35645 + 35220) * pixel) - 1) > 1e-5:
        wrong(file, "%s" % [r["volume_mm3"] for r in relevant])
odd = REGIONS / "seg-odd-size-23x38x3"
relevant, _, _ = evaluate("odd", odd / "nrrd" / "label.nrrd", uid="label")
voxel = float(relevant[0]["volume_mm3"]) / 322
if abs(voxel - 0.7 * 0.7 * 2.5) > 0.1 * voxel:
    wrong("odd", "a voxel of %g mm3" % voxel)
refused("fractional", REGIONS / "seg-highdicom" / "seg_image_ct_true_fractional.dcm", 65, "fractional")
refused("bad references", REGIONS / "rtstruct-bad-references" / "non_existent_reference_rt.dcm", 65, "--images")
sys.exit(failed)
