#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# binding.sh - preloading the library binds the whole malloc family to it
#
# A symbol version on malloc, for example, would go unnoticed: programs would
# run, on libc's malloc.  So the dynamic linker itself is asked.
set -eu
# shellcheck source=tests/support/lib.sh
. "${srcdir:-.}/tests/support/lib.sh"
need_system

family='malloc calloc realloc free memalign aligned_alloc posix_memalign valloc
pvalloc malloc_usable_size cfree free_sized free_aligned_sized'

# Nothing of the family may go elsewhere, from whichever file.
# shellcheck disable=SC2086
pattern=$(printf '%s|' $family)
pattern="normal symbol .(${pattern%|})'"

# bound NAME... -- COMMAND...: the command uses these, and gets them from us.
bound() {
	names=
	while test "$1" != --; do
		names="$names $1"
		shift
	done
	shift
	env LD_DEBUG=bindings LD_DEBUG_OUTPUT="$tmp/debug" LD_BIND_NOW=1 \
		LD_PRELOAD="$library" "$@" >"$tmp/out" 2>&1 ||
		fail "$*: status $?: $(cat "$tmp/out")"
	cat "$tmp"/debug.* >"$tmp/log"
	rm "$tmp"/debug.*
	for name in $names; do
		grep -F " to $library [0]: normal symbol \`$name'" "$tmp/log" |
			grep -v "binding file $library " >/dev/null ||
			fail "$*: $name is not bound to the library"
	done
	if grep -E "$pattern" "$tmp/log" |
		grep -vF " to $library [0]:" >"$tmp/others"; then
		cat "$tmp/others"
		fail "$*: something is bound elsewhere"
	fi
	echo "ok: $*"
}

test -f "$library" || fail "there is no $library"
# shellcheck disable=SC2086
bound $family -- "$(program tests/preload/family)"
grep -v " $library\$" "$tmp/out" && fail "an address lies in another file"
bound malloc free -- true
bound malloc calloc realloc free -- ls /
bound malloc calloc realloc free -- sh -c 'echo; (echo)'
! command -v perl >/dev/null || bound malloc free -- perl -e 1
