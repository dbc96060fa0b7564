/* The tables of evaluate. What the scans are stands before any figure; 60 columns are enough. */
#include "evaluation.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

enum { RULES_WITH_BOUNDS = 2, NAME_WIDTH = 17 };

static const char *number(cli *c, double value, int decimals)
{
    return isfinite(value) ? cli_text(c, "%.*f", decimals, rs_round_decimals(value, decimals)) : "-";
}

static const char *bounds(cli *c, double low, double high, int decimals)
{
    if (!isfinite(low) || !isfinite(high)) return "";
    return cli_text(c, "%s to %s", number(c, low, decimals), number(c, high, decimals));
}

/* "0.83 0.71 to 0.91" */
static const char *share(cli *c, double value, double low, double high)
{
    return cli_text(c, "%s %s", number(c, value, 2), bounds(c, low, high, 2));
}

static void print_kinds(const rs_evaluation *e, int width)
{
    char text[200];
    rs_evaluation_kinds(e, text);
    cli_wrap(stdout, 0, 2, width, text);
    printf("\n");
}

/* With four rules there is no room for bounds. */
static const char *score(cli *c, const rs_evaluation *e, double value, double low, double high, int decimals)
{
    if (e->n_froc > RULES_WITH_BOUNDS || !isfinite(low)) return number(c, value, decimals);
    return cli_text(c, "%s %s", number(c, value, decimals), bounds(c, low, high, 2));
}

static void print_row(const rs_evaluation *e, const char *name, const char *const *cells)
{
    const int width = e->n_froc > RULES_WITH_BOUNDS ? 9 : 19;
    printf("  %-20s", name);
    for (int r = 0; r < e->n_froc; r++)
        printf("%*s%s", r + 1 < e->n_froc ? -width : 0, cells[r], r + 1 < e->n_froc ? "" : "\n");
}

static void print_counts(cli *c, const rs_evaluation *e)
{
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {{"scans", offsetof(rs_froc_counts, scans)},
                {"scans without a row", offsetof(rs_froc_counts, scans_without_marks)},
                {"lesions", offsetof(rs_froc_counts, findings)},
                {"found", offsetof(rs_froc_counts, found)},
                {"missed", offsetof(rs_froc_counts, missed)},
                {"marks", offsetof(rs_froc_counts, marks)},
                {"false", offsetof(rs_froc_counts, false_marks)},
                {"on the irrelevant", offsetof(rs_froc_counts, ignored)},
                {"second on a lesion", offsetof(rs_froc_counts, doubles)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *cells[4] = {"", "", "", ""};
        for (int r = 0; r < e->n_froc && r < 4; r++) {
            int64_t value;
            memcpy(&value, (const char *)&e->froc[r].counts + rows[i].offset, sizeof value);
            cells[r] = cli_text(c, "%lld", (long long)value);
        }
        print_row(e, rows[i].name, cells);
    }
}

static void print_scores(cli *c, const rs_evaluation *e)
{
    static const char *const at[RS_FROC_AT] = {"1/8", "1/4", "1/2", "1", "2", "4", "8"};
    const char *cells[4] = {"", "", "", ""};
    for (int r = 0; r < e->n_froc && r < 4; r++)
        cells[r] = strcmp(e->froc[r].rule, "luna16") == 0 ? "LUNA16" : ">= 3 mm";
    print_row(e, "hit by the rule", cells);
    for (int r = 0; r < e->n_froc && r < 4; r++)
        cells[r] = strcmp(e->froc[r].scans, "all") == 0 ? "all" : "marked";
    print_row(e, "scans", cells);
    printf("Sensitivity at false marks a scan\n");
    for (int a = 0; a < RS_FROC_AT; a++) {
        for (int r = 0; r < e->n_froc && r < 4; r++)
            cells[r] = score(c, e, e->froc[r].sensitivity_at[a], e->froc[r].low_at[a], e->froc[r].high_at[a], 2);
        print_row(e, at[a], cells);
    }
    for (int r = 0; r < e->n_froc && r < 4; r++)
        cells[r] = score(c, e, e->froc[r].cpm, e->froc[r].cpm_low, e->froc[r].cpm_high, 3);
    print_row(e, "CPM (their mean)", cells);
    for (int r = 0; r < e->n_froc && r < 4; r++)
        cells[r] = number(c, e->froc[r].greatest_sensitivity, 2);
    print_row(e, "no limit on P", cells);
    printf("Counts\n");
    print_counts(c, e);
    printf("\n");
}

static void print_point(cli *c, const rs_evaluation *e, int width)
{
    const rs_completeness *done = &e->completeness;
    cli_wrap(stdout, 0, 2, width,
             cli_text(c, "At the operating point (%s)", e->point_basis != NULL ? e->point_basis : "none"));
    const char *litres = isfinite(e->false_a_litre)
                             ? cli_text(c, ", %s a litre of %s searched", number(c, e->false_a_litre, 2),
                                        number(c, e->searched_litres, 1))
                             : "";
    cli_wrap(stdout, 2, 4, width,
             cli_text(c, "%lld marks, %lld false: %s a scan%s", (long long)e->shown, (long long)e->shown_false,
                      number(c, e->false_a_scan, 2), litres));
    if (done->with_lesions > 0)
        cli_wrap(stdout, 2, 4, width,
                 cli_text(c, "patients whose every lesion of 5 mm or more is marked: %lld of %lld (%s)",
                          (long long)done->complete, (long long)done->with_lesions,
                          bounds(c, done->low, done->high, 2)));
}

/* Long names go on in a line of their own. */
static void print_name(const char *name)
{
    if (strlen(name) <= NAME_WIDTH - 2)
        printf("  %-*s", NAME_WIDTH - 2, name);
    else
        printf("  %s\n%*s", name, NAME_WIDTH, "");
}

static void print_strata(cli *c, const rs_evaluation *e, int width)
{
    const char *by = "";
    if (e->n_strata > 0)
        printf("\nSensitivity by kind of lesion\n%*s%5s %-17s%5s%5s%5s%5s\n", NAME_WIDTH, "", "n", "at the point", "1",
               "2", "4", "8");
    for (int s = 0; s < e->n_strata; s++) {
        const rs_stratum *t = &e->strata[s];
        if (strcmp(by, t->by) != 0 && strcmp(t->by, "all") != 0) printf("by %s\n", cli_clean(c, t->by));
        by = t->by;
        print_name(cli_words(c, cli_clean(c, t->name)));
        printf("%5lld %-17s", (long long)t->n, share(c, t->at_point, t->at_point_low, t->at_point_high));
        for (int a = 0; a < 4; a++)
            printf("%5s", number(c, t->at[a], 2));
        printf("\n");
    }
    if (e->n_strata > 0)
        cli_wrap(
            stdout, 2, 4, width,
            "1, 2, 4, 8: the most marks that make no more than so many false ones a scan, without the lines "
            "between points that the table above draws; a hit lies within half the diameter, or 3 mm where that is "
            "more");
}

static void print_measured(cli *c, const rs_evaluation *e, int width)
{
    const char *by = "all";
    bool any = false;
    for (int m = 0; m < e->n_measured; m++)
        any |= e->measured[m].n_fit > 0 || e->measured[m].n_decided > 0;
    if (!any) return;
    printf("\nSizes of what was found (mark minus truth, mm)\n%*s%5s %6s  %-15s%6s%7s\n", NAME_WIDTH, "", "fits",
           "bias", "agreement", "fit", "low to");
    printf("%*s%5s %6s  %-15s%6s%7s\n", NAME_WIDTH, "", "", "", "", "covers", "high");
    for (int i = 0; i < e->n_measured; i++) {
        const rs_measured *m = &e->measured[i];
        if (strcmp(by, m->by) != 0) printf("by %s\n", cli_clean(c, m->by));
        by = m->by;
        print_name(cli_words(c, cli_clean(c, m->name)));
        printf("%5lld %6s  %-15s%6s%7s\n", (long long)m->n_fit, number(c, m->bias_mm, 2),
               bounds(c, m->agreement_low_mm, m->agreement_high_mm, 2), number(c, m->fit_coverage, 2),
               number(c, m->decided_coverage, 2));
    }
    const rs_measured *all = &e->measured[0];
    cli_wrap(stdout, 2, 4, width,
             cli_text(c,
                      "size classes above or below 5 mm: %lld, of which %lld are not the truth's; near 5 mm %lld, "
                      "indeterminate %lld",
                      (long long)all->definite, (long long)all->wrong, (long long)all->near,
                      (long long)all->indeterminate));
}

static void print_calibration(cli *c, const rs_evaluation *e, int width)
{
    const rs_calibration *k = &e->calibration;
    if (k->n == 0) return;
    printf("\n");
    cli_wrap(stdout, 0, 2, width,
             cli_text(c,
                      "P against what it was, %lld marks of P 0.05 and more: mean error %s, slope %s (1 is right), "
                      "Brier %s",
                      (long long)k->n, number(c, k->error, 3), number(c, k->slope, 2), number(c, k->brier, 3)));
}

void cli_print_evaluation(cli *c, const rs_evaluation *e)
{
    const int width = cli_width();
    print_kinds(e, width);
    print_scores(c, e);
    print_point(c, e, width);
    print_strata(c, e, width);
    print_measured(c, e, width);
    print_calibration(c, e, width);
    printf("\nResearch use; not a medical device.\n");
}
