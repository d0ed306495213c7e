#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# fault.sh - each memory call of the library fails in turn; nothing breaks
#
# For each of the five calls, and N = 1, 2, ...: the N-th call fails, alone
# or with all that follow.  The work has to end with status 0.  Where a call
# happens often, N goes up in steps that grow: by an eighth, or by what
# TEST_FAULT_STEP says (1000000: one after the other).
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

work=$(program tests/stress/fault_work)
fault=$builddir/tests/stress/.libs/libfault.so
test -e "$fault" || fail "$fault has not been built"
failed=0
step=${TEST_FAULT_STEP:-8}
n_runs=0

# faulty CALL N MODE
faulty() {
	rm -f "$tmp/count"
	status=0
	env FAULT_CALL="$1" FAULT_NTH="$2" FAULT_MODE="$3" \
		LD_PRELOAD="$fault $library" \
		timeout 60 "$work" "$tmp/count" >"$tmp/out" 2>&1 || status=$?
	n_runs=$((n_runs + 1))
	test $status -ne 0 || return 0
	echo "FAILED with status $status: $1 number $2 ($3)"
	sed 's/^/    /' "$tmp/out"
	failed=1
}

for call in mmap munmap mremap madvise mprotect all; do
	for mode in once from; do
		n=1
		while :; do
			faulty "$call" "$n" "$mode"
			n_seen=$(cat "$tmp/count" 2>/dev/null || echo 0)
			test $((n_seen)) -ge $n || test $n -lt 4 || break
			n=$((n + 1 + n / step))
			test $n -le 1000 || break
		done
		echo "$call ($mode): the last run saw $n_seen calls"
	done
done
echo "$n_runs runs"
# What idle memory goes through has to bear faults as well.
TEST_MS=1200
export TEST_MS
for call in munmap madvise mprotect; do
	faulty "$call" 1 from
done
exit $failed
