"""Compares what the parsers of a viewer read (read.mjs) with report.json: viewers.py READ.MJS"""
import json
import os
import subprocess
import sys

import numpy as np

from filed import call, derive, images, phantom, places

RESTAGE = os.environ["RESTAGE"]
TOOL = "Bidirectional"
wrong = []


def complain(what, sentence):
    wrong.append(f"{what}: {sentence}")


def run(scan, out, *options):
    code, _, err = call(RESTAGE, "run", scan, "-o", out, "-q", *options)
    if code != 0:
        complain(out, f"run ends {code}: {err.strip()[:300]}")
    return json.load(open(f"{out}/report.json"))


def view(packet, scan):
    done = subprocess.run(["node", sys.argv[1], packet, scan], capture_output=True)
    if done.returncode:
        complain(packet, f"the parsers stop: {done.stderr.decode()[-400:]}")
        return {"measurements": [], "voxels": None}
    return json.loads(done.stdout)


def check(packet, scan, report, exact=True):
    seen = view(packet, scan)
    calipers = {m["uid"]: m for m in seen["measurements"] if m["tool"] == TOOL}
    marks = [m for m in report["marks"] if m["size"]["long_axis_mm"] is not None]
    if len(calipers) != len(marks) or len(seen["measurements"]) != len(marks):
        complain(packet, f"{len(seen['measurements'])} measurements, {len(calipers)} calipers of {len(marks)}")
    for mark in marks:
        size, got = mark["size"], calipers.get(mark["tracking_uid"])
        if got is None:
            complain(packet, f"no calipers of {mark['id']}")
            continue
        ends = np.float64(size["long_axis_ends_lps_mm"] + size["short_axis_ends_lps_mm"])
        off = np.abs(ends - np.float64(got["points"])).max()
        axes = got["axes"]
        if off > 0.01 or (axes["length"], axes["width"]) != (size["long_axis_mm"], size["short_axis_mm"]):
            complain(packet, f"{mark['id']}: {off:.3f} mm off, {axes}")
        if not got["label"].startswith(f"{mark['id']} {size['text']}"):
            complain(packet, f"label {got['label']}")
        uid, frame = got["image"].removeprefix("wadors:").split("/frames/")
        if uid != size["axes_slice"]["sop_instance_uid"] or int(frame) != (size["axes_slice"]["frame"] or 0) + 1:
            complain(packet, f"{mark['id']} on another slice")
    check_voxels(packet, report, seen["voxels"], exact)


def check_voxels(packet, report, voxels, exact):
    if (voxels is None) != all(mark["size"]["mask_volume_mm3"] is None for mark in report["marks"]):
        complain(packet, "segments without masks, or masks without segments")
    if voxels is None:
        return
    voxel_mm3 = np.prod(report["source"]["geometry"]["spacing_mm"])
    for mark in report["marks"]:
        counted, told = voxels.get(str(mark["rank"]), 0) * voxel_mm3, mark["size"]["mask_volume_mm3"] or 0
        if exact and abs(counted - told) > 0.051:
            complain(packet, f"{mark['id']}: {counted:.1f} mm3 in the viewer, {told} in report.json")
        if not exact and told and counted <= 0:
            complain(packet, f"{mark['id']}: no voxel in the viewer")


def main():
    phantom("scan")
    uid = next(i.SeriesInstanceUID for i in images("scan") if i.get("Modality") == "CT")
    for n in (0, 1, 4):
        packet = f"marks-{n}"
        check(packet, "scan", run("scan", packet, "--candidates", places(n, uid, f"places-{n}.csv")))
    report = run("scan", "many", "--candidates", places(12, uid, "places-12.csv"))
    check("many", "scan", report, exact=False)  # masks of neighbours on the grid may share voxels
    for name in ("leaning", "framed"):
        derive("scan", f"scan-{name}", name)
        report = run(f"scan-{name}", name)
        check(name, f"scan-{name}", report, exact=report["source"]["resampled"] == "nothing")
    for line in wrong[:40]:
        print("WRONG:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
