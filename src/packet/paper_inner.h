/* The document behind rs_paper, and how places on a sheet become libharu's. */
#ifndef PACKET_PAPER_INNER_H
#define PACKET_PAPER_INNER_H

#include <hpdf.h>

#include "paper.h"
#include "restage/arena.h"

#define PT_PER_MM (72 / 25.4)

enum { PLAIN = 0, BOLD, CJK, N_FACES };
enum { WIDTHS = 0x530 }; /* of Latin, Greek and Cyrillic: measured once */

struct rs_paper {
    rs_arena *arena;
    HPDF_Doc document;
    HPDF_Page sheet;
    HPDF_Font face[N_FACES]; /* the last NULL where the machine has none */
    HPDF_STATUS error;       /* 0: none */
    int n_sheets;
    bool measured[2][WIDTHS];
    int16_t width[2][WIDTHS]; /* thousandths of the size */
};

/* Keeps what the glyph of a character is put together from among what is embedded; it was or will be set. */
void rs_paper_keep_parts(HPDF_Font face, unsigned code);

/* Nothing failed yet, and there is a sheet. */
static inline bool fine(const rs_paper *paper)
{
    return paper->error == HPDF_OK && paper->sheet;
}

/* Millimetres from the left and from the top as points from the left and from the bottom. */
static inline float across(double x)
{
    return (float)(x * PT_PER_MM);
}

static inline float up(double y)
{
    return (float)((RS_PAPER_HEIGHT_MM - y) * PT_PER_MM);
}

/* Red (16), green (8) or blue (0) of a colour. */
static inline float part(uint32_t rgb, int shift)
{
    return (float)(rgb >> shift & 0xFF) / 255.0f;
}

#endif
