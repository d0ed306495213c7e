#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# embedded.sh - a library without libc's names lives beside the system's malloc
set -eu
# shellcheck source=tests/compat/lib.sh
. "${srcdir:-.}/tests/compat/lib.sh"

cc="$CC -std=gnu11 -Wall -fno-builtin -I$srcdir/src -DRTMALLOC_PREFIX=${RTM_PREFIX:-rtmalloc_}"

# The compiler and its flags are lists of words.
# shellcheck disable=SC2086
built linked $cc "$here/embedded.c" "$library" -Wl,-rpath,"$library_dir"
says good "$tmp/linked"
# shellcheck disable=SC2086
built archive $cc "$here/embedded.c" "$archive" -pthread
says good "$tmp/archive"
if can_link -static; then
	# shellcheck disable=SC2086
	built static $cc "$here/embedded.c" -static "$archive"
	says good "$tmp/static"
fi

# Preloaded it changes nothing: malloc stays libc's.
env LD_DEBUG=bindings LD_BIND_NOW=1 LD_PRELOAD="$library" sh -c : \
	2>"$tmp/bound"
if grep -E "to $library .*symbol .(malloc|free|_Zn|__libc_)" "$tmp/bound"; then
	fail "it has names of others"
fi
echo "ok: beside the system's malloc"
