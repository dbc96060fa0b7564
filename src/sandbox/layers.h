/* What a worker gives up before it sees a byte of a file. */
#ifndef SANDBOX_LAYERS_H
#define SANDBOX_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct layers {
    bool limits, landlock, seccomp;
    char missing[320];   /* "landlock (why), …"; "": nothing */
    uint64_t rest_bytes; /* address space at rest; 0: memory is not limited */
} layers;

/** True under a sanitizer or valgrind, which need what a worker gives up: then memory and system calls are left alone.
 */
bool layers_watched(void);

/** Gives up what it can; what the machine does not offer is named. Irreversible. */
void layers_enter(layers *out);

/** Limits the memory and the CPU time of the next file. */
void layers_arm(const layers *l, uint64_t memory, int seconds);

/** The file is done: no clock runs. */
void layers_disarm(void);

#endif
