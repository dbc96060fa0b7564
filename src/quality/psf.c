/* The point spread function where it was not measured: in plane by the class of the reconstruction kernel, along the
   normal from the slice thickness (science D1.5). Kernel names are those of the vendors' DICOM headers. */
#include "psf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/context.h"

typedef struct kernel_row {
    const char *name; /* upper case */
    rs_kernel_class kernel_class;
} kernel_row;

// clang-format off
/* Names without a number. GE in words, Philips in letters, Canon in words. */
static const kernel_row kernel_names[] = {
    {"SOFT", RS_KERNEL_SMOOTH},     {"STANDARD", RS_KERNEL_SMOOTH}, {"STND", RS_KERNEL_SMOOTH},
    {"DETAIL", RS_KERNEL_MEDIUM},   {"CHST", RS_KERNEL_MEDIUM},     {"LUNG", RS_KERNEL_SHARP},
    {"BONE", RS_KERNEL_SHARP},      {"BONEPLUS", RS_KERNEL_SHARP},  {"EDGE", RS_KERNEL_SHARP},
    {"ULTRA", RS_KERNEL_SHARP},
    {"A", RS_KERNEL_SMOOTH},        {"B", RS_KERNEL_SMOOTH},        {"C", RS_KERNEL_MEDIUM},
    {"D", RS_KERNEL_SHARP},         {"E", RS_KERNEL_SHARP},         {"L", RS_KERNEL_SHARP},
    {"YA", RS_KERNEL_SHARP},        {"YB", RS_KERNEL_SHARP},        {"YC", RS_KERNEL_SHARP},
    {"YD", RS_KERNEL_SHARP},        {"SOFTTISSUE", RS_KERNEL_SMOOTH}, {"ROUTINE", RS_KERNEL_MEDIUM},
    {"SHARPPLUS", RS_KERNEL_SHARP}, {"BODY", RS_KERNEL_SMOOTH},     {"BODYSHARP", RS_KERNEL_MEDIUM},
};
/* Siemens: body, dual energy, iterative and their successors, then the number that rises with sharpness. */
static const char *const siemens_prefixes[] = {"B", "D", "I", "J", "T", "BR", "BF", "BL", "BV", "BM", "BP", "BS", "QR"};
// clang-format on

static bool is_siemens_prefix(const char *letters)
{
    for (size_t n = 0; n < sizeof siemens_prefixes / sizeof *siemens_prefixes; n++)
        if (strcmp(letters, siemens_prefixes[n]) == 0) return true;
    return false;
}

/* Siemens: the steps of science D1.5 with the gaps between them halved. */
static rs_kernel_class by_siemens_number(long number)
{
    if (number < 10 || number > 99) return RS_KERNEL_UNKNOWN;
    if (number <= 33) return RS_KERNEL_SMOOTH;
    return number <= 48 ? RS_KERNEL_MEDIUM : RS_KERNEL_SHARP;
}

/* Toshiba and Canon: FC01-19 body, 20-29 and 40-49 head, 30-39 bone and inner ear, 50-59 lung, 80-89 high resolution.
 */
static rs_kernel_class by_fc_number(long number)
{
    if (number < 1 || number > 99) return RS_KERNEL_UNKNOWN;
    if (number < 20) return RS_KERNEL_SMOOTH;
    if (number < 30 || (number >= 40 && number < 50)) return RS_KERNEL_MEDIUM;
    return RS_KERNEL_SHARP;
}

rs_kernel_class rs_kernel_class_of(const char *kernel)
{
    char letters[24];
    size_t n = 0, at = 0;
    if (!kernel) return RS_KERNEL_UNKNOWN;
    while (kernel[at] == ' ')
        at++;
    while (isalpha((unsigned char)kernel[at]) && n + 1 < sizeof letters)
        letters[n++] = (char)toupper((unsigned char)kernel[at++]);
    letters[n] = 0;
    if (isdigit((unsigned char)kernel[at])) {
        long number = strtol(kernel + at, NULL, 10);
        if (strcmp(letters, "FC") == 0) return by_fc_number(number);
        return is_siemens_prefix(letters) ? by_siemens_number(number) : RS_KERNEL_UNKNOWN;
    }
    for (size_t r = 0; r < sizeof kernel_names / sizeof *kernel_names; r++)
        if (strcmp(letters, kernel_names[r].name) == 0) return kernel_names[r].kernel_class;
    return RS_KERNEL_UNKNOWN;
}

double rs_kernel_in_plane_mm(rs_kernel_class kernel_class)
{
    if (kernel_class == RS_KERNEL_SMOOTH) return 1.4;
    return kernel_class == RS_KERNEL_SHARP ? 0.8 : 1.1;
}

void rs_psf_from_table(const rs_scan_facts *facts, rs_quality *out)
{
    rs_kernel_class kernel_class = rs_kernel_class_of(facts->kernel);
    bool has_thickness = facts->thickness_mm > 0;
    out->psf = (rs_psf){.in_plane_mm = rs_kernel_in_plane_mm(kernel_class), .axial_mm = 1.05 * out->thickness_mm};
    /* An unknown kernel may lie anywhere between the classes 0.8 and 1.4 mm. */
    out->psf_error = (rs_psf){.in_plane_mm = kernel_class ? 0.20 : 0.30, .axial_mm = has_thickness ? 0.20 : 0.30};
    out->psf_basis = "kernel table";
    out->psf_measured = out->axial_measured = false;
}

rs_status rs_psf_note(struct rs_context *ctx, const rs_scan_facts *facts, const rs_quality_params *params,
                      rs_arena *arena, rs_quality *out)
{
    const char *axial_source = facts->thickness_mm > 0 ? "slice thickness" : "slice spacing";
    if (out->psf_measured && out->axial_measured) return RS_OK;
    if (out->psf_measured)
        return rs_notes_add(ctx, arena, &out->notes, "psf_from_table", NULL,
                            "the scan's resolution along the normal was not measured, for too few places on the edge "
                            "of the lung lie across it: %.1f mm was taken from the %s; sizes of small lesions depend "
                            "on it",
                            out->psf.axial_mm, axial_source);
    const char *source = rs_kernel_class_of(facts->kernel)
                             ? "by the class of its reconstruction kernel"
                             : "by a middle value, for its reconstruction kernel is not in the table";
    const char *why = out->n_edge_points < params->quality_least_edges
                          ? rs_arena_printf(arena, "the edge of the lung gave %d places of the %d that are needed",
                                            out->n_edge_points, params->quality_least_edges)
                          : rs_arena_printf(arena,
                                            "%d places on the edge of the lung agree on no blur in and across "
                                            "the slices",
                                            out->n_edge_points);
    if (!why) return rs_fail_memory(ctx, "the resolution");
    return rs_notes_add(ctx, arena, &out->notes, "psf_from_table", NULL,
                        "the scan's resolution was not measured, for %s: %.1f mm in plane was taken %s, and %.1f mm "
                        "along the normal from the %s; sizes of small lesions depend on it",
                        why, out->psf.in_plane_mm, source, out->psf.axial_mm, axial_source);
}
