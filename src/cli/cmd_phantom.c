/* restage phantom: a synthetic patient. */
#include "cli.h"

#include <math.h>

#include "restage/phantom.h"

static const char about[] =
    "Writes a synthetic chest CT as one DICOM file a slice, and truth.json with the centre, "
    "volume and contrast of every lesion, into a new folder. The same seed and options give the "
    "same bytes. A recipe (JSON; samples/recipe-*.json) adds what makes real chests hard; the seeds of lesions and "
    "scanner draw these anew into the same patient, and time point 1 is the same patient later.";

static const char footer[] =
    "A recipe is {\"schema\": \"restage-recipe-1\", \"name\": TEXT} and, each where it is wanted: \"lesions\": "
    "empty_share (of patients, 0 to 1), mean (of all patients, 0 to 100), smallest_mm, largest_mm, median_mm (1 to "
    "80), "
    "log_sd (0 to 2; 0 is even in the logarithm), hu [low, high]; \"scan\": thickness_mm (0.4 to 10), spacing_share "
    "(slice spacing over thickness, 0.2 to 2); \"modes\": NAME: true, false, or an object of share (of patients) and "
    "the parameters of --list-modes, each a number or [low, high]; \"follow_up\", for time point 1: grown_share, "
    "vanished_share (of lesions), growth (volume later over before, 0.1 to 20), new (lesions, 0 to 50), other_scanner "
    "(true or false). Options go before the recipe. In truth.json volumes are those of the whole lesion, a cavity's "
    "air "
    "and a spicule included; attachment is measured, aimed is what was meant.";

typedef struct phantom_call {
    const char *out;
    const char *recipe;
    int64_t seed, columns, rows, slices, lesions, lesion_seed, scan_seed, time_point;
    double spacing, thickness, field, smallest, largest;
    bool force, list_modes;
} phantom_call;

/* 0, which the library takes for its default, where the option was not given. */
static int32_t given(int64_t value)
{
    return value != CLI_NOT_GIVEN ? (int32_t)value : 0;
}

static double given_mm(double value)
{
    return isnan(value) ? 0.0 : value;
}

static rs_status phantom_options(cli *c, const phantom_call *p, rs_phantom_counts *counts, rs_phantom_options *out)
{
    const int64_t sides[] = {p->columns, p->rows, p->slices};
    for (int i = 0; i < 3; i++)
        if (sides[i] != CLI_NOT_GIVEN && (sides[i] < 1 || sides[i] > 4096))
            return rs_fail(c->ctx, RS_USAGE, "columns, rows and slices of a phantom lie between 1 and 4096");
    if (p->lesions != CLI_NOT_GIVEN && (p->lesions < 0 || p->lesions > 200))
        return rs_fail(c->ctx, RS_USAGE, "--lesions wants 0 to 200");
    static const char *const names[] = {"slice-spacing", "thickness", "field-of-view", "smallest", "largest"};
    const double mm[] = {p->spacing, p->thickness, p->field, p->smallest, p->largest};
    for (int i = 0; i < 5; i++)
        if (mm[i] <= 0) return rs_fail(c->ctx, RS_USAGE, "--%s wants a length above 0 mm", names[i]);
    if ((p->lesion_seed != CLI_NOT_GIVEN && p->lesion_seed < 1) || (p->scan_seed != CLI_NOT_GIVEN && p->scan_seed < 1))
        return rs_fail(c->ctx, RS_USAGE, "--lesion-seed and --scan-seed want a whole number from 1 up");
    if (p->time_point != 0 && p->time_point != 1) return rs_fail(c->ctx, RS_USAGE, "--time-point wants 0 or 1");
    if (p->seed < 0) return rs_fail(c->ctx, RS_USAGE, "--seed wants a whole number from 0 up");
    *out = (rs_phantom_options){
        .seed = (uint64_t)p->seed,
        .columns = given(p->columns),
        .rows = given(p->rows != CLI_NOT_GIVEN ? p->rows : p->columns),
        .slices = given(p->slices),
        .slice_spacing_mm = given_mm(p->spacing),
        .thickness_mm = given_mm(isnan(p->thickness) ? p->spacing : p->thickness),
        .field_of_view_mm = given_mm(p->field),
        .n_lesions = p->lesions != CLI_NOT_GIVEN ? (int32_t)p->lesions : -1,
        .smallest_mm = given_mm(p->smallest),
        .largest_mm = given_mm(p->largest),
        .recipe = p->recipe,
        .lesion_seed = p->lesion_seed != CLI_NOT_GIVEN ? (uint64_t)p->lesion_seed : 0,
        .scan_seed = p->scan_seed != CLI_NOT_GIVEN ? (uint64_t)p->scan_seed : 0,
        .time_point = (int32_t)p->time_point,
        .force = p->force,
        .counts = counts,
    };
    return RS_OK;
}

static void set_range(rs_json *object, const char *key, double low, double high)
{
    rs_json *array = rs_json_array();
    rs_json_add_real(array, low, 4);
    rs_json_add_real(array, high, 4);
    rs_json_set(object, key, array);
}

static rs_json *list_knob(cli *c, const rs_phantom_knob_row *k)
{
    if (!c->json)
        cli_wrap(stdout, 4, 8, cli_width(),
                 cli_text(c, "%s [%s, %s]: %s (from %s to %s)", k->name, cli_number(c, k->low), cli_number(c, k->high),
                          k->what, cli_number(c, k->least), cli_number(c, k->most)));
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "name", k->name);
    rs_json_set_text(o, "what", k->what);
    set_range(o, "default", k->low, k->high);
    set_range(o, "bounds", k->least, k->most);
    return o;
}

static rs_status list_modes(cli *c)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_phantom_mode_row row;
    rs_phantom_knob_row knob;
    rs_json_set(root, "modes", list);
    for (int n = 0; rs_phantom_mode_row_at(n, &row); n++) {
        if (!c->json)
            cli_wrap(stdout, 0, 4, cli_width(),
                     cli_text(c, "%s (%s), share %s: %s", row.name, row.failure, cli_number(c, row.share), row.what));
        rs_json *o = rs_json_object(), *knobs = rs_json_array();
        rs_json_set_text(o, "name", row.name);
        rs_json_set_text(o, "failure", row.failure);
        rs_json_set_text(o, "what", row.what);
        rs_json_set_real(o, "share", row.share, 4);
        for (int k = 0; rs_phantom_knob_row_at(n, k, &knob); k++)
            rs_json_add(knobs, list_knob(c, &knob));
        rs_json_set(o, "knobs", knobs);
        rs_json_add(list, o);
    }
    if (c->json) return cli_print_json(c, root);
    rs_json_free(root);
    return RS_OK;
}

rs_status cmd_phantom(cli *c, int argc, char **argv)
{
    phantom_call p = {.seed = 1,
                      .columns = CLI_NOT_GIVEN,
                      .rows = CLI_NOT_GIVEN,
                      .slices = CLI_NOT_GIVEN,
                      .lesions = CLI_NOT_GIVEN,
                      .lesion_seed = CLI_NOT_GIVEN,
                      .scan_seed = CLI_NOT_GIVEN,
                      .spacing = (double)NAN,
                      .thickness = (double)NAN,
                      .field = (double)NAN,
                      .smallest = (double)NAN,
                      .largest = (double)NAN};
    cli_option options[] = {
        {"output", 'o', CLI_TEXT, &p.out, "DIR", "folder to make", NULL},
        {"seed", 0, CLI_INTEGER, &p.seed, "N", "which patient", "1"},
        {"columns", 0, CLI_INTEGER, &p.columns, "N", "columns of a slice", "512"},
        {"rows", 0, CLI_INTEGER, &p.rows, "N", "rows of a slice", "as columns"},
        {"slices", 0, CLI_INTEGER, &p.slices, "N", "slices", "300, or 300 mm of a recipe's"},
        {"slice-spacing", 0, CLI_REAL, &p.spacing, "MM", "distance of slices", "1.0, or the recipe's"},
        {"thickness", 0, CLI_REAL, &p.thickness, "MM", "slice thickness", "the distance"},
        {"field-of-view", 0, CLI_REAL, &p.field, "MM", "width of a slice", "360"},
        {"lesions", 0, CLI_INTEGER, &p.lesions, "N", "number of lesions, 0 to 200; fewer where no room is left",
         "drawn by the seed"},
        {"smallest", 0, CLI_REAL, &p.smallest, "MM", "least diameter of a lesion, from 2, with a recipe from 1",
         "2, or the recipe's"},
        {"largest", 0, CLI_REAL, &p.largest, "MM", "largest diameter of a lesion, to 80", "30, or the recipe's"},
        {"recipe", 0, CLI_TEXT, &p.recipe, "FILE", "failure modes, lesions and slices as the file says", "none"},
        {"lesion-seed", 0, CLI_INTEGER, &p.lesion_seed, "N", "draws other lesions into the patient", "the seed"},
        {"scan-seed", 0, CLI_INTEGER, &p.scan_seed, "N", "draws another scanner and its noise", "the seed"},
        {"time-point", 0, CLI_INTEGER, &p.time_point, "N",
         "1: the patient later, by the follow_up that the recipe must have", "0"},
        {"list-modes", 0, CLI_FLAG, &p.list_modes, NULL, "print the modes of recipes, their parameters, and end", NULL},
        {"force", 0, CLI_FLAG, &p.force, NULL, "replace an existing DIR", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "phantom -o DIR [options]", .about = about, .footer = footer, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (p.list_modes) return list_modes(c);
    if (call.n_operands != 0 || p.out == NULL)
        return rs_fail(c->ctx, RS_USAGE, "phantom wants -o DIR and no path: restage phantom -o DIR --seed N");
    RS_TRY(cli_start(c));
    rs_phantom_options ready;
    rs_phantom_counts counts = {0, 0};
    RS_TRY(phantom_options(c, &p, &counts, &ready));
    RS_TRY(rs_phantom_write(c->ctx, p.out, &ready));
    cli_clear_progress(c);
    if (c->json) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "folder", p.out);
        rs_json_set_integer(o, "seed", p.seed);
        rs_json_set_integer(o, "lesions", counts.lesions);
        rs_json_set_integer(o, "asked", counts.asked);
        return cli_print_json(c, o);
    }
    if (!c->quiet)
        printf("%s: a synthetic patient, seed %lld, with %d of %d lesions that were to be placed; its truth is in "
               "truth.json\n",
               cli_clean(c, p.out), (long long)p.seed, (int)counts.lesions, (int)counts.asked);
    return RS_OK;
}
