#!/usr/bin/env python3
"""Makes the scans on which the ranker is trained and calibrated.

    python3 bench/ranker/scans.py OUT --restage build/release/restage --data ../shared/data --kind insertions

writes OUT/scans/NAME, DICOM with truth.json, and OUT/scans.csv, a row a scan; what is there is not made again.

insertions    lesions by `restage insert` in the tune chests, as they are and altered: averaged along k, their kernel
              softened or sharpened (science C6A.6). A chest is altered before the insertion, so that lesions are blended
              with the altered sharpness. Seeds 11001 and up; cut-outs of the patients that ruler.py calls tune.
phantoms      the hard recipe with many lesions (ruler.py's "beside"), seeds 1 to 499: for training; some of them with many
              lesions that are ground glass or hollow
calibration   the hard recipe as patients come, seeds 601 to 799: for P alone
"""
import argparse
import concurrent.futures
import csv
import glob
import json
import os
import shutil
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
import ruler  # noqa: E402

# The chests' own lesions by their annotations.json: centre (LPS mm), largest extent anybody measured (mm)
OWN = {"r01-001": (-95.8, -145.1, -66.6, 16), "lungfcp-0001": (-51.0, -147.5, 58.3, 20),
       "qin-0014": (-21.1, -137.2, 237.3, 38), "qin-0028": (96.6, -172.4, 306.2, 40), "lctsc-004": None}
# chest: (averaged to mm, kernel) of its altered forms; "" is the kernel that it has
FORMS = {
    "r01-001": [(0, ""), (1.5, ""), (2, ""), (2.5, ""), (3, ""), (5, ""), (0, "soft"), (0, "sharp"), (2, "soft"),
                (2.5, "sharp"), (3, "sharp")],
    "lungfcp-0001": [(0, ""), (2.5, ""), (3, ""), (5, ""), (0, "soft"), (0, "sharp"), (3, "sharp")],
    "qin-0014": [(0, ""), (5, ""), (0, "soft"), (0, "sharp")],
    "qin-0028": [(0, ""), (5, ""), (0, "soft"), (0, "sharp")],
    "lctsc-004": [(0, ""), (5, ""), (0, "soft"), (0, "sharp")]}
SOFT_MM, UNSHARP_MM, UNSHARP = 0.7, 0.9, 1.0
FIRST_SEED = 11001
SHARES = ["--vessel-share", "0.35", "--wall-share", "0.25"]
# What is inserted into each form: number of lesions, sizes, cut-outs or formula
SETS = [(110, 2, 10, False), (110, 2.5, 10, False), (80, 3, 14, True)]
LARGE = (40, 8, 25, False)  # instead of the second set in every third form
# Seeds of each kind of slices: the first, and how many
PHANTOMS = {"1 mm": [(1, 10)], "2 mm": [(101, 4)], "3 mm": [(201, 6)]}
FAINT_PHANTOMS = {"1 mm": [(11, 16)], "3 mm": [(207, 4)]}
FAINT = {"ground_glass_share": 0.4, "part_solid_share": 0.1, "cavity_share": 0.15}  # of their lesions
CALIBRATION = {"1 mm": [(601, 40), (673, 68)], "2 mm": [(641, 6), (741, 8)], "3 mm": [(661, 12), (749, 14)]}


def read_chest(folder):
    import pydicom
    files = [pydicom.dcmread(path) for path in glob.glob(os.path.join(folder, "*"))]
    files.sort(key=lambda d: float(d.ImagePositionPatient[2]))
    hu = np.stack([d.pixel_array.astype(np.float32) * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in files])
    return files, hu


def filtered(hu, pixel_mm, kernel):
    from scipy.ndimage import gaussian_filter
    if kernel == "soft":
        return gaussian_filter(hu, (0, SOFT_MM / pixel_mm, SOFT_MM / pixel_mm))
    if kernel == "sharp":
        return hu + UNSHARP * (hu - gaussian_filter(hu, (0, UNSHARP_MM / pixel_mm, UNSHARP_MM / pixel_mm)))
    return hu


def averaged(hu, z_mm, thickness):
    """Slices of that thickness side by side: box averages with parts of the slices at either end."""
    step = z_mm[1] - z_mm[0]
    low, high = z_mm[0] - step / 2, z_mm[-1] + step / 2
    centres = np.arange(low + thickness / 2, high - thickness / 2 + 1e-6, thickness)
    share = np.minimum(z_mm[None] + step / 2, centres[:, None] + thickness / 2) - \
        np.maximum(z_mm[None] - step / 2, centres[:, None] - thickness / 2)
    share = np.clip(share, 0, None).astype(np.float32)
    share /= share.sum(1, keepdims=True)
    return np.tensordot(share, hu, axes=1), centres


def uid_of(text):
    import pydicom.uid
    return pydicom.uid.generate_uid(entropy_srcs=["restage ranker " + text])


def alter(data, chest, thickness, kernel, out):
    """Writes a form of a chest as DICOM of its own."""
    from pydicom.uid import ExplicitVRLittleEndian
    files, hu = read_chest(os.path.join(data, "clinical", chest, "CT"))
    z_mm = np.array([float(d.ImagePositionPatient[2]) for d in files])
    hu = filtered(hu, float(files[0].PixelSpacing[0]), kernel)
    if thickness:
        hu, z_mm = averaged(hu, z_mm, thickness)
    work = out + ".part"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    name = os.path.basename(out)
    for n, z in enumerate(z_mm):
        d = files[min(n, len(files) - 1)]
        d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        d.StudyInstanceUID, d.SeriesInstanceUID = uid_of(name + " study"), uid_of(name + " series")
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid_of("%s %d" % (name, n))
        d.ImagePositionPatient[2] = "%.4f" % z
        d.InstanceNumber = str(n + 1)
        if "SliceLocation" in d:
            d.SliceLocation = "%.4f" % z
        if thickness:
            d.SliceThickness = "%g" % thickness
        for key in ("SpacingBetweenSlices", "SmallestImagePixelValue", "LargestImagePixelValue"):
            if key in d:
                del d[key]
        slope, intercept = float(d.RescaleSlope), float(d.RescaleIntercept)
        low, high = (0, (1 << d.BitsStored) - 1) if d.PixelRepresentation == 0 else (-32768, 32767)
        stored = np.clip(np.rint((hu[n] - intercept) / slope), low, high)
        d.PixelData = stored.astype("<u2" if d.PixelRepresentation == 0 else "<i2").tobytes()
        d["PixelData"].VR = "OW"
        d.save_as(os.path.join(work, "IM%04d.dcm" % (n + 1)))
    os.rename(work, out)


def form_name(chest, thickness, kernel):
    return chest + (".%gmm" % thickness if thickness else "") + ("." + kernel if kernel else "")


def call(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="passive"))
    if done.returncode:
        sys.exit("%s: exit %d: %s" % (" ".join(command[:6]), done.returncode, done.stderr.strip()[-400:]))
    return done.stdout


def ignore_file(args, chest, name, folder):
    """The chest's own lesion under the UID of this form, as insert reads it; None: it has none."""
    own = OWN[chest]
    if own is None:
        return None
    listed = json.loads(call([args.restage, "info", folder, "--json"]))
    path = os.path.join(args.out, "own", name + ".csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write("seriesuid,coordX,coordY,coordZ,diameter_mm\n%s,%g,%g,%g,%g\n" %
                ((listed["inputs"][0]["series"][0]["series_instance_uid"],) + own))
    return path


def insert_one(args, job):
    chest, thickness, kernel, first, patients = job
    name = form_name(chest, thickness, kernel)
    folder = os.path.join(args.data, "clinical", chest, "CT")
    wanted = [os.path.join(args.out, "scans", "%s+%d" % (name, n)) for n in range(len(SETS))]
    if all(os.path.isdir(path) for path in wanted):
        return
    if thickness or kernel:
        folder = os.path.join(args.out, "altered", name)
        if not os.path.isdir(folder):
            alter(args.data, chest, thickness, kernel, folder)
    ignore = ignore_file(args, chest, name, folder)
    for n, out in enumerate(wanted):
        lesions, smallest, largest, library = LARGE if n == 1 and (first // 10) % 3 == 2 else SETS[n]
        if os.path.isdir(out):
            continue
        make = [args.restage, "insert", folder, "--seed", str(first + n), "--lesions", str(lesions), "--smallest",
                "%g" % smallest, "--largest", "%g" % largest] + SHARES + (["--ignore", ignore] if ignore else [])
        if library:
            make += ["--library", os.path.join(args.data, "lidc-cutouts"), "--patients", patients]
        call(make + ["-o", out, "-j", "1", "-q"])
    shutil.rmtree(os.path.join(args.out, "altered", name), ignore_errors=True)
    print(name, file=sys.stderr, flush=True)


def phantom_one(args, job):
    name, make = job
    out = os.path.join(args.out, "scans", name)
    if not os.path.isdir(out):
        call([args.restage] + make + ["-o", out, "-j", "1", "-q"])
        print(name, file=sys.stderr, flush=True)


def insertion_jobs(args):
    patients = ruler.library_patients(args)["tune"]
    jobs, n = [], 0
    for chest, forms in FORMS.items():
        for thickness, kernel in forms:
            jobs.append((chest, thickness, kernel, FIRST_SEED + 10 * n, patients))
            n += 1
    # plain forms first: whatever comes of a run that is stopped can be trained on
    return sorted(jobs, key=lambda j: (bool(j[1]) + bool(j[2]), j[3]))


def faint_recipe(args, beside):
    with open(beside, encoding="utf-8") as f:
        recipe = json.load(f)
    recipe["modes"]["densities"] = FAINT
    path = os.path.join(args.out, "recipe-faint.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(recipe, f, indent=1, sort_keys=True)
    return path


def phantom_jobs(args, kind):
    many = ["--lesions", "60", "--smallest", "2", "--largest", "12"]
    if kind == "phantoms":
        beside = ruler.beside_recipe(args)
        sets = [(beside, many, PHANTOMS), (faint_recipe(args, beside), many, FAINT_PHANTOMS)]
    else:
        sets = [(ruler.RECIPE, [], CALIBRATION)]
    return [("%s-%d" % (kind, seed), ["phantom", "--seed", str(seed), "--recipe", recipe] + ruler.SLICES[slices] + more)
            for recipe, more, kinds in sets for slices, runs in kinds.items()
            for first, count in runs for seed in range(first, first + count)]


def write_list(out):
    rows = []
    for path in sorted(glob.glob(os.path.join(out, "scans", "*", "truth.json"))):
        if ".partial" in path:
            continue
        name = os.path.basename(os.path.dirname(path))
        kind = name.split("-")[0] if name.split("-")[0] in ("phantoms", "calibration") else "insertions"
        chest = name.split("+")[0] if kind == "insertions" else kind
        rows.append([name, kind, next((c for c in FORMS if chest.split("+")[0].startswith(c)), kind)])
    with open(os.path.join(out, "scans.csv"), "w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([["scan", "kind", "chest"]] + rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--restage", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--kind", choices=["insertions", "phantoms", "calibration"], required=True)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    for folder in ("scans", "altered", "own"):
        os.makedirs(os.path.join(args.out, folder), exist_ok=True)
    jobs = insertion_jobs(args) if args.kind == "insertions" else phantom_jobs(args, args.kind)
    work = insert_one if args.kind == "insertions" else phantom_one
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for _ in pool.map(lambda job: work(args, job), jobs):
            pass
    write_list(args.out)


if __name__ == "__main__":
    main()
