/* done.json, written last: what lies in the packet, byte for byte, and how the run went. No done.json, no packet. */
#include "print.h"

#include <string.h>

#include "digest/digest.h"
#include "restage/text.h"

#define FILE_MAX ((size_t)1 << 32)

/* A file that a row of writers.def stands for. */
typedef struct known_file {
    const char *name;
    rs_when when;
} known_file;

static const known_file known[] = {
#define X(id, name, when, function, after) {name, when},
#include "writers.def"
#undef X
};
enum { N_KNOWN = sizeof known / sizeof known[0] };

static rs_status describe_file(rs_context *ctx, rs_folder *folder, const char *name, rs_json *files)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "done.json");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *data = NULL;
    size_t bytes = 0;
    char hex[65];
    char *path = rs_arena_printf(scratch, "%s/%s", rs_folder_path(folder), name);
    rs_status status =
        path ? rs_file_read(ctx, scratch, path, FILE_MAX, false, &data, &bytes) : rs_fail_memory(ctx, "done.json");
    if (status == RS_OK) status = rs_sha256_hex(ctx, data, bytes, hex);
    rs_arena_rewind(scratch, mark);
    RS_TRY(status);
    rs_json *row = rs_json_object();
    rs_json_set_text(row, "name", name);
    rs_json_set_integer(row, "bytes", (int64_t)bytes);
    rs_json_set_text(row, "sha256", hex);
    rs_json_add(files, row);
    return RS_OK;
}

static rs_json *stages(const rs_packet_facts *facts)
{
    rs_json *rows = rs_json_array();
    for (int s = 0; s < facts->n_stages; s++) {
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "name", facts->stages[s].name);
        rs_json_set_real(row, "seconds", facts->stages[s].seconds, 4);
        rs_json_set_real(row, "peak_memory_mb", facts->stages[s].peak_memory_mb, 1);
        rs_json_add(rows, row);
    }
    return rows;
}

static rs_json *totals(const rs_packet_facts *facts)
{
    rs_json *o = rs_json_object();
    double seconds = 0, peak_mb = 0;
    for (int s = 0; s < facts->n_stages; s++) {
        seconds += facts->stages[s].seconds;
        if (facts->stages[s].peak_memory_mb > peak_mb) peak_mb = facts->stages[s].peak_memory_mb;
    }
    rs_json_set_real(o, "seconds", seconds, 4);
    rs_json_set_real(o, "peak_memory_mb", peak_mb, 1);
    return o;
}

static void add_absent(rs_json *rows, const char *name, const char *why)
{
    rs_json *row = rs_json_object();
    rs_json_set_text(row, "name", name);
    rs_json_set_text(row, "reason", why);
    rs_json_add(rows, row);
}

static rs_json *absent(const rs_report *report, const rs_sources *sources)
{
    rs_json *rows = rs_json_array();
    for (size_t i = 0; i < N_KNOWN; i++) {
        const char *why = rs_when_absent(known[i].when, report, sources);
        if (why) add_absent(rows, known[i].name, why);
    }
    return rows;
}

static rs_json *sandbox(const rs_packet_sandbox *facts)
{
    rs_json *o = rs_json_object(), *layers = rs_json_array();
    const bool active[] = {facts->process, facts->limits, facts->landlock, facts->seccomp};
    static const char *const names[] = {"process", "limits", "landlock", "seccomp"};
    for (int i = 0; i < 4; i++)
        if (active[i]) rs_json_add_text(layers, names[i]);
    rs_json_set_text(o, "mode", facts->mode);
    rs_json_set(o, "layers", layers);
    rs_json_set_text(o, "missing", facts->missing);
    rs_json_set_integer(o, "files_decoded", facts->decoded);
    rs_json_set_integer(o, "workers_replaced", facts->restarted);
    return o;
}

/* sent[] of the packet that this one replaces: rows of texts, and of lists of texts. */
static rs_json *sent(const rs_json *earlier)
{
    rs_json *rows = rs_json_array();
    for (const rs_json *from = rs_json_first(earlier); from; from = rs_json_next(from)) {
        rs_json *row = rs_json_object();
        const rs_json *value;
        const char *key;
        for (int i = 0; (key = rs_json_key(from, i, &value)); i++) {
            rs_json *list = rs_json_is_array(value) ? rs_json_array() : NULL;
            for (const rs_json *text = rs_json_first(value); list && text; text = rs_json_next(text))
                rs_json_add_text(list, rs_json_text(text));
            if (rs_json_is_array(value))
                rs_json_set(row, key, list);
            else
                rs_json_set_text(row, key, rs_json_text(value));
        }
        rs_json_add(rows, row);
    }
    return rows;
}

static void run_facts(rs_json *root, const rs_report *report, const rs_sources *sources, const rs_packet_facts *facts)
{
    rs_json *machine = rs_json_object(), *paths = rs_json_object();
    rs_json_set(root, "stages", stages(facts));
    rs_json_set(root, "total", totals(facts));
    rs_json_set_integer(root, "threads", facts->threads);
    rs_json_set(root, "machine", machine);
    rs_json_set_integer(machine, "cores", facts->cores);
    rs_json_set_text(machine, "kernel_tier", report->software.tier);
    /* Paths often carry names. */
    bool names = !report->identity.mode || strcmp(report->identity.mode, "full") == 0;
    rs_json_set(root, "paths", paths);
    rs_json_set_text(paths, "input", names ? facts->input_path : NULL);
    rs_json_set_text(paths, "output", names ? facts->output_path : NULL);
    rs_json_set_text(paths, "reason", names ? NULL : "paths may hold a name, and the packet was made without identity");
    rs_json_set(root, "sandbox", sandbox(&facts->sandbox));
    rs_json_set(root, "absent", absent(report, sources));
    rs_json_set(root, "sent", sent(facts->sent));
}

rs_status rs_write_done(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                        const rs_packet_facts *facts, rs_folder *folder)
{
    rs_json *root = rs_json_object(), *files = rs_json_array();
    rs_json_set_text(root, "schema", "urn:restage:done:1");
    rs_json_set_text(root, "status", "complete");
    rs_json_set_text(root, "assessed", report->assessed);
    rs_json_set_text(root, "input_digest", report->input_digest);
    rs_json_set_text(root, "version", report->software.version);
    rs_json_set_text(root, "commit", report->software.commit);
    rs_json_set_text(root, "parameters_digest", report->parameters_digest);
    rs_json_set(root, "files", files);
    rs_status status = RS_OK;
    for (size_t i = 0; i < N_KNOWN && status == RS_OK; i++) {
        if (!rs_when_absent(known[i].when, report, sources)) status = describe_file(ctx, folder, known[i].name, files);
    }
    if (status != RS_OK) {
        rs_json_free(root);
        return status;
    }
    run_facts(root, report, sources, facts);
    return rs_print_json(ctx, root, folder, "done.json");
}
