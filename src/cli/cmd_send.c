/* restage send: files a packet in a PACS. */
#include "cli_pacs.h"

static const char about[] =
    "Sends the DICOM objects of the packet OUT to an archive (PACS) on one association: segmentation, key images, PDF, "
    "and the structured report last. What was stored is noted in sent[] of done.json at once, and a later send sends "
    "only the rest. Refused for now, no answer, a connection that is lost: tried again after each pause.";
static const char footer[] =
    "Nothing is sent where a file of the packet is not what done.json says, where the packet was made with --identity "
    "other than full (unless --allow-deidentified), where its images are synthetic (unless the archive has a loopback "
    "address), or where it was withdrawn from that archive. Exit codes: 0 the archive has all, 64 wrong call, 65 "
    "refused to send, 66 no packet, 69 nobody there, refused for good, or --verify is not answered, 74 done.json "
    "cannot be replaced, 75 try "
    "again, "
    "130 interrupted.";

rs_status cmd_send(cli *c, int argc, char **argv)
{
    cli_pacs given = {.timeout_s = CLI_NOT_GIVEN};
    cli_option options[] = {
        CLI_PACS_OPTIONS(&given),
        {"commit", 0, CLI_FLAG, &given.commit, NULL, "ask the archive to answer for what it took (storage commitment)",
         NULL},
        {"allow-deidentified", 0, CLI_FLAG, &given.allow_deidentified, NULL,
         "send a packet that was made with --identity other than full", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "send OUT AE@HOST:PORT [options]", .about = about, .footer = footer, .options = options};
    rs_pacs_options settled;
    rs_pacs_peer peer;
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 2)
        return rs_fail(c->ctx, RS_USAGE, "send wants a packet and an archive: restage send OUT AE@HOST:PORT");
    RS_TRY(cli_start(c));
    RS_TRY(rs_pacs_peer_parse(c->ctx, call.operands[1], &peer));
    RS_TRY(cli_pacs_options(c, &given, &settled));
    return cli_pacs_send(c, call.operands[0], &peer, &settled);
}
