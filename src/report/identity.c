/* Who was scanned: the header texts of the series that was searched, made readable. Only with identity "full"; no log,
   table or list of marks ever has them. */
#include "builder.h"

#include <string.h>

#include "restage/text.h"

bool rs_builder_names_patient(const rs_builder *b)
{
    return !b->input->identity || strcmp(b->input->identity, "full") == 0;
}

const rs_series *rs_builder_who(const rs_builder *b)
{
    const rs_report_input *input = b->input;
    for (int c = 0; c < input->n_cases; c++) {
        if (input->cases[c].series) return input->cases[c].series;
    }
    return input->n_series > 0 ? input->series[0] : NULL;
}

/* Without the blanks that pad DICOM texts; NULL for nothing. */
static const char *trimmed(rs_builder *b, const char *text)
{
    if (!text) return NULL;
    while (*text == ' ')
        text++;
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ')
        n--;
    return n ? rs_builder_say(b, "%.*s", (int)n, text) : NULL;
}

/* Component of a group of a person name (PS3.5 6.2.1.2): family, given, middle, prefix, suffix. */
static const char *component(rs_builder *b, const char *group, size_t bytes, int which)
{
    const char *at = group, *end = group + bytes;
    for (; which > 0; which--) {
        at = memchr(at, '^', (size_t)(end - at));
        if (!at) return NULL;
        at++;
    }
    const char *stop = memchr(at, '^', (size_t)(end - at));
    return trimmed(b, rs_builder_say(b, "%.*s", (int)((stop ? stop : end) - at), at));
}

static const char *joined(rs_builder *b, const char *before, const char *between, const char *behind)
{
    if (!before || !behind) return before ? before : behind;
    return rs_builder_say(b, "%s%s%s", before, between, behind);
}

/* "Family, Prefix Given Middle, Suffix", between: ", "; NULL where the group says nothing. */
static const char *readable_group(rs_builder *b, const char *group, size_t bytes, const char *between)
{
    const char *called = joined(b, component(b, group, bytes, 3), " ", component(b, group, bytes, 1));
    called = joined(b, called, " ", component(b, group, bytes, 2));
    called = joined(b, called, ", ", component(b, group, bytes, 4));
    return joined(b, component(b, group, bytes, 0), between, called);
}

/* The alphabetic group, the ideographic one in brackets behind it; the phonetic one only where it stands alone (PS3.5
   6.2.1.1). */
static const char *readable_name(rs_builder *b, const char *name)
{
    const char *group[3] = {NULL};
    for (int g = 0; name && g < 3; g++) {
        size_t bytes = strcspn(name, "=");
        group[g] = readable_group(b, name, bytes, g == 0 ? ", " : " ");
        name = name[bytes] == '=' ? name + bytes + 1 : NULL;
    }
    if (group[0] && group[1]) return rs_builder_say(b, "%s (%s)", group[0], group[1]);
    return group[0] ? group[0] : group[1] ? group[1] : group[2];
}

static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

/* DA is YYYYMMDD, of old YYYY.MM.DD (PS3.5 table 6.2-1). NULL for anything else. */
static const char *readable_date(rs_builder *b, const char *text)
{
    bool dots = strlen(text) == 10 && text[4] == '.' && text[7] == '.';
    if (!dots && strlen(text) != 8) return NULL;
    int year = digits(text, 4), month = digits(text + (dots ? 5 : 4), 2), day = digits(text + (dots ? 8 : 6), 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return NULL;
    return rs_builder_say(b, "%04d-%02d-%02d", year, month, day);
}

/* Keeps a text that is what DICOM asks for; else says so, quoting it (reporting B.1). */
static const char *checked(rs_builder *b, const char *text, const char *valid, const char *what)
{
    if (!text || valid) return valid;
    rs_builder_limit(
        b, "header_invalid", NULL,
        rs_builder_say(b, "The %s in the header is none that DICOM knows, and is left out: '%.64s'", what, text));
    return NULL;
}

static const char *known_sex(const char *text)
{
    static const char *const codes[] = {"M", "F", "O"};
    for (size_t c = 0; text && c < sizeof codes / sizeof codes[0]; c++) {
        if (strcmp(text, codes[c]) == 0) return codes[c];
    }
    return NULL;
}

static const char *date_of(rs_builder *b, const char *text, const char *what)
{
    const char *date = trimmed(b, text);
    return checked(b, date, date ? readable_date(b, date) : NULL, what);
}

const char *rs_builder_scan_date(rs_builder *b)
{
    const rs_series *series = rs_builder_who(b);
    const char *date = series ? trimmed(b, series->study_date) : NULL;
    return date ? readable_date(b, date) : NULL;
}

void rs_build_identity(rs_builder *b)
{
    rs_report_identity *out = &b->report->identity;
    const rs_series *series = rs_builder_who(b);
    if (!rs_builder_names_patient(b)) {
        rs_build_other_identity(b, series);
        return;
    }
    *out = (rs_report_identity){.mode = "full"};
    if (!series) {
        out->reason = rs_builder_keep(b, "there is no series to name the patient by");
        return;
    }
    const char *sex = trimmed(b, series->patient_sex);
    out->patient_name = trimmed(b, series->patient_name);
    out->patient_name_text = readable_name(b, out->patient_name);
    out->patient_id = trimmed(b, series->patient_id);
    out->issuer_of_patient_id = trimmed(b, series->issuer_of_patient_id);
    out->accession_number = trimmed(b, series->accession_number);
    out->birth_date = date_of(b, series->patient_birth_date, "birth date");
    out->study_date = date_of(b, series->study_date, "study date");
    out->sex = checked(b, sex, known_sex(sex), "sex");
    const rs_fact facts[] = {
        {"patient's name", out->patient_name},
        {"patient ID", out->patient_id},
        {"issuer of the ID", out->issuer_of_patient_id},
        {"birth date", out->birth_date},
        {"sex", out->sex},
        {"study date", out->study_date},
        {"accession number", out->accession_number},
    };
    out->reason = rs_builder_missing(b, "the header does not give", facts, sizeof facts / sizeof facts[0]);
    if (!out->reason && !out->patient_name_text) out->reason = rs_builder_keep(b, "the name has no letters");
}
