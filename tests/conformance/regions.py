"""Regions as masks: other people's figures and masks, an even-odd fill of our own, and files made here.

    regions.py DATA     in a scratch folder, RESTAGE naming the program
"""
import copy
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import nifti

DATA, RESTAGE = sys.argv[1], os.environ["RESTAGE"]
REGIONS, CLINICAL = os.path.join(DATA, "conformance/regions"), os.path.join(DATA, "clinical")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
wrong = []


def check(good, text):
    if not good:
        wrong.append(text)


def call(*arguments):
    done = subprocess.run([RESTAGE, *arguments], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def draw(images, region, *more):
    """The printed JSON, and the labels that stand in the file (by slice, row, column)."""
    code, out, err = call("export", images, "--region", region, "-o", "drawn.nii", "--force", "--json", *more)
    if code != 0:
        check(False, f"{region}: exit {code}: {err}")
        return None, None
    volume = nifti.read("drawn.nii")[0]
    return {**json.loads(out), "stderr": err}, volume.values.transpose(2, 1, 0)


def refused(images, region, code, words, *more):
    got, _, err = call("export", images, "--region", region, "-o", "no.nii", *more)
    check(got == code and words in err, f"{region}: exit {got}, not {code} with '{words}': {err}")
    check(not os.path.exists("no.nii"), f"{region}: something was written")


def even_odd(images, structures, number):
    """Sorted crossings of every row, filled between pairs: planes found by z, axial images."""
    slices = sorted((float(s.ImagePositionPatient[2]), s) for s in images)
    first = slices[0][1]
    rows, columns = first.Rows, first.Columns
    dy, dx = map(float, first.PixelSpacing)
    x0, y0 = map(float, first.ImagePositionPatient[:2])
    mask = np.zeros((len(slices), rows, columns), bool)
    zs = np.array([z for z, _ in slices])
    for item in structures.ROIContourSequence:
        if item.ReferencedROINumber != number:
            continue
        planes = {}
        for contour in item.ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            planes.setdefault(int(np.argmin(np.abs(zs - points[0, 2]))), []).append(points)
        for k, contours in planes.items():
            for j in range(rows):
                crossings = []
                for p in contours:
                    x, y = (p[:, 0] - x0) / dx, (p[:, 1] - y0) / dy
                    xn, yn = np.roll(x, -1), np.roll(y, -1)
                    cut = (y <= j) != (yn <= j)
                    crossings.extend(x[cut] + (j - y[cut]) * (xn[cut] - x[cut]) / (yn[cut] - y[cut]))
                crossings.sort()
                for a, b in zip(crossings[::2], crossings[1::2]):
                    mask[k, j, max(0, int(np.ceil(a))) : max(0, int(np.ceil(b)))] = True
    return mask


def headers(folder):
    return [pydicom.dcmread(os.path.join(folder, f), stop_before_pixels=True) for f in sorted(os.listdir(folder))]


def near(value, truth, share, what):
    check(abs(value / truth - 1) <= share, f"{what}: {value}, not {truth}")


def structures_of_others():
    folder = os.path.join(REGIONS, "rtstruct-ibsi-ct")
    told, labels = draw(os.path.join(folder, "CT"), os.path.join(folder, "RTSTRUCT.dcm"))
    if told:
        region = told["regions"][0]
        near(1000 * region["volume_ml"], 358681.44, 0.01, "IBSI, mask")
        near(1000 * region["volume_ml"], 358661.46, 0.01, "IBSI, polygons")
        near(1000 * region["volume_in_file_ml"], 358661.46, 1e-6, "IBSI, area of the polygons")
        check(region["contours"] == 26 and region["left_out"] == 0, f"IBSI: {region}")
        truth = nifti.read(os.path.join(folder, "mask.nii.gz"))[0]
        ours = nifti.read("drawn.nii")[0]
        places = truth.lps_of(np.argwhere(truth.values > 0))
        index = np.round(ours.index_of(places)).astype(int)
        other = np.zeros(ours.values.shape, bool)
        other[tuple(index.T)] = True
        check(len(index) == 125256 and (other != (ours.values > 0)).sum() <= 4, "IBSI: not the published mask")
    for kind in ("CT", "MR_T1"):
        folder = os.path.join(CLINICAL, "sts-002")
        told, labels = draw(os.path.join(folder, kind), os.path.join(folder, f"RTSTRUCT_{kind}.dcm"))
        if told:
            with_gz = os.path.join(folder, f"mask_{kind}.nii.gz")
            truth = plain_nifti(with_gz)
            check(np.array_equal(truth > 0, labels > 0), f"sts-002 {kind}: not the mask of its authors")
            near(told["regions"][0]["volume_ml"], 53.27, 0.01, f"sts-002 {kind}")
    lung()


def plain_nifti(path):
    """Voxels of a file without a place."""
    import gzip
    import struct

    with gzip.open(path) as f:
        data = f.read()
    dim = struct.unpack("<8h", data[40:56])
    kind = nifti.TYPES[struct.unpack("<h", data[70:72])[0]]
    values = np.frombuffer(data, "<" + kind, dim[1] * dim[2] * dim[3], int(struct.unpack("<f", data[108:112])[0]))
    return values.reshape(dim[3], dim[2], dim[1])


def lung():
    """RTSTRUCT that names 23 images which are not there; figures of the INDEX, and our own fill."""
    folder = os.path.join(CLINICAL, "lung1-001")
    path = os.path.join(folder, "RTSTRUCT.dcm")
    images, structures = headers(os.path.join(folder, "CT")), pydicom.dcmread(path)
    truth_ml = {"GTV-1": (156.35, 156.32), "Spinal-Cord": (44.63, 44.68), "Lung-Left": (2269.40, 2276.66),
                "Lung-Right": (2960.62, 2966.32)}
    for more in (("--roi", "GTV-1"), ()):
        told, labels = draw(os.path.join(folder, "CT"), path, *more)
        for region in told["regions"] if told else ():
            for ml in truth_ml[region["name"]]:
                near(region["volume_ml"], ml, 0.01, f"lung1-001 {region['name']}")
        if told and more:
            differ = (even_odd(images, structures, 2) != (labels > 0)).sum()
            check(differ <= 3, f"lung1-001 GTV-1: {differ} voxels are not those of an even-odd fill")
        err = told["stderr"] if told else ""
    check("134 images, of which 23 are not in the study" in err, f"lung1-001: the missing images are not told: {err}")
    check("5982 voxels lie in more than one region" in err, f"lung1-001: shared voxels: {err}")


def segmentations_of_others():
    folder = os.path.join(REGIONS, "seg-liver-ct")
    told, labels = draw(os.path.join(folder, "CT"), os.path.join(folder, "liver.seg.dcm"))
    if told:
        counts = [int(n) for n in (labels > 0).sum((1, 2))]
        check(counts == [36233, 35645, 35220], f"liver: {counts}")
        _, nrrd = draw(os.path.join(folder, "CT"), os.path.join(folder, "liver_seg.nrrd"))
        check(nrrd is not None and np.array_equal(nrrd > 0, labels > 0), "liver: the NRRD says something else")
    folder = os.path.join(REGIONS, "seg-highdicom")
    told, labels = draw(os.path.join(folder, "ct_image.dcm"),
                        os.path.join(folder, "seg_image_ct_binary_single_frame.dcm"))
    if told:
        truth = pydicom.dcmread(os.path.join(folder, "seg_image_ct_binary_single_frame.dcm")).pixel_array
        check((labels > 0).sum() == 1832 and np.array_equal(labels[0] > 0, truth > 0), "highdicom: not 1832 voxels")
    folder = os.path.join(REGIONS, "seg-odd-size-23x38x3")
    for images in ("image", "multiframe"):
        told, labels = draw(os.path.join(folder, images), os.path.join(folder, "nrrd/label.nrrd"))
        if told:
            check((labels > 0).sum() == 322, f"odd size, {images}: {(labels > 0).sum()} voxels")
    for case, volumes in (("qin-0014", (5.9, 9.1)), ("qin-0028", (11.8, 19.01))):
        segs = os.path.join(CLINICAL, case, "SEG")
        for name in sorted(os.listdir(segs)):
            told, labels = draw(os.path.join(CLINICAL, case, "CT"), os.path.join(segs, name))
            if told:
                ml = told["regions"][0]["volume_ml"]
                check(volumes[0] - 0.06 <= ml <= volumes[1], f"{case} {name}: {ml} ml")


def seg_like(source, frames, kind, name):
    """A segmentation on the grid of a series of CT images; frames: (segment, slice or position along z, array)."""
    s = source[0]
    d = copy.deepcopy(s)
    for tag in ("SliceLocation", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"):
        if tag in d:
            delattr(d, tag)
    d.file_meta.MediaStorageSOPClassUID = d.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = "2.25.7"
    d.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SeriesInstanceUID, d.Modality, d.SegmentationType = "2.25.8", "SEG", kind
    bits = 1 if kind == "BINARY" else 8
    d.BitsAllocated = d.BitsStored = bits
    d.HighBit, d.PixelRepresentation, d.SamplesPerPixel = bits - 1, 0, 1
    d.NumberOfFrames = len(frames)
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = s.PixelSpacing, 1
    orientation.ImageOrientationPatient = s.ImageOrientationPatient
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    groups, segments = [], []
    for segment, z, _ in frames:
        group, position, identity = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [*s.ImagePositionPatient[:2], z]
        identity.ReferencedSegmentNumber = segment
        group.PlanePositionSequence, group.SegmentIdentificationSequence = Sequence([position]), Sequence([identity])
        groups.append(group)
    d.PerFrameFunctionalGroupsSequence = Sequence(groups)
    for number in (1, 2):
        segment = Dataset()
        segment.SegmentNumber, segment.SegmentLabel = number, f"segment {number}"
        segments.append(segment)
    d.SegmentSequence = Sequence(segments)
    values = np.concatenate([a.ravel() for _, _, a in frames]).astype(np.uint8)
    data = np.packbits(values, bitorder="little") if bits == 1 else values
    d.PixelData = data.tobytes() + b"\0" * (len(data) % 2)
    d["PixelData"].VR = "OB"
    d.save_as(name, write_like_original=False)


def segmentations_of_our_own():
    """23 x 38 pixels: frames that begin within a byte, a slice left out, segments that overlap, any order."""
    folder = os.path.join(REGIONS, "seg-odd-size-23x38x3/image")
    source = sorted(headers(folder), key=lambda s: float(s.ImagePositionPatient[2]))
    z = [float(s.ImagePositionPatient[2]) for s in source]
    pattern = [(np.add.outer(np.arange(38) * 5, np.arange(23) * 3) + 7 * f) % 11 < 4 for f in range(4)]
    frames = [(2, z[2], pattern[0]), (1, z[0], pattern[1]), (2, z[0], pattern[2]), (1, z[1], pattern[3])]
    seg_like(source, frames, "BINARY", "own.dcm")
    for roi, truth in (("segment 1", (pattern[1], pattern[3], None)), ("2", (pattern[2], None, pattern[0]))):
        told, labels = draw(folder, "own.dcm", "--roi", roi)
        for k in range(3 if told else 0):
            expected = truth[k] if truth[k] is not None else np.zeros((38, 23), bool)
            check(np.array_equal(labels[k] > 0, expected), f"own SEG, {roi}, slice {k}")
    told, labels = draw(folder, "own.dcm")
    if told:
        check(np.array_equal(labels[0], np.where(pattern[2], 2, np.where(pattern[1], 1, 0))), "own SEG: later on top")
        check(told["shared_voxels"] == (pattern[1] & pattern[2]).sum(), "own SEG: shared voxels")
    values = [np.where(p, 1, np.where(q, 2, 0)) for p, q in zip(pattern, pattern[1:])]
    seg_like(source, [(1, z[k], values[k]) for k in (1, 2, 0)], "LABELMAP", "map.dcm")
    told, labels = draw(folder, "map.dcm")
    if told:
        for k, value in zip((1, 2, 0), (1, 2, 0)):
            check(np.array_equal(labels[k], values[value]), f"label map, slice {k}")
    packed = pydicom.dcmread("map.dcm")
    packed.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    packed.save_as("packed.dcm")
    for more in ((), ("--sandbox", "off")):
        _, same = draw(folder, "packed.dcm", *more)
        check(same is not None and np.array_equal(same, labels), f"compressed label map, {more}")
    seg_like(source, [*frames[:2], (2, z[2], pattern[3])], "BINARY", "twice.dcm")
    refused(folder, "twice.dcm", 65, "show segment 2 at the same place")
    seg_like(source, [(1, z[0], pattern[0]), (1, z[1], pattern[1]), (1, z[1] + 0.4 * (z[1] - z[0]), pattern[2])],
             "BINARY", "uneven.dcm")
    refused(folder, "uneven.dcm", 65, "uneven distances")
    seg_like(source, [(5, z[0], pattern[0])], "BINARY", "unknown.dcm")
    refused(folder, "unknown.dcm", 65, "a segment that it does not describe")
    seg_like(source, frames, "FRACTIONAL", "fractional.dcm")
    refused(folder, "fractional.dcm", 65, "fractional segmentation")
    d = pydicom.dcmread("own.dcm")
    d.NumberOfFrames = 400
    d.save_as("lies.dcm")
    refused(folder, "lies.dcm", 65, "promises")


def contour(points, kind="CLOSED_PLANAR"):
    c = Dataset()
    c.ContourGeometricType, c.NumberOfContourPoints = kind, len(points)
    c.ContourData = ["%.6g" % v for p in points for v in p]
    return c


def structures_of_our_own():
    folder = os.path.join(REGIONS, "rtstruct-ibsi-ct")
    d = pydicom.dcmread(os.path.join(folder, "RTSTRUCT.dcm"))
    square = [(-20, -20), (20, -20), (20, 20), (-20, 20)]
    z = sorted(float(s.ImagePositionPatient[2]) for s in headers(os.path.join(folder, "CT")))
    origin = [float(v) for v in headers(os.path.join(folder, "CT"))[0].ImagePositionPatient]
    middle = [origin[0] + 100 * 0.977, origin[1] + 100 * 0.977]
    at = [(middle[0] + x, middle[1] + y) for x, y in square]

    def save(name, contours, edit=None):
        e = copy.deepcopy(d)
        e.ROIContourSequence[0].ContourSequence = Sequence(contours)
        if edit:
            edit(e)
        e.save_as(name)

    good = [contour([(x, y, s) for x, y in at]) for s in z[3:8]]
    save("good.dcm", good)
    told, labels = draw(os.path.join(folder, "CT"), "good.dcm")
    if told:
        near(told["regions"][0]["volume_in_file_ml"], 5 * 3 * 1600 / 1000, 1e-4, "square, polygons")
        near(told["regions"][0]["volume_ml"], 5 * 3 * 1600 / 1000, 0.02, "square")
    save("plane.dcm", good[:1])
    shown = call("info", "plane.dcm")[1]
    check("1 contours, volume unknown (one plane" in shown, f"one plane: {shown}")
    region = json.loads(call("info", "plane.dcm", "--json")[1])["inputs"][0]["regions"][0]
    check(region["volume_ml"] is None and "one plane" in region["volume_ml_reason"], f"one plane: {region}")
    told, _ = draw(os.path.join(folder, "CT"), "plane.dcm")
    if told:
        region = told["regions"][0]
        near(region["volume_ml"], 3 * 1600 / 1000, 0.02, "one plane, as drawn")
        check(region["volume_in_file_ml"] is None and "one plane" in region["volume_in_file_ml_reason"],
              f"one plane, as drawn: {region}")
    odd = copy.deepcopy(good[0])
    odd.ContourData = odd.ContourData[:-1]
    save("odd.dcm", [odd, *good[1:]])
    refused(os.path.join(folder, "CT"), "odd.dcm", 65, "no triples of numbers")
    first = ("%.6g" % at[0][0]).encode()
    with open("good.dcm", "rb") as f:
        data = f.read()
    with open("text.dcm", "wb") as f:
        f.write(data.replace(first + b"\\", first.replace(b".", b",") + b"\\", 1))
    refused(os.path.join(folder, "CT"), "text.dcm", 65, "no triples of numbers")
    leaning = [contour([(x, y, s + x / 10) for x, y in at]) for s in z[3:8]]
    save("leaning.dcm", leaning)
    refused(os.path.join(folder, "CT"), "leaning.dcm", 65, "drawn in other planes")
    far = contour([(1e9 + x, y, z[0]) for x, y in at])
    save("far.dcm", [far])
    refused(os.path.join(folder, "CT"), "far.dcm", 65, "a kilometre away")

    def forget(e):
        for name in ("ReferencedFrameOfReferenceSequence",):
            delattr(e, name)
        del e.StructureSetROISequence[0].ReferencedFrameOfReferenceUID

    save("forgets.dcm", good, forget)
    code, _, err = call("export", os.path.join(folder, "CT"), "--region", "forgets.dcm", "-o", "drawn.nii", "--force")
    check(code == 0 and "names no images" in err, f"RTSTRUCT without references: {code} {err}")

    frames_of_reference(folder, z)

    def empty(e):
        e.StructureSetROISequence = Sequence([])
        e.ROIContourSequence = Sequence([])

    save("empty.dcm", good, empty)
    refused(os.path.join(folder, "CT"), "empty.dcm", 66, "no region")


def series_like(folder, z, name, **changes):
    """Slices z of a series as another one; a file each in the folder `name`."""
    os.makedirs(name, exist_ok=True)
    for file in sorted(os.listdir(folder)):
        d = pydicom.dcmread(os.path.join(folder, file))
        if float(d.ImagePositionPatient[2]) not in z:
            continue
        d.SOPInstanceUID = f"{changes['SeriesInstanceUID']}.{len(os.listdir(name)) + 1}"
        d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
        for key, value in changes.items():
            setattr(d, key, value)
        d.save_as(os.path.join(name, d.SOPInstanceUID))


def frames_of_reference(folder, z):
    """good.dcm was drawn on the one of three series: the second shares its frame of reference, the third does not."""
    shutil.copytree(os.path.join(folder, "CT"), "visits")
    for file in os.listdir("visits"):
        os.chmod(os.path.join("visits", file), 0o644)
    series_like(os.path.join(folder, "CT"), z[:9], "visits", SeriesInstanceUID="2.25.71")
    series_like(os.path.join(folder, "CT"), z[:9], "visits", SeriesInstanceUID="2.25.72", FrameOfReferenceUID="2.25.73")
    uid = headers(os.path.join(folder, "CT"))[0].SeriesInstanceUID
    for series, words in ((uid, None), ("2.25.71", "drawn on another series of the same frame of reference")):
        told, labels = draw("visits", "good.dcm", "--series", series)
        if told:
            check((labels > 0).sum() > 0, f"{series}: nothing was drawn")
            check(("another series" in told["stderr"]) == bool(words) and (words or "") in told["stderr"],
                  f"{series}: {told['stderr']}")
    refused("visits", "good.dcm", 65, "has another one, 2.25.73", "--series", "2.25.72")
    for phase in (1, 2):
        series_like(os.path.join(folder, "CT"), z[:9], "phases", SeriesInstanceUID="2.25.74", AcquisitionNumber=phase,
                    TemporalPositionIdentifier=phase, SeriesNumber=phase)
    for more in ((), ("--volume", "2")):
        told, _ = draw("phases", "good.dcm", *more)
        if told:
            check(("drawn on volume 1 of the 2 of the series" in told["stderr"]) == (not more),
                  f"two volumes, {more}: {told['stderr']}")


structures_of_others()
segmentations_of_others()
segmentations_of_our_own()
structures_of_our_own()
for line in wrong:
    print("WRONG:", line)
sys.exit(1 if wrong else 0)
