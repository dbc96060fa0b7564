#!/usr/bin/env python3
"""Trains the ray networks (science C6A) on what tables.py kept and writes a ranker (schema restage-ranker-1).

    python3 bench/ranker/train.py OUT --net ray42 [--by RANKER] [--without CHEST] [--seed N] -o FILE
    python3 bench/ranker/train.py OUT --judge RANKER [--without CHEST]

--by RANKER  ranks the false candidates by that ranker, so that hard ones are drawn (else by the program's score); its
             networks stand first in FILE
--without    a chest, or "phantoms", that is left out of training, and judged on at the end
Needs Debian's python3-torch, python3-scipy and libopenblas0-pthread. One thread a training.
"""
import argparse
import json
import os
import sys
import time

ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "2000000000",
               "MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_TOP_PAD_": "268435456"}
if any(os.environ.get(k) != v for k, v in ENVIRONMENT.items()):  # without them most time goes to pages of memory
    os.execve(sys.executable, [sys.executable] + sys.argv, dict(os.environ, **ENVIRONMENT))

import numpy as np  # noqa: E402
import torch  # noqa: E402

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judge  # noqa: E402
import net as nets  # noqa: E402
import pool as pools  # noqa: E402

BATCH, LESIONS, RATE, DECAY = 128, 43, 3e-3, 1e-3
KEEP = 2000


class Alter:
    """Gain, offset and noise of other scanners, into tables as they are drawn."""

    BANK = 1 << 19  # rows of noise that is made once; a batch takes a part of it

    def __init__(self, random):
        noise = random.standard_normal((self.BANK, nets.STEPS), dtype=np.float32)
        noise[:, 1:] = (noise[:, 1:] + 0.6 * noise[:, :-1]) / np.float32(np.sqrt(1.36))
        self.random, self.bank = random, noise

    def __call__(self, packed, radius):
        """Inputs of a network, rays x batch x steps, and the gain of each table."""
        batch, random = len(packed), self.random
        rays = packed.shape[1] // nets.STEPS
        gain = random.uniform(0.9, 1.1, batch)
        offset = random.normal(0, 36, batch)
        sd = random.uniform(0, 36, (batch, 1))
        u = np.arange(nets.STEPS) * 0.2
        near = np.exp(-((radius[:, None] * u + 0.4 * u * u) / 0.8) ** 2)  # samples near the centre share its noise
        base = gain * (850 - 1000) + offset
        base = (base[:, None] + sd * near * random.standard_normal((batch, 1))) / 300
        own = sd * np.sqrt(1 - near * near) / 300
        start = random.integers(self.BANK - rays * batch)
        x = self.bank[start:start + rays * batch].reshape(rays, batch, nets.STEPS) * own.astype(np.float32)[None]
        x += base.astype(np.float32)[None]
        x += packed.reshape(batch, rays, nets.STEPS).transpose(1, 0, 2) * (gain * 5 / 300).astype(np.float32)[None, :, None]
        np.clip(x, -0.5, 3.5, out=x)
        return torch.from_numpy(x), gain.astype(np.float32)


def train(pool, shape, steps, seed, tell):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = nets.RayNet(**shape)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    alter = Alter(random)
    start, total = time.monotonic(), 0.0
    for step in range(steps):
        tables, radius, response, target = pool.draw(random, BATCH - LESIONS, LESIONS)
        x, gain = alter(tables, radius)
        logit = model(x, nets.scalars(radius, response * gain))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.from_numpy(target).float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item()
        if (step + 1) % 1000 == 0:
            tell("step %d: loss %.4f, %.0f s" % (step + 1, total / 1000, time.monotonic() - start))
            total = 0.0
    return model


def scores_of(networks, scan):
    """Sum of the logits; candidates that the second network does not see rank behind all it saw. Masses rank last: they
    have a map of their own."""
    score = nets.logits(networks[0], scan.rays("rays42"), scan.radius, scan.response)
    if len(networks) > 1:
        deep = scan.rows["deep"]
        seen = np.flatnonzero(deep >= 0)
        best = seen[np.argsort(-score[seen], kind="stable")[:KEEP]]
        second = nets.logits(networks[1], scan.rays("rays162")[np.sort(deep[best])][np.argsort(np.argsort(deep[best]))],
                             scan.radius[best], scan.response[best])
        out = score - 1000
        out[best] = score[best] + second
        score = out
    return np.where(scan.rows["mass"], -1e6, score)


def final_scores_of(networks, scan):
    return judge.parted(scan, scores_of(networks, scan))


def report(scans, scores, tell):
    for chest in sorted({scan.chest for scan in scans}):
        for text, kept in (("plain", lambda s: "." not in s.name), ("all forms", lambda s: True)):
            some = [n for n, scan in enumerate(scans) if scan.chest == chest and kept(scan)]
            if some:
                tell("%s, %s: %s" % (chest, text, judge.line(judge.sensitivities([scans[n] for n in some], [scores[n] for n in some]))))


def read_ranker(path):
    with open(path, encoding="utf-8") as f:
        ranker = json.load(f)
    return ranker, [nets.from_json(entry) for entry in ranker["networks"]]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--net", choices=sorted(nets.SHAPES))
    parser.add_argument("--by")
    parser.add_argument("--without", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--judge")
    parser.add_argument("-o", "--output")
    return parser.parse_args()


def main():
    args = parse()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)

    def tell(text):
        print("%s%s seed %d: %s" % (args.net or "judge", " without " + args.without if args.without else "", args.seed, text),
              flush=True)
    scans = pools.load(args.out, lambda s: s.kind != "calibration")
    judged = [scan for scan in scans if not args.without or scan.chest == args.without]
    if args.judge:
        _, networks = read_ranker(args.judge)
        report(judged, [final_scores_of(networks, scan) for scan in judged], tell)
        report(judged, [scan.rows["score"] for scan in judged], lambda text: tell("PROGRAM " + text))
        return
    trained = [scan for scan in scans if not args.without or scan.chest != args.without]
    ranker, first = read_ranker(args.by) if args.by else ({"networks": []}, [])
    scores = [scores_of(first, scan) if first else scan.rows["score"] for scan in trained]
    tell("%d scans, %d lesions" % (len(trained), sum(len(s.lesions) for s in trained)))
    pool = pools.Pool(trained, "42" if args.net == "ray42" else "162", scores)
    tell("%d false, %d rows on lesions" % tuple(map(len, pool.which)))
    model = train(pool, nets.SHAPES[args.net], args.steps, args.seed, tell)
    before = [] if args.net == "ray42" else ranker["networks"][:1]
    name = "%s%s, seed %d, %d steps" % (args.net, " without " + args.without if args.without else "", args.seed, args.steps)
    with open(args.output, "w", encoding="utf-8") as f:
        json.dump({"schema": "restage-ranker-1", "name": name, "provenance": name, "networks": before + [model.to_json()],
                   "keep": KEEP}, f)
    if args.without:
        networks = [nets.from_json(entry) for entry in before] + [model]
        report(judged, [final_scores_of(networks, scan) for scan in judged], tell)


if __name__ == "__main__":
    main()
