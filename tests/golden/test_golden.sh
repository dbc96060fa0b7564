#!/bin/sh
# See golden.sh. Sanitizers round as the release build does, so they compare too.
exec sh "$(dirname "$0")/golden.sh"
