#!/usr/bin/env python3
"""Sizes apart from ranking: phantoms of the hard recipe, every lesion pointed at with --at (up to 0.5 mm off along each
axis), and what `restage evaluate` says of the sizes: bias, coverage of the intervals, size classes at the 5 mm line.

    python3 bench/sizes.py OUT FIRST LAST --restage PROGRAM [--thickness MM] [--columns N] [--slices N] [-o FILE]

Seeds 801 to 999 are for tuning, 2801 and up for reports. Packets that are in OUT already are not made again. Classes of
size are differences of what evaluate counts from rising sizes on (--least)."""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys

ATTACHMENTS = {"free": ("free",), "vessel": ("vessel",), "wall": ("pleura", "fissure")}
COUNTS = ("n", "definite", "wrong")


def call(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="passive"))
    if done.returncode:
        sys.exit("sizes.py: %s: exit %d: %s" % (" ".join(command[1:3]), done.returncode, done.stderr.strip()[-500:]))
    return done.stdout


def make(args, seed):
    """The packet of one patient and its truth; images are not kept."""
    packet, truth = os.path.join(args.out, "%d" % seed), os.path.join(args.out, "%d.truth.json" % seed)
    if os.path.isdir(packet):
        return packet, truth
    scan = packet + ".scan"
    shutil.rmtree(scan, ignore_errors=True)
    call([args.restage, "phantom", "-o", scan, "--recipe", args.recipe, "--seed", str(seed), "--lesions", "30",
          "--smallest", "3", "--largest", "8", "--slices", str(args.slices), "--columns", str(args.columns),
          "--thickness", str(args.thickness), "--slice-spacing", str(args.thickness), "-q"])
    with open(os.path.join(scan, "truth.json"), encoding="utf-8") as f:
        lesions = json.load(f)["lesions"]
    off = random.Random(seed)
    places = ["--at=" + ",".join("%.2f" % (x + off.uniform(-0.5, 0.5)) for x in lesion["lps_mm"]) for lesion in lesions]
    call([args.restage, "run", scan, "-o", packet, "-q"] + places)
    shutil.copy(os.path.join(scan, "truth.json"), truth)
    shutil.rmtree(scan)
    return packet, truth


def evaluate(args, made, least):
    command = [args.restage, "evaluate"] + [packet for packet, _ in made]
    for _, truth in made:
        command += ["--truth", truth]
    return json.loads(call(command + ["--cap=0", "--bootstraps=0", "--least=%g" % least, "--json", "-q"]))["measured"]


def counts(rows, attachment):
    """Sums of evaluate's counts over the parts of an attachment."""
    parts = [r for r in rows if r["by"] == "attachment" and r["name"] in ATTACHMENTS[attachment]]
    return {c: sum(part[c] for part in parts) for c in COUNTS}


def share(k, n):
    return "%d of %d = %.1f %%" % (k, n, 100 * k / n) if n else "0"


def number(value):
    return "" if value is None else "%.2f" % value


def tables(args, made):
    above = {mm: evaluate(args, made, mm) for mm in (0, 4, 6)}
    lines = ["| by | kind | n | fits | bias mm | SD mm | fit covers | interval covers | median width mm | definite | wrong |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in above[0]:
        lines.append("| %s | %s | %d | %d | %s | %s | %s | %s | %s | %d | %d |" % (
            r["by"], r["name"], r["n"], r["n_fit"], number(r["bias_mm"]), number(r["sd_mm"]),
            share(r["fit_covered"], r["n_fit_bounded"]), share(r["decided_covered"], r["n_decided"]),
            number(r["median_width_mm"]), r["definite"], r["wrong"]))
    lines += ["", "| attachment | definite below 4 or from 6 mm on | wrong of all |", "| --- | --- | --- |"]
    for name in ATTACHMENTS:
        of = {mm: counts(rows, name) for mm, rows in above.items()}
        far = {c: of[0][c] - of[4][c] + of[6][c] for c in COUNTS}
        lines.append("| %s | %s | %s |" % (name, share(far["definite"], far["n"]), share(of[0]["wrong"], of[0]["n"])))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--restage", required=True)
    parser.add_argument("--recipe", default=os.path.join(os.path.dirname(__file__), "..", "samples", "recipe-hard.json"))
    parser.add_argument("--thickness", type=float, default=1.0)
    parser.add_argument("--columns", type=int, default=448)
    parser.add_argument("--slices", type=int, default=170)
    parser.add_argument("-o", "--output")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    made = [make(args, seed) for seed in range(args.first, args.last + 1)]
    text = "# Sizes\n\nSeeds %d to %d, slices of %g mm, %s.\n\n%s" % (
        args.first, args.last, args.thickness, call([args.restage, "--version"]).split("\n")[0], tables(args, made))
    if args.output:
        with open(args.output, "w", encoding="utf-8") as f:
            f.write(text)
    print(text, end="")


if __name__ == "__main__":
    main()
