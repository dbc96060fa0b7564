/* What the scans of an evaluation are, in words. */
#include <string.h>

#include "restage/evaluate.h"
#include "restage/text.h"

void rs_evaluation_kinds(const rs_evaluation *evaluation, char out[200])
{
    static const struct {
        const char *kind, *words;
    } rows[] = {{"real", "real"},
                {"not said", "not said to be synthetic"},
                {"insertion", "with synthetic lesions inserted"},
                {"phantom", "synthetic"}};
    const char *between = ": ";
    rs_text_format(out, 200, "%d %s", evaluation->n_scans, evaluation->n_scans == 1 ? "scan" : "scans");
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        int n = 0;
        for (int s = 0; s < evaluation->n_scans; s++)
            n += strcmp(evaluation->scans[s].kind, rows[r].kind) == 0;
        if (n == 0) continue;
        const size_t used = strlen(out);
        rs_text_format(out + used, 200 - used, "%s%d %s", between, n, rows[r].words);
        between = ", ";
    }
}
