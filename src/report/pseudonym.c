/* The identities that name nobody: "none", and "pseudo", whose patient ID and dates can be made again by whoever holds
   the key. */
#include "builder.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "digest/digest.h"

/* HMAC of a use, the issuer and the patient ID; false where there is no ID, or not that identity. */
static bool keyed(rs_builder *b, const rs_series *series, const char *use, char hex[65])
{
    const rs_report_input *input = b->input;
    if (rs_builder_names_patient(b) || input->n_key == 0 || !series || !series->patient_id || !*series->patient_id)
        return false;
    const char *issuer = series->issuer_of_patient_id ? series->issuer_of_patient_id : "";
    const char *text = rs_arena_printf(b->arena, "%s\n%s\n%s", use, issuer, series->patient_id);
    rs_status status =
        text ? rs_hmac_sha256_hex(b->ctx, input->key, input->n_key, text, strlen(text), hex) : RS_NO_MEMORY;
    if (status != RS_OK) b->failed = true;
    return status == RS_OK;
}

const char *rs_builder_pseudonym(rs_builder *b, const rs_series *series)
{
    char hex[65];
    return keyed(b, series, "patient", hex) ? rs_builder_say(b, "%.32s", hex) : NULL;
}

/* Days from -365 to 365, never 0: the same for all studies of a patient. */
static bool shift_days(rs_builder *b, const rs_series *series, int *out)
{
    char hex[65], part[9];
    if (!keyed(b, series, "date", hex)) return false;
    memcpy(part, hex, 8);
    part[8] = 0;
    const int days = 1 + (int)(strtoul(part, NULL, 16) % 365);
    *out = hex[8] < '8' ? -days : days;
    return true;
}

const char *rs_builder_shifted_date(rs_builder *b, const rs_series *series)
{
    int days = 0;
    const char *text = series ? series->study_date : NULL;
    if (!text || strlen(text) != 8 || strspn(text, "0123456789") != 8 || !shift_days(b, series, &days)) return NULL;
    const long number = strtol(text, NULL, 10);
    struct tm day = {.tm_year = (int)(number / 10000) - 1900,
                     .tm_mon = (int)(number / 100 % 100) - 1,
                     .tm_mday = (int)(number % 100) + days};
    const time_t when = timegm(&day); /* which puts days beyond a month where they belong */
    struct tm shifted;
    if (!gmtime_r(&when, &shifted)) return NULL;
    return rs_builder_say(b, "%04d%02d%02d", shifted.tm_year + 1900, shifted.tm_mon + 1, shifted.tm_mday);
}

void rs_build_other_identity(rs_builder *b, const rs_series *series)
{
    rs_report_identity *out = &b->report->identity;
    const bool pseudo = b->input->n_key > 0;
    *out = (rs_report_identity){.mode = pseudo ? "pseudo" : "none"};
    if (!pseudo) {
        out->reason = rs_builder_keep(
            b, "the packet was made without identity: names, numbers, dates and descriptions of the headers are left "
               "out, and other UIDs stand for theirs; the scanner's manufacturer and model and the reconstruction "
               "kernel stay; whoever has the images can find out which they are; pictures show anatomy");
        return;
    }
    const char *date = rs_builder_shifted_date(b, series);
    out->patient_id = rs_builder_pseudonym(b, series);
    out->study_date = date ? rs_builder_say(b, "%.4s-%.2s-%s", date, date + 4, date + 6) : NULL;
    out->reason = rs_builder_say(
        b,
        "the packet was made with a pseudonym: names, numbers and descriptions of the headers are left out%s%s; the "
        "patient ID, the shifted study date and the UIDs were made with a key; the scanner's manufacturer and model "
        "and the reconstruction kernel stay; pictures show anatomy",
        out->patient_id ? "" : ", and the header has no patient ID",
        out->study_date ? "" : ", and no study date that could be shifted");
}
