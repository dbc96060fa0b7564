"""Volume files: what other programs write is read, what is written other programs read, and lies are refused.

nifti              every type, byte order and version of NIfTI as nibabel writes them; 4-D and single slices
hostile FOLDER     makes files that must be refused, and prints NAME PATTERN for each
same DICOM MHD     two packets of one patient: the same marks
"""
import csv
import gzip
import json
import os
import struct
import subprocess
import sys

import numpy as np

RESTAGE = os.environ["RESTAGE"]
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])  # to and from RAS


def restage(*arguments):
    done = subprocess.run([RESTAGE, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("restage %s: %d %s" % (" ".join(arguments), done.returncode, done.stderr))
    return done


def metaimage(path):
    """Voxels (i, j, k) and RAS affine."""
    head, data = open(path, "rb").read().split(b"ElementDataFile = LOCAL\n", 1)
    f = dict(line.split(" = ") for line in head.decode().splitlines())
    axes = int(f["NDims"])
    v = np.frombuffer(data, {"MET_SHORT": "<i2", "MET_FLOAT": "<f4"}[f["ElementType"]])
    matrix = np.array(f["TransformMatrix"].split(), float).reshape(axes, axes)[:3, :3].T
    affine = np.eye(4)
    affine[:3, :3] = matrix * np.array(f["ElementSpacing"].split(), float)[:3]
    affine[:3, 3] = np.array(f["Offset"].split(), float)[:3]
    return v.reshape([int(n) for n in f["DimSize"].split()][::-1]).T, LPS @ affine


def check_same(a, affine_a, b, affine_b, tolerance, what):
    """The same values at the same places, whatever the order of the axes' directions."""
    index = np.stack(np.meshgrid(*[range(n) for n in a.shape], indexing="ij"), -1).reshape(-1, 3)
    world = index @ affine_a[:3, :3].T + affine_a[:3, 3]
    other = np.linalg.solve(affine_b[:3, :3], (world - affine_b[:3, 3]).T).T
    whole = other.round().astype(int)
    assert np.abs(other - whole).max() < 2e-3, what + ": another grid"
    assert (whole >= 0).all() and (whole < b.shape).all(), what + ": another box"
    apart = np.abs(a[tuple(index.T)].astype(float) - b[tuple(whole.T)]).max()
    assert apart <= tolerance, "%s: values differ by %g" % (what, apart)


def random_affine(rng):
    import nibabel
    q = rng.normal(size=4)
    affine = np.eye(4)
    affine[:3, :3] = nibabel.quaternions.quat2mat(q / np.linalg.norm(q)) * rng.uniform(0.5, 3, 3)
    affine[:3, :3] *= rng.choice([-1, 1], 3)  # of either hand
    affine[:3, 3] = rng.uniform(-200, 200, 3)
    return affine


def read_types(rng):
    import nibabel
    turn = 0
    for kind in ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8", "i8", "u8"]:
        for order in "<>":
            image = nibabel.Nifti2Image if turn % 4 == 3 else nibabel.Nifti1Image
            name = "in.nii.gz" if turn % 2 else "in.nii"
            low, high = (0, 127) if kind[1] == "1" else (0 if kind[0] == "u" else -1024, 3000)
            header = image.header_class(endianness=order)
            header.set_data_dtype(np.dtype(order + kind))
            affine = random_affine(rng)
            made = image(rng.integers(low, high, (7, 6, 9)).astype(kind), affine, header)
            made.header.set_sform(affine, 0 if turn % 3 == 0 else 1)
            made.header.set_qform(affine, 0 if turn % 3 == 1 else 1)
            nibabel.save(made, name)
            restage("export", name, "-o", "out.mha", "--force", "-q")
            theirs = nibabel.load(name)
            check_same(theirs.get_fdata(), theirs.affine, *metaimage("out.mha"), 0, "%s%s %s" % (order, kind, name))
            turn += 1


def read_values(rng):
    """Slope and offset are applied; floating values keep to half a step, and the step is said."""
    import nibabel
    affine = random_affine(rng)
    stored = rng.integers(-1000, 8000, (5, 6, 9)).astype("i2")
    made = nibabel.Nifti1Image(stored, affine)
    made.header.set_slope_inter(0.5, -1024)
    made.to_filename("in.nii")
    restage("export", "in.nii", "-o", "out.mha", "--force", "-q")
    theirs = nibabel.load("in.nii")
    check_same(theirs.get_fdata(), affine, *metaimage("out.mha"), 0, "slope")
    restage("export", "in.nii", "-o", "out.nii", "--force", "-q")
    back = nibabel.load("out.nii")
    check_same(theirs.get_fdata(), affine, back.get_fdata(), back.affine, 0, "slope, in NIfTI")

    values = rng.uniform(-1024, 3071, (5, 6, 9)).astype("f4")
    nibabel.save(nibabel.Nifti1Image(values, affine), "in.nii")
    said = restage("export", "in.nii", "-o", "out.mha", "--force").stderr
    assert "in steps of 0.0625" in said, said
    check_same(values, affine, *metaimage("out.mha"), 0.03125, "floats")


def read_notes(rng):
    import nibabel
    affine = random_affine(rng)
    other = affine.copy()
    other[:3, 3] += [0, 30, 0]
    made = nibabel.Nifti1Image(np.zeros((9, 8, 10), "i2"), affine)
    made.header.set_sform(affine, 1)
    made.header.set_qform(other, 1)
    nibabel.save(made, "in.nii")
    assert "30.0 mm" in restage("info", "in.nii").stdout, "sform and qform differ, and nobody says so"
    made.header.set_sform(affine, 0)
    made.header.set_qform(other, 0)
    data = bytearray(made.header.binaryblock) + bytes(4) + bytes(2 * 720)
    struct.pack_into("<2h", data, 252, 0, 0)
    struct.pack_into("<f", data, 108, 352)
    open("in.nii", "wb").write(data)
    assert "does not say how" in restage("info", "in.nii").stdout, "no direction, and nobody says so"


def write_volumes(rng):
    import nibabel
    affine = random_affine(rng)
    stored = rng.integers(-1000, 3000, (5, 6, 9, 3)).astype("i2")
    nibabel.save(nibabel.Nifti1Image(stored, affine), "many.nii")
    for name in ["out.nii", "out.nii.gz"]:
        said = restage("export", "many.nii", "-o", name, "--force").stdout
        assert "3 volumes" in said, said
        back = nibabel.load(name)
        assert back.shape[3] == 3 and np.abs(back.get_sform() - back.get_qform()).max() < 1e-3
        for v in range(3):
            check_same(stored[..., v], affine, back.get_fdata()[..., v], back.affine, 0, name)
    for name in ["again.mha", "again.nrrd"]:  # read by ourselves: the fourth axis comes back
        restage("export", "many.nii", "-o", name, "--force", "-q")
        restage("export", name, "-o", "out.mha", "--volume", "2", "--force", "-q")
        check_same(stored[..., 1], affine, *metaimage("out.mha"), 0, name)
    files = json.loads(restage("export", "many.nii", "-o", "out.tif", "--json").stdout)["files"]
    assert [f["file"] for f in files] == ["out_1.tif", "out_2.tif", "out_3.tif"], files
    raw = gzip.open("out.nii.gz").read()
    assert raw == open("out.nii", "rb").read(), "another file inside of .nii.gz"


def nifti():
    rng = np.random.default_rng(1)
    for part in [read_types, read_values, read_notes, write_volumes]:
        part(rng)


def nifti_bytes(n=(4, 4, 4), kind=4, bits=16, matrix=((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), at=352.0):
    h = bytearray(352)
    struct.pack_into("<i", h, 0, 348)
    struct.pack_into("<8h", h, 40, 3, *n, 1, 1, 1, 1)
    struct.pack_into("<2h", h, 70, kind, bits)
    struct.pack_into("<8f", h, 76, 1, 1, 1, 1, 0, 0, 0, 0)
    struct.pack_into("<3f", h, 108, at, 1, 0)
    struct.pack_into("<2h", h, 252, 0, 1)
    struct.pack_into("<12f", h, 280, *[x for row in matrix for x in row])
    h[344:348] = b"n+1\0"
    return bytes(h)


def hostile(folder):
    body = bytes(128)
    nrrd = "NRRD0004\ntype: short\ndimension: 3\nsizes: %s\nspacings: 1 1 1\nendian: little\nencoding: %s\n%s\n"
    meta = "NDims = 3\nDimSize = %s\nElementSpacing = 1 1 1\nElementType = %s\nElementDataFile = %s\n"
    nan = struct.pack("<64f", *[float("nan")] * 64)
    files = {
        "sheared.nii": (nifti_bytes(matrix=((1, 0.2, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))) + body, "right angles"),
        "negative.nii": (nifti_bytes(n=(4, -4, 4)) + body, r"dim\[2\]"),
        "huge.nii": (nifti_bytes(n=(8000, 8000, 15)) + body, "cut off"),
        "wide.nii": (nifti_bytes(n=(32767, 32767, 32767)) + body, "limit side"),
        "colours.nii": (nifti_bytes(kind=128, bits=24) + body, "type"),
        "offset.nii": (nifti_bytes(at=-1.0) + body, "vox_offset"),
        "far.nii": (nifti_bytes(at=3e38) + body, "vox_offset"),
        "nan.nii": (nifti_bytes(kind=16, bits=32) + nan, "no finite number"),
        "nan_matrix.nii": (nifti_bytes(matrix=((float("nan"), 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))) + body, "no number"),
        "bomb.nii.gz": (gzip.compress(nifti_bytes() + bytes(50000000)), "more than"),
        "hollow.nii.gz": (gzip.compress(nifti_bytes(n=(8000, 8000, 15)) + body), "compressed ones"),
        "torn.nii.gz": (gzip.compress(nifti_bytes() + body)[:-9], "end"),
        "not.nii.gz": (nifti_bytes() + body, "no gzip"),
        "away.mhd": ((meta % ("4 4 4", "MET_SHORT", "../raw")).encode(), "not beside it"),
        "root.mhd": ((meta % ("4 4 4", "MET_SHORT", "/etc/passwd")).encode(), "not beside it"),
        "many.mhd": ((meta % ("4 4 4", "MET_SHORT", "s%03d.raw 1 4 1")).encode(), "several files"),
        "negative.mha": ((meta % ("4 -4 4", "MET_SHORT", "LOCAL")).encode() + body, "DimSize"),
        "short.mha": ((meta % ("4 4 5", "MET_SHORT", "LOCAL")).encode() + body, "cut off"),
        "text.mha": (b"hello", "no MetaImage"),
        "huge.nrrd": ((nrrd % ("8192 8192 20000", "raw", "")).encode() + body, "more than"),
        "bomb.nrrd": ((nrrd % ("4 4 4", "gzip", "")).encode() + gzip.compress(bytes(50000000)), "more than"),
        "away.nhdr": ((nrrd % ("4 4 4", "raw", "data file: ../x\n")).encode(), "not beside it"),
        "axes.nrrd": ((nrrd % ("4 4 4 4", "raw", "")).encode() + body, "axes"),
    }
    os.makedirs(folder)
    for name, (data, pattern) in files.items():
        open(os.path.join(folder, name), "wb").write(data)
        print(name, pattern)


def same(dicom, mhd):
    rows = [list(csv.DictReader(open(os.path.join(p, "lesions.csv")))) for p in (dicom, mhd)]
    assert len(rows[0]) > 0, "a patient without marks shows nothing"
    assert len(rows[0]) == len(rows[1]), "%d and %d marks" % (len(rows[0]), len(rows[1]))
    named = {"seriesuid", "tracking_uid", "slice_number", "sop_instance_uid", "frame"}  # a file has no images
    for a, b in zip(*rows):
        for key in a.keys() - named:
            assert a[key] == b[key], "%s: %s is %s from DICOM and %s from the file" % (a["id"], key, a[key], b[key])
        assert b["slice_number"] == "" and b["sop_instance_uid"] == "", "a file numbers no images"


if __name__ == "__main__":
    {"nifti": nifti, "hostile": hostile, "same": same}[sys.argv[1]](*sys.argv[2:])
