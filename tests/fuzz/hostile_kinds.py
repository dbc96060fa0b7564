"""Hostile single DICOM files, by the numbered kinds of malformed input.

Each maker yields (name, bytes, what must become of it): READ, REFUSE, or EITHER.
"""
import struct

from dicom_bytes import (BIG, CODESTREAMS, CT, DEFLATED, EXPLICIT, IMPLICIT, J2K, JPEG, JPEG12, JPEG_LS, LOSSLESS,
                         PROGRESSIVE, RLE, UNDEFINED, Writer, ct, ct_file, deflate, enhanced_ct, file, fragments, meta,
                         picture, pixels)

READ, REFUSE, EITHER = "read", "refuse", "either"
W = Writer()
PIXELS = 0x7FE00010
LARGE = True  # make_hostile.py --small: False, and what takes long to make is left out


def body(changes=None):
    elements = ct()
    elements[PIXELS] = pixels(EXPLICIT)
    elements.update(changes or {})
    return W.join({tag: v for tag, v in elements.items() if v is not None})


def encapsulated(value, syntax=LOSSLESS, **more):
    """A CT file with these bytes as its encapsulated pixels."""
    return ct_file(syntax, dict({PIXELS: W.head(PIXELS, "OB", UNDEFINED) + value}, **more))


def k01_empty():
    yield "zero", b"", REFUSE
    yield "text", b"hello\n" * 40, REFUSE
    yield "preamble", bytes(128) + b"DICM", REFUSE
    yield "preamble-cut", bytes(128) + b"DIC", REFUSE
    yield "meta-only", bytes(128) + b"DICM" + meta(EXPLICIT), REFUSE
    yield "one-byte", b"D", REFUSE


def k02_no_preamble():
    yield "explicit", body(), READ
    implicit = ct()
    implicit[PIXELS] = pixels(IMPLICIT)
    yield "implicit", Writer(IMPLICIT).join(implicit), READ
    yield "meta-first", meta(EXPLICIT) + body(), READ


def k03_foreign_preamble():
    for name, head in (("tiff", b"II*\0\x08\0\0\0"), ("elf", b"\x7fELF\2\1\1"), ("pe", b"MZ\x90\0"),
                       ("script", b"#!/bin/sh\nid\n"), ("zip", b"PK\3\4"), ("ff", b"\xff" * 128)):
        yield name, ct_file(preamble=head.ljust(128, b"\0")[:128]), READ


def k04_meta_length():
    for n in (0, 1, 7, 2000, 0x7FFFFFFF, 0xFFFFFFFF):
        yield "length-%x" % n, file(EXPLICIT, body(), head=meta(EXPLICIT, group_length=n)), EITHER
    yield "element-beyond", bytes(128) + b"DICM" + W.head(0x00020010, "UI", 60000) + b"1.2", REFUSE


def k05_other_syntax():
    implicit = ct()
    implicit[PIXELS] = pixels(IMPLICIT)
    implicit = Writer(IMPLICIT).join(implicit)
    big = ct()
    big[PIXELS] = pixels(BIG)
    big = Writer(BIG).join(big)
    yield "implicit-as-explicit", file(EXPLICIT, implicit), EITHER
    yield "explicit-as-implicit", file(IMPLICIT, body()), EITHER
    yield "big-as-little", file(EXPLICIT, big), REFUSE
    yield "little-as-big", file(BIG, body()), REFUSE
    yield "raw-as-jpeg", file(LOSSLESS, body()), REFUSE
    yield "jpeg-as-raw", file(EXPLICIT, body({PIXELS: pixels(LOSSLESS)})), REFUSE
    yield "jpeg-as-rle", ct_file(RLE, raw=CODESTREAMS[LOSSLESS]), REFUSE
    yield "rle-as-j2k", ct_file(J2K, raw=CODESTREAMS[RLE]), REFUSE
    yield "j2k-as-jpeg-ls", ct_file(JPEG_LS, raw=CODESTREAMS[J2K]), REFUSE
    yield "deflated-as-raw", file(EXPLICIT, deflate(body())), REFUSE
    yield "raw-as-deflated", file(DEFLATED, b"").replace(deflate(b""), b"") + body(), REFUSE


def k06_unknown_syntax():
    for name, uid in (("unknown", "1.2.840.10008.1.2.4.999"), ("private", "1.3.46.670589.33.1.4.1"), ("empty", ""),
                      ("control", "1.2\x1b[31m.840"), ("long", "1." * 60), ("slash", "../../etc/passwd"),
                      ("format", "%s%s%n%n"), ("mpeg", "1.2.840.10008.1.2.4.100")):
        yield name, file(EXPLICIT, body(), head=meta(uid)), REFUSE


def k07_length_beyond():
    for name, raw in (("ut-4gb", W.head(0x00081060, "UT", 0xFFFFFFFE)), ("pn-64k", W.head(0x00081060, "PN", 0xFFFF)),
                      ("un-2gb", W.head(0x00091010, "UN", 0x7FFFFFFF)), ("sq-4gb", W.head(0x00081110, "SQ", 0xFFFFFFF0)),
                      ("ob-1gb", W.head(0x00091011, "OB", 1 << 30)), ("ow-undefined", W.head(0x00091011, "OW", UNDEFINED)),
                      ("lo-undefined", W.head(0x00091012, "UT", UNDEFINED))):
        yield name, ct_file(changes={0x00091010: raw + b"ab"}), REFUSE
    for name, n in (("pixels-2gb", 0x7FFFFFF0), ("pixels-4gb", 0xFFFFFFFE), ("pixels-one-more", 385)):
        yield name, ct_file(changes={PIXELS: W.head(PIXELS, "OW", n) + picture()}), REFUSE


def k08_items():
    inner = W.element(0x00080100, "SH", "A")
    tag = 0x00081110
    cases = {
        "item-longer": W.head(tag, "SQ", 20) + W.head(0xFFFEE000, "", 400) + inner,
        "never-closed": W.head(tag, "SQ", UNDEFINED) + W.head(0xFFFEE000, "", UNDEFINED) + inner,
        "item-never-closed": W.head(tag, "SQ", 40) + W.head(0xFFFEE000, "", UNDEFINED) + inner,
        "no-items": W.head(tag, "SQ", len(inner)) + inner,
        "stray-item": W.head(0xFFFEE000, "", 0), "stray-end": W.head(0xFFFEE0DD, "", 0),
        "stray-item-end": W.head(0xFFFEE00D, "", 0), "end-with-length": W.head(tag, "SQ", UNDEFINED) +
        W.head(0xFFFEE0DD, "", 64),
    }
    for name, raw in cases.items():
        yield name, ct_file(changes={tag: raw}), EITHER if name in ("no-items", "end-with-length") else REFUSE
    yield "one-byte-too-long", ct_file(changes={tag: W.head(tag, "SQ", 9 + len(inner)) + W.item(inner)}), REFUSE
    for name in ("never-closed", "stray-item", "no-items"):
        yield name + "-behind-pixels", ct_file() + cases[name], EITHER


def nested(depth, how):
    w = Writer(IMPLICIT if how == "implicit" else EXPLICIT)
    tag, vr = 0x00081110, "UN" if how == "un" else "SQ"
    if how in ("undefined", "implicit", "un"):
        inside = Writer(IMPLICIT) if how == "un" else w
        opened = inside.head(tag, "SQ", UNDEFINED) + inside.head(0xFFFEE000, "", UNDEFINED)
        closed = w.head(0xFFFEE00D, "", 0) + w.head(0xFFFEE0DD, "", 0)
        first = w.head(tag, vr, UNDEFINED) + w.head(0xFFFEE000, "", UNDEFINED)
        return first + opened * (depth - 1) + closed * depth
    heads, n = [], 0
    for _ in range(depth):
        heads.append(w.head(tag, vr, n + 8) + w.head(0xFFFEE000, "", n))
        n += 20
    return b"".join(reversed(heads))


def k09_nesting():
    for how in ("undefined", "defined", "implicit", "un"):
        for depth in (32, 33, 100, 6000, 50000):
            syntax = IMPLICIT if how == "implicit" else EXPLICIT
            yield "%s-%d" % (how, depth), ct_file(syntax, {0x00081110: nested(depth, how)}), \
                READ if depth == 32 else REFUSE


def k10_counts():
    empty = W.head(0xFFFEE000, "", 0)
    for n in (300_000, 1_000_000, 5_000_000)[:3 if LARGE else 1]:
        yield "items-%d" % n, ct_file(changes={0x00081110: W.head(0x00081110, "SQ", 8 * n) + empty * n}), \
            READ if n == 300_000 else REFUSE
    if not LARGE:
        return
    many = b"".join(W.head(0x00110000 + (i << 16 & 0x3FFE0000 | 0x1000) + (i >> 13), "LO", 0) for i in range(1_100_000))
    yield "elements-1100000", ct_file(changes={0x00090010: many}), REFUSE
    yield "value-20-mib", ct_file(changes={0x00091010: ("OB", bytes(20 << 20))}), REFUSE
    header = b"".join(W.element(0x00091010 + i, "OB", bytes(15 << 20)) for i in range(5))
    yield "header-75-mib", ct_file(changes={0x00091010: header}), REFUSE


def k11_disorder():
    for n in (900, 2000, 40000):
        tags = b"".join(W.element(0x0009FFFF - i, "LO", "a ") for i in range(min(n, 0xF000)))
        yield "descending-%d" % n, ct_file(changes={0x00090010: tags}), READ if n == 900 else REFUSE


def k12_behind():
    yield "zeros", ct_file() + bytes(1 << 20), READ
    if LARGE:
        yield "zeros-100-mb", ct_file() + bytes(100_000_000), READ
    yield "junk", ct_file() + bytes(range(256)) * 64, EITHER
    yield "padding", ct_file() + W.element(0xFFFCFFFC, "OB", bytes(4096)), READ
    yield "half-element", ct_file() + b"\xfc\xff", READ


def k13_deflate():
    bomb = body({0x00091010: ("OB", bytes(15 << 20)), 0x00091011: ("OB", bytes(15 << 20))})
    yield "bomb-header", file(DEFLATED, bomb), REFUSE
    yield "bomb-behind", file(DEFLATED, body() + bytes((200 if LARGE else 40) << 20)), REFUSE
    yield "bomb-pixels", file(DEFLATED, body({PIXELS: W.element(PIXELS, "OW", bytes(64 << 20))})), REFUSE
    yield "bomb-first", file(DEFLATED, bytes(64 << 20)), REFUSE
    good = ct_file(DEFLATED)
    start = good.index(deflate(body()))
    for n in (0, 1, 10, 100, len(good) - start - 1):
        yield "cut-%d" % n, good[:start + n], REFUSE
    yield "garbage", good[:start] + bytes((i * 37) & 255 for i in range(400)), REFUSE
    yield "stored", good[:start] + b"\1\xff\xff\0\0" + bytes(65535), REFUSE
    yield "behind-stream", good + bytes(1000), READ


def k15_odd():
    yield "odd-uid", ct_file(changes={0x00200052: ("UI", b"2.25.9")}), READ
    yield "odd-text", ct_file(changes={0x0008103E: ("LO", b"abc")}), READ
    yield "odd-pixels", ct_file(changes={PIXELS: ("OW", picture() + b"\0")}), EITHER
    yield "odd-words", ct_file(changes={0x00280010: ("US", b"\x0c\0\0")}), REFUSE


def k16_duplicates():
    slope = W.element(0x00281053, "DS", "1 ")
    yield "same", ct_file(changes={0x00281053: slope * 2}), READ
    yield "other-slope", ct_file(changes={0x00281053: slope + W.element(0x00281053, "DS", "2 ")}), REFUSE
    yield "other-rows", ct_file(changes={0x00280010: W.element(0x00280010, "US", 12) + W.element(0x00280010, "US", 6)}), \
        REFUSE
    yield "other-name", ct_file(changes={0x00100010: W.element(0x00100010, "PN", "A ") + W.element(0x00100010, "PN", "B ")}), \
        EITHER
    yield "500000", ct_file(changes={0x00090010: W.element(0x00091010, "LO", "a ") * 500_000}), REFUSE


def k17_pixels_twice():
    once = pixels(EXPLICIT)
    yield "twice-same", ct_file(changes={PIXELS: once * 2}), EITHER
    yield "twice-other", ct_file(changes={PIXELS: once + W.element(PIXELS, "OW", bytes(384))}), REFUSE
    yield "missing", ct_file(changes={PIXELS: None}), REFUSE
    yield "empty", ct_file(changes={PIXELS: ("OW", b"")}), REFUSE
    yield "inside-a-sequence", ct_file(changes={PIXELS: None, 0x00081110: W.sequence(0x00081110, [once])}), REFUSE
    yield "float-too", ct_file(changes={0x7FE00008: W.element(0x7FE00008, "OF", bytes(768))}), EITHER


def k18_frames():
    for value in ("0", "-1", "text", "2147483647", "4294967297", "20001", "1\\2", "9" * 12, "1.5", "1e3", "0x10", " "):
        yield "frames-" + value.replace("\\", "_").strip(), ct_file(changes={0x00280008: ("IS", value)}), \
            READ if value == " " else REFUSE
    for frames, groups in ((4, 0), (4, 3), (4, 5), (0, 0)):
        yield "enhanced-%d-of-%d" % (frames, groups), enhanced_ct(frames, groups), REFUSE
    yield "enhanced-lie", enhanced_ct(changes={0x00280008: ("IS", "2000000000")}), REFUSE
    yield "enhanced-none", enhanced_ct(changes={0x52009230: None, 0x52009229: None}), EITHER  # as emri_small: pixels without a place


def k19_sizes():
    for rows, columns in ((0, 16), (12, 0), (65535, 65535), (8193, 16), (12, 8193), (8192, 8192), (13, 16), (32768, 32768)):
        changes = {0x00280010: ("US", rows), 0x00280011: ("US", columns)}
        for name, syntax in (("raw", EXPLICIT), ("jpeg", LOSSLESS), ("rle", RLE), ("j2k", J2K)):
            yield "%s-%dx%d" % (name, rows, columns), ct_file(syntax, changes), REFUSE
    yield "no-rows", ct_file(changes={0x00280010: None}), REFUSE
    yield "no-columns", ct_file(LOSSLESS, {0x00280011: None}), REFUSE


def k20_bits():
    for allocated, stored, high, sign, samples in (
            (16, 17, 16, 0, 1), (16, 12, 15, 0, 1), (0, 0, 0, 0, 1), (65535, 12, 11, 0, 1), (16, 12, 11, 7, 1),
            (16, 12, 11, 0, 65535), (16, 0, 65535, 0, 1), (12, 12, 11, 0, 1), (16, 12, 300, 0, 1), (24, 24, 23, 0, 1),
            (64, 64, 63, 1, 1), (1, 1, 0, 0, 1), (8, 12, 11, 0, 1), (16, 16, 15, 1, 0), (16, 12, 11, 0, 3)):
        changes = {0x00280002: ("US", samples), 0x00280100: ("US", allocated), 0x00280101: ("US", stored),
                   0x00280102: ("US", high), 0x00280103: ("US", sign)}
        name = "%d-%d-%d-%d-%d" % (allocated, stored, high, sign, samples)
        yield "raw-" + name, ct_file(changes=changes), EITHER if (high == stored + 3) else REFUSE
        yield "jpeg-" + name, ct_file(LOSSLESS, changes), EITHER if (high == stored + 3) else REFUSE


def rle(segments, offsets, data=b""):
    return struct.pack("<16I", segments, *(list(offsets) + [0] * 15)[:15]) + data


def k21_rle():
    good = CODESTREAMS[RLE]
    a, b = good[64:140], good[140:]
    cases = {"none": rle(0, []), "fifteen": rle(15, [64] * 15, a), "4-billion": rle(0xFFFFFFFF, [64]),
             "beyond": rle(2, [64, 0xDEADBEEF], a), "before": rle(2, [0, 32], a), "descending": rle(2, [140, 64], a + b),
             "short": good[:100], "header-only": good[:64], "half-header": good[:30], "one-segment": rle(1, [64], a),
             "no-data": rle(2, [64, 65], b"\x80\x80"), "literal-beyond": rle(2, [64, 66], b"\x7f\1\x7f\1"),
             "runs-over": rle(2, [64, 264], b"\x81\1" * 100 + b"\x81\1" * 100), "noops": rle(2, [64, 1064], b"\x80" * 2000)}
    for name, stream in cases.items():
        yield name, ct_file(RLE, raw=stream), REFUSE


def k22_offset_tables():
    stream = CODESTREAMS[LOSSLESS]
    for name, table in (("lies", b"\xef\xbe\xad\xde"), ("beyond", b"\xff\xff\xff\xff"), ("odd", b"\0\0\0"),
                        ("two", struct.pack("<II", 0, 100)), ("descending", struct.pack("<II", 100, 0)),
                        ("4-million", bytes(16_000_000))):
        yield name, encapsulated(fragments([stream], table)), EITHER
    cut = [stream[i:i + 16] for i in range(0, len(stream), 16)]
    yield "16-fragments", encapsulated(fragments(cut)), READ
    yield "16-fragments-lie", encapsulated(fragments(cut, struct.pack("<I", 40))), EITHER
    extended = {0x7FE00001: W.element(0x7FE00001, "OV", struct.pack("<Q", 1 << 40)),
                0x7FE00002: W.element(0x7FE00002, "OV", struct.pack("<Q", 1 << 60))}
    elements = ct()
    elements.update(extended)
    elements[PIXELS] = pixels(LOSSLESS)
    yield "extended-lies", file(LOSSLESS, W.join(elements)), EITHER


def k23_fragments():
    stream = CODESTREAMS[LOSSLESS]
    head = struct.Struct("<HHI").pack
    cases = {"length-4gb": head(0xFFFE, 0xE000, 0) + head(0xFFFE, 0xE000, UNDEFINED) + stream,
             "length-2gb": head(0xFFFE, 0xE000, 0) + head(0xFFFE, 0xE000, 1 << 31) + stream,
             "none": fragments([]), "only-table": head(0xFFFE, 0xE000, 0), "not-closed": fragments([stream], close=False),
             "empty": fragments([b""]), "other-tag": fragments([stream]).replace(b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0"),
             "one-byte": fragments([b"\xff"]), "table-4gb": head(0xFFFE, 0xE000, 0xFFFFFFF0) + stream,
             "2000-empty": fragments([stream] + [b""] * 2000), "2000-small": fragments([stream] + [b"\0\0"] * 2000)}
    for name, value in cases.items():
        yield name, encapsulated(value), EITHER if name == "2000-small" else REFUSE
    for n in (5_000, 2_000_000)[:2 if LARGE else 1]:
        yield "%d" % n, encapsulated(fragments([stream], close=False) + (head(0xFFFE, 0xE000, 2) + b"\0\0") * n +
                                     head(0xFFFE, 0xE0DD, 0)), REFUSE


def k24_jpeg_header():
    for syntax in (LOSSLESS, JPEG12, JPEG_LS):
        good = CODESTREAMS[syntax]
        at = max(good.find(m) for m in (b"\xff\xc3", b"\xff\xc1", b"\xff\xf7"))
        for name, where, value in (("rows", 5, b"\xff\xff"), ("columns", 7, b"\xff\xff"), ("both", 5, b"\xff\xff\xff\xff"),
                                   ("no-rows", 5, b"\0\0"), ("no-columns", 7, b"\0\0"), ("precision", 4, b"\x08"),
                                   ("precision-0", 4, b"\0"), ("precision-17", 4, b"\x11"), ("components-3", 9, b"\3"),
                                   ("components-0", 9, b"\0"), ("components-255", 9, b"\xff"), ("one-less", 6, b"\x0b"),
                                   ("length-0", 2, b"\0\0"), ("length-64k", 2, b"\xff\xff")):
            stream = good[:at + where] + value + good[at + where + len(value):]
            # The lossless JPEG of 12 bits in 16 is written with 16 bits; 8 is half the data.
            yield "%s-%s" % (syntax[-2:], name), ct_file(syntax, raw=stream), REFUSE


def k25_jpeg_process():
    progressive, lossless = CODESTREAMS[PROGRESSIVE], CODESTREAMS[LOSSLESS]
    yield "progressive-as-51", ct_file(JPEG12, raw=progressive), REFUSE
    yield "lossless-as-51", ct_file(JPEG12, raw=lossless), REFUSE
    yield "baseline-as-70", ct_file(LOSSLESS, raw=CODESTREAMS[JPEG12]), REFUSE
    yield "51-as-progressive", ct_file(PROGRESSIVE, raw=CODESTREAMS[JPEG12]), REFUSE
    scan = progressive.rindex(b"\xff\xda")
    for n in (100, 3000):
        stream = progressive[:scan] + progressive[scan:-2].rstrip(b"\0") * n + b"\xff\xd9"
        yield "%d-scans" % n, ct_file(PROGRESSIVE, raw=stream), REFUSE
    frame, start = lossless.index(b"\xff\xc3"), lossless.index(b"\xff\xda")
    cases = {"tem": lossless[:start + 20] + b"\xff\x01" + lossless[start + 20:], "tem-first": b"\xff\xd8\xff\x01" + lossless[2:],
             "no-soi": lossless[2:], "no-eoi": lossless[:-3], "no-frame": lossless[:frame] + lossless[frame + 13:],
             "no-tables": lossless.replace(b"\xff\xc4", b"\xff\xfe"), "no-scan": lossless[:start] + b"\xff\xd9",
             "two-frames": lossless[:frame] + lossless[frame:frame + 13] * 2 + lossless[frame + 13:],
             "only-ff": b"\xff\xd8" + b"\xff" * 4000, "restarts": lossless[:start + 12] + b"\xff\xd0\xff\xd1" * 500 + b"\xff\xd9",
             "zeros": lossless[:start + 10] + bytes(64) + b"\xff\xd9", "soi-only": b"\xff\xd8",
             "entropy-ff00": lossless[:start + 10] + b"\xff\x00" * 300 + b"\xff\xd9",
             "segment-0": lossless[:2] + b"\xff\xe0\0\0" + lossless[2:], "many-app": lossless[:2] + b"\xff\xe1\0\2" * 20000 + lossless[2:]}
    for name, stream in cases.items():
        yield name, ct_file(LOSSLESS, raw=stream), EITHER


def k26_jpeg_ls():
    good = CODESTREAMS[JPEG_LS]
    scan = good.index(b"\xff\xda")
    near = good[:scan + 7] + b"\xff" + good[scan + 8:]
    huge = good.replace(b"\x10\x00\x0c\x00\x10", b"\x10\xff\xff\xff\xff", 1)
    cases = {"near-255": near, "huge": huge, "cut-header": good[:12], "cut-half": good[:len(good) // 2],
             "zeros": good[:scan + 10] + bytes(40), "ones": good[:scan + 10] + b"\xff\x7f" * 40,
             "preset-0": good.replace(b"\xff\xf8", b"\xff\xf8", 1)[:22] + bytes(11) + good[33:], "only-soi": good[:2]}
    for name, stream in cases.items():
        yield name, ct_file(JPEG_LS, raw=stream), REFUSE if name in ("huge", "cut-header", "only-soi", "near-255") else EITHER
    yield "huge-both", ct_file(JPEG_LS, {0x00280010: ("US", 8192), 0x00280011: ("US", 8192)},
                               raw=good.replace(b"\x10\x00\x0c\x00\x10", b"\x10\x20\x00\x20\x00", 1)), REFUSE


def k27_siz():
    good = CODESTREAMS[J2K]
    at = good.index(b"\xff\x51")

    def put(offset, form, *values):
        raw = struct.pack(">" + form, *values)
        return good[:at + offset] + raw + good[at + offset + len(raw):]

    cases = {"2-31": put(6, "II", 1 << 31, 1 << 31), "20000": put(6, "II", 20000, 20000), "zero": put(6, "II", 0, 0),
             "tiles-1x1": put(22, "II", 1, 1), "tiles-0": put(22, "II", 0, 0), "offset-beyond": put(14, "II", 100, 100),
             "tile-offset": put(30, "II", 50, 50), "components-0": put(38, "H", 0), "components-16384": put(38, "H", 16384),
             "precision-38": put(40, "B", 37), "precision-8": put(40, "B", 7), "subsampling-0": put(41, "BB", 0, 0),
             "subsampling-255": put(41, "BB", 255, 255), "length-0": put(2, "H", 0), "length-64k": put(2, "H", 65535),
             "no-siz": good[:2] + good[at + 43:], "one-row-less": put(6, "II", 16, 11), "signed": put(40, "B", 0x8F),
             "levels-255": good.replace(b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\x02", b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\xff"),
             "layers-64k": good.replace(b"\xff\x52\x00\x0c\x00\x00\x00\x01", b"\xff\x52\x00\x0c\x00\x00\xff\xff")}
    for name, stream in cases.items():
        either = name in ("precision-8", "signed", "layers-64k", "levels-255")
        yield name, ct_file(J2K, raw=stream), EITHER if either else REFUSE
    yield "250-in-1x1", ct_file(J2K, {0x00280010: ("US", 250), 0x00280011: ("US", 250)},
                                raw=put(6, "IIIIII", 250, 250, 0, 0, 1, 1)), REFUSE
    yield "8192", ct_file(J2K, {0x00280010: ("US", 8192), 0x00280011: ("US", 8192)},
                          raw=put(6, "IIIIII", 8192, 8192, 0, 0, 8192, 8192)), REFUSE


def k28_j2k_cut():
    good = CODESTREAMS[J2K]
    for n in (2, 4, 20, 45, 60, 100, 120, 140, 200, len(good) - 30):
        yield "cut-%d" % n, ct_file(J2K, raw=good[:n]), REFUSE


def numbers(tag, vr, values):
    for name, value in values:
        yield name, ct_file(changes={tag: (vr, value)})


def k29_rescale():
    odd = (("nan", "NaN"), ("inf", "inf"), ("minus-inf", "-Infinity"), ("zero", "0"), ("text", "abc"), ("comma", "1,5"),
           ("huge", "1e300"), ("tiny", "1e-300"), ("two", "1\\2"), ("hex", "0x10"), ("long", "1" * 60), ("minus", "-1"),
           ("nul", "1\0\0"), ("e", "1e"), ("dot", "."))
    for name, data in numbers(0x00281053, "DS", odd):
        yield "slope-" + name, data, EITHER if name in ("tiny", "minus", "nul", "huge", "long") else REFUSE
    for name, data in numbers(0x00281052, "DS", odd):
        yield "intercept-" + name, data, EITHER if name in ("zero", "tiny", "minus", "nul", "huge", "long") else REFUSE
    for tag, vr in ((0x00180050, "DS"), (0x00200013, "IS"), (0x00200011, "IS"), (0x00280120, "US"), (0x00281050, "DS")):
        yield "%08x-text" % tag, ct_file(changes={tag: (vr, b"9x\\y")}), READ


def k30_geometry():
    for name, value in (("zero", "0\\0"), ("negative", "-1\\1"), ("one", "1"), ("nan", "nan\\1"), ("huge", "1e9\\1e9"),
                        ("text", "a\\b"), ("tiny", "1e-9\\1e-9"), ("empty", "")):
        yield "spacing-" + name, ct_file(changes={0x00280030: ("DS", value)}), EITHER if name in ("huge", "tiny") else REFUSE
    for name, value in (("two", "1\\2"), ("four", "1\\2\\3\\4"), ("nan", "nan\\0\\0"), ("huge", "1e30\\0\\0"),
                        ("inf", "0\\inf\\0"), ("text", "x\\y\\z")):
        yield "position-" + name, ct_file(changes={0x00200032: ("DS", value)}), EITHER if name == "huge" else REFUSE
    for name, value in (("zeros", "0\\0\\0\\0\\0\\0"), ("same", "1\\0\\0\\1\\0\\0"), ("skew", "1\\0\\0\\0.1\\1\\0"),
                        ("long", "2\\0\\0\\0\\2\\0"), ("five", "1\\0\\0\\0\\1"), ("nan", "nan\\0\\0\\0\\1\\0")):
        yield "orientation-" + name, ct_file(changes={0x00200037: ("DS", value)}), REFUSE


def k31_uids():
    for tag, name in ((0x00080018, "instance"), (0x0020000E, "series"), (0x0020000D, "study"), (0x00200052, "frame"),
                      (0x00080016, "class")):
        for kind, value in (("missing", None), ("empty", ("UI", "")), ("control", ("UI", "1.2\x07.3")),
                            ("slash", ("UI", "../../tmp/x")), ("backslash", ("UI", "1.2\\..\\3")), ("long", ("UI", "1." * 60 + "1")),
                            ("uuid", ("UI", "8c2f1b1e-5b7a-4d42-9a63-0af3a1d0c7be")), ("absolute", ("UI", "/etc/passwd")),
                            ("nul", ("UI", "1.2\0/../3"))):
            refuse = tag == 0x00080018 and kind not in ("long", "uuid")
            yield "%s-%s" % (name, kind), ct_file(changes={tag: value}), REFUSE if refuse else EITHER
    yield "meta-differs", file(EXPLICIT, body(), head=meta(EXPLICIT, CT, "2.25.1")), READ
    yield "meta-class-differs", file(EXPLICIT, body(), head=meta(EXPLICIT, "1.2.840.10008.5.1.4.1.1.4")), READ


def k33_character_sets():
    for name, charset, text in (("unknown", "ISO_IR 999", b"A\xe4"), ("mixed", "\\ISO 2022 IR 87\\ISO 2022 IR 149", b"\x1b$B;3"),
                                ("broken-escape", "\\ISO 2022 IR 87", b"\x1b$"), ("utf-8-broken", "ISO_IR 192", b"\xc3\xff\xfe"),
                                ("gb18030", "GB18030", b"\x81\x30\x81"), ("long", "\\".join(["ISO_IR 100"] * 500), b"A"),
                                ("none", "", b"\x80\xff"), ("lone-escapes", "\\ISO 2022 IR 13", b"\x1b" * 64)):
        yield name, ct_file(changes={0x00080005: ("CS", charset), 0x00100010: ("PN", text), 0x0008103E: ("LO", text)}), READ


def k34_texts():
    for name, text in (("escape", b"\x1b[2J\x1b]0;x\x07"), ("markup", b"<script>alert(1)</script>"), ("formula", b"=cmd|'/c calc'!A0"),
                       ("format", b"%s%n%x" * 20), ("newline", b"a\r\nb\tc"), ("nul", b"a\0b\0c"), ("traversal", b"../../../etc/passwd"),
                       ("long", b"A" * 60000), ("quote", b"\"'`$(id)")):
        changes = {tag: ("LO", text) for tag in (0x0008103E, 0x00100020, 0x00080070, 0x00181210, 0x00200013, 0x00100010)}
        yield name, ct_file(changes=changes), EITHER


def kinds():
    """(number of the kind, its name, maker), in order."""
    for key, maker in sorted(globals().items()):
        if key[0] == "k" and key[1:3].isdigit():
            yield int(key[1:3]), key[4:].replace("_", "-"), maker
