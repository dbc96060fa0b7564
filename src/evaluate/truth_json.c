/* truth.json of phantoms and insertions: restage-truth-2, and restage-phantom-truth-1 before it. */
#include "truth.h"

#include <math.h>
#include <string.h>

static bool holds(const uint8_t *head, size_t n, const char *word)
{
    const size_t length = strlen(word);
    for (size_t at = 0; at + length <= n; at++)
        if (memcmp(head + at, word, length) == 0) return true;
    return false;
}

static bool knows(const char *path, const uint8_t *head, size_t n)
{
    (void)path;
    return holds(head, n, "\"restage-truth-") || holds(head, n, "\"restage-phantom-truth-");
}

static rs_status read_lesion(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *lesion,
                             int scan, int number)
{
    rs_finding f = rs_finding_empty();
    f.scan = scan;
    f.relevant = true;
    f.volume_mm3 = rs_truth_real(lesion, "volume_mm3");
    f.diameter_mm = rs_truth_real(lesion, "equivalent_mm");
    if (isnan(f.diameter_mm)) f.diameter_mm = rs_truth_equivalent_mm(f.volume_mm3);
    if (!rs_truth_vector(rs_json_get(lesion, "lps_mm"), f.lps_mm))
        return rs_fail(ctx, RS_DATA, "its lesion %d has no lps_mm of three numbers", number);
    f.id = rs_truth_text(ledger, lesion, "id");
    f.side = rs_truth_text(ledger, lesion, "side");
    f.attachment = rs_truth_text(ledger, lesion, "attachment");
    f.density = rs_truth_text(ledger, lesion, "density");
    if (f.density == NULL) f.density = rs_truth_text(ledger, lesion, "kind"); /* of the first schema */
    f.shape = rs_truth_text(ledger, lesion, "shape");
    return rs_truth_add(ctx, args, ledger, &f, NULL);
}

static rs_status read_irrelevant(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *what,
                                 int scan, int number)
{
    rs_finding f = rs_finding_empty();
    f.scan = scan;
    f.diameter_mm = rs_truth_real(what, "diameter_mm");
    if (!rs_truth_vector(rs_json_get(what, "lps_mm"), f.lps_mm))
        return rs_fail(ctx, RS_DATA, "what is irrelevant in it, number %d, has no lps_mm of three numbers", number);
    f.shape = rs_truth_text(ledger, what, "what");
    return rs_truth_add(ctx, args, ledger, &f, NULL);
}

static rs_status read_findings(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *root,
                               int scan)
{
    const rs_json *lesions = rs_json_get(root, "lesions"), *irrelevant = rs_json_get(root, "irrelevant");
    int number = 0;
    for (const rs_json *o = rs_json_first(lesions); o != NULL; o = rs_json_next(o))
        RS_TRY(read_lesion(ctx, args, ledger, o, scan, ++number));
    number = 0;
    for (const rs_json *o = rs_json_first(irrelevant); o != NULL; o = rs_json_next(o))
        RS_TRY(read_irrelevant(ctx, args, ledger, o, scan, ++number));
    return RS_OK;
}

static rs_status read_root(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_json *root)
{
    int scan;
    const char *schema = rs_json_text(rs_json_get(root, "schema")),
               *uid = rs_json_text(rs_json_get(root, "series_uid"));
    const char *kind = rs_json_text(rs_json_get(root, "kind"));
    if (schema == NULL || (strcmp(schema, "restage-truth-2") != 0 && strcmp(schema, "restage-phantom-truth-1") != 0))
        return rs_fail(ctx, RS_DATA, "its schema is none that is known here (restage-truth-2)");
    if (uid == NULL || *uid == 0) return rs_fail(ctx, RS_DATA, "it names no series (series_uid)");
    if (rs_json_get(root, "lesions") == NULL) return rs_fail(ctx, RS_DATA, "it has no list of lesions");
    RS_TRY(rs_truth_scan(ctx, args, ledger, uid, &scan));
    rs_ledger_scan *s = &ledger->scans[scan];
    const double thickness_mm = rs_truth_real(rs_json_get(root, "acquisition"), "slice_thickness_mm");
    const char *patient = rs_truth_text(ledger, root, "patient_id");
    if (patient != NULL) s->patient = patient;
    s->kind = kind != NULL && strcmp(kind, "insertion") == 0 ? "insertion" : "phantom";
    if (thickness_mm > 0) s->thickness_mm = thickness_mm;
    return read_findings(ctx, args, ledger, root, scan);
}

static rs_status read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    rs_json *root;
    RS_TRY(rs_truth_json_read(ctx, args->path, &root));
    rs_status status = read_root(ctx, args, ledger, root);
    rs_json_free(root);
    return status;
}

const rs_truth_reader rs_truth_truth_json = {"truth.json", true, knows, read};
