/* The public face of the line: run, parameters, services, libraries. */
#include "restage/run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dicom/dicom.h"
#include "digest/digest.h"
#include "formats/tiff.h"
#include "line.h"
#include "markup/markup.h"
#include "restage/json.h"
#include "restage/text.h"
#include "stations.h"

#define TABLES_MAX 64

struct rs_run_result {
    rs_arena *arena; /* owns this struct and the report */
    rs_report report;
    rs_stage stages[RS_STATIONS_MAX];
    int n_stages;
    bool has_report, has_packet, repeats;
    const char *dump; /* OUT.dump; NULL: nothing was dumped */
};

rs_status rs_run_params_new(rs_context *ctx, rs_params **out)
{
    const rs_param_table *tables[TABLES_MAX] = {&rs_quality_param_table, &rs_detect_param_table,
                                                &rs_measure_param_table};
    int n = 3;
    for (int o = 0; o < rs_organs_count(); o++) {
        const rs_param_table *own = rs_organs_at(o)->params;
        bool known = own == NULL;
        for (int t = 0; t < n && !known; t++)
            known = tables[t] == own; /* organs of one folder share its table */
        if (known) continue;
        if (n == TABLES_MAX) return rs_fail(ctx, RS_DEFECT, "more than %d parameter tables", TABLES_MAX);
        tables[n++] = own;
    }
    rs_params *params = NULL;
    RS_TRY(rs_params_new(ctx, tables, n, &params));
    for (int o = 0; o < rs_organs_count(); o++) {
        for (const rs_setting *setting = rs_organs_at(o)->settings; setting && setting->name; setting++) {
            rs_status status = rs_params_default(ctx, params, setting);
            if (status == RS_OK) continue;
            rs_params_free(params);
            return status;
        }
    }
    *out = params;
    return RS_OK;
}

rs_status rs_run_services(rs_context *ctx, const rs_series *series, rs_arena *arena, const rs_service **out, int *n)
{
    rs_service *services = RS_ARENA_NEW(arena, rs_service, rs_organs_count());
    if (!services) return rs_fail_memory(ctx, "the services");
    for (int o = 0; o < rs_organs_count(); o++) {
        rs_suits suits = {0};
        RS_TRY(rs_choose_suits(ctx, rs_organs_at(o), series, arena, &suits));
        bool yes = suits.score > 0;
        services[o] = (rs_service){rs_organs_at(o)->name, yes, yes ? NULL : suits.reason};
    }
    *out = services;
    *n = rs_organs_count();
    return RS_OK;
}

enum { N_LIBRARIES = 6 };
static char library_text[N_LIBRARIES][64];
static const char *const library_list[N_LIBRARIES] = {library_text[0], library_text[1], library_text[2],
                                                      library_text[3], library_text[4], library_text[5]};
static pthread_once_t libraries_once = PTHREAD_ONCE_INIT;

static void name_libraries(void)
{
    (void)rs_text_format(library_text[0], sizeof library_text[0], "%s", rs_dicom_library());
    (void)rs_text_format(library_text[1], sizeof library_text[1], "jansson %s", rs_json_library_version());
    (void)rs_text_format(library_text[2], sizeof library_text[2], "OpenSSL %s", rs_digest_library_version());
    (void)rs_text_format(library_text[3], sizeof library_text[3], "libpng %s", rs_markup_library_version());
    (void)rs_text_format(library_text[4], sizeof library_text[4], "libtiff %s", rs_tiff_library_version());
    (void)rs_text_format(library_text[5], sizeof library_text[5], "libharu %s", rs_packet_library_version());
}

int rs_run_libraries(const char *const **out)
{
    (void)pthread_once(&libraries_once, name_libraries);
    *out = library_list;
    return N_LIBRARIES;
}

/* SOURCE_DATE_EPOCH, as reproducible-builds.org has it, or now. */
static rs_status creation_time(rs_context *ctx, rs_line *line)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t *out = &line->created_s;
    *out = (int64_t)time(NULL);
    line->created_given = fixed && *fixed;
    if (!line->created_given) return RS_OK;
    if (!rs_text_integer(fixed, out) || *out < 0 || *out > 253402300799)
        return rs_fail(ctx, RS_USAGE,
                       "SOURCE_DATE_EPOCH is no whole number of seconds since 1970 before the year 10000");
    return RS_OK;
}

/* The names of contract 1; an organ has a point for each, or no marks. */
static rs_status check_sensitivity(rs_context *ctx, const char *name)
{
    static const char *const names[] = {"low", "default", "high"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        if (!name || strcmp(name, names[n]) == 0) return RS_OK;
    return rs_fail(ctx, RS_USAGE, "--sensitivity is low, default or high, not '%s'", name);
}

/* A viewer knows its tool by the words before the last colon. */
static rs_status check_tag(rs_context *ctx, const char *tag)
{
    enum { MOST = 50 }; /* and an id make no more than 64, as of an LO */
    size_t n = tag ? strlen(tag) : 0;
    bool right = n <= MOST && (n == 0 || tag[n - 1] == ':');
    for (size_t i = 0; right && i < n; i++)
        right = tag[i] > 0x20 && tag[i] < 0x7f && tag[i] != '\\';
    if (right) return RS_OK;
    return rs_fail(
        ctx, RS_USAGE,
        "--sr-tag is the name of a viewer's tool, printable ASCII of at most %d letters that ends with a colon, "
        "or nothing",
        MOST);
}

static rs_status check_options(rs_context *ctx, const rs_run_options *options)
{
    const char *identity = options->identity ? options->identity : "full";
    RS_TRY(check_sensitivity(ctx, options->sensitivity));
    if (strcmp(identity, "full") != 0 && strcmp(identity, "pseudo") != 0 && strcmp(identity, "none") != 0)
        return rs_fail(ctx, RS_USAGE, "--identity is full, pseudo or none, not '%s'", identity);
    RS_TRY(check_tag(ctx, options->sr_tag));
    if (options->candidates && options->detector)
        return rs_fail(ctx, RS_USAGE, "a detector and a file of candidates were given: only one of them can rank");
    if (options->roi && !options->region)
        return rs_fail(ctx, RS_USAGE, "--roi names a region of the file of --region, which is not given");
    if (options->n_at < 0 || (options->n_at > 0 && !options->at_lps_mm))
        return rs_fail(ctx, RS_USAGE, "the number of places to measure does not fit their list");
    return RS_OK;
}

static rs_status walk(rs_context *ctx, rs_line *line, rs_run_result **result)
{
    /* Before the work: once the packet stands nothing may fail. */
    rs_run_result *kept = RS_ARENA_NEW(line->report_arena, rs_run_result, 1);
    const char *dump = line->dump_out ? rs_arena_text(line->report_arena, line->dump_out) : NULL;
    if (!kept || (line->dump_out && !dump)) return rs_fail_memory(ctx, "the result");
    RS_TRY(rs_line_run(ctx, line));
    if (!result) return RS_OK;
    kept->arena = line->report_arena;
    kept->report = line->report;
    kept->has_report = line->has_report;
    kept->has_packet = line->writes_packet;
    kept->repeats = line->repeats;
    kept->dump = dump;
    kept->n_stages = line->n_stages;
    for (int s = 0; s < line->n_stages; s++)
        kept->stages[s] = line->stages[s];
    line->report_arena = NULL;
    *result = kept;
    return RS_OK;
}

static rs_status open_candidates(rs_context *ctx, const char *path, rs_detector *out)
{
    char sentence[400];
    rs_status status = rs_detector_from_file(ctx, path, out);
    if (status != RS_NO_INPUT && status != RS_IO) return status; /* what is wrong inside names the file by itself */
    (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status, "the file of --candidates: %s", sentence);
}

static rs_status open_ranker(rs_context *ctx, rs_line *line)
{
    char sentence[400];
    rs_ranker *ranker = RS_ARENA_NEW(line->arena, rs_ranker, 1);
    if (!line->options->ranker) return RS_OK;
    if (!ranker) return rs_fail_memory(ctx, "the ranker");
    rs_status status = rs_ranker_from_file(ctx, line->options->ranker, line->arena, ranker);
    if (status != RS_OK && status != RS_NO_MEMORY) {
        (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(ctx));
        return rs_fail(ctx, status, "the file of --ranker: %s", sentence);
    }
    line->ranker = ranker;
    return status;
}

/* What needs no image: told before the first is looked for. */
static rs_status prepare_and_walk(rs_context *ctx, rs_line *line, rs_run_result **result)
{
    rs_detector from_file = {0};
    RS_TRY(creation_time(ctx, line));
    RS_TRY(check_options(ctx, line->options));
    RS_TRY(rs_key_read(ctx, line));
    RS_TRY(rs_line_plan(ctx, line));
    RS_TRY(rs_told_context(ctx, line));
    RS_TRY(rs_told_review(ctx, line));
    RS_TRY(rs_told_previous(ctx, line));
    RS_TRY(open_ranker(ctx, line));
    line->detector = line->options->detector;
    if (!line->options->candidates) return walk(ctx, line, result);
    RS_TRY(open_candidates(ctx, line->options->candidates, &from_file));
    line->detector = &from_file;
    rs_status status = walk(ctx, line, result);
    if (from_file.free) from_file.free(from_file.user);
    return status;
}

rs_status rs_run_study(rs_context *ctx, const char *path, const char *out, const rs_run_options *options,
                       rs_run_result **result)
{
    static const rs_run_options defaults = {0};
    rs_line line = {.path = path, .out = out, .options = options ? options : &defaults};
    rs_params *own = NULL;
    rs_context_stand(ctx, NULL, -1);
    if (!line.options->params) RS_TRY(rs_run_params_new(ctx, &own));
    line.params = own ? own : line.options->params;
    line.arena = rs_arena_new();
    line.report_arena = rs_arena_new();
    rs_status status =
        line.arena && line.report_arena ? prepare_and_walk(ctx, &line, result) : rs_fail_memory(ctx, "the run");
    if (status == RS_OK) rs_context_stand(ctx, NULL, -1);
    rs_arena_free(line.report_arena);
    rs_line_end(ctx, &line);
    rs_params_free(own);
    return status;
}

/* The first case that is searched; RS_DATA with the reason of the first that is not. */
static rs_status searched_case(rs_context *ctx, const rs_line *line, const rs_case **out)
{
    const char *reason = "no organ that is known lies in the images";
    for (int n = line->n_cases - 1; n >= 0; n--) {
        const rs_case *c = &line->cases[n];
        if (rs_case_is_searched(c)) {
            *out = c;
            continue;
        }
        for (int r = 0; c->regions != NULL && r < c->regions->n; r++)
            if (c->regions->region[r].reason != NULL) reason = c->regions->region[r].reason;
    }
    return *out != NULL ? RS_OK : rs_fail(ctx, RS_DATA, "nothing can be searched in this scan: %s", reason);
}

rs_status rs_run_scan_of(rs_context *ctx, const char *path, const rs_run_options *options,
                         rs_status (*use)(rs_context *ctx, const rs_run_scan *scan, void *user), void *user)
{
    rs_run_options own = options ? *options : (rs_run_options){0};
    own.stop_after = "quality";
    own.dump = NULL;
    own.force = false;
    own.sensitivity = NULL;
    own.candidates = NULL;
    own.ranker = NULL;
    own.context = own.review = own.previous = NULL;
    rs_line line = {.path = path, .out = "", .options = &own, .lends = true};
    rs_params *params = NULL;
    rs_context_stand(ctx, NULL, -1);
    if (!own.params) RS_TRY(rs_run_params_new(ctx, &params));
    line.params = params ? params : own.params;
    line.arena = rs_arena_new();
    line.report_arena = rs_arena_new();
    const rs_case *found = NULL;
    rs_status status = line.arena && line.report_arena ? check_options(ctx, &own) : rs_fail_memory(ctx, "the run");
    if (status == RS_OK) status = rs_line_plan(ctx, &line);
    if (status == RS_OK) status = rs_line_run(ctx, &line);
    if (status == RS_OK) status = searched_case(ctx, &line, &found);
    if (status == RS_OK) {
        rs_context_stand(ctx, NULL, -1);
        const rs_run_scan scan = {found->pick.series, found->volume, found->regions, found->quality};
        status = use(ctx, &scan, user);
    }
    rs_arena_free(line.report_arena);
    rs_line_end(ctx, &line);
    rs_params_free(params);
    return status;
}

void rs_run_result_free(rs_run_result *result)
{
    if (result) rs_arena_free(result->arena);
}

const rs_report *rs_run_result_report(const rs_run_result *result)
{
    return result->has_report ? &result->report : NULL;
}

bool rs_run_result_repeats(const rs_run_result *result)
{
    return result->repeats;
}

bool rs_run_result_has_packet(const rs_run_result *result)
{
    return result->has_packet;
}

const char *rs_run_result_dump(const rs_run_result *result)
{
    return result->dump;
}

int rs_run_result_stages(const rs_run_result *result, const rs_stage **stages)
{
    *stages = result->stages;
    return result->n_stages;
}
