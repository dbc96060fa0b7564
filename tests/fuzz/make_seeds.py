"""Makes the first seeds of every fuzz target, valid and slightly broken: make_seeds.py FOLDER. What a fuzzer found later
stands beside them under the name of its content's hash."""
import gzip
import os
import struct
import sys

import dicom_bytes as dicom
import hostile_objects as objects

ORDER = [dicom.RLE, dicom.JPEG, dicom.JPEG12, dicom.PROGRESSIVE, dicom.LOSSLESS57, dicom.LOSSLESS, dicom.JPEG_LS, dicom.NEAR,
         dicom.J2K]


def put(folder, target, name, data):
    os.makedirs(os.path.join(folder, target), exist_ok=True)
    with open(os.path.join(folder, target, name), "wb") as f:
        f.write(data)


def files():
    small = {dicom.EXPLICIT: "explicit", dicom.IMPLICIT: "implicit", dicom.BIG: "big", dicom.DEFLATED: "deflated",
             dicom.RLE: "rle", dicom.LOSSLESS: "jpeg-lossless", dicom.JPEG_LS: "jpeg-ls", dicom.J2K: "j2k",
             dicom.PROGRESSIVE: "jpeg-progressive"}
    for syntax, name in small.items():
        yield name, dicom.ct_file(syntax)
    yield "enhanced", dicom.enhanced_ct(2)
    yield "enhanced-jpeg", dicom.enhanced_ct(2, syntax=dicom.LOSSLESS)
    w = dicom.Writer()
    yield "un-sequence", dicom.ct_file(changes={0x00091010: w.head(0x00091010, "UN", dicom.UNDEFINED) +
                                                dicom.Writer(dicom.IMPLICIT).item(b"", True) + w.head(0xFFFEE0DD, "", 0)})
    bare = dicom.ct()
    bare[0x7FE00010] = dicom.pixels(dicom.EXPLICIT)
    yield "bare", w.join(bare)


def main():
    out = sys.argv[1]
    for name, data in files():
        put(out, "prescan", name, data)
        put(out, "study", name, data)
    for i, syntax in enumerate(ORDER):
        bits = 8 if syntax == dicom.JPEG else 12
        head = struct.pack("<BBBBIBB", i, bits > 8, bits - 1, 0, (dicom.ROWS - 1) | (dicom.COLUMNS - 1) << 16, 0, 0)
        put(out, "codestream", "stream-%d" % i, head + dicom.CODESTREAMS[syntax])
        put(out, "codestream", "fragments-%d" % i, head[:-1] + b"\1" + dicom.fragments([dicom.CODESTREAMS[syntax]] * 2))
    for name, cap in (("zeros", 18), ("text", 12)):
        raw = bytes(1 << 17) if name == "zeros" else b"some text " * 50
        put(out, "inflate", name + "-raw", bytes([cap]) + dicom.deflate(raw))
        put(out, "inflate", name + "-gzip", bytes([cap | 1]) + gzip.compress(raw, mtime=0))
    for kind in range(6):
        numbers = struct.pack("<4d", 1, -1024, 1, 0) + struct.pack("<ii", -2000, -1900)
        put(out, "pixels", "kind-%d" % kind, bytes([kind | 64, 1, 0, 1, 11]) + numbers + bytes(65) + dicom.picture()[:96])
    rows = [bytes([0, k, 0, 0, 0, k, 1, 0]) for k in range(12)]
    cases = {"even": rows, "gap": rows[:6] + rows[7:], "tilt": [bytes([2]) + r[1:] for r in rows],
             "jitter": [r[:2] + bytes([(k * 7) % 11]) + r[3:] for k, r in enumerate(rows)],
             "echoes": rows + [r[:6] + bytes([0x21]) + r[7:] for r in rows], "double": rows + rows[3:5],
             "uneven": [r[:1] + bytes([k * 2 if k > 6 else k]) + r[2:] for k, r in enumerate(rows)],
             "turned": rows[:6] + [r[:7] + b"\2" for r in rows[6:]], "no-place": rows[:3] + [rows[3][:7] + b"\xff"]}
    for name, records in cases.items():
        put(out, "geometry", name, b"".join(records))
    put(out, "masks", "rtstruct", objects.rtstruct())
    put(out, "masks", "rtstruct-crossing", objects.rtstruct([objects.contour(2, [(-5, -3, 5), (4, 3, 5), (4, -3, 5), (-5, 3, 5)])]))
    put(out, "masks", "seg", objects.seg())
    put(out, "masks", "seg-label", objects.seg(kind="LABELMAP", bits=8))
    small = b"\1\0" * (4 * 3 * 2)
    sizes = [(40, "8h", 3, 4, 3, 2, 1, 1, 1, 1)]
    put(out, "formats", "nifti", b"\0" + objects.nifti(sizes, small))
    put(out, "formats", "nifti-gz", b"\1" + gzip.compress(objects.nifti(sizes, small), mtime=0))
    put(out, "formats", "metaimage", b"\2" + objects.metaimage({"DimSize": "4 3 2"}, small))
    put(out, "formats", "metaimage-apart", b"\3" + objects.metaimage({"DimSize": "4 3 2", "ElementDataFile": "v.raw"}, b""))
    put(out, "formats", "nrrd", b"\4" + objects.nrrd({"sizes": "4 3 2"}, small))
    put(out, "formats", "nrrd-gzip", b"\4" + objects.nrrd({"sizes": "4 3 2", "encoding": "gzip"}, gzip.compress(small, mtime=0)))
    put(out, "formats", "nrrd-apart", b"\5" + objects.nrrd({"sizes": "4 3 2", "data file": "v.raw"}, b""))
    heading = b"seriesuid,coordX,coordY,coordZ,"
    put(out, "evaluate", "truth-csv", b"\0" + heading + b"diameter_mm\n1.2.3,1,2,3,6\n1.2.3,4,5,6,-1\n9.9,1,1,1,4.5\n")
    put(out, "evaluate", "truth-quotes", b"\0\xef\xbb\xbf" + heading.replace(b",", b"\t") + b'diameter_mm\r\n"1.2.3"\t1\t2\t3\t6\r\n')
    lesion = b'{"id": "L01", "lps_mm": [1, 2, 3], "equivalent_mm": 6, "volume_mm3": 113.1, "attachment": "free"}'
    for name, text in {"phantom": b'{"schema": "restage-truth-2", "kind": "phantom", "series_uid": "1.2.3", "lesions": [' + lesion +
                       b'], "irrelevant": [{"lps_mm": [4, 5, 6], "diameter_mm": 5, "what": "scar"}]}',
                       "annotations": b'{"series_instance_uid": "1.2.3", "lesions": [{"centre_lps_mm": [1, 2, 3], "diameter_mm": 6}]}'}.items():
        put(out, "evaluate", "truth-" + name, b"\1" + text)
    put(out, "evaluate", "marks", b"\2" + heading + b"probability\n1.2.3,1,2,4,0.9\n1.2.3,9,9,9,nan\n")
    put(out, "evaluate", "scans", b"\3" + b"1.2.3\n9.9\n")
    roi = b"<roi><imageZposition>3</imageZposition><imageSOP_UID>1.2</imageSOP_UID><inclusion>TRUE</inclusion>" + b"".join(
        b"<edgeMap><xCoord>%d</xCoord><yCoord>%d</yCoord></edgeMap>" % p for p in ((5, 5), (6, 5), (6, 6))) + b"</roi>"
    put(out, "evaluate", "lidc", b"\4" + b"<LidcReadMessage><ResponseHeader><SeriesInstanceUid>1.2.3</SeriesInstanceUid></ResponseHeader>"
        b"<readingSession><unblindedReadNodule><noduleID>N1</noduleID>" + roi + b"</unblindedReadNodule></readingSession></LidcReadMessage>")


main()
