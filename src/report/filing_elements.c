/* The header of the objects: each element as its row of filing.def and the identity asked for say. */
#include "filing.h"

#include <string.h>

typedef enum rs_filing_group { CHARSET, KEY, LINK, TYPE2, TYPE3, FRAME } rs_filing_group;

typedef struct filing_row {
    uint32_t tag;
    const char *name;
    int form;
    rs_filing_group group;
} filing_row;

static const filing_row rows[] = {
#define X(tag, name, form, group) {tag, name, RS_FORM_##form, group},
#include "filing.def"
#undef X
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

enum {
    TAG_STUDY_DATE = 0x00080020,
    TAG_PATIENT_ID = 0x00100020,
    TAG_STUDY_UID = 0x0020000d,
    TAG_FRAME_UID = 0x00200052
};

static bool is_plain(const rs_report_element *element)
{
    for (int32_t i = 0; i < element->n_bytes; i++)
        if (element->bytes[i] >= 0x80 || element->bytes[i] == 0x1b) return false;
    return true;
}

static bool stands(const rs_report_filed *filed, uint32_t tag, int *at)
{
    for (*at = 0; *at < filed->n_elements; ++*at)
        if (filed->elements[*at].tag == tag) return true;
    return false;
}

/* -1 where it is missing or empty. */
static int find(const rs_report_filed *filed, uint32_t tag)
{
    int at;
    return stands(filed, tag, &at) && filed->elements[at].n_bytes > 0 ? at : -1;
}

static void add(rs_builder *b, rs_report_filing *out, rs_report_element *list, uint32_t tag, const void *bytes,
                int32_t n_bytes)
{
    uint8_t *copy = NULL;
    if (n_bytes > 0) {
        copy = rs_arena_copy(b->arena, bytes, (size_t)n_bytes, 1);
        if (!copy) b->failed = true;
    }
    list[out->n_elements++] = (rs_report_element){tag, copy, copy ? n_bytes : 0};
}

static void tell_invalid(rs_builder *b, const filing_row *row, const char *text, bool is_key)
{
    rs_builder_limit(
        b, "header_invalid", NULL,
        is_key ? rs_builder_say(b,
                                "The header's %s is not as DICOM asks; the DICOM objects carry it as it stands, so "
                                "that they are filed with its study: '%.64s'",
                                row->name, text)
               : rs_builder_say(b, "The header's %s is not as DICOM asks, and the DICOM objects leave it out: '%.64s'",
                                row->name, text));
}

/* With identity "full": what the source has, where it may stand. */
static void add_source(rs_builder *b, const rs_report_filed *filed, const filing_row *row, bool any_text,
                       rs_report_filing *out, rs_report_element *list)
{
    int e = find(filed, row->tag);
    /* The name of the character set goes with the bytes that it explains, even where nobody knows it. */
    const bool is_key =
        row->group == KEY || row->group == LINK || row->group == FRAME || (row->group == CHARSET && any_text);
    if (e < 0) {
        const bool empty = row->group == TYPE3 && stands(filed, row->tag, &e);
        if (empty || row->group == KEY || row->group == TYPE2) add(b, out, list, row->tag, NULL, 0);
        return;
    }
    const rs_report_element *element = &filed->elements[e];
    const bool valid = rs_filing_is_valid(row->form, filed->texts[e], element->n_bytes);
    if (!valid) tell_invalid(b, row, filed->texts[e], is_key);
    if (valid || is_key)
        add(b, out, list, row->tag, element->bytes, element->n_bytes);
    else if (row->group == TYPE2)
        add(b, out, list, row->tag, NULL, 0);
}

/* With another identity: what replaces it, else nothing (PS3.15 E.1). */
static void add_replaced(rs_builder *b, const rs_series *series, const filing_row *row, rs_report_filing *out,
                         rs_report_element *list)
{
    const char *text = NULL;
    if (row->tag == TAG_PATIENT_ID) text = rs_builder_pseudonym(b, series);
    if (row->tag == TAG_STUDY_DATE) text = rs_builder_shifted_date(b, series);
    if (row->tag == TAG_STUDY_UID) text = rs_builder_uid(b, series->study_instance_uid);
    if (row->tag == TAG_FRAME_UID) text = rs_builder_uid(b, series->frame_of_reference_uid);
    if (text || row->group == KEY || row->group == TYPE2)
        add(b, out, list, row->tag, text, text ? (int32_t)strlen(text) : 0);
}

/* Texts that nobody can read for sure go on byte for byte, without a character set of our invention. */
static void tell_charset(rs_builder *b, const rs_report_filed *filed, bool any_text)
{
    bool lost = false;
    for (int e = 0; e < filed->n_elements; e++)
        lost = lost || strstr(filed->texts[e], "\xef\xbf\xbd");
    if (any_text && find(filed, rows[0].tag) < 0)
        rs_builder_limit(b, "header_charset", NULL,
                         "The header's texts hold characters beyond ASCII, but it names no character set: the DICOM "
                         "objects carry them byte for byte, and they are shown as '?'");
    else if (lost)
        rs_builder_limit(b, "header_charset", NULL,
                         "The header's texts hold bytes that its character set does not have: the DICOM objects carry "
                         "them byte for byte, and they are shown as '?'");
}

void rs_filing_elements(rs_builder *b, const rs_report_filed *filed, rs_report_filing *out)
{
    rs_report_element *list = RS_BUILDER_TABLE(b, rs_report_element, N_ROWS);
    bool any_text = false;
    if (!list) return;
    for (int e = 0; e < filed->n_elements; e++)
        any_text = any_text || !is_plain(&filed->elements[e]);
    out->elements = list;
    for (int r = 0; r < N_ROWS; r++) {
        if (rs_builder_names_patient(b))
            add_source(b, filed, &rows[r], any_text, out, list);
        else
            add_replaced(b, filed->series, &rows[r], out, list);
    }
    if (rs_builder_names_patient(b)) tell_charset(b, filed, any_text);
}
