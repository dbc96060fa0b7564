#!/bin/sh
# bench: every kernel and tier has a row, the JSON says the same, wrong words are told. No time is judged.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
need_python
export COLUMNS=80
expect 0 '^gauss +avx2|^gauss +portable|^gauss +neon' bench gauss --size 40,30,20 --repeats 5 -j 2
# Lines are wrapped, and where depends on the load.
tr -s ' \n' ' ' <out >said
grep -q 'Floors: copy ' said || wrong "bench says no floor"
grep -q 'load average' said || wrong "bench says no load"
[ "$(awk '{ print length }' out | sort -n | tail -1)" -le 80 ] || wrong "the table is wider than 80 columns"
for columns in 60 44; do
    COLUMNS=$columns
    expect 0 'gauss' bench gauss halve --size 20,20,20 -q
    [ "$(awk '{ print length }' out | sort -n | tail -1)" -le $columns ] || wrong "wider than $columns columns"
done
COLUMNS=80

# without a name: all of them, on every tier of this machine but ref
expect 0 '"kernels"' bench --json --size 48,40,24 --repeats 5 -j 2
cp out bench.json
sed -n 's/^    X(\([a-z]*\),.*/\1/p' "$RESTAGE_SOURCE/include/restage/kernels.h" | sort >wanted
value bench.json '"\n".join(sorted({k["kernel"] for k in d["kernels"]}))' >named
cmp wanted named || wrong "bench does not list every kernel"
[ "$(value bench.json 'all(k["agrees"] and k["same_bits"] and k["difference"] <= k["tolerance"] for k in d["kernels"])')" = True ] ||
    wrong "a kernel does not agree"
[ "$(value bench.json '{k["tier"] for k in d["kernels"]} & {"ref"} == set()')" = True ] || wrong "ref is timed unasked"
[ "$(value bench.json 'all(k["size"] == [48, 40, 24] and k["threads"] == 2 and k["repeats"] == 5 for k in d["kernels"])')" = True ] ||
    wrong "the JSON does not say what was timed"
[ "$(value bench.json 'all(abs(k["floor_ns_1"] - max(k["bytes_per_voxel"] / d["floor"]["copy_gb_s_1"], k["flops_per_voxel"] / d["floor"]["fma_gflop_s_1"])) < 0.01 + 0.01 * k["floor_ns_1"] for k in d["kernels"])')" = True ] ||
    wrong "a floor is not the larger of bytes / bandwidth and operations / peak"
[ "$(value bench.json 'len(d["machine"]["load_average"]) == 3 and d["machine"]["cores"] >= 1')" = True ] || wrong "machine"

expect 0 '"tier": "ref"' bench halve --json --size 16,16,16 --kernels=ref
expect 64 'did you mean gauss\?' bench gaus
expect 64 'there are gauss' bench frobnicate
expect 64 'columns, rows and slices' bench --size 512,512
expect 64 'columns, rows and slices' bench --size 512,512,0
expect 64 'columns, rows and slices' bench --size 1,2,3,4
for repeats in 3 0 -1 100; do
    expect 64 '5 to 99' bench --repeats $repeats
done
exit $failed
