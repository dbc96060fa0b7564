/* What must hold of every study that opens, whatever its headers say. */
#include "studies.h"

#include <math.h>

#include "fuzz.h"
#include "restage/read.h"
#include "restage/study.h"

static void check_geometry(const rs_series *s)
{
    const rs_geometry *g = &s->geometry;
    for (int a = 0; a < 3; a++) {
        fuzz_expect(g->n[a] >= 1, "a side without voxels");
        fuzz_expect(isfinite(g->origin_lps_mm[a]) && isfinite(g->spacing_mm[a]) && g->spacing_mm[a] >= 0, "no number");
        for (int b = 0; b <= a; b++) {
            double product = 0;
            for (int c = 0; c < 3; c++)
                product += g->axis[a][c] * g->axis[b][c];
            fuzz_expect(fabs(product - (a == b)) < 2e-3, "axes are not orthonormal");
        }
    }
    if (s->repair == RS_REPAIR_TILT || s->repair == RS_REPAIR_BOTH) {
        fuzz_expect(g->n[0] >= s->columns && g->n[1] >= s->rows, "a leaning scan lost its edges");
    } else {
        fuzz_expect(g->n[0] == s->columns && g->n[1] == s->rows, "another picture than the header's");
    }
}

static void check_series(const rs_series *s)
{
    const bool usable =
        s->verdict == RS_VERDICT_GOOD || s->verdict == RS_VERDICT_MENDED || s->verdict == RS_VERDICT_FEW;
    fuzz_expect(s->verdict != RS_VERDICT_UNKNOWN, "no verdict");
    fuzz_expect(s->verdict == RS_VERDICT_GOOD || s->reason, "no reason");
    fuzz_expect(s->volume >= 0 && s->volume < s->n_volumes, "a volume beyond the last");
    if (!usable || s->volume_file) return;
    check_geometry(s);
    fuzz_expect(s->n_slices >= 1, "no slices");
    for (int32_t k = 1; k < s->n_slices; k++)
        fuzz_expect(s->slices[k].along_normal_mm >= s->slices[k - 1].along_normal_mm, "slices out of order");
    if (s->geometry.n[2] > 4096 || (int64_t)s->rows * s->columns * s->geometry.n[2] > 1 << 22) return;
    rs_volume volume = {0};
    rs_read_facts facts = {0};
    if (rs_read_volume(fuzz_context(), s, fuzz_arena(), &volume, &facts) == RS_OK) {
        for (int a = 0; a < 3; a++)
            fuzz_expect(volume.geometry.n[a] == s->geometry.n[a], "the volume has another size than its series");
        rs_volume_free(fuzz_context(), &volume);
    }
}

void fuzz_study(const char *path, bool allow_partial)
{
    rs_study *study = NULL;
    const rs_study_options options = {.allow_partial = allow_partial};
    if (rs_study_open(fuzz_context(), path, &options, &study) != RS_OK) return;
    for (int i = 0; i < rs_study_n_series(study); i++)
        check_series(rs_study_series(study, i));
    rs_study_close(study);
}
