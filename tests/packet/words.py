#!/usr/bin/python3
"""The words that no output of a packet may hold (contract 7), looked for in every file of it: JSON, CSV, page, PDF, FHIR,
DICOM texts and code meanings; case-folded.

    words.py PACKET...

Exempt are, by named keys and ids, the quoted questions, what a person wrote (context, reader), texts of the source, the
definition of P, and verdicts behind "reader:". Exit 0: none found; 1: found, told on stderr.
"""
import csv
import html.parser
import json
import os
import re
import subprocess
import sys

FORBIDDEN = [
    r"\bresectable", r"\bunresectable", r"\boperable", r"\binoperable", r"malignan", r"\bbenign", r"metasta",
    r"recurren", r"cancer-free", r"clear of", r"ruled out", r"no evidence of", r"normal lung", r"healthy",
    r"\d+ hidden",
]
# Strings of the source and of people, the quoted questions, and the definition of P (contract 7).
EXEMPT = {"description", "image_type", "manufacturer", "model", "kernel", "contrast_agent", "p_definition", "question",
          "context", "patient_name", "patient_name_text", "patient_id", "issuer_of_patient_id", "accession_number",
          "roi_name", "treatment", "reader"}
CSV_EXEMPT = {"bed_treatment", "review_verdict", "review_reader"}
# A verdict in the reader's name, or its boxes: "reader: metastasis", "reader: M metastasis, O other"; and its code.
READER = re.compile(r"reader:[\W_]*(m\s+)?metastasis|\brev_metastasis\b")
# Header elements that hold what the source or a person wrote.
SOURCE_TAGS = {"PatientName", "PatientID", "IssuerOfPatientID", "OtherPatientIDs", "OtherPatientNames", "StudyID",
               "StudyDescription", "AccessionNumber", "ReferringPhysicianName", "PatientComments"}
# Rows of the structured report that hold them: question, reader, treatment (codes of 99RESTAGE).
SOURCE_CODES = {"READER", "TREATMENT", "QUESTION", "CONTEXT"}


def found_in(text):
    """Patterns that a text holds, verdicts of readers apart."""
    text = READER.sub(" ", " ".join(text.casefold().split()))
    return [pattern for pattern in FORBIDDEN if re.search(pattern, text)]


def words(value, key=None):
    """Every string of a JSON value but the exempt ones, keys too."""
    if key in EXEMPT:
        return
    if isinstance(value, dict):
        for k, v in value.items():
            yield k
            if key == "review" and k == "verdict":
                continue
            yield from words(v, k)
    elif isinstance(value, list):
        for v in value:
            yield from words(v, key)
    elif isinstance(value, str):
        yield value


def exempt_strings(value, key=None):
    """The strings behind exempt keys, for formats that have no keys."""
    if isinstance(value, dict):
        for k, v in value.items():
            yield from exempt_strings(v, k if k in EXEMPT else key)
    elif isinstance(value, list):
        for v in value:
            yield from exempt_strings(v, key)
    elif isinstance(value, str) and key in EXEMPT:
        yield value


def without(text, exempt):
    """A text without the strings that are exempt, longest first, wherever lines were broken."""
    text = " ".join(text.split())
    for piece in sorted({" ".join(piece.split()) for piece in exempt if piece.strip()}, key=len, reverse=True):
        if len(piece) >= 3:
            text = re.sub(r"(?<!\w)" + re.escape(piece) + r"(?!\w)", " ", text)
        if len(piece) > 24: # cut where it did not fit
            text = re.sub(re.escape(piece[:24]) + "[^\u2026]{0,100}\u2026", " ", text)
    return text


def texts_of_csv(path):
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    for row in rows:
        for name, cell in zip(rows[0], row):
            if name not in CSV_EXEMPT or row is rows[0]:
                yield cell, []


class Page(html.parser.HTMLParser):
    """Texts and attributes of a page but what stands in elements of the classes source and reader."""

    def __init__(self):
        super().__init__()
        self.open, self.pieces = [], []

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        apart = (self.open and self.open[-1][1]) or {"source", "reader"} & set(values.get("class", "").split())
        apart = bool(apart) or tag in ("style", "script")
        if tag not in ("meta", "br", "img", "link", "input", "hr"):
            self.open.append((tag, apart))
        if not apart:
            self.pieces += [value for name, value in values.items() if name not in ("href", "src", "content")]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data):
        if not (self.open and self.open[-1][1]):
            self.pieces.append(data)


def texts_of_page(path, exempt):
    page = Page()
    with open(path, encoding="utf-8") as f:
        page.feed(f.read())
    page.close()
    yield " ".join(page.pieces), exempt


def texts_of_pdf(path, exempt):
    text = subprocess.run(["pdftotext", "-q", "-raw", path, "-"], capture_output=True, check=True)
    info = subprocess.run(["pdfinfo", path], capture_output=True, check=False)
    for one in (text.stdout, info.stdout):
        yield one.decode("utf-8", "replace"), exempt


def texts_of_dicom(path, exempt):
    import pydicom

    def walk(data):
        code = None
        names = data.get("ConceptNameCodeSequence")
        if names:
            code = str(names[0].get("CodeValue", ""))
        for element in data:
            if element.keyword in SOURCE_TAGS:
                continue
            if element.VR == "SQ":
                for item in element.value:
                    yield from walk(item)
            elif isinstance(element.value, (str, list, pydicom.multival.MultiValue, pydicom.valuerep.PersonName)):
                if element.keyword == "TextValue" and code in SOURCE_CODES:
                    continue
                yield str(element.value), exempt
    data = pydicom.dcmread(path)
    yield from walk(data)
    if "EncapsulatedDocument" in data:
        copy = path + ".words.pdf"
        try:
            with open(copy, "wb") as f:
                f.write(data.EncapsulatedDocument[:data.get("EncapsulatedDocumentLength")])
            yield from texts_of_pdf(copy, exempt)
        finally:
            os.remove(copy)


def texts_of_json(path, exempt):
    with open(path, encoding="utf-8") as f:
        value = json.load(f)
    # A bundle, a list of markups and done.json have other keys than the report: what is exempt there stands in it.
    pieces = [] if os.path.basename(path) == "report.json" else exempt
    for text in words(value):
        yield text, pieces


def texts_of(path, exempt):
    if path.endswith(".json"):
        return texts_of_json(path, exempt)
    if path.endswith(".csv"):
        return texts_of_csv(path)
    if path.endswith(".html"):
        return texts_of_page(path, exempt)
    if path.endswith(".pdf"):
        return texts_of_pdf(path, exempt)
    if path.endswith(".dcm"):
        return texts_of_dicom(path, exempt)
    return []


def check(packet):
    """Sentences on what is forbidden and found, file by file."""
    wrong = []
    with open(os.path.join(packet, "report.json"), encoding="utf-8") as f:
        report = json.load(f)
    exempt = list(exempt_strings(report))
    for folder, _, names in os.walk(packet):
        for name in sorted(names):
            path = os.path.join(folder, name)
            for text, pieces in texts_of(path, exempt):
                for pattern in found_in(without(text, pieces)):
                    wrong.append(f"{path}: {pattern} in {' '.join(text.split())[:200]!r}")
    return wrong


if __name__ == "__main__":
    problems = [line for packet in sys.argv[1:] for line in check(packet)]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    sys.exit(bool(problems))
