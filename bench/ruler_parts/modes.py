"""Every failure mode of the phantom, switched on alone, against none: what it does to the full detector and to LoG
alone. Small phantoms of 100 slices that hold the whole lungs; the same patients and, where the mode leaves them alone, the same lesions."""
import csv
import json
import math
import os

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
STRONGEST = 100  # candidates of a scan


def write_recipe(args, mode):
    path = os.path.join(args.out, "recipe-mode-%s.json" % (mode or "none"))
    recipe = {"schema": "restage-recipe-1", "name": "only-" + (mode or "none"),
              "modes": {mode: {"share": 1}} if mode else {}}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(recipe, f)
    return path


def jobs_of(args, mode):
    recipe = write_recipe(args, mode)
    return [Job("mode-%s-%d" % (mode or "none", seed), ["phantom", "--seed", str(seed), "--recipe", recipe] + SLICES,
                made_from=[recipe]) for seed in range(FIRST_SEED, FIRST_SEED + args.seeds)]


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
    if m["on_its_things"] > plain["on_its_things"]:
        return "handled: %d of the first %d candidates lie on its things, and the score holds" % (m["on_its_things"], STRONGEST)
    if max(m["moved"], m["moved_log"]) > NOTICED:
        return ("handled: of the first %d candidates %.0f %% are others (of LoG's %.0f %%), and the score holds"
                % (STRONGEST, 100 * m["moved"], 100 * m["moved_log"]))
    return "NO EFFECT on the detector: not finished"


def table(args, numbers):
    plain = numbers["modes"]["none"]
    text = ("# Failure modes, one at a time\n\nrestage %s. Made by `bench/ruler.py OUT --modes`: %d synthetic patients "
            "(seeds %d to %d) of 100 slices (2 mm, every 2.5) with 14 lesions of 2.5 to 10 mm each, with no failure mode and with each one "
            "alone, in every patient. Sensitivities by LUNA16's rule; \"others\": share of the first %d candidates, "
            "of the detector and of LoG, that lie nowhere near one of the plain scan; \"on its things\": candidates "
            "within the cap on what the mode draws and lists as neither true nor false.\n\n"
            % (numbers["program"], args.seeds, FIRST_SEED, FIRST_SEED + args.seeds - 1, STRONGEST))
    text += head("mode", "science F", "lesions", "CPM", "at 4 false a scan", "at the point", "false marks a litre",
                 "litres", "CPM of LoG alone", "others", "others of LoG", "on its things", "so it")
    for name, m in numbers["modes"].items():
        text += row(name, m["failure"], m["lesions"], number(m["cpm"]), number(m["at_4"]), number(m["at_point"]),
                    number(m["false_a_litre"]), number(m["litres"], "%.1f"), number(m["log_cpm"]),
                    number(m["moved"]), number(m["moved_log"]), m["on_its_things"], "" if name == "none" else verdict(m, plain))
    return text


def run(args, write):
    listed = json.loads(call([args.restage, "phantom", "--list-modes", "--json"]))["modes"]
    names = [None] + [m["name"] for m in listed]
    jobs = {name: jobs_of(args, name) for name in names}
    bench = Bench(args.out, args.restage, args.jobs)
    bench.do_all([job for each in jobs.values() for job in each])
    numbers = {"modes": {}}
    plain = [bench.folder(job) for job in jobs[None]]
    with open(os.path.join(plain[0], "report.json"), encoding="utf-8") as f:
        software = json.load(f)["software"]
    numbers["program"] = "%s, commit %s" % (software["version"], software["commit"])
    failures = {m["name"]: m["failure"] for m in listed}
    for name in names:
        folders = [bench.folder(job) for job in jobs[name]]
        m = dict(measure(args, folders), moved=moved(plain, folders, "candidates.csv"),
                 moved_log=moved(plain, folders, "log.csv"), failure=failures.get(name, ""))
        numbers["modes"][name or "none"] = m
    write(args, "modes", table(args, numbers), numbers)
