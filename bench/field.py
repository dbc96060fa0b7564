#!/usr/bin/python3
"""The large rows of field-reports: L01 (900 slices of 512 x 512) and L03 (80 slices among 400 other studies).

    field.py BUILD SHARED [FOLDER]      inputs are made in FOLDER (a temporary one by default); a table as CSV

L01 in thirds (300, 600, 900 slices) shows whether time and memory grow with the voxels; memory must stay below
1.3 x volume + 200 MB. L03 by --study must cost less than 1.2 x the same slices alone.
"""
import json, os, shutil, subprocess, sys, tempfile
from pathlib import Path


def run(restage, out, *args):
    """CPU seconds and peak memory (MB) of one run."""
    shutil.rmtree(out, ignore_errors=True)
    child = subprocess.Popen([restage, "run", "-q", *map(str, args), "-o", str(out)],
                             env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit("restage ends %d: %s" % (status, args))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def best(restage, out, *args, times=3):
    return min(run(restage, out, *args) for _ in range(times))


def large(restage, folder, out):
    files = sorted((folder / "L01").iterdir())
    first = None
    for n in (300, 600, 900):
        part = folder / "L01-part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for file in files[:n]:
            os.link(file, part / file.name)
        seconds, memory = best(restage, out, part, times=1)
        first = first or seconds / n
        bound = 1.3 * 512 * 512 * 2 * n / 1e6 + 200
        print("L01,%d slices,%.1f,%.0f,%.2f x the time a slice of the first,bound %.0f MB" %
              (n, seconds, memory, seconds / n / first, bound))


def among(restage, folder, out):
    study = json.loads((folder / "expected.json").read_text())["L03"]["study_uid"]
    alone = best(restage, out, folder / "L03" / "chest")
    beside = best(restage, out, folder / "L03", "--study", study)
    print("L03,alone,%.2f,%.0f,," % alone)
    print("L03,among 400 studies,%.2f,%.0f,%.2f x alone,bound 1.20 x" % (*beside, beside[0] / alone[0]))


def main(argv):
    if len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    restage = Path(argv[0]).resolve() / "restage"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(argv[2] if len(argv) > 2 else scratch)
        make = Path(argv[1]) / "field-reports" / "make_inputs.py"
        for row in ("L01", "L03"):
            if not (folder / row).is_dir():
                subprocess.run(["/usr/bin/python3", make, folder, "--big", row], check=True, stdout=subprocess.DEVNULL)
        print("row,input,cpu_s,peak_mb,ratio,bound")
        large(restage, folder, Path(scratch) / "out")
        among(restage, folder, Path(scratch) / "out")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
