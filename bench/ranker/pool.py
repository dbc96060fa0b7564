"""What tables.py kept, as the training draws from it: lesions and false candidates of many scans."""
import glob
import json
import os

import numpy as np

EASY, SPARE = 3000, 8  # of false candidates of a higher rank a litre one in SPARE is kept, for memory


class Scan:
    """A scan's candidates and tables; rays are read when they are asked for."""

    def __init__(self, folder):
        with open(os.path.join(folder, "meta.json"), encoding="utf-8") as f:
            self.__dict__.update(json.load(f))
        self.folder = folder
        self.form = self.name.split("+")[0]
        self.rows = np.load(os.path.join(folder, "candidates.npy"))
        self.jitter = np.load(os.path.join(folder, "jitter.npy")) if self.has("jitter.npy") else None
        self.radius, self.response = self.rows["radius"], np.nan_to_num(self.rows["response"])

    def has(self, name):
        return os.path.exists(os.path.join(self.folder, name))

    def rays(self, name):
        return np.load(os.path.join(self.folder, name + ".npy"), mmap_mode="r")


def load(out, keep=lambda scan: True):
    scans = [Scan(os.path.dirname(path)) for path in sorted(glob.glob(os.path.join(out, "tables", "*", "meta.json")))]
    return [scan for scan in scans if keep(scan)]


def rank_of(score):
    rank = np.empty(len(score))
    rank[np.argsort(-score, kind="stable")] = np.arange(len(score))
    return rank


class Pool:
    """Tables of many scans in one array, with the chance of each to be drawn.

    rays    "42" or "162"; of 162 only candidates that have such a table
    scores  per scan: score of every candidate by the round before, which says how hard a false one is"""

    def __init__(self, scans, rays, scores):
        tables, radius, response, chance, positive = [], [], [], [], []
        for scan, score in zip(scans, scores):
            deep = scan.rows["deep"]
            row = np.arange(len(deep)) if rays == "42" else deep
            there = row >= 0
            labels = scan.rows["label"]
            rank = rank_of(score) / max(scan.litres, 0.2)
            easy = rank > EASY
            weight = np.where(easy, SPARE, 1) / (1 + rank / 100)
            false = np.flatnonzero(there & (labels == 0) & (~easy | (np.arange(len(rank)) % SPARE == 0)))
            hits = np.flatnonzero(there & (labels == 1) & (scan.rows["fit"] > 0.02))
            keep = np.concatenate([false, hits])
            tables.append(np.asarray(scan.rays("rays" + rays)[np.sort(row[keep])])[np.argsort(np.argsort(row[keep]))])
            share = [weight[false], self.shares(scan.rows["lesion"][hits], scan.rows["fit"][hits])]
            positive += [np.zeros(len(false), bool), np.ones(len(hits), bool)]
            radius.append(scan.radius[keep])
            response.append(scan.response[keep])
            if scan.jitter is not None and len(scan.jitter):
                tables.append(np.asarray(scan.rays("jitter" + rays)))
                share.append(self.shares(scan.jitter["lesion"], np.ones(len(scan.jitter))))
                positive.append(np.ones(len(scan.jitter), bool))
                radius.append(scan.jitter["radius"])
                response.append(np.nan_to_num(scan.jitter["response"]))
            chance += share
        self.tables = np.concatenate(tables)
        self.radius, self.response = np.concatenate(radius), np.concatenate(response)
        positive, chance = np.concatenate(positive), np.concatenate(chance).astype(np.float64)
        self.which = [np.flatnonzero(~positive), np.flatnonzero(positive)]
        self.sums = [np.cumsum(chance[w]) for w in self.which]

    @staticmethod
    def shares(lesion, fit):
        """Each lesion equally often, among its rows as they fit."""
        total = np.bincount(lesion, fit, minlength=lesion.max(initial=0) + 1)
        return 0.5 * fit / np.maximum(total[lesion], 1e-9)

    def draw(self, random, false, lesions):
        picks = [w[np.minimum(np.searchsorted(s, random.random(n) * s[-1]), len(w) - 1)]
                 for w, s, n in zip(self.which, self.sums, (false, lesions))]
        rows = np.concatenate(picks)
        return self.tables[rows], self.radius[rows], self.response[rows], np.repeat([0.0, 1.0], (false, lesions))
