/* Sheets, texts and shapes by libharu. No date, no identifier and no path goes into the file, so that the same calls
   give the same bytes. */
#include "packet.h"
#include "paper_inner.h"

#include <string.h>

#include "restage/text.h"
#include "wrap.h"

#define DEBIAN_FONTS "/usr/share/fonts/truetype"
#define POOL_BYTES 65536 /* libharu takes its memory in pieces of this size and gives it back all at once */
#define LEADING 1.22     /* of the size of the type */
#define ASCENT 0.93      /* from the top of a line to its base line, of the size */
#define MISSING '?'

enum { RUN_MAX = 2048 }; /* bytes that are set in one call */

static const char *const face_files[N_FACES] = {"dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf",
                                                "droid/DroidSansFallbackFull.ttf"};

static void remember(HPDF_STATUS error, HPDF_STATUS detail, void *user)
{
    (void)detail;
    rs_paper *paper = user;
    if (paper->error == HPDF_OK) paper->error = error;
}

/* libharu takes a lack of memory amid a call for many things; its hooks know no document, but one thread makes it. */
static _Thread_local bool lacked;

static void *HPDF_STDCALL take(HPDF_UINT bytes)
{
    void *memory = rs_heap_alloc(bytes);
    lacked |= !memory;
    return memory;
}

static void HPDF_STDCALL give(void *memory)
{
    rs_heap_free(memory);
}

static bool lacks_memory(const rs_paper *paper)
{
    return lacked || paper->error == HPDF_FAILD_TO_ALLOC_MEM;
}

/* NULL where it cannot be used. A face of the document stands in it only once something was set in it. */
static HPDF_Font load(rs_paper *paper, const char *folder, int face)
{
    char path[512];
    if (paper->error != HPDF_OK) return NULL;
    int n = rs_text_format(path, sizeof path, "%s/%s", folder ? folder : DEBIAN_FONTS, face_files[face]);
    if (n < 0 || (size_t)n >= sizeof path) return NULL;
    const char *name = HPDF_LoadTTFontFromFile(paper->document, path, HPDF_TRUE);
    return name ? HPDF_GetFont(paper->document, name, "UTF-8") : NULL;
}

/* A document with its faces; the error is in it. */
static rs_paper *begin(const char *folder)
{
    rs_arena *arena = rs_arena_new();
    rs_paper *paper = arena ? RS_ARENA_NEW(arena, rs_paper, 1) : NULL;
    if (!paper) {
        rs_arena_free(arena);
        return NULL;
    }
    paper->arena = arena;
    lacked = false;
    paper->document = HPDF_NewEx(remember, take, give, POOL_BYTES, paper);
    if (!paper->document) {
        paper->error = HPDF_FAILD_TO_ALLOC_MEM;
        return paper;
    }
    HPDF_UseUTFEncodings(paper->document);
    HPDF_SetCompressionMode(paper->document, HPDF_COMP_ALL);
    for (int f = 0; f < CJK; f++)
        paper->face[f] = load(paper, folder, f);
    if (paper->error == HPDF_OK) {
        paper->face[CJK] = load(paper, folder, CJK);
        if (!paper->face[CJK] && !lacks_memory(paper)) {
            HPDF_ResetError(paper->document);
            paper->error = HPDF_OK;
        }
    }
    return paper;
}

rs_status rs_paper_faces(rs_context *ctx, const char *folder, const char **reason)
{
    rs_paper *paper = begin(folder);
    if (!paper || lacks_memory(paper)) {
        rs_paper_free(paper);
        return rs_fail_memory(ctx, "report.pdf");
    }
    bool usable = paper->error == HPDF_OK && paper->face[PLAIN] && paper->face[BOLD];
    *reason = usable ? NULL : "the faces to set it in are not on this machine: install the package fonts-dejavu-core";
    rs_paper_free(paper);
    return RS_OK;
}

rs_status rs_paper_new(rs_context *ctx, const char *folder, rs_paper **out)
{
    rs_paper *paper = begin(folder);
    if (!paper || lacks_memory(paper)) {
        rs_paper_free(paper);
        return rs_fail_memory(ctx, "report.pdf");
    }
    if (paper->error != HPDF_OK || !paper->face[PLAIN] || !paper->face[BOLD]) {
        rs_paper_free(paper);
        return rs_fail(ctx, RS_IO, "the faces of report.pdf cannot be read: install the package fonts-dejavu-core");
    }
    *out = paper;
    return RS_OK;
}

void rs_paper_free(rs_paper *paper)
{
    if (!paper) return;
    if (paper->document) HPDF_Free(paper->document);
    rs_arena_free(paper->arena);
}

void rs_paper_add(rs_paper *paper)
{
    if (paper->error != HPDF_OK) return;
    paper->sheet = HPDF_AddPage(paper->document);
    if (paper->sheet) HPDF_Page_SetSize(paper->sheet, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    paper->n_sheets++;
}

void rs_paper_turn_to(rs_paper *paper, int sheet)
{
    if (fine(paper)) paper->sheet = HPDF_GetPageByIndex(paper->document, (HPDF_UINT)sheet);
}

int rs_paper_sheets(const rs_paper *paper)
{
    return paper->n_sheets;
}

rs_status rs_paper_finish(rs_context *ctx, rs_paper *paper, rs_buffer *out)
{
    HPDF_BYTE piece[4096];
    if (fine(paper)) HPDF_SaveToStream(paper->document);
    if (paper->error == HPDF_OK) HPDF_ResetStream(paper->document);
    HPDF_UINT32 left = paper->error == HPDF_OK ? HPDF_GetStreamSize(paper->document) : 0;
    while (left > 0 && paper->error == HPDF_OK && !out->failed) {
        HPDF_UINT32 n = left < sizeof piece ? left : (HPDF_UINT32)sizeof piece;
        HPDF_ReadFromStream(paper->document, piece, &n);
        if (n == 0) break;
        rs_buffer_add(out, piece, n);
        left -= n;
    }
    if (lacks_memory(paper) || out->failed) return rs_fail_memory(ctx, "report.pdf");
    if (paper->error != HPDF_OK || left > 0 || !paper->sheet)
        return rs_fail(ctx, RS_DEFECT, "libharu could not make report.pdf (its error 0x%04lx)",
                       (unsigned long)paper->error);
    return RS_OK;
}

/* Stretches of Unicode that DejaVu Sans sets letter by letter as they stand: no joining, no writing to the left. */
static const unsigned plain_ranges[][2] = {{0x20, 0x7E},     {0xA0, 0x58F},    {0x1E00, 0x1FFF}, {0x2010, 0x2027},
                                           {0x2030, 0x205E}, {0x2070, 0x209C}, {0x20A0, 0x20BF}, {0x2100, 0x214F},
                                           {0x2190, 0x22FF}, {0x25A0, 0x25FF}, {0x2610, 0x2612}};
static const unsigned cjk_ranges[][2] = {{0x3000, 0x30FF}, {0x3105, 0x312F}, {0x3400, 0x4DBF},
                                         {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFF01, 0xFFEE}};

static bool within(unsigned code, const unsigned (*ranges)[2], size_t n)
{
    for (size_t r = 0; r < n; r++) {
        if (code >= ranges[r][0] && code <= ranges[r][1]) return true;
    }
    return false;
}

/* Face that sets a character, -1: none. */
static int face_of(const rs_paper *paper, unsigned code, bool bold)
{
    if (within(code, plain_ranges, sizeof plain_ranges / sizeof plain_ranges[0])) return bold ? BOLD : PLAIN;
    if (paper->face[CJK] && within(code, cjk_ranges, sizeof cjk_ranges / sizeof cjk_ranges[0])) return CJK;
    return -1;
}

bool rs_paper_can_set(const rs_paper *paper, const char *text)
{
    unsigned code;
    for (; text && *text; text += rs_wrap_character(text, &code)) {
        (void)rs_wrap_character(text, &code);
        if (code > (unsigned char)*RS_SAY_END && face_of(paper, code, false) < 0) return false;
    }
    return true;
}

static double thousandths(rs_paper *paper, int face, unsigned code)
{
    if (face != CJK && code < WIDTHS) {
        if (!paper->measured[face][code]) {
            paper->width[face][code] = HPDF_Font_GetUnicodeWidth(paper->face[face], (HPDF_UNICODE)code);
            paper->measured[face][code] = true;
        }
        return paper->width[face][code];
    }
    return HPDF_Font_GetUnicodeWidth(paper->face[face], (HPDF_UNICODE)code);
}

/* The character as it is set: its code, NUL for one that is dropped, '?' for one that no face has. */
static size_t next_character(const rs_paper *paper, const char *text, bool bold, unsigned *code, int *face)
{
    size_t n = rs_wrap_character(text, code);
    *face = bold ? BOLD : PLAIN;
    if (*code <= (unsigned char)*RS_SAY_END) {
        *code = 0;
        return n;
    }
    int found = face_of(paper, *code, bold);
    if (found < 0)
        *code = MISSING;
    else
        *face = found;
    return n;
}

typedef struct ruler {
    rs_paper *paper;
    const rs_type *type;
} ruler;

static double measure(void *by, const char *text, size_t bytes)
{
    const ruler *r = by;
    double sum = 0;
    for (size_t at = 0; at < bytes && text[at];) {
        unsigned code;
        int face;
        at += next_character(r->paper, text + at, r->type->bold, &code, &face);
        if (code) sum += thousandths(r->paper, face, code);
    }
    return sum * 1e-3 * r->type->pt / PT_PER_MM;
}

double rs_paper_width(rs_paper *paper, const rs_type *type, const char *text)
{
    return text ? measure(&(ruler){paper, type}, text, strlen(text)) : 0;
}

double rs_paper_leading_mm(const rs_type *type)
{
    return LEADING * type->pt / PT_PER_MM;
}

static void show(rs_paper *paper, const rs_type *type, int face, double x, double y, const char *text)
{
    HPDF_Page_SetFontAndSize(paper->sheet, paper->face[face], (HPDF_REAL)type->pt);
    HPDF_Page_BeginText(paper->sheet);
    HPDF_Page_TextOut(paper->sheet, across(x), up(y), text);
    HPDF_Page_EndText(paper->sheet);
}

/* Runs of one face, one call each. */
static double set(rs_paper *paper, const rs_type *type, double x, double y, const char *text, size_t bytes)
{
    char run[RUN_MAX];
    size_t n = 0, at = 0;
    double from = x, here = x;
    int face = PLAIN;
    if (!fine(paper)) return 0;
    HPDF_Page_SetRGBFill(paper->sheet, part(type->rgb, 16), part(type->rgb, 8), part(type->rgb, 0));
    while (at < bytes && text[at] && paper->error == HPDF_OK) {
        unsigned code;
        int wanted;
        size_t taken = next_character(paper, text + at, type->bold, &code, &wanted);
        if (code && n > 0 && (wanted != face || n + taken >= sizeof run)) {
            run[n] = 0;
            show(paper, type, face, from, y, run);
            n = 0;
        }
        if (code) {
            if (n == 0) from = here, face = wanted;
            if (code == MISSING)
                run[n++] = MISSING;
            else
                memcpy(run + n, text + at, taken), n += taken;
            if (wanted == CJK) rs_paper_keep_parts(paper->face[CJK], code);
            here += thousandths(paper, wanted, code) * 1e-3 * type->pt / PT_PER_MM;
        }
        at += taken;
    }
    run[n] = 0;
    if (n > 0) show(paper, type, face, from, y, run);
    return here - x;
}

double rs_paper_text(rs_paper *paper, const rs_type *type, double x, double y, const char *text)
{
    return text ? set(paper, type, x, y, text, strlen(text)) : 0;
}

static double paragraph(rs_paper *paper, const rs_type *type, double x, double y, double width, const char *text,
                        bool drawn)
{
    ruler by = {paper, type};
    while (text && *text) {
        const char *line;
        size_t bytes;
        text = rs_wrap_next(text, width, measure, &by, &line, &bytes);
        if (bytes == 0) break;
        if (drawn) (void)set(paper, type, x, y + ASCENT * type->pt / PT_PER_MM, line, bytes);
        y += rs_paper_leading_mm(type);
    }
    return y;
}

double rs_paper_paragraph(rs_paper *paper, const rs_type *type, double x, double y, double width, const char *text)
{
    return paragraph(paper, type, x, y, width, text, true);
}

double rs_paper_paragraph_mm(rs_paper *paper, const rs_type *type, double width, const char *text)
{
    return paragraph(paper, type, 0, 0, width, text, false);
}

const char *rs_packet_library_version(void)
{
    return HPDF_GetVersion();
}
