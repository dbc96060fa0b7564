/* What restage itself wrote and somebody put with the images: nothing that a person would miss, and no input. */
#include <limits.h>
#include <string.h>

#include "reading.h"
#include "restage/files.h"
#include "restage/text.h"
#include "restage/version.h"

#define STORAGE "1.2.840.10008.5.1.4.1.1."

bool own_object(const header *h)
{
    static const char *const classes[] = {STORAGE "88.33", STORAGE "66.4", STORAGE "88.59", STORAGE "104.1"};
    const rs_series *facts = &h->facts;
    if (strcmp(facts->manufacturer, RS_MANUFACTURER) != 0 || strcmp(facts->model, RS_MODEL) != 0) return false;
    if (h->n_rejected > 0) return false; /* a note that withdraws a packet is no part of one */
    for (size_t c = 0; c < sizeof(classes) / sizeof(classes[0]); c++)
        if (strcmp(facts->sop_class_uid, classes[c]) == 0) return true;
    return false;
}

/* Does the file begin with something that holds this word? */
static bool begins(const reading *r, const char *path, bool follow, const char *word)
{
    char head[256] = "";
    rs_file file;
    if (rs_file_open(r->ctx, path, (size_t)rs_limit(r->ctx, RS_LIMIT_FILE_BYTES), follow, &file) != RS_OK) return false;
    const size_t n = file.n_bytes < sizeof(head) ? file.n_bytes : sizeof(head) - 1;
    const bool holds = rs_file_fill(r->ctx, &file, (uint8_t *)head, 0, n) == RS_OK && strstr(head, word);
    rs_file_close(&file);
    return holds;
}

/* How long the folder before a name is, with its slash; -1: the path does not end with that name. */
static int folder_of(const char *path, const char *name)
{
    const size_t n = strlen(path), n_name = strlen(name);
    if (n < n_name || strcmp(path + n - n_name, name) != 0) return -1;
    return n == n_name || path[n - n_name - 1] == '/' ? (int)(n - n_name) : -1;
}

bool own_file(const reading *r)
{
    /* Those of src/packet/writers.def that are no DICOM, and the one that makes a folder a packet. */
    static const char *const names[] = {"report.json",     "lesions.csv",    "candidates.csv", "report.html",
                                        "report.pdf",      "marks.mrk.json", "bundle.json",    "masks/organs.tif",
                                        "masks/marks.tif", "done.json"};
    const char *path = r->h->path;
    if (folder_of(path, "truth.json") >= 0) return begins(r, path, r->h->is_start, "\"restage-truth-");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char done[PATH_MAX];
        const int n = folder_of(path, names[i]);
        if (n < 0 || rs_text_format(done, sizeof(done), "%.*sdone.json", n, path) >= (int)sizeof(done)) continue;
        if (begins(r, done, false, "\"urn:restage:done:")) return true;
    }
    return false;
}
