/* Lines, boxes and pictures on a sheet. */
#include "paper_inner.h"

/* Sets the border and the filling; false where there is nothing to draw on. */
static bool prepare(rs_paper *paper, const rs_stroke *stroke)
{
    if (!fine(paper)) return false;
    if (stroke->width_mm > 0) {
        const HPDF_UINT16 dash[1] = {(HPDF_UINT16)(stroke->dash_mm * PT_PER_MM < 1 ? 1 : stroke->dash_mm * PT_PER_MM)};
        HPDF_Page_SetLineWidth(paper->sheet, (HPDF_REAL)(stroke->width_mm * PT_PER_MM));
        HPDF_Page_SetRGBStroke(paper->sheet, part(stroke->rgb, 16), part(stroke->rgb, 8), part(stroke->rgb, 0));
        HPDF_Page_SetDash(paper->sheet, stroke->dash_mm > 0 ? dash : NULL, stroke->dash_mm > 0 ? 1 : 0, 0);
    }
    if (stroke->fill_rgb >= 0) {
        uint32_t rgb = (uint32_t)stroke->fill_rgb;
        HPDF_Page_SetRGBFill(paper->sheet, part(rgb, 16), part(rgb, 8), part(rgb, 0));
    }
    return true;
}

static void paint(rs_paper *paper, const rs_stroke *stroke)
{
    if (paper->error != HPDF_OK) return;
    if (stroke->fill_rgb >= 0 && stroke->width_mm > 0)
        HPDF_Page_FillStroke(paper->sheet);
    else if (stroke->fill_rgb >= 0)
        HPDF_Page_Fill(paper->sheet);
    else if (stroke->width_mm > 0)
        HPDF_Page_Stroke(paper->sheet);
    else
        HPDF_Page_EndPath(paper->sheet);
}

void rs_paper_line(rs_paper *paper, const rs_stroke *stroke, double x1, double y1, double x2, double y2)
{
    if (!prepare(paper, stroke)) return;
    HPDF_Page_MoveTo(paper->sheet, across(x1), up(y1));
    HPDF_Page_LineTo(paper->sheet, across(x2), up(y2));
    if (paper->error == HPDF_OK) HPDF_Page_Stroke(paper->sheet);
}

void rs_paper_rect(rs_paper *paper, const rs_stroke *stroke, double x, double y, double width, double height)
{
    if (!prepare(paper, stroke)) return;
    HPDF_Page_Rectangle(paper->sheet, across(x), up(y + height), across(width), across(height));
    paint(paper, stroke);
}

void rs_paper_circle(rs_paper *paper, const rs_stroke *stroke, double x, double y, double radius)
{
    if (!prepare(paper, stroke)) return;
    HPDF_Page_Circle(paper->sheet, across(x), up(y), across(radius));
    paint(paper, stroke);
}

void rs_paper_polygon(rs_paper *paper, const rs_stroke *stroke, const double (*at)[2], int n)
{
    if (n < 2 || !prepare(paper, stroke)) return;
    HPDF_Page_MoveTo(paper->sheet, across(at[0][0]), up(at[0][1]));
    for (int i = 1; i < n; i++)
        HPDF_Page_LineTo(paper->sheet, across(at[i][0]), up(at[i][1]));
    HPDF_Page_ClosePath(paper->sheet);
    paint(paper, stroke);
}

void rs_paper_picture(rs_paper *paper, const uint8_t *grey, int columns, int rows, double x, double y, double width,
                      double height)
{
    if (!fine(paper)) return;
    HPDF_Image image =
        HPDF_LoadRawImageFromMem(paper->document, grey, (HPDF_UINT)columns, (HPDF_UINT)rows, HPDF_CS_DEVICE_GRAY, 8);
    if (image && paper->error == HPDF_OK)
        HPDF_Page_DrawImage(paper->sheet, image, across(x), up(y + height), across(width), across(height));
}

void rs_paper_clip(rs_paper *paper, double x, double y, double width, double height)
{
    if (!fine(paper)) return;
    HPDF_Page_GSave(paper->sheet);
    HPDF_Page_Rectangle(paper->sheet, across(x), up(y + height), across(width), across(height));
    HPDF_Page_Clip(paper->sheet);
    HPDF_Page_EndPath(paper->sheet);
}

void rs_paper_unclip(rs_paper *paper)
{
    if (fine(paper)) HPDF_Page_GRestore(paper->sheet);
}
