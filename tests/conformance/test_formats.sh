#!/bin/sh
# Volume files instead of DICOM: read as other programs write them, searched as the DICOM that they came from, refused
# where they lie; and what is written does not depend on the locale.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
$python -c 'import nibabel' 2>/dev/null || { echo "needs python3-nibabel"; exit 77; }
PYTHONDONTWRITEBYTECODE=1 SOURCE_DATE_EPOCH=1
export PYTHONDONTWRITEBYTECODE SOURCE_DATE_EPOCH
check=$RESTAGE_SOURCE/tests/conformance/formats.py

$python "$check" nifti || failed=1

$python "$check" hostile lies >patterns || failed=1
while read -r name pattern; do
    expect 65 "$pattern" info "lies/$name"
done <patterns
expect 65 'not beside it' run lies/away.mhd -o packet
expect 66 'does not exist' run lies/none.nii -o packet

# A patient as LUNA16 ships it: the file is named after the series. What only DICOM says (kernel, thickness, maker) is
# taken from the DICOM, too: the marks are the same to the last digit.
patient scan 4 --columns 128 --slices 64 --slice-spacing 4.5 --lesions 6
$python - scan <<'END' || wrong "no patient without kernel"
import glob, sys, pydicom
for path in glob.glob(sys.argv[1] + "/*.dcm"):
    d = pydicom.dcmread(path)
    for keyword in ["ConvolutionKernel", "SliceThickness", "Manufacturer"]:
        if keyword in d:
            del d[keyword]
    d.save_as(path)
END
uid=$($python -c 'import glob, pydicom; print(pydicom.dcmread(glob.glob("scan/*.dcm")[0]).SeriesInstanceUID)')
expect 0 '' export scan -o "$uid.mhd" -q
expect 0 '' run scan -o from-dicom
expect 0 'taken for CT by its values' info "$uid.mhd"
expect 0 '' run "$uid.mhd" -o from-file
complete from-file
$python "$check" same from-dicom from-file || failed=1
[ "$(value from-file/report.json 'd["source"]["series_instance_uid"]')" = "$uid" ] || wrong "seriesuid is not the stem"
[ "$(value from-file/report.json 'd["source"]["study_instance_uid"]')" = None ] || wrong "a file has a study"
[ "$(value from-file/done.json 'sum("no DICOM" in a["reason"] for a in d["absent"])')" = 4 ] ||
    wrong "the four DICOM files are not named as absent for want of a study"
$python "$RESTAGE_SOURCE/tests/packet/check_packet.py" "$RESTAGE_SOURCE/src/packet/report.schema.json" from-file
[ $? = 1 ] && wrong "the packet of a volume file is not valid"

# The digest covers both files of .mhd and .raw, and nothing but their bytes.
mkdir moved
cp "$uid.mhd" moved/other.mhd
cp "$uid.raw" moved/
expect 0 '' run moved/other.mhd -o moved-packet
[ "$(value moved-packet/done.json 'd["input_digest"]')" = "$(value from-file/done.json 'd["input_digest"]')" ] ||
    wrong "the digest depends on the name"
printf '\1' | dd of="moved/$uid.raw" bs=1 seek=1000 conv=notrunc 2>dd.log
expect 0 '' run moved/other.mhd -o changed-packet
[ "$(value changed-packet/done.json 'd["input_digest"]')" != "$(value from-file/done.json 'd["input_digest"]')" ] ||
    wrong "the digest does not cover the voxels"

expect 66 'by its own name' info moved

# Labels are no CT; too few slices are an answer; a single image has no distance to the next, in every format.
$python - <<'END' || wrong "no files to read"
import nibabel, numpy as np
nibabel.save(nibabel.Nifti1Image((np.arange(8000).reshape(20, 20, 20) % 3).astype("u1"), np.eye(4)), "labels.nii")
nibabel.save(nibabel.Nifti1Image(np.linspace(-1000, 100, 1200).reshape(20, 20, 3).astype("i2"), np.eye(4)), "few.nii")
END
expect 0 'not those of a CT' run labels.nii -o labels-packet
[ "$(value labels-packet/done.json 'd["assessed"]')" = none ] || wrong "labels were searched"
expect 0 'too few slices' run few.nii -o few-packet
mkdir single
cp scan/IM0024.dcm single
for ending in nii nii.gz mha nrrd tif; do
    expect 0 'distance of slices unknown' export single -o "single.$ending"
    case $ending in
    nii.gz) gzip -dc single.nii.gz ;;
    *) cat "single.$ending" ;;
    esac | grep -aq 'distance of slices unknown' || wrong "single.$ending does not say that its pitch is unknown"
done

# No byte depends on the locale.
if localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null; then
    for ending in nii nii.gz mha nrrd tif; do
        expect 0 '' export "$uid.mhd" -o "c.$ending" -q
        LOCPATH=$PWD LC_ALL=de_DE.UTF-8 "$RESTAGE" export "$uid.mhd" -o "de.$ending" -q || wrong "export in German"
        cmp "c.$ending" "de.$ending" || wrong ".$ending depends on the locale"
        LOCPATH=$PWD LC_ALL=de_DE.UTF-8 "$RESTAGE" export "de.$ending" -o again.mha -q --force 2>err ||
            grep -q 'DICOM' err || wrong "de.$ending cannot be read in German"
    done
    LOCPATH=$PWD LC_ALL=de_DE.UTF-8 "$RESTAGE" run "$uid.mhd" -o de-packet >out || wrong "run in German"
    for file in report.json lesions.csv candidates.csv marks.mrk.json report.html; do
        cmp "from-file/$file" "de-packet/$file" || wrong "$file depends on the locale"
    done
else
    echo "no locales to try"
fi

real=${RESTAGE_SHARED:-/nonexistent}/conformance
if [ -d "$real/regions" ]; then
    expect 0 '' export "$real/regions/seg-odd-size-23x38x3/nrrd/label.nrrd" -o odd.mha -q
    $python - <<'END' || wrong "label.nrrd does not have its 322 voxels"
data = open("odd.mha", "rb").read().split(b"LOCAL\n", 1)[1]
import numpy as np
assert (np.frombuffer(data, "<i2") == 1).sum() == 322
END
fi
exit $failed
