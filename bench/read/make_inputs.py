#!/usr/bin/python3
"""Makes the folders that are read: 300 slices uncompressed and in JPEG lossless, and 3,000 files of ten series.

    make_inputs.py SCAN WORK      SCAN: a folder of one CT series of at least 300 slices of 512 x 512
"""
import sys
from pathlib import Path

import gdcm
import pydicom

SLICES, SERIES = 300, 10


def convert(source, target, syntax):
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    if not reader.Read():
        sys.exit(f"{source} cannot be read")
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    if not change.Change():
        sys.exit(f"{source} cannot be converted")
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    if not writer.Write():
        sys.exit(f"{target} cannot be written")


def main():
    scan, work = Path(sys.argv[1]), Path(sys.argv[2])
    plain, packed, many = work / "plain", work / "jpeg-lossless", work / "many"
    for folder in (plain, packed, many):
        folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for path in sorted(p for p in scan.rglob("*") if p.is_file()):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
        except pydicom.errors.InvalidDicomError:
            continue
        if header.get("SOPClassUID") == "1.2.840.10008.5.1.4.1.1.2":
            sources.append((float(header.ImagePositionPatient[2]), path))
    sources.sort()
    if len(sources) < SLICES:
        sys.exit(f"{scan} has {len(sources)} slices, not {SLICES}")
    for k, (_, path) in enumerate(sources[:SLICES]):
        target = plain / f"{k:04d}.dcm"
        if not target.exists():
            convert(path, target, gdcm.TransferSyntax.ExplicitVRLittleEndian)
        if not (packed / target.name).exists():
            convert(target, packed / target.name, gdcm.TransferSyntax.JPEGLosslessProcess14_1)
        if (many / f"{SERIES - 1}-{k:04d}.dcm").exists():
            continue
        data = pydicom.dcmread(target)
        uids = data.SeriesInstanceUID, data.SOPInstanceUID
        for s in range(SERIES):
            data.SeriesInstanceUID = f"{uids[0][:58]}.{s + 1}"
            data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"{uids[1][:58]}.{s + 1}"
            data.SeriesNumber = s + 1
            data.save_as(many / f"{s}-{k:04d}.dcm")


main()
