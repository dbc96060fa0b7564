"""Makes scans, runs restage on them and keeps what a scorer needs: the truth, the packet's report and candidates, and
what two rankers without any learning make of the same candidates. A job that is done is never done again."""
import concurrent.futures
import csv
import glob
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time

KEPT = ("truth.json", "report.json", "candidates.csv")
FWHM_PER_SIGMA = 2.3548200450309493
BEST_KEPT = 200  # of the rankers without learning; a scan counts its first 100


class Failed(Exception):
    pass


def call(command):
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Failed("%s: exit %d: %s" % (" ".join(command[1:3]), done.returncode, done.stderr.strip()[-500:]))
    return done.stdout


def digest_of_program(program):
    """Of the program and of its libraries beside it: a new build measures anew."""
    digest, folder = hashlib.sha256(), os.path.dirname(os.path.realpath(program))
    for path in [program] + sorted(glob.glob(os.path.join(folder, "librestage*.so.?.*"))):
        with open(path, "rb") as f:
            digest.update(f.read())
    return digest.hexdigest()


def write_ranker(path, rows, value):
    """The best rows by a value, as a table of LUNA16; equal values in the order of the candidates."""
    best = sorted(((value(row), -n) for n, row in enumerate(rows)), reverse=True)[:BEST_KEPT]
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(["seriesuid", "coordX", "coordY", "coordZ", "probability"])
        for v, n in best:
            row = rows[-n]
            writer.writerow([row["seriesuid"]] + ["%.2f" % float(row["coord" + a]) for a in "XYZ"] + ["%.4f" % v])


def answer_of(row, psf_sigma_mm):
    """What the filter itself answers to a matched sphere of that response: science C2.2 undone."""
    s2, radius = float(row["scale_mm"]) ** 2, float(row["radius_mm"])
    t = s2 + psf_sigma_mm ** 2
    rho = s2 * math.sqrt(2 / math.pi) * radius ** 3 * t ** -2.5 * math.exp(-radius ** 2 / (2 * t))
    return float(row["log_hu"]) * rho


def keep_rankers(dump, out):
    """LoG alone; LoG x max(e3/e1, 0.05) (science C6.2) of the normalised response and of the filter's own answer."""
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        sigma = json.load(f)["quality"]["psf"]["in_plane_mm"] / FWHM_PER_SIGMA
    with open(dump, encoding="utf-8", newline="") as f:
        rows = [row for row in csv.DictReader(f) if row["log_hu"] and row["origin"] != "mass"]

    def shape(row):
        return max(float(row["e3_e1"] or 0), 0.05)
    write_ranker(os.path.join(out, "log.csv"), rows, lambda r: float(r["log_hu"]))
    write_ranker(os.path.join(out, "ratio.csv"), rows, lambda r: float(r["log_hu"]) * shape(r))
    write_ranker(os.path.join(out, "answer.csv"), rows, lambda r: answer_of(r, sigma) * shape(r))


class Job:
    """One scan. make: arguments of restage that make it, without -o; None: it lies in `path`."""

    def __init__(self, name, make=None, path=None, made_from=(), look=None):
        self.name, self.make, self.path = name, make, path
        self.look = look  # called with the dump of image and organs and the folder that is kept
        self.made_from = made_from  # files whose text decides what is made: recipes, lists

    def digest(self, program_digest):
        text = hashlib.sha256(program_digest.encode())
        text.update(json.dumps([os.path.basename(str(a)) for a in self.make or [self.path]]).encode())
        for path in self.made_from:
            with open(path, "rb") as f:
                text.update(f.read())
        return text.hexdigest()[:12]


class Bench:
    def __init__(self, out, program, jobs, keep_images=None):
        self.out, self.program, self.jobs, self.keep_images = out, program, jobs, keep_images
        self.program_digest = digest_of_program(program)
        self.lock, self.started = threading.Lock(), time.monotonic()
        os.makedirs(os.path.join(out, "kept"), exist_ok=True)
        shutil.rmtree(os.path.join(out, ".work"), ignore_errors=True)

    def folder(self, job):
        return os.path.join(self.out, "kept", "%s-%s" % (job.name, job.digest(self.program_digest)))

    def images(self, job):
        return os.path.join(self.keep_images, job.name) if self.keep_images and job.make else None

    def is_done(self, job):
        images = self.images(job)
        return os.path.isdir(self.folder(job)) and (images is None or os.path.isdir(images))

    def make(self, job, work):
        if job.make is None:
            return job.path
        scan = os.path.join(work, "scan")
        call([self.program] + job.make + ["-o", scan, "-j", "1", "-q"])
        return scan

    def do(self, job):
        work = os.path.join(self.out, ".work", job.name)
        kept, packet = os.path.join(work, "kept"), os.path.join(work, "packet")
        os.makedirs(kept)
        scan = self.make(job, work)
        call([self.program, "run", scan, "-o", packet, "--dump", "read,organs,detect" if job.look else "detect", "-j", "1",
              "-q"])
        for name in KEPT:
            for folder in (scan if job.make else None, packet):
                if folder and os.path.isfile(os.path.join(folder, name)):
                    shutil.copy(os.path.join(folder, name), os.path.join(kept, name))
        dump = glob.glob(packet + ".dump/*-detect.csv")
        if dump:
            keep_rankers(dump[0], kept)
        if job.look:
            job.look(packet + ".dump", kept)
        images = self.images(job)
        if images:
            os.makedirs(self.keep_images, exist_ok=True)
            shutil.rmtree(images, ignore_errors=True)
            shutil.move(scan, images)
        shutil.rmtree(self.folder(job), ignore_errors=True)
        os.rename(kept, self.folder(job))
        shutil.rmtree(work)

    def do_and_tell(self, job, total):
        start = time.monotonic()
        try:
            self.do(job)
        except (Failed, OSError, KeyError, ValueError) as error:
            return "%s: %s" % (job.name, error)
        with self.lock:
            self.n_done += 1
            print("%s: %.0f s; %d of %d, %.0f min in all" % (job.name, time.monotonic() - start, self.n_done, total,
                  (time.monotonic() - self.started) / 60), file=sys.stderr, flush=True)
        return None

    def do_all(self, jobs, only_check=False):
        """What is not there yet, two at a time: threads of their own gain less than scans side by side."""
        todo = [job for job in jobs if not self.is_done(job)]
        if only_check and todo:
            sys.exit("ruler.py: %d of %d scans were not measured with this program yet: run it without --marks first" %
                     (len(todo), len(jobs)))
        self.n_done = len(jobs) - len(todo)
        if self.n_done:
            print("%d of %d were there" % (self.n_done, len(jobs)), file=sys.stderr, flush=True)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            wrong = [w for w in pool.map(lambda job: self.do_and_tell(job, len(jobs)), todo) if w]
        shutil.rmtree(os.path.join(self.out, ".work"), ignore_errors=True)
        if wrong:
            sys.exit("ruler.py: %d scans failed; the rest is kept:\n%s" % (len(wrong), "\n".join(wrong)))
