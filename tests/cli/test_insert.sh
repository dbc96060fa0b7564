#!/bin/sh
# restage insert: calls and refusals; a series that others read, that names nobody, and that differs from the scan at
# its lesions alone.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient p 7 --columns 160 --slices 60 --slice-spacing 5
edit set p PatientName 'MARKED^NAME' PatientID MARKEDID PatientBirthDate 19500607 InstitutionName MARKEDPLACE \
    AccessionNumber MARKEDACC StudyDescription MARKEDSTUDY SeriesDescription MARKEDSERIES StudyDate 20070809 \
    ReferringPhysicianName MARKEDDOCTOR

# Calls.
expect 64 '--seed N is missing' insert p -o x
expect 64 'wants one path' insert --seed 1 -o x
expect 64 '-o DIR is missing' insert p --seed 1
expect 64 'seed wants a whole number' insert p --seed -1 -o x
expect 64 'lesions wants 1 to 200' insert p --seed 1 -o x --lesions 0
expect 64 'between 1.5 and 30 mm' insert p --seed 1 -o x --smallest 1
expect 64 'between 1.5 and 30 mm' insert p --seed 1 -o x --smallest 8 --largest 4
expect 64 'at most 1 together' insert p --seed 1 -o x --vessel-share 0.6 --wall-share 0.6
expect 64 'library.*is not given' insert p --seed 1 -o x --patients list.txt
expect 64 'library.*is not given' insert p --seed 1 -o x --library-share 0.5
expect 0 'SYNTHETIC' insert --help

# Refusals.
"$RESTAGE" export p -o p.mha -q || wrong "no export"
mkdir few empty
cp p/IM000[1-5].dcm few
printf '{"lesions": [{"centre_lps_mm": [1, 2]}]}' >bad.json
printf 'seriesuid,coordX\n' >bad.csv
mkdir poor
printf 'file,patient\n' >poor/cutouts.csv
expect 65 'volume file' insert p.mha --seed 1 -o x
expect 65 'nothing can be searched' insert few --seed 1 -o x
expect 66 '' insert empty --seed 1 -o x
expect 66 '[-]-library nowhere: ' insert p --seed 1 -o x --library nowhere
expect 65 '[-]-library poor: .*no column mask_eqdiam_mm' insert p --seed 1 -o x --library poor
expect 66 '[-]-ignore nowhere.json: ' insert p --seed 1 -o x --ignore nowhere.json
expect 65 '[-]-ignore bad.json: .*centre_lps_mm of three numbers' insert p --seed 1 -o x --ignore bad.json
expect 65 'neither JSON nor a CSV' insert p --seed 1 -o x --ignore bad.csv
expect 73 '' insert p --seed 1 -o poor
expect 73 '' insert p --seed 1 -o poor --force

# A library of one nodule of each of two patients.
$python - <<'END' || { echo "no library, no test"; exit 70; }
import gzip
import os
import struct

import numpy as np

os.makedirs("library/image")
os.makedirs("library/mask")
k, j, i = np.meshgrid(np.arange(9) - 4, np.arange(40) - 20, np.arange(40) - 20, indexing="ij")
ball = (i**2 + j**2) * 0.49 + k**2 * 1.0 < 16
noise = np.random.default_rng(1).normal(0, 10, ball.shape)
head = bytearray(352)
struct.pack_into("<i", head, 0, 348)
struct.pack_into("<8h", head, 40, 3, 40, 40, 9, 1, 1, 1, 1)
struct.pack_into("<8f", head, 76, 1, 0.7, 0.7, 1.0, 0, 0, 0, 0)
struct.pack_into("<f", head, 108, 352)
struct.pack_into("<2f", head, 112, 1, 0)
struct.pack_into("<2h", head, 252, 0, 1)
for row, values in enumerate(((-0.7, 0, 0), (0, -0.7, 0), (0, 0, 1))):
    struct.pack_into("<4f", head, 280 + 16 * row, *values, 0)
head[344:348] = b"n+1\0"
for folder, data, code in (("image", np.where(ball, 30, -860) + noise, 4), ("mask", ball, 4)):
    struct.pack_into("<2h", head, 70, code, 16)
    for name in ("A_1.nii.gz", "B_1.nii.gz"):
        gzip.open(f"library/{folder}/{name}", "wb").write(bytes(head) + data.astype("<i2").tobytes())
with open("library/cutouts.csv", "w") as f:
    f.write("file,patient,mask_eqdiam_mm,texture,calcification,internal_structure\n"
            "A_1.nii.gz,A,8.0,5,6,1\nB_1.nii.gz,B,8.0,5,6,1\n")
open("b.txt", "w").write("# those to take\nB\n")
open("c.txt", "w").write("C\n")
END
expect 65 'holds no nodule' insert p --seed 1 -o x --library library --patients c.txt
expect 65 'holds no nodule' insert p --seed 1 -o x --library library --largest 4
expect 66 '[-]-patients nowhere.txt: ' insert p --seed 1 -o x --library library --patients nowhere.txt

# What is written.
expect 0 '' insert p --seed 5 -o a -q --largest 20 --vessel-share 0.2 --wall-share 0.3 -j 1
expect 0 '' insert p --seed 5 -o b -q --largest 20 --vessel-share 0.2 --wall-share 0.3 -j 3
expect 0 'a: the scan with SYNTHETIC lesions, [0-9]+ of 60' insert p --seed 5 -o a --largest 20 --vessel-share 0.2 --wall-share 0.3 --force
expect 0 '' insert p --seed 6 -o c -q --library library --patients b.txt --lesions 6
expect 0 '"library_nodules": 2' insert p --seed 6 -o d --library library --library-share 0.5 --json
diff -r a b || wrong "other bytes with other threads, or at the second time"
for folder in a b c d; do
    "$RESTAGE" info $folder >out 2>err || wrong "info $folder"
    grep -rlE 'MARKED|19500607|20070809' $folder && wrong "$folder names the patient"
done
"$RESTAGE" insert p --seed 5 -o e --lesions 2 -vv >out 2>err || wrong "insert -vv"
grep -E 'MARKED|19500607' out err && wrong "the log names the patient"
expect 0 '' run a -o packet -q
complete packet
$python - <<'END' || failed=1
import glob
import json
import sys

import numpy as np
import pydicom

wrong = []


def load(folder):
    files = [pydicom.dcmread(f) for f in glob.glob(folder + "/*.dcm")]
    files.sort(key=lambda d: float(d.ImagePositionPatient[2]))
    return files, np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in files])


source, before = load("p")
seen = set()
for folder in "acd":
    files, after = load(folder)
    truth = json.load(open(folder + "/truth.json"))
    if (truth["schema"], truth["kind"]) != ("restage-truth-2", "insertion") or not truth["lesions"]:
        wrong.append(f"{folder}: {truth['schema']} {truth['kind']}")
    hu = [l["hu"] for l in truth["lesions"] if l["shape"] == "cutout"]
    if any(not -20 < h < 60 or h == 0 for h in hu):
        wrong.append(f"{folder}: cut-outs of 30 HU measure {hu}")
    g = truth["geometry"]
    n, spacing, origin = [g["slices"], g["rows"], g["columns"]], g["spacing_mm"], g["first_voxel_lps_mm"]
    if list(after.shape) != n or after.shape != before.shape:
        wrong.append(f"{folder}: {after.shape} {n}")
    k, j, i = np.meshgrid(*(np.arange(m) for m in n), indexing="ij")
    place = np.stack([i, j, k], -1) * spacing + origin
    near = np.zeros(n, bool)
    for lesion in truth["lesions"]:
        off = np.abs(place - lesion["lps_mm"])
        # Twice the diameter holds spicules and what the wall cuts off; 4 SD of the PSF beyond.
        reach = 1.5 * lesion["nominal_mm"]
        box = (off < np.array([reach + 6, reach + 6, reach + 16])).all(-1)
        near |= box
        if not (after != before)[box].any():
            wrong.append(f"{folder}: nothing was done at lesion {lesion['id']}")
        if folder != "a" and lesion["shape"] == "cutout" and (
            lesion["source"] not in ("A_1.nii.gz", "B_1.nii.gz") or (folder == "c" and lesion["source"] != "B_1.nii.gz")
        ):
            wrong.append(f"{folder}: {lesion['source']}")
        if folder == "c" and lesion["shape"] != "cutout":
            wrong.append(f"c: a {lesion['shape']}")
    if (after != before)[~near].any():
        wrong.append(f"{folder}: {(after != before)[~near].sum()} voxels changed away from the lesions")
    for d, s in zip(files, source):
        if np.abs(np.array(d.ImagePositionPatient, float) - np.array(s.ImagePositionPatient, float)).max() > 1e-5:
            wrong.append(f"{folder}: another position")
        if "SYNTHETIC" not in d.SeriesDescription or "SYNTHETIC" not in str(d.PatientName):
            wrong.append(f"{folder}: {d.SeriesDescription}, {d.PatientName}")
        if d.ImageType[0] != "DERIVED" or d.ImageType[2] != "AXIAL":
            wrong.append(f"{folder}: {d.ImageType}")
        if d.SOPInstanceUID in seen or d.SOPInstanceUID == s.SOPInstanceUID or not d.SOPInstanceUID.startswith("2.25."):
            wrong.append(f"{folder}: UID {d.SOPInstanceUID}")
        seen.add(d.SOPInstanceUID)
    if truth["series_uid"] != files[0].SeriesInstanceUID or truth["series_uid"] == source[0].SeriesInstanceUID:
        wrong.append(f"{folder}: series {truth['series_uid']}")
kinds = {lesion["shape"] for lesion in json.load(open("d/truth.json"))["lesions"]}
if "cutout" not in kinds or len(kinds) < 2:
    wrong.append(f"d: half from the library gives {kinds}")
print("\n".join(map(str, wrong[:10])))
sys.exit(bool(wrong))
END

# Listed lesions are kept clear of.
uid=$($python -c 'import pydicom; print(pydicom.dcmread("p/IM0001.dcm").SeriesInstanceUID)')
lesion=$(value a/truth.json '",".join("%.3f" % x for x in d["lesions"][0]["lps_mm"])')
printf 'seriesuid,coordX,coordY,coordZ,diameter_mm\n%s,%s,9.0\n1.2.3,0,0,0,4\n' "$uid" "$lesion" >real.csv
expect 65 'holds inserted lesions already' insert a --seed 5 -o twice
expect 0 '' insert p --seed 5 -o twice -q --largest 20 --ignore real.csv
[ "$(value twice/truth.json 'len(d["irrelevant"])')" = 1 ] || wrong "the listed lesion is not in irrelevant[]"
near=$(value twice/truth.json 'min(sum((a - b) ** 2 for a, b in zip(l["lps_mm"], d["irrelevant"][0]["lps_mm"])) ** 0.5 for l in d["lesions"])')
$python -c "import sys; sys.exit($near < 18)" || wrong "a lesion lies $near mm from the listed one"

# Others read it.
if command -v dciodvfy >/dev/null; then
    dciodvfy a/IM0030.dcm 2>&1 | grep '^Error' && wrong "dciodvfy finds errors"
fi
if command -v dcmdump >/dev/null; then
    dcmdump -q c/IM0030.dcm >/dev/null || wrong "dcmdump cannot read it"
fi
if command -v dcm2niix >/dev/null; then
    mkdir nii
    dcm2niix -o nii -f x a >out 2>&1 || { wrong "dcm2niix"; cat out; }
    ls nii/*.nii >/dev/null || wrong "dcm2niix makes no volume of it"
fi
exit $failed
