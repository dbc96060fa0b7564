#!/bin/sh
# No name, ID, date of birth or file name in any log line, at any level, nor in a sentence on stderr.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient scan 7
edit set scan PatientName 'Zzsecret^Name' PatientID ZZSECRETID PatientBirthDate 19010203 AccessionNumber ZZACC \
    InstitutionName ZZINST ReferringPhysicianName 'Zzdoctor^Who' PatientAddress ZZSTREET OtherPatientIDs ZZOTHER \
    StudyDescription ZZSTUDY SeriesDescription ZZSERIES StudyID ZZSID ProtocolName ZZPROTOCOL
for f in scan/*.dcm; do mv "$f" "scan/ZZFILE-$(basename "$f")"; done
echo x >scan/ZZTEXT.txt
check()
{
    grep -iE 'zz|19010203' "$1" | head -3 | grep . && wrong "$2 tells"
}
"$RESTAGE" run scan -o packet -vv >out 2>err || wrong "run -vv fails: $(tail -1 err)"
[ -s err ] || wrong "-vv says nothing"
check err "the log of run -vv"
"$RESTAGE" run scan -o masks --masks --identity none -vv >out 2>err || wrong "run --identity none fails: $(tail -1 err)"
check err "the log of run --identity none -vv"
"$RESTAGE" export scan -o v.tif -vv >out 2>err || wrong "export of TIFF -vv fails"
check err "the log of export of TIFF -vv"
"$RESTAGE" export scan -o v.nii -vv >out 2>err || wrong "export -vv fails"
check err "the log of export -vv"
"$RESTAGE" info scan -vv >out 2>err || wrong "info -vv fails"
check err "the log of info -vv"
exit $failed
