/* The earlier packet of this study and the verdicts of its readers (contract 2, --previous, --review). */
#include "builder.h"

#include <string.h>

void rs_build_previous(rs_builder *b)
{
    rs_report_previous *out = &b->report->previous;
    const rs_given_previous *previous = b->input->previous;
    *out = (rs_report_previous){.reason = "no earlier packet was given"};
    if (previous)
        *out = (rs_report_previous){
            .given = true,
            .packet_digest = rs_builder_keep(b, previous->packet_digest),
            .created = rs_builder_keep(b, previous->created),
            .sr_uid = rs_builder_keep(b, previous->sr_uid),
            .sr_series_uid = rs_builder_keep(b, previous->sr_series_uid),
            .n_marks = previous->n_marks,
        };
    if (previous && !previous->packet_digest)
        rs_builder_limit(
            b, "earlier_report", NULL,
            "The study holds an earlier structured report of restage, which stands for an earlier packet: "
            "marks at its places keep their tracking UIDs and verdicts, and this report names it as the one "
            "before");
    if (b->input->review) out->review_digest = rs_builder_keep(b, b->input->review->digest);
    for (int m = 0; m < b->report->n_marks && b->earlier; m++) {
        out->n_kept += b->earlier[m] >= 0;
        out->n_verdicts += strcmp(b->marks[m].review.verdict, "none") != 0;
    }
}
