#!/usr/bin/python3
"""Objects that hold many images, series that hold many volumes, and what goes with them.

    many_in_one.py OUT [CASE...]     a folder OUT/CASE for each

Every voxel is known: stored value, position and volume by value(), place() and CASES, which test scripts import.
"""
import os
import struct
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

ROWS, COLUMNS = 12, 16
ROW_MM, COLUMN_MM, STEP_MM = 1.5, 1.25, 3.0  # between rows, columns, slices
ANGLE = np.radians(12)
U = np.array([1.0, 0.0, 0.0])
V = np.array([0.0, np.cos(ANGLE), np.sin(ANGLE)])
N = np.cross(U, V)
ORIGIN = np.array([-21.0, 34.0, 5.0])
CT, ECT, LCT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2"
MR, EMR, LMR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.4.4"
KO = "1.2.840.10008.5.1.4.1.1.88.59"


def value(t, k, row, column):
    """Stored value of a voxel of volume t."""
    return 1000 * t + 31 * k + 7 * row + 3 * column


def plane(t, k, rows=ROWS, columns=COLUMNS):
    row, column = np.mgrid[0:rows, 0:columns]
    return value(t, k, row, column).astype("<u2")


def place(k):
    return ORIGIN + k * STEP_MM * N


def numbers(values):
    return [round(float(x), 6) for x in values]


class Maker:
    def __init__(self, folder, case, sop_class):
        self.folder, self.case, self.sop_class, self.n = folder, case, sop_class, 0
        os.makedirs(folder, exist_ok=True)

    def uid(self, *parts):
        return "2.25.77" + str(int.from_bytes("|".join(map(str, (self.case, *parts))).encode(), "big") % 10**30)

    def data_set(self, **attributes):
        d = Dataset()
        d.SOPClassUID, d.SOPInstanceUID = self.sop_class, self.uid("image", self.n)
        d.StudyInstanceUID, d.SeriesInstanceUID = self.uid("study"), self.uid("series")
        d.FrameOfReferenceUID, d.PatientID, d.PatientName = self.uid("frame"), "MANY", "Many^In One"
        d.Modality = "CT" if self.sop_class in (CT, ECT, LCT) else "MR"
        d.StudyDate, d.StudyTime, d.SeriesNumber, d.InstanceNumber = "20260105", "101500", 4, self.n + 1
        d.SeriesDescription, d.Manufacturer = self.case, "NUMBERS"
        for name, content in attributes.items():
            setattr(d, name, content)
        return d

    def save(self, d, pixels=None, name=None):
        if pixels is not None:
            d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
            d.Rows, d.Columns = pixels.shape[-2:]
            d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 16, 15, 0
            d.PixelData = pixels.astype("<u2").tobytes()
            d["PixelData"].VR = "OW"
        d.file_meta = FileMetaDataset()
        d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
        d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        d.is_little_endian, d.is_implicit_VR, d.preamble = True, False, b"\0" * 128
        d.save_as(os.path.join(self.folder, name or f"I{self.n:04d}"), write_like_original=False)
        self.n += 1

    def slice(self, t, k, **attributes):
        d = self.data_set(ImageType=["ORIGINAL", "PRIMARY", "M"], **attributes)
        if "ImagePositionPatient" not in attributes:
            d.ImagePositionPatient = numbers(place(k))
        if "ImageOrientationPatient" not in attributes:
            d.ImageOrientationPatient = numbers([*U, *V])
        d.PixelSpacing, d.SliceThickness = [ROW_MM, COLUMN_MM], STEP_MM
        if d.Modality == "CT":
            d.RescaleIntercept, d.RescaleSlope = 0, 1
        self.save(d, plane(t, k))
        return d


def item(**attributes):
    d = Dataset()
    for name, content in attributes.items():
        setattr(d, name, content)
    return d


def one(**attributes):
    return Sequence([item(**attributes)])


def shuffled(things, seed=5):
    things = list(things)
    np.random.RandomState(seed).shuffle(things)
    return things


def multi_frame(m, frames, per_frame, shared=None, **attributes):
    """frames: (t, k) in their order in the file; per_frame(t, k): a data set of functional groups."""
    d = m.data_set(ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], NumberOfFrames=len(frames), **attributes)
    common = shared or Dataset()
    common.PlaneOrientationSequence = one(ImageOrientationPatient=numbers([*U, *V]))
    common.PixelMeasuresSequence = one(PixelSpacing=[ROW_MM, COLUMN_MM], SliceThickness=STEP_MM)
    d.SharedFunctionalGroupsSequence = Sequence([common])
    groups = []
    for t, k in frames:
        g = per_frame(t, k)
        g.PlanePositionSequence = one(ImagePositionPatient=numbers(place(k)))
        groups.append(g)
    d.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return d, np.stack([plane(t, k) for t, k in frames])


def enhanced_ct(folder):
    m = Maker(folder, "enhanced-ct", ECT)
    shared = item(PixelValueTransformationSequence=one(RescaleIntercept=-1000, RescaleSlope=1, RescaleType="HU"),
                  CTReconstructionSequence=one(ConvolutionKernel="B30f"))
    m.save(*multi_frame(m, shuffled((0, k) for k in range(12)), lambda t, k: Dataset(), shared))


def enhanced_mr_echoes(folder):
    m = Maker(folder, "enhanced-mr-echoes", EMR)
    m.save(*multi_frame(m, shuffled((t, k) for t in range(3) for k in range(10)), lambda t, k: item(
        MREchoSequence=one(EffectiveEchoTime=[5.5, 20.0, 100.0][t]),
        PixelValueTransformationSequence=one(RescaleIntercept=k, RescaleSlope=1, RescaleType="US"))))


def enhanced_mr_dwi(folder):
    def groups(t, k):
        diffusion = item(DiffusionBValue=0.0 if t == 0 else 1000.0)
        if t:
            diffusion.DiffusionGradientDirectionSequence = one(DiffusionGradientOrientation=list(np.eye(3)[t - 1]))
        return item(MRDiffusionSequence=Sequence([diffusion]))

    m = Maker(folder, "enhanced-mr-dwi", EMR)
    m.save(*multi_frame(m, [(t, k) for k in range(8) for t in range(4)], groups, EchoPulseSequence="SPIN",
                        EchoPlanarPulseSequence="YES"))


def legacy_ct(folder):
    m = Maker(folder, "legacy-ct", LCT)
    shared = item(PixelValueTransformationSequence=one(RescaleIntercept=-1000, RescaleSlope=1, RescaleType="HU"),
                  UnassignedSharedConvertedAttributesSequence=one(ConvolutionKernel="B30f"))
    m.save(*multi_frame(m, shuffled(((0, k) for k in range(10)), 8), lambda t, k: item(
        UnassignedPerFrameConvertedAttributesSequence=one(InstanceNumber=k + 1)), shared))


def legacy_mr(folder):
    m = Maker(folder, "legacy-mr", LMR)
    m.save(*multi_frame(m, shuffled(((t, k) for t in range(4) for k in range(8)), 9), lambda t, k: item(
        UnassignedPerFrameConvertedAttributesSequence=one(EchoTime=[10, 80][t % 2],
                                                          TemporalPositionIdentifier=1 + t // 2))))


def frames_disagree(folder):
    m = Maker(folder, "frames-disagree", ECT)
    d, pixels = multi_frame(m, [(0, k) for k in range(10)], lambda t, k: Dataset())
    d.PerFrameFunctionalGroupsSequence = Sequence(list(d.PerFrameFunctionalGroupsSequence)[:9])
    m.save(d, pixels)


def csa(second, **entries):
    """A header as Siemens writes it; the first layout adds the first entry's number of values to every length."""
    out = (b"SV10\4\3\2\1" if second else b"") + struct.pack("<II", len(entries), 77)
    first = len(next(iter(entries.values())))
    for name, values in entries.items():
        out += name.encode().ljust(64, b"\0") + struct.pack("<i4siii", len(values), b"FD\0\0", 0, len(values), 77)
        for v in values:
            text = str(v).encode() + b"\0"
            lengths = (len(text),) * 4 if second else (len(text) + first, 1, 77, 1)
            out += struct.pack("<4i", *lengths) + text.ljust((len(text) + 3) // 4 * 4, b"\0")
    return out


def mosaic(folder, n=11, turned=True, second=True, times=2, told=None):
    """Slices 0 ... n - 1 in 4 x 4 tiles; turned: the header's normal points the other way. told: the normal that the
    header gives, if not that."""
    m = Maker(folder, os.path.basename(folder), MR)
    normal = -N if turned else N
    for t in range(times):
        picture = np.zeros((4 * ROWS, 4 * COLUMNS), "<u2")
        for tile in range(n):
            k = n - 1 - tile if turned else tile
            r, c = tile // 4 * ROWS, tile % 4 * COLUMNS
            picture[r : r + ROWS, c : c + COLUMNS] = plane(t, k)
        first = place(n - 1 if turned else 0)
        corner = first - U * COLUMN_MM * (4 * COLUMNS - COLUMNS) / 2 - V * ROW_MM * (4 * ROWS - ROWS) / 2
        d = m.data_set(ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"], SpacingBetweenSlices=STEP_MM,
                       PixelSpacing=[ROW_MM, COLUMN_MM], SliceThickness=STEP_MM - 0.5, AcquisitionNumber=t + 1)
        d.ImagePositionPatient, d.ImageOrientationPatient = numbers(corner), numbers([*U, *V])
        block = d.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
        block.add_new(0x10, "OB", csa(second, B_value=[0], NumberOfImagesInMosaic=[n],
                                      SliceNormalVector=[f"{x:.8f}" for x in (normal if told is None else told)]))
        m.save(d, picture)


def several_studies(folder):
    """Two files of six frames each, one series, but each file names a study of its own."""
    m = Maker(folder, "several-studies", ECT)
    for half in range(2):
        m.save(*multi_frame(m, [(0, k) for k in range(6 * half, 6 * half + 6)], lambda t, k: item(
            PixelValueTransformationSequence=one(RescaleIntercept=-1000, RescaleSlope=1, RescaleType="HU")),
            StudyInstanceUID=m.uid("study", half)))


def dce(folder):
    """Five time points told by TriggerTime alone; the last was not finished."""
    m = Maker(folder, "dce", MR)
    for t, k in shuffled((t, k) for t in range(5) for k in range(8 if t < 4 else 6)):
        m.slice(t, k, TriggerTime=1000.0 * t + 40, ScanningSequence="GR", SequenceVariant="SP", EchoTime=2.1,
                RepetitionTime=5.2, ContrastBolusAgent="Gadolinium", BodyPartExamined="PROSTATE")


def echoes_in_time(folder):
    m = Maker(folder, "echoes-in-time", MR)
    for t, k in shuffled((t, k) for t in range(4) for k in range(8)):
        m.slice(t, k, EchoTime=[10, 80][t % 2], TemporalPositionIdentifier=1 + t // 2)


def by_number(folder):
    """Nothing tells the volumes apart but the numbers of their images."""
    m = Maker(folder, "by-number", MR)
    for t in range(3):
        for k in range(8):
            m.slice(t, k)


def one_too_many(folder):
    m = Maker(folder, "one-too-many", MR)
    for t, k in [(0, k) for k in range(9)] + [(1, 4)]:
        m.slice(t, k)


def rejected(folder):
    """Two slices were taken twice; a note rejects the first take of each."""
    m = Maker(folder, "rejected", CT)
    bad = [m.slice(1, k).SOPInstanceUID for k in (3, 6)]
    for k in range(10):
        m.slice(0, k)
    m.sop_class = KO
    d = m.data_set(Modality="KO", SeriesInstanceUID=m.uid("note"),
                   ConceptNameCodeSequence=one(CodeValue="113001", CodingSchemeDesignator="DCM",
                                               CodeMeaning="Rejected for Quality Reasons"))
    d.CurrentRequestedProcedureEvidenceSequence = one(
        StudyInstanceUID=d.StudyInstanceUID,
        ReferencedSeriesSequence=one(SeriesInstanceUID=m.uid("series"), ReferencedSOPSequence=Sequence(
            [item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=u) for u in bad])))
    m.save(d)


def localizer(folder):
    m = Maker(folder, "localizer", MR)
    for k, iop in enumerate(([1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1])):
        m.slice(0, k, ImageOrientationPatient=iop)


def bolus(folder):
    m = Maker(folder, "bolus", CT)
    for t in range(6):
        m.slice(t, 0, AcquisitionTime=f"1015{10 + 2 * t}")


def lookup(folder):
    """A Modality LUT: stored value v means 3 * v - 500, cut off below 20 and above 319."""
    m = Maker(folder, "lookup", CT)
    for k in range(9):
        d = m.data_set(ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], PixelSpacing=[ROW_MM, COLUMN_MM],
                       ImagePositionPatient=numbers(place(k)), ImageOrientationPatient=numbers([*U, *V]))
        table = item(ModalityLUTType="US")
        table.add_new(0x00283002, "US", [300, 20, 16])
        table.add_new(0x00283006, "US", [3 * v for v in range(20, 320)])
        d.ModalityLUTSequence = Sequence([table])
        m.save(d, plane(0, k))


def directory(folder):
    """A DICOMDIR with what it should name, and what it must not."""
    m = Maker(os.path.join(folder, "DISK", "A"), "directory", CT)
    for k in range(9):
        m.slice(0, k)
    outside = Maker(os.path.join(folder, "OUTSIDE"), "outside", CT)
    outside.slice(0, 0)
    disk = os.path.join(folder, "DISK")
    os.symlink(os.path.join("..", "OUTSIDE"), os.path.join(disk, "LINK"))
    records = [["A", f"I{k:04d}"] for k in range(9)]
    records += [["A", "GONE"], ["..", "OUTSIDE", "I0000"], ["LINK", "I0000"], ["A", "..", "..", "OUTSIDE", "I0000"]]
    d = Dataset()
    d.FileSetID, d.FileSetConsistencyFlag = "TEST", 0
    d.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    d.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    d.DirectoryRecordSequence = Sequence([item(OffsetOfTheNextDirectoryRecord=0, RecordInUseFlag=0xFFFF,
                                               OffsetOfReferencedLowerLevelDirectoryEntity=0,
                                               DirectoryRecordType="IMAGE", ReferencedFileID=r) for r in records])
    d.file_meta = FileMetaDataset()
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = "1.2.840.10008.1.3.10", "2.25.1"
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.is_little_endian, d.is_implicit_VR, d.preamble = True, False, b"\0" * 128
    pydicom.filewriter.dcmwrite(os.path.join(disk, "DICOMDIR"), d, write_like_original=True)


CASES = {
    "enhanced-ct": enhanced_ct,
    "enhanced-mr-echoes": enhanced_mr_echoes,
    "enhanced-mr-dwi": enhanced_mr_dwi,
    "legacy-ct": legacy_ct,
    "legacy-mr": legacy_mr,
    "frames-disagree": frames_disagree,
    "mosaic": mosaic,
    "mosaic-first-layout": lambda folder: mosaic(folder, 16, False, False, 1),
    "mosaic-long-normal": lambda folder: mosaic(folder, told=2 * N),
    "mosaic-oblique-normal": lambda folder: mosaic(folder, told=np.cos(0.05) * N + np.sin(0.05) * U),
    "several-studies": several_studies,
    "dce": dce,
    "echoes-in-time": echoes_in_time,
    "by-number": by_number,
    "one-too-many": one_too_many,
    "rejected": rejected,
    "localizer": localizer,
    "bolus": bolus,
    "lookup": lookup,
    "directory": directory,
}

if __name__ == "__main__":
    for case in sys.argv[2:] or CASES:
        CASES[case](os.path.join(sys.argv[1], case))
