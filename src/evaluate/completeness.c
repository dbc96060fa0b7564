/* Share of the patients of whom nothing of 5 mm and more was missed: what a surgeon wants to know of all marks of a
   patient together. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_MM 5.0

typedef struct patient_scan {
    const char *patient;
    int scan;
} patient_scan;

static int by_patient(const void *a, const void *b)
{
    const patient_scan *x = a, *y = b;
    int order = strcmp(x->patient, y->patient);
    return order != 0 ? order : (x->scan > y->scan) - (x->scan < y->scan);
}

/* Large findings of each scan, and how many of them are marked. */
typedef struct large {
    int32_t n, marked;
} large;

static void count_large(const rs_ledger *ledger, const rs_match *match, large *of)
{
    for (int f = 0; f < ledger->n_findings; f++) {
        const rs_finding *finding = &ledger->findings[f];
        if (!finding->relevant || finding->diameter_mm < LEAST_MM) continue;
        of[finding->scan].n++;
        of[finding->scan].marked += rs_match_is_shown(ledger, match, f);
    }
}

rs_status rs_completeness_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, rs_arena *arena,
                                rs_completeness *out)
{
    *out = (rs_completeness){.share = (double)NAN};
    large *of = RS_ARENA_NEW(arena, large, ledger->n_scans);
    patient_scan *scans = RS_ARENA_RAW(arena, patient_scan, ledger->n_scans);
    if (of == NULL || scans == NULL) return rs_fail_memory(ctx, "the patients");
    count_large(ledger, match, of);
    int n = 0;
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        /* The same chest with other lesions in it is another case. */
        bool alone = scan->patient == NULL || strcmp(scan->kind, "insertion") == 0;
        if (scan->listed) scans[n++] = (patient_scan){alone ? scan->uid : scan->patient, s};
    }
    qsort(scans, (size_t)n, sizeof *scans, by_patient);
    for (int first = 0, next; first < n; first = next) {
        large all = {0, 0};
        for (next = first; next < n && strcmp(scans[next].patient, scans[first].patient) == 0; next++) {
            all.n += of[scans[next].scan].n;
            all.marked += of[scans[next].scan].marked;
        }
        out->patients++;
        out->with_lesions += all.n > 0;
        out->complete += all.n > 0 && all.marked == all.n;
    }
    if (out->with_lesions > 0) out->share = (double)out->complete / (double)out->with_lesions;
    rs_wilson(out->complete, out->with_lesions, &out->low, &out->high);
    return RS_OK;
}
