#!/usr/bin/env python3
"""Fits the maps score -> P and the operating points of an organ on phantoms, and prints calibration.inc.

usage: fit_calibration.py FOLDER > src/organs/lung/calibration.inc
       fit_calibration.py --keep 05-detect.csv > candidates.csv

FOLDER has seed-N and mass-N, each with truth.json of a `restage phantom`, report.json of `restage run` on it, and
candidates.csv, the part of `--dump detect` that --keep leaves; calibrate.sh makes them. The seeds are patients as they
come (none to many lesions), the masses patients with some of 20 mm and more. A candidate hits a lesion when it lies
nearer to its centre than its radius; the best hit of a lesion counts, further ones count neither way. P is isotonic in
the score (pool adjacent violators): one map for maxima of the filter, on the seeds; one for masses, on both, the hits
weighed as if a patient had 0.2 masses. No block of that map is believed beyond what its hits can show: n hits and no
false one leave up to 3/n of false ones (rule of three, 95 %), so its P is at most 1 - 3/n. The operating points are
those of contract 1: the P above which the seeds have 1/4, 1 or 4 false candidates a litre searched, of both kinds
together. Needs numpy.
"""
import csv
import glob
import json
import os
import sys

import numpy as np

KEPT = ["coordX", "coordY", "coordZ", "origin", "probability", "score"]
MASS_PREVALENCE = 0.2
P_LEAST, P_MOST = 0.0005, 0.98


def keep(path):
    """Prints the columns of a dump that the fit needs."""
    writer = csv.DictWriter(sys.stdout, KEPT, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in csv.DictReader(open(path)):
        writer.writerow(row)


class Phantom:
    """Scores, origins and labels (1 hit, 0 false, -1 ignored) of the candidates of one phantom."""

    def __init__(self, folder):
        truth = json.load(open(os.path.join(folder, "truth.json")))
        report = json.load(open(os.path.join(folder, "report.json")))
        rows = list(csv.DictReader(open(os.path.join(folder, "candidates.csv"))))
        place = np.array([[float(r["coord" + a]) for a in "XYZ"] for r in rows]).reshape(-1, 3)
        p = np.array([float(r["probability"]) for r in rows])
        self.score = np.array([float(r["score"]) for r in rows])
        self.mass = np.array([r["origin"] == "mass" for r in rows], bool)
        self.label = np.zeros(len(rows), int)
        self.lesions = len(truth["lesions"])
        for lesion in truth["lesions"]:
            distance = np.linalg.norm(place - np.array(lesion["lps_mm"]), axis=1)
            hits = np.flatnonzero(distance < max(0.5 * lesion["equivalent_mm"], 1.0))
            hits = hits[self.label[hits] == 0]
            self.label[hits] = -1
            if len(hits):
                self.label[hits[np.lexsort((self.score[hits], p[hits]))[-1]]] = 1
        self.litres = sum(o["searched_ml"] or 0 for o in report["organs"]) / 1000
        self.seed = int(truth["seed"])
        self.made = (truth["generation"], truth["version"], report["software"]["commit"])


def ranges(seeds):
    """[1, 2, 3, 7] as "1-3, 7"."""
    parts = []
    for seed in sorted(seeds):
        if parts and parts[-1][1] == seed - 1:
            parts[-1][1] = seed
        else:
            parts.append([seed, seed])
    return ", ".join("%d-%d" % tuple(p) if p[1] > p[0] else str(p[0]) for p in parts)


def isotonic(score, label, weight):
    """Blocks of pool adjacent violators: mean score, P, weight, least and largest score, hits, false; rising."""
    order = np.argsort(score, kind="stable")
    blocks = []
    for s, y, w in zip(score[order], label[order], weight[order]):
        blocks.append([s * w, y * w, w, s, s, y, 1 - y])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1][:3], last)] + \
                [blocks[-1][3], last[4], blocks[-1][5] + last[5], blocks[-1][6] + last[6]]
    return np.array([[b[0] / b[2], b[1] / b[2]] + b[2:] for b in blocks]).reshape(-1, 7)


def believed(block):
    """P of a block of masses: where no false one is known, at most 1 - 3/n of its n hits (rule of three)."""
    return min(block[1], 1 - 3 / block[5]) if block[6] == 0 else block[1]


def curve_of(score, label, hit_weight, ends):
    """The map as it is printed: strictly rising, so that every score has a P of its own. A point a block stands at its
    mean score; with `ends` (masses) one at either end, for few blocks that lie far apart."""
    kept = label >= 0
    blocks = isotonic(score[kept], label[kept].astype(float), np.where(label[kept] == 1, hit_weight, 1.0))
    curve = [[0.0, 0.0]]
    points = [[s, believed(b) if ends else b[1]] for b in blocks for s in ((b[3], b[4]) if ends else (b[0],))]
    for s, p in [[s, min(max(p, P_LEAST), P_MOST)] for s, p in points]:
        if s > curve[-1][0] + 1:
            curve.append([s, max(p, curve[-1][1] + 1e-4)])
    return np.round(np.array(curve).T[0], 1), np.round(np.array(curve).T[1], 4)


def joined(phantoms, mass):
    """Score and label of the candidates of one kind."""
    score = np.concatenate([p.score[p.mass == mass] for p in phantoms])
    return score, np.concatenate([p.label[p.mass == mass] for p in phantoms])


def print_map(name, curve, basis):
    print("static const double %s_score[] = {%s};" % (name, ", ".join("%.1f" % x for x in curve[0])))
    print("static const double %s_p[] = {%s};" % (name, ", ".join("%.4f" % p for p in curve[1])))
    print('#define %s_BASIS "%s"' % (name.upper(), basis))


def print_head(seeds, masses, hits):
    made = sorted({p.made for p in seeds + masses})
    print("/* Made by bench/ranker/calibrate.sh; do not edit.")
    print("   Phantoms: %d, seeds %s; with masses: %d, seeds %s; generation, version and commit %s." %
          (len(seeds), ranges([p.seed for p in seeds]), len(masses), ranges([p.seed for p in masses]) or "none",
           "; ".join("%s, %s, %s" % m for m in made)))
    print("   Searched: %.1f litres. Lesions: %d; %d among the candidates, %d phantoms without." %
          (sum(p.litres for p in seeds), sum(p.lesions for p in seeds), hits, sum(p.lesions == 0 for p in seeds)))
    print("   Score: see rs_candidate.score. No clinical scan was used. */")
    print("// clang-format off")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--keep":
        return keep(sys.argv[2])
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    seeds = [Phantom(f) for f in sorted(glob.glob(os.path.join(sys.argv[1], "seed-*")))]
    masses = [Phantom(f) for f in sorted(glob.glob(os.path.join(sys.argv[1], "mass-*")))]
    lesions, litres = sum(p.lesions for p in seeds), sum(p.litres for p in seeds)
    score, label = joined(seeds, False)
    curve = curve_of(score, label, 1.0, False)
    mass_score, mass_label = joined(seeds + masses, True)
    n_masses = sum(p.lesions for p in masses)
    weight = MASS_PREVALENCE * len(seeds + masses) / n_masses if n_masses else 1.0
    mass_curve = curve_of(mass_score, mass_label, weight, True)
    p = [np.concatenate([np.interp(q.score[~q.mass], *curve), np.interp(q.score[q.mass], *mass_curve)]) for q in seeds]
    labels = [np.concatenate([q.label[~q.mass], q.label[q.mass]]) for q in seeds]
    p, labels = np.concatenate(p), np.concatenate(labels)
    false, hits = np.sort(p[labels == 0])[::-1], p[labels == 1]
    print_head(seeds, masses, len(hits))
    print_map("calibration", curve, "isotonic regression on %d phantoms with %d lesions; no clinical scan" %
              (len(seeds), lesions))
    print_map("mass_calibration", mass_curve,
              "isotonic regression on %d phantoms, %d of them with %d masses, weighed as %g a patient; no clinical scan" %
              (len(seeds + masses), len(masses), n_masses, MASS_PREVALENCE))
    for name, per_litre in (("LOW", 0.25), ("DEFAULT", 1.0), ("HIGH", 4.0)):
        n = min(int(per_litre * litres), len(false) - 1)
        point = np.floor(false[n] * 1e4 + 1e-6) / 1e4
        above = (false >= point).sum()  # measured on what is printed
        print("#define POINT_%s_P %.4f" % (name, point))
        print("#define POINT_%s_PER_LITRE %.2f" % (name, above / litres))
        print("#define POINT_%s_PER_SCAN %.1f" % (name, above / len(seeds)))
        print("%s: P %.4f, sensitivity %.2f, %.2f false a litre" %
              (name, point, (hits >= point).sum() / max(lesions, 1), above / litres), file=sys.stderr)
    print("masses: %d candidates hit, %d false, of those %d from P 0.05" %
          ((mass_label == 1).sum(), (mass_label == 0).sum(),
           (np.interp(mass_score[mass_label == 0], *mass_curve) >= 0.05).sum()), file=sys.stderr)
    print("// clang-format on")


main()
