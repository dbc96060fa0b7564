/* What ours and the ITK peer share: a command line, input files, clocks. Times are printed one line a call:
   "time CPU WALL", and at the end "peak MB"; the result of the last call is written where it is asked for.
       PROGRAM JOB FOLDER CALLS THREADS [RESULT_FILE]
   With CALLS 0 there is one call without a warm-up (slow peers); else one call that is not timed, then CALLS. */
#ifndef PEERS_PEER_H
#define PEERS_PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct peer_input {
    const char *job, *folder, *result;
    int calls, threads;
    int n[3], side; /* the volume; the cube of the scale-space jobs */
    double spacing[3];
} peer_input;

static inline void peer_die(const char *what, const char *name)
{
    fprintf(stderr, "%s %s\n", what, name);
    exit(1);
}

static inline double peer_clock(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A file of the folder, whole, in memory that has been touched. */
static inline void *peer_file(const peer_input *in, const char *name, size_t bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", in->folder, name);
    FILE *f = fopen(path, "rb");
    void *data = malloc(bytes);
    if (!f || !data || fread(data, 1, bytes, f) != bytes) peer_die("cannot read", path);
    fclose(f);
    return data;
}

static inline void peer_keep(const peer_input *in, const void *data, size_t bytes)
{
    if (!in->result) return;
    FILE *f = fopen(in->result, "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f) != 0) peer_die("cannot write", in->result);
}

static inline void peer_start(int argc, char **argv, peer_input *in)
{
    if (argc < 5) peer_die("usage: JOB FOLDER CALLS THREADS [RESULT_FILE];", argv[0]);
    memset(in, 0, sizeof *in);
    in->job = argv[1];
    in->folder = argv[2];
    in->calls = atoi(argv[3]);
    in->threads = atoi(argv[4]);
    in->result = argc > 5 ? argv[5] : NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/input.txt", in->folder);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%d %d %d %lf %lf %lf %d", &in->n[0], &in->n[1], &in->n[2], &in->spacing[0], &in->spacing[1],
                     &in->spacing[2], &in->side) != 7)
        peer_die("cannot read", path);
    fclose(f);
}

/* Says how much memory the process had at most, input included. */
static inline void peer_end(void)
{
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0) printf("peak %.0f\n", atof(line + 6) * 1.024e-3);
    if (f) fclose(f);
}

static inline size_t peer_voxels(const peer_input *in)
{
    return (size_t)in->n[0] * (size_t)in->n[1] * (size_t)in->n[2];
}

/* The output grid of the resampling jobs: 0.8 mm, 0.05 mm in from the first voxel's centre, never beyond the last. */
static const double peer_step_mm = 0.8, peer_offset_mm = 0.05;
static inline int peer_resampled(const peer_input *in, int axis)
{
    return (int)(((in->n[axis] - 1) * in->spacing[axis] - peer_offset_mm) / peer_step_mm) + 1;
}

#endif
