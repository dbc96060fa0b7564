"""Valid RTSTRUCT, SEG, DICOMDIR and volume files, small, to be broken."""
import gzip
import struct

from dicom_bytes import COLUMNS, CT, EXPLICIT, ROWS, Writer, ct, file, meta, picture

W = Writer()
RTSTRUCT, SEG = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.66.4"
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
SLICES, PITCH_MM = 10, 2.5


def head(sop_class, instance, modality):
    e = ct()
    keep = (0x00080005, 0x00080020, 0x00080030, 0x00080070, 0x00100010, 0x00100020, 0x0020000D)
    e = {tag: e[tag] for tag in keep}
    e.update({0x00080016: ("UI", sop_class), 0x00080018: ("UI", instance), 0x00080060: ("CS", modality),
              0x0020000E: ("UI", instance + ".1"), 0x00200011: ("IS", "9"), 0x00200013: ("IS", "1")})
    return e


def contour(k, points=None, kind="CLOSED_PLANAR", count=None):
    z = k * PITCH_MM
    points = points or [(-5, -3, z), (4, -3, z), (4, 3, z), (-5, 3, z)]
    data = points if isinstance(points, str) else "\\".join("%g" % v for p in points for v in p)
    count = len(points) if count is None else count
    image = W.sequence(0x30060016, [W.join({0x00081150: ("UI", CT), 0x00081155: ("UI", "2.25.7%03d" % (k + 1))})])
    return W.join({0x30060016: image, 0x30060042: ("CS", kind), 0x30060046: ("IS", str(count)),
                   0x30060050: W.element(0x30060050, "DS", data) if len(data) < 65534 else
                   W.head(0x30060050, "DS", 65534) + data[:65534].encode()})


def rtstruct(contours=None, changes=None, roi_number="1", frame="2.25.503", series="2.25.502"):
    contours = [contour(k) for k in range(2, 6)] if contours is None else contours
    e = head(RTSTRUCT, "2.25.8100", "RTSTRUCT")
    images = W.sequence(0x30060016, [W.join({0x00081150: ("UI", CT), 0x00081155: ("UI", "2.25.7%03d" % (k + 1))})
                                     for k in range(SLICES)])
    of_series = W.sequence(0x30060014, [W.join({0x0020000E: ("UI", series), 0x30060016: images})])
    of_study = W.sequence(0x30060012, [W.join({0x00081150: ("UI", "1.2.840.10008.3.1.2.3.1"),
                                               0x00081155: ("UI", "2.25.501"), 0x30060014: of_series})])
    e.update({0x30060002: ("SH", "plan"),
              0x30060010: W.sequence(0x30060010, [W.join({0x00200052: ("UI", frame), 0x30060012: of_study})]),
              0x30060020: W.sequence(0x30060020, [W.join({0x30060022: ("IS", "1"), 0x30060024: ("UI", frame),
                                                          0x30060026: ("LO", "GTV"), 0x30060036: ("CS", "MANUAL")})]),
              0x30060039: W.sequence(0x30060039, [W.join({0x30060040: W.sequence(0x30060040, contours),
                                                          0x30060084: ("IS", roi_number)})])})
    e.update(changes or {})
    return file(EXPLICIT, W.join({t: v for t, v in e.items() if v is not None}), head=meta(EXPLICIT, RTSTRUCT, "2.25.8100"))


def seg(frames=4, groups=None, changes=None, kind="BINARY", bits=1, raw=None, segment=1):
    w = W
    code = w.join({0x00080100: ("SH", "M-01000"), 0x00080102: ("SH", "SRT"), 0x00080104: ("LO", "Abnormal")})
    segments = w.sequence(0x00620002, [w.join({0x00620003: w.sequence(0x00620003, [code]), 0x00620004: ("US", 1),
                                               0x00620005: ("LO", "Lesion"), 0x00620008: ("CS", "MANUAL"),
                                               0x0062000F: w.sequence(0x0062000F, [code])})])
    shared = (w.sequence(0x00209116, [w.join({0x00200037: ("DS", "1\\0\\0\\0\\1\\0")})]) +
              w.sequence(0x00289110, [w.join({0x00180050: ("DS", "2.5"), 0x00180088: ("DS", "2.5"),
                                              0x00280030: ("DS", "1\\1")})]))
    items = [w.sequence(0x00209111, [w.join({0x00209157: ("UL", [1, k + 1])})]) +
             w.sequence(0x00209113, [w.join({0x00200032: ("DS", "-8\\-6\\%g" % (PITCH_MM * k))})]) +
             w.sequence(0x0062000A, [w.join({0x0062000B: ("US", segment)})])
             for k in range(frames if groups is None else groups)]
    images = w.sequence(0x0008114A, [w.join({0x00081150: ("UI", CT), 0x00081155: ("UI", "2.25.7%03d" % (k + 1))})
                                     for k in range(SLICES)])
    e = head(SEG, "2.25.8200", "SEG")
    if raw is None:
        raw = b"\x3c\x3c" * (ROWS * COLUMNS // 16) * frames if bits == 1 else bytes(ROWS * COLUMNS * frames)
    e.update({0x00081115: w.sequence(0x00081115, [w.join({0x0008114A: images, 0x0020000E: ("UI", "2.25.502")})]),
              0x00200052: ("UI", "2.25.503"), 0x00280002: ("US", 1), 0x00280004: ("CS", "MONOCHROME2"),
              0x00280008: ("IS", str(frames)), 0x00280010: ("US", ROWS), 0x00280011: ("US", COLUMNS),
              0x00280100: ("US", bits), 0x00280101: ("US", bits), 0x00280102: ("US", bits - 1), 0x00280103: ("US", 0),
              0x00282110: ("CS", "00"), 0x00620001: ("CS", kind), 0x00620002: segments,
              0x52009229: w.sequence(0x52009229, [shared]), 0x52009230: w.sequence(0x52009230, items),
              0x7FE00010: w.element(0x7FE00010, "OB", raw)})
    e.update(changes or {})
    return file(EXPLICIT, w.join({t: v for t, v in e.items() if v is not None}), head=meta(EXPLICIT, SEG, "2.25.8200"))


def dicomdir(paths=("IMG0",), chain=None):
    """PATIENT > STUDY > SERIES > IMAGE…; chain(offsets) may change {index: (next, lower)}."""
    kinds = ["PATIENT", "STUDY", "SERIES"] + ["IMAGE"] * len(paths)

    def build(links):
        out, at = [], []
        before = (W.element(0x00041130, "CS", "SET ") + W.element(0x00041200, "UL", links["first"]) +
                  W.element(0x00041202, "UL", links["last"]) + W.element(0x00041212, "US", 0) + W.head(0x00041220, "SQ", 0))
        start = 132 + len(meta(EXPLICIT, MEDIA_DIRECTORY, "2.25.8300")) + len(before)
        for i, kind in enumerate(kinds):
            following, lower = links.get(i, (0, 0))
            e = {0x00041400: ("UL", following), 0x00041410: ("US", 0xFFFF), 0x00041420: ("UL", lower),
                 0x00041430: ("CS", kind)}
            if kind == "PATIENT":
                e.update({0x00100010: ("PN", "Nobody^Known"), 0x00100020: ("LO", "P1")})
            elif kind == "STUDY":
                e.update({0x0020000D: ("UI", "2.25.501"), 0x00080020: ("DA", "20240102")})
            elif kind == "SERIES":
                e.update({0x0020000E: ("UI", "2.25.502"), 0x00080060: ("CS", "CT")})
            else:
                name = paths[i - 3]
                e.update({0x00041500: ("CS", name), 0x00041510: ("UI", CT), 0x00041511: ("UI", "2.25.7%03d" % (i - 2)),
                          0x00041512: ("UI", EXPLICIT)})
            raw = W.item(W.join(e))
            at.append(start)
            start += len(raw)
            out.append(raw)
        items = b"".join(out)
        return before[:-12] + W.head(0x00041220, "SQ", len(items)) + items, at

    _, at = build({"first": 0, "last": 0})
    links = {"first": at[0], "last": at[0]}
    for i in range(len(kinds)):
        links[i] = (at[i + 1] if 3 <= i < len(kinds) - 1 else 0, at[i + 1] if i < 3 and i + 1 < len(kinds) else 0)
    if chain:
        chain(links, at)
    body, _ = build(links)
    return file(EXPLICIT, body, head=meta(EXPLICIT, MEDIA_DIRECTORY, "2.25.8300"))


def voxels():
    return picture() * SLICES


def nifti(changes=(), data=None, size=348):
    """changes: (offset, struct form, values…) put into the header."""
    h = bytearray(352)
    struct.pack_into("<i", h, 0, size)
    struct.pack_into("<8h", h, 40, 3, COLUMNS, ROWS, SLICES, 1, 1, 1, 1)
    struct.pack_into("<hh", h, 70, 4, 16)
    struct.pack_into("<8f", h, 76, 1, 1, 1, PITCH_MM, 0, 0, 0, 0)
    struct.pack_into("<fff", h, 108, 352, 1, -1024)
    h[123] = 10
    struct.pack_into("<hh", h, 252, 1, 1)
    struct.pack_into("<6f", h, 256, 0, 0, 0, 8, 6, 0)
    struct.pack_into("<12f", h, 280, -1, 0, 0, 8, 0, -1, 0, 6, 0, 0, PITCH_MM, 0)
    h[344:348] = b"n+1\0"
    for offset, form, *values in changes:
        struct.pack_into("<" + form, h, offset, *values)
    return bytes(h) + (voxels() if data is None else data)


METAIMAGE = {"ObjectType": "Image", "NDims": "3", "BinaryData": "True", "BinaryDataByteOrderMSB": "False",
             "CompressedData": "False", "TransformMatrix": "1 0 0 0 1 0 0 0 1", "Offset": "-8 -6 0",
             "ElementSpacing": "1 1 2.5", "DimSize": "%d %d %d" % (COLUMNS, ROWS, SLICES), "ElementType": "MET_SHORT",
             "ElementDataFile": "LOCAL"}


def metaimage(changes=None, data=None, more=""):
    fields = dict(METAIMAGE)
    fields.update(changes or {})
    text = more + "".join("%s = %s\n" % f for f in fields.items() if f[1] is not None)
    return text.encode("latin-1") + (voxels() if data is None else data)


NRRD = {"type": "short", "dimension": "3", "space": "left-posterior-superior",
        "sizes": "%d %d %d" % (COLUMNS, ROWS, SLICES), "space directions": "(1,0,0) (0,1,0) (0,0,2.5)",
        "kinds": "domain domain domain", "endian": "little", "encoding": "raw", "space origin": "(-8,-6,0)"}


def nrrd(changes=None, data=None, magic="NRRD0004", more=""):
    fields = dict(NRRD)
    fields.update(changes or {})
    text = magic + "\n" + more + "".join("%s: %s\n" % f for f in fields.items() if f[1] is not None) + "\n"
    if data is None:
        data = gzip.compress(voxels(), mtime=0) if fields.get("encoding") == "gzip" else voxels()
    return text.encode("latin-1") + data
