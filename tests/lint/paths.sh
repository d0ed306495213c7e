#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# paths.sh - no source names a folder of the person who wrote it
set -eu
# shellcheck source=tests/lint/common.sh
. "$(dirname "$0")/common.sh"

# The folder of this very tree is looked for too, unless it is so short
# that any path may hold it.  The brackets keep this file from matching.
top=$(cd "$srcdir" && pwd)
case $top in
/*/*) ;;
*) top='/[h]ome/' ;;
esac

list_sources | while read -r path; do
	grep -n -I -H -e '/[h]ome/[A-Za-z0-9_]' -e '/[r]oot/' -e '/[U]sers/' \
		-e "$top" "$srcdir/$path" || true
done >"$work/found"

while read -r line; do
	fault "absolute path: ${line#"$srcdir"/}"
done <"$work/found"
finish
