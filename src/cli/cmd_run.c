/* restage run: one study in, one packet out. */
#include "cli_run.h"

#include <string.h>

static const char about[] =
    "Reads one study below PATH (a folder or file of DICOM, or one volume file: .nii, .nii.gz, .mha, .mhd, .nrrd, "
    ".nhdr), searches the organs it knows for focal lesions, measures each, and writes the packet OUT, whole or not at "
    "all; report.json holds every number.";
static const char footer[] = "Every parameter of the line is an option too, as --NAME=VALUE: --list-parameters prints "
                             "them with unit, range and source. Exit codes: 0 packet complete (also where no organ "
                             "could be assessed), 64 wrong call, 65 input refused, 66 nothing to read, 70 defect, 73 "
                             "output exists or cannot be created, 74 I/O error, 75 try again, 130 interrupted.";

/* What is asked of an archive is checked before the work, not after it. */
static rs_status check_send(cli *c, cli_run *run)
{
    const char *identity = run->options.identity;
    if (run->send == NULL && run->calling_ae != NULL)
        return rs_fail(c->ctx, RS_USAGE, "--calling-ae wants --send AE@HOST:PORT");
    if (run->send == NULL) return RS_OK;
    RS_TRY(rs_pacs_peer_parse(c->ctx, run->send, &run->peer));
    if (run->options.stop_after != NULL && strcmp(run->options.stop_after, "packet") != 0)
        return rs_fail(c->ctx, RS_USAGE, "--send wants a packet, and --stop-after ends before one");
    if (identity != NULL && strcmp(identity, "full") != 0)
        return rs_fail(c->ctx, RS_DATA,
                       "a packet of --identity %s does not file with the patient's study: run without --send, and see "
                       "restage send --help",
                       cli_clean(c, identity));
    return RS_OK;
}

static rs_status send_packet(cli *c, cli_run *run)
{
    const rs_pacs_options options = {.calling_ae = run->calling_ae};
    rs_status status = rs_pacs_send(c->ctx, c->arena, run->out, &run->peer, &options, &run->sent);
    cli_clear_progress(c);
    if (status == RS_OK) return RS_OK;
    return rs_fail(c->ctx, status, "%s (the packet itself is complete)", cli_text(c, "%s", rs_context_message(c->ctx)));
}

static rs_status run_line(cli *c, cli_run *run, const char *path)
{
    rs_run_result *result;
    RS_TRY(rs_run_study(c->ctx, path, run->out, &run->options, &result));
    cli_clear_progress(c);
    rs_status status = run->send != NULL ? send_packet(c, run) : RS_OK;
    if (status == RS_OK && c->json)
        status = cli_print_summary_json(c, result, run);
    else if (status == RS_OK && !c->quiet)
        cli_print_summary(c, result, run);
    rs_run_result_free(result);
    return status;
}

/* Help of --dump, with the stations that it takes. */
static const char *dump_help(cli *c)
{
    const char *help = "what stations made, into OUT.dump", *between = ": ", *name;
    bool dumps;
    for (int s = 0; (name = rs_run_station(s, &dumps)) != NULL; s++) {
        if (!dumps) continue;
        help = cli_text(c, "%s%s%s", help, between, name);
        between = ", ";
    }
    return help;
}

static rs_status run_with(cli *c, rs_params *params, int argc, char **argv)
{
    cli_run run = {0};
    const char *sandbox = NULL;
    cli_places places = {0};
    const cli_option first[] = {
        {"output", 'o', CLI_TEXT, &run.out, "OUT", "folder to make", NULL},
        {"study", 0, CLI_TEXT, &run.options.study_uid, "UID", "StudyInstanceUID", "the one there is"},
        {"series", 0, CLI_TEXT, &run.options.series_uid, "UID", "SeriesInstanceUID", "chosen: thin and soft first"},
        {"sensitivity", 0, CLI_TEXT, &run.options.sensitivity, "POINT",
         "low, default or high: about 1/4, 1 or 4 false marks a litre of phantoms", "default"},
        {"at", 0, CLI_PLACE, &places, "X,Y,Z", "measure this place too (LPS, mm), whatever is found there; repeatable",
         NULL},
        {"ranker", 0, CLI_TEXT, &run.options.ranker, "FILE",
         "rank by the networks of this file (restage-ranker-1) instead of the built-in ones", NULL},
        {"candidates", 0, CLI_TEXT, &run.options.candidates, "FILE",
         "rank by somebody else's P: CSV with LUNA16 columns (LPS, mm)", NULL},
        {"region", 0, CLI_TEXT, &run.options.region, "FILE",
         "the bed, the place treated before: a region of this RTSTRUCT, SEG or label volume", NULL},
        {"roi", 0, CLI_TEXT, &run.options.roi, "NAME", "which region of --region, by name or number",
         "the one there is"},
        {"context", 0, CLI_TEXT, &run.options.context, "FILE",
         "what you know of the patient: primary, treatments, known lesions (JSON, context.schema.json)", NULL},
        {"review", 0, CLI_TEXT, &run.options.review, "FILE",
         "verdicts of a reader on marks (JSON, review.schema.json): the packet is made anew with them", NULL},
        {"previous", 0, CLI_TEXT, &run.options.previous, "OUT",
         "an earlier packet of this study: its tracking UIDs and verdicts stay, and --review names its marks", NULL},
        {"identity", 0, CLI_TEXT, &run.options.identity, "HOW",
         "full, pseudo (with --key) or none: whether the packet names the patient", "full"},
        {"key", 0, CLI_TEXT, &run.options.key, "FILE",
         "the secret of --identity pseudo: the same patient gets the same pseudonym with it", NULL},
        {"send", 0, CLI_TEXT, &run.send, "AE@HOST:PORT", "file the packet in this archive, as restage send does", NULL},
        {"calling-ae", 0, CLI_TEXT, &run.calling_ae, "TITLE", "our own AE title, for --send", "RESTAGE"},
        {"masks", 0, CLI_FLAG, &run.options.masks, NULL, "organs and marks as TIFF too", NULL},
        {"fhir", 0, CLI_FLAG, &run.options.fhir, NULL, "a FHIR R4 bundle too", NULL},
        {"no-seg", 0, CLI_FLAG, &run.options.no_seg, NULL,
         "no segmentation object: the structured report alone holds the marks", NULL},
        {"sr-plain", 0, CLI_FLAG, &run.options.sr_plain, NULL,
         "no uncertainty rows in the structured report, for checkers that take them for errors", NULL},
        {"sr-tag", 0, CLI_TEXT, &run.options.sr_tag, "TEXT",
         "the viewer's tool that draws the marks of the structured report, before their ids; '' for none", RS_SR_TAG},
        {"allow-partial", 0, CLI_FLAG, &run.options.allow_partial, NULL,
         "take a series with missing slices, and search where it has some", NULL},
        CLI_LIMIT_OPTION,
        CLI_SANDBOX_OPTION(&sandbox),
        {"force", 0, CLI_FLAG, &run.options.force, NULL, "replace an existing OUT", NULL},
        {"dump", 0, CLI_TEXT, &run.options.dump, "STATION[,...]|all", dump_help(c), NULL},
        {"stop-after", 0, CLI_TEXT, &run.options.stop_after, "STATION",
         "end there, without a packet; dumps that station unless --dump says which", NULL},
        {"params", 0, CLI_TEXT, &run.params_file, "FILE", "JSON object of parameter names and values", NULL},
        {"list-parameters", 0, CLI_FLAG, &run.list, NULL, "print every parameter and end", NULL},
    };
    enum { N_FIRST = sizeof first / sizeof first[0] };
    cli_call call = {.usage = "run PATH -o OUT [options]", .about = about, .footer = footer};
    bool done;
    RS_TRY(cli_params_options(c, params, first, N_FIRST, &call.options));
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (run.list) return cli_params_list(c, params);
    if (call.n_operands != 1 || run.out == NULL)
        return rs_fail(c->ctx, RS_USAGE, "run wants one path and -o OUT: restage run PATH -o OUT");
    RS_TRY(cli_params_set(c, params, run.params_file, call.options, N_FIRST));
    RS_TRY(check_send(c, &run));
    RS_TRY(cli_start(c));
    RS_TRY(cli_sandbox(c, sandbox));
    run.options.params = params;
    run.options.at_lps_mm = (const double(*)[3])places.lps_mm;
    run.options.n_at = places.n;
    return run_line(c, &run, call.operands[0]);
}

rs_status cmd_run(cli *c, int argc, char **argv)
{
    rs_params *params;
    RS_TRY(rs_run_params_new(c->ctx, &params));
    rs_status status = run_with(c, params, argc, argv);
    rs_params_free(params);
    return status;
}
