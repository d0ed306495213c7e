#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# embedded.sh - a library without libc's names lives beside the system's malloc
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"

cc="$CC -std=gnu11 -Wall -fno-builtin -I$srcdir/src -DRTMALLOC_PREFIX=${RTM_PREFIX:-rtmalloc_}"
stats=stats
! grep -q '^#define RTM_STATS 0' "$builddir/config.h" || stats=none

# The compiler and its flags are lists of words.
# shellcheck disable=SC2086
built linked $cc "$here/embedded.c" "$library" -Wl,-rpath,"$library_dir"
says good "$tmp/linked" $stats
# shellcheck disable=SC2086
built archive $cc "$here/embedded.c" "$archive" -pthread
says good "$tmp/archive" $stats
if can_link -static; then
	# shellcheck disable=SC2086
	built static $cc "$here/embedded.c" -static "$archive"
	says good "$tmp/static" $stats
fi

# Preloaded it changes nothing: malloc stays libc's.
env LD_DEBUG=bindings LD_BIND_NOW=1 LD_PRELOAD="$library" sh -c : \
	2>"$tmp/bound"
if grep -E "to $library .*symbol .(malloc|free|_Zn|__libc_)" "$tmp/bound"; then
	fail "it has names of others"
fi
echo "ok: beside the system's malloc"

# Configured with --disable-stats, counters and their printing are not there.
${NM:-nm} "$archive" >"$tmp/names" 2>/dev/null
for name in n_calls n_open_bytes write_text write_json write_class_line; do
	found=none
	! grep -q " [a-zA-Z] $name\$" "$tmp/names" || found=stats
	case $name:$found in
	*:none | *:"$stats") ;;
	*) fail "$name is in a library without statistics" ;;
	esac
done
test $stats = none || grep -q " n_calls\$" "$tmp/names" ||
	fail "n_calls has another name now: this test looks for nothing"
echo "ok: statistics ($stats)"
