/* What a person said about the patient (contract 2, --context), echoed as given. */
#include "builder.h"

void rs_build_context(rs_builder *b)
{
    b->report->context =
        (rs_report_context){.reason = "no context was given", .malignancy_known = -1, .disease_free_interval_days = -1};
}
