#!/usr/bin/python3
"""Studies of several series each, and which of them contract 9 chooses.

    several_series.py OUT        one folder a study, and OUT/expected.json

A coarse chest of numbers, no patient. expected.json, by study: used (SeriesNumber that is searched), why (SeriesNumber
-> regular expression on what is said of it), series (SeriesNumber -> SeriesInstanceUID).
"""
import hashlib, json, os, sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

PIXELS, MM, EXTENT_MM = 48, 7.5, 120.0
AXIAL, SAGITTAL, CORONAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]
SCANNED, LOCALIZER = ["ORIGINAL", "PRIMARY", "AXIAL"], ["ORIGINAL", "PRIMARY", "LOCALIZER"]
REFORMATTED = ["DERIVED", "SECONDARY", "REFORMATTED"]


def uid(*parts):
    return "2.25." + str(int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:30], 16))


def chest_hu(x, y, z):
    """HU at places in LPS mm: a body with two lungs, and a little grain."""
    hu = np.where((x / 150) ** 2 + (y / 105) ** 2 < 1, 45.0, -1000.0)
    for side in (-1, 1):
        inside = ((x - 70 * side) / 55) ** 2 + (y / 80) ** 2 + (z / 90) ** 2 < 1
        hu = np.where(inside, -860.0, hu)
    return hu + 9 * np.sin(12.9 * x + 78.2 * y + 37.7 * z)


def image(study, number, k, position, iop, mm, thickness, kernel, image_type, description):
    d = Dataset()
    d.SOPClassUID, d.Modality = "1.2.840.10008.5.1.4.1.1.2", "CT"
    d.SOPInstanceUID, d.ImageType = uid(study, number, description, k), image_type
    d.StudyInstanceUID, d.FrameOfReferenceUID = uid(study), uid(study, "frame")
    d.SeriesInstanceUID, d.SeriesNumber = uid(study, number, description), number
    d.StudyDate, d.StudyTime, d.PatientName, d.PatientID = "20260105", "101500", "Several^Series", "S1"
    d.AccessionNumber = d.StudyID = d.ReferringPhysicianName = d.PatientBirthDate = d.PatientSex = ""
    d.Manufacturer, d.SeriesDescription, d.PatientPosition, d.InstanceNumber = "NUMBERS", description, "HFS", k + 1
    d.KVP, d.SliceThickness = 120, thickness
    if kernel is not None:
        d.ConvolutionKernel = kernel
    d.ImagePositionPatient, d.ImageOrientationPatient = [round(float(p), 4) for p in position], iop
    d.PixelSpacing = [mm, mm]
    d.RescaleIntercept, d.RescaleSlope, d.RescaleType = -1024, 1, "HU"
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    return d


def save(d, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    d.file_meta = FileMetaDataset()
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    d.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    d.is_little_endian, d.is_implicit_VR, d.preamble = True, False, b"\0" * 128
    pydicom.dcmwrite(str(path), d, write_like_original=False)


def series(folder, study, number, thickness, kernel, spacing=None, n=None, iop=AXIAL, image_type=SCANNED, text="chest"):
    """Slices of one series, centred on the chest; n: how many, else as many as the extent holds."""
    spacing = spacing or thickness
    n = n or int(EXTENT_MM / spacing)
    row, column = np.array(iop[:3], float), np.array(iop[3:], float)
    normal = np.cross(row, column)
    half = MM * (PIXELS - 1) / 2
    step = MM * np.arange(PIXELS)
    for k in range(n):
        first = normal * spacing * (k - (n - 1) / 2) - (row + column) * half
        places = first[:, None, None] + row[:, None, None] * step[None, None, :] + column[:, None, None] * step[None, :, None]
        d = image(study, number, k, first, iop, MM, thickness, kernel, image_type, text)
        d.Rows = d.Columns = PIXELS
        d.PixelData = np.clip(np.rint(chest_hu(*places)) + 1024, 0, 4095).astype("<u2").tobytes()
        save(d, folder / ("s%s-%s-%03d.dcm" % (number, text.replace(" ", ""), k)))
    return uid(study, number, text)


THIN, SOFT, SCAN, MORE, LOW = ("has thinner slices", "has a softer kernel", "as they were scanned", "has more slices",
                               "has a lower series number")
# study -> (the number that is used, {number: (what is said of it, how the series is made)})
STUDIES = {
    "thin-thick-soft-sharp": (4, {2: (THIN, (5, "B30f")), 3: (THIN, (5, "B70f")), 4: ("", (1, "B30f")), 5: (SOFT, (1, "B70f"))}),
    "thin-sharp-thick-soft": (3, {2: (THIN, (5, "B30f")), 3: ("", (1, "B70f"))}),
    "three-and-five": (9, {2: (THIN, (5, "STANDARD")), 9: ("", (3, "LUNG"))}),
    "overlapping": (6, {2: (MORE, (1, "B30f")), 6: ("", (1, "B30f", 0.5)), 7: (THIN, (2, "B30f", 0.5))}),
    "apart": (3, {2: (THIN, (1, "B30f", 10)), 3: ("", (5, "B30f"))}),
    "same": (2, {8: (LOW, (2, "B30f")), 2: ("", (2, "B30f")), 5: (LOW, (2, "B31f"))}),
    "no-number": (7, {"": (LOW, (2, "B30f")), 7: ("", (2, "B30f"))}),
    "reformats": (3, {2: (SCAN, (1, "B30f", 1, 180, SAGITTAL, REFORMATTED)), 3: ("", (1, "B30f")),
                      4: (SCAN, (1, "B30f", 1, 150, CORONAL, REFORMATTED)), 5: (THIN, (3, "B30f", 3, None, SAGITTAL, REFORMATTED))}),
    "localizer": (2, {1: ("localizer", (6, "", 6, 1, CORONAL, LOCALIZER)), 2: ("", (2, "B30f")), 3: ("too few slices", (1, "B30f", 1, 5))}),
    "ge": (4, {3: (SOFT, (1.25, "LUNG")), 4: ("", (1.25, "STANDARD")), 5: (SOFT, (1.25, "BONEPLUS"))}),
    "philips": (4, {3: (SOFT, (1, "YC")), 4: ("", (1, "B"))}),
    "canon": (4, {3: (SOFT, (1, "FC51")), 4: ("", (1, "FC08"))}),
    "siemens": (4, {3: (SOFT, (1, ["Bl57d", "3"])), 4: ("", (1, ["Br32d", "3"])), 5: (SOFT, (1, ["Br44d", "3"])), 6: (SOFT, (1, None))}),
}


def main(argv):
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 64
    out, expected = Path(argv[0]), {}
    for study, (used, rows) in STUDIES.items():
        uids = {}
        for number, (_, how) in rows.items():
            uids[number] = series(out / study, study, number, *how)
        expected[study] = {"used": used, "why": {n: why for n, (why, _) in rows.items()}, "series": uids}
    out.mkdir(parents=True, exist_ok=True)
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
