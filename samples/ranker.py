#!/usr/bin/env python3
"""Writes a ranker of one's own, fitted to the dumps of scans whose lesions are known: numpy and nothing more.

    restage phantom -o scan --seed 1
    restage run scan -o first --dump detect --stop-after detect
    python3 samples/ranker.py first.dump scan/truth.json > mine.json
    restage run scan -o second --ranker mine.json

The network is kept small: 16 channels that are the 16 samples of a ray, their mean, harmonics and maximum over the rays,
and one weight each by logistic regression. A real one trains all layers, on many scans, and is judged on others.
"""
import csv
import json
import sys

import numpy as np

RAYS, STEPS, DEGREES = 42, 16, 2


def directions(n):
    i = np.arange(n)
    z, azimuth = 1 - (2 * i + 1) / n, np.pi * (1 + np.sqrt(5)) * (i + 0.5)
    return np.stack([np.sqrt(1 - z * z) * np.cos(azimuth), np.sqrt(1 - z * z) * np.sin(azimuth), z])


def pooled(hu, radius_mm, response_hu):
    """What the first layer and the pooling make of the rays: a row a candidate."""
    x, y, z = directions(RAYS)
    h = np.maximum((hu + 850) / 300, 0)  # candidates, rays, channels
    degrees = [np.sqrt(3) * np.stack([x, y, z]),
               np.sqrt(15) * np.stack([x * y, y * z, x * z, (x * x - y * y) / 2, (3 * z * z - 1) / np.sqrt(12)])]
    parts = [h.mean(1)]
    for waves in degrees:
        c = np.einsum("mr,nrk->nmk", waves, h) / RAYS
        parts.append(np.sqrt((c * c).sum(1) + 1e-5))
    scalars = np.stack([np.log(radius_mm) - 0.5, np.log(np.maximum(response_hu, 50)) - 5.5], 1)
    return np.concatenate(parts + [h.max(1), scalars], 1)


def logistic(v, is_lesion, rounds=25, ridge=1.0):
    """Weights and bias by Newton's method; lesions and the rest weigh alike."""
    v = np.concatenate([v, np.ones((len(v), 1))], 1)
    balance = np.where(is_lesion, 0.5 / max(is_lesion.sum(), 1), 0.5 / max((~is_lesion).sum(), 1)) * 100
    w = np.zeros(v.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(v @ w, -30, 30)))
        slope = v.T @ (balance * (p - is_lesion)) + ridge * w
        w -= np.linalg.solve((v * (balance * p * (1 - p))[:, None]).T @ v + ridge * np.eye(len(w)), slope)
    return w[:-1], w[-1]


def main():
    with open(sys.argv[1] + "/05-detect.csv") as f:
        rows = list(csv.DictReader(f))
    column = lambda name: np.array([float(row[name]) for row in rows])
    hu = np.load(sys.argv[1] + "/05-detect-rays42.npy").astype(float)  # row by row those of the CSV
    places = np.stack([column("coord" + axis) for axis in "XYZ"], 1)
    radius_mm = column("radius_mm")
    is_lesion = np.zeros(len(rows), bool)
    for lesion in json.load(open(sys.argv[2]))["lesions"]:
        reach = max(lesion["equivalent_mm"] / 2, 2)
        is_lesion |= np.linalg.norm(places - lesion["lps_mm"], axis=1) < reach
    w, bias = logistic(pooled(hu, radius_mm, column("log_hu")), is_lesion)

    # Two hidden units, the score and its negative, pass it through the rectifiers.
    first = np.concatenate([np.eye(STEPS).ravel(), np.zeros(STEPS)])
    hidden = np.concatenate([w, -w, [bias, -bias]])
    last = np.concatenate([np.eye(16)[:, :2].ravel(), np.zeros(16)])
    logit = np.concatenate([[1, -1], np.zeros(14), [0]])
    json.dump({"schema": "restage-ranker-1", "name": "one-layer", "provenance": "logistic regression on one phantom",
               "networks": [{"rays": RAYS, "channels": STEPS, "deep": 0, "degrees": DEGREES, "hidden": 2,
                             "weights": np.concatenate([first, hidden, last, logit]).tolist()}]}, sys.stdout)


main()
