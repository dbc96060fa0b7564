"""Rows of the table: our job, its peers, how the results are held against each other and with which tolerance."""
import numpy as np
from scipy import ndimage

from peers import LOG_SIGMAS, Input


class Peer:
    """program: scipy or itk; must: the ratio that performance asks for; share: of the peer's time that counts, where it
    does more than ours; slow: over 20 s, so one call a process, without a warm-up."""

    def __init__(self, program, job, check, must=None, share=1.0, slow=False, note=""):
        self.program, self.job, self.check = program, job, check
        self.must, self.share, self.slow, self.note = must, share, slow, note


class Row:
    """ours: job of our side, with three timed calls a process. avx2_share: what the AVX2 tier must reach of the ratio
    asked for (performance 6): three quarters, half for kernels on bits and int16."""

    def __init__(self, key, kernel, what, ours, peers, avx2_share=0.75):
        self.key, self.kernel, self.what, self.ours, self.peers = key, kernel, what, ours, peers
        self.avx2_share, self.calls = avx2_share, 3


def load(path, dtype, shape=(-1,)):
    return np.memmap(path, dtype, "r").reshape(shape)


def inner(shape, margin):
    margin = min(margin, (min(shape) - 1) // 3)
    return tuple(slice(margin, n - margin) for n in shape)


def difference(a, b, where, sign=1):
    """Largest and rms of a - sign * b, a slice at a time."""
    largest, total, n = 0.0, 0.0, 0
    for k in range(*where[0].indices(len(a))):
        d = np.asarray(a[k][where[1:]], np.float64) - sign * np.asarray(b[k][where[1:]], np.float64)
        largest, total, n = max(largest, float(np.abs(d).max())), total + float(np.square(d).sum()), n + d.size
    return largest, (total / n) ** 0.5


def near(shape_of, tolerance, unit, margin=0, dtype="<f4", peer_dtype="<f4", relative=False, sign=1):
    """Floats (or integers) that may differ by a tolerance away from the border; sign -1: the peer's is the other."""
    def check(inp, ours, peer, _):
        shape = shape_of(inp)
        a, b = load(ours, dtype, shape), load(peer, peer_dtype, shape)
        where = inner(shape, margin)
        largest, rms = difference(a, b, where, sign)
        scale = float(np.abs(b[where]).max()) if relative else 1.0
        form = "largest %.2g %%, rms %.2g %% of the peak" if relative else "largest %.2g, rms %.2g " + unit
        factor = 100 / scale if relative else 1
        text = form % (largest * factor, rms * factor) + (", %d voxels from the border on" % margin if margin else "")
        return largest <= tolerance * scale, text
    return check


def volume_shape(inp):
    return inp.shape


def cube_shape(inp):
    return (inp.side,) * 3


def resampled_shape(inp):
    return tuple(inp.resampled(a) for a in (2, 1, 0))


def halved_shape(inp):
    return tuple((n + 1) // 2 for n in inp.shape)


def gauss_check(inp, ours, peer, extra):
    """SciPy samples the Gaussian, ours has the exact second moment: with our taps SciPy must give our values."""
    ok, text = near(volume_shape, 3.0, "HU")(inp, ours, peer, extra)
    side = np.fromfile(extra("taps"), "<f8")
    taps, r = np.concatenate([side[:0:-1], side]), len(side) - 1
    k = inp.shape[0] // 2
    low, high = max(k - 16 - r, 0), min(k + 16 + r, inp.shape[0])
    slab = inp.volume()[low:high].astype(np.float64)
    for axis in range(3):
        slab = ndimage.correlate1d(slab, taps, axis, mode="nearest")
    same = float(np.abs(slab[r:-r] - load(ours, "<f4", inp.shape)[low + r:high - r]).max())
    return ok and same < 0.01, text + "; %.1g HU with our taps in double" % same


def sizes_check(inp, ours, peer, _):
    """Objects and their volumes, against the peer's label image."""
    a = np.sort(load(ours, "<i8"))
    b = np.sort(np.bincount(load(peer, "<u4"))[1:])
    return len(a) == len(b) and bool((a == b).all()), "%d objects, %d in the peer, volumes %s" % (
        len(a), len(b), "equal" if len(a) == len(b) and (a == b).all() else "differ")


def labels_check(inp, ours, peer, _):
    """The same partition, whatever the numbers."""
    a, b = np.asarray(load(ours, "<u4")), np.asarray(load(peer, "<u4"))
    only_one = int(((a > 0) != (b > 0)).sum())
    inside = a > 0
    pairs = np.unique(a[inside].astype(np.uint64) << np.uint64(32) | b[inside])
    n, m = int(a.max()), int(b.max())
    same = only_one == 0 and len(pairs) == n == m
    return same, "%d objects, %d in the peer, %s" % (n, m, "the same voxels" if same else "other voxels")


def distance_check(limit_mm=None, squared=False, mask="lung"):
    def check(inp, ours, peer, _):
        a = load(ours, "<f4", inp.shape)
        b = load(peer, "<f4" if squared else "<f8", inp.shape)
        inside = inp.mask(mask)
        largest = 0.0
        for k in range(inp.shape[0]):
            d = np.asarray(b[k], np.float64)
            d = np.sqrt(np.maximum(d, 0)) if squared else d
            d = np.minimum(d, limit_mm) if limit_mm else d
            wrong = np.abs(d - a[k])[inside[k] > 0]
            largest = max(largest, float(wrong.max()) if wrong.size else 0.0)
        return largest <= 1e-3, "largest %.1g mm in the mask" % largest
    return check


def mask_check(inp, ours, peer, _):
    a, b = load(ours, "u1"), load(peer, "u1")
    wrong = int(((a > 0) != (b > 0)).sum())
    return wrong == 0, "%d voxels differ of %d set" % (wrong, int((b > 0).sum()))


def index_check(inp, ours, peer, _):
    a, b = set(load(ours, "<i4").tolist()), set(load(peer, "<i4").tolist())
    return a == b, "%d maxima, %d in the peer, %d not shared" % (len(a), len(b), len(a ^ b))


def scales_check(inp, ours, peer, _):
    """Of SciPy's maxima at full resolution, the share that has one of ours within 1.8 voxels or 0.9 sigma and one
    scale step (performance 3.3.4): at least 98 % on the full grid, 80 % on the halved ones."""
    a, b = np.fromfile(ours, "<f4").reshape(-1, 5), np.fromfile(peer, "<f4").reshape(-1, 5)
    margin = min(32, inp.side // 6)
    b = b[((b[:, :3] >= margin) & (b[:, :3] < inp.side - margin)).all(axis=1)]
    found, total = [0, 0], [0, 0]
    for i, j, k, scale, _ in b:
        reach = max(1.8, 0.9 * LOG_SIGMAS[int(scale)])
        close = (np.square(a[:, :3] - (i, j, k)).sum(axis=1) <= reach ** 2) & (np.abs(a[:, 3] - scale) <= 1)
        coarse = int(scale >= 4)
        total[coarse] += 1
        found[coarse] += bool(close.any())
    ok = found[0] >= 0.98 * total[0] and found[1] >= 0.8 * total[1]
    return ok, "found %d of %d maxima up to sigma 2.4, %d of %d above; %d in all" % (
        found[0], total[0], found[1], total[1], len(a))


def blobs_check(inp, ours, peer, _):
    """Only counted: the peer prunes blobs that overlap. The row against SciPy holds the places against each other."""
    return True, "%d blobs after pruning, %d maxima of ours" % (
        np.fromfile(peer, "<f8").size // 4, np.fromfile(ours, "<f4").size // 5)


def components_rows():
    rows = []
    for name, connectivity, ours, must in (
            ("lung", 6, "components", 12), ("lung", 26, "components", None), ("torn", 6, "components", None),
            ("torn", 26, "components", None), ("lung", 6, "labels", 4.5), ("torn", 6, "labels", 4),
            ("torn", 26, "labels", 3.5)):
        job = "%s-%d" % (name, connectivity)
        what = "%s, %d-connected, %s" % (
            name, connectivity, "runs and statistics" if ours == "components" else "and uint32 labels")
        check = sizes_check if ours == "components" else labels_check
        note = "makes labels" if ours == "components" else ""
        peers = [Peer("itk", "labels-" + job, check, must, note=note)]
        if (name, connectivity) != ("torn", 26):
            peers.append(Peer("scipy", "labels-" + job, check, note=note))
        rows.append(Row(ours + "-" + job, "components", what, ours + "-" + job, peers, 0.5))
    return rows


ROWS = [
    Row("gauss", "gauss", "sigma 2 voxels, int16 to float32", "gauss", [
        Peer("scipy", "gauss", gauss_check, 18),
        Peer("itk", "gauss-recursive", near(volume_shape, 10, "HU", 16), note="recursive, not truncated"),
        Peer("itk", "gauss-discrete", near(volume_shape, 30, "HU", 16), note="discrete Gaussian, maximum error 0.01")]),
    Row("laplace", "laplace", "one scale, sigma 2 voxels, cube, int16 to float32 in tiles", "laplace", [
        Peer("scipy", "laplace", near(cube_shape, 0.02, "", 10, relative=True), note="float32"),
        Peer("itk", "laplace", near(cube_shape, 0.05, "", 10, relative=True, sign=-1), note="recursive")]),
    Row("maxima", "maxima", "one of three scales, cube, above 205 HU", "maxima", [
        Peer("scipy", "maxima", index_check, note="no such call: maximum_filter, ==, flatnonzero")]),
    Row("scales", "laplace, maxima, halve", "8 scales of sigma 1 to 8 and their maxima, cube, pyramid", "scales", [
        Peer("skimage", "blobs", blobs_check, 60, slow=True, note="blob_log, prunes overlap too"),
        Peer("scipy", "scales", scales_check, 30, slow=True, note="gaussian_laplace 8 times, maxima not counted")]),
    *components_rows(),
    Row("distance", "distance", "inside the lung, spacing on", "distance", [
        Peer("itk", "distance", distance_check(squared=True), 35, share=0.5, note="half of it: it does both sides"),
        Peer("scipy", "distance", distance_check(), slow=True, note="float64")]),
    Row("distance-far", "distance", "outside the lung, to 20 mm", "distance-far", [
        Peer("itk", "distance-far", distance_check(20, True, "outside"), 6, share=0.5,
             note="exact; half of it: both sides")]),
    Row("ball", "ball", "closing 10 mm, bytes to bytes", "ball", [
        Peer("itk", "ball", mask_check, 200, slow=True, note="the same offsets, SafeBorder off")], 0.5),
    Row("resample-linear", "resample", "linear to 0.8 mm, int16 to float32", "resample-linear", [
        Peer("itk", "resample-linear", near(resampled_shape, 0.01, "HU"), 25),
        Peer("scipy", "resample-linear", near(resampled_shape, 0.01, "HU"), note="affine_transform, order 1")]),
    Row("resample-cubic", "resample", "cubic B-spline to 0.8 mm, int16 to float32", "resample-cubic", [
        Peer("itk", "resample-cubic", near(resampled_shape, 0.05, "HU"), 45, slow=True, note="float coefficients"),
        Peer("scipy", "resample-cubic", near(resampled_shape, 0.05, "HU"), slow=True,
             note="affine_transform, order 3")]),
    Row("halve", "halve", "three axes, int16", "halve", [
        Peer("scipy", "halve", near(halved_shape, 0, "HU", dtype="<i2", peer_dtype="<i2"),
             note="no such call: correlate1d and slicing"),
        Peer("scipy", "halve-gauss", near(halved_shape, 500, "HU", dtype="<i2", peer_dtype="<i2"),
             note="gaussian_filter of sigma 1 to 2 sigma, slicing: another blur")]),
]


def check(row, peer, folder, ours, theirs, extra):
    return peer.check(Input(folder), ours, theirs, extra)
