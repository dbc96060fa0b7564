/* export --region: regions drawn one by one into a volume of labels. */
#include "cli_region.h"

#include <string.h>

#include "restage/formats.h"

enum { MAX_LABELS = 255 };

/* One region as it was drawn. */
typedef struct drawn {
    const rs_mask_region *region;
    int64_t voxels;
    double volume_mm3;
    rs_notes notes;
    const char *other_series; /* a note; NULL: it was drawn on this one */
} drawn;

typedef struct labels {
    rs_volume volume;
    const rs_series *series;
    drawn *drawn;
    int n, first;   /* regions first ... first + n - 1 of the file are labels 1 ... n */
    int64_t shared; /* voxels of more than one region */
} labels;

static rs_status draw_one(cli *c, const rs_masks *masks, int index, labels *l)
{
    rs_mask mask = {0};
    const char *note = NULL;
    rs_status status = rs_masks_check_series(c->ctx, masks, l->first + index, l->series, &note);
    if (status == RS_DATA)
        return rs_fail(c->ctx, status, "the file of --region: %s", cli_text(c, "%s", rs_context_message(c->ctx)));
    RS_TRY(status);
    RS_TRY(rs_masks_draw(c->ctx, masks, l->first + index, &l->volume.geometry, c->arena, &mask));
    int64_t n = rs_geometry_voxels(&mask.geometry);
    for (int64_t v = 0; v < n && mask.voxels > 0; v++) {
        if (!mask.inside[v]) continue;
        l->shared += l->volume.voxels[v] != 0;
        l->volume.voxels[v] = (int16_t)(index + 1);
    }
    l->drawn[index] = (drawn){rs_masks_region(masks, l->first + index), mask.voxels, mask.volume_mm3, mask.notes, note};
    rs_mask_free(c->ctx, &mask);
    return RS_OK;
}

/* Contours of one plane have an area, and no thickness. */
static bool volume_is_known(const rs_mask_region *r)
{
    return r->volume_mm3 > 0 || r->n_contours == 0;
}

static void set_volume(rs_json *row, const char *key, const char *reason_key, const rs_mask_region *r)
{
    if (volume_is_known(r)) {
        rs_json_set_real(row, key, r->volume_mm3 / 1000, 6);
        return;
    }
    rs_json_set_null(row, key);
    rs_json_set_text(row, reason_key, "its contours lie in one plane, whose thickness the file does not say");
}

static rs_status print_json(cli *c, const cli_region_call *call, const rs_masks *masks, const labels *l)
{
    rs_json *o = rs_json_object(), *size = rs_json_array(), *spacing = rs_json_array(), *list = rs_json_array();
    rs_json_set_text(o, "file", call->out);
    rs_json_set_text(o, "series_instance_uid", call->series->series_instance_uid);
    for (int d = 0; d < 3; d++) {
        rs_json_add_integer(size, l->volume.geometry.n[d]);
        rs_json_add_real(spacing, l->volume.geometry.spacing_mm[d], 6);
    }
    rs_json_set(o, "size", size);
    rs_json_set(o, "spacing_mm", spacing);
    rs_json_set_text(o, "kind", rs_masks_kind_name(rs_masks_kind_of(masks)));
    for (int i = 0; i < l->n; i++) {
        const drawn *d = &l->drawn[i];
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "name", d->region->name);
        rs_json_set_integer(row, "number", d->region->number);
        rs_json_set_integer(row, "label", i + 1);
        rs_json_set_integer(row, "voxels", d->voxels);
        rs_json_set_real(row, "volume_ml", d->volume_mm3 / 1000, 6);
        set_volume(row, "volume_in_file_ml", "volume_in_file_ml_reason", d->region);
        rs_json_set_integer(row, "contours", d->region->n_contours);
        rs_json_set_integer(row, "left_out", d->region->n_left_out);
        rs_json_add(list, row);
    }
    rs_json_set(o, "regions", list);
    rs_json_set_integer(o, "shared_voxels", l->shared);
    return cli_print_json(c, o);
}

/* Notes of the file, or of one region of it. */
static void tell_notes(cli *c, const rs_notes *notes, const char *name)
{
    for (int i = 0; i < notes->n && !c->quiet; i++) {
        const rs_note *note = &notes->items[i];
        const bool fits = name ? note->region && strcmp(note->region, name) == 0 : !note->region;
        if (!fits) continue;
        fprintf(stderr, "restage: note: %s%s%s%s\n", name ? "\"" : "", name ? cli_clean(c, name) : "",
                name ? "\": " : "", cli_clean(c, note->sentence));
    }
}

static void tell_volume(cli *c, const rs_series *s)
{
    fprintf(stderr,
            "restage: note: the region was drawn on volume %d of the %d of the series (%s %s): --volume N "
            "picks another\n",
            (int)s->volume + 1, (int)s->n_volumes, cli_clean(c, s->split_by ? s->split_by : ""),
            cli_clean(c, s->split_value ? s->split_value : ""));
}

static rs_status tell(cli *c, const cli_region_call *call, const rs_masks *masks, const labels *l)
{
    if (!c->json && !c->quiet)
        for (int i = 0; i < l->n; i++)
            printf("%s: label %d is \"%s\", %lld voxels, %.3f ml\n", cli_clean(c, call->out), i + 1,
                   cli_clean(c, l->drawn[i].region->name), (long long)l->drawn[i].voxels,
                   l->drawn[i].volume_mm3 / 1000);
    if (l->series->n_volumes > 1 && !call->volume_asked && !c->quiet) tell_volume(c, l->series);
    if (l->shared > 0 && !c->quiet)
        fprintf(stderr, "restage: note: %lld voxels lie in more than one region and have the label of the last\n",
                (long long)l->shared);
    tell_notes(c, rs_masks_notes(masks), NULL);
    for (int i = 0; i < l->n; i++) {
        tell_notes(c, rs_masks_notes(masks), l->drawn[i].region->name);
        tell_notes(c, &l->drawn[i].notes, l->drawn[i].region->name);
        if (l->drawn[i].other_series && !c->quiet)
            fprintf(stderr, "restage: note: \"%s\": %s\n", cli_clean(c, l->drawn[i].region->name),
                    l->drawn[i].other_series);
    }
    return c->json ? print_json(c, call, masks, l) : RS_OK;
}

static rs_status draw_and_write(cli *c, const cli_region_call *call, const rs_masks *masks, labels *l)
{
    memset(l->volume.voxels, 0, (size_t)rs_geometry_voxels(&l->volume.geometry) * sizeof *l->volume.voxels);
    for (int i = 0; i < l->n; i++)
        RS_TRY(draw_one(c, masks, i, l));
    const rs_format_options options = {.force = call->force, .labels = true};
    RS_TRY(rs_format_write(c->ctx, &l->volume, 1, call->out, &options));
    cli_clear_progress(c);
    return tell(c, call, masks, l);
}

rs_status cli_region_export(cli *c, const cli_region_call *call, const rs_masks *masks, const rs_geometry *grid)
{
    labels l = {.series = call->series, .n = rs_masks_n(masks)};
    if (call->roi) {
        RS_TRY(rs_masks_find(c->ctx, masks, call->roi, &l.first));
        l.n = 1;
    }
    if (l.n > MAX_LABELS)
        return rs_fail(c->ctx, RS_USAGE, "the file holds %d regions, more than %d labels: name one with --roi NAME",
                       l.n, MAX_LABELS);
    l.drawn = RS_ARENA_NEW(c->arena, drawn, l.n);
    if (!l.drawn) return rs_fail_memory(c->ctx, "the regions");
    RS_TRY(rs_volume_new(c->ctx, grid, &l.volume));
    rs_status status = draw_and_write(c, call, masks, &l);
    rs_volume_free(c->ctx, &l.volume);
    return status;
}

rs_status cli_region_open(cli *c, const cli_region_call *call, const rs_study *study, rs_masks **out)
{
    rs_status status = rs_masks_open(c->ctx, call->path, study, out);
    if (status == RS_OK) return RS_OK;
    const char *why = cli_text(c, "%s", rs_context_message(c->ctx));
    return rs_fail(c->ctx, status, "the file of --region: %s", why);
}

static bool is_file_of_regions(const rs_study *study)
{
    if (rs_study_n_series(study) != 1 || rs_study_counts(study).files != 1) return false;
    const rs_series *s = rs_study_series(study, 0);
    return s->verdict == RS_VERDICT_SET_ASIDE &&
           (strcmp(s->modality, "RTSTRUCT") == 0 || strcmp(s->modality, "SEG") == 0);
}

static void print_regions(cli *c, const rs_masks *masks)
{
    printf("\n");
    for (int i = 0; i < rs_masks_n(masks); i++) {
        const rs_mask_region *r = rs_masks_region(masks, i);
        const char *size = r->voxels >= 0 ? cli_text(c, "%lld voxels", (long long)r->voxels)
                                          : cli_text(c, "%d contours", r->n_contours);
        if (r->n_left_out > 0) size = cli_text(c, "%s, %d left out", size, r->n_left_out);
        const char *volume = volume_is_known(r) ? cli_text(c, "%.3f ml", r->volume_mm3 / 1000)
                                                : "volume unknown (one plane, whose thickness the file does not say)";
        printf("region %d \"%s\": %s, %s\n", r->number, cli_clean(c, r->name), size, volume);
    }
}

static rs_json *regions_json(const rs_masks *masks)
{
    rs_json *list = rs_json_array();
    const bool contours = rs_masks_kind_of(masks) == RS_MASKS_RTSTRUCT;
    for (int i = 0; i < rs_masks_n(masks); i++) {
        const rs_mask_region *r = rs_masks_region(masks, i);
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "name", r->name);
        rs_json_set_integer(row, "number", r->number);
        set_volume(row, "volume_ml", "volume_ml_reason", r);
        if (contours) {
            rs_json_set_integer(row, "contours", r->n_contours);
            rs_json_set_integer(row, "left_out", r->n_left_out);
        } else {
            rs_json_set_integer(row, "voxels", r->voxels);
        }
        rs_json_add(list, row);
    }
    return list;
}

void cli_region_list(cli *c, const char *path, const rs_study *study, rs_json *o)
{
    rs_masks *masks;
    if (!is_file_of_regions(study)) return;
    const rs_series *s = rs_study_series(study, 0); /* the file itself, where path is its folder */
    if (rs_masks_open(c->ctx, s->n_slices > 0 ? s->slices[0].path : path, NULL, &masks) != RS_OK) {
        const char *why = cli_text(c, "no regions: %s", rs_context_message(c->ctx));
        if (o)
            rs_json_set_text(o, "regions_reason", why);
        else
            cli_wrap(stdout, 6, 8, cli_width(), cli_clean(c, why));
        return;
    }
    if (o)
        rs_json_set(o, "regions", regions_json(masks));
    else
        print_regions(c, masks);
    rs_masks_close(masks);
}
