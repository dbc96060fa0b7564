/* criteria[] and blanks[] of report.json. */
#include "print.h"

#include <math.h>

static rs_json *texts(const char *const *items, int n)
{
    rs_json *array = rs_json_array();
    for (int i = 0; i < n; i++)
        rs_json_add_text(array, items[i]);
    return array;
}

static rs_json *criterion(const rs_report_criterion *row)
{
    rs_json *o = rs_json_object(), *numbers = rs_json_object();
    rs_json_set_text(o, "id", row->id);
    rs_json_set_text(o, "question", row->question);
    rs_json_set_text(o, "source", row->source);
    rs_json_set_bool(o, "informative", row->informative);
    rs_json_set_text(o, "evidence", row->evidence);
    rs_json_set_text(o, "evidence_reason", row->evidence ? NULL : "this scan says nothing to it");
    rs_json_set_text(o, "brief", row->brief);
    rs_json_set_text(o, "brief_reason", row->brief ? NULL : "this scan says nothing to it");
    rs_json_set(o, "numbers", numbers);
    bool whole = true;
    for (int n = 0; n < row->n_numbers; n++) {
        rs_print_number(numbers, row->numbers[n].name, row->numbers[n].value);
        whole = whole && isfinite(row->numbers[n].value);
    }
    rs_json_set_text(numbers, "reason", whole ? NULL : "what is null was not measured or not given: the evidence says");
    rs_json_set(o, "basis_organs", texts(row->basis_organs, row->n_basis_organs));
    rs_json_set_text(o, "blank", row->blank);
    rs_json_set_text(o, "blank_reason", row->blank ? NULL : "nothing is left to a person in this row");
    return o;
}

static rs_json *blank(const rs_report_blank *row)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "id", row->id);
    rs_json_set_text(o, "label", row->label);
    rs_json_set_text(o, "who", row->who);
    rs_json_set(o, "choices", texts(row->choices, row->n_choices));
    return o;
}

rs_json *rs_print_criteria(const rs_report *report)
{
    rs_json *rows = rs_json_array();
    for (int r = 0; r < report->n_criteria; r++)
        rs_json_add(rows, criterion(&report->criteria[r]));
    return rows;
}

rs_json *rs_print_blanks(const rs_report *report)
{
    rs_json *rows = rs_json_array();
    for (int r = 0; r < report->n_blanks; r++)
        rs_json_add(rows, blank(&report->blanks[r]));
    return rows;
}
