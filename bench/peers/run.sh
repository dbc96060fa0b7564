#!/bin/sh
# Every kernel beside its Debian peer, in one table of ratios: OUT/peers.csv and OUT/peers.md.
#   sh bench/peers/run.sh BUILD OUT [--crop N] [options of compare.py: --only gauss,ball --again --two yes …]
# BUILD   build folder of restage (release), or the prefix where it is installed
# --crop  a volume of N voxels a side from the middle of the phantom, to try things out
# BUILD/peers (RESTAGE_PEERS instead) keeps inputs, programs and what was measured: a stopped run goes on from there.
set -eu
export PYTHONDONTWRITEBYTECODE=1
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
crop=0
if [ "${1:-}" = --crop ]; then
    crop=$2
    shift 2
fi
work=${RESTAGE_PEERS:-$build/peers}
mkdir -p "$work"
restage=$build/restage
[ -x "$restage" ] || restage=$build/bin/restage

build_ours()
{
    if [ -f "$build/librestage-kernels.a" ]; then
        cflags=-I$here/../../include
        libs="$build/librestage-kernels.a -lgomp -lm"
    else
        PKG_CONFIG_PATH=$(dirname "$(find "$build" -name restage-kernels.pc | head -1)")
        export PKG_CONFIG_PATH
        cflags=$(pkg-config --cflags restage-kernels)
        libs="$(pkg-config --libs restage-kernels) -Wl,-rpath,$(pkg-config --variable=libdir restage-kernels) -lm"
    fi
    # shellcheck disable=SC2086
    cc -std=c11 -D_GNU_SOURCE -O3 -Wall -Wextra $cflags "$here/ours.c" "$here/ours_scales.c" $libs -o "$work/ours"
}

# By hand: ITK's own find_package wants HDF5 and half of ITK's modules.
build_itk()
{
    [ -x "$work/itk" ] && [ -z "$(find "$here/peers.cc" "$here/peer.h" -newer "$work/itk")" ] && return
    libs=
    for lib in ITKSmoothing ITKStatistics ITKTransform ITKImageFeature ITKVNLInstantiation ITKMathematicalMorphology \
        ITKPath ITKCommon itkvnl itkvnl_algo itkv3p_netlib itksys; do
        libs="$libs -l$lib-5.2"
    done
    # shellcheck disable=SC2086
    c++ -std=c++17 -O3 -DNDEBUG "$here/peers.cc" -isystem /usr/include/ITK-5.2 $libs -o "$work/itk"
}

# The phantom as raw int16, once; masks of the whole, then the crop.
make_input()
{
    full=$work/full
    if [ ! -f "$full/cube.raw" ]; then
        mkdir -p "$full"
        "$restage" phantom --seed 5 -q --force -o "$work/dicom"
        "$restage" export "$work/dicom" -q --force -o "$full/vol.mhd"
        rm -r "$work/dicom"
        awk '$1 == "DimSize" { n = $3 " " $4 " " $5 } $1 == "ElementSpacing" { s = $3 " " $4 " " $5 }
             END { print n, s, 256 }' "$full/vol.mhd" >"$full/input.txt"
        /usr/bin/python3 "$here/peers.py" masks "$full"
        /usr/bin/python3 "$here/peers.py" cubes "$full"
    fi
    folder=$full
    [ "$crop" = 0 ] && return
    folder=$work/crop-$crop
    [ -f "$folder/cube.raw" ] && return
    /usr/bin/python3 "$here/peers.py" crop "$full" "$folder" "$crop"
    /usr/bin/python3 "$here/peers.py" cubes "$folder"
}

build_ours
build_itk
make_input
/usr/bin/python3 "$here/compare.py" "$folder" "$out" --ours "$work/ours" --itk "$work/itk" \
    --version "$("$restage" --version | sed -n 1p)" --sha "$(sha256sum "$folder/vol.raw" | cut -c1-64)" "$@"
