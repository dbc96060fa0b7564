/* What evaluate reads: the first byte picks the file that the rest becomes (truth as CSV or JSON, marks, list of
   scans), the others are small and sound; LIDC XML is read alone, since its pixels need a series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "lidc.h"
#include "restage/evaluate.h"

static const char heading[] = "seriesuid,coordX,coordY,coordZ,";
static const char sound_truth[] = "diameter_mm\n1.2.3,1,2,3,6\n1.2.3,40,2,3,9\n";
static const char sound_marks[] = "probability\n1.2.3,1,2,4,0.9\n1.2.3,9,9,9,0.5\n";

static void write_sound(const char *name, const char *rows)
{
    char text[200];
    int n = snprintf(text, sizeof(text), "%s%s", heading, rows);
    fuzz_write(name, (const uint8_t *)text, (size_t)n);
}

static void read_xml(const uint8_t *data, size_t n_bytes)
{
    rs_lidc lidc = {0};
    fuzz_write("t.xml", data, n_bytes);
    if (rs_lidc_parse(fuzz_context(), fuzz_path("t.xml"), fuzz_arena(), &lidc) != RS_OK) return;
    for (int m = 0; m < lidc.n; m++) {
        fuzz_expect(lidc.marks[m].reader >= 0 && lidc.marks[m].reader < lidc.n_readers, "a mark of no reader");
        for (int c = 0; c < lidc.marks[m].n; c++)
            fuzz_expect(lidc.marks[m].contours[c].n >= 0, "a contour of fewer than no pixels");
    }
}

static void expect_shares(const rs_froc *froc)
{
    const rs_froc_counts *n = &froc->counts;
    fuzz_expect(n->found + n->missed == n->findings, "findings that are neither found nor missed");
    fuzz_expect(isnan(froc->cpm) || (froc->cpm >= 0 && froc->cpm <= 1), "a CPM that is no share");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    enum { TRUTH_CSV, TRUTH_JSON, MARKS, SCANS, XML, N_KINDS };
    if (n_bytes == 0) return 0;
    const int kind = data[0] % N_KINDS;
    if (kind == XML) {
        read_xml(data + 1, n_bytes - 1);
        return 0;
    }
    const char *changed = kind == TRUTH_CSV    ? "t.csv"
                          : kind == TRUTH_JSON ? "t.json"
                          : kind == MARKS      ? "m.csv"
                                               : "s.txt";
    write_sound("t.csv", sound_truth);
    write_sound("m.csv", sound_marks);
    fuzz_write(changed, data + 1, n_bytes - 1);
    char truth[300], marks[300], scans[300];
    snprintf(truth, sizeof(truth), "%s", fuzz_path(kind == TRUTH_JSON ? "t.json" : "t.csv"));
    snprintf(marks, sizeof(marks), "%s", fuzz_path("m.csv"));
    snprintf(scans, sizeof(scans), "%s", fuzz_path("s.txt"));
    const char *const truths[] = {truth}, *const all_marks[] = {marks};
    const rs_evaluate_options options = {.marks = all_marks,
                                         .n_marks = 1,
                                         .truths = truths,
                                         .n_truths = 1,
                                         .scans = kind == SCANS ? scans : NULL,
                                         .bootstraps = 3,
                                         .point = (double)NAN};
    rs_evaluation *evaluation = NULL;
    if (rs_evaluate(fuzz_context(), &options, &evaluation) != RS_OK) return 0;
    for (int f = 0; f < evaluation->n_froc; f++)
        expect_shares(&evaluation->froc[f]);
    fuzz_expect(evaluation->shown_false <= evaluation->shown, "more false marks than marks");
    rs_evaluation_free(evaluation);
    return 0;
}
