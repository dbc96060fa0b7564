/* Parts of composite glyphs. libharu embeds the glyphs that were set and marks their parts as set, too, but takes the
   index of a part for signed: parts above 32767 would be missing, and a Chinese name would read as another. Its pool
   hands memory out at any address: what lies there is copied before it is read. */
#include "paper_inner.h"

#include <string.h>

#include <hpdf_font.h>
#include <hpdf_fontdef.h>

enum {
    DEEPEST = 6, /* parts of parts */
    MOST_PARTS = 64,
    ARGUMENTS_ARE_WORDS = 0x1, /* flags of a part (OpenType, "glyf") */
    HAS_SCALE = 0x8,
    MORE_PARTS = 0x20,
    HAS_TWO_SCALES = 0x40,
    HAS_MATRIX = 0x80
};

static unsigned word(const HPDF_BYTE *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static bool read_at(HPDF_Stream stream, HPDF_UINT32 offset, HPDF_BYTE *out, HPDF_UINT32 n)
{
    HPDF_UINT32 got = n;
    return HPDF_Stream_Seek(stream, (HPDF_INT)offset, HPDF_SEEK_SET) == HPDF_OK &&
           HPDF_Stream_Read(stream, out, &got) == HPDF_OK && got == n;
}

static HPDF_UINT32 offset_of(const HPDF_TTFontDefAttr_Rec *font, unsigned glyph)
{
    HPDF_UINT32 offset;
    memcpy(&offset, (const char *)font->glyph_tbl.offsets + (size_t)glyph * sizeof offset, sizeof offset);
    return font->glyph_tbl.base_offset + (font->header.index_to_loc_format == 0 ? 2 * offset : offset);
}

static void keep(const HPDF_TTFontDefAttr_Rec *font, unsigned glyph, int depth)
{
    HPDF_BYTE head[2], part[4];
    if (glyph >= font->num_glyphs || depth > DEEPEST) return;
    HPDF_UINT32 at = offset_of(font, glyph);
    if (glyph + 1u < font->num_glyphs && offset_of(font, glyph + 1) == at) return; /* a blank */
    if (!read_at(font->stream, at, head, 2) || word(head) != 0xFFFF) return;       /* contours of its own */
    at += 10;
    for (int p = 0; p < MOST_PARTS && read_at(font->stream, at, part, 4); p++) {
        const unsigned flags = word(part), index = word(part + 2);
        if (index < font->num_glyphs) font->glyph_tbl.flgs[index] = 1;
        keep(font, index, depth + 1);
        if (!(flags & MORE_PARTS)) return;
        at += flags & ARGUMENTS_ARE_WORDS ? 8 : 6;
        at += flags & HAS_SCALE ? 2 : flags & HAS_TWO_SCALES ? 4 : flags & HAS_MATRIX ? 8 : 0;
    }
}

void rs_paper_keep_parts(HPDF_Font face, unsigned code)
{
    HPDF_Dict_Rec object;
    HPDF_FontAttr_Rec of_face;
    HPDF_FontDef_Rec definition;
    HPDF_TTFontDefAttr_Rec font;
    if (!face || code > 0xFFFF) return;
    memcpy(&object, (const void *)face, sizeof object);
    memcpy(&of_face, object.attr, sizeof of_face);
    if (!of_face.fontdef) return;
    memcpy(&definition, (const void *)of_face.fontdef, sizeof definition);
    if (definition.type != HPDF_FONTDEF_TYPE_TRUETYPE) return;
    memcpy(&font, definition.attr, sizeof font);
    keep(&font, HPDF_TTFontDef_GetGlyphid(of_face.fontdef, (HPDF_UINT16)code), 0);
}
