#!/bin/sh
# What export writes, read by nibabel and compared with dcm2niix, on a straight and on an oblique grid.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
$python -c 'import nibabel' 2>/dev/null || { echo "needs python3-nibabel"; exit 77; }
command -v dcm2niix >/dev/null || { echo "needs dcm2niix"; exit 77; }
patient straight 4
cp -r straight oblique
edit turn oblique 8 -11 17
for scan in straight oblique; do
    expect 0 'voxels' export $scan -o $scan.nii
    expect 0 '"spacing_mm"' export $scan -o $scan.mha --json
    expect 0 '' export $scan -o $scan.mhd -q
    expect 0 '' export $scan -o $scan.tif -q
    dcm2niix -b n -z n -f reference-$scan -o . $scan >dcm2niix.log || wrong "dcm2niix: $(tail -1 dcm2niix.log)"
    $python - $scan <<'END' || wrong "$scan is not what other programs read"
import glob, sys
import nibabel, numpy as np
name = sys.argv[1]
ours, theirs = nibabel.load(name + ".nii"), nibabel.load(glob.glob("reference-%s*.nii" % name)[0])
assert ours.header["sform_code"] == 1 and ours.header["qform_code"] == 1
assert np.abs(ours.get_qform() - ours.get_sform()).max() < 1e-3, "qform and sform differ"
a, b = np.asarray(ours.get_fdata()), np.asarray(theirs.get_fdata())
rng = np.random.default_rng(1)
index = np.stack([rng.integers(0, n, 500) for n in a.shape], 1)
world = nibabel.affines.apply_affine(ours.affine, index)
other = nibabel.affines.apply_affine(np.linalg.inv(theirs.affine), world)
assert np.abs(other - other.round()).max() < 0.01, "grids differ by %.3f voxels" % np.abs(other - other.round()).max()
o = other.round().astype(int)
assert (o >= 0).all() and (o < b.shape).all(), "another box"
assert np.array_equal(a[tuple(index.T)], b[tuple(o.T)]), "other values at the same place"
assert a.min() < -900 and a.max() > 200, "these are no HU"
raw = open(name + ".mha", "rb").read()
head, data = raw.split(b"ElementDataFile = LOCAL\n")
v = np.frombuffer(data, "<i2").reshape(a.shape[::-1]).T
assert np.array_equal(v, a), "MetaImage holds other values"
assert open(name + ".raw", "rb").read() == data
try:
    from PIL import Image
    tiff = Image.open(name + ".tif")
    assert tiff.n_frames == a.shape[2], "TIFF has %d pages" % tiff.n_frames
    for k in range(tiff.n_frames):
        tiff.seek(k)
        # PIL takes int16 for uint16
        assert np.array_equal(np.asarray(tiff).astype(np.uint16).view(np.int16), v[:, :, k].T), "TIFF holds other values"
except ImportError:
    pass
f = dict(l.split(" = ") for l in head.decode().splitlines())
m = np.array(f["TransformMatrix"].split(), float).reshape(3, 3).T * np.array(f["ElementSpacing"].split(), float)
lps = index @ m.T + np.array(f["Offset"].split(), float)
assert np.abs(lps * [-1, -1, 1] - world).max() < 1e-3, "MetaImage lies elsewhere"
END
done

# several series: one must be named
mkdir both
cp straight/*.dcm both
cp -r straight again
edit new again series
for f in again/*.dcm; do cp "$f" "both/again-$(basename "$f")"; done
expect 64 '--series UID' export both -o v.nii
uid=$($python -c 'import glob, pydicom; print(pydicom.dcmread(glob.glob("again/*.dcm")[0]).SeriesInstanceUID)')
expect 0 '' export both -o v.nii --series "$uid"
expect 66 'no such series' export both -o w.nii --series 1.2.3
exit $failed
