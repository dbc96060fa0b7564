"""Changes the DICOM files of a folder, for the tests.

set FOLDER KEYWORD VALUE [KEYWORD VALUE ...]   the same value in every file
new FOLDER patient|study|series                new identifiers, as for another patient, study or series
turn FOLDER A B C                              turns the patient by three angles (degrees) about the axes
"""
import os
import sys

import numpy as np
import pydicom
from pydicom.uid import generate_uid


def files(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        try:
            yield path, pydicom.dcmread(path)
        except pydicom.errors.InvalidDicomError:
            pass


def set_values(folder, *pairs):
    for path, d in files(folder):
        for keyword, value in zip(pairs[::2], pairs[1::2]):
            setattr(d, keyword, value.split("\\") if "\\" in value else value)
        d.save_as(path)


def new(folder, what):
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for path, d in files(folder):
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        d.SeriesInstanceUID = series
        if what != "series":
            d.StudyInstanceUID = study
            d.FrameOfReferenceUID = frame
        if what == "patient":
            d.PatientID = "OTHER"
            d.PatientName = "Other^Patient"
        d.save_as(path)


def turn(folder, *angles):
    m = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(np.radians(float(angle))), np.sin(np.radians(float(angle)))
        r = np.eye(3)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        r[a, a], r[a, b], r[b, a], r[b, b] = c, -s, s, c
        m = r @ m
    for path, d in files(folder):
        row, column = np.array(d.ImageOrientationPatient, float).reshape(2, 3)
        d.ImageOrientationPatient = ["%.9f" % v for v in np.concatenate([m @ row, m @ column])]
        d.ImagePositionPatient = ["%.6f" % v for v in m @ np.array(d.ImagePositionPatient, float)]
        d.save_as(path)


def other_slope(d):
    stored = d.pixel_array.astype(float) * float(d.RescaleSlope) + float(d.RescaleIntercept)
    d.RescaleSlope, d.RescaleIntercept = "0.5", "-1024"
    d.PixelData = np.round((stored + 1024) / 0.5).astype(d.pixel_array.dtype).tobytes()


if __name__ == "__main__":
    {"set": set_values, "new": new, "turn": turn}[sys.argv[1]](*sys.argv[2:])
