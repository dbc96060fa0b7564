/* What the stations of the line do: each takes the products of earlier ones from the line and leaves its own there. */
#ifndef PIPELINE_STATIONS_H
#define PIPELINE_STATIONS_H

#include "line.h"
#include "restage/json.h"

/* RS_USAGE where the options of the call cannot be obeyed together with what was read: series also begins the folders
   of the output, read also gives every place of --at to the case whose volume holds it. */
RS_MUST_USE rs_status rs_station_series(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_read(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_organs(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_quality(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_detect(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_measure(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_report(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_station_packet(rs_context *ctx, rs_line *line);

/**
 * done.json of the packet that --force replaces.
 *
 * out      end it with rs_json_free; NULL: none is replaced
 * returns  RS_OK; RS_CANT_CREATE (it is there and cannot be read); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_replaced_read(rs_context *ctx, const rs_line *line, rs_json **out);

/**
 * Gives every place of the options to the first case whose volume holds it.
 *
 * returns  RS_OK; RS_USAGE (a place outside every volume, naming it and the image's box; no volume); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_points_assign(rs_context *ctx, rs_line *line);

/**
 * Takes the slices that no image shows out of what is searched, and names them in the reasons.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_gaps_leave_out(rs_context *ctx, const rs_case *from, rs_arena *arena, rs_regions *regions);

/**
 * Read what a person says of the patient (--context) and of marks (--review), and the earlier packet (--previous),
 * before the images are looked for; nothing without the option.
 *
 * returns  RS_OK; RS_NO_INPUT (no such file); RS_DATA (no JSON; an unknown key, a wrong type, a value that is not
 *          allowed, each by its path; no report of ours); RS_IO; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_told_context(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_told_review(rs_context *ctx, rs_line *line);
RS_MUST_USE rs_status rs_told_previous(rs_context *ctx, rs_line *line);

/** The earlier packet must be of the study that was chosen: RS_OK; RS_DATA. Before any pixel is read where UIDs stay as
    they are; else the station report looks. */
RS_MUST_USE rs_status rs_told_previous_check(rs_context *ctx, const rs_line *line);

/** Without --previous: takes the newest structured report of ours in the study for the earlier packet, once it is known
    what the packet is filed with; and says whether this run may be the one that made it, and what stood before it. */
RS_MUST_USE rs_status rs_told_filed(rs_context *ctx, rs_line *line);

/** When that packet was made, seconds since 1970; false where it does not say. */
bool rs_told_filed_time(const rs_given_previous *packet, int64_t *out);

/**
 * Opens the file of --region and finds the bed in it, before any image is read.
 *
 * returns  RS_OK (also without --region); what rs_masks_open and rs_masks_find return, naming the option
 */
RS_MUST_USE rs_status rs_bed_open(rs_context *ctx, rs_line *line);

/**
 * Draws the bed on every volume that was read, once each.
 *
 * returns  RS_OK; RS_DATA (it reaches none of the volumes; its planes are not those of a series); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_bed_draw(rs_context *ctx, rs_line *line);

/**
 * Reads the file of --key, for identity "pseudo".
 *
 * returns  RS_OK (also for another identity); RS_USAGE (no key; too short; others may read it; not asked for); what
 *          rs_file_read returns
 */
RS_MUST_USE rs_status rs_key_read(rs_context *ctx, rs_line *line);

/**
 * Reads what files the packet's DICOM objects, from the first slice of the series that was chosen.
 *
 * returns  RS_OK (also where the source is no DICOM); RS_DATA (it names no study; cannot be read); RS_IO; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_filing_read(rs_context *ctx, rs_line *line);

#endif
