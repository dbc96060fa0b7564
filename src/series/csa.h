/* Numbers out of the header that Siemens keeps in a private element. */
#ifndef SERIES_CSA_H
#define SERIES_CSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The leading numbers of the entry with this name, at most `most`; returns how many, 0 for damaged bytes, too. */
int csa_numbers(const uint8_t *bytes, size_t n_bytes, const char *name, double *out, int most);

#endif
