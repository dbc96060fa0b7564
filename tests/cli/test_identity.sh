#!/bin/sh
# Names stand in the packet with --identity full, escaped, readable and in their places; with none there is no trace of
# them in any file.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
patient scan 7
edit set scan PatientName 'Zzfamily<b>&^Zzgiven^^Dr.' PatientID ZZID-1 IssuerOfPatientID ZZISSUER \
    PatientBirthDate 19010203 PatientSex O AccessionNumber ZZACC StudyDate 20110405 InstitutionName ZZINST \
    ReferringPhysicianName 'Zzdoctor^Who' SeriesDescription 'ZZSERIES <script>' ContrastBolusAgent ZZAGENT StudyID ZZSID \
    Manufacturer ZZMAKER ManufacturerModelName ZZMODEL ConvolutionKernel ZZKERNEL StationName ZZSTATION \
    ProtocolName ZZPROTOCOL OperatorsName 'ZZoperator' DeviceSerialNumber ZZSERIAL
mkdir zzfolder
mv scan zzfolder/scan
expect 64 'full, pseudo or none' run zzfolder/scan -o packet --identity maybe
expect 0 '' run zzfolder/scan -o full --masks
expect 0 '' run zzfolder/scan -o none --identity none --masks
complete full
complete none
$python "$RESTAGE_SOURCE/tests/packet/check_packet.py" "$RESTAGE_SOURCE/src/packet/report.schema.json" full none
code=$?
[ $code = 0 ] || [ $code = 77 ] || wrong "check_packet.py"

# full: the JSON as it is, the page escaped, nothing in tables and markups
check()
{
    [ "$(value "full/report.json" "d['identity']['$1']")" = "$2" ] || wrong "$1 is not $2"
}
check patient_name 'Zzfamily<b>&^Zzgiven^^Dr.'
check patient_name_text 'Zzfamily<b>&, Dr. Zzgiven'
check patient_id ZZID-1
check issuer_of_patient_id ZZISSUER
check birth_date 1901-02-03
check sex O
check study_date 2011-04-05
check accession_number ZZACC
check reason None
for text in 'Zzfamily&lt;b&gt;&amp;, Dr. Zzgiven' ZZID-1 ZZISSUER 1901-02-03 2011-04-05 ZZACC 'ZZSERIES &lt;script&gt;'; do
    grep -qF "$text" full/report.html || wrong "the page lacks $text"
done
grep -qF '<b>&^' full/report.html && wrong "the page holds an unescaped name"
secrets='zzfam|zzgiven|zzid-|zzissuer|zzacc|zzinst|zzdoctor|zzseries|zzagent|zzsid|zzstation|zzprotocol|zzoperator|zzserial|zzfolder|1901-?02-?03|2011-?04-?05'
grep -liE "$secrets" full/*.csv full/marks.mrk.json full/masks/* | grep . &&
    wrong "a table, the markups or a mask names the patient"

# none: no trace, also in those that are packed; other UIDs stand for those of the source, and the reason says so
sed -i 's/\(base64,\|sha256-\)[A-Za-z0-9+/=]*//g' none/report.html # pictures and digests hold any letters
grep -rliE "$secrets" none | grep . && wrong "the packet without identity tells"
grep -rqiE 'Dr\. ' none/report.html none/report.json && wrong "the packet without identity tells"
if command -v pdftotext >/dev/null; then # its streams are compressed
    for mode in full none; do
        pdftotext -raw $mode/report.pdf $mode.txt 2>/dev/null
    done
    grep -q ZZID-1 full.txt || wrong "report.pdf lacks the patient's ID"
    grep -iE "$secrets|Dr\\. " none.txt && wrong "report.pdf without identity tells"
    grep -qF "$(value full/report.json "d['source']['study_instance_uid']")" none.txt &&
        wrong "report.pdf without identity has the study's own UID"
fi
# its UIDs lead to the source by nobody but who has the source
for key in study series; do
    uid=$(value full/report.json "d['source']['${key}_instance_uid']")
    grep -rqF "$uid" none && wrong "the packet without identity has the $key's own UID"
done
value none/report.json "d['source']['study_instance_uid']" | grep -qxE '2\.25\.[0-9]{20,39}' || wrong "no UID in its place"
value none/report.json "d['identity']['reason']" | grep -q 'other UIDs stand' || wrong "none does not say what UIDs it has"
# what stays is named: the texts of the scanner, and no other
for text in ZZMAKER ZZMODEL ZZKERNEL; do
    grep -qF $text none/report.json || wrong "$text is lost"
done
value none/report.json "d['identity']['reason']" | grep -q 'manufacturer and model and the reconstruction kernel stay' ||
    wrong "none does not say which texts stay"
grep -rhoiE --include='*.json' --include='*.csv' --include='*.html' 'zz[a-z]+' none | tr a-z A-Z | sort -u | grep -vx 'ZZMAKER\|ZZMODEL\|ZZKERNEL' && wrong "another text of the headers stays"
grep -c 'class="pen"' none/report.html | grep -qv '^0' || wrong "no boxes for a pen"

# a name in two scripts, and one that is no name
edit set zzfolder/scan SpecificCharacterSet ISO_IR\ 192 PatientName 'Yamada^Tarou=山田^太郎'
expect 0 '' run zzfolder/scan -o two -q
value two/report.json "d['identity']['patient_name_text']" | grep -qx 'Yamada, Tarou (山田 太郎)' || wrong "the name in both scripts"
edit set zzfolder/scan PatientName '^^^' PatientBirthDate ''
expect 0 '' run zzfolder/scan -o nobody -q
value nobody/report.json "d['identity']['reason']" | grep -q 'birth date' || wrong "no reason for what is missing"
exit $failed
