/* What a status means, by one table. */
#include <stddef.h>

#include "restage/pacs.h"

typedef struct status_row {
    int mask, value;
    rs_pacs_outcome outcome;
    const char *meaning;
} status_row;

static const status_row rows[] = {
#define X(mask, value, outcome, meaning) {mask, value, RS_PACS_##outcome, meaning},
#include "status.def"
#undef X
};

rs_pacs_outcome rs_pacs_status(int status, const char **meaning)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((status & rows[i].mask) != rows[i].value) continue;
        if (meaning) *meaning = rows[i].meaning;
        return rows[i].outcome;
    }
    if (meaning) *meaning = "a failure of no standard kind";
    return RS_PACS_FINAL;
}

static const struct {
    const char *name, *meaning;
    bool is_there;
} outcomes[] = {{"pending", "not tried", false},
#define X(NAME, name, is_there, meaning) {name, meaning, is_there},
                RS_PACS_OUTCOME_TABLE(X)
#undef X
};

const char *rs_pacs_outcome_name(rs_pacs_outcome outcome)
{
    return outcomes[outcome].name;
}

const char *rs_pacs_outcome_meaning(rs_pacs_outcome outcome)
{
    return outcomes[outcome].meaning;
}

bool rs_pacs_is_there(rs_pacs_outcome outcome)
{
    return outcomes[outcome].is_there;
}
