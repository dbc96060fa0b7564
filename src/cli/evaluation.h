/* What evaluate prints on stdout. */
#ifndef CLI_EVALUATION_H
#define CLI_EVALUATION_H

#include "cli.h"
#include "restage/evaluate.h"

/* The evaluation as tables of at most 60 columns; sentences are wrapped to the width of the terminal. */
void cli_print_evaluation(cli *c, const rs_evaluation *evaluation);

#endif
