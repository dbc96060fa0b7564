#!/bin/sh
# Installs what the peers need (Debian 12), as root or by sudo; nothing else of restage needs these.
set -eu
cd "$(dirname "$0")"
. ../../tests/packages.sh
peer_packages="libinsighttoolkit5-dev python3-numpy python3-scipy python3-skimage"
# shellcheck disable=SC2086
need_packages $build_packages $peer_packages
