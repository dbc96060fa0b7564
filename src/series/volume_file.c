/* A volume file as a study of one series, or of as many as it holds volumes. It names no patient and, as a rule, no
   modality: CT is told by its values, air and soft tissue in HU, and a note says so. */
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "restage/formats.h"
#include "restage/parallel.h"
#include "series_private.h"

/* Of a CT of a body at least this part is air or lung, this part fat or soft tissue, and nearly nothing beyond bone and
   metal (Hounsfield's scale; -1024 and below also stand for padding). */
#define AIR_PART 0.01
#define TISSUE_PART 0.05
#define BEYOND_PART 0.01

enum { AIR_LOW = -1100, AIR_HIGH = -500, TISSUE_LOW = -150, TISSUE_HIGH = 150, METAL = 4100 };

typedef struct tally {
    int64_t air, tissue, beyond;
    double low, high;
} tally;

typedef struct tallying {
    const rs_volume *volume;
    tally *slice;
} tallying;

static rs_status tally_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx, (void)worker;
    tallying *t = arg;
    const rs_volume *v = t->volume;
    const int64_t n = (int64_t)v->geometry.n[0] * v->geometry.n[1];
    const int16_t *voxels = v->voxels + k * n;
    tally sum = {.low = INFINITY, .high = -INFINITY};
    for (int64_t i = 0; i < n; i++) {
        const double value = v->slope * voxels[i] + v->offset;
        sum.air += value >= AIR_LOW && value <= AIR_HIGH;
        sum.tissue += value >= TISSUE_LOW && value <= TISSUE_HIGH;
        sum.beyond += value > METAL;
        sum.low = fmin(sum.low, value);
        sum.high = fmax(sum.high, value);
    }
    t->slice[k] = sum;
    return RS_OK;
}

static rs_status tally_all(rs_context *ctx, const rs_volume *volume, tally *out)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a volume file");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const int32_t n = volume->geometry.n[2];
    tallying t = {.volume = volume, .slice = RS_ARENA_NEW(scratch, tally, n)};
    rs_status status = t.slice ? rs_parallel_for(ctx, n, tally_slice, &t) : rs_fail_memory(ctx, "a volume file");
    *out = (tally){.low = INFINITY, .high = -INFINITY};
    for (int32_t k = 0; k < n && status == RS_OK; k++) {
        out->air += t.slice[k].air;
        out->tissue += t.slice[k].tissue;
        out->beyond += t.slice[k].beyond;
        out->low = fmin(out->low, t.slice[k].low);
        out->high = fmax(out->high, t.slice[k].high);
    }
    rs_arena_rewind(scratch, mark);
    return status;
}

/* Modality by the values of the first volume, and the note that gives the basis. */
static rs_status set_modality(rs_context *ctx, rs_study *study, const char *path, rs_series *s)
{
    rs_volume volume = {0};
    rs_notes notes = {0};
    tally t = {0};
    double rounding;
    RS_TRY(rs_format_read(ctx, path, 0, study->arena, &volume, &rounding, &notes));
    rs_status status = tally_all(ctx, &volume, &t);
    const double n = (double)rs_geometry_voxels(&volume.geometry);
    rs_volume_free(ctx, &volume);
    RS_TRY(status);
    const double air = (double)t.air / n, tissue = (double)t.tissue / n, beyond = (double)t.beyond / n;
    const bool ct = air >= AIR_PART && tissue >= TISSUE_PART && beyond <= BEYOND_PART;
    s->modality = ct ? "CT" : "";
    if (ct)
        return rs_notes_add(ctx, study->arena, &s->notes, "modality_by_values", NULL,
                            "a volume file names no modality: taken for CT by its values, %.6g to %.6g, %.0f %% of "
                            "them air or lung and %.0f %% soft tissue in HU",
                            t.low, t.high, 100 * air, 100 * tissue);
    return rs_notes_add(ctx, study->arena, &s->notes, "modality_unknown", NULL,
                        "a volume file names no modality, and its values, %.6g to %.6g, are not those of a CT in HU",
                        t.low, t.high);
}

/* File name without its folder; *ending: where its ending begins (".nii.gz" is one). */
static const char *base_name(const char *path, const char **ending)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    *ending = name + n;
    if (n > 3 && strcasecmp(name + n - 3, ".gz") == 0) n -= 3;
    for (size_t i = 1; i < n; i++)
        if (name[i] == '.') *ending = name + i;
    return name;
}

static void set_texts(rs_series *s)
{
    const char **const texts[] = {&s->series_instance_uid,
                                  &s->study_instance_uid,
                                  &s->frame_of_reference_uid,
                                  &s->sop_class_uid,
                                  &s->patient_id,
                                  &s->patient_name,
                                  &s->patient_birth_date,
                                  &s->patient_sex,
                                  &s->issuer_of_patient_id,
                                  &s->study_date,
                                  &s->study_time,
                                  &s->study_description,
                                  &s->accession_number,
                                  &s->modality,
                                  &s->description,
                                  &s->manufacturer,
                                  &s->model,
                                  &s->image_type,
                                  &s->kernel,
                                  &s->patient_position,
                                  &s->contrast_agent,
                                  &s->body_part,
                                  &s->protocol_name,
                                  &s->scanning_sequence,
                                  &s->sequence_variant,
                                  &s->scan_options,
                                  &s->sequence_name,
                                  &s->transfer_syntax_uid,
                                  &s->transfer_syntax_name,
                                  &s->lossy_compression,
                                  &s->photometric};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
        *texts[t] = "";
}

static rs_status describe(rs_context *ctx, rs_study *study, const char *path, const rs_format_head *head, rs_series *s)
{
    rs_arena *arena = study->arena;
    const rs_geometry *g = &head->geometry;
    const char *ending, *name = base_name(path, &ending);
    set_texts(s);
    s->volume_file = rs_arena_text(arena, path);
    s->series_instance_uid = rs_arena_printf(arena, "%.*s", (int)(ending - name), name); /* contract 8 */
    s->transfer_syntax_name =
        rs_arena_printf(arena, "volume file (%s, %s; directions: %s)", ending, head->type, head->basis);
    if (!s->volume_file || !s->series_instance_uid || !s->transfer_syntax_name)
        return rs_fail_memory(ctx, "a volume file");
    s->series_number = -1;
    s->kvp = s->echo_time_ms = s->repetition_time_ms = s->inversion_time_ms = s->b_value = (double)NAN;
    s->columns = s->frame_columns = g->n[0];
    s->rows = s->frame_rows = g->n[1];
    s->samples_per_pixel = 1;
    s->geometry = *g;
    s->orientation = series_orientation(g->axis[2]);
    s->n_volumes = 1;
    s->notes = head->notes;
    s->verdict = g->n[2] < FEW_SLICES ? RS_VERDICT_FEW : RS_VERDICT_GOOD;
    if (s->verdict == RS_VERDICT_FEW) {
        s->reason =
            rs_arena_printf(arena, "too few slices: %d, and a search needs at least %d", (int)g->n[2], FEW_SLICES);
        if (!s->reason) return rs_fail_memory(ctx, "a volume file");
    }
    return RS_OK;
}

/* The files that the digest covers. */
static rs_status list_files(rs_context *ctx, rs_study *study, const rs_series *s, const char *data_file)
{
    const char *const paths[] = {s->volume_file, data_file ? rs_arena_text(study->arena, data_file) : NULL};
    const int n = data_file ? 2 : 1;
    study->header = RS_ARENA_NEW(study->arena, header, n);
    if (!study->header || !paths[n - 1]) return rs_fail_memory(ctx, "the list of files");
    for (int i = 0; i < n; i++)
        study->header[i] =
            (header){.state = HEADER_IMAGE, .path = paths[i], .shown = paths[i], .is_start = i == 0, .facts = *s};
    study->n_headers = n;
    study->counts.files = n;
    return RS_OK;
}

bool series_is_volume_file(const char *path)
{
    struct stat about;
    return rs_format_reads(path) && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

rs_status series_volume_file(rs_context *ctx, rs_study *study, const char *path)
{
    rs_format_head head;
    rs_series first = {0};
    RS_TRY(rs_format_read_head(ctx, path, study->arena, &head));
    RS_TRY(describe(ctx, study, path, &head, &first));
    RS_TRY(set_modality(ctx, study, path, &first));
    RS_TRY(list_files(ctx, study, &first, head.data_file));
    study->series = RS_ARENA_NEW(study->arena, rs_series, head.n_volumes);
    if (!study->series) return rs_fail_memory(ctx, "a volume file");
    for (int32_t v = 0; v < head.n_volumes; v++) {
        rs_series *s = &study->series[v];
        *s = first;
        if (head.n_volumes == 1) break;
        s->volume = v;
        s->n_volumes = head.n_volumes;
        s->split_by = "volume";
        s->split_value = rs_arena_printf(study->arena, "%d", (int)v + 1);
        if (!s->split_value) return rs_fail_memory(ctx, "a volume file");
    }
    study->n_series = study->capacity = head.n_volumes;
    return RS_OK;
}

int32_t rs_series_slices(const rs_series *series)
{
    return series->volume_file ? series->geometry.n[2] : series->n_slices;
}
