/* What a packet must hold: the files that done.json names, the lesions that truth.json knows, no name under
   --identity none. */
#include "selftest.h"

#include <stdlib.h>
#include <string.h>

#include "restage/files.h"

#define FILE_LIMIT ((size_t)64 << 20)

enum { SURE_TENTHS_MM = 60 }; /* free lesions from here up are never missed (science E1) */
static const double fit_slack_mm = 0.5;

static rs_status read_file(selftest *t, const char *packet, const char *name, uint8_t **data, size_t *bytes)
{
    return rs_file_read(t->c->ctx, t->c->arena, cli_text(t->c, "%s/%s/%s", t->folder, packet, name), FILE_LIMIT, false,
                        data, bytes);
}

static rs_status read_json(selftest *t, const char *folder, const char *name, rs_json **out)
{
    uint8_t *data;
    size_t bytes;
    RS_TRY(read_file(t, folder, name, &data, &bytes));
    return rs_json_parse(t->c->ctx, (const char *)data, bytes, out);
}

/* The files that done.json names: end *done with rs_json_free. */
static rs_status open_done(selftest *t, const char *packet, rs_json **done, const rs_json **files)
{
    RS_TRY(read_json(t, packet, "done.json", done));
    *files = rs_json_get(*done, "files");
    if (rs_json_size(*files) > 0) return RS_OK;
    rs_json_free(*done);
    return rs_fail(t->c->ctx, RS_DEFECT, "done.json of a packet names no files");
}

static const char *file_name(const rs_json *files, int i)
{
    const char *name = rs_json_text(rs_json_get(rs_json_at(files, i), "name"));
    return name != NULL ? name : "";
}

static rs_status check_sizes(selftest *t, const rs_json *files)
{
    for (int i = 0; i < rs_json_size(files); i++) {
        uint8_t *data;
        size_t bytes;
        int64_t said = -1;
        const char *name = file_name(files, i);
        RS_TRY(read_file(t, "packet", name, &data, &bytes));
        if (!rs_json_integer(rs_json_get(rs_json_at(files, i), "bytes"), &said) || said != (int64_t)bytes || said == 0)
            return rs_fail(t->c->ctx, RS_DEFECT, "done.json says that %s has %lld bytes, and it has %zu", name,
                           (long long)said, bytes);
    }
    return RS_OK;
}

rs_status selftest_packet(selftest *t, const char **detail)
{
    rs_json *done, *report = NULL;
    const rs_json *files;
    RS_TRY(open_done(t, "packet", &done, &files));
    rs_status status = check_sizes(t, files);
    int n = rs_json_size(files), n_masks = 0;
    for (int i = 0; i < n; i++)
        n_masks += strncmp(file_name(files, i), "masks/", 6) == 0;
    rs_json_free(done);
    RS_TRY(status);
    if (n_masks == 0) return rs_fail(t->c->ctx, RS_DEFECT, "masks were asked for, and the packet has none");
    RS_TRY(read_json(t, "packet", "report.json", &report));
    int marks = rs_json_size(rs_json_get(report, "marks"));
    rs_json_free(report);
    if (marks != rs_run_result_report(t->result)->n_marks)
        return rs_fail(t->c->ctx, RS_DEFECT, "report.json has %d marks, and the line made %d", marks,
                       rs_run_result_report(t->result)->n_marks);
    *detail = cli_text(t->c, "%d files with done.json, each as long as that says; %d of them masks", n + 1, n_masks);
    return RS_OK;
}

/* --- lesions ---------------------------------------------------------------------------------------------------- */

static bool read_position(const rs_json *array, double out[3])
{
    for (int a = 0; a < 3; a++)
        if (!rs_json_real(rs_json_at(array, a), &out[a])) return false;
    return true;
}

typedef struct lesion {
    double lps_mm[3], diameter_mm;
} lesion;

/* True within the lesion's radius. */
static bool is_at(const lesion *l, const double lps_mm[3])
{
    double sum = 0.0;
    for (int a = 0; a < 3; a++)
        sum += (lps_mm[a] - l->lps_mm[a]) * (lps_mm[a] - l->lps_mm[a]);
    return sum <= 0.25 * l->diameter_mm * l->diameter_mm;
}

/* True for a lesion that is solid, free and large enough to be asked for. */
static bool is_sure(const rs_json *row, lesion *out)
{
    const char *aimed = rs_json_text(rs_json_get(row, "aimed"));
    const char *density = rs_json_text(rs_json_get(row, "density"));
    return aimed != NULL && strcmp(aimed, "free") == 0 && density != NULL && strcmp(density, "solid") == 0 &&
           read_position(rs_json_get(row, "lps_mm"), out->lps_mm) &&
           rs_json_real(rs_json_get(row, "equivalent_mm"), &out->diameter_mm) &&
           out->diameter_mm >= 0.1 * SURE_TENTHS_MM;
}

static bool is_candidate(const rs_report *report, const lesion *l)
{
    for (int i = 0; i < report->n_candidates; i++)
        if (is_at(l, report->candidates[i].lps_mm)) return true;
    return false;
}

/* The interval of the mark at the lesion, if there is one, holds its diameter; *off: how far fit_mm lies from it. */
static rs_status check_size(selftest *t, const rs_json *marks, const lesion *l, bool *marked, double *off)
{
    *marked = false;
    for (int i = 0; i < rs_json_size(marks); i++) {
        const rs_json *mark = rs_json_at(marks, i), *size = rs_json_get(mark, "size");
        double lps_mm[3], fit, low, high;
        if (!read_position(rs_json_get(mark, "position_lps_mm"), lps_mm) || !is_at(l, lps_mm)) continue;
        *marked = true;
        if (!rs_json_real(rs_json_get(size, "fit_mm"), &fit) || !rs_json_real(rs_json_get(size, "fit_low_mm"), &low) ||
            !rs_json_real(rs_json_get(size, "fit_high_mm"), &high))
            return rs_fail(t->c->ctx, RS_DEFECT, "a free lesion of %.1f mm was found and not measured", l->diameter_mm);
        if (l->diameter_mm < low - fit_slack_mm || l->diameter_mm > high + fit_slack_mm)
            return rs_fail(t->c->ctx, RS_DEFECT, "a free lesion of %.1f mm was measured as %.1f to %.1f mm",
                           l->diameter_mm, low, high);
        *off = fit > l->diameter_mm ? fit - l->diameter_mm : l->diameter_mm - fit;
        return RS_OK;
    }
    return RS_OK;
}

static rs_status compare(selftest *t, const rs_json *lesions, const rs_json *marks, const char **detail)
{
    int n = 0, n_marked = 0;
    double worst = 0.0;
    for (int i = 0; i < rs_json_size(lesions); i++) {
        lesion l;
        bool marked;
        double off = 0.0;
        if (!is_sure(rs_json_at(lesions, i), &l)) continue;
        if (!is_candidate(rs_run_result_report(t->result), &l))
            return rs_fail(t->c->ctx, RS_DEFECT, "a free lesion of %.1f mm is not among the candidates", l.diameter_mm);
        RS_TRY(check_size(t, marks, &l, &marked, &off));
        n++;
        n_marked += marked;
        worst = off > worst ? off : worst;
    }
    if (n_marked == 0) return rs_fail(t->c->ctx, RS_DEFECT, "none of %d free lesions from 6 mm up is a mark", n);
    *detail = cli_text(t->c, "%d free ones from 6 mm up found, %d marked, their fits at most %.1f mm off", n, n_marked,
                       worst);
    return RS_OK;
}

rs_status selftest_lesions(selftest *t, const char **detail)
{
    rs_json *truth, *report;
    RS_TRY(read_json(t, "scan", "truth.json", &truth));
    rs_status status = read_json(t, "packet", "report.json", &report);
    if (status == RS_OK) {
        status = compare(t, rs_json_get(truth, "lesions"), rs_json_get(report, "marks"), detail);
        rs_json_free(report);
    }
    rs_json_free(truth);
    return status;
}

/* --- the same bytes, and no name -------------------------------------------------------------------------------- */

static rs_status same_files(selftest *t, const rs_json *files)
{
    for (int i = 0; i < rs_json_size(files); i++) {
        uint8_t *a, *b;
        size_t n_a, n_b;
        const char *name = file_name(files, i);
        RS_TRY(read_file(t, "packet", name, &a, &n_a));
        RS_TRY(read_file(t, "packet-other", name, &b, &n_b));
        if (n_a != n_b || memcmp(a, b, n_a) != 0)
            return rs_fail(t->c->ctx, RS_DEFECT, "%s has other bytes with %d threads than with %d", name,
                           rs_context_threads(t->other), rs_context_threads(t->c->ctx));
    }
    return RS_OK;
}

rs_status selftest_threads(selftest *t, const char **detail)
{
    const rs_run_options options = {.masks = true};
    rs_json *done;
    const rs_json *files;
    const char *scan = cli_text(t->c, "%s/scan", t->folder), *packet = cli_text(t->c, "%s/packet-other", t->folder);
    cli_watch(t->other);
    rs_status status = rs_run_study(t->other, scan, packet, &options, NULL);
    cli_watch(t->c->ctx);
    if (status != RS_OK) return rs_fail(t->c->ctx, status, "%s", rs_context_message(t->other));
    RS_TRY(open_done(t, "packet", &done, &files));
    status = same_files(t, files);
    *detail = cli_text(t->c, "the same bytes in %d files with %d and with %d threads", rs_json_size(files),
                       rs_context_threads(t->other), rs_context_threads(t->c->ctx));
    rs_json_free(done);
    return status;
}

static bool holds(const uint8_t *data, size_t bytes, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    for (size_t at = 0; length > 0 && at + length <= bytes; at++)
        if (data[at] == (uint8_t)text[0] && memcmp(data + at, text, length) == 0) return true;
    return false;
}

/* "2011-04-05" as DICOM has it; NULL for NULL. */
static const char *dicom_date(selftest *t, const char *date)
{
    return date != NULL && strlen(date) == 10 ? cli_text(t->c, "%.4s%.2s%s", date, date + 5, date + 8) : NULL;
}

/* What one file of a packet has of name, ID and study date. */
typedef struct named {
    bool name, id, date;
} named;

static rs_status look_for_names(selftest *t, const char *packet, const char *file, named *out)
{
    const rs_report_identity *who = &rs_run_result_report(t->result)->identity;
    uint8_t *data;
    size_t bytes;
    RS_TRY(read_file(t, packet, file, &data, &bytes));
    *out = (named){.name = holds(data, bytes, who->patient_name) || holds(data, bytes, who->patient_name_text),
                   .id = holds(data, bytes, who->patient_id),
                   .date = holds(data, bytes, who->study_date) || holds(data, bytes, dicom_date(t, who->study_date))};
    return RS_OK;
}

/* Without this a packet that lost its names everywhere would pass for one without identity. */
static rs_status full_has_names(selftest *t)
{
    static const char *const files[] = {"report.json", "report.html"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        named has;
        RS_TRY(look_for_names(t, "packet", files[i], &has));
        if (!has.name || !has.id || !has.date)
            return rs_fail(t->c->ctx, RS_DEFECT, "%s lacks the patient's %s although --identity is full", files[i],
                           !has.name ? "name"
                           : !has.id ? "ID"
                                     : "study date");
    }
    return RS_OK;
}

static rs_status no_names(selftest *t, const rs_json *files)
{
    for (int i = 0; i <= rs_json_size(files); i++) {
        const char *name = i < rs_json_size(files) ? file_name(files, i) : "done.json";
        named has;
        RS_TRY(look_for_names(t, "packet-none", name, &has));
        if (has.name || has.id || has.date)
            return rs_fail(t->c->ctx, RS_DEFECT, "%s names the patient although --identity none was asked for", name);
    }
    return RS_OK;
}

rs_status selftest_identity(selftest *t, const char **detail)
{
    const rs_run_options options = {.masks = true, .identity = "none"};
    rs_json *done;
    const rs_json *files;
    RS_TRY(full_has_names(t));
    RS_TRY(rs_run_study(t->c->ctx, cli_text(t->c, "%s/scan", t->folder), cli_text(t->c, "%s/packet-none", t->folder),
                        &options, NULL));
    RS_TRY(open_done(t, "packet-none", &done, &files));
    rs_status status = no_names(t, files);
    *detail = cli_text(t->c, "no name, ID or study date in %d files under --identity none", rs_json_size(files) + 1);
    rs_json_free(done);
    return status;
}
