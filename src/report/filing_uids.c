/* UIDs of the packet's objects: repeatable for the same run, others as soon as anything of it differs. A PACS keeps the
   first of two objects of one UID. */
#include "filing.h"

#include <string.h>

#include "digest/digest.h"
#include "restage/text.h"

/* One text that is hashed, in the making; texts are told apart by lines. */
typedef struct hashed {
    rs_context *ctx;
    rs_sha256 *sha;
    rs_status status;
} hashed;

static void feed(hashed *h, const char *name, const char *text)
{
    const char *const parts[] = {name, " ", text ? text : "-", "\n"};
    for (int p = 0; p < 4 && h->status == RS_OK; p++)
        h->status = rs_sha256_add(h->ctx, h->sha, parts[p], strlen(parts[p]));
}

static void feed_number(hashed *h, const char *name, double value)
{
    char text[32];
    rs_report_number(value, text);
    feed(h, name, text);
}

/* What of a mark hangs on more than files and parameters: places that a person points at, weights, a region, words of
   readers, an earlier packet. */
static void feed_mark(hashed *h, const rs_report_mark *mark)
{
    feed(h, "mark", mark->id);
    feed(h, "tracking", mark->tracking_uid);
    feed(h, "p", mark->p_text);
    feed(h, "size", mark->size.text);
    for (int a = 0; a < 3; a++)
        feed_number(h, "at", mark->position_lps_mm[a]);
    feed_number(h, "volume", mark->size.mask_volume_mm3);
    feed(h, "bed", mark->bed.relation);
    feed_number(h, "distance", mark->bed.distance_mm);
    feed(h, "verdict", mark->review.verdict);
    feed(h, "reader", mark->review.reader);
    feed(h, "date", mark->review.date);
}

static void feed_report(hashed *h, const rs_report_input *input, const rs_report *report)
{
    feed(h, "restage packet", "1");
    feed(h, "study", report->source.study_instance_uid);
    feed(h, "series", report->source.series_instance_uid);
    feed(h, "filed with", report->filing.series_instance_uid);
    feed(h, "input", report->input_digest);
    feed(h, "version", report->software.version);
    feed(h, "commit", report->software.commit);
    feed(h, "parameters", report->parameters_digest);
    feed(h, "context", report->context.digest);
    feed(h, "review", report->previous.review_digest);
    feed(h, "identity", report->identity.mode);
    feed(h, "patient", report->identity.patient_id);
    feed(h, "created", input->created_given ? report->software.created : NULL);
    feed(h, "segments", input->no_seg ? "no" : "yes");
    feed(h, "structured report", input->sr_plain ? "plain" : "full");
    feed(h, "viewer's tool", input->sr_tag);
    feed(h, "point", report->operating_point.p_text);
    feed(h, "basis", report->operating_point.basis);
    feed(h, "region", report->source.region.given ? report->source.region.kind : NULL);
    feed_number(h, "region's volume", report->source.region.volume_ml);
    for (int m = 0; m < report->n_marks; m++)
        feed_mark(h, &report->marks[m]);
}

static rs_status digest_packet(rs_builder *b, const char *previous, char hex[65])
{
    hashed h = {.ctx = b->ctx};
    RS_TRY(rs_sha256_new(b->ctx, &h.sha));
    feed_report(&h, b->input, b->report);
    feed(&h, "previous", previous);
    rs_status finished = rs_sha256_finish(b->ctx, h.sha, hex);
    return h.status != RS_OK ? h.status : finished;
}

/* A UID of what a text names. */
static const char *uid_of(rs_builder *b, const char *what, const char *text, const char *more)
{
    char hex[65];
    const char *whole = rs_arena_printf(b->arena, "restage %s\n%s\n%s", what, text, more);
    if (!whole || rs_sha256_hex(b->ctx, whole, strlen(whole), hex) != RS_OK) {
        b->failed = true;
        return NULL;
    }
    return rs_builder_new_uid(b, hex);
}

static void set_frame(rs_builder *b, const rs_series *series, rs_report_filing *out)
{
    const char *study = rs_builder_uid(b, series->study_instance_uid);
    out->frame_of_reference_uid = rs_builder_uid(b, series->frame_of_reference_uid);
    out->has_frame_of_reference = out->frame_of_reference_uid != NULL;
    if (out->has_frame_of_reference) return;
    out->frame_of_reference_uid =
        uid_of(b, "frame of reference", study ? study : "", out->series_instance_uid ? out->series_instance_uid : "");
    rs_builder_limit(b, "no_frame_of_reference", NULL,
                     "The images name no frame of reference: the segments carry a new one, made from the UIDs of the "
                     "images, and viewers lay them over the images by the slices that they name");
}

rs_status rs_filing_uids(rs_builder *b, const rs_series *series, rs_report_filing *out)
{
    char hex[65];
    rs_report_previous *previous = &b->report->previous;
    RS_TRY(digest_packet(b, NULL, hex));
    const char *earlier = previous->packet_digest ? previous->packet_digest : previous->sr_uid;
    if (previous->given && earlier) {
        if (strcmp(earlier, hex) == 0) /* The same run again: the same bytes. */
            *previous = (rs_report_previous){.reason = rs_builder_keep(b, "no earlier packet was given"),
                                             .review_digest = previous->review_digest,
                                             .n_verdicts = previous->n_verdicts};
        else
            RS_TRY(digest_packet(b, earlier, hex));
    }
    out->packet_digest = rs_builder_keep(b, hex);
    const struct {
        const char *kind;
        const char **object, **series;
    } objects[] = {{"SR", &out->sr_uid, &out->sr_series_uid},
                   {"SEG", &out->seg_uid, &out->seg_series_uid},
                   {"KO", &out->ko_uid, &out->ko_series_uid},
                   {"PDF", &out->pdf_uid, &out->pdf_series_uid}};
    for (size_t o = 0; o < sizeof objects / sizeof objects[0]; o++) {
        *objects[o].object = uid_of(b, "object", objects[o].kind, hex);
        *objects[o].series = uid_of(b, "series", objects[o].kind, hex);
    }
    out->device_uid = uid_of(b, "device", b->report->software.version, b->report->software.commit);
    out->dimension_uid = uid_of(b, "dimensions", "SEG", hex);
    set_frame(b, series, out);
    return RS_OK;
}
