"""Checks of test_agree.sh: what every file of one packet says of every mark, read back from each format alone and held
against report.json: side, slice, lobe or why there is none, size, class, axes, depth, P, place, the reader's verdict.

    agree.py
"""
import csv
import html.parser
import json
import os
import re
import subprocess
import sys
from decimal import Decimal

import pydicom

import sr
from filed import call, derive, images, phantom
from sr import CODES, children, complain, name_of, number_of

RESTAGE = os.environ["RESTAGE"]
CLASSES = {"above 5 mm": "above_5mm", "near 5 mm": "near_5mm", "below 5 mm": "below_5mm"}
SIZE = r"(?P<size>size not measured|at least [0-9.]+ mm|[0-9.]+ mm(?: \([0-9.]+ to [0-9.]+\))?)"
CLASS = "(?P<class>above 5 mm|near 5 mm|below 5 mm|indeterminate)"
DASH, TIMES = "–", "×"


def decimal(text):
    """A printed number; None for a dash or for words."""
    found = re.match("-?[0-9.]+", text.strip())
    return Decimal(found.group(0)) if found else None


def printed_p(text):
    """P as it is told to people: a number, or in words what is nearly sure or nearly impossible."""
    bound = re.match("> 0.99|< 0.01", text)
    return bound.group(0) if bound else decimal(text)


def told_p(number):
    """P of a format for machines, which holds the number itself where people read a bound."""
    if number is None:
        return None
    return "> 0.99" if Decimal("0.995") <= number < 1 else "< 0.01" if number < Decimal("0.005") else number


def axes(text):
    long_mm, short_mm = text.split(TIMES)
    return {"long": decimal(long_mm), "short": decimal(short_mm)}


def point(text):
    return [Decimal(v) for v in text.replace("mm", "").replace("\\", ",").split(",")]


def truth(packet):
    """Of report.json: every other reader gives the same fields, as far as its format has them."""
    marks = json.load(open(f"{packet}/report.json"), parse_float=Decimal)["marks"]
    found = {}
    for m in marks:
        size, calipers = m["size"], m["size"]["axes_slice"] or m["slice"]
        found[m["id"]] = {
            "uid": m["tracking_uid"], "side": m["side"], "slice": str(m["slice"]["number"]), "lobe": m["lobe"],
            "calipers": str(calipers["number"]), "lobe_reason": m["lobe_reason"], "size": size["text"],
            "class": size["size_class"], "long": size["long_axis_mm"], "short": size["short_axis_mm"],
            "depth": m["depth_to_pleura_mm"], "p": printed_p(m["p_text"] or ""), "position": m["position_lps_mm"],
            "verdict": m["review"]["verdict"], "bed": m["bed"]["relation"], "bed_mm": m["bed"]["distance_mm"],
            "volume": size["volume_mm3"]}
    return found


def read_lesions(packet):
    return {r["id"]: {"uid": r["tracking_uid"], "side": r["side"] or None, "slice": r["slice_number"],
                      "lobe": r["lobe"] or None, "size": r["size_text"], "class": r["size_class"],
                      "long": decimal(r["long_axis_mm"]), "short": decimal(r["short_axis_mm"]), "depth": decimal(r["depth_to_pleura_mm"]),
                      "position": [Decimal(r[c]) for c in ("coordX", "coordY", "coordZ")],
                      "verdict": r["review_verdict"], "bed": r["bed_relation"], "bed_mm": decimal(r["bed_distance_mm"]),
                      "volume": decimal(r["volume_mm3"])}
            for r in csv.DictReader(open(f"{packet}/lesions.csv", encoding="utf-8"))}


def read_candidates(packet):
    return {r["mark"]: {"side": r["side"] or None}
            for r in csv.DictReader(open(f"{packet}/candidates.csv", encoding="utf-8")) if r["mark"]}


def read_markups(packet):
    points = json.load(open(f"{packet}/marks.mrk.json"), parse_float=Decimal)["markups"][0]["controlPoints"]
    return {p["label"]: {"size": p["description"], "position": p["position"]} for p in points}


class Page(html.parser.HTMLParser):
    """Cells of the table of marks by their heads, and the facts of every card by their names."""

    def __init__(self):
        super().__init__()
        self.table, self.cards, self.row, self.card, self.into, self.name = {}, {}, None, None, None, None

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "tr":
            self.row = {}
        if tag in ("th", "td") and self.row is not None and (tag == "td" or of.get("scope") == "row"):
            self.into = (self.row, of.get("data-h", "id"))
        if tag == "article" and of["class"] == "card":
            self.card = self.cards.setdefault(of["id"], {})
        if self.card is not None and tag in ("h3", "dt", "figcaption"):
            self.into = (self.card, tag)
            self.card[tag] = ""
        if self.card is not None and tag == "dd":
            self.into = (self.card, self.card["dt"])

    def handle_endtag(self, tag):
        if tag == "tr" and self.row and "Place" in self.row:
            self.table[self.row["id"].split()[0]] = self.row
        if tag in ("th", "td", "h3", "dt", "dd", "figcaption"):
            if tag == "figcaption" and self.card and self.card["figcaption"].startswith("axial"):
                self.card.setdefault("axial", self.card["figcaption"])
            self.into = None
        if tag == "article":
            self.card = None

    def handle_data(self, data):
        if self.into:
            where, name = self.into
            where[name] = where.get(name, "") + data.replace("\u00a0", " ")


def page_of(packet):
    page = Page()
    page.feed(open(f"{packet}/report.html", encoding="utf-8").read())
    return page


def class_of(words):
    return CLASSES.get(words, words)


def verdict_of(text):
    found = re.match(r"reader: (metastasis|other|not real|unsure)(?![,a-z])", text.strip())
    return found.group(1).replace(" ", "_") if found else "none"


def read_table(packet):
    found = {}
    for name, row in page_of(packet).table.items():
        words = re.fullmatch(r"(?:(left|right) )?(?:lung|outside the organs)(?:, ~?(\w+))?", row["Place"])
        found[name] = {"side": words.group(1), "lobe": words.group(2), "slice": row["Slice"], "size": row["Size"],
                       "class": class_of(row["Class"]), "depth": decimal(row["Depth"]), "p": printed_p(row["P"]),
                       "verdict": verdict_of(row.get("reader", "")), **axes(row["Long × short"])}
    return found


def of_card(name, head, facts, axial):
    """A card's facts mean the same in both pages for people."""
    lobe = facts["Lobe"].removeprefix("not known: ")
    known = lobe == facts["Lobe"]
    slice_, _, calipers = facts["Slice"].partition(", calipers in ")
    top = re.match(name + " " + SIZE + " " + CLASS + "(?P<rest>.*)", " ".join(head.split()))
    lengths = facts["Long × short axis"]
    measured = axes(lengths.split("(")[0]) if not lengths.startswith("not known") else {"long": None, "short": None}
    volume = re.match(r"([0-9.]+) mm³", facts["Segmented"])
    if axial is not None and axial != f"axial, slice {slice_}":
        complain(name, f"the picture is of {axial}, the card says {slice_}")
    side = facts["Side"].split()[0]
    return {"uid": facts["Tracking UID"].replace(" ", ""), "side": None if side == "not" else side, "slice": slice_,
            "calipers": calipers or slice_, "lobe": lobe if known else None, "lobe_reason": None if known else lobe,
            "depth": decimal(facts["Depth to pleura"]),
            "position": point(facts["Position, LPS"]), "p": printed_p(facts["P"]),
            "volume": Decimal(volume.group(1)) if volume else None,
            "size": top["size"], "class": class_of(top["class"]), "verdict": verdict_of(top["rest"]), **measured}


def read_cards(packet):
    found = {}
    for name, card in page_of(packet).cards.items():
        found[name] = of_card(name, card["h3"], card, card["axial"])
    return found


FACTS = ("Lobe", "Side", "Slice", "Position, LPS", "Long × short axis", "RECIST 1.1", "Fitted sphere", "Segmented",
         "Size class by", "Density", "Depth to pleura", "Attachment", "Treated bed", "Visibility", "P", "Tracking UID")


def pdf_text(packet):
    done = subprocess.run(["pdftotext", "-raw", f"{packet}/report.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\u00a0", " ").replace("\f", "")


def read_pdf_table(packet):
    row = re.compile(r"(?P<id>M\d+)(?: †)? (?P<side>left|right|–) (?P<lobe>~?[A-Z]{3}|–) (?P<slice>\d+) " + SIZE +
                     " " + CLASS + r" (?P<long>[0-9.]+|–) × (?P<short>[0-9.]+|–) (?P<depth>[0-9.]+|–)"
                     r" (?P<p>(?:[<>] )?[0-9.]+|–)(?P<rest>.*)")
    found = {}
    for m in filter(None, map(row.fullmatch, pdf_text(packet).splitlines())):
        found[m["id"]] = {"side": None if m["side"] == DASH else m["side"], "slice": m["slice"], "size": m["size"],
                          "lobe": None if m["lobe"] == DASH else m["lobe"].lstrip("~"), "class": class_of(m["class"]),
                          "long": decimal(m["long"]), "short": decimal(m["short"]), "depth": decimal(m["depth"]),
                          "p": printed_p(m["p"]), "verdict": verdict_of(m["rest"])}
    return found


def read_pdf_cards(packet):
    found = {}
    text = pdf_text(packet)
    for card in re.split(r"\n(?=M\d+ [^\n]*window)", text)[1:]:
        name = card.split()[0]
        captions = re.findall(r"^axial, slice \d+$", card, re.M)
        facts = " ".join(card[card.index("\nLobe: "):].split())
        cuts = [(re.search(re.escape(f + ": "), facts).start(), f) for f in FACTS]
        ends = [at for at, _ in cuts[1:]] + [re.search(r"Tracking UID: (2\.25\.[0-9 ]+)", facts).end()]
        values = {f: facts[at + len(f) + 2:end].strip() for (at, f), end in zip(cuts, ends)}
        found[name] = of_card(name, card.split("\n")[0], values, captions[0])
    return found


def numbers_of(scan):
    return {i.SOPInstanceUID: str(i.InstanceNumber) for i in images(scan)}


def read_sr(packet, scan):
    d, number = pydicom.dcmread(f"{packet}/report.sr.dcm"), numbers_of(scan)
    groups = children([c for c in d.ContentSequence if name_of(c) == "126010"][0], "125007")
    found = {}
    for g in groups:
        if g.ContentTemplateSequence[0].TemplateIdentifier != "1410":
            continue
        one = {name: rows[-1] for name in {name_of(c) for c in children(g)} if (rows := children(g, name))}
        label = re.fullmatch(r"(M\d+) " + SIZE + ", " + CLASS + "(?:; .*)?", one["121106"].TextValue)
        site = one.get("363698007", pydicom.Dataset())  # none outside the organs
        side, lobe = children(site, "272741003"), site.ConceptCodeSequence[0].CodeMeaning if site else "Lung"
        why = [r.TextValue[6:] for r in children(g, "REASON") if r.TextValue.startswith("lobe: ")]
        cited = {number[c.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID]
                 for parent in [g] + children(g, "103339001") + children(g, "103340004")
                 for c in children(parent, kind="SCOORD")}
        if len(cited) != 1 or one["112039"].TextValue.split(":")[-1] != label.group(1):
            complain(packet, f"SR: {label.group(1)} is drawn on {cited}, called {one['112039'].TextValue}")
        meaning = {n: CODES[one[n].ConceptCodeSequence[0].CodeValue]["value"]
                   for n in ("SIZE_CLASS", "REVIEW", "BED_RELATION")}
        value = {n: number_of(one[n]) if n in one else None for n in (
            "103339001", "103340004", "DEPTH_PLEURA", "P_FOCAL", "BED_DISTANCE")}
        if class_of(label["class"]) != meaning["SIZE_CLASS"]:
            complain(packet, f"SR: the label says {label['class']}")
        found[label.group(1)] = {
            "uid": one["112040"].UID, "side": side[0].ConceptCodeSequence[0].CodeMeaning.lower() if side else None,
            "slice": one["SLICE"].TextValue, "calipers": cited.pop(), "lobe": None if lobe == "Lung" else lobe,
            "lobe_reason": why[0] if why else None, "size": label["size"], "class": meaning["SIZE_CLASS"],
            "long": value["103339001"], "short": value["103340004"], "depth": value["DEPTH_PLEURA"],
            "p": told_p(value["P_FOCAL"]), "position": point(one["POSITION"].TextValue), "verdict": meaning["REVIEW"],
            "bed": meaning["BED_RELATION"], "bed_mm": value["BED_DISTANCE"]}
    return found


def read_seg(packet, scan):
    d, number = pydicom.dcmread(f"{packet}/lesions.seg.dcm"), numbers_of(scan)
    on = {}
    for group in d.PerFrameFunctionalGroupsSequence:
        cited = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        on.setdefault(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber, set()).add(number[cited])
    found = {}
    for s in d.SegmentSequence:
        region = s.get("AnatomicRegionSequence", [pydicom.Dataset()])[0]
        side = region.get("AnatomicRegionModifierSequence")
        found[s.SegmentLabel] = {"uid": s.TrackingUID, "side": side[0].CodeMeaning.lower() if side else None,
                                 "lobe": None if region.get("CodeMeaning", "Lung") == "Lung" else region.CodeMeaning,
                                 "on": on.get(s.SegmentNumber, set())}
    return found


def read_ko(packet, scan):
    """The slices in their order, no mark is named."""
    number = numbers_of(scan)
    return [number[c.ReferencedSOPSequence[0].ReferencedSOPInstanceUID]
            for c in pydicom.dcmread(f"{packet}/key.ko.dcm").ContentSequence if c.ValueType == "IMAGE"]


def read_fhir(packet):
    found = {}
    for entry in json.load(open(f"{packet}/bundle.json"), parse_float=Decimal, parse_int=Decimal)["entry"]:
        r = entry["resource"]
        if r["resourceType"] != "Observation" or r["code"]["coding"][0]["code"] != "MARK":
            continue
        part = {c["code"]["coding"][0]["code"]: c for c in r["component"]}
        place = re.fullmatch(r"(?:(left|right) )?(.*)", r.get("bodySite", {"text": "lung"})["text"])
        notes = [n["text"] for n in r["note"]]
        told = {k: v for k, _, v in (n.partition(": ") for n in notes)}

        def value(code):
            return part.get(code, {}).get("valueQuantity", {}).get("value")

        def word(code):
            return CODES[part[code]["valueCodeableConcept"]["coding"][0]["code"]]["value"]
        found[r["code"]["text"]] = {
            "uid": r["identifier"][0]["value"].removeprefix("urn:oid:"), "side": place.group(1),
            "lobe": None if place.group(2) == "lung" else place.group(2),
            "lobe_reason": part["LOBE_BASIS"].get("dataAbsentReason", {}).get("text"),
            "slice": told["slice (InstanceNumber)"], "position": point(told["position (LPS, mm)"]),
            "size": notes[0].removeprefix(r["code"]["text"] + " "), "class": word("SIZE_CLASS"),
            "long": value("103339001"), "short": value("103340004"), "depth": value("DEPTH_PLEURA"),
            "p": told_p(value("P_FOCAL")), "verdict": word("REVIEW"), "bed": word("BED_RELATION"),
            "bed_mm": value("BED_DISTANCE"), "volume": value("118565006")}
    return found


def read_text(said):
    """What run prints for people."""
    row = re.compile(r"  (M\d+) +(left|right|-) +(\d+) " + SIZE + " +" + CLASS + r" +((?:[<>] )?[0-9.]+|-)")
    return {m[1]: {"side": None if m[2] == "-" else m[2], "slice": m[3], "size": m["size"],
                   "class": class_of(m["class"]), "p": printed_p(m[6])}
            for m in filter(None, map(row.fullmatch, said.splitlines()))}


def read_told(said):
    """What run --json prints for programs."""
    return {m["id"]: {"side": m["side"], "slice": str(m["slice_number"]), "lobe": m["lobe"],
                      "lobe_reason": m["lobe_reason"], "size": m["size"], "class": m["size_class"]}
            for m in json.loads(said)["marks"]}


def compare(what, found, wanted):
    if set(found) != set(wanted):
        complain(what, f"has the marks {sorted(found)}, report.json {sorted(wanted)}")
    for name, fields in found.items():
        for field, value in fields.items():
            if name in wanted and value != wanted[name][field]:
                complain(what, f"{name}: {field} is {value!r}, in report.json {wanted[name][field]!r}")


def make(scan):
    """A packet with a place treated before, a reader's verdicts and an earlier packet; also what run printed, twice."""
    middle = sorted(float(i.ImagePositionPatient[2]) for i in images(scan))[40]
    marks = (f"--at=2,-60,{middle}",)  # in the heart: of no organ and no side
    first = sr.run(scan, "first", *marks)
    json.dump({"treatments": [{"kind": "SBRT", "date": "2019-12-22",
                               "point_lps_mm": [float(v) for v in first["marks"][1]["position_lps_mm"]]}]},
              open("context.json", "w"))
    json.dump({"reader": "Dr. A", "date": "2020-02-01", "marks": [
        {"id": "M01", "verdict": "not_real"}, {"id": "M03", "verdict": "unsure"}]}, open("review.json", "w"))
    options = (*marks, "--context", "context.json", "--review", "review.json", "--previous", "first", "--fhir")
    said = []
    for out, more in (("packet", ()), ("again", ("--json",))):
        code, text, err = call(RESTAGE, "run", scan, "-o", out, *options, *more)
        if code:
            raise SystemExit(f"run ends {code}: {err}")
        said.append(text)
    return said


def main():
    phantom("ordered", "--columns", "192", "--slices", "80", "--slice-spacing", "2", "--field-of-view", "320",
            "--lesions", "8")
    scan = derive("ordered", "scan", "shuffled")
    text, told = make(scan)
    wanted = truth("packet")
    sides = {m["side"] for m in wanted.values()}
    if len(wanted) < 5 or sides != {"left", "right", None} or all(m["long"] is None for m in wanted.values()) or \
            {"not_real", "unsure", "none"} - {m["verdict"] for m in wanted.values()}:
        complain("packet", f"tries too little: {wanted}")
    if any(m["lobe"] is None and not m["lobe_reason"] for m in wanted.values()):
        complain("packet", "no lobe and no reason")
    formats = {"lesions.csv": read_lesions("packet"), "candidates.csv": read_candidates("packet"),
               "marks.mrk.json": read_markups("packet"), "report.html, table": read_table("packet"),
               "report.html, cards": read_cards("packet"), "report.pdf, page 1": read_pdf_table("packet"),
               "report.pdf, cards": read_pdf_cards("packet"), "report.sr.dcm": read_sr("packet", scan),
               "bundle.json": read_fhir("packet"), "what run prints": read_text(text),
               "what run --json prints": read_told(told)}
    for name, found in formats.items():
        compare(name, found, wanted if name != "candidates.csv" else {n: m for n, m in wanted.items() if m["p"]})
    segments = read_seg("packet", scan)
    for name, segment in segments.items():
        on = segment.pop("on")
        if on and wanted[name]["calipers"] not in on:
            complain("lesions.seg.dcm", f"{name} lies on {sorted(on)}, not on {wanted[name]['calipers']}")
    compare("lesions.seg.dcm", segments, wanted)
    order = list(dict.fromkeys(m["calipers"] for m in wanted.values()))
    if read_ko("packet", scan) != order:
        complain("key.ko.dcm", f"slices {read_ko('packet', scan)}, not {order}")
    for line in sr.wrong[:60]:
        print("WRONG:", line)
    if not sr.wrong:
        print(f"{len(wanted)} marks told alike by {len(formats) + 2} formats")
    return 1 if sr.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
