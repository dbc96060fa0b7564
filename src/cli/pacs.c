/* Options and results of send and retract. */
#include "cli_pacs.h"

#include <string.h>

#include "restage/text.h"

/* "2,8,30" */
static rs_status waits(cli *c, const char *text, rs_pacs_options *out)
{
    int n = 0, capacity = 0;
    void *items = NULL;
    const bool none = strcmp(text, "none") == 0;
    for (const char *at = text; !none;) {
        size_t length = strcspn(at, ",");
        double *next = rs_arena_push(c->arena, &items, n, &capacity, sizeof *next);
        if (next == NULL) return rs_fail_memory(c->ctx, "the options");
        if (!rs_text_real(cli_text(c, "%.*s", (int)length, at), next))
            return rs_fail(c->ctx, RS_USAGE, "--retry-waits wants seconds parted by commas, or none, not \"%s\"",
                           cli_clean(c, text));
        n++;
        if (at[length] == 0) break;
        at += length + 1;
    }
    static const double no_wait;
    out->waits_s = none ? &no_wait : items;
    out->n_waits = n;
    return RS_OK;
}

rs_status cli_pacs_options(cli *c, const cli_pacs *given, rs_pacs_options *out)
{
    *out = (rs_pacs_options){.calling_ae = given->calling_ae,
                             .verify = given->verify,
                             .commit = given->commit,
                             .allow_deidentified = given->allow_deidentified};
    if (given->timeout_s != CLI_NOT_GIVEN) {
        if (given->timeout_s < 1 || given->timeout_s > 3600)
            return rs_fail(c->ctx, RS_USAGE, "--timeout wants 1 to 3600 seconds");
        out->timeout_s = (int)given->timeout_s;
    }
    return given->retry_waits != NULL ? waits(c, given->retry_waits, out) : RS_OK;
}

static const char *status_text(cli *c, const rs_pacs_object *object)
{
    return object->status < 0 ? "" : cli_text(c, "%04X", (unsigned)object->status);
}

void cli_pacs_print(cli *c, const rs_pacs_result *result)
{
    int width = cli_width();
    for (int i = 0; i < result->n_objects; i++) {
        const rs_pacs_object *o = &result->objects[i];
        const char *line = cli_text(c, "%-16s %-13s %s", o->file, rs_pacs_outcome_name(o->outcome), status_text(c, o));
        if (o->outcome == RS_PACS_PENDING) line = cli_text(c, "%-16s", o->file);
        if (o->outcome == RS_PACS_WARNED && o->meaning) line = cli_text(c, "%s, %s", line, o->meaning);
        if (o->comment) line = cli_text(c, "%s; the archive says: %s", line, cli_clean(c, o->comment));
        if (o->verified) line = cli_text(c, "%s%s", line, o->shown ? ", shown" : ", not shown");
        if (o->asked) line = cli_text(c, "%s%s", line, o->safe ? ", storage confirmed" : ", storage refused");
        cli_wrap(stdout, 0, 2, width, line);
    }
    if (result->unsent_note) cli_wrap(stdout, 0, 2, width, result->unsent_note);
    if (result->commit_note) cli_wrap(stdout, 0, 2, width, result->commit_note);
}

static rs_json *object_json(cli *c, const rs_pacs_object *object)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "file", object->file);
    rs_json_set_text(o, "sop_instance_uid", object->sop_instance_uid);
    rs_json_set_text(o, "outcome", rs_pacs_outcome_name(object->outcome));
    rs_json_set_text(o, "status", object->status < 0 ? NULL : status_text(c, object));
    rs_json_set_text(o, "meaning", object->meaning);
    rs_json_set_text(o, "comment", object->comment);
    if (object->verified)
        rs_json_set_bool(o, "shown", object->shown);
    else
        rs_json_set_null(o, "shown");
    if (object->asked)
        rs_json_set_bool(o, "storage_confirmed", object->safe);
    else
        rs_json_set_null(o, "storage_confirmed");
    return o;
}

rs_json *cli_pacs_objects_json(cli *c, const rs_pacs_result *result)
{
    rs_json *objects = rs_json_array();
    for (int i = 0; i < result->n_objects; i++)
        rs_json_add(objects, object_json(c, &result->objects[i]));
    return objects;
}

rs_status cli_pacs_print_json(cli *c, const char *packet, const rs_pacs_result *result, rs_status status)
{
    rs_json *root = rs_json_object();
    rs_json_set_text(root, "packet", packet);
    rs_json_set(root, "objects", cli_pacs_objects_json(c, result));
    rs_json_set_integer(root, "sent", result->n_sent);
    rs_json_set_integer(root, "associations", result->n_associations);
    rs_json_set_real(root, "seconds", result->seconds, 4);
    rs_json_set_text(root, "unsent_note", result->unsent_note);
    rs_json_set_text(root, "commit_note", result->commit_note);
    if (status != RS_OK) cli_json_failure(c, root, status);
    rs_status printed = cli_print_json(c, root);
    return status != RS_OK ? status : printed;
}

rs_status cli_pacs_send(cli *c, const char *packet, const rs_pacs_peer *peer, const rs_pacs_options *options)
{
    rs_pacs_result result = {0};
    rs_status status = rs_pacs_send(c->ctx, c->arena, packet, peer, options, &result);
    cli_clear_progress(c);
    if (c->json) return cli_pacs_print_json(c, packet, &result, status);
    if (status == RS_OK && !c->quiet) cli_pacs_print(c, &result);
    return status;
}
