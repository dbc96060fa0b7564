/* What a run knows of an earlier packet of its study. */
#ifndef REPORT_EARLIER_H
#define REPORT_EARLIER_H

#include <stdbool.h>

/* A mark of the earlier packet. */
typedef struct rs_previous_mark {
    const char *id, *tracking_uid;
    double lps_mm[3], diameter_mm;       /* 0: it had no size */
    const char *verdict, *reader, *date; /* "none" and NULL: nobody reviewed it */
} rs_previous_mark;

/* The earlier packet, as its report.json has it, or its structured report alone; NULL where it had none. */
typedef struct rs_given_previous {
    const char *study_uid, *series_uid, *frame_of_reference_uid;
    const char *packet_digest, *created, *sr_uid, *sr_series_uid;
    const char *predecessor_uid; /* that its structured report names as the one before it; NULL: none, or not read */
    const rs_previous_mark *marks;
    int n_marks;
} rs_given_previous;

/** Is it a UID by PS3.5 9.1? */
bool rs_report_is_uid(const char *text);

#endif
