#!/usr/bin/python3
"""restage from Python: a kernel and the line on numpy arrays, by ctypes. Needs python3-numpy and nothing else.

    python3 from_python.py [FOLDER]

FOLDER holds one DICOM study; without it a synthetic patient is made by the program `restage`. The libraries are those of
$RESTAGE_LIB (a folder or librestage.so itself), else those beside the program $RESTAGE, else those of the system. What
is printed is also asserted, so that this file is a test."""
import ctypes
import ctypes.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

RS_USAGE, RS_NO_INPUT = 64, 66  # restage/status.h: the exit codes of the program


def find_library():
    named, program = os.environ.get("RESTAGE_LIB"), os.environ.get("RESTAGE")
    folders = [pathlib.Path(named)] if named else []
    if program:
        here = pathlib.Path(program).resolve().parent
        folders += [here, here.parent / "lib", *(here.parent / "lib").glob("*-linux-gnu*")]
    for place in folders:
        if place.is_file():
            return str(place)
        if (place / "librestage.so").exists():
            return str(place / "librestage.so")
    found = ctypes.util.find_library("restage")
    if not found:
        sys.exit("no librestage.so: set RESTAGE_LIB to the folder it lies in")
    return found


# --- the structs of the headers, field by field ----------------------------------------------------------------------
class GaussArgs(ctypes.Structure):  # restage/kernels/gauss.h: rs_gauss_args
    _fields_ = [
        ("n", ctypes.c_int32 * 3),
        ("in_", ctypes.POINTER(ctypes.c_float)),
        ("in_int16", ctypes.POINTER(ctypes.c_int16)),
        ("sigma_vox", ctypes.c_double * 3),
        ("edge", ctypes.c_int),
        ("out", ctypes.POINTER(ctypes.c_float)),
    ]


class Volume(ctypes.Structure):  # restage/volume.h: rs_volume, its rs_geometry and rs_block written out
    _fields_ = [
        ("n", ctypes.c_int32 * 3),
        ("spacing_mm", ctypes.c_double * 3),
        ("origin_lps_mm", ctypes.c_double * 3),
        ("axis", (ctypes.c_double * 3) * 3),
        ("voxels", ctypes.POINTER(ctypes.c_int16)),
        ("slope", ctypes.c_double),
        ("offset", ctypes.c_double),
        ("block_data", ctypes.c_void_p),  # all 0: the voxels stay ours
        ("block_bytes", ctypes.c_size_t),
        ("block_reserved", ctypes.c_size_t),
        ("block_sparse", ctypes.c_bool),
    ]


class Stage(ctypes.Structure):  # restage/report.h: rs_stage
    _fields_ = [("name", ctypes.c_char_p), ("seconds", ctypes.c_double), ("peak_memory_mb", ctypes.c_double)]


class Restage:
    """One context: one calling thread, as many workers as there are cores."""

    def __init__(self):
        self.lib = ctypes.CDLL(find_library())
        for name in ("rs_context_message", "rs_version"):
            getattr(self.lib, name).restype = ctypes.c_char_p
        self.lib.rs_kernel_run.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
        self.ctx = ctypes.c_void_p()
        if self.lib.rs_context_new(None, ctypes.byref(self.ctx)) != 0:
            sys.exit("no context")

    def close(self):
        self.lib.rs_context_free(self.ctx)

    def message(self):
        return self.lib.rs_context_message(self.ctx).decode()

    def check(self, status):
        if status != 0:
            raise RuntimeError(f"status {status}: {self.message()}")


def pointer(array, kind):
    return array.ctypes.data_as(ctypes.POINTER(kind))


# --- a kernel --------------------------------------------------------------------------------------------------------
def gauss(rs, box, sigma_vox):
    """Gaussian of a float32 box [slice, row, column]; sigma in voxels along column, row, slice."""
    box = np.ascontiguousarray(box, np.float32)
    out = np.empty_like(box)
    args = GaussArgs()
    args.n[:] = box.shape[::-1]
    args.sigma_vox[:] = sigma_vox
    args.in_, args.out = pointer(box, ctypes.c_float), pointer(out, ctypes.c_float)
    rs.check(rs.lib.rs_kernel_run(rs.ctx, b"gauss", ctypes.byref(args), ctypes.sizeof(args)))
    return out


def show_gauss(rs):
    sigma = (2.0, 1.5, 0.8)
    box = np.zeros((25, 31, 41), np.float32)
    box[12, 15, 20] = 1
    out = gauss(rs, box, sigma).astype(float)
    for axis, s in enumerate(sigma):
        profile = out.sum(axis=tuple(a for a in range(3) if a != 2 - axis))
        place = np.arange(len(profile)) - len(profile) // 2
        variance = (profile * place**2).sum()
        print(f"gauss: sigma {s} voxels, variance of the impulse's image {variance:.5f}")
        assert abs(variance - s * s) < 1e-4
    assert abs(out.sum() - 1) < 1e-5 and out.argmax() == box.argmax()
    assert np.allclose(out, out[::-1, ::-1, ::-1], atol=1e-9)

    # A struct of another size is another version's: refused, not guessed.
    args = GaussArgs()
    status = rs.lib.rs_kernel_run(rs.ctx, b"gauss", ctypes.byref(args), ctypes.sizeof(args) - 8)
    print(f"gauss with a wrong struct: status {status}, \"{rs.message()}\"")
    assert status == RS_USAGE and str(ctypes.sizeof(args)) in rs.message()


# --- a volume --------------------------------------------------------------------------------------------------------
def as_volume(voxels, spacing_mm, origin_lps_mm):
    """An rs_volume that borrows an int16 array [slice, row, column] in HU; axes are those of LPS."""
    v = Volume(slope=1.0, offset=0.0, voxels=pointer(voxels, ctypes.c_int16))
    v.n[:], v.spacing_mm[:], v.origin_lps_mm[:] = voxels.shape[::-1], spacing_mm, origin_lps_mm
    for a in range(3):
        v.axis[a][a] = 1.0
    return v


def show_volume(rs, folder):
    voxels = np.random.default_rng(1).integers(-1024, 1500, (7, 9, 11)).astype(np.int16)
    spacing, origin = (0.7, 0.8, 1.5), (-100.0, -50.0, 30.0)
    path = folder / "volume.nii"
    volume = as_volume(voxels, spacing, origin)
    rs.check(rs.lib.rs_format_write(rs.ctx, ctypes.byref(volume), 1, str(path).encode(), None))

    data = path.read_bytes()  # NIfTI-1: dim at 40, datatype at 70, vox_offset at 108, rows of the affine at 280
    dim, affine = np.frombuffer(data, "<i2", 8, 40), np.frombuffer(data, "<f4", 12, 280).reshape(3, 4)
    begin = int(np.frombuffer(data, "<f4", 1, 108)[0])
    back = np.frombuffer(data, "<i2", voxels.size, begin).reshape(voxels.shape)
    print(f"volume.nii: {dim[1]} x {dim[2]} x {dim[3]}, voxels equal: {np.array_equal(back, voxels)}")
    assert tuple(dim[1:4]) == voxels.shape[::-1] and np.frombuffer(data, "<i2", 1, 70)[0] == 4
    assert np.array_equal(back, voxels)
    ras = affine @ [2, 3, 4, 1]  # NIfTI turns x and y
    lps = np.array([o + s * i for o, s, i in zip(origin, spacing, (2, 3, 4))])
    assert np.allclose(ras, lps * [-1, -1, 1], atol=1e-4)


# --- the line --------------------------------------------------------------------------------------------------------
def run_study(rs, study, packet):
    """One study in, one packet out; the report as a dict, and seconds by station."""
    result, stages = ctypes.c_void_p(), ctypes.POINTER(Stage)()
    rs.check(rs.lib.rs_run_study(rs.ctx, str(study).encode(), str(packet).encode(), None, ctypes.byref(result)))
    n = rs.lib.rs_run_result_stages(result, ctypes.byref(stages))
    seconds = {stages[i].name.decode(): stages[i].seconds for i in range(n)}
    rs.lib.rs_run_result_free(result)
    return json.loads((packet / "report.json").read_text()), seconds


def show_line(rs, study, folder):
    report, seconds = run_study(rs, study, folder / "packet")
    print(f"line: {', '.join(seconds)}: {sum(seconds.values()):.1f} s")
    for organ in report["organs"]:  # what was assessed, before any count
        print(f"{organ['side']} {organ['name']}: {organ['state']}")
    for mark in report["marks"]:
        size = mark["size"]
        print(f"{mark['id']}: P {mark['p']}, {size['low_mm']} to {size['high_mm']} mm, {size['size_class']}")
    assert {"series", "read", "detect", "packet"} <= set(seconds)
    assert (folder / "packet" / "done.json").exists()
    status = rs.lib.rs_run_study(rs.ctx, b"/nowhere/at/all", str(folder / "none").encode(), None, None)
    print(f"a folder that is not there: status {status}, \"{rs.message()}\"")
    assert status == RS_NO_INPUT and not (folder / "none").exists()
    return report


def compare_with_truth(report, truth):
    """Free lesions of 6 mm and more: a mark within the radius, its interval within half a millimetre of the truth."""
    sure = [x for x in truth["lesions"] if x["aimed"] == "free" and x["equivalent_mm"] >= 6]
    for lesion in sure:
        true_mm = lesion["equivalent_mm"]
        away = [np.linalg.norm(np.subtract(m["position_lps_mm"], lesion["lps_mm"])) for m in report["marks"]]
        mark = report["marks"][int(np.argmin(away))]
        low, high = mark["size"]["fit_low_mm"], mark["size"]["fit_high_mm"]
        print(f"truth {true_mm:.1f} mm: {mark['id']}, {min(away):.1f} mm away, {low} to {high} mm")
        assert min(away) <= true_mm / 2 and low - 0.5 <= true_mm <= high + 0.5
    assert sure


def main():
    rs = Restage()
    print(f"restage {rs.lib.rs_version().decode()}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        show_gauss(rs)
        show_volume(rs, folder)
        if len(sys.argv) > 1:
            show_line(rs, pathlib.Path(sys.argv[1]), folder)
        else:
            patient = folder / "patient"
            words = "--seed 6 --columns 256 --slices 150 --slice-spacing 2 --lesions 10 -q".split()
            subprocess.run([os.environ.get("RESTAGE", "restage"), "phantom", "-o", patient, *words], check=True)
            report = show_line(rs, patient, folder)
            compare_with_truth(report, json.loads((patient / "truth.json").read_text()))
    rs.close()


if __name__ == "__main__":
    main()
