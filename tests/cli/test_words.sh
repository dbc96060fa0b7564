#!/bin/sh
# The words of contract 7 that no output may hold, in every file of packets with and without marks, context and verdicts;
# and that the search finds a word that was planted.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
command -v pdftotext >/dev/null || { echo "needs poppler-utils"; exit 77; }
export SOURCE_DATE_EPOCH=1
words="$RESTAGE_SOURCE/tests/packet/words.py"
patient p 3 --columns 128 --slices 60 --slice-spacing 4 --field-of-view 360 --lesions 8
fhir=$("$RESTAGE" run --help | grep -o -- '--fhir' | head -1)
cat >context.json <<'END'
{"primary": {"site": "colon", "histology": "malignant tumour, not resectable at first", "date": "2019-11", "state": "not"},
 "malignancy_known": true, "disease_free_interval_days": 20,
 "treatments": [{"kind": "RT", "site": "recurrence in the left lung", "date": "2019-12-05", "point_lps_mm": [60, 0, 0]}],
 "known_lesions": [{"position_lps_mm": [0, 0, 0], "label": "old metastasis", "nature": "benign, healthy"}]}
END
cat >review.json <<'END'
{"reader": "Dr. Malignant", "date": "2020-01-02", "marks": [{"id": "M01", "verdict": "metastasis"},
 {"id": "M02", "verdict": "not_real"}]}
END
expect 0 '' run p -o plain -q $fhir
expect 0 '' run p -o told -q $fhir --context context.json --review review.json
expect 0 '' run p -o nobody -q --identity none --context context.json --review review.json
# Not a chest: nothing is assessed.
patient flat 8 --slices 6
expect 0 '' run flat -o none -q
# plant FILE PYTHON: a word that is put into a file must be found there: planted-N holds that file alone, and the report
# that says what is exempt.
n=0
plant()
{
    n=$((n + 1))
    mkdir planted-$n && cp told/report.json planted-$n && cp "told/$1" planted-$n && $python -c "
import sys
path = sys.argv[1]
$2" "planted-$n/$1" || wrong "nothing planted in $1"
    echo "planted-$n/$1: " >>planted
}
text='data = open(path, encoding="utf-8").read(); assert OLD in data; open(path, "w", encoding="utf-8").write(data.replace(OLD, NEW, 1))'
plant report.json "OLD, NEW = '\"nature of each mark\"', '\"likely a metastasis\"'; $text"
plant report.json "OLD, NEW = '\"reader: metastasis\"', '\"metastasis\"'; $text"
plant lesions.csv "OLD, NEW = ',lung,', ',benign,'; $text"
plant report.html "OLD, NEW = 'Read the scan first', 'No evidence of more. 3 hidden'; $text"
if [ -f told/bundle.json ]; then
    plant bundle.json "OLD, NEW = 'Research use', 'Operable'; $text"
fi
if [ -f told/report.pdf ]; then
    # A PDF with another text stands for one that says too much.
    plant report.pdf "
import subprocess
open('t.html', 'w').write('x')
body = b'BT /F1 12 Tf 20 20 Td (normal lungs) Tj ET'
parts = [b'<< /Type /Catalog /Pages 2 0 R >>', b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
         b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 50] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
         b'<< /Length %d >> stream\n%s\nendstream' % (len(body), body),
         b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>']
out, places = b'%PDF-1.4\n', []
for n, part in enumerate(parts):
    places.append(len(out))
    out += b'%d 0 obj\n%s\nendobj\n' % (n + 1, part)
start = len(out)
out += b'xref\n0 6\n0000000000 65535 f \n' + b''.join(b'%010d 00000 n \n' % p for p in places)
out += b'trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' % start
open(path, 'wb').write(out)"
fi
if [ -f told/report.sr.dcm ]; then
    plant report.sr.dcm "
import pydicom
data = pydicom.dcmread(path)
data.ConceptNameCodeSequence[0].CodeMeaning = 'Rejected: not resectable'
data.save_as(path)"
fi
if [ -f told/lesions.seg.dcm ]; then
    plant lesions.seg.dcm "
import pydicom
data = pydicom.dcmread(path)
data.SegmentSequence[0].SegmentLabel = 'metastasis'
data.save_as(path)"
fi
[ $n -ge 4 ] || wrong "only $n words were planted"
$python "$words" plain told nobody none planted-* 2>found && wrong "no planted word was found"
grep -v '^planted-' found && wrong "forbidden words"
while read -r where; do
    grep -qF "$where" found || wrong "the word in $where was not found"
done <planted
exit $failed
