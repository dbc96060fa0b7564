/* The common part of the fuzz targets. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static char folder[64];
static char names[32][300];
static int n_names;

void fuzz_expect(bool holds, const char *sentence)
{
    if (holds) return;
    fprintf(stderr, "broken promise: %s\n", sentence);
    abort();
}

rs_context *fuzz_context(void)
{
    static rs_context *ctx;
    if (!ctx) {
        const rs_context_options options = {.threads = 1};
        fuzz_expect(rs_context_new(&options, &ctx) == RS_OK, "no context");
    }
    return ctx;
}

rs_arena *fuzz_arena(void)
{
    static rs_arena *arena;
    static rs_arena_mark start;
    if (!arena) {
        arena = rs_arena_new();
        fuzz_expect(arena != NULL, "no arena");
        start = rs_arena_where(arena);
    }
    rs_arena_rewind(arena, start);
    return arena;
}

static void clean(void)
{
    for (int i = 0; i < n_names; i++)
        unlink(names[i]);
    rmdir(folder);
}

const char *fuzz_path(const char *name)
{
    static char path[300];
    if (!folder[0]) {
        struct stat s;
        snprintf(folder, sizeof(folder), "%s/restage-fuzz-XXXXXX", stat("/dev/shm", &s) == 0 ? "/dev/shm" : "/tmp");
        fuzz_expect(mkdtemp(folder) != NULL, "no folder for files");
        atexit(clean);
    }
    if (!name) return folder;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

void fuzz_write(const char *name, const uint8_t *bytes, size_t n_bytes)
{
    const char *path = fuzz_path(name);
    int i = 0;
    while (i < n_names && strcmp(names[i], path) != 0)
        i++;
    if (i == n_names) {
        fuzz_expect(n_names < 32, "too many files");
        snprintf(names[n_names++], sizeof(names[0]), "%s", path);
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_expect(fd >= 0, "no file");
    fuzz_expect(write(fd, bytes, n_bytes) == (ssize_t)n_bytes, "a file cannot be written");
    close(fd);
}

uint8_t fuzz_byte(fuzz_bytes *bytes)
{
    if (bytes->n == 0) return 0;
    bytes->n--;
    return *bytes->at++;
}

uint32_t fuzz_u32(fuzz_bytes *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value |= (uint32_t)fuzz_byte(bytes) << (8 * i);
    return value;
}

double fuzz_double(fuzz_bytes *bytes)
{
    const uint64_t low = fuzz_u32(bytes), bits = (uint64_t)fuzz_u32(bytes) << 32 | low;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}
