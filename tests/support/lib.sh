# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh
#
# lib.sh - what the test scripts share; to be sourced
#
# Automake runs the scripts in the top of the build tree and sets srcdir.
# RTM_TEST_LIBRARY names the library under test; by default it is the one
# that was just built.  The script's scratch folder is $tmp.

srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(pwd)
library=${RTM_TEST_LIBRARY:-$builddir/.libs/librtmalloc.so}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/rtmalloc-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

LC_ALL=C
export LC_ALL
unset LD_PRELOAD

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "FAILED: $*"
	exit 1
}

# need PROGRAM...: skips the test unless they are all installed.
need() {
	for need_name; do
		command -v "$need_name" >/dev/null 2>&1 ||
			skip "$need_name is not installed"
	done
}

# need_system: skips the test if the system's programs cannot load the library,
# as it is for another processor or another C library.
need_system() {
	env LD_PRELOAD="$library" sh -c : 2>"$tmp/system" &&
		test ! -s "$tmp/system" ||
		skip "the system's programs cannot load it: $(cat "$tmp/system")"
}

# program PATH: the built program of that name, as a path from the root.
# One that links librtmalloc.la is a script of libtool's that sets the
# library path; RTM_TEST_LIBRARY has no effect on it.
program() {
	test -x "$builddir/$1" || fail "$builddir/$1 has not been built"
	echo "$builddir/$1"
}

# preloaded COMMAND...: runs a command on rtmalloc.
preloaded() {
	env LD_PRELOAD="$library" "$@"
}

# scaled COUNT: so many things to work on, or TEST_SCALE times as many.
scaled() {
	echo $(($1 * ${TEST_SCALE:-1}))
}

# same NAME COMMAND...: runs a command twice, on libc's malloc and on
# rtmalloc, each time in an empty folder of the same name; what it says, on
# stdout and stderr, its exit status and the files it leaves must be equal.
same() {
	same_name=$1
	shift
	same_run libc "$@"
	same_run rtmalloc "$@"
	cmp "$tmp/libc.said" "$tmp/rtmalloc.said" || {
		tail -n 20 "$tmp/libc.said" "$tmp/rtmalloc.said"
		fail "$same_name: the outputs differ"
	}
	diff -r "$tmp/libc.left" "$tmp/rtmalloc.left" >"$tmp/diff" || {
		head -n 20 "$tmp/diff"
		fail "$same_name: the files left behind differ"
	}
	tail -n 1 "$tmp/rtmalloc.said" | grep -q '^status 0$' || {
		tail -n 20 "$tmp/rtmalloc.said"
		fail "$same_name: does not end well on either malloc"
	}
	rm -rf "$tmp/libc.left" "$tmp/rtmalloc.left"
	echo "ok: $same_name"
}

# same_run WHICH COMMAND...: one of the two runs.
same_run() {
	same_which=$1
	shift
	mkdir "$tmp/here"
	same_status=0
	(
		cd "$tmp/here"
		if test "$same_which" = rtmalloc; then
			LD_PRELOAD=$library
			export LD_PRELOAD
		fi
		exec "$@"
	) >"$tmp/$same_which.said" 2>&1 || same_status=$?
	echo "status $same_status" >>"$tmp/$same_which.said"
	mv "$tmp/here" "$tmp/$same_which.left"
}

# numbers COUNT: that many lines of pseudo-random text, always the same.
numbers() {
	awk -v n="$1" 'BEGIN {
		x = 42
		for (i = 0; i < n; i++) {
			x = (x * 16807) % 2147483647
			y = (x * 48271) % 2147483647
			printf "%d %s%d line-%x\n", x, substr("abcdefghijklm", \
				x % 7 + 1, y % 5), y, x % 65536
		}
	}'
}
