/* Dump of organs: the labels as a volume, the regions as a table, three planes with the regions tinted. */
#include "dump.h"

#include "restage/formats.h"
#include "restage/text.h"

rs_status rs_dump_volume(rs_context *ctx, const rs_line *line, const rs_volume *volume, rs_folder *folder,
                         const char *name)
{
    const char *path = rs_arena_printf(line->arena, "%s/%s", rs_folder_path(folder), name);
    return path ? rs_format_write(ctx, volume, 1, path, NULL) : rs_fail_memory(ctx, "the dump");
}

static const char *role_name(rs_role role)
{
    switch (role) {
    case RS_ROLE_BODY:
        return "body";
    case RS_ROLE_SEARCH:
        return "search";
    case RS_ROLE_AIRWAY:
        return "airway";
    default:
        return NULL;
    }
}

static rs_json *box_json(const int32_t corner[3])
{
    rs_json *list = rs_json_array();
    for (int a = 0; a < 3; a++)
        rs_json_add_integer(list, corner[a]);
    return list;
}

static rs_json *region_json(const rs_region *region, int label)
{
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "label", label);
    rs_json_set_text(o, "name", region->name);
    rs_json_set_text(o, "role", role_name(region->role));
    rs_json_set_text(o, "side", rs_side_name(region->side));
    rs_json_set_text(o, "side_basis", rs_side_basis_name(region->side_basis));
    if (region->role == RS_ROLE_SEARCH)
        rs_json_set_text(o, "state", rs_assessed_name(region->state));
    else
        rs_json_set_null(o, "state");
    rs_json_set_text(o, "reason", region->reason);
    rs_json_set_real(o, "volume_ml", region->volume_ml, 6);
    rs_json_set_real(o, "searched_ml", region->searched_ml, 6);
    rs_json_set(o, "begin", box_json(region->begin));
    rs_json_set(o, "end", box_json(region->end));
    return o;
}

static rs_status write_table(rs_context *ctx, const rs_case *from, rs_folder *folder, const char *name)
{
    rs_json *root = rs_json_object(), *regions = rs_json_array(), *notes = rs_json_array();
    rs_json_set_text(root, "organ", from->pick.organ->id);
    rs_json_set(root, "regions", regions);
    rs_json_set(root, "notes", notes);
    for (int r = 0; r < from->regions->n; r++)
        rs_json_add(regions, region_json(&from->regions->region[r], r + 1));
    for (int i = 0; i < from->regions->notes.n; i++)
        rs_json_add_text(notes, from->regions->notes.items[i].sentence);
    return rs_dump_json(ctx, root, folder, name);
}

static rs_status write_labels(rs_context *ctx, const rs_line *line, const rs_regions *regions, rs_folder *folder,
                              const char *name)
{
    rs_volume labels;
    RS_TRY(rs_volume_new(ctx, &regions->geometry, &labels));
    int64_t n = rs_geometry_voxels(&regions->geometry);
    for (int64_t v = 0; v < n; v++)
        labels.voxels[v] = regions->labels[v];
    rs_status status = rs_dump_volume(ctx, line, &labels, folder, name);
    rs_volume_free(ctx, &labels);
    return status;
}

rs_status rs_dump_organs(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    for (int c = 0; c < line->n_cases; c++) {
        const rs_case *from = &line->cases[c];
        char name[64];
        rs_dump_name(name, "03-organs", c, ".json");
        RS_TRY(write_table(ctx, from, folder, name));
        if (!from->volume || !from->regions->labels) continue;
        rs_dump_name(name, "03-organs", c, ".nii");
        RS_TRY(write_labels(ctx, line, from->regions, folder, name));
        rs_dump_name(name, "03-organs", c, ".png");
        const rs_dump_planes planes = {.volume = from->volume, .regions = from->regions, .tint = true};
        RS_TRY(rs_dump_picture(ctx, &planes, folder, name));
    }
    return RS_OK;
}
