# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh
#
# lib.sh - how the scripts of tests/compat build programs; to be sourced
#
# The programs are built as their authors would have: against libc, with the
# library preloaded later, or linked with it, shared or static.

# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"

: "${CC:=cc}"
here=$srcdir/tests/compat
archive=${RTM_TEST_ARCHIVE:-${library%.so}.a}
library_dir=$(dirname "$library")

# The C++ compiler that goes with $CC, flags and all.
if test -z "${CXX:-}"; then
	CXX=$(printf '%s' "$CC" | sed -e 's/gcc/g++/' -e 's/clang/clang++/' \
		-e 's/^cc$/c++/')
fi

test -f "$library" || skip "no shared library is built here"
if ${READELF:-readelf} -d "$library" | grep -q 'NEEDED.*lib[a-z]*san'; then
	skip "the library is built with a sanitizer"
fi

# need_cxx: skips the test without a C++ compiler.
need_cxx() {
	echo 'int main() { return 0; }' >"$tmp/try.cc"
	$CXX -o "$tmp/try" "$tmp/try.cc" 2>/dev/null ||
		skip "there is no C++ compiler"
}

# can_link FLAG...: a program that is linked so can be built, without us.
can_link() {
	echo 'int main(void) { return 0; }' >"$tmp/try.c"
	$CC -o "$tmp/try" "$tmp/try.c" "$@" 2>/dev/null
}

# built PROGRAM COMMAND...: compile or link, or fail with what was said.
built() {
	built_program=$tmp/$1
	shift
	"$@" -o "$built_program" >"$tmp/build.log" 2>&1 || {
		cat "$tmp/build.log"
		fail "$*"
	}
}

# on_target [env NAME=VALUE...] PROGRAM...: runs a program that was built, on
# the emulator (qemu-user) if there is one.
on_target() {
	test -n "${TEST_EMULATOR:-}" || {
		"$@"
		return
	}
	on_target_emulator=$TEST_EMULATOR
	if test "$1" = env; then
		shift
		while :; do
			case $1 in
			*=*) on_target_emulator="$on_target_emulator -E $1" ;;
			*) break ;;
			esac
			shift
		done
	fi
	# A command with its arguments.
	# shellcheck disable=SC2086
	$on_target_emulator "$@"
}

# says TEXT COMMAND...: ends well and prints that.
says() {
	says_text=$1
	shift
	on_target "$@" >"$tmp/said" 2>&1 || {
		says_status=$?
		cat "$tmp/said"
		fail "$*: status $says_status"
	}
	test "$(cat "$tmp/said")" = "$says_text" || {
		cat "$tmp/said"
		fail "$*: not \"$says_text\""
	}
}

# is_debug: the library checks more than it does for users.
is_debug() {
	grep -q '^#define RTM_DEBUG 1' "$builddir/config.h" 2>/dev/null
}
