#!/bin/sh
# Regions that others drew, against the figures of those who drew them (data/conformance/INDEX.md 8, data/clinical), and
# files of our own that are harder: odd frames, holes in the stack, damaged and lying ones.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
data=$RESTAGE_SHARED
[ -d "$data/conformance" ] || data=$RESTAGE_SHARED/data
[ -d "$data/conformance/regions" ] || { echo "no regions, no test"; exit 77; }
need_python
export SOURCE_DATE_EPOCH=1
regions=$data/conformance/regions

# What is not in the study is refused, with the UIDs.
expect 65 'not in this study: it names frame of reference 1\.2\.840\.113619\.2\.405\.3\.84541899\.902\.1605198123\.912\.6060\.1, image 2\.16\.840.* and 2 more' \
    export "$regions/rtstruct-ibsi-ct/CT" --region "$regions/rtstruct-bad-references/non_existent_reference_rt.dcm" -o x.nii
expect 65 'not in this study: .*1\.3\.6\.1\.4\.1\.14519\.5\.2\.1\.2744\.7002\.' \
    export "$regions/rtstruct-ibsi-ct/CT" --region "$data/conformance/objects/sr-tid1500-dcmqi/seg.dcm" -o x.nii
expect 65 'not in this study' export "$data/clinical/lung1-001/CT" --region "$data/clinical/sts-002/RTSTRUCT_CT.dcm" -o x.nii
# Fractions are no mask.
for kind in binary_fractional true_fractional; do
    expect 65 'fractional segmentation' export "$regions/seg-highdicom/ct_image.dcm" \
        --region "$regions/seg-highdicom/seg_image_ct_$kind.dcm" -o x.nii
done
# Which region is meant.
lung1=$data/clinical/lung1-001
expect 64 'no such region.*2 "GTV-1", 6 "Spinal-Cord", 7 "Lung-Left", 8 "Lung-Right"' \
    export "$lung1/CT" --region "$lung1/RTSTRUCT.dcm" --roi Liver -o x.nii
expect 64 'several regions.*2 "GTV-1", 6 "Spinal-Cord"' run "$lung1/CT" --region "$lung1/RTSTRUCT.dcm" -o x
expect 64 'roi.*region' export "$lung1/CT" --roi GTV-1 -o x.nii
expect 64 'roi.*region' run "$lung1/CT" --roi GTV-1 -o x
expect 66 'file of --region: there is no such file' export "$lung1/CT" --region nothing.dcm -o x.nii
expect 65 'no RTSTRUCT and no SEG' export "$regions/seg-odd-size-23x38x3/image" \
    --region "$regions/seg-odd-size-23x38x3/image/IMG0001.dcm" -o x.nii
# 795 voxels, the 33.5824 ml of its report.
expect 0 'region 1 "Neoplasm, Primary": 795 voxels, 33\.582 ml' info "$data/conformance/objects/sr-tid1500-dcmqi/seg.dcm"

$python "$RESTAGE_SOURCE/tests/conformance/regions.py" "$data" || failed=1
exit $failed
