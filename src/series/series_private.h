/* What the files of this room share: one header a file, and the study that holds them. */
#ifndef SERIES_SERIES_PRIVATE_H
#define SERIES_SERIES_PRIVATE_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/study.h"

enum { MAX_FILES = 50000, MAX_DEPTH = 16, FEW_SLICES = 8, NOTED_REFUSALS = 5 };
#define MAX_FILE_BYTES ((size_t)4 << 30)

typedef enum header_state {
    HEADER_OTHER = 0, /* no DICOM */
    HEADER_REFUSED,   /* DICOM, but its reason stands in `reason` */
    HEADER_ASIDE,     /* no image of a volume; `reason` */
    HEADER_IMAGE
} header_state;

/* What may tell volumes apart that lie at the same positions, in the order in which it is tried. X(NAME, tag, words) */
#define SPLIT_TABLE(X)                                                                                                 \
    X(ACQUISITION, 0x00200012, "AcquisitionNumber")                                                                    \
    X(TEMPORAL, 0x00200100, "TemporalPositionIdentifier")                                                              \
    X(ECHO, 0x00180081, "EchoTime")                                                                                    \
    X(INVERSION, 0x00180082, "InversionTime")                                                                          \
    X(B_VALUE, 0x00189087, "DiffusionBValue")                                                                          \
    X(CONTRAST, 0x00180010, "ContrastBolusAgent")                                                                      \
    X(IMAGE_TYPE, 0x00080008, "ImageType")

typedef enum split_name {
#define SPLIT_ENUM(name, tag, words) SPLIT_##name,
    SPLIT_TABLE(SPLIT_ENUM)
#undef SPLIT_ENUM
        SPLIT_COUNT
} split_name;

/* One file. Texts live in the study. */
typedef struct header {
    header_state state;
    const char *path;  /* for opening */
    const char *shown; /* below the starting path */
    bool is_start;     /* named by the caller: a link is followed */
    const char *reason;
    size_t n_bytes;
    rs_series facts; /* the fields of identity and pixels */
    rs_slice slice;
    const char *bad_geometry;                   /* what is wrong with position, orientation or spacing; NULL: nothing */
    double orientation[6], pixel_spacing_mm[2]; /* between rows, between columns (DICOM's order) */
    const char *split[SPLIT_COUNT];
    bool has_rescale;
} header;

struct rs_study {
    rs_study_options options;
    rs_arena *arena;
    rs_arena **worker_arena; /* one a worker: the headers' texts */
    int n_workers;
    header *header;
    int n_headers;
    rs_series *series;
    int n_series, capacity;
    rs_walk_counts counts;
    rs_notes notes;
    char digest[65]; /* "" until a study is selected */
};

/** Regular files below path in the order of their names; fills study->header's paths. */
RS_MUST_USE rs_status series_walk(rs_context *ctx, rs_study *study, const char *path);

/** Reads every header, on all threads. */
RS_MUST_USE rs_status series_read_headers(rs_context *ctx, rs_study *study);

/** Sentence why an object is no image of a volume, by SOP class, modality and ImageType; NULL: it is one. Static or in
   the arena. */
const char *series_aside(const rs_series *facts, rs_arena *arena);

/** Groups headers into study->series, drops identical duplicates, splits what lies at the same positions, judges. */
RS_MUST_USE rs_status series_group(rs_context *ctx, rs_study *study);

/* Images of one series, in any order. */
typedef struct group {
    header **item;
    int n;
} group;

/** Orders the images along the normal of the first; false where no position or orientation can be used. */
bool series_sort(group *images);

/** Largest number of images at one position; images are in order. */
int series_multiplicity(const group *images);

/** Fills verdict, reason, geometry, slices and notes of a series whose facts are set; images are without duplicates. */
RS_MUST_USE rs_status series_judge(rs_context *ctx, rs_study *study, group *images, rs_series *series);

/* Images nearer than this along the normal lie at one position. */
#define SAME_POSITION_MM 0.01

static inline double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void cross(const double a[3], const double b[3], double out[3])
{
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

#endif
