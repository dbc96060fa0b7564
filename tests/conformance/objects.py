"""Checks of test_objects.sh: objects.py made | pictures DATA | objects DATA | clinical DATA. DATA is the folder of the
real data; section numbers are those of conformance/INDEX.md."""
import hashlib
import json
import os
import subprocess
import sys

import numpy as np

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
    name = f"v{volumes.n}"
    volumes.n += 1
    os.mkdir(name)
    code, out, err = restage("export", path, "-o", f"{name}/v.nii", *options)
    if code != 0:
        complain(path, f"export ends {code}: {err.strip()[:300]}")
    return [v for file in sorted(os.listdir(name)) for v in nifti.read(f"{name}/{file}", stored)]


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


CHECKS = {"pictures": check_pictures}
CHECKS[sys.argv[1]](*sys.argv[2:])
for sentence in wrong:
    print("WRONG:", sentence)
sys.exit(bool(wrong))
