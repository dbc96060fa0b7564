#!/usr/bin/env python3
"""The ruler: measures restage on synthetic patients, on real scans with inserted lesions and on real scans, and prints
one table.

    python3 bench/ruler.py OUT --restage build/release/restage --data ../shared/data [-o bench/results]

It takes under an hour on two cores, tells what is done on stderr, and can be stopped and started again: OUT/kept has one
small folder a scan (truth.json, report.json, candidates.csv); images go as soon as they are read. A new build of the
program or another recipe measures anew. The table has no times and comes out the same again. Everything is scored by
`restage evaluate`.

    --quick           a few scans of each kind: tries the script in some minutes; its table says so
    --judged          instead: insertions into the scans that are only judged (cmb-crc-01068, lung1-001), printed once
    --scorer PROGRAM  another build of restage, whose `evaluate` scores what --restage measured
    --modes           instead: every failure mode of the phantom alone against none (results/modes.md)
    --readme FILE     puts the short table between the marks <!-- ruler --> and <!-- /ruler --> of FILE
    --images DIR      keeps the images that were made, for another detector to read
    --marks FILE      the same table for that detector: a CSV with seriesuid, coordX, coordY, coordZ (LPS mm) and
                      probability; needs OUT as it was left, and runs nothing
    --point P         its operating point; without it every row of FILE is a mark

Seeds: 1 to 999 tune, 2001 and up report. Scans on which numbers of the program are fitted are named "background used in
training"; nothing is fitted on the others.
"""
import argparse
import csv
import json
import os
import sys

sys.dont_write_bytecode = True  # nothing is left in the source tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ruler_parts import modes, score, tables  # noqa: E402
from ruler_parts.work import Bench, Job, call  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
RECIPE = os.path.join(HERE, "..", "samples", "recipe-hard.json")
# Slices of the phantoms, by name: those of the tune chests.
SLICES = {"1 mm": ["--slices", "300", "--slice-spacing", "1", "--thickness", "1"],
          "2 mm": ["--slices", "300", "--slice-spacing", "1", "--thickness", "2"],
          "3 mm": ["--slices", "100", "--slice-spacing", "3", "--thickness", "3"]}
# set: (first seed, {slices: patients}); "beside": many lesions of the sizes that insertions have, to hold these against
PATIENTS = {"report": (2001, {"1 mm": 44, "2 mm": 8, "3 mm": 12}), "beside": (3001, {"1 mm": 12, "2 mm": 6, "3 mm": 14}),
            "tune": (501, {"1 mm": 12, "3 mm": 4})}
QUICK = {"report": (2001, {"1 mm": 3, "3 mm": 3}), "beside": (3001, {"1 mm": 1, "2 mm": 1, "3 mm": 2}),
         "tune": (501, {"1 mm": 1, "3 mm": 1})}
# chest: (folder below clinical/, its own lesions, slices, insertions by formula, of cut-outs)
TUNE = {"r01-001": ("r01-001/CT", "r01-001/annotations.json", "1 mm", 4, 3),
        "lungfcp-0001": ("lungfcp-0001/CT", "lungfcp-0001/annotations.json", "2 mm", 4, 3),
        "qin-0014": ("qin-0014/CT", "qin-0014/annotations.json", "3 mm", 3, 2),
        "qin-0028": ("qin-0028/CT", "qin-0028/annotations.json", "3 mm", 3, 2),
        "lctsc-004": ("lctsc-004/CT", None, "3 mm", 3, 2)}
JUDGED = {"cmb-crc-01068": ("cmb-crc-01068/CT", "cmb-crc-01068/annotations.json", "3 mm", 7, 5),
          "lung1-001": ("lung1-001/CT", (82.3, -201.5, -456.8, 66.8), "3 mm", 7, 5)}
SHARES = ["--vessel-share", "0.3", "--wall-share", "0.2"]
# case: (folder, truth or None, used in training); the truths are the collection's where it has one
REAL = {"r01-001": ("r01-001/CT", "r01-001/annotations.json", True),
        "lungfcp-0001": ("lungfcp-0001/CT", "lungfcp-0001/annotations.json", True),
        "qin-0014": ("qin-0014/CT", "qin-0014/annotations.json", True),
        "qin-0028": ("qin-0028/CT", "qin-0028/annotations.json", True),
        "lctsc-004": ("lctsc-004/CT", None, True),
        "cmb-crc-01068": ("cmb-crc-01068/CT", "cmb-crc-01068/annotations.json", False),
        "lidc-0001": ("lidc-0001/CT", "lidc-0001/lidc.xml", False),
        "lidc-0002": ("lidc-0002/CT", "lidc-0002/lidc.xml", False),
        "lung1-001": ("lung1-001/CT", "lung1-001/RTSTRUCT.dcm", False),
        "cmd-normal001": ("cmd-normal001/CT", None, False),
        "crlm-1004 bases": ("crlm-1004/bases", None, False)}
REGION = "GTV-1"  # of lung1-001's RTSTRUCT


def clinical(args, path):
    return os.path.join(args.data, "clinical", path)


def beside_recipe(args):
    """The hard recipe with lesions as they are inserted: 2 to 10 mm, even in the logarithm, many of them attached."""
    with open(RECIPE, encoding="utf-8") as f:
        recipe = json.load(f)
    for mode, share in (("vessel_lesions", 0.38), ("wall_lesions", 0.34)):
        given = recipe["modes"].get(mode)
        recipe["modes"][mode] = dict(given if isinstance(given, dict) else {}, share=1, lesion_share=share)
    # Insertions lie beside the vessels that they touch, and few vessels are thick.
    recipe["modes"]["vessel_lesions"].update(branch_mm=[1.5, 4], offset_radii=[0.7, 1.5], limbs=2)
    recipe["lesions"].update(empty_share=0, smallest_mm=2, largest_mm=10, median_mm=4.47, log_sd=2)
    path = os.path.join(args.out, "recipe-beside.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(recipe, f, indent=1, sort_keys=True)
    return path


def phantom_jobs(args, name, first, patients):
    jobs, seed = {}, first
    recipe = beside_recipe(args) if name == "beside" else RECIPE
    more = ["--lesions", "30", "--smallest", "2", "--largest", "10"] if name == "beside" else []
    for slices, n in patients.items():
        for _ in range(n):
            make = ["phantom", "--seed", str(seed), "--recipe", recipe] + SLICES[slices] + more
            jobs.setdefault(slices, []).append(Job("phantom-%s-%d" % (name, seed), make, made_from=[recipe]))
            seed += 1
    return jobs


def library_patients(args):
    """Cut-outs by patient: every fourth patient of the sorted list is for judged scans only, the others for all else."""
    with open(os.path.join(args.data, "lidc-cutouts", "cutouts.csv"), encoding="utf-8", newline="") as f:
        patients = sorted({row["patient"] for row in csv.DictReader(f)})
    paths = {}
    for name, part in (("judged", patients[3::4]), ("tune", [p for n, p in enumerate(patients) if n % 4 != 3])):
        paths[name] = os.path.join(args.out, "patients-%s.txt" % name)
        with open(paths[name], "w", encoding="utf-8") as f:
            f.write("\n".join(part) + "\n")
    return paths


def ignored_file(args, chest, own):
    """The scan's own lesions, as insert reads them."""
    if own is None or isinstance(own, str):
        return own and clinical(args, own)
    path = os.path.join(args.out, "own-%s.csv" % chest)
    with open(path, "w", encoding="utf-8") as f:
        f.write("seriesuid,coordX,coordY,coordZ,diameter_mm\n%s,%g,%g,%g,%g\n" % ((series_uid(args, chest),) + own))
    return path


def series_uid(args, chest):
    """SeriesInstanceUID of a chest."""
    listed = json.loads(call([args.restage, "info", clinical(args, JUDGED[chest][0]), "--json"]))
    return listed["inputs"][0]["series"][0]["series_instance_uid"]


def insertion_jobs(args, chests, part, quick):
    library, jobs = os.path.join(args.data, "lidc-cutouts"), {}
    patients = library_patients(args)[part]
    for number, (chest, (folder, own, slices, formula, cutouts)) in enumerate(chests.items()):
        ignore = ignored_file(args, chest, own)
        for n in range(1 if quick else formula + cutouts):
            make = ["insert", clinical(args, folder), "--seed", str((1000 if part == "tune" else 5000) + 100 * number + n)]
            make += SHARES + (["--ignore", ignore] if ignore else [])
            made_from = [ignore] if ignore else []
            if n >= formula or (quick and number % 2):
                make += ["--library", library, "--patients", patients]
                made_from = made_from + [patients]
            jobs.setdefault(slices, []).append(Job("insertion-%s-%d" % (chest, n), make, made_from=made_from))
    return jobs


def real_jobs(args):
    return {name: Job("real-" + name.replace(" ", "-"), path=clinical(args, row[0])) for name, row in REAL.items()}


def flat(groups):
    return [job for jobs in groups.values() for job in jobs]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--restage", required=True)
    parser.add_argument("--data")
    parser.add_argument("-o", "--results", help="folder of the tables; none: to stdout alone")
    parser.add_argument("--scorer", help="another build, whose `evaluate` scores what --restage has measured")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--judged", action="store_true")
    parser.add_argument("--modes", action="store_true")
    parser.add_argument("--again", action="store_true", help="with --judged: print what was printed before")
    parser.add_argument("--seeds", type=int, default=6, help="with --modes: patients a mode")
    parser.add_argument("--only", help="with --modes: these alone, by comma; the table says so")
    parser.add_argument("--readme")
    parser.add_argument("--images")
    parser.add_argument("--marks")
    parser.add_argument("--point", type=float)
    args = parser.parse_args()
    if not args.data and not args.modes:
        parser.error("--data is needed: the folder with clinical/ and lidc-cutouts/")
    os.makedirs(args.out, exist_ok=True)
    return args


def write(args, name, text, numbers):
    """The table, and its numbers with a line each part."""
    sys.stdout.write(text)
    parts = ",\n".join("%s: %s" % (json.dumps(key), json.dumps(numbers[key], sort_keys=True)) for key in sorted(numbers))
    if args.results:
        os.makedirs(args.results, exist_ok=True)
        for ending, content in ((".md", text), (".json", "{\n" + parts + "\n}\n")):
            with open(os.path.join(args.results, name + ending), "w", encoding="utf-8") as f:
                f.write(content)


def scans_file(args, name, folders):
    """Series of a set: they limit another's table, which has rows of every scan, and name scans without a truth."""
    path = os.path.join(args.out, "scans-%s.txt" % name)
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(score.series_of(folder) + "\n" for folder in folders))
    return path


def evaluate(args, name, folders, truths=None, table="packet", **more):
    """A set of scans; without truths these lie beside the marks. table: "packet", or one of tables.RANKERS."""
    marks = folders if table == "packet" else [os.path.join(folder, table) for folder in folders]
    options = dict(more, scans=scans_file(args, name, folders))
    if args.marks and table == "packet":
        marks, options["point"] = [args.marks], args.point
    evaluation = score.evaluate(args.scorer or args.restage, marks, folders if truths is None else truths, **options)
    point = evaluation["operating_point"]
    if point["false_a_litre"] is None:
        point["searched_litres"] = score.litres_of(folders)
        point["false_a_litre"] = point["shown_false"] / point["searched_litres"]
    return evaluation


def has_rows(args, folders):
    """Does another's table name a scan of the set? A set of which it knows nothing is left out."""
    if not args.marks:
        return True
    with open(args.marks, encoding="utf-8-sig", newline="") as f:
        named = {line.split(",", 1)[0].strip() for line in f}
    return any(score.series_of(folder) in named for folder in folders)


def measure_set(args, name, folders, *rest, **more):
    if not has_rows(args, folders):
        return None
    return {"all": evaluate(args, name, folders, *rest, **more),
            "from 3 mm": evaluate(args, name, folders, *rest, least=3, **more)}


def measure_alike(args, beside, insertions):
    """Phantoms beside insertions at like slices and sizes, by attachment."""
    keys = ("point", "4")
    if not all(has_rows(args, folders) for side in (beside, insertions) for folders in side.values()):
        return None
    cells = [{g: score.cells(lambda mm: evaluate(args, "alike", folders, least=mm, bootstraps=0), keys)
              for g, folders in groups.items()} for groups in (beside, insertions)]
    return {key: {name: score.alike(*[{g: c[key] for g, c in side.items()} for side in cells], name)
                  for name in ("all", "free", "vessel", "wall")} for key in keys}


def measure_real(args, folders, trained):
    cases = [name for name, row in REAL.items() if row[2] == trained]
    truths = [clinical(args, REAL[name][1]) for name in cases if REAL[name][1]]
    images = [clinical(args, REAL[name][0]) for name in cases if REAL[name][1]]
    name = "real-" + ("tune" if trained else "judged")
    return measure_set(args, name, [folders[c] for c in cases], truths, images=images,
                       roi=None if trained else REGION)


def program_of(folder):
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
        software = json.load(f)["software"]
    return "%s, commit %s" % (software["version"], software["commit"])


def run_all(args):
    patients = QUICK if args.quick else PATIENTS
    phantoms = {name: phantom_jobs(args, name, *patients[name]) for name in patients}
    insertions = insertion_jobs(args, TUNE, "tune", args.quick)
    real = real_jobs(args)
    bench = Bench(args.out, args.restage, args.jobs, args.images)
    jobs = flat(insertions) + [job for name in phantoms for job in flat(phantoms[name])] + list(real.values())
    bench.do_all(jobs, only_check=bool(args.marks))
    kept = {name: {g: [bench.folder(j) for j in js] for g, js in groups.items()} for name, groups in phantoms.items()}
    kept["insertion"] = {g: [bench.folder(j) for j in js] for g, js in insertions.items()}
    all_of = {name: [f for folders in groups.values() for f in folders] for name, groups in kept.items()}
    chests = {chest: [f for f in all_of["insertion"] if "insertion-%s-" % chest in os.path.basename(f)] for chest in TUNE}
    real_folders = {name: bench.folder(job) for name, job in real.items()}
    numbers = {
        "program": program_of(all_of["report"][0]),
        "quick": args.quick,
        "marks": os.path.basename(args.marks) if args.marks else None,
        "scans": {name: {g: len(f) for g, f in groups.items()} for name, groups in kept.items()},
        "sets": {name: measure_set(args, name, all_of[name]) for name in ("report", "beside", "tune", "insertion")},
        "chests": {chest: evaluate(args, chest, folders) for chest, folders in chests.items() if has_rows(args, folders)},
        "alike": measure_alike(args, kept["beside"], kept["insertion"]),
        "real_names": {score.series_of(folder): name for name, folder in real_folders.items()},
    }
    numbers["sets"]["real tune"] = measure_real(args, real_folders, True)
    numbers["sets"]["real judged"] = measure_real(args, real_folders, False)
    numbers["sets"] = {name: pair for name, pair in numbers["sets"].items() if pair}
    if not numbers["sets"]:
        sys.exit("ruler.py: %s names no scan of this bench" % args.marks)
    if not args.marks:
        numbers["rankers"] = {table: {name: evaluate(args, name, folders, table=table, least=3)
                                      for name, folders in {"report": all_of["report"], "beside, 1 mm": kept["beside"]["1 mm"],
                                                            "r01-001": chests["r01-001"],
                                                            "insertion": all_of["insertion"]}.items()}
                              for table in tables.RANKERS}
        numbers["from 4 mm"] = {name: evaluate(args, name, all_of[name], least=4, bootstraps=0)
                                for name in ("report", "beside", "insertion")}
    numbers = tables.thinned(numbers)
    write(args, "ruler" if not args.marks else "ruler-marks", tables.whole(numbers), numbers)
    if args.readme:
        tables.put_into(args.readme, tables.short(numbers))


def truths_of(args, folders, cutouts):
    """Truths in which the lesions of the other source, formula or cut-out, are neither right nor false to mark."""
    paths = []
    for folder in folders:
        with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
            truth = json.load(f)
        own = [(lesion["source"] != "formula") == cutouts for lesion in truth["lesions"]]
        truth["irrelevant"] += [{"lps_mm": lesion["lps_mm"], "diameter_mm": lesion["equivalent_mm"]}
                                for lesion, mine in zip(truth["lesions"], own) if not mine]
        truth["lesions"] = [lesion for lesion, mine in zip(truth["lesions"], own) if mine]
        paths.append(os.path.join(args.out, "%s-%s.json" % (os.path.basename(folder), "cutouts" if cutouts else "formula")))
        with open(paths[-1], "w", encoding="utf-8") as f:
            json.dump(truth, f)
    return paths


def measure_sources(args, folders):
    """Lesions by formula beside cut-outs at like sizes and attachments."""
    keys, cells = ("8", "64"), []
    for cutouts in (False, True):
        truths = truths_of(args, folders, cutouts)
        counts = score.cells(lambda mm: evaluate(args, "sources", folders, truths, least=mm, bootstraps=0, cap=0), keys)
        cells.append({key: {name: {(score.ONE, b): counts[key][name, b] for b in range(len(score.BEGIN_MM))}
                            for name in score.ATTACHMENTS} for key in keys})
    return {key: score.alike(cells[0][key], cells[1][key], score.ONE) for key in keys}


def run_judged(args):
    """The scans that are only judged: printed once, and never a reason to change anything."""
    path = os.path.join(args.results or args.out, "judged.md")
    if os.path.exists(path) and not args.again and not args.quick:
        sys.exit("ruler.py: %s is there; judged scans are measured once a detector (--again, if it is another)" % path)
    insertions = insertion_jobs(args, JUDGED, "judged", args.quick)
    bench = Bench(args.out, args.restage, args.jobs, args.images)
    bench.do_all(flat(insertions))
    folders = {chest: [bench.folder(j) for j in flat(insertions) if "insertion-%s-" % chest in j.name] for chest in JUDGED}
    numbers = tables.thinned({
        "program": program_of(folders["lung1-001"][0]),
        "quick": args.quick,
        "sets": {chest: measure_set(args, chest, each) for chest, each in folders.items()},
        "uncapped": {chest: evaluate(args, chest, each, least=3, cap=0, bootstraps=0) for chest, each in folders.items()},
        "from 4 mm": {chest: evaluate(args, chest, each, least=4, cap=0, bootstraps=0) for chest, each in folders.items()},
        "from 10 mm": {chest: evaluate(args, chest, each, least=10, cap=0, bootstraps=0) for chest, each in folders.items()},
        "sources": {chest: measure_sources(args, each) for chest, each in folders.items()},
    })
    write(args, "judged", tables.judged(numbers), numbers)


def main():
    args = parse()
    if args.modes:
        modes.run(args, write)
    elif args.judged:
        run_judged(args)
    else:
        run_all(args)


if __name__ == "__main__":
    main()
