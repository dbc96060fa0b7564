/* What the writers of this room share. */
#ifndef PACKET_PRINT_H
#define PACKET_PRINT_H

#include "packet.h"
#include "restage/json.h"

/** A number of the report, null for NaN. */
void rs_print_number(rs_json *object, const char *key, double value);
/** A whole number that is never negative; null where it is. */
void rs_print_count(rs_json *object, const char *key, int64_t value);

/** Numbers of the report as an array, null for NaN. */
rs_json *rs_print_numbers(const double *values, int n);

/** One entry of marks[]. */
rs_json *rs_print_mark(const rs_report_mark *mark);

/** criteria[] and blanks[]. */
rs_json *rs_print_criteria(const rs_report *report);
rs_json *rs_print_blanks(const rs_report *report);

/** context (NULL: none was given), previous, review and filing. */
rs_json *rs_print_context(const rs_report_context *context);
rs_json *rs_print_previous(const rs_report_previous *previous);
rs_json *rs_print_reviewed(const rs_report_previous *previous);
rs_json *rs_print_filing(const rs_report_filing *filing);

/** Prints a tree into a file of the folder, and frees it. */
rs_status rs_print_json(rs_context *ctx, rs_json *root, rs_folder *folder, const char *file_name);

/** done.json, from the files that lie in the folder. */
rs_status rs_write_done(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                        const rs_packet_facts *facts, rs_folder *folder);

#endif
