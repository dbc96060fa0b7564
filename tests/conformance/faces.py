"""The faces that a PDF embeds: no composite glyph without one of its parts, or a name is read as another."""
import re
import struct
import zlib


def truetype(pdf):
    """TrueType files among the streams of a PDF."""
    for m in re.finditer(rb"stream\r?\n", pdf):
        try:
            data = zlib.decompressobj().decompress(pdf[m.end():])
        except zlib.error:
            continue
        if data[:4] == b"\0\1\0\0" and b"glyf" in data[:400]:
            yield data


def composites(font):
    """(glyph, its parts, those of them that are empty) of a face."""
    tables = {}
    for i in range(struct.unpack(">H", font[4:6])[0]):
        tag, _, at, n = struct.unpack(">4sIII", font[12 + 16 * i:28 + 16 * i])
        tables[tag] = font[at:at + n]
    wide = struct.unpack(">h", tables[b"head"][50:52])[0]
    n = struct.unpack(">H", tables[b"maxp"][4:6])[0]
    places = struct.unpack(f">{n + 1}{'I' if wide else 'H'}", tables[b"loca"][:(n + 1) * (4 if wide else 2)])
    places = [p if wide else 2 * p for p in places]
    for glyph in range(n):
        body = tables[b"glyf"][places[glyph]:places[glyph + 1]]
        if len(body) < 10 or body[:2] != b"\xff\xff":
            continue
        at, parts = 10, []
        while True:
            flags, part = struct.unpack(">HH", body[at:at + 4])
            parts.append(part)
            at += (8 if flags & 1 else 6) + (2 if flags & 8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0)
            if not flags & 0x20:
                break
        yield glyph, parts, [p for p in parts if places[p] == places[p + 1]]


def broken(path):
    """(composite glyphs seen, those that lack a part) of all faces of a PDF."""
    found = [row for font in truetype(open(path, "rb").read()) for row in composites(font)]
    return len(found), [glyph for glyph, _, missing in found if missing]
