/* Lines and cells of a plain CSV (no quotes: LUNA16, cutouts.csv), cut in place. */
#include <string.h>

#include "insert_room.h"

int rs_insert_split(char *line, char *cells[RS_INSERT_CELLS_MAX])
{
    int n = 0;
    while (line != NULL && n < RS_INSERT_CELLS_MAX) {
        char *comma = strchr(line, ',');
        if (comma != NULL) *comma = '\0';
        cells[n++] = line;
        line = comma != NULL ? comma + 1 : NULL;
    }
    return n;
}

char *rs_insert_line(char **at)
{
    char *line = *at;
    if (*line == '\0') return NULL;
    size_t length = strcspn(line, "\r\n");
    *at = line + length;
    *at += **at == '\r';
    *at += **at == '\n';
    line[length] = '\0';
    return line;
}

int rs_insert_columns(char *line, const char *const *names, int n, int *columns)
{
    char *cells[RS_INSERT_CELLS_MAX];
    int n_cells = line != NULL ? rs_insert_split(line, cells) : 0;
    for (int c = 0; c < n; c++) {
        columns[c] = -1;
        for (int f = 0; f < n_cells; f++)
            if (strcmp(cells[f], names[c]) == 0) columns[c] = f;
    }
    return n_cells;
}
