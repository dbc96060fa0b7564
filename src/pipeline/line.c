/* The table of stations in their order (architecture 1.2), what of it is walked, and the loop that walks it. */
#include "line.h"

#include <string.h>
#include <time.h>

#include "dump.h"
#include "stations.h"

typedef struct station {
    const char *name;
    rs_status (*run)(rs_context *ctx, rs_line *line);
    rs_status (*dump)(rs_context *ctx, const rs_line *line, rs_folder *folder); /* NULL: what it makes is the packet */
} station;

// clang-format off
static const station stations[] = {
    {"series",  rs_station_series,  rs_dump_series},
    {"read",    rs_station_read,    rs_dump_read},
    {"organs",  rs_station_organs,  rs_dump_organs},
    {"quality", rs_station_quality, rs_dump_quality},
    {"detect",  rs_station_detect,  rs_dump_detect},
    {"measure", rs_station_measure, rs_dump_measure},
    {"report",  rs_station_report,  rs_dump_report},
    {"packet",  rs_station_packet,  NULL},
};
// clang-format on

#define N_STATIONS ((int)(sizeof stations / sizeof stations[0]))
_Static_assert(sizeof stations / sizeof stations[0] <= RS_STATIONS_MAX, "rs_line.stages holds every station");

const char *rs_run_station(int index, bool *dumps)
{
    if (index < 0 || index >= N_STATIONS) return NULL;
    if (dumps) *dumps = stations[index].dump != NULL;
    return stations[index].name;
}

/* Station of that name, -1 for none. */
static int find(const char *name, size_t length)
{
    for (int s = 0; s < N_STATIONS; s++)
        if (strlen(stations[s].name) == length && strncmp(stations[s].name, name, length) == 0) return s;
    return -1;
}

static rs_status unknown(rs_context *ctx, const char *option, const char *name, size_t length)
{
    char names[200] = "";
    for (int s = 0; s < N_STATIONS; s++) {
        if (s > 0) (void)strncat(names, ", ", sizeof names - strlen(names) - 1);
        (void)strncat(names, stations[s].name, sizeof names - strlen(names) - 1);
    }
    return rs_fail(ctx, RS_USAGE, "--%s knows no station '%.*s': there are %s", option,
                   (int)(length < 60 ? length : 60), name, names);
}

/* "read,organs" or "all" */
static rs_status plan_dumps(rs_context *ctx, rs_line *line)
{
    const char *at = line->options->dump;
    if (strcmp(at, "all") == 0) {
        for (int s = 0; s <= line->last; s++)
            line->dumps[s] = stations[s].dump != NULL;
        return RS_OK;
    }
    for (;;) {
        size_t length = strcspn(at, ",");
        int s = find(at, length);
        if (s < 0) return unknown(ctx, "dump", at, length);
        if (!stations[s].dump)
            return rs_fail(ctx, RS_USAGE, "--dump has nothing to write of the station %s: what it makes is OUT itself",
                           stations[s].name);
        if (s > line->last)
            return rs_fail(ctx, RS_USAGE, "--dump names the station %s, but --stop-after %s ends before it",
                           stations[s].name, stations[line->last].name);
        line->dumps[s] = true;
        if (!at[length]) return RS_OK;
        at += length + 1;
    }
}

/* OUT.dump lies beside OUT: "." and ".." have no such place. */
static rs_status name_dump(rs_context *ctx, rs_line *line)
{
    size_t length = strlen(line->out);
    while (length > 1 && line->out[length - 1] == '/')
        length--;
    size_t begin = length;
    while (begin > 0 && line->out[begin - 1] != '/')
        begin--;
    size_t last = length - begin;
    const char *name = line->out + begin;
    if (last == 0 || (last == 1 && name[0] == '.') || (last == 2 && name[0] == '.' && name[1] == '.'))
        return rs_fail(ctx, RS_CANT_CREATE,
                       "no dump can be named after the folder '%.*s': give -o a name that does not end in . or ..",
                       (int)(length < 200 ? length : 200), line->out);
    line->dump_out = rs_arena_printf(line->arena, "%.*s.dump", (int)length, line->out);
    return line->dump_out ? RS_OK : rs_fail_memory(ctx, "the name of the dump");
}

rs_status rs_line_plan(rs_context *ctx, rs_line *line)
{
    const char *stop = line->options->stop_after;
    line->last = stop ? find(stop, strlen(stop)) : N_STATIONS - 1;
    if (line->last < 0) return unknown(ctx, "stop-after", stop, strlen(stop));
    line->writes_packet = line->last == N_STATIONS - 1;
    if (line->options->dump)
        RS_TRY(plan_dumps(ctx, line));
    else if (!line->writes_packet && !line->lends)
        line->dumps[line->last] = true; /* without it the call would do nothing */
    bool any = false;
    for (int s = 0; s < N_STATIONS; s++)
        any |= line->dumps[s];
    line->every_feature = line->dumps[find("detect", strlen("detect"))];
    return any ? name_dump(ctx, line) : RS_OK;
}

static double now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static rs_status write_index(rs_context *ctx, const rs_line *line)
{
    const char *dumped[N_STATIONS];
    int n = 0;
    for (int s = 0; s < N_STATIONS; s++)
        if (line->dumps[s]) dumped[n++] = stations[s].name;
    return rs_dump_index(ctx, dumped, n, line->writes_packet ? NULL : stations[line->last].name, line->dump_folder);
}

static rs_status commit(rs_context *ctx, rs_folder **folder)
{
    rs_folder *own = *folder;
    *folder = NULL;
    return own ? rs_folder_commit(ctx, own) : RS_OK;
}

rs_status rs_line_run(rs_context *ctx, rs_line *line)
{
    for (int s = 0; s <= line->last; s++) {
        RS_TRY(rs_context_check_cancel(ctx));
        rs_context_stand(ctx, stations[s].name, -1);
        rs_context_progress(ctx, stations[s].name, 0, 0);
        double began_s = now_s();
        RS_TRY(stations[s].run(ctx, line));
        line->stages[line->n_stages++] = (rs_stage){stations[s].name, now_s() - began_s, rs_peak_memory_mb()};
        rs_log(ctx, RS_LOG_INFO, "ev=station name=%s seconds=%.3f peak_mb=%.0f", stations[s].name,
               line->stages[s].seconds, line->stages[s].peak_memory_mb);
        if (line->dumps[s]) RS_TRY(stations[s].dump(ctx, line, line->dump_folder));
    }
    if (line->dump_folder) RS_TRY(write_index(ctx, line));
    RS_TRY(commit(ctx, &line->dump_folder));
    return commit(ctx, &line->folder); /* the packet last: once it stands nothing may fail */
}

void rs_line_end(rs_context *ctx, rs_line *line)
{
    rs_folder_abandon(ctx, line->folder);
    rs_folder_abandon(ctx, line->dump_folder);
    for (int c = 0; c < line->n_cases; c++)
        rs_case_free(ctx, &line->cases[c]);
    rs_masks_close(line->masks);
    for (int t = 0; line->context && t < line->context->n_treatments; t++)
        rs_masks_close(line->told_masks[t].masks);
    rs_study_close(line->study);
    rs_arena_free(line->arena);
    *line = (rs_line){0};
}
