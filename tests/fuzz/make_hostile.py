"""Makes hostile inputs, the same ones from the same seed, each in a folder of its own, and cases.json that lists them.

    make_hostile.py OUT [--seed N] [--small]      --small: none over 4 MB, no folder of 60,000 files

cases.json: [{kind, name, folder, call, must}]; call and must as in hostile_folders.py and hostile_kinds.py.
"""
import argparse
import json
import os
import random

import dicom_bytes as dicom
import hostile_folders
import hostile_kinds
import hostile_objects as objects
from hostile_kinds import EITHER

SMALL_BYTES = 4 << 20
FLIPS = 24


def bases():
    """(name, name of the file, bytes, call): valid ones, to be cut and flipped."""
    for name, syntax in (("explicit", dicom.EXPLICIT), ("implicit", dicom.IMPLICIT), ("big-endian", dicom.BIG),
                         ("deflated", dicom.DEFLATED), ("rle", dicom.RLE), ("jpeg-50", dicom.JPEG), ("jpeg-51", dicom.JPEG12),
                         ("jpeg-55", dicom.PROGRESSIVE), ("jpeg-57", dicom.LOSSLESS57), ("jpeg-70", dicom.LOSSLESS),
                         ("jpeg-ls", dicom.JPEG_LS), ("jpeg-ls-near", dicom.NEAR), ("j2k", dicom.J2K)):
        yield name, "x.dcm", dicom.ct_file(syntax), "path"
    yield "enhanced", "x.dcm", dicom.enhanced_ct(), "path"
    yield "enhanced-jpeg", "x.dcm", dicom.enhanced_ct(syntax=dicom.LOSSLESS), "path"
    yield "rtstruct", "region.dcm", objects.rtstruct(), "region"
    yield "seg", "region.dcm", objects.seg(), "region"
    yield "dicomdir", "DICOMDIR", objects.dicomdir(), "path"
    yield "nifti", "x.nii", objects.nifti(), "file"
    yield "metaimage", "x.mha", objects.metaimage(), "file"
    yield "nrrd", "x.nrrd", objects.nrrd(), "file"
    yield "nrrd-gzip", "x.nrrd", objects.nrrd({"encoding": "gzip"}), "file"


def element_starts(data):
    """Where elements of an explicit or implicit little-endian file begin, as far as a plain walk gets; every 24 bytes of
    anything else."""
    if data[128:132] != b"DICM":
        return list(range(0, min(len(data), 420), 12))
    pos, starts = 132, []
    while pos + 8 <= len(data):
        starts.append(pos)
        vr, long = data[pos + 4:pos + 6], data[pos + 4:pos + 6].decode("latin-1") in dicom.LONG
        if not (vr.isalpha() and vr.isupper()):
            length, head = int.from_bytes(data[pos + 4:pos + 8], "little"), 8
        elif long:
            length, head = int.from_bytes(data[pos + 8:pos + 12], "little"), 12
        else:
            length, head = int.from_bytes(data[pos + 6:pos + 8], "little"), 8
        inside = vr == b"SQ" or data[pos:pos + 2] == b"\xfe\xff" or length == dicom.UNDEFINED
        pos += head if inside else head + length
    return starts


def mutants(rng, data):
    starts = element_starts(data)
    for at in starts[::1 + len(starts) // 80]:
        yield "cut-%05d" % at, data[:at]
    for at in rng.sample(starts, min(12, len(starts))):
        yield "cut-inside-%05d" % (at + 5), data[:at + 5]
    for i in range(FLIPS):
        raw = bytearray(data)
        first = 0 if data[128:132] != b"DICM" else 132
        for _ in range(1 << rng.randrange(4)):
            raw[rng.randrange(first, len(raw))] ^= 1 << rng.randrange(8)
        yield "flip-%02d" % i, bytes(raw)
    for i in range(6):
        a, b = sorted(rng.sample(range(132, len(data)), 2))
        yield "removed-%d" % i, data[:a] + data[min(b, a + 64):]
        yield "doubled-%d" % i, data[:b] + data[max(a, b - 64):]


class Maker:
    def __init__(self, out, small):
        self.out, self.small, self.cases = out, small, []

    def add(self, kind, name, fill, call, must):
        folder = os.path.join(kind, name.replace("/", "_"))
        path = os.path.join(self.out, folder)
        os.makedirs(path)
        fill(path)
        self.cases.append({"kind": kind, "name": name, "folder": folder, "call": call, "must": must})

    def singles(self):
        for number, kind, maker in hostile_kinds.kinds():
            for name, data, must in maker():
                if not (self.small and len(data) > SMALL_BYTES):
                    self.add("%02d-%s" % (number, kind), name, hostile_folders.one("x.dcm", data), "path", must)

    def folders(self):
        for number, kind, maker in hostile_folders.KINDS:
            for name, fill, call, must in maker():
                if not (self.small and name == "files-60000"):
                    self.add("%02d-%s" % (number, kind), name, fill, call, must)

    def broken(self, seed):
        for base, name, data, call in bases():
            self.add("00-valid", base, hostile_folders.one(name, data), call, hostile_kinds.READ)
            rng = random.Random("%s %s" % (seed, base))
            for change, raw in mutants(rng, data):
                self.add("14-broken-" + base, change, hostile_folders.one(name, raw), call, EITHER)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    maker = Maker(args.out, args.small)
    hostile_kinds.LARGE = not args.small
    os.makedirs(args.out)
    os.makedirs(os.path.join(args.out, "study"))
    hostile_folders.study(os.path.join(args.out, "study"))
    maker.singles()
    maker.folders()
    maker.broken(args.seed)
    with open(os.path.join(args.out, "cases.json"), "w") as f:
        json.dump(maker.cases, f, indent=0)
    print("%d hostile inputs of %d kinds" % (len(maker.cases), len({c["kind"] for c in maker.cases})))


main()
