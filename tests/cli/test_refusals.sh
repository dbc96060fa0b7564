#!/bin/sh
# What bad input gets (contract 8): exit code, one sentence, nothing left behind.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient scan 3
middle=$(ls scan/*.dcm | sed -n 24p)

# nothing to read
expect 66 '' run nowhere -o packet
mkdir empty texts
expect 66 '' run empty -o packet
expect 66 '' info empty
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

# a truncated file leaves a gap
for bytes in 200 2000; do
    rm -rf cut
    cp -r scan cut
    truncate -s $bytes "cut/${middle#scan/}"
    expect 65 '' run cut -o packet
done
expect 0 'gap|refused' info cut
rm -rf cut
cp -r scan cut
rm "cut/${middle#scan/}"
expect 65 'gap|missing' run cut -o packet
expect 0 'gap' info cut
expect 65 'gap|missing' export cut -o v.nii

# two patients, two studies
cp -r scan two
cp -r scan other
edit new other patient
for f in other/*.dcm; do cp "$f" "two/other-$(basename "$f")"; done
uid=$($python -c 'import glob, pydicom; print(pydicom.dcmread(glob.glob("other/*.dcm")[0]).StudyInstanceUID)')
expect 65 "$uid" run two -o packet
expect 0 'Packet: packet-two' run two -o packet-two --study "$uid"
complete packet-two
expect 66 '' run two -o packet --study 1.2.3
expect 66 '' run scan -o packet --series 1.2.3

other=$($python -c 'import glob, pydicom; print(pydicom.dcmread(glob.glob("scan/*.dcm")[0]).SeriesInstanceUID)')
expect 66 'no such series' export two -o v.nii --study "$uid" --series "$other"

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

# geometry that cannot be trusted: uneven spacing
cp -r scan uneven
$python - "$middle" uneven <<'END'
import os, sys, pydicom
p = os.path.join(sys.argv[2], os.path.basename(sys.argv[1]))
d = pydicom.dcmread(p)
x = [float(v) for v in d.ImagePositionPatient]
d.ImagePositionPatient = ["%g" % v for v in (x[0], x[1], x[2] + 2.5)]
d.save_as(p)
END
expect 65 '' run uneven -o packet

# no volume of images at all
cp -r scan scout
edit set scout ImageType 'ORIGINAL\PRIMARY\LOCALIZER'
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
expect 64 '0 to 4096' phantom -o never --lesions -1

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
cp -r scan long
edit set long FrameOfReferenceUID "1.2.$(printf '%0600d' 0 | tr 0 3)" 2>/dev/null
expect 65 'no UID' run long -o packet

# numbers that no scanner writes
for lie in 'PixelSpacing 5000\5000' 'PixelSpacing 1e-300\1e-300' 'RescaleSlope 1e300' 'RescaleIntercept 1e12'; do
    rm -rf lying
    cp -r scan lying
    edit set lying ${lie% *} "${lie#* }"
    expect 65 "${lie% *}" run lying -o packet
done

# no SeriesNumber: no number is made up
cp -r scout nameless
edit set nameless SeriesNumber ''
expect 66 'a series without a number' run nameless -o packet

# a limit of the size of files is a full disk
(ulimit -f 8 2>/dev/null && expect 74 '' run scan -o packet && exit $failed) || failed=1

# a folder without rights (root may read everything)
if [ "$(id -u)" != 0 ]; then
    cp -r scan closed
    chmod 000 closed
    expect 65 'rights' run closed -o packet
    chmod 700 closed
fi

# other slopes in other slices
cp -r scan slopes
edit slope slopes
"$RESTAGE" run slopes -o packet-slopes >out 2>err
case $? in
0) complete packet-slopes ;;
65) [ "$(wc -l <err)" = 1 ] || wrong "slopes refused without one sentence" ;;
*) wrong "slopes: $(cat err)" ;;
esac
[ -z "$(ls -A | grep partial)" ] || wrong "partial folders are left"
exit $failed
