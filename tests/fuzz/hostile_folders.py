"""Hostile inputs that are more than one DICOM file, or none: folders, links, directories of media, volumes, JSON.

Each maker gets an empty folder, fills it, and returns nothing; a case is (name, maker, how it is called, what must
become of it). How: "path" (info, run, export of the folder), "file" (of the one file in it), "region" (export of a good study with this file as
--region), "context" (run of a good study with this file as --context).
"""
import gzip
import os
import zlib

import hostile_objects as objects
from dicom_bytes import CT, Writer, ct_file
from hostile_kinds import EITHER, READ, REFUSE

W = Writer()


def put(folder, name, data):
    with open(os.path.join(folder, name) if isinstance(name, str) else os.path.join(os.fsencode(folder), name), "wb") as f:
        f.write(data)


def study(folder, n=objects.SLICES, changes=None, first=0):
    for k in range(first, n):
        put(folder, "%03d.dcm" % k, ct_file(changes=changes, number=k + 1, z=objects.PITCH_MM * k))


def one(name, data):
    return lambda folder: put(folder, name, data)


def duplicates():
    def other(folder):
        study(folder)
        put(folder, "again.dcm", ct_file(changes={0x00281053: ("DS", "2")}, number=4, z=7.5))

    def same(folder):
        study(folder)
        put(folder, "again.dcm", ct_file(number=4, z=7.5))

    def elsewhere(folder):
        study(folder)
        put(folder, "again.dcm", ct_file(number=4, z=500))

    yield "same-bytes", same, "path", READ
    yield "other-bytes", other, "path", REFUSE
    yield "other-place", elsewhere, "path", REFUSE


def dicomdirs():
    names = ("IMG0", "IMG1")

    def make(paths=names, chain=None):
        def write(folder):
            for i, name in enumerate(names):
                put(folder, name, ct_file(number=i + 1, z=2.5 * i))
            put(folder, "DICOMDIR", objects.dicomdir(paths, chain))
        return write

    def self_loop(links, at):
        links[3] = (at[3], 0)

    def up_loop(links, at):
        links[3] = (0, at[0])

    def far(links, at):
        links[3] = (0xFFFFFFF0, 0x7FFFFFFF)

    def first_far(links, at):
        links["first"] = 0xFFFFFFFF

    yield "good", make(), "path", READ
    for name, path in (("absolute", "/etc/passwd"), ("dots", "..\\..\\..\\etc\\passwd"), ("dead", "NOT\\HERE"), ("empty", ""),
                       ("long", "A" * 4000), ("self", "DICOMDIR"), ("slash", "../IMG0"), ("folder", "."), ("device", "\\dev\\zero")):
        yield name, make((names[0], path)), "path", EITHER
    for name, chain in (("loop", self_loop), ("loop-up", up_loop), ("far", far), ("first-far", first_far)):
        yield name, make(chain=chain), "path", EITHER
    yield "5000-records", make(tuple(["IMG0"] * 5000)), "path", EITHER


def links():
    def loop(folder):
        study(folder, 2)
        os.symlink(".", os.path.join(folder, "loop"))
        os.symlink("nowhere", os.path.join(folder, "dead"))
        os.symlink("/dev/zero", os.path.join(folder, "zero.dcm"))
        os.symlink("/etc/passwd", os.path.join(folder, "passwd.dcm"))

    def fifo(folder):
        study(folder, 2)
        os.mkfifo(os.path.join(folder, "pipe.dcm"))
        os.mkdir(os.path.join(folder, "folder.dcm"))

    yield "loops", loop, "path", READ
    yield "fifo", fifo, "path", READ


def folders():
    def deep(levels):
        def write(folder):
            here = os.open(folder, os.O_RDONLY)
            for _ in range(levels):
                os.mkdir("d", dir_fd=here)
                below = os.open("d", os.O_RDONLY, dir_fd=here)
                os.close(here)
                here = below
            os.close(here)
            study(folder, 2)
        return write

    def many(folder):
        for i in range(60_000):
            put(folder, "%d" % i, b"")

    yield "depth-500", deep(500), "path", REFUSE
    yield "files-60000", many, "path", REFUSE


def studies():
    def patients(folder):
        study(folder)
        put(folder, "other.dcm", ct_file(changes={0x00100020: ("LO", "P2"), 0x0020000D: ("UI", "2.25.999"),
                                                  0x0020000E: ("UI", "2.25.998")}, number=99))

    def same_study(folder):
        study(folder)
        put(folder, "other.dcm", ct_file(changes={0x00100020: ("LO", "P2")}, number=99, z=25))

    yield "two-patients", patients, "path", REFUSE
    yield "two-patients-one-study", same_study, "path", REFUSE


def positions():
    def equal(folder):
        for k in range(300):
            put(folder, "%03d.dcm" % k, ct_file(number=k + 1, z=0))

    def far(folder):
        study(folder)
        put(folder, "far.dcm", ct_file(number=99, z=1000))

    def huge(folder):
        study(folder)
        put(folder, "far.dcm", ct_file(number=99, z=1e300))

    def mixed(folder):
        study(folder)
        put(folder, "turned.dcm", ct_file(changes={0x00200037: ("DS", "0\\1\\0\\0\\0\\-1")}, number=99, z=30))

    def sizes(folder):
        study(folder)
        put(folder, "other.dcm", ct_file(changes={0x00280010: ("US", 6), 0x00280011: ("US", 32)}, number=99, z=25))

    def first_bad(folder):
        study(folder, first=1)
        put(folder, "bad.dcm", ct_file(changes={0x00200032: ("DS", "nan\\0\\0")}, number=1))

    for name, maker in (("equal-300", equal), ("far", far), ("huge", huge), ("mixed-orientation", mixed), ("mixed-size", sizes),
                        ("one-nan", first_bad)):
        yield name, maker, "path", EITHER if name == "mixed-orientation" else REFUSE


def file_names():
    for i, name in enumerate((b"new\nline.dcm", b"\xff\xfe.dcm", b"a" * 255, b"-rf", b"\x1b[31m.dcm", b"%s%n.dcm", b" ", b"$(id).dcm")):
        def write(folder, name=name):
            put(folder, name, ct_file())
            put(folder, name[:250] + b".bad", ct_file()[:400])
        yield "name-%d" % i, write, "path", READ


def contexts():
    cases = {"empty": b"", "cut": b'{"bed": {', "deep": b"[" * 100_000, "deep-objects": b'{"a":' * 50_000, "duplicate": b'{"a":1,"a":2}',
             "big": b'{"a":"' + b"x" * (2 << 20) + b'"}', "nul": b'{"a\0b": 1}', "number": b'{"a": 1e999999}', "utf-8": b'{"a":"\xff\xfe"}',
             "surrogate": b'{"a":"\\ud800"}', "array": b"[1,2,3]", "unknown": b'{"no_such_field": 1}', "behind": b"{} {}",
             "nan": b'{"bed": {"position_lps_mm": [NaN,0,0]}}', "comment": b"/* */{}"}
    for name, data in cases.items():
        yield name, one("context.json", data), "context", EITHER


def volumes():
    bomb = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = bomb.compress(bytes(120 << 20)) + bomb.flush()
    good = objects.nifti()
    cases = {
        "nifti-good.nii": (good, READ), "nifti-good.nii.gz": (gzip.compress(good, mtime=0), READ),
        "nifti-size-0.nii": (objects.nifti(size=0), REFUSE), "nifti-size-540.nii": (objects.nifti(size=540), REFUSE),
        "nifti-dim-negative.nii": (objects.nifti([(42, "h", -16)]), REFUSE), "nifti-dim-0.nii": (objects.nifti([(44, "h", 0)]), REFUSE),
        "nifti-dim-huge.nii": (objects.nifti([(42, "3h", 32767, 32767, 32767)]), REFUSE),
        "nifti-dims-9.nii": (objects.nifti([(40, "h", 9)]), REFUSE), "nifti-dims-0.nii": (objects.nifti([(40, "h", 0)]), REFUSE),
        "nifti-dims-negative.nii": (objects.nifti([(40, "h", -3)]), REFUSE),
        "nifti-offset-negative.nii": (objects.nifti([(108, "f", -1e9)]), REFUSE),
        "nifti-offset-huge.nii": (objects.nifti([(108, "f", 1e30)]), REFUSE),
        "nifti-offset-nan.nii": (objects.nifti([(108, "f", float("nan"))]), REFUSE),
        "nifti-slope-nan.nii": (objects.nifti([(112, "f", float("nan"))]), EITHER),
        "nifti-slope-inf.nii": (objects.nifti([(112, "f", float("inf"))]), EITHER),
        "nifti-type-0.nii": (objects.nifti([(70, "hh", 0, 0)]), REFUSE), "nifti-type-rgb.nii": (objects.nifti([(70, "hh", 128, 24)]), REFUSE),
        "nifti-bits-lie.nii": (objects.nifti([(72, "h", 8)]), REFUSE), "nifti-pitch-0.nii": (objects.nifti([(80, "f", 0.0)]), EITHER),
        "nifti-sform-nan.nii": (objects.nifti([(280, "f", float("nan"))]), EITHER),
        "nifti-sform-flat.nii": (objects.nifti([(280, "12f", *[0.0] * 12)]), EITHER),
        "nifti-short.nii": (good[:400], REFUSE), "nifti-header-cut.nii": (good[:200], REFUSE), "nifti-zero.nii": (b"", REFUSE),
        "nifti-bomb.nii.gz": (bomb, REFUSE), "nifti-gz-cut.nii.gz": (gzip.compress(good, mtime=0)[:300], REFUSE),
        "nifti-gz-garbage.nii.gz": (b"\x1f\x8b\x08\0" + bytes(range(256)), REFUSE), "nifti-no-gz.nii.gz": (good, EITHER),
        "nifti-4d-huge.nii": (objects.nifti([(40, "8h", 4, 16, 12, 10, 32767, 1, 1, 1)]), REFUSE),
        "nifti-float-nan.nii": (objects.nifti([(70, "hh", 16, 32)], b"\0\0\xc0\x7f" * 1920), REFUSE),
        "nifti-big-magic.nii": (good[:344] + b"xyz\0" + good[348:], REFUSE),
        "meta-good.mha": (objects.metaimage(), READ), "meta-short.mha": (objects.metaimage(data=b"\0" * 100), REFUSE),
        "nrrd-good.nrrd": (objects.nrrd(), READ), "nrrd-good-gzip.nrrd": (objects.nrrd({"encoding": "gzip"}), READ),
        "nrrd-bomb.nrrd": (objects.nrrd({"encoding": "gzip"}, bomb), EITHER),
        "nrrd-long-line.nrrd": (objects.nrrd(more="# " + "x" * 2_000_000 + "\n"), EITHER),
        "nrrd-many-lines.nrrd": (objects.nrrd(more="# x\n" * 200_000), EITHER),
        "nrrd-magic.nrrd": (objects.nrrd(magic="NRRD9999"), EITHER), "nrrd-no-end.nrrd": (b"NRRD0004\ntype: short\n", REFUSE),
        "nrrd-short.nrrd": (objects.nrrd(data=b"\0"), REFUSE),
        "meta-many-lines.mha": (objects.metaimage(more="Comment = x\n" * 200_000), EITHER),
        "meta-no-end.mha": (b"ObjectType = Image\nNDims = 3\n" + b"A" * 100_000, REFUSE),
    }
    for field, values in (("DimSize", ("0 0 0", "-1 12 10", "16 12", "65536 65536 65536", "99999999999 1 1", "a b c", "16 12 10 5")),
                          ("NDims", ("0", "-3", "4", "99", "x")), ("ElementType", ("MET_NONE", "MET_DOUBLE", "", "MET_SHORT_ARRAY")),
                          ("ElementSpacing", ("0 1 1", "nan 1 1", "-1 1 1", "1e300 1 1")), ("TransformMatrix", ("1 0 0", "0 0 0 0 0 0 0 0 0", "nan 0 0 0 1 0 0 0 1")),
                          ("ElementDataFile", ("/etc/passwd", "../../../etc/passwd", "LIST", "%d.raw 1 10 1", "nowhere.raw", "", ".")),
                          ("HeaderSize", ("-1", "99999999999", "-2")), ("CompressedData", ("True",)), ("BinaryData", ("False",)),
                          ("ElementNumberOfChannels", ("3", "0", "-1"))):
        for i, value in enumerate(values):
            cases["meta-%s-%d.mha" % (field, i)] = (objects.metaimage({field: value}), EITHER)
    for field, values in (("sizes", ("0 0 0", "-1 12 10", "16 12", "4294967296 4294967296 16", "a b c", "16 12 10 4")),
                          ("dimension", ("0", "-1", "17", "4", "x")), ("type", ("block", "double", "", "short short")),
                          ("space directions", ("(0,0,0) (0,1,0) (0,0,2.5)", "(1,0,0)", "none none none", "(nan,0,0) (0,1,0) (0,0,1)", "(((")),
                          ("encoding", ("bzip2", "hex", "txt", "", "gzip")), ("endian", ("middle", "big")), ("space", ("scanner-xyz", "")),
                          ("byte skip", ("-1", "99999999999", "-5", "1")), ("line skip", ("1000000000", "-1")),
                          ("data file", ("/etc/passwd", "../../etc/passwd", "LIST", "slice%03d.raw 1 10 1", "x.nrrd"))):
        for i, value in enumerate(values):
            data = objects.voxels() if value in ("gzip", "hex", "txt", "bzip2") else None
            cases["nrrd-%s-%d.nrrd" % (field.replace(" ", "_"), i)] = (objects.nrrd({field: value}, data), EITHER)
    for name, (data, fate) in cases.items():
        yield name, one(name, data), "file", fate


def regions():
    contour, rt, seg = objects.contour, objects.rtstruct, objects.seg
    square = [(-5, -3, 5), (4, -3, 5), (4, 3, 5), (-5, 3, 5)]
    cases = {
        "rt-good": (rt(), READ), "rt-no-contours": (rt([]), EITHER), "rt-point": (rt([contour(2, [(0, 0, 5)], "POINT")]), EITHER),
        "rt-nan": (rt([contour(2, "nan\\0\\5\\1\\0\\5\\1\\1\\5", count=3)]), REFUSE), "rt-text": (rt([contour(2, "a\\b\\c", count=1)]), REFUSE),
        "rt-two-values": (rt([contour(2, "1\\2", count=1)]), REFUSE), "rt-count-lies": (rt([contour(2, square, count=2000000000)]), EITHER),
        "rt-count-negative": (rt([contour(2, square, count=-4)]), EITHER), "rt-huge": (rt([contour(2, [(-1e30, -1e30, 5), (1e30, -1e30, 5), (0, 1e30, 5)])]), EITHER),
        "rt-far": (rt([contour(2, [(1e6, 1e6, 5), (2e6, 1e6, 5), (1e6, 2e6, 5)])]), EITHER), "rt-leaning": (rt([contour(2, [(-5, -3, 0), (4, -3, 5), (4, 3, 20)])]), EITHER),
        "rt-other-frame": (rt(frame="2.25.1"), EITHER), "rt-other-series": (rt(series="2.25.1"), EITHER), "rt-roi-99": (rt(roi_number="99"), EITHER),
        "rt-roi-text": (rt(roi_number="x"), EITHER), "rt-5000": (rt([contour(k % 10) for k in range(5000)]), EITHER),
        "rt-long": (rt([contour(2, "\\".join(["1\\1\\5", "2\\1\\5", "2\\2\\5"] * 3000))]), EITHER), "rt-crossing": (rt([contour(2, [(-5, -3, 5), (4, 3, 5), (4, -3, 5), (-5, 3, 5)])]), READ),
        "rt-none": (rt(changes={0x30060020: None, 0x30060039: None}), REFUSE), "rt-no-references": (rt(changes={0x30060010: None}), EITHER),
        "seg-good": (seg(), READ), "seg-fractional": (seg(kind="FRACTIONAL", bits=8), REFUSE), "seg-8-bits": (seg(bits=8), EITHER),
        "seg-short": (seg(raw=b"\0" * 10), REFUSE), "seg-groups-fewer": (seg(groups=1), REFUSE), "seg-groups-more": (seg(groups=9), EITHER),
        "seg-groups-none": (seg(changes={0x52009230: None}), REFUSE), "seg-segment-9": (seg(segment=9), EITHER), "seg-segment-0": (seg(segment=0), EITHER),
        "seg-frames-huge": (seg(changes={0x00280008: ("IS", "2000000000")}), REFUSE), "seg-frames-0": (seg(changes={0x00280008: ("IS", "0")}), REFUSE),
        "seg-rows-huge": (seg(changes={0x00280010: ("US", 65535)}), REFUSE), "seg-no-segments": (seg(changes={0x00620002: None}), EITHER),
        "seg-other-frame": (seg(changes={0x00200052: ("UI", "2.25.1")}), EITHER), "seg-no-frame": (seg(changes={0x00200052: None}), EITHER),
        "ct": (ct_file(), REFUSE), "text": (b"hello", REFUSE), "zero": (b"", REFUSE),
    }
    for name, (data, fate) in cases.items():
        yield name, one("region.dcm", data), "region", fate


KINDS = ((32, "duplicates", duplicates), (35, "dicomdir", dicomdirs), (36, "links-and-pipes", links), (40, "folders", folders),
         (41, "studies", studies), (42, "positions", positions), (43, "file-names", file_names), (44, "context", contexts),
         (45, "volumes", volumes), (46, "regions", regions))
