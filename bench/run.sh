#!/bin/sh
# Runs `restage bench` and keeps what it said, with machine, commit and flags: results/bench-DATE.json and .csv. Times
# mean something on an idle machine only; the load average stands in the files.
#   sh bench/run.sh BUILD [ARGUMENTS OF bench…]     without arguments: --size 512,512,300
set -eu
build=$(cd "${1:?usage: sh bench/run.sh BUILD [ARGUMENTS]}" && pwd)
shift
[ $# -gt 0 ] || set -- --size 512,512,300
cd "$(dirname "$0")"
mkdir -p results
name=results/bench-$(date -u +%Y-%m-%d)
export OMP_WAIT_POLICY=passive
"$build/restage" bench --json "$@" >"$name.json"
setting()
{
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}
type=$(setting CMAKE_BUILD_TYPE)
type=${type:-RelWithDebInfo}
compiler=$(setting CMAKE_C_COMPILER)
flags="$type $(setting CMAKE_C_FLAGS) $(setting "CMAKE_C_FLAGS_$(echo "$type" | tr '[:lower:]' '[:upper:]')")"
compiler=$("$compiler" --version | head -1) flags=$flags python3 - "$name" "$*" <<'PYTHON'
"""Adds what the build knows to the JSON, and writes the table as CSV: a row a kernel and tier."""
import csv, json, os, sys

name, call = sys.argv[1:]
d = json.load(open(name + ".json"))
d["build"] = {"compiler": os.environ["compiler"], "flags": " ".join(os.environ["flags"].split()), "call": call}
json.dump(d, open(name + ".json", "w"), indent=2)
floor = d["floor"]
head = [
    f"# {d['machine']['cpu']}, {d['machine']['cores']} cores, load average {d['machine']['load_average']}",
    f"# restage {d['version']} ({d['commit']}), {d['build']['compiler']}, {d['build']['flags']}, bench {call}",
    f"# floors: copy {floor['copy_gb_s_1']} and {floor['copy_gb_s_n']} GB/s with 1 and {floor['threads']} threads, "
    f"float {floor['fma_gflop_s_1']} and {floor['fma_gflop_s_n']} GFLOP/s",
]
with open(name + ".csv", "w", newline="") as out:
    out.write("\n".join(head) + "\n")
    rows = [{k: "x".join(map(str, v)) if isinstance(v, list) else v for k, v in row.items()} for row in d["kernels"]]
    table = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
print(open(name + ".csv").read(), end="")
PYTHON
