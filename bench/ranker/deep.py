#!/usr/bin/env python3
"""Gives the 162 rays to those candidates that the first network thinks most of: what the second is trained on.

    python3 bench/ranker/deep.py OUT --restage build/release/restage --nets OUT/nets/ray42-{}.json

{} stands for "all" and for the chest of a scan: its candidates are chosen by the network of everything and by the one
that never saw the chest, so that either can be followed by its second network. Candidates on lesions are always there.
OUT/tables/NAME/rays162.npy and the rows of candidates.npy that point at it are made anew.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import train  # noqa: E402  (first: it sets the environment)
import numpy as np  # noqa: E402
import pool as pools  # noqa: E402
import tables  # noqa: E402

OWN, ALL = 2000, 1200


def chosen(scan, rankers):
    rows = [np.flatnonzero((scan.rows["label"] == 1) & (scan.rows["fit"] > 0.02))]
    for networks, n in zip(rankers, (OWN, ALL)):
        rows.append(np.argsort(-train.scores_of(networks, scan), kind="stable")[:n])
    rows = np.unique(np.concatenate(rows))
    return rows[~scan.rows["mass"][rows]]


def make(args, scan, rows):
    work = os.path.join(args.out, "work", scan.name)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    folder = os.path.join(args.out, "scans", scan.name)
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        uid = json.load(f)["series_uid"]
    path, out = os.path.join(work, "deep.csv"), os.path.join(work, "run")
    with open(path, "w", encoding="utf-8") as f:
        f.write("seriesuid,coordX,coordY,coordZ,probability,radius_mm\n")
        for n, row in enumerate(rows):  # P keeps the order, by which rows are known again
            f.write("%s,%.4f,%.4f,%.4f,%.6f,%.5f\n" % ((uid,) + tuple(scan.rows["lps"][row]) + (0.9 - 1e-5 * n, scan.radius[row])))
    tables.call([args.restage, "run", folder, "-o", out, "--candidates", path, "--dump", "detect", "--stop-after", "detect",
                 "-j", "1", "-q", "--detect-keep=100000"])
    values, _ = tables.columns(out + ".dump/05-detect.csv", ["probability"])
    number = np.rint((0.9 - values[:, 0]) / 1e-5).astype(int)
    rays = tables.packed(out + ".dump/05-detect-rays162.npy")
    scan.rows["deep"] = -1
    scan.rows["deep"][rows[number]] = np.arange(len(number))
    np.save(os.path.join(scan.folder, "rays162.npy"), rays)
    np.save(os.path.join(scan.folder, "candidates.npy"), scan.rows)
    with open(os.path.join(scan.folder, "deep-done"), "w", encoding="utf-8"):
        pass
    shutil.rmtree(work)
    print("%s: %d" % (scan.name, len(number)), file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--restage", required=True)
    parser.add_argument("--nets", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    train.torch.set_num_threads(1)
    scans = pools.load(args.out)
    rankers = {}

    def nets_of(chest):
        if chest not in rankers:
            path = args.nets.format(chest)
            rankers[chest] = train.read_ranker(path if os.path.exists(path) else args.nets.format("all"))[1]
        return rankers[chest]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = []
        for scan in scans:
            if not scan.has("deep-done"):
                rows = chosen(scan, (nets_of(scan.chest), nets_of("all")))
                jobs.append(pool.submit(make, args, scan, rows))
        for job in jobs:
            job.result()


if __name__ == "__main__":
    main()
