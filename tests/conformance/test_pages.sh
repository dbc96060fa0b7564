#!/bin/sh
# What a browser and a reader of PDF make of the pages: with script the slices of every mark scroll, nothing is refused by
# the page's policy and nothing is fetched; without it the text is the same; report.pdf is A4 with its faces embedded.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
for tool in chromium pdftotext pdffonts; do
    command -v $tool >/dev/null || { echo "needs $tool"; exit 77; }
done
# A browser that may not run here (no shared memory, no name spaces) tells nothing of the page.
timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --dump-dom about:blank 2>err |
    grep -q '<html' || { tail -3 err; echo "chromium does not start"; exit 77; }
export SOURCE_DATE_EPOCH=1700000000
"$RESTAGE" phantom -o scan --seed 3 --columns 192 --slices 80 --slice-spacing 2 --field-of-view 320 --lesions 6 -q || exit 70
"$RESTAGE" run scan -o packet -q || wrong "run"
marks=$(value packet/report.json 'len(d["marks"])')
[ "$marks" -gt 2 ] || wrong "only $marks marks"

# browse PAGE OUT: the page's elements after its script, and what the browser complained of.
browse()
{
    timeout 300 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --enable-logging=stderr \
        --virtual-time-budget=5000 --dump-dom "file://$PWD/$1" >"$2" 2>"$2.log" || wrong "chromium could not open $1"
    grep -E 'CONSOLE.*(Refused|Error|violat)' "$2.log" && wrong "the browser complains of $1"
}
browse packet/report.html with.html
[ "$(grep -o 'class="scroll"' with.html | wc -l)" = "$marks" ] || wrong "the slices of some marks do not scroll"
[ "$(grep -o '<input type="range"' with.html | wc -l)" = "$marks" ] || wrong "no slider for some marks"
grep -q 'class="beside"' with.html && wrong "a list of slices is left"

sed '/<script>/,/<\/script>/d' packet/report.html >without.html
browse without.html plain.html
[ "$(grep -o 'class="strip"' plain.html | wc -l)" = "$marks" ] || wrong "without script the slices are not there"
[ "$(grep -o '<figure>' plain.html | wc -l)" = "$(grep -o '<figure' with.html | wc -l)" ] || wrong "pictures are lost"

size=$(wc -c <packet/report.html)
[ "$size" -le $((500000 * marks)) ] || wrong "report.html has $size bytes for $marks marks"
pdffonts packet/report.pdf 2>/dev/null | awk 'NR > 2 && $(NF - 4) != "yes" { bad = 1 } END { exit bad || NR < 4 }' ||
    wrong "a face of report.pdf is not embedded: $(pdffonts packet/report.pdf 2>/dev/null)"
pdfinfo packet/report.pdf | grep -q 'Page size:.*(A4)' || wrong "report.pdf is not A4"
pdfinfo packet/report.pdf | grep -qE 'CreationDate|ModDate' && wrong "report.pdf holds a date of its own"
"$RESTAGE" run scan -o again -q -j 1 || wrong "run again"
cmp packet/report.pdf again/report.pdf || wrong "report.pdf differs with one thread"
cmp packet/report.html again/report.html || wrong "report.html differs with one thread"
exit $failed
