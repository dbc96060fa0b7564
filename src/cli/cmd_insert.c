/* restage insert: synthetic lesions blended into a real scan. */
#include "cli.h"

#include <math.h>

#include "restage/insert.h"
#include "restage/run.h"

static const char about[] =
    "Blends synthetic lesions into a real chest CT and writes the whole series anew, one DICOM file a slice, with "
    "truth.json, into a new folder: a truth for ranking against real clutter. By formula (round, lobulated, irregular; "
    "solid, part-solid, ground glass, cavity, calcified), or real nodules of a library of cut-outs. What each touches "
    "is measured and recorded. The series says SYNTHETIC and names no patient; it must never be sent anywhere. The "
    "same "
    "scan, seed and options give the same bytes.";

typedef struct insert_call {
    const char *out, *series, *study, *library, *patients, *ignore;
    int64_t seed, lesions;
    double smallest, largest, vessel, wall, library_share;
    bool force;
    rs_insert_options options;
    rs_insert_counts counts;
} insert_call;

static rs_status insert_options(cli *c, insert_call *i)
{
    if (i->seed < 0) return rs_fail(c->ctx, RS_USAGE, "--seed wants a whole number from 0 up");
    if (i->lesions != CLI_NOT_GIVEN && (i->lesions < 1 || i->lesions > 200))
        return rs_fail(c->ctx, RS_USAGE, "--lesions wants 1 to 200");
    if (i->library == NULL && (i->patients != NULL || !isnan(i->library_share)))
        return rs_fail(c->ctx, RS_USAGE,
                       "--patients and --library-share speak of the folder of --library, which is not given");
    if (i->library_share <= 0.0)
        return rs_fail(c->ctx, RS_USAGE, "--library-share wants a share above 0: without --library all are by formula");
    if (i->smallest <= 0.0 || i->largest <= 0.0)
        return rs_fail(c->ctx, RS_USAGE, "diameters of lesions lie between 1.5 and 30 mm, the smallest first");
    i->options = (rs_insert_options){
        .seed = (uint64_t)i->seed,
        .n_lesions = i->lesions != CLI_NOT_GIVEN ? (int32_t)i->lesions : 0,
        .smallest_mm = isnan(i->smallest) ? 0.0 : i->smallest,
        .largest_mm = isnan(i->largest) ? 0.0 : i->largest,
        .vessel_share = i->vessel,
        .wall_share = i->wall,
        .library = i->library,
        .library_share = isnan(i->library_share) ? 0.0 : i->library_share,
        .patients = i->patients,
        .ignore = i->ignore,
        .force = i->force,
        .counts = &i->counts,
    };
    return RS_OK;
}

static rs_status write_scan(rs_context *ctx, const rs_run_scan *scan, void *user)
{
    const insert_call *i = user;
    const rs_insert_input input = {scan->series, scan->volume, scan->regions, scan->quality};
    return rs_insert_write(ctx, &input, i->out, &i->options);
}

static rs_status tell(cli *c, const insert_call *i)
{
    const rs_insert_counts *n = &i->counts;
    if (c->json) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "folder", i->out);
        rs_json_set_integer(o, "seed", i->seed);
        rs_json_set_integer(o, "lesions", n->lesions);
        rs_json_set_integer(o, "asked", n->asked);
        if (i->library != NULL) rs_json_set_integer(o, "library_nodules", n->nodules);
        return cli_print_json(c, o);
    }
    if (c->quiet) return RS_OK;
    printf(
        "%s: the scan with SYNTHETIC lesions, %d of %d that were asked for, seed %lld; their truth is in truth.json\n",
        cli_clean(c, i->out), (int)n->lesions, (int)n->asked, (long long)i->seed);
    if (i->library != NULL) printf("nodules of the library within the bounds: %d\n", (int)n->nodules);
    return RS_OK;
}

rs_status cmd_insert(cli *c, int argc, char **argv)
{
    insert_call i = {.seed = CLI_NOT_GIVEN,
                     .lesions = CLI_NOT_GIVEN,
                     .smallest = (double)NAN,
                     .largest = (double)NAN,
                     .vessel = (double)NAN,
                     .wall = (double)NAN,
                     .library_share = (double)NAN};
    const char *sandbox = NULL;
    cli_option options[] = {
        {"output", 'o', CLI_TEXT, &i.out, "DIR", "folder to make", NULL},
        {"seed", 0, CLI_INTEGER, &i.seed, "N", "which lesions", NULL},
        {"lesions", 0, CLI_INTEGER, &i.lesions, "N", "how many, 1 to 200; fewer where no room is left", "60"},
        {"smallest", 0, CLI_REAL, &i.smallest, "MM", "least diameter, from 1.5", "2"},
        {"largest", 0, CLI_REAL, &i.largest, "MM", "largest diameter, to 30", "10"},
        {"vessel-share", 0, CLI_REAL, &i.vessel, "S", "share of the lesions that is aimed at vessels",
         "wherever they fall"},
        {"wall-share", 0, CLI_REAL, &i.wall, "S", "share that is aimed at the wall, and cut by it",
         "wherever they fall"},
        {"library", 0, CLI_TEXT, &i.library, "DIR",
         "cutouts.csv, image/ and mask/ of real nodules; those of an effective diameter from --smallest to --largest "
         "are drawn evenly, none again before all were, and how many there are is told at the end",
         NULL},
        {"library-share", 0, CLI_REAL, &i.library_share, "S", "share of the lesions that comes from --library", "all"},
        {"patients", 0, CLI_TEXT, &i.patients, "FILE", "patients of --library to take, one a line", "all"},
        {"ignore", 0, CLI_TEXT, &i.ignore, "FILE",
         "the scan's own lesions (annotations.json, LUNA16 CSV): kept clear of, and listed as irrelevant", NULL},
        {"series", 0, CLI_TEXT, &i.series, "UID", "SeriesInstanceUID", "as run chooses"},
        {"study", 0, CLI_TEXT, &i.study, "UID", "StudyInstanceUID", "the one there is"},
        CLI_LIMIT_OPTION,
        CLI_SANDBOX_OPTION(&sandbox),
        {"force", 0, CLI_FLAG, &i.force, NULL, "replace an existing DIR", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "insert PATH -o DIR --seed N [options]", .about = about, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 1 || i.out == NULL || i.seed == CLI_NOT_GIVEN)
        return rs_fail(c->ctx, RS_USAGE, "%s: restage insert PATH -o DIR --seed N",
                       call.n_operands != 1 ? "insert wants one path"
                       : i.out == NULL      ? "-o DIR is missing"
                                            : "--seed N is missing");
    RS_TRY(insert_options(c, &i));
    RS_TRY(cli_start(c));
    RS_TRY(cli_sandbox(c, sandbox));
    const rs_run_options run = {.series_uid = i.series, .study_uid = i.study};
    RS_TRY(rs_run_scan_of(c->ctx, call.operands[0], &run, write_scan, &i));
    cli_clear_progress(c);
    return tell(c, &i);
}
