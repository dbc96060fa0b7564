"""NIfTI-1 files as arrays in patient space, and whether two of them show the same."""
import gzip
import struct

import numpy as np

TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}


class Volume:
    """One 3-D volume: values[i, j, k], as float where the file has a slope; affine from index to RAS+ mm."""

    def __init__(self, values, affine, step=1.0):
        self.values, self.affine, self.step = values, affine, step

    def closest_ras(self):
        """The same voxels, turned so that the axes run most along right, anterior, superior."""
        columns = np.abs(self.affine[:3, :3]) / np.linalg.norm(self.affine[:3, :3], axis=0)
        best = max(
            ((a, b, c) for a in range(3) for b in range(3) for c in range(3) if len({a, b, c}) == 3),
            key=lambda p: columns[0, p[0]] + columns[1, p[1]] + columns[2, p[2]],
        )
        values, affine = self.values.transpose(best), self.affine[:, list(best) + [3]].copy()
        for a in range(3):
            if affine[a, a] < 0:
                values = np.flip(values, a)
                affine[:3, 3] += affine[:3, a] * (values.shape[a] - 1)
                affine[:3, a] *= -1
        return Volume(values, affine, self.step)

    def index_of(self, lps_mm):
        ras = np.asarray(lps_mm, float) * [-1, -1, 1]
        return (ras - self.affine[:3, 3]) @ np.linalg.inv(self.affine[:3, :3]).T

    def lps_of(self, index):
        return (np.asarray(index, float) @ self.affine[:3, :3].T + self.affine[:3, 3]) * [-1, -1, 1]


def read(path, stored=False, placeless=False):
    """All volumes of a file; stored: the numbers as they stand there, without slope; placeless: take one without forms,
    as if columns, rows and slices ran along L, P and S."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        data = f.read()
    order = "<" if struct.unpack("<i", data[:4])[0] == 348 else ">"
    dim = struct.unpack(order + "8h", data[40:56])
    kind = struct.unpack(order + "h", data[70:72])[0]
    offset, slope, inter = struct.unpack(order + "3f", data[108:120])
    qform, sform = struct.unpack(order + "2h", data[252:256])
    if sform <= 0 and not (placeless and qform <= 0):
        raise ValueError(f"{path}: no sform (qform {qform})")
    affine = np.vstack([np.array(struct.unpack(order + "12f", data[280:328])).reshape(3, 4), [0, 0, 0, 1]])
    if sform <= 0:
        affine = np.diag([*(struct.unpack(order + "3f", data[80:92]) * np.array([-1, -1, 1])), 1.0])
    shape = [max(1, d) for d in dim[1 : dim[0] + 1]] + [1] * (4 - dim[0])
    n = int(np.prod(shape))
    values = np.frombuffer(data, order + TYPES[kind], n, int(offset)).reshape(shape, order="F")
    step = 1.0 if stored or slope == 0 else abs(float(slope))
    if not stored and slope != 0 and (slope, inter) != (1, 0):
        values = values * np.float64(slope) + np.float64(inter)
    return [Volume(values.reshape(*shape[:3], -1)[..., t], affine, step) for t in range(n // int(np.prod(shape[:3])))]


def affine_differs_mm(ours, truth, skip=None):
    """Largest difference of two affines; skip: a column that says nothing (the k of a single slice)."""
    off = np.abs(ours.affine - truth.affine)
    if skip is not None:
        off[:, skip] = 0
    return float(off.max())


def relative_difference(ours, truth):
    """Largest difference of the values, over the largest of the truth's."""
    a, b = ours.values.astype(float), truth.values.astype(float)
    return float(np.abs(a - b).max() / max(1.0, np.abs(b).max()))


def pair(ours, truth, relative=0.0, affine_mm=1e-3):
    """Pairs the volumes of two lists, whatever their order. Returns sentences on what has no partner; none: equal."""
    ours, truth = [v.closest_ras() for v in ours], [v.closest_ras() for v in truth]
    wrong = [] if len(ours) == len(truth) else [f"{len(ours)} volumes, the truth has {len(truth)}"]
    left = list(ours)
    for t, want in enumerate(truth):
        same = [v for v in left if v.values.shape == want.values.shape]
        if not same:
            wrong.append(f"none of {[v.values.shape for v in left]} has the size {want.values.shape} of volume {t}")
            continue
        off = [relative_difference(v, want) for v in same]
        best = same[int(np.argmin(off))]
        if min(off) > relative:
            wrong.append(f"volume {t}: values differ by {min(off):.3g} of the largest")
        single = [a for a in range(3) if want.values.shape[a] == 1]
        mm = affine_differs_mm(best, want, single[0] if single else None)
        if mm > affine_mm:
            wrong.append(f"volume {t}: the affine differs by {mm:.4g} mm")
        left = [v for v in left if v is not best]
    return wrong
