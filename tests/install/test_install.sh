#!/bin/sh
# The installed tree: consumers of both libraries build and run, by find_package and by pkg-config; only rs_* is
# exported; no file names the folder it was built in; the tree may be moved.
set -eu
say() { echo "install: $*" >&2; exit 1; }
rm -rf staged stage consumer
cmake --install "$RESTAGE_BUILD" --prefix "$PWD/staged" >install.log || { cat install.log; say "cmake --install failed"; }
mv staged stage # what is found after the move does not depend on the prefix
prefix=$PWD/stage
lib=$(dirname "$(find "$prefix" -name 'librestage.so')")

for so in "$lib"/librestage*.so; do
    nm -D --defined-only "$so" | awk '$2 ~ /^[A-Z]$/ && $2 != "A" && $3 !~ /^rs_/ { print $3 }' >leaks
    [ -s leaks ] && { head leaks; say "$so exports names that are not ours"; }
    nm -D --defined-only "$so" | grep -q ' rs_' || say "$so exports nothing"
done
for folder in "$RESTAGE_SOURCE" "$RESTAGE_BUILD" "$prefix" "$PWD/staged"; do
    # a whole path, not the tail of another: a checkout may lie in /restage
    name=$(printf %s "$folder" | sed 's/[][\\.*^$+?(){}|]/\\&/g')
    grep -rlaE "(^|[^A-Za-z0-9._}/-]|-[IL])$name(/|[^A-Za-z0-9._-]|$)" "$prefix" >paths || continue
    cat paths
    say "installed files name the folder $folder"
done

"$prefix/bin/restage" --version >/dev/null || say "the installed program does not run"
for page in restage $(sed -n 's/^X(\([a-z]*\),.*/restage-\1/p' "$RESTAGE_SOURCE/src/cli/commands.def"); do
    grep -q '^\.SH SYNOPSIS' "$prefix/share/man/man1/$page.1" || say "there is no manual page $page(1)"
done
grep -q '^complete -F _restage restage' "$prefix/share/bash-completion/completions/restage" || say "there is no completion"
cmake -S "$RESTAGE_SOURCE/tests/install/consumer" -B consumer -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >cmake.log 2>&1 ||
    { cat cmake.log; say "find_package does not work"; }
ninja -C consumer >ninja.log 2>&1 || { cat ninja.log; say "a consumer does not build"; }
for program in kernels-shared kernels-static line-shared line-static; do
    "consumer/$program" >run.log || { cat run.log; say "$program does not run"; }
done

export PKG_CONFIG_PATH="$lib/pkgconfig"
for name in restage-kernels restage; do
    source=$RESTAGE_SOURCE/tests/install/consumer/$([ $name = restage ] && echo line || echo kernels).c
    cc -std=c11 "$source" $(pkg-config --cflags --libs $name) -o "pc-$name" || say "pkg-config $name does not work"
    LD_LIBRARY_PATH=$lib "./pc-$name" >run.log || { cat run.log; say "pc-$name does not run"; }
done
cc -std=c11 "$RESTAGE_SOURCE/tests/install/consumer/kernels.c" $(pkg-config --cflags restage-kernels) \
    "$lib/librestage-kernels.a" -lgomp -lm -o pc-static || say "the static kernels need more than -lgomp -lm"
./pc-static >/dev/null || say "pc-static does not run"
echo "install: both libraries serve consumers; nothing of the build is in the tree"
