#!/bin/sh
# What bad input gets (contract 8): exit code, one sentence, nothing left behind.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient scan 3
middle=$(ls scan/*.dcm | sed -n 24p)

# Copies of the scan, made in one go: folder, a bar, and what is done to each data set d (number k of 48).
cat >copies <<'END'
other|other_patient(d)
tilted|d.ImageOrientationPatient = [1, 0, 0, 0, "0.978148", "0.207912"]
jitter|moved(d, 0.3 * (k % 2))
uneven|moved(d, 2.5 * (k == 23))
turned|if k > 30: d.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
double|if k == 24: moved(d, 6), new_name(d, ".9"), setattr(d, "PixelData", bytes(len(d.PixelData)))
patients|d.PatientID = "A" if k % 2 else "B"
abdomen|d.PixelData = np.maximum(d.pixel_array, int((-120 - float(d.RescaleIntercept)) / float(d.RescaleSlope))).astype(d.pixel_array.dtype).tobytes()
mr|d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"; d.Modality = "MR"; d.ScanningSequence, d.SequenceVariant, d.EchoTime, d.RepetitionTime = "SE", "SK", 90, 4000
scout|d.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
nameless|d.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]; d.SeriesNumber = ""
long|d.FrameOfReferenceUID = "1.2." + 600 * "3"
lying-PixelSpacing-1|d.PixelSpacing = ["5000", "5000"]
lying-PixelSpacing-2|d.PixelSpacing = ["1e-300", "1e-300"]
lying-RescaleSlope|d.RescaleSlope = "1e300"
lying-RescaleIntercept|d.RescaleIntercept = "1e12"
slopes|if k % 2: other_slope(d)
END
$python -W ignore - "$RESTAGE_SOURCE/tests/cli" <<'END' || { echo "no copies, no test"; exit 70; }
import glob, os, sys
import numpy as np
import pydicom

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from edit import other_slope

series, study, frame = (pydicom.uid.generate_uid() for _ in range(3))

def other_patient(d):
    new_name(d, ".8")
    d.SeriesInstanceUID, d.StudyInstanceUID, d.FrameOfReferenceUID = series, study, frame
    d.PatientID, d.PatientName = "OTHER", "Other^Patient"

def moved(d, mm):
    x = [float(v) for v in d.ImagePositionPatient]
    d.ImagePositionPatient = ["%g" % v for v in (x[0], x[1], x[2] + mm)]

def new_name(d, text):
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = str(d.SOPInstanceUID) + text

scan = sorted(glob.glob("scan/*.dcm"))
for line in open("copies"):
    folder, what = line.rstrip("\n").split("|", 1)
    what = compile(what, folder, "exec")
    os.mkdir(folder)
    for k, path in enumerate(scan):
        d = pydicom.dcmread(path)
        exec(what)
        d.save_as(os.path.join(folder, os.path.basename(path)))
d = pydicom.dcmread(scan[0])
open("uids", "w").write(f"{d.SeriesInstanceUID} {study}\n")
END
read -r scan_series other_study <uids

# nothing to read
expect 66 '' run nowhere -o packet
mkdir empty texts
expect 66 '' run empty -o packet
expect 66 '' info empty
mkdir linked
ln -s "../$middle" linked/slice.dcm
expect 66 'only symbolic links \(1\)' info linked
echo hello >texts/a.txt
echo '{}' >texts/b.json
expect 66 '' run texts -o packet
expect 66 '' info texts
expect 66 '' export texts -o v.nii

# files that are no DICOM among good ones (truth.json is one)
cp -r scan mixed
echo hello >mixed/notes.txt
: >mixed/nothing
expect 0 'Packet: packet-mixed' run mixed -o packet-mixed
complete packet-mixed
expect 0 '"passed_over": 3' info mixed --json
grep -q "2 files are no DICOM and passed over" out || wrong "the truth.json of the phantom is noted"
value packet-mixed/report.json '[n["sentence"] for n in d["limitations"]]' | grep -q "2 of the input's files are no DICOM" ||
    wrong "the limitations count other files"
mkdir strange && cp scan/*.dcm strange && echo '{"schema": "of others"}' >strange/truth.json
expect 0 '1 file is no DICOM and passed over' info strange --json

# a truncated file leaves a gap
for bytes in 200 2000; do
    rm -rf cut
    cp -r scan cut
    truncate -s $bytes "cut/${middle#scan/}"
    expect 65 'refused before' run cut -o packet
done
expect 0 'gap|refused' info cut
rm -rf cut
cp -r scan cut
rm "cut/${middle#scan/}"
expect 65 'gap|missing' run cut -o packet
expect 0 'gap' info cut
expect 65 'gap|missing' export cut -o v.nii

# the rest is searched where that is asked for, and the gap named
has_gap()
{
    [ "$(value "$1/done.json" 'd["assessed"]')" = partly ] || wrong "$1: $(value "$1/done.json" 'd["assessed"]')"
    value "$1/report.json" '[n["sentence"] for n in d["limitations"]]' | grep -q 'missing between z = .* and z = ' ||
        wrong "$1 does not name its gap"
}
expect 0 'Packet: packet-part' run cut -o packet-part --allow-partial
has_gap packet-part
complete packet-part
cp -r scan cut2
truncate -s 2000 "cut2/${middle#scan/}"
expect 0 'refused' run cut2 -o packet-cut --allow-partial
has_gap packet-cut

# an end of the stack is no less missing than its middle; the file of another series is no slice of this one
for end in $(ls scan/*.dcm | sed -n '1p;$p'); do
    rm -rf cut packet-end
    cp -r scan cut
    truncate -s -100 "cut/${end#scan/}"
    expect 65 "1 slice is missing beyond z = .*--allow-partial\\); 1 of the files was refused before: ${end#scan/} is refused: it is truncated" \
        run cut -o packet
    expect 65 '1 slice is missing beyond' export cut -o v.nii
    expect 0 'missing beyond' info cut
    expect 0 'refused' run cut -o packet-end --allow-partial
    value packet-end/report.json '[n["sentence"] for n in d["limitations"]]' | grep -q '1 slice is missing beyond z = ' ||
        wrong "packet-end does not name its missing end"
done
[ "$(value packet-end/done.json 'd["assessed"]')" = partly ] || wrong "an open end: $(value packet-end/done.json 'd["assessed"]')"
cp -r scan beside
cp "$end" beside/other.dcm
truncate -s -100 beside/other.dcm
$python - "$scan_series" <<'PYTHON'
import sys
bytes = open("beside/other.dcm", "rb").read()
uid = sys.argv[1].encode()
open("beside/other.dcm", "wb").write(bytes.replace(uid, uid[:-1] + (b"1" if uid[-1:] != b"1" else b"2")))
PYTHON
expect 0 '1 DICOM file was refused' run beside -o packet-beside
[ "$(value packet-beside/done.json 'd["assessed"]')" = all ] || wrong "a refused file of another series stops this one"
expect 0 'Packet: packet-whole' run scan -o packet-whole --allow-partial
[ "$(value packet-whole/done.json 'd["assessed"]')" = all ] || wrong "--allow-partial changes a whole scan"

# two patients, two studies
cp -r scan two
for f in other/*.dcm; do cp "$f" "two/other-$(basename "$f")"; done
expect 65 "$other_study" run two -o packet
expect 0 'Packet: packet-two' run two -o packet-two --study "$other_study"
complete packet-two
expect 66 '' run two -o packet --study 1.2.3
expect 66 '' run scan -o packet --series 1.2.3

expect 66 'no such series' export two -o v.nii --study "$other_study" --series "$scan_series"

# single slice, few slices
mkdir one seven
cp "$middle" one
cp $(ls scan/*.dcm | sed -n 20,26p) seven
for few in one seven; do
    expect 0 'too few slices' run $few -o packet-$few
    complete packet-$few
    [ "$(value packet-$few/report.json 'd["marks"]')" = '[]' ] || wrong "marks in $few slices"
    [ "$(value packet-$few/done.json 'd["assessed"]')" = none ] || wrong "$few slices were assessed"
done

# duplicates that are identical
cp -r scan twins
cp "$middle" twins/again.dcm
expect 0 'Packet: packet-twins' run twins -o packet-twins
complete packet-twins

# verdict_of PACKET: what source says of the geometry
verdict_of()
{
    value "$1/report.json" 'd["source"]["verdict"] + ": " + d["source"]["resampled"]'
}

# tilt and small unevenness are put right, and that is said
expect 0 'Packet: packet-tilted' run tilted -o packet-tilted
verdict_of packet-tilted | grep -q '^mended: .*lean 12.00 degrees' || wrong "tilt: $(verdict_of packet-tilted)"
expect 0 'Packet: packet-jitter' run jitter -o packet-jitter
verdict_of packet-jitter | grep -q '^mended: .*apart' || wrong "jitter: $(verdict_of packet-jitter)"

# geometry that cannot be trusted: one slice far off, mixed orientation, two images at one position
expect 65 'spacing is uneven.*z = ' run uneven -o packet
expect 65 'spacing is uneven.*z = ' run uneven -o packet --allow-partial
expect 65 'orientation is mixed: image .* at z = ' run turned -o packet
expect 65 'two different images lie at one position: image .* at z = ' run double -o packet
expect 65 'several patients' run patients -o packet

# no lung in the images; MR
expect 0 'no lung in the images' run abdomen -o packet-abdomen
expect 0 'recognised as T2-weighted' run mr -o packet-mr
for none in abdomen mr; do
    complete packet-$none
    [ "$(value packet-$none/done.json 'd["assessed"]')" = none ] || wrong "$none was assessed"
    grep -q 'No organ was searched: this packet says nothing about lesions' packet-$none/report.html || wrong "$none: no headline"
    command -v pdftotext >/dev/null || continue
    pdftotext -l 1 packet-$none/report.pdf - 2>/dev/null | tr '\n' ' ' | grep -q 'No organ was searched: this packet' ||
        wrong "$none: no headline on page 1"
done

# volume files: no patient, no DICOM outputs, the name's stem as seriesuid
"$RESTAGE" export -q scan -o whole.nii || wrong "export ends $?"
for ending in nii nii.gz mha mhd nrrd; do
    volume=some-scan.$ending
    expect 0 "" export scan -o $volume
    expect 0 "can serve: lungs" info $volume
    expect 0 "Packet: packet-$ending" run $volume -o packet-$ending
    complete packet-$ending
    [ "$(value packet-$ending/report.json 'd["source"]["series_instance_uid"]')" = some-scan ] || wrong "$volume: another seriesuid"
    [ "$(value packet-$ending/report.json 'd["identity"]["patient_id"]')" = None ] || wrong "$volume has a patient"
    [ "$(sed -n 2p packet-$ending/candidates.csv | cut -d, -f1)" = some-scan ] || wrong "$volume: candidates of another scan"
    ls packet-$ending/*.dcm 2>/dev/null && wrong "$volume: DICOM from a file that is none"
    expect 0 "" export $volume -o again.nii --force
    cmp -s again.nii whole.nii || wrong "$volume is not read as it was written"
done
head -c 3000 some-scan.nii >short.nii
expect 65 'short|truncated|bytes' run short.nii -o packet

# no volume of images at all
expect 66 '' run scout -o packet
expect 0 'set aside' info scout

# the output
mkdir there
expect 73 'force' run scan -o there
expect 0 'Packet: there' run scan -o there --force
complete there
expect 73 '' run scan -o nowhere/packet
expect 73 '' run scan -o texts/a.txt/packet
[ -d /sys/kernel ] && expect 73 '' run scan -o /sys/kernel/packet
touch v.nii
expect 73 'force' export scan -o v.nii
expect 0 '' export scan -o v.nii --force
expect 73 '' export scan -o nowhere/v.nii
expect 73 'force' phantom -o scan
expect 73 '' phantom -o nowhere/scan

# a 0 that was typed is no default
for option in columns rows slices slice-spacing thickness field-of-view smallest largest; do
    expect 64 '(between 1 and 4096|wants a length above 0)' phantom -o never --$option 0
done
expect 64 '0 to 200' phantom -o never --lesions -1

# --force never removes what is read
cp -r scan kept
expect 73 'images of the input' run kept -o kept --force
expect 73 'images of the input' run kept/../kept/ -o kept/ --force
mkdir whole
mv kept whole/part
expect 73 'images of the input' run whole/part -o whole --force
expect 73 'images of the input' run whole -o whole/part --force
[ "$(ls whole/part | wc -l)" = "$(ls scan | wc -l)" ] || wrong "--force removed the input"
expect 0 'Packet: whole/packet' run whole -o whole/packet
expect 0 'Packet: whole/packet' run whole -o whole/packet --force

# identifiers that are longer than any: the file is refused
expect 65 'no UID' run long -o packet

# numbers that no scanner writes
for lie in PixelSpacing-1 PixelSpacing-2 RescaleSlope RescaleIntercept; do
    expect 65 "${lie%-?}" run lying-$lie -o packet
done

# no SeriesNumber: no number is made up
expect 66 'a series without a number' run nameless -o packet

# a limit of the size of files is a full disk
(ulimit -f 8 2>/dev/null && expect 74 '' run scan -o packet && exit $failed) || failed=1

# a folder without rights (root may read everything)
if [ "$(id -u)" != 0 ]; then
    cp -r scan closed
    chmod 000 closed
    expect 65 'rights' run closed -o packet
    chmod 700 closed
    for file in some-scan.nii "scan/$(basename "$middle")"; do
        chmod 000 $file
        expect 65 'Permission denied.: mend its rights' run $file -o packet
        expect 65 'Permission denied.: mend its rights' run closed -o packet --context $file
        chmod 600 $file
    done
fi

# other slopes in other slices
expect 0 'Packet: packet-slopes' run slopes -o packet-slopes
complete packet-slopes
value packet-slopes/report.json '[n["sentence"] for n in d["limitations"]]' | grep -q 'different rescale slopes' ||
    wrong "other slopes are not said"
[ -z "$(ls -A | grep partial)" ] || wrong "partial folders are left"
exit $failed
