#!/usr/bin/env python3
"""Fits the map score -> P and the operating points of an organ on phantoms, and prints calibration.inc.

usage: fit_calibration.py [--prevalence N] FOLDER ... > src/organs/lung/calibration.inc

FOLDER has truth.json of a `restage phantom`, and report.json and candidates.csv of `restage run` on it; calibrate.sh
makes them. A candidate hits a lesion when it lies nearer to its centre than its radius; the best hit of a lesion counts,
further ones count neither way. P is isotonic in the score (pool adjacent violators). --prevalence N weighs the hits as if
a phantom had N lesions on average, where they were made with more. The operating points are those of contract 1: the
score above which the phantoms have 1/4, 1 or 4 false candidates a litre searched. Needs numpy.
"""
import csv
import json
import os
import sys

import numpy as np


def load(folder):
    """Score and label (1 hit, 0 false, -1 ignored) of the candidates of one phantom; litres; lesions; what made them."""
    truth = json.load(open(os.path.join(folder, "truth.json")))
    report = json.load(open(os.path.join(folder, "report.json")))
    rows = list(csv.DictReader(open(os.path.join(folder, "candidates.csv"))))
    place = np.array([[float(r["coord" + a]) for a in "XYZ"] for r in rows]).reshape(-1, 3)
    score = np.array([float(r["score"]) for r in rows])
    label = np.zeros(len(rows), int)
    for lesion in truth["lesions"]:
        distance = np.linalg.norm(place - np.array(lesion["lps_mm"]), axis=1)
        hits = np.flatnonzero(distance < max(0.5 * lesion["equivalent_mm"], 1.0))
        hits = hits[label[hits] == 0]
        label[hits] = -1
        if len(hits):
            label[hits[np.argmax(score[hits])]] = 1
    litres = sum(o["searched_ml"] or 0 for o in report["organs"]) / 1000
    made = (int(truth["seed"]), truth["generation"], truth["version"], report["software"]["commit"])
    return score, label, litres, len(truth["lesions"]), made


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
    """Blocks of pool adjacent violators: mean score, P, weight; rising."""
    order = np.argsort(score, kind="stable")
    blocks = []
    for s, y, w in zip(score[order], label[order], weight[order]):
        blocks.append([s * w, y * w, w])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last)]
    return np.array([[b[0] / b[2], b[1] / b[2], b[2]] for b in blocks])


def threshold(false_scores, litres, per_litre):
    """Score at which per_litre false marks a litre are left."""
    n = int(per_litre * litres)
    falling = np.sort(false_scores)[::-1]
    return falling[min(n, len(falling) - 1)]


def main():
    arguments, prevalence = sys.argv[1:], None
    if arguments[:1] == ["--prevalence"]:
        prevalence, arguments = float(arguments[1]), arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    sets = [load(a) for a in arguments]
    score = np.concatenate([s[0] for s in sets])
    label = np.concatenate([s[1] for s in sets])
    litres, lesions = sum(s[2] for s in sets), sum(s[3] for s in sets)
    kept = label >= 0
    hit_weight = prevalence * len(sets) / lesions if prevalence and lesions else 1.0
    blocks = isotonic(score[kept], label[kept].astype(float), np.where(label[kept] == 1, hit_weight, 1.0))
    points = [[0.0, 0.0]] + [[s, min(max(p, 0.0005), 0.98)] for s, p, _ in blocks]
    curve = [points[0]]
    for s, p in points[1:]:  # strictly rising, so that every score has a P of its own
        if s > curve[-1][0] + 1:
            curve.append([s, max(p, curve[-1][1] + 1e-4)])
    xs, ps = np.round(np.array(curve).T[0], 1), np.round(np.array(curve).T[1], 4)  # as they are printed
    false = score[label == 0]
    hits = score[label == 1]
    made = sorted({s[4][1:] for s in sets})
    weighed = ", weighed as %g a phantom" % prevalence if prevalence else ""
    print("/* Made by bench/ranker/calibrate.sh; do not edit.")
    print("   Phantoms: %d, seeds %s; generation, version and commit %s." %
          (len(sets), ranges([s[4][0] for s in sets]), "; ".join("%s, %s, %s" % m for m in made)))
    print("   Searched: %.1f litres. Lesions: %d%s; %d among the candidates, %d phantoms without." %
          (litres, lesions, weighed, len(hits), sum(s[3] == 0 for s in sets)))
    print("   Score: response of the filter, by the power detect_response_power of its response to a matched sphere, by")
    print("   max(e3/e1, detect_ratio_floor). No clinical scan was used. */")
    print("// clang-format off")
    print("static const double calibration_score[] = {%s};" % ", ".join("%.1f" % x for x in xs))
    print("static const double calibration_p[] = {%s};" % ", ".join("%.4f" % p for p in ps))
    print('#define CALIBRATION_BASIS "isotonic regression on %d phantoms with %d lesions%s; no clinical scan"' %
          (len(sets), lesions, weighed))
    for name, per_litre in (("LOW", 0.25), ("DEFAULT", 1.0), ("HIGH", 4.0)):
        s = threshold(false, litres, per_litre)
        p = np.floor(np.interp(s, xs, ps) * 1e4) / 1e4
        print("#define POINT_%s_P %.4f" % (name, p))
        above = (np.interp(false, xs, ps) >= p).sum()  # measured on what is printed
        print("#define POINT_%s_PER_LITRE %.2f" % (name, above / litres))
        print("#define POINT_%s_PER_SCAN %.1f" % (name, above / len(sets)))
        print("%s: score %.1f, P %.4f, sensitivity %.2f" %
              (name, s, p, (np.interp(hits, xs, ps) >= p).sum() / max(lesions, 1)), file=sys.stderr)
    print("// clang-format on")


main()
