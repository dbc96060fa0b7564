/* The earlier packet of this study and the verdicts of its readers (contract 2, --previous, --review). */
#include "builder.h"

void rs_build_previous(rs_builder *b)
{
    b->report->previous = (rs_report_previous){.reason = "no earlier packet was given"};
}
