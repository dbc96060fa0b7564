#!/usr/bin/env python3
"""Adds P and the operating points to a ranker.

    python3 bench/ranker/calibrate.py OUT RANKER.json --folds PATTERN -o FILE.json

P: isotonic regression (pool adjacent violators) of the score on OUT's calibration phantoms, which no network was trained
on, with straight lines of logit P between the blocks; the best hit of a lesion counts, further ones neither way. Points: the scores that leave 1/4, 1 and 4 false
candidates a litre on the tune set, that is on the tune chests as they are, each judged by the ranker that was trained
without it (PATTERN with {} for the chest), and on these phantoms: a litre of either kind weighs as much, however many
litres there are.
"""
import argparse
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import train  # noqa: E402  (first: it sets the environment)
import numpy as np  # noqa: E402
import judge  # noqa: E402
import pool as pools  # noqa: E402

P_LEAST, STEP = 0.0002, 0.25
POINTS = (("low", 0.25), ("default", 1.0), ("high", 4.0))


def labelled(scan, score):
    """Scores and labels with the best hit of each lesion alone; masses, which have a map of their own, left out."""
    labels = scan.rows["label"].copy()
    hits = np.flatnonzero(labels == 1)
    labels[hits] = -1
    for lesion in np.unique(scan.rows["lesion"][hits]):
        own = hits[scan.rows["lesion"][hits] == lesion]
        labels[own[score[own].argmax()]] = 1
    labels[scan.rows["mass"]] = -1
    return score[labels >= 0], labels[labels >= 0]


def isotonic(score, label):
    """Blocks of rising P: mean score, P, weight."""
    order = np.argsort(score, kind="stable")
    blocks = []
    for s, y in zip(score[order], label[order].astype(float)):
        blocks.append([s, y, 1.0])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last)]
    return [(s / w, y / w, w) for s, y, w in blocks]


def curve_of(blocks, low, high):
    """Strictly rising points of the map, STEP apart: P of each block at its mean score, lines in logit P between.

    A block of h hits among n says (h + 1/2) / (n + 1), Jeffreys' mean: none is believed to be sure. Between two blocks P
    rises as an exponential where it is small; a line of P itself would lie above it there, and below it near 1."""
    centres = [s for s, _, _ in blocks]
    shares = np.maximum.accumulate([(p * w + 0.5) / (w + 1) for _, p, w in blocks])
    score = np.arange(np.floor(low / STEP) * STEP, high + STEP, STEP)
    curve = np.maximum(1 / (1 + np.exp(-np.interp(score, centres, np.log(shares / (1 - shares))))), P_LEAST)
    curve += 1e-6 * np.arange(len(curve)) * (1 - curve)
    return [round(float(s), 4) for s in score], [round(float(p), 6) for p in np.maximum.accumulate(curve)]


def threshold_of(kinds, wanted):
    """The lowest score at which the mean over kinds of (scores of what is false, litres) is no more than wanted."""
    scores = np.concatenate([s for s, _ in kinds])
    each = np.concatenate([np.full(len(s), 1 / (litres * len(kinds))) for s, litres in kinds])
    order = np.argsort(-scores, kind="stable")
    above = np.cumsum(each[order])
    return float(scores[order][np.searchsorted(above, wanted, side="right")])


def a_litre(scores, litres, threshold):
    return sum((s >= threshold).sum() for s in scores) / litres


def told(ranker, scans):
    """Where the ranker comes from, in a sentence or two."""
    forms = [s for s in scans if s.kind == "insertions"]
    return ("Made by bench/ranker/fit.sh: %s; on %d insertions into %s as they are and altered, and on %d phantoms of the hard "
            "recipe. P: %s. Figures: bench/results/ranker.md" %
            (ranker["provenance"], len(forms), ", ".join(sorted({s.chest for s in forms})),
             sum(s.kind == "phantoms" for s in scans), ranker["calibration"]["basis"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("ranker")
    parser.add_argument("--folds", required=True)
    parser.add_argument("--name", default="rays-2")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    ranker, networks = train.read_ranker(args.ranker)
    phantoms = pools.load(args.out, lambda s: s.kind == "calibration")
    pairs = [labelled(scan, train.final_scores_of(networks, scan)) for scan in phantoms]
    score, label = np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
    seen = score > -500  # what the second network looked at
    blocks = isotonic(score[seen], label[seen])
    ranker["calibration"] = {"basis": "isotonic regression on %d phantoms with %d lesions; no clinical scan" %
                             (len(phantoms), sum(len(s.lesions) for s in phantoms))}
    ranker["calibration"]["score"], ranker["calibration"]["p"] = curve_of(blocks, float(score[seen].min()) - 1, float(score.max()) + 2)
    false_of_phantoms = [p[0][p[1] == 0] for p in pairs]
    phantom_litres = sum(s.litres for s in phantoms)
    chests = pools.load(args.out, lambda s: s.kind == "insertions" and "." not in s.name and
                        os.path.exists(args.folds.format(s.chest)))
    false, hits = [], []
    for scan in chests:
        own = train.final_scores_of(train.read_ranker(args.folds.format(scan.chest))[1], scan)
        false.append(own[scan.rows["label"] == 0])
        hits += [b for lesion, b in zip(scan.lesions, judge.best_of_lesions(scan, own)) if lesion["mm"] >= 3]
    litres = sum(s.litres for s in chests)
    kinds = ((np.concatenate(false), litres), (np.concatenate(false_of_phantoms), phantom_litres))
    ranker["points"] = []
    for name, wanted in POINTS:
        threshold = threshold_of(kinds, wanted)
        p = float(np.floor(np.interp(threshold, ranker["calibration"]["score"], ranker["calibration"]["p"]) * 1e6) / 1e6)
        real, synthetic = a_litre(false, litres, threshold), a_litre(false_of_phantoms, phantom_litres, threshold)
        scans = [sum((f >= threshold).sum() for f in each) / len(each) for each in (false, false_of_phantoms)]
        by_chest = {c: a_litre([f for f, s in zip(false, chests) if s.chest == c], sum(s.litres for s in chests if s.chest == c),
                               threshold) for c in sorted({s.chest for s in chests})}
        print("%s: score %.2f, P %.5f; left-out chests %.2f a litre (%s), lesions from 3 mm found %.3f; phantoms %.2f a litre, "
              "lesions found %.3f" % (name, threshold, p, real, ", ".join("%s %.2f" % c for c in by_chest.items()),
                                      np.mean(np.array(hits) >= threshold), synthetic,
                                      np.sum(score[label == 1] >= threshold) / max(1, sum(len(s.lesions) for s in phantoms))),
              file=sys.stderr)
        ranker["points"].append({"name": name, "p": p, "false_marks_per_litre": round(0.5 * (real + synthetic), 2),
                                 "false_marks_per_scan": round(0.5 * sum(scans), 1),
                                 "basis": "%d chests, each by networks trained without it, synthetic lesions inserted (%.2f a "
                                          "litre), and %d synthetic patients (%.2f), half each" %
                                          (len({s.chest for s in chests}), real, len(phantoms), synthetic)})
    ranker["name"], ranker["provenance"] = args.name, told(ranker, pools.load(args.out))
    with open(args.output, "w", encoding="utf-8") as f:
        json.dump(ranker, f)


main()
