/* restage phantom: a synthetic patient. */
#include "cli.h"

#include <math.h>

#include "restage/phantom.h"

static const char about[] =
    "Writes a synthetic chest CT as one DICOM file a slice, and truth.json with the centre, "
    "volume and contrast of every lesion, into a new folder. The same seed and options give the "
    "same bytes.";

typedef struct phantom_call {
    const char *out;
    int64_t seed, columns, rows, slices, lesions;
    double spacing, thickness, field, smallest, largest;
    bool force;
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

static rs_status phantom_options(cli *c, const phantom_call *p, rs_phantom_options *out)
{
    const int64_t sides[] = {p->columns, p->rows, p->slices};
    for (int i = 0; i < 3; i++)
        if (sides[i] != CLI_NOT_GIVEN && (sides[i] < 1 || sides[i] > 4096))
            return rs_fail(c->ctx, RS_USAGE, "columns, rows and slices of a phantom lie between 1 and 4096");
    if (p->lesions != CLI_NOT_GIVEN && (p->lesions < 0 || p->lesions > 4096))
        return rs_fail(c->ctx, RS_USAGE, "--lesions wants 0 to 4096");
    static const char *const names[] = {"slice-spacing", "thickness", "field-of-view", "smallest", "largest"};
    const double mm[] = {p->spacing, p->thickness, p->field, p->smallest, p->largest};
    for (int i = 0; i < 5; i++)
        if (mm[i] <= 0) return rs_fail(c->ctx, RS_USAGE, "--%s wants a length above 0 mm", names[i]);
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
        .force = p->force,
    };
    return RS_OK;
}

rs_status cmd_phantom(cli *c, int argc, char **argv)
{
    phantom_call p = {.seed = 1,
                      .columns = CLI_NOT_GIVEN,
                      .rows = CLI_NOT_GIVEN,
                      .slices = CLI_NOT_GIVEN,
                      .lesions = CLI_NOT_GIVEN,
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
        {"slices", 0, CLI_INTEGER, &p.slices, "N", "slices", "300"},
        {"slice-spacing", 0, CLI_REAL, &p.spacing, "MM", "distance of slices", "1.0"},
        {"thickness", 0, CLI_REAL, &p.thickness, "MM", "slice thickness", "the distance"},
        {"field-of-view", 0, CLI_REAL, &p.field, "MM", "width of a slice", "360"},
        {"lesions", 0, CLI_INTEGER, &p.lesions, "N", "number of lesions", "drawn by the seed"},
        {"smallest", 0, CLI_REAL, &p.smallest, "MM", "least diameter of a lesion", "2"},
        {"largest", 0, CLI_REAL, &p.largest, "MM", "largest diameter of a lesion", "30"},
        {"force", 0, CLI_FLAG, &p.force, NULL, "replace an existing DIR", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "phantom -o DIR [options]", .about = about, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 0 || p.out == NULL)
        return rs_fail(c->ctx, RS_USAGE, "phantom wants -o DIR and no path: restage phantom -o DIR --seed N");
    RS_TRY(cli_start(c));
    rs_phantom_options ready;
    RS_TRY(phantom_options(c, &p, &ready));
    RS_TRY(rs_phantom_write(c->ctx, p.out, &ready));
    cli_clear_progress(c);
    if (c->json) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "folder", p.out);
        rs_json_set_integer(o, "seed", p.seed);
        return cli_print_json(c, o);
    }
    if (!c->quiet)
        printf("%s: a synthetic patient, seed %lld; its truth is in truth.json\n", cli_clean(c, p.out),
               (long long)p.seed);
    return RS_OK;
}
