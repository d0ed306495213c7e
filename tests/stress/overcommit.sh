#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# overcommit.sh - the allocator works where the kernel promises no more memory
#                 than it has
#
# vm.overcommit_memory belongs to the whole machine: this test runs after all
# others, for a second or two, leaves 8 GiB for everybody else, and is skipped
# unless it may set it.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

mode=/proc/sys/vm/overcommit_memory
limit=/proc/sys/vm/overcommit_kbytes
ratio=/proc/sys/vm/overcommit_ratio
old_mode=$(cat $mode)
old_limit=$(cat $limit)
old_ratio=$(cat $ratio)

restore() {
	echo "$old_mode" >$mode
	# Setting one of the two clears the other.
	if test "$old_limit" -ne 0; then
		echo "$old_limit" >$limit
	else
		echo "$old_ratio" >$ratio
	fi
	rm -rf "$tmp"
}

(echo "$old_mode" >$mode) 2>/dev/null || skip "may not set $mode"
in_use=$(sed -n 's/^Committed_AS: *\([0-9]*\) kB/\1/p' /proc/meminfo)
threads=$(program tests/stress/threads)
tiny=$(program tests/preload/tiny)

trap restore EXIT
echo $((in_use + 8 * 1024 * 1024)) >$limit
echo 2 >$mode
preloaded "$tiny" || fail "a tiny program: status $?"
TEST_MS=500 "$threads" || fail "threads: status $?"
# What is only reserved is not counted: 100 programs fit at the same time.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		preloaded sleep 0.3 || echo "refused" >>"$tmp/refused" &
	done
done
wait
test ! -e "$tmp/refused" || fail "100 programs do not fit into 8 GiB"
# More than there is: NULL and ENOMEM.
"$(program tests/api/test_limits)" || fail "test_limits: status $?"
