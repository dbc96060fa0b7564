"""What `restage evaluate --json` says, and sums of its counts. Nothing here looks at a mark or a lesion."""
import json
import math
import os

from ruler_parts.work import call

AT = ("1", "2", "4", "8")
BEGIN_MM = (3, 4, 5, 6, 8)  # classes of size in which kinds of truth are made alike; evaluate's own names
ATTACHMENTS = {"free": ("free",), "vessel": ("vessel",), "wall": ("pleura", "fissure")}
KINDS = {"free": ("free",), "attached": ("vessel", "pleura", "fissure")}
ONE = "one"  # the name of a cell that is not divided
Z95 = 1.959963984540054


def evaluate(program, marks, truths, **options):
    """options: least, scans, images (list), irrelevant (list), roi, bootstraps, point."""
    command = [program, "evaluate"] + list(marks)
    for truth in truths:
        command += ["--truth", truth]
    for key in ("irrelevant", "images"):
        for path in options.pop(key, ()):
            command += ["--" + key, path]
    command += ["--%s=%s" % (key, value) for key, value in sorted(options.items()) if value is not None]
    return json.loads(call(command + ["--json", "-q"]))


def rule(evaluation, name):
    return next(r for r in evaluation["rules"] if r["rule"] == name and r["scans"] == "all")


def strata(evaluation, by):
    return {s["name"]: s for s in evaluation["strata"] if s["by"] == by}


def attached(evaluation, name, key):
    """Lesions of an attachment and those of them that were found: at the operating point, or at so many false marks
    (None: the marks do not reach so far)."""
    n = found = 0
    for part in ATTACHMENTS[name] if name != "all" else sum(ATTACHMENTS.values(), ()):
        stratum = strata(evaluation, "attachment").get(part)
        if not stratum or not stratum["n"]:
            continue
        at = stratum["at_false_marks"].get(key)
        if at and at["sensitivity"] is None:
            return stratum["n"], None
        n += stratum["n"]
        found += at["found"] if at else stratum["found_at_point"]
    return n, found


def cells(evaluate_from, keys):
    """key -> (attachment, size class) -> (lesions, found): differences of what evaluate counts from rising sizes on;
    key -> None: the marks do not reach so far. evaluate_from: the evaluation of lesions from so many mm on."""
    above = [evaluate_from(mm) for mm in BEGIN_MM]
    counts = {}
    for key in keys:
        rising = {name: [attached(e, name, key) for e in above] + [(0, 0)] for name in list(ATTACHMENTS) + ["all"]}
        if any(found is None for each in rising.values() for _, found in each):
            counts[key] = None
            continue
        counts[key] = {(name, b): tuple(x - y for x, y in zip(each[b], each[b + 1]))
                       for name, each in rising.items() for b in range(len(BEGIN_MM))}
    return counts


def wilson(k, n):
    """95 % bounds of a sum of evaluate's counts (Wilson 1927)."""
    if n == 0:
        return None, None
    p, z2 = k / n, Z95 * Z95
    middle, half = p + z2 / (2 * n), Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)


def alike(phantoms, insertions, name):
    """Sensitivity of insertions, and that of phantoms as if they had the insertions' sizes and slices (direct
    standardisation over the groups of slices and classes of size); the difference with its 95 % bounds.

    phantoms, insertions: group -> cells. A class in which the phantoms have no lesion is left out on both sides.
    None: there are no such lesions, or the marks do not reach so far."""
    if None in phantoms.values() or None in insertions.values():
        return None
    n_phantom = n = found = 0
    mean = variance = 0.0
    parts = []
    for group, cell in insertions.items():
        for b in range(len(BEGIN_MM)):
            (n_i, k_i), (n_p, k_p) = cell[name, b], phantoms.get(group, {}).get((name, b), (0, 0))
            n_phantom += n_p
            if n_i and n_p:
                parts.append((n_i, k_i, n_p, k_p))
                n, found = n + n_i, found + k_i
    if not n:
        return None
    for n_i, _, n_p, k_p in parts:
        shrunk = (k_p + 1) / (n_p + 2)  # a class that is all or nothing has a spread, too
        mean += n_i / n * k_p / n_p
        variance += (n_i / n) ** 2 * shrunk * (1 - shrunk) / n_p
    p = found / n
    variance += p * (1 - p) / n
    half = Z95 * math.sqrt(variance)
    return {"n_phantom": n_phantom, "n_insertion": n, "phantom": mean, "insertion": p, "difference": mean - p,
            "low": mean - p - half, "high": mean - p + half, "within": abs(mean - p) <= 0.10}


def series_of(folder):
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
        return json.load(f)["source"]["series_instance_uid"]


def litres_of(folders):
    """Litres that our packets searched: those of another detector's marks, which do not say."""
    ml = 0.0
    for folder in folders:
        with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
            ml += sum(organ["searched_ml"] or 0 for organ in json.load(f)["organs"])
    return ml / 1000
