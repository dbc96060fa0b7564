/* Runs a fuzz target on files and on those in folders, without libFuzzer: the committed seeds as a test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static int n_done;

static void one(const char *path)
{
    FILE *file = fopen(path, "rb");
    fuzz_expect(file != NULL, path);
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    /* Exactly as large as the input, so that a sanitizer sees a read behind it. */
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    fuzz_expect(bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size, path);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    n_done++;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            one(argv[i]);
            continue;
        }
        for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
            char path[4096];
            struct stat s;
            snprintf(path, sizeof(path), "%s/%s", argv[i], e->d_name);
            if (stat(path, &s) == 0 && S_ISREG(s.st_mode)) one(path);
        }
        closedir(folder);
    }
    printf("%d inputs\n", n_done);
    return n_done == 0;
}
