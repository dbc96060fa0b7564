"""export against dcm2niix, voxel for voxel in patient space, on every CT and MR series of the real data.

compare_dcm2niix.py DATA [--fast] [--table FILE]

DATA     the folder that holds clinical and conformance; RESTAGE names the program
--fast   the small ones only: conformance/{geometry,bits,multiframe}
--table  also writes the results as Markdown
Ends with 1 where something differs that EXCEPTIONS does not explain, or agrees that should not; 77 without dcm2niix.

dcm2niix has no JPEG-LS, and trips over some other encodings: where it makes nothing, it gets a copy that DCMTK decoded
(dcmdjpls, dcmdjpeg, dcmdrle, dcmconv); of lossy JPEG always, for no two decoders give the same pixels. Outside the reconstruction circle we write -1024 HU and it what is stored: voxels
that differ so are counted, and are no difference."""
import argparse
import glob
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pydicom

import nifti

AIR = -1024
CT_MR = {"CT", "MR"}
# What the files of a decoder of DCMTK are called by: transfer syntax, first match.
DECODERS = [
    ("1.2.840.10008.1.2.4.8", ["dcmdjpls"]),
    ("1.2.840.10008.1.2.4.5", ["dcmdjpeg"]),
    ("1.2.840.10008.1.2.4.7", ["dcmdjpeg"]),
    ("1.2.840.10008.1.2.5", ["dcmdrle"]),
    ("1.2.840.10008.1.2.1.99", ["dcmconv", "+te"]),
]

LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 53, 55)}

EMRI_HASH = "9719c5d0"  # of enhanced-mr-10-frames (3); it converts only the raw one of them right

# Where we do not agree, and why we are right (section numbers: INDEX.md of the data). Kinds: refused (we end with 65),
# aside (66), resampled (we say so), affine (voxels agree, the affine does not), values (they do not agree), factor (they
# agree but for one factor), placeless (voxels and pitch agree, whichever way its axes run), nothing (it makes no volume in patient space of it, decoded or not).
EXCEPTIONS = {
    "derived/02": ("refused", "a slice is missing; it writes eight slices as if they lay 3 mm apart (9)"),
    "derived/04": ("refused", "two images lie at one position; it stacks them as slices (9)"),
    "derived/06": ("refused", "one slice lies in another plane; it splits it off and leaves a gap unsaid"),
    "derived/07": ("refused", "one slice has another matrix; it splits it off and leaves a gap unsaid"),
    "derived/08": ("refused", "one slice has another PixelSpacing; it takes no notice (9)"),
    "derived/09": ("resampled", "spacing 3, then 6 mm; its volume has 3 mm for all, its _Eq one other positions"),
    "derived/10": ("affine", "positions jitter; it takes the pitch of the first two slices, we that of all (9)"),
    "derived/11": ("resampled", "slices are sheared; its affine keeps sheared axes (9)"),
    "gantry-tilt/ge-varying": ("resampled", "tilt and uneven spacing; its untilted volume keeps a sheared affine (9)"),
    "gantry-tilt/philips": ("resampled", "tilt; its untilted volume keeps a sheared affine (9)"),
    "localizer/philips": ("aside", "scouts and a dose report are no volumes"),
    "mixed-orientation": ("refused", "two orientations in one series; it writes two volumes of two slices"),
    "vendors/philips-enhanced-fmri": ("factor", "it scales by Philips' private element, we by Rescale Slope (PS3.3 C.11.1)"),
    "enhanced-mr-10-frames": ("placeless", "no frame says where it lies; it puts the grid's middle at 0, we say that the place is unknown"),
    "12bitSigned_0x0F0F": ("values", "the sign stands at bit 11; it reads the numbers as unsigned (9)"),
    "bits/decimal_rescale": ("aside", "no SOPClassUID: nobody can say what kind of object it is"),
    "modality-lut": ("aside", "a secondary capture is no measured image"),
    "nema-ct1/CT1_HTJ2K": ("nothing", "HTJ2K; equal to the uncompressed pixels by the hash of section 2"),
    "nema-ct1/CT1_J2KR": ("nothing", "it makes nothing of this one; equal to the uncompressed pixels (2)"),
    "lungfcp-0001/vessels": ("aside", "CT images that call themselves SEG are no scan"),
}


def exception_of(unit):
    return next((what for key, what in EXCEPTIONS.items() if key in unit), (None, None))


def units(data, fast):
    """(name, path) of everything that is one input: a folder of one series, or a file."""
    found = [p for p in sorted(glob.glob(f"{data}/conformance/geometry/*/*")) if os.path.isdir(p)]
    found += sorted(glob.glob(f"{data}/conformance/bits/**/*.dcm", recursive=True))
    found += sorted(glob.glob(f"{data}/conformance/multiframe/enhanced-mr-10-frames/*.dcm"))
    found += [f"{data}/conformance/multiframe/siemens-xa10-4d"]
    if not fast:
        found += sorted(glob.glob(f"{data}/conformance/transfer-syntax/**/*.dcm", recursive=True))
        found += [p for p in sorted(glob.glob(f"{data}/clinical/*/*")) if os.path.isdir(p) and is_ct_or_mr(p)]
    return [(os.path.relpath(p, data), p) for p in found]


def files_of(path):
    if os.path.isfile(path):
        return [path]
    return sorted(p for p in glob.glob(f"{path}/**/*", recursive=True) if os.path.isfile(p))


def is_ct_or_mr(folder):
    for path in files_of(folder):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["Modality", "SOPClassUID"])
        except Exception:
            continue
        return header.Modality in CT_MR or str(header.SOPClassUID) == "1.2.840.10008.5.1.4.1.1.2"
    return False


def syntax_of(path):
    try:
        return str(pydicom.dcmread(path, stop_before_pixels=True, force=True).file_meta.TransferSyntaxUID)
    except Exception:
        return ""


def convert(files, folder, decode, placeless):
    """What dcm2niix makes: {file: volumes in patient space}. decode: files of these syntaxes go through DCMTK first."""
    os.makedirs(f"{folder}/in")
    os.makedirs(f"{folder}/out")
    for i, path in enumerate(files):
        syntax = syntax_of(path)
        tool = next((t for begin, t in DECODERS if syntax.startswith(begin)), None) if decode else None
        to = f"{folder}/in/{i:05d}.dcm"
        if not tool or subprocess.run([*tool, path, to], capture_output=True, check=False).returncode != 0:
            shutil.copyfile(path, to)
    # Its messages may hold what the header says, in any character set.
    subprocess.run(["dcm2niix", "-z", "n", "-b", "n", "-f", "v", "-o", f"{folder}/out", f"{folder}/in"], capture_output=True, check=False)
    made = {}
    for path in sorted(glob.glob(f"{folder}/out/*.nii")):
        try:
            made[os.path.basename(path)] = nifti.read(path, placeless=placeless)
        except (KeyError, ValueError):
            continue  # colours, or no place in patient space
    return made


def ask_dcm2niix(files, folder, placeless):
    needs = any(syntax_of(p).startswith(DECODERS[0][0]) or syntax_of(p) in LOSSY for p in files)
    made = convert(files, f"{folder}/plain", decode=needs, placeless=placeless)
    if made or needs:
        return made, needs
    return convert(files, f"{folder}/decoded", decode=True, placeless=placeless), True


def ask_us(path, folder):
    os.makedirs(folder)
    done = subprocess.run([os.environ["RESTAGE"], "export", path, "-o", f"{folder}/v.nii"], capture_output=True, text=True, check=False)
    volumes = [v for p in sorted(glob.glob(f"{folder}/*.nii")) for v in nifti.read(p, placeless=True)]
    return done.returncode, volumes if done.returncode == 0 else [], done.stderr


def without_circle(ours, theirs):
    """Their volumes with our air where they have less than air; how many voxels that were."""
    n, out = 0, []
    for t in theirs:
        t = t.closest_ras()
        for o in (v.closest_ras() for v in ours):
            if o.values.shape != t.values.shape:
                continue
            circle = (t.values < AIR) & (np.abs(o.values - AIR) <= o.step / 2)
            other = (t.values != o.values) & ~circle
            if circle.any() and not other.any():
                n += int(circle.sum())
                t = nifti.Volume(np.where(circle, o.values, t.values), t.affine)
                break
        out.append(t)
    return n, out


def equal_when_flipped(ours, theirs):
    """Same voxels and pitch, whichever way their axes run."""
    pitches = [np.linalg.norm(v.affine[:3, :3], axis=0) for v in (ours, theirs)]
    if ours.values.shape != theirs.values.shape or np.abs(pitches[0] - pitches[1]).max() > 1e-3:
        return False
    ways = itertools.chain.from_iterable(itertools.combinations(range(3), n) for n in range(4))
    return any(np.array_equal(ours.values, np.flip(theirs.values, way)) for way in ways)


def judge(name, code, ours, text, theirs):
    """(agrees or is explained, sentence)"""
    kind, why = exception_of(name)
    listed = [v for file in theirs.values() for v in file]
    if kind == "refused":
        return code == 65, f"we refuse it: {why}"
    if kind == "aside":
        return code == 66, f"we set it aside: {why}"
    if code != 0:
        return False, f"export ends with {code}: {text.strip()[:200]}"
    if kind == "nothing":
        return not listed, f"dcm2niix makes nothing of it: {why}"
    if kind == "placeless":
        right = all(hashlib.sha256(o.values.astype("<i2").tobytes(order="F")).hexdigest().startswith(EMRI_HASH) for o in ours)
        same = listed and all(any(equal_when_flipped(o, t) for o in ours) for t in listed)
        theirs = "equal voxels" if same else "ours have the hash of section 3, its differ" if listed else "it makes nothing of it"
        return right and len(ours) == 1 and "no place in the patient" in text, f"{theirs}: {why}"
    if not listed:
        return False, "dcm2niix makes nothing of it"
    if kind == "resampled":
        return "resampled" in text, f"we resample it, against the headers: {why}"
    circle, listed = without_circle(ours, listed)
    # pmod: slopes differ by slice; one int16 volume can do no better
    off = nifti.pair(ours, listed, relative=2e-5 if "pmod" in name else 0)
    outside = f", {circle} voxels outside the circle at {AIR}" if circle else ""
    if kind == "affine":
        apart = nifti.pair(ours, listed, affine_mm=1e9)
        return not apart and bool(off), f"equal voxels{outside}; {'; '.join(off) or 'the affine agrees'}: {why}"
    if kind == "values":
        return any("values differ" in o for o in off), f"{'; '.join(off) or 'equal'}: {why}"
    if kind == "factor":
        high = [max(float(v.values.max()) for v in side) for side in (ours, listed)]
        scaled = [nifti.Volume(v.values * (high[0] / high[1]), v.affine) for v in listed]
        apart = nifti.pair(ours, scaled, relative=1e-9)
        return not apart and bool(off), f"equal but for a factor of {high[0] / high[1]:.6g}: {why}"
    return not off, f"equal{outside}" if not off else "; ".join(off)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--table")
    parser.add_argument("--only", help="units whose name holds this")
    call = parser.parse_args()
    if not shutil.which("dcm2niix"):
        print("needs dcm2niix")
        return 77
    if not shutil.which("dcmdjpls"):
        print("without DCMTK's tools JPEG-LS and others cannot be decoded for dcm2niix and are left out")
    version = subprocess.run(["dcm2niix", "-v"], capture_output=True, text=True, check=False).stdout
    version = (re.search(r"v?1\.0\.\d+", version) or re.search(r".*", version)).group(0)
    rows, failed, equal = [], 0, 0
    for name, path in units(call.data, call.fast):
        if call.only and call.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            files = files_of(path)
            if not shutil.which("dcmdjpls") and any(syntax_of(p).startswith(DECODERS[0][0]) for p in files):
                continue
            theirs, decoded = ask_dcm2niix(files, folder, exception_of(name)[0] == "placeless")
            code, ours, text = ask_us(path, f"{folder}/ours")
            good, sentence = judge(name, code, ours, text, theirs)
            size = " + ".join(f"{'x'.join(map(str, v[0].values.shape))}" + (f"x{len(v)}" if len(v) > 1 else "") for v in theirs.values())
        failed += not good
        equal += good and exception_of(name)[0] is None
        rows.append((name, len(files), size or "none", "yes" if decoded else "no", ("" if good else "WRONG: ") + sentence))
        if not good:
            print(f"WRONG: {name}: {sentence}", flush=True)
    summary = f"{len(rows)} inputs: {equal} equal, {len(rows) - equal - failed} explained, {failed} not"
    print(summary)
    if call.table:
        with open(call.table, "w", encoding="utf-8") as f:
            f.write("# export beside dcm2niix\n\n")
            f.write(f"Made by `tests/conformance/compare_dcm2niix.py DATA --table FILE` with dcm2niix {version} of Debian 12. ")
            f.write("Axes are brought to closest RAS; voxels must be equal, affines within 0.001 mm (not the k column of a ")
            f.write(f"single slice). {summary}.\n\n| input | files | dcm2niix | decoded for it | result |\n| --- | --- | --- | --- | --- |\n")
            for row in rows:
                f.write("| " + " | ".join(map(str, row)) + " |\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
