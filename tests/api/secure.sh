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

# No file is written with rights that the caller has not, and none read.
mkdir -m 1777 "$tmp/open"
for file in plain setuid; do
	as_nobody env RTMALLOC_STATS="$tmp/open/stats-$file" \
		RTMALLOC_PROFILE="$tmp/open/profile-$file" \
		RTMALLOC_CONF="$tmp/open/none" "$tmp/$file" \
		>"$tmp/out" 2>"$tmp/err-$file" || fail "$file: status $?"
done
grep -q "$tmp/open/none" "$tmp/err-plain" ||
	fail "RTMALLOC_CONF has no effect on a plain program"
test -e "$tmp/open/profile-plain" ||
	fail "RTMALLOC_PROFILE has no effect on a plain program"
grep -q '^#define RTM_STATS 0' "$builddir/config.h" ||
	test -e "$tmp/open/stats-plain" ||
	fail "RTMALLOC_STATS has no effect on a plain program"
for file in "$tmp"/open/*-setuid; do
	test ! -e "$file" || fail "a setuid program has written $file"
done
test ! -s "$tmp/err-setuid" || fail "$(cat "$tmp/err-setuid")"
echo "ok: files of the caller's choice"

# ld.so drops LD_PRELOAD there; the program must run, and say nothing of it.
as_nobody env LD_PRELOAD="$library" "$tmp/id" -u >"$tmp/out" 2>"$tmp/err" ||
	fail "a setuid program: status $?"
test "$(cat "$tmp/out")" = 0 || fail "it is not setuid: $(cat "$tmp/out")"
echo "ok: preload"
