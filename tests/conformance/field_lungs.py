#!/usr/bin/python3
"""Group U of field-reports, lungs and lesions: runs restage on the inputs and compares with expected.json.

    field_lungs.py IN        packets go to ./got/ROW; prints what is wrong; exit code 1 if anything is
"""
import json, math, struct, sys
from pathlib import Path

import numpy as np

import field
from field import call, distance, nearest, notes, report, size, wrong

ROWS = ("U01", "U02", "U06", "U07", "U10", "U12")
WITHIN = 0.15


def lungs(r):
    return {o["side"]: o for o in r["organs"]}


def has_volume(row, organ, truth_ml, what):
    if not organ or abs(organ[what] / truth_ml - 1) > WITHIN:
        wrong(row, "%s of a lung of %g ml: %s" % (what, truth_ml, organ and organ[what]))


def both_assessed(row, e, r):
    for side, ml in e["lung_ml"].items():
        has_volume(row, lungs(r).get(side), ml, "searched_ml")
    if [o["state"] for o in r["organs"]] != ["assessed"] * 2:
        wrong(row, "states: %s" % [(o["state"], o["reason"]) for o in r["organs"]])


def lesions(row, e, r, names):
    for name in names:
        lesion = e["lesions"][name]
        mark = nearest(r["marks"], lesion["lps_mm"])
        if not mark or distance(mark["position_lps_mm"], lesion["lps_mm"]) > lesion["diameter_mm"] / 2:
            wrong(row, "lesion %s is no mark" % name)
        elif mark["side"] != lesion["side"]:
            wrong(row, "lesion %s lies %s, truth %s" % (name, mark["side"], lesion["side"]))


def lung_voxels(row):
    """Patient y of the rows that the lungs reach, from the dump."""
    raw = Path("got/%s.dump/03-organs.nii" % row).read_bytes()
    n = struct.unpack_from("<8h", raw, 40)
    kind = "u1" if struct.unpack_from("<h", raw, 70)[0] == 2 else "<i2"
    labels = np.frombuffer(raw, kind, n[1] * n[2] * n[3], 352).reshape(n[3], n[2], n[1])
    sform = struct.unpack_from("<12f", raw, 280)
    rows = np.nonzero((labels >= 3).any(axis=(0, 2)))[0]
    return [-(sform[5] * j + sform[7]) for j in (rows[0], rows[-1])]


def solid_below(row, e, r):
    """Dense ml named, the rest searched; the left lung as it is."""
    right, left = lungs(r)["right"], lungs(r)["left"]
    if right["state"] != "partly" or "ml" not in (right["reason"] or ""):
        wrong(row, "right lung: %s: %s" % (right["state"], right["reason"]))
    if not right["volume_ml"] - right["searched_ml"] > 0.15 * e["lung_ml"]["right"]:
        wrong(row, "%g ml of the right lung, %g searched" % (right["volume_ml"], right["searched_ml"]))
    has_volume(row, left, e["lung_ml"]["left"], "searched_ml")
    if left["state"] != "assessed":
        wrong(row, "left lung: %s" % left["reason"])
    lesions(row, e, r, "AB")


def joined_on_foam(row, e, r):
    both_assessed(row, e, r)
    lesions(row, e, r, "ABC")
    front, back = sorted(lung_voxels(row))
    if front < -105 or back > 105:  # half axis of the body
        wrong(row, "lung from y = %g to %g mm, outside the body" % (front, back))
    if any(m["position_lps_mm"][1] > 105 for m in r["marks"]):
        wrong(row, "a mark in the foam")


def upside_down(row, e, r):
    if any(o["side"] for o in r["organs"]) or any(m["side"] for m in r["marks"]):
        wrong(row, "sides are asserted")
    if "spine" not in notes(r):
        wrong(row, "the contradiction is not said: %s" % notes(r))
    for organ, ml in zip(sorted(r["organs"], key=lambda o: o["searched_ml"] or 0), sorted(e["lung_ml"].values())):
        if organ["state"] != "not_assessed":
            has_volume(row, organ, ml, "searched_ml")
        elif not organ["reason"]:
            wrong(row, "not assessed without a reason")


def one_lung(row, e, r):
    right, left = lungs(r)["right"], lungs(r)["left"]
    has_volume(row, right, e["lung_ml"]["right"], "searched_ml")
    if right["state"] != "assessed" or left["state"] != "not_assessed" or left["searched_ml"]:
        wrong(row, "right %s, left %s, %s ml" % (right["state"], left["state"], left["searched_ml"]))
    if "left" not in (left["reason"] or ""):
        wrong(row, "the left side is not named: %s" % left["reason"])
    lesions(row, e, r, "AC")


def breathed_out(row, e, r):
    for side, ml in e["lung_ml"].items():
        has_volume(row, lungs(r).get(side), ml, "searched_ml")
    for organ in r["organs"]:
        if organ["state"] == "not_assessed" or (organ["state"] == "partly" and not organ["reason"]):
            wrong(row, "%s lung: %s: %s" % (organ["side"], organ["state"], organ["reason"]))
    lesions(row, e, r, "A")
    large = [m for m in r["marks"] if (size(m) or 0) > 20]
    if large:
        wrong(row, "a lesion of %s mm at %s" % (size(large[0]), large[0]["position_lps_mm"]))


def streaks(row, e, r):
    both_assessed(row, e, r)
    lesions(row, e, r, "ABC")
    fan = [m for m in r["marks"] if m["position_lps_mm"][2] > 40]  # no lesion lies there
    if len(fan) > 3:
        wrong(row, "%d marks in the streaks" % len(fan))
    if not r["quality"]["noise_hu"] or not math.isfinite(r["quality"]["noise_hu"]):
        wrong(row, "noise: %s" % r["quality"]["noise_hu"])


CHECKS = dict(zip(ROWS, (solid_below, joined_on_foam, upside_down, one_lung, breathed_out, streaks)))


def main(argv):
    folder = Path(argv[0])
    expected = json.loads((folder / "expected.json").read_text())
    Path("got").mkdir(exist_ok=True)
    for row in ROWS:
        e, out = expected[row], Path("got") / row
        path = field.arguments(row, e, folder / row)[0]
        code, _, err = call("info", path)
        if code not in e["info"]:
            wrong(row, "info ends %d: %s" % (code, err.strip()))
        code, _, err = call("run", "-q", path, "-o", out, "--dump", "organs")
        if code not in e["run"]:
            wrong(row, "run ends %d: %s" % (code, err.strip()))
            continue
        field.words(row, e, (out / "report.json").read_text())
        CHECKS[row](row, e, report(out))
    for row, texts in field.wrong_rows.items():
        for text in texts:
            print("WRONG: %s (%s): %s" % (row, expected[row]["title"], text))
    print("%d of %d rows as they should be" % (len(ROWS) - len(field.wrong_rows), len(ROWS)))
    return 1 if field.wrong_rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
