/* What the program, the template process and its workers tell each other: fixed-size messages over SOCK_SEQPACKET.
   Nothing that a worker says is believed unchecked: it may be in a hostile file's hands. */
#ifndef SANDBOX_WIRE_H
#define SANDBOX_WIRE_H

#include <stdint.h>

#include "dicom/dicom.h"

enum { WIRE_SENTENCE = 480 };

/* The program to a worker: decode. The file's bytes stand at 0 in the slot's memory, pixels go to out_at. */
typedef struct wire_request {
    uint64_t serial;                /* of this request */
    uint64_t file;                  /* the same number: the file that is open already */
    uint64_t n_bytes, out_at, span; /* span: all that the memory must reach */
    uint64_t memory;                /* bytes beyond what the worker takes at rest */
    int32_t seconds;                /* of CPU */
    int32_t first, n_frames;
} wire_request;

typedef enum wire_kind {
    WIRE_HELLO = 1, /* a worker is ready */
    WIRE_PIXELS,    /* a worker has decoded, or failed */
    WIRE_DIED       /* the template: the worker of this slot is gone */
} wire_kind;

typedef enum wire_end {
    WIRE_END_SIGNAL = 0, /* number says which */
    WIRE_END_CPU,
    WIRE_END_CALL, /* a system call that is not allowed */
    WIRE_END_EXIT, /* by itself */
    WIRE_END_NO_PROCESS,
    WIRE_END_STRANGE /* it was stopped for what it said */
} wire_end;

/* Plain numbers only: any byte may stand in it. */
typedef struct wire_notice {
    uint64_t serial; /* of the request that is answered; HELLO, DIED: of the worker */
    int32_t kind, status;
    char sentence[WIRE_SENTENCE]; /* of a failure; of a HELLO: what is missing */
    /* PIXELS */
    int64_t n;
    int32_t bytes, number, bits_stored;
    uint8_t big_endian, is_signed; /* 0: no */
    /* HELLO */
    uint8_t limits, landlock, seccomp;
    int32_t pid;
    /* DIED */
    int32_t end, signal;
} wire_notice;

typedef enum wire_order {
    WIRE_START = 1, /* fork a worker for the slot; one that is there is killed first, and no notice says so */
    WIRE_STOP       /* kill it: it used up its time */
} wire_order;

/* The program to the template. */
typedef struct wire_command {
    uint64_t serial; /* START: of the new worker */
    int32_t order, slot;
} wire_command;

#endif
