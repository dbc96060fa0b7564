/* The XML of LIDC-IDRI (Armato 2011), by the events of expat. The file may come from anywhere: a document type, and
   with it every entity, is refused at its first letter; bytes, depth, marks and pixels have limits. */
#include "lidc.h"

#include <expat.h>
#include <math.h>
#include <string.h>

#include "restage/files.h"
#include "restage/text.h"

enum {
    FILE_BYTES = 32 << 20, /* ten times the largest of the collection */
    DEPTH_MAX = 32,
    READERS_MAX = 64,
    MARKS_MAX = 5000,
    CONTOURS_MAX = 50000,
    PIXELS_MAX = 2000000,
    PIXEL_SIDE = 8192,
    TEXT_MAX = 128,
};

typedef struct parse {
    rs_context *ctx;
    rs_arena *arena;
    rs_lidc *out;
    XML_Parser parser;
    rs_status status;
    int depth;
    int64_t pixels, contours;
    bool root;    /* the root was LidcReadMessage */
    bool in_mark; /* inside unblindedReadNodule or nonNodule */
    bool keep;    /* the text of this element is wanted */
    char text[TEXT_MAX + 1];
    size_t n_text;
    int64_t x; /* of the pixel that is read; -1: none */
} parse;

static void stop(parse *p, rs_status status)
{
    if (p->status == RS_OK) p->status = status;
    XML_StopParser(p->parser, XML_FALSE);
}

static unsigned long line_of(const parse *p)
{
    return (unsigned long)XML_GetCurrentLineNumber(p->parser);
}

static void too_many(parse *p, const char *what, int limit)
{
    stop(p, rs_fail(p->ctx, RS_DATA, "line %lu: more than %d %s, which no reading has", line_of(p), limit, what));
}

static rs_lidc_mark *mark_of(const parse *p)
{
    return p->out->n > 0 ? &p->out->marks[p->out->n - 1] : NULL;
}

static rs_lidc_contour *contour_of(const parse *p)
{
    rs_lidc_mark *mark = p->in_mark ? mark_of(p) : NULL;
    return mark != NULL && mark->n > 0 ? &mark->contours[mark->n - 1] : NULL;
}

static void begin_contour(parse *p)
{
    rs_lidc_mark *mark = mark_of(p);
    if (++p->contours > CONTOURS_MAX) return too_many(p, "contours", CONTOURS_MAX);
    rs_lidc_contour *made = rs_arena_push(p->arena, (void **)&mark->contours, mark->n, &mark->capacity, sizeof *made);
    if (made == NULL) return stop(p, rs_fail_memory(p->ctx, "the contours"));
    made->z_mm = (double)NAN;
    mark->n++;
}

static void begin_mark(parse *p, bool nodule)
{
    rs_lidc *out = p->out;
    if (out->n == MARKS_MAX) return too_many(p, "marks", MARKS_MAX);
    if (out->n_readers == 0)
        return stop(p, rs_fail(p->ctx, RS_DATA, "line %lu: a mark outside of every readingSession", line_of(p)));
    rs_lidc_mark *made = rs_arena_push(p->arena, (void **)&out->marks, out->n, &out->capacity, sizeof *made);
    if (made == NULL) return stop(p, rs_fail_memory(p->ctx, "the marks"));
    made->reader = out->n_readers - 1;
    made->nodule = nodule;
    out->n++;
    p->in_mark = true;
    if (!nodule) begin_contour(p); /* its place stands in the element itself */
}

static bool is_wanted(const char *name)
{
    static const char *const names[] = {"SeriesInstanceUid", "noduleID",  "nonNoduleID", "imageZposition",
                                        "imageSOP_UID",      "inclusion", "xCoord",      "yCoord"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static void XMLCALL on_begin(void *user, const char *name, const char **attributes)
{
    parse *p = user;
    (void)attributes;
    if (p->status != RS_OK) return;
    if (++p->depth > DEPTH_MAX) return too_many(p, "elements one in another", DEPTH_MAX);
    if (p->depth == 1) {
        p->root = strcmp(name, "LidcReadMessage") == 0;
        if (!p->root)
            return stop(p,
                        rs_fail(p->ctx, RS_DATA, "its root is no LidcReadMessage: it is no reading of a CT of LIDC"));
    }
    if (strcmp(name, "readingSession") == 0) {
        if (p->out->n_readers == READERS_MAX) return too_many(p, "reading sessions", READERS_MAX);
        p->out->n_readers++;
    }
    if (strcmp(name, "unblindedReadNodule") == 0) begin_mark(p, true);
    if (strcmp(name, "nonNodule") == 0) begin_mark(p, false);
    if (strcmp(name, "roi") == 0 && p->in_mark && mark_of(p)->nodule) begin_contour(p);
    p->keep = is_wanted(name);
    p->n_text = 0;
}

static void XMLCALL on_text(void *user, const char *text, int n)
{
    parse *p = user;
    for (int i = 0; p->keep && i < n && p->n_text < TEXT_MAX; i++)
        if (p->n_text > 0 || (unsigned char)text[i] > ' ') p->text[p->n_text++] = text[i];
}

static void add_pixel(parse *p, int64_t y)
{
    rs_lidc_contour *contour = contour_of(p);
    if (contour == NULL) return;
    if (++p->pixels > PIXELS_MAX) return too_many(p, "pixels", PIXELS_MAX);
    void *items = contour->pixel;
    int32_t(*made)[2] = rs_arena_push(p->arena, &items, contour->n, &contour->capacity, sizeof *contour->pixel);
    if (made == NULL) return stop(p, rs_fail_memory(p->ctx, "the contours"));
    contour->pixel = items;
    (*made)[0] = (int32_t)p->x;
    (*made)[1] = (int32_t)y;
    contour->n++;
    p->x = -1;
}

static void take_coordinate(parse *p, bool is_x)
{
    int64_t value;
    if (!rs_text_integer(p->text, &value) || value < 0 || value >= PIXEL_SIDE)
        return stop(p, rs_fail(p->ctx, RS_DATA, "line %lu: a coordinate that is no pixel of an image", line_of(p)));
    if (is_x)
        p->x = value;
    else if (p->x < 0)
        stop(p, rs_fail(p->ctx, RS_DATA, "line %lu: a row (yCoord) without its column (xCoord)", line_of(p)));
    else
        add_pixel(p, value);
}

static void take_z(parse *p)
{
    double z_mm;
    rs_lidc_contour *contour = contour_of(p);
    if (contour == NULL) return;
    if (!rs_text_real(p->text, &z_mm) || fabs(z_mm) > 1e6)
        return stop(p, rs_fail(p->ctx, RS_DATA, "line %lu: imageZposition is no number of mm", line_of(p)));
    contour->z_mm = z_mm;
}

static void keep_text(parse *p, const char **to)
{
    *to = rs_arena_text(p->arena, p->text);
    if (*to == NULL) stop(p, rs_fail_memory(p->ctx, "the marks"));
}

static void take_text(parse *p, const char *name)
{
    rs_lidc_contour *contour = contour_of(p);
    while (p->n_text > 0 && (unsigned char)p->text[p->n_text - 1] <= ' ')
        p->n_text--;
    p->text[p->n_text] = 0;
    if (strcmp(name, "xCoord") == 0 || strcmp(name, "yCoord") == 0)
        take_coordinate(p, name[0] == 'x');
    else if (strcmp(name, "imageZposition") == 0)
        take_z(p);
    else if (strcmp(name, "SeriesInstanceUid") == 0 && p->out->series_uid == NULL)
        keep_text(p, &p->out->series_uid);
    else if (strcmp(name, "imageSOP_UID") == 0 && contour != NULL)
        keep_text(p, &contour->sop_instance_uid);
    else if (strcmp(name, "inclusion") == 0 && contour != NULL)
        contour->hole = strcmp(p->text, "FALSE") == 0 || strcmp(p->text, "false") == 0;
    else if (p->in_mark && (strcmp(name, "noduleID") == 0 || strcmp(name, "nonNoduleID") == 0))
        keep_text(p, &mark_of(p)->id);
}

static void XMLCALL on_end(void *user, const char *name)
{
    parse *p = user;
    if (p->status != RS_OK) return;
    p->depth--;
    if (p->keep) take_text(p, name);
    p->keep = false;
    if (strcmp(name, "unblindedReadNodule") == 0 || strcmp(name, "nonNodule") == 0) p->in_mark = false;
}

/* Entities are declared in a document type: without one there are none but the five of XML. */
static void XMLCALL on_doctype(void *user, const char *name, const char *system, const char *public, int internal)
{
    parse *p = user;
    (void)name, (void)system, (void)public, (void)internal;
    stop(p,
         rs_fail(p->ctx, RS_DATA, "line %lu: it declares a document type, which no reading of LIDC does", line_of(p)));
}

static rs_status run(parse *p, const uint8_t *bytes, size_t n)
{
    XML_SetUserData(p->parser, p);
    XML_SetElementHandler(p->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(p->parser, on_text);
    XML_SetStartDoctypeDeclHandler(p->parser, on_doctype);
    XML_SetHashSalt(p->parser, 0x5265u); /* not by the clock: names are few, and the depth is bounded */
    enum XML_Status parsed = XML_Parse(p->parser, (const char *)bytes, (int)n, 1);
    if (p->status != RS_OK) return p->status;
    if (parsed != XML_STATUS_OK && XML_GetErrorCode(p->parser) == XML_ERROR_NO_MEMORY)
        return rs_fail_memory(p->ctx, "the reading");
    if (parsed != XML_STATUS_OK)
        return rs_fail(p->ctx, RS_DATA, "line %lu: it is no whole XML (%s)", line_of(p),
                       XML_ErrorString(XML_GetErrorCode(p->parser)));
    return RS_OK;
}

rs_status rs_lidc_parse(rs_context *ctx, const char *path, rs_arena *arena, rs_lidc *out)
{
    uint8_t *bytes;
    size_t n;
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES, true, &bytes, &n));
    *out = (rs_lidc){0};
    parse p = {.ctx = ctx, .arena = arena, .out = out, .parser = XML_ParserCreate(NULL), .x = -1};
    if (p.parser == NULL) return rs_fail_memory(ctx, "the reading");
    rs_status status = run(&p, bytes, n);
    XML_ParserFree(p.parser);
    return status;
}

static bool knows(const char *path, const uint8_t *head, size_t n)
{
    static const char mark[] = "<?xml", root[] = "<LidcReadMessage";
    const size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".xml") == 0) return true;
    size_t at = n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return (n >= at + sizeof mark - 1 && memcmp(head + at, mark, sizeof mark - 1) == 0) ||
           (n >= at + sizeof root - 1 && memcmp(head + at, root, sizeof root - 1) == 0);
}

static rs_status read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    rs_lidc lidc;
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(ctx, "the reading");
    rs_status status = rs_lidc_parse(ctx, args->path, arena, &lidc);
    if (status == RS_OK) status = rs_lidc_add(ctx, args, &lidc, ledger);
    rs_arena_free(arena);
    return status;
}

const rs_truth_reader rs_truth_lidc_xml = {"LIDC XML", true, knows, read};
