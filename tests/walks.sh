#!/bin/sh
# Walks of a newcomer: adds a toy kernel, a toy organ and a toy writer to a scratch copy of the tree, builds it, runs what
# is new, and counts the old files that had to be touched: one table row each. Takes minutes; run by hand.
#   sh tests/walks.sh [FOLDER]
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
copy=$work/tree
rm -rf "$copy"
mkdir -p "$copy"
(cd "$source" && git ls-files -z | xargs -0 cp --parents -t "$copy")
cd "$copy"
git init -q . && git add -A && git -c user.name=walk -c user.email=walk@example.org commit -q -m before
failed=0

# walk NAME EXPECTED_FILE: exactly one old file changed, by one added line and nothing else
walk()
{
    git add -A -N .
    touched=$(git diff --numstat --diff-filter=M | awk '{ print $3 " +" $1 " -" $2 }')
    echo "$1: old files touched: $touched; new files: $(git diff --numstat --diff-filter=A | wc -l)"
    [ "$touched" = "$2 +1 -0" ] || { echo "WRONG: expected $2 +1 -0"; failed=1; }
    git add -A && git -c user.name=walk -c user.email=walk@example.org commit -q -m "$1"
}

# --- a kernel: out = -in -------------------------------------------------------------------------------------------
mkdir kernels/negate
cat >include/restage/kernels/negate.h <<'C'
/* A toy: every value with its sign turned. */
#ifndef RESTAGE_KERNELS_NEGATE_H
#define RESTAGE_KERNELS_NEGATE_H
#include <stdint.h>
typedef struct rs_negate_args {
    int32_t n[3];
    const float *in;
    float *out;
} rs_negate_args;
#endif
C
for version in ref opt; do
    [ $version = ref ] && name=rs_negate__ref || name='RS_TIERED(negate)'
    cat >kernels/negate/negate_$version.c <<C
#include "kernel.h"
#include "restage/kernels/negate.h"

rs_status $name(rs_context *ctx, const struct rs_negate_args *args)
{
    (void)ctx;
    for (int64_t v = 0; v < (int64_t)args->n[0] * args->n[1] * args->n[2]; v++)
        args->out[v] = -args->in[v];
    return RS_OK;
}
C
done
cat >kernels/negate/negate_probe.c <<'C'
#include "probe.h"
#include "restage/kernels/negate.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    rs_negate_args *a = RS_ARENA_NEW(arena, rs_negate_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++)
        a->n[x] = c->n[x];
    a->in = rs_probe_float(arena, c);
    a->out = RS_ARENA_NEW(arena, float, (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2]);
    if (a->in == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_negate_args *a = args;
    out[0] = (rs_probe_output){"negated", a->out, RS_PROBE_F32, (size_t)a->n[0] * (size_t)a->n[1] * (size_t)a->n[2], 0};
    return 1;
}

const rs_probe rs_negate__probe = {
    .args_size = sizeof(rs_negate_args), .variants = 1, .bytes_per_voxel = 8, .flops_per_voxel = 1, .make = make,
    .outputs = outputs};
C
cat >tests/kernels/test_negate.c <<'C'
#include "agree.h"
#include "restage/kernels/negate.h"

static void agrees(void **state)
{
    (void)state;
    agree_all("negate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
C
sed -i '/^    X(halve,/a\    X(negate,     "a toy") \\' include/restage/kernels.h
walk kernel include/restage/kernels.h

# --- an organ: the toe, which no series suits ------------------------------------------------------------------------
mkdir src/organs/toe
cat >src/organs/toe/toe.c <<'C'
/* A toy organ. */
#include "organs.h"

static rs_status suits(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out)
{
    (void)ctx, (void)series, (void)arena;
    *out = (rs_suits){0, "toes are not served"};
    return RS_OK;
}

static rs_status segment(rs_context *ctx, const rs_volume *volume, const rs_params *params, rs_arena *arena,
                         rs_regions *out)
{
    (void)params, (void)arena;
    return rs_regions_new(ctx, &volume->geometry, out);
}

static rs_status place(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                       rs_arena *arena, rs_place *out)
{
    (void)ctx, (void)volume, (void)regions, (void)lps_mm, (void)arena;
    *out = (rs_place){.region = -1};
    return RS_OK;
}

static rs_status absent(rs_context *ctx, const char *reason, rs_arena *arena, rs_regions *out)
{
    (void)ctx, (void)arena;
    *out = (rs_regions){.n = 1};
    out->region[0] = (rs_region){
        .name = "toe", .role = RS_ROLE_SEARCH, .side = RS_SIDE_NONE, .state = RS_NOT_ASSESSED, .reason = reason};
    return RS_OK;
}

static const rs_param_table no_params = {"organs/toe", NULL, 0};

const rs_organ rs_organ_ct_toe = {.id = "ct-toe", .name = "toes", .modality = "CT", .suits = suits,
                                  .segment = segment, .place = place, .absent = absent, .params = &no_params};
C
echo 'X(rs_organ_ct_toe)' >>src/organs/organs.def
walk organ src/organs/organs.def

# --- a writer: the number of marks as a text file -----------------------------------------------------------------------
cat >src/packet/count.c <<'C'
/* A toy writer. */
#include "print.h"

#include "restage/text.h"

rs_status rs_write_count(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                         const char *name)
{
    (void)sources;
    char text[32];
    int bytes = rs_text_format(text, sizeof text, "%d marks\n", report->n_marks);
    return rs_folder_write(ctx, folder, name, text, (size_t)bytes);
}
C
echo 'X(count, "count.txt", RS_WHEN_ALWAYS, rs_write_count)' >>src/packet/writers.def
walk writer src/packet/writers.def

# --- they work ----------------------------------------------------------------------------------------------------------
cmake -S . -B build -G Ninja >/dev/null
ninja -C build restage test_negate >build.log 2>&1 || { tail -20 build.log; exit 1; }
build/test_negate >test.log 2>&1 || { tail -20 test.log; failed=1; }
build/restage phantom -o scan --seed 2 --columns 96 --slices 40 --slice-spacing 7 --lesions 1 -q
build/restage info scan | grep -q toes || { echo "WRONG: info does not speak of toes"; failed=1; }
build/restage run scan -o packet -q
grep -q marks packet/count.txt || { echo "WRONG: no count.txt"; failed=1; }
grep -q count.txt packet/done.json || { echo "WRONG: done.json does not name count.txt"; failed=1; }
grep -q '"toe"' packet/report.json || { echo "WRONG: report.json does not list the toe"; failed=1; }
[ $failed = 0 ] && echo "walks: a kernel, an organ and a writer, one table row each"
exit $failed
