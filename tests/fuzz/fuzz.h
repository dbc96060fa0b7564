/* What the fuzz targets share: one context and arena for the life of the process, a file of the input's bytes, and a
   reader that takes numbers off the input's front. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"

/** The target: any bytes; returns 0. What must never happen ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

/** One thread, no log. Ends the process where there is no memory. */
rs_context *fuzz_context(void);

/** Empty at the start of each input. */
rs_arena *fuzz_arena(void);

/** A path in a folder of this process that is removed at its end; name NULL: the folder. */
const char *fuzz_path(const char *name);

/** Writes a file of fuzz_path. */
void fuzz_write(const char *name, const uint8_t *bytes, size_t n_bytes);

/** Ends the process with the sentence where a promise is broken. */
void fuzz_expect(bool holds, const char *sentence);

/* Bytes that are still to be taken. */
typedef struct fuzz_bytes {
    const uint8_t *at;
    size_t n;
} fuzz_bytes;

/** The next byte; 0 when all are gone. */
uint8_t fuzz_byte(fuzz_bytes *bytes);

/** The next 4 bytes as an unsigned number, and the next 8 as a double of any kind (NaN, infinities). */
uint32_t fuzz_u32(fuzz_bytes *bytes);
double fuzz_double(fuzz_bytes *bytes);

#endif
