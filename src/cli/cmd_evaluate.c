/* restage evaluate: marks of any detector against a truth. */
#include "evaluation.h"

#include <math.h>

static const char about[] =
    "Compares marks with a truth, scan by scan (SeriesInstanceUID): FROC and CPM by the rules of LUNA16 and with a "
    "reach "
    "of at least 3 mm, sensitivity by kind of lesion, sizes, calibration, completeness. MARKS: packets of restage run, "
    "or CSV files. FILE of --truth: a CSV as LUNA16 has it (seriesuid, coordX, coordY, coordZ, diameter_mm), "
    "truth.json "
    "of a phantom or an insertion, LIDC XML, RTSTRUCT, SEG, MetaImage, NIfTI or NRRD with labels, annotations.json.";
static const char footer[] =
    "The marks of another program: a CSV file with the columns seriesuid,coordX,coordY,coordZ,probability (LPS, mm), "
    "and, where it measures, fit_mm,fit_low_mm,fit_high_mm,volume_mm3, gets the same tables by\n"
    "restage evaluate marks.csv --truth truth.csv --scans seriesuids.csv -o DIR\n"
    "LIDC: a finding is relevant where at least three quarters of the readers of the file (three of four, one of one) "
    "drew it as 3 mm or more; all else that they marked is "
    "irrelevant. Each region of an RTSTRUCT, a SEG or a label volume is one lesion. A lesion whose centre lies beyond "
    "the images of --images is irrelevant. Exit codes: 0 done, 64 wrong call, 65 input refused, or marks and truth "
    "share "
    "no scan, 66 nothing to read, 73 DIR exists or cannot be created.";

typedef struct evaluate_call {
    cli_texts truths, irrelevant, images;
    const char *scans, *roi, *out;
    int64_t cap, bootstraps;
    double least_mm, point;
    bool force;
} evaluate_call;

/* 0 on the command line is none, which the library calls -1; not given is its default, 0. */
static rs_status take_count(cli *c, const char *name, int64_t given, int64_t most, int *out)
{
    *out = 0;
    if (given == CLI_NOT_GIVEN) return RS_OK;
    if (given < 0 || given > most)
        return rs_fail(c->ctx, RS_USAGE, "--%s wants a whole number from 0 (none) to %lld", name, (long long)most);
    *out = given == 0 ? -1 : (int)given;
    return RS_OK;
}

static rs_status take_options(cli *c, const evaluate_call *e, const cli_call *call, rs_evaluate_options *out)
{
    *out = (rs_evaluate_options){.marks = (const char *const *)call->operands,
                                 .n_marks = call->n_operands,
                                 .truths = e->truths.text,
                                 .n_truths = e->truths.n,
                                 .irrelevant = e->irrelevant.text,
                                 .n_irrelevant = e->irrelevant.n,
                                 .scans = e->scans,
                                 .images = e->images.text,
                                 .n_images = e->images.n,
                                 .roi = e->roi,
                                 .least_mm = isnan(e->least_mm) ? 0 : e->least_mm,
                                 .point = e->point};
    if (!isnan(e->least_mm) && !(e->least_mm >= 0))
        return rs_fail(c->ctx, RS_USAGE, "--least wants a diameter from 0 mm up");
    if (!isnan(e->point) && !(e->point >= 0 && e->point <= 1))
        return rs_fail(c->ctx, RS_USAGE, "--point wants a P from 0 to 1");
    RS_TRY(take_count(c, "cap", e->cap, 1000000, &out->cap));
    return take_count(c, "bootstraps", e->bootstraps, 1000000, &out->bootstraps);
}

static rs_status print_json(cli *c, const rs_evaluation *evaluation)
{
    char *text;
    size_t bytes;
    RS_TRY(rs_evaluation_json(c->ctx, evaluation, &text, &bytes));
    fwrite(text, 1, bytes, stdout);
    rs_json_text_free(text);
    return RS_OK;
}

static rs_status tell(cli *c, const evaluate_call *e, const rs_evaluation *evaluation)
{
    if (e->out != NULL) RS_TRY(rs_evaluation_write(c->ctx, evaluation, e->out, e->force));
    cli_clear_progress(c);
    cli_tell_notes(c, &evaluation->notes);
    if (c->json) return print_json(c, evaluation);
    if (c->quiet) return RS_OK;
    cli_print_evaluation(c, evaluation);
    if (e->out != NULL) printf("Evaluation: %s\n", cli_clean(c, e->out));
    return RS_OK;
}

rs_status cmd_evaluate(cli *c, int argc, char **argv)
{
    evaluate_call e = {
        .cap = CLI_NOT_GIVEN, .bootstraps = CLI_NOT_GIVEN, .least_mm = (double)NAN, .point = (double)NAN};
    const char *sandbox = NULL;
    cli_option options[] = {
        {"truth", 0, CLI_TEXTS, &e.truths, "FILE", "where the lesions are; may be given again", NULL},
        {"irrelevant", 0, CLI_TEXTS, &e.irrelevant, "FILE",
         "what is neither right nor false to mark; diameter -1 is 10 mm; may be given again", NULL},
        {"scans", 0, CLI_TEXT, &e.scans, "FILE", "the scans to count, a SeriesInstanceUID a line",
         "those of truth and marks"},
        {"images", 0, CLI_TEXTS, &e.images, "PATH",
         "images that a truth was drawn on (LIDC XML, RTSTRUCT need them); may be given again", NULL},
        {"roi", 0, CLI_TEXT, &e.roi, "NAME", "the region of a truth that is the lesion", "every region"},
        {"cap", 0, CLI_INTEGER, &e.cap, "N", "most marks a scan, the best of them; 0: no limit", "100"},
        {"bootstraps", 0, CLI_INTEGER, &e.bootstraps, "N", "draws of scans for the bounds; 0: none", "1000"},
        {"least", 0, CLI_REAL, &e.least_mm, "MM", "lesions below are irrelevant", "0"},
        {"point", 0, CLI_REAL, &e.point, "P", "operating point of marks that do not say it", "every row is a mark"},
        {"output", 'o', CLI_TEXT, &e.out, "DIR", "evaluation.json, findings.csv and evaluation.html into a new folder",
         NULL},
        {"force", 0, CLI_FLAG, &e.force, NULL, "replace an existing DIR", NULL},
        CLI_LIMIT_OPTION,
        CLI_SANDBOX_OPTION(&sandbox),
        {.kind = CLI_END},
    };
    cli_call call = {
        .usage = "evaluate MARKS... --truth FILE [options]", .about = about, .footer = footer, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands == 0 || e.truths.n == 0)
        return rs_fail(c->ctx, RS_USAGE,
                       "evaluate wants marks and a truth: restage evaluate MARKS... --truth FILE [-o DIR]");
    rs_evaluate_options ready;
    RS_TRY(take_options(c, &e, &call, &ready));
    RS_TRY(cli_start(c));
    RS_TRY(cli_sandbox(c, sandbox));
    rs_evaluation *evaluation;
    RS_TRY(rs_evaluate(c->ctx, &ready, &evaluation));
    rs_status status = tell(c, &e, evaluation);
    rs_evaluation_free(evaluation);
    return status;
}
