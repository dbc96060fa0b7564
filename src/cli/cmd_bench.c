/* restage bench: every kernel against its reference and against this machine's floor. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/bench.h"
#include "restage/kernels.h"
#include "restage/text.h"
#include "restage/version.h"

static const char about[] =
    "Runs each KERNEL (all of them without a name) on every tier that this CPU has: does it agree with its plain "
    "reference, how long does it take a voxel with one thread and with all, and how far is that from what this "
    "machine's memory and arithmetic allow at best.";
static const char footer[] =
    "agrees: largest difference from tier ref, in per cent of what is tolerated; the bits are those of tier portable "
    "with any number of threads. -j 1 and -j N: ns a voxel, median, into memory that was touched before; CPU time of "
    "one thread, wall time of several. gain: the one by the other. floor: share of the best that this machine could "
    "do with one thread. On a busy machine only agrees means something.";

enum { ROW_SECONDS_TENTHS = 7, TABLE_WIDTH = 60 };

typedef struct bench_row {
    rs_bench_agreement agreement;
    rs_bench_result time;
} bench_row;

typedef struct bench_call {
    const char *size;
    int64_t repeats;
    rs_bench_options options;
    double load[3];
    int n_load;
    rs_bench_floor floor;
    bench_row *rows;
    int n_rows;
} bench_call;

/* "512,512,300" */
static rs_status parse_size(cli *c, const char *text, int32_t n[3])
{
    char *word = rs_arena_text(c->arena, text);
    if (word == NULL) return rs_fail_memory(c->ctx, "the options");
    for (int a = 0; a < 3; a++) {
        char *end = strchr(word, ',');
        int64_t value;
        if ((end == NULL) != (a == 2)) break;
        if (end != NULL) *end = 0;
        if (!rs_text_integer(word, &value) || value < 1 || value > 4096) break;
        n[a] = (int32_t)value;
        if (a == 2) return RS_OK;
        word = end + 1;
    }
    return rs_fail(c->ctx, RS_USAGE,
                   "--size wants columns, rows and slices, each 1 to 4096, as 512,512,300, not \"%s\"",
                   cli_clean(c, text));
}

static const char *model_name(cli *c)
{
    char line[256];
    const char *found = NULL;
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && found == NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL) continue;
        colon[1 + strcspn(colon + 1, "\n")] = 0;
        found = cli_clean(c, colon + 1 + strspn(colon + 1, " "));
    }
    if (file != NULL) fclose(file);
    return found;
}

/* --- as text ---------------------------------------------------------------------------------------------------- */

static const char *agrees(cli *c, const rs_bench_agreement *a)
{
    if (!a->agrees) return "NO";
    if (!a->same_bits) return "OTHER BITS";
    if (a->difference == 0.0) return "exactly";
    double percent = 100.0 * a->difference / a->tolerance;
    return percent < 0.1 ? "to < 0.1 %" : cli_text(c, "to %.*f %%", percent < 10.0 ? 1 : 0, percent);
}

static const char *nanoseconds(cli *c, double ns)
{
    return cli_text(c, "%.*f", ns < 10.0 ? 2 : ns < 100.0 ? 1 : 0, ns);
}

static const char *percent(cli *c, double share)
{
    return isfinite(share) ? cli_text(c, "%.*f %%", share < 0.0095 ? 1 : 0, 100.0 * share) : "-";
}

static void print_row(cli *c, const bench_row *row, int width)
{
    const rs_bench_result *t = &row->time;
    const char *gain = t->threads > 1 ? cli_text(c, "%.1f x", t->speed_up) : "-";
    if (width >= TABLE_WIDTH) {
        printf("%-12s%-9s%-11s%8s%8s%6s%6s\n", t->kernel, rs_tier_name(t->tier), agrees(c, &row->agreement),
               nanoseconds(c, t->ns_1), nanoseconds(c, t->ns_n), gain, percent(c, t->share_1));
        return;
    }
    cli_wrap(stdout, 0, 4, width,
             cli_text(c, "%s %s: agrees %s; %s ns a voxel, with %d threads %s (%s); %s of the floor", t->kernel,
                      rs_tier_name(t->tier), agrees(c, &row->agreement), nanoseconds(c, t->ns_1), t->threads,
                      nanoseconds(c, t->ns_n), gain, percent(c, t->share_1)));
}

static void print_head(cli *c, const bench_call *b, int width)
{
    const char *model = model_name(c), *load = "";
    for (int i = 0; i < b->n_load; i++)
        load = cli_text(c, "%s%s%.2f", load, i > 0 ? ", " : "", b->load[i]);
    cli_wrap(stdout, 0, 2, width,
             cli_text(c, "restage %s (%s) on %s, %d of its cores; load average %s", rs_version(), rs_version_commit(),
                      model != NULL ? model : "this machine", rs_usable_cores(), load[0] != 0 ? load : "unknown"));
    const rs_bench_floor *f = &b->floor;
    cli_wrap(stdout, 0, 2, width,
             cli_text(c,
                      "Floors: copy %.1f GB/s with 1 thread, %.1f with %d (a block of %.0f MB); float %.0f and %.0f "
                      "GFLOP/s (%s)",
                      f->copy_gb_s_1, f->copy_gb_s_n, f->threads, f->block_mb, f->fma_gflop_s_1, f->fma_gflop_s_n,
                      rs_tier_name(f->fma_tier)));
    printf("\n");
    if (width >= TABLE_WIDTH)
        printf("%-12s%-9s%-11s%8s%8s%6s%6s\n", "kernel", "tier", "agrees", "-j 1", cli_text(c, "-j %d", f->threads),
               "gain", "floor");
}

static void print_text(cli *c, const bench_call *b)
{
    int width = cli_width();
    print_head(c, b, width);
    for (int i = 0; i < b->n_rows; i++)
        print_row(c, &b->rows[i], width);
    if (c->quiet) return;
    printf("\n");
    cli_wrap(stdout, 0, 0, width, footer);
    if (b->n_load > 0 && b->load[0] > 0.5)
        cli_wrap(stdout, 0, 0, width, "This machine was busy when the bench began: its times are no figures.");
}

/* --- as JSON ---------------------------------------------------------------------------------------------------- */

static rs_json *row_json(const bench_row *row)
{
    const rs_bench_result *t = &row->time;
    const rs_bench_agreement *a = &row->agreement;
    rs_json *o = rs_json_object(), *size = rs_json_array();
    rs_json_set_text(o, "kernel", t->kernel);
    rs_json_set_text(o, "tier", rs_tier_name(t->tier));
    rs_json_set_bool(o, "agrees", a->agrees);
    rs_json_set_bool(o, "same_bits", a->same_bits);
    rs_json_set_integer(o, "cases", a->cases);
    rs_json_set_text(o, "output", a->output);
    rs_json_set_real(o, "difference", a->difference, 9);
    rs_json_set_real(o, "tolerance", a->tolerance, 9);
    for (int d = 0; d < 3; d++)
        rs_json_add_integer(size, t->n[d]);
    rs_json_set(o, "size", size);
    rs_json_set_integer(o, "tiles", t->tiles);
    rs_json_set_integer(o, "threads", t->threads);
    rs_json_set_integer(o, "repeats", t->repeats);
    rs_json_set_real(o, "ns_per_voxel_1", t->ns_1, 4);
    rs_json_set_real(o, "ns_per_voxel_1_min", t->ns_1_min, 4);
    rs_json_set_real(o, "ns_per_voxel_n", t->ns_n, 4);
    rs_json_set_real(o, "ns_per_voxel_n_min", t->ns_n_min, 4);
    rs_json_set_real(o, "ns_per_voxel_fresh", t->ns_fresh, 4);
    rs_json_set_real(o, "speed_up", t->speed_up, 3);
    rs_json_set_real(o, "bytes_per_voxel", t->bytes_per_voxel, 3);
    rs_json_set_real(o, "flops_per_voxel", t->flops_per_voxel, 3);
    rs_json_set_text(o, "bound", t->memory_bound ? "memory" : "arithmetic");
    rs_json_set_real(o, "floor_ns_1", t->floor_ns_1, 4);
    rs_json_set_real(o, "floor_ns_n", t->floor_ns_n, 4);
    rs_json_set_real(o, "share_of_floor_1", t->share_1, 4);
    rs_json_set_real(o, "share_of_floor_n", t->share_n, 4);
    return o;
}

static rs_status print_json(cli *c, const bench_call *b, rs_status status)
{
    rs_json *root = rs_json_object(), *machine = rs_json_object(), *floor = rs_json_object(), *list = rs_json_array();
    rs_json *load = rs_json_array();
    rs_json_set_text(root, "version", rs_version());
    rs_json_set_text(root, "commit", rs_version_commit());
    rs_json_set_text(machine, "cpu", model_name(c));
    rs_json_set_integer(machine, "cores", rs_usable_cores());
    for (int i = 0; i < b->n_load; i++)
        rs_json_add_real(load, b->load[i], 2);
    rs_json_set(machine, "load_average", load);
    rs_json_set(root, "machine", machine);
    rs_json_set_integer(floor, "threads", b->floor.threads);
    rs_json_set_real(floor, "block_mb", b->floor.block_mb, 1);
    rs_json_set_real(floor, "copy_gb_s_1", b->floor.copy_gb_s_1, 5);
    rs_json_set_real(floor, "copy_gb_s_n", b->floor.copy_gb_s_n, 5);
    rs_json_set_real(floor, "fma_gflop_s_1", b->floor.fma_gflop_s_1, 5);
    rs_json_set_real(floor, "fma_gflop_s_n", b->floor.fma_gflop_s_n, 5);
    rs_json_set_text(floor, "fma_tier", rs_tier_name(b->floor.fma_tier));
    rs_json_set(root, "floor", floor);
    for (int i = 0; i < b->n_rows; i++)
        rs_json_add(list, row_json(&b->rows[i]));
    rs_json_set(root, "kernels", list);
    if (status != RS_OK) cli_json_failure(c, root, status);
    return cli_print_json(c, root);
}

/* --- the runs --------------------------------------------------------------------------------------------------- */

static rs_status check_names(cli *c, const cli_call *call)
{
    for (int i = 0; i < call->n_operands; i++) {
        const char *word = call->operands[i];
        bool known = false;
        for (int k = 0; k < rs_kernels_count(); k++)
            known |= strcmp(word, rs_kernels_name(k)) == 0;
        if (known) continue;
        const char *nearest = cli_nearest(word, rs_kernels_name, rs_kernels_count());
        if (nearest != NULL)
            return rs_fail(c->ctx, RS_USAGE, "there is no kernel %s: did you mean %s?", cli_clean(c, word), nearest);
        return rs_fail(c->ctx, RS_USAGE, "there is no kernel %s: there are %s", cli_clean(c, word), call->words);
    }
    return RS_OK;
}

static bool is_wanted(const cli_call *call, const char *name)
{
    bool wanted = call->n_operands == 0;
    for (int i = 0; i < call->n_operands; i++)
        wanted |= strcmp(call->operands[i], name) == 0;
    return wanted;
}

static rs_status run_rows(cli *c, const cli_call *call, bench_call *b)
{
    const rs_tier only = c->tier != NULL ? rs_context_kernels(c->ctx)->tier : RS_TIER_UNKNOWN;
    const int most = rs_kernels_count() * RS_TIER_COUNT;
    b->rows = RS_ARENA_NEW(c->arena, bench_row, most);
    if (b->rows == NULL) return rs_fail_memory(c->ctx, "the table");
    for (int k = 0; k < rs_kernels_count(); k++) {
        b->options.kernel = rs_kernels_name(k);
        if (!is_wanted(call, b->options.kernel)) continue;
        for (int t = RS_TIER_REF; t < RS_TIER_COUNT; t++) {
            if (only != RS_TIER_UNKNOWN ? t != (int)only : t == RS_TIER_REF || !rs_tier_is_available((rs_tier)t))
                continue;
            rs_context_progress(c->ctx, "bench", k * RS_TIER_COUNT + t, most);
            RS_TRY(rs_context_set_tier(c->ctx, (rs_tier)t));
            RS_TRY(rs_bench_agree(c->ctx, b->options.kernel, &b->rows[b->n_rows].agreement));
            RS_TRY(rs_bench_run(c->ctx, &b->options, &b->rows[b->n_rows].time));
            b->n_rows++;
        }
    }
    cli_clear_progress(c);
    return RS_OK;
}

static rs_status verdict(cli *c, const bench_call *b)
{
    for (int i = 0; i < b->n_rows; i++) {
        const rs_bench_agreement *a = &b->rows[i].agreement;
        const char *tier = rs_tier_name(a->tier);
        if (!a->agrees)
            return rs_fail(c->ctx, RS_DEFECT,
                           "kernel %s of tier %s differs from its reference by %g, more than the %g that are "
                           "tolerated: use another tier by --kernels, and report this",
                           a->kernel, tier, a->difference, a->tolerance);
        if (!a->same_bits)
            return rs_fail(c->ctx, RS_DEFECT,
                           "kernel %s of tier %s gives other bits than tier portable or than with one thread: use -j 1 "
                           "--kernels=portable, and report this",
                           a->kernel, tier);
    }
    return RS_OK;
}

static rs_status run_bench(cli *c, const cli_call *call, bench_call *b)
{
    b->n_load = getloadavg(b->load, 3);
    RS_TRY(rs_bench_measure_floor(c->ctx, &b->floor));
    b->options.floor = &b->floor;
    RS_TRY(run_rows(c, call, b));
    rs_status status = verdict(c, b);
    if (c->json)
        RS_TRY(print_json(c, b, status));
    else
        print_text(c, b);
    return status;
}

rs_status cmd_bench(cli *c, int argc, char **argv)
{
    bench_call b = {.repeats = CLI_NOT_GIVEN, .options = {.seconds = 0.1 * ROW_SECONDS_TENTHS}};
    cli_option options[] = {
        {"size", 0, CLI_TEXT, &b.size, "C,R,S", "columns, rows and slices that are timed",
         "256,256,128, fewer slices for a slow kernel"},
        {"repeats", 0, CLI_INTEGER, &b.repeats, "N", "runs that a median is of, 5 to 99", "7"},
        {.kind = CLI_END},
    };
    const char *names = "";
    for (int i = 0; i < rs_kernels_count(); i++)
        names = cli_text(c, "%s%s%s", names, i > 0 ? " " : "", rs_kernels_name(i));
    cli_call call = {.usage = "bench [KERNEL...] [options]",
                     .about = about,
                     .footer = cli_text(c, "Kernels: %s.\n%s", names, footer),
                     .options = options,
                     .words = names};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    RS_TRY(check_names(c, &call));
    if (b.repeats == CLI_NOT_GIVEN)
        b.repeats = 0; /* the default of rs_bench_run */
    else if (b.repeats < 5 || b.repeats > 99)
        return rs_fail(c->ctx, RS_USAGE, "--repeats wants 5 to 99");
    b.options.repeats = (int)b.repeats;
    if (b.size != NULL) {
        RS_TRY(parse_size(c, b.size, b.options.n));
        b.options.seconds = 0.0;
    }
    RS_TRY(cli_start(c));
    return run_bench(c, &call, &b);
}
