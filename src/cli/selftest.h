/* The checks of `restage selftest`: each looks at one thing and says what it saw. */
#ifndef CLI_SELFTEST_H
#define CLI_SELFTEST_H

#include "cli.h"
#include "restage/run.h"

typedef struct selftest {
    cli *c;
    rs_context *other;     /* one thread, or two where the call has one; the same tier */
    const char *folder;    /* scratch */
    rs_run_result *result; /* of the first packet */
} selftest;

/* RS_OK, and in detail what was seen; else the failure's sentence is in the context. */
typedef rs_status (*selftest_body)(selftest *t, const char **detail);

rs_status selftest_kernels(selftest *t, const char **detail);
rs_status selftest_phantom(selftest *t, const char **detail);
rs_status selftest_line(selftest *t, const char **detail);
rs_status selftest_packet(selftest *t, const char **detail);
rs_status selftest_lesions(selftest *t, const char **detail);
rs_status selftest_threads(selftest *t, const char **detail);
rs_status selftest_identity(selftest *t, const char **detail);
rs_status selftest_volumes(selftest *t, const char **detail);

#endif
