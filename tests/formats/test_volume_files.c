/* Volume files read back: every format with its own reader, on straight, oblique and left-handed grids, one and three
   volumes; hand-made headers against their definitions; headers that lie. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/files.h"
#include "restage/formats.h"

static char folder[] = "/tmp/restage-volumes-XXXXXX";
static rs_context *ctx;
static rs_arena *arena;

static const char *in_folder(const char *name)
{
    return rs_arena_printf(arena, "%s/%s", folder, name);
}

/* Turned by an angle about z, then about x; mirrored: left-handed. */
static rs_geometry grid(double a, double c, bool mirrored)
{
    rs_geometry g = {.n = {5, 4, 3}, .spacing_mm = {0.7, 0.8, 2.5}, .origin_lps_mm = {-101.5, 33.25, -812.125}};
    double rows[3][3] = {
        {cos(a), sin(a), 0}, {-sin(a) * cos(c), cos(a) * cos(c), sin(c)}, {sin(a) * sin(c), -cos(a) * sin(c), cos(c)}};
    memcpy(g.axis, rows, sizeof rows);
    for (int d = 0; mirrored && d < 3; d++)
        g.axis[2][d] = -g.axis[2][d];
    return g;
}

static rs_volume volume_of(const rs_geometry *g, int seed)
{
    rs_volume v;
    assert_int_equal(rs_volume_new(ctx, g, &v), RS_OK);
    for (int64_t i = 0; i < rs_geometry_voxels(g); i++)
        v.voxels[i] = (int16_t)(97 * i - 3000 + seed);
    return v;
}

/* Same values at the same places of the patient. */
static void assert_same(const rs_volume *read, const rs_volume *written, double tolerance)
{
    const rs_geometry *g = &written->geometry;
    double cross[3];
    const double(*x)[3] = read->geometry.axis;
    for (int d = 0; d < 3; d++) {
        int e = (d + 1) % 3, f = (d + 2) % 3;
        cross[d] = x[0][e] * x[1][f] - x[0][f] * x[1][e];
        assert_true(fabs(cross[d] - x[2][d]) < 1e-6);
    }
    for (int32_t k = 0; k < g->n[2]; k++)
        for (int32_t j = 0; j < g->n[1]; j++)
            for (int32_t i = 0; i < g->n[0]; i++) {
                double lps[3], ijk[3], at[3] = {i, j, k};
                rs_geometry_to_lps(g, at, lps);
                rs_geometry_to_index(&read->geometry, lps, ijk);
                for (int d = 0; d < 3; d++)
                    assert_true(fabs(ijk[d] - rint(ijk[d])) < 2e-3);
                double value =
                    rs_volume_value(read, (int32_t)rint(ijk[0]), (int32_t)rint(ijk[1]), (int32_t)rint(ijk[2]));
                assert_true(fabs(value - rs_volume_value(written, i, j, k)) <= tolerance);
            }
}

static rs_status read_one(const char *path, int index, rs_volume *out, double *rounding, rs_notes *notes)
{
    *notes = (rs_notes){0};
    return rs_format_read(ctx, path, index, arena, out, rounding, notes);
}

static void round_trip(const rs_geometry *g, const char *name, int n, double slope, double offset)
{
    rs_volume written[3], read;
    rs_notes notes;
    double rounding;
    rs_format_head head;
    const char *path = in_folder(name);
    for (int v = 0; v < n; v++) {
        written[v] = volume_of(g, v);
        written[v].slope = slope;
        written[v].offset = offset;
    }
    assert_int_equal(rs_format_write(ctx, written, n, path, &(rs_format_options){.force = true}), RS_OK);
    assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_OK);
    assert_int_equal(head.n_volumes, n);
    assert_int_equal(head.notes.n, 0);
    for (int v = 0; v < n; v++) {
        assert_int_equal(read_one(path, v, &read, &rounding, &notes), RS_OK);
        assert_true(rounding == 0);
        assert_same(&read, &written[v], 0);
        rs_volume_free(ctx, &read);
    }
    for (int v = 0; v < n; v++)
        rs_volume_free(ctx, &written[v]);
}

static const char *const written_names[] = {"r.nii", "r.nii.gz", "r.mha", "r.mhd", "r.nrrd"};

static void round_trips(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof written_names / sizeof written_names[0]; f++) {
        for (int turn = 0; turn < 12; turn++) {
            rs_geometry g = grid(0.5 * turn, turn % 3 ? 0.13 * turn : 0, turn & 1);
            round_trip(&g, written_names[f], turn % 4 == 3 ? 3 : 1, 1, 0);
            round_trip(&g, written_names[f], 1, 0.5, -1024);
        }
    }
    unlink(in_folder("r.raw"));
}

static void labels(void **state)
{
    (void)state;
    rs_geometry g = grid(0, 0, false);
    rs_volume v = volume_of(&g, 0), read;
    rs_notes notes;
    double rounding;
    for (int64_t i = 0; i < rs_geometry_voxels(&g); i++)
        v.voxels[i] = (int16_t)(i % 256);
    const rs_format_options options = {.force = true, .labels = true, .unknown_pitch = true};
    for (size_t f = 0; f < sizeof written_names / sizeof written_names[0]; f++) {
        const char *path = in_folder(written_names[f]);
        rs_format_head head;
        assert_int_equal(rs_format_write(ctx, &v, 1, path, &options), RS_OK);
        assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_OK);
        assert_string_equal(head.type, "uint8");
        assert_int_equal(read_one(path, 0, &read, &rounding, &notes), RS_OK);
        assert_same(&read, &v, 0);
        rs_volume_free(ctx, &read);
    }
    v.voxels[7] = 256;
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder("r.nrrd"), &options), RS_DATA);
    rs_volume_free(ctx, &v);
}

static void put(const char *name, const char *text, const void *data, size_t bytes)
{
    const void *parts[] = {text, data};
    const size_t sizes[] = {strlen(text), bytes};
    assert_int_equal(rs_file_write(ctx, in_folder(name), true, parts, sizes, data ? 2 : 1), RS_OK);
}

#define META(extra, type)                                                                                              \
    "ObjectType = Image\nNDims = 3\nBinaryData = True\n" extra "Offset = 1 2 3\nElementSpacing = 1 1 1\n"              \
    "DimSize = 2 1 2\nElementType = " type "\nElementDataFile = LOCAL\n"

/* Stored numbers of a MetaImage of 2 x 1 x 2 float voxels, and what comes of them. */
static rs_status read_floats(const float value[4], rs_volume *out, double *rounding)
{
    rs_notes notes;
    put("f.mha", META("TransformMatrix = 1 0 0 0 1 0 0 0 1\n", "MET_FLOAT"), value, 4 * sizeof *value);
    return read_one(in_folder("f.mha"), 0, out, rounding, &notes);
}

static void values_exact_or_half_a_step(void **state)
{
    (void)state;
    rs_volume v;
    double rounding;
    const float whole[4] = {-1024, 3071, 0, 32767};
    assert_int_equal(read_floats(whole, &v, &rounding), RS_OK);
    assert_true(v.slope == 1 && v.offset == 0 && rounding == 0 && v.voxels[3] == 32767);
    rs_volume_free(ctx, &v);

    const float shifted[4] = {40000, 40001, 105535, 40000}; /* spans 65,535 */
    assert_int_equal(read_floats(shifted, &v, &rounding), RS_OK);
    assert_true(v.slope == 1 && rounding == 0);
    assert_true(rs_volume_value(&v, 0, 0, 1) == 105535 && rs_volume_value(&v, 1, 0, 0) == 40001);
    rs_volume_free(ctx, &v);

    const float too_wide[4] = {40000, 40001, 105536, 40000};
    assert_int_equal(read_floats(too_wide, &v, &rounding), RS_DATA);

    /* 3,000 in 65,535 steps: 1/16; a third lies 1/48 from the next one */
    const float thirds[4] = {-1000, 2000, 1.0F / 3, 0.5};
    assert_int_equal(read_floats(thirds, &v, &rounding), RS_OK);
    assert_true(v.slope == 0.0625);
    assert_true(fabs(rounding - 1.0 / 48) < 1e-6);
    assert_true(rs_volume_value(&v, 1, 0, 1) == 0.5 && rs_volume_value(&v, 0, 0, 1) == 0.3125);
    rs_volume_free(ctx, &v);

    const float half_wide[4] = {0.5, 70000, 0, 0};
    assert_int_equal(read_floats(half_wide, &v, &rounding), RS_DATA);
    const float no_number[4] = {0, 0, 0, NAN};
    assert_int_equal(read_floats(no_number, &v, &rounding), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "(1, 0, 1)"));
    const float constant[4] = {0.1F, 0.1F, 0.1F, 0.1F};
    assert_int_equal(read_floats(constant, &v, &rounding), RS_OK);
    assert_true(rounding < 1e-5);
    rs_volume_free(ctx, &v);
}

static void metaimage_by_hand(void **state)
{
    (void)state;
    rs_volume v;
    double rounding;
    rs_notes notes;
    const uint8_t big[] = {0x01, 0x02, 0xff, 0xfe, 0x80, 0x00, 0x7f, 0xff};
    put("h.mha", META("ElementByteOrderMSB = True\nTransformMatrix = -1 0 0 0 -1 0 0 0 1\n", "MET_SHORT"), big, 8);
    assert_int_equal(read_one(in_folder("h.mha"), 0, &v, &rounding, &notes), RS_OK);
    const int16_t expected[] = {0x102, -2, -32768, 32767};
    assert_memory_equal(v.voxels, expected, sizeof expected);
    assert_true(v.geometry.axis[0][0] == -1 && v.geometry.axis[1][1] == -1 && v.geometry.origin_lps_mm[2] == 3);
    assert_int_equal(notes.n, 0);
    rs_volume_free(ctx, &v);

    put("h.mha", META("", "MET_USHORT"), big, 8);
    assert_int_equal(read_one(in_folder("h.mha"), 0, &v, &rounding, &notes), RS_OK);
    assert_true(rs_volume_value(&v, 1, 0, 0) == 0xfeff && rs_volume_value(&v, 0, 0, 1) == 0x80);
    assert_string_equal(notes.items[0].code, "no_directions");
    rs_volume_free(ctx, &v);

    /* voxels at the end of the file, whatever stands before them */
    put("h.mha", META("HeaderSize = -1\n", "MET_CHAR"), "????\1\2\3\377", 8);
    assert_int_equal(read_one(in_folder("h.mha"), 0, &v, &rounding, &notes), RS_OK);
    assert_true(v.voxels[0] == 1 && v.voxels[3] == -1);
    rs_volume_free(ctx, &v);
}

#define NRRD "NRRD0004\ntype: short\nendian: little\n"

static void nrrd_by_hand(void **state)
{
    (void)state;
    rs_volume v;
    double rounding;
    rs_notes notes;
    const uint8_t data[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0};
    /* RAS: the first two components change their sign; axis 1 runs to the back, so the grid is left-handed and turned
     */
    put("h.nrrd",
        NRRD "# comment: none\nkey:=value: too\ndimension: 3\nspace: right-anterior-superior\nsizes: 2 2 2\n"
             "space directions: (-2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\nencoding: raw\n\n",
        data, sizeof data);
    assert_int_equal(read_one(in_folder("h.nrrd"), 0, &v, &rounding, &notes), RS_OK);
    assert_true(v.geometry.spacing_mm[0] == 2 && v.geometry.spacing_mm[1] == 3 && v.geometry.spacing_mm[2] == 4);
    assert_true(v.geometry.axis[0][0] == 1 && v.geometry.axis[1][1] == 1 && v.geometry.axis[2][2] == 1);
    assert_true(v.geometry.origin_lps_mm[0] == -10 && v.geometry.origin_lps_mm[1] == -23);
    const int16_t turned[] = {3, 4, 1, 2, 7, 8, 5, 6};
    assert_memory_equal(v.voxels, turned, sizeof turned);
    rs_volume_free(ctx, &v);

    /* volumes that run fastest, voxels beside the header, its last line without an end */
    put("h.dat", "", data, sizeof data);
    put("h.nhdr",
        NRRD "dimension: 4\nspace: LPS\nsizes: 2 2 2 1\nkinds: list domain domain domain\n"
             "space directions: none (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\ndata file: h.dat",
        NULL, 0);
    assert_int_equal(read_one(in_folder("h.nhdr"), 1, &v, &rounding, &notes), RS_OK);
    const int16_t second[] = {2, 4, 6, 8};
    assert_memory_equal(v.voxels, second, sizeof second);
    assert_true(v.geometry.n[0] == 2 && v.geometry.n[1] == 2 && v.geometry.n[2] == 1);
    rs_volume_free(ctx, &v);
    assert_int_equal(read_one(in_folder("h.nhdr"), 2, &v, &rounding, &notes), RS_DATA);

    put("h.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 2 3\nencoding: raw\n\n", data, sizeof data);
    assert_int_equal(read_one(in_folder("h.nrrd"), 0, &v, &rounding, &notes), RS_OK);
    assert_true(v.geometry.spacing_mm[2] == 3);
    assert_string_equal(notes.items[0].code, "no_directions");
    rs_volume_free(ctx, &v);
    /* a space that is named, and not known */
    const char *const spaces[][2] = {{"", "does not name"}, {"space: scanner-xyz\n", "not known here"}};
    for (int i = 0; i < 2; i++) {
        char head[300];
        snprintf(head, sizeof head,
                 NRRD "dimension: 3\n%ssizes: 2 2 2\nspace directions: (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\n\n",
                 spaces[i][0]);
        put("h.nrrd", head, data, sizeof data);
        assert_int_equal(read_one(in_folder("h.nrrd"), 0, &v, &rounding, &notes), RS_OK);
        assert_int_equal(notes.n, 1);
        assert_string_equal(notes.items[0].code, "space_unnamed");
        assert_non_null(strstr(notes.items[0].sentence, spaces[i][1]));
        rs_volume_free(ctx, &v);
    }
    unlink(in_folder("h.nrrd"));
    unlink(in_folder("h.nhdr"));
    unlink(in_folder("h.dat"));
}

/* Headers that lie: name, text, word of the sentence. Behind each stand 16 bytes. */
static const struct {
    const char *name, *text, *word;
} lies[] = {
    {"l.mha", "", "no MetaImage"},
    {"l.mha", META("BinaryData = False\n", "MET_SHORT"), "as text"},
    {"l.mha", META("", "MET_SHORT_ARRAY"), "ElementType"},
    {"l.mha", META("", "MET_DOUBLE"), "cut off"},
    {"l.mha", META("NDims = 5\n", "MET_SHORT"), "axes"},
    {"l.mha", META("ElementNumberOfChannels = 3\n", "MET_SHORT"), "channels"},
    {"l.mha", META("TransformMatrix = 1 0 0 0.5 1 0 0 0 1\n", "MET_SHORT"), "right angles"},
    {"l.mha", META("TransformMatrix = 1 0 0 1 0 0 0 0 1\n", "MET_SHORT"), "right angles"},
    {"l.mha", META("TransformMatrix = 0 0 0 0 0 0 0 0 0\n", "MET_SHORT"), "no number above 0"},
    {"l.mha", META("TransformMatrix = nan 0 0 0 1 0 0 0 1\n", "MET_SHORT"), "no number above 0"},
    {"l.mha", META("CompressedData = True\n", "MET_SHORT"), "not"},
    {"l.mha", META("HeaderSize = 99999999999\n", "MET_SHORT"), "HeaderSize"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 1 1\nDimSize = -2 1 2\nElementType = MET_SHORT\nElementDataFile = x\n",
     "DimSize"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 1 1\nDimSize = 2 1 1e9\nElementType = MET_SHORT\nElementDataFile = x\n",
     "limit frames"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 -1 1\nDimSize = 2 1 2\nElementType = MET_SHORT\nElementDataFile = ../x\n",
     "not beside it"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 1 1\nDimSize = 2 1 2\nElementType = MET_SHORT\nElementDataFile = /etc/x\n",
     "not beside it"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 1 1\nDimSize = 2 1 2\nElementType = MET_SHORT\nElementDataFile = LIST\n",
     "several files"},
    {"l.mhd", "NDims = 3\nElementSpacing = 1 0 1\nDimSize = 2 1 2\nElementType = MET_SHORT\nElementDataFile = x\n",
     "no number above 0"},
    {"l.nrrd", "NRRD", "begin as one"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw", "no end"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 3\nspacings: 1 1 1\nencoding: raw\n\n", "cut off"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nencoding: raw\n\n", "how large"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: bzip2\n\n", "encoding"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: gzip\n\n", "not"},
    {"l.nrrd", NRRD "dimension: 9\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\n\n", "axes"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspace directions: (1,0 (0,1,0) (0,0,1)\nencoding: raw\n\n", "vectors"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\ndata file: /etc/passwd\n\n",
     "not beside it"},
    {"l.nrrd", NRRD "dimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\nbyte skip: -5\n\n", "byte skip"},
    {"l.nrrd", "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\n\n", "endian"},
    {"l.nii", "short", "NIfTI"},
    {"l.nii.gz", "short", "gzip"},
};

static void lies_refused(void **state)
{
    (void)state;
    static const char data[16] = {0};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        rs_volume v;
        rs_notes notes;
        double rounding;
        put(lies[i].name, lies[i].text, data, sizeof data);
        rs_status status = read_one(in_folder(lies[i].name), 0, &v, &rounding, &notes);
        if (status != RS_DATA || !strstr(rs_context_message(ctx), lies[i].word))
            fail_msg("lie %zu: %d, %s", i, (int)status, status ? rs_context_message(ctx) : "read");
        unlink(in_folder(lies[i].name));
    }
}

/* The file with the voxels: not there, a link, longer than the header says. */
static void beside_only(void **state)
{
    (void)state;
    const char *path = in_folder("b.mhd"), *raw = in_folder("b.raw");
    rs_format_head head;
    rs_geometry g = grid(0, 0, false);
    rs_volume v = volume_of(&g, 0);
    assert_int_equal(rs_format_write(ctx, &v, 1, path, NULL), RS_OK);
    assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_OK);
    assert_string_equal(head.data_file, raw);
    put("b.raw", "longer", v.voxels, 120);
    assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_OK);
    assert_string_equal(head.notes.items[0].code, "bytes_ignored");
    assert_int_equal(rename(raw, in_folder("moved.raw")), 0);
    assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_NO_INPUT);
    assert_int_equal(symlink("moved.raw", raw), 0);
    assert_int_equal(rs_format_read_head(ctx, path, arena, &head), RS_DATA);
    assert_int_equal(rs_format_read_head(ctx, in_folder("none.nii"), arena, &head), RS_NO_INPUT);
    unlink(raw);
    unlink(path);
    unlink(in_folder("moved.raw"));
    rs_volume_free(ctx, &v);
}

/* Every length that a file can be cut to, and every byte of its header changed: an answer, never a crash. */
static void damaged(void **state)
{
    (void)state;
    rs_geometry g = grid(0.1, 0.2, false);
    rs_volume v = volume_of(&g, 0), read;
    rs_notes notes;
    double rounding;
    for (size_t f = 0; f < sizeof written_names / sizeof written_names[0]; f++) {
        if (strstr(written_names[f], ".mhd")) continue;
        const char *path = in_folder(written_names[f]);
        uint8_t *data;
        size_t bytes;
        assert_int_equal(rs_format_write(ctx, &v, 1, path, &(rs_format_options){.force = true}), RS_OK);
        assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &data, &bytes), RS_OK);
        for (size_t cut = 0; cut < bytes; cut += cut < 600 ? 1 : 7) {
            const void *part = data;
            assert_int_equal(rs_file_write(ctx, path, true, &part, &cut, 1), RS_OK);
            rs_status status = read_one(path, 0, &read, &rounding, &notes);
            assert_true(status == RS_DATA || status == RS_NO_INPUT); /* a cut "LOCAL" names another file */
        }
        for (size_t at = 0; at < bytes && at < 600; at++) {
            const void *part = data;
            data[at] ^= 0x55;
            assert_int_equal(rs_file_write(ctx, path, true, &part, &bytes, 1), RS_OK);
            if (read_one(path, 0, &read, &rounding, &notes) == RS_OK) rs_volume_free(ctx, &read);
            data[at] ^= 0x55;
        }
    }
    rs_volume_free(ctx, &v);
}

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    if (arena == NULL || mkdtemp(folder) == NULL) return -1;
    return rs_context_new(NULL, &ctx);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"r.raw", "f.mha", "h.mha"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    for (size_t i = 0; i < sizeof written_names / sizeof written_names[0]; i++)
        unlink(in_folder(written_names[i]));
    rs_context_free(ctx);
    int left = rmdir(folder); /* fails where anything else was left behind */
    rs_arena_free(arena);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),       cmocka_unit_test(labels),
        cmocka_unit_test(metaimage_by_hand), cmocka_unit_test(nrrd_by_hand),
        cmocka_unit_test(lies_refused),      cmocka_unit_test(beside_only),
        cmocka_unit_test(damaged),           cmocka_unit_test(values_exact_or_half_a_step),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
