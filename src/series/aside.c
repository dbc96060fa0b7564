/* Objects that are no images of a volume, named. By SOP class first, then modality, then ImageType (contract 8). */
#include <string.h>

#include "series_private.h"

typedef struct kind {
    const char *uid, *reason;
} kind;

#define STORAGE "1.2.840.10008.5.1.4.1.1."
// clang-format off
static const kind kinds[] = {
    {STORAGE "4.3",      "enhanced multi-frame MR in colour, no measured images"},
    {STORAGE "4.2",      "MR spectroscopy, no images"},
    {STORAGE "7",        "secondary capture, no measured images"},
    {STORAGE "7.1",      "secondary capture, no measured images"},
    {STORAGE "7.2",      "secondary capture, no measured images"},
    {STORAGE "7.3",      "secondary capture, no measured images"},
    {STORAGE "7.4",      "secondary capture, no measured images"},
    {STORAGE "11.1",     "presentation state, no images"},
    {STORAGE "11.2",     "presentation state, no images"},
    {STORAGE "11.3",     "presentation state, no images"},
    {STORAGE "11.4",     "presentation state, no images"},
    {STORAGE "66",       "raw data, no images"},
    {STORAGE "66.1",     "spatial registration, no images"},
    {STORAGE "66.2",     "spatial fiducials, no images"},
    {STORAGE "66.3",     "deformable registration, no images"},
    {STORAGE "66.4",     "segmentation (SEG), no images"},
    {STORAGE "66.5",     "surface segmentation, no images"},
    {STORAGE "66.7",     "label map segmentation, no images"},
    {STORAGE "67",       "real world value mapping, no images"},
    {STORAGE "88.11",    "structured report, no images"},
    {STORAGE "88.22",    "structured report, no images"},
    {STORAGE "88.33",    "structured report, no images"},
    {STORAGE "88.34",    "structured report, no images"},
    {STORAGE "88.35",    "structured report, no images"},
    {STORAGE "88.40",    "procedure log, no images"},
    {STORAGE "88.50",    "structured report of a computer aid, no images"},
    {STORAGE "88.59",    "key object selection, no images"},
    {STORAGE "88.65",    "structured report of a computer aid, no images"},
    {STORAGE "88.67",    "radiation dose report, no images"},
    {STORAGE "88.68",    "radiation dose report, no images"},
    {STORAGE "88.76",    "radiation dose report, no images"},
    {STORAGE "104.1",    "encapsulated PDF, no images"},
    {STORAGE "104.2",    "encapsulated document, no images"},
    {STORAGE "128",      "PET, which this version does not serve"},
    {STORAGE "130",      "enhanced PET, which this version does not serve"},
    {STORAGE "128.1",    "legacy converted PET, which this version does not serve"},
    {STORAGE "481.1",    "radiotherapy image, no volume"},
    {STORAGE "481.2",    "radiotherapy dose, no images"},
    {STORAGE "481.3",    "radiotherapy structure set (RTSTRUCT), no images"},
    {STORAGE "481.4",    "radiotherapy treatment record, no images"},
    {STORAGE "481.5",    "radiotherapy plan, no images"},
    {STORAGE "481.6",    "radiotherapy treatment record, no images"},
    {STORAGE "481.7",    "radiotherapy treatment record, no images"},
    {STORAGE "481.8",    "radiotherapy plan, no images"},
    {STORAGE "481.9",    "radiotherapy treatment record, no images"},
    {STORAGE "30",       "parametric map, no images as scanned"},
    {STORAGE "11.5",     "presentation state, no images"},
    {STORAGE "11.6",     "presentation state, no images"},
    {STORAGE "66.6",     "tractography, no images"},
    {STORAGE "88.69",    "structured report, no images"},
    {STORAGE "88.70",    "structured report, no images"},
    {STORAGE "88.71",    "structured report, no images"},
    {STORAGE "88.72",    "structured report, no images"},
    {STORAGE "88.73",    "structured report, no images"},
    {STORAGE "88.74",    "structured report, no images"},
    {STORAGE "88.75",    "structured report, no images"},
    {STORAGE "104.3",    "encapsulated document, no images"},
    {STORAGE "12.2",     "angiogram, no volume"},
    {STORAGE "12.1.1",   "angiogram, no volume"},
    {STORAGE "12.2.1",   "angiogram, no volume"},
    {STORAGE "13.1.1",   "X-ray 3D angiography, which this version does not serve"},
    {STORAGE "13.1.3",   "breast tomosynthesis, which this version does not serve"},
    {STORAGE "1.1.1",    "projection radiograph, no volume"},
    {STORAGE "1.2.1",    "mammogram, no volume"},
    {STORAGE "1.3",      "projection radiograph, no volume"},
    {STORAGE "3",        "ultrasound, which this version does not serve"},
    {STORAGE "6",        "ultrasound, which this version does not serve"},
    {STORAGE "6.2",      "ultrasound, which this version does not serve"},
    {STORAGE "77.1.4",   "photograph, no measured images"},
    {STORAGE "77.1.6",   "microscopy, no measured images"},
    {STORAGE "1",        "projection radiograph, no volume"},
    {STORAGE "1.1",      "projection radiograph, no volume"},
    {STORAGE "1.2",      "mammogram, no volume"},
    {STORAGE "3.1",      "ultrasound, which this version does not serve"},
    {STORAGE "6.1",      "ultrasound, which this version does not serve"},
    {STORAGE "12.1",     "angiogram, no volume"},
    {STORAGE "20",       "nuclear medicine, which this version does not serve"},
    {"1.2.840.10008.1.3.10", "directory of a medium (DICOMDIR), no images"},
};

/* Values of ImageType (any of them) and Modality of pictures that are made for people, not measured slice by slice. */
static const kind image_types[] = {
    {"LOCALIZER",        "localizer, not slices of a volume"},
    {"SCOUT",            "localizer, not slices of a volume"},
    {"REF_SURVIEW",      "localizer, not slices of a volume"},
    {"MIP",              "maximum intensity projection, not slices as scanned"},
    {"MAXIP",            "maximum intensity projection, not slices as scanned"},
    {"MAX_IP",           "maximum intensity projection, not slices as scanned"},
    {"MINIP",            "minimum intensity projection, not slices as scanned"},
    {"MIN_IP",           "minimum intensity projection, not slices as scanned"},
    {"PROJECTION IMAGE", "projection through the volume, not slices as scanned"},
    {"VRT",              "rendering, no measured images"},
    {"VOLUME RENDERING", "rendering, no measured images"},
    {"SCREEN SAVE",      "picture of a screen, no measured images"},
    {"SCREENSHOT",       "picture of a screen, no measured images"},
    {"DOSE_INFO",        "dose report, no images"},
    {"PROTOCOL",         "page of the protocol, no images"},
};
// clang-format on

static const char *find(const kind *table, size_t n, const char *text, size_t length)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(table[i].uid) == length && strncmp(table[i].uid, text, length) == 0) return table[i].reason;
    }
    return NULL;
}

/* The next value of ImageType without the blanks around it; NULL behind the last. */
static const char *next_type(const char *type, size_t *length)
{
    if (!type) return NULL;
    const char *end = strchr(type, '\\');
    *length = end ? (size_t)(end - type) : strlen(type);
    while (*length && type[*length - 1] == ' ')
        --*length;
    return end ? end + 1 : NULL;
}

bool series_has_type(const char *image_type, const char *word)
{
    size_t length = 0;
    for (const char *type = image_type, *next; type; type = next) {
        next = next_type(type, &length);
        if (length == strlen(word) && strncmp(type, word, length) == 0) return true;
    }
    return false;
}

static const char *by_image_type(const char *image_type)
{
    size_t length = 0;
    for (const char *type = image_type, *next; type; type = next) {
        next = next_type(type, &length);
        const char *reason = find(image_types, sizeof(image_types) / sizeof(image_types[0]), type, length);
        if (reason) return reason;
    }
    return NULL;
}

static bool is_one_of(const char *uid, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(uid, *list) == 0) return true;
    }
    return false;
}

const char *series_aside(const rs_series *facts, rs_arena *arena)
{
    static const char *const ct_classes[] = {STORAGE "2", STORAGE "2.1", STORAGE "2.2", NULL};
    static const char *const mr_classes[] = {STORAGE "4", STORAGE "4.1", STORAGE "4.4", NULL};
    const char *uid = facts->sop_class_uid;
    const bool ct = is_one_of(uid, ct_classes), mr = is_one_of(uid, mr_classes);
    if (!ct && !mr) {
        /* Of a secondary capture its ImageType may say more. */
        const char *reason = strncmp(uid, STORAGE "7", sizeof(STORAGE)) == 0 ? by_image_type(facts->image_type) : NULL;
        if (!reason) reason = find(kinds, sizeof(kinds) / sizeof(kinds[0]), uid, strlen(uid));
        if (reason) return reason;
        if (!uid[0]) return "an object that does not say what it is (no SOPClassUID)";
        return rs_arena_printf(arena, "an object of a kind that restage does not read (SOP class %s)", uid);
    }
    if (facts->modality[0] && strcmp(facts->modality, ct ? "CT" : "MR") != 0) {
        return rs_arena_printf(arena, "%s images that call themselves %s", ct ? "CT" : "MR", facts->modality);
    }
    return by_image_type(facts->image_type);
}
