#!/usr/bin/python3
"""Reading beside DCMTK, dcm2niix and ITK on the same files: RESULTS/reading.md and reading.csv.

    run.py BUILD WORK RESULTS [--rounds N]

BUILD: build folder of restage; WORK: what make_inputs.py made, and where the programs of this folder are compiled.
Every round calls each program once, in turn; the shortest wall time of a program counts, beside its CPU time.
"""
import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ITK = "-lITKIOGDCM-5.2 -lITKIOImageBase-5.2 -lITKCommon-5.2 -litksys-5.2 -lgdcmMSFF -lgdcmDSED -lgdcmCommon"


def compile_all(build, work):
    include = HERE.parent.parent / "include"
    calls = {
        "ours": f"cc -std=c11 -D_GNU_SOURCE -O2 -I{include} {HERE}/ours.c -L{build} -lrestage -lrestage-kernels "
                f"-Wl,-rpath,{build}",
        "dcmtk_read": f"c++ -std=c++17 -O2 {HERE}/dcmtk_read.cc -ldcmjpeg -ldcmdata -loflog -lofstd",
        "itk_sort": f"c++ -std=c++17 -O2 {HERE}/itk_sort.cc -isystem /usr/include/ITK-5.2 "
                    f"-isystem /usr/include/gdcm-3.0 {ITK}",
    }
    for name, call in calls.items():
        if subprocess.run(call.split() + ["-o", str(work / name)], check=False).returncode != 0:
            print(f"{name} cannot be compiled: left out", file=sys.stderr)
            (work / name).unlink(missing_ok=True)


def run(command, own_clock):
    """Wall seconds (of the program's own clock where it has one), CPU seconds, its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command} ended with {done.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return float(done.stdout.split()[0]) if own_clock else wall, cpu, done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    build, work = args.build.resolve(), args.work.resolve()
    compile_all(build, work)
    os.environ["OMP_WAIT_POLICY"] = "passive"
    nifti = work / "nifti"
    plain, packed, many = str(work / "plain"), str(work / "jpeg-lossless"), str(work / "many")
    two, jobs = str(work / "ours"), "300 slices of 512 x 512"
    rows = [  # job, program, command, its own clock, its CPU seconds are of the job alone
        [jobs + ", uncompressed, to int16", "restage, 2 threads", [two, plain, "2", "auto"], True],
        [jobs + ", uncompressed, to int16", "restage, 1 thread", [two, plain, "1", "auto"], True],
        [jobs + ", uncompressed, to int16", "DCMTK, load and copy", [str(work / "dcmtk_read"), plain], True],
        [jobs + ", JPEG lossless, to int16", "restage, 2 threads, sandbox", [two, packed, "2", "auto"], True],
        [jobs + ", JPEG lossless, to int16", "restage, 2 threads, --sandbox=off", [two, packed, "2", "off"], True],
        [jobs + ", JPEG lossless, to int16", "DCMTK, load and copy", [str(work / "dcmtk_read"), packed], True],
        ["3,000 files listed", "restage info -j 2", [str(build / "restage"), "info", many, "-j", "2", "--json"], False],
        ["3,000 files listed", "ITK GDCMSeriesFileNames", [str(work / "itk_sort"), many], True],
        ["3,000 files listed", "dcm2niix, converted", ["dcm2niix", "-f", "%s", "-o", str(nifti), many], False],
    ]
    rows = [r for r in rows if shutil.which(r[2][0])]
    for folder in (plain, packed, many):  # into the page cache
        for path in Path(folder).iterdir():
            path.read_bytes()
    walls, cpus, sums = [[] for _ in rows], [[] for _ in rows], {}
    for number in range(args.rounds):
        for i, (job, program, command, own_clock) in enumerate(rows):
            if "dcm2niix" in program or "ITK" in program:
                if number > 0:
                    continue
                shutil.rmtree(nifti, ignore_errors=True)
                nifti.mkdir()
            wall, cpu, text = run(command, own_clock)
            walls[i].append(wall)
            cpus[i].append(cpu)
            if job.startswith("300"):
                sums.setdefault(job, set()).add(text.split()[1])
            if "info" in program:
                assert len(json.loads(text)["inputs"][0]["series"]) == 10
    shutil.rmtree(nifti, ignore_errors=True)
    same = all(len(s) == 1 for s in sums.values())
    write(args.results, rows, walls, cpus, same)


def write(results, rows, walls, cpus, same):
    ours = {}
    for (job, program, _, _), wall in zip(rows, walls):
        if program.startswith("restage"):
            ours.setdefault(job, min(wall))
    table = []
    for (job, program, _, _), wall, cpu in zip(rows, walls, cpus):
        ratio = "" if program.startswith("restage") else f"{ours[job] / min(wall):.2f}"
        table.append([job, program, f"{min(wall):.3f}", f"{sorted(wall)[len(wall) // 2]:.3f}", f"{min(cpu):.3f}",
                      str(len(wall)), ratio])
    head = ["job", "program", "wall s, shortest", "wall s, median", "CPU s of the process", "calls",
            "restage's first row / this"]
    with open(results / "reading.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head] + table)
    with open(results / "reading.md", "w", encoding="utf-8") as file:
        file.write("# Reading beside others\n\nMade by `bench/read/make_inputs.py` and `bench/read/run.py` (see "
                   "`bench/README.md`); warm cache, 2 cores, load average beside them "
                   f"{os.getloadavg()[0]:.1f}; one series of a chest, 512 x 512 x 300, and ten of it in one folder. "
                   "Seconds of reading are those of the call alone (the volume's page faults within), those of a "
                   "listing of the whole process, but ITK's of the call; CPU seconds are of whole processes, decoding "
                   "workers included. "
                   f"All programs gave {'the same voxels' if same else 'DIFFERENT VOXELS'}.\n\n")
        file.write("| " + " | ".join(head) + " |\n|" + " --- |" * len(head) + "\n")
        for row in table:
            file.write("| " + " | ".join(row) + " |\n")


main()
