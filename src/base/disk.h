/* Writing and syncing one file; shared by folder.c and file_write.c. */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stddef.h>

#include "restage/context.h"

/* Parts written one behind the other. */
typedef struct rs_parts {
    const void *const *data;
    const size_t *bytes;
    int n;
} rs_parts;

/* Creates name (0600, O_EXCL) below the folder, writes and syncs it; removed again on failure. RS_IO, RS_CANT_CREATE.
 */
rs_status rs_disk_create(rs_context *ctx, int folder_fd, const char *name, const rs_parts *parts);

/* Fills suffix with PID-HOST-RANDOM8: unique over processes and machines (integration D.1). */
void rs_disk_unique(char *suffix, size_t size);

/* Opens the folder that holds path, and where its last component starts. -1 with errno set. */
int rs_disk_open_parent(const char *path, char *parent, size_t parent_size, const char **name);

/* True, and the sentence, where errno says that the place does not take new files. */
rs_status rs_disk_fail(rs_context *ctx, int error, const char *what);

#endif
