#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# aarch64.sh - the sections for aarch64 are assembled, and run in a simulator
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

cc=aarch64-linux-gnu-gcc
need $cc qemu-aarch64
grep -q 'define RTM_PERCPU 1' config.h || skip "configured without"
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
$cc -static -o "$tmp/empty" "$tmp/empty.c" 2>/dev/null ||
	skip "no libc for aarch64"
for level in -O0 -O2; do
	$cc -std=gnu11 $level -Wall -Wextra -Werror -static -D_GNU_SOURCE \
		-I"$builddir" -I"$srcdir/src" -I"$srcdir" -o "$tmp/sections" \
		"$srcdir/tests/stress/aarch64.c"
	qemu-aarch64 "$tmp/sections" || fail "compiled with $level"
	echo "ok: compiled with $level"
done
