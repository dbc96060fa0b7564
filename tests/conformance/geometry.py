"""Checks of test_geometry.sh: geometry.py made | partly PACKET WHOLE | derived DATA | refused DATA | leaning DATA |
truth DATA. DATA is the folder conformance of the real data; section numbers are those of its INDEX.md."""
import glob
import hashlib
import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pydicom

import lying
import nifti

RESTAGE = os.environ["RESTAGE"]
AIR = -1024
wrong = []


def complain(what, sentence):
    wrong.append(f"{what}: {sentence}")


def restage(*arguments):
    done = subprocess.run([RESTAGE, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def export(path, *options, stored=False):
    """All volumes that export makes of a path, and what it says; no volumes: it refused."""
    name = f"out-{len(glob.glob('out-*')):04d}"
    os.mkdir(name)
    code, out, err = restage("export", path, "-o", f"{name}/v.nii", *options)
    volumes = [v for file in sorted(glob.glob(f"{name}/*.nii")) for v in nifti.read(file, stored)]
    return code, volumes if code == 0 else [], out + err


def expect_refusal(what, code, text, words):
    if code != 65:
        complain(what, f"exit {code}, not 65: {text.strip()[:300]}")
    for word in words:
        if word not in text:
            complain(what, f'does not say "{word}": {text.strip()[:400]}')


# ---- made: a known object, whatever the slices do ---------------------------------------------------------------------

REFUSED = {
    "leans-too-far": "31.80 degrees",
    "hole": "between z = 36.30 mm and z = 43.70 mm there is a hole of 7.40 mm",
    "one-slice-displaced": "between z = 37.00 mm and z = 41.20 mm there is a hole of 4.20 mm",
    "mixed-steps": "there is a hole of 5.00 mm",
}


def away_from_the_rim(inside, pixels):
    for axis in (0, 1):
        for step in range(1, pixels + 1):
            inside = inside & np.roll(inside, step, axis) & np.roll(inside, -step, axis)
    inside[:pixels], inside[-pixels:], inside[:, :pixels], inside[:, -pixels:] = False, False, False, False
    return inside


def check_made(name, case):
    row, column, steps, lean, missing = case
    leans, uneven = lean != (0.0, 0.0), max(steps) > min(steps) + 0.01 or bool(missing)
    folder = lying.write("made", name)
    code, volumes, text = export(folder, *(["--allow-partial"] if missing else []))
    if name in REFUSED:
        return expect_refusal(name, code, text, [REFUSED[name]])
    if missing:
        expect_refusal(name, *export(folder)[::2], ["missing"])
    if code != 0 or len(volumes) != 1:
        return complain(name, f"exit {code}: {text}")
    v = volumes[0]
    index = np.stack(np.mgrid[tuple(slice(0, s) for s in v.values.shape)], -1)
    off = np.abs(v.values - lying.hu(v.lps_of(index)))
    shown = v.values != AIR
    # Linear interpolation over h is wrong by at most h^2 / 8 times the second derivative; rounding twice adds 1, and
    # 1.25 where the weights of the cubic are negative.
    holes = [steps[0] * (len(list(run)) + 1) for gone, run in itertools.groupby(range(len(steps) + 1), lambda k: k in missing) if gone]
    between_hu = max(steps + holes) ** 2 / 8 * lying.BALL_HU / lying.BALL_MM**2 if uneven else 0
    inner = away_from_the_rim(shown.copy(), 2) if leans else shown
    limit = 0.51 if not leans and not uneven else 1.3 + between_hu
    if off[inner].max() > limit:
        complain(name, f"values are wrong by {off[inner].max():.2f} HU, at most {limit:.2f} are due to interpolation")
    if leans and off[shown].max() > limit + 4:
        complain(name, f"values at the rim are wrong by {off[shown].max():.2f} HU")
    if not leans and not shown.all():
        complain(name, "voxels are not filled")
    # Every pixel of every slice lies in the grid.
    size = np.array(v.values.shape)
    for k, position in enumerate(lying.positions(case)):
        at = v.index_of(lying.plane(case, position)).reshape(-1, 3)
        if (at < -0.51).any() or (at > size - 0.49).any():
            complain(name, f"slice {k} reaches beyond the grid")
    if leans and f"{np.degrees(np.arctan(np.hypot(*lean))):.2f} degrees" not in text:
        complain(name, f"the degrees are not told: {text}")
    if uneven and not missing and f"{min(steps):.2f} to {max(steps):.2f} mm apart" not in text:
        complain(name, f"the steps are not told: {text}")
    if (leans or uneven) != ("resampled onto an orthogonal grid" in text):
        complain(name, f"resampled or not is not told: {text}")


def check_threads():
    same = set()
    for n in "127":
        restage("export", "made/tilted-and-uneven", "-o", f"threads-{n}.nii", "-j", n)
        with open(f"threads-{n}.nii", "rb") as f:
            same.add(hashlib.sha256(f.read()).hexdigest())
    if len(same) != 1:
        complain("tilted-and-uneven", "the bytes depend on the number of threads")


def made():
    for name, case in lying.cases().items():
        check_made(name, case)
    check_threads()


# ---- partly -----------------------------------------------------------------------------------------------------------


def partly(packet, whole):
    with open(f"{packet}/report.json", encoding="utf-8") as f:
        report = json.load(f)
    with open(f"{whole}/report.json", encoding="utf-8") as f:
        first = json.load(f)
    z = sorted(float(pydicom.dcmread(file, stop_before_pixels=True).ImagePositionPatient[2]) for file in glob.glob("scan/*.dcm"))
    left = {round(float(pydicom.dcmread(file, stop_before_pixels=True).ImagePositionPatient[2]), 3) for file in glob.glob("holed/*.dcm")}
    gone = [value for value in z if round(value, 3) not in left]
    if len(gone) != 3 or report["source"]["geometry"]["size"][2] != len(z):
        complain("partly", f"{len(gone)} slices are gone, the grid has {report['source']['geometry']['size']}")
    if "missing" not in (report["source"]["resampled"] or ""):
        complain("partly", f"source.resampled: {report['source']['resampled']}")
    ks = {int(np.argmin(np.abs(np.array(z) - value))) for value in gone}
    for mark in report["marks"]:
        at = np.abs(np.array(z) - mark["position_lps_mm"][2])
        if int(np.argmin(at)) in ks or mark["slice"]["k"] in ks:
            complain("partly", f"{mark['id']} lies in a slice that is not there")
    for organ, before in zip(report["organs"], first["organs"]):
        if organ["state"] != "partly" or f"3 slices are missing in 2 places, the first between z =" not in organ["reason"]:
            complain("partly", f"{organ['side']}: {organ['state']}, {organ['reason']}")
        lost = organ["volume_ml"] - organ["searched_ml"]
        told = float(organ["reason"].split("about ")[-1].split(" ml")[0])
        if not 0 < lost < before["volume_ml"] or abs(lost - told) > 0.11:
            complain("partly", f"{organ['side']}: {lost:.1f} ml are not searched, the reason says {told}")
        # of the same lung: interpolation moves its outline a little
        if abs(organ["volume_ml"] - before["volume_ml"]) > 0.01 * before["volume_ml"]:
            complain("partly", f"{organ['side']}: {organ['volume_ml']} ml, {before['volume_ml']} ml with all slices")
    if not any("missing" in text["sentence"] for text in report["limitations"]):
        complain("partly", "the limitations do not name the hole")


# ---- derived and must-refuse (section 5) ------------------------------------------------------------------------------

DERIVED_REFUSED = {
    "02-one-slice-missing": ["1 slice is missing between z = -40.40 mm and z = -34.40 mm"],
    "04-same-position-other-pixels": ["two different images lie at one position", "image 6 at z = -40.40 mm", "image 10 at z = -40.40 mm"],
    "06-one-slice-other-orientation": ["orientation is mixed", "image 7 at z = -37.40 mm"],
    "07-one-slice-other-matrix": ["matrix is mixed", "image 8 at z = -34.40 mm", "120 x 120"],
    "08-one-slice-other-pixel-spacing": ["pixel spacing is mixed", "image 8 at z = -34.40 mm", "0.9 x 0.9 mm"],
}
DERIVED_EQUAL = [
    "01-shuffled-files-and-instance-numbers",
    "03-one-slice-twice-same-file",
    "10-jitter-0.02-mm",
    "12-rescale-differs-per-slice",
]
DERIVED_SAYS = {
    "03-one-slice-twice-same-file": ["1 identical copy"],
    "05-two-volumes-acquisition-number": ["AcquisitionNumber: 1", "AcquisitionNumber: 2", "of 2 of its series"],
    "09-spacing-3-then-6-mm": ["3.00 to 6.00 mm apart", "first changes at z = -43.40 mm", "13 slices every 3.000 mm"],
    "10-jitter-0.02-mm": ["jitter by up to 0.025 mm", "at z = -37.42 mm", "2.9993"],
    "11-sheared-0.8-mm-a-slice": ["14.93 degrees"],
    "12-rescale-differs-per-slice": ["different rescale slopes or intercepts", "image 2 at z = "],
}


def same_values(what, ours, want):
    if ours.shape != want.shape or not np.array_equal(ours, want):
        complain(what, "voxels are not those of the control")


def derived(data):
    folder = f"{data}/geometry/derived"
    code, volumes, text = export(f"{folder}/00-control")
    control = volumes[0].values
    # min, max and mean of case 12 in the table, which are the control's HU
    if control.shape != (128, 128, 9) or (control.min(), control.max()) != (-1000, 1067) or abs(control.mean() + 84.6567) > 1e-4:
        complain("00-control", f"{control.shape}, {control.min()} to {control.max()}, mean {control.mean()}")
    for name in DERIVED_EQUAL:
        code, volumes, text = export(f"{folder}/{name}")
        same_values(name, volumes[0].values if volumes else np.zeros(0), control)
    for name, words in DERIVED_REFUSED.items():
        code, volumes, text = export(f"{folder}/{name}")
        expect_refusal(name, code, text, words)
        code, out, err = restage("run", f"{folder}/{name}", "-o", f"packet-{name}")
        expect_refusal(name, code, err, words)
    for name, words in DERIVED_SAYS.items():
        code, out, err = restage("info", f"{folder}/{name}")
        said = " ".join(out.split())
        for word in words:
            if code != 0 or word not in said:
                complain(name, f'info does not say "{word}": {said[:600]}')
    for name in ["00-control", *DERIVED_SAYS]:
        code, out, err = restage("run", f"{folder}/{name}", "-o", f"packet-{name}")
        if code != 0:
            complain(name, f"run ends with {code}: {err}")
    code, volumes, text = export(f"{folder}/02-one-slice-missing", "--allow-partial")
    if len(volumes) != 1 or volumes[0].values.shape != control.shape:
        complain("02-one-slice-missing", f"--allow-partial: {text}")
    else:
        same_values("02-one-slice-missing", np.delete(volumes[0].values, 6, 2), np.delete(control, 6, 2))
    code, volumes, text = export(f"{folder}/05-two-volumes-acquisition-number")
    if len(volumes) != 2 or not np.array_equal(volumes[0].values + 30, volumes[1].values):
        complain("05-two-volumes-acquisition-number", f"{len(volumes)} volumes: {text}")


def refused(data):
    folder = f"{data}/geometry"
    name = "must-refuse/mixed-orientation-philips-mr"
    code, volumes, text = export(f"{folder}/{name}")
    expect_refusal(name, code, text, ["orientation is mixed", "image 2 at x = -86.57 mm", "image 1 at x = 21.30 mm"])
    code, out, err = restage("run", f"{folder}/{name}", "-o", "packet-mixed")
    expect_refusal(name, code, err, ["orientation is mixed"])
    name = "must-refuse/two-slices-only"
    code, volumes, text = export(f"{folder}/{name}")
    for sentence in nifti.pair(volumes, nifti.read(f"{folder}/{name}.ground_truth.nii.gz")):
        complain(name, sentence)
    code, out, err = restage("info", f"{folder}/{name}")
    if "too few slices: 2" not in out:
        complain(name, f"info does not say that there are too few: {out}")
    name = "localizer/philips"
    code, out, err = restage("info", f"{folder}/{name}")
    if code != 0 or out.count("set aside") < 2 or "localizer" not in out or "dose report" not in out:
        complain(name, f"info: {out}")
    code, out, err = restage("run", f"{folder}/{name}", "-o", "packet-scout")
    if code != 66 or "localizer" not in err or "dose report" not in err:
        complain(name, f"run ends with {code}: {err}")


# ---- gantry tilt: every voxel against the positions in the headers ----------------------------------------------------


def headers(folder):
    """Slices along the normal: header, HU (column, row)."""
    found = []
    for file in sorted(glob.glob(f"{folder}/*")):
        header = pydicom.dcmread(file, stop_before_pixels=True)
        code, volumes, text = export(file)
        plain = volumes[0].closest_ras() if volumes else None
        found.append((header, volumes[0].values[..., 0].astype(float) if plain else None))
    row, column = np.array(found[0][0].ImageOrientationPatient, float).reshape(2, 3)
    normal = np.cross(row, column)
    found.sort(key=lambda s: float(np.dot(s[0].ImagePositionPatient, normal)))
    return found, row, column, normal


def seen_in(header, pixels, row, column, places):
    """Bilinear value of a slice at places (…, 3), and how much another kernel may differ; NaN outside."""
    at = places - np.array(header.ImagePositionPatient, float)
    i, j = at @ row / float(header.PixelSpacing[1]), at @ column / float(header.PixelSpacing[0])
    size = pixels.shape
    inside = (i > -0.002) & (i < size[0] - 0.998) & (j > -0.002) & (j < size[1] - 0.998)
    i0, j0 = np.floor(i + 0.002).astype(int), np.floor(j + 0.002).astype(int)
    t, u = np.clip(i - i0, 0, 1), np.clip(j - j0, 0, 1)

    def tap(a, b):
        return pixels[np.clip(i0 + a, 0, size[0] - 1), np.clip(j0 + b, 0, size[1] - 1)]

    value = (1 - t) * ((1 - u) * tap(0, 0) + u * tap(0, 1)) + t * ((1 - u) * tap(1, 0) + u * tap(1, 1))
    moved = (-1, 0, 1, 2) if np.abs(i - np.rint(i)).max() > 0.01 else (0,)
    taps = [tap(a, b) for a in moved for b in (-1, 0, 1, 2)]
    room = np.max(taps, 0) - np.min(taps, 0)
    return np.where(inside, value, np.nan), room


def check_leaning(name, folder, words):
    code, volumes, text = export(folder)
    if code != 0 or len(volumes) != 1:
        return complain(name, f"exit {code}: {text}")
    for word in words:
        if word not in text:
            complain(name, f'does not say "{word}": {text}')
    slices, row, column, normal = headers(folder)
    v = volumes[0]
    along = np.array([float(np.dot(h.ImagePositionPatient, normal)) for h, _ in slices])
    wrong_part, checked, differ = 0, 0, []
    for k in range(v.values.shape[2]):
        index = np.stack(np.mgrid[0 : v.values.shape[0] : 3, 0 : v.values.shape[1], k : k + 1], -1)[:, :, 0]
        places = v.lps_of(index)
        z = float(np.dot(places[0, 0], normal))
        above = min(max(1, int(np.searchsorted(along, z - 0.05))), len(along) - 1)
        share = min(max((z - along[above - 1]) / (along[above] - along[above - 1]), 0), 1)
        near = [(above - 1, 1 - share), (above, share)]
        near = [(s, w) for s, w in near if abs(along[s] - z) > 0.05] if min(abs(along - z)) > 0.05 else [(int(np.argmin(abs(along - z))), 1)]
        value, room = 0, 0
        for s, w in near:
            a, b = seen_in(*slices[s], row, column, places)
            value, room = value + w * a, room + w * b
        known = ~np.isnan(value)
        plane = v.values[::3, :, k]
        off = np.abs(plane - value)[known]
        differ.append(off)
        wrong_part += int((off > room[known] / 8 + 1.5).sum())
        checked += int(known.sum())
        if (plane[~known] != AIR).sum() > 0.001 * known.size:
            complain(name, f"slice {k} shows something where no slice does")
    mean = float(np.concatenate(differ).mean())
    if wrong_part > 1e-4 * checked or checked < 0.7 * v.values.size / 3:
        complain(name, f"{wrong_part} of {checked} voxels are not what the headers say lies there (mean {mean:.2f} HU)")
    print(f"{name}: {checked} voxels checked, {wrong_part} beyond the kernel's room, mean {mean:.2f} HU from bilinear")


def leaning(data):
    folder = f"{data}/geometry"
    check_leaning("ge-varying-spacing", f"{folder}/gantry-tilt/ge-varying-spacing", ["18.50 degrees", "1.08 to 7.00 mm apart"])
    check_leaning("philips-plus-16.5", f"{folder}/gantry-tilt/philips-plus-16.5", ["16.50 degrees"])
    check_leaning("11-sheared", f"{folder}/derived/11-sheared-0.8-mm-a-slice", ["14.93 degrees"])
    check_leaning("09-uneven", f"{folder}/derived/09-spacing-3-then-6-mm", ["3.00 to 6.00 mm apart"])


# ---- truth: voxel for voxel in patient space (section 4) --------------------------------------------------------------

GROUND_TRUTH = [
    "ge/anatomical",
    "ge/dti",
    "ge/dti-coronal",
    "ge/fmri-implicit",
    "ge/single-slice",
    "vendors/hitachi-oblique",
    "vendors/philips-dti",
    "vendors/philips-fmri-implicit",
    "vendors/pmod-non-square-pixels",
]
DCM2NIIX = [
    "vendors/canon-dwi",
    "vendors/philips-enhanced-fmri",
    "vendors/rt-utils-oriented",
    "vendors/siemens-mosaic",
    "vendors/uih-grid-dwi",
    "decubitus/HFDR",
]


def in_order_of(ours, affine):
    """Our volume with the axes in the order and the directions of another affine."""
    cosines = (ours.affine[:3, :3] / np.linalg.norm(ours.affine[:3, :3], axis=0)).T @ (affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0))
    order = [int(np.argmax(np.abs(cosines[:, a]))) for a in range(3)]
    values, turned = ours.values.transpose(order), ours.affine[:, order + [3]].copy()
    for a in range(3):
        if cosines[order[a], a] < 0:
            values = np.flip(values, a)
            turned[:3, 3] += turned[:3, a] * (values.shape[a] - 1)
            turned[:3, a] *= -1
    return nifti.Volume(values, turned)


def check_digest(name, volumes, truth):
    """dcm2niix's volume is known by affine and digest only: some order of our volumes has it."""
    affine = np.array(truth["affine_ras"])
    ours = [in_order_of(v, affine) for v in volumes]
    want = truth["shape"][3] if len(truth["shape"]) > 3 else 1
    if len(ours) != want:
        return complain(name, f"{len(ours)} volumes, not {want}")
    for v in ours:
        off = np.abs(v.affine[:3] - affine[:3]).max()
        if off > 1e-3:
            complain(name, f"the affine differs by {off:.4g} mm")
    kind = truth["dtype"]
    pieces = [np.asfortranarray(v.values).astype(kind).tobytes(order="F") for v in ours]
    orders = itertools.permutations(pieces) if want <= 4 else [pieces]
    if not any(hashlib.sha256(b"".join(p)).hexdigest() == truth["voxels_sha256"] for p in orders):
        complain(name, "voxels differ from dcm2niix's")


def truth(data):
    with open(f"{data}/truth-dcm2niix.json", encoding="utf-8") as f:
        listed = json.load(f)
    for name in GROUND_TRUTH:
        folder = f"{data}/geometry/{name}"
        code, volumes, text = export(folder)
        if code != 0:
            complain(name, f"exit {code}: {text}")
            continue
        # int16 at one slope cannot hold pmod's slopes, which differ by slice, better than this
        relative = 2e-5 if "pmod" in name else 0
        for sentence in nifti.pair(volumes, nifti.read(f"{folder}.ground_truth.nii.gz"), relative):
            complain(name, sentence)
    for name in DCM2NIIX:
        code, volumes, text = export(f"{data}/geometry/{name}", stored=True)
        if code != 0:
            complain(name, f"exit {code}: {text}")
            continue
        check_digest(name, volumes, listed[f"geometry/{name}"]["volumes"][0])


if __name__ == "__main__":
    {"made": made, "partly": partly, "derived": derived, "refused": refused, "leaning": leaning, "truth": truth}[sys.argv[1]](*sys.argv[2:])
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(bool(wrong))
