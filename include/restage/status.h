/* Status codes. Their values are the exit codes of the program (contract 2): main returns them unchanged. */
#ifndef RESTAGE_STATUS_H
#define RESTAGE_STATUS_H

#if defined(__GNUC__)
#define RS_API __attribute__((visibility("default")))
#define RS_MUST_USE __attribute__((warn_unused_result))
#define RS_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define RS_API
#define RS_MUST_USE
#define RS_PRINTF(text, first)
#endif

/* X(name, value, kind, meaning) */
#define RS_STATUS_TABLE(X)                                                                                             \
    X(OK, 0, "ok", "complete")                                                                                         \
    X(USAGE, 64, "usage", "wrong call")                                                                                \
    X(DATA, 65, "data", "input refused")                                                                               \
    X(NO_INPUT, 66, "no_input", "nothing to read")                                                                     \
    X(UNAVAILABLE, 69, "unavailable", "the other side is not there or said no")                                        \
    X(DEFECT, 70, "defect", "a defect of restage")                                                                     \
    X(CANT_CREATE, 73, "cant_create", "output exists or cannot be created")                                            \
    X(IO, 74, "io", "input or output error")                                                                           \
    X(AGAIN, 75, "again", "try again")                                                                                 \
    X(CANCELLED, 130, "cancelled", "interrupted")

typedef enum rs_status {
#define RS_STATUS_ENUM(name, value, kind, meaning) RS_##name = (value),
    RS_STATUS_TABLE(RS_STATUS_ENUM)
#undef RS_STATUS_ENUM
        RS_NO_MEMORY = RS_AGAIN /* out of memory is worth another try (contract 2) */
} rs_status;

#ifdef __cplusplus
extern "C" {
#endif

/** One word for a status ("data", "io", …), for programs; static; "unknown" for a value outside the table. */
RS_API const char *rs_status_kind(rs_status status);

/** What a status means in a few words, for people; static. */
RS_API const char *rs_status_meaning(rs_status status);

#ifdef __cplusplus
}
#endif

/* Passes a failure up, adding nothing: the sentence was written where the fact was known. */
#define RS_TRY(call)                                                                                                   \
    do {                                                                                                               \
        rs_status rs_try_status_ = (call);                                                                             \
        if (rs_try_status_ != RS_OK) return rs_try_status_;                                                            \
    } while (0)

/* A broken invariant: reports file and line, returns RS_DEFECT. */
#define RS_CHECK(ctx, condition)                                                                                       \
    do {                                                                                                               \
        if (!(condition)) return rs_fail_check((ctx), #condition, __FILE__, __LINE__);                                 \
    } while (0)

#endif
