/* The work of the stations, in their order (architecture 1.2). */
#include "stations.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "report/build.h"
#include "restage/kernels.h"
#include "restage/sandbox.h"
#include "restage/text.h"

#define PRODUCT(line, type) RS_ARENA_NEW((line)->arena, type, 1)

static void stand_at(rs_context *ctx, const char *station, const rs_case *c)
{
    rs_context_stand(ctx, station, c->pick.series ? c->pick.series->series_number : -1);
}

/* Packets of ours are listed where there is nothing else, or one is asked for: to be refused by name. Otherwise they
   are what came out, not what goes in: a packet would list itself once it is filed, and never be made again. */
static rs_status list_series(rs_context *ctx, rs_line *line)
{
    const int n = rs_study_n_series(line->study);
    const char *asked = line->options->series_uid;
    int n_input = 0;
    bool all = false;
    const rs_series **items = RS_ARENA_NEW(line->arena, const rs_series *, n);
    if (!items) return rs_fail_memory(ctx, "the list of series");
    for (int i = 0; i < n; i++) {
        const rs_series *series = rs_study_series(line->study, i);
        n_input += !series->of_packet;
        all = all || (series->of_packet && asked && strcmp(series->series_instance_uid, asked) == 0);
    }
    all = all || n_input == 0;
    for (int i = 0; i < n; i++) {
        const rs_series *series = rs_study_series(line->study, i);
        if (all || !series->of_packet) items[line->series.n++] = series;
    }
    line->series.items = items;
    return RS_OK;
}

/* True where path is folder or lies below it; *below: what stands behind the folder's name. */
static bool lies_in(const char *path, const char *folder, const char **below)
{
    size_t n = strlen(folder);
    while (n > 0 && folder[n - 1] == '/')
        n--;
    if (strncmp(path, folder, n) != 0 || (path[n] != 0 && path[n] != '/')) return false;
    *below = path + n + strspn(path + n, "/");
    return true;
}

/* True where a slice lies in the folder that PATH and below name, and is no file of the packet that stands there. */
static bool reads_from(const rs_series *series, const char *path, const char *below)
{
    const char *file;
    for (int32_t k = 0; k < series->n_slices; k++)
        if (lies_in(series->slices[k].path, path, &file) && lies_in(file, below, &file) && !rs_packet_has_file(file))
            return true;
    return false;
}

/* --force removes what a folder held: never the images that are read. */
static rs_status spare_input(rs_context *ctx, const rs_line *line, const char *folder)
{
    char in[PATH_MAX], out[PATH_MAX];
    const char *below;
    if (!line->options->force || !realpath(line->path, in) || !realpath(folder, out)) return RS_OK;
    bool holds = lies_in(in, out, &below);
    if (!holds && lies_in(out, in, &below)) {
        for (int s = 0; s < rs_study_n_series(line->study); s++)
            holds |= reads_from(rs_study_series(line->study, s), line->path, below);
    }
    if (!holds) return RS_OK;
    return rs_fail(ctx, RS_CANT_CREATE,
                   "the output folder holds images of the input, which --force would remove: name another folder");
}

/* Before the first pixel: an output that cannot be made is told at once. */
static rs_status begin_folders(rs_context *ctx, rs_line *line)
{
    bool force = line->options->force;
    if (line->writes_packet) {
        rs_json *replaced = NULL;
        RS_TRY(spare_input(ctx, line, line->out));
        RS_TRY(rs_replaced_read(ctx, line, &replaced));
        rs_json_free(replaced); /* read again at the end: it may be sent until then */
        RS_TRY(rs_folder_begin(ctx, line->out, force ? "done.json" : NULL, &line->folder));
    }
    if (!line->dump_out) return RS_OK;
    RS_TRY(spare_input(ctx, line, line->dump_out));
    return rs_folder_begin(ctx, line->dump_out, force ? RS_DUMP_INDEX : NULL, &line->dump_folder);
}

/* --series names its study too, where it lies in one only. */
static const char *study_of(const rs_study *study, const rs_run_options *options)
{
    const char *found = options->study_uid;
    if (found || !options->series_uid) return found;
    for (int s = 0; s < rs_study_n_series(study); s++) {
        const rs_series *series = rs_study_series(study, s);
        if (strcmp(series->series_instance_uid, options->series_uid) != 0) continue;
        if (found && strcmp(found, series->study_instance_uid) != 0) return NULL;
        found = series->study_instance_uid;
    }
    return found;
}

/* A refusal of the series with what may have caused it: files that were refused before. One that names a series comes
   before others. */
static rs_status tell_refused_files(rs_context *ctx, const rs_study *study, rs_status status)
{
    char why[512];
    const rs_notes *notes = rs_study_notes(study);
    const int64_t n = rs_study_counts(study).refused;
    const char *file = NULL;
    for (int s = 0; s < rs_study_n_series(study) && !file; s++)
        file = rs_study_series(study, s)->refused_file;
    if (status != RS_DATA || n == 0 || notes->n == 0) return status;
    (void)rs_text_format(why, sizeof why, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status, "%s; %lld of the files %s refused before: %s", why, (long long)n,
                   n == 1 ? "was" : "were", file ? file : notes->items[0].sentence);
}

rs_status rs_station_series(rs_context *ctx, rs_line *line)
{
    const rs_study_options options = {.allow_partial = line->options->allow_partial};
    RS_TRY(rs_study_open(ctx, line->path, &options, &line->study));
    RS_TRY(rs_study_select(ctx, line->study, study_of(line->study, line->options)));
    RS_TRY(list_series(ctx, line));
    rs_status chosen = rs_choose(ctx, &line->series, line->options->series_uid, line->arena, &line->chosen);
    RS_TRY(tell_refused_files(ctx, line->study, chosen));
    line->cases = RS_ARENA_NEW(line->arena, rs_case, line->chosen.n_picks);
    if (!line->cases) return rs_fail_memory(ctx, "the cases");
    line->n_cases = line->chosen.n_picks;
    for (int c = 0; c < line->n_cases; c++)
        line->cases[c].pick = line->chosen.picks[c];
    RS_TRY(rs_told_previous_check(ctx, line));
    RS_TRY(rs_bed_open(ctx, line));
    if (line->writes_packet) RS_TRY(rs_filing_read(ctx, line));
    RS_TRY(rs_told_filed(ctx, line));
    return begin_folders(ctx, line);
}

static rs_status read_case(rs_context *ctx, rs_line *line, int index)
{
    rs_case *c = &line->cases[index];
    for (int o = 0; o < index; o++) {
        if (line->cases[o].pick.series != c->pick.series) continue;
        c->volume = line->cases[o].volume;
        c->read = line->cases[o].read;
        c->shares_volume = true;
        return RS_OK;
    }
    rs_volume *volume = PRODUCT(line, rs_volume);
    rs_read_facts *facts = PRODUCT(line, rs_read_facts);
    if (!volume || !facts) return rs_fail_memory(ctx, "the volume");
    RS_TRY(rs_read_volume(ctx, c->pick.series, line->arena, volume, facts));
    c->volume = volume;
    c->read = facts;
    return RS_OK;
}

rs_status rs_station_read(rs_context *ctx, rs_line *line)
{
    for (int c = 0; c < line->n_cases; c++) {
        if (!line->cases[c].pick.series) continue;
        stand_at(ctx, "read", &line->cases[c]);
        RS_TRY(read_case(ctx, line, c));
    }
    RS_TRY(rs_points_assign(ctx, line));
    return rs_bed_draw(ctx, line);
}

rs_status rs_station_organs(rs_context *ctx, rs_line *line)
{
    for (int i = 0; i < line->n_cases; i++) {
        rs_case *c = &line->cases[i];
        stand_at(ctx, "organs", c);
        rs_regions *regions = PRODUCT(line, rs_regions);
        if (!regions) return rs_fail_memory(ctx, "the organs");
        if (c->volume)
            RS_TRY(c->pick.organ->segment(ctx, c->volume, line->params, line->arena, regions));
        else
            RS_TRY(c->pick.organ->absent(ctx, c->pick.reason, line->arena, regions));
        c->regions = regions;
        if (c->volume && c->read->n_unseen) RS_TRY(rs_gaps_leave_out(ctx, c, line->arena, regions));
        const rs_series *series = c->pick.series;
        if (c->volume && series->open_why)
            RS_TRY(rs_regions_open_end(ctx, regions, series->open_end, series->open_why, line->arena));
    }
    return RS_OK;
}

rs_status rs_station_quality(rs_context *ctx, rs_line *line)
{
    for (int i = 0; i < line->n_cases; i++) {
        rs_case *c = &line->cases[i];
        stand_at(ctx, "quality", c);
        if (!rs_case_has_work(c)) continue;
        rs_quality *quality = PRODUCT(line, rs_quality);
        if (!quality) return rs_fail_memory(ctx, "the image quality");
        const rs_scan_facts facts = {
            .kernel = c->pick.series->kernel,
            .manufacturer = c->pick.series->manufacturer,
            .thickness_mm = c->pick.series->thickness_mm,
            .params = line->params,
        };
        RS_TRY(rs_quality_measure(ctx, c->volume, c->regions, &facts, line->arena, quality));
        c->quality = quality;
    }
    return RS_OK;
}

rs_status rs_station_detect(rs_context *ctx, rs_line *line)
{
    const char *sensitivity = line->options->sensitivity;
    for (int i = 0; i < line->n_cases; i++) {
        rs_case *c = &line->cases[i];
        stand_at(ctx, "detect", c);
        if (!rs_case_has_work(c)) continue;
        rs_candidates *candidates = PRODUCT(line, rs_candidates);
        rs_marks *marks = PRODUCT(line, rs_marks);
        if (!candidates || !marks) return rs_fail_memory(ctx, "the candidates");
        const rs_detect_profile *profile = &c->pick.organ->detect;
        if (rs_case_is_searched(c))
            c->point = rs_detect_point(profile, line->ranker, line->params, sensitivity ? sensitivity : "default");
        const rs_detect_wish wish = {
            .profile = profile,
            .point = c->point,
            .params = line->params,
            .detector = line->detector,
            .ranker = line->ranker,
            .series_uid = c->pick.series->series_instance_uid,
            .at_lps_mm = (const double(*)[3])c->at_lps_mm,
            .n_at = c->n_at,
            .every_feature = line->every_feature,
        };
        RS_TRY(rs_detect(ctx, c->volume, c->quality, c->regions, &wish, line->arena, candidates, marks));
        c->candidates = candidates;
        c->marks = marks;
    }
    return RS_OK;
}

rs_status rs_station_measure(rs_context *ctx, rs_line *line)
{
    for (int i = 0; i < line->n_cases; i++) {
        rs_case *c = &line->cases[i];
        stand_at(ctx, "measure", c);
        if (!c->marks) continue;
        rs_lesions *lesions = PRODUCT(line, rs_lesions);
        if (!lesions) return rs_fail_memory(ctx, "the measurements");
        RS_TRY(rs_measure(ctx, c->volume, c->quality, c->regions, c->candidates, c->marks, &c->pick.organ->measure,
                          line->params, line->arena, lesions));
        c->lesions = lesions;
    }
    return RS_OK;
}

/* A packet that was filed with its study sets the next run off: with the same input it has to come out as it is, under
   the UIDs that are filed, not as one more. So the report is first built on what the newest packet stood on; where that
   gives its UIDs, this run is that one, and its time of creation is the one there. */
static rs_status build_again(rs_context *ctx, rs_line *line, rs_report_input input)
{
    const rs_arena_mark mark = rs_arena_where(line->report_arena);
    const char *filed = line->previous->sr_uid;
    input.previous = line->before;
    if (!input.created_given) (void)rs_told_filed_time(line->previous, &input.created_s);
    rs_status status = rs_report_build(ctx, &input, line->report_arena, &line->report);
    const char *made = status == RS_OK ? line->report.filing.sr_uid : NULL;
    line->repeats = made && strcmp(made, filed) == 0;
    if (line->repeats) {
        rs_log(ctx, RS_LOG_INFO, "the study holds this packet already");
        return RS_OK;
    }
    rs_arena_rewind(line->report_arena, mark);
    line->report = (rs_report){0};
    return status == RS_DATA ? RS_OK : status; /* a review of the newest packet's marks, for one */
}

static rs_status build_report(rs_context *ctx, rs_line *line, const rs_report_input *input)
{
    if (line->may_repeat) RS_TRY(build_again(ctx, line, *input));
    return line->repeats ? RS_OK : rs_report_build(ctx, input, line->report_arena, &line->report);
}

rs_status rs_station_report(rs_context *ctx, rs_line *line)
{
    rs_report_case *cases = RS_ARENA_NEW(line->arena, rs_report_case, line->n_cases);
    if (!cases) return rs_fail_memory(ctx, "the report");
    for (int c = 0; c < line->n_cases; c++)
        cases[c] = rs_case_for_report(&line->cases[c]);
    rs_report_input input = {
        .series = line->series.items,
        .n_series = line->series.n,
        .counts = rs_study_counts(line->study),
        .input_digest = rs_study_digest(line->study),
        .choices = line->chosen.choices,
        .cases = cases,
        .n_cases = line->n_cases,
        .params = line->params,
        .tier = rs_tier_name(rs_context_kernels(ctx)->tier),
        .detector = line->detector,
        .ranker = line->ranker ? line->ranker : rs_ranker_built_in(),
        .identity = line->options->identity ? line->options->identity : "full",
        .key = line->key,
        .n_key = line->n_key,
        .created_s = line->created_s,
        .created_given = line->created_given,
        .no_seg = line->options->no_seg,
        .sr_plain = line->options->sr_plain,
        .sr_tag = line->options->sr_tag,
        .filed = line->filed,
        .notes = &line->notes,
        .context = line->context,
        .review = line->review,
        .previous = line->previous,
        .bed_given = line->masks != NULL,
    };
    input.n_libraries = rs_run_libraries(&input.libraries);
    RS_TRY(build_report(ctx, line, &input));
    line->has_report = true;
    return RS_OK;
}

rs_status rs_station_packet(rs_context *ctx, rs_line *line)
{
    rs_sources sources = {.masks = line->options->masks,
                          .fhir = line->options->fhir,
                          .no_seg = line->options->no_seg,
                          .sr_plain = line->options->sr_plain,
                          .sr_tag = line->options->sr_tag ? line->options->sr_tag : RS_SR_TAG};
    for (int c = 0; c < line->n_cases && !sources.volume; c++) {
        sources.volume = line->cases[c].volume;
        sources.regions = line->cases[c].volume ? line->cases[c].regions : NULL;
    }
    const rs_sandbox_layers sandbox = rs_sandbox_active(ctx);
    rs_json *replaced = NULL;
    RS_TRY(rs_replaced_read(ctx, line, &replaced));
    const rs_packet_facts facts = {
        .stages = line->stages,
        .n_stages = line->n_stages,
        .threads = rs_context_threads(ctx),
        .cores = rs_usable_cores(),
        .input_path = line->path,
        .output_path = line->out,
        .sandbox = {rs_sandbox_mode_name(sandbox.mode), sandbox.process, sandbox.limits, sandbox.landlock,
                    sandbox.seccomp, sandbox.missing, sandbox.decoded, sandbox.restarted},
        .sent = rs_json_get(replaced, "sent"),
    };
    const rs_status status = rs_packet_write(ctx, &line->report, &sources, &facts, line->folder);
    rs_json_free(replaced);
    return status;
}
