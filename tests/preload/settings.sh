#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# settings.sh - MALLOC_*_ and GLIBC_TUNABLES act as they do on libc's malloc
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

settings=$(program tests/preload/settings)

# says WHAT VARIABLE=VALUE...: with these, stdout ends so and stderr is empty.
says() {
	what=$1
	shift
	env LD_PRELOAD="$library" "$@" "$settings" >"$tmp/out" 2>"$tmp/err" ||
		fail "$*: ends with $?: $(cat "$tmp/err")"
	test ! -s "$tmp/err" || fail "$*: it says $(cat "$tmp/err")"
	grep -q -- "$what\$" "$tmp/out" ||
		fail "$*: $(cat "$tmp/out"), not $what"
}

# alike WHAT VARIABLE=VALUE...: the same, and so does libc's malloc.
alike() {
	says "$@"
	shift
	libc=$(env "$@" "$settings")
	echo "$libc" | grep -q -- "$what\$" ||
		fail "$*: $what, but libc's malloc: $libc"
}

# Each setting on the C library that the settings are from.
case $(getconf GNU_LIBC_VERSION 2>/dev/null) in
glibc*) ;;
*) alike() { says "$@"; } ;;
esac

alike 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=165
alike 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=0xa5
alike 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=0245
alike 'fresh 5a freed a5 memory .*' GLIBC_TUNABLES=glibc.malloc.perturb=165
alike 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=1 \
	GLIBC_TUNABLES=glibc.malloc.mxfast=0:glibc.malloc.perturb=0xa5
says 'fresh 00 freed 00 memory .*' MALLOC_PERTURB_=0
says 'fresh 00 freed 00 memory .*' MALLOC_PERTURB_=256
says 'fresh 00 freed 00 memory .*' MALLOC_PERTURB_=12x
says 'fresh 00 freed 00 memory .*' GLIBC_TUNABLES=glibc.malloc.perturb
says 'fresh 00 freed 00 memory .*' GLIBC_TUNABLES=:=:=
echo "ok: perturb"

alike 'memory stayed' MALLOC_TRIM_THRESHOLD_=-1
alike 'memory went' MALLOC_TRIM_THRESHOLD_=65536
alike 'memory stayed' GLIBC_TUNABLES=glibc.malloc.trim_threshold=0x40000000
alike 'memory went' GLIBC_TUNABLES=glibc.malloc.trim_threshold=1000000
alike 'memory stayed' MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_TOP_PAD_=0
alike 'memory stayed' \
	MALLOC_TRIM_THRESHOLD_=30000000 MALLOC_TOP_PAD_=1000000000
echo "ok: trim threshold, top pad"

# Nothing of these is an error.
says 'memory .*' MALLOC_ARENA_MAX=1 MALLOC_ARENA_TEST=1 \
	MALLOC_MMAP_THRESHOLD_=1 MALLOC_MMAP_MAX_=0 MALLOC_CHECK_=3 \
	MALLOC_TOP_PAD_=0
says 'memory .*' GLIBC_TUNABLES="glibc.malloc.arena_max=1:\
glibc.malloc.arena_test=1:glibc.malloc.mmap_max=0:\
glibc.malloc.mmap_threshold=1:glibc.malloc.tcache_max=0:\
glibc.malloc.tcache_count=0:glibc.malloc.tcache_unsorted_limit=0:\
glibc.malloc.mxfast=0:glibc.malloc.hugetlb=1:glibc.malloc.check=0"
echo "ok: all others are accepted"

# Who watches every call does not keep another from it.
RTMALLOC_PROFILE=$tmp/profile
export RTMALLOC_PROFILE
says 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=165
grep -q '^bucket 2000 ' "$tmp/profile" || fail "nothing was recorded"
unset RTMALLOC_PROFILE
says 'fresh 5a freed a5 memory .*' MALLOC_PERTURB_=165 RTMALLOC_PAGE_MAP=tree
says 'memory went' MALLOC_TRIM_THRESHOLD_=65536 RTMALLOC_PAGE_MAP=tree
echo "ok: with a profile, and without the flat page map"
