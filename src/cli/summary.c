/* The summary of a run. What was and was not assessed stands before any count (contract 7); 60 columns are enough. */
#include "cli_run.h"

#include <math.h>
#include <string.h>

enum { MARKS_SHOWN = 20, LIMITS_SHOWN = 8 };

static const char *ml(cli *c, double value)
{
    return isnan(value) ? "-" : cli_text(c, "%.0f", value);
}

static void print_organs(cli *c, const rs_report *report, int width)
{
    if (report->n_organs == 0) cli_wrap(stdout, 0, 2, width, report->assessed_text);
    if (report->n_organs > 0)
        printf("What was and was not assessed\n  %-14s %-13s %11s %9s\n", "organ", "state", "searched ml", "of ml");
    for (int i = 0; i < report->n_organs; i++) {
        const rs_report_organ *o = &report->organs[i];
        const char *name = cli_text(c, "%s%s%s", o->side != NULL ? o->side : "", o->side != NULL ? " " : "", o->name);
        printf("  %-14s %-13s %11s %9s\n", name, cli_words(c, o->state), ml(c, o->searched_ml), ml(c, o->volume_ml));
        bool next_says_it = i + 1 < report->n_organs && o->reason != NULL && report->organs[i + 1].reason != NULL &&
                            strcmp(o->reason, report->organs[i + 1].reason) == 0;
        if (o->reason != NULL && !next_says_it) cli_wrap(stdout, 17, 17, width, cli_clean(c, o->reason));
    }
}

/* "above_5mm" as "above 5 mm" */
static const char *class_words(cli *c, const char *name)
{
    if (name != NULL && strcmp(name, "above_5mm") == 0) return "above 5 mm";
    if (name != NULL && strcmp(name, "near_5mm") == 0) return "near 5 mm";
    if (name != NULL && strcmp(name, "below_5mm") == 0) return "below 5 mm";
    return cli_words(c, name);
}

static void print_marks(cli *c, const rs_report *report, int width)
{
    if (report->n_marks == 0) return;
    printf("  %-4s %-5s %5s %-22s %-13s %6s\n", "id", "side", "slice", "size", "class", "P");
    for (int i = 0; i < report->n_marks && i < MARKS_SHOWN; i++) {
        const rs_report_mark *m = &report->marks[i];
        const char *slice = m->slice.number >= 0 ? cli_text(c, "%lld", (long long)m->slice.number) : "-";
        printf("  %-4s %-5s %5s %-22s %-13s %6s\n", m->id, m->side != NULL ? m->side : "-", slice,
               m->size.text != NULL ? m->size.text : "-", class_words(c, m->size.size_class),
               m->p_text != NULL ? m->p_text : "-");
    }
    if (report->n_marks > MARKS_SHOWN) printf("  ... and %d more in lesions.csv\n", report->n_marks - MARKS_SHOWN);
    if (report->operating_point.p_definition != NULL)
        cli_wrap(stdout, 2, 2, width, cli_text(c, "P: %s", report->operating_point.p_definition));
}

static void print_source(cli *c, const rs_report *report, int width)
{
    const rs_report_source *s = &report->source;
    const int32_t *n = s->geometry.n;
    const double *mm = s->geometry.spacing_mm;
    if (n[0] == 0) return; /* the organs' reasons say why there is no series */
    cli_wrap(stdout, 0, 2, width,
             cli_text(c, "%s, %d x %d x %d voxels of %.2f x %.2f x %.2f mm", s->modality, (int)n[0], (int)n[1],
                      (int)n[2], mm[0], mm[1], mm[2]));
    printf("\n");
}

/* The summary says these in places of their own. */
static bool is_said_elsewhere(const char *code)
{
    static const char *const codes[] = {"read_first", "research_use", "assessed", "any_nature"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(code, codes[i]) == 0) return true;
    return false;
}

static void print_limits(cli *c, const rs_report *report, int width)
{
    int shown = 0, more = 0;
    for (int i = 0; i < report->limitations.n; i++) {
        const rs_note *note = &report->limitations.items[i];
        if (is_said_elsewhere(note->code)) continue;
        if (shown == LIMITS_SHOWN) {
            more++;
            continue;
        }
        if (shown++ == 0) printf("\nLimits of this reading\n");
        cli_wrap(stdout, 2, 4, width, cli_text(c, "- %s", cli_clean(c, note->sentence)));
    }
    if (more > 0) printf("  ... and %d more in report.json\n", more);
}

/* What a person pointed at was not found by the search: said apart from its marks. */
static void print_pointed(cli *c, const rs_report *report, int width)
{
    int n = 0;
    const char *ids = "";
    for (int i = 0; i < report->n_marks; i++)
        if (report->marks[i].pointed) ids = cli_text(c, "%s%s%s", ids, n++ > 0 ? ", " : "", report->marks[i].id);
    if (n > 0) cli_wrap(stdout, 2, 2, width, cli_text(c, "A person pointed at: %s", ids));
}

/* A line that was stopped: what was done, and where it lies. */
static void print_stop(cli *c, const rs_run_result *result, int width)
{
    const rs_stage *stages;
    const char *done = "";
    int n = rs_run_result_stages(result, &stages);
    for (int i = 0; i < n; i++)
        done = cli_text(c, "%s%s%s", done, i > 0 ? ", " : "", stages[i].name);
    cli_wrap(
        stdout, 0, 2, width,
        cli_text(c, "Stopped after %s, as asked for: no packet was written", n > 0 ? stages[n - 1].name : "nothing"));
    cli_wrap(stdout, 2, 4, width, cli_text(c, "done: %s", done));
    printf("\nResearch use; not a medical device.\n");
    printf("Dump: %s\n", cli_clean(c, rs_run_result_dump(result)));
}

void cli_print_summary(cli *c, const rs_run_result *result, const cli_run *run)
{
    int width = cli_width();
    const rs_report *report = rs_run_result_report(result);
    if (!rs_run_result_has_packet(result)) {
        print_stop(c, result, width);
        return;
    }
    print_source(c, report, width);
    print_organs(c, report, width);
    print_limits(c, report, width);
    printf("\n");
    if (report->marks_text != NULL) cli_wrap(stdout, 0, 0, width, report->marks_text);
    print_marks(c, report, width);
    print_pointed(c, report, width);
    printf("\nRead the scan first. Research use; not a medical device.\n");
    printf("Packet: %s\n", cli_clean(c, run->out));
    if (rs_run_result_repeats(result)) printf("The study holds it already: the same UIDs, nothing new.\n");
    const char *dump = rs_run_result_dump(result);
    if (dump != NULL) printf("Dump: %s\n", cli_clean(c, dump));
    if (run->send == NULL) return;
    printf("Sent to %s\n", cli_clean(c, run->send));
    cli_pacs_print(c, &run->sent);
}

static rs_json *organs_json(const rs_report *report)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < report->n_organs; i++) {
        const rs_report_organ *organ = &report->organs[i];
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "name", organ->name);
        rs_json_set_text(o, "side", organ->side);
        rs_json_set_text(o, "state", organ->state);
        rs_json_set_text(o, "reason", organ->reason);
        rs_json_set_real(o, "volume_ml", organ->volume_ml, 1);
        rs_json_set_real(o, "searched_ml", organ->searched_ml, 1);
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *marks_json(const rs_report *report)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < report->n_marks; i++) {
        const rs_report_mark *m = &report->marks[i];
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "id", m->id);
        rs_json_set_text(o, "side", m->side);
        rs_json_set_text(o, "lobe", m->lobe);
        rs_json_set_text(o, "lobe_reason", m->lobe_reason);
        if (m->slice.number >= 0) rs_json_set_integer(o, "slice_number", m->slice.number);
        rs_json_set_text(o, "size", m->size.text);
        rs_json_set_real(o, "low_mm", m->size.low_mm, 1);
        rs_json_set_real(o, "high_mm", m->size.high_mm, 1);
        rs_json_set_text(o, "size_class", m->size.size_class);
        rs_json_set_real(o, "p", m->p, 6);
        rs_json_set_bool(o, "pointed", m->pointed);
        rs_json_add(list, o);
    }
    return list;
}

rs_status cli_print_summary_json(cli *c, const rs_run_result *result, const cli_run *run)
{
    const rs_report *report = rs_run_result_report(result);
    const rs_stage *stages;
    int n = rs_run_result_stages(result, &stages);
    bool packet = rs_run_result_has_packet(result);
    rs_json *root = rs_json_object(), *times = rs_json_array();
    rs_json_set_text(root, "packet", packet ? run->out : NULL);
    rs_json_set_bool(root, "already_in_study", rs_run_result_repeats(result));
    rs_json_set_text(root, "dump", rs_run_result_dump(result));
    rs_json_set_text(root, "stopped_after", packet ? NULL : run->options.stop_after);
    if (report != NULL) {
        rs_json_set_text(root, "assessed", report->assessed);
        rs_json_set_text(root, "assessed_text", report->assessed_text);
        rs_json_set(root, "organs", organs_json(report));
        rs_json_set_text(root, "marks_text", report->marks_text);
        rs_json_set(root, "marks", marks_json(report));
    }
    for (int i = 0; i < n; i++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "name", stages[i].name);
        rs_json_set_real(o, "seconds", stages[i].seconds, 4);
        rs_json_set_real(o, "peak_memory_mb", stages[i].peak_memory_mb, 1);
        rs_json_add(times, o);
    }
    rs_json_set(root, "stages", times);
    rs_json_set_text(root, "sent_to", run->send);
    if (run->send != NULL) rs_json_set(root, "sent", cli_pacs_objects_json(c, &run->sent));
    return cli_print_json(c, root);
}
