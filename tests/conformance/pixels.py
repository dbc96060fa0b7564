"""Series whose stored values are wide, floating, inverted for display or looked up: info, then export to NIfTI, compared
with the values that went in. MAKE FOLDER writes them; CHECK FOLDER compares FOLDER.nii."""
import os
import sys

import nibabel
import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

ROWS, COLUMNS, SLICES = 37, 22, 9
# name: (kind, CT, slope, intercept, photometric, largest error)
CASES = {
    "float-ct": ("float", True, 1, 0, "MONOCHROME2", 0.5),
    "double-ct": ("double", True, 2, -10, "MONOCHROME2", 0.5),
    "float-adc": ("float", False, 1, 0, "MONOCHROME2", 2.5e-8),
    "int32-ct": ("int32", True, 0.001, 0, "MONOCHROME2", 0.5),
    "int32-whole-ct": ("whole32", True, 1, -1024, "MONOCHROME2", 0),
    "int32-mr": ("int32", False, 1, 0, "MONOCHROME2", 10),
    "inverted-ct": ("uint16", True, 1, -1024, "MONOCHROME1", 0),
    "overlay-ct": ("overlay", True, 1, -1024, "MONOCHROME2", 0),
    "lookup-ct": ("lookup", True, 1, 0, "MONOCHROME2", 0),
}
REFUSED = {"nan-ct": ("nan", True, 1, 0, "MONOCHROME2", 0), "far-ct": ("far", True, 1, 0, "MONOCHROME2", 0)}
LUT = numpy.array([0, 500, 7, 40, 900, 65000], dtype="<u2")


def whole(ds, a, stored, signed):
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8 * a.itemsize, stored, stored - 1, signed
    ds.PixelData = a.tobytes()
    ds["PixelData"].VR = "OW"
    return a


def pixels(ds, kind, ct, noise):
    """Puts the stored values into the data set and returns what they are."""
    hu = noise * 1000 - 500
    if kind in ("float", "nan", "far"):
        a = (hu if ct else noise * 0.003).astype("<f4")
        if kind == "nan":
            a[3, 4] = numpy.nan
        if kind == "far":
            a[3, 4] = 1e6
        ds.BitsAllocated = 32
        ds.add_new(0x7FE00008, "OF", a.tobytes())
        return a
    if kind == "double":
        ds.BitsAllocated = 64
        ds.add_new(0x7FE00009, "OD", hu.astype("<f8").tobytes())
        return hu
    if kind == "int32":
        return whole(ds, (hu * 1000).astype("<i4"), 32, 1)
    if kind == "whole32":
        return whole(ds, (hu + 1024).astype("<u4"), 20, 0)
    if kind == "overlay":
        a = (hu + 1024).astype("<u2")
        whole(ds, a | (noise * 16).astype("<u2") << 12, 12, 0)
        return a
    if kind == "lookup":  # the descriptor has the VR of signed pixels, which is common
        a = whole(ds, (noise * 9).astype("<u2"), 16, 0)
        item = Dataset()
        item.add_new(0x00283002, "US", [len(LUT), 2, 16])
        item.ModalityLUTType = "HU"
        item.add_new(0x00283006, "OW", LUT.tobytes())
        ds.ModalityLUTSequence = [item]
        ds["ModalityLUTSequence"].value[0][0x00283002].VR = "SS"
        del ds.RescaleSlope, ds.RescaleIntercept
        return LUT[numpy.clip(a.astype(int) - 2, 0, len(LUT) - 1)]
    return whole(ds, (hu + 1024).astype("<u2"), 16, 0)


def make(folder, case):
    kind, ct, slope, intercept, photometric, _ = case
    os.makedirs(folder)
    random = numpy.random.default_rng(1)
    values = []
    for k in range(SLICES):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        ds = FileDataset("", {}, preamble=bytes(128), file_meta=meta)
        ds.is_little_endian, ds.is_implicit_VR = True, False
        ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1." + ("2" if ct else "4")
        ds.SOPInstanceUID = "2.25.%d" % (k + 1)
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "2.25.100", "2.25.101", "2.25.102"
        ds.Modality = "CT" if ct else "MR"
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"] if ct else ["DERIVED", "PRIMARY", "ADC"]
        ds.PatientID = ds.PatientName = "P"
        ds.SeriesNumber, ds.InstanceNumber = 1, k + 1
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [-32, -32, 2 * k], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceThickness = [1, 1], 2
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLUMNS, 1, photometric
        ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
        values.append(pixels(ds, kind, ct, random.random((ROWS, COLUMNS))) * float(slope) + intercept)
        ds.save_as("%s/%02d.dcm" % (folder, k), write_like_original=False)
    numpy.save(folder + ".npy", numpy.array(values))


def check(folder, most):
    image = nibabel.load(folder + ".nii")
    ras = nibabel.as_closest_canonical(image).get_fdata()
    lps = ras[::-1, ::-1].transpose(2, 1, 0)
    error = numpy.abs(lps - numpy.load(folder + ".npy")).max()
    if not error <= most * 1.01 + 1e-9 * abs(lps).max():
        sys.exit("%s: off by %g, more than %g" % (folder, error, most))


if sys.argv[1] == "make":
    for name, case in list(CASES.items()) + list(REFUSED.items()):
        make(name, case)
else:
    check(sys.argv[2], CASES[sys.argv[2]][5])
