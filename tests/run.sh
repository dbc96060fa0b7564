#!/bin/sh
# Builds and tests; installs the Debian packages that are missing.
#   sh tests/run.sh          all: release build, every test, then the sanitizers
#   sh tests/run.sh fast     unit and cli tests of the release build
#   sh tests/run.sh asan     unit and cli tests under AddressSanitizer and UBSan, allocations and writes made to fail
#   sh tests/run.sh tsan     unit tests under ThreadSanitizer (clang)
#   sh tests/run.sh pixelmed the structured reports before PixelMed's checker: minutes (Java, Debian's pixelmed-apps)
#   sh tests/run.sh fuzz     every fuzz target for a minute (clang, libFuzzer, AddressSanitizer and UBSan)
# RS_WERROR=1 makes warnings errors. Builds lie in build/run-*. At the end stands how long each part took.
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh
mode=${1:-all}
werror=${RS_WERROR:-0}
jobs=$(($(nproc) + 1)) # a test that waits for an archive, a timer or a disk leaves its core to another
targets= # of a build; none: all
took=    # by each part so far
trap '[ -z "$took" ] || echo "tests/run.sh:$took"' EXIT

# timed NAME COMMAND…
timed()
{
    name=$1 begin=$(date +%s) code=0
    shift
    "$@" || code=$?
    took="$took $name $(($(date +%s) - begin)) s;"
    return $code
}

build_in()
{
    folder=build/run-$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        # Lines for traces, no variables: a fifth of the compiler's time less.
        cmake -S . -B "$folder" -G Ninja -DRS_WERROR="$werror" -DCMAKE_C_FLAGS_DEBUG=-g1 -DCMAKE_CXX_FLAGS_DEBUG=-g1 \
            '-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG' '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG' "$@" || return
    fi
    # shellcheck disable=SC2086
    ninja -C "$folder" $targets
}
build()
{
    timed "build $1" build_in "$@"
}

check_in()
{
    folder=build/run-$1 code=0
    shift
    (cd "$folder" && ctest --output-on-failure -j "$jobs" "$@") || code=$?
    echo "The longest, in seconds:"
    sort -k3,3 -rn "$folder/Testing/Temporary/CTestCostData.txt" | awk 'NF == 3 && n++ < 10 { printf "%8.1f %s\n", $3, $1 }'
    return $code
}
check()
{
    timed "tests $1" check_in "$@"
}

run_asan()
{
    targets=checked
    build asan -DCMAKE_BUILD_TYPE=Debug -DRS_SANITIZE=address,undefined -DRS_FAULTS=ON
    # Not again what only compares or counts what others run under the sanitizers, too: look what look_faults runs, words
    # what context and review run, recipe what test_recipe and test_phantom run, sensitivity what review runs.
    check asan -L 'unit|cli' -E '^(house|cli_test_(bench|same_bytes|sides|few_threads|look|words|recipe|sensitivity))$'
}

# shellcheck disable=SC2086
need_packages $build_packages $test_packages
case $mode in
all)
    build release
    check release -LE pixelmed
    run_asan
    ;;
fast)
    build release
    check release -L 'unit|cli'
    ;;
asan)
    run_asan
    ;;
tsan)
    need_packages $tsan_packages
    build tsan -DCMAKE_BUILD_TYPE=Debug -DRS_SANITIZE=thread -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
    export OMP_TOOL_LIBRARIES=/usr/lib/llvm-14/lib/libarcher.so TSAN_OPTIONS=ignore_noninstrumented_modules=1
    check tsan -L unit
    ;;
pixelmed)
    need_packages default-jre-headless pixelmed-apps
    build release
    check release -L pixelmed
    ;;
fuzz)
    need_packages $fuzz_packages
    targets=fuzz
    build fuzz -DCMAKE_BUILD_TYPE=Debug -DRS_FUZZ=ON -DRS_SANITIZE=address,undefined -DCMAKE_C_COMPILER=clang \
        -DCMAKE_CXX_COMPILER=clang++
    check fuzz -L fuzz
    ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
