#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# limits.sh - programs under a limit get NULL and ENOMEM, and go on
#
# RLIMIT_AS from 64 MiB up, RLIMIT_DATA, and a kernel without rseq.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

exhaust=$(program tests/stress/exhaust)
threads=$(program tests/stress/threads)
failed=0

# limited LIMIT PROGRAM [ARGS]: LIMIT is an option and value of ulimit.
limited() {
	limit=$1
	shift
	what="ulimit $limit: $(echo "$*" | sed "s,$builddir/,,g")"
	status=0
	(eval "ulimit $limit" && exec "$@") >"$tmp/out" 2>&1 || status=$?
	if test $status -eq 0; then
		echo "ok: $what"
	else
		echo "FAILED ($status): $what"
		sed 's/^/    /' "$tmp/out"
		failed=1
	fi
}

# 64 MiB of address space hold the program, libc and this much heap.
for max_bytes in 64 200 2000 30000 300000 3000000; do
	limited '-v 65536' "$exhaust" 24 "$max_bytes"
done
limited '-v 65536' "$exhaust" 16 2000 4
limited '-v 200000' "$exhaust" 128 2000 4
limited '-v 3000000' "$exhaust" 2000 100000
for max_bytes in 100 20000 3000000; do
	limited '-d 65536' "$exhaust" 40 "$max_bytes"
done
for n_threads in 4 8; do
	limited '-d 65536' "$exhaust" 24 2000 $n_threads
done
limited '-d 65536' "$exhaust" 24 20000 8

# limited_preload LIMIT COMMAND...: a program that does not link the library.
limited_preload() {
	limit=$1
	shift
	limited "$limit" env "LD_PRELOAD=$library" "$@"
}

limited_preload '-v 65536' true
limited_preload '-d 8192' true
# shellcheck disable=SC2016 # it is perl that reads the dollar
! command -v perl >/dev/null ||
	limited_preload '-v 65536' perl -e 'print "x" x $_ for 1 .. 3000'

GLIBC_TUNABLES=glibc.pthread.rseq=0 TEST_MS=500
export GLIBC_TUNABLES TEST_MS
limited '-c 0' "$threads"
limited '-v 65536' "$exhaust" 24 2000
exit $failed
