/* restage retract: withdraws a packet from a PACS. */
#include "cli_pacs.h"

static const char about[] =
    "Withdraws the packet OUT: a rejection note (a Key Object Selection titled \"Rejected for Quality Reasons\", in a "
    "new series of the study) that lists every DICOM object of the packet, sent to the archive, written to a file, or "
    "both. Whether the objects vanish is up to the archive: --verify asks it.";
static const char footer[] =
    "A packet that was withdrawn is not sent again to that archive; run restage anew. Exit codes: as of send, and 69 "
    "too where the archive still shows an object.";

static rs_status retract(cli *c, const char *packet, const rs_pacs_peer *peer, const char *file,
                         const rs_pacs_options *options)
{
    rs_pacs_result result = {0};
    rs_status status = rs_pacs_retract(c->ctx, c->arena, packet, peer, file, options, &result);
    cli_clear_progress(c);
    if (c->json) return cli_pacs_print_json(c, packet, &result, status);
    if (status == RS_OK && !c->quiet) cli_pacs_print(c, &result);
    if (status == RS_OK && !c->quiet && file) printf("Rejection note: %s\n", cli_clean(c, file));
    return status;
}

rs_status cmd_retract(cli *c, int argc, char **argv)
{
    cli_pacs given = {.timeout_s = CLI_NOT_GIVEN};
    const char *file = NULL;
    cli_option options[] = {
        {"output", 'o', CLI_TEXT, &file, "FILE", "write the note here; an existing file is replaced", NULL},
        CLI_PACS_OPTIONS(&given),
        {"allow-deidentified", 0, CLI_FLAG, &given.allow_deidentified, NULL,
         "withdraw a packet that was made with --identity other than full", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {
        .usage = "retract OUT [AE@HOST:PORT] [options]", .about = about, .footer = footer, .options = options};
    rs_pacs_options settled;
    rs_pacs_peer peer;
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    const bool to_peer = call.n_operands == 2;
    if ((call.n_operands != 1 && !to_peer) || (!to_peer && file == NULL))
        return rs_fail(c->ctx, RS_USAGE,
                       "retract wants a packet, and an archive or -o FILE: restage retract OUT AE@HOST:PORT");
    RS_TRY(cli_start(c));
    if (to_peer) RS_TRY(rs_pacs_peer_parse(c->ctx, call.operands[1], &peer));
    RS_TRY(cli_pacs_options(c, &given, &settled));
    return retract(c, call.operands[0], to_peer ? &peer : NULL, file, &settled);
}
