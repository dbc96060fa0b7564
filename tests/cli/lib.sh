# For the scripts beside it: a scratch folder, a small synthetic patient, and what a call must answer.
[ -n "$RESTAGE" ] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70
python=/usr/bin/python3 # of Debian: another one in PATH may lack the packages
[ -x $python ] || python=python3
failed=0
touch before after out err

wrong()
{
    echo "WRONG: $*"
    failed=1
}

# expect CODE PATTERN ARGUMENT…: the exit code, and stdout or stderr holds the pattern. A failure is one sentence on
# stderr and nothing on stdout; a success says nothing on stderr but notes.
expect()
{
    want=$1 pattern=$2
    shift 2
    ls -A >before
    "$RESTAGE" "$@" >out 2>err </dev/null
    code=$?
    [ $code = "$want" ] || { wrong "exit $code, not $want: restage $*"; head -5 err; }
    [ -z "$pattern" ] || grep -qE -- "$pattern" out err || { wrong "no \"$pattern\" in what restage $* says:"; head -5 out err; }
    if [ "$want" != 0 ]; then
        [ "$(wc -l <err)" = 1 ] && grep -q '^restage: [^ ]' err || { wrong "not one sentence: restage $*"; head -5 err; }
        [ -s out ] && { wrong "a failure talks on stdout: restage $*"; head -5 out; }
        ls -A >after
        cmp -s before after || { wrong "restage $* left something:"; diff before after; }
    else
        grep -v '^restage: note: ' err | grep -q . && { wrong "stderr is not silent: restage $*"; head -5 err; }
    fi
    return 0
}

# A small synthetic patient in folder $1, seed $2; more options may follow.
patient()
{
    folder=$1 seed=$2
    shift 2
    "$RESTAGE" phantom -o "$folder" --seed "$seed" --columns 96 --slices 48 --slice-spacing 6 --field-of-view 380 \
        --lesions 3 -q "$@" || { echo "no phantom, no test"; exit 70; }
}

# Changes the DICOM files of a folder; see edit.py.
edit()
{
    $python "$RESTAGE_SOURCE/tests/cli/edit.py" "$@" || { wrong "edit $*"; }
}

need_python() # found, not imported: that would take a second of every test
{
    $python -c 'import importlib.util as u, sys; sys.exit(None in map(u.find_spec, ("pydicom", "numpy")))' || { echo "needs python3-pydicom and python3-numpy"; exit 77; }
}

# value FILE EXPRESSION: of a JSON file, as Python says it.
value()
{
    $python -ISc 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

# complete PACKET: done.json is there and names every file with its size.
complete()
{
    [ -f "$1/done.json" ] || { wrong "$1 is no packet"; return; }
    for file in report.json lesions.csv candidates.csv report.html report.pdf marks.mrk.json; do
        [ -s "$1/$file" ] || wrong "$1 has no $file"
    done
}
