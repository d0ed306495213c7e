#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# tsan.sh - a ThreadSanitizer build of the stress tests reports nothing
#
# ThreadSanitizer has a malloc of its own that comes before ours.  So the
# core is built with it in a folder of its own, and the stress programs are
# compiled to call the core by its own names (core_names.h).
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

CC=${CC:-cc}
test -n "${RTM_CORE-}" || skip "run by make"
flags='-g -O1 -fsanitize=thread'
echo 'int main(void) { return 0; }' >"$tmp/try.c"
# The words of CC and of the flags are to be split, here and below.
# shellcheck disable=SC2086
$CC $flags "$tmp/try.c" -o "$tmp/try" -pthread 2>"$tmp/out" ||
	skip "$CC has no ThreadSanitizer"
# It wants certain addresses; with all of mmap's randomness it may not start.
run='env'
if ! "$tmp/try" 2>/dev/null; then
	run='setarch -R'
	$run "$tmp/try" 2>"$tmp/out" ||
		skip "ThreadSanitizer does not run here: $(cat "$tmp/out")"
fi

# As this build is configured; make has told what the core is made of, and
# how it is compiled.
objects=
for source in $RTM_CORE; do
	case $source in *.c) ;; *) continue ;; esac
	from=$srcdir/$source
	test -f "$from" || from=$builddir/$source
	object=$tmp/$(basename "$source" .c).o
	test ! -e "$object" || fail "two files are called $source"
	# shellcheck disable=SC2086
	$RTM_COMPILE $flags -c -o "$object" "$from" >"$tmp/out" 2>&1 || {
		tail -n 20 "$tmp/out"
		fail "the core cannot be built"
	}
	objects="$objects $object"
done
test ! -f inih.o || objects="$objects inih.o"

# ThreadSanitizer cannot follow threads of a child of a threaded process.
TEST_SLOW=1 TEST_MS=1500 TEST_FORK_THREADS=0
TSAN_OPTIONS="halt_on_error=0 exitcode=66 report_signal_unsafe=0"
# A child of a threaded process uses the heap; that is what is tested.
TSAN_OPTIONS="$TSAN_OPTIONS die_after_fork=0"
export TEST_SLOW TEST_MS TEST_FORK_THREADS TSAN_OPTIONS
failed=0
for name in threads pipeline short_threads idle_threads forks; do
	# shellcheck disable=SC2086
	$CC $flags -D_GNU_SOURCE -I"$srcdir" -I"$srcdir/src" -I"$builddir" \
		-include "$srcdir/tests/support/core_names.h" \
		"$srcdir/tests/stress/$name.c" \
		"$srcdir/tests/support/support.c" \
		"$srcdir/tests/support/pattern.c" \
		$objects -o "$tmp/$name" -pthread \
		${INIH_LIBS-} || fail "$name cannot be built"
	status=0
	$run timeout 300 "$tmp/$name" >"$tmp/out" 2>&1 || status=$?
	if test $status -eq 0; then
		echo "ok: $name"
	else
		echo "FAILED with status $status: $name"
		head -n 100 "$tmp/out"
		failed=1
	fi
done
exit $failed
