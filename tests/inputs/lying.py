"""Small CT series of an object that is known in closed form, lying in every way that a scanner may make them lie.

lying.py OUT [CASE...]: a folder OUT/CASE for each. cases() tells how each lies, hu() what stands where (LPS, mm)."""
import os
import sys

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

COLUMNS, ROWS = 44, 36
COLUMN_MM, ROW_MM = 1.5, 1.25  # between columns, between rows
RAMP = np.array([3.0, -2.0, 1.5])  # HU a mm, exact under any interpolation
BALL_HU, BALL_MM = 600.0, 12.0  # a Gaussian ball at the middle
MIDDLE = np.array([20.0, -15.0, 40.0])


def hu(lps_mm, ball=True):
    """HU of the object at positions (..., 3)."""
    d = np.asarray(lps_mm, float) - MIDDLE
    value = d @ RAMP
    if ball:
        value = value + BALL_HU * np.exp(-0.5 * (d * d).sum(-1) / BALL_MM**2)
    return value


def turned(yaw_deg, pitch_deg):
    a, b = np.radians([yaw_deg, pitch_deg])
    yaw = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    m = yaw @ pitch
    return m[:, 0], m[:, 1]


X, Y, Z = np.eye(3)


def cases():
    """name: (row direction, column direction, steps along the normal, lean in mm a mm along row and column, slices
    that are not written)."""
    even, n = [3.0] * 15, (0.0, 0.0)
    tilt = turned(0, 18)
    return {
        "axial": (X, Y, even, n, ()),
        "feet-first": (-X, Y, even, n, ()),
        "prone": (-X, -Y, even, n, ()),
        "left-down": (Y, -X, even, n, ()),
        "flipped": (X, -Y, even, n, ()),
        "sagittal": (Y, -Z, even, n, ()),
        "coronal": (X, -Z, even, n, ()),
        "oblique": (*turned(25, 35), even, n, ()),
        "overlapping": (X, Y, [0.7] * 15, n, ()),
        # the table moves along z, the gantry leans: the normal is turned away from the step
        "tilted": (*tilt, [3.0] * 15, (0.0, float(np.tan(np.radians(18)))), ()),
        "tilted-back": (*turned(0, -23), [2.5] * 15, (0.0, -float(np.tan(np.radians(23)))), ()),
        "sheared": (X, Y, even, (0.21, 0.0), ()),
        "sheared-both-ways": (*turned(15, 20), [2.0] * 15, (-0.15, 0.3), ()),
        "uneven": (X, Y, [2.0] * 6 + [3.0] * 5 + [4.0] * 4, n, ()),
        "uneven-jitter": (X, Y, [3.0, 2.8, 3.2, 3.1, 2.7, 3.0, 3.3, 2.9, 3.0, 2.7, 3.1, 3.0, 2.9, 3.2, 3.0], n, ()),
        "steps-in-turn": (X, Y, [2.6, 3.4] * 7, n, ()),
        "uneven-oblique": (*turned(-30, 10), [3.0] * 8 + [1.4] + [3.6] * 5, n, ()),
        "tilted-and-uneven": (*tilt, [4.0] * 4 + [1.5] + [5.0] * 5, (0.0, float(np.tan(np.radians(18)))), ()),
        "gap": (X, Y, even, n, (5, 6, 11)),
        "tilted-with-gap": (*tilt, even, (0.0, float(np.tan(np.radians(18)))), (7,)),
        # refused
        "leans-too-far": (X, Y, even, (0.0, 0.62), ()),
        "hole": (X, Y, [3.0] * 7 + [7.4] + [3.0] * 7, n, ()),
        "one-slice-displaced": (X, Y, [3.0] * 7 + [4.2, 1.8] + [3.0] * 7, n, ()),
        "mixed-steps": (X, Y, [1.0] * 10 + [5.0] * 6, n, ()),
    }


def positions(case):
    """First pixels of all slices, those not written too."""
    row, column, steps, lean, _ = case
    normal = np.cross(row, column)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    start = MIDDLE - row * COLUMN_MM * COLUMNS / 2 - column * ROW_MM * ROWS / 2
    start = start - (normal + lean[0] * row + lean[1] * column) * along[-1] / 2
    return start + along[:, None] * (normal + lean[0] * row + lean[1] * column)


def plane(case, position):
    """Positions (ROWS, COLUMNS, 3) of the pixels of a slice."""
    row, column = case[0], case[1]
    j, i = np.mgrid[0:ROWS, 0:COLUMNS]
    return position + i[..., None] * COLUMN_MM * row + j[..., None] * ROW_MM * column


def write_slice(folder, case, k, position):
    uid = f"2.25.4711{k:03d}"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = os.path.join(folder, f"{k:03d}.dcm")
    d = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, uid
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = "2.25.47", "2.25.471", "2.25.472"
    d.PatientID, d.PatientName, d.Modality, d.SeriesNumber = "lying", "Lying^Known", "CT", 1
    d.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    d.InstanceNumber = k + 1
    d.ImagePositionPatient = [f"{v:.8f}"[:16] for v in position]
    d.ImageOrientationPatient = [f"{v:.10f}"[:16] for v in np.concatenate([case[0], case[1]])]
    d.PixelSpacing, d.SliceThickness = [ROW_MM, COLUMN_MM], 3
    d.Rows, d.Columns, d.SamplesPerPixel, d.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 16, 15, 1
    d.RescaleSlope, d.RescaleIntercept = 1, -1024
    d.PixelData = (np.rint(hu(plane(case, position))) + 1024).astype("<i2").tobytes()
    d.save_as(path, write_like_original=False)


def write(out, name):
    case = cases()[name]
    folder = os.path.join(out, name)
    os.makedirs(folder)
    for k, position in enumerate(positions(case)):
        if k not in case[4]:
            write_slice(folder, case, k, position)
    return folder


if __name__ == "__main__":
    for wanted in sys.argv[2:] or cases():
        write(sys.argv[1], wanted)
