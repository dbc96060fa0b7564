#!/bin/sh
# Builds restage, makes a synthetic patient, runs the line on it, and says where the report lies. Installs the Debian
# packages that are missing. Takes no input and touches nothing but build/.
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh
# shellcheck disable=SC2086
need_packages $build_packages
build=build/demo
[ -f $build/build.ninja ] || cmake -S . -B $build -G Ninja -DRS_TESTS=OFF >/dev/null
ninja -C $build
restage=$build/restage

$restage --version
$restage phantom -o $build/patient --seed 1 --slices 220 --slice-spacing 1.5 --lesions 6 --force
$restage info $build/patient
echo
$restage run $build/patient -o $build/packet --force
echo
echo "The synthetic patient:   $PWD/$build/patient (its truth in truth.json)"
echo "The report, for people:  $PWD/$build/packet/report.pdf, or report.html"
echo "The report, for programs: $PWD/$build/packet/report.json"
echo "The marks as a table:    $PWD/$build/packet/lesions.csv"
