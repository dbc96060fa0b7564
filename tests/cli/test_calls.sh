#!/bin/sh
# Calls: help, version, options, wrong words. No image is needed.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"

expect 0 'usage: restage COMMAND' --help
expect 0 '^restage [0-9]+\.[0-9]+\.[0-9]+ \(commit ' --version
expect 0 'DCMTK' --version
expect 0 '"tier": "(portable|avx2|neon)"' --version --json
expect 0 'ref' --version --kernels=ref
for command in info run export phantom bench selftest man completion; do
    expect 0 "usage: restage $command " $command --help
    expect 0 '--threads=N' $command -h
    [ "$(awk '{ print length }' out | sort -n | tail -1)" -le 80 ] || wrong "help of $command is wider than 80 columns"
    expect 0 '^restage ' $command --version
done
expect 64 'did you mean run\?' rnu
expect 64 'unknown command' frobnicate
expect 64 'did you mean --output\?' run . --outptu x
expect 64 'did you mean --output\?' run . --out x
expect 64 'unknown option --frobnicate' run . --frobnicate
expect 64 'unknown option -Z' run . -Z
expect 64 'wants a value' run . -o
expect 64 'whole number' run . -o x -j many
expect 64 'threads' run . -o x -j 5000
expect 64 "'a b'|'a.b'" run . -o x --sensitivity="a
b"
expect 66 'the file of --params' run . -o x --params=nowhere
expect 64 '1 to 1024' run . -o x -j 0
expect 64 'see restage --help' --frobnicate
expect 64 'thickness' phantom -o x --thickness=-3
expect 64 'takes no value' run . -o x --force=yes
expect 64 'one path and -o OUT' run
expect 64 'one path and -o OUT' run a b -o x
expect 64 'one path and -o FILE' export .
expect 64 '\.nii \.nii\.gz \.mha \.mhd \.nrrd' export . -o volume.xyz
expect 64 'file or folder' info
expect 64 'seed' phantom -o x --seed=-1
expect 64 'tier|kernels' run . -o x --kernels=frobnicate

# no command: the list of commands goes to stderr, and it is a wrong call
"$RESTAGE" >out 2>err && wrong "no command is no error"
[ -s out ] && wrong "no command talks on stdout"
grep -q 'usage: restage COMMAND' err || wrong "no command gives no usage"

# a failure as JSON
"$RESTAGE" info nowhere --json >out 2>err
[ $? = 66 ] || wrong "info nowhere --json"
for key in '"code": 66' '"kind": "no_input"' '"sentence": "' '"retry": false'; do
    grep -q "$key" out || wrong "no $key in the JSON of a failure"
done
"$RESTAGE" run --frobnicate --json >out 2>err
grep -q '"code": 64' out || wrong "a wrong call is no JSON object"

# a full disk behind stdout
if [ -c /dev/full ]; then
    "$RESTAGE" --help >/dev/full 2>err
    [ $? = 74 ] || wrong "results that cannot be written are no I/O error"
fi
exit $failed
