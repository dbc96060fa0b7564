#!/usr/bin/python3
"""The SciPy and scikit-image peers: one job a process, the same command line and output as peer.h says.

    peers.py JOB FOLDER CALLS THREADS [RESULT_FILE]
    peers.py masks FOLDER          the masks of the comparison, beside the volume
    peers.py cubes FOLDER          the cube of the scale-space jobs and three responses of it
    peers.py crop FOLDER NEW SIDE  volume and masks cut down, to try things out
"""
import os
import sys
import time
import warnings

import numpy as np
from scipy import ndimage

LOG_SIGMAS = 2.0 ** (3.0 * np.arange(8) / 7)  # 1 to 8 voxels
THRESHOLD_HU = 204.75                         # scikit-image's 0.05 of 4,095 HU
STEP_MM, OFFSET_MM = 0.8, 0.05                # of the resampled grid, as in peer.h


class Input:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "input.txt")) as f:
            text = f.read().split()
        self.n = [int(t) for t in text[:3]]
        self.spacing = [float(t) for t in text[3:6]]
        self.side = int(text[6])
        self.shape = tuple(self.n[::-1])
        self.sampling = self.spacing[::-1]

    def resampled(self, axis):
        return int(((self.n[axis] - 1) * self.spacing[axis] - OFFSET_MM) / STEP_MM) + 1

    def file(self, name, dtype, shape):
        return np.fromfile(os.path.join(self.folder, name), dtype).reshape(shape)

    def volume(self):
        return self.file("vol.raw", "<i2", self.shape)

    def mask(self, name):
        return self.file(name + ".raw", "u1", self.shape)

    def cube(self):
        return self.file("cube.raw", "<i2", (self.side,) * 3).astype(np.float32)


def gauss(inp, job):
    volume, out = inp.volume(), np.empty(inp.shape, np.float32)
    return lambda: ndimage.gaussian_filter(volume, 2, output=out, mode="nearest", truncate=4)


def laplace(inp, job):
    cube, out = inp.cube(), np.empty((inp.side,) * 3, np.float32)

    def call():
        ndimage.gaussian_laplace(cube, 2, output=out, mode="nearest")
        return np.negative(out, out=out)
    return call


def responses(cube, sigmas):
    return [-s * s * ndimage.gaussian_laplace(cube, s, mode="nearest") for s in sigmas]


def scales(inp, job):
    """Eight Laplacians of Gaussian; the maxima are found afterwards, not timed."""
    cube = inp.cube()
    return lambda: responses(cube, LOG_SIGMAS)


def scales_result(stack):
    stack = np.stack(stack)
    top = ndimage.maximum_filter(stack, size=3, mode="constant", cval=-np.inf)
    at = np.argwhere((stack == top) & (stack > THRESHOLD_HU))
    value = stack[tuple(at.T)]
    return np.column_stack([at[:, 3], at[:, 2], at[:, 1], at[:, 0], value]).astype(np.float32)


def blobs(inp, job):
    from skimage.feature import blob_log
    image = (inp.cube() + 1024) / 4095
    return lambda: blob_log(image, min_sigma=1, max_sigma=8, num_sigma=8, log_scale=True, threshold=0.05, overlap=0.5)


def maxima(inp, job):
    """Largest of three scales first, then one 3 x 3 x 3 maximum filter, which works axis by axis."""
    below, here, above = inp.file("responses.raw", "<f4", (3,) + (inp.side,) * 3)

    def call():
        top = ndimage.maximum_filter(np.maximum(np.maximum(below, here), above), size=3, mode="nearest")
        return np.flatnonzero((here == top) & (here > THRESHOLD_HU)).astype(np.int32)
    return call


def labels(inp, job):
    _, name, connectivity = job.split("-")
    mask, out = inp.mask(name), np.empty(inp.shape, np.int32)
    near = np.ones((3, 3, 3)) if connectivity == "26" else None

    def call():
        ndimage.label(mask, structure=near, output=out)
        return out
    return call


def distance(inp, job):
    mask, out = inp.mask("lung"), np.empty(inp.shape, np.float64)

    def call():
        ndimage.distance_transform_edt(mask, sampling=inp.sampling, distances=out)
        return out
    return call


def resample(inp, job):
    """affine_transform of a diagonal matrix runs the code of zoom, but takes any offset."""
    volume = inp.volume()
    out = np.empty([inp.resampled(a) for a in (2, 1, 0)], np.float32)
    step = [STEP_MM / s for s in inp.sampling]
    offset = [OFFSET_MM / s for s in inp.sampling]
    order = 3 if job == "resample-cubic" else 1
    warnings.simplefilter("ignore")  # SciPy says that the offset of a vector has changed its meaning: to this one
    return lambda: ndimage.affine_transform(volume, step, offset, out.shape, output=out, order=order, mode="mirror")


def halve(inp, job):
    """[1 4 6 4 1]/16 along an axis, then every second voxel of it: the next axis has half the work."""
    volume, taps = inp.volume(), np.array([1, 4, 6, 4, 1]) / 16

    def call():
        out = ndimage.correlate1d(volume, taps, 2, output=np.float32, mode="nearest")[:, :, ::2]
        out = ndimage.correlate1d(out, taps, 1, mode="nearest")[:, ::2]
        out = ndimage.correlate1d(out, taps, 0, mode="nearest")[::2]
        return np.floor(out + 0.5).astype(np.int16)
    return call


def halve_gauss(inp, job):
    """As most programs write it: a Gaussian of sigma 1, then slicing."""
    volume, out = inp.volume(), np.empty(inp.shape, np.int16)

    def call():
        ndimage.gaussian_filter(volume, 1, output=out, mode="nearest", truncate=2)
        return out[::2, ::2, ::2].copy()
    return call


def masks(folder):
    """lung: air below -500 HU in pieces (6-connected) that touch neither side nor front nor back of the picture, so
    vessels and walls are left out; outside: all else; torn: -850 to 60 HU."""
    inp = Input(folder)
    volume = inp.volume()
    air, _ = ndimage.label(volume < -500)
    faces = np.unique(np.concatenate([f.ravel() for f in (air[:, 0], air[:, -1], air[:, :, 0], air[:, :, -1])]))
    air[np.isin(air, faces)] = 0
    found = {"lung": air > 0, "outside": air == 0, "torn": (volume > -850) & (volume < 60)}
    for name, mask in found.items():
        mask.astype("u1").tofile(os.path.join(folder, name + ".raw"))


def cubes(folder):
    """The cube of the scale-space jobs, from the middle of the left half of the volume, and three responses of it."""
    inp = Input(folder)
    n, s = inp.n, inp.side
    low = [(n[2] - s) // 2, (n[1] - s) // 2, max(min(n[0] // 2, n[0] - s), 0)]
    cube = inp.volume()[low[0]:low[0] + s, low[1]:low[1] + s, low[2]:low[2] + s]
    cube.tofile(os.path.join(folder, "cube.raw"))
    np.stack(responses(cube.astype(np.float32), LOG_SIGMAS[2:5])).tofile(os.path.join(folder, "responses.raw"))


def crop(folder, new, side):
    inp, side = Input(folder), int(side)
    os.makedirs(new, exist_ok=True)
    size = [min(side, n) for n in inp.shape]
    # a quarter from the left: the middle of a lung
    low = [(n - s) // 2 for n, s in zip(inp.shape[:2], size)] + [max(inp.shape[2] // 4 - size[2] // 2, 0)]
    for name, dtype in (("vol", "<i2"), ("lung", "u1"), ("outside", "u1"), ("torn", "u1")):
        whole = inp.file(name + ".raw", dtype, inp.shape)
        whole[tuple(slice(a, a + s) for a, s in zip(low, size))].tofile(os.path.join(new, name + ".raw"))
    with open(os.path.join(new, "input.txt"), "w") as f:
        print(*size[::-1], *inp.spacing, min(size), file=f)


JOBS = {"gauss": gauss, "laplace": laplace, "scales": scales, "blobs": blobs, "maxima": maxima, "labels": labels,
        "distance": distance, "resample": resample, "halve": halve, "halve-gauss": halve_gauss}


def main():
    if sys.argv[1] in ("masks", "cubes", "crop"):
        return {"masks": masks, "cubes": cubes, "crop": crop}[sys.argv[1]](*sys.argv[2:])
    job, folder, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    call = JOBS.get(job, JOBS.get(job.split("-")[0]))(Input(folder), job)
    if calls > 0:
        call()
    for _ in range(max(calls, 1)):
        cpu, wall = time.process_time(), time.perf_counter()
        result = call()
        print("time %.6f %.6f" % (time.process_time() - cpu, time.perf_counter() - wall))
    with open("/proc/self/status") as f:
        print("peak %.0f" % next(float(line.split()[1]) * 1.024e-3 for line in f if line.startswith("VmHWM")))
    if len(sys.argv) > 5:
        result = scales_result(result) if job == "scales" else result
        np.asarray(result).tofile(sys.argv[5])


if __name__ == "__main__":
    main()
