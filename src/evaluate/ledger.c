/* The ledger: scans by their UIDs, findings, marks. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Open addressing over the scans; grows by doubling. */
typedef struct rs_ledger_index {
    int32_t *slot; /* scan + 1; 0: free */
    uint32_t n_slots;
} rs_ledger_index;

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++)
        h = (h ^ (uint8_t)*text) * 16777619u;
    return h;
}

static int32_t *slot_of(const rs_ledger *ledger, const rs_ledger_index *index, const char *uid)
{
    uint32_t at = hash(uid) & (index->n_slots - 1);
    while (index->slot[at] != 0 && strcmp(ledger->scans[index->slot[at] - 1].uid, uid) != 0)
        at = (at + 1) & (index->n_slots - 1);
    return &index->slot[at];
}

static rs_status grow(rs_context *ctx, rs_ledger *ledger)
{
    rs_ledger_index *index = ledger->index;
    if (index == NULL) ledger->index = index = RS_ARENA_NEW(ledger->arena, rs_ledger_index, 1);
    if (index == NULL) return rs_fail_memory(ctx, "the scans");
    uint32_t n_slots = index->n_slots > 0 ? 2 * index->n_slots : 256;
    int32_t *slot = RS_ARENA_NEW(ledger->arena, int32_t, n_slots);
    if (slot == NULL) return rs_fail_memory(ctx, "the scans");
    index->slot = slot;
    index->n_slots = n_slots;
    for (int s = 0; s < ledger->n_scans; s++)
        *slot_of(ledger, index, ledger->scans[s].uid) = s + 1;
    return RS_OK;
}

rs_status rs_ledger_scan_of(rs_context *ctx, rs_ledger *ledger, const char *uid, int *scan)
{
    const rs_ledger_index *index = ledger->index;
    if (index == NULL || (uint32_t)ledger->n_scans * 2 >= index->n_slots) RS_TRY(grow(ctx, ledger));
    int32_t *slot = slot_of(ledger, ledger->index, uid);
    if (*slot == 0) {
        rs_ledger_scan *made = rs_arena_push(ledger->arena, (void **)&ledger->scans, ledger->n_scans,
                                             &ledger->scans_capacity, sizeof *made);
        const char *name = made != NULL ? rs_arena_text(ledger->arena, uid) : NULL;
        if (name == NULL) return rs_fail_memory(ctx, "the scans");
        *made = (rs_ledger_scan){.uid = name,
                                 .kind = RS_KIND_NOT_SAID,
                                 .thickness_mm = (double)NAN,
                                 .searched_litres = (double)NAN,
                                 .point = (double)NAN,
                                 .listed = true};
        *slot = ++ledger->n_scans;
    }
    *scan = *slot - 1;
    return RS_OK;
}

/* LUNA16 ignores marks on findings that nobody measured; so it is with lesions whose diameter cannot be used. */
static void settle_size(rs_ledger *ledger, rs_finding *finding)
{
    bool has_size = isfinite(finding->diameter_mm) && finding->diameter_mm > 0;
    if (finding->relevant && !(has_size && finding->diameter_mm >= RS_LEAST_USABLE_MM)) {
        finding->relevant = has_size = false;
        ledger->unusable++;
    }
    if (!has_size) finding->diameter_mm = RS_UNSIZED_MM;
}

rs_status rs_ledger_add_finding(rs_context *ctx, rs_ledger *ledger, const rs_finding *finding)
{
    for (int a = 0; a < 3; a++) {
        if (!isfinite(finding->lps_mm[a])) return rs_fail(ctx, RS_DATA, "a finding of the truth has no position");
    }
    rs_finding *made = rs_arena_push(ledger->arena, (void **)&ledger->findings, ledger->n_findings,
                                     &ledger->findings_capacity, sizeof *made);
    if (made == NULL) return rs_fail_memory(ctx, "the findings");
    *made = *finding;
    made->truth = ledger->truth_files;
    settle_size(ledger, made);
    ledger->n_findings++;
    return RS_OK;
}

rs_status rs_ledger_claim(rs_context *ctx, rs_ledger *ledger, int scan)
{
    rs_ledger_scan *claimed = &ledger->scans[scan];
    if (claimed->has_marks && claimed->marks_file != ledger->marks_files)
        return rs_fail(
            ctx, RS_DATA,
            "marks of the series %.80s were given already by another file: name one packet or table a series",
            claimed->uid);
    claimed->has_marks = true;
    claimed->marks_file = ledger->marks_files;
    return RS_OK;
}

/* A finding by its place, for those beside it. */
typedef struct laid {
    const rs_finding *finding;
    int32_t index;
} laid;

static int by_place(const void *a, const void *b)
{
    const laid *x = a, *y = b;
    if (x->finding->scan != y->finding->scan) return x->finding->scan < y->finding->scan ? -1 : 1;
    if (x->finding->lps_mm[0] != y->finding->lps_mm[0]) return x->finding->lps_mm[0] < y->finding->lps_mm[0] ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool are_same(const rs_finding *a, const rs_finding *b)
{
    const double rounding_mm = 1e-3; /* of diameters in tables */
    double square = 0;
    for (int d = 0; d < 3; d++)
        square += (a->lps_mm[d] - b->lps_mm[d]) * (a->lps_mm[d] - b->lps_mm[d]);
    return a->truth != b->truth && a->relevant == b->relevant && square <= RS_SAME_FINDING_MM * RS_SAME_FINDING_MM &&
           fabs(a->diameter_mm - b->diameter_mm) <= rounding_mm;
}

static rs_status find_same(rs_context *ctx, const laid *all, int n, bool *same)
{
    for (int i = 0; i < n; i++) {
        RS_TRY(rs_context_check_cancel(ctx));
        for (int j = i + 1; j < n; j++) {
            const rs_finding *one = all[i].finding, *two = all[j].finding;
            if (two->scan != one->scan || two->lps_mm[0] - one->lps_mm[0] > RS_SAME_FINDING_MM) break;
            if (!are_same(one, two)) continue;
            same[all[all[i].index > all[j].index ? i : j].index] = true;
        }
    }
    return RS_OK;
}

rs_status rs_ledger_merge_truths(rs_context *ctx, rs_ledger *ledger)
{
    const int n = ledger->n_findings;
    int kept = 0;
    if (ledger->truth_files < 2) return RS_OK;
    laid *all = RS_ARENA_RAW(ledger->arena, laid, n);
    bool *same = RS_ARENA_NEW(ledger->arena, bool, n);
    if (all == NULL || same == NULL) return rs_fail_memory(ctx, "the findings");
    for (int f = 0; f < n; f++)
        all[f] = (laid){&ledger->findings[f], f};
    qsort(all, (size_t)n, sizeof *all, by_place);
    RS_TRY(find_same(ctx, all, n, same));
    for (int f = 0; f < n; f++)
        if (!same[f]) ledger->findings[kept++] = ledger->findings[f];
    ledger->n_findings = kept;
    if (kept == n) return RS_OK;
    return rs_notes_add(ctx, ledger->arena, &ledger->notes, "findings_twice", NULL,
                        n - kept == 1 ? "%d finding stands in two truths at the same place and of the same size: it "
                                        "counts once"
                                      : "%d findings stand in two truths at the same place and of the same size: each "
                                        "counts once",
                        n - kept);
}

rs_status rs_ledger_add_mark(rs_context *ctx, rs_ledger *ledger, const rs_scored_mark *mark)
{
    rs_scored_mark *made =
        rs_arena_push(ledger->arena, (void **)&ledger->marks, ledger->n_marks, &ledger->marks_capacity, sizeof *made);
    if (made == NULL) return rs_fail_memory(ctx, "the marks");
    *made = *mark;
    made->row = ledger->n_marks++;
    return RS_OK;
}

rs_scored_mark rs_scored_mark_empty(void)
{
    const double none = (double)NAN;
    return (rs_scored_mark){.scan = -1,
                            .lps_mm = {none, none, none},
                            .p = none,
                            .fit_mm = none,
                            .fit_low_mm = none,
                            .fit_high_mm = none,
                            .low_mm = none,
                            .high_mm = none,
                            .volume_mm3 = none,
                            .long_axis_mm = none};
}

rs_finding rs_finding_empty(void)
{
    const double none = (double)NAN;
    return (rs_finding){.scan = -1, .lps_mm = {none, none, none}, .diameter_mm = none, .volume_mm3 = none};
}
