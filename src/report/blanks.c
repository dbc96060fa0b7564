/* What a person has to fill in, by name (contract 7). */
#include "criteria.h"

#include <string.h>

typedef struct blank_row {
    const char *id, *who, *label, *boxes;
} blank_row;

static const blank_row rows[] = {
#define X(id, who, label, boxes) {#id, who, label, boxes},
#include "blanks.def"
#undef X
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* What no version of this program searches yet; an organ of organs[] stands before them where it was not searched. */
static const char *const never_searched =
    "lymph nodes and mediastinum, pleura and chest wall, heart, liver, adrenal glands, other organs of the abdomen and "
    "pelvis, bones, soft tissue, brain";

static const char *not_assessed_label(rs_builder *b)
{
    const char *own = rs_answer_organs(b, "not_assessed"), *partly = rs_answer_organs(b, "partly");
    const char *text = partly ? rs_builder_say(b, "the rest of %s", partly) : NULL;
    return rs_answer_join(b, rs_answer_join(b, own, ", ", text), ", ", never_searched);
}

static void set_boxes(rs_builder *b, const char *boxes, rs_report_blank *blank)
{
    int n = 1;
    for (const char *at = boxes; *at; at++)
        n += *at == '|';
    const char **choices = RS_BUILDER_TABLE(b, const char *, n);
    for (int c = 0; choices && c < n; c++) {
        size_t length = strcspn(boxes, "|");
        choices[c] = rs_builder_say(b, "%.*s", (int)length, boxes);
        boxes += length + (boxes[length] == '|');
    }
    blank->choices = choices;
    blank->n_choices = choices ? n : 0;
}

void rs_build_blanks(rs_builder *b)
{
    rs_report_blank *blanks = RS_BUILDER_TABLE(b, rs_report_blank, N_ROWS);
    for (int r = 0; blanks && r < N_ROWS; r++) {
        blanks[r] = (rs_report_blank){
            .id = rs_builder_keep(b, rows[r].id),
            .label = rows[r].label ? rs_builder_keep(b, rows[r].label) : not_assessed_label(b),
            .who = rs_builder_keep(b, rows[r].who),
        };
        if (rows[r].boxes) set_boxes(b, rows[r].boxes, &blanks[r]);
    }
    b->report->blanks = blanks;
    b->report->n_blanks = blanks ? N_ROWS : 0;
}
