"""Sensitivity of a ranker at so many false marks a scan, one threshold for all scans of a set."""
import numpy as np

AT = (1, 4, 8, 64)
ATTACHMENTS = {"free": ("free",), "vessel": ("vessel",), "wall": ("pleura", "fissure")}


def parted(scan, score, share=0.8, best=2000):
    """The score of what stays when each of the best takes the place of those within a share of the larger radius, as
    detect does it; the others get a score behind all."""
    order = np.argsort(-score, kind="stable")[:best]
    place, radius = scan.rows["lps"][order], scan.rows["radius"][order]
    stays = np.ones(len(order), bool)
    for n in range(len(order)):
        if stays[n]:
            apart = np.linalg.norm(place[n + 1:] - place[n], axis=1)
            stays[n + 1:] &= apart > share * np.maximum(radius[n + 1:], radius[n])
    out = score.astype(float).copy()
    out[order[~stays]] = -1e9
    return out


def best_of_lesions(scan, score):
    """Score of the best candidate on every lesion; -inf: none."""
    best = np.full(len(scan.lesions), -np.inf)
    hit = scan.rows["label"] == 1
    np.maximum.at(best, scan.rows["lesion"][hit], score[hit])
    return best


def groups_of(lesion):
    yield "all"
    yield next((name for name, kinds in ATTACHMENTS.items() if lesion["attachment"] in kinds), "other")
    yield next(name for name, top in (("3-4", 4), ("4-5", 5), ("5-6", 6), ("6-8", 8), ("8-12", 12), ("12+", 1e9)) if lesion["mm"] < top)
    yield "cut-outs" if lesion["source"] not in ("", "formula") else "formula"


def sensitivities(scans, scores, smallest_mm=3.0, at=AT):
    """{group: (n, share at each of `at`, share that has a candidate)}."""
    false = np.sort(np.concatenate([s[scan.rows["label"] == 0] for scan, s in zip(scans, scores)]))[::-1]
    thresholds = [false[min(int(a * len(scans)), len(false) - 1)] for a in at]
    found = {}
    for scan, score in zip(scans, scores):
        best = best_of_lesions(scan, score)
        for lesion, b in zip(scan.lesions, best):
            if lesion["mm"] >= smallest_mm:
                for group in groups_of(lesion):
                    found.setdefault(group, []).append([b > t for t in thresholds] + [np.isfinite(b)])
    return {g: (len(rows),) + tuple(np.mean(rows, axis=0)) for g, rows in found.items()}


def line(result, at=AT):
    """One line of text: all at each of `at`, then the groups at the second and third."""
    n, *shares = result["all"]
    text = "n %d  at %s: %s  ceiling %.3f" % (n, "/".join(map(str, at)), " ".join("%.3f" % s for s in shares[:-1]), shares[-1])
    for group in ("free", "vessel", "wall", "3-4", "4-5", "5-6", "6-8", "8-12", "12+", "cut-outs"):
        if group in result:
            text += "  %s(%d) %s" % (group, result[group][0], "/".join("%.2f" % s for s in result[group][1:-1]))
    return text
