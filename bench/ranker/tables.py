#!/usr/bin/env python3
"""Reads the scans of scans.py with `restage run --dump detect` and keeps what a ranker is trained on.

    python3 bench/ranker/tables.py OUT --restage build/release/restage [--ranker FILE]

writes OUT/tables/NAME for every scan of OUT/scans that has none yet (--again: for all):
    candidates.npy  a row a candidate: place, radius, response, score of the program, label, lesion, row of rays162
    rays42.npy, rays162.npy   their tables, (HU + 1000) / 5 as uint8; 162 rays of the best --deep by score
    jitter.npy, jitter42.npy, jitter162.npy   copies of every lesion's best candidate with other centres and radii
    meta.json       chest, kind, litres searched, lesions with size and attachment
Labels: 1 nearer to a lesion's centre than its radius; 0 false; -1 neither: within 1.5 radii (cut-outs: more), or on what the truth or
bench/ranker/unlisted.csv calls irrelevant. The jittered copies stay while the candidates are made again (--again):
they hang on the truth. With --ranker the best by that ranker get the 162 rays; --first is before there is one: the
program ranks without networks.
"""
import argparse
import concurrent.futures
import csv
import glob
import json
import os
import shutil
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
COPIES = 8
CANDIDATE = np.dtype([("lps", "f4", 3), ("radius", "f4"), ("response", "f4"), ("score", "f4"), ("ratio", "f4"),
                      ("mass", "?"), ("label", "i1"), ("lesion", "i2"), ("deep", "i4"), ("fit", "f4")])
JITTER = np.dtype([("radius", "f4"), ("response", "f4"), ("lesion", "i2")])


def call(command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="passive"))
    if done.returncode:
        raise RuntimeError("%s: exit %d: %s" % (" ".join(command[:4]), done.returncode, done.stderr.strip()[-400:]))


def columns(path, names):
    """Columns of a dump as floats (text: NaN), and the kind of each row."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        head = next(rows)
        where = [head.index(name) for name in names]
        origin = head.index("origin")
        values, mass = [], []
        for row in rows:
            values.append([float(row[w]) if row[w] else np.nan for w in where])
            mass.append(row[origin] == "mass")
    return np.array(values, np.float64).reshape(-1, len(names)), np.array(mass, bool)


def packed(path):
    rays = np.load(path, mmap_mode="r")
    bytes_of = np.clip(np.rint((np.asarray(rays, np.float32) + 1000) / 5), 0, 255).astype(np.uint8)
    return bytes_of.reshape(len(rays), int(np.prod(rays.shape[1:])))  # -1 is not known of no rays


def unlisted(chest):
    path = os.path.join(HERE, "unlisted.csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as f:
        return [([float(r["coord" + a]) for a in "XYZ"], float(r["diameter_mm"])) for r in csv.DictReader(f)
                if r["chest"] == chest]


def label(place, radius, truth, chest):
    """Labels, lesions and how well each candidate lies on its lesion (0 to 1)."""
    n = len(place)
    labels, lesion, fit = np.zeros(n, np.int8), np.full(n, -1, np.int16), np.zeros(n, np.float32)
    apart = [(t["lps_mm"], t["diameter_mm"]) for t in truth["irrelevant"]] + unlisted(chest)
    for centre, diameter in apart:
        labels[np.linalg.norm(place - centre, axis=1) < max(0.6 * diameter, 2.0)] = -1
    if truth["lesions"]:
        centres = np.array([x["lps_mm"] for x in truth["lesions"]])
        radii = np.array([0.5 * x["equivalent_mm"] for x in truth["lesions"]])
        distance = np.linalg.norm(place[:, None] - centres[None], axis=2)
        share = distance / radii
        nearest = share.argmin(1)
        share = share[np.arange(n), nearest]
        # a cut-out brings parts of its neighbours along
        clear = np.array([1.5 if x.get("source", "formula") == "formula" else 2.2 + 1 / r
                          for x, r in zip(truth["lesions"], radii)])
        labels[(distance < clear * radii).any(1)] = -1
        labels[share < 1] = 1
        lesion[share < 1] = nearest[share < 1]
        size = np.log(radius / (0.9 * radii[nearest]))
        fit = np.where(share < 1, np.exp(-2 * share ** 2 - 3 * size ** 2), 0).astype(np.float32)
    return labels, lesion, fit


def jitter_rows(candidates, truth, seed):
    """Places and radii of the copies: of the candidate that fits best, or of the truth where there is none."""
    random = np.random.default_rng(seed)
    rows = []
    for n, lesion in enumerate(truth["lesions"]):
        own = np.flatnonzero(candidates["lesion"] == n)
        best = own[candidates["fit"][own].argmax()] if len(own) else None
        centre = candidates["lps"][best] if len(own) else np.array(lesion["lps_mm"])
        radius = candidates["radius"][best] if len(own) else 0.45 * lesion["equivalent_mm"]
        for _ in range(COPIES):
            rows.append((n, centre + random.normal(0, 0.12 * radius + 0.1, 3), radius * np.exp(random.uniform(-0.08, 0.08))))
    return rows


def make_jitter(args, scan, folder, candidates, truth, work):
    path = os.path.join(work, "jitter.csv")
    rows = jitter_rows(candidates, truth, int(truth["seed"]))
    with open(path, "w", encoding="utf-8") as f:
        f.write("seriesuid,coordX,coordY,coordZ,probability,radius_mm\n")
        for n, (_, place, radius) in enumerate(rows):  # P keeps the order, by which rows are known again
            f.write("%s,%.4f,%.4f,%.4f,%.6f,%.4f\n" % ((truth["series_uid"],) + tuple(place) + (0.9 - 1e-5 * n, radius)))
    out = os.path.join(work, "jitter")
    call([args.restage, "run", scan, "-o", out, "--candidates", path, "--dump", "detect", "--stop-after", "detect", "-j",
          "1", "-q", "--detect-keep=100000"])
    values, _ = columns(out + ".dump/05-detect.csv", ["probability", "radius_mm", "log_hu"])
    number = np.rint((0.9 - values[:, 0]) / 1e-5).astype(int)
    table = np.zeros(len(values), JITTER)
    table["radius"], table["response"] = values[:, 1], values[:, 2]
    table["lesion"] = [rows[n][0] for n in number]
    np.save(os.path.join(folder, "jitter.npy"), table)
    for rays in ("42", "162"):
        np.save(os.path.join(folder, "jitter%s.npy" % rays), packed(out + ".dump/05-detect-rays%s.npy" % rays))


def litres_of(dump):
    with open(os.path.join(dump, "03-organs.json"), encoding="utf-8") as f:
        text = json.load(f)
    return sum(region["searched_ml"] or 0 for region in text["regions"]) / 1000


def make(args, scan, kind, chest):
    name = os.path.basename(scan)
    folder, work = os.path.join(args.out, "tables", name), os.path.join(args.out, "work", name)
    made = os.path.join(folder, "meta.json")
    if os.path.exists(made) and not (args.again and os.path.getmtime(made) < args.since):
        return
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(scan, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    known = os.path.join(args.out, "litres", name if kind != "insertions" else chest)
    more = [] if os.path.exists(known) else ["organs,"]
    out = os.path.join(work, "run")
    call([args.restage, "run", scan, "-o", out, "--dump", "".join(more) + "detect", "--stop-after", "detect", "-j", "1",
          "--detect-part-share", "0",
          "-q", "--detect-keep=%d" % args.deep] + (["--ranker", args.ranker] if args.ranker else []) +
         (["--detect-networks=0"] if args.first else []))
    if more:
        with open(known, "w", encoding="utf-8") as f:
            f.write("%.4f\n" % litres_of(out + ".dump"))
    with open(known, encoding="utf-8") as f:
        litres = float(f.read())
    values, mass = columns(out + ".dump/05-detect.csv", ["coordX", "coordY", "coordZ", "radius_mm", "log_hu", "score",
                                                         "e3_e1", "rays162_row"])
    table = np.zeros(len(values), CANDIDATE)
    table["lps"], table["radius"], table["response"], table["score"] = values[:, :3], values[:, 3], values[:, 4], values[:, 5]
    table["ratio"], table["mass"], table["deep"] = values[:, 6], mass, np.where(np.isnan(values[:, 7]), -1, values[:, 7])
    table["label"], table["lesion"], table["fit"] = label(values[:, :3], values[:, 3], truth, chest)
    for rays in ("42", "162"):
        np.save(os.path.join(folder, "rays%s.npy" % rays), packed(out + ".dump/05-detect-rays%s.npy" % rays))
    np.save(os.path.join(folder, "candidates.npy"), table)
    if not os.path.exists(os.path.join(folder, "jitter.npy")) and truth["lesions"] and kind != "calibration":
        make_jitter(args, scan, folder, table, truth, work)
    lesions = [{"mm": x["equivalent_mm"], "attachment": x["attachment"], "density": x["density"], "source": x.get("source", "")}
               for x in truth["lesions"]]
    with open(os.path.join(folder, "meta.json"), "w", encoding="utf-8") as f:
        json.dump({"name": name, "kind": kind, "chest": chest, "litres": litres, "lesions": lesions}, f)
    shutil.rmtree(work)
    print("%s: %d candidates, %d of %d lesions hit" % (name, len(table), len(set(table["lesion"]) - {-1}), len(lesions)),
          file=sys.stderr, flush=True)


def kind_of(name, chests=("r01-001", "lungfcp-0001", "qin-0014", "qin-0028", "lctsc-004")):
    head = name.split("-")[0]
    if head in ("phantoms", "calibration"):
        return head, head
    return "insertions", next(c for c in chests if name.startswith(c))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--restage", required=True)
    parser.add_argument("--ranker")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--newer", metavar="FILE", help="with --again: but not what is newer than FILE")
    parser.add_argument("--only", default="", help="scans whose name begins so")
    parser.add_argument("--deep", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    args.since = os.path.getmtime(args.newer) if args.newer else float("inf")
    for folder in ("tables", "litres", "work"):
        os.makedirs(os.path.join(args.out, folder), exist_ok=True)
    scans = [s for s in sorted(glob.glob(os.path.join(args.out, "scans", args.only + "*"))) if ".partial" not in s]
    if args.first:  # what calibrates is read once, by the networks' order
        scans = [s for s in scans if kind_of(os.path.basename(s))[0] != "calibration"]
    # plain forms first: they know the litres of their chest
    scans.sort(key=lambda s: (os.path.basename(s).count(".") > 0, s.endswith("+1"), s[::-1]))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for scan, wrong in zip(scans, pool.map(lambda s: attempt(args, s), scans)):
            if wrong:
                print("%s: %s" % (os.path.basename(scan), wrong), file=sys.stderr, flush=True)


def attempt(args, scan):
    try:
        make(args, scan, *kind_of(os.path.basename(scan)))
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        return error
    return None


if __name__ == "__main__":
    main()
