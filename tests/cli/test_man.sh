#!/bin/sh
# Manual pages and completion: every option of --help is in both, every parameter in the page of run with unit, default,
# range and source; roff and bash take them without a word.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
commands=$(sed -n 's/^X(\([a-z]*\),.*/\1/p' "$RESTAGE_SOURCE/src/cli/commands.def")
[ "$(echo "$commands" | wc -l)" -ge 8 ] || wrong "commands.def has few rows"
expect 0 '^complete -F _restage restage' completion bash
mv out completion

# in FILE OPTION WHERE
stands()
{
    grep -qF -- "$2" "$1" || wrong "$3 lacks $2"
}

expect 0 '^\.TH ' man
mv out restage.1
for command in $commands; do
    stands restage.1 "restage\\-$command" "restage(1)"
    expect 0 '^\.SH EXIT STATUS' man "$command"
    mv out "restage-$command.1"
    sed 's/\\-/-/g' "restage-$command.1" >plain
    sed -n "/^    $command)/,/^        esac/p" completion >part
    [ -s part ] || wrong "the completion does not know $command"
    expect 0 '' "$command" --help
    for option in $(grep -oE '^ +(-[a-z], )?--[a-z-]+' out | grep -oE -e '--[a-z-]+'); do
        stands plain "$option" "restage-$command(1)"
        stands part "$option" "the completion of $command"
    done
done

# parameters
"$RESTAGE" run --list-parameters --json >parameters.json
need_python
sed 's/\\-/-/g' restage-run.1 >plain
sed -n '/^    run)/,/^        esac/p' completion >part
value parameters.json '"\n".join("--" + p["name"].replace("_", "-") for p in d["parameters"])' >names
[ "$(wc -l <names)" -ge 50 ] || wrong "few parameters"
while read -r name; do
    stands plain "$name" "restage-run(1)"
    stands part "$name=" "the completion of run"
done <names
for p in detect_merge_share lung_body_hu; do
    line=$(value parameters.json '[("Default %g%s, %g to %g" % (p["default"], " " + p["unit"] if p["unit"] else "", p["min"], p["max"])) + ". Source: " + p["source"] + "." for p in d["parameters"] if p["name"] == "'$p'"][0]')
    stands plain "$line" "restage-run(1)"
done

# roff
for page in *.1; do
    if command -v groff >/dev/null; then
        groff -man -Tutf8 -ww -z "$page" >messages 2>&1
        [ -s messages ] && { wrong "groff on $page:"; cat messages; }
    fi
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W error "$page" || wrong "mandoc on $page"
    fi
done

# completion in a bash
if command -v bash >/dev/null; then
    bash -n completion 2>messages || { wrong "bash does not read the completion"; cat messages; }
    cat >complete.bash <<'BASH'
. ./completion
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_restage
printf '%s\n' "${COMPREPLY[@]}"
BASH
    # completes EXPECTED WORD…: the last word is the one at the cursor
    completes()
    {
        want=$1
        shift
        got=$(bash complete.bash "$@" | tr '\n' ' ')
        [ "$got" = "$want " ] || wrong "$* completes to \"$got\", not \"$want \""
    }
    mkdir folder
    touch file.json
    completes 'run' restage ru
    completes '--sensitivity=' restage run --sens
    completes 'low' restage run --sensitivity = l
    completes 'low default high' restage run --sensitivity ''
    completes 'low default high' restage run --sensitivity =
    completes 'avx2' restage run --kernels = av
    completes 'folder' restage run -o fo
    completes 'file.json' restage run --params file
    completes '--lung-body-hu=' restage run --lung-body-h
    completes 'gauss' restage bench ga
    completes 'phantom' restage man ph
    completes 'folder' restage info fo
    completes '' restage run --study 1
    completes '--help' restage --he
fi

expect 64 'there is no command frobnicate' man frobnicate
expect 64 'one command at most' man run info
expect 64 'completion bash' completion
expect 64 'completion bash' completion zsh
exit $failed
