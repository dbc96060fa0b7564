/* What the dumps share: file names, JSON and CSV into a folder, the index of the dump. */
#include "dump.h"

#include "restage/text.h"
#include "restage/version.h"

rs_status rs_dump_json(rs_context *ctx, rs_json *root, rs_folder *folder, const char *name)
{
    char *text = NULL;
    size_t bytes = 0;
    rs_status status = rs_json_print(ctx, root, &text, &bytes);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, name, text, bytes);
    rs_json_text_free(text);
    rs_json_free(root);
    return status;
}

rs_status rs_dump_buffer(rs_context *ctx, rs_buffer *buffer, rs_folder *folder, const char *name)
{
    rs_status status = buffer->failed ? rs_fail_memory(ctx, "the dump")
                                      : rs_folder_write(ctx, folder, name, buffer->data, buffer->bytes);
    rs_buffer_free(buffer);
    return status;
}

void rs_dump_name(char out[64], const char *stem, int turn, const char *ending)
{
    if (turn == 0)
        (void)rs_text_format(out, 64, "%s%s", stem, ending);
    else
        (void)rs_text_format(out, 64, "%s-%d%s", stem, turn + 1, ending);
}

rs_json *rs_dump_numbers(const double *values, int n)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < n; i++)
        rs_json_add_real(list, values[i], 9);
    return list;
}

void rs_dump_number(rs_csv_row *row, double value)
{
    char digits[32];
    rs_report_number(value, digits);
    rs_csv_digits(row, digits);
}

rs_status rs_dump_index(rs_context *ctx, const char *const *stations, int n, const char *stopped_after,
                        rs_folder *folder)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set_text(root, "schema", "urn:restage:dump:1");
    rs_json_set_text(root, "version", rs_version());
    rs_json_set_text(root, "commit", rs_version_commit());
    for (int s = 0; s < n; s++)
        rs_json_add_text(list, stations[s]);
    rs_json_set(root, "stations", list);
    rs_json_set_text(root, "stopped_after", stopped_after);
    return rs_dump_json(ctx, root, folder, RS_DUMP_INDEX);
}

rs_status rs_dump_report(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    const rs_sources none = {0};
    return rs_write_json(ctx, &line->report, &none, folder, "07-report.json");
}
