/* The text headers of MetaImage and NRRD: lines, numbers, the name of the file with the voxels. */
#ifndef FORMATS_HEADER_TEXT_H
#define FORMATS_HEADER_TEXT_H

#include "raw_file.h"

/* A line is cut into its two halves where the separator stands. */
typedef struct header_line {
    char *key, *value; /* without blanks around them; key "" where there is no separator, value then the whole line */
} header_line;

/**
 * Takes the next line off the text, which it changes.
 *
 * at        in and out: where the line begins; after it the first byte of the next one
 * end       of the text; *end is 0
 * returns   false: no line is left
 */
bool header_next_line(char **at, char *end, const char *separator, header_line *out);

/** Numbers separated by blanks or commas; "nan" is one, too. How many there were; -1: no number, or more than most. */
int header_numbers(const char *text, double *out, int most);

/** One whole number and nothing else. */
bool header_whole(const char *text, int64_t *out);

/** Same text, whatever the case of its letters. */
bool header_is(const char *text, const char *word);

/**
 * Sets file->path to a plain file name beside the header.
 *
 * returns  RS_OK; RS_DATA (a path, "..", a list or a pattern of files); RS_NO_MEMORY
 */
RS_MUST_USE rs_status header_beside(rs_context *ctx, rs_arena *arena, const char *header_path, const char *name,
                                    raw_file *file);

/** True where this machine stores the highest byte first. */
bool header_machine_is_big(void);

#endif
