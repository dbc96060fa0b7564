"""Runs restage and the tools of others on hostile inputs and counts how each call ended.

    run_hostile.py MADE [--corpus FOLDER] [--every N] [--peers] [--sandbox-off] [--kind TEXT] [--table FILE]

MADE: what make_hostile.py wrote. An input counts once a program: the worst end of its calls (crash, hang, memory, else
refused where no call succeeded, else ok). Exit 1 where restage crashed, hung, swelled, ended untyped, wrote beside its
output, accepted what must be refused or refused what must be read.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

import calls

PROGRAM = os.environ["RESTAGE"]
TYPED = (0, 65, 66)
WORST = ("crash", "hang", "memory")
PEERS = {
    "gdcm": (["gdcminfo", "{}"], ["gdcmconv", "--raw", "{}", "out.dcm"]),
    "dcmtk": (["dcmdump", "-q", "{}"], ["dcmj2pnm", "-q", "--write-16-bit-pnm", "{}", "out.pnm"]),
}
PEER_BYTES = 4 << 30


def ours(case, folder, study, options):
    """The calls that this input is given to: (words, does exit 0 mean that it was read?)."""
    j = ["-j", "1"]
    if case["call"] == "region":
        name = os.listdir(folder)[0]
        return [(["export", study, "-o", "out.mha", "-q", "--region", os.path.join(folder, name)] + j + options, True)]
    if case["call"] == "file":
        folder = os.path.join(folder, os.listdir(folder)[0])
    if case["call"] == "context":
        return [(["run", study, "-o", "out", "-q", "--context", os.path.join(folder, "context.json")] + j + options, True)]
    whole = [(["run", folder, "-o", "out", "-q"] + j + options, False),
             (["export", folder, "-o", "out.mha", "-q"] + j + options, True)]
    many = case["kind"].startswith(("14-", "corpus"))  # run reads the headers as info does
    return whole if many else [(["info", folder, "--json"] + j, False)] + whole


def ask(case, folder, study, options):
    """(end, sentences on what is wrong) of one input."""
    end, wrong, read = "refused", [], False
    with tempfile.TemporaryDirectory() as place:
        for words, reads in ours(case, folder, study, options):
            c = calls.call([PROGRAM] + words, place, environment=calls.sanitized())
            said = "%s ends with %s: %s" % (words[0], c, c.err.strip()[-400:])
            if c.end != "exit":
                end = c.end if end not in WORST else end
                wrong.append(said)
            elif c.code not in TYPED and not (case["call"] == "context" and c.code == 64):
                wrong.append(said)
            elif reads and c.code == 0:
                read = True
            if c.code != 0 and os.listdir(place) not in ([], ["out"], ["out.mha"]):
                wrong.append("%s left %s" % (words[0], os.listdir(place)))
        if end == "refused" and read:
            end = "ok"
        if case["must"] == "read" and end == "refused":
            wrong.append("must be read, but: " + c.err.strip()[-300:])
        if case["must"] == "refuse" and end == "ok":
            wrong.append("must be refused, but is read")
        stray = set(os.listdir(place)) - {"out", "out.mha"}
        if stray:
            wrong.append("stray files: %s" % sorted(stray))
    return end, wrong


def peer(name, folder):
    """The worst end of a peer's calls on each file of the input."""
    ends = []
    with tempfile.TemporaryDirectory() as place:
        if name == "dcm2niix":
            runs = [["dcm2niix", "-b", "n", "-z", "n", "-o", place, folder]]
        else:
            files = [os.path.join(where, f) for where, _, names in os.walk(folder) for f in names]
            files = [f for f in files if os.path.isfile(f) and not os.path.islink(f)][:3]
            runs = [[w.replace("{}", f) for w in words] for f in files for words in PEERS[name]]
        for argv in runs:
            c = calls.call(argv, place, address_bytes=PEER_BYTES, patience=2)
            if c.end != "exit":
                ends.append(c.end)
            else:
                made = name != "dcm2niix" or any(f.endswith(".nii") for f in os.listdir(place))
                ends.append("ok" if c.code == 0 and made else "refused")
    for end in WORST:
        if end in ends:
            return end
    return "refused" if not ends or "refused" in ends else "ok"


def table(counts, programs):
    """Markdown: a row a kind, ok / refused / crash / hang / memory of each program; what is 0 is a dot."""
    lines = ["| kind | inputs | " + " | ".join(programs) + " |", "| --- | ---: |" + " --- |" * len(programs)]

    def cell(c):
        return " / ".join(str(c[e]) if c[e] else "·" for e in ("ok", "refused") + WORST)

    total = collections.defaultdict(collections.Counter)
    for kind in sorted(counts):
        row = counts[kind]
        n = sum(row[programs[0]].values())
        lines.append("| %s | %d | %s |" % (kind, n, " | ".join(cell(row[p]) for p in programs)))
        for p in programs:
            total[p].update(row[p])
    lines.append("| **all** | %d | %s |" % (sum(total[programs[0]].values()), " | ".join(cell(total[p]) for p in programs)))
    return "\n".join(lines)


def all_cases(args):
    for case in json.load(open(os.path.join(args.made, "cases.json"))):
        yield case, os.path.join(args.made, case["folder"])
    if args.corpus:
        for where, _, names in sorted(os.walk(args.corpus)):
            for name in sorted(names):
                yield {"kind": "corpus", "name": name, "call": "path", "must": "either"}, os.path.join(where, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("made")
    parser.add_argument("--corpus")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--kind", default="")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--sandbox-off", action="store_true")
    parser.add_argument("--table")
    args = parser.parse_args()
    made = args.made = os.path.abspath(args.made)
    programs = ["restage"] + (["gdcm", "dcmtk", "dcm2niix"] if args.peers else [])
    programs = [p for p in programs if p == "restage" or shutil.which({"gdcm": "gdcminfo", "dcmtk": "dcmdump"}.get(p, p))]
    options = ["--sandbox=off"] if args.sandbox_off else []
    counts, n_wrong, n = collections.defaultdict(lambda: collections.defaultdict(collections.Counter)), 0, 0
    chosen = [c for c in all_cases(args) if args.kind in c[0]["kind"]][::args.every]
    try:
        for case, folder in chosen:
            end, wrong = ask(case, folder, os.path.join(made, "study"), options)
            counts[case["kind"]]["restage"][end] += 1
            for sentence in wrong:
                print("WRONG: %s/%s: %s" % (case["kind"], case["name"], sentence), flush=True)
            n_wrong += bool(wrong)
            n += 1
            for p in programs[1:]:
                if case["call"] != "context":
                    counts[case["kind"]][p][peer(p, folder)] += 1
    except KeyboardInterrupt:
        print("stopped after %d of %d inputs" % (n, len(chosen)))
    text = table(counts, programs)
    if args.table:
        with open(args.table, "w") as f:
            f.write(text + "\n")
    else:
        print(text)
    print("%d inputs, %d wrong" % (n, n_wrong))
    return n_wrong > 0


sys.exit(main())
