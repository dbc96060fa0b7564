/* Text cut into lines, whatever it is measured by. */
#ifndef PACKET_WRAP_H
#define PACKET_WRAP_H

#include <stddef.h>

/** Width of bytes of a text, in the unit of the line's. */
typedef double (*rs_measure)(void *by, const char *text, size_t bytes);

/**
 * The next line of a text: as many words as fit, a longer word cut between two characters; at least one character.
 *
 * text     UTF-8, not at its end; blanks before the first word are passed over
 * begin    where the line begins, behind those blanks
 * bytes    of the line, without the blanks at its end
 * returns  where the next line begins; its end where there is none
 */
const char *rs_wrap_next(const char *text, double width, rs_measure measure, void *by, const char **begin,
                         size_t *bytes);

/** Bytes of the UTF-8 character at text, 1 for a broken one; its code, 0xFFFD for a broken one. */
size_t rs_wrap_character(const char *text, unsigned *code);

#endif
