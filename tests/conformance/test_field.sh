#!/bin/sh
# Trouble that people reported in public about programs like this (data/field-reports/INDEX.md): each row of the groups
# G, R, N, S, C, L and I ends as it says. Rows that the generator leaves to hands follow at the end.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
reports=$RESTAGE_SHARED/data/field-reports
[ -n "$RESTAGE_SHARED" ] && [ ! -d "$reports" ] && reports=$RESTAGE_SHARED/field-reports
[ -f "$reports/make_inputs.py" ] || { echo "no field-reports, no test"; exit 77; }
need_python
export SOURCE_DATE_EPOCH=1
rows="B00 G01 G03 G05 G07 G10 G11 R01 R02 R04 R07 R08 N01 N03 S01 S02 S04 C01 C03 C05 L03 I02 I05"
# shellcheck disable=SC2086
$python "$reports/make_inputs.py" in $rows >made 2>err || { tail -5 err; echo "no inputs"; exit 70; }
$python "$RESTAGE_SOURCE/tests/conformance/field.py" in || failed=1

# I01: a decimal comma. The program sets no locale itself, so one is forced on it, as a program that uses the library may.
comma()
{
    LOCPATH=$work LC_ALL=de_DE.UTF-8 LD_PRELOAD=$work/comma.so "$RESTAGE" "$@"
}
cat >comma.c <<'END'
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void comma(void)
{
    setlocale(LC_ALL, "");
    if (getenv("SHOW")) printf("%.2f\n", 2.5);
}
END
if localedef -i de_DE -f UTF-8 "$work/de_DE.UTF-8" 2>/dev/null && ${CC:-cc} -shared -fPIC -o comma.so comma.c; then
    SHOW=1 comma --version | grep -q '^2,50$' || wrong "I01: the comma is not there, so nothing is tested"
    comma run -q in/B00 -o comma || wrong "I01: run ends $?"
    for file in got/B00/*; do
        name=$(basename "$file")
        [ "$name" = done.json ] || cmp -s "$file" "comma/$name" || wrong "I01: $name differs under a decimal comma"
    done
    $python -c 'import json; json.load(open("comma/done.json"))' || wrong "I01: done.json is no JSON"
    for ending in nii mha nrrd tif; do
        "$RESTAGE" export -q in/B00 -o point.$ending && comma export -q in/B00 -o comma.$ending &&
            cmp -s point.$ending comma.$ending || wrong "I01: export to $ending differs under a decimal comma"
    done
    for ending in nii mha nrrd; do
        comma run -q point.$ending -o comma-$ending || wrong "I01: run of .$ending ends $?"
        "$RESTAGE" run -q point.$ending -o point-$ending
        cmp -s comma-$ending/report.json point-$ending/report.json || wrong "I01: .$ending is read otherwise"
    done
else
    echo "I01 left out: no localedef or no compiler"
fi

# I07: fewer cores by affinity or by a quota; no /proc, no /sys.
threads()
{
    value "$1/done.json" 'd["threads"]'
}
taskset -c 0 "$RESTAGE" run -q in/B00 -o pinned || wrong "I07: pinned to one core ends $?"
[ "$(threads pinned)" = 1 ] || wrong "I07: $(threads pinned) threads on one core"
if unshare -m true 2>/dev/null && ! ldd "$RESTAGE" | grep -q libasan; then
    # bare: without /proc and /sys; quota: half a core by the control group that a folder of ours imitates
    cat >bare.sh <<'END'
mount -t tmpfs none /proc && mount -t tmpfs none /sys && exec "$@"
END
    unshare -m sh bare.sh "$RESTAGE" run -q in/B00 -o bare || wrong "I07: without /proc and /sys ends $?"
    [ "$(threads bare)" -ge 1 ] || wrong "I07: no threads without /proc"
    cmp -s bare/report.json got/B00/report.json || wrong "I07: other numbers without /proc"
    cat >quota.sh <<'END'
quota=$1
shift
mount -t tmpfs none /sys/fs/cgroup && printf '%s\n' "$quota" >/sys/fs/cgroup/cpu.max && : >/sys/fs/cgroup/cgroup.controllers &&
    printf '0::/\n' >"$1" && mount --bind "$1" /proc/self/cgroup && shift && exec "$@"
END
    for quota in '100000 100000' 'max 100000'; do
        rm -rf quota
        unshare -m sh quota.sh "$quota" "$work/cgroup" "$RESTAGE" run -q in/B00 -o quota || wrong "I07: a quota of $quota ends $?"
        [ "$quota" = 'max 100000' ] || [ "$(threads quota)" = 1 ] || wrong "I07: a quota of one core gives $(threads quota) threads"
    done
else
    echo "I07 without /proc and under a quota left out: no right to make a mount namespace"
fi

# I08: a CPU without AVX. A few slices: under qemu all is slow.
qemu=$(command -v qemu-x86_64 || command -v qemu-x86_64-static) || qemu=
if [ -n "$qemu" ]; then
    mkdir few
    for k in 30 31 32 33 34 35 36 37 38 39; do cp "in/B00/I00$k.dcm" few; done
    nehalem()
    {
        OMP_WAIT_POLICY=passive timeout 300 "$qemu" -cpu Nehalem "$RESTAGE" "$@"
    }
    nehalem --help >help 2>err || { wrong "I08: --help on Nehalem ends $?"; head -3 err; }
    nehalem run -q few -o nehalem --sandbox=off || wrong "I08: run on Nehalem ends $?"
    "$RESTAGE" run -q few -o native || wrong "I08: run of a few slices ends $?"
    [ "$(value nehalem/done.json 'd["machine"]["kernel_tier"]')" = portable ] || wrong "I08: not the portable tier"
    cmp -s nehalem/lesions.csv native/lesions.csv || wrong "I08: other marks on Nehalem"
else
    echo "I08 left out: no qemu-x86_64"
fi
exit $failed
