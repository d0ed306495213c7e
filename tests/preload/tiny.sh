#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# tiny.sh - a program that needs little costs little more than on libc's malloc
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

limit_kib=400
# Pages of code that is there for others count, too: a build that checks itself
# has more of it.
! grep -q 'define RTM_DEBUG 1' "$builddir/config.h" || limit_kib=460
launch=$(program tests/preload/launch)
tiny=$(program tests/preload/tiny)
failed=0

# LD_PRELOAD must not reach the launcher, whose memory would count: it is
# static and takes no notice.
for command in true "$tiny" 'sh -c :' 'ls /' 'cat /dev/null'; do
	# The words of a command are to be split.
	# shellcheck disable=SC2086
	libc=$("$launch" 15 $command)
	# shellcheck disable=SC2086
	ours=$(preloaded "$launch" 15 $command)
	echo "${command##*/}: $libc KiB on libc's malloc, $ours KiB on rtmalloc"
	test $((ours - libc)) -le $limit_kib || failed=1
done
test $failed -eq 0 || fail "more than $limit_kib KiB above libc's malloc"
