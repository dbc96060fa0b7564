/* What the files of this room share: one header a file, and the study that holds them. */
#ifndef SERIES_SERIES_PRIVATE_H
#define SERIES_SERIES_PRIVATE_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/limits.h"
#include "restage/study.h"

enum { FEW_SLICES = 8, NOTED_REFUSALS = 5 };

typedef enum header_state {
    HEADER_OTHER = 0, /* no DICOM */
    HEADER_REFUSED,   /* DICOM, but its reason stands in `reason` */
    HEADER_ASIDE,     /* no image of a volume; `reason` */
    HEADER_IMAGE
} header_state;

/* What may tell volumes apart that lie at the same positions, in the order in which it is tried. group and group_tag:
   where a multi-frame image has it; tag: elsewhere; 0: read otherwise. X(NAME, group, group_tag, tag, words) */
// clang-format off
#define SPLIT_TABLE(X)                                                                                                 \
    X(TEMPORAL,    0x00209111, 0x00209128, 0x00200100, "TemporalPositionIdentifier")                                   \
    X(ECHO,        0x00189114, 0x00189082, 0x00180081, "EchoTime")                                                     \
    X(INVERSION,   0x00189115, 0x00189079, 0x00180082, "InversionTime")                                                \
    X(B_VALUE,     0,          0,          0,          "DiffusionBValue")                                              \
    X(DIRECTION,   0,          0,          0,          "DiffusionGradientOrientation")                                 \
    X(CONTRAST,    0,          0,          0,          "ContrastBolusAgent")                                           \
    X(IMAGE_TYPE,  0,          0,          0,          "ImageType")                                                    \
    X(COMPONENT,   0x00189226, 0x00089208, 0x00089208, "ComplexImageComponent")                                        \
    X(FLIP,        0x00189112, 0x00181314, 0x00181314, "FlipAngle")                                                    \
    X(KVP,         0x00189325, 0x00180060, 0x00180060, "KVP")                                                          \
    X(KERNEL,      0x00189314, 0x00181210, 0x00181210, "ConvolutionKernel")                                            \
    X(ACQUISITION, 0x00209111, 0x00209156, 0x00200012, "AcquisitionNumber")                                            \
    X(THICKNESS,   0,          0,          0,          "SliceThickness")                                               \
    X(FRAME,       0,          0,          0,          "FrameOfReferenceUID")                                          \
    X(PATIENT,     0,          0,          0,          "PatientPosition")                                              \
    X(TRIGGER,     0x00189118, 0x00209153, 0x00181060, "TriggerTime")                                                  \
    X(STACK,       0x00209111, 0x00209056, 0,          "StackID")                                                      \
    X(TIME,        0x00209111, 0x00189074, 0x00080032, "AcquisitionTime")                                              \
    X(CONTENT,     0,          0,          0x00080033, "ContentTime")
// clang-format on

typedef enum split_name {
#define SPLIT_ENUM(name, group, group_tag, tag, words) SPLIT_##name,
    SPLIT_TABLE(SPLIT_ENUM)
#undef SPLIT_ENUM
        SPLIT_COUNT
} split_name;

/* An instance that a rejection note lists. */
typedef struct rejected {
    const char *uid, *reason;
} rejected;

/* One file, and one image of it where it holds just one. Texts live in the study. */
typedef struct header {
    header_state state;
    const char *path;  /* for opening */
    const char *shown; /* below the starting path */
    bool is_start;     /* named by the caller: a link is followed */
    const char *reason;
    size_t n_bytes;
    rs_series facts; /* the fields of identity and pixels */
    rs_slice slice;
    const char *bad_geometry; /* what is wrong with position, orientation or spacing; NULL: nothing */
    bool placeless;           /* no position at all: bad_geometry says so */
    bool is_own;              /* no DICOM, but written by restage: a truth.json, a file of a packet */
    bool is_pixelless;        /* set aside: an image that was cut between two elements, or never had any */
    bool planeless;           /* of a refused file: its orientation is not known */
    double between_mm;        /* SpacingBetweenSlices, for frames without a position; 0: none */
    double orientation[6], pixel_spacing_mm[2]; /* between rows, between columns (DICOM's order) */
    const char *split[SPLIT_COUNT];
    bool has_rescale;

    struct header *images; /* a file of several images: one a frame or tile; NULL: the file is its image */
    int n_images;
    const struct header *file; /* of an image among several; else NULL */
    const char *note;          /* what the header did not say and was assumed; static, or NULL */

    bool is_directory;      /* DICOMDIR */
    const char **listed;    /* of one that the caller named: paths below its folder */
    int n_listed, n_unsafe; /* how many, and how many more would leave the folder */
    rejected *rejected;
    int n_rejected;

    int32_t rank[SPLIT_COUNT], place; /* while volumes are told apart: of its values, of its position */
    int64_t key;
} header;

struct rs_study {
    rs_study_options options;
    rs_arena *arena;
    rs_arena **worker_arena; /* one a worker: the headers' texts */
    int n_workers;
    header *header;
    int n_headers;
    header **torn; /* refused files that still name their series, by series */
    int n_torn;
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

/** A DICOMDIR that the caller named becomes the files that it names, below its folder; their headers are read. */
RS_MUST_USE rs_status series_follow_directory(rs_context *ctx, rs_study *study);

/** Sets aside what rejection notes list. */
RS_MUST_USE rs_status series_reject(rs_context *ctx, rs_study *study);

/** Sentence why an object is no image of a volume, by SOP class, modality and ImageType; NULL: it is one. Static or in
   the arena. */
const char *series_aside(const rs_series *facts, rs_arena *arena);

/** Is a word one of the values of ImageType? */
bool series_has_type(const char *image_type, const char *word);

/** Groups headers into study->series, drops identical duplicates, splits what lies at the same positions, judges. */
RS_MUST_USE rs_status series_group(rs_context *ctx, rs_study *study);

/* Images of one series, in any order. */
typedef struct group {
    header **item;
    int n;
} group;

/** Is this a file (no folder) with the ending of a volume file? */
bool series_is_volume_file(const char *path);

/** Makes the series of a volume file; study->header are its files. */
RS_MUST_USE rs_status series_volume_file(rs_context *ctx, rs_study *study, const char *path);

/** Orders the images along the normal of the first; false where no position or orientation can be used. */
bool series_sort(group *images);

/* One of the volumes of a series. */
typedef struct split_part {
    group images; /* by position */
    const char *value;
} split_part;

typedef struct split {
    const char *by;    /* names of the attributes that tell the volumes apart */
    split_part *parts; /* in the order of their values */
    int n_parts;       /* 0: the images are one volume, or nothing tells them apart */
    int n_places;      /* distinct positions */
    bool by_kind;      /* no position is held twice, but images of several kinds are each an even volume */
} split;

/** Order of two images by what may tell volumes apart: numbers by their size, before words; 0: the same. */
int series_by_value(const header *a, const header *b, int attribute);

/** Parts images, which are in the order of their positions, into volumes that hold no position twice, and of one kind
    (kernel, thickness, frame of reference, patient position) where the images of each are even. RS_OK;
    RS_NO_MEMORY. */
RS_MUST_USE rs_status series_split(rs_context *ctx, rs_study *study, const group *images, split *out);

/** Fills verdict, reason, geometry, slices and notes of a series whose facts are set; images are without duplicates. */
RS_MUST_USE rs_status series_judge(rs_context *ctx, rs_study *study, group *images, rs_series *series);

/** "axial", "sagittal", "coronal" by the axis that the normal runs along, or "oblique"; static. */
const char *series_orientation(const double normal[3]);

/** Keeps what a file that was refused still says of the series and the place that it is of. */
RS_MUST_USE rs_status series_keep_remains(rs_context *ctx, rs_arena *scratch, rs_arena *keep, header *h);

/** Lists the refused files that still name their series, each object once. */
RS_MUST_USE rs_status series_list_torn(rs_context *ctx, rs_study *study);

/* Directions that differ by more than this in a component are those of another plane, not of a scan that leans. */
#define OTHER_PLANE 0.1

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
