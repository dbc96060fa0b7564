#!/usr/bin/python3
"""Runs every job in a process of its own, ours and the peers in turn, and prints one table of ratios.

    compare.py FOLDER OUT --ours PROGRAM --itk PROGRAM --version TEXT [options]

FOLDER has the inputs and keeps what was measured (samples.csv, checks.csv): a row that is complete is not run again, so
a run that was stopped goes on where it stood. OUT gets peers.csv and peers.md.
"""
import argparse
import csv
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy
import scipy
import skimage

import jobs
from peers import Input

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = ["row", "program", "job", "threads", "cpu_s", "wall_s", "peak_mb", "other_cores", "load", "version"]
LOAD_FOR_TWO = 0.5  # wall times of two threads mean nothing above


def busy_seconds():
    with open("/proc/stat") as f:
        t = [int(x) for x in f.readline().split()[1:9]]
    return (t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, args):
        self.args = args
        self.samples = self.read("samples.csv")
        self.checks = self.read("checks.csv")
        self.env = dict(os.environ, OMP_NUM_THREADS="1", ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS="1",
                        OPENBLAS_NUM_THREADS="1", OMP_WAIT_POLICY="passive")

    def path(self, name):
        return os.path.join(self.args.folder, name)

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return []
        with open(self.path(name), newline="") as f:
            return list(csv.DictReader(f))

    def append(self, name, table, row):
        row = {key: str(value) for key, value in row.items()}
        new = not os.path.exists(self.path(name))
        with open(self.path(name), "a", newline="") as f:
            writer = csv.DictWriter(f, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        table.append(row)

    def of(self, row, program, job, threads=1):
        return [s for s in self.samples if s["row"] == row.key and s["program"] == program and s["job"] == job and
                s["threads"] == str(threads)]

    def command(self, program, job, calls, threads, result):
        start = {"ours": [self.args.ours], "itk": [self.args.itk]}.get(
            program, ["/usr/bin/python3", os.path.join(HERE, "peers.py")])
        return start + [job, self.args.folder, str(calls), str(threads)] + ([result] if result else [])

    def run(self, row, program, job, calls, threads=1, result=None):
        """One process; every call that it timed becomes a sample."""
        env = dict(self.env, OMP_NUM_THREADS=str(threads), ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=str(threads))
        load, busy, start = os.getloadavg()[0], busy_seconds(), time.monotonic()
        p = subprocess.Popen(self.command(program, job, calls, threads, result), env=env, text=True,
                             stdout=subprocess.PIPE)
        lines = p.stdout.read().splitlines()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = status
        if status != 0:
            sys.exit("%s %s failed" % (program, job))
        own = usage.ru_utime + usage.ru_stime
        peak = next((line.split()[1] for line in lines if line.startswith("peak ")), "")
        other = max(0.0, (busy_seconds() - busy - own) / (time.monotonic() - start))
        for line in lines:
            if not line.startswith("time "):
                continue
            cpu, wall = line.split()[1:]
            self.append("samples.csv", self.samples, dict(zip(SAMPLE, [
                row.key, program, job, threads, cpu, wall, peak, round(other, 2),
                round(load, 2), self.args.version])))

    def measure(self, row):
        """Ours and the peers in turn. What the first processes made is held against each other."""
        ours, theirs = self.path("result-ours"), self.path("result-peer")
        for n in range(self.args.repeats):
            self.run(row, "ours", row.ours, row.calls, 1, None if n else ours)
            for peer in row.peers:
                if not peer.slow or n < self.args.slow_repeats:
                    self.run(row, peer.program, peer.job, 0 if peer.slow else 1, 1, None if n else theirs)
                if n == 0:
                    self.hold(row, peer, ours, theirs)
        os.remove(ours)

    def measure_two(self, row):
        itk = [p for p in row.peers if p.program == "itk" and not p.slow]
        for _ in range(3):
            self.run(row, "ours", row.ours, row.calls, 2)
            for peer in itk:
                self.run(row, "itk", peer.job, 1, 2)

    def hold(self, row, peer, ours, theirs):
        """Results of both sides against each other."""
        def extra(job):
            self.run(row, "ours", job, 0, 1, self.path("result-extra"))
            return self.path("result-extra")
        ok, text = jobs.check(row, peer, self.args.folder, ours, theirs, extra)
        self.append("checks.csv", self.checks, {"row": row.key, "program": peer.program, "job": peer.job,
                                                "ok": int(ok), "text": text})
        print("  %-8s %-18s %s: %s" % (peer.program, peer.job, "agrees" if ok else "DIFFERS", text), flush=True)
        os.remove(theirs)

    def forget(self, row):
        """What was measured before goes out of use, and out of the files."""
        self.samples = [s for s in self.samples if s["row"] != row.key]
        self.checks = [c for c in self.checks if c["row"] != row.key]
        for name, table in (("samples.csv", self.samples), ("checks.csv", self.checks)):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
            for one in table:
                self.append(name, [], one)

    def complete(self, row):
        return all(len(self.of(row, p.program, p.job)) >= (self.args.slow_repeats if p.slow else self.args.repeats)
                   for p in row.peers) and len(self.of(row, "ours", row.ours)) >= self.args.repeats * row.calls

    def held(self, row):
        return sum(c["row"] == row.key for c in self.checks) == len(row.peers)

    def do(self, row, two):
        print(row.key, "load %.2f" % os.getloadavg()[0], flush=True)
        if self.args.again or not (self.complete(row) and self.held(row)):
            self.forget(row)
            self.measure(row)
        if two and not self.of(row, "ours", row.ours, 2):
            self.measure_two(row)


def median(samples, key):
    return statistics.median(float(s[key]) for s in samples)


def least(samples, key):
    return min(float(s[key]) for s in samples)


def summary(bench, row):
    """One dictionary a peer: what the table and the CSV file say of it."""
    ours, two = bench.of(row, "ours", row.ours), bench.of(row, "ours", row.ours, 2)
    for peer in row.peers:
        theirs, theirs_two = bench.of(row, peer.program, peer.job), bench.of(row, peer.program, peer.job, 2)
        held = [c for c in bench.checks if c["row"] == row.key and (c["program"], c["job"]) == (peer.program, peer.job)]
        if not ours or not theirs or not held:
            continue
        out = {"kernel": row.kernel, "row": row.key, "what": row.what, "peer": peer.program, "peer_job": peer.job,
               "peer_note": peer.note, "peer_share": peer.share, "agrees": held[-1]["ok"],
               "agreement": held[-1]["text"], "must": peer.must or "",
               "must_avx2": "%g" % (peer.must * row.avx2_share) if peer.must else ""}
        for name, s in (("ours", ours), ("peer", theirs)):
            out.update({name + "_cpu_s": "%.4f" % median(s, "cpu_s"), name + "_least_cpu_s": "%.4f" % least(s, "cpu_s"),
                        name + "_calls": len(s), name + "_peak_mb": s[-1]["peak_mb"]})
        share = peer.share
        out["ratio"] = "%.2f" % (share * median(theirs, "cpu_s") / median(ours, "cpu_s"))
        out["ratio_least"] = "%.2f" % (share * least(theirs, "cpu_s") / least(ours, "cpu_s"))
        out["two_ours_wall_s"] = "%.4f" % median(two, "wall_s") if two else ""
        wall = median(theirs_two or theirs, "wall_s")
        out["two_ratio"] = "%.2f" % (share * wall / median(two, "wall_s")) if two else ""
        out["two_gain"] = "%.2f" % (median(ours, "wall_s") / median(two, "wall_s")) if two else ""
        used = ours + theirs
        out["other_cores"] = "%.2f" % median(used, "other_cores")
        out["load_low"], out["load_high"] = least(used, "load"), max(float(s["load"]) for s in used)
        out["version"] = " / ".join(sorted({s["version"] for s in ours}))
        yield out


def machine():
    with open("/proc/cpuinfo") as f:
        name = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return "%s, %d cores" % (name, os.cpu_count())


def cell(o):
    """The ratio, and whether it is below what is asked: of the tier that ran, or only of AVX-512."""
    ratio = float(o["ratio"])
    if o["agrees"] != "1":
        return "results differ"
    text = "%s (%s)" % (figure(ratio), figure(float(o["ratio_least"])))
    if o["must"] and ratio < float(o["must_avx2"]):
        return text + " **below**"
    return text + (" below AVX-512's" if o["must"] and ratio < float(o["must"]) else "")


def figure(x):
    return "%.0f" % x if x >= 20 else "%.1f" % x


def ends(table, key):
    return min(float(o[key]) for o in table), max(float(o[key]) for o in table)


def markdown(bench, table):
    itk = subprocess.run([bench.args.itk, "--version"], text=True, capture_output=True, check=True).stdout.strip()
    inp, args = Input(bench.args.folder), bench.args
    lines = ["# Kernels beside their Debian peers", "",
             "Made by `sh bench/peers/run.sh BUILD OUT`; what is compared and how: `bench/README.md`.", "",
             "- %s" % ", ".join(sorted({o["version"] for o in table})),
             "- peers: ITK %s (-O3 -DNDEBUG, x86-64 baseline), SciPy %s, scikit-image %s, NumPy %s, Python %s" % (
                 itk, scipy.__version__, skimage.__version__, numpy.__version__, platform.python_version()),
             "- machine: %s" % machine(),
             "- calls: %d to %d of ours, %d to %d of a peer; load average beside them %.2f to %.2f; cores busy with "
             "other work, median: %s" % (
                 *ends(table, "ours_calls"), *ends(table, "peer_calls"), ends(table, "load_low")[0],
                 ends(table, "load_high")[1], statistics.median(float(o["other_cores"]) for o in table)),
             "- volume: %d x %d x %d, %g x %g x %g mm, `restage phantom --seed 5`, sha256 %s; cube of %d" % (
                 *inp.n, *inp.spacing, args.sha[:12] or "not taken", inp.side),
             "", "CPU seconds of the kernel call alone on one thread, median of all calls; ratio = peer / ours, in "
             "brackets that of the shortest calls. `2 threads` = wall of the peer / wall of ours, both on two threads "
             "(SciPy and scikit-image have one). `must`: the ratio asked for with AVX-512, in brackets with AVX2.",
             "",
             "| kernel | job | ours, s | peer | peer, s | ratio | must | 2 threads | results |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for o in table:
        note = " (%s)" % o["peer_note"] if o["peer_note"] else ""
        lines.append("| %s | %s | %s | %s%s | %.3g | %s | %s | %s | %s |" % (
            o["kernel"], o["what"], "%.3g" % float(o["ours_cpu_s"]), o["peer"], note, float(o["peer_cpu_s"]), cell(o),
            "%s (%s)" % (o["must"], o["must_avx2"]) if o["must"] else "",
            figure(float(o["two_ratio"])) if o["two_ratio"] else "", o["agreement"]))
    return "\n".join(lines) + "\n"


def write(bench, rows):
    table = [o for row in rows for o in summary(bench, row)]
    if not table:
        return
    os.makedirs(bench.args.out, exist_ok=True)
    with open(os.path.join(bench.args.out, "peers.csv"), "w", newline="") as f:
        writer = csv.DictWriter(f, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    text = markdown(bench, table)
    with open(os.path.join(bench.args.out, "peers.md"), "w") as f:
        f.write(text)
    print(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--ours", required=True)
    parser.add_argument("--itk", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--sha", default="")
    parser.add_argument("--only", default="", help="rows or kernels, with commas between them")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--slow-repeats", type=int, default=1, help="of peers that take over 20 s")
    parser.add_argument("--two", choices=("auto", "yes", "no"), default="auto",
                        help="two threads; auto: where the load average at the start is below %g" % LOAD_FOR_TWO)
    parser.add_argument("--again", action="store_true", help="measure rows that are complete once more")
    parser.add_argument("--table-only", action="store_true", help="from what was measured before")
    args = parser.parse_args()
    args.slow_repeats = min(args.slow_repeats, args.repeats)
    bench = Bench(args)
    two = args.two == "yes" or (args.two == "auto" and os.getloadavg()[0] < LOAD_FOR_TWO)
    wanted = [w for w in args.only.split(",") if w]
    rows = [r for r in jobs.ROWS if not wanted or any(w == r.key or w in r.kernel.split(", ") for w in wanted)]
    if not rows:
        parser.error("no row or kernel %s" % args.only)
    for row in rows:
        if not args.table_only:
            bench.do(row, two)
    write(bench, jobs.ROWS)


if __name__ == "__main__":
    main()
