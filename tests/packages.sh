# Debian packages, in this one place; sourced by tests/run.sh and samples/demo.sh.
build_packages="gcc g++ cmake ninja-build pkg-config libdcmtk-dev libjansson-dev libssl-dev libpng-dev libtiff-dev zlib1g-dev libopenjp2-7-dev libseccomp-dev libexpat1-dev libhpdf-dev fonts-dejavu-core"
test_packages="libcmocka-dev dcmtk libopenjp2-tools openjph-tools python3 python3-jsonschema python3-numpy python3-pydicom python3-nibabel dcm2niix valgrind poppler-utils fonts-droid-fallback dicom3tools orthanc orthanc-dicomweb libxml2-utils chromium"
tsan_packages="clang libomp-dev"
fuzz_packages="clang libclang-rt-14-dev libomp-dev"

# Installs what is missing, as root or by sudo.
need_packages()
{
    command -v dpkg-query >/dev/null || { echo "no Debian: assuming that $* are there" >&2; return 0; }
    missing=
    for package; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "missing, and no root to install them:$missing" >&2; exit 69; }
        as_root="sudo"
    fi
    echo "installing:$missing" >&2
    $as_root apt-get -qq update >&2
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >&2
}
