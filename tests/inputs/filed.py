#!/usr/bin/python3
"""A series with another header, or of another build, for the tests of what files a packet.

    filed.py FROM TO CASE [FILE]    FROM: a folder with one axial CT series; TO: the folder to make

header FILE   patient and study elements of FILE, byte for byte
leaning       the planes lean by 15 degrees, the pixels stay
uneven        the distances of the slices vary by a twentieth
framed        one Enhanced CT object, its frames in random order
unframed      without FrameOfReferenceUID
shuffled      InstanceNumber does not follow the position
turned        sagittal planes: the same voxels cut another way
feet          feet first: the same voxels, columns run to the patient's right, numbers from the feet up
prone         on the belly: the same voxels, rows and columns the other way round
decubitus     on the right side: the same voxels, rows and columns exchanged
backwards     numbers and files from the last slice to the first
oblique       the patient turned by 12 and 7 degrees about two axes
magnetic      one Enhanced MR object of the same pixels
"""
import os
import random
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
# Of the modules Patient, General Study and Patient Study.
FILED = [0x00080005, 0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00081030, 0x00100010, 0x00100020, 0x00100021,
         0x00100030, 0x00100040, 0x00101000, 0x00101001, 0x00101010, 0x00101020, 0x00101030, 0x0020000D, 0x00200010]


def slices(folder):
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                found.append(pydicom.dcmread(os.path.join(root, name)))
            except pydicom.errors.InvalidDicomError:
                pass
    return sorted(found, key=lambda d: float(d.ImagePositionPatient[2]))


def save(d, folder, number):
    d.is_little_endian, d.is_implicit_VR = True, False
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.save_as(os.path.join(folder, f"I{number:04d}.dcm"), write_like_original=False)


def explicit_elements(path):
    """Tag to bytes of the value, of the short elements at the top of an explicit little endian file."""
    data = open(path, "rb").read()
    at, found = 132 + 12 + int.from_bytes(data[140:144], "little"), {}
    while at + 8 <= len(data):
        tag = int.from_bytes(data[at:at + 2], "little") << 16 | int.from_bytes(data[at + 2:at + 4], "little")
        if data[at + 4:at + 6] in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"UC", b"UR"):
            at += 12 + int.from_bytes(data[at + 8:at + 12], "little")
            continue
        n = int.from_bytes(data[at + 6:at + 8], "little")
        found[tag] = (data[at + 4:at + 6], data[at + 8:at + 8 + n])
        at += 8 + n
    return found


def splice(path, taken):
    """Replaces the elements FILED of a file by those taken, byte for byte."""
    data = open(path, "rb").read()
    at = begin = 132 + 12 + int.from_bytes(data[140:144], "little")
    parts = {}
    while at + 8 <= len(data):
        tag = int.from_bytes(data[at:at + 2], "little") << 16 | int.from_bytes(data[at + 2:at + 4], "little")
        if tag == 0x7FE00010:
            break
        long_form = data[at + 4:at + 6] in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"UC", b"UR")
        n = 12 + int.from_bytes(data[at + 8:at + 12], "little") if long_form else \
            8 + int.from_bytes(data[at + 6:at + 8], "little")
        if tag not in FILED:
            parts[tag] = data[at:at + n]
        at += n
    for tag, (vr, value) in taken.items():
        parts[tag] = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + vr + \
            len(value).to_bytes(2, "little") + value
    with open(path, "wb") as f:
        f.write(data[:begin] + b"".join(parts[tag] for tag in sorted(parts)) + data[at:])


def header(series, folder, source):
    taken = {tag: value for tag, value in explicit_elements(source).items() if tag in FILED}
    for number, d in enumerate(series):
        save(d, folder, number)
        splice(os.path.join(folder, f"I{number:04d}.dcm"), taken)


def leaning(series, folder, _):
    for number, d in enumerate(series):
        x, y, z = (float(v) for v in d.ImagePositionPatient)
        away = z - float(series[0].ImagePositionPatient[2])
        d.ImagePositionPatient = [f"{x:.4f}", f"{y + away * np.tan(np.radians(15)):.4f}", f"{z:.4f}"]
        save(d, folder, number)


def uneven(series, folder, _):
    step = float(series[1].ImagePositionPatient[2]) - float(series[0].ImagePositionPatient[2])
    for number, d in enumerate(series):
        x, y, z = (float(v) for v in d.ImagePositionPatient)
        d.ImagePositionPatient = [str(x), str(y), f"{z + 0.06 * step * np.sin(number):.3f}"]
        save(d, folder, number)


def unframed(series, folder, _):
    for number, d in enumerate(series):
        del d.FrameOfReferenceUID
        save(d, folder, number)


def shuffled(series, folder, _):
    numbers = list(range(1, len(series) + 1))
    random.Random(4).shuffle(numbers)
    for number, d in enumerate(series):
        d.InstanceNumber = numbers[number]
        save(d, folder, number)


def turned(series, folder, _):
    """Column j of the new planes runs down the body; plane i is column i of the old ones."""
    voxels = np.stack([d.pixel_array for d in series])  # k, j, i
    first, n = series[0], len(series)
    step = float(series[1].ImagePositionPatient[2]) - float(first.ImagePositionPatient[2])
    x, y, z = (float(v) for v in first.ImagePositionPatient)
    row_mm, column_mm = (float(v) for v in first.PixelSpacing)
    for i in range(voxels.shape[2]):
        d = pydicom.dcmread(first.filename)
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = f"{first.SeriesInstanceUID}"[:55] + f".{i + 1}"
        d.InstanceNumber = i + 1
        d.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        d.ImagePositionPatient = [f"{x + i * column_mm:.6f}", f"{y:.6f}", f"{z + (n - 1) * step:.6f}"]
        d.PixelSpacing, d.SliceThickness = [f"{step:.6f}", f"{row_mm:.6f}"], f"{column_mm:.6f}"
        plane = np.ascontiguousarray(voxels[::-1, :, i])
        d.Rows, d.Columns, d.PixelData = plane.shape[0], plane.shape[1], plane.tobytes()
        save(d, folder, i)


def place(d, plane, origin, row, column, spacing):
    """Another plane of pixels, and where it lies."""
    plane = np.ascontiguousarray(plane)
    d.ImagePositionPatient = [f"{v:.6f}" for v in origin]
    d.ImageOrientationPatient = [f"{v:.9f}" for v in (*row, *column)]
    d.PixelSpacing = [f"{v:.6f}" for v in spacing]
    d.Rows, d.Columns, d.PixelData = plane.shape[0], plane.shape[1], plane.tobytes()


def cut_anew(series, folder, position, reverse, cut):
    """cut(plane, origin, row, column, spacing of rows and columns) gives the same five of the new planes."""
    for number, d in enumerate(series):
        iop = np.float64(d.ImageOrientationPatient)
        place(d, *cut(d.pixel_array, np.float64(d.ImagePositionPatient), iop[:3], iop[3:], np.float64(d.PixelSpacing)))
        d.PatientPosition = position
        d.InstanceNumber = len(series) - number if reverse else number + 1
        save(d, folder, int(d.InstanceNumber))


def feet(series, folder, _):
    cut_anew(series, folder, "FFS", False, lambda p, o, r, c, mm: (
        p[:, ::-1], o + (p.shape[1] - 1) * mm[1] * r, -r, c, mm))


def prone(series, folder, _):
    cut_anew(series, folder, "HFP", True, lambda p, o, r, c, mm: (
        p[::-1, ::-1], o + (p.shape[1] - 1) * mm[1] * r + (p.shape[0] - 1) * mm[0] * c, -r, -c, mm))


def decubitus(series, folder, _):
    cut_anew(series, folder, "HFDR", True, lambda p, o, r, c, mm: (
        p[:, ::-1].T, o + (p.shape[1] - 1) * mm[1] * r, c, -r, mm[::-1]))


def backwards(series, folder, _):
    cut_anew(series, folder, "HFS", False, lambda *plane: plane)


def oblique(series, folder, _):
    (a, b), m = np.radians([12, 7]), np.eye(3)
    m = np.float64([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]) @ m
    m = np.float64([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]]) @ m
    cut_anew(series, folder, "HFS", False, lambda p, o, r, c, mm: (p, m @ o, m @ r, m @ c, mm))


def one(**attributes):
    item = Dataset()
    for name, value in attributes.items():
        setattr(item, name, value)
    return Sequence([item])


def framed(series, folder, _):
    multi_frame(series, folder, ENHANCED_CT)


def magnetic(series, folder, _):
    multi_frame(series, folder, ENHANCED_MR)


def multi_frame(series, folder, sop_class):
    first, order = series[0], list(range(len(series)))
    random.Random(7).shuffle(order)
    d = pydicom.dcmread(first.filename)
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = sop_class
    d.Modality = "MR" if sop_class == ENHANCED_MR else "CT"
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness",
                 "RescaleIntercept", "RescaleSlope", "RescaleType", "SpacingBetweenSlices", "SliceLocation"):
        if name in d:
            del d[name]
    shared, frames = Dataset(), []
    shared.PlaneOrientationSequence = one(ImageOrientationPatient=first.ImageOrientationPatient)
    shared.PixelMeasuresSequence = one(PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness)
    shared.PixelValueTransformationSequence = one(RescaleIntercept=first.RescaleIntercept,
                                                  RescaleSlope=first.RescaleSlope, RescaleType="HU")
    shared.CTImageFrameTypeSequence = one(FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
    for k in order:
        frame = Dataset()
        frame.PlanePositionSequence = one(ImagePositionPatient=series[k].ImagePositionPatient)
        frame.FrameContentSequence = one(FrameAcquisitionNumber=1)
        frames.append(frame)
    d.SharedFunctionalGroupsSequence, d.PerFrameFunctionalGroupsSequence = Sequence([shared]), Sequence(frames)
    d.NumberOfFrames, d.InstanceNumber = len(series), 1
    d.PixelData = b"".join(series[k].PixelData for k in order)
    save(d, folder, 0)


def main(argv):
    source, folder, case = argv[:3]
    os.makedirs(folder)
    globals()[case](slices(source), folder, argv[3] if len(argv) > 3 else None)


if __name__ == "__main__":
    main(sys.argv[1:])
