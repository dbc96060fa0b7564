/* The process that forks the workers: small, of one thread, with the DICOM library set up. */
#ifndef SANDBOX_TEMPLATE_H
#define SANDBOX_TEMPLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "wire.h"

enum { SANDBOX_SLOTS = 64 }; /* workers at most; threads beyond share them */

typedef struct template_slot {
    int socket, memory; /* the worker's end, and the memory that it shares with the program */
    uint64_t serial;    /* of the worker */
    pid_t pid;          /* 0: no worker */
    bool timed_out;     /* it was killed for its time */
    bool untold;        /* notice waits for room in the socket */
    wire_notice notice;
} template_slot;

/* What a worker does with an open file: rs_dicom_file_pixels, or a test's misbehaviour. */
typedef rs_status (*worker_decoder)(rs_context *ctx, rs_dicom_file *file, int32_t first, int32_t n_frames,
                                    rs_dicom_pixels *out);

typedef struct template_job {
    const rs_context *ctx; /* for its limits */
    worker_decoder decoder;
    int control;
    int n_slots;
    template_slot slot[SANDBOX_SLOTS];
} template_job;

/** The template's whole life: follows orders until the program closes its end, then ends every worker and itself. */
_Noreturn void template_run(template_job *job);

/** A worker's whole life; the slot's socket and memory are all that it holds of the system. */
_Noreturn void worker_run(const template_job *job, const template_slot *slot, pid_t template_pid);

/** Closes every descriptor above 2 but those kept. */
void template_close_others(int *keep, int n);

#endif
