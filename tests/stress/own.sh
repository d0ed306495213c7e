#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# own.sh - threads that the library registers with the kernel by itself
#
# So it is where libc knows nothing of restartable sequences: musl, and glibc
# before 2.35.  Here the archive's objects are told so: the two weak names
# that they look for are changed to names that nobody has.  Libc's own
# registration is switched off meanwhile.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

archive=${library%.so}.a
test -f "$archive" || skip "no archive is built here"
test -n "${RTM_COMPILE-}" || skip "run by make"
if grep -q '^#define RTM_PERCPU 0' "$builddir/config.h"; then
	skip "no caches of processors in this build"
fi
need objcopy
${OBJCOPY:-objcopy} --redefine-sym __rseq_size=rtm_test_no_size \
	--redefine-sym __rseq_offset=rtm_test_no_offset "$archive" "$tmp/own.a"
deny=$(program tests/support/deny)
# The handlers of processors rely on what is cached: no helper may take what a
# thread that only hits seems to have left.
RTMALLOC_CONF=frontend=cpu,idle_delay_ms=3600000
RTMALLOC_STATS=$tmp/stats.json
TEST_MS=700
export RTMALLOC_CONF RTMALLOC_STATS TEST_MS

# Automake's compile command is a list of words.
# shellcheck disable=SC2086
for name in own_area processors moved threads; do
	$RTM_COMPILE -I"$srcdir/src" -I"$srcdir" -o "$tmp/$name" \
		"$srcdir/tests/stress/$name.c" "$srcdir/tests/support/support.c" \
		"$srcdir/tests/support/pattern.c" "$tmp/own.a" \
		${INIH_LIBS-} -pthread >"$tmp/out" 2>&1 || {
		cat "$tmp/out"
		fail "$name cannot be built"
	}
done

# expect WHO WHAT COMMAND...: it ends well, and the statistics say who has
# registered threads.
expect() {
	expect_who=$1
	expect_what=$2
	shift 2
	rm -f "$tmp/stats.json"
	"$@" >"$tmp/out" 2>&1 || {
		expect_status=$?
		cat "$tmp/out"
		test $expect_status -eq 77 || fail "$expect_what"
		return 0
	}
	! test -s "$tmp/stats.json" || test "$expect_who" = "$(
		sed -n 's/.*"rseq": *\([0-9]*\).*/\1/p' "$tmp/stats.json"
	)" || fail "$expect_what: not registered by $expect_who"
	echo "ok: $expect_what"
}

own='env GLIBC_TUNABLES=glibc.pthread.rseq=0'
soon='env RTMALLOC_CONF=frontend=cpu,idle_delay_ms=40'
status=0
# shellcheck disable=SC2086
$own "$deny" EPERM membarrier -- "$tmp/own_area" >"$tmp/out" 2>&1 || status=$?
if test $status -ne 0 && grep -q 'rtm_rseq_register(&mine)' "$tmp/out"; then
	skip "this kernel registers no threads"
fi
for name in own_area processors threads; do
	# shellcheck disable=SC2086
	expect 2 "$name on areas of our own" $own "$tmp/$name"
done
# shellcheck disable=SC2086
expect 2 "moved on areas of our own" $own $soon "$tmp/moved"
for error in EPERM ENOSYS; do
	# shellcheck disable=SC2086
	expect 0 "a sandbox refuses our areas ($error)" \
		$own "$deny" $error rseq -- "$tmp/threads"
done
expect 0 "libc has registered the threads already" "$tmp/threads"
