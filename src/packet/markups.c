/* marks.mrk.json: the marks as one list of points for 3D Slicer, by its published schema of markups, version 1.0.3. */
#include "print.h"

#define SCHEMA                                                                                                         \
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"                \
    "markups-schema-v1.0.3.json#"

static rs_json *control_point(const rs_report_mark *mark)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "id", mark->id);
    rs_json_set_text(o, "label", mark->id);
    rs_json_set_text(o, "description", mark->size.text ? mark->size.text : "");
    rs_json_set_text(o, "associatedNodeID", "");
    rs_json_set(o, "position", rs_print_numbers(mark->position_lps_mm, 3));
    rs_json_set_bool(o, "selected", true);
    rs_json_set_bool(o, "locked", true);
    rs_json_set_bool(o, "visibility", mark->shown);
    rs_json_set_text(o, "positionStatus", "defined");
    return o;
}

rs_status rs_write_markups(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                           const char *file_name)
{
    (void)sources;
    rs_json *root = rs_json_object(), *lists = rs_json_array(), *list = rs_json_object(), *points = rs_json_array();
    rs_json_set_text(root, "@schema", SCHEMA);
    rs_json_set(root, "markups", lists);
    rs_json_add(lists, list);
    rs_json_set_text(list, "type", "Fiducial");
    rs_json_set_text(list, "name", "restage marks");
    rs_json_set_text(list, "coordinateSystem", "LPS");
    rs_json_set_text(list, "coordinateUnits", "mm");
    rs_json_set_bool(list, "locked", true);
    rs_json_set_text(list, "labelFormat", "%N-%d");
    rs_json_set(list, "controlPoints", points);
    for (int m = 0; m < report->n_marks; m++)
        rs_json_add(points, control_point(&report->marks[m]));
    return rs_print_json(ctx, root, folder, file_name);
}
