/* The parts of filing.c: elements of the header, UIDs of the objects. */
#ifndef REPORT_FILING_H
#define REPORT_FILING_H

#include "builder.h"

/** The elements to write, by the rules of filing.def; what was invalid becomes a limitation. */
void rs_filing_elements(rs_builder *b, const rs_report_filed *filed, rs_report_filing *out);

/**
 * Digest and UIDs of the packet. An earlier packet that is of this very run counts as none: report->previous is emptied
 * then.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_filing_uids(rs_builder *b, const rs_series *series, rs_report_filing *out);

/** Is this text, as UTF-8, what its form asks for (PS3.5 6.2)? bytes: of the value with its pad byte. */
bool rs_filing_is_valid(int form, const char *text, int32_t n_bytes);

#define RS_FILING_FORMS(X)                                                                                             \
    X(CHARSETS) X(DATE) X(TIME) X(SHORT) X(LONG) X(LONGS) X(NAME) X(NAMES) X(SEX) X(AGE) X(DECIMAL) X(UID)

enum rs_filing_form {
#define RS_FILING_FORM(name) RS_FORM_##name,
    RS_FILING_FORMS(RS_FILING_FORM)
#undef RS_FILING_FORM
};

#endif
