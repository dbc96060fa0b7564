/* export --region: a region that somebody drew, as a volume of labels on the grid of a series. */
#ifndef CLI_REGION_H
#define CLI_REGION_H

#include "cli.h"
#include "restage/masks.h"

typedef struct cli_region_call {
    const char *path; /* of the file of regions; NULL: none */
    const char *roi;  /* NULL: all, as labels 1, 2, ... in the order of the file, a later one on top */
    const char *out;
    const rs_series *series; /* that it is drawn on */
    bool force;
    bool volume_asked; /* of a series of several volumes this one was meant */
} cli_region_call;

/* Before the images are read: what is wrong with the file is told at once. End it with rs_masks_close. */
rs_status cli_region_open(cli *c, const cli_region_call *call, const rs_study *study, rs_masks **out);

/* Draws on the grid, writes the file, prints what was drawn. */
rs_status cli_region_export(cli *c, const cli_region_call *call, const rs_masks *masks, const rs_geometry *grid);

/* info: the regions of a path that is one file of regions; into the member "regions" of o, on stdout where o is NULL.
   Nothing for another path; a file that cannot be read as regions is no failure of info, which says why. */
void cli_region_list(cli *c, const char *path, const rs_study *study, rs_json *o);

#endif
