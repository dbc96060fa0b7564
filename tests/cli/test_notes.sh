#!/bin/sh
# What export says of its input, on stderr and under --json: each fact once, whatever file or volume it is known from.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
$python -c 'import nibabel' 2>/dev/null || { echo "needs python3-nibabel"; exit 77; }

# says N PATTERN: so many notes with it on stderr, and the same under --json
says()
{
    n=$(grep -c "^restage: note: .*$2" err)
    [ "$n" = "$1" ] || { wrong "\"$2\" $n times, not $1"; cat err; }
    n=$($python -c 'import json, re, sys
notes = [n["sentence"] for n in json.load(open("out"))["notes"] if n["code"]]
assert len(notes) == len(set(notes)), notes
print(sum(re.search(sys.argv[1], n) is not None for n in notes))' "$2")
    [ "$n" = "$1" ] || { wrong "\"$2\" $n times under --json, not $1"; cat out; }
}

# a copy that is dropped, a file that is refused, slices that are missing
patient scan 6
cp scan/IM0005.dcm scan/copy.dcm
head -c 3000 scan/IM0007.dcm >scan/cut.dcm
expect 0 '' export scan -o a.nii --json
says 1 'cut.dcm'
says 1 'identical copy'
says 0 'missing'
rm scan/IM0020.dcm
expect 65 'missing' export scan -o b.nii
expect 0 '' export scan -o b.nii --json --allow-partial
says 1 'cut.dcm'
[ "$(grep -c 'missing' err)" -ge 1 ] || wrong "a gap is not said"
expect 0 '' export scan -o c.nii -q --allow-partial
[ -s err ] && wrong "-q talks"

# three volumes without directions in one file; outside of the circle by its corners, and values below air that stay
$python - <<'END2' || wrong "no files to read"
import nibabel, numpy as np
v = np.linspace(-1000, 900, 20 * 20 * 10).reshape(20, 20, 10).astype("i2")
v[5, 5, 5] = -1100
v[:3, :3, :] = v[-3:, -3:, :] = -2000
v[6, 6, :] = -2500
v[7, 7, 0] = -1700
head = nibabel.Nifti1Image(np.stack([v, v, v], 3), None)
head.header.set_zooms((1, 1, 2, 1))
nibabel.save(head, "four.nii")
END2
expect 0 '3 volumes' export four.nii -o four.mha
expect 0 '' export four.nii -o four.nrrd --json
says 1 'columns are taken to run'
says 1 '570 voxels are no image'
expect 0 '' export four.nii -o one.mha --volume 1 --json
says 1 '190 voxels are no image'
$python - <<'END2' || wrong "other values than those of the file"
import numpy as np
v = np.frombuffer(open("one.mha", "rb").read().split(b"LOCAL\n", 1)[1], "<i2")
assert (v == -1024).sum() == 190 and (v == -1100).sum() == 1 and (v == -1700).sum() == 1, np.unique(v)[:9]
END2
expect 0 '' export four.nii -o four.tif --json
says 1 'columns are taken to run'
says 1 '570 voxels are no image'
exit $failed
