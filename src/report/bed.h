/* Distances of the bed. */
#ifndef REPORT_BED_H
#define REPORT_BED_H

#include "build.h"

/** From the nearest voxel of a mark to the nearest of a bed with runs, centre to centre; mm. */
double rs_bed_gap_mm(const rs_report_run *mark, int n, const rs_given_region *bed, const double spacing_mm[3]);

/** From the nearest voxel of a mark to a point (fractional index); mm. */
double rs_bed_gap_to_point_mm(const rs_report_run *mark, int n, const double index[3], const double spacing_mm[3]);

#endif
