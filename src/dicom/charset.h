/* Text of a DICOM element as UTF-8, by SpecificCharacterSet (PS3.3 C.12.1.1.2, PS3.5 6.1). */
#ifndef DICOM_CHARSET_H
#define DICOM_CHARSET_H

#include <string>

/**
 * Converts by iconv(3): the library's own converter knows no code extensions here (reporting B.3).
 *
 * sets     SpecificCharacterSet, its values parted by '\\'; "" where the file has none
 * is_name  a person's name: '^' and '=' end what an escape sequence started, too
 * returns  UTF-8; bytes that stand for nothing in their set became U+FFFD
 */
std::string charset_to_utf8(const std::string &sets, const std::string &text, bool is_name);

#endif
