"""DICOM objects as bytes, written element by element so that each of them can be written wrong. Nothing is checked."""
import base64
import struct
import zlib

LONG = ("OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UN", "UT", "UC", "UR", "SV", "UV")
EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
DEFLATED, RLE = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"
JPEG, JPEG12, LOSSLESS, LOSSLESS57 = ["1.2.840.10008.1.2.4." + n for n in ("50", "51", "70", "57")]
PROGRESSIVE, JPEG_LS, NEAR, J2K = ["1.2.840.10008.1.2.4." + n for n in ("55", "80", "81", "90")]
CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"
UNDEFINED = 0xFFFFFFFF
ROWS, COLUMNS = 12, 16

# One picture of 16 x 12 pixels, 12 bits (JPEG .50: 8 bits), as dcmcjpeg, dcmcjpls and gdcmconv wrote it.
CODESTREAMS = {uid: base64.b64decode(text) for uid, text in (
    (LOSSLESS, "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAMABABAREA/8QAFwABAQEBAAAAAAAAAAAAAAAABgcFEP/aAAgBAQABAADkqVKlSpUqVKlSp"
     "UqVLZUyZMmTJt9MmTJkybfTWVOnToE6dAnTp0CdOgT2VQoQqEKhCoUIVCFQhUWVSiUolKJEpRKUSlEiU2VUjRqkaNGqRo1SNGjVWVWkSJEiRIrSJEiRI"
     "kV2VKlSpUqVKlSpUqVKlS2VMmTJkybfTJkyZMm301lTp06BOnQJ06dAnToE9lUKEKhCoQqFCFQhUIVFlUolKJSiRKUSlEpRIlP//9k="),
    (LOSSLESS57, "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAMABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABgcQ/9oACAEBAAYAAMlSpUqVKlSpUqVK"
     "lSpbK0aNWrZswaNGrVs2YNLK0aNVzJmzaNGq5kzZtLK0aLnK9mzaNFzlezZtLK0WuFzlezaLXC5yvZtLK0aLnK9mzaNFzlezZtLK0aNVzJmzaNGq5kzZt"
     "LKtYsWTJmzWsWLJkzZrbK0aNWrZswaNGrVs2YNLK0aNVzJmzaNGq5kzZtLK0aLnK9mzaNFzlezZtLK0WuFzlezaLXC5yvZtP//Z"),
    (JPEG12, "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X"
     "GBYUGBIUFRT/wQALDAAMABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACgsN/8QAKxAAAAMEBgsAAAAAAAAAAAAAAQIJAAUIEQoSEyEmYRcnMTRCRFFic"
     "XLh/9oACAEBAAA/AM+3SuoM5QI59X4TkTk/jMWSvoMxABzho/LtIG6eMmoDJWpHQ02TowTK4vGTLsZiyV6R0NNV0YJumQJVydfRv//Z"),
    (JPEG, "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGB"
     "YUGBIUFRT/wAALCAAMABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABAAC/8QAIBAAAgMAAgMAAwAAAAAAAAAAAgMBBAUGEgcRFhUiJP/aAAgBAQAAPwDdb"
     "Er57b/DKacbGzmtRTPPTWYkRIlkJizNqCzQZUfW9s/pesZKwHZcdVhNk8dr7GpZzF5tWygnkr5aZZbSY1ilp0XZWecKQ8LBiC23LJFMJjuXsZlYOXppcV"
     "8Pcf5f+Or6dfZ362O7i9kmKxQqyFm0AxVQa4YQMUuBY6WH6EexFIjML8j5lfhNHxrXMPoI5bN03DsfvWz31lVkosVKa+lVbRGwyZmUlBTMyUT2Pt//2Q=="),
    (PROGRESSIVE, "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUV"
     "DA8XGBYUGBIUFRT/wgALDAAMABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACQoM/9oACAEBAAAAAc+2xdAbF//EABgQAQADAQAAAAAAAAAAAAAAAAcAB"
     "ggR/9oACAEBAAEFAivDMK8MwrI61wrI61P/xAAYEAACAwAAAAAAAAAAAAAAAAAAAyQlov/aAAgBAQAGPwJNfgTX5FQhUI//xAAaEAADAAMBAAAAAAAAA"
     "AAAAAAAAUERcdGB/9oACAEBAAE/IUY0BEIfK6uGDrq4f//aAAgBAQAAABAP/8QAHBAAAQQDAQAAAAAAAAAAAAAAAQARIUFRYaHw/9oACAEBAAE/EBIjt"
     "6hBgLB50qWjjXCTi29f/9k="),
    (JPEG_LS, "/9j/9wALEAAMABABAREA//gADQH//wASAEMBFABA/9oACAEBAAAAAKJMSYkxHkWQ6DP4kxHkWQ6DP57MqJkSpIkaiUKZT6eTq4trSkiZMqys"
     "K6eqqiYpKKiksF6dEyZF69OuTLUy1YlWJVaRJljWJViRWkSK0itGqRo0mWJWkSK0aabSabSaSSmWFpNNNNNNpJJJJJJTOBNNNNNNNNNNJJJJPt9a1rWte1"
     "rWpTM+3lrWva17Wte1rz7dYxXFcVxiuK4rPtxqatVuo1Go3b7/2Q=="),
    (NEAR, "/9j/9wALDAAMABABAREA/9oACAEBAAIAALv+9/3fe/7vq2mEPe97ymMYpikeMKUrkIxHIzupBR3Z1ZmdWVlIKOpMmyZImiChNkmyTJNEEyabTJ"
     "NJogm2mm0UpXEyUpakq/JlLVSqXxMqWtLWpiRVL1ZVwP/ZAA=="),
    (J2K, "/0//UQApAAAAAAAQAAAADAAAAAAAAAAAAAAAEAAAAAwAAAAAAAAAAAABDwEB/1IADAAAAAEAAgQEAAH/XAAKQICIiJCIiJD/ZAAqAAFDcmVhd"
     "GVkIGJ5IEdEQ00vT3BlbkpQRUcgdmVyc2lvbiAyLjUuMP+QAAoAAAAAAKMAAf+Tz/wwVAjsZUxed+fTKUx+ApGyOgMmhqn2WcAH2g8APwCYAAfCQBv1uq"
     "uSo54MvYAYAE8hff4C11GxTR+3j8AD6hqAD7RyAAHwrDadJgJbJqVOH84tXqAoKcTYyq7QgeU81nzvQI3DhvitArGRykeSWgBv3HTkTOFK0+Ma4pObfx"
     "W0rCA7HqQZ0zWQ/bZCovRfjo8GNgP/2Q=="),
    (RLE, "AgAAAEAAAACMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPoA+gH/AvwA+wH8Av8A+gH6A"
     "vsB+gL+A/4B+gL7AwAB+gL6AwAE/AL6A/0E/wL6A/oE+wP6BP4F/gP6BPsFAAP6BPoFAAb8BPoF/QYPACVKb5S53gMoTXKXvOEGKw9li7HX/SNJaI602g"
     "AmTGuRD8rxGD9fhq3N9BtCYomw0PcPL1d/oMjpETJagqPL7BQ1XQ+Uvd8IKlN1l8DiCy1WeJrDD/kjRmmTttn8Jklslrnc/ykPXomt0fUZPWGMsNT4HEB"
     "kjw/D6A0yV3yhxusQNVp/pMnuDyhOdJrA5gwrUXedw+kPLlQPjbTbAiJJcJC33gUlTHOTug/yGkJji6zU9R1FZo6v1/ggD1eAosvtFjhag6XO8Bk7XYY="))}


def picture():
    """The same picture (12 bits) as little-endian words."""
    return b"".join(struct.pack("<H", ((j * 37 + k * 101) % 4096 + j * k % 7) % 4096)
                    for k in range(ROWS) for j in range(COLUMNS))


class Writer:
    """Elements in one encoding."""

    def __init__(self, syntax=EXPLICIT):
        self.implicit, self.order = syntax == IMPLICIT, ">" if syntax == BIG else "<"

    def head(self, tag, vr, length):
        out = struct.pack(self.order + "HH", tag >> 16, tag & 0xFFFF)
        if self.implicit or tag >> 16 == 0xFFFE:
            return out + struct.pack(self.order + "I", length)
        if vr in LONG:
            return out + vr.encode() + b"\0\0" + struct.pack(self.order + "I", length)
        return out + vr.encode() + struct.pack(self.order + "H", length & 0xFFFF)

    def value(self, vr, value):
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            raw = value.encode("latin-1")
            return raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)
        values = value if isinstance(value, (list, tuple)) else [value]
        code = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "AT": "HH"}[vr]
        if vr == "AT":
            return b"".join(struct.pack(self.order + "HH", v >> 16, v & 0xFFFF) for v in values)
        return struct.pack(self.order + code * len(values), *values)

    def element(self, tag, vr, value):
        raw = self.value(vr, value)
        return self.head(tag, vr, len(raw)) + raw

    def item(self, content, undefined=False):
        if undefined:
            return self.head(0xFFFEE000, "", UNDEFINED) + content + self.head(0xFFFEE00D, "", 0)
        return self.head(0xFFFEE000, "", len(content)) + content

    def sequence(self, tag, items, undefined=False):
        """items: contents of the items."""
        content = b"".join(self.item(i, undefined) for i in items)
        if undefined:
            return self.head(tag, "SQ", UNDEFINED) + content + self.head(0xFFFEE0DD, "", 0)
        return self.head(tag, "SQ", len(content)) + content

    def join(self, elements):
        """elements: {tag: (vr, value) or bytes as they are}; by rising tag."""
        return b"".join(v if isinstance(v, bytes) else self.element(tag, *v) for tag, v in sorted(elements.items()))


def fragments(frames, table=b"", close=True):
    """Encapsulated pixels: an offset table, an item a frame."""
    out = b""
    for content in [table] + list(frames):
        content += b"\0" * (len(content) % 2)
        out += struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content
    return out + (struct.pack("<HHI", 0xFFFE, 0xE0DD, 0) if close else b"")


def meta(syntax, sop_class=CT, instance="2.25.7001", group_length=None):
    w = Writer()
    body = (w.element(0x00020001, "OB", b"\0\1") + w.element(0x00020002, "UI", sop_class) +
            w.element(0x00020003, "UI", instance) + w.element(0x00020010, "UI", syntax) +
            w.element(0x00020012, "UI", "2.25.9"))
    return w.element(0x00020000, "UL", len(body) if group_length is None else group_length) + body


def deflate(raw):
    z = zlib.compressobj(1 if len(raw) > 1 << 20 else 9, zlib.DEFLATED, -15)
    return z.compress(raw) + z.flush()


def file(syntax, body, preamble=b"\0" * 128, head=None):
    """A whole file; body: the data set as it would stand uncompressed."""
    head = meta(syntax) if head is None else head
    return preamble + b"DICM" + head + (deflate(body) if syntax == DEFLATED else body)


def ct(number=1, z=0.0):
    """Elements of a CT slice without its pixels."""
    return {
        0x00080005: ("CS", "ISO_IR 100"), 0x00080008: ("CS", "ORIGINAL\\PRIMARY\\AXIAL"), 0x00080016: ("UI", CT),
        0x00080018: ("UI", "2.25.7%03d" % number), 0x00080020: ("DA", "20240102"), 0x00080030: ("TM", "101112"),
        0x00080060: ("CS", "CT"), 0x00080070: ("LO", "Maker"), 0x0008103E: ("LO", "Thorax"),
        0x00100010: ("PN", "Nobody^Known"), 0x00100020: ("LO", "P1"), 0x00180050: ("DS", "2.5"),
        0x00181210: ("SH", "B30f"), 0x0020000D: ("UI", "2.25.501"), 0x0020000E: ("UI", "2.25.502"),
        0x00200011: ("IS", "3"), 0x00200013: ("IS", str(number)), 0x00200032: ("DS", "-8\\-6\\%g" % z),
        0x00200037: ("DS", "1\\0\\0\\0\\1\\0"), 0x00200052: ("UI", "2.25.503"), 0x00280002: ("US", 1),
        0x00280004: ("CS", "MONOCHROME2"), 0x00280010: ("US", ROWS), 0x00280011: ("US", COLUMNS),
        0x00280030: ("DS", "1\\1"), 0x00280100: ("US", 16), 0x00280101: ("US", 12), 0x00280102: ("US", 11),
        0x00280103: ("US", 0), 0x00281052: ("DS", "-1024"), 0x00281053: ("DS", "1"),
    }


def pixels(syntax, frames=1, raw=None):
    """The Pixel Data element as bytes."""
    w = Writer(syntax)
    if syntax in CODESTREAMS:
        stream = CODESTREAMS[syntax] if raw is None else raw
        return w.head(0x7FE00010, "OB", UNDEFINED) + fragments([stream] * frames)
    raw = picture() * frames if raw is None else raw
    if syntax == BIG:
        raw = b"".join(raw[i + 1:i + 2] + raw[i:i + 1] for i in range(0, len(raw), 2))
    return w.element(0x7FE00010, "OW", raw)


def ct_file(syntax=EXPLICIT, changes=None, raw=None, number=1, z=0.0, **more):
    """A CT file. changes: elements put in place of others, None to leave one out."""
    elements = ct(number, z)
    if syntax == JPEG:
        elements.update({0x00280100: ("US", 8), 0x00280101: ("US", 8), 0x00280102: ("US", 7)})
    elements[0x7FE00010] = pixels(syntax, raw=raw)
    for tag, v in (changes or {}).items():
        if v is None:
            elements.pop(tag, None)
        else:
            elements[tag] = v
    return file(syntax, Writer(syntax).join(elements), **more)


def enhanced_ct(frames=4, groups=None, syntax=EXPLICIT, changes=None):
    """An enhanced CT object; groups: number of per-frame items."""
    w = Writer(syntax)
    shared = (w.sequence(0x00289110, [w.join({0x00180050: ("DS", "2.5"), 0x00280030: ("DS", "1\\1")})]) +
              w.sequence(0x00289145, [w.join({0x00281052: ("DS", "-1024"), 0x00281053: ("DS", "1"),
                                              0x00281054: ("LO", "HU")})]))
    per_frame = []
    for k in range(frames if groups is None else groups):
        per_frame.append(w.sequence(0x00209111, [w.join({0x00209056: ("SH", "1"), 0x00209057: ("UL", k + 1),
                                                         0x00209157: ("UL", [1, k + 1])})]) +
                         w.sequence(0x00209113, [w.join({0x00200032: ("DS", "-8\\-6\\%g" % (2.5 * k))})]) +
                         w.sequence(0x00209116, [w.join({0x00200037: ("DS", "1\\0\\0\\0\\1\\0")})]))
    elements = ct()
    for tag in (0x00200032, 0x00200037, 0x00280030, 0x00281052, 0x00281053, 0x00180050):
        del elements[tag]
    elements.update({0x00080016: ("UI", ENHANCED_CT), 0x00080018: ("UI", "2.25.7777"),
                     0x00280008: ("IS", str(frames)), 0x52009229: w.sequence(0x52009229, [shared]),
                     0x52009230: w.sequence(0x52009230, per_frame), 0x7FE00010: pixels(syntax, frames)})
    for tag, v in (changes or {}).items():
        if v is None:
            elements.pop(tag, None)
        else:
            elements[tag] = v
    return file(syntax, w.join(elements), head=meta(syntax, ENHANCED_CT, "2.25.7777"))
