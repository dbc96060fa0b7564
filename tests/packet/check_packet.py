#!/usr/bin/python3
"""Checks one packet: report.json against the schema, CSV against JSON, size classes against the printed intervals,
done.json against the files, the page, the PDF (with pdftotext) and the 3D Slicer markups against the report, and the words
that no output may hold.

    check_packet.py SCHEMA PACKET...

Exit 0: right; 1: wrong, told on stderr; 77: all but the schema is right, and python3-jsonschema is not installed.
"""
import base64
import csv
import decimal
import hashlib
import html.parser
import json
import os
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from words import exempt_strings, found_in, without, words

try:
    import jsonschema
except ImportError:
    jsonschema = None

# Where the reason for a null has a name that does not begin as its own.
REASONS = {"mask_volume_mm3": "volume_reason", "equivalent_mm": "volume_reason", "long_axis_mm": "axes_reason",
           "short_axis_mm": "axes_reason", "long_axis_ends_lps_mm": "axes_reason",
           "short_axis_ends_lps_mm": "axes_reason", "low_mm": "interval_reason", "high_mm": "interval_reason"}
IDENTITY = ("patient_name", "patient_name_text", "patient_id", "issuer_of_patient_id", "birth_date", "sex",
            "study_date", "accession_number")

wrong = []


def complain(packet, text):
    wrong.append(f"{packet}: {text}")


def reason_of(group, key):
    """The reason beside a null: KEY_reason, the same of a shorter beginning of the key, one of REASONS, or the group's."""
    parts = key.split("_")
    names = ["_".join(parts[:n]) + "_reason" for n in range(len(parts), 0, -1)]
    names += [REASONS.get(key, "")]
    if "size_class" in group and key == "source":
        names += ["interval_reason"]
    return next((group[n] for n in names + ["reason", "missing_reason"] if group.get(n)), None)


def check_nulls(packet, value, path="report.json"):
    """Missing is null with a reason beside it (contract 4)."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            check_nulls(packet, item, f"{path}[{i}]")
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        empty = item is None or (isinstance(item, list) and None in item)
        if empty and not key.endswith("reason") and not reason_of(value, key):
            complain(packet, f"{path}.{key} is null without a reason")
        check_nulls(packet, item, f"{path}.{key}")


def check_identity(packet, report):
    """Mode none: no trace but the UIDs."""
    identity = report["identity"]
    if identity["mode"] != "none":
        return
    kept = [key for key in IDENTITY if identity[key] is not None]
    kept += [key for key in ("description",) for row in report["series"] if row[key] is not None]
    if kept or report["source"]["contrast_agent"] is not None:
        complain(packet, f"identity none, and yet {kept} or a contrast agent")


def check_words(packet, report):
    for text in words(report):
        if found_in(text):
            complain(packet, f"forbidden in report.json: {text!r}")
    keys = list(report)
    if keys.index("organs") > keys.index("marks") or keys.index("assessed_text") > keys.index("marks_text"):
        complain(packet, "a count stands before what was assessed")
    sentences = [row["sentence"] for row in report["limitations"]]
    for needed in ("Read the scan first", "Research use; not a medical device"):
        if needed not in sentences:
            complain(packet, f"missing: {needed}")


def size_class(low, high, truncated):
    if low is None or (high is None and not truncated):
        return "indeterminate"
    if low > 5.0:
        return "above_5mm"
    if high is None:
        return "indeterminate"
    if high < 5.0:
        return "below_5mm"
    return "near_5mm" if round(high - low, 1) <= 2.0 else "indeterminate"


def check_sizes(packet, mark):
    size = mark["size"]
    expected = size_class(size["low_mm"], size["high_mm"], size["truncated"])
    if size["size_class"] != expected:
        complain(packet, f"{mark['id']}: {size['size_class']} with [{size['low_mm']}, {size['high_mm']}]")
    for key, value in size.items():
        if isinstance(value, float) and key.endswith("_mm") and round(value, 1) != value:
            complain(packet, f"{mark['id']}: {key} = {value} has more than one decimal")
    low, high = size["low_mm"], size["high_mm"]
    shown = size["fit_mm"] if size["source"] == "fit" or size["equivalent_mm"] is None else size["equivalent_mm"]
    text = "size not measured" if shown is None else f"{shown:.1f} mm"
    if size["truncated"] and low is not None:
        text = f"at least {low:.1f} mm"
    elif shown is not None and low is not None and high is not None:
        text += f" ({low:.1f} to {high:.1f})"
    if size["text"] != text:
        complain(packet, f"{mark['id']}: {size['text']!r}, expected {text!r}")


def same(cell, value):
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == ("true" if value else "false")
    if isinstance(value, (int, float)):
        return cell != "" and float(cell) == float(value)
    return cell == value or cell == "'" + value


def expected_cells(mark):
    """lesions.csv column -> value of report.json."""
    cells = {"seriesuid": mark["series_instance_uid"], "probability": mark["p"], "size_text": mark["size"]["text"],
             "slice_number": mark["slice"]["number"], "bed_relation": mark["bed"]["relation"],
             "bed_distance_mm": mark["bed"]["distance_mm"], "bed_treatment": mark["bed"]["treatment"],
             "review_verdict": mark["review"]["verdict"], "review_reader": mark["review"]["reader"],
             "review_date": mark["review"]["date"]}
    cells.update(zip(("coordX", "coordY", "coordZ"), mark["position_lps_mm"]))
    for axis in ("long", "short"):
        ends = mark["size"][f"{axis}_axis_ends_lps_mm"] or [[None] * 3] * 2
        for end in range(2):
            for i, name in enumerate("xyz"):
                cells[f"{axis}_axis_{name}{end + 1}_mm"] = ends[end][i]
    for group in (mark, mark["slice"], mark["size"]):
        for key, value in group.items():
            if not isinstance(value, (dict, list)):
                cells.setdefault(key, value)
    return cells


def check_tables(packet, report):
    with open(os.path.join(packet, "lesions.csv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    if len(rows) != len(report["marks"]):
        complain(packet, f"{len(rows)} rows in lesions.csv, {len(report['marks'])} marks")
    for row, mark in zip(rows, report["marks"]):
        cells = expected_cells(mark)
        for column, cell in row.items():
            if column not in cells or not same(cell, cells[column]):
                complain(packet, f"lesions.csv {mark['id']} {column} = {cell!r}, report.json {cells.get(column)!r}")
    with open(os.path.join(packet, "candidates.csv"), newline="", encoding="utf-8") as f:
        reader = csv.DictReader(f)
        candidates = list(reader)
    if reader.fieldnames[:5] != ["seriesuid", "coordX", "coordY", "coordZ", "probability"]:
        complain(packet, "candidates.csv does not begin with the columns of LUNA16")
    if len(candidates) > 1000:
        complain(packet, f"{len(candidates)} rows in candidates.csv")
    if [int(row["rank"]) for row in candidates] != list(range(1, len(candidates) + 1)):
        complain(packet, "ranks of candidates.csv")
    by_mark = {row["mark"]: row for row in candidates if row["mark"]}
    for mark in report["marks"]:
        row = by_mark.get(mark["id"])
        if row is None and len(candidates) < 1000:
            complain(packet, f"{mark['id']} is not in candidates.csv")
        elif row is not None and float(row["probability"]) != mark["p"]:
            complain(packet, f"{mark['id']}: P {row['probability']} in candidates.csv, {mark['p']} in report.json")
    for name in ("lesions.csv", "candidates.csv"):
        with open(os.path.join(packet, name), newline="", encoding="utf-8") as f:
            for cells in list(csv.reader(f)):
                for cell in cells:
                    if cell[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"-?[0-9.]+(e[-+]?[0-9]+)?", cell):
                        complain(packet, f"{name}: a cell begins as a formula: {cell!r}")


def check_report(packet, report):
    if [m["rank"] for m in report["marks"]] != list(range(1, len(report["marks"]) + 1)):
        complain(packet, "ranks of the marks")
    if len({m["tracking_uid"] for m in report["marks"]}) != len(report["marks"]):
        complain(packet, "two marks share a tracking UID")
    for mark in report["marks"]:
        check_sizes(packet, mark)
        if not mark["pointed"] and mark["p"] < report["operating_point"]["p"] - 5e-5:
            complain(packet, f"{mark['id']} lies below the operating point")
    counted = sum(row[c] for row in report["distribution"]["rows"]
                  for c in ("above_5mm", "near_5mm", "below_5mm", "indeterminate"))
    # Places that only a person pointed at are not counted as found.
    found = [m for m in report["marks"] if m["origin"] != "point" and m["p"] >= report["operating_point"]["p"] - 5e-5]
    if counted != len(found):
        complain(packet, f"distribution counts {counted} of {len(found)} marks")


def check_done(packet, report):
    with open(os.path.join(packet, "done.json"), encoding="utf-8") as f:
        done = json.load(f)
    named = {row["name"]: row for row in done["files"]}
    there = {os.path.relpath(os.path.join(folder, name), packet) for folder, _, names in os.walk(packet)
             for name in names} - {"done.json"}
    if set(named) != there:
        complain(packet, f"done.json names {sorted(named)}, the folder holds {sorted(there)}")
    for name, row in named.items():
        with open(os.path.join(packet, name), "rb") as f:
            data = f.read()
        if len(data) != row["bytes"] or hashlib.sha256(data).hexdigest() != row["sha256"]:
            complain(packet, f"done.json describes another {name}")
    states = [organ["state"] for organ in report["organs"]]
    expected = "partly"
    if all(s == "assessed" for s in states):
        expected = "all"
    elif all(s == "not_assessed" for s in states):
        expected = "none"
    if done["assessed"] != expected or report["assessed"] != expected:
        complain(packet, f"assessed {done['assessed']}, organs {states}")
    if done["input_digest"] != report["source"]["input_digest"] or done["status"] != "complete":
        complain(packet, "done.json disagrees with report.json")
    for key in ("version", "commit", "parameters_digest", "stages", "total", "threads", "machine", "sandbox", "absent",
                "sent"):
        if key not in done:
            complain(packet, f"done.json has no {key}")
    sandbox = done["sandbox"]
    if set(sandbox) != {"mode", "layers", "missing", "files_decoded", "workers_replaced"}:
        complain(packet, f"sandbox holds {sorted(sandbox)}")
    elif (sandbox["mode"] == "off") != (sandbox["layers"] == []) or \
            (sandbox["missing"] is None and 0 < len(sandbox["layers"]) < 4):
        complain(packet, f"sandbox says {sandbox}")
    for name in there | {"done.json"}:
        if stat.S_IMODE(os.stat(os.path.join(packet, name)).st_mode) != 0o600:
            complain(packet, f"mode of {name}")
    for folder, _, _ in os.walk(packet):
        if stat.S_IMODE(os.stat(folder).st_mode) != 0o700:
            complain(packet, f"mode of the folder {os.path.relpath(folder, packet)}")


VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    """Text of report.html but that of the source and the reader, ids, and what a page of ours must not have."""

    def __init__(self, packet):
        super().__init__()
        self.packet, self.open, self.pieces, self.ids, self.style, self.policy = packet, [], [], set(), "", ""
        self.pictures, self.scripts, self.everything = 0, [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        classes = (values.get("class") or "").split()
        hidden = (self.open and self.open[-1][1]) or {"source", "reader", "quoted"} & set(classes)
        if tag not in VOID:
            self.open.append((tag, hidden))
        if tag == "script":
            self.scripts.append("")
            if attributes:
                complain(self.packet, "report.html: a script with attributes")
        if tag in ("iframe", "object", "embed", "link", "base", "form") or "style" in values:
            complain(self.packet, f"report.html: <{tag}> or a style attribute")
        for name, value in attributes:
            value = value or ""
            if name.startswith("on") or (name in ("href", "src") and not value.startswith(("#", "data:image/png;base64,"))):
                complain(self.packet, f"report.html: {name}={value[:40]!r}")
            if not hidden and name not in ("href", "content"):
                self.pieces.append(value)
        if tag == "image":
            data = base64.b64decode(values["href"].split(",", 1)[1], validate=True)
            self.pictures += 1
            if not data.startswith(b"\x89PNG\r\n\x1a\n") or not data.endswith(b"IEND\xaeB`\x82"):
                complain(self.packet, "report.html: a picture is no PNG")
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if "id" in values:
            self.ids.add(values["id"])

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            complain(self.packet, f"report.html: </{tag}> closes {self.open[-1:]}")
        elif self.open:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "style":
            self.style += data
        elif self.open and self.open[-1][0] == "script":
            self.scripts[-1] += data
        else:
            self.everything.append(data)
            if not (self.open and self.open[-1][1]):
                self.pieces.append(data)


def check_page(packet, report):
    with open(os.path.join(packet, "report.html"), encoding="utf-8") as f:
        page = Page(packet)
        page.feed(f.read())
        page.close()
    text = " ".join(" ".join(page.pieces).split())
    if page.open:
        complain(packet, f"report.html: not closed: {page.open}")
    for pattern in found_in(text):
        complain(packet, f"forbidden in report.html: {pattern}")
    style, script = (base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
                     for block in (page.style, "".join(page.scripts)))
    if len(page.scripts) != 1 or page.policy != (f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; "
                                                 f"script-src 'sha256-{script}'"):
        complain(packet, f"report.html: policy {page.policy!r}")
    assessed = report["assessed_text"]
    at = [text.find(" ".join(words.split())) for words in (
        "Read the scan first.", "Research use; not a medical device", assessed, report["marks_text"])]
    none = report["assessed"] == "none"
    if -1 in at[:3] or (at[3] < at[2]) != none:
        complain(packet, f"report.html: order or absence of what must be said: {at}")
    for mark in report["marks"]:
        if (mark["rank"] <= 30) != (mark["id"] in page.ids) or mark["size"]["text"] not in text:
            complain(packet, f"report.html: {mark['id']} is missing or told otherwise")
        if mark["pointed"] and "pointed at by a person" not in text:
            complain(packet, f"report.html does not say that a person pointed at {mark['id']}")
    for row in report["limitations"]:
        if " ".join(row["sentence"].split()) not in text:
            complain(packet, f"report.html lacks the limitation {row['code']}")
    whole = squeezed(" ".join(page.everything))
    for what, told in printed(report, 30):
        if squeezed(told) not in whole:
            complain(packet, f"report.html lacks {what}: {told!r}")


def squeezed(text):
    return "".join(text.split())


def number(value):
    """As every format prints it."""
    text = "" if value is None else f"{value:.15g}"
    return text + ".0" if re.fullmatch(r"-?\d+", text) else text


def two_decimals(p):
    """As a person rounds what report.json prints: 0.355 is 0.36, though the nearest binary number lies below it. What
    would read as sure or as impossible, and is not, is told as a bound."""
    text = str(decimal.Decimal(repr(p)).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP))
    return {"1.00": "> 0.99" if p < 1 else "1.00", "0.00": "< 0.01"}.get(text, text)


def printed(report, cards):
    """What has to stand in every format for people: sentences, questions, blanks, and each number of a mark's card."""
    yield "what was assessed", report["assessed_text"]
    for row in report["criteria"]:
        yield "a question", row["question"]
        if row["evidence"]:
            yield f"the evidence of {row['id']}", row["evidence"]
    for row in report["blanks"]:
        yield f"the blank {row['id']}", row["label"]
    for mark in report["marks"]:
        yield "a size", mark["size"]["text"]
        if mark["rank"] > cards:
            continue
        size = mark["size"]
        pairs = [("P", mark["p"] is not None and two_decimals(mark["p"]))]
        pairs += [(key, number(size[key])) for key in (
            "fit_mm", "fit_low_mm", "fit_high_mm", "volume_mm3", "mask_volume_mm3", "equivalent_mm", "long_axis_mm",
            "short_axis_mm")]
        pairs += [(key, number(mark[key])) for key in ("mean_hu", "depth_to_pleura_mm")]
        pairs += [("position", ", ".join(number(x) for x in mark["position_lps_mm"])), ("uid", mark["tracking_uid"]),
                  ("distance to the bed", number(mark["bed"]["distance_mm"]))]
        for key, text in pairs:
            if text:
                yield f"{key} of {mark['id']}", text


def check_pdf(packet, report):
    """Every number of the marks and every question of report.json stand in the text of report.pdf; no forbidden word."""
    path = os.path.join(packet, "report.pdf")
    if not os.path.exists(path) or not shutil.which("pdftotext"):
        return
    raw = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout.decode()
    pages = raw.split("\f")[:-1]
    whole = squeezed(raw)
    for what, told in printed(report, 30):
        if squeezed(told) not in whole:
            complain(packet, f"report.pdf lacks {what}: {told!r}")
    for n, page in enumerate(pages, 1):
        if f"page {n} of {len(pages)}" not in page or "Read the scan first." not in page or \
                "restage " + report["software"]["version"] not in page:
            complain(packet, f"report.pdf: page {n} says not what it is")
    first = squeezed(pages[0])
    looked, headline = first.find("Whatwaslookedat"), first.find(squeezed(report["marks_text"]))
    # No count before what was assessed; that nothing was searched is the headline.
    none = report["assessed"] == "none"
    if headline < 0 or looked < 0 or (headline < looked) != none or "seenby" not in first:
        complain(packet, "report.pdf: order or absence on page 1")
    for pattern in found_in(without(raw, exempt_strings(report))):
        complain(packet, f"forbidden in report.pdf: {pattern}")


def check_markups(packet, report):
    with open(os.path.join(packet, "marks.mrk.json"), encoding="utf-8") as f:
        markups = json.load(f)
    if not re.search(r"markups-schema-v1\.0\.\d\.json#$", markups["@schema"]) or len(markups["markups"]) != 1:
        complain(packet, "marks.mrk.json is no list of markups")
    points = markups["markups"][0]
    if points["type"] != "Fiducial" or points["coordinateSystem"] != "LPS" or points["coordinateUnits"] != "mm":
        complain(packet, "marks.mrk.json: type or coordinates")
    told = [(p["label"], p["position"]) for p in points["controlPoints"]]
    if told != [(m["id"], m["position_lps_mm"]) for m in report["marks"]]:
        complain(packet, "marks.mrk.json has other marks than report.json")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    if jsonschema:
        jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema) if jsonschema else None
    for packet in sys.argv[2:]:
        with open(os.path.join(packet, "report.json"), encoding="utf-8") as f:
            report = json.load(f)
        for error in validator.iter_errors(report) if validator else ():
            complain(packet, f"schema: {'/'.join(map(str, error.absolute_path))}: {error.message}")
        check_report(packet, report)
        check_nulls(packet, report)
        check_identity(packet, report)
        check_tables(packet, report)
        check_words(packet, report)
        check_done(packet, report)
        check_page(packet, report)
        check_pdf(packet, report)
        check_markups(packet, report)
    for text in wrong[:40]:
        print(text, file=sys.stderr)
    return 1 if wrong else 0 if jsonschema else 77


sys.exit(main())
