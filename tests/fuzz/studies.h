/* A study opened and read as run does, and what must hold of it. */
#ifndef FUZZ_STUDIES_H
#define FUZZ_STUDIES_H

#include <stdbool.h>

void fuzz_study(const char *path, bool allow_partial);

#endif
