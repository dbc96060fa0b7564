"""Checks of test_objects.sh: objects.py made | pictures DATA | objects DATA | clinical DATA. DATA is the folder of the
real data; section numbers are those of conformance/INDEX.md."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np

import many_in_one as made
import nifti

RESTAGE = os.environ["RESTAGE"]
wrong = []


def complain(what, sentence):
    wrong.append(f"{what}: {sentence}")


def restage(*arguments):
    done = subprocess.run([RESTAGE, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def info(path):
    """The series that info lists, and everything it says of the input; exit 0 is expected."""
    code, out, err = restage("info", path, "--json")
    if code != 0:
        complain(path, f"info ends {code}: {err.strip()[:300]}")
        return [], {}
    found = json.loads(out)["inputs"][0]
    return found["series"], found


def volumes(path, *options, stored=True):
    """All volumes that export makes of a path, one file or several."""
    name = f"{sys.argv[1]}-{volumes.n}"
    volumes.n += 1
    os.mkdir(name)
    code, out, err = restage("export", path, "-o", f"{name}/v.nii", *options)
    if code != 0:
        complain(path, f"export ends {code}: {err.strip()[:300]}")
    files = [line.split(":")[0] for line in out.splitlines()]
    return [v for file in files if file.startswith(name) for v in nifti.read(file, stored)]


volumes.n = 0


def in_order_of(volume, affine):
    """The voxels in the order of an affine of the same grid, and the affine they then have."""
    have = volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
    want = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    along = have.T @ want
    order = [int(np.argmax(np.abs(along[:, a]))) for a in range(3)]
    values, turned = volume.values.transpose(order), volume.affine[:, order + [3]].copy()
    for a in range(3):
        if along[order[a], a] < 0:
            values = np.flip(values, a)
            turned[:3, 3] += turned[:3, a] * (values.shape[a] - 1)
            turned[:3, a] *= -1
    return values, turned


def same_as_listed(what, volume, listed):
    """A volume against its row of truth-dcm2niix.json: size, place, hash of the voxels."""
    affine = np.vstack([np.array(listed["affine_ras"]), [0, 0, 0, 1]])
    values, turned = in_order_of(volume, affine)
    shape = list(values.shape)
    if shape != listed["shape"][:3]:
        return complain(what, f"{shape} voxels, not {listed['shape']}")
    off = np.abs(turned - affine).max()
    if off > 1e-3:
        complain(what, f"the affine differs by {off:.4g} mm")
    digest = hashlib.sha256(np.asfortranarray(values).astype("<i2").tobytes("F")).hexdigest()
    if digest != listed["voxels_sha256"]:
        complain(what, "other voxels than listed")
    return None


# case: (attribute that tells volumes apart, slices of each volume, what a stored value becomes)
VOLUMES = {
    "enhanced-ct": (None, [12], lambda v, k: v - 1000),
    "enhanced-mr-echoes": ("EchoTime", [10] * 3, lambda v, k: v + k),
    "enhanced-mr-dwi": ("DiffusionBValue + DiffusionGradientOrientation", [8] * 4, None),
    "legacy-ct": (None, [10], lambda v, k: v - 1000),
    "legacy-mr": ("TemporalPositionIdentifier + EchoTime", [8] * 4, None),
    "mosaic": ("AcquisitionNumber", [11] * 2, None),
    "mosaic-first-layout": (None, [16], None),
    "several-studies": (None, [12], lambda v, k: v - 1000),
    "dce": ("TriggerTime", [8, 8, 8, 8, 6], None),
    "echoes-in-time": ("TemporalPositionIdentifier + EchoTime", [8] * 4, None),
    "by-number": ("InstanceNumber", [8] * 3, None),
    "rejected": (None, [10], None),
    "lookup": (None, [9], lambda v, k: 3 * np.clip(v, 20, 319)),
}
ASIDE = {"localizer": "localizer by its geometry: 3 images", "bolus": "bolus tracking: 6 images of one position"}


def differs(volume, t, change):
    """Where a volume is not the one that was made, as a sentence; None: nowhere."""
    index = np.stack(np.mgrid[tuple(slice(0, n) for n in volume.values.shape)], -1)
    off = volume.lps_of(index) - made.ORIGIN
    column, row, k = (off @ axis / mm for axis, mm in
                      ((made.U, made.COLUMN_MM), (made.V, made.ROW_MM), (made.N, made.STEP_MM)))
    whole = [np.rint(x).astype(int) for x in (column, row, k)]
    stray = max(np.abs(x - w).max() for x, w in zip((column, row, k), whole))
    if stray > 1e-3:
        return f"voxels lie {stray:.3g} voxels off their places"
    want = made.value(t, whole[2], whole[1], whole[0])
    want = want if change is None else change(want, whole[2])
    bad = np.abs(volume.values - want) > 1e-6
    return f"{bad.sum()} of {bad.size} voxels are wrong" if bad.any() else None


def check_made():
    for case, make in made.CASES.items():
        make(os.path.join("made", case))
    for case, (by, slices, change) in VOLUMES.items():
        path = os.path.join("made", case)
        series = [s for s in info(path)[0] if s["verdict"] != "set_aside"]
        if [s["slices"] for s in series] != slices or {s["split_by"] for s in series} != {by}:
            complain(case, f"{[(s['slices'], s['split_by'], s['reason']) for s in series]}")
        found = volumes(path, stored=False)
        if len(found) != len(slices):
            complain(case, f"export gives {len(found)} volumes, not {len(slices)}")
        for t, v in enumerate(found):
            sentence = differs(v, t, change)
            if sentence or v.values.size != made.ROWS * made.COLUMNS * slices[t]:
                complain(case, f"volume {t}: {sentence or v.values.shape}")
    for case, words in ASIDE.items():
        if [s["reason"][: len(words)] for s in info(os.path.join("made", case))[0]] != [words]:
            complain(case, "is not set aside by name")
    for case, words in (("frames-disagree", "10 frames, 9 groups"), ("one-too-many", "lie at one position"),
                        ("mosaic-long-normal", "SliceNormalVector is not the normal"),
                        ("mosaic-oblique-normal", "SliceNormalVector is not the normal")):
        code, _, err = restage("export", os.path.join("made", case), "-o", "never.nii")
        if code != 65 or words not in err:
            complain(case, f"exit {code}: {err}")
    incomplete = [n["sentence"] for n in info("made/dce")[0][-1]["notes"] if n["code"] == "incomplete_volume"]
    if incomplete != ["the volume has images at 6 of the 8 positions of its series"]:
        complain("dce", f"the unfinished time point is not named: {incomplete}")
    if not all("dynamic contrast-enhanced" in s["sequence"] for s in info("made/dce")[0]):
        complain("dce", "is not recognised as dynamic")
    shutil.copy("made/enhanced-ct/I0000", "made/enhanced-ct/again")
    notes = [n["sentence"] for n in info("made/enhanced-ct")[0][0]["notes"]]
    if notes != ["1 identical copy of a file was dropped from the series"]:
        complain("enhanced-ct", f"a copy of its file: {notes}")
    check_digest()
    check_directory()


def check_digest():
    """Every file that is used counts, whatever study it names itself."""
    digests = set()
    for name in ("made/several-studies", "changed/several-studies"):
        if name.startswith("changed"):
            made.CASES["several-studies"](name)
            with open(f"{name}/I0001", "r+b") as f:
                f.seek(-1, os.SEEK_END)
                f.write(b"\7")
        code, _, err = restage("run", name, "-o", name.split("/")[0] + "-packet")
        with open(name.split("/")[0] + "-packet/done.json", encoding="utf-8") as f:
            digests.add(json.load(f)["input_digest"])
    if len(digests) != 2:
        complain("several-studies", "its second file can change without the digest")


def check_directory():
    series, found = info("made/directory/DISK/DICOMDIR")
    notes = [n["sentence"] for n in found["notes"]]
    if [s["slices"] for s in series] != [9] or found["files"]["dicom"] != 9:
        complain("DICOMDIR", "does not give its 9 images")
    for words in ("2 records of the DICOMDIR name files that are not there",
                  "2 records of the DICOMDIR point outside its folder and are not followed"):
        if words not in notes:
            complain("DICOMDIR", f'does not say "{words}": {notes}')
    series, found = info("made/directory/DISK")
    if [s["slices"] for s in series] != [9] or found["files"]["links_not_followed"] != 1:
        complain("DICOMDIR", "its folder is not read as a folder")


NAMES = {
    "chrGerm": "Äneas^Rüdiger",
    "chrH31": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "chrJapMulti": "やまだ^たろう",
    "chrKoreanMulti": "김희중",
    "chrRuss": "Люкceмбypг",
    "chrX1": "Wang^XiaoDong=王^小東=",
    "chrX2": "Wang^XiaoDong=王^小东=",
}


def check_objects(data):
    """Section 8, and the localizer of section 4."""
    objects = os.path.join(data, "conformance", "objects")
    for path, more in (("dicomdir/DICOMDIR", 0), ("dicomdir", 1)):
        series, found = info(os.path.join(objects, path))
        if sum(s["slices"] for s in series) != 31 or found["files"]["dicom"] != 31 + more:
            complain(path, f"{sum(s['slices'] for s in series)} images of {found['files']['dicom']} files")
        if len({s["patient_id"] for s in series}) != 2:
            complain(path, "the images are not of 2 patients")
    for name, want in NAMES.items():
        got = info(os.path.join(objects, "charsets", name + ".dcm"))[0][0]["patient_name"]
        if got != want:
            complain(name, f"shown as {got}")
    reasons = {
        "pydicom/no_meta.dcm": "too few slices: 1",
        "pydicom/image_dfl.dcm": "secondary capture",
        "pydicom/CT_small.dcm": "too few slices: 1",
        "pydicom/MR_small.dcm": "too few slices: 1",
        "pydicom/rtdose.dcm": "radiotherapy dose",
        "pydicom/rtplan.dcm": "radiotherapy plan",
        "pydicom/ExplVR_LitEndNoMeta.dcm": "radiotherapy plan",
        "pydicom/test-SR.dcm": "structured report",
        "pydicom/reportsi.dcm": "structured report",
        "sr-highdicom": "structured report",
        "dicomdir-variants/DICOMDIR-empty.dcm": "directory of a medium",
        "no-pixel-data.dcm": "structured report",
        "no-pixel-spacing.dcm": "ultrasound",
    }
    for path, words in reasons.items():
        series = info(os.path.join(objects, path))[0]
        if not all((s["reason"] or "").startswith(words) for s in series):
            complain(path, f"{[s['reason'] for s in series]}, not {words}")
    got = sorted(s["reason"] for s in info(os.path.join(objects, "sr-tid1500-dcmqi"))[0])
    if got != ["segmentation (SEG), no images", "structured report, no images"]:
        complain("sr-tid1500-dcmqi", str(got))
    got = sorted((s["slices"], s["reason"]) for s in info(os.path.join(data, "conformance/geometry/localizer/philips"))[0])
    if got != [(1, "dose report, no images"), (2, "localizer, not slices of a volume")]:
        complain("localizer/philips", str(got))


def check_clinical(data):
    """Sequences by their attributes, and two studies in one folder."""
    want = {
        "prostatex-0000": ["T2-weighted turbo spin echo (TE 104 ms, TR 5660 ms)", "ADC map"],
        "sts-002": ["spin echo, T1-weighted by its description"],
    }
    for case, sequences in want.items():
        path = os.path.join(data, "clinical", case)
        series = [s for s in info(path)[0] if s["modality"] == "MR"]
        if [s["sequence"] for s in series] != sequences:
            complain(case, f"{[s['sequence'] for s in series]}")
        code, _, err = restage("run", path, "-o", case)
        report = json.load(open(f"{case}/report.json")) if code == 0 else {"series": [], "organs": []}
        if [s["sequence"] for s in report["series"] if s["sequence"]] != sequences:
            complain(case, f"run ends {code} and says {[s['sequence'] for s in report['series']]} {err}")
        if any(o["state"] != "not_assessed" or not o["reason"] for o in report["organs"]):
            complain(case, "an organ is not not_assessed with a reason")
    path = os.path.join(data, "clinical", "lungfcp-0001")
    studies = sorted({(s["modality"], s["study_instance_uid"]) for s in info(path)[0]})
    code, _, err = restage("run", path, "-o", "two-studies")
    if code != 65 or not all(uid in err for _, uid in studies) or len(studies) != 2:
        complain("lungfcp-0001", f"exit {code}: {err}")
    for (modality, uid), images in zip(studies, (71, 23)):
        code, out, err = restage("run", path, "-o", f"study-{modality}", "--study", uid, "--stop-after", "series")
        seen = [s for s in info(path)[0] if s["study_instance_uid"] == uid]
        if code != (0 if modality == "CT" else 66) or sum(s["slices"] for s in seen) != images:
            complain("lungfcp-0001", f"--study of the {modality}: exit {code}: {err}")


def check_pictures(data):
    """Sections 2 to 4: mosaics, grids and multi-frame images."""
    data = os.path.join(data, "conformance")
    truth = json.load(open(os.path.join(data, "truth-dcm2niix.json")))
    for name in "123456789":
        path = os.path.join(data, "transfer-syntax/mr-9-encodings/In", name + ".dcm")
        for v in volumes(path):
            same_as_listed("encoding " + name, v, truth["transfer-syntax/mr-9-encodings/In"]["volumes"][0])
    bits = {
        "12bitUnsigned": (0, 2908, 272.8551, "687ce09265e8e642"),
        "12bitUnsigned_0x0F0F": (0, 4095, 282.3412, "639d3147a355734d"),
        "12bitSigned_0x0F0F": (-2048, 2047, 265.9412, "ee7227f9a7255143"),
    }
    listed = truth["bits/12-bit-mr"]["volumes"][0]
    for name, (low, high, mean, digest) in bits.items():
        for v in volumes(os.path.join(data, "bits/12-bit-mr", name + ".dcm")):
            values, _ = in_order_of(v, np.vstack([np.array(listed["affine_ras"]), [0, 0, 0, 1]]))
            found = hashlib.sha256(values.astype("<i2").tobytes("F")).hexdigest()[:16]
            if (values.min(), values.max(), round(float(values.mean()), 4), found) != (low, high, mean, digest):
                complain(name, f"{values.min()} to {values.max()}, mean {values.mean():.4f}, {found}")
    for v in volumes(os.path.join(data, "geometry/vendors/siemens-mosaic")):
        same_as_listed("siemens-mosaic", v, truth["geometry/vendors/siemens-mosaic"]["volumes"][0])
    ref = nifti.read(os.path.join(data, "multiframe/siemens-xa10-4d.Ref.nii.gz"), True)
    for sentence in nifti.pair(volumes(os.path.join(data, "multiframe/siemens-xa10-4d")), ref):
        complain("siemens-xa10-4d", sentence)
    for folder, count in (("geometry/vendors/uih-grid-dwi", 2), ("geometry/vendors/philips-enhanced-fmri", 4)):
        found = volumes(os.path.join(data, folder))
        listed = truth[folder]["volumes"][0]
        if len(found) != count:
            complain(folder, f"{len(found)} volumes, not {count}")
            continue
        affine = np.vstack([np.array(listed["affine_ras"]), [0, 0, 0, 1]])
        values = np.stack([in_order_of(v, affine)[0] for v in found], 3)
        off = np.abs(in_order_of(found[0], affine)[1] - affine).max()
        if off > 1e-3:
            complain(folder, f"the affine differs by {off:.4g} mm")
        if hashlib.sha256(values.astype("<i2").tobytes("F")).hexdigest() != listed["voxels_sha256"]:
            complain(folder, "other voxels than listed")


CHECKS = {"made": check_made, "pictures": check_pictures, "objects": check_objects, "clinical": check_clinical}
CHECKS[sys.argv[1]](*sys.argv[2:])
for sentence in wrong:
    print("WRONG:", sentence)
sys.exit(bool(wrong))
