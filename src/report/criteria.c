/* The questions of a tumour board, row by row: evidence inside the organs assessed, or a named blank; never a verdict
   (contract 7). */
#include "criteria.h"

#include <string.h>

typedef struct criterion_row {
    const char *id;
    bool informative, from_organs;
    const char *blank, *question, *source;
    void (*answer)(rs_builder *b, rs_answer *answer);
} criterion_row;

static const criterion_row rows[] = {
#define X(id, informative, from_organs, blank, question, source)                                                       \
    {#id, informative, from_organs, blank, question, source, rs_answer_##id},
#include "criteria.def"
#undef X
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

void rs_answer_figure(rs_answer *answer, const char *name, double value)
{
    if (answer->n_numbers < RS_FIGURES_MAX) answer->numbers[answer->n_numbers++] = (rs_report_figure){name, value};
}

const char *rs_answer_join(rs_builder *b, const char *head, const char *joint, const char *part)
{
    if (!head || !part) return head ? head : part;
    return rs_builder_say(b, "%s%s%s", head, joint, part);
}

const char *rs_answer_organ(rs_builder *b, const rs_report_organ *organ)
{
    return organ->side ? rs_builder_say(b, "%s %s", organ->side, organ->name) : organ->name;
}

const char *rs_answer_organs(rs_builder *b, const char *state)
{
    const char *text = NULL;
    for (int o = 0; o < b->report->n_organs; o++) {
        const rs_report_organ *organ = &b->report->organs[o];
        if (organ->state && strcmp(organ->state, state) == 0)
            text = rs_answer_join(b, text, ", ", rs_answer_organ(b, organ));
    }
    return text;
}

const char *rs_answer_assessed(rs_builder *b)
{
    static const char *const states[][2] = {
        {"assessed", "Assessed"}, {"partly", "Partly assessed"}, {"not_assessed", "Not assessed"}};
    const char *text = NULL;
    for (size_t s = 0; s < sizeof states / sizeof states[0]; s++) {
        const char *organs = rs_answer_organs(b, states[s][0]);
        if (organs) text = rs_answer_join(b, text, ". ", rs_builder_say(b, "%s: %s", states[s][1], organs));
    }
    return text ? text : b->report->assessed_text;
}

bool rs_answer_has_work(const rs_builder *b)
{
    return b->report->n_marks > 0 || strcmp(b->report->assessed, "none") != 0;
}

const char *rs_answer_count(rs_builder *b, int n, const char *one)
{
    return rs_builder_say(b, "%d %s%s", n, one, n == 1 ? "" : "s");
}

/* The organs that the evidence speaks of: those that were searched, wholly or partly. */
static void set_basis(rs_builder *b, rs_report_criterion *row)
{
    const char **names = RS_BUILDER_TABLE(b, const char *, b->report->n_organs);
    int n = 0;
    for (int o = 0; names && o < b->report->n_organs; o++) {
        const rs_report_organ *organ = &b->report->organs[o];
        if (organ->state && strcmp(organ->state, "not_assessed") != 0) names[n++] = rs_answer_organ(b, organ);
    }
    row->basis_organs = names;
    row->n_basis_organs = n;
}

static void set_numbers(rs_builder *b, const rs_answer *answer, rs_report_criterion *row)
{
    rs_report_figure *numbers = RS_BUILDER_TABLE(b, rs_report_figure, answer->n_numbers);
    for (int n = 0; numbers && n < answer->n_numbers; n++)
        numbers[n] = (rs_report_figure){rs_builder_keep(b, answer->numbers[n].name), answer->numbers[n].value};
    row->numbers = numbers;
    row->n_numbers = numbers ? answer->n_numbers : 0;
}

void rs_build_criteria(rs_builder *b)
{
    rs_report_criterion *all = RS_BUILDER_TABLE(b, rs_report_criterion, N_ROWS);
    for (int r = 0; all && r < N_ROWS; r++) {
        rs_answer answer = {0};
        rows[r].answer(b, &answer);
        all[r] = (rs_report_criterion){
            .id = rs_builder_keep(b, rows[r].id),
            .question = rs_builder_keep(b, rows[r].question),
            .source = rs_builder_keep(b, rows[r].source),
            .evidence = answer.evidence,
            .brief = answer.brief,
            .blank = rs_builder_keep(b, rows[r].blank),
            .informative = rows[r].informative,
        };
        if (rows[r].from_organs && answer.evidence) set_basis(b, &all[r]);
        set_numbers(b, &answer, &all[r]);
    }
    b->report->criteria = all;
    b->report->n_criteria = all ? N_ROWS : 0;
    rs_build_blanks(b);
}
