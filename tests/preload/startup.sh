#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# startup.sh - malloc before constructors, from ld.so, recursively, and late
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

early=$builddir/tests/preload/.libs/libearly.so
first=$builddir/tests/preload/.libs/libfirst.so
for file in "$early" "$first"; do
	test -e "$file" || fail "$file has not been built"
done

# early ORDER COMMAND...: both libraries preloaded in this order.
early() {
	order=$1
	shift
	rm -f "$tmp/report"
	env EARLY_REPORT="$tmp/report" LD_PRELOAD="$order" "$@" >"$tmp/out" \
		2>"$tmp/err" ||
		fail "status $? of $* with $order: $(cat "$tmp/err")"
	test ! -s "$tmp/err" || fail "$* says: $(cat "$tmp/err")"
	grep -q '^early: ok$' "$tmp/report" ||
		fail "$* did not get to the end"
	echo "ok: $* (${order##*/} last)"
}

for order in "$early $library" "$library $first"; do
	early "$order" true
	early "$order" ls -l /
	early "$order" sort /etc/passwd
	# shellcheck disable=SC2016 # it is perl that reads the dollar
	! command -v perl >/dev/null ||
		early "$order" perl -e 'my %h; $h{$_} = "x" x $_ for 1 .. 999'
done

# A program that has a dlopen of its own loads the library late.
"$(program tests/preload/late)" "$library" || fail "late: status $?"
echo "ok: late dlopen"
