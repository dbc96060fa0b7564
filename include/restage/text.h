/* Text and numbers without locale. */
#ifndef RESTAGE_TEXT_H
#define RESTAGE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As vsnprintf, with a decimal point in any locale; always terminated; returns what vsnprintf returns. */
RS_API int rs_text_vformat(char *out, size_t size, const char *format, va_list arguments);

/** As snprintf, with a decimal point in any locale. */
RS_API int rs_text_format(char *out, size_t size, const char *format, ...) RS_PRINTF(3, 4);

/**
 * Parses a whole text as a decimal number: optional blanks around it, sign, digits, point, exponent (DICOM DS grammar).
 *
 * returns  false for anything else (comma, hex, nan, inf, junk behind it, out of the range of double); *out untouched
 */
RS_API bool rs_text_real(const char *text, double *out);

/** The same for a whole decimal integer (DICOM IS grammar). */
RS_API bool rs_text_integer(const char *text, int64_t *out);

/** Rounds half away from zero to 0 … 9 decimals: the one rounding of every printed number; -0 becomes 0. */
RS_API double rs_round_decimals(double value, int decimals);

/** Edit distance of two words (insert, delete, replace, swap of neighbours), for "did you mean"; at most 64 letters. */
RS_API int rs_text_distance(const char *a, const char *b);

/** Copies text with control characters and broken UTF-8 replaced by '?'; always terminated. */
RS_API void rs_text_printable(char *out, size_t size, const char *text);

#ifdef __cplusplus
}
#endif
#endif
