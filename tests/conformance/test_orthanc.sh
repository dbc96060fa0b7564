#!/bin/sh
# Orthanc of Debian, with its DICOMweb plug-in, on loopback: it takes what restage send sends, files it with the source
# study, and gives back the same pixels and the same PDF; a rejection note it keeps, and goes on showing the objects.
. "$RESTAGE_SOURCE/tests/cli/lib.sh"
orthanc=$(command -v Orthanc || ls /usr/sbin/Orthanc 2>/dev/null)
[ -x "$orthanc" ] && command -v storescu >/dev/null || { echo "needs orthanc and dcmtk of Debian"; exit 77; }
plugin=$(ls /usr/share/orthanc/plugins/libOrthancDicomWeb.so* 2>/dev/null | head -1)
[ -n "$plugin" ] || { echo "needs orthanc-dicomweb of Debian"; exit 77; }
need_python
archive=
trap '[ -z "$archive" ] || kill "$archive" 2>/dev/null; rm -rf "$work"' EXIT

ports=$($python -c 'import socket
s = [socket.socket() for _ in range(2)]
for one in s: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in s])')
dicom=${ports% *} http=${ports#* }
mkdir store
cat >orthanc.json <<JSON
{ "StorageDirectory": "$work/store", "IndexDirectory": "$work/store", "HttpPort": $http, "DicomPort": $dicom,
  "DicomAet": "STORE", "DicomAlwaysAllowEcho": true, "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true,
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomCheckCalledAet": false, "ConcurrentJobs": 1,
  "SslEnabled": false, "Plugins": [ "$plugin" ], "DicomWeb": { "Enable": true, "Root": "/dicom-web/" } }
JSON
TCP_NODELAY=1 "$orthanc" orthanc.json >orthanc.log 2>&1 &
archive=$!
n=0
until $python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$http/system', timeout=5)" 2>/dev/null; do
    n=$((n + 1))
    [ $n -lt 60 ] && kill -0 $archive 2>/dev/null || { tail -5 orthanc.log; echo "Orthanc does not start"; exit 77; }
    sleep 1
done
to=STORE@127.0.0.1:$dicom

"$RESTAGE" phantom -o scan --seed 3 --columns 192 --slices 80 --slice-spacing 2 --field-of-view 320 --lesions 6 -q
"$RESTAGE" run scan -o packet -q || { wrong "no packet"; exit 1; }
ls packet/*.dcm >/dev/null 2>&1 || { echo "the packet has no DICOM objects"; exit 77; }
objects=$(ls packet/*.dcm | wc -l)
storescu -aec STORE 127.0.0.1 "$dicom" $(find scan -name '*.dcm') || wrong "the source does not get in"

cp -a packet P
"$RESTAGE" send P "$to" --verify --json >out 2>err || { wrong "send: $?"; cat out err; }
[ "$(value out 'len([o for o in d["objects"] if o["status"] == "0000" and o["shown"]])')" = "$objects" ] ||
    { wrong "not all were stored and are shown"; cat out; }
$python "$RESTAGE_SOURCE/tests/conformance/orthanc.py" "$http" scan P || wrong "what Orthanc gives back"

# nothing twice, also where the packet does not know that it was sent: the bytes are the same
expect 0 'already sent' send P "$to"
rm -rf P
cp -a packet P
expect 0 'stored +0000' send P "$to"
$python "$RESTAGE_SOURCE/tests/conformance/orthanc.py" "$http" scan P || wrong "what Orthanc gives back after a second send"

# a run over what the archive gives out, our packet with it, is filed, and the run that this sets off makes nothing new
given()
{
    rm -rf given && mkdir given && $python - "$http" <<'END' || wrong "Orthanc gives nothing out"
import json
import sys
import urllib.request

root = "http://127.0.0.1:%s/instances" % sys.argv[1]
uids = json.load(urllib.request.urlopen(root, timeout=60))
for uid in uids:
    with open("given/%s.dcm" % uid, "wb") as f:
        f.write(urllib.request.urlopen("%s/%s/file" % (root, uid), timeout=60).read())
print(len(uids))
END
}
given >held
expect 0 '"already_in_study": false' run given -o next --json # Orthanc writes heads of its own before the images
expect 0 'stored +0000' send next "$to"
given >held
expect 0 '"already_in_study": true' run given -o rest --json
diff -rq -x done.json next rest || wrong "a filed packet sets off another one"
expect 0 'stored +0000' send rest "$to"
given >more
cmp -s held more || wrong "a run that made nothing new filed something"

# names in other scripts are shown right beside the source's, by DICOMweb
charsets=$RESTAGE_SHARED/reporting/charset
[ -d "$charsets" ] || charsets=$RESTAGE_SHARED/data/reporting/charset
if [ -d "$charsets" ]; then
    patient small 3
    for script in cn jp kr ar ru de nopid; do
        $python -W ignore "$RESTAGE_SOURCE/tests/inputs/filed.py" small "named-$script" header "$charsets/${script}_ct.dcm"
        "$RESTAGE" run "named-$script" -o "packet-$script" -q || wrong "$script: no packet"
        storescu -aec STORE 127.0.0.1 "$dicom" "$(ls named-$script/*.dcm | head -1)" || wrong "$script: the source does not get in"
        expect 0 'stored +0000' send "packet-$script" "$to"
        $python "$RESTAGE_SOURCE/tests/conformance/orthanc.py" "$http" "named-$script" "packet-$script" names ||
            wrong "$script: what Orthanc shows"
    done
fi

# how fast on one association (no bound: the machine is not ours alone)
[ ! -x "$RESTAGE_BUILD/test_net" ] || RS_NET_RATE=$dicom "$RESTAGE_BUILD/test_net"

# the note is one more key object; Orthanc goes on showing the rest
if "$RESTAGE" retract --help >/dev/null 2>&1; then
    expect 69 'does not act on rejection notes; ask its administrator' retract P "$to" --verify
    expect 65 'was withdrawn' send P "$to"
    "$RESTAGE" retract P -o note.dcm -q || wrong "retract -o: $?"
    if command -v dciodvfy >/dev/null; then
        dciodvfy note.dcm 2>&1 | grep '^Error' && wrong "dciodvfy has errors in the rejection note"
    fi
fi
exit $failed
