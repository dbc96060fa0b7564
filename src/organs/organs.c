/* The table of organs: the rows of organs.def, each a struct of the folder that serves it. */
#include "organs.h"

#include <stddef.h>

#define X(row) extern const rs_organ row;
#include "organs.def"
#undef X

static const rs_organ *const rows[] = {
#define X(row) &row,
#include "organs.def"
#undef X
};

int rs_organs_count(void)
{
    return (int)(sizeof rows / sizeof rows[0]);
}

const rs_organ *rs_organs_at(int index)
{
    return index >= 0 && index < rs_organs_count() ? rows[index] : NULL;
}
