/* restage selftest: is this installation sound? Nothing but the program itself is needed: a synthetic patient is made,
   run through the line, and held against its truth, in a folder of its own that is removed whatever happens. */
#define _GNU_SOURCE /* memmem, mkdtemp, nftw, setenv */
#include "selftest.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "restage/bench.h"
#include "restage/files.h"
#include "restage/formats.h"
#include "restage/kernels.h"
#include "restage/phantom.h"
#include "restage/read.h"
#include "restage/study.h"

static const char about[] =
    "Checks this installation in less than a minute, without a network: every kernel against its reference, a small "
    "synthetic patient through the whole line, every file that is written. Works in a folder of its own in TMPDIR "
    "(120 MB) and removes it.";
static const char footer[] =
    "Exit codes: 0 all is well, 70 a check failed and the sentence says which, 73 no folder can "
    "be made, 74 I/O error, 75 try again, 130 interrupted.";

enum { PHANTOM_SEED = 6, PHANTOM_LESIONS = 12, PHANTOM_SIDE = 240, PHANTOM_SLICES = 150 };

/* --- kernels, phantom, line, volumes ---------------------------------------------------------------------------- */

static rs_status check_tier(selftest *t, rs_tier tier)
{
    rs_context *ctx = t->c->ctx;
    RS_TRY(rs_context_set_tier(ctx, tier));
    for (int k = 0; k < rs_kernels_count(); k++) {
        rs_bench_agreement a;
        RS_TRY(rs_bench_agree(ctx, rs_kernels_name(k), &a));
        if (!a.agrees)
            return rs_fail(ctx, RS_DEFECT, "kernel %s of tier %s differs from its reference by %g, more than %g",
                           a.kernel, rs_tier_name(tier), a.difference, a.tolerance);
        if (!a.same_bits)
            return rs_fail(ctx, RS_DEFECT, "kernel %s of tier %s gives other bits than tier portable with one thread",
                           a.kernel, rs_tier_name(tier));
    }
    return RS_OK;
}

rs_status selftest_kernels(selftest *t, const char **detail)
{
    const rs_tier before = rs_context_tier(t->c->ctx);
    const char *tiers = "";
    rs_status status = RS_OK;
    for (int tier = RS_TIER_PORTABLE; tier < RS_TIER_COUNT && status == RS_OK; tier++) {
        if (!rs_tier_is_available((rs_tier)tier)) continue;
        status = check_tier(t, (rs_tier)tier);
        tiers = cli_text(t->c, "%s%s%s", tiers, tiers[0] != 0 ? ", " : "", rs_tier_name((rs_tier)tier));
    }
    rs_context_store_tier(t->c->ctx, before);
    *detail = cli_text(t->c, "%d of tiers %s agree with the reference, with the same bits", rs_kernels_count(), tiers);
    return status;
}

rs_status selftest_phantom(selftest *t, const char **detail)
{
    const rs_phantom_options options = {.seed = PHANTOM_SEED,
                                        .columns = PHANTOM_SIDE,
                                        .rows = PHANTOM_SIDE,
                                        .slices = PHANTOM_SLICES,
                                        .slice_spacing_mm = 2.0,
                                        .thickness_mm = 2.0,
                                        .n_lesions = PHANTOM_LESIONS};
    RS_TRY(rs_phantom_write(t->c->ctx, cli_text(t->c, "%s/scan", t->folder), &options));
    *detail = cli_text(t->c, "a synthetic patient of %d slices with %d lesions", PHANTOM_SLICES, PHANTOM_LESIONS);
    return RS_OK;
}

rs_status selftest_line(selftest *t, const char **detail)
{
    const rs_run_options options = {.masks = true};
    RS_TRY(rs_run_study(t->c->ctx, cli_text(t->c, "%s/scan", t->folder), cli_text(t->c, "%s/packet", t->folder),
                        &options, &t->result));
    const rs_report *report = rs_run_result_report(t->result);
    if (strcmp(report->assessed, "all") != 0)
        return rs_fail(t->c->ctx, RS_DEFECT, "the lungs of the synthetic patient are assessed: %s", report->assessed);
    *detail = cli_text(t->c, "both lungs assessed, %d marks", report->n_marks);
    return RS_OK;
}

/* A page a slice, uncompressed and in one strip: each page's bytes stand in the file, in the order of the slices. */
static bool has_pages(const uint8_t *data, size_t bytes, const rs_volume *volume)
{
    const size_t page = (size_t)volume->geometry.n[0] * (size_t)volume->geometry.n[1] * sizeof *volume->voxels;
    const uint8_t *voxels = (const uint8_t *)volume->voxels, *at = data;
    for (int32_t k = 0; k < volume->geometry.n[2]; k++, at += page, voxels += page) {
        at = memmem(at, bytes - (size_t)(at - data), voxels, page);
        if (at == NULL) return false;
    }
    return true;
}

/* A format that is only written: its file's bytes. */
static rs_status check_pages(selftest *t, const rs_volume *volume, const char *path, bool *same)
{
    const size_t voxels = (size_t)rs_geometry_voxels(&volume->geometry) * sizeof *volume->voxels;
    uint8_t *data;
    size_t bytes;
    const rs_arena_mark mark = rs_arena_where(t->c->arena);
    RS_TRY(rs_file_read(t->c->ctx, t->c->arena, path, 2 * voxels + 65536, false, &data, &bytes));
    *same = has_pages(data, bytes, volume);
    rs_arena_rewind(t->c->arena, mark);
    return RS_OK;
}

/* What is read back is what was written. */
static rs_status check_read_back(selftest *t, const rs_volume *volume, const char *path, bool *same)
{
    const size_t bytes = (size_t)rs_geometry_voxels(&volume->geometry) * sizeof *volume->voxels;
    rs_volume read = {0};
    rs_notes notes = {0};
    double rounding;
    RS_TRY(rs_format_read(t->c->ctx, path, 0, t->c->arena, &read, &rounding, &notes));
    *same = memcmp(read.geometry.n, volume->geometry.n, sizeof read.geometry.n) == 0 && read.slope == volume->slope &&
            read.offset == volume->offset && memcmp(read.voxels, volume->voxels, bytes) == 0;
    rs_volume_free(t->c->ctx, &read);
    return RS_OK;
}

static rs_status check_volume_file(selftest *t, const rs_volume *volume, const char *ending)
{
    const char *path = cli_text(t->c, "%s/volume%s", t->folder, ending);
    bool same = false;
    RS_TRY(rs_format_write(t->c->ctx, volume, 1, path, NULL));
    const rs_status status =
        rs_format_reads(path) ? check_read_back(t, volume, path, &same) : check_pages(t, volume, path, &same);
    unlink(path);
    if (strcmp(ending, ".mhd") == 0) unlink(cli_text(t->c, "%s/volume.raw", t->folder));
    RS_TRY(status);
    return same ? RS_OK : rs_fail(t->c->ctx, RS_DEFECT, "a volume written as %s does not hold its voxels", ending);
}

static rs_status check_formats(selftest *t, const rs_volume *volume, const char **detail)
{
    char *endings = rs_arena_text(t->c->arena, rs_format_endings());
    if (endings == NULL) return rs_fail_memory(t->c->ctx, "the formats");
    int n = 0;
    for (char *rest = NULL, *ending = strtok_r(endings, " ", &rest); ending != NULL; n++) {
        RS_TRY(check_volume_file(t, volume, ending));
        ending = strtok_r(NULL, " ", &rest);
    }
    *detail = cli_text(t->c, "its volume in every format: %s", rs_format_endings());
    return n > 0 ? RS_OK : rs_fail(t->c->ctx, RS_DEFECT, "no format of volumes is known");
}

rs_status selftest_volumes(selftest *t, const char **detail)
{
    rs_study *study;
    rs_volume volume = {0};
    RS_TRY(rs_study_open(t->c->ctx, cli_text(t->c, "%s/scan", t->folder), NULL, &study));
    rs_status status = RS_DEFECT;
    if (rs_study_n_series(study) == 1)
        status = rs_read_volume(t->c->ctx, rs_study_series(study, 0), t->c->arena, &volume, NULL);
    else
        status = rs_fail(t->c->ctx, RS_DEFECT, "the synthetic patient has %d series, not 1", rs_study_n_series(study));
    if (status == RS_OK) status = check_formats(t, &volume, detail);
    rs_volume_free(t->c->ctx, &volume);
    rs_study_close(study);
    return status;
}

/* --- the frame -------------------------------------------------------------------------------------------------- */

typedef struct check {
    const char *name;
    int needs; /* row of the check without which this one means nothing; -1: none */
    selftest_body run;
} check;

static const check checks[] = {
    {"kernels", -1, selftest_kernels},  {"phantom", -1, selftest_phantom}, {"line", 1, selftest_line},
    {"packet", 2, selftest_packet},     {"lesions", 2, selftest_lesions},  {"threads", 2, selftest_threads},
    {"identity", 2, selftest_identity}, {"volumes", 1, selftest_volumes},
};
enum { N_CHECKS = sizeof checks / sizeof checks[0] };

typedef struct outcome {
    bool passed, skipped;
    const char *detail;
    double seconds;
} outcome;

static double now_s(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0.0;
}

static void print_outcome(cli *c, const check *row, const outcome *o)
{
    if (c->json || (c->quiet && o->passed)) return;
    cli_clear_progress(c);
    const char *word = o->passed ? "ok" : o->skipped ? "skipped" : "FAILED";
    cli_wrap(stdout, 0, 19, cli_width(),
             cli_text(c, "%-8s %-9s %s (%.1f s)", word, row->name, cli_clean(c, o->detail), o->seconds));
    fflush(stdout);
}

/* What is no verdict on this installation: it ends the test as it is. */
static bool is_outside(rs_status status)
{
    return status == RS_CANCELLED || status == RS_IO || status == RS_CANT_CREATE || status == RS_AGAIN;
}

static rs_status run_checks(selftest *t, outcome *outcomes)
{
    rs_status first = RS_OK;
    const char *sentence = "";
    int failed = 0;
    for (int i = 0; i < N_CHECKS; i++) {
        outcome *o = &outcomes[i];
        o->skipped = checks[i].needs >= 0 && !outcomes[checks[i].needs].passed;
        o->detail = "what it needs has failed";
        double begin = now_s();
        rs_status status = o->skipped ? RS_OK : checks[i].run(t, &o->detail);
        if (is_outside(status)) return status;
        o->seconds = now_s() - begin;
        o->passed = status == RS_OK && !o->skipped;
        if (status != RS_OK) {
            o->detail = cli_text(t->c, "%s", rs_context_message(t->c->ctx));
            if (failed++ == 0) sentence = cli_text(t->c, "%s: %s", checks[i].name, o->detail);
            first = RS_DEFECT;
        }
        print_outcome(t->c, &checks[i], o);
    }
    if (first == RS_OK) return RS_OK;
    return rs_fail(t->c->ctx, first,
                   "%d of %d checks failed, first %s; install restage anew, and report this with what "
                   "restage --version says if it stays",
                   failed, (int)N_CHECKS, sentence);
}

static rs_status print_json(cli *c, const outcome *outcomes, rs_status status)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set_bool(root, "passed", status == RS_OK);
    for (int i = 0; i < N_CHECKS; i++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "name", checks[i].name);
        rs_json_set_bool(o, "passed", outcomes[i].passed);
        rs_json_set_bool(o, "skipped", outcomes[i].skipped);
        rs_json_set_text(o, "detail", outcomes[i].detail);
        rs_json_set_real(o, "seconds", outcomes[i].seconds, 2);
        rs_json_add(list, o);
    }
    rs_json_set(root, "checks", list);
    if (status != RS_OK) cli_json_failure(c, root, status);
    return cli_print_json(c, root);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static rs_status make_folder(selftest *t)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] == 0) base = "/tmp";
    char *path = rs_arena_printf(t->c->arena, "%s/restage-selftest-XXXXXX", base);
    if (path == NULL) return rs_fail_memory(t->c->ctx, "a path");
    if (mkdtemp(path) == NULL)
        return rs_fail(
            t->c->ctx, RS_CANT_CREATE,
            "no folder can be made where temporary files go (%s): set TMPDIR to a folder that can be written",
            strerror(errno));
    t->folder = path;
    return RS_OK;
}

static rs_status run_in_folder(selftest *t)
{
    outcome outcomes[N_CHECKS] = {0};
    const rs_context_options other = {.threads = rs_context_threads(t->c->ctx) > 1 ? 1 : 2};
    RS_TRY(rs_context_new(&other, &t->other));
    rs_context_store_tier(t->other, rs_context_tier(t->c->ctx));
    rs_status status = run_checks(t, outcomes);
    cli_clear_progress(t->c);
    if (t->c->json && !is_outside(status)) {
        rs_status printed = print_json(t->c, outcomes, status);
        return status != RS_OK ? status : printed;
    }
    if (status == RS_OK && !t->c->quiet) printf("This installation is sound. Research use; not a medical device.\n");
    return status;
}

rs_status cmd_selftest(cli *c, int argc, char **argv)
{
    cli_option options[] = {{.kind = CLI_END}};
    cli_call call = {.usage = "selftest [options]", .about = about, .footer = footer, .options = options, .words = ""};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 0) return rs_fail(c->ctx, RS_USAGE, "selftest wants no path: restage selftest");
    RS_TRY(cli_start(c));
    /* Two packets of one run are compared byte by byte: their time of creation is one. */
    if (setenv("SOURCE_DATE_EPOCH", "0", 0) != 0) return rs_fail_memory(c->ctx, "the environment");
    selftest t = {.c = c};
    RS_TRY(make_folder(&t));
    rs_status status = run_in_folder(&t);
    rs_run_result_free(t.result);
    rs_context_free(t.other);
    if (nftw(t.folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && status == RS_OK)
        status = rs_fail(c->ctx, RS_IO,
                         "the folder of the selftest could not be removed (%s): look for "
                         "restage-selftest-* where temporary files go",
                         strerror(errno));
    return status;
}
