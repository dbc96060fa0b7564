/* How many cores this process may use: affinity mask and cgroup quota (v2, then v1). */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "restage/context.h"

/* Reads up to two whole numbers of a one-line file; "max" counts as 0. Returns how many. */
static int read_numbers(const char *path, long long value[2])
{
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    char line[128];
    char *got = fgets(line, sizeof(line), file);
    fclose(file);
    if (!got) return 0;
    int n = 0;
    for (char *at = line; n < 2 && *at && *at != '\n'; n++) {
        char *end;
        value[n] = strtoll(at, &end, 10);
        if (end == at) {
            value[n] = 0;
            while (*end && *end != ' ' && *end != '\n')
                end++;
        }
        at = *end == ' ' ? end + 1 : end;
    }
    return n;
}

static int quota_cores(void)
{
    long long v2[2], quota[2], period[2];
    if (read_numbers("/sys/fs/cgroup/cpu.max", v2) == 2) {
        return v2[0] > 0 && v2[1] > 0 ? (int)((v2[0] + v2[1] - 1) / v2[1]) : 0;
    }
    if (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota) < 1) return 0;
    if (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period) < 1) return 0;
    return quota[0] > 0 && period[0] > 0 ? (int)((quota[0] + period[0] - 1) / period[0]) : 0;
}

int rs_usable_cores(void)
{
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    int quota = quota_cores();
    if (quota > 0 && quota < cores) cores = quota;
    return cores < 1 ? 1 : cores > 1024 ? 1024 : cores;
}
