#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# sort.sh - sort with threads puts a big file in the same order
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

need sort awk
numbers "$(scaled 250000)" >"$tmp/data"
cat >"$tmp/work.sh" <<'WORK'
set -eu
sort --parallel=4 -S 200M "$1" | cksum
sort --parallel=4 -S 200M -k2,2 -k1,1nr "$1" | cksum
# Little memory: files in between, and merging.
sort --parallel=4 -S 4M -n -T . "$1" | cksum
WORK
same 'sort' sh "$tmp/work.sh" "$tmp/data"
