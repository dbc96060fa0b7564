/* --sandbox: decoding processes, for the commands that decode. */
#include "restage/sandbox.h"

#include "cli.h"

rs_status cli_sandbox(cli *c, const char *mode)
{
    rs_sandbox_mode wanted = RS_SANDBOX_AUTO;
    if (mode != NULL && !rs_sandbox_mode_from(mode, &wanted))
        return rs_fail(c->ctx, RS_USAGE, "--sandbox wants auto, all or off, not \"%s\"", cli_clean(c, mode));
    return rs_sandbox_start(c->ctx, wanted);
}
