/* restage insert: lesions drawn, placed one after the other, blended on all threads; one DICOM file a slice and
   truth.json, in a folder that is whole or absent. */
#include "restage/insert.h"

#include <math.h>
#include <string.h>

#include "insert_room.h"
#include "library.h"
#include "restage/files.h"
#include "restage/json.h"
#include "restage/parallel.h"
#include "restage/text.h"

enum { LESIONS_UNTOLD = 60 };

static rs_status check(rs_context *ctx, const rs_insert_input *in, const rs_insert_options *o)
{
    double smallest = rs_insert_smallest_mm(o), largest = rs_insert_largest_mm(o);
    double vessel = isnan(o->vessel_share) ? 0.0 : o->vessel_share, wall = isnan(o->wall_share) ? 0.0 : o->wall_share;
    if (o->n_lesions < 0 || o->n_lesions > RS_INSERT_LESIONS_MAX)
        return rs_fail(ctx, RS_USAGE, "the number of lesions lies between 1 and %d", RS_INSERT_LESIONS_MAX);
    if (!(smallest >= 1.5 && largest <= 30.0 && smallest <= largest))
        return rs_fail(ctx, RS_USAGE, "diameters of lesions lie between 1.5 and 30 mm, the smallest first");
    if (!(vessel >= 0.0 && wall >= 0.0 && vessel + wall <= 1.0))
        return rs_fail(ctx, RS_USAGE,
                       "the shares of lesions at vessels and at the wall are at least 0 and at most 1 together");
    if (!(o->library_share >= 0.0 && o->library_share <= 1.0))
        return rs_fail(ctx, RS_USAGE, "the share of lesions from the library lies between 0 and 1");
    if (in->series->description != NULL &&
        strncmp(in->series->description, RS_INSERT_DESCRIPTION, sizeof RS_INSERT_DESCRIPTION - 1) == 0)
        return rs_fail(ctx, RS_DATA,
                       "this series holds inserted lesions already, which truth.json would not tell: insert into the "
                       "scan that it was made of");
    if (in->series->volume_file != NULL)
        return rs_fail(ctx, RS_DATA,
                       "lesions can be inserted into DICOM series only: a volume file has no headers to go by");
    return RS_OK;
}

static int32_t wanted_of(const rs_insert_options *o)
{
    return o->n_lesions > 0 ? o->n_lesions : LESIONS_UNTOLD;
}

static rs_status draw_and_place(rs_context *ctx, rs_arena *arena, const rs_insert_scene *s, rs_insertion *out)
{
    int wanted = wanted_of(s->options);
    out->lesions = RS_ARENA_NEW(arena, rs_insert_lesion, wanted);
    if (out->lesions == NULL) return rs_fail_memory(ctx, "the lesions");
    for (int n = 0; n < wanted; n++) {
        rs_insert_lesion *l = &out->lesions[out->n];
        bool found = false;
        RS_TRY(rs_context_check_cancel(ctx));
        rs_insert_lesion_draw(s, n, l);
        if (l->from_library) RS_TRY(rs_library_pick(ctx, arena, s, l));
        RS_TRY(rs_insert_place(ctx, s, out->lesions, out->n, l, &found));
        if (!found) continue;
        int64_t voxels = 1;
        rs_insert_lesion_box(s, l);
        for (int c = 0; c < 3; c++)
            voxels *= l->end[c] - l->begin[c];
        l->delta = RS_ARENA_NEW(arena, float, voxels);
        if (l->delta == NULL) return rs_fail_memory(ctx, "the lesions");
        out->n++;
    }
    return RS_OK;
}

static rs_status render_one(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const rs_insertion *in = arg;
    return rs_insert_render(ctx, in->scene, &in->lesions[item]);
}

typedef struct writing {
    const rs_insertion *insertion;
    rs_folder *folder;
} writing;

static rs_status write_slice(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const writing *w = arg;
    int32_t k = (int32_t)item, slices = w->insertion->scene->in->volume->geometry.n[2];
    char name[16];
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "a slice");
    rs_arena_mark mark = rs_arena_where(arena);
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_status status = rs_insert_encode(ctx, arena, w->insertion, k, &bytes, &n_bytes);
    rs_text_format(name, sizeof name, "IM%04d.dcm", (int)k + 1);
    if (status == RS_OK) status = rs_folder_write(ctx, w->folder, name, bytes, n_bytes);
    rs_arena_rewind(arena, mark);
    if (status == RS_OK) rs_context_progress(ctx, "insert", k + 1, slices);
    return status;
}

static rs_status write_truth(rs_context *ctx, rs_arena *arena, const writing *w)
{
    char *text = NULL;
    size_t bytes = 0;
    RS_TRY(rs_insert_truth(ctx, arena, w->insertion, &text, &bytes));
    rs_status status = rs_folder_write(ctx, w->folder, "truth.json", text, bytes);
    rs_json_text_free(text);
    return status;
}

static rs_status insert_all(rs_context *ctx, rs_arena *arena, const rs_insert_input *in, const rs_insert_options *o,
                            rs_folder *folder)
{
    rs_insert_scene scene;
    RS_TRY(rs_insert_scene_new(ctx, arena, in, o, &scene));
    if (o->ignore != NULL)
        RS_TRY(
            rs_insert_ignore_read(ctx, arena, o->ignore, in->series->series_instance_uid, &scene.real, &scene.n_real));
    rs_library library = {.n = 0};
    if (o->library != NULL) {
        const rs_library_args args = {o->library, o->patients, rs_insert_smallest_mm(o), rs_insert_largest_mm(o)};
        RS_TRY(rs_library_read(ctx, arena, &args, &library));
        scene.library = &library;
    }
    rs_insertion insertion = {.scene = &scene};
    RS_TRY(draw_and_place(ctx, arena, &scene, &insertion));
    if (o->counts != NULL) *o->counts = (rs_insert_counts){wanted_of(o), insertion.n, library.n};
    RS_TRY(rs_parallel_for(ctx, insertion.n, render_one, &insertion));
    RS_TRY(rs_insert_digest_changes(ctx, &insertion));
    writing w = {&insertion, folder};
    RS_TRY(rs_parallel_for(ctx, in->volume->geometry.n[2], write_slice, &w));
    return write_truth(ctx, arena, &w);
}

rs_status rs_insert_write(rs_context *ctx, const rs_insert_input *in, const char *out, const rs_insert_options *options)
{
    rs_folder *folder = NULL;
    RS_TRY(check(ctx, in, options));
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(ctx, "the insertion");
    rs_status status = rs_folder_begin(ctx, out, options->force ? "truth.json" : NULL, &folder);
    if (status == RS_OK) status = insert_all(ctx, arena, in, options, folder);
    if (status == RS_OK) {
        status = rs_folder_commit(ctx, folder);
    } else {
        rs_folder_abandon(ctx, folder);
    }
    rs_arena_free(arena);
    return status;
}
