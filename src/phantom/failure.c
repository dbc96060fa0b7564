#include "failure.h"

#include "restage/text.h"

enum { PATH_BYTES = 300, SENTENCE_BYTES = 600 };

rs_status rs_phantom_name_failure(rs_context *ctx, const char *option, const char *path, rs_status status)
{
    char sentence[SENTENCE_BYTES], shown[PATH_BYTES];
    if (status != RS_DATA && status != RS_NO_INPUT && status != RS_IO && status != RS_AGAIN) return status;
    (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(ctx));
    rs_text_printable(shown, sizeof shown, path);
    return rs_fail(ctx, status, "%s %s: %s", option, shown, sentence);
}
