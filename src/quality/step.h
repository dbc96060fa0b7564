/* The blurred step: the normal distribution and its density, without libm so that every machine has the same bits;
   private to the room. */
#ifndef QUALITY_STEP_H
#define QUALITY_STEP_H

enum { RS_STEP_REACH = 6, RS_STEP_PER_UNIT = 64 };

typedef struct rs_step_table {
    double area[RS_STEP_REACH * RS_STEP_PER_UNIT + 2]; /* of the normal distribution from 0 to n / RS_STEP_PER_UNIT */
    double density[RS_STEP_REACH * RS_STEP_PER_UNIT + 2];
} rs_step_table;

/** exp(-x) for x >= 0 by +, -, *, / alone; relative error below 1e-13. */
double rs_step_exp(double x);

/** Fills a table; 1e-12. */
void rs_step_table_make(rs_step_table *out);

/** Distribution at x standard deviations, 1e-9; *density its derivative. */
double rs_step_at(const rs_step_table *table, double x, double *density);

#endif
