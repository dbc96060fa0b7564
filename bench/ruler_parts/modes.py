"""Every failure mode of the phantom, switched on alone, against none: what it does to the image, to the full detector
and to LoG alone. Small phantoms of 100 slices that hold the whole lungs; the same patients and, where the mode leaves
them alone, the same lesions. Needs NumPy."""
import csv
import json
import math
import os

import numpy as np

from ruler_parts import score
from ruler_parts.tables import head, number, row
from ruler_parts.work import Bench, Job, call

FIRST_SEED = 601
SLICES = ["--slices", "100", "--slice-spacing", "2.5", "--thickness", "2", "--lesions", "14", "--smallest", "2.5",
          "--largest", "10"]
MOVED_MM = 2.0   # a candidate without one of the plain scan so near is new
LOWER = 0.01     # of CPM or sensitivity: less is no change
MORE_FALSE = 0.1  # of the false marks a litre
NOTICED = 0.05   # of the strongest candidates
CHANGED_HU = 50
CHANGED = 200    # voxels a patient of the plain scan's searched lung; fewer are nothing that a detector could see
RECIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples", "recipe-hard.json")
# Beyond the recipe's: the upper ends of science F's ranges, where a patient else may have next to nothing of a mode; of
# the small perifissural bodies, whose number F leaves open, many.
STRENGTH = {"perifissural": {"number": 20, "size_mm": [6, 8]}, "scars": {"number": 5},
            "clips": {"clips": 12, "streak_hu": 400},
            "bolus": {"vein_hu": 1500, "streak_hu": 150}, "ribs": {"pushes": 8, "push_mm": 4, "ends": 6},
            "texture": {"sd_hu": 30, "lobule_hu": 15, "septum_hu": 40}}
STRONGEST = 100  # candidates of a scan


def read_nifti(path):
    """A .nii of ours as an array [k, j, i]."""
    with open(path, "rb") as f:
        head_of = f.read(352)
        nx, ny, nz = np.frombuffer(head_of, "<i2", 3, 42)
        kind = {2: "<u1", 4: "<i2", 8: "<i4", 512: "<u2"}[int(np.frombuffer(head_of, "<i2", 1, 70)[0])]
        f.seek(int(np.frombuffer(head_of, "<f4", 1, 108)[0]))
        return np.fromfile(f, kind).reshape(nz, ny, nx)


def look_of(args, mode, seed):
    """Keeps image and searched lung of the plain scan; counts the voxels of that lung that a mode changes."""
    plain = os.path.join(args.out, "plain-%d.npz" % seed)

    def look(dump, kept):
        image = read_nifti(os.path.join(dump, "02-read.nii"))
        if mode is None:
            with open(os.path.join(dump, "03-organs.json"), encoding="utf-8") as f:
                search = [r["label"] for r in json.load(f)["regions"] if r["role"] == "search"]
            np.savez(plain, image=image, lung=np.isin(read_nifti(os.path.join(dump, "03-organs.nii")), search))
            return
        before = np.load(plain)
        changed = None  # another grid
        if before["image"].shape == image.shape:
            changed = int((np.abs(image.astype(np.int32) - before["image"])[before["lung"]] > CHANGED_HU).sum())
        with open(os.path.join(kept, "changed.json"), "w", encoding="utf-8") as f:
            json.dump({"changed": changed, "lung": int(before["lung"].sum())}, f)
    return look


def settings_of(mode):
    """The hard recipe's parameters of a mode, in every patient, at the strength of the table above."""
    with open(RECIPE, encoding="utf-8") as f:
        given = json.load(f)["modes"].get(mode)
    return dict(given if isinstance(given, dict) else {}, **STRENGTH.get(mode, {}), share=1)


def write_recipe(args, mode):
    path = os.path.join(args.out, "recipe-mode-%s.json" % (mode or "none"))
    recipe = {"schema": "restage-recipe-1", "name": "only-" + (mode or "none"),
              "modes": {mode: settings_of(mode)} if mode else {}}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(recipe, f)
    return path


def jobs_of(args, mode):
    recipe = write_recipe(args, mode)
    return [Job("mode-%s-%d" % (mode or "none", seed), ["phantom", "--seed", str(seed), "--recipe", recipe] + SLICES,
                made_from=[recipe], look=look_of(args, mode, seed)) for seed in range(FIRST_SEED, FIRST_SEED + args.seeds)]


def places(folder, table):
    """The strongest candidates: of LoG alone, or of the detector itself."""
    with open(os.path.join(folder, table), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))[:STRONGEST]
    return [tuple(float(r["coord" + a]) for a in "XYZ") for r in rows]


def moved(plain, folders, table):
    """Share of the strongest candidates that the plain scan has not."""
    new = all_of = 0
    for a, b in zip(plain, folders):
        there = places(a, table)
        for place in places(b, table):
            all_of += 1
            new += all(math.dist(place, other) > MOVED_MM for other in there)
    return new / max(all_of, 1)


def changed_of(folders):
    """Voxels of searched lung a patient that the mode changed by more than CHANGED_HU, and their share; None: the grid
    is another one."""
    counts = []
    for folder in folders:
        with open(os.path.join(folder, "changed.json"), encoding="utf-8") as f:
            counts.append(json.load(f))
    counts = [c for c in counts if c["changed"] is not None]
    if not counts:
        return None, None
    return sum(c["changed"] for c in counts) / len(counts), sum(c["changed"] for c in counts) / sum(c["lung"] for c in counts)


def measure(args, folders):
    full = score.evaluate(args.restage, folders, folders, bootstraps=0)
    log = score.evaluate(args.restage, [os.path.join(f, "log.csv") for f in folders], folders, bootstraps=0)
    point = full["operating_point"]
    return {"lesions": score.rule(full, "luna16")["counts"]["findings"], "cpm": score.rule(full, "luna16")["cpm"],
            "at_4": score.rule(full, "luna16")["sensitivity_at"]["4"],
            "at_point": score.strata(full, "truth")["phantom"]["at_point"], "false_a_litre": point["false_a_litre"],
            "litres": point["searched_litres"], "on_its_things": score.rule(full, "luna16")["counts"]["ignored"],
            "log_cpm": score.rule(log, "luna16")["cpm"]}


def verdict(m, plain):
    """What the mode did, in words; the last resort says that it is not finished."""
    words = []
    for key, name in (("cpm", "CPM"), ("at_4", "sensitivity at 4"), ("at_point", "sensitivity at the point")):
        if m[key] is not None and plain[key] - m[key] > LOWER:
            words.append("lowers %s by %.2f" % (name, plain[key] - m[key]))
    if m["false_a_litre"] > plain["false_a_litre"] * (1 + MORE_FALSE):
        words.append("%+.2f false marks a litre" % (m["false_a_litre"] - plain["false_a_litre"]))
    if abs(m["litres"] / plain["litres"] - 1) > 0.02:
        words.append("%+.0f %% of the lung searched" % (100 * (m["litres"] / plain["litres"] - 1)))
    if words:
        return "; ".join(words)
    if m["changed"] is not None and m["changed"] < CHANGED:
        return "NO PIXEL that matters: not finished"
    seen = []
    if m["on_its_things"] > plain["on_its_things"]:
        seen.append("%d of the first %d candidates lie on its things" % (m["on_its_things"], STRONGEST))
    if max(m["moved"], m["moved_log"]) > NOTICED:
        seen.append("of the first %d candidates %.0f %% are others (of LoG's %.0f %%)"
                    % (STRONGEST, 100 * m["moved"], 100 * m["moved_log"]))
    return "handled: the lung changes, sensitivity and false marks hold" + "".join("; " + s for s in seen)


def strengths():
    return "; ".join("%s %s" % (mode, json.dumps(knobs)[1:-1].replace('"', "")) for mode, knobs in STRENGTH.items())


def changed_cells(name, m):
    if name == "none":
        return "", ""
    if m["changed"] is None:
        return "another grid", ""
    return "{:,.0f}".format(m["changed"]), "%.2g %%" % (100 * m["changed_share"])


def table(args, numbers):
    plain = numbers["modes"]["none"]
    text = ("# Failure modes, one at a time\n\nrestage %s. Made by `bench/ruler.py OUT --modes`: %d synthetic patients "
            "(seeds %d to %d) of 100 slices (2 mm, every 2.5) with 14 lesions of 2.5 to 10 mm each, with no failure mode and with each one "
            "alone, in every patient, at the parameters of samples/recipe-hard.json and "
            "where said, within science F's ranges, stronger: %s. With so few patients a difference of some hundredths may be chance. \"Changed\": voxels of the plain "
            "scan's searched lung, a patient, that differ by more than %d HU. Sensitivities by LUNA16's rule; \"others\": share of the first %d candidates, "
            "of the detector and of LoG, that lie nowhere near one of the plain scan; \"on its things\": candidates "
            "within the cap on what the mode draws and lists as neither true nor false.\n\n"
            % (numbers["program"], args.seeds, FIRST_SEED, FIRST_SEED + args.seeds - 1, strengths(), CHANGED_HU, STRONGEST))
    if args.only:
        text += "**Not every mode: the others were not measured.**\n\n"
    text += head("mode", "science F", "changed, voxels a patient", "share of the lung", "lesions", "CPM", "at 4 false a scan", "at the point", "false marks a litre",
                 "litres", "CPM of LoG alone", "others", "others of LoG", "on its things", "so it")
    for name, m in numbers["modes"].items():
        text += row(name, m["failure"], *changed_cells(name, m), m["lesions"], number(m["cpm"]), number(m["at_4"]), number(m["at_point"]),
                    number(m["false_a_litre"]), number(m["litres"], "%.1f"), number(m["log_cpm"]),
                    number(m["moved"]), number(m["moved_log"]), m["on_its_things"], "" if name == "none" else verdict(m, plain))
    return text


def run(args, write):
    listed = json.loads(call([args.restage, "phantom", "--list-modes", "--json"]))["modes"]
    names = [None] + [m["name"] for m in listed if not args.only or m["name"] in args.only.split(",")]
    jobs = {name: jobs_of(args, name) for name in names}
    bench = Bench(args.out, args.restage, args.jobs)
    bench.do_all(jobs[None])  # the others are held against these
    bench.do_all([jobs[name][n] for n in range(args.seeds) for name in names[1:]])
    numbers = {"modes": {}}
    plain = [bench.folder(job) for job in jobs[None]]
    with open(os.path.join(plain[0], "report.json"), encoding="utf-8") as f:
        software = json.load(f)["software"]
    numbers["program"] = "%s, commit %s" % (software["version"], software["commit"])
    failures = {m["name"]: m["failure"] for m in listed}
    for name in names:
        folders = [bench.folder(job) for job in jobs[name]]
        changed, share = changed_of(folders) if name else (None, None)
        m = dict(measure(args, folders), changed=changed, changed_share=share, moved=moved(plain, folders, "candidates.csv"),
                 moved_log=moved(plain, folders, "log.csv"), failure=failures.get(name, ""))
        numbers["modes"][name or "none"] = m
    write(args, "modes", table(args, numbers), numbers)
