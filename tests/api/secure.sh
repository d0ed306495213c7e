#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# secure.sh - a program with more rights than its caller does not listen to
#             the caller's environment
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

need setpriv id
test "$(id -u)" -eq 0 || skip "only root can make a program setuid"
probe=$(program tests/api/secure_probe)
map_mib=16000

# as_nobody COMMAND...
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

chmod 711 "$tmp"
cp "$probe" "$tmp/plain"
cp "$probe" "$tmp/setuid"
cp "$(command -v id)" "$tmp/id"
chmod 755 "$tmp/plain"
chmod 4755 "$tmp/setuid" "$tmp/id"

# size_of FILE: the size of its address space in MiB; $secure as told.
size_of() {
	told=$(as_nobody env RTMALLOC_PAGE_MAP=tree "$tmp/$1") ||
		fail "$1: status $?"
	secure=${told% *}
	size=${told#* }
}

size_of plain
test "$secure $((size < map_mib))" = '0 1' ||
	fail "the variable has no effect on a plain program: $told"
size_of setuid
test "$secure" = 1 || skip "no setuid programs in ${TMPDIR:-/tmp}"
test "$size" -ge $map_mib ||
	fail "a setuid program has listened: $told"
echo "ok: the variable is ignored"

# ld.so drops LD_PRELOAD there; the program must run, and say nothing of it.
as_nobody env LD_PRELOAD="$library" "$tmp/id" -u >"$tmp/out" 2>"$tmp/err" ||
	fail "a setuid program: status $?"
test "$(cat "$tmp/out")" = 0 || fail "it is not setuid: $(cat "$tmp/out")"
echo "ok: preload"
