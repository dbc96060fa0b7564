/* Seconds that restage takes to read a series: ours FOLDER THREADS auto|off; prints the seconds and a checksum. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "restage/read.h"
#include "restage/sandbox.h"
#include "restage/study.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    rs_context *ctx;
    rs_study *study;
    rs_volume volume;
    rs_sandbox_mode mode;
    rs_arena *arena = rs_arena_new();
    if (argc != 4 || !rs_sandbox_mode_from(argv[3], &mode)) return 64;
    const rs_context_options options = {.threads = atoi(argv[2])};
    if (rs_context_new(&options, &ctx) != RS_OK) return 1;
    int status = rs_sandbox_start(ctx, mode);
    if (status == RS_OK) status = rs_study_open(ctx, argv[1], NULL, &study);
    if (status != RS_OK) return fprintf(stderr, "%s\n", rs_context_message(ctx)), status;
    const double start = now();
    status = rs_read_volume(ctx, rs_study_series(study, 0), arena, &volume, NULL);
    const double seconds = now() - start;
    if (status != RS_OK) return fprintf(stderr, "%s\n", rs_context_message(ctx)), status;
    long long sum = 0;
    for (int64_t i = 0; i < rs_geometry_voxels(&volume.geometry); i++)
        sum += volume.voxels[i];
    printf("%.6f %lld\n", seconds, sum);
    rs_volume_free(ctx, &volume);
    rs_study_close(study);
    rs_context_free(ctx);
    rs_arena_free(arena);
    return 0;
}
