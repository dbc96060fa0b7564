#!/bin/sh
# The rules of the house that no compiler sees (src/DECISIONS.md says why they are there).
cd "${RESTAGE_SOURCE:-$(dirname "$0")/..}" || exit 70
found=$(mktemp)
broken=$(mktemp)
trap 'rm -f "$found" "$broken"' EXIT

# rule SENTENCE: fails with the lines that came in.
rule()
{
    cat >"$found"
    [ -s "$found" ] || return 0
    echo "house: $1"
    sed 's/^/    /' "$found"
    echo "$1" >>"$broken"
}

sources()
{
    find src kernels -name '*.c' -o -name '*.cc' -o -name '*.h' -o -name '*.inc' -o -name '*.def'
}
all_text()
{
    find src kernels include tests samples .ci -type f ! -name '*.pyc' ! -name house.sh
    find . -maxdepth 1 -name '*.md' -o -maxdepth 1 -name CMakeLists.txt
}
# Prints file:line:text of lines that match, comments that end on their line taken away.
search()
{
    pattern=$1
    export pattern
    shift
    [ $# -eq 0 ] && return 0
    awk '{ line = $0
           gsub(/\/\*.*\*\//, "", line); sub(/\/\*.*$/, "", line); sub(/^ *\*.*/, "", line); sub(/\/\/.*$/, "", line)
           if (line ~ ENVIRON["pattern"]) print FILENAME ":" FNR ": " $0 }' "$@"
}
outside()
{
    sources | grep -vE "$1"
}
call()
{
    echo "(^|[^A-Za-z0-9_>.])($1) *\\("
}

find src kernels include tests samples \( -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' -o -name '*.cxx' \) |
    grep -vE '^(src/dicom|tests/pacs)/' | rule "C++ stands in src/dicom and tests/pacs only"
search '# *pragma +omp|_Pragma|[<"]omp\.h|(^|[^A-Za-z0-9_])omp_' $(outside '^src/base/parallel\.c$') |
    rule "OpenMP stands in src/base/parallel.c only"
search "$(call 'v?f?printf|puts|fputs|putchar|perror|exit|abort')" $(outside '^src/cli/') |
    rule "a library prints nothing and ends no process"
search "$(call 'malloc|calloc|realloc|free|strn?dup|v?asprintf|posix_memalign|aligned_alloc|alloca')" \
    $(outside '^src/base/') | rule "memory comes from src/base: arenas, scratch, blocks"
search "$(call 'strcpy|strcat|v?sprintf|gets|strtok|atof|strto[df]|setlocale')" \
    $(outside '^src/base/text\.c$') | rule "no unbounded copies, no parsing by locale: src/base/text.c has the helpers"
search '# *include *"\.\./' $(sources) $(find include tests samples -name '*.[ch]') | rule "no include of a parent folder"
search 'dcmtk/' $(outside '^src/dicom/') | rule "DCMTK is seen by src/dicom only"
search 'openjpeg\.h' $(outside '^src/dicom/') | rule "OpenJPEG is seen by src/dicom only"
search 'seccomp\.h' $(outside '^src/sandbox/') | rule "libseccomp is seen by src/sandbox only"
search 'jansson\.h' $(outside '^src/json/') | rule "jansson is seen by src/json only"
search 'openssl/|zlib\.h' $(outside '^src/digest/') | rule "OpenSSL and zlib are seen by src/digest only"
search 'tiff(io)?\.h>' $(outside '^src/formats/') | rule "libtiff is seen by src/formats only"
search 'hpdf\.h' $(outside '^src/packet/paper') | rule "libharu is seen by src/packet/paper* only"
search 'png\.h' $(outside '^src/markup/') | rule "libpng is seen by src/markup only"
search '^ *# *if +0' $(sources) | rule "dead code is deleted"
grep -nE '(^|[^A-Za-z])(TO''DO|FIX''ME|HA''CK)([^A-Za-z]|$)' $(all_text) | rule "no notes to self in the tree"
awk 'FNR == 601 { print FILENAME }' $(sources | grep -v '\.inc$') \
    $(find include tests samples -name '*.[ch]' -o -name '*.sh' -o -name '*.py') | rule "a file has at most 600 lines"
awk 'FNR == 1 { start = 0 }
     /^{/ { start = FNR }
     /^}/ && start { if (FNR - start > 81) print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }' \
    $(sources | grep '\.cc*$') | rule "a function has at most 80 lines"
if command -v clang-format-14 >/dev/null; then
    clang-format-14 --dry-run -Werror $(sources | grep -vE '\.(inc|def)$') $(find include tests samples -name '*.[ch]') \
        2>&1 | sed -n 's/:.*error:.*//p' | sort -u | rule "clang-format -i has not been run"
fi
[ -s "$broken" ] && exit 1
echo "house: in order"
