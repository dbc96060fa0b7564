/* One organ on one series on its way through the line: one pointer a product, one end of life. */
#ifndef PIPELINE_CASE_H
#define PIPELINE_CASE_H

#include "choose.h"
#include "restage/read.h"

typedef struct rs_case {
    rs_pick pick;
    rs_volume *volume;
    bool shares_volume; /* another case on the same series owns it */
    rs_read_facts *read;
    const rs_given_region *bed;      /* NULL: none was given */
    const rs_given_region **treated; /* one a treatment of the context, NULL where it has no mask; NULL: no context */
    rs_regions *regions;
    rs_quality *quality;
    rs_candidates *candidates;
    rs_marks *marks;
    rs_lesions *lesions;
    const rs_operating_point *point; /* NULL: nothing is searched */
    double (*at_lps_mm)[3];          /* places in its volume that a person points at */
    int n_at;
} rs_case;

/** True where a region of the organ is searched. */
bool rs_case_is_searched(const rs_case *c);

/** True where what comes behind organs has something to do: a region is searched, or a person points at a place. */
bool rs_case_has_work(const rs_case *c);

/** What the report sees of it. */
rs_report_case rs_case_for_report(const rs_case *c);

/** Gives the blocks of its products back; the rest lies in the line's arena. */
void rs_case_free(rs_context *ctx, rs_case *c);

#endif
