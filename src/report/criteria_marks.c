/* Rows of the board's page that speak of marks: how many, where, how near to what. */
#include "criteria.h"

#include <string.h>

#include "restage/lesion.h"

static bool is(const char *text, const char *what)
{
    return text && strcmp(text, what) == 0;
}

/* Marks of one answer of an enumeration. */
typedef const char *(*trait_of)(const rs_report_mark *mark);

static const char *class_of(const rs_report_mark *mark)
{
    return mark->size.size_class;
}
static const char *side_of(const rs_report_mark *mark)
{
    return mark->side;
}
static const char *lobe_of(const rs_report_mark *mark)
{
    return mark->lobe;
}
static const char *attachment_of(const rs_report_mark *mark)
{
    return mark->attachment;
}
static const char *relation_of(const rs_report_mark *mark)
{
    return mark->bed.relation;
}
static const char *verdict_of(const rs_report_mark *mark)
{
    return mark->review.text;
}

/* value NULL: those whose trait is null */
static int count(const rs_builder *b, trait_of trait, const char *value)
{
    int n = 0;
    for (int m = 0; m < b->report->n_marks; m++) {
        const char *own = trait(&b->report->marks[m]);
        n += value ? is(own, value) : !own;
    }
    return n;
}

/* Codes whose words are not the code itself. */
static const struct {
    const char *code, *words;
} plain[] = {{"in_bed", "in bed"}, {"same_lobe", "same lobe"}, {"same_organ", "same organ"}, {"unknown", "not known"}};

static const char *words_of(const char *code)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (is(code, plain[i].code)) return plain[i].words;
    return code;
}

/* "left 3, right 1, not known 1" of the values that occur. */
static const char *spread(rs_builder *b, trait_of trait, const char *const *values, int n_values, const char *unknown)
{
    const char *text = NULL;
    for (int v = 0; v <= n_values; v++) {
        const char *value = v < n_values ? values[v] : NULL;
        int n = v < n_values || unknown ? count(b, trait, value) : 0;
        if (n > 0)
            text = rs_answer_join(b, text, ", ", rs_builder_say(b, "%s %d", value ? words_of(value) : unknown, n));
    }
    return text;
}

static const char *const sides[] = {"left", "right"};
static const char *const lobes[] = {"RUL", "RML", "RLL", "LUL", "LLL"};
static const char *const attachments[] = {"free", "vessel", "pleura", "fissure"};
static const char *const relations[] = {"in_bed", "margin", "same_lobe", "same_organ", "elsewhere", "unknown"};
static const char *const verdicts[] = {"reader: metastasis", "reader: other", "reader: not real", "reader: unsure"};
#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* "lobes not known (no method has been measured yet)" where no mark has one. */
static const char *lobes_text(rs_builder *b)
{
    const rs_report *report = b->report;
    if (report->n_marks == 0) return NULL;
    if (count(b, lobe_of, NULL) < report->n_marks) {
        const char *text = spread(b, lobe_of, lobes, COUNT(lobes), "not known");
        return rs_builder_say(b, "lobes: %s", text ? text : "not known");
    }
    const char *why = report->marks[0].lobe_reason;
    return rs_builder_say(b, "lobes not known%s%s%s", why ? " (" : "", why ? why : "", why ? ")" : "");
}

static const char *reviews_text(rs_builder *b)
{
    return spread(b, verdict_of, verdicts, COUNT(verdicts), NULL);
}

static int n_lobes(const rs_builder *b)
{
    int n = 0;
    for (int l = 0; l < COUNT(lobes); l++)
        n += count(b, lobe_of, lobes[l]) > 0;
    return n;
}

static void class_figures(rs_builder *b, rs_answer *answer)
{
    rs_answer_figure(answer, "marks", b->report->n_marks);
    for (rs_size_class code = RS_SIZE_BELOW_5MM; code <= RS_SIZE_INDETERMINATE; code++) {
        const char *name = rs_size_class_name(code);
        if (name) rs_answer_figure(answer, name, count(b, class_of, name));
    }
}

static int n_flagged(const rs_builder *b)
{
    int n = 0;
    for (int m = 0; m < b->report->n_marks; m++)
        n += b->report->marks[m].size.flagged;
    return n;
}

void rs_answer_number(rs_builder *b, rs_answer *answer)
{
    const rs_report *report = b->report;
    const double expected = report->distribution.expected_false_marks;
    if (!rs_answer_has_work(b)) return;
    const char *text = report->n_marks == 0 ? rs_builder_say(b, "%s. %s", report->marks_text, rs_answer_assessed(b))
                                            : rs_builder_say(b, "%s. %s", rs_answer_assessed(b), report->marks_text);
    const char *where = spread(b, side_of, sides, COUNT(sides), "side not known");
    text = rs_answer_join(b, text, "; ", rs_answer_join(b, where, "; ", lobes_text(b)));
    text = rs_answer_join(b, text, "; ", reviews_text(b));
    if (isfinite(expected))
        text = rs_builder_say(b, "%s. Expected false marks among these: %.2f", text, expected);
    else
        text = rs_builder_say(b, "%s. Expected false marks: not known (%s)", text, report->distribution.reason);
    answer->evidence = rs_builder_say(b,
                                      "%s. Trials took at most 3 to 5 lesions (ESTRO/EORTC 2020) or 1 to 5 "
                                      "(ESTRO-ASTRO 2020): quoted here, not compared",
                                      text);
    const int n_not_real = count(b, verdict_of, "reader: not real");
    const int n_above = report->n_marks - n_flagged(b);
    const char *counted = rs_answer_count(b, report->n_marks, "mark");
    if (report->n_marks == 0)
        answer->brief = rs_builder_keep(b, "no mark above the operating point");
    else if (n_not_real > 0) /* at most 12 words; the false marks to be expected stand beside the counts */
        answer->brief = rs_builder_say(b, "%s, %d called not real; %d above 5 mm, %d flagged", counted, n_not_real,
                                       n_above, n_flagged(b));
    else
        answer->brief = rs_builder_say(b, "%s, %d above 5 mm, %d flagged", counted, n_above, n_flagged(b));
    if (isfinite(expected) && n_not_real == 0)
        answer->brief = rs_builder_say(b, "%s; expected false marks %.2f", answer->brief, expected);
    class_figures(b, answer);
    rs_answer_figure(answer, "expected_false_marks", expected);
    for (int s = 0; s < COUNT(sides); s++)
        rs_answer_figure(answer, sides[s], count(b, side_of, sides[s]));
    rs_answer_figure(answer, "lobes", count(b, lobe_of, NULL) == 0 ? n_lobes(b) : (double)NAN);
    rs_answer_figure(answer, "reader_not_real", n_not_real);
}

/* "M01 12.3 mm (costal)" */
static const char *depth_text(rs_builder *b, const rs_report_mark *mark)
{
    if (!isfinite(mark->depth_to_pleura_mm)) return rs_builder_say(b, "%s not known", mark->id);
    return rs_builder_say(b, "%s %.1f mm (%s)", mark->id, mark->depth_to_pleura_mm,
                          mark->depth_basis ? mark->depth_basis : "surface not told");
}

static const char *depths_text(rs_builder *b)
{
    const char *text = NULL;
    int n = b->report->n_marks;
    for (int m = 0; m < n && m < RS_LISTED_MARKS; m++)
        text = rs_answer_join(b, text, ", ", depth_text(b, &b->report->marks[m]));
    return n > RS_LISTED_MARKS ? rs_builder_say(b, "%s and %d more", text, n - RS_LISTED_MARKS) : text;
}

static int depth_range(const rs_builder *b, double *least_mm, double *most_mm)
{
    int n = 0;
    *least_mm = *most_mm = (double)NAN;
    for (int m = 0; m < b->report->n_marks; m++) {
        double mm = b->report->marks[m].depth_to_pleura_mm;
        if (!isfinite(mm)) continue;
        *least_mm = n == 0 ? mm : fmin(*least_mm, mm);
        *most_mm = n == 0 ? mm : fmax(*most_mm, mm);
        n++;
    }
    return n;
}

static int n_sides(const rs_builder *b)
{
    return (count(b, side_of, "left") > 0) + (count(b, side_of, "right") > 0);
}

static const char *sides_word(const rs_builder *b)
{
    bool left = count(b, side_of, "left") > 0, right = count(b, side_of, "right") > 0;
    return left && right ? "left and right" : left ? "left" : right ? "right" : "side not known";
}

void rs_answer_removable(rs_builder *b, rs_answer *answer)
{
    double least_mm, most_mm;
    if (!rs_answer_has_work(b)) return;
    if (b->report->n_marks == 0) {
        answer->evidence = rs_builder_say(b, "No mark above the operating point. %s", rs_answer_assessed(b));
        answer->brief = rs_builder_keep(b, "no mark above the operating point");
        return;
    }
    int n_depths = depth_range(b, &least_mm, &most_mm);
    const char *where = spread(b, side_of, sides, COUNT(sides), "not known");
    const char *attached = spread(b, attachment_of, attachments, COUNT(attachments), "not known");
    answer->evidence =
        rs_builder_say(b,
                       "Marks by side: %s; %s. Depth to the pleura: %s. Attachment: %s. No vessel or airway of the "
                       "hilum was segmented, so no distance to one is given",
                       where, lobes_text(b), depths_text(b), attached);
    answer->brief = n_depths > 0
                        ? rs_builder_say(b, "%s; depth to pleura %.1f to %.1f mm", sides_word(b), least_mm, most_mm)
                        : rs_builder_say(b, "%s; depth to pleura not known", sides_word(b));
    rs_answer_figure(answer, "sides", count(b, side_of, NULL) == 0 ? n_sides(b) : (double)NAN);
    rs_answer_figure(answer, "lobes", count(b, lobe_of, NULL) == 0 ? n_lobes(b) : (double)NAN);
    rs_answer_figure(answer, "least_depth_to_pleura_mm", least_mm);
    rs_answer_figure(answer, "most_depth_to_pleura_mm", most_mm);
    rs_answer_figure(answer, "depth_not_known", b->report->n_marks - n_depths);
    for (int a = 0; a < COUNT(attachments); a++)
        rs_answer_figure(answer, attachments[a], count(b, attachment_of, attachments[a]));
}

/* The mark that lies nearest to a bed; NULL: no distance is known. */
static const rs_report_mark *nearest_to_bed(const rs_builder *b)
{
    const rs_report_mark *best = NULL;
    for (int m = 0; m < b->report->n_marks; m++) {
        const rs_report_mark *mark = &b->report->marks[m];
        if (!isfinite(mark->bed.distance_mm)) continue;
        if (!best || mark->bed.distance_mm < best->bed.distance_mm) best = mark;
    }
    return best;
}

/* Where no distance can be given: no bed, or no mark. */
static bool answered_without(rs_builder *b, const char *no_bed, rs_answer *answer)
{
    if (!b->bed_kinds) {
        answer->evidence = rs_builder_keep(b, no_bed);
        answer->brief = rs_builder_keep(b, "no place treated before was given");
    } else if (b->report->n_marks == 0) {
        answer->evidence = rs_builder_say(b, "No mark above the operating point. %s", rs_answer_assessed(b));
        answer->brief = rs_builder_keep(b, "no mark above the operating point");
    }
    return answer->evidence != NULL;
}

void rs_answer_local(rs_builder *b, rs_answer *answer)
{
    if (!rs_answer_has_work(b)) return;
    if (answered_without(b, "No place treated before was given, so no distance to it is known", answer)) return;
    const rs_report_mark *nearest = nearest_to_bed(b);
    const char *by_relation = spread(b, relation_of, relations, COUNT(relations), NULL);
    const char *near = nearest ? rs_builder_say(b, "; nearest: %s, %.1f mm (%s)", nearest->id, nearest->bed.distance_mm,
                                                words_of(nearest->bed.relation))
                               : "; no distance is known";
    answer->evidence = rs_builder_say(b,
                                      "Marks beside what was treated before (%s), as a person gave it: %s%s. In bed is "
                                      "up to 10 mm, margin over 10 to 20 mm",
                                      b->bed_kinds, by_relation, near);
    answer->brief = nearest ? rs_builder_say(b, "nearest mark %s, %.1f mm; in bed %d, margin %d", nearest->id,
                                             nearest->bed.distance_mm, count(b, relation_of, "in_bed"),
                                             count(b, relation_of, "margin"))
                            : rs_builder_keep(b, "no distance is known");
    for (int r = 0; r < COUNT(relations); r++)
        rs_answer_figure(answer, relations[r], count(b, relation_of, relations[r]));
    rs_answer_figure(answer, "nearest_mm", nearest ? nearest->bed.distance_mm : (double)NAN);
}

static bool is_near_bed(const rs_report_mark *mark)
{
    return is(mark->bed.relation, "in_bed") || is(mark->bed.relation, "margin");
}

/* "M01 3.1 mm (costal)" of the marks near a bed; how many there are, and the least distance. */
static const char *near_text(rs_builder *b, int *n, double *least_mm)
{
    const char *text = NULL;
    *n = 0;
    *least_mm = (double)NAN;
    for (int m = 0; m < b->report->n_marks; m++) {
        const rs_report_mark *mark = &b->report->marks[m];
        double mm = mark->depth_to_pleura_mm;
        if (!is_near_bed(mark)) continue;
        if (isfinite(mm)) *least_mm = isfinite(*least_mm) ? fmin(*least_mm, mm) : mm;
        if ((*n)++ < RS_LISTED_MARKS) text = rs_answer_join(b, text, ", ", depth_text(b, mark));
    }
    return *n > RS_LISTED_MARKS ? rs_builder_say(b, "%s and %d more", text, *n - RS_LISTED_MARKS) : text;
}

void rs_answer_margins(rs_builder *b, rs_answer *answer)
{
    double least_mm;
    int n;
    if (!rs_answer_has_work(b)) return;
    if (answered_without(b, "No place treated before was given, so no mark is known to lie near it", answer)) return;
    const char *text = near_text(b, &n, &least_mm), *counted = rs_answer_count(b, n, "mark");
    if (n == 0) {
        answer->evidence = rs_builder_keep(b, "No mark is known to lie within 20 mm of what was treated before");
        answer->brief = rs_builder_keep(b, "no mark known within 20 mm of the bed");
    } else {
        answer->evidence = rs_builder_say(b,
                                          "Marks within 20 mm of what was treated before, with their distance to the "
                                          "surface of the lung: %s. No other structure was segmented",
                                          text);
        answer->brief = isfinite(least_mm)
                            ? rs_builder_say(b, "%s near the bed; least distance to pleura %.1f mm", counted, least_mm)
                            : rs_builder_say(b, "%s near the bed; distances not known", counted);
    }
    rs_answer_figure(answer, "marks_near_bed", n);
    rs_answer_figure(answer, "least_distance_to_pleura_mm", least_mm);
}
