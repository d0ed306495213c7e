#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# xz.sh - xz with threads packs and unpacks the same bytes
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need xz awk
numbers "$(scaled 120000)" >"$tmp/data"
cat >"$tmp/work.sh" <<'WORK'
set -eu
xz -T4 -2 --block-size=1MiB -c "$1" >data.xz
xz -T4 -dc data.xz | cmp - "$1"
xz -l data.xz
WORK
same 'xz' sh "$tmp/work.sh" "$tmp/data"
